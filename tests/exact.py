"""Exact denoisers of Gaussian classes: what a perfect network would answer, in any parametrisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.schedule import Prediction, Schedule, as_tensor, target
from reconstrue.classifiers.prompts import prompt
from reconstrue.classifiers.told import Conditioning
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.stimulus_set import Stimulus

SIDE = 2
DIMENSIONS = 3 * SIDE * SIDE


@dataclass(frozen=True)
class GaussianClasses:
    """k classes x ~ N(mean_k, diag(variance_k)) over 2 × 2 pictures of 3 channels, in the model's range [−1, 1]."""

    names: tuple[str, ...]
    means: np.ndarray  # (k, 12)
    variances: np.ndarray  # (k, 12)

    def log_likelihood(self, x: np.ndarray) -> np.ndarray:
        """log N(x; mean_k, variance_k), (n, k) for x (n, 12)."""
        z = (x[:, None] - self.means) ** 2 / self.variances
        return -0.5 * (z + np.log(2 * np.pi * self.variances)).sum(axis=2)

    def expected_x_error(self, x: np.ndarray, alpha: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        """E_ε ‖x − x̂‖² of the exact denoiser, (n, k, levels).

        x̂ = m + g (x_t − α m) with g = α v / D, D = α² v + σ². With x_t = α x + σ ε:
        x − x̂ = (1 − g α)(x − m) − g σ ε and 1 − g α = σ² / D.
        """
        d = alpha[:, None, None] ** 2 * self.variances + sigma[:, None, None] ** 2  # (levels, k, 12)
        bias = (sigma[:, None, None] ** 2 / d) ** 2
        noise = (alpha[:, None, None] * self.variances * sigma[:, None, None] / d) ** 2
        squared = (x[:, None, None] - self.means) ** 2  # (n, 1, k, 12)
        return np.moveaxis((bias * squared + noise).sum(axis=-1), 1, 2)

    def stimuli(self, x: np.ndarray) -> list[Stimulus]:
        """Stimuli that the exact denoiser's `encode` turns back into the rows of x."""
        return [Stimulus(f"image-{i}", f"image-{i}", "", NO_CONDITION, "", _Index(i)) for i in range(len(x))]


@dataclass(frozen=True)
class _Index:
    """Reads as a 2 × 2 picture that carries its own number: the exact denoiser looks the real x up."""

    number: int

    def __call__(self) -> np.ndarray:
        pixels = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
        pixels[0, 0] = (self.number % 256, self.number // 256, 0)
        return pixels


class ExactDenoiser(Denoiser):
    """E[x | x_t, class] in closed form, answered as ε, x, v or flow."""

    def __init__(self, classes: GaussianClasses, x: np.ndarray, schedule: Schedule, prediction: Prediction) -> None:
        self.classes = classes
        self.schedule = schedule
        self.prediction = prediction
        self.resolution = SIDE
        self.shape = (3, SIDE, SIDE)
        self.x_limit = None
        self.device = torch.device("cpu")
        self.calls = 0
        self._x = torch.as_tensor(x, dtype=torch.float32).reshape(-1, 3, SIDE, SIDE)
        self._means = torch.as_tensor(classes.means).reshape(-1, 3, SIDE, SIDE)
        self._variances = torch.as_tensor(classes.variances).reshape(-1, 3, SIDE, SIDE)

    def encode(self, pictures: Tensor) -> Tensor:
        index = torch.round(pictures[:, 0, 0, 0] * 255) + 256 * torch.round(pictures[:, 1, 0, 0] * 255)
        return self._x[index.long()]

    def decode(self, x: Tensor) -> Tensor:
        return x

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        names = [prompt(name) for name in self.classes.names]
        return Conditioning({"class": torch.tensor([names.index(p) for p in prompts])})

    def predict(self, x_t: Tensor, timesteps: np.ndarray, conditioning: Conditioning) -> Tensor:
        self.calls += len(x_t)
        t = np.asarray(timesteps)
        table = getattr(self.schedule, "alphas_cumprod", None)
        if table is not None:
            t = (t + 1) / len(table)
        elif hasattr(self.schedule, "steps"):
            t = t / self.schedule.steps
        alpha, sigma = (as_tensor(v, x_t).double() for v in self.schedule.alpha_sigma(t))
        mean, variance = (v[conditioning.tensors["class"]] for v in (self._means, self._variances))
        x_t = x_t.double()
        gain = alpha * variance / (alpha**2 * variance + sigma**2)
        x_hat = mean + gain * (x_t - alpha * mean)
        eps_hat = (x_t - alpha * x_hat) / sigma
        return target(self.prediction, x_hat, eps_hat, alpha, sigma).float()
