"""Reconstructions against what is known: the exact flow of a Gaussian, the classifier's errors, diffusers' sampler."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from tests import tiny
from tests.exact import DIMENSIONS, SIDE, ExactDenoiser, GaussianClasses
from tests.tiny_masked import TableModel, bits

from reconstrue.classifiers.adapters.diffusers.loading import load_denoiser
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.masked import MaskedReconstruction, reconstruct_masked
from reconstrue.classifiers.generative.policies import FixedGrid
from reconstrue.classifiers.generative.reconstruct import Reconstruction, falling_times, generate, reconstruct
from reconstrue.classifiers.generative.schedule import (
    PREDICTIONS,
    WEIGHTINGS,
    DiscreteSchedule,
    FlowSchedule,
    LogSnrSchedule,
    Prediction,
    Schedule,
)
from reconstrue.classifiers.prompts import prompt
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError

NAMES = ("one", "two", "three")
PROMPTS = [prompt(name) for name in NAMES]
SCHEDULES: dict[str, Schedule] = {
    "log-snr": LogSnrSchedule(12, -8),
    "flow": FlowSchedule(),
    "discrete": DiscreteSchedule(np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))),
}
T = 0.8


class Exact(ExactDenoiser):
    """An exact denoiser whose empty prompt is its first class."""

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        return super().condition([text or PROMPTS[0] for text in prompts])


def problem() -> tuple[GaussianClasses, np.ndarray]:
    rng = np.random.default_rng(5)
    classes = GaussianClasses(NAMES, rng.normal(0, 0.4, (3, DIMENSIONS)), np.exp(rng.uniform(-3, 0, (3, DIMENSIONS))))
    return classes, rng.normal(0, 0.5, (2, DIMENSIONS)).astype(np.float32)


def exact(schedule: Schedule, prediction: Prediction = "eps") -> Exact:
    return Exact(*problem(), schedule, prediction)


def seen(denoiser: Exact, *, t: float = T, steps: int = 1, guidance: float = 1.0, draw: int = 0) -> Reconstruction:
    stimulus = denoiser.classes.stimuli(problem()[1])[1]
    return reconstruct(denoiser, stimulus, PROMPTS, t=t, seed=4, draw=draw, steps=steps, guidance=guidance)


def flat(pictures: np.ndarray) -> np.ndarray:
    """(…, H, W, 3) as rows in the order of the classes' means."""
    return np.moveaxis(pictures, -1, -3).reshape(*pictures.shape[:-3], DIMENSIONS)


@pytest.mark.parametrize("limit", [None, 0.2])
def test_one_step_has_the_distances_that_the_classifier_counts(limit: float | None) -> None:
    denoiser = exact(SCHEDULES["flow"], "v")
    denoiser.x_limit = limit
    if limit is not None:
        denoiser._x.clamp_(-limit, limit)  # as pictures lie within what is clipped to
    stimulus = denoiser.classes.stimuli(problem()[1])[1]
    classifier = DiffusionClassifier(
        denoiser, name="exact", policy=FixedGrid(5), weighting=WEIGHTINGS.get("paper"), seed=4
    )
    (evidence,) = classifier.score([stimulus], NAMES).evidence
    for draw, (t, errors) in enumerate(zip(evidence.t, evidence.error, strict=True)):
        np.testing.assert_allclose(seen(denoiser, t=t, draw=draw).distances, errors, rtol=1e-3)


@pytest.mark.parametrize("name", SCHEDULES)
def test_steps_converge_to_the_exact_flow(name: str) -> None:
    # Of a Gaussian N(m, v) the flow keeps each pixel's place in its own marginal N(α m, α² v + σ²):
    # x_0 = m + √v (x_t − α m) / √(α² v + σ²).
    schedule, (classes, _) = SCHEDULES[name], problem()
    denoiser = exact(schedule)
    alpha, sigma = (float(value[0]) for value in schedule.alpha_sigma(schedule.snap(np.array([T]))))
    errors = []
    for steps in (1, 4, 16, 64, 256):
        found = seen(denoiser, steps=steps)
        x_t = flat(found.noised)
        spread = np.sqrt(alpha**2 * classes.variances + sigma**2)
        wanted = classes.means + np.sqrt(classes.variances) * (x_t - alpha * classes.means) / spread
        errors.append(float(np.abs(flat(found.reconstructions) - wanted).max()))
        np.testing.assert_allclose(found.noised, seen(denoiser).noised)
    assert all(later < earlier for earlier, later in pairwise(errors))
    # A method of first order: four times the steps, about a quarter of the error.
    assert errors[-1] < 0.4 * errors[-2] < 0.4 * 0.4 * errors[-3]
    assert errors[-1] < 0.02


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_what_the_network_predicts_does_not_matter(name: str, prediction: Prediction, guidance: float) -> None:
    found, wanted = (
        seen(exact(SCHEDULES[name], which), steps=7, guidance=guidance) for which in (prediction, "x")
    )  # fmt: skip
    np.testing.assert_allclose(found.reconstructions, wanted.reconstructions, atol=2e-4)
    np.testing.assert_allclose(found.distances, wanted.distances, rtol=1e-3)


