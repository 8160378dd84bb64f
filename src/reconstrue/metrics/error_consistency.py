"""Whether two observers err on the same images, beyond what their accuracies alone would bring about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reconstrue.errors import UserError
from reconstrue.metrics.intervals import UNDEFINED, Estimate, FloatArray, estimate, resample_weights
from reconstrue.stimuli.catalog import dataset as catalogued
from reconstrue.trials.table import TrialTable, is_human


@dataclass(frozen=True)
class ConsistencyMatrix:
    """Error consistency of every two observers on one data set.

    `values` (observers x observers) is κ averaged over the conditions, NaN where two observers share no image; `low`
    and `high` are the ends of its 95% interval, NaN without resamples; `n_images` counts the images that both answered.
    `ceiling` is the mean over all pairs of people in the matrix, undefined with fewer than two.
    """

    dataset: str
    observers: tuple[str, ...]
    values: FloatArray
    low: FloatArray
    high: FloatArray
    n_images: npt.NDArray[np.int64]
    ceiling: Estimate = UNDEFINED

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
            "ceiling": self.ceiling.to_json(),
        }


@dataclass(frozen=True)
class PooledConsistency:
    """Trial-level error consistency of one observer with people on one data set: one κ over all trials.

    This is not the benchmark's figure, which averages κ over conditions and people. Here the trials of all kept
    conditions count together, so agreement on which *conditions* are hard adds to agreement on which images are.
    `pooled` is over the trials of all (other) people together, `by_person` over those of each.
    """

    dataset: str
    observer: str
    pooled: Estimate
    by_person: dict[str, Estimate]

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON, with NaN as None."""
        return {
            "dataset": self.dataset,
            "observer": self.observer,
            "pooled": self.pooled.to_json(),
            "by_person": {name: found.to_json() for name, found in self.by_person.items()},
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
    chosen = _chosen(table, dataset, observers)
    k = len(chosen)
    pairs = (np.repeat(np.arange(k), k), np.tile(np.arange(k), k))
    resampled, images = resampled_consistency(table, dataset, chosen, resamples=resamples, generator=generator)
    values, n_images = resampled.reshape(-1, k * k), images.ravel()
    cells = [estimate(values[:, c], int(n_images[c]), bounds=(-1.0, 1.0)) for c in range(k * k)]
    low, high = (np.array([getattr(cell, end) for cell in cells]).reshape(k, k) for end in ("low", "high"))
    people = np.array([is_human(name) for name in chosen], dtype=bool)
    of_people = np.flatnonzero((people[pairs[0]] & people[pairs[1]] & (pairs[0] < pairs[1])) & (n_images > 0))
    ceiling = UNDEFINED
    if of_people.size:
        ceiling = estimate(values[:, of_people].mean(axis=1), int(n_images[of_people].max()), bounds=(-1.0, 1.0))
    return ConsistencyMatrix(dataset, chosen, values[0].reshape(k, k), low, high, n_images.reshape(k, k), ceiling)


def resampled_consistency(
    table: TrialTable,
    dataset: str,
    observers: tuple[str, ...],
    *,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Give κ of every two observers, plain (first) and on resampled images, and how many images both answered.

    Args:
        table: the trials.
        dataset: of them.
        observers: k names that have trials there.
        resamples: draws of images, the same for all observers.
        generator: of the draws.

    Returns:
        (1 + resamples, k, k) averages over the kept conditions, NaN where there is none, and (k, k) counts.
    """
    k = len(observers)
    pairs = (np.repeat(np.arange(k), k), np.tile(np.arange(k), k))
    sums, counted = np.zeros((1 + resamples, k * k)), np.zeros((1 + resamples, k * k))
    n_images = np.zeros(k * k, dtype=np.int64)
    for counts in _condition_counts(table, dataset, observers, pairs, resamples, generator):
        some = counts.shared > 0
        sums += np.where(some, counts.kappa(), 0.0)
        counted += some
        n_images += counts.shared[0].astype(np.int64)
    values = np.where(counted > 0, sums / np.where(counted > 0, counted, 1.0), np.nan)
    return values.reshape(-1, k, k), n_images.reshape(k, k)


def stratified_consistency(
    table: TrialTable,
    observers: tuple[str, ...],
    *,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Give one κ of every two observers over all conditions of all data sets, also where a condition has few images.

    κ of a condition is 0/0 where both are always right, and far from its expectation with four images. So the parts of κ
    are averaged, each without bias, and not κ (Barlow 1996, stratified κ):

        κ = Σ_d mean_c 2 cov_c / Σ_d mean_c (p₁ + p₂ − 2 p₁p₂),    cov_c = (n / (n − 1)) (both/n − p̂₁p̂₂)

    over data sets d and their conditions c of n ≥ 2 images, with p₁p₂ estimated by p̂₁p̂₂ − cov_c / n. Images are drawn anew
    within conditions, n − 1 of n, which gives a mean of few its right variance (Rao & Wu 1988), and the resampled values are
    centred on the plain one.

    Args:
        table: the trials.
        observers: k names that have trials on every data set.
        resamples: draws of images, the same for all observers.
        generator: of the draws.

    Returns:
        (1 + resamples, k, k) values, NaN where two are always alike, and (k, k) counts of images.
    """
    k = len(observers)
    pairs = (np.repeat(np.arange(k), k), np.tile(np.arange(k), k))
    shape = (1 + resamples, k * k)
    above, below, n_images = np.zeros(shape), np.zeros(shape), np.zeros(k * k, dtype=np.int64)
    for name in table.datasets:
        parts = [
            counts.parts_of_kappa()
            for counts in _condition_counts(table, name, observers, pairs, resamples, generator, left_out=1)
            if (counts.shared[0] > 1).all()
        ]
        if parts:
            above += np.mean([part[0] for part in parts], axis=0)
            below += np.mean([part[1] for part in parts], axis=0)
            n_images += np.sum([part[2] for part in parts], axis=0).astype(np.int64)
    some = below > 1e-12
    values = np.where(some, above / np.where(some, below, 1.0), np.nan)
    if resamples:
        drawn = np.where(np.isnan(values[1:]), values[0], values[1:])
        values[1:] = drawn + (values[0] - drawn.mean(axis=0))
    return values.reshape(-1, k, k), n_images.reshape(k, k)


def pooled_consistency(
    table: TrialTable,
    dataset: str,
    observers: tuple[str, ...] | None = None,
    *,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> dict[str, PooledConsistency]:
    """Give the trial-level error consistency of each observer with the (other) people of one data set.

    Over the images of kept conditions that both answered. Intervals resample images within each condition.

    Raises UserError where an observer has no trials on the data set, ValueError for resamples without a generator.
    """
    named = _chosen(table, dataset, observers)
    people = tuple(name for name in table.observers(dataset) if is_human(name))
    chosen = (*people, *(name for name in named if name not in people))
    with_people = [(chosen.index(name), i) for name in named for i, one in enumerate(people) if one != name]
    pairs = (
        np.array([pair[0] for pair in with_people], dtype=int),
        np.array([pair[1] for pair in with_people], dtype=int),
    )
    total: _PairCounts | None = None
    for counts in _condition_counts(table, dataset, chosen, pairs, resamples, generator):
        total = counts if total is None else total.plus(counts)
    found = {}
    for name in named:
        mine = np.flatnonzero(pairs[0] == chosen.index(name))
        if total is None or not mine.size:
            found[name] = PooledConsistency(dataset, name, UNDEFINED, {})
            continue
        together = total.of(mine).together()
        by_person = {chosen[pairs[1][place]]: _kappa_of(total.of(np.array([place]))) for place in mine}
        found[name] = PooledConsistency(dataset, name, _kappa_of(together), by_person)
    return found


def cluster_order(matrix: ConsistencyMatrix) -> tuple[int, ...]:
    """Order a matrix's observers so that those who err alike stand together: places in `matrix.observers`.

    Average linkage on the distance 1 − κ, leaves ordered so that neighbours are as near as can be (Bar-Joseph et al.
    2001). Two observers who share no image are taken to be as far apart as chance, κ = 0.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(matrix.observers) < 3:
        return tuple(range(len(matrix.observers)))
    distance = 1.0 - np.nan_to_num(matrix.values, nan=0.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform((distance + distance.T) / 2.0), method="average", optimal_ordering=True)
    return tuple(int(place) for place in leaves_list(tree))


@dataclass(frozen=True)
class _PairCounts:
    """Counts of images for pairs of observers, each of shape (1 + resamples, pairs).

    How many images both answered, how many of those both got right, and how many the first and the second did.
    """

    shared: FloatArray
    both: FloatArray
    first: FloatArray
    second: FloatArray

    def parts_of_kappa(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give what stands above and below in κ, without bias, and the images; the first row is the sample itself."""
        n = self.shared[0]
        one, other = self.first / self.shared, self.second / self.shared
        covariance = (self.both / self.shared - one * other) * n / (n - 1.0)
        return 2.0 * covariance, one + other - 2.0 * (one * other - covariance / n), n

    def kappa(self) -> FloatArray:
        """Give κ of each pair; of no meaning where no image is shared."""
        some = self.shared > 0
        safe = np.where(some, self.shared, 1.0)
        observed = np.where(some, (self.shared - self.first - self.second + 2.0 * self.both) / safe, 1.0)
        return kappa(observed, expected_consistency(self.first / safe, self.second / safe))

    def plus(self, other: _PairCounts) -> _PairCounts:
        """Add the counts of other images."""
        return _PairCounts(
            self.shared + other.shared, self.both + other.both, self.first + other.first, self.second + other.second
        )

    def of(self, pairs: npt.NDArray[np.intp]) -> _PairCounts:
        """Keep some pairs."""
        return _PairCounts(self.shared[:, pairs], self.both[:, pairs], self.first[:, pairs], self.second[:, pairs])

    def together(self) -> _PairCounts:
        """Take the trials of all pairs for those of one."""
        sums = (counts.sum(axis=1, keepdims=True) for counts in (self.shared, self.both, self.first, self.second))
        return _PairCounts(*sums)


def _kappa_of(counts: _PairCounts) -> Estimate:
    values = np.where(counts.shared > 0, counts.kappa(), np.nan)[:, 0]
    return estimate(values, int(counts.shared[0, 0]), bounds=(-1.0, 1.0))


def _chosen(table: TrialTable, dataset: str, observers: tuple[str, ...] | None) -> tuple[str, ...]:
    present = table.observers(catalogued(dataset).name)
    chosen = present if observers is None else observers
    for name in chosen:
        if name not in present:
            raise UserError(f"observer {name!r} has no trials on {dataset}; it has {', '.join(present) or 'none'}.")
    return tuple(chosen)


def _condition_counts(
    table: TrialTable,
    dataset: str,
    observers: tuple[str, ...],
    pairs: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    resamples: int,
    generator: np.random.Generator | None,
    left_out: int = 0,
) -> Iterator[_PairCounts]:
    """Count, for each kept condition that has trials, the images of the pairs (places in `observers`).

    A resample has as many images as the condition, but for those `left_out`.
    """
    if resamples and generator is None:
        raise ValueError("resamples need a generator")
    frame = table.frame[table.frame["dataset"] == dataset]
    row_of = {name: row for row, name in enumerate(observers)}
    one, other = pairs
    for condition in catalogued(dataset).kept:
        part = frame[(frame["condition"] == condition) & frame["observer"].isin(list(observers))]
        if part.empty:
            continue
        images, inverse = np.unique(part["image_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
        rows = np.array([row_of[name] for name in part["observer"]])
        right = np.zeros((len(observers), images.size), dtype=np.float32)
        seen = np.zeros((len(observers), images.size), dtype=np.float32)
        right[rows, inverse] = (part["response"] == part["category"]).to_numpy(dtype=np.float32)
        seen[rows, inverse] = 1.0
        weights = np.ones((1, images.size), dtype=np.float32)
        if generator is not None:
            weights = resample_weights(images.size, resamples, generator, left_out=left_out)
        yield _PairCounts(
            (weights @ (seen[one] * seen[other]).T).astype(np.float64),
            (weights @ (right[one] * right[other]).T).astype(np.float64),
            (weights @ (right[one] * seen[other]).T).astype(np.float64),
            (weights @ (seen[one] * right[other]).T).astype(np.float64),
        )


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
