"""Image classifiers in transformers' format: a folder with ``config.json``, safetensors and a preprocessor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import AutoModelForImageClassification

from reconstrue.classifiers.adapters.guarded import first_line, guarded_load
from reconstrue.classifiers.discriminative.supervised import Network
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.errors import UserError

# Pillow's numbers, as preprocessors store them.
_RESAMPLE: dict[int, Interpolation] = {1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box"}


@final
class TransformersNetwork(Network):
    """A `…ForImageClassification` model with the mean, deviation and size that its own preprocessor states."""

    def __init__(self, folder: Path, *, dtype: torch.dtype, device: torch.device) -> None:
        _refuse_foreign(folder)
        preprocessing = _read_json(folder / "preprocessor_config.json")
        with guarded_load(str(folder)):
            self._model: Any = AutoModelForImageClassification.from_pretrained(
                folder, dtype=dtype, use_safetensors=True, trust_remote_code=False
            )
        self._model.eval().to(device)
        self._device = device
        self.classes = tuple(self._model.config.id2label[i] for i in range(self._model.config.num_labels))
        try:
            self.resolution, self.crop, self.interpolation, mean, deviation = _input(preprocessing)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{folder / 'preprocessor_config.json'}: {first_line(error)} is not understood") from error
        self._mean, self._deviation = (
            torch.tensor(values, dtype=torch.float32, device=device).reshape(1, 3, 1, 1) for values in (mean, deviation)
        )

    def logits(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        normalised = (pictures.to(self._device) - self._mean) / self._deviation
        answer: Tensor = self._model(pixel_values=normalised.to(self._model.dtype)).logits
        return answer.float().cpu()


def _input(preprocessing: dict[str, Any]) -> tuple[int, float, Interpolation, list[float], list[float]]:
    """Return side, crop, interpolation, mean and deviation; raises KeyError or ValueError for what is not understood."""
    size = preprocessing["size"]
    resized = int(size if isinstance(size, int) else size.get("shortest_edge") or size["height"])
    crop = preprocessing.get("crop_size")
    if crop is not None and preprocessing.get("do_center_crop", True):
        side = int(crop if isinstance(crop, int) else crop["height"])
        share = side / resized
    else:
        # ConvNext's rule: below 384 px the shorter edge is resized to side / crop_pct, then the centre is cut out.
        side, share = resized, float(preprocessing.get("crop_pct") or 1.0) if resized < 384 else 1.0
    scale = float(preprocessing.get("rescale_factor", 1 / 255))
    if abs(scale * 255 - 1) > 1e-3 or not preprocessing.get("do_rescale", True):
        raise ValueError(f"rescale_factor {scale}")
    interpolation = _RESAMPLE[int(preprocessing.get("resample", 2))]
    if not preprocessing.get("do_normalize", True):
        return side, share, interpolation, [0.0] * 3, [1.0] * 3
    return side, share, interpolation, preprocessing["image_mean"], preprocessing["image_std"]


def _refuse_foreign(folder: Path) -> None:
    """Raise UserError for timm's format, which has a ``config.json`` of its own."""
    if {"architecture", "pretrained_cfg"} <= set(_read_json(folder / "config.json")):
        raise UserError(f"{folder}: a timm model, which this version does not read; save it in transformers' format")


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
