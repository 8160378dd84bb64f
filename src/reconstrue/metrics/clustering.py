"""Whether observers of one side err alike: error consistency within a side against that between two sides.

With κ_ab the mean error consistency of the observers of kind a with those of kind b (other observers only), and G and D
the kinds of the two sides,

    excess = mean of κ_ab over pairs a < b within G  −  mean of κ_ad over a in G and d in D

Within a kind, κ_aa is that of two seeds of one kind: as alike as anything can be that was trained anew. The permutation test
takes every way to choose |G| of the kinds for a side: p is the share whose excess is as large or larger, the true one among
them, so that it is never below one over their number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from reconstrue.metrics.intervals import Estimate, FloatArray, estimate
from reconstrue.metrics.seeds import jackknife_error, over_seeds


@dataclass(frozen=True)
class Clustering:
    """How alike observers err, on average over pairs.

    Attributes:
        within_kind: two seeds of one kind, over all kinds; undefined where there is one seed.
        within_side: two kinds of the first side.
        within_other: two kinds of the other side.
        between: a kind of the first and one of the other side.
        excess: `within_side` minus `between`.
        p: of the permutation test, one-sided; NaN where it is undefined.
        splits: how many ways to choose the first side the test has.
        kinds: (k, k) κ of kinds, by name in the order given.
    """

    within_kind: Estimate
    within_side: Estimate
    within_other: Estimate
    between: Estimate
    excess: Estimate
    p: float
    splits: int
    kinds: FloatArray


def clustering(
    kappas: FloatArray, kinds: Sequence[str], side: Sequence[str], *, seeds: Sequence[int], n: int
) -> Clustering:
    """Say whether the kinds of one side err alike, with intervals over images and seeds (`metrics.seeds`).

    Seeds are left out one at a time for all kinds at once, as kinds of one seed share their training pictures.

    Args:
        kappas: (1 + resamples, m, m) error consistency of m observers, plain first, then on resampled images.
        kinds: (m,) the kind of each observer.
        side: the kinds of the first side; the rest are the other.
        seeds: (m,) the seed of each observer.
        n: images behind each κ.

    Raises:
        ValueError: shapes that do not fit.
    """
    m = kappas.shape[1]
    if len(kinds) != m or len(seeds) != m:
        raise ValueError(f"κ of shape {kappas.shape} does not fit {len(kinds)} kinds and {len(seeds)} seeds")
    names = tuple(dict.fromkeys(kinds))
    first = [place for place, name in enumerate(names) if name in side]
    table = _of_kinds(kappas, kinds, names)
    whole = _figures(table, first)
    drawn = sorted(set(seeds))
    without = []
    for left_out in drawn if len(drawn) > 1 else ():
        kept = [place for place, seed in enumerate(seeds) if seed != left_out]
        some = _of_kinds(kappas[:1, kept][:, :, kept], [kinds[place] for place in kept], names)
        without.append({name: float(values[0]) for name, values in _figures(some, first).items()})

    def stated(name: str, bounds: tuple[float, float] = (-1.0, 1.0)) -> Estimate:
        error = jackknife_error(np.array([one[name] for one in without]))
        return over_seeds(estimate(whole[name], n, bounds=bounds), error, len(drawn), bounds)

    p, splits = _permuted(table[0], len(first), float(whole["excess"][0]))
    return Clustering(
        within_kind=stated("within_kind"),
        within_side=stated("within_side"),
        within_other=stated("within_other"),
        between=stated("between"),
        excess=stated("excess", (-2.0, 2.0)),
        p=p,
        splits=splits,
        kinds=table[0],
    )


def _of_kinds(kappas: FloatArray, kinds: Sequence[str], names: Sequence[str]) -> FloatArray:
    """Return (rows, k, k) κ of kinds: the mean over pairs of their observers, nobody with himself."""
    places = [np.flatnonzero([one == name for one in kinds]) for name in names]
    others = np.where(np.eye(kappas.shape[1], dtype=bool), np.nan, kappas)
    table = np.full((len(kappas), len(names), len(names)), np.nan)
    for a, one in enumerate(places):
        for b, other in enumerate(places):
            pairs = others[:, one][:, :, other].reshape(len(kappas), -1)
            table[:, a, b] = _nanmean(pairs.T)
    return table


def _figures(table: FloatArray, first: Sequence[int]) -> dict[str, FloatArray]:
    """Return the averages over pairs of kinds, one value for each row of κ."""
    kinds = range(table.shape[1])
    rest = [place for place in kinds if place not in first]
    within, between = _pairs(table, first), _between(table, first, rest)
    return {
        "within_kind": _nanmean(np.stack([table[:, a, a] for a in kinds])),
        "within_side": within,
        "within_other": _pairs(table, rest),
        "between": between,
        "excess": within - between,
    }


def _pairs(table: FloatArray, among: Sequence[int]) -> FloatArray:
    """Average κ over pairs of different kinds of one side."""
    return _nanmean(np.stack([table[:, a, b] for a, b in combinations(among, 2)] or [np.full(len(table), np.nan)]))


def _between(table: FloatArray, first: Sequence[int], rest: Sequence[int]) -> FloatArray:
    return _nanmean(np.stack([table[:, a, b] for a in first for b in rest] or [np.full(len(table), np.nan)]))


def _nanmean(values: FloatArray) -> FloatArray:
    """Average over the first axis what is defined; NaN where nothing is."""
    some = ~np.isnan(values)
    count = some.sum(axis=0)
    return np.where(count > 0, np.nan_to_num(values).sum(axis=0) / np.maximum(count, 1), np.nan)


def _permuted(table: FloatArray, size: int, found: float) -> tuple[float, int]:
    """Return the share of choices of the first side with as large an excess, and their number."""
    places = range(len(table))
    splits = list(combinations(places, size)) if 1 < size < len(table) else []
    if math.isnan(found) or not splits:
        return math.nan, len(splits)
    larger = 0
    for chosen in splits:
        rest = [place for place in places if place not in chosen]
        value = float((_pairs(table[None], chosen) - _between(table[None], chosen, rest))[0])
        # What differs by rounding alone is the same.
        larger += value >= found - 1e-12
    return larger / len(splits), len(splits)