def test_one_step_is_the_same_on_any_schedule_at_matched_noise_level() -> None:
    # 1 − t over t of the flow is α / σ at log-SNR 12 − 20 · 0.8 = −4: t = 1 / (1 + e^−2).
    found = seen(exact(SCHEDULES["flow"], "flow"), t=1 / (1 + np.exp(-2)))
    wanted = seen(exact(SCHEDULES["log-snr"], "v"), t=0.8)
    np.testing.assert_allclose(found.reconstructions, wanted.reconstructions, atol=1e-4)


def test_on_a_flow_schedule_a_step_is_eulers() -> None:
    denoiser = exact(SCHEDULES["flow"], "flow")
    x = torch.from_numpy(np.moveaxis(seen(denoiser).noised, -1, 0)[None])
    told = denoiser.condition(PROMPTS[2:])
    for t in (0.8, 0.6, 0.4, 0.2):
        # x_s = x_t + (s − t) u, from 0.8 to 0.
        x = x - 0.2 * denoiser.predict(x, np.array([1000 * t]), told)
    found = seen(denoiser, steps=4).reconstructions[2]
    np.testing.assert_allclose(found, np.moveaxis(x[0].numpy(), 0, -1), atol=1e-5)


def test_guidance_of_one_is_none_and_more_leads_away_from_the_empty_prompt() -> None:
    denoiser = exact(SCHEDULES["log-snr"])
    plain = seen(denoiser)
    calls, denoiser.calls = denoiser.calls, 0
    np.testing.assert_array_equal(seen(denoiser, guidance=1).reconstructions, plain.reconstructions)
    assert denoiser.calls == calls == 3
    # Of one step: x̂ = x̂_∅ + g (x̂_k − x̂_∅), where the empty prompt stands for the first class.
    found = seen(denoiser, guidance=3)
    empty = plain.reconstructions[0]
    np.testing.assert_allclose(found.reconstructions, empty + 3 * (plain.reconstructions - empty), atol=1e-4)
    np.testing.assert_allclose(seen(denoiser, guidance=0).reconstructions, np.stack([empty] * 3), atol=1e-5)
    assert denoiser.calls == 3 + 6 + 6


def test_clipping_holds_at_every_step() -> None:
    denoiser = exact(SCHEDULES["log-snr"])
    denoiser.x_limit = 0.3
    found = seen(denoiser, steps=3, guidance=4)
    assert np.abs(found.reconstructions).max() <= np.float32(0.3)
    unclipped = seen(exact(SCHEDULES["log-snr"]), steps=3, guidance=4).reconstructions
    assert not np.allclose(found.reconstructions, np.clip(unclipped, -0.3, 0.3))


def test_the_batch_does_not_matter() -> None:
    denoiser = exact(SCHEDULES["flow"])
    stimulus = denoiser.classes.stimuli(problem()[1])[1]
    for guidance in (1.0, 2.0):
        wanted = seen(denoiser, steps=3, guidance=guidance)
        for batch_size in (1, 2):
            found = reconstruct(
                denoiser, stimulus, PROMPTS, t=T, seed=4, steps=3, guidance=guidance, batch_size=batch_size
            )
            np.testing.assert_array_equal(found.reconstructions, wanted.reconstructions)
            np.testing.assert_array_equal(found.distances, wanted.distances)


def test_levels_fall_from_t_and_none_is_visited_twice() -> None:
    # Step n of four is t = (n + 1) / 4: of 0.9 · (5, 4, 3, 2, 1) / 5 the table knows 1, ¾, ¾, ½ and ¼.
    four = DiscreteSchedule(np.array([0.9, 0.6, 0.3, 0.1]))
    np.testing.assert_allclose(falling_times(four, 0.9, 5), [1, 0.75, 0.5, 0.25])
    np.testing.assert_allclose(falling_times(FlowSchedule(), 0.6, 3), [0.6, 0.4, 0.2])
    np.testing.assert_allclose(falling_times(FlowSchedule(), 0.0, 3), [0.001])
    denoiser = exact(four)
    seen(denoiser, t=1, steps=50)
    assert denoiser.calls == 4 * 3


