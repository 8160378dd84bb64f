"""Image classifiers in transformers' format: a folder with ``config.json``, safetensors and a preprocessor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import AutoModelForImageClassification
from transformers.utils import logging as transformers_logging

from reconstrue.classifiers.discriminative.supervised import Network
from reconstrue.errors import UserError


@final
class TransformersNetwork(Network):
    """A `…ForImageClassification` model with the mean, deviation and size that its own preprocessor states."""

    def __init__(self, folder: Path, *, dtype: torch.dtype, device: torch.device) -> None:
        preprocessing = _read_json(folder / "preprocessor_config.json")
        bars = transformers_logging.is_progress_bar_enabled()
        transformers_logging.disable_progress_bar()
        try:
            self._model: Any = AutoModelForImageClassification.from_pretrained(
                folder, dtype=dtype, use_safetensors=True, trust_remote_code=False
            )
        except (OSError, ValueError) as error:
            raise UserError(f"{folder}: cannot load this model: {str(error).splitlines()[0][:300]}") from error
        finally:
            if bars:
                transformers_logging.enable_progress_bar()
        self._model.eval().to(device)
        self._device = device
        self.classes = tuple(self._model.config.id2label[i] for i in range(self._model.config.num_labels))
        size = preprocessing.get("crop_size") or preprocessing["size"]
        self.resolution = int(size if isinstance(size, int) else size.get("shortest_edge") or size["height"])
        self._mean, self._deviation = (
            torch.tensor(preprocessing[key], dtype=torch.float32, device=device).reshape(1, 3, 1, 1)
            for key in ("image_mean", "image_std")
        )

    def logits(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        normalised = (pictures.to(self._device) - self._mean) / self._deviation
        answer: Tensor = self._model(pixel_values=normalised.to(self._model.dtype)).logits
        return answer.float().cpu()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: missing, so the model's input range is not known; save the image processor too"
        ) from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not valid JSON ({error}); download the model again") from error
    return dict(content)
