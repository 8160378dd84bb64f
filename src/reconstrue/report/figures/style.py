"""How observers look, in every figure alike: people are red diamonds, as everywhere in the field.

Models have colours that colour-blind readers tell apart, and marks that all readers do. Figures are made without
pyplot and without changing matplotlib's settings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reconstrue.metrics import Estimate

RED: Final = "#a51e22"
"""The colour of people."""

INK: Final = "#222222"
GREY: Final = "#767676"
CHOSEN: Final = "#0072b2"
PALE: Final = "#b9b9b9"
GRID: Final = "#e3e3e3"

COLUMN: Final = 3.3
PAGE: Final = 6.8
"""Widths in inches: of one column of a journal, and of its text."""

SMALL: Final = 6.5
"""The size of most letters in points; none is below 6."""

# Okabe & Ito's palette (2008) without yellow, which is too light on white, and vermilion, which is near the red of
# people; then three darker ones that stay apart in deuteranopia.
_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#56b4e9", "#cc79a7", "#4d4d4d", "#8c6d1f", "#5b3a8c", "#9a9a9a")
_DASHES: Final[tuple[tuple[float, ...], ...]] = ((), (4.0, 1.5), (1.0, 1.5))
_MARKS: Final = ("o", "s", "^", "v", "P", "X", "h", "p", "<", ">", "*")


@dataclass(frozen=True)
class Style:
    """How one observer is drawn, in every figure alike."""

    colour: str
    mark: str
    dashes: tuple[float, ...] = ()

    @property
    def size(self) -> float:
        """The area of the mark in square points, so that marks of every form look equally large."""
        return 30.0 * {"*": 2.0, "P": 1.3, "X": 1.3, "s": 0.9, "h": 1.15, "p": 1.2, "D": 0.9}.get(self.mark, 1.0)


PEOPLE_STYLE: Final = Style(RED, "D")


def styles(names: Sequence[str]) -> dict[str, Style]:
    """Give each model a colour and a mark of its own: up to 99 models no two have both in common."""
    return {
        name: Style(
            _COLOURS[index % len(_COLOURS)],
            _MARKS[index % len(_MARKS)],
            _DASHES[index // len(_COLOURS) % len(_DASHES)],
        )
        for index, name in enumerate(names)
    }


def legend_handle(style: Style, label: str) -> Line2D:
    """Return a line with a mark, as an observer stands in a legend."""
    handle = Line2D(
        [],
        [],
        color=style.colour,
        linewidth=1.4,
        marker=style.mark,
        markersize=math.sqrt(style.size),
        markerfacecolor=style.colour,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label=literal(label),
    )
    if style.dashes:
        handle.set_dashes(style.dashes)
    return handle


def new_figure(width: float, height: float) -> Figure:
    """Make a white figure of this size in inches, without pyplot."""
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes of this size, so far from the left and the top edge, all in inches."""
    whole_width, whole_height = figure.get_size_inches()
    bottom = whole_height - top - height
    axes = figure.add_axes(
        (left / whole_width, bottom / whole_height, width / whole_width, height / whole_height), facecolor="none"
    )
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GREY)
        spine.set_linewidth(0.6)
    axes.tick_params(labelsize=SMALL, labelcolor=INK, color=GREY, width=0.6, length=2.0, pad=2.0)
    return axes


def letters(text: str, size: float) -> float:
    """Give the width of a text in inches, roughly: 0.6 of the size for each letter."""
    return 0.6 * size / 72.0 * len(text)


def interval(figure: Estimate, digits: int = 2) -> str:
    """Write a figure with its interval where it has one.

    >>> interval(Estimate(0.5, 0.4, 0.62, 10))
    '0.50 [0.40, 0.62]'
    """
    text = f"{figure.value:.{digits}f}"
    if math.isnan(figure.low) or math.isnan(figure.high):
        return text
    return f"{text} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def percent(figure: Estimate) -> str:
    """Write a share in per cent, with its interval where it has one.

    >>> percent(Estimate(0.5, 0.4, 0.62, 10))
    '50% [40, 62]'
    """
    text = f"{100 * figure.value:.0f}%"
    if math.isnan(figure.low) or math.isnan(figure.high):
        return text
    return f"{text} [{100 * figure.low:.0f}, {100 * figure.high:.0f}]"


def short(text: str, most: int) -> str:
    """Cut a name to at most so many letters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def literal(text: str) -> str:
    """Keep matplotlib from reading a name as mathematics."""
    return text.replace("$", r"\$")
