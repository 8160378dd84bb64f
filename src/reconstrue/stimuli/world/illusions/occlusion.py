"""Partial occlusion: what can be seen is part of A and of B alike, where they differ lies a patch.

Two silhouettes are laid over each other. The cells of a grid in which they differ are covered; in the open lies what they
share. The parts of a reading are the places behind the patches where its object is and the other is not. In the controls the
same patches lie behind the whole object.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconstrue.seeding import stream
from reconstrue.stimuli.world.drawing import rasterise
from reconstrue.stimuli.world.illusions.aligned import aligned, silhouette
from reconstrue.stimuli.world.illusions.illusion import Illusion, Mask, choose_colours, to_pixels

PAIRS: Final = (
    ("cat", "dog"),
    ("bear", "dog"),
    ("car", "truck"),
    ("bear", "elephant"),
    ("bottle", "clock"),
)
"""Pairs of categories with drawings of much the same build."""

_TRIES: Final = 10
_CELLS: Final = 16
# In units of a cell's area; less is a difference that nobody sees.
_SEEN: Final = 0.2
# The side at which the patches are chosen, whatever the picture's.
_FINE: Final = 128


def occlusion(seed: int, number: int, side: int, wrong: tuple[str, str], readings: tuple[str, str]) -> Illusion:
    """Return a silhouette behind patches that may be either category, a function of its arguments."""
    names = ("occlusion", *readings, number)
    sketches = aligned(readings, stream(seed, "shape", *names), _TRIES)
    a, b = (silhouette(sketch, _FINE) for sketch in sketches)
    rng = stream(seed, "colours", *names)
    colours = choose_colours(rng)
    covered = _enlarged(_cells_that_differ(a, b), side)
    # Halfway between figure and ground, so that a patch belongs to neither.
    patch = np.clip((colours.figure + colours.ground) / 2 + rng.normal(0, 0.05, 3), 0, 1)
    first, second = (rasterise(sketch, side).silhouette for sketch in sketches)

    def painted(shape: NDArray[np.float32], ground: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(shape[..., None] * colours.figure + (1 - shape[..., None]) * ground)

    behind = np.where(covered[..., None], patch, colours.ground)
    picture = np.where(covered[..., None], patch, painted(np.minimum(first, second), behind))
    only = [(own > 0.5) & (other <= 0.5) & covered for own, other in ((first, second), (second, first))]
    return Illusion(
        name="-".join(map(str, names)),
        kind="occlusion",
        readings=readings,
        wrong=wrong,
        picture=to_pixels(picture),
        alone=(to_pixels(painted(first, behind)), to_pixels(painted(second, behind))),
        masks=(only[0], only[1]),
    )


def _cells_that_differ(a: Mask, b: Mask) -> Mask:
    """Return the cells of a grid in which two silhouettes differ by more than a sliver, (cells, cells)."""
    each = len(a) // _CELLS
    share = (a ^ b).reshape(_CELLS, each, _CELLS, each).mean(axis=(1, 3))
    return np.asarray(share > _SEEN)


def _enlarged(cells: Mask, side: int) -> Mask:
    """Return a grid of cells as a mask of a picture, (side, side)."""
    index = np.arange(side) * len(cells) // side
    return cells[np.ix_(index, index)]
