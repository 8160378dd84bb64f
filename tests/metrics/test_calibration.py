"""Confidence against accuracy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import softmax

from reconstrue.errors import UserError
from reconstrue.metrics import expected_calibration_error, fit_temperature, p_correct_of_others, rate_by_draws


def test_ece_is_the_weighted_gap_over_bins() -> None:
    # Bins of width 0.5. Lower: confidences 0.2 and 0.4, one right: |0.5 − 0.3| · 2/5. Upper: 0.6, 0.9, 1.0, all right:
    # |1 − 2.5/3| · 3/5 = 0.1. Together 0.08 + 0.1 = 0.18.
    confidence = np.array([0.2, 0.4, 0.6, 0.9, 1.0])
    correct = np.array([True, False, True, True, True])
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(0.18)


def test_what_says_its_own_chance_is_calibrated_and_what_boasts_is_not() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 20_000)
    correct = rng.random(20_000) < confidence
    assert expected_calibration_error(confidence, correct) < 0.02
    assert expected_calibration_error(np.ones(20_000), correct) == pytest.approx(1 - correct.mean())
    assert math.isnan(expected_calibration_error(np.array([]), np.array([], dtype=bool)))


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_the_temperature_that_made_the_answers_is_found_in_any_unit(unit: float) -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 2, (4000, 5))
    truth = np.array([rng.choice(5, p=p) for p in softmax(scores / 0.7, axis=1)])
    assert fit_temperature(scores * unit + 3, truth) == pytest.approx(0.7 * unit, rel=0.05)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros((1, 3)), "at least two labelled images"),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), "finite scores"),
        (np.zeros((4, 3)), "the same for all labels"),
    ],
)
def test_what_has_no_temperature_is_refused(scores: np.ndarray, message: str) -> None:
    with pytest.raises(UserError, match=message):
        fit_temperature(scores, np.zeros(len(scores), dtype=np.int64))


def test_a_confidence_is_fitted_on_the_other_half_only() -> None:
    rng = np.random.default_rng(2)
    scores = rng.normal(0, 2, (2000, 5))
    truth = np.array([rng.choice(5, p=p) for p in softmax(scores, axis=1)])
    right = scores.argmax(axis=1) == truth
    assert expected_calibration_error(p_correct_of_others(scores, truth), right) < 0.05
    # Changing one image's truth changes the fit of the other half alone.
    other = truth.copy()
    other[0] = (scores[0].argmin() + 0) % 5
    changed = p_correct_of_others(scores, other) != p_correct_of_others(scores, truth)
    assert not changed[0] and changed.sum() == 1000


def test_few_draws_are_a_confidence_where_they_go_with_being_right() -> None:
    rng = np.random.default_rng(3)
    draws = rng.integers(4, 100, 4000)
    right = rng.random(4000) < np.where(draws < 30, 0.95, 0.4)
    said = rate_by_draws(draws, right)
    assert said[draws < 20].mean() > 0.85 and said[draws > 60].mean() < 0.5
    assert expected_calibration_error(said, right) < 0.05
    # One fifth for all: (right + 1) / (n + 2) of the other half, 2 of 4 and 3 of 4 at most and least.
    same = rate_by_draws(np.full(8, 7), np.array([True, False] * 4))
    assert set(np.round(same * 6).astype(int)) <= {1, 2, 3, 4, 5}


def test_a_temperature_at_the_end_of_the_range_was_not_found() -> None:
    scores = np.random.default_rng(4).normal(0, 1, (50, 4))
    for truth, share in ((scores.argmax(axis=1), "100%"), (scores.argmin(axis=1), "0%")):
        with pytest.raises(UserError, match=f"no temperature fits 50 images of which {share} are right"):
            fit_temperature(scores, truth)
    with pytest.raises(UserError, match="at least four labelled images, got 3"):
        p_correct_of_others(scores[:3], scores[:3].argmax(axis=1))
