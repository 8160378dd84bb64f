"""CLIP in transformers' format: a `CLIPModel` folder with its tokenizer and its preprocessor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import AutoTokenizer, CLIPModel

from reconstrue.classifiers.adapters.guarded import guarded_load
from reconstrue.classifiers.adapters.transformers.preprocessor import read_preprocessing
from reconstrue.classifiers.discriminative.contrastive import Embedder


@final
class ClipEmbedder(Embedder):
    """A `CLIPModel` with the mean, deviation and size that its own preprocessor states."""

    def __init__(self, folder: Path, *, dtype: torch.dtype, device: torch.device) -> None:
        seen = read_preprocessing(folder)
        with guarded_load(str(folder)):
            self._model: Any = CLIPModel.from_pretrained(folder, dtype=dtype, use_safetensors=True)
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        self._model.eval().to(device)
        self._device = device
        self._length = int(self._model.config.text_config.max_position_embeddings)
        self.scale = float(self._model.logit_scale.detach().exp())
        self.resolution, self.crop, self.interpolation = seen.resolution, seen.crop, seen.interpolation
        self._mean, self._deviation = (
            torch.tensor(values, dtype=torch.float32).reshape(1, 3, 1, 1) for values in (seen.mean, seen.deviation)
        )

    def read(self, prompts: Sequence[str]) -> Mapping[str, Tensor]:
        found = self.tokenizer(
            list(prompts), padding="max_length", truncation=True, max_length=self._length, return_tensors="pt"
        )
        return {"ids": found["input_ids"], "mask": found["attention_mask"]}

    def embed_texts(self, read: Mapping[str, Tensor]) -> Float[Tensor, "k d"]:
        ids, mask = (read[key].to(self._device) for key in ("ids", "mask"))
        pooled = self._model.text_model(input_ids=ids, attention_mask=mask).pooler_output
        embedding: Tensor = self._model.text_projection(pooled)
        return embedding.float().cpu()

    def embed_pictures(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b d"]:
        normalised = ((pictures - self._mean) / self._deviation).to(self._device, self._model.dtype)
        embedding: Tensor = self._model.visual_projection(self._model.vision_model(normalised).pooler_output)
        return embedding.float().cpu()
