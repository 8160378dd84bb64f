"""Stable Diffusion 3 and 3.5: a flow transformer over 16-channel latents, told by two CLIP encoders and T5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning


@final
class StableDiffusion3Denoiser(DiffusersDenoiser):
    """A `StableDiffusion3Pipeline`; where the folder has no T5, its states are zeros, as the pipeline makes them."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        super().__init__(pipeline, pipeline.transformer, device)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        # None: all encoders are told the same prompt.
        states, _, pooled, _ = self.pipeline.encode_prompt(
            list(prompts), None, None, device=self.device, do_classifier_free_guidance=False
        )
        return Conditioning({"states": states, "pooled": pooled})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        return self.network(
            hidden_states=x_t,
            timestep=steps,
            encoder_hidden_states=conditioning.tensors["states"],
            pooled_projections=conditioning.tensors["pooled"],
            return_dict=False,
        )[0]
