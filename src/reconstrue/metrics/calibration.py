"""How honest a confidence is, and the one number that makes scores into one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.seeding import stream

Array = NDArray[np.float64]

_BINS = 15
# Temperatures are looked for in this range, relative to the typical distance of the best score from the median one.
_RANGE = (1e-4, 1e4)


def expected_calibration_error(confidence: Array, correct: NDArray[np.bool_], bins: int = _BINS) -> float:
    r"""Return how far confidence and accuracy are apart: the mean over bins of equal width, weighted by their answers.

    .. math:: \mathrm{ECE} = \sum_b \frac{|B_b|}{n} \, |\mathrm{acc}(B_b) - \mathrm{conf}(B_b)|

    (Naeini et al. 2015; Guo et al. 2017, Eq. 3). It is 0 for perfect calibration, and biased upwards where bins hold
    few answers.

    Args:
        confidence: (n,) in [0, 1], of the decision.
        correct: (n,) whether it was right.
        bins: how many; 15 in Guo et al.

    Returns:
        In [0, 1]; NaN without answers.

    >>> float(expected_calibration_error(np.array([0.9, 0.9, 0.6]), np.array([True, True, False])).__round__(3))
    0.267
    """
    if not len(confidence):
        return math.nan
    # 1.0 belongs to the last bin.
    place = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    gap = np.bincount(place, weights=correct.astype(float) - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(confidence))


def fit_temperature(log_evidence: Array, truth: NDArray[np.int64]) -> float:
    r"""Return the temperature T at which softmax(log-evidence / T) is likeliest on labelled images.

    One number, so that no decision changes (Guo et al. 2017, §4.2). Fit it on images that are measured nowhere else.

    Args:
        log_evidence: (n, k) as `Scores.log_evidence`; differences within a row count, in any unit.
        truth: (n,) index of the right label.

    Returns:
        In the unit of the log-evidence, positive.

    Raises:
        UserError: fewer than two images, scores that are not finite, or that are the same for all labels; or no temperature
            fits, as where every decision is right.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    if len(log_evidence) < 2:
        raise UserError(f"a temperature needs at least two labelled images, got {len(log_evidence)}")
    if not np.isfinite(log_evidence).all():
        raise UserError("a temperature needs finite scores; leave out the images without an answer")
    unit = float(np.median(log_evidence.max(axis=1) - np.median(log_evidence, axis=1)))
    if unit <= 0:
        raise UserError("the scores are the same for all labels; there is no temperature to fit")
    rows = np.arange(len(truth))

    def loss(log_t: float) -> float:
        return float(-log_softmax(log_evidence / (unit * math.exp(log_t)), axis=1)[rows, truth].mean())

    low, high = (math.log(end) for end in _RANGE)
    found = float(minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6}).x)
    # Where every decision is right, the lower the likelier, and where none is, the higher.
    if min(loss(low), loss(high)) <= loss(found):
        right = float((log_evidence.argmax(axis=1) == truth).mean())
        raise UserError(
            f"no temperature fits {len(truth)} images of which {right:.0%} are right; give more, easy and hard ones"
        )
    return unit * math.exp(found)


def p_correct_of_others(log_evidence: Array, truth: NDArray[np.int64]) -> Array:
    """Return (n,) softmax(log-evidence / T) of each decision, with T fitted on the other half of the images.

    So that its calibration can be measured on the images at hand. Raises what `fit_temperature` does.
    """
    from scipy.special import softmax

    if len(truth) < 4:
        raise UserError(f"halves to fit on and to measure on need at least four labelled images, got {len(truth)}")
    said = np.empty(len(truth))
    for own in _halves(len(truth)):
        temperature = fit_temperature(log_evidence[~own], truth[~own])
        said[own] = softmax(log_evidence[own] / temperature, axis=1).max(axis=1)
    return said


def rate_by_draws(draws: NDArray[np.int64], correct: NDArray[np.bool_]) -> Array:
    """Return (n,) the share of right decisions among those of the other half that took about as many draws.

    The draws until the last other label left a race are a confidence that costs nothing. Images are put into fifths by
    them; one right and one wrong answer are added to each, so that none is certain.
    """
    said = np.empty(len(correct))
    for own in _halves(len(correct)):
        edges = np.unique(np.quantile(draws[~own], (0.2, 0.4, 0.6, 0.8)))
        place = np.searchsorted(edges, draws[~own])
        right = np.bincount(place, weights=correct[~own], minlength=len(edges) + 1)
        rate = (right + 1) / (np.bincount(place, minlength=len(edges) + 1) + 2)
        said[own] = rate[np.searchsorted(edges, draws[own])]
    return said


def _halves(n: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of n images are in the one and in the other half; the same for the same n."""
    odd = stream(0, "halves", n).permutation(n) % 2 == 1
    return odd, ~odd
