"""Stable Diffusion XL: a latent U-Net told by two CLIP text encoders, a pooled state and the picture's size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning


@final
class StableDiffusionXLDenoiser(DiffusersDenoiser):
    """A `StableDiffusionXLPipeline`, the base model alone: ε or v, as its scheduler says."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        super().__init__(pipeline, pipeline.unet, device)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, _, pooled, _ = self.pipeline.encode_prompt(
            list(prompts), device=self.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        return Conditioning({"states": states, "pooled": pooled})

    def unconditional(self) -> Conditioning:
        told = super().unconditional()
        if not self.pipeline.config.force_zeros_for_empty_prompt:
            return told
        # As the pipeline tells it itself.
        return Conditioning({name: torch.zeros_like(tensor) for name, tensor in told.tensors.items()})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        # Original size, upper left corner and target size of an uncropped picture at the model's own resolution: the
        # same for every label, so it favours none.
        side = float(self.resolution)
        size = torch.tensor([side, side, 0.0, 0.0, side, side], dtype=x_t.dtype, device=x_t.device)
        return self.network(
            x_t,
            steps,
            encoder_hidden_states=conditioning.tensors["states"],
            added_cond_kwargs={"text_embeds": conditioning.tensors["pooled"], "time_ids": size.expand(len(x_t), 6)},
            return_dict=False,
        )[0]
