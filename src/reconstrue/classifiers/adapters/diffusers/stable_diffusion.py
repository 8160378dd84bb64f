"""Stable Diffusion 1.x and 2.x: a latent U-Net told by the states of one CLIP text encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning


@final
class StableDiffusionDenoiser(DiffusersDenoiser):
    """A `StableDiffusionPipeline`: ε (1.x, 2.x base) or v (2.x at 768 px)."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        super().__init__(pipeline, pipeline.unet, device)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, _ = self.pipeline.encode_prompt(
            list(prompts), device=self.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        return Conditioning({"states": states})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        return self.network(x_t, steps, encoder_hidden_states=conditioning.tensors["states"], return_dict=False)[0]
