"""What all diffusion trainings share: the noise of a step and the loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.classifiers.generative.schedule import Prediction, Schedule, as_tensor, error_factor, target

# The v-error of a network that answers with x grows without bound as the noise vanishes; no step may own the loss.
_MOST = 25.0


@dataclass(frozen=True)
class Noised:
    """A batch under noise.

    Attributes:
        x_t: α_t x + σ_t ε.
        steps: (b,) the schedule's step of each row.
        wanted: what a perfect network would answer.
        weight: (b,) turns the mean squared error of the answer into that of the loss's space, at most 25.
    """

    x_t: Float[Tensor, "b c h w"]
    steps: Tensor
    wanted: Float[Tensor, "b c h w"]
    weight: Float[Tensor, "b"]

    def loss(self, answer: Float[Tensor, "b c h w"]) -> Tensor:
        """Return ‖v − v̂‖² (or of the space that was asked for) averaged over values and rows, whatever is predicted."""
        return ((answer - self.wanted).square().flatten(1).mean(dim=1) * self.weight).mean()


def add_noise(
    x: Float[Tensor, "b c h w"],
    schedule: Schedule,
    prediction: Prediction,
    rng: np.random.Generator,
    space: Prediction = "v",
) -> Noised:
    """Return the batch under noise, t stratified over the schedule: one row in each of b equal parts of [0, 1].

    The loss is the squared error of `space`: relative to that of v, x counts the least noise down and eps the most.
    """
    t = schedule.snap((np.arange(len(x)) + rng.random(len(x))) / len(x))
    eps = torch.from_numpy(rng.standard_normal(tuple(x.shape), dtype=np.float32))
    levels: tuple[NDArray[np.float64], NDArray[np.float64]] = schedule.alpha_sigma(t)
    alpha, sigma = (as_tensor(v, x) for v in levels)
    weight = np.minimum(error_factor(space, *levels) / error_factor(prediction, *levels), _MOST)
    return Noised(
        alpha * x + sigma * eps,
        torch.from_numpy(schedule.timesteps(t)).long(),
        target(prediction, x, eps, alpha, sigma),
        torch.from_numpy(weight).float(),
    )
