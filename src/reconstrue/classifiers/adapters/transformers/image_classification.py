"""Image classifiers in transformers' format: a folder with ``config.json``, safetensors and a preprocessor."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import AutoModelForImageClassification

from reconstrue.classifiers.adapters.guarded import guarded_load
from reconstrue.classifiers.adapters.transformers.preprocessor import read_preprocessing
from reconstrue.classifiers.discriminative.supervised import Network


@final
class TransformersNetwork(Network):
    """A `…ForImageClassification` model with the mean, deviation and size that its own preprocessor states."""

    def __init__(self, folder: Path, *, dtype: torch.dtype, device: torch.device) -> None:
        seen = read_preprocessing(folder)
        with guarded_load(str(folder)):
            self._model: Any = AutoModelForImageClassification.from_pretrained(
                folder, dtype=dtype, use_safetensors=True, trust_remote_code=False
            )
        self._model.eval().to(device)
        self._device = device
        self.classes = tuple(self._model.config.id2label[i] for i in range(self._model.config.num_labels))
        self.resolution, self.crop, self.interpolation = seen.resolution, seen.crop, seen.interpolation
        self.mean, self.deviation = seen.mean, seen.deviation

    def logits(self, normalised: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        answer: Tensor = self._model(pixel_values=normalised.to(self._device, self._model.dtype)).logits
        return answer.float().cpu()
