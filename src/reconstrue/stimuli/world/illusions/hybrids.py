"""Hybrids: the low spatial frequencies of A and the high ones of B (Oliva, Torralba & Schyns 2006, ACM TOG 25).

.. math:: H = G_{low} * A + (1 - G_{high}) * B

in greyscale, with Gaussian filters whose gain is ½ at the cut-off: G(f) = 2^{-(f / f_c)²}, f in cycles per image. From afar
or blurred a hybrid is A, from near it is B. The parts of a reading lie where its object does.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconstrue.seeding import stream
from reconstrue.stimuli.distortions.tone import to_grey
from reconstrue.stimuli.world.drawing import rasterise
from reconstrue.stimuli.world.illusions.aligned import aligned
from reconstrue.stimuli.world.illusions.illusion import Illusion, Pixels, to_pixels
from reconstrue.stimuli.world.render import paint

LOW: Final = 6.0
HIGH: Final = 9.0
"""The cut-offs in cycles per image; what lies between them is weak in both."""

# A hybrid is read best where the two objects cover each other.
_TRIES = 6


def hybrid(seed: int, number: int, side: int, wrong: tuple[str, str], readings: tuple[str, str]) -> Illusion:
    """Return the low frequencies of an object A with the high ones of an object B, a function of its arguments.

    The controls are A and B passed through both filters: H of A with A, and of B with B.
    """
    names = ("hybrid", *readings, number)
    rasters = [rasterise(s, side) for s in aligned(readings, stream(seed, "shape", *names), _TRIES)]
    first, second = (
        to_grey(paint(raster, category, stream(seed, "paint", category, *names)).astype(np.float64))
        for raster, category in zip(rasters, readings, strict=True)
    )
    return Illusion(
        name="-".join(map(str, names)),
        kind="hybrid",
        readings=readings,
        wrong=wrong,
        picture=_pixels(joined(first, second)),
        alone=(_pixels(joined(first, first)), _pixels(joined(second, second))),
        masks=(rasters[0].silhouette > 0.5, rasters[1].silhouette > 0.5),
    )


def joined(coarse: NDArray[np.float64], fine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frequencies below `LOW` of one grey picture with those above `HIGH` of another, (side, side)."""
    return _blurred(coarse, LOW) + fine - _blurred(fine, HIGH)


def _blurred(grey: NDArray[np.float64], cut_off: float) -> NDArray[np.float64]:
    """Return a picture through the Gaussian exp(−2π²σ²f²) whose gain is ½ at a cut-off; the border repeats outside.

    The distortions' filters see the study's grey outside of the picture, which would frame every hybrid.
    """
    from scipy.ndimage import gaussian_filter

    deviation = math.sqrt(math.log(2) / 2) / math.pi * len(grey) / cut_off
    return np.asarray(gaussian_filter(grey, deviation, mode="nearest"))


def _pixels(grey: NDArray[np.float64]) -> Pixels:
    return to_pixels(np.repeat(grey[..., None], 3, axis=2))
