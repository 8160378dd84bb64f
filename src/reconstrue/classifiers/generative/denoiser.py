"""What the diffusion classifier needs of a network, and nothing more; `adapters/` fit public models to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.classifiers.generative.schedule import Prediction, Schedule
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.classifiers.told import Conditioning


class Denoiser(ABC):
    """A text-conditional network that undoes noise in its own space x: pixels in [−1, 1], or scaled latents.

    Attributes:
        schedule: α_t, σ_t of its training.
        prediction: what its output is, read from the model's own config.
        resolution: the side of the picture that it is given, in pixels.
        interpolation: the filter that brings a picture to it.
        shape: (channels, height, width) of x.
        x_limit: x̂ is clipped to ±x_limit, as the model's own scheduler does in pixel space; None: not clipped.
        tokenizer: of transformers, what splits prompts; None where there is no such.
        device: where it runs.
    """

    schedule: Schedule
    prediction: Prediction
    resolution: int
    interpolation: Interpolation = "bicubic"
    shape: tuple[int, int, int]
    x_limit: float | None
    tokenizer: Any = None
    device: torch.device

    @abstractmethod
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b c y x"]:
        """Return x for pictures in [0, 1] at `resolution`; float32; the posterior mean where there is a VAE."""

    @abstractmethod
    def decode(self, x: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 3 h w"]:
        """Return pictures in [0, 1] for x."""

    @abstractmethod
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        """Return what the network is told for each prompt; the text encoder runs once per prompt."""

    def unconditional(self) -> Conditioning:
        """Return what the network is told where it is told nothing, for guidance: the empty prompt."""
        return self.condition([""])

    @abstractmethod
    def predict(
        self, x_t: Float[Tensor, "b c y x"], timesteps: NDArray[np.float64], conditioning: Conditioning
    ) -> Float[Tensor, "b c y x"]:
        """Return the network's prediction, float32; `timesteps` (b,) as `schedule.timesteps` gives them."""
