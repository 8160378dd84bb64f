"""Classifiers that ask how likely the image is under each prompt."""
