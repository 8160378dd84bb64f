"""Which answers an observer gives: what is taken for what, and how evenly the 16 categories are used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from reconstrue.errors import UserError
from reconstrue.metrics.intervals import Estimate, FloatArray, estimate, resample_weights
from reconstrue.stimuli.catalog import dataset as catalogued
from reconstrue.stimuli.catalog import normalise_condition
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import NO_RESPONSE, PEOPLE, TrialTable

ANSWERS = (*CATEGORIES, NO_RESPONSE)
"""What can be answered: the 16 categories, and `na` for no answer in time."""


@dataclass(frozen=True)
class ConfusionMatrix:
    """How often each category was answered when each was shown.

    `counts` has a row for each of the 16 categories shown, and a column for each of ANSWERS; `condition` is None where
    all conditions of the data set are counted together.
    """

    dataset: str
    observer: str
    condition: str | None
    counts: npt.NDArray[np.int64]

    @property
    def n(self) -> int:
        """The number of trials."""
        return int(self.counts.sum())

    @property
    def shares(self) -> FloatArray:
        """Each answer's share of the trials of a category, (16, 17): rows sum to 1, NaN where it was never shown."""
        shown = self.counts.sum(axis=1, keepdims=True)
        return np.where(shown > 0, self.counts / np.maximum(shown, 1), np.nan)

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {
            "dataset": self.dataset,
            "observer": self.observer,
            "condition": self.condition,
            "categories": list(CATEGORIES),
            "answers": list(ANSWERS),
            "counts": self.counts.tolist(),
        }


@dataclass(frozen=True)
class ResponseEntropy:
    """Entropy of an observer's answers on each condition of a data set, in bits: 0 for one answer, 4 for all alike."""

    dataset: str
    observer: str
    conditions: dict[str, Estimate]

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON, with NaN as None."""
        return {
            "dataset": self.dataset,
            "observer": self.observer,
            "conditions": {name: found.to_json() for name, found in self.conditions.items()},
        }


def confusion_matrix(table: TrialTable, dataset: str, observer: str, condition: str | None = None) -> ConfusionMatrix:
    """Count an observer's answers by the category shown; `humans` counts the trials of all people together.

    Raises UserError for an observer without trials on the data set, and for an unknown data set or condition.
    """
    frame = _trials(table, dataset, observer)
    if condition is not None:
        condition = normalise_condition(catalogued(dataset), condition)
        frame = frame[frame["condition"] == condition]
    counts = np.zeros((len(CATEGORIES), len(ANSWERS)), dtype=np.int64)
    np.add.at(counts, (_places(frame["category"]), _places(frame["response"])), 1)
    return ConfusionMatrix(dataset, observer, condition, counts)


def entropy(shares: FloatArray) -> FloatArray:
    """Give −Σ p log₂ p over the last axis, in bits; a share of 0 adds nothing.

    >>> float(entropy(np.array([0.5, 0.25, 0.25, 0.0])))
    1.5
    """
    return np.asarray(-(shares * np.log2(np.where(shares > 0, shares, 1.0))).sum(axis=-1)) + 0.0


def response_entropy(
    table: TrialTable,
    dataset: str,
    observer: str,
    *,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> ResponseEntropy:
    """Give the entropy of an observer's answers on each condition that it answered, with images resampled.

    H = −Σ p_k log₂ p_k over the 16 categories, p_k the share of all trials answered with k (Geirhos et al. 2018). As in
    the field's toolbox a trial without an answer counts in that share but has no term of its own, and `humans` is the
    mean over people. 4 bits is the most. The plain figure is a little low for few trials, which the interval corrects.

    Raises UserError for an observer without trials on the data set, ValueError for resamples without a generator.
    """
    if resamples and generator is None:
        raise ValueError("resamples need a generator")
    frame = _trials(table, dataset, observer)
    found: dict[str, Estimate] = {}
    for condition in catalogued(dataset).conditions:
        part = frame[frame["condition"] == condition]
        if part.empty:
            continue
        image, images = pd.factorize(part["image_id"], sort=True)
        person, people = pd.factorize(part["observer"])
        answers = np.zeros((len(people), len(images), len(ANSWERS)), dtype=np.float32)
        np.add.at(answers, (person, image, _places(part["response"])), 1.0)
        weights = np.ones((1, len(images)), dtype=np.float32)
        if generator is not None:
            weights = resample_weights(len(images), resamples, generator)
        counts = (weights @ answers).astype(np.float64)
        trials = counts.sum(axis=-1, keepdims=True)
        bits = entropy(np.where(trials > 0, counts / np.maximum(trials, 1.0), np.nan)[..., : len(CATEGORIES)])
        found[condition] = estimate(bits.mean(axis=0), len(images), bounds=(0.0, float(np.log2(len(CATEGORIES)))))
    return ResponseEntropy(dataset, observer, found)


def _trials(table: TrialTable, dataset: str, observer: str) -> pd.DataFrame:
    frame = table.frame[table.frame["dataset"] == catalogued(dataset).name]
    frame = frame[frame["is_human"]] if observer == PEOPLE else frame[frame["observer"] == observer]
    if frame.empty:
        there = ", ".join(table.observers(dataset)) or "none"
        raise UserError(f"observer {observer!r} has no trials on {dataset}; it has {there}.")
    return frame


def _places(column: pd.Series[str]) -> npt.NDArray[np.int64]:
    return np.asarray(pd.Index(ANSWERS).get_indexer(pd.Index(column)), dtype=np.int64)
