"""Janus and Janus-Pro (Chen et al. 2025, arXiv 2501.17811): a language model with its own codes and head for images."""

from __future__ import annotations

from typing import final

import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor
from torch.nn.functional import normalize
from transformers import JanusForConditionalGeneration, JanusProcessor

from reconstrue.classifiers.adapters.transformers.decoder_only import DecoderOnlyModel
from reconstrue.classifiers.generative.autoregressive import log_probability
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError


@final
class JanusModel(DecoderOnlyModel):
    """A `JanusForConditionalGeneration` folder with its processor, prompted as for generation and without guidance."""

    def __init__(self, source: str, *, revision: str | None, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(
            JanusForConditionalGeneration, JanusProcessor, source, revision=revision, dtype=dtype, device=device
        )
        if self.processor.chat_template is None:
            raise UserError(f"{source}: chat_template.jinja is missing; save the model's processor beside it")
        core = self.network.model
        self.resolution = int(self.processor.image_processor.size["height"])
        self.tokens = (self.resolution // 2 ** (len(core.vqmodel.config.channel_multiplier) - 1)) ** 2

    @torch.inference_mode()
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        vq = self.network.model.vqmodel
        latents = vq.quant_conv(vq.encoder(self._normalised(pictures))).flatten(2).transpose(1, 2)
        # The codebook lies on the unit sphere and the nearest code is that of the smallest angle, as in the authors'
        # code; the quantiser of transformers compares without normalising, and so gives other codes.
        nearest: Tensor = normalize(latents, dim=-1) @ normalize(vq.quantize.embedding.weight, dim=-1).T
        return nearest.argmax(dim=-1)

    @torch.inference_mode()
    def log_likelihood(self, tokens: Int[Tensor, "b n"], conditioning: Conditioning) -> Float64[Tensor, "b"]:
        prompt = self.network.get_input_embeddings()(conditioning.tensors["ids"])
        seen = self.network.prepare_embeddings_for_image_generation(tokens[:, :-1])
        states = self._states(
            self.network.model.language_model, torch.cat([prompt, seen], dim=1), conditioning.tensors["mask"]
        )
        return log_probability(states, tokens, self.network.model.generation_head)

    def _text(self, prompt: str) -> str:
        message = [{"role": "user", "content": [{"type": "text", "text": prompt}]}]
        told: str = self.processor.apply_chat_template(message, add_generation_prompt=True)
        return told + str(self.processor.image_start_token)