def test_plain_generation_starts_from_the_noise_itself() -> None:
    denoiser = exact(SCHEDULES["log-snr"])
    made = generate(denoiser, PROMPTS, seed=4, steps=30)
    noise = draw_noise(4, "", 0, (3, SIDE, SIDE))
    np.testing.assert_array_equal(made.noise, np.moveaxis(noise, 0, -1))
    # From almost pure noise the exact flow leads to m + √v ε.
    classes = denoiser.classes
    wanted = classes.means + np.sqrt(classes.variances) * noise.reshape(-1)
    np.testing.assert_allclose(flat(made.pictures), wanted, atol=0.15)
    assert not np.array_equal(generate(denoiser, PROMPTS, seed=5, steps=3).noise, made.noise)


def test_what_makes_no_sense_is_refused() -> None:
    denoiser = exact(SCHEDULES["flow"])
    for wrong, match in (({"t": 1.2}, "within"), ({"steps": 0}, "steps"), ({"guidance": -1.0}, "guidance")):
        with pytest.raises(ValueError, match=match):
            seen(denoiser, **wrong)
    with pytest.raises(ValueError, match="no prompt"):
        generate(denoiser, [], seed=0)
    denoiser._means[1] = torch.nan
    with pytest.raises(UserError, match=r"answer at t = 0\.800 is not a number; try --dtype"):
        seen(denoiser)


def saved(kind: str, folder: Path) -> Denoiser:
    if kind == "pixels":
        tiny.save_deepfloyd(folder)
    else:
        tiny.save_stable_diffusion(folder, kind)
    return load_denoiser(str(folder), revision=None, dtype=torch.float32, device=torch.device("cpu"))


@pytest.mark.parametrize(("kind", "guidance"), [("epsilon", 1.0), ("v_prediction", 3.0), ("pixels", 2.0)])
@torch.inference_mode()
def test_the_trajectory_is_that_of_the_sampler_of_diffusers(kind: str, guidance: float, tmp_path: Path) -> None:
    denoiser = saved(kind, tmp_path)
    prompts = ["a duck", "a rabbit"]
    pipeline = denoiser.pipeline
    scheduler = DDIMScheduler.from_config(
        {**pipeline.scheduler.config, "variance_type": None},
        timestep_spacing="trailing",
        set_alpha_to_one=True,
        clip_sample=kind == "pixels",
    )
    scheduler.set_timesteps(10)
    told = denoiser.condition([*prompts, "", ""])
    x = torch.from_numpy(draw_noise(1, "", 0, denoiser.shape))[None].expand(2, -1, -1, -1)
    assert scheduler.timesteps.tolist() == list(range(999, 0, -100))
    for step in scheduler.timesteps:
        answer = denoiser.predict(torch.cat([x, x]), np.full(4, float(step)), told)
        asked, empty = answer.chunk(2)
        guided = empty + guidance * (asked - empty)
        x = scheduler.step(guided, step, x, eta=0.0, use_clipped_model_output=True).prev_sample
    wanted = denoiser.decode(x).permute(0, 2, 3, 1).numpy()
    made = generate(denoiser, prompts, seed=1, steps=10, guidance=guidance)
    np.testing.assert_allclose(made.pictures, wanted, atol=2e-4)
    assert np.abs(made.pictures[0] - made.pictures[1]).max() > 1e-3


def filled(batch_size: int | None = None) -> MaskedReconstruction:
    rng = np.random.default_rng(2)
    model = TableModel(NAMES, rng.dirichlet(np.full(16, 0.7), size=3).reshape(3, 2, 2, 2, 2))
    return reconstruct_masked(
        model, bits((0, 1, 1, 0)), NAMES, hidden_share=0.6, steps=2, seed=3, batch_size=batch_size
    )


def test_a_masked_picture_is_a_grey_chequer_where_it_is_hidden() -> None:
    found = filled()
    # 0.6 of 4 tokens is the nearest whole number, 2.
    assert found.hidden_share == 0.5
    np.testing.assert_array_equal(found.decoded, found.picture)
    hidden = found.ids[0] < 0
    # Black and white pictures hold no grey.
    assert set(np.unique(found.masked[:, hidden]).round(2)) == {np.float32(0.62), np.float32(0.82)}
    np.testing.assert_array_equal(found.masked[:, ~hidden], found.picture[:, ~hidden])


def test_masked_pictures_do_not_depend_on_the_batch() -> None:
    np.testing.assert_array_equal(filled(1).reconstructions, filled().reconstructions)
    np.testing.assert_array_equal(filled(2).distances, filled().distances)
