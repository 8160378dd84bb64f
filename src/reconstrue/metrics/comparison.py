"""Whether two observers differ: a difference with its interval, a p-value, and a correction where many are made.

Two observers who answered the same images had the same draws, so the difference of their resampled values is a
resampled value of their difference: a paired comparison. What it generalises to is what the benchmark resampled
(`benchmark(..., resample=…)`): other images, other people, or both.

Right and wrong answers of two models on one data set are tested exactly (McNemar 1947), which speaks of other images:
where only people are drawn there is no test of it, as other people change nothing that two models did. Everything else
is an average or a ratio, for which swapping the two models' answers would test more than the figure (κ also depends on
accuracy); there the difference d, freed of the bootstrap's bias, is divided by its bootstrap standard error s:

    z = d / sqrt(s² + d²/n),    p = P(|N(0, 1)| ≥ |z|)

s² + d²/n is the second moment about "no difference", as in a sign-flip test of n paired answers; it differs from s² by
next to nothing unless all n answers differ in the same direction, where s is 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, get_args

import numpy as np

from reconstrue.errors import UserError
from reconstrue.metrics.benchmark import Benchmark, Replicates
from reconstrue.metrics.intervals import LEVEL, UNDEFINED, Estimate, FloatArray, estimate
from reconstrue.trials.table import CONFLICT, PEOPLE

Figure = Literal["accuracy", "shape_bias", "error_consistency", "observed_consistency", "accuracy_difference"]
"""What can be compared; accuracy over several data sets is OOD accuracy."""

EXACT = "exact McNemar"
BOOTSTRAP = "bootstrap"


@dataclass(frozen=True)
class Comparison:
    """The difference of one figure between two observers, first minus second.

    Attributes:
        figure: what is compared.
        datasets: the data sets over which it is averaged.
        first: an observer.
        second: another, or `humans`.
        difference: with its 95% interval, which is not corrected for the number of comparisons.
        p: two-sided, of no difference; NaN where undefined or without resamples.
        p_corrected: the same after Holm's correction over the `family` tests that were made together.
        test: how p was found.
        family: the number of tests.
    """

    figure: Figure
    datasets: tuple[str, ...]
    first: str
    second: str
    difference: Estimate
    p: float
    p_corrected: float
    test: str
    family: int

    @property
    def significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.p_corrected < 1.0 - LEVEL

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON, with NaN as None."""
        return {
            "figure": self.figure,
            "datasets": list(self.datasets),
            "first": self.first,
            "second": self.second,
            "difference": self.difference.to_json(),
            "p": None if math.isnan(self.p) else self.p,
            "p_corrected": None if math.isnan(self.p_corrected) else self.p_corrected,
            "significant": self.significant,
            "test": self.test,
            "family": self.family,
        }


def compare_models(
    benchmark: Benchmark,
    figure: Figure = "accuracy",
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    dataset: str | None = None,
) -> tuple[Comparison, ...]:
    """Compare models with each other: all pairs by default, on one data set or averaged over those that both answered.

    Only data sets on which the two answered the very same images count. p-values are corrected over all pairs.

    Raises UserError for a model or a data set that is not in the benchmark.
    """
    _known(figure)
    if dataset is not None and dataset not in benchmark.replicates:
        raise UserError(f"nobody was compared on {dataset!r}; there are {', '.join(benchmark.replicates) or 'none'}.")
    names = [dataset] if dataset is not None else list(benchmark.replicates)
    if figure == "shape_bias":
        names = [name for name in names if name == CONFLICT]
    found = []
    for first, second in combinations(sorted(benchmark.models), 2) if pairs is None else pairs:
        for model in (first, second):
            if model not in benchmark.models:
                raise UserError(f"no model {model!r} in the benchmark; it has {', '.join(benchmark.models) or 'none'}.")
        shared = {name: _pair(benchmark, name, first, second) for name in names}
        parts = {name: pair for name, pair in shared.items() if pair is not None and _defined(pair, figure)}
        found.append(_compare(figure, first, second, parts, exact=benchmark.resampled != "observers"))
    return _corrected(found)


