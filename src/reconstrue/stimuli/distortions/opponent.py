"""Opponent (false) colour: the two chromatic axes of human colour vision turned round, luminance kept."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import UserError

Image = NDArray[np.float64]

# What long-, middle- and short-wave cones take from linear red, green and blue of the study's monitor.
_CONES: Final = np.array(
    [
        [0.1619982647, 0.208049264, 0.0389347448],
        [0.0330275785, 0.2496504557, 0.0618343518],
        [0.0015524055, 0.0198861001, 0.1890224274],
    ]
)
_WHITE_POINT: Final = np.array([0.20449114, 0.17225619, 0.10523047])
# Cone differences from the white point to luminance, L−M and S (Brainard 1996).
_DKL: Final = np.array(
    [
        [9.27590805, 9.27590805, 0.0],
        [7.86421647, -9.33587662, 0.0],
        [-3.39709047, -3.39709047, 12.16230246],
    ]
)
# Both chromatic axes negated, in linear RGB: x -> _TURN x + _OFFSET.
_IN_CONES: Final = np.linalg.inv(_DKL) @ np.diag([1.0, -1.0, -1.0]) @ _DKL
_TURN: Final = np.linalg.inv(_CONES) @ _IN_CONES @ _CONES
_OFFSET: Final = np.linalg.inv(_CONES) @ (_WHITE_POINT - _IN_CONES @ _WHITE_POINT)


def srgb_gamma() -> Image:
    """Return the light that an sRGB monitor (IEC 61966-2-1) gives for each of the 256 values, in [0, 1]."""
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def false_colour(picture: NDArray[np.uint8], gamma: NDArray[np.floating] | None = None) -> Image:
    """Return the picture with opponent colours, (H, W, 3) in [0, 1].

    Pixel values are linearised by the monitor's gamma table, turned in DKL space (L−M and S negated), clipped to
    [0, 1] and looked up backwards: the value whose light is nearest, the lower one of two.

    Args:
        picture: (H, W, 3) uint8, as the table is indexed by pixel values.
        gamma: light for each of the 256 values, rising within [0, 1]; None for an sRGB monitor, a stand-in: the
            published pictures were made with the measured table of the study's own.

    Raises:
        UserError: the table is of another form.
    """
    table = srgb_gamma() if gamma is None else np.ravel(np.asarray(gamma, dtype=np.float64))
    if table.size != 256 or not np.all(np.diff(table) > 0) or table[0] < 0 or table[-1] > 1:
        raise UserError("--gamma must hold 256 rising numbers from 0 to 1: the light for each pixel value")
    light = np.clip(table[picture] @ _TURN.T + _OFFSET, 0, 1)
    between = (table[1:] + table[:-1]) / 2
    return np.searchsorted(between, light, side="left") / 255
