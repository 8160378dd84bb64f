"""Two figures against each other, one mark per observer: accuracy on blurred images and shape bias (section 4)."""

from __future__ import annotations

import math
from typing import Final

from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from reconstrue.errors import UserError
from reconstrue.metrics import Correlation, Estimate
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.observers import OTHERS, Look, legend_of
from reconstrue.report.figures.style import (
    COLUMN,
    GREY,
    GRID,
    INK,
    PEOPLE_STYLE,
    SMALL,
    interval,
    legend_handle,
    letters,
    literal,
    new_figure,
    place,
    short,
)
from reconstrue.trials.table import PEOPLE

_SIDE: Final = 2.3


def figure_correlation(correlation: Correlation, look: Look, *, width: float = COLUMN) -> Figure:
    """Draw two figures of every model against each other, with both correlations and their intervals in words.

    People are a red diamond and are not counted. `look` is of the models; those without one of their own are grey.

    Raises UserError where there is no model with both figures.
    """
    if not correlation.points:
        raise UserError(f"no model has both {correlation.x_name} and {correlation.y_name}: there is nothing to draw.")
    legend = legend_of({name: look.get(name, OTHERS) for name in correlation.points}, correlation.people is not None)
    names = [short(name, 23) for name, _ in legend.shown] + ([f"{legend.others} other models"] if legend.others else [])
    columns = max(1, min(len(names), int((width - 0.1) / (max(letters(name, SMALL) for name in names) + 0.3))))
    rows = math.ceil(len(names) / columns)
    left, right, top, bottom = 0.46, 0.1, 0.42, 0.42 + 0.135 * rows
    figure = new_figure(width, top + _SIDE + bottom)
    axes = place(figure, left, top, width - left - right, _SIDE)
    axes.set_gid("scatter")
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    everybody = dict(correlation.points)
    if correlation.people is not None:
        everybody[PEOPLE] = correlation.people
    for name, (x, y) in everybody.items():
        people = name == PEOPLE
        style = PEOPLE_STYLE if people else look.get(name, OTHERS)
        shade = GREY if style is OTHERS else style.colour
        marks = axes.scatter(
            [x],
            [y],
            marker=style.mark,
            s=(0.9 if style is not OTHERS else 0.5) * style.size,
            # Two marks at one place are both to be seen.
            facecolors=to_rgba(shade, 1.0 if people else 0.5),
            edgecolors="white" if people else shade,
            linewidths=0.5 if people else 0.8,
            zorder=5 if people else 4 if style is not OTHERS else 3,
            clip_on=False,
        )
        marks.set_gid(f"point {name}")
        note = " · not counted in the correlation" if people else ""
        tell(marks, [f"{name} · {correlation.x_name} {x:.3f} · {correlation.y_name} {y:.3f}{note}"])
    # Shares have a range; its ends need room for a mark.
    for set_limits, axis in ((axes.set_xlim, 0), (axes.set_ylim, 1)):
        values = [point[axis] for point in everybody.values()]
        pad = 0.08 * max(max(values) - min(values), 0.05)
        set_limits(min(values) - pad, max(values) + pad)
    axes.locator_params(nbins=6, steps=[1, 2, 5, 10])
    axes.set_xlabel(correlation.x_name, fontsize=SMALL + 0.5, color=INK, labelpad=2)
    axes.set_ylabel(correlation.y_name, fontsize=SMALL + 0.5, color=INK, labelpad=2)
    for line, text in enumerate(_statistics(correlation)):
        at = 1.0 - (0.14 + 0.14 * line) / figure.get_figheight()
        figure.text(left / width, at, text, fontsize=SMALL, color=INK)
    handles = [
        legend_handle(style, name) for (_, style), name in zip(legend.shown, names[: len(legend.shown)], strict=True)
    ]
    if legend.others:
        handles.append(legend_handle(OTHERS, names[-1]))
    for handle in handles:
        handle.set_linestyle("none")
        handle.set_markersize(0.75 * handle.get_markersize())
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.04 / figure.get_figheight()),
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=1.0,
        handletextpad=0.3,
        columnspacing=0.8,
        labelspacing=0.4,
        borderpad=0.0,
    )
    return figure


def describe_correlation(correlation: Correlation) -> str:
    """Say in words how two figures go together, and where people are."""
    said = "; ".join(_statistics(correlation))
    people = ""
    if correlation.people is not None:
        x, y = correlation.people
        people = f" People, not counted: {correlation.x_name} {x:.2f}, {correlation.y_name} {y:.2f}."
    left_out = ", ".join(correlation.left_out)
    note = f" Left out, as they answered a part of the images: {literal(left_out)}." if left_out else ""
    about = f"{correlation.y_name[0].upper()}{correlation.y_name[1:]} against {correlation.x_name}"
    return f"{about} for {correlation.n} models. {literal(said)}.{people}{note}"


def _statistics(correlation: Correlation) -> tuple[str, ...]:
    if not correlation.pearson.defined:
        return (f"no correlation from {correlation.n} models",)
    pairs = (
        ("Pearson", correlation.pearson, correlation.pearson_p),
        ("Spearman", correlation.spearman, correlation.spearman_p),
    )
    return tuple(_statistic(name, found, p, correlation.degrees_of_freedom) for name, found, p in pairs)


def _statistic(name: str, found: Estimate, p: float, degrees: int) -> str:
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return f"{name} r({degrees}) = {interval(found)}, {chance}"
