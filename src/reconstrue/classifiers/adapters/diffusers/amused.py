"""aMUSEd: masked image tokens filled in by a U-ViT that a CLIP text encoder tells what they show; the open Muse.

Read part by part as ``model_index.json`` names them: diffusers keeps the pipeline class itself among its deprecated
ones, but not the parts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, final

import torch
from diffusers import AmusedScheduler, UVit2DModel, VQModel
from jaxtyping import Bool, Float, Int
from torch import Tensor
from transformers import AutoTokenizer, CLIPTextModelWithProjection

from reconstrue.classifiers.adapters.diffusers.loading import read_index
from reconstrue.classifiers.adapters.fetched import fetched_load
from reconstrue.classifiers.adapters.image_tokens import VQTokenizer
from reconstrue.classifiers.cards import Card
from reconstrue.classifiers.generative.masked import MaskedModel
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError

_CLASSES = {
    "transformer": "UVit2DModel",
    "vqvae": "VQModel",
    "text_encoder": "CLIPTextModelWithProjection",
    "scheduler": "AmusedScheduler",
}
# What the network is told beside the prompt and the side, as the pipeline tells it for all: crop corner, aesthetic score.
MICRO_CONDITIONING = (0.0, 0.0, 6.0)


@final
class AmusedModel(MaskedModel):
    """An `AmusedPipeline`'s parts.

    Args:
        transformer: the `UVit2DModel`.
        vq: the `VQModel`; it is run in float32, for in float16 it answers NaN.
        text_encoder: the `CLIPTextModelWithProjection`.
        tokenizer: of the prompts.
        scheduler: the `AmusedScheduler`, which knows the mask's id.
        source: where the weights come from, for messages.
        device: where it runs.

    Raises:
        UserError: image codes and mask that the transformer has no room for.
    """

    def __init__(
        self,
        *,
        transformer: Any,
        vq: Any,
        text_encoder: Any,
        tokenizer: Any,
        scheduler: Any,
        source: str,
        device: torch.device,
    ) -> None:
        self.transformer = transformer.eval().to(device)
        self.text_encoder = text_encoder.eval().to(device)
        self.tokenizer = tokenizer
        self.source = source
        self.device = device
        factor = 2 ** (len(vq.config.block_out_channels) - 1)
        # The size is the transformer's: the VQModel takes any. Its pictures are in [0, 1], not in [-1, 1].
        self._pictures = VQTokenizer(
            vq, device, resolution=int(transformer.config.sample_size) * factor, input_range=(0.0, 1.0)
        )
        self.resolution = self._pictures.resolution
        self.grid = self._pictures.grid
        self._mask_id = int(scheduler.config.mask_token_id)
        codes, known = self._pictures.codes, int(transformer.config.codebook_size)
        rows = int(transformer.config.vocab_size)
        if codes > known or not codes <= self._mask_id < rows:
            raise UserError(
                f"{source}: its parts do not fit: {codes} image codes and the mask's id {self._mask_id}, but the "
                f"transformer answers {known} codes and reads {rows} ids; download the model again"
            )

    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        return self._pictures.encode(pictures)

    def decode(self, ids: Int[Tensor, "b n"]) -> Float[Tensor, "b 3 h w"]:
        return self._pictures.decode(ids)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        encoded = self.tokenizer(
            list(prompts),
            padding="max_length",
            truncation=True,
            max_length=self.tokenizer.model_max_length,
            return_tensors="pt",
        )
        # The pipeline gives the encoder no mask of the padding either.
        told = self.text_encoder(encoded.input_ids.to(self.device), output_hidden_states=True)
        return Conditioning({"pooled": told.text_embeds, "states": told.hidden_states[-2]})

    @torch.inference_mode()
    def log_probabilities(
        self, ids: Int[Tensor, "b n"], hidden: Bool[Tensor, "b n"], conditioning: Conditioning
    ) -> Float[Tensor, "b n codes"]:
        side = float(self.resolution)
        micro = torch.tensor([side, side, *MICRO_CONDITIONING], device=self.device)
        logits = self.transformer(
            ids.masked_fill(hidden, self._mask_id).reshape(len(ids), *self.grid),
            encoder_hidden_states=conditioning.tensors["states"],
            pooled_text_emb=conditioning.tensors["pooled"],
            micro_conds=micro.expand(len(ids), -1),
        )
        answer: Tensor = logits[:, : self._pictures.codes].float().log_softmax(dim=1)
        return answer.flatten(2).transpose(1, 2)


def load_amused(
    source: str, *, revision: str | None, dtype: torch.dtype, device: torch.device, card: Card | None = None
) -> AmusedModel:
    """Return the model of an `AmusedPipeline`, from a local folder or a hub id.

    Args:
        source: a folder with a ``model_index.json``, or a hub id.
        revision: the hub revision, None for a local folder.
        dtype: of transformer and text encoder; the VQModel stays float32.
        device: where to run.
        card: says which filter resizes pictures, and whether a licence must be accepted.

    Raises:
        UserError: not found, gated, not reachable, parts of other classes or that do not fit together, or weights
            that are missing or would have to be unpickled.
    """
    index = read_index(source, revision, card)
    for part, wanted in _CLASSES.items():
        named = index.get(part)
        if not (isinstance(named, list) and named and named[-1] == wanted):
            raise UserError(f"{source}: model_index.json names no {wanted} as {part}; download the model again")
    with fetched_load(source, revision=revision, card=card):
        transformer, vq = (
            kind.from_pretrained(
                source,
                subfolder=part,
                revision=revision,
                dtype=own,
                use_safetensors=True,
                low_cpu_mem_usage=False,
            )
            for kind, part, own in ((UVit2DModel, "transformer", dtype), (VQModel, "vqvae", torch.float32))
        )
        text_encoder = CLIPTextModelWithProjection.from_pretrained(
            source, subfolder="text_encoder", revision=revision, dtype=dtype, use_safetensors=True
        )
        tokenizer = AutoTokenizer.from_pretrained(
            source, subfolder="tokenizer", revision=revision, trust_remote_code=False
        )
        scheduler = AmusedScheduler.from_pretrained(source, subfolder="scheduler", revision=revision)
    model = AmusedModel(
        transformer=transformer,
        vq=vq,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        scheduler=scheduler,
        source=source,
        device=device,
    )
    if card is not None and card.interpolation:
        model.interpolation = cast(Interpolation, card.interpolation)
    return model


def save_amused(folder: Path, *, transformer: Any, vq: Any, text_encoder: Any, tokenizer: Any, scheduler: Any) -> None:
    """Write an `AmusedPipeline` folder, safetensors, each part in its own dtype."""
    parts = {"vqvae": vq, "transformer": transformer, "text_encoder": text_encoder}
    for name, part in parts.items():
        part.save_pretrained(folder / name, safe_serialization=True)
    tokenizer.save_pretrained(folder / "tokenizer")
    scheduler.save_pretrained(folder / "scheduler")
    index: dict[str, object] = {"_class_name": "AmusedPipeline"}
    for name, part in {**parts, "tokenizer": tokenizer, "scheduler": scheduler}.items():
        library = type(part).__module__.partition(".")[0]
        index[name] = [library, type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
