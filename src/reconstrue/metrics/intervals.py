"""A figure with its count and its 95% interval, by resampling images (or people) jointly for all observers.

Images of one condition are drawn with replacement, the same draw for every observer, so that what observers share
(easy and hard images) stays shared. Squared differences of accuracies are biased upwards by the variance of their
estimates (E[D²] = D² + var D), and resampling adds the same bias once more. With θ the plain figure, θ* its
resampled values and b = mean(θ*) − θ the bootstrap's estimate of the bias, the interval is

    [q_2.5(θ*) − 2b, q_97.5(θ*) − 2b]

which is centred on the bias-corrected figure θ − b (Efron & Tibshirani 1993, ch. 10; once to take away the bias of
resampling, once that of the figure itself). It is cut to the range of the figure, and widened where needed to hold
the plain figure, which is what is reported as the value because it is what the published tables hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reconstrue.errors import UserError

FloatArray = npt.NDArray[np.float64]

LEVEL = 0.95
TAIL = (1.0 - LEVEL) / 2.0


@dataclass(frozen=True)
class Estimate:
    """A figure, the ends of its 95% interval, and the number of things it rests on; NaN where undefined."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, float | int | None]:
        """Give plain values for JSON, with NaN as None.

        >>> UNDEFINED.to_json()
        {'value': None, 'low': None, 'high': None, 'n': 0}
        """
        ends = {"value": self.value, "low": self.low, "high": self.high}
        return {
            **{key: None if math.isnan(end) else float(end) for key, end in ends.items()},
            "n": int(self.n),
        }

    @property
    def defined(self) -> bool:
        """Whether there is a value at all."""
        return not math.isnan(self.value)

    def shifted(self, by: float) -> Estimate:
        """Give the figure plus a constant, e.g. accuracy as its distance from chance."""
        return Estimate(self.value + by, self.low + by, self.high + by, self.n)


UNDEFINED = Estimate(math.nan, math.nan, math.nan, 0)
"""What has no value: no images, no people, no decisions."""


def resample_weights(
    n: int, resamples: int, generator: np.random.Generator, *, left_out: int = 0
) -> npt.NDArray[np.float32]:
    """Count how often each of n images falls into each resample: shape (1 + resamples, n), rows sum to n − `left_out`.

    Row 0 is all ones, the sample itself, so that one product gives the plain figure and its resampled values.

    Raises UserError for a negative number of resamples.
    """
    if resamples < 0:
        raise UserError(f"the number of resamples is {resamples}: give 0 (no intervals) or more, for example 1000.")
    weights = np.ones((1 + resamples, n), dtype=np.float32)
    if resamples and n:
        drawn = generator.integers(0, n, size=(resamples, n - left_out))
        drawn += np.arange(resamples)[:, None] * n
        weights[1:] = np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n)
    return weights


def observer_weights(n: int, resamples: int, generator: np.random.Generator) -> FloatArray:
    """Weigh n people anew for each resample: shape (1 + resamples, n), rows sum to n, row 0 all ones.

    A Bayesian bootstrap (Rubin 1981) with Dirichlet parameters (n − 2)/n, which gives the mean of a few people its right
    variance s²/n; drawing n of n with replacement gives (n − 1)/n of that, and now and then the same person n times,
    with no pair to compare. Of two people one is drawn. One person has no resamples: rows of zeros.
    """
    weights = np.ones((1 + resamples, n))
    if n > 2:
        weights[1:] = n * generator.dirichlet(np.full(n, (n - 2) / n), size=resamples)
    elif n == 2:
        weights[1:, 0] = 2.0 * generator.integers(0, 2, size=resamples)
        weights[1:, 1] = 2.0 - weights[1:, 0]
    else:
        weights[1:] = 0.0
    return weights


def over_observers(values: FloatArray, drawn: FloatArray | None) -> FloatArray:
    """Average (rows or 1, observers) values over the observers by these weights; NaN where nobody has any."""
    if drawn is None:
        return np.asarray(values.mean(axis=1))
    total = drawn.sum(axis=1)
    some = total > 0
    summed = (np.where(drawn > 0, values, 0.0) * drawn).sum(axis=1)
    return np.where(some, summed / np.where(some, total, 1.0), np.nan)


def estimate(
    replicates: FloatArray,
    n: int,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    correct_bias: bool = True,
    proportion: bool = False,
) -> Estimate:
    """Make an estimate of a plain figure (element 0) and its resampled values (the rest), as the module says.

    `bounds` is the range of the figure. A `proportion` that is exactly 0 or 1 never varies under resampling; its
    interval is then the exact binomial one (Clopper & Pearson 1934): [0, 1 − 0.025^(1/n)] or [0.025^(1/n), 1].
    Resampled values that are undefined are left out; without any (`resamples=0`) the ends are NaN.
    """
    value = float(replicates[0])
    if math.isnan(value):
        return Estimate(math.nan, math.nan, math.nan, n)
    draws = np.sort(replicates[1:]) if replicates.size > 1 else replicates[1:]
    if draws.size and math.isnan(draws[-1]):
        draws = draws[~np.isnan(draws)]
    if not draws.size:
        return Estimate(value, math.nan, math.nan, n)
    if proportion and n > 0 and value in (0.0, 1.0):
        reach = TAIL ** (1.0 / n)
        return Estimate(value, 0.0, 1.0 - reach, n) if value == 0.0 else Estimate(value, reach, 1.0, n)
    shift = 2.0 * (float(draws.mean()) - value) if correct_bias else 0.0
    low, high = (min(max(_quantile(draws, q) - shift, bounds[0]), bounds[1]) for q in (TAIL, 1.0 - TAIL))
    return Estimate(value, min(low, value), max(high, value), n)


def _quantile(ordered: FloatArray, q: float) -> float:
    place = q * (ordered.size - 1)
    below = math.floor(place)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
