"""Illusions drawn again under two prompts: the picture, its parts, both drawings, and where they differ (Figure 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reconstrue.report.figures.style import COLUMN, GREY, SMALL, new_figure, place, short
from reconstrue.report.figures.tiles import words as write_words

FIRST: Final = "#0072b2"
SECOND: Final = "#d55e00"
"""The colours of the two readings: of their names, their masks and what changes more under one than the other."""

_BETWEEN: Final = LinearSegmentedColormap.from_list("readings", [SECOND, "#ffffff", FIRST], N=257)
_HEADS: Final = ("picture", "parts", "first", "second", "difference")


_NOTE: Final = (
    "Difference: what changes more under one prompt. Number: do",
    "changes lie in the prompt's own parts? 1 yes, 0.5 chance, 0 no",
)


@dataclass(frozen=True)
class IllusionRow:
    """One illusion and what a model drew of it.

    Attributes:
        kind: of illusion.
        readings: the two categories.
        picture: (H, W, 3) in [0, 1].
        masks: (H, W) where the parts of each reading lie.
        drawn: (2, H, W, 3) in [0, 1], the picture drawn again under each prompt.
        change: (H, W), positive where the first prompt changes more than the second.
        localisation: of this picture, over all its draws.

    Raises ValueError where the shapes do not fit together.
    """

    kind: str
    readings: tuple[str, str]
    picture: NDArray[np.floating]
    masks: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    drawn: NDArray[np.floating]
    change: NDArray[np.floating]
    localisation: float

    def __post_init__(self) -> None:
        shape = self.picture.shape
        if len(shape) != 3 or shape[2] != 3:
            raise ValueError(f"picture has shape {shape}, not (height, width, 3)")
        if self.drawn.shape != (2, *shape):
            raise ValueError(f"drawn has shape {self.drawn.shape}, not {(2, *shape)}")
        for name, found in (("change", self.change), ("a mask", self.masks[0]), ("a mask", self.masks[1])):
            if found.shape != shape[:2]:
                raise ValueError(f"{name} has shape {found.shape}, not {shape[:2]}")


def figure_illusions(rows: Sequence[IllusionRow], observer: str, about: str, *, width: float = COLUMN) -> Figure:
    """Draw one row for each illusion: picture, parts, drawn under either prompt, and where the two drawings differ.

    Each row's number is its localisation.

    Args:
        rows: at least one.
        observer: the model's name.
        about: how the drawings were made, for example the noise level.
        width: in inches.

    Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("there is no illusion to draw")
    gap, side, head, below, foot = 0.05, 0.02, 0.42, 0.2, 0.3
    tile = (width - 2 * side - 4 * gap) / 5
    step = tile + below
    height = head + step * len(rows) + foot
    figure = new_figure(width, height)

    words = partial(write_words, figure, size=SMALL)
    words(side, 0.1, short(f"{observer}, {about}", 60), at="left", bold=True)
    for column, name in enumerate(("picture", "parts", "drawn as", "drawn as", "difference")):
        words(side + column * (tile + gap) + tile / 2, 0.3, name, colour=GREY)
    for index, row in enumerate(rows):
        top = head + index * step
        cells = [place(figure, side + k * (tile + gap), top, tile, tile) for k in range(5)]
        for cell, name in zip(cells, _HEADS, strict=True):
            _bare(cell)
            cell.set_gid(f"{name} {index}")
        cells[0].imshow(_unit(row.picture), interpolation="none")
        # Pale, so that the coloured outlines stand out.
        cells[1].imshow(0.35 * _unit(row.picture) + 0.65, interpolation="none")
        for cell, drawn in zip(cells[2:4], row.drawn, strict=True):
            cell.imshow(_unit(drawn), interpolation="none")
        reach = float(np.quantile(np.abs(row.change), 0.99)) or 1.0
        cells[4].imshow(row.change, cmap=_BETWEEN, vmin=-reach, vmax=reach, interpolation="none")
        for cell in (cells[1], cells[4]):
            for mask, colour in zip(row.masks, (FIRST, SECOND), strict=True):
                _outline(cell, mask, colour, 0.9 if cell is cells[1] else 0.5)
        y = top + tile + 0.085
        words(side + tile + gap / 2, y, short(row.kind, 14))
        for k, (name, colour) in enumerate(zip(row.readings, (FIRST, SECOND), strict=True)):
            words(side + (2 + k) * (tile + gap) + tile / 2, y, short(name, 10), colour=colour, bold=True)
        words(side + 4 * (tile + gap) + tile / 2, y, "–" if np.isnan(row.localisation) else f"{row.localisation:.2f}")
    for line, text in enumerate(_NOTE):
        words(side, height - foot + 0.08 + 0.12 * line, text, at="left", colour=GREY)
    return figure


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.4)


def _outline(axes: Axes, mask: NDArray[np.bool_], colour: str, width: float) -> None:
    """Draw the border of a mask; one that is empty or full has none."""
    if mask.any() and not mask.all():
        axes.contour(mask.astype(float), levels=[0.5], colors=[colour], linewidths=width)


def _unit(picture: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.clip(np.asarray(picture, dtype=np.float64), 0.0, 1.0)
