r"""Noise schedules, predictions and weightings: ε, v, x₀ and flow as views of one thing.

A diffusion model sees :math:`x_t = α_t x + σ_t ε` and its network answers with a *prediction*: the noise ε, the clean x,
the velocity :math:`v = α ε − σ x`, or the flow :math:`u = ε − x`. Given x_t each of them determines the others, so
each squared error is a multiple of the x-space error, by a factor that depends on the noise level alone:

=========  ==========================  =======================================
space      target                      ‖target − prediction‖² / ‖x − x̂‖²
=========  ==========================  =======================================
``x``      x                           1
``eps``    ε                           α² / σ² = SNR
``v``      α ε − σ x                   (α² + σ²)² / σ²  (1 / σ² where α² + σ² = 1)
``flow``   ε − x                       (α + σ)² / σ²
=========  ==========================  =======================================

So evidence is kept in one space, x, and every other error is a *weighting* of it (Eq. 2 of Jaini, Clark & Geirhos 2024).
All of this is float32 or better, whatever the dtype of the network: in half precision α rounds to 1 at small t.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.registry import Registry

Prediction = Literal["eps", "x", "v", "flow"]
PREDICTIONS: tuple[Prediction, ...] = ("eps", "x", "v", "flow")
Array = NDArray[np.float64]


class Schedule(ABC):
    """α_t and σ_t for t in [0, 1], from (almost) clean to (almost) pure noise."""

    @abstractmethod
    def snap(self, t: Array) -> Array:
        """Return the nearest t that the model knows (itself where the model takes any t)."""

    @abstractmethod
    def timesteps(self, t: Array) -> Array:
        """Return what the network is given for t (an index of a training step, or 1000 t)."""

    @abstractmethod
    def alpha_sigma(self, t: Array) -> tuple[Array, Array]:
        """Return (α_t, σ_t)."""

    @abstractmethod
    def log_snr_slope(self, t: Array) -> Array:
        """Return dλ/dt of the log signal-to-noise ratio λ = log(α² / σ²); negative."""

    def snr(self, t: Array) -> Array:
        """Return the signal-to-noise ratio α_t² / σ_t²."""
        alpha, sigma = self.alpha_sigma(t)
        return (alpha / sigma) ** 2

    def nearest_t(self, log_snr: Array) -> Array:
        """Return the t whose log-SNR is nearest, to compare two schedules at matched noise level."""
        grid = self.snap(np.linspace(0.0, 1.0, 4097))
        levels = np.log(self.snr(grid))
        return grid[np.abs(levels[None, :] - np.asarray(log_snr, dtype=np.float64)[:, None]).argmin(axis=1)]


@dataclass(frozen=True, eq=False)
class DiscreteSchedule(Schedule):
    """A trained table of T steps: step n (from 0) is t = (n + 1) / T, with ᾱ_n = α_t² and σ_t² = 1 − α_t².

    Attributes:
        alphas_cumprod: (T,) in (0, 1), falling; float64 made from the model's own betas.
    """

    alphas_cumprod: Array

    def __post_init__(self) -> None:
        table = self.alphas_cumprod
        if table.ndim != 1 or len(table) < 2 or not (np.diff(table) < 0).all() or not ((table > 0) & (table < 1)).all():
            raise ValueError("alphas_cumprod must fall strictly within (0, 1)")

    def _index(self, t: Array) -> NDArray[np.int64]:
        steps = len(self.alphas_cumprod)
        return np.clip(np.ceil(np.asarray(t) * steps - 1e-9).astype(np.int64) - 1, 0, steps - 1)

    def snap(self, t: Array) -> Array:
        return (self._index(t) + 1) / len(self.alphas_cumprod)

    def timesteps(self, t: Array) -> Array:
        return self._index(t).astype(np.float64)

    def alpha_sigma(self, t: Array) -> tuple[Array, Array]:
        bar = self.alphas_cumprod[self._index(t)]
        return np.sqrt(bar), np.sqrt(1 - bar)

    def log_snr_slope(self, t: Array) -> Array:
        log_snr = np.log(self.alphas_cumprod) - np.log1p(-self.alphas_cumprod)
        return (np.gradient(log_snr) * len(log_snr))[self._index(t)]


@dataclass(frozen=True)
class FlowSchedule(Schedule):
    """Rectified flow: α = 1 − t, σ = t; the network is given `steps`·t. t is kept off the two ends."""

    steps: int = 1000
    margin: float = 1e-3

    def snap(self, t: Array) -> Array:
        return np.clip(t, self.margin, 1 - self.margin)

    def timesteps(self, t: Array) -> Array:
        return self.snap(t) * self.steps

    def alpha_sigma(self, t: Array) -> tuple[Array, Array]:
        sigma = self.snap(t)
        return 1 - sigma, sigma

    def log_snr_slope(self, t: Array) -> Array:
        sigma = self.snap(t)
        return -2 / (sigma * (1 - sigma))


@dataclass(frozen=True)
class LogSnrSchedule(Schedule):
    """Variance preserving with log-SNR linear in t, from `log_snr_max` at t = 0 to `log_snr_min` at t = 1."""

    log_snr_max: float = 12.0
    log_snr_min: float = -12.0

    def snap(self, t: Array) -> Array:
        return np.clip(t, 0.0, 1.0)

    def timesteps(self, t: Array) -> Array:
        return self.snap(t)

    def alpha_sigma(self, t: Array) -> tuple[Array, Array]:
        log_snr = self.log_snr_max + (self.log_snr_min - self.log_snr_max) * self.snap(t)
        return np.sqrt(1 / (1 + np.exp(-log_snr))), np.sqrt(1 / (1 + np.exp(log_snr)))

    def log_snr_slope(self, t: Array) -> Array:
        return np.full(np.shape(t), float(self.log_snr_min - self.log_snr_max))


def target(
    prediction: Prediction,
    x: Float[Tensor, "b *dims"],
    eps: Float[Tensor, "b *dims"],
    alpha: Float[Tensor, "b *ones"],
    sigma: Float[Tensor, "b *ones"],
) -> Float[Tensor, "b *dims"]:
    """Return what a perfect network of this prediction would answer for x_t = α x + σ ε."""
    if prediction == "eps":
        return eps
    if prediction == "x":
        return x
    if prediction == "v":
        return alpha * eps - sigma * x
    return eps - x


def clean_estimate(
    prediction: Prediction,
    answer: Float[Tensor, "b *dims"],
    x_t: Float[Tensor, "b *dims"],
    alpha: Float[Tensor, "b *ones"],
    sigma: Float[Tensor, "b *ones"],
) -> Float[Tensor, "b *dims"]:
    """Return x̂, the reconstruction that the network's answer stands for."""
    if prediction == "eps":
        return (x_t - sigma * answer) / alpha
    if prediction == "x":
        return answer
    if prediction == "v":
        return (alpha * x_t - sigma * answer) / (alpha**2 + sigma**2)
    return (x_t - sigma * answer) / (alpha + sigma)


