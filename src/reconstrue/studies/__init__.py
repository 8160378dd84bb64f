"""Whole experiments: the only room that joins run, report and train."""
