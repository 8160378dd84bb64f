"""Which noise a draw is: one (t, ε), a function of the seed, the image and the draw's number alone.

All labels of an image share its draws, so that they are compared in pairs: the difference of two errors under the same
noise varies far less than either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconstrue.seeding import stream

# The golden ratio's fractional part: u + j·φ mod 1 is spread evenly over [0, 1) after any number j of draws.
_GOLDEN = (5**0.5 - 1) / 2


def draw_times(seed: int, image_id: str, start: int, stop: int) -> NDArray[np.float64]:
    """Return t in (0, 1) of the draws start … stop − 1 of an image: t_j = (u + j·φ) mod 1 with u from the image.

    Every prefix is stratified: among the first n draws no two neighbouring t are more than about 2.6/n apart (the
    three-distance theorem), so a race that stops early has still seen all noise levels.
    """
    offset = stream(seed, image_id, "t").random()
    return np.asarray((offset + np.arange(start, stop) * _GOLDEN) % 1.0)


def draw_noise(seed: int, image_id: str, draw: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return ε ~ N(0, 1) of one draw of an image, float32; a function of its three names alone."""
    return stream(seed, image_id, draw).standard_normal(shape, dtype=np.float32)
