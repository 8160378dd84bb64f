"""What the draws are, and what they say: scores and the posterior."""

from __future__ import annotations

import numpy as np
import pytest

from reconstrue.classifiers.generative.draws import draw_noise, draw_times
from reconstrue.classifiers.generative.evidence import Evidence


def evidence(x_error: np.ndarray, weight: np.ndarray | None = None) -> Evidence:
    gone = np.where(np.isnan(x_error).any(axis=0), np.isfinite(x_error).sum(axis=0), -1)
    ones = np.ones(len(x_error)) if weight is None else weight
    t = np.linspace(0.1, 0.9, len(x_error))
    return Evidence(t, 4 - 8 * t, x_error, ones, gone, True)


@pytest.mark.parametrize("count", [5, 12, 20, 100, 333])
def test_every_prefix_of_t_is_stratified(count: int) -> None:
    t = np.sort(draw_times(3, "image", 0, count))
    gaps = np.diff(np.concatenate([t, [t[0] + 1]]))
    assert gaps.max() <= 2.62 / count  # the three-distance theorem: φ² = 2.618
    assert t.min() >= 0
    assert t.max() < 1


def test_draws_are_keyed_by_seed_image_and_number() -> None:
    np.testing.assert_array_equal(draw_times(0, "a", 3, 6), draw_times(0, "a", 0, 6)[3:])
    assert not np.array_equal(draw_times(0, "a", 0, 6), draw_times(0, "b", 0, 6))
    one = draw_noise(0, "a", 0, (3, 4, 4))
    np.testing.assert_array_equal(one, draw_noise(0, "a", 0, (3, 4, 4)))
    for other in (draw_noise(1, "a", 0, (3, 4, 4)), draw_noise(0, "b", 0, (3, 4, 4)), draw_noise(0, "a", 1, (3, 4, 4))):
        assert not np.array_equal(one, other)
    many = np.stack([draw_noise(0, "a", i, (3, 16, 16)) for i in range(40)])
    assert abs(many.mean()) < 0.02
    assert abs(many.std() - 1) < 0.02


def test_scores_of_raced_labels_are_paired_with_the_leader() -> None:
    # Leader: errors 1, 3, 5, 7 (mean 4). The loser saw two draws, 2 and 4: paired differences 1 and 1, so it is 1
    # behind the leader's −4: −5, although its own mean error is 3.
    found = evidence(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, np.nan], [7.0, np.nan]])).log_evidence()
    np.testing.assert_allclose(found, [-4.0, -5.0])


def test_a_label_that_left_cannot_win() -> None:
    # The loser was better on its two draws (0.5 against 1) but was put out by a third label.
    x_error = np.array([[1.0, 0.5], [1.0, 0.5], [1.0, np.nan]])
    found = evidence(x_error).log_evidence()
    assert found.argmax() == 0
    assert found[1] < found[0]


def test_weights_apply_to_draws_and_raced_evidence_is_cut_to_common_draws() -> None:
    x_error = np.array([[1.0, 2.0], [3.0, 1.0]])
    np.testing.assert_allclose(evidence(x_error, np.array([1.0, 0.0])).log_evidence(), [-0.5, -1.0])
    np.testing.assert_allclose(evidence(x_error).reweighted(np.array([0.0, 1.0])).log_evidence(), [-1.5, -0.5])
    raced = evidence(np.array([[1.0, 2.0], [3.0, 1.0], [5.0, np.nan]]))
    assert not raced.complete
    cut = raced.reweighted(np.ones(3))
    assert cut.complete
    assert len(cut.t) == 2
    np.testing.assert_allclose(cut.log_evidence(), [-2.0, -1.5])


def test_the_posterior_is_the_chance_that_more_draws_would_agree() -> None:
    # Two labels, paired differences with mean 0.3 and deviation 1 over 25 draws: z = 0.3 / (1 / 5) = 1.5, Φ = 0.933.
    rng = np.random.default_rng(0)
    gap = rng.standard_normal(25)
    gap = (gap - gap.mean()) / gap.std(ddof=1) + 0.3
    common = rng.normal(0, 10, 25)
    found = evidence(np.stack([common, common + gap], axis=1)).posterior()
    np.testing.assert_allclose(found, [0.933, 0.067], atol=0.012)


def test_the_posterior_is_calibrated_on_simulated_races() -> None:
    # Three labels, true means 0, 0.15, 0.3 behind: over many simulated images the mean posterior of the true best must
    # equal the share of images on which the sample leader is the true best, within sampling error.
    rng = np.random.default_rng(7)
    said, right = [], []
    for _ in range(200):
        scores = np.array([0.0, 0.15, 0.3]) + rng.normal(0, 0.5, (16, 3)) + rng.normal(0, 3, (16, 1))
        item = evidence(scores)
        said.append(item.posterior(512).max())
        right.append(item.log_evidence().argmax() == 0)
    assert abs(np.mean(said) - np.mean(right)) < 0.1


def test_one_draw_says_nothing_of_certainty() -> None:
    np.testing.assert_allclose(evidence(np.array([[1.0, 5.0]])).posterior(), [0.5, 0.5])


def test_evaluations_are_counted() -> None:
    assert evidence(np.array([[1.0, 2.0], [3.0, np.nan]])).evaluations == 3
