"""How often an observer is right, and how far two observers' accuracies are apart."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from reconstrue.metrics.intervals import FloatArray

CHANCE = 1.0 / 16.0
"""Accuracy of guessing among the 16 categories."""


def accuracy(correct: npt.NDArray[np.bool_]) -> float:
    """Give the share of trials answered correctly, in [0, 1]; NaN without trials.

    >>> accuracy(np.array([True, True, False, True]))
    0.75
    """
    return float(np.mean(correct)) if correct.size else math.nan


def accuracy_difference(one: FloatArray, other: FloatArray) -> FloatArray:
    """Give the squared difference of two accuracies, in [0, 1].

    D = (p_1 − p_2)², per condition (Geirhos et al. 2021, "Partial success in closing the gap between human and
    machine vision", section 2); the benchmark averages it over conditions, then people, then data sets.
    """
    return np.square(np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64))


def mean_ranks(columns: list[FloatArray], *, higher_is_better: list[bool]) -> FloatArray:
    """Rank the models of a table by each figure (1 is best, ties share their average rank), and average the ranks.

    `columns` holds one array per figure, of shape (..., models); the result has the same shape. Where a figure of any
    model is undefined, nobody has a rank (NaN).
    """
    total = np.zeros(columns[0].shape)
    for column, higher in zip(columns, higher_is_better, strict=True):
        badness = -column if higher else column
        better = (badness[..., None, :] < badness[..., :, None]).sum(axis=-1)
        equal = (badness[..., None, :] == badness[..., :, None]).sum(axis=-1)
        total += better + (equal + 1) / 2
        total[np.isnan(column).any(axis=-1)] = np.nan
    return total / len(columns)