def compare_with_people(benchmark: Benchmark, figure: Figure = "accuracy") -> tuple[Comparison, ...]:
    """Compare every model with the people on each data set, on the images that the model answered.

    For accuracy that is the gap to the mean person; for a consistency figure, the gap to people's consistency with each
    other, the ceiling. p-values are corrected over the data sets of each model. With `resample="images"` the people are
    these people; with "both" they stand for others, and few of them differ widely.
    """
    _known(figure)
    found: list[Comparison] = []
    for model, row in benchmark.models.items():
        family = []
        for name in row.datasets:
            one = benchmark.replicates.get(name, {}).get(model)
            if one is None or one.people is None or not _defined((one, one.people), figure):
                continue
            family.append(_compare(figure, model, PEOPLE, {name: (one, one.people)}, exact=False))
        found += _corrected(family)
    return tuple(found)


def holm(p: FloatArray) -> FloatArray:
    """Correct p-values of tests made together so that any false alarm at all is as rare as the level (Holm 1979).

    The i-th smallest of m is multiplied by m − i + 1, and is no smaller than those before it. NaN is no test.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    corrected = np.full(p.shape, np.nan)
    order = np.argsort(p)[: int((~np.isnan(p)).sum())]
    factors = np.arange(order.size, 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected


def _known(figure: str) -> None:
    if figure not in get_args(Figure):
        raise ValueError(f"unknown figure {figure!r}: choose one of {', '.join(get_args(Figure))}")


def _pair(benchmark: Benchmark, dataset: str, first: str, second: str) -> tuple[Replicates, Replicates] | None:
    there = benchmark.replicates[dataset]
    if first not in there or second not in there or there[first].images != there[second].images:
        return None
    return there[first], there[second]


def _defined(pair: tuple[Replicates, Replicates], figure: Figure) -> bool:
    return not any(math.isnan(_values(one, figure)[0]) for one in pair)


def _values(one: Replicates, figure: Figure) -> FloatArray:
    values: FloatArray = getattr(one, figure)
    return values


def _compare(
    figure: Figure, first: str, second: str, parts: dict[str, tuple[Replicates, Replicates]], *, exact: bool
) -> Comparison:
    """Compare two observers; `exact` allows the test of single answers, which accuracy on one set has."""
    blank = Comparison(figure, tuple(parts), first, second, UNDEFINED, math.nan, math.nan, BOOTSTRAP, 0)
    if not parts:
        return blank
    values = np.mean([_difference(*pair, figure, second == PEOPLE) for pair in parts.values()], axis=0)
    n = sum(one.right.size for one, _ in parts.values())
    difference = estimate(values, n, bounds=(-1.0, 1.0))
    if exact and figure == "accuracy" and len(parts) == 1:
        ((one, other),) = parts.values()
        return replace(blank, difference=difference, p=_mcnemar(one.right, other.right), test=EXACT)
    return replace(blank, difference=difference, p=_bootstrap_p(values, n))


def _difference(one: Replicates, other: Replicates, figure: Figure, with_people: bool) -> FloatArray:
    values, others = _values(one, figure), _values(other, figure)
    if with_people and np.isnan(values[1:]).all():
        # Only people were drawn: the model stays as it is while they vary.
        values = np.full_like(others, values[0])
    return values - others


def _mcnemar(one: FloatArray, other: FloatArray) -> float:
    from scipy.stats import binomtest

    only_one, only_other = int((one > other).sum()), int((other > one).sum())
    return float(binomtest(only_one, only_one + only_other).pvalue) if only_one + only_other else 1.0


def _bootstrap_p(values: FloatArray, n: int) -> float:
    draws = values[1:][~np.isnan(values[1:])]
    if draws.size < 2:
        return math.nan
    difference = 2.0 * float(values[0]) - float(draws.mean())
    if difference == 0.0:
        return 1.0
    z = difference / math.sqrt(float(draws.var(ddof=1)) + difference**2 / n)
    return math.erfc(abs(z) / math.sqrt(2.0))


def _corrected(found: Sequence[Comparison]) -> tuple[Comparison, ...]:
    corrected = holm(np.array([one.p for one in found], dtype=np.float64))
    family = int((~np.isnan(corrected)).sum())
    return tuple(replace(one, p_corrected=float(p), family=family) for one, p in zip(found, corrected, strict=True))
