"""Who stays in the race, when it is looked at, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from reconstrue.classifiers.generative.belief import PRIOR_DRAWS, believe
from reconstrue.classifiers.generative.draws import draw_times
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy, SafeLeader, TwoStage
from reconstrue.classifiers.generative.race import Question, Race


def asked(policy: Policy, scores: np.ndarray, live: np.ndarray | None = None) -> np.ndarray:
    everyone = np.ones(scores.shape[1], dtype=bool)
    return policy.survivors(spread(len(scores)), scores, everyone if live is None else live)


def spread(draws: int) -> np.ndarray:
    return (0.3 + np.arange(draws) * (5**0.5 - 1) / 2) % 1


def test_the_race_is_scipys_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 1, (25, 1)) + rng.normal([0, -0.1, -0.6, -1.5], 0.8, (25, 4))
    policy = PairedTTest(cutoff=0.02)
    kept = asked(policy, scores)
    best = scores.mean(axis=0).argmax()
    p = np.array([stats.ttest_rel(scores[:, best], scores[:, k]).pvalue if k != best else 1 for k in range(4)])
    np.testing.assert_array_equal(kept, p >= 0.02)
    assert 1 < kept.sum() < 4  # the case is not trivial


def test_the_test_is_two_sided() -> None:
    # 25 gaps with deviation 1 and mean 0.4614: t = 0.4614 · 5 = 2.307, two-sided p = 0.030, one-sided 0.015.
    gap = np.random.default_rng(2).standard_normal(25)
    gap = (gap - gap.mean()) / gap.std(ddof=1) + 0.4614
    scores = np.stack([np.zeros(25), -gap], axis=1)
    assert asked(PairedTTest(cutoff=0.02), scores).all()
    assert not asked(PairedTTest(cutoff=0.04), scores).all()


def test_labels_that_left_stay_out_and_equal_labels_stay_in() -> None:
    scores = np.tile(np.arange(10.0)[:, None], (1, 3))
    live = np.array([True, False, True])
    policy = PairedTTest(min_draws=5)
    np.testing.assert_array_equal(asked(policy, scores, live), live)
    # A constant difference has no variance at all: the worse label leaves.
    np.testing.assert_array_equal(asked(policy, scores - [0, 0, 1]), [True, True, False])


def test_nobody_leaves_before_the_minimum() -> None:
    scores = np.array([[0.0, -9.0]] * 5)
    assert asked(PairedTTest(min_draws=20, max_draws=12), scores).all()


def test_checks_come_after_the_minimum_and_never_after_the_budget() -> None:
    policy = PairedTTest(min_draws=20, max_draws=30)
    assert [policy.next_check(n) for n in (0, 19, 20, 29, 30)] == [20, 20, 21, 30, 30]
    assert FixedGrid(7).next_check(0) == 7


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: PairedTTest(min_draws=1), "min_draws must be at least 2"),
        (lambda: PairedTTest(max_draws=0), "max_draws must be at least 1"),
        (lambda: PairedTTest(cutoff=1.0), r"cutoff must lie within \(0, 1\)"),
        (lambda: FixedGrid(0), "max_draws must be at least 1"),
        (lambda: SafeLeader(min_draws=1), "min_draws must be at least 2"),
        (lambda: SafeLeader(max_draws=0), "max_draws must be at least 1"),
        (lambda: SafeLeader(delta=0.0), r"delta must lie within \(0, 1\)"),
        (lambda: TwoStage((25, 25)), "second stage must have more draws"),
        (lambda: TwoStage((20, 50), nested=True), "multiple of the first's draws"),
        (lambda: TwoStage(keep=0), "keep must be at least 1"),
    ],
)
def test_senseless_policies_are_refused(build: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()  # type: ignore[operator]


def raced(policy: Policy, scores: NDArray[np.float64]) -> tuple[int, int, bool]:
    """Return the decision, the evaluations and whether the budget ended it, where draw j of label k scores `scores[j, k]`."""

    def ask(questions: list[Question]) -> NDArray[np.float64]:
        return np.array([-scores[q.draw, q.label] for q in questions])

    ones = np.ones_like
    race = Race(policy, 0, snap=lambda t: t, weight=ones, log_snr=ones)
    (found,) = race.run(["image"], scores.shape[1], ask)
    return int(found.log_evidence().argmax()), found.evaluations, found.budget_ended


def simulated(rng: np.random.Generator, labels: int = 16, draws: int = 100) -> tuple[NDArray[np.float64], int]:
    """Return scores with a shared difficulty per draw, and the label whose mean is the highest."""
    means = rng.normal(0, 1, labels)
    return rng.normal(0, 3, (draws, 1)) + means + rng.normal(0, 1, (draws, labels)), int(means.argmax())


def test_a_safe_leader_is_wrong_as_rarely_as_it_says_and_cheaper_than_t_tests() -> None:
    rng = np.random.default_rng(0)
    images = [simulated(rng) for _ in range(150)]
    cost = {}
    for policy in (SafeLeader(max_draws=100, delta=0.1), PairedTTest(max_draws=100)):
        outcomes = [raced(policy, scores) for scores, _ in images]
        cost[policy] = np.mean([spent for _, spent, _ in outcomes])
        ended = [(found, best) for (found, _, budget), (_, best) in zip(outcomes, images, strict=True) if not budget]
        wrong = np.mean([found != best for found, best in ended])
        # One-sided 99% bound of a binomial share around the stated rate.
        assert wrong <= 0.1 + 2.33 * (0.1 * 0.9 / len(ended)) ** 0.5
        assert len(ended) > 50
    ours, theirs = cost.values()
    assert ours < theirs / 2


def test_a_label_that_left_keeps_its_part_of_the_error_rate() -> None:
    # Two equal leaders, and a third label that is hopeless: it leaves, they stay.
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, (8, 3))
    scores = np.array([0.0, 0.0, -9.0]) + noise - noise.mean(axis=0)
    np.testing.assert_array_equal(asked(SafeLeader(delta=0.1), scores), [True, True, False])


def test_a_safe_leader_is_not_asked_before_its_minimum_and_then_less_and_less() -> None:
    policy = SafeLeader(min_draws=4, max_draws=30)
    assert [policy.next_check(n) for n in (0, 4, 7, 8, 24, 30)] == [4, 5, 8, 10, 28, 30]
    assert asked(SafeLeader(min_draws=4), np.array([[0.0, -9.0]] * 3)).all()


def test_without_noise_the_gap_decides_and_a_tie_does_not() -> None:
    flat = np.zeros((4, 1)) + np.arange(4.0)[:, None]
    np.testing.assert_array_equal(asked(SafeLeader(), flat - [0, 1, 0]), [True, False, True])


def test_belief_is_least_squares_for_few_labels() -> None:
    # Three labels are not shrunk. The third left after two draws, in which it scored 1 below the first: its mean is
    # −1 relative to the first, whose own later draws were worse.
    scores = np.array([[5.0, 4.0, 4.0], [3.0, 3.0, 2.0], [0.0, -1.0, np.nan], [1.0, 1.0, np.nan]])
    found = believe(spread(4), scores)
    # First against second: gaps 1, 0, 1, 0 -> 0.5; third: 1 below the first and 0.5 below the second in its two draws.
    np.testing.assert_allclose(found.mean - found.mean[0], [0, -0.5, -1.0], atol=1e-9)


def test_belief_is_students_test_in_the_balanced_case() -> None:
    # Two labels, no shrinking: the chance is Student's, of the mean gap over its error from neighbours in t.
    rng = np.random.default_rng(3)
    t, gap = spread(12), rng.normal(0.4, 1, 12)
    common = rng.normal(0, 5, 12)
    found = believe(t, np.stack([common + gap, common], axis=1))
    steps = np.diff(gap[np.argsort(t)])
    variance = (steps**2).sum() / 2 / 11
    freedom = PRIOR_DRAWS + 11 * 2 / 3
    expected = stats.t.sf(gap.mean() / (variance / 12) ** 0.5, freedom)
    np.testing.assert_allclose(found.beats(0), [0, expected])


def test_what_a_label_owes_to_t_is_not_taken_for_noise() -> None:
    # Gaps that swing with t but not between neighbours: the mean over stratified t is sure, a t-test sees only spread.
    t = spread(20)
    rng = np.random.default_rng(4)
    gap = 0.2 + np.sin(2 * np.pi * t) + rng.normal(0, 0.05, 20)
    scores = np.stack([gap, np.zeros(20)], axis=1)
    assert stats.ttest_1samp(gap, 0).pvalue > 0.05
    assert believe(t, scores).beats(0)[1] < 0.01


def test_pairs_that_resemble_each_other_are_told_apart_sooner() -> None:
    # The first two labels share their noise, the others have their own; the gap is the same 0.8.
    rng = np.random.default_rng(5)
    shared = rng.normal(0, 1, (24, 1))
    noise = np.concatenate([shared, shared, rng.normal(0, 1, (24, 4))], axis=1) + rng.normal(0, 0.05, (24, 6))
    noise -= noise.mean(axis=0)
    chance = believe(spread(24), noise - [0, 0.8, 0.8, 0.8, 0.8, 0.8]).beats(0)
    assert chance[1] < chance[2:].min() / 3


def test_means_of_many_noisy_labels_are_shrunk_and_of_three_are_not() -> None:
    rng = np.random.default_rng(6)
    scores = rng.normal(0, 1, (4, 16))
    centred = scores.mean(axis=0) - scores.mean()
    # Pure noise: what is left of the spread is small.
    assert believe(spread(4), scores).mean.std() < 0.5 * centred.std()
    few = scores[:, :3]
    np.testing.assert_allclose(believe(spread(4), few).mean, few.mean(axis=0) - few.mean())


@pytest.mark.parametrize("nested", [False, True])
def test_the_two_stages_of_li_cost_what_they_cost(nested: bool) -> None:
    # 16 labels at 25 times, 5 at 250: with 25 of the 250 seen before, 400 + 5 · 225 = 1,525; else 400 + 5 · 250 = 1,650.
    policy = TwoStage(nested=nested)
    scores = -np.arange(16.0) + np.random.default_rng(7).normal(0, 0.1, (policy.max_draws, 16))
    assert raced(policy, scores) == (0, 1525 if nested else 1650, False)


def test_the_stages_are_evenly_spaced_and_nested_ones_share() -> None:
    first, second = np.split(TwoStage((5, 20)).times(0, "a", 0, 25), [5])
    np.testing.assert_allclose(first, [0.1, 0.3, 0.5, 0.7, 0.9])
    np.testing.assert_allclose(second, np.arange(0.025, 1, 0.05))
    assert not np.isclose(first[:, None], second).any()
    both = TwoStage((5, 20), nested=True).times(0, "a", 0, 20)
    np.testing.assert_allclose(np.sort(both), second)
    np.testing.assert_allclose(np.diff(both[:5]), 0.2)


def test_the_second_stage_decides_among_the_best_of_the_first() -> None:
    # The last label would be the best of all but is sixth in the first stage. Of the five, the third falls off least.
    first = np.tile(-np.arange(6.0), (25, 1))
    second = np.tile([-5.0, -5.0, -2.0, -6.0, -7.0, 9.0], (250, 1))
    assert raced(TwoStage(), np.concatenate([first, second]))[0] == 2


def test_what_leaves_together_has_half_the_error_rate_between_them() -> None:
    # Fifteen labels equally far behind: each alone could go, all of them could not.
    rng = np.random.default_rng(8)
    scores = rng.normal(0, 1, (6, 16)) - np.array([0.0] + [2.2] * 15)
    belief = believe(spread(6), scores)
    chance = belief.beats(0)
    delta = float(4 * chance.max())
    assert belief.mean.argmax() == 0 and chance.sum() > delta
    left = ~asked(SafeLeader(delta=delta), scores)
    assert chance[left].sum() <= delta / 2 < chance.sum()
    assert 0 < left.sum() < 15


def test_a_race_asks_the_draws_of_its_policy_in_turn() -> None:
    seen: dict[int, float] = {}

    def ask(questions: list[Question]) -> NDArray[np.float64]:
        seen.update({q.draw: q.t for q in questions})
        return np.zeros(len(questions))

    Race(FixedGrid(9), 3, snap=lambda t: t, weight=np.ones_like, log_snr=np.ones_like).run(["image"], 2, ask)
    np.testing.assert_allclose([seen[draw] for draw in range(9)], draw_times(3, "image", 0, 9))
