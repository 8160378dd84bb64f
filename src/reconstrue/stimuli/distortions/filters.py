"""Gaussian low-pass and high-pass filters on the study's background grey."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float64]

# The mean grey value of the study's pictures: what a filter sees outside of the picture, and the mean of what it returns.
BACKGROUND: Final = 0.4423


def low_pass(grey: Image, std: float, *, continuous: bool = False) -> Image:
    """Return the image blurred by a Gaussian of `std` pixels (0: untouched), with 0.4423 all around.

    The kernel is sampled at the pixels and cut off at 4 std, as the reference's is. Below a pixel a sampled Gaussian
    soon filters nothing; `continuous` gives the transfer function exp(−2π²σ²f²) instead.
    """
    from scipy import ndimage

    if not continuous:
        return np.clip(ndimage.gaussian_filter(grey, std, mode="constant", cval=BACKGROUND), 0, 1)
    margin = math.ceil(4 * std) + 4
    spectrum = np.fft.fft2(np.pad(grey, margin, constant_values=BACKGROUND))
    blurred = np.fft.ifft2(ndimage.fourier_gaussian(spectrum, std)).real
    return np.clip(blurred[margin:-margin, margin:-margin], 0, 1)


def high_pass(grey: Image, std: float, *, continuous: bool = False) -> Image:
    """Return the image minus its low-pass, shifted to the mean 0.4423 and clipped; untouched where `std` is infinite.

    The reference has no filter of infinite deviation: `inf` is the published label of the unfiltered control.
    """
    if math.isinf(std):
        return grey
    fine = grey - low_pass(grey, std, continuous=continuous)
    return np.clip(fine + (BACKGROUND - fine.mean()), 0, 1)
