"""From a classifier and stimuli to trials on disk."""
