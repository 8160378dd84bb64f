r"""What few draws say of the labels' means: a two-way model of the scores, read as an empirical Bayesian reads it.

The score of label k under draw j is taken as

.. math:: s_{jk} = a_j + μ_k + e_{jk}, \qquad μ_k \sim N(0, τ^2), \quad e_{jk} \sim N(0, σ^2)

with a_j the draw's own difficulty, which all labels share. Everything is estimated from the one image: a race starts with
four draws of each label, and sixteen labels tell the variance sixteen times over. Three things are gained on a paired t-test:

* **σ² from neighbours in t.** Draws are stratified over t, so what a label's score owes to t averages out; only what two
  draws of almost the same t differ by is noise. σ² is half the mean square of those differences (von Neumann 1941). On two
  trained pocket models it was a half and a third of the variance that a t-test sees.
* **Moderated variances.** Two labels that resemble each other differ by less noise than two that do not. The variance of a
  pair is its own, shrunk towards σ² by `PRIOR_DRAWS` draws' worth (Smyth 2004), and the test is Student's with the sum of
  the degrees of freedom.
* **Shrunk means.** The leader of sixteen noisy means looks better than it is; τ² from the spread of the means takes that
  back (James and Stein 1961, with their (k − 3)/(k − 1); nothing is shrunk for three labels or fewer).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

# How many degrees of freedom the pooled variance counts for beside a pair's own. By Smyth's moments it was 4 for pocket-latent
# and 2 for pocket-pixel, with 12 draws of 128 pictures each.
PRIOR_DRAWS = 4.0
# A mean square of successive differences is worth so many of the degrees of freedom of a plain variance.
_SUCCESSIVE = 2 / 3


@dataclass(frozen=True)
class Belief:
    """The labels' means after some draws.

    Attributes:
        mean: (labels,) posterior means, relative to their average.
        covariance: (labels, labels) posterior covariance with the pooled σ².
        ratio: (labels, labels) by what the variance of the difference of two labels exceeds the pooled one.
        freedom: (labels, labels) degrees of freedom of that variance.
    """

    mean: Array
    covariance: Array
    ratio: Array
    freedom: Array

    def beats(self, label: int) -> Array:
        """Return (labels,) the probability that each label's mean exceeds that of `label`; 0 for itself."""
        gap = self.mean[label] - self.mean
        spread = self.covariance[label, label] + np.diag(self.covariance) - 2 * self.covariance[label]
        error = np.sqrt(np.clip(spread, 0, None) * self.ratio[label])
        # Without any noise the gap itself decides.
        z = np.divide(gap, error, out=np.where(gap > 0, np.inf, np.where(gap < 0, -np.inf, 0.0)), where=error > 0)
        chance = np.asarray(stats.t.sf(z, self.freedom[label]))
        chance[label] = 0.0
        return chance


def believe(t: Array, scores: Array) -> Belief:
    """Return what `scores` (draws, labels), NaN where a label had left, say of the labels' means; t (draws,) of each draw.

    At least two draws must have all labels, and no draw fewer than two.
    """
    order = np.argsort(t, kind="stable")
    scores = scores[order]
    got = np.isfinite(scores)
    labels = scores.shape[1]
    own, sharing = got.sum(axis=0), got.sum(axis=1)
    # Least squares with the draws' difficulties projected out; adding a constant fixes the means' own level at 0.
    design = np.diag(own.astype(float)) - (got / sharing[:, None]).T @ got
    centred = np.where(got, scores - np.nanmean(scores, axis=1, keepdims=True), 0.0)
    total = centred.sum(axis=0)
    rough = np.linalg.solve(design + 1 / labels, total)
    rest = np.where(got, scores - rough, np.nan)
    rest -= np.nanmean(rest, axis=1, keepdims=True)

    steps = np.diff(rest, axis=0)
    pairs = np.isfinite(steps)
    # The residuals of a draw with m labels sum to 0, which takes 1/m of their variance.
    kept = 1 - (1 / sharing[1:] + 1 / sharing[:-1]) / 2
    variance = float(np.nansum(steps**2) / 2 / (pairs * kept[:, None]).sum())
    if variance == 0:
        flat = np.zeros((labels, labels))
        return Belief(rough, flat, np.ones_like(flat), np.full_like(flat, PRIOR_DRAWS))

    sampling = variance * float((1 / own).mean())
    shrink = 0.0 if labels <= 3 else min(1 - 1e-6, (labels - 3) / (labels - 1) * sampling / rough.var(ddof=1))
    prior = shrink / ((1 - shrink) * sampling)
    precision = design / variance + prior * np.eye(labels)
    if prior == 0:
        precision += 1 / (labels * variance)
    covariance = np.linalg.inv(precision)

    filled = np.where(pairs, steps, 0.0)
    both = pairs.T.astype(float) @ pairs
    squares = (filled**2).T @ pairs
    between = squares + squares.T - 2 * filled.T @ filled
    freedom = _SUCCESSIVE * both
    ratio = (PRIOR_DRAWS + freedom * between / (4 * variance * np.maximum(both, 1))) / (PRIOR_DRAWS + freedom)
    return Belief(covariance @ (total / variance), covariance, ratio, PRIOR_DRAWS + freedom)
