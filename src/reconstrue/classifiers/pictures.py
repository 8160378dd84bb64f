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
    pixels: NDArray[np.uint8], side: int, interpolation: Interpolation = "bicubic", crop: float = 1.0
) -> Float[Tensor, "3 side side"]:
    """Return the picture in [0, 1], float32, (3, side, side): its centre square resized to `side`.

    Args:
        pixels: (height, width, 3) uint8.
        side: of the square, in pixels.
        interpolation: an antialiased filter of Pillow.
        crop: the square's share of the shorter edge; 0.875 is "resize to 256, crop 224".
    """
    height, width = pixels.shape[:2]
    if (height, width, crop) != (side, side, 1.0):
        # Only the square is resized, so that a very long picture costs no more than another.
        edge = min(height, width) * crop
        left, top = (width - edge) / 2, (height - edge) / 2
        square = (left, top, left + edge, top + edge)
        pixels = np.asarray(Image.fromarray(pixels).resize((side, side), _FILTERS[interpolation], box=square))
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1).contiguous()
