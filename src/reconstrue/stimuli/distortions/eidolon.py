"""Partially coherent disarray of a difference-of-Gaussians scale space (Koenderink et al. 2017, J. Vision 17(2):7).

The numbers are those of the toolbox's Python version as Geirhos et al. 2018 used it, with its mended mix of coherent
and incoherent fields, on pictures 224 px wide. Its accidents are kept where they move pixels, and named.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float64]

# A picture of this width has scale 1: the toolbox was run with 256² pictures and the largest scale 64.
_WIDTH: Final = 224
_LARGEST: Final = 64.0
_FINEST: Final = 1 / math.sqrt(2)
# The toolbox scales 512² normal numbers so that the largest is 127.5; the deviation is then 27.1 on average.
_WHITE: Final = 27.1
# Frequencies that a blur leaves less of than this are not drawn.
_NEGLIGIBLE: Final = 1e-5


def eidolon(grey: Image, reach: float, coherence: float, grain: float, generator: np.random.Generator) -> Image:
    """Return the eidolon of a grey image: layers of its scale space, each displaced by a random field, and added up.

    The image, in 8 bits, is mirrored at its borders to a plane of at least 1.5 times its sides, a power of two. Layers
    are differences of Gaussian blurs at σ = 2^((k−1)/2) px, k = 0 … 11 at 224 px, and the coarsest blur. Layer k is read
    at its own pixel plus reach × field k, rounded down and clamped to the plane. The sum is cut out, clipped and
    truncated to 8 bits.

    Field k = (1 − coherence)·I_k + coherence·(C_k + C_k+1 + …), for rows and columns independently: I_k is white noise
    blurred by `grain`, of its own for each layer; C_k is white noise blurred by σ_k and weighted by σ_k/64, so that
    coarse layers drag finer ones along. At grain 10 an I_k has the deviation 0.76, and each C_k 0.12.

    Reach, grain and the largest scale are in pixels of a picture 224 px wide and grow with the width; the finest scale
    is always 1/√2 px. The generator cannot give the toolbox's own numbers: the fields agree in distribution.

    Args:
        grey: (H, W) in [0, 1].
        reach: how far pixels move, ≥ 0; 0 gives the image back, blurred by the finest scale.
        coherence: in [0, 1].
        grain: blur of the incoherent fields, > 0.
        generator: of the fields.
    """
    scale = grey.shape[1] / _WIDTH
    largest = _LARGEST * scale
    sigmas = [_FINEST * math.sqrt(2) ** k for k in range(max(1, math.ceil(2 * math.log2(largest))))]
    plane, (top, left) = _embed(np.rint(grey * 255))
    spectrum = np.fft.rfft2(plane)
    rows, columns = np.indices(grey.shape)
    coherent = np.zeros(grey.shape, dtype=np.complex128)
    coarser = np.zeros_like(plane)
    total = np.zeros_like(grey)
    for sigma in reversed(sigmas):
        blurred = np.fft.irfft2(spectrum * _picture_transfer(plane.shape, sigma), plane.shape)
        layer, coarser = blurred - coarser, blurred
        field = np.zeros_like(coherent)
        if coherence > 0:
            coherent += sigma / largest * random_field(plane.shape, grey.shape, sigma, scale, generator)
            field += coherence * coherent
        if coherence < 1:
            field += (1 - coherence) * random_field(plane.shape, grey.shape, grain * scale, scale, generator)
        total += layer[
            np.clip(rows + top + reach * scale * field.real, 0, plane.shape[0] - 1).astype(np.intp),
            np.clip(columns + left + reach * scale * field.imag, 0, plane.shape[1] - 1).astype(np.intp),
        ]
    return np.floor(np.clip(total, 0, 255)) / 255


def random_field(
    plane: tuple[int, int], shape: tuple[int, int], sigma: float, scale: float, generator: np.random.Generator
) -> NDArray[np.complex128]:
    """Return two independent random fields, as real and imaginary part: white noise blurred by `sigma` pixels.

    The noise is drawn in the Fourier domain of the plane, at the frequencies that the blur leaves, and its upper left
    corner of the given shape is returned. Deviation: 27.1·scale/(2√π σ). The toolbox means to standardise a field c but
    computes c − mean/deviation, which leaves the deviation and moves the mean: kept, as it moves whole pictures.
    """
    down, across = _transfer(plane[0], sigma), _transfer(plane[1], sigma)
    i, j = np.flatnonzero(down > _NEGLIGIBLE), np.flatnonzero(across > _NEGLIGIBLE)
    noise = generator.standard_normal((len(i), len(j), 2)).view(np.complex128)[..., 0]
    noise *= _WHITE * scale * math.sqrt(plane[0] * plane[1]) * np.outer(down[i], across[j])
    mean = noise[0, 0] / (plane[0] * plane[1])
    deviation = _WHITE * scale * math.sqrt(float(np.mean(down**2) * np.mean(across**2)))
    by_column = np.zeros((plane[0], len(j)), dtype=np.complex128)
    by_column[i] = noise
    by_row = np.zeros((shape[0], plane[1]), dtype=np.complex128)
    by_row[:, j] = np.fft.ifft(by_column, axis=0)[: shape[0]]
    return np.fft.ifft(by_row, axis=1)[:, : shape[1]] - mean / deviation


def _embed(image: Image) -> tuple[Image, tuple[int, int]]:
    """Return the image amid its mirror images on a plane of powers of two, and its upper left corner there."""
    sides = [2 ** math.ceil(math.log2(1.5 * side)) for side in image.shape]
    top, left = ((side - inner) // 2 for side, inner in zip(sides, image.shape, strict=True))
    after = sides[0] - image.shape[0] - top, sides[1] - image.shape[1] - left
    return np.pad(image, ((top, after[0]), (left, after[1])), mode="symmetric"), (top, left)


def _kernel(side: int, sigma: float) -> Image:
    """Return a Gaussian sampled at the pixels of a ring of `side`, the centre first."""
    distance = np.fft.fftfreq(side, 1 / side)
    return np.exp(-(distance**2) / (2 * sigma**2)) / (math.sqrt(2 * math.pi) * sigma)


def _transfer(side: int, sigma: float) -> Image:
    """Return what the sampled Gaussian leaves of each frequency of one dimension, (side,)."""
    return np.fft.fft(_kernel(side, sigma)).real


def _picture_transfer(plane: tuple[int, int], sigma: float) -> NDArray[np.complex128]:
    """Return the transfer function of the toolbox's blur for `rfft2`.

    The toolbox convolves with all rows laid end to end, where what lies left of a kernel's centre lies one row lower.
    """
    kernel = _kernel(plane[1], sigma)
    left = np.where(np.arange(plane[1]) > plane[1] // 2, kernel, 0)
    lower = np.exp(-2j * np.pi * np.fft.fftfreq(plane[0]))[:, None]
    across = np.fft.rfft(kernel - left) + lower * np.fft.rfft(left)
    return _transfer(plane[0], sigma)[:, None] * across
