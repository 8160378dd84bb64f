"""The 16 category icons, drawn by the pocket world's own pen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.offsetbox import DrawingArea
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from reconstrue.seeding import stream
from reconstrue.stimuli.world.drawing import Role, Sketch
from reconstrue.stimuli.world.shapes import drawings

_INK = "#1c1c1c"
# Of the icon's width: smaller parts (rivets, hubs) would be a grey grain in print.
_TOO_FINE = 0.02
_TONES: Mapping[Role, str] = MappingProxyType(
    {"solid": "#8c8c8c", "hole": "#ffffff", "dark": "#3c3c3c", "light": "#efefef"}
)

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
        "keyboard": "slim",
        "knife": "chef",
        "oven": "cooker_front",
        "truck": "box_lorry",
    }
)


@cache
def icon_sketch(category: str) -> Sketch:
    """Give the drawing that stands for a category, fitted into [0, 1] x [0, 1] with y down.

    Raises KeyError for a name that is not one of the 16 categories.
    """
    choices = {drawing.__name__: drawing for drawing in drawings(category)}
    drawing = choices.get(CHOSEN[category], drawings(category)[0])
    sketch = drawing(stream(0, "icon", category))
    x0, y0, x1, y1 = sketch.outline_bounds()
    scale = 1.0 / max(x1 - x0, y1 - y0)
    middle = np.array([x0 + x1, y0 + y1]) / 2.0
    return sketch.transformed(np.eye(2) * scale, 0.5 - middle * scale, scale)


def icon(category: str, size: float) -> DrawingArea:
    """Draw the icon of a category as vector shapes, `size` points wide and high, for a white ground.

    Raises KeyError for a name that is not one of the 16 categories.
    """
    sketch = icon_sketch(category)
    area = DrawingArea(size, size, 0.0, 0.0)
    thin, contour = 0.016 * size, 0.025 * size

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        points = _thinned(points)
        return np.stack([points[:, 0], 1.0 - points[:, 1]], axis=1) * size

    def fill(points: NDArray[np.float64], tone: str, edge: float = 0.0) -> None:
        patch = Polygon(place(points), closed=True, facecolor=tone, linewidth=edge, joinstyle="round")
        patch.set_edgecolor(_INK if edge else "none")
        area.add_artist(patch)

    def lines(at: int) -> None:
        for points, width, position in sketch.lines:
            if position == at:
                line = Line2D(*place(points).T, color=_INK, linewidth=max(thin, width * size))
                area.add_artist(line)

    # The contour of the whole: every part with a rim, before any part covers the rims inside.
    for role, points, _ in sketch.parts:
        if role == "solid" and _extent(points) >= _TOO_FINE:
            fill(points, _INK, 2.0 * contour)
    for index, (role, points, seam) in enumerate(sketch.parts):
        lines(index)
        if _extent(points) >= _TOO_FINE:
            fill(points, _TONES[role], contour if seam or role == "hole" else 0.0)
    lines(len(sketch.parts))
    return area


def _extent(points: NDArray[np.float64]) -> float:
    return float(np.ptp(points, axis=0).max())


def _thinned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out points nearer than a hundredth of the icon to the last one kept: too fine to print."""
    kept = [0]
    for index in range(1, len(points)):
        if float(np.abs(points[index] - points[kept[-1]]).max()) >= 0.012:
            kept.append(index)
    # What is smaller than that altogether keeps a few points.
    return points[kept] if len(kept) > 2 else points[:: max(1, len(points) // 4)]
