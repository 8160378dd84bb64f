"""What must not matter: the network's parametrisation, the order of images, their company, the size of a batch."""

from __future__ import annotations

import numpy as np
import pytest
from tests.exact import DIMENSIONS, ExactDenoiser, GaussianClasses

from reconstrue.classifiers.base import Scores
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.evidence import FixedGrid, PairedTTest, Policy
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


def test_schedules_agree_at_matched_noise_level() -> None:
    # t of another schedule with the same σ/α, α and σ scaled alike: x_t differs by a factor, the reconstruction does
    # not. So the x-error in closed form is the same function of the log-SNR.
    classes, x = problem()
    levels = np.linspace(-6, 6, 13)
    flow, preserving = FlowSchedule(), LogSnrSchedule(8, -8)
    errors = []
    for schedule in (flow, preserving):
        t = schedule.nearest_t(levels)
        np.testing.assert_allclose(np.log(schedule.snr(t)), levels, atol=0.02)
        errors.append(classes.expected_x_error(x, *schedule.alpha_sigma(t)))
    np.testing.assert_allclose(errors[0], errors[1], rtol=0.02)


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
