"""How a photograph is shown: a random crop and flip in training, the centre otherwise; normalised; under noise or not.

Crop, flip and noise are functions of (seed, photograph, epoch), so that they are the same whichever process shows it.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from reconstrue.classifiers.discriminative.supervised import noised
from reconstrue.seeding import stream

# Of each colour channel of ImageNet, in [0, 1].
MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)
# Shares of the area and ratios of width to height of a crop (Szegedy et al. 2015, arXiv 1409.4842, §6).
_AREA = (0.08, 1.0)
_RATIO = (3 / 4, 4 / 3)
_TRIES = 10


def view(
    picture: Image.Image, side: int, *, noise: bool, seed: int, image_id: str, epoch: int
) -> Float[Tensor, "3 side side"]:
    """Return the photograph as the network is shown it in an epoch.

    A random part of it is resized (bilinear, antialiased), mirrored in half of the epochs, normalised, and with `noise`
    becomes α·x + √(1 − α²)·ε, α = √u, u ~ U[0, 1] (Listing 1 of the paper).
    """
    draws = stream(seed, image_id, epoch, "view")
    box = random_box(picture.width, picture.height, draws)
    shown = picture.resize((side, side), Image.Resampling.BILINEAR, box=box)
    if draws.random() < 0.5:
        shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    mean, deviation = (np.array(values, dtype=np.float32) for values in (MEAN, DEVIATION))
    pixels = (np.asarray(shown, dtype=np.float32) / 255 - mean) / deviation
    x = torch.from_numpy(pixels).permute(2, 0, 1).contiguous()
    return noised(x, seed, f"{image_id} in epoch {epoch}") if noise else x


def random_box(width: int, height: int, draws: Generator) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a crop with uniform area and log-uniform ratio of its sides.

    Where ten tries do not fit into the picture, it is the largest centred one whose ratio is allowed.
    """
    for _ in range(_TRIES):
        area = width * height * draws.uniform(*_AREA)
        ratio = math.exp(draws.uniform(math.log(_RATIO[0]), math.log(_RATIO[1])))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            left, top = int(draws.integers(width - w + 1)), int(draws.integers(height - h + 1))
            return left, top, left + w, top + h
    w, h = min(width, round(height * _RATIO[1])), min(height, round(width / _RATIO[0]))
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h
