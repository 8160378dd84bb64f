"""Emu3-Gen (Wang et al. 2024, arXiv 2409.18869): codes and text in one vocabulary, rows closed by a line token."""

from __future__ import annotations

from typing import final

import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor
from torch.nn.functional import linear
from transformers import Emu3ForConditionalGeneration, Emu3Processor

from reconstrue.classifiers.adapters.transformers.decoder_only import DecoderOnlyModel
from reconstrue.classifiers.generative.autoregressive import log_probability
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError

# The pictures of its training cover 720 × 720 px.
_AREA = 518_400


@final
class Emu3Model(DecoderOnlyModel):
    """An `Emu3ForConditionalGeneration` folder with its processor, prompted as for generation and without guidance.

    The side is that of the published area, or of the largest that its image processor allows where that is less.
    """

    def __init__(self, source: str, *, revision: str | None, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(
            Emu3ForConditionalGeneration, Emu3Processor, source, revision=revision, dtype=dtype, device=device
        )
        core = self.network.model
        factor = int(core.vqmodel.spatial_scale_factor)
        self._side = int(min(_AREA, self.processor.image_processor.max_pixels) ** 0.5) // factor
        self.resolution = self._side * factor
        self.tokens = self._side**2
        mapping = core.vocabulary_mapping
        codes = int(core.vqmodel.config.codebook_size)
        if mapping.eol_token_id is None or sorted(mapping.img2bpe) != list(range(codes)):
            raise UserError(
                f"{source}: the vocabulary_map of its config.json lacks the line token or some of {codes} visual "
                "tokens; download the model again"
            )
        # Code -> id of the common vocabulary.
        self._ids = torch.tensor([mapping.img2bpe[code] for code in range(codes)], device=device)
        self._line = int(mapping.eol_token_id)
        self._head = self.network.lm_head.weight[self._ids]

    @torch.inference_mode()
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        sizes = torch.full((len(pictures), 2), self.resolution)
        codes = self.network.model.vqmodel.encode(self._normalised(pictures), sizes).image_tokens
        return torch.stack([code.flatten() for code in codes])

    @torch.inference_mode()
    def log_likelihood(self, tokens: Int[Tensor, "b n"], conditioning: Conditioning) -> Float64[Tensor, "b"]:
        rows = self._ids[tokens].reshape(len(tokens), self._side, self._side)
        lines = torch.nn.functional.pad(rows, (0, 1), value=self._line).flatten(1)
        ids = torch.cat([conditioning.tensors["ids"], lines[:, :-1]], dim=1)
        core = self.network.model
        states = self._states(core.text_model, core.get_input_embeddings()(ids), conditioning.tensors["mask"])
        # A row's last state predicts the line token, which every picture has there: it is no part of the score.
        before = states.reshape(len(tokens), self._side, self._side + 1, -1)[:, :, :-1].flatten(1, 2)
        return log_probability(before, tokens, lambda seen: linear(seen, self._head))

    def _text(self, prompt: str) -> str:
        told = self.processor
        size = f"{self._side}*{self._side}"
        return f"{told.bos_token}{prompt}{told.image_start_token}{size}{told.fake_token_around_image}"
