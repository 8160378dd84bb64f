"""Shape bias per category: Figure 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, Estimate, ObserverResult
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.observers import OTHERS, PART, cut, named
from reconstrue.report.figures.style import GREY, INK, PEOPLE_STYLE, legend_handle, percent, short
from reconstrue.report.icons import icon
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import CONFLICT


def figure_1(benchmark: Benchmark, models: Sequence[str] | None = None, *, width: float = 5.6) -> Figure:
    """Draw Figure 1: shape bias per category, from shape (left) to texture (right), people as red diamonds.

    One mark per observer and category; a line at the shape bias of each observer over all conflict images. The
    marks of one row are set a little apart vertically so that equal ones stay visible. Observers and categories
    without any shape or texture decision have no mark, and the legend counts them.

    Of more than 11 models, those that `observers.named` picks have a look of their own and the others are pale dots.

    Args:
        benchmark: the results.
        models: which models, in the order of the legend; all with a shape bias by default, highest first and
            those that answered a part of the images last.
        width: of the figure in inches.

    Raises:
        UserError: a named model is not in the benchmark, or nobody has a shape bias.
    """
    chosen = _with_shape_bias(benchmark, models)
    people = [benchmark.humans] if benchmark.humans.shape_bias.defined else []
    observers = [*people, *chosen]
    if not observers:
        raise UserError("Figure 1 needs answers to cue-conflict images: nobody in these trials has a shape bias.")
    style = named(chosen)
    categories = {row.name: _categories(row) for row in observers}
    shown = [row for row in observers if row is benchmark.humans or style[row.name] is not OTHERS]
    labels = [_legend_text(row, len(categories[row.name])) for row in shown]
    if len(shown) < len(observers):
        labels.append(f"{len(observers) - len(shown)} other models")
    # Two columns where the names leave room for them: about 38 letters at this size.
    legend_columns = 2 if len(labels) > 1 and max(map(len, labels)) <= 7.0 * width else 1
    legend_rows = math.ceil(len(labels) / legend_columns)
    rows_height, top, bottom = 0.27 * len(CATEGORIES), 0.52, 0.56 + 0.175 * legend_rows
    height = rows_height + top + bottom
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    left, right = 1.28 / width, 1.0 - 0.22 / width
    axes = figure.add_axes((left, bottom / height, right - left, rows_height / height))
    last = len(CATEGORIES) - 1
    axes.set_xlim(1.03, -0.03)
    axes.set_ylim(last + 0.55, -0.55)
    for row in range(len(CATEGORIES)):
        axes.axhline(row, color="#e3e3e3", linewidth=0.7, zorder=0)
    axes.axvline(0.5, color="#d0d0d0", linewidth=0.7, linestyle=(0, (2, 2)), zorder=0)

    offsets = _offsets(len(observers))
    handles: list[Line2D] = []
    for index, observer in enumerate(observers):
        look = PEOPLE_STYLE if observer is benchmark.humans else style[observer.name]
        own = look is not OTHERS
        rows = categories[observer.name]
        front = 4.0 if observer is benchmark.humans else 3.0 if own else 2.0
        line = axes.axvline(
            observer.shape_bias.value, color=look.colour, linewidth=1.4 if own else 0.6, alpha=0.75, zorder=1
        )
        if look.dashes:
            line.set_dashes(look.dashes)
        line.set_gid(f"mean {observer.name}")
        overall = observer.shape_bias
        some = " · part of the images" if cut(observer, (CONFLICT,)) else ""
        tell(line, [f"{observer.name} · shape bias over all decisions {percent(overall)} · n = {overall.n:,}{some}"])
        marks = axes.scatter(
            [value.value for _, value in rows],
            [row + offsets[index] for row, _ in rows],
            s=look.size if own else 0.25 * look.size,
            marker=look.mark,
            color=look.colour,
            edgecolors="white",
            linewidths=0.5 if own else 0.0,
            alpha=0.95,
            zorder=front,
            clip_on=False,
        )
        marks.set_gid(f"marks {observer.name}")
        tell(marks, [_words(observer.name, row, value) for row, value in rows])
        if own:
            handles.append(legend_handle(look, labels[len(handles)]))
    if len(shown) < len(observers):
        handles.append(legend_handle(OTHERS, labels[-1]))

    axes.set_xticks([1.0, 0.8, 0.6, 0.4, 0.2, 0.0])
    axes.set_xticklabels(["0", "0.2", "0.4", "0.6", "0.8", "1"], fontsize=8, color=INK)
    axes.set_xlabel("fraction of ‘texture’ decisions  →", fontsize=9, color=INK, labelpad=4)
    above = axes.secondary_xaxis("top")
    above.set_xticks([1.0, 0.8, 0.6, 0.4, 0.2, 0.0])
    above.set_xticklabels(["1", "0.8", "0.6", "0.4", "0.2", "0"], fontsize=8, color=INK)
    above.set_xlabel("←  fraction of ‘shape’ decisions", fontsize=9, color=INK, labelpad=5)
    axes.set_yticks(range(len(CATEGORIES)))
    axes.set_yticklabels(CATEGORIES, fontsize=8, color=INK)
    axes.tick_params(axis="y", length=0, pad=26)
    for side in ("left", "right"):
        axes.spines[side].set_visible(False)
    for spine in (axes.spines["bottom"], axes.spines["top"], above.spines["top"]):
        spine.set_color(GREY)
    for row, name in enumerate(CATEGORIES):
        box = AnnotationBbox(
            icon(name, 18.0),
            (0.0, row),
            xycoords=axes.get_yaxis_transform(),
            xybox=(-14.0, 0.0),
            boxcoords="offset points",
            frameon=False,
            pad=0.0,
        )
        axes.add_artist(box)
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.06 / height),
        ncols=legend_columns,
        frameon=False,
        fontsize=8,
        handlelength=2.2,
        handletextpad=0.6,
        columnspacing=1.6,
        labelspacing=0.45,
        borderpad=0.0,
        labelcolor=INK,
    )
    return figure


def describe_figure_1(benchmark: Benchmark, models: Sequence[str] | None = None) -> str:
    """Say in words what Figure 1 shows, for readers who cannot see it; `models` as in `figure_1`."""
    rows = [benchmark.humans] if benchmark.humans.shape_bias.defined else []
    rows += _with_shape_bias(benchmark, models)
    parts = ", ".join(f"{row.name} {percent(row.shape_bias)}" for row in rows)
    return f"Shape bias of each observer over all conflict images: {parts}."


def _with_shape_bias(benchmark: Benchmark, models: Sequence[str] | None) -> list[ObserverResult]:
    if models is None:
        found = [row for row in benchmark.models.values() if row.shape_bias.defined]
        return sorted(found, key=lambda row: (bool(cut(row, (CONFLICT,))), -row.shape_bias.value, row.name))
    for name in models:
        if name not in benchmark.models:
            raise UserError(
                f"model {name!r} is not in the benchmark; it has {', '.join(sorted(benchmark.models)) or 'none'}."
            )
    return [benchmark.models[name] for name in models if benchmark.models[name].shape_bias.defined]


def _words(name: str, row: int, value: Estimate) -> str:
    return f"{name} · {CATEGORIES[row]} · shape bias {percent(value)} · n = {value.n:,}"


def _categories(observer: ObserverResult) -> list[tuple[int, Estimate]]:
    """Give (row, shape bias) of the categories in which the observer has one."""
    by_category = observer.shape_bias_by_category
    return [
        (row, by_category[name])
        for row, name in enumerate(CATEGORIES)
        if name in by_category and by_category[name].defined
    ]


def _offsets(count: int) -> list[float]:
    """Spread the marks of a row over at most ±0.3 rows, the first at the top; one alone stays in the middle."""
    if count == 1:
        return [0.0]
    reach = min(0.3, 0.09 * (count - 1))
    return [float(value) for value in np.linspace(-reach, reach, count)]


def _legend_text(observer: ObserverResult, categories: int) -> str:
    missing = f", {categories} of {len(CATEGORIES)} categories" if categories < len(CATEGORIES) else ""
    some = f", {PART} of the images" if cut(observer, (CONFLICT,)) else ""
    return f"{short(observer.name, 30)}  {percent(observer.shape_bias)}{missing}{some}"
