"""The paper's own training (Appendix E): a ResNet-50 on photographs, on one processor or many, with or without noise."""
