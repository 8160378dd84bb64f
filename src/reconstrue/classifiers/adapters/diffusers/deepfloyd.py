"""DeepFloyd IF, stage I alone: a 64×64 pixel U-Net told by T5, the open model nearest to the paper's Imagen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning


@final
class DeepFloydDenoiser(DiffusersDenoiser):
    """An `IFPipeline`: ε in pixels; of its six output channels the three of the learned variance are dropped."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        super().__init__(pipeline, pipeline.unet, device)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, _ = self.pipeline.encode_prompt(
            list(prompts), do_classifier_free_guidance=False, device=self.device, clean_caption=False
        )
        return Conditioning({"states": states})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        return self.network(x_t, steps, encoder_hidden_states=conditioning.tensors["states"], return_dict=False)[0]
