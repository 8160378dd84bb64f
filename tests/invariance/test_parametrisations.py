"""What must not matter: the network's parametrisation, the order of images, their company, the size of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from tests.exact import DIMENSIONS, ExactDenoiser, GaussianClasses

from reconstrue.classifiers.base import Scores
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy
from reconstrue.classifiers.generative.schedule import (
    PREDICTIONS,
    WEIGHTINGS,
    DiscreteSchedule,
    FlowSchedule,
    LogSnrSchedule,
    Prediction,
    Schedule,
    Weighting,
)

NAMES = ("one", "two", "three")


def problem(images: int = 6) -> tuple[GaussianClasses, np.ndarray]:
    rng = np.random.default_rng(sum(map(ord, "invariance")))
    classes = GaussianClasses(NAMES, rng.normal(0, 0.3, (3, DIMENSIONS)), np.exp(rng.uniform(-3, -1, (3, DIMENSIONS))))
    return classes, rng.normal(0, 0.4, (images, DIMENSIONS)).astype(np.float32)


def run(
    schedule: Schedule,
    prediction: Prediction = "eps",
    *,
    weighting: Weighting | None = None,
    policy: Policy | None = None,
    batch_size: int = 4096,
    order: list[int] | None = None,
) -> Scores:
    classes, x = problem()
    classifier = DiffusionClassifier(
        ExactDenoiser(classes, x, schedule, prediction),
        name="exact",
        policy=policy or FixedGrid(40),
        weighting=weighting or WEIGHTINGS.get("paper"),
        batch_size=batch_size,
    )
    stimuli = classes.stimuli(x)
    return classifier.score([stimuli[i] for i in order or range(len(stimuli))], NAMES)


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize(
    "schedule",
    [LogSnrSchedule(8, -8), FlowSchedule(), DiscreteSchedule(np.cumprod(1 - np.linspace(1e-4, 0.02, 1000)))],
    ids=["log-snr", "flow", "discrete"],
)
def test_the_prediction_does_not_matter(schedule: Schedule, prediction: Prediction) -> None:
    # One exact denoiser, asked for ε, x, v or the flow: the same x-errors of the same draws, so the same scores.
    found, wanted = run(schedule, prediction), run(schedule, "x")
    for one, other in zip(found.evidence, wanted.evidence, strict=True):
        np.testing.assert_allclose(one.error, other.error, rtol=2e-3, atol=1e-5)
    assert found.decisions() == wanted.decisions()


PRESERVING = LogSnrSchedule(8, -8)
LINEAR = DiscreteSchedule(np.cumprod(1 - np.linspace(1e-4, 0.02, 1000)))
VIEWS: dict[str, tuple[Prediction, Schedule]] = {
    "eps": ("eps", PRESERVING),
    "v": ("v", PRESERVING),
    "flow": ("flow", FlowSchedule()),
    "eps-discrete": ("eps", LINEAR),
    "v-discrete": ("v", LINEAR),
}


def carried_over(name: str) -> Weighting:
    """A weighting w(t) of `PRESERVING`, carried over to other schedules by its weight per unit of log-SNR.

    ∫ w(t) e dt = ∫ g(λ) e dλ with g(λ) = w(t(λ)) / |dλ/dt|, and on another schedule, whose t is drawn uniformly too,
    = ∫ g(λ(t)) |dλ/dt| e dt. On `PRESERVING` itself |dλ/dt| = 16 cancels, and it is the weighting it was made from.
    """

    def weight(schedule: Schedule, t: np.ndarray) -> np.ndarray:
        log_snr = np.log(schedule.snr(t))
        own = (8 - log_snr) / 16  # λ = 8 − 16 t
        w = WEIGHTINGS.get(name).on_x_error(PRESERVING, own)
        return np.where(np.abs(log_snr) <= 8, w / 16 * -schedule.log_snr_slope(t), 0.0)

    return Weighting(f"{name} per log-SNR", "x", weight)


@dataclass(frozen=True)
class Visited(Schedule):
    """`own` at the noise levels of `PRESERVING`: draw t becomes the t of `own` with the same σ/α."""

    own: Schedule

    def snap(self, t: np.ndarray) -> np.ndarray:
        if isinstance(self.own, LogSnrSchedule):
            return self.own.snap(t)
        log_snr = 8 - 16 * np.asarray(t)
        # (1 − t)² / t² = SNR; a table has its nearest step.
        return 1 / (1 + np.exp(log_snr / 2)) if isinstance(self.own, FlowSchedule) else self.own.nearest_t(log_snr)

    def timesteps(self, t: np.ndarray) -> np.ndarray:
        return t

    def alpha_sigma(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.own.alpha_sigma(t)

    def log_snr_slope(self, t: np.ndarray) -> np.ndarray:
        return self.own.log_snr_slope(t)


@pytest.mark.parametrize("view", VIEWS)
def test_errors_agree_draw_by_draw_at_matched_noise_level(view: str) -> None:
    # The same σ/α: x_t = α x + σ ε differs by a factor only, so the exact x̂ is the same, whatever the network's words.
    prediction, own = VIEWS[view]
    found, wanted = run(Visited(own), prediction), run(PRESERVING, "eps")
    for one, other in zip(found.evidence, wanted.evidence, strict=True):
        exact = not isinstance(own, DiscreteSchedule)
        # Where there is least noise, a table of 1000 steps has no step near the wanted level.
        near = np.abs(one.log_snr - other.log_snr) < (1e-6 if exact else 0.01)
        assert near.all() if exact else near.sum() > 20
        np.testing.assert_allclose(one.error[near], other.error[near], rtol=2e-3 if exact else 0.03, atol=1e-5)


@cache
def drawn(view: str) -> Scores:
    """A fixed grid of draws of a view, which any weighting can be asked of afterwards."""
    prediction, schedule = VIEWS[view]
    return run(schedule, prediction, policy=FixedGrid(200))


def evidence(view: str, weighting: Weighting) -> np.ndarray:
    """(images, labels) log-evidence under a weighting, up to what all labels share."""
    schedule = VIEWS[view][1]
    found = np.stack([e.reweighted(weighting.on_x_error(schedule, e.t)).log_evidence() for e in drawn(view).evidence])
    return found - found.mean(axis=1, keepdims=True)


@pytest.mark.parametrize("name", ["paper", "uniform-eps", "uniform-v", "likelihood"])
@pytest.mark.parametrize("view", VIEWS)
def test_decisions_agree_with_the_weighting_carried_over_in_log_snr(view: str, name: str) -> None:
    found, wanted = evidence(view, carried_over(name)), evidence("eps", WEIGHTINGS.get(name))
    np.testing.assert_array_equal(found.argmax(axis=1), wanted.argmax(axis=1))
    # The draws fall on other noise levels, so the means differ by their spread.
    assert apart(found, wanted) < 0.35


def test_a_weighting_named_by_t_belongs_to_its_schedule() -> None:
    # exp(−7t) means other noise levels on a flow schedule: not carried over, it is another classifier.
    paper = WEIGHTINGS.get("paper")
    assert apart(evidence("flow", paper), evidence("eps", paper)) > 0.5


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference of evidence, as a share of the largest evidence."""
    return float(np.abs(one - other).max() / np.abs(other).max())


