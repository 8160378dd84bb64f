"""How far each model is from people on each data set, with what is more than chance flagged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reconstrue.errors import UserError
from reconstrue.metrics import Comparison
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.style import (
    CHOSEN,
    GREY,
    GRID,
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
from reconstrue.stimuli.catalog import load_catalog

ABOVE: Final = CHOSEN
BELOW: Final = "#b35c00"
"""The colours of a model that is better and worse than people; they differ in lightness too."""

_COLUMNS: Final = 4
_PITCH: Final = 0.125


def figure_gaps(comparisons: Sequence[Comparison], *, width: float = PAGE) -> Figure:
    """Draw the difference of each model to people on each data set: one panel per model, one row per set.

    The bars are 95% intervals. A full mark is a difference that is significant after correction over the sets of the
    model, an empty one is not; the red line is people. Models are in the order of their mean difference.

    Raises UserError where nothing was compared with people.
    """
    panels = _by_model(comparisons)
    if not panels:
        raise UserError("no model was compared with people: this figure needs trials of people on the same images.")
    sets = [name for name in load_catalog() if any(name in panel for panel in panels.values())]
    columns = min(_COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    left, right, top, bottom, gap_x, gap_y = (
        max(letters(name, SMALL) for name in sets) + 0.1,
        0.1,
        0.22,
        0.5,
        0.12,
        0.36,
    )
    row_height = _PITCH * len(sets)
    figure = new_figure(width, top + rows * row_height + (rows - 1) * gap_y + bottom)
    each = (width - left - right - gap_x * (columns - 1)) / columns
    ends = [
        abs(end)
        for panel in panels.values()
        for one in panel.values()
        for end in (one.difference.value, one.difference.low, one.difference.high)
        if not math.isnan(end)
    ]
    reach = 1.08 * max(ends, default=1.0)
    for index, (model, panel) in enumerate(panels.items()):
        row, column = divmod(index, columns)
        axes = place(figure, left + column * (each + gap_x), top + row * (row_height + gap_y), each, row_height)
        axes.set_gid(f"gap {model}")
        axes.set_title(literal(short(model, int(each / letters("x", SMALL)))), fontsize=SMALL + 0.5, color=INK, pad=3)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(len(sets) - 0.5, -0.5)
        axes.set_yticks(range(len(sets)), sets if column == 0 else [])
        axes.tick_params(axis="y", length=0)
        axes.locator_params(axis="x", nbins=4, steps=[1, 2, 5, 10])
        axes.grid(color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.axvline(0.0, color=RED, linewidth=1.0, zorder=1)
        _marks(axes, model, [(sets.index(name), name, one) for name, one in panel.items()])
    word = next(iter(comparisons)).figure.replace("_", " ")
    height = figure.get_figheight()
    key = f"{word}: model − people      ● significant after correction   ○ not   (orange: below people, blue: above)"
    figure.text(0.5, 0.1 / height, key, fontsize=SMALL, color=INK, ha="center")
    return figure


def describe_gaps(comparisons: Sequence[Comparison]) -> str:
    """Say in words on which data sets each model differs from people significantly."""
    parts = []
    for model, panel in _by_model(comparisons).items():
        worse = [name for name, one in panel.items() if one.significant and one.difference.value < 0]
        better = [name for name, one in panel.items() if one.significant and one.difference.value > 0]
        said = [f"{word} on {', '.join(names)}" for word, names in (("below", worse), ("above", better)) if names]
        parts.append(f"{model} {' and '.join(said) or 'no set'}")
    return f"Sets on which a model differs from people after correction: {'; '.join(parts)}."


def _by_model(comparisons: Sequence[Comparison]) -> dict[str, dict[str, Comparison]]:
    """Group the defined comparisons of single data sets by model, the highest mean difference first."""
    panels: dict[str, dict[str, Comparison]] = {}
    for one in comparisons:
        if one.difference.defined and len(one.datasets) == 1:
            panels.setdefault(one.first, {})[one.datasets[0]] = one

    def mean(model: str) -> float:
        return sum(one.difference.value for one in panels[model].values()) / len(panels[model])

    return {model: panels[model] for model in sorted(panels, key=lambda model: (-mean(model), model))}


def _marks(axes: Axes, model: str, rows: Sequence[tuple[int, str, Comparison]]) -> None:
    colours = [_colour(one) for _, _, one in rows]
    axes.hlines(
        [at for at, _, _ in rows],
        [one.difference.low for _, _, one in rows],
        [one.difference.high for _, _, one in rows],
        colors=colours,
        linewidth=1.1,
        zorder=2,
    )
    marks = axes.scatter(
        [one.difference.value for _, _, one in rows],
        [at for at, _, _ in rows],
        s=4.5,
        marker="o",
        facecolors=[shade if one.significant else "white" for shade, (_, _, one) in zip(colours, rows, strict=True)],
        edgecolors=colours,
        linewidths=0.6,
        zorder=3,
    )
    marks.set_gid(f"gap {model}")
    tell(marks, [_words(model, name, one) for _, name, one in rows])


def _colour(one: Comparison) -> str:
    if not one.significant:
        return GREY
    return ABOVE if one.difference.value > 0 else BELOW


def _words(model: str, name: str, one: Comparison) -> str:
    parts = [f"{model} − people", name, f"{one.figure.replace('_', ' ')} {interval(one.difference)}"]
    if not math.isnan(one.p_corrected):
        parts.append(f"corrected p = {one.p_corrected:.3f}" if one.p_corrected >= 0.001 else "corrected p < 0.001")
        parts.append("significant" if one.significant else "not significant")
    return " · ".join([*parts, f"n = {one.difference.n:,}"])
