"""How an observer's shape bias spreads over the 16 categories: Figure 12."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, ObserverResult
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.observers import PART, colour, cut
from reconstrue.report.figures.style import (
    COLUMN,
    GREY,
    GRID,
    INK,
    PEOPLE_STYLE,
    RED,
    SMALL,
    interval,
    letters,
    literal,
    new_figure,
    place,
    short,
)
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import CONFLICT

_PITCH = 0.2


def figure_12(benchmark: Benchmark, *, width: float = COLUMN) -> Figure:
    """Draw Figure 12: a box of the shape bias of the 16 categories for each observer, the most shape-biased first.

    Models that answered a part of the images follow. The box is from the lower to the upper quartile, the line in it the median, the whiskers reach to the last category
    within 1.5 times its length, and every category is a dot. The mark is the shape bias over all decisions, a red
    diamond for people.

    Raises UserError where nobody has a shape bias.
    """
    rows = _rows(benchmark)
    # Names have at most half of the width.
    room = int((0.5 * width - 0.12) / letters("x", SMALL))
    names = [_name(row, min(30, room)) for row in rows]
    left, right, top, bottom = max(letters(name, SMALL) for name in names) + 0.12, 0.12, 0.06, 0.36
    height = _PITCH * len(rows)
    figure = new_figure(width, top + height + bottom)
    axes = place(figure, left, top, width - left - right, height)
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for at, row in enumerate(rows):
        _box(figure, at, row, is_people=row is benchmark.humans)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", ".25", ".5", ".75", "1"])
    axes.set_xlabel("shape bias   (texture ←   → shape)", fontsize=SMALL + 0.5, color=INK, labelpad=2)
    axes.set_yticks(range(len(rows)), [literal(name) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for row, text in zip(rows, axes.get_yticklabels(), strict=True):
        text.set_color(RED if row is benchmark.humans else INK)
        text.set_fontweight("bold" if row is benchmark.humans else "normal")
    return figure


def describe_figure_12(benchmark: Benchmark) -> str:
    """Say in words what Figure 12 shows: the median and the quartiles of every observer."""
    parts = []
    for row in _rows(benchmark):
        values = np.array([value for _, value in _categories(row)])
        if values.size:
            low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
            parts.append(f"{row.name} {middle:.2f} ({low:.2f} to {high:.2f})")
    return f"Shape bias over the categories, median and quartiles: {', '.join(parts)}."


def _rows(benchmark: Benchmark) -> list[ObserverResult]:
    people = [benchmark.humans] if benchmark.humans.shape_bias.defined else []
    models = [row for row in benchmark.models.values() if row.shape_bias.defined]
    if not people and not models:
        raise UserError("Figure 12 needs answers to cue-conflict images: nobody in these trials has a shape bias.")
    return [*people, *sorted(models, key=lambda row: (bool(cut(row, (CONFLICT,))), -row.shape_bias.value, row.name))]


def _name(row: ObserverResult, most: int) -> str:
    ending = f" ({PART})" if cut(row, (CONFLICT,)) else ""
    return f"{short(row.name, max(8, most - len(ending)))}{ending}"


def _categories(row: ObserverResult) -> list[tuple[str, float]]:
    found = row.shape_bias_by_category
    return [(name, found[name].value) for name in CATEGORIES if name in found and found[name].defined]


def _box(figure: Figure, at: int, row: ObserverResult, *, is_people: bool) -> None:
    (axes,) = figure.axes
    shade = RED if is_people else colour(row)
    named = _categories(row)
    mean = f"{row.name} · shape bias over all decisions {interval(row.shape_bias)} · n = {row.shape_bias.n:,}"
    if cut(row, (CONFLICT,)):
        mean += " · part of the images"
    if named:
        values = np.array([value for _, value in named])
        low, middle, high = (float(value) for value in np.quantile(values, [0.25, 0.5, 0.75]))
        reach = 1.5 * (high - low)
        ends = float(values[values >= low - reach].min()), float(values[values <= high + reach].max())
        for inner, outer in ((low, ends[0]), (high, ends[1])):
            axes.plot([inner, outer], [at, at], color=shade, linewidth=0.8, zorder=2)
        box = Rectangle((low, at - 0.32), high - low, 0.64, facecolor=shade, alpha=0.3, edgecolor="none", zorder=2)
        box.set_gid(f"box {row.name}")
        axes.add_patch(box)
        tell(box, [f"{row.name} · median {middle:.2f}, quartiles {low:.2f} and {high:.2f} · {len(named)} categories"])
        axes.plot([middle, middle], [at - 0.32, at + 0.32], color=shade, linewidth=1.4, zorder=3)
        # Equal categories lie side by side: three lanes, by turns.
        lanes = [at + 0.17 * (index % 3 - 1) for index in range(len(named))]
        dots = axes.scatter(values, lanes, s=4, color=shade, alpha=0.75, linewidths=0, zorder=4, clip_on=False)
        dots.set_gid(f"categories {row.name}")
        tell(dots, [f"{row.name} · {name} · shape bias {value:.2f}" for name, value in named])
    marks = axes.scatter(
        [row.shape_bias.value],
        [at],
        marker=PEOPLE_STYLE.mark if is_people else "o",
        s=20,
        color=shade if is_people else INK,
        edgecolors="white",
        linewidths=0.6,
        zorder=5,
        clip_on=False,
    )
    marks.set_gid(f"mean {row.name}")
    tell(marks, [mean])
    if not named:
        axes.text(1.0, at, "no category", fontsize=6, color=GREY, va="center", ha="right")
