"""Whether two observers err on the same images, beyond what their accuracies alone would bring about."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reconstrue.errors import UserError
from reconstrue.metrics.intervals import FloatArray, estimate, resample_weights
from reconstrue.stimuli.catalog import dataset as catalogued
from reconstrue.trials.table import TrialTable


@dataclass(frozen=True)
class ConsistencyMatrix:
    """Error consistency of every two observers on one data set.

    `values` (observers x observers) is κ averaged over the conditions, NaN where two observers share no image; `low`
    and `high` are the ends of its 95% interval, NaN without resamples; `n_images` counts the images that both answered.
    """

    dataset: str
    observers: tuple[str, ...]
    values: FloatArray
    low: FloatArray
    high: FloatArray
    n_images: npt.NDArray[np.int64]

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON, with NaN as None."""

        def plain(array: FloatArray) -> list[list[float | None]]:
            return [[None if math.isnan(value) else value for value in row] for row in array.tolist()]

        return {
            "dataset": self.dataset,
            "observers": list(self.observers),
            "error_consistency": plain(self.values),
            "low": plain(self.low),
            "high": plain(self.high),
            "n_images": self.n_images.tolist(),
        }


def observed_consistency(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Give the share of images on which two observers are both right or both wrong, c_obs in [0, 1]."""
    return float(np.mean(one == other)) if one.size else math.nan


def expected_consistency(p_1: FloatArray, p_2: FloatArray) -> FloatArray:
    """Give the agreement of two independent observers of these accuracies, in [0, 1].

    c_exp = p_1 p_2 + (1 − p_1)(1 − p_2) (Geirhos, Meding & Wichmann 2020, Eq. 1).
    """
    return p_1 * p_2 + (1.0 - p_1) * (1.0 - p_2)


def kappa(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """Give Cohen's κ of correctness, in [−1, 1], from observed and expected consistency.

    κ = (c_obs − c_exp) / (1 − c_exp) (Geirhos, Meding & Wichmann 2020, Eq. 3). Two observers that agree on every
    image have κ = 1, as in the published benchmark, also where both are always right or always wrong and κ is 0/0;
    scikit-learn gives NaN there. This is the one place where an undefined figure is not NaN.
    """
    observed = np.asarray(observed, dtype=np.float64)
    expected = np.asarray(expected, dtype=np.float64)
    agree_always = observed >= 1.0
    rest = np.where(agree_always, 1.0, 1.0 - expected)
    return np.where(agree_always, 1.0, (observed - expected) / rest)


def error_consistency(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Give κ of two observers' correctness on the same images; NaN without images.

    >>> error_consistency(np.array([True, True, False, False]), np.array([True, True, False, True]))
    0.5

    Raises ValueError where the two have different lengths.
    """
    if one.shape != other.shape:
        raise ValueError(f"correctness on {one.shape} and {other.shape} images cannot be compared")
    if not one.size:
        return math.nan
    observed = np.array(observed_consistency(one, other))
    return float(kappa(observed, expected_consistency(np.asarray(one.mean()), np.asarray(other.mean()))))


def consistency_matrix(
    table: TrialTable,
    dataset: str,
    observers: tuple[str, ...] | None = None,
    *,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> ConsistencyMatrix:
    """Give the error consistency of every two observers on one data set, over the images that both answered.

    κ is taken per kept condition and averaged over the conditions, as in the benchmark. Intervals resample images,
    the same ones for all observers, with `generator` (`resamples` times; 0 for none).

    Raises UserError where an observer has no trials on the data set, ValueError for resamples without a generator.
    """
    if resamples and generator is None:
        raise ValueError("resamples need a generator")
    entry = catalogued(dataset)
    frame = table.frame[table.frame["dataset"] == dataset]
    present = table.observers(dataset)
    chosen = present if observers is None else observers
    for name in chosen:
        if name not in present:
            raise UserError(f"observer {name!r} has no trials on {dataset}; it has {', '.join(present) or 'none'}.")
    k = len(chosen)
    one, other = (index.ravel() for index in np.indices((k, k)))
    sums, counted = np.zeros((1 + resamples, k * k)), np.zeros((1 + resamples, k * k))
    n_images = np.zeros(k * k, dtype=np.int64)
    row_of = {name: row for row, name in enumerate(chosen)}
    for condition in entry.kept:
        part = frame[(frame["condition"] == condition) & frame["observer"].isin(list(chosen))]
        if part.empty:
            continue
        images, inverse = np.unique(part["image_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
        rows = np.array([row_of[name] for name in part["observer"]])
        right = np.zeros((k, images.size), dtype=np.float32)
        seen = np.zeros((k, images.size), dtype=np.float32)
        right[rows, inverse] = (part["response"] == part["category"]).to_numpy(dtype=np.float32)
        seen[rows, inverse] = 1.0
        weights = np.ones((1, images.size), dtype=np.float32)
        if generator is not None:
            weights = resample_weights(images.size, resamples, generator)
        # (resamples, pairs): how many images both saw, both got right, and each got right of those that both saw.
        shared = (weights @ (seen[one] * seen[other]).T).astype(np.float64)
        both = weights @ (right[one] * right[other]).T
        first, second = weights @ (right[one] * seen[other]).T, weights @ (seen[one] * right[other]).T
        some = shared > 0
        safe = np.where(some, shared, 1.0)
        observed = np.where(some, (shared - first - second + 2.0 * both) / safe, 1.0)
        sums += np.where(some, kappa(observed, expected_consistency(first / safe, second / safe)), 0.0)
        counted += some
        n_images += shared[0].astype(np.int64)
    values = np.where(counted > 0, sums / np.where(counted > 0, counted, 1.0), np.nan)
    cells = [estimate(values[:, c], int(n_images[c]), bounds=(-1.0, 1.0)) for c in range(k * k)]
    low, high = (np.array([getattr(cell, end) for cell in cells]).reshape(k, k) for end in ("low", "high"))
    return ConsistencyMatrix(dataset, tuple(chosen), values[0].reshape(k, k), low, high, n_images.reshape(k, k))


def between_models(
    table: TrialTable, *, resamples: int = 0, generator: np.random.Generator | None = None
) -> dict[str, ConsistencyMatrix]:
    """Give, for each data set with two or more models, the error consistency between models (no people in it)."""
    matrices = {}
    for name in table.datasets:
        models = tuple(observer for observer in table.observers(name) if observer in table.models)
        if len(models) > 1:
            matrices[name] = consistency_matrix(table, name, models, resamples=resamples, generator=generator)
    return matrices
