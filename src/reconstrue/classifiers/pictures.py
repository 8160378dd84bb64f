"""From a stimulus' pixels to the square picture that a network sees."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

Interpolation = Literal["bilinear", "bicubic", "lanczos", "box"]
_FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}


def to_square(
    pixels: NDArray[np.uint8], side: int, interpolation: Interpolation = "bicubic"
) -> Float[Tensor, "3 side side"]:
    """Return the picture in [0, 1], float32, (3, side, side): shorter edge resized to `side`, centre cropped.

    Args:
        pixels: (height, width, 3) uint8.
        side: of the square, in pixels.
        interpolation: an antialiased filter of Pillow.
    """
    height, width = pixels.shape[:2]
    if (height, width) != (side, side):
        scale = side / min(height, width)
        size = (max(side, round(width * scale)), max(side, round(height * scale)))
        resized = Image.fromarray(pixels).resize(size, _FILTERS[interpolation])
        left, top = (size[0] - side) // 2, (size[1] - side) // 2
        pixels = np.asarray(resized.crop((left, top, left + side, top + side)))
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1).contiguous()
