r"""Where a model draws what it is told: do the parts of A change under prompt A, and those of B under prompt B?

A picture has two readings, whose parts lie in the masks M_A and M_B. With x̂_y the picture drawn again under prompt y and x̄ the
mean of all that were drawn from the same noise, the change that is A's rather than B's is, at each pixel p,

.. math:: D(p) = \sum_c \big(\hat x_A - \bar x\big)^2_{pc} - \big(\hat x_B - \bar x\big)^2_{pc}

averaged over draws. The localisation is the chance that D is larger at a pixel of A alone than at a pixel of B alone,

.. math:: L = P\big(D(p) > D(q)\big) + \tfrac12 P\big(D(p) = D(q)\big),
          \qquad p \in M_A \setminus M_B, \; q \in M_B \setminus M_A

the area under the ROC curve that tells the two places apart by D (Mann & Whitney 1947). It is 1 where each prompt
changes its own parts only, 0 where each changes the other's, and ½ for a model that ignores its prompt. Where nothing but
chance says which drawing is A's and which B's, D and −D are equally likely and the mean of L is ½, however busy a place is:
what both prompts change cancels.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reconstrue.metrics.intervals import Estimate, FloatArray, estimate, resample_weights

Mask = NDArray[np.bool_]


def change_between(first: NDArray[np.floating], second: NDArray[np.floating], mean: NDArray[np.floating]) -> FloatArray:
    """Return D of two drawings (…, H, W, 3) and the mean drawing, summed over colours, (…, H, W)."""
    a, b = (((one.astype(np.float64) - mean) ** 2).sum(axis=-1) for one in (first, second))
    return np.asarray(a - b)


def localisation(change: FloatArray, parts: tuple[Mask, Mask]) -> float:
    """Return L of a map D for the masks of A and of B, all (H, W); NaN where either has no pixel of its own.

    >>> here, there = np.array([[True, False, False]]), np.array([[False, True, True]])
    >>> localisation(np.array([[0.2, 0.1, 0.3]]), (here, there))
    0.5
    """
    from scipy.stats import rankdata

    a, b = change[parts[0] & ~parts[1]], change[parts[1] & ~parts[0]]
    if not a.size or not b.size:
        return math.nan
    won = rankdata(np.concatenate([a, b]))[: a.size].sum() - a.size * (a.size + 1) / 2
    return float(won / (a.size * b.size))


def mean_over_pictures(
    values: FloatArray,
    generator: np.random.Generator,
    *,
    resamples: int = 1000,
    bounds: tuple[float, float] = (0.0, 1.0),
    proportion: bool = False,
) -> Estimate:
    """Return the mean of one value per picture with a 95% interval over pictures; those that are NaN are left out.

    `n` is the number of pictures that have a value; a single one says nothing of others and has no interval.
    """
    defined = values[~np.isnan(values)]
    if defined.size < 2:
        return Estimate(float(defined[0]) if defined.size else math.nan, math.nan, math.nan, defined.size)
    weights = resample_weights(defined.size, resamples, generator).astype(np.float64)
    means = weights @ defined / defined.size
    if not proportion:
        # The bootstrap of few values is too narrow: their variance has n − 1 degrees of freedom, and Student's tails.
        from scipy import stats

        n = defined.size
        wider = np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1) / stats.norm.ppf(0.975)
        means = means[0] + wider * (means - means[0])
    return estimate(means, defined.size, bounds=bounds, correct_bias=False, proportion=proportion)