def test_snr_on_x_is_uniform_on_eps() -> None:
    t = np.linspace(0.01, 0.99, 50)
    for schedule in (LogSnrSchedule(), FlowSchedule()):
        snr, uniform = (WEIGHTINGS.get(name).on_x_error(schedule, t) for name in ("snr", "uniform-eps"))
        np.testing.assert_allclose(snr, uniform)


@pytest.mark.parametrize("policy", [FixedGrid(30), PairedTTest(min_draws=5, max_draws=60)], ids=["grid", "race"])
def test_order_company_and_batch_size_do_not_matter(policy: Policy) -> None:
    whole = run(LogSnrSchedule(8, -8), policy=policy)
    reverse = run(LogSnrSchedule(8, -8), policy=policy, order=[5, 4, 3, 2, 1, 0])
    alone = run(LogSnrSchedule(8, -8), policy=policy, order=[3])
    small = run(LogSnrSchedule(8, -8), policy=policy, batch_size=5)
    np.testing.assert_array_equal(reverse.log_evidence[::-1], whole.log_evidence)
    np.testing.assert_array_equal(alone.log_evidence[0], whole.log_evidence[3])
    np.testing.assert_array_equal(small.log_evidence, whole.log_evidence)
    np.testing.assert_array_equal(small.evaluations, whole.evaluations)


def test_the_seed_does_matter() -> None:
    classes, x = problem()

    def score(seed: int) -> np.ndarray:
        return (
            DiffusionClassifier(
                ExactDenoiser(classes, x, LogSnrSchedule(8, -8), "eps"),
                name="exact",
                policy=FixedGrid(4),
                weighting=WEIGHTINGS.get("paper"),
                seed=seed,
            )
            .score(classes.stimuli(x), NAMES)
            .log_evidence
        )

    assert not np.allclose(score(0), score(1))
    np.testing.assert_array_equal(score(1), score(1))
