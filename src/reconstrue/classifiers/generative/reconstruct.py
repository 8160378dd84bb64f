"""What a diffusion model sees: one-step reconstructions x̂ of an image under each prompt (Figure 2 of the paper)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.schedule import as_tensor, clean_estimate
from reconstrue.classifiers.pictures import to_square
from reconstrue.stimuli.stimulus_set import Stimulus


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


@torch.inference_mode()
def reconstruct(
    denoiser: Denoiser, stimulus: Stimulus, prompts: Sequence[str], *, t: float, seed: int, draw: int = 0
) -> Reconstruction:
    """Return x̂ for x_t = α_t x + σ_t ε under each prompt, all with the same ε; no guidance.

    Raises:
        ValueError: t outside [0, 1].
    """
    if not 0 <= t <= 1:
        raise ValueError(f"t must lie within [0, 1], got {t}")
    picture = to_square(stimulus.read(), denoiser.resolution)[None].to(denoiser.device)
    x = denoiser.encode(picture)
    eps = torch.from_numpy(draw_noise(seed, stimulus.image_id, draw, tuple(x.shape[1:])))[None].to(x.device)
    times = denoiser.schedule.snap(np.full(len(prompts), t))
    alpha, sigma = (as_tensor(v, x) for v in denoiser.schedule.alpha_sigma(times))
    x_t = alpha * x + sigma * eps
    answer = denoiser.predict(x_t, denoiser.schedule.timesteps(times), denoiser.condition(prompts))
    estimate = clean_estimate(denoiser.prediction, answer, x_t, alpha, sigma)

    def pictures(values: torch.Tensor) -> NDArray[np.float32]:
        return np.asarray(denoiser.decode(values).permute(0, 2, 3, 1).cpu().numpy())

    return Reconstruction(
        picture=picture[0].permute(1, 2, 0).cpu().numpy(),
        noised=pictures(x_t[:1])[0],
        reconstructions=pictures(estimate),
        distances=(estimate - x).square().flatten(1).sum(dim=1).double().cpu().numpy(),
        t=float(times[0]),
    )