def error_factor(space: Prediction, alpha: Array, sigma: Array) -> Array:
    """Return ‖target − prediction‖² / ‖x − x̂‖² of a space at a noise level (the table above)."""
    if space == "x":
        return np.ones_like(alpha)
    if space == "eps":
        return (alpha / sigma) ** 2
    if space == "v":
        return ((alpha**2 + sigma**2) / sigma) ** 2
    return ((alpha + sigma) / sigma) ** 2


@dataclass(frozen=True)
class Weighting:
    """A named weight w(t) on the squared error of an explicit space.

    Attributes:
        name: as given to ``--weighting``.
        space: the space whose squared error is weighted: ``x``, ``eps`` or ``v``.
        weight: w as a function of (schedule, t).
    """

    name: str
    space: Prediction
    weight: Callable[[Schedule, Array], Array]

    def on_x_error(self, schedule: Schedule, t: Array) -> Array:
        """Return the weight of ‖x − x̂‖² that this weighting amounts to at t (same shape as t)."""
        alpha, sigma = schedule.alpha_sigma(t)
        return self.weight(schedule, t) * error_factor(self.space, alpha, sigma)


def _ones(schedule: Schedule, t: Array) -> Array:
    return np.ones_like(t)


WEIGHTINGS: Registry[Weighting] = Registry("weighting")
for _weighting in (
    # w_t = exp(−7t) on the x-error: Eq. 2 of Jaini, Clark & Geirhos (2024), from Clark & Jaini (2023) §3.
    Weighting("paper", "x", lambda schedule, t: np.exp(-7 * t)),
    # The training loss of most ε-models, and Li et al. (2023).
    Weighting("uniform-eps", "eps", _ones),
    # SNR(t) on the x-error. By the identity above this *is* uniform-eps; both names are in use in the field.
    Weighting("snr", "x", lambda schedule, t: schedule.snr(t)),
    Weighting("uniform-x", "x", _ones),
    Weighting("uniform-v", "v", _ones),
    # −½ dSNR/dt on the x-error: the true variational bound in nats (Kingma et al. 2021, Eq. 11 and 13), and with an
    # exact denoiser the log-likelihood itself. The only weighting that tends to Bayes' rule.
    Weighting("likelihood", "x", lambda schedule, t: -0.5 * schedule.snr(t) * schedule.log_snr_slope(t)),
):
    WEIGHTINGS.register(_weighting.name, _weighting)
del _weighting


def as_tensor(values: Array, like: Tensor) -> Tensor:
    """Return per-item values as a float32 tensor on `like`'s device, shaped (b, 1, …, 1) to multiply it."""
    tensor = torch.as_tensor(values, dtype=torch.float32, device=like.device)
    return tensor.reshape(-1, *([1] * (like.ndim - 1)))
