"""With an exact denoiser the diffusion classifier must tend to what theory says: Bayes' rule, or a named other rule."""

from __future__ import annotations

import numpy as np
import pytest
from tests.exact import DIMENSIONS, ExactDenoiser, GaussianClasses

from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest
from reconstrue.classifiers.generative.schedule import WEIGHTINGS, FlowSchedule, LogSnrSchedule, Schedule

NAMES = ("one", "two", "three", "four")


def problem(images: int = 32) -> tuple[GaussianClasses, np.ndarray, np.ndarray]:
    """Four overlapping classes that differ in mean and in scale (finest deviation 0.1), images drawn from them."""
    rng = np.random.default_rng(sum(map(ord, "bayes")))
    classes = GaussianClasses(
        NAMES,
        rng.normal(0, 0.1, (4, DIMENSIONS)),
        np.exp(rng.uniform(np.log(0.1**2), np.log(0.4**2), (4, DIMENSIONS))),
    )
    truth = rng.integers(4, size=images)
    x = classes.means[truth] + np.sqrt(classes.variances[truth]) * rng.standard_normal((images, DIMENSIONS))
    return classes, x.astype(np.float32).astype(np.float64), truth


def limit(classes: GaussianClasses, x: np.ndarray, schedule: Schedule, weighting: str) -> np.ndarray:
    """The infinite-budget log-evidence of a weighting in closed form: −∫ w(t) E‖x − x̂‖² dt, (n, k)."""
    t = (np.arange(2000) + 0.5) / 2000
    weight = WEIGHTINGS.get(weighting).on_x_error(schedule, t)
    return -(weight * classes.expected_x_error(x, *schedule.alpha_sigma(t))).mean(axis=2)


def scores(x: np.ndarray, classes: GaussianClasses, weighting: str, draws: int) -> np.ndarray:
    denoiser = ExactDenoiser(classes, x, LogSnrSchedule(16, -12), "eps")
    classifier = DiffusionClassifier(
        denoiser, name="exact", policy=FixedGrid(draws), weighting=WEIGHTINGS.get(weighting), batch_size=4096
    )
    return classifier.score(classes.stimuli(x), classes.names).log_evidence


def test_the_likelihood_weighting_in_closed_form_is_the_log_likelihood() -> None:
    # ½ ∫ −dSNR E‖x − x̂‖² dt = −log p(x) + const(x) (I-MMSE, pointwise), with log-SNR from −12 to 16: the finest
    # deviation is 0.1, so exp(16) · 0.01 ≫ 1 and exp(−12) · 0.16 ≪ 1.
    classes, x, _ = problem()
    found = limit(classes, x, LogSnrSchedule(16, -12), "likelihood")
    exact = classes.log_likelihood(x)
    np.testing.assert_allclose(found - found[:, :1], exact - exact[:, :1], atol=0.02)


def test_a_range_that_misses_the_finest_scale_is_not_bayes() -> None:
    classes, x, _ = problem()
    found = limit(classes, x, LogSnrSchedule(2, -12), "likelihood")
    exact = classes.log_likelihood(x)
    assert np.abs((found - found[:, :1]) - (exact - exact[:, :1])).max() > 1


def test_decisions_approach_bayes_rule_as_the_budget_grows() -> None:
    classes, x, _ = problem()
    bayes = classes.log_likelihood(x).argmax(axis=1)
    agreement = [(scores(x, classes, "likelihood", n).argmax(axis=1) == bayes).mean() for n in (1, 8, 128)]
    assert agreement[0] < agreement[2]
    assert agreement[2] >= 0.9


def test_the_log_likelihood_ratio_itself_is_estimated() -> None:
    classes, x, _ = problem(4)
    found = scores(x, classes, "likelihood", 2000)
    exact = classes.log_likelihood(x)
    # The estimate's deviation falls as 1/√draws and stratified t takes much of it: within 1.5 nats of up to 100.
    np.testing.assert_allclose(found - found[:, :1], exact - exact[:, :1], atol=1.5)


@pytest.mark.parametrize("weighting", ["paper", "uniform-x", "uniform-v"])
def test_the_other_weightings_tend_to_their_own_closed_form(weighting: str) -> None:
    classes, x, _ = problem(8)
    found = scores(x, classes, weighting, 600)
    wanted = limit(classes, x, LogSnrSchedule(16, -12), weighting)
    contrast, spread = found - found[:, :1], wanted - wanted[:, :1]
    assert np.abs(contrast - spread).max() < 0.06 * np.abs(spread).max()


def test_a_weighting_named_by_t_belongs_to_its_schedule() -> None:
    # Where log-SNR is linear in t, −dSNR/dt = SNR · const: uniform-eps *is* the likelihood, and Bayes' rule with it.
    classes, x, _ = problem(200)
    schedule = LogSnrSchedule(16, -12)
    likelihood, uniform = (limit(classes, x, schedule, name) for name in ("likelihood", "uniform-eps"))
    np.testing.assert_allclose(uniform * 14, likelihood, rtol=1e-9)  # ½ · (16 + 12) = 14


def test_the_other_weightings_are_other_rules_than_bayes(capsys: pytest.CaptureFixture[str]) -> None:
    classes, x, truth = problem(200)
    bayes = classes.log_likelihood(x).argmax(axis=1)
    schedule = FlowSchedule(margin=3e-4)
    decisions = {
        name: limit(classes, x, schedule, name).argmax(axis=1)
        for name in ("likelihood", "paper", "uniform-eps", "uniform-x", "uniform-v")
    }
    agreement = {name: float((found == bayes).mean()) for name, found in decisions.items()}
    with capsys.disabled():
        print("\n  agreement with Bayes' rule in the limit, flow schedule:", agreement)  # noqa: T201
    assert agreement["likelihood"] >= 0.99
    assert all(value < agreement["likelihood"] for name, value in agreement.items() if name != "likelihood")
    # On pictures drawn from these classes nothing beats Bayes' rule by more than luck (200 pictures: 3.5% a deviation).
    best = (bayes == truth).mean()
    assert all((found == truth).mean() <= best + 0.04 for found in decisions.values())


def test_racing_makes_the_same_decisions_for_fewer_evaluations() -> None:
    classes, x, _ = problem()
    stimuli = classes.stimuli(x)

    def run(policy: FixedGrid | PairedTTest) -> tuple[np.ndarray, int]:
        denoiser = ExactDenoiser(classes, x, LogSnrSchedule(8, -8), "v")
        classifier = DiffusionClassifier(
            denoiser, name="exact", policy=policy, weighting=WEIGHTINGS.get("paper"), batch_size=4096
        )
        found = classifier.score(stimuli, NAMES)
        assert denoiser.calls == found.evaluations.sum()
        return found.log_evidence.argmax(axis=1), int(found.evaluations.sum())

    grid, grid_cost = run(FixedGrid(200))
    raced, raced_cost = run(PairedTTest(max_draws=200))
    assert (grid == raced).mean() >= 0.9
    assert raced_cost < 0.6 * grid_cost


def test_flow_reaches_bayes_too() -> None:
    classes, x, _ = problem()
    denoiser = ExactDenoiser(classes, x, FlowSchedule(margin=3e-4), "flow")
    classifier = DiffusionClassifier(
        denoiser, name="exact", policy=FixedGrid(200), weighting=WEIGHTINGS.get("likelihood"), batch_size=4096
    )
    found = classifier.score(classes.stimuli(x), NAMES).log_evidence.argmax(axis=1)
    assert (found == classes.log_likelihood(x).argmax(axis=1)).mean() >= 0.9
