"""Whether an observer follows the shape or the texture where the two are in conflict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reconstrue.metrics.intervals import Estimate, FloatArray, estimate, resample_weights
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import CONFLICT, TrialTable


@dataclass(frozen=True)
class Decisions:
    """Counts of the trials that followed the shape, the texture, or neither, on images where the two differ."""

    shape: int
    texture: int
    neither: int


def shape_bias(shape: FloatArray, texture: FloatArray) -> FloatArray:
    """Give shape / (shape + texture) decisions, in [0, 1]; NaN where there is neither.

    Geirhos et al. 2019 (ICLR), after dropping images whose shape and texture are of the same category (1,280
    images become 1,200). It is not shape accuracy, which divides by all trials.

    >>> shape_bias(np.array([3.0, 0.0]), np.array([1.0, 0.0])).tolist()
    [0.75, nan]
    """
    total = np.asarray(shape, dtype=np.float64) + texture
    return np.where(total > 0, shape / np.where(total > 0, total, 1.0), np.nan)


def shape_bias_beyond_guessing(shape: FloatArray, texture: FloatArray, neither: FloatArray, labels: int) -> FloatArray:
    """Give shape bias without those answers that guesses would give; NaN where nothing else is left.

    Who guesses among k labels has a shape bias of ½, so that of a model that sees little is pulled there. A guess falls on
    each of the k − 2 labels that are neither shape nor texture as often as on those two, so with g = neither / (k − 2)

        (shape − g) / (shape + texture − 2g)

    It may come out a little below 0 or above 1. It is no published figure.

    Args:
        shape: decisions for the shape.
        texture: decisions for the texture.
        neither: other decisions.
        labels: k > 2, to choose from.

    >>> shape_bias_beyond_guessing(np.array([30.0]), np.array([70.0]), np.array([140.0]), 16).tolist()
    [0.25]
    """
    guesses = np.asarray(neither, dtype=np.float64) / (labels - 2)
    left = np.asarray(shape, dtype=np.float64) + texture - 2.0 * guesses
    return np.where(left > 0, (shape - guesses) / np.where(left > 0, left, 1.0), np.nan)


def decisions(table: TrialTable, observers: Iterable[str] | None = None) -> Decisions:
    """Count the decisions of the named observers together (all of the table by default) on cue-conflict images."""
    frame = table.frame[table.frame["dataset"] == CONFLICT]
    if observers is not None:
        frame = frame[frame["observer"].isin(list(observers))]
    frame = frame[(frame["texture"].notna() & (frame["texture"] != frame["category"])).to_numpy(dtype=bool)]
    by_shape = int((frame["response"] == frame["category"]).sum())
    by_texture = int((frame["response"] == frame["texture"]).to_numpy(dtype=bool, na_value=False).sum())
    return Decisions(by_shape, by_texture, len(frame) - by_shape - by_texture)


@dataclass(frozen=True)
class ShapeBias:
    """Shape bias over all conflict images, and per category of the shape.

    `resampled` holds the plain (first) and resampled values behind the overall figure.
    """

    overall: Estimate
    by_category: dict[str, Estimate]
    resampled: FloatArray


def shape_bias_from_decisions(
    by_shape: npt.NDArray[np.bool_] | npt.NDArray[np.int64],
    by_texture: npt.NDArray[np.bool_] | npt.NDArray[np.int64],
    shape: npt.NDArray[np.str_],
    weights: npt.NDArray[np.float32],
    drawn: FloatArray | None = None,
) -> ShapeBias:
    """Estimate the shape bias of observers pooled, from (observers x images) decisions and resampling weights.

    `shape` is the category of each image's shape; `weights` as `intervals.resample_weights` gives them, and `drawn`
    as `intervals.observer_weights` does, where observers are drawn too.
    """
    counts = [by.astype(np.float32) for by in (by_shape, by_texture)]

    def sums(by: npt.NDArray[np.float32], images: npt.NDArray[np.bool_]) -> FloatArray:
        if drawn is None:
            return (weights[:, images] @ by[:, images].sum(axis=0)).astype(np.float64)
        return np.asarray((drawn * (weights[:, images] @ by[:, images].T)).sum(axis=1))

    def pooled(images: npt.NDArray[np.bool_]) -> tuple[Estimate, FloatArray]:
        replicates = shape_bias(*(sums(by, images) for by in counts))
        n = int(sum(by[:, images].sum() for by in counts))
        return estimate(replicates, n, proportion=True), replicates

    overall, replicates = pooled(np.ones(shape.size, dtype=bool))
    by_category = {name: pooled(shape == name)[0] for name in CATEGORIES if bool((shape == name).any())}
    return ShapeBias(overall, by_category, replicates)


def estimate_shape_bias(
    table: TrialTable, observers: Iterable[str], *, resamples: int = 1000, generator: np.random.Generator
) -> ShapeBias:
    """Estimate the shape bias of the named observers, their trials pooled, with images resampled.

    Every trial counts once; images are the unit of resampling, so observers may have answered different ones.
    """
    frame = table.frame[(table.frame["dataset"] == CONFLICT) & table.frame["observer"].isin(list(observers))]
    frame = frame[(frame["texture"].notna() & (frame["texture"] != frame["category"])).to_numpy(dtype=bool)]
    names = frame["image_id"].to_numpy(dtype=object).astype(str)
    images, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    shape = frame["category"].to_numpy(dtype=object).astype(str)
    texture = frame["texture"].to_numpy(dtype=object).astype(str)
    response = frame["response"].to_numpy(dtype=object).astype(str)
    counts = np.zeros((2, images.size), dtype=np.int64)
    np.add.at(counts[0], inverse, response == shape)
    np.add.at(counts[1], inverse, response == texture)
    weights = resample_weights(images.size, resamples, generator)
    return shape_bias_from_decisions(counts[:1], counts[1:], shape[first], weights)
