"""Grey values: greyscale, contrast, uniform noise, eight bits."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float64]

# Luminance of red, green and blue (the primaries of ITU-R BT.709), as the reference weighs them.
_GREY: Final = np.array([0.2125, 0.7154, 0.0721])
# What is left of the contrast before noise is added, so that little of the noise has to be clipped.
_NOISE_CONTRAST: Final = 0.3


def to_grey(image: Image) -> Image:
    """Return the greyscale image, (H, W), of an (H, W, 3) one: 0.2125 R + 0.7154 G + 0.0721 B."""
    return image @ _GREY


def contrast(grey: Image, level: float) -> Image:
    """Return (1 − c)/2 + c·x for a contrast c in [0, 1]: mid-grey is the fixed point.

    >>> contrast(np.array([0.0, 1.0]), 0.5)
    array([0.25, 0.75])
    """
    return (1 - level) / 2 + level * grey


def uniform_noise(grey: Image, width: float, generator: np.random.Generator) -> Image:
    """Return the image at 30% contrast with noise U[−w, w] of its own at every pixel, clipped to [0, 1]."""
    faint = contrast(grey, _NOISE_CONTRAST)
    return np.clip(faint + generator.uniform(-width, width, faint.shape), 0, 1)


def to_bytes(image: Image) -> NDArray[np.uint8]:
    """Return the image in 8 bits, (H, W, 3), halves rounded up as the reference saves its pictures.

    >>> to_bytes(np.array([[0.5]]))
    array([[[128, 128, 128]]], dtype=uint8)
    """
    levels = np.floor(np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)
    return levels if levels.ndim == 3 else np.repeat(levels[..., None], 3, axis=2)
