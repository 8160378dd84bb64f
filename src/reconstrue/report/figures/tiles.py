"""Pictures in a grid, with words around them: what the figures of reconstructions share. All places are in inches."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reconstrue.report.figures.style import CHOSEN, INK, literal

LETTER = 0.56
"""The width of a letter of the font, roughly, as a share of its size."""


def tile(figure: Figure, pixels: NDArray[np.floating], left: float, top: float, side: float, name: str) -> Axes:
    """Show a picture, (H, W, 3) in [0, 1], as a square so far from the left and the top edge; `name` is its gid."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((left / width, 1.0 - (top + side) / height, side / width, side / height))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#b5b5b5")
        spine.set_linewidth(0.6)
    axes.imshow(unit(pixels), interpolation="none", aspect="auto")
    axes.set_gid(name)
    return axes


def words(
    figure: Figure,
    left: float,
    middle: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: str = INK,
    at: str = "center",
) -> None:
    """Write a line around this height, `at` saying which part of it is so far from the left edge."""
    width, height = figure.get_size_inches()
    figure.text(
        left / width,
        1.0 - middle / height,
        literal(text),
        ha=at,
        va="center",
        fontsize=size,
        color=colour,
        fontweight="bold" if bold else "normal",
    )


def frame(axes: Axes, name: str, *, dashed: bool = False) -> None:
    """Put a frame around a picture: thick, or thinner and dashed; `name` is its gid."""
    around = Rectangle(
        (0, 0),
        1,
        1,
        transform=axes.transAxes,
        fill=False,
        edgecolor=CHOSEN,
        linewidth=1.8 if dashed else 2.6,
        linestyle=(0, (3, 1.5)) if dashed else "solid",
        clip_on=False,
        zorder=5,
    )
    around.set_gid(name)
    axes.add_patch(around)


def distance_text(value: float, digits: int, *, nearest: bool) -> str:
    """Write a distance, with a mark before the lowest.

    >>> distance_text(12.34, 1, nearest=True), distance_text(math.nan, 1, nearest=False)
    ('▾ 12.3', '–')
    """
    text = "–" if math.isnan(value) else f"{value:.{digits}f}"
    return f"▾ {text}" if nearest else text


def in_lines(parts: Sequence[str], most: int) -> list[str]:
    """Set parts one after the other, with a dot between, in lines of at most `most` letters."""
    lines: list[str] = []
    for part in parts:
        pieces = textwrap.wrap(part, max(most, 12)) or [""]
        if lines and len(lines[-1]) + len(pieces[0]) + 5 <= most:
            pieces[0] = f"{lines.pop()}  ·  {pieces[0]}"
        lines += pieces
    return lines


def digits(distances: NDArray[np.floating]) -> int:
    """Give as many decimals as tell the lowest distances apart: about three digits of their spread."""
    finite = distances[np.isfinite(distances)]
    spread = float(finite.max() - finite.min()) if finite.size else 0.0
    return 2 if spread <= 0 else min(6, max(0, 2 - math.floor(math.log10(spread))))


def unit(pixels: NDArray[np.floating]) -> NDArray[np.float32]:
    """Bring a picture into [0, 1], and a large one down to at most 256 px, which is more than a tile shows."""
    clipped = np.clip(np.nan_to_num(np.asarray(pixels, dtype=np.float32)), 0.0, 1.0)
    step = math.ceil(max(clipped.shape[:2]) / 256)
    height, width = clipped.shape[0] // step, clipped.shape[1] // step
    if step == 1 or not height or not width:
        return clipped
    blocks = clipped[: height * step, : width * step].reshape(height, step, width, step, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)
