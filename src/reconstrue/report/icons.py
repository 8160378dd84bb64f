"""The 16 category icons, drawn by the pocket world's own pen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from reconstrue.seeding import stream
from reconstrue.stimuli.world.drawing import rasterise
from reconstrue.stimuli.world.shapes import drawings

_MARGIN = 0.03

# Which of a category's drawings stands for it: chosen by eye, for one that reads at a quarter of an inch.
CHOSEN: Mapping[str, str] = MappingProxyType(
    {
        "airplane": "airliner_quarter",
        "bear": "walking",
        "bicycle": "mountain",
        "bird": "songbird",
        "boat": "sloop",
        "bottle": "wine",
        "car": "hatchback",
        "cat": "sitting_front",
        "chair": "dining",
        "clock": "alarm",
        "dog": "hanging_ears",
        "elephant": "asian",
        "keyboard": "straight_on",
        "knife": "chef",
        "oven": "cooker_front",
        "truck": "box_lorry",
    }
)


@cache
def icon(category: str, size: int = 96) -> NDArray[np.float32]:
    """Give the icon of a category as (size, size, 4) RGBA in [0, 1]: grey body, dark contours, clear ground.

    The array is shared between calls and cannot be written to. Raises KeyError for a name that is not one of the
    16 categories.
    """
    choices = {drawing.__name__: drawing for drawing in drawings(category)}
    drawing = choices.get(CHOSEN[category], drawings(category)[0])
    sketch = drawing(stream(0, "icon", category))
    x0, y0, x1, y1 = sketch.outline_bounds()
    scale = (1.0 - 2.0 * _MARGIN) / max(x1 - x0, y1 - y0)
    middle = np.array([x0 + x1, y0 + y1]) / 2.0
    raster = rasterise(sketch.transformed(np.eye(2) * scale, 0.5 - middle * scale, scale), size)
    grey = np.full((size, size), 0.5, dtype=np.float32)
    for mask, tone in ((raster.dark, 0.15), (raster.light, 0.92), (raster.contour, 0.0)):
        grey = grey * (1.0 - mask) + tone * mask
    rgba = np.dstack([grey, grey, grey, raster.silhouette]).clip(0.0, 1.0).astype(np.float32)
    rgba.setflags(write=False)
    return rgba
