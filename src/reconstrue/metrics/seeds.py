"""Intervals over few trainings: what another seed would have given, beside what other images would have.

Images are many and are drawn anew (`metrics.intervals`); seeds are few, and drawing three of three would make far too little of
them. So with S seeds, and s the standard error of the mean over them, the ends of an interval over images are moved outwards
in quadrature by Student's

    h = t_{0.975, S − 1} · s,    low' = value − √((value − low)² + h²),    high' = value + √((high − value)² + h²)

s² also holds what a training answers by chance to these very images, which the first interval holds too: the interval is a
little too wide rather than too narrow.
"""

from __future__ import annotations

import math

from reconstrue.metrics.intervals import LEVEL, Estimate, FloatArray


def standard_error(by_seed: FloatArray) -> float:
    """Return the standard error of the mean of one value per seed; 0 for one seed, which says nothing of others."""
    return float(by_seed.std(ddof=1) / math.sqrt(len(by_seed))) if len(by_seed) > 1 else 0.0


def jackknife_error(without: FloatArray) -> float:
    """Return the standard error of a figure from its values with one seed left out each, √((S−1)/S Σ (θ_(s) − mean)²).

    Of a mean over seeds it is `standard_error` (Efron & Tibshirani 1993, ch. 11).
    """
    count = len(without)
    return math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum())) if count > 1 else 0.0


def over_seeds(found: Estimate, error: float, seeds: int, bounds: tuple[float, float] = (0.0, 1.0)) -> Estimate:
    """Widen an interval over images to one over images and seeds, within the range of the figure.

    With one seed it stays over images alone. It is undefined where a seed has no value (`error` is NaN).
    """
    if seeds < 2:
        return found
    from scipy.stats import t

    reach = float(t.ppf((1.0 + LEVEL) / 2.0, seeds - 1)) * error
    low = found.value - math.hypot(found.value - found.low, reach)
    high = found.value + math.hypot(found.high - found.value, reach)
    return Estimate(found.value, max(low, bounds[0]), min(high, bounds[1]), found.n)
