r"""What a diffusion model sees: an image noised to t and drawn again under each prompt (Figures 2 and 7 of the paper).

*One step* is the network's own guess x̂ of the clean image. *Several steps* follow the deterministic sampler of Song et al.
(2021, arXiv 2010.02502, Eq. 12 with η = 0) from the same x_t down to noise level 0:

.. math:: x_s = α_s \hat x + σ_s \hat ε, \qquad \hat ε = (x_t - α_t \hat x) / σ_t

x̂ is what the network's answer stands for, whatever it predicts, so this holds for ε, v, x and flow alike. Where
α = 1 − t and σ = t it is the Euler step x_s = x_t + (s − t) u of the flow; elsewhere it is the Euler step of the same
equation in x/α against σ/α (their Eq. 14). Where the model's own sampler clips x̂, so does this, and ε̂ is what is left, so
that x_t = α_t x̂ + σ_t ε̂ always holds. The levels are t·(N − i)/N for i = 0 … N − 1, and the last x̂ is the picture.

*Guidance* (Ho & Salimans 2022, arXiv 2207.12598, Eq. 6) answers with (1 + w) times what the prompt gives minus w times what
the empty prompt gives. As in most samplers g = 1 + w is what is chosen: 1 is none, 0 leaves the prompt out. Given x_t each
prediction is affine in the others, so it does not matter which of them is guided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.schedule import Array, Schedule, as_tensor, clean_estimate
from reconstrue.classifiers.pictures import to_square
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import NotANumberError
from reconstrue.stimuli.stimulus_set import Stimulus

# Steps of plain generation: the paper says none; 50 are the usual ones of this sampler.
GENERATION_STEPS = 50


@dataclass(frozen=True)
class Reconstruction:
    """One image under one noise and several prompts.

    Attributes:
        picture: (H, W, 3) in [0, 1], as the model sees it.
        noised: (H, W, 3) in [0, 1], x_t shown as a picture.
        reconstructions: (k, H, W, 3) in [0, 1], x̂ under each prompt.
        distances: (k,) ‖x − x̂‖² in the model's own space, summed.
        t: the noise time.
    """

    picture: NDArray[np.float32]
    noised: NDArray[np.float32]
    reconstructions: NDArray[np.float32]
    distances: NDArray[np.float64]
    t: float


@dataclass(frozen=True)
class Generation:
    """Pictures drawn from noise alone, one per prompt.

    Attributes:
        noise: (H, W, 3) in [0, 1], ε shown as a picture.
        pictures: (k, H, W, 3) in [0, 1].
    """

    noise: NDArray[np.float32]
    pictures: NDArray[np.float32]


@torch.inference_mode()
def reconstruct(
    denoiser: Denoiser,
    stimulus: Stimulus,
    prompts: Sequence[str],
    *,
    t: float,
    seed: int,
    draw: int = 0,
    steps: int = 1,
    guidance: float = 1.0,
    batch_size: int | None = None,
) -> Reconstruction:
    """Return x̂ for x_t = α_t x + σ_t ε under each prompt, all with the same ε.

    With one step and no guidance the distances are the errors that a `DiffusionClassifier` counts for this draw.

    Args:
        denoiser: the network.
        stimulus: the image; ε is a function of (seed, image id, draw).
        prompts: what the network is told, as it stands.
        t: noise time in [0, 1].
        seed: of ε.
        draw: number of the draw.
        steps: network evaluations on the way down, at most one per level that the schedule has.
        guidance: g = 1 + w; 1 is none.
        batch_size: rows per forward; None for all at once. With guidance a prompt is two rows.

    Raises:
        ValueError: t outside [0, 1], fewer than one step, no prompt, or a guidance that is negative or no number.
        NotANumberError: an answer that is not a number.
    """
    if not 0 <= t <= 1:
        raise ValueError(f"t must lie within [0, 1], got {t}")
    picture = to_square(stimulus.read(), denoiser.resolution, denoiser.interpolation)[None].to(denoiser.device)
    x = denoiser.encode(picture).float()
    eps = torch.from_numpy(draw_noise(seed, stimulus.image_id, draw, tuple(x.shape[1:])))[None].to(x.device)
    times = falling_times(denoiser.schedule, t, steps)
    alpha, sigma = (as_tensor(v, x) for v in denoiser.schedule.alpha_sigma(times[:1]))
    x_t = alpha * x + sigma * eps
    estimate = _drawn(denoiser, x_t, times, prompts, guidance, batch_size)
    return Reconstruction(
        picture=picture[0].permute(1, 2, 0).cpu().numpy(),
        noised=_pictures(denoiser, x_t)[0],
        reconstructions=_pictures(denoiser, estimate, batch_size),
        distances=(estimate - x).square().flatten(1).sum(dim=1).double().cpu().numpy(),
        t=float(times[0]),
    )


@torch.inference_mode()
def generate(
    denoiser: Denoiser,
    prompts: Sequence[str],
    *,
    seed: int,
    draw: int = 0,
    steps: int = GENERATION_STEPS,
    guidance: float = 1.0,
    batch_size: int | None = None,
) -> Generation:
    """Return what is drawn under each prompt from pure noise, x_1 = ε, the same ε for all (§3.2 of the paper).

    Raises ValueError and NotANumberError as `reconstruct` does.
    """
    # No picture has an empty name.
    eps = torch.from_numpy(draw_noise(seed, "", draw, denoiser.shape))[None].to(denoiser.device)
    times = falling_times(denoiser.schedule, 1.0, steps)
    estimate = _drawn(denoiser, eps, times, prompts, guidance, batch_size)
    return Generation(_pictures(denoiser, eps)[0], _pictures(denoiser, estimate, batch_size))


def falling_times(schedule: Schedule, t: float, steps: int) -> Array:
    """Return the noise times that are visited from t on: t·(N − i)/N as the schedule knows them, each once, falling.

    Raises:
        ValueError: fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    times = schedule.snap(t * np.arange(steps, 0, -1) / steps)
    return times[np.append(True, np.diff(times) < 0)]


