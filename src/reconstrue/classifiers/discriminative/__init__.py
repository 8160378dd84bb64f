"""Classifiers that answer with a probability for each of their own classes."""
