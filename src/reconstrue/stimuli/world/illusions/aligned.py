"""Two drawings of different categories that lie over each other as well as a few tries allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconstrue.stimuli.world.drawing import Sketch, rasterise
from reconstrue.stimuli.world.illusions.illusion import Mask
from reconstrue.stimuli.world.shapes import drawings

# The side at which silhouettes are compared, whatever the picture's.
_COARSE = 32
_FILLED = 0.88


def aligned(categories: tuple[str, str], rng: np.random.Generator, tries: int) -> tuple[Sketch, Sketch]:
    """Return a drawing of each category in frame units, of `tries` each the two whose silhouettes overlap most.

    Each fills the frame and stands in its middle; the second may be mirrored. Overlap is |A ∩ B| / |A ∪ B|.
    """
    first, second = ([_framed(category, rng) for _ in range(tries)] for category in categories)
    second += [_mirrored(sketch) for sketch in second]
    a, b = (np.stack([silhouette(sketch, _COARSE, 2).ravel() for sketch in sketches]) for sketches in (first, second))
    both = a.astype(np.float64) @ b.T.astype(np.float64)
    overlap = both / (a.sum(axis=1)[:, None] + b.sum(axis=1) - both)
    i, j = np.unravel_index(int(overlap.argmax()), overlap.shape)
    return first[i], second[j]


def silhouette(sketch: Sketch, side: int, supersample: int = 4) -> Mask:
    """Return where a sketch in frame units is solid, (side, side)."""
    return rasterise(sketch, side, supersample).silhouette > 0.5


def _framed(category: str, rng: np.random.Generator) -> Sketch:
    choices = drawings(category)
    sketch = choices[int(rng.integers(len(choices)))](rng)
    if rng.random() < 0.5:
        sketch = _mirrored(sketch)
    x0, y0, x1, y1 = sketch.outline_bounds()
    scale = _FILLED / max(x1 - x0, y1 - y0)
    middle: NDArray[np.float64] = np.array([x0 + x1, y0 + y1]) / 2
    return sketch.transformed(np.eye(2) * scale, 0.5 - middle * scale, scale)


def _mirrored(sketch: Sketch) -> Sketch:
    return sketch.transformed(np.diag([-1.0, 1.0]), np.array([1.0, 0.0]), 1.0)
