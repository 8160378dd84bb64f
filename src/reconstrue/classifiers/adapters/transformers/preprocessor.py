"""What a transformers image processor does to a picture, read from its config; our own resizing carries it out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconstrue.classifiers.adapters.guarded import first_line
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.errors import UserError

# Pillow's numbers, as preprocessors store them.
_RESAMPLE: dict[int, Interpolation] = {1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box"}


@dataclass(frozen=True)
class Preprocessing:
    """How pictures are brought to a network.

    Attributes:
        resolution: side of the network's input, in pixels.
        crop: the input's share of the shorter edge.
        interpolation: the filter of the resizing.
        mean: of each colour channel in [0, 1].
        deviation: of each colour channel.
    """

    resolution: int
    crop: float
    interpolation: Interpolation
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def read_preprocessing(folder: Path) -> Preprocessing:
    """Return what a folder's ``preprocessor_config.json`` or ``processor_config.json`` states.

    Raises:
        UserError: neither is there, or it is not understood.
    """
    path = folder / "preprocessor_config.json"
    if not path.is_file() and (folder / "processor_config.json").is_file():
        path = folder / "processor_config.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: missing, so the model's input range is not known; save the image processor too"
        ) from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not valid JSON ({error}); download the model again") from error
    try:
        # A processor of pictures and texts keeps the pictures' part under a name of its own.
        return _understood(content.get("image_processor", content))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: {first_line(error)} is not understood") from error


def _understood(config: dict[str, Any]) -> Preprocessing:
    """Raise KeyError, TypeError or ValueError for what is not understood."""
    size = config["size"]
    resized = int(size if isinstance(size, int) else size.get("shortest_edge") or size["height"])
    crop = config.get("crop_size")
    if crop is not None and config.get("do_center_crop", True):
        side = int(crop if isinstance(crop, int) else crop["height"])
        share = side / resized
    else:
        # ConvNext's rule: below 384 px the shorter edge is resized to side / crop_pct, then the centre is cut out.
        side, share = resized, float(config.get("crop_pct") or 1.0) if resized < 384 else 1.0
    scale = float(config.get("rescale_factor", 1 / 255))
    if abs(scale * 255 - 1) > 1e-3 or not config.get("do_rescale", True):
        raise ValueError(f"rescale_factor {scale}")
    mean, deviation = (0.0,) * 3, (1.0,) * 3
    if config.get("do_normalize", True):
        mean, deviation = tuple(config["image_mean"]), tuple(config["image_std"])
    return Preprocessing(side, share, _RESAMPLE[int(config.get("resample", 2))], mean, deviation)
