"""PixArt-α and PixArt-Σ: a patch transformer told by T5 states and their mask, over latents or (without a VAE) over pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning

# The pipelines' own defaults; a tokenizer made for shorter prompts says so in `model_max_length`.
_MAX_TOKENS = {"PixArtAlphaPipeline": 120, "PixArtSigmaPipeline": 300}


@final
class PixArtDenoiser(DiffusersDenoiser):
    """A `PixArtAlphaPipeline` or `PixArtSigmaPipeline`; of eight output channels the four of the variance are dropped."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        super().__init__(pipeline, pipeline.transformer, device)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, mask, _, _ = self.pipeline.encode_prompt(
            list(prompts),
            do_classifier_free_guidance=False,
            device=self.device,
            clean_caption=False,
            max_sequence_length=min(
                _MAX_TOKENS[type(self.pipeline).__name__], int(self.pipeline.tokenizer.model_max_length)
            ),
        )
        return Conditioning({"states": states, "mask": mask})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        added: dict[str, Tensor | None] = {"resolution": None, "aspect_ratio": None}
        if self.network.use_additional_conditions:
            # Size micro-conditioning of the 1024 px model: the same for every label, so it favours none.
            side = torch.full((len(x_t), 2), float(self.resolution), dtype=x_t.dtype, device=x_t.device)
            added = {"resolution": side, "aspect_ratio": torch.ones_like(side[:, :1])}
        return self.network(
            x_t,
            encoder_hidden_states=conditioning.tensors["states"],
            encoder_attention_mask=conditioning.tensors["mask"],
            timestep=steps,
            added_cond_kwargs=added,
            return_dict=False,
        )[0]
