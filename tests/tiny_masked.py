"""A tiny, randomly initialised `AmusedPipeline` folder, and a masked-token model that knows its joint distribution."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AmusedScheduler, UVit2DModel, VQModel
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from reconstrue.classifiers.adapters.diffusers.amused import save_amused
from reconstrue.classifiers.generative.masked import MaskedModel
from reconstrue.classifiers.told import Conditioning
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.stimulus_set import Stimulus
from tests.tiny import WIDTH, tokenizer

CODES = 16


def save_tiny_amused(folder: Path) -> None:
    """16 px pictures as 4 × 4 tokens of 16 codes; the mask is the last of 24 ids."""
    torch.manual_seed(0)
    words = tokenizer(16)
    vq = VQModel(
        block_out_channels=(8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        latent_channels=4,
        num_vq_embeddings=CODES,
        norm_num_groups=4,
        mid_block_add_attention=False,
        lookup_from_codebook=True,
        force_upcast=True,
        sample_size=32,  # as published: it says nothing of the pictures
    )
    with torch.no_grad():
        # The codes are latents of pictures, so that different pictures have different tokens.
        latents = vq.encode(torch.rand(1, 3, 16, 16)).latents.permute(0, 2, 3, 1).reshape(-1, 4)
        vq.quantize.embedding.weight.copy_(latents)
    save_amused(
        folder,
        transformer=UVit2DModel(
            hidden_size=WIDTH,
            cond_embed_dim=24,
            micro_cond_encode_dim=8,
            micro_cond_embed_dim=40,
            encoder_hidden_size=WIDTH,
            vocab_size=CODES + 8,
            codebook_size=CODES,
            in_channels=16,
            block_out_channels=16,
            num_res_blocks=1,
            block_num_heads=2,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=48,
            sample_size=4,
        ),
        vq=vq,
        text_encoder=CLIPTextModelWithProjection(
            CLIPTextConfig(
                vocab_size=64,
                hidden_size=WIDTH,
                intermediate_size=64,
                projection_dim=24,
                num_hidden_layers=2,
                num_attention_heads=4,
                max_position_embeddings=16,
                bos_token_id=None,
                pad_token_id=words.pad_token_id,
                eos_token_id=words.eos_token_id,
            )
        ),
        tokenizer=words,
        scheduler=AmusedScheduler(mask_token_id=CODES + 7),
    )


@dataclass(frozen=True)
class Bits:
    """Reads as a square picture whose columns, black or white, are the tokens."""

    tokens: tuple[int, ...]

    def __call__(self) -> np.ndarray:
        row = np.array(self.tokens, dtype=np.uint8)[None, :, None] * 255
        return np.broadcast_to(row, (len(self.tokens), len(self.tokens), 3)).copy()


def bits(tokens: Sequence[int], name: str = "") -> Stimulus:
    """The stimulus of these tokens."""
    own = "".join(map(str, tokens))
    return Stimulus(name or own, name or own, "", NO_CONDITION, "", Bits(tuple(tokens)))


class TableModel(MaskedModel):
    """Answers with the exact conditionals of a joint table p(x | prompt) over tokens of 2 codes.

    Args:
        prompts: what it can be told.
        tables: (k, 2, ..., 2) joint probabilities, one axis per token.
        skew: conditionals are raised to this power and renormalised: 1 for ones that agree with each other.
    """

    def __init__(self, prompts: Sequence[str], tables: np.ndarray, skew: float = 1.0) -> None:
        self.prompts = tuple(prompts)
        self.tables = tables
        self.skew = skew
        self.source = "table"
        self.resolution = tables.ndim - 1
        self.grid = (1, self.resolution)
        self.device = torch.device("cpu")
        self.seen: list[tuple[tuple[bool, ...], int]] = []
        self._known: dict[tuple[tuple[int, ...], int], np.ndarray] = {}

    def encode(self, pictures: Tensor) -> Tensor:
        return pictures[:, 0, 0].round().long()

    def decode(self, ids: Tensor) -> Tensor:
        return ids.float()[:, None, None].expand(-1, 3, self.resolution, -1)

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        return Conditioning({"prompt": torch.tensor([self.prompts.index(p) for p in prompts])})

    def log_probabilities(self, ids: Tensor, hidden: Tensor, conditioning: Conditioning) -> Tensor:
        rows = []
        told = conditioning.tensors["prompt"].tolist()
        for row, mask, which in zip(ids.masked_fill(hidden, -1).tolist(), hidden.tolist(), told, strict=True):
            self.seen.append((tuple(mask), which))
            rows.append(self.conditionals(tuple(row), which))
        return torch.from_numpy(np.stack(rows)).float()

    def conditionals(self, row: tuple[int, ...], which: int) -> np.ndarray:
        """(tokens, 2) log p(x_i | the visible tokens other than i), -1 for a hidden token."""
        if (row, which) not in self._known:
            answer = np.zeros((len(row), 2))
            for x in itertools.product((0, 1), repeat=len(row)):
                for place in range(len(row)):
                    if all(i == place or token in (-1, x[i]) for i, token in enumerate(row)):
                        answer[place, x[place]] += self.tables[which][x]
            answer **= self.skew
            self._known[row, which] = np.log(answer / answer.sum(axis=1, keepdims=True))
        return self._known[row, which]


def independent(chances: Sequence[float]) -> np.ndarray:
    """The joint table of independent tokens, token i being 1 with chance i."""
    table = np.ones((2,) * len(chances))
    for x in np.ndindex(table.shape):
        table[x] = np.prod([p if bit else 1 - p for p, bit in zip(chances, x, strict=True)])
    return table
