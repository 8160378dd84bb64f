"""What differs in one thing, side by side: dots with intervals, and curves over what is varied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reconstrue.errors import UserError
from reconstrue.metrics import Estimate
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.style import (
    CHOSEN,
    GREY,
    GRID,
    INK,
    PAGE,
    SMALL,
    Style,
    interval,
    legend_handle,
    letters,
    literal,
    new_figure,
    percent,
    place,
    short,
    styles,
)

_ROW: Final = 0.2
_NAME_LETTERS: Final = 46


@dataclass(frozen=True)
class Dot:
    """One row of a panel.

    Attributes:
        label: of the row.
        figure: its mean, with an interval.
        single: the values that it averages, e.g. one for each seed.
        chosen: whether it is drawn in the colour that stands out.
    """

    label: str
    figure: Estimate
    single: tuple[float, ...] = ()
    chosen: bool = False


def figure_dots(panels: Mapping[str, Sequence[Dot]], *, shares: bool = True, width: float = PAGE) -> Figure:
    """Draw figures with their 95% intervals, one row per label and one panel per figure; small marks are single values.

    All panels have the same rows. `shares` says that figures are written in per cent.

    Raises UserError where there is nothing to draw.
    """
    rows = [dot.label for dot in next(iter(panels.values()), ())]
    if not rows:
        raise UserError("there is nothing to compare: no figure is defined.")
    left = max(letters(short(name, _NAME_LETTERS), SMALL) for name in rows) * 0.92 + 0.1
    right, top, bottom, gap = 0.12, 0.26, 0.3, 0.2
    height = _ROW * len(rows)
    figure = new_figure(width, top + height + bottom)
    each = (width - left - right - gap * (len(panels) - 1)) / len(panels)
    for column, (title, dots) in enumerate(panels.items()):
        axes = place(figure, left + column * (each + gap), top, each, height)
        axes.set_gid(f"dots {title}")
        axes.set_title(title, fontsize=SMALL + 0.5, color=INK, pad=4)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [literal(short(n, _NAME_LETTERS)) for n in rows] if column == 0 else [])
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=5, steps=[1, 2, 5, 10])
        for row, dot in enumerate(dots):
            _dot(axes, row, dot, title, 100.0 if shares else 1.0)
        if shares:
            axes.set_xlabel("per cent", fontsize=SMALL, color=INK, labelpad=1)
    return figure


def _dot(axes: Axes, row: int, dot: Dot, title: str, scale: float) -> None:
    if not dot.figure.defined:
        return
    colour = CHOSEN if dot.chosen else GREY
    if not math.isnan(dot.figure.low):
        axes.plot([scale * dot.figure.low, scale * dot.figure.high], [row, row], color=colour, linewidth=1.1)
    single = [scale * value for value in dot.single if not math.isnan(value)]
    if len(single) > 1:
        axes.scatter(single, [row] * len(single), s=7, marker="|", linewidths=0.8, color=INK, zorder=4)
    mark = axes.scatter([scale * dot.figure.value], [row], s=22, color=colour, edgecolors="white", zorder=5)
    mark.set_gid(f"dot {title} {dot.label}")
    spelled = percent(dot.figure) if scale == 100.0 else interval(dot.figure)
    tell(mark, [f"{dot.label} · {title} {spelled} · n = {dot.figure.n:,}"])


Curve = Sequence[tuple[float, Estimate]]


def figure_curves(panels: Mapping[str, Mapping[str, Curve]], x_name: str, *, width: float = PAGE) -> Figure:
    """Draw shares over what is varied, one line per series with 95% intervals, one panel per figure.

    A series has the same look in all panels; where a value is undefined its line is broken.

    Raises UserError where there is nothing to draw.
    """
    names = list(dict.fromkeys(name for series in panels.values() for name in series))
    if not names:
        raise UserError("there is nothing to compare: no figure is defined.")
    look = styles(names)
    columns = max(1, int((width - 0.3) / (max(letters(short(name, _NAME_LETTERS), SMALL) for name in names) + 0.4)))
    lines = math.ceil(len(names) / columns)
    left, right, top, gap, body = 0.42, 0.12, 0.26, 0.36, 1.9
    bottom = 0.44 + 0.15 * lines
    figure = new_figure(width, top + body + bottom)
    each = (width - left - right - gap * (len(panels) - 1)) / len(panels)
    for column, (title, series) in enumerate(panels.items()):
        axes = place(figure, left + column * (each + gap), top, each, body)
        axes.set_gid(f"curves {title}")
        axes.set_title(title, fontsize=SMALL + 0.5, color=INK, pad=4)
        axes.grid(color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
        if column == 0:
            axes.set_ylabel("per cent", fontsize=SMALL, color=INK, labelpad=2)
        axes.set_ylim(-3, 103)
        for place_of, (name, curve) in enumerate(series.items()):
            _curve(axes, name, curve, look[name], title, x_name, place_of)
    # Once for all panels: under each it would run into the next.
    middle = (left + (width - left - right) / 2) / width
    figure.text(
        middle, (bottom - 0.3) / figure.get_figheight(), x_name, fontsize=SMALL, color=INK, ha="center", va="center"
    )
    figure.legend(
        handles=[legend_handle(look[name], short(name, _NAME_LETTERS)) for name in names],
        loc="lower center",
        bbox_to_anchor=(0.5, 0.02 / figure.get_figheight()),
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=1.8,
        columnspacing=1.0,
        labelspacing=0.4,
        borderpad=0.0,
    )
    return figure


def _curve(axes: Axes, name: str, curve: Curve, style: Style, title: str, x_name: str, number: int) -> None:
    ordered = sorted(curve, key=lambda point: point[0])
    points = [(x, one) for x, one in ordered if one.defined]
    if not points:
        return
    xs, ys = [x for x, _ in points], [100.0 * one.value for _, one in points]
    # NaN breaks the line.
    (line,) = axes.plot(
        [x for x, _ in ordered], [100.0 * one.value for _, one in ordered], color=style.colour, linewidth=1.2
    )
    if style.dashes:
        line.set_dashes(style.dashes)
    # Intervals of several series at one place stand a little apart.
    span = (max(xs) - min(xs)) or 1.0
    for x, one in points:
        if not math.isnan(one.low):
            at = x + 0.006 * span * (number - 1)
            axes.plot([at, at], [100.0 * one.low, 100.0 * one.high], color=style.colour, linewidth=0.7, alpha=0.7)
    marks = axes.scatter(
        xs, ys, marker=style.mark, s=0.6 * style.size, color=style.colour, edgecolors="white", zorder=5
    )
    marks.set_gid(f"curve {title} {name}")
    tell(marks, [f"{name} · {x_name} {x:g} · {title} {percent(one)} · n = {one.n:,}" for x, one in points])
