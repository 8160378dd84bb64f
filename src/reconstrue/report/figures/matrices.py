"""Who errs on the same images as whom: the matrices of Figures 6 and 14 to 17."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.metrics import ConsistencyMatrix, Estimate, cluster_order
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.style import (
    INK,
    PAGE,
    RED,
    SMALL,
    interval,
    letters,
    literal,
    new_figure,
    place,
    short,
)
from reconstrue.trials.table import is_human

COLOURS: Final = "YlGnBu"
"""From pale yellow to dark blue: its lightness falls throughout, so that it reads in grey and for every eye."""

_NAME_LETTERS: Final = 26
# In inches: below the first a row's name is smaller than 6 points, below the second a column has no room for one.
_LEAST_HEIGHT: Final = 0.094
_LEAST_WIDTH: Final = 0.094
_WRITTEN_WIDTH: Final = 0.21
_NO_VALUE: Final = "#f4f4f4"


def consistency_figure(matrix: ConsistencyMatrix, *, width: float = PAGE) -> Figure:
    """Draw the error consistency of every two observers, those who err alike side by side, people's names in red.

    Observers are in the order of `cluster_order`. The diagonal, and pairs without an image in common, are left empty.
    Figures stand in the cells where there is room for them. Many observers make the figure higher, and their columns
    (in the order of the rows) have no names.

    Raises UserError for fewer than two observers.
    """
    count = len(matrix.observers)
    if count < 2:
        raise UserError(f"a matrix of {matrix.dataset} needs two observers or more: there is {count}.")
    order = list(cluster_order(matrix))
    names = [matrix.observers[index] for index in order]
    values = matrix.values[np.ix_(order, order)].copy()
    np.fill_diagonal(values, np.nan)
    shown = [short(name, _NAME_LETTERS) for name in names]
    longest = max(letters(name, SMALL) for name in shown)
    left, right = longest + 0.12, 0.62
    cell_width = min((width - left - right) / count, 0.42)
    cell_height = max(_LEAST_HEIGHT, min(cell_width, 0.3))
    with_columns = cell_width >= _LEAST_WIDTH
    top, bottom = 0.08, longest + 0.12 if with_columns else 0.1
    body_width, body_height = cell_width * count, cell_height * count
    figure = new_figure(left + body_width + right, top + body_height + bottom)
    axes = place(figure, left, top, body_width, body_height)
    axes.set_gid(f"error consistency {matrix.dataset}")
    lowest, highest = _ends(values)
    norm = Normalize(lowest, highest)
    cells(
        axes,
        values,
        norm,
        gid=f"cells {matrix.dataset}",
        texts=[[_words(matrix, order[row], order[column]) for column in range(count)] for row in range(count)],
        written=2 if cell_width >= _WRITTEN_WIDTH else None,
    )
    _named(axes, shown, [is_human(name) for name in names], with_columns)
    bar_axes = place(figure, left + body_width + 0.1, top, 0.1, min(body_height, 1.6))
    bar = figure.colorbar(ScalarMappable(norm, mpl.colormaps[COLOURS]), cax=bar_axes)
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(labelsize=SMALL, width=0.5, length=2.0, pad=2.0)
    bar.ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, steps=[1, 2, 5, 10]))
    bar.set_label("error consistency", fontsize=SMALL, color=INK, labelpad=2)
    return figure


def describe_consistency(matrix: ConsistencyMatrix) -> str:
    """Say in words what a matrix shows: people with people, models with models, and the models nearest to people."""
    people = np.array([is_human(name) for name in matrix.observers])
    models = ~people
    with_people = {
        name: float(np.nanmean(matrix.values[index, people]))
        for index, name in enumerate(matrix.observers)
        if models[index] and np.isfinite(matrix.values[index, people]).any()
    }
    upper = np.triu(np.ones_like(matrix.values, dtype=bool), 1)
    between = matrix.values[upper & np.outer(models, models) & np.isfinite(matrix.values)]
    parts = []
    if matrix.ceiling.defined:
        parts.append(f"people with each other {interval(matrix.ceiling)}")
    if between.size:
        parts.append(f"models with each other {float(between.mean()):.2f} on average")
    nearest = sorted(with_people, key=lambda name: -with_people[name])[:3]
    if nearest:
        said = ", ".join(f"{name} {with_people[name]:.2f}" for name in nearest)
        parts.append(f"nearest to people: {said}")
    return f"Error consistency on {matrix.dataset} of {len(matrix.observers)} observers: {'; '.join(parts)}."


def cells(
    axes: Axes,
    values: NDArray[np.float64],
    norm: Normalize,
    *,
    gid: str,
    texts: Sequence[Sequence[str]],
    written: int | None = None,
) -> PolyCollection:
    """Draw a matrix as one square per value with words of its own, row 0 at the top; NaN is left empty.

    `written` is the number of decimals of the figures in the cells, None for none.
    """
    rows, columns = values.shape
    where = [(row, column) for row in range(rows) for column in range(columns) if not math.isnan(values[row, column])]
    squares = [
        [(column - 0.5, row - 0.5), (column + 0.5, row - 0.5), (column + 0.5, row + 0.5), (column - 0.5, row + 0.5)]
        for row, column in where
    ]
    shown = np.array([values[at] for at in where])
    colours = mpl.colormaps[COLOURS](norm(shown)) if where else "none"
    drawn = PolyCollection(squares, facecolors=colours, edgecolors=colours, linewidths=0.2)
    drawn.set_gid(gid)
    axes.add_collection(drawn, autolim=False)
    tell(drawn, [texts[row][column] for row, column in where])
    axes.set_facecolor(_NO_VALUE)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    if written is not None:
        for (row, column), value in zip(where, shown, strict=True):
            # A small negative figure that rounds to zero has no sign.
            text = f"{value:z.{written}f}".replace("0.", ".", 1)
            ink = _readable(mpl.colormaps[COLOURS](float(norm(value))))
            axes.text(column, row, text, fontsize=6, ha="center", va="center", color=ink, clip_on=True)
    return drawn


def _readable(ground: tuple[float, float, float, float]) -> str:
    """Give the ink, dark or white, that has more contrast with a colour (W3C's relative luminance)."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    behind, dark = luminance(ground) + 0.05, luminance(to_rgb(INK)) + 0.05
    return "white" if 1.05 / behind > behind / dark else INK


def _named(axes: Axes, names: Sequence[str], people: Sequence[bool], with_columns: bool) -> None:
    places = range(len(names))
    axes.set_yticks(places, [literal(name) for name in names])
    if with_columns:
        axes.set_xticks(places, [literal(name) for name in names], rotation=90)
    else:
        axes.set_xticks([])
    axes.tick_params(length=0, pad=3, labelsize=SMALL if len(names) <= 40 else 6.0)
    for label, human in zip(axes.get_yticklabels(), people, strict=True):
        label.set_color(RED if human else INK)
    for label, human in zip(axes.get_xticklabels(), people if with_columns else [], strict=True):
        label.set_color(RED if human else INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    # A red diamond and a line at the edge, where people are.
    humans = [index for index in places if people[index]]
    edge = axes.get_yaxis_transform()
    marks = axes.scatter(
        [1.0] * len(humans), humans, marker="D", s=7, color=RED, linewidths=0, transform=edge, clip_on=False, zorder=5
    )
    marks.set_gid("people rows")
    tell(marks, [names[index] for index in humans])
    if not with_columns:
        below = axes.scatter(
            humans,
            [0.0] * len(humans),
            marker="D",
            s=7,
            color=RED,
            linewidths=0,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
            zorder=5,
        )
        below.set_gid("people columns")
        tell(below, [names[index] for index in humans])


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    low, high = (float(there.min()), float(there.max())) if there.size else (0.0, 1.0)
    return min(0.0, low), max(high, low + 1e-6, 0.1)


def _words(matrix: ConsistencyMatrix, row: int, column: int) -> str:
    found = Estimate(
        float(matrix.values[row, column]),
        float(matrix.low[row, column]),
        float(matrix.high[row, column]),
        int(matrix.n_images[row, column]),
    )
    one, other = matrix.observers[row], matrix.observers[column]
    return f"{one} and {other} · {matrix.dataset} · error consistency {interval(found)} · n = {found.n:,}"