def _drawn(
    denoiser: Denoiser,
    x_t: Float[Tensor, "1 c y x"],
    times: Array,
    prompts: Sequence[str],
    guidance: float,
    batch_size: int | None,
) -> Float[Tensor, "k c y x"]:
    """Return the last x̂ under each prompt, all from the same x_t at the first of the times."""
    if not prompts:
        raise ValueError("there is no prompt to draw under")
    if not (math.isfinite(guidance) and guidance >= 0):
        raise ValueError(f"guidance must be a number of at least 0, got {guidance}")
    guided = guidance != 1
    told = Conditioning.joined([denoiser.condition(list(prompts)), *([denoiser.unconditional()] if guided else [])])
    device = next(iter(told.tensors.values())).device
    most = len(prompts) if batch_size is None else max(1, batch_size // (2 if guided else 1))
    parts = []
    for begin in range(0, len(prompts), most):
        index = torch.arange(begin, min(begin + most, len(prompts)), device=device)
        # The empty prompt stands last.
        rows = torch.cat([index, torch.full_like(index, len(prompts))]) if guided else index
        parts.append(_descended(denoiser, x_t.expand(len(index), -1, -1, -1), times, told.rows(rows), guidance))
    return torch.cat(parts)


def _descended(
    denoiser: Denoiser, x_t: Float[Tensor, "b c y x"], times: Array, told: Conditioning, guidance: float
) -> Float[Tensor, "b c y x"]:
    """Return the last x̂ on the way down; with guidance `told` has a second row, of the empty prompt, for each of x_t."""
    levels = [[as_tensor(v, x_t) for v in denoiser.schedule.alpha_sigma(np.full(len(x_t), t))] for t in times]
    for place, t in enumerate(times):
        alpha, sigma = levels[place]
        x_hat = _clean(denoiser, x_t, float(t), told, guidance, alpha, sigma)
        if place + 1 < len(times):
            eps_hat = (x_t - alpha * x_hat) / sigma
            alpha_s, sigma_s = levels[place + 1]
            x_t = alpha_s * x_hat + sigma_s * eps_hat
    return x_hat


def _clean(
    denoiser: Denoiser,
    x_t: Float[Tensor, "b c y x"],
    t: float,
    told: Conditioning,
    guidance: float,
    alpha: Float[Tensor, "b *ones"],
    sigma: Float[Tensor, "b *ones"],
) -> Float[Tensor, "b c y x"]:
    """Return x̂ of one network evaluation, clipped where the model's own sampler clips."""
    guided = guidance != 1
    shown = torch.cat([x_t, x_t]) if guided else x_t
    answer = denoiser.predict(shown, denoiser.schedule.timesteps(np.full(len(shown), t)), told)
    if not torch.isfinite(answer).all():
        raise NotANumberError(f"the model's answer at t = {t:.3f} is not a number; try --dtype float32 or bfloat16")
    if guided:
        with_prompt, without = answer.chunk(2)
        answer = without + guidance * (with_prompt - without)
    x_hat = clean_estimate(denoiser.prediction, answer, x_t, alpha, sigma)
    limit = denoiser.x_limit
    return x_hat if limit is None else x_hat.clamp(-limit, limit)


def _pictures(denoiser: Denoiser, x: Float[Tensor, "b c y x"], batch_size: int | None = None) -> NDArray[np.float32]:
    """Return (b, H, W, 3) pictures in [0, 1]."""
    parts = [denoiser.decode(part).permute(0, 2, 3, 1).cpu().numpy() for part in torch.split(x, batch_size or len(x))]
    return np.asarray(np.concatenate(parts))
