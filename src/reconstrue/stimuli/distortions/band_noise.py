"""Noise of one octave of spatial frequency: the stimuli of critical-band masking, and the octaves themselves.

Which frequencies does an observer use? Noise in those hurts, noise in others does not (Solomon & Pelli 1994, "The visual
filter mediating letter identification", Nature 369). Subramanian, Sizikova, Majaj & Pelli (2023, "Spatial-frequency
channels, shape bias, and adversarial robustness", NeurIPS 36, arXiv 2309.13190) ask it of people and networks: greyscale
pictures at 20% contrast around 0.449, in seven octaves of Gaussian noise centred on 1.75 … 112 cycles per image, with a
deviation of 0, 0.02, 0.04, 0.08 or 0.16. Those are their released stimuli as we read them. Here the octaves have sharp
edges, where theirs are the levels of a Laplacian pyramid; the noise has exactly the named deviation, where theirs has that
of the pyramid's finest level; and what leaves [0, 1] is clipped, where they move such pixels.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.stimuli.distortions.tone import to_bytes, to_grey

Image = NDArray[np.float64]

CONTRAST: Final = 0.2
"""What is left of the contrast of the pictures."""

GREY: Final = 0.449
"""The mean grey value of every picture, that of the pictures of ImageNet."""

NOISE_SDS: Final = (0.02, 0.04, 0.08, 0.16)
"""Deviations of the noise, in units of the range of grey."""

# As many octaves as the study has; pictures narrower than 128 px hold fewer.
_OCTAVES: Final = 7


def squared_frequency(height: int, width: int) -> Image:
    """Return the squared radial frequency of each bin of a 2-D FFT, (height, width), in (cycles per image)².

    An image is as long as its shorter side. Of a square the numbers are whole and exact.
    """
    side = min(height, width)
    down, across = (np.rint(np.fft.fftfreq(n) * n) * (side / n) for n in (height, width))
    return down[:, None] ** 2 + across[None, :] ** 2


def in_octave(height: int, width: int, centre: float) -> NDArray[np.bool_]:
    """Return which bins of a 2-D FFT lie in the octave [c/√2, c·√2) around a centre c in cycles per image."""
    squared = squared_frequency(height, width)
    return (squared >= centre**2 / 2) & (squared < 2 * centre**2)


def octave_centres(height: int, width: int) -> tuple[float, ...]:
    """Return the centres 0, 1, 2, 4 … of octaves that hold every frequency of a picture, in cycles per image.

    0 is the mean, which no octave holds. The last octave holds the corner of the plane.

    >>> octave_centres(8, 8), octave_centres(64, 64)
    ((0.0, 1.0, 2.0, 4.0), (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0))
    """
    highest = float(squared_frequency(height, width).max())
    if highest == 0:
        return (0.0,)
    # The least power of two whose octave reaches the highest frequency, with the upper edge.
    last = max(0, math.ceil(math.log2(highest / 2) / 2))
    return (0.0, *(2.0**k for k in range(last + 1)))


def octave_of(height: int, width: int) -> NDArray[np.int64]:
    """Return for each bin of a 2-D FFT its place in `octave_centres`, (height, width): each bin is in one octave."""
    centres = np.array(octave_centres(height, width)[1:])
    squared = squared_frequency(height, width)
    # The upper edge of the last octave belongs to it.
    places = np.searchsorted(centres[1:] ** 2 / 2, squared, side="right") + 1
    return np.where(squared == 0, 0, places).astype(np.int64)


def masking_centres(side: int) -> tuple[float, ...]:
    """Return the centres of the octaves of noise for pictures of this side: half of it and down by octaves to 1, seven at most.

    >>> masking_centres(224), masking_centres(64)
    ((1.75, 3.5, 7.0, 14.0, 28.0, 56.0, 112.0), (1.0, 2.0, 4.0, 8.0, 16.0, 32.0))

    Raises UserError for pictures of fewer than 4 px, which hold no two octaves.
    """
    centres = [side / 2 / 2**k for k in range(_OCTAVES)]
    kept = tuple(centre for centre in reversed(centres) if centre >= 1)
    if len(kept) < 2:
        raise UserError(f"pictures of {side} px hold no two octaves of noise; give larger ones")
    return kept


def octave_noise(height: int, width: int, centre: float, sd: float, generator: np.random.Generator) -> Image:
    """Return Gaussian noise of one octave, (height, width): white noise without all other frequencies, scaled to `sd`.

    The scale is each picture's own, so that a low octave, which has few frequencies, is as strong as any. The same
    generator gives the same white noise whatever the centre and deviation.

    Raises:
        ValueError: a deviation that is negative or no number.
        UserError: no frequency of such a picture lies in the octave.
    """
    if not (math.isfinite(sd) and sd >= 0):
        raise ValueError(f"a deviation must be a number of at least 0, got {sd}")
    kept = in_octave(height, width, centre)
    if not kept.any():
        raise UserError(
            f"no frequency of a picture of {width} × {height} px lies in the octave around {centre:g} cycles per image; "
            f"choose one of {', '.join(f'{c:g}' for c in octave_centres(height, width)[1:])}"
        )
    white = generator.standard_normal((height, width))
    noise = np.fft.ifft2(np.fft.fft2(white) * kept).real
    return noise * (sd / math.sqrt(float(np.mean(noise**2))))


def band_noise(
    picture: NDArray[np.uint8],
    centre: float,
    sd: float,
    generator: np.random.Generator,
    *,
    contrast: float = CONTRAST,
    colour: bool = False,
) -> NDArray[np.uint8]:
    """Return the picture in greyscale, at reduced contrast around 0.449, with noise of one octave.

    Args:
        picture: (H, W, 3) uint8.
        centre: of the octave, in cycles per image.
        sd: deviation of the noise, in units of the range of grey; 0 for none.
        generator: of the noise.
        contrast: c in (grey − mean)·c + 0.449, in (0, 1].
        colour: keep the colours, which the study does not: c is then of all channels about their one mean, and the noise,
            the same in each, is grey.

    Returns:
        (H, W, 3) uint8; what leaves the range is clipped.

    Raises:
        ValueError: a contrast out of range or a deviation that is negative.
        UserError: no frequency of the picture lies in the octave.
    """
    if not 0 < contrast <= 1:
        raise ValueError(f"the contrast must lie within (0, 1], got {contrast}")
    image = picture / 255 if colour else to_grey(picture / 255)
    faint = (image - image.mean()) * contrast + GREY
    if sd == 0:
        return to_bytes(faint)
    noise = octave_noise(picture.shape[0], picture.shape[1], centre, sd, generator)
    return to_bytes(faint + (noise[..., None] if colour else noise))
