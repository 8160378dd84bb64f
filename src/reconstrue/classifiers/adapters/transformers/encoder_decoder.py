"""Encoder-decoders that read a prompt and write image tokens, as Parti does: BART or T5 over a `VQModel`.

The folder is laid out as diffusers lays out its pipelines: ``model_index.json`` with the class name
``EncoderDecoderTokenPipeline``, and ``transformer``, ``vqvae`` and ``tokenizer``, each as its own library saves it. The
decoder's vocabulary holds code c as id ``image_token_offset`` + c, a figure of the transformer's own config.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import torch
from diffusers import VQModel
from jaxtyping import Float, Float64, Int
from torch import Tensor
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.modeling_outputs import BaseModelOutput

from reconstrue.classifiers.adapters.fetched import fetched_load
from reconstrue.classifiers.adapters.image_tokens import VQTokenizer
from reconstrue.classifiers.generative.autoregressive import TokenModel, log_probability
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError

PIPELINE = "EncoderDecoderTokenPipeline"
# Tokenizers that state no length state a number beyond all others.
_NO_LENGTH = 10**6


@final
class EncoderDecoderModel(TokenModel):
    """A `BartForConditionalGeneration` or `T5ForConditionalGeneration` whose decoder writes the codes of a `VQModel`.

    Args:
        source: a local folder or a hub id.
        revision: of the hub, None for a local folder.
        dtype: of the transformer; the tokenizer of pictures and the softmax stay float32.
        device: where to run.

    Raises:
        UserError: a part is missing or does not fit the others.
    """

    def __init__(self, source: str, *, revision: str | None, dtype: torch.dtype, device: torch.device) -> None:
        self.device = device
        revision = revision or "main"
        with fetched_load(source, revision=revision):
            self._transformer: Any = AutoModelForSeq2SeqLM.from_pretrained(
                source,
                subfolder="transformer",
                revision=revision,
                dtype=dtype,
                use_safetensors=True,
                trust_remote_code=False,
            )
            vq = VQModel.from_pretrained(
                source, subfolder="vqvae", revision=revision, use_safetensors=True, low_cpu_mem_usage=False
            )
            self.tokenizer: Any = AutoTokenizer.from_pretrained(
                source, subfolder="tokenizer", revision=revision, trust_remote_code=False
            )
        self._transformer.eval().to(device)
        config = self._transformer.config
        low, high = getattr(config, "image_input_range", (-1.0, 1.0))
        self.pictures = VQTokenizer(vq, device, input_range=(float(low), float(high)))
        self.resolution = self.pictures.resolution
        self.tokens = self.pictures.grid[0] * self.pictures.grid[1]
        offset = getattr(config, "image_token_offset", None)
        if not isinstance(offset, int) or not 0 <= offset <= config.vocab_size - self.pictures.codes:
            raise UserError(
                f"{source}: image_token_offset of the transformer's config.json is {offset}, but must leave room for "
                f"{self.pictures.codes} codes in a vocabulary of {config.vocab_size}; correct it there"
            )
        self._offset = offset

    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        return self.pictures.encode(pictures)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        told = self.tokenizer(
            list(prompts),
            padding=True,
            truncation=self.tokenizer.model_max_length < _NO_LENGTH,
            return_tensors="pt",
        ).to(self.device)
        states = self._transformer.get_encoder()(
            input_ids=told["input_ids"], attention_mask=told["attention_mask"]
        ).last_hidden_state
        return Conditioning({"states": states, "mask": told["attention_mask"]})

    @torch.inference_mode()
    def log_likelihood(self, tokens: Int[Tensor, "b n"], conditioning: Conditioning) -> Float64[Tensor, "b"]:
        start = torch.full_like(tokens[:, :1], self._transformer.config.decoder_start_token_id)
        logits = self._transformer(
            encoder_outputs=BaseModelOutput(last_hidden_state=conditioning.tensors["states"]),
            attention_mask=conditioning.tensors["mask"],
            decoder_input_ids=torch.cat([start, tokens[:, :-1] + self._offset], dim=1),
            use_cache=False,
        ).logits
        return log_probability(
            logits, tokens, lambda seen: seen[..., self._offset : self._offset + self.pictures.codes]
        )


def save_encoder_decoder(
    folder: Path,
    transformer: Any,
    vq: Any,
    tokenizer: Any,
    offset: int,
    input_range: tuple[float, float] = (-1.0, 1.0),
) -> None:
    """Save the parts as `EncoderDecoderModel` reads them.

    Args:
        folder: made where it does not exist.
        transformer: BART or T5 for conditional generation.
        vq: the `VQModel`.
        tokenizer: of the prompts.
        offset: the decoder's id of code 0.
        input_range: what black and white are to the `VQModel`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    transformer.config.image_token_offset = offset
    transformer.config.image_input_range = list(input_range)
    parts = {
        "transformer": (transformer, "transformers"),
        "vqvae": (vq, "diffusers"),
        "tokenizer": (tokenizer, "transformers"),
    }
    index: dict[str, object] = {"_class_name": PIPELINE}
    for name, (part, library) in parts.items():
        part.save_pretrained(folder / name)
        index[name] = [library, type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
