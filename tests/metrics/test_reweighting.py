"""Evidence under other weightings, on made-up draws where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from reconstrue.metrics.reweighting import (
    NO_DECISION,
    band_errors,
    decide,
    decide_by_bands,
    in_band,
    learn_weights,
)

EDGES = np.array([0.0, 0.5, 1.0])


def test_the_least_weighted_error_wins() -> None:
    # Two draws, two labels: the first draw is for label 0 by 1, the second for label 1 by 3.
    error = np.array([[[1.0, 2.0], [4.0, 1.0]]])
    assert decide(error, np.array([[1.0, 0.0]])).tolist() == [0]
    assert decide(error, np.array([[1.0, 1.0]])).tolist() == [1]
    assert decide(error, np.array([[3.1, 1.0]])).tolist() == [0]
    assert decide(error, np.array([[0.0, 0.0]])).tolist() == [NO_DECISION]


def test_every_time_is_in_one_band() -> None:
    t = np.array([[0.0, 0.25, 0.5, 0.51, 1.0]])
    assert (in_band(t, 0.0, 0.5) + in_band(t, 0.5, 1.0)).tolist() == [[1.0] * 5]
    assert in_band(t, 0.0, 0.5)[0].tolist() == [1, 1, 1, 0, 0]


def test_band_errors_are_means_within_the_band_relative_to_all_labels() -> None:
    t = np.array([[0.1, 0.3, 0.9]])
    error = np.array([[[1.0, 3.0], [3.0, 5.0], [10.0, 0.0]]])
    # Low band: means (2, 4), so (−1, 1); high band: (10, 0), so (5, −5).
    np.testing.assert_allclose(band_errors(error, t, EDGES), [[[-1.0, 1.0], [5.0, -5.0]]])
    # Nothing is drawn above 0.5.
    np.testing.assert_allclose(band_errors(error[:, :2], t[:, :2], EDGES)[0, 1], [0.0, 0.0])


def noisy(n: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The first band's errors tell the right label but for some noise; the second band's are noise, and larger."""
    rng = np.random.default_rng(3)
    right = rng.integers(0, 4, n)
    first = rng.normal(0, 1.0, (n, 4)) - 2.0 * np.eye(4)[right]
    return np.stack([first, scale * rng.normal(0, 1.0, (n, 4))], axis=1), right


def test_learned_weights_find_the_band_that_tells() -> None:
    bands, right = noisy(2000, 100.0)
    weights = learn_weights(bands, right)
    # Errors N(−2·[right], 1) are told best by softmax(−2 e): the log-odds of two labels are 2 (e_other − e_right).
    assert weights[0] == pytest.approx(2.0, rel=0.15)
    assert abs(weights[1]) * 100.0 < 0.15
    plain = float((decide_by_bands(bands, np.ones(2)) == right).mean())
    learned = float((decide_by_bands(bands, weights) == right).mean())
    assert plain < 0.35 < 0.7 < learned


def test_a_band_that_misleads_has_weight_zero_and_not_less() -> None:
    bands, right = noisy(2000, 1.0)
    bands[:, 1] = -bands[:, 0] + 0.5 * bands[:, 1]
    weights = learn_weights(bands, right)
    assert weights[1] == 0.0 and weights[0] > 1.0


def test_perfectly_told_pictures_leave_finite_weights() -> None:
    right = np.arange(40) % 4
    bands = np.stack([-np.eye(4)[right], np.zeros((40, 4))], axis=1)
    weights = learn_weights(bands, right)
    # s = 1/2, so e = −2 [right] in its unit: 6 exp(−2v) / (1 + 3 exp(−2v)) = 0.002 v at v = 3.391, and w = v / s.
    assert weights[0] == pytest.approx(6.782, rel=0.01)
    assert (decide_by_bands(bands, weights) == right).all()
    assert (decide_by_bands(bands, np.zeros(2)) == NO_DECISION).all()
