"""Evidence by octaves: the octaves make up the whole error, and a difference is found in the octave where it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from tests.exact import DIMENSIONS, ExactDenoiser, GaussianClasses
from torch import Tensor

from reconstrue.classifiers.generative.bands import BandErrors, band_errors, energy_by_band
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.policies import FixedGrid
from reconstrue.classifiers.generative.reconstruct import reconstruct
from reconstrue.classifiers.generative.schedule import (
    PREDICTIONS,
    WEIGHTINGS,
    FlowSchedule,
    LogSnrSchedule,
    Prediction,
    Schedule,
    as_tensor,
    target,
)
from reconstrue.classifiers.prompts import prompt
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import NotANumberError, UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.distortions.band_noise import octave_centres, octave_noise, octave_of
from reconstrue.stimuli.stimulus_set import Stimulus

LABELS = ("cat", "dog", "oven")
SIDE = 16


class Wrong(Denoiser):
    """Rebuilds every picture but for what it adds for each label: `added` (k, 3, SIDE, SIDE)."""

    def __init__(
        self,
        added: np.ndarray,
        *,
        prediction: Prediction = "v",
        schedule: Schedule | None = None,
        limit: float | None = None,
    ) -> None:
        self.schedule = schedule or LogSnrSchedule(6, -6)
        self.prediction = prediction
        self.resolution = SIDE
        self.shape = (3, SIDE, SIDE)
        self.x_limit = limit
        self.device = torch.device("cpu")
        self.added = torch.as_tensor(added, dtype=torch.float32)
        self.x: Tensor | None = None

    def encode(self, pictures: Tensor) -> Tensor:
        self.x = 2 * pictures - 1
        return self.x

    def decode(self, x: Tensor) -> Tensor:
        return (x + 1) / 2

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        known = [prompt(label, template) for label in LABELS for template in ("A bad photo of a {label}.", "{label}")]
        return Conditioning({"place": torch.tensor([known.index(p) for p in prompts])})

    def predict(self, x_t: Tensor, timesteps: np.ndarray, conditioning: Conditioning) -> Tensor:
        t = np.asarray(timesteps) / getattr(self.schedule, "steps", 1)
        alpha, sigma = (as_tensor(v, x_t) for v in self.schedule.alpha_sigma(t))
        assert self.x is not None
        x_hat = self.x + self.added[conditioning.tensors["place"] // 2]
        return target(self.prediction, x_hat, (x_t - alpha * x_hat) / sigma, alpha, sigma)


def stimuli(n: int = 2) -> list[Stimulus]:
    def picture(i: int) -> np.ndarray:
        return stream(0, "picture", i).integers(64, 192, (SIDE, SIDE, 3), dtype=np.uint8)

    return [Stimulus(f"i{i}", f"i{i}", "cat", NO_CONDITION, "", lambda i=i: picture(i)) for i in range(n)]


def octave(centre: float, sd: float, seed: int = 0) -> np.ndarray:
    return np.stack([octave_noise(SIDE, SIDE, centre, sd, stream(seed, "added", c)) for c in range(3)])


def errors(denoiser: Denoiser, **more: object) -> BandErrors:
    asked = {"t": (0.3, 0.6), "draws": 2, "seed": 0, **more}
    return band_errors(denoiser, stimuli(), LABELS, **asked)


@pytest.mark.parametrize("side", [1, 7, 8, 16, 27])
def test_octaves_sum_to_the_whole(side: int) -> None:
    values = torch.from_numpy(stream(0, "values", side).standard_normal((4, 3, side, side)).astype(np.float32))
    found = energy_by_band(values, octave_of(side, side))
    assert found.shape == (4, len(octave_centres(side, side)))
    np.testing.assert_allclose(found.sum(axis=1), values.double().square().flatten(1).sum(dim=1), rtol=1e-12)
    # The mean alone: side² · mean² per channel.
    np.testing.assert_allclose(
        found[:, 0], (side**2 * values.double().mean(dim=(2, 3)) ** 2).sum(dim=1), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("schedule", [LogSnrSchedule(6, -6), FlowSchedule()], ids=["log-snr", "flow"])
def test_a_difference_in_one_octave_is_found_there_and_nowhere_else(prediction: Prediction, schedule: Schedule) -> None:
    # All labels err alike around 2 cycles; around 4 cycles the cat is a little better than the dog.
    common = octave(2.0, 0.2)
    added = np.stack([common + octave(4.0, sd) for sd in (0.1, 0.2, 0.3)])
    found = errors(Wrong(added, prediction=prediction, schedule=schedule))
    assert found.centres.tolist() == [0, 1, 2, 4, 8]
    # ‖added‖² in an octave is 3 · 16² · sd².
    np.testing.assert_allclose(found.error[..., 2, :], 768 * 0.04, rtol=1e-3)
    np.testing.assert_allclose(found.error[..., 3, :], np.broadcast_to([7.68, 30.72, 69.12], (2, 2, 3)), rtol=1e-3)
    np.testing.assert_allclose(found.error[..., [0, 1, 4], :], 0, atol=1e-3)


def test_the_whole_error_is_that_of_the_classifier_and_of_the_reconstruction() -> None:
    denoiser = Wrong(np.stack([octave(2.0, 0.2), octave(4.0, 0.3), octave(8.0, 0.1)]))
    picture = stimuli(1)
    found = band_errors(denoiser, picture, LABELS, t=(0.4,), draws=1, seed=5)
    shown = reconstruct(denoiser, picture[0], [prompt(label) for label in LABELS], t=0.4, seed=5)
    np.testing.assert_allclose(found.error[0, 0].sum(axis=0), shown.distances, rtol=1e-4)
    classifier = DiffusionClassifier(
        denoiser, name="wrong", policy=FixedGrid(1), weighting=WEIGHTINGS.get("uniform-x"), seed=5
    )
    evidence = classifier.score(picture, LABELS).evidence[0]
    at = band_errors(denoiser, picture, LABELS, t=evidence.t.tolist(), draws=1, seed=5)
    np.testing.assert_allclose(at.error[0, 0].sum(axis=0), evidence.error[0], rtol=1e-4)
    np.testing.assert_allclose(at.log_snr, evidence.log_snr)


def test_noise_is_that_of_the_classifiers_draws() -> None:
    # An exact denoiser errs by what the noise hides, so that each draw has an error of its own.
    rng = np.random.default_rng(4)
    classes = GaussianClasses(LABELS, rng.normal(0, 0.3, (3, DIMENSIONS)), np.exp(rng.uniform(-3, -1, (3, DIMENSIONS))))
    x = rng.normal(0, 0.4, (1, DIMENSIONS)).astype(np.float32)
    denoiser, picture = ExactDenoiser(classes, x, LogSnrSchedule(8, -8), "eps"), classes.stimuli(x)
    shown = [
        reconstruct(denoiser, picture[0], [prompt(label) for label in LABELS], t=0.5, seed=3, draw=draw).distances
        for draw in range(2)
    ]
    found = band_errors(denoiser, picture, LABELS, t=(0.5,), draws=2, seed=3)
    assert found.centres.tolist() == [0, 1]
    np.testing.assert_allclose(found.error[0, 0].sum(axis=0), np.mean(shown, axis=0), rtol=1e-4)
    assert not np.allclose(shown[0], shown[1], rtol=0.01)


def test_clipping_is_that_of_the_models_sampler() -> None:
    # Pictures lie within ±0.51; everything beyond ±0.6 is cut off, so what is added costs less.
    added = np.stack([octave(4.0, sd) for sd in (0.5, 1.0, 2.0)])
    free, clipped = (errors(Wrong(added, limit=limit)) for limit in (None, 0.6))
    assert (clipped.error.sum(axis=2) < 0.8 * free.error.sum(axis=2)).all()
    denoiser = Wrong(added, limit=0.6)
    shown = reconstruct(denoiser, stimuli(1)[0], [prompt(label) for label in LABELS], t=0.3, seed=0)
    np.testing.assert_allclose(clipped.error[0, 0].sum(axis=0), shown.distances, rtol=1e-4)


def test_it_does_not_depend_on_batches_or_company() -> None:
    added = np.stack([octave(2.0, sd, i) for i, sd in enumerate((0.1, 0.2, 0.3))])
    whole, small = (errors(Wrong(added), batch_size=size) for size in (64, 5))
    np.testing.assert_allclose(whole.error, small.error, rtol=1e-6, atol=1e-9)
    alone = band_errors(Wrong(added), stimuli()[1:], LABELS, t=(0.6,), draws=2, seed=0)
    np.testing.assert_allclose(alone.error[0, 0], whole.error[1, 1], rtol=1e-6, atol=1e-9)


def test_several_prompts_of_a_label_are_averaged() -> None:
    class ByPrompt(Wrong):
        def predict(self, x_t: Tensor, timesteps: np.ndarray, conditioning: Conditioning) -> Tensor:
            # The second prompt of each label errs twice as much.
            twice = 1 + (conditioning.tensors["place"] % 2).reshape(-1, 1, 1, 1)
            alpha, sigma = (as_tensor(v, x_t) for v in self.schedule.alpha_sigma(np.asarray(timesteps)))
            assert self.x is not None
            x_hat = self.x + twice * self.added[conditioning.tensors["place"] // 2]
            return target(self.prediction, x_hat, (x_t - alpha * x_hat) / sigma, alpha, sigma)

    added = np.stack([octave(4.0, sd) for sd in (0.1, 0.2, 0.3)])
    one = errors(Wrong(added))
    both = errors(ByPrompt(added), templates=("A bad photo of a {label}.", "{label}"))
    # (1² + 2²) / 2
    np.testing.assert_allclose(both.error[..., 3, :], 2.5 * one.error[..., 3, :], rtol=1e-3)


def test_what_cannot_be_asked_is_refused() -> None:
    denoiser = Wrong(np.zeros((3, 3, SIDE, SIDE)))
    for more, pattern in (({"t": ()}, "within"), ({"t": (1.2,)}, "within"), ({"draws": 0}, "a draw")):
        with pytest.raises(ValueError, match=pattern):
            errors(denoiser, **more)
    with pytest.raises(UserError, match="at least two labels"):
        band_errors(denoiser, stimuli(), ("cat",), t=(0.5,), draws=1, seed=0)
    broken = Wrong(np.full((3, 3, SIDE, SIDE), np.nan))
    with pytest.raises(NotANumberError, match="i0 is not a number"):
        errors(broken, name="broken")
