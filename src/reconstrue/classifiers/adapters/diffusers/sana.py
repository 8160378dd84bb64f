"""Sana: a linear-attention flow transformer over 32-fold compressed latents, told by Gemma 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning

# The pipeline's own default.
_MAX_TOKENS = 300


@final
class SanaDenoiser(DiffusersDenoiser):
    """A `SanaPipeline`; prompts are told plainly, without the instruction to Gemma that its sampler puts before them."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        super().__init__(pipeline, pipeline.transformer, device)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, mask, _, _ = self.pipeline.encode_prompt(
            list(prompts),
            do_classifier_free_guidance=False,
            device=self.device,
            clean_caption=False,
            max_sequence_length=min(_MAX_TOKENS, int(self.pipeline.tokenizer.model_max_length)),
            complex_human_instruction=None,
        )
        return Conditioning({"states": states, "mask": mask})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        return self.network(
            x_t,
            encoder_hidden_states=conditioning.tensors["states"],
            encoder_attention_mask=conditioning.tensors["mask"],
            timestep=steps * self.network.config.timestep_scale,
            return_dict=False,
        )[0]
