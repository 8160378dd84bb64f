"""Figures against the level of a distortion, one panel per parametric set: Figures 5 and 10, and response entropy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reconstrue.errors import UserError
from reconstrue.metrics import UNDEFINED, Benchmark, ConditionResult, Estimate, ResponseEntropy
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.observers import OTHERS, PART, Look, cut, legend_of, named, persons
from reconstrue.report.figures.style import (
    INK,
    PAGE,
    PEOPLE_STYLE,
    RED,
    SMALL,
    Style,
    interval,
    legend_handle,
    letters,
    new_figure,
    place,
    short,
)
from reconstrue.stimuli.catalog import Dataset, dataset, load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import PEOPLE

PARAMETRIC: Final = tuple(name for name, entry in load_catalog().items() if entry.kind == "parametric")
"""The data sets with levels of a distortion, in the order of the catalogue."""

_COLUMNS: Final = 4
_TICKS: Final = 6.0
_WORDS: Final = {
    ("colour", "cr"): "colour",
    ("colour", "bw"): "greyscale",
    ("power-equalisation", "0"): "original",
    ("power-equalisation", "pow"): "equalised",
    ("false-colour", "true"): "true",
    ("false-colour", "false"): "opponent",
}

Curve = Mapping[str, Estimate]
"""The figure of one observer on each condition of a data set."""


@dataclass(frozen=True)
class _Panel:
    """One small graph: who has which figure on the conditions of a data set; `cut` are models of part of its images."""

    entry: Dataset
    word: str
    models: Mapping[str, Curve]
    people: Curve
    persons: tuple[Curve, ...]
    chance: tuple[float, ...]
    cut: frozenset[str] = frozenset()


def figure_5(benchmark: Benchmark, *, width: float = PAGE) -> Figure:
    """Draw Figure 5: accuracy against condition for the parametric sets, people red, individuals' range shaded.

    Conditions that the benchmark leaves out stand on grey. Raises UserError where nobody answered such a set.
    """
    panels = [_of_benchmark(benchmark, name, "accuracy") for name in _present(benchmark)]
    return _grid(panels, named(list(benchmark.models.values())), width, ("accuracy",), row_height=1.0)


def figure_10(benchmark: Benchmark, *, width: float = PAGE) -> Figure:
    """Draw Figure 10: accuracy, and error consistency with people, side by side for each parametric set.

    For people it is their consistency with each other. Raises UserError where nobody answered such a set.
    """
    words = ("accuracy", "error consistency")
    panels = [_of_benchmark(benchmark, name, word) for name in _present(benchmark) for word in words]
    return _grid(panels, named(list(benchmark.models.values())), width, words, row_height=0.86)


def figure_entropy(
    entropies: Mapping[str, Mapping[str, ResponseEntropy]],
    look: Look,
    *,
    categories: int = len(CATEGORIES),
    width: float = PAGE,
) -> Figure:
    """Draw how evenly observers use the categories on each condition of the parametric sets, in bits.

    log₂ of how many `categories` were shown is all of them alike, 0 one answer for everything. `look` is of the models; `humans`
    are the mean over people.

    Raises UserError where there is no entropy on such a set.
    """
    panels = []
    for name in (name for name in PARAMETRIC if name in entropies):
        found = {observer: item.conditions for observer, item in entropies[name].items()}
        models = {observer: curve for observer, curve in found.items() if observer != PEOPLE}
        panels.append(_Panel(dataset(name), "entropy", models, found.get(PEOPLE, {}), (), (math.log2(categories),)))
    return _grid(panels, look, width, ("entropy",), row_height=1.0)


def describe_figure_5(benchmark: Benchmark) -> str:
    """Say in words what Figure 5 shows: the mean accuracy of people and models on the kept conditions of each set."""
    return _describe(benchmark, "accuracy", lambda result: result.accuracy)


def describe_figure_10(benchmark: Benchmark) -> str:
    """Say in words what Figure 10 shows."""
    consistency = _describe(benchmark, "error consistency", lambda result: result.error_consistency)
    return f"{describe_figure_5(benchmark)} {consistency}"


def describe_entropy(
    entropies: Mapping[str, Mapping[str, ResponseEntropy]], *, categories: int = len(CATEGORIES)
) -> str:
    """Say in words what the figure of response entropy shows: the hardest condition of each set."""
    parts = []
    for name in (name for name in PARAMETRIC if name in entropies):
        lows = {
            observer: min((one.value for one in item.conditions.values() if one.defined), default=math.nan)
            for observer, item in entropies[name].items()
        }
        lows = {observer: low for observer, low in lows.items() if not math.isnan(low)}
        if lows:
            lowest = min(lows, key=lambda observer: lows[observer])
            parts.append(f"{name} {lows[lowest]:.2f} ({lowest})")
    return f"Lowest response entropy in bits, of {math.log2(categories):.3g}, on each set: {', '.join(parts)}."


def condition_label(entry: Dataset, condition: str) -> str:
    """Write a condition as it stands on an axis, e.g. log2 of an eidolon's reach, and contrast without its letter.

    >>> condition_label(dataset("eidolonI"), "8-10-10"), condition_label(dataset("contrast"), "c05")
    ('3', '5')
    """
    if entry.name.startswith("eidolon"):
        return f"{math.log2(int(condition.split('-')[0])):.0f}"
    if entry.name == "contrast":
        return str(int(condition.removeprefix("c")))
    # Eight labels stand below a small panel: no leading zeros.
    plain = "." + condition.removeprefix("0.") if condition.startswith("0.") else condition.replace("inf", "∞")
    return _WORDS.get((entry.name, condition), plain)


def _present(benchmark: Benchmark) -> list[str]:
    rows = (benchmark.humans, *benchmark.models.values())
    return [name for name in PARAMETRIC if any(name in row.datasets for row in rows)]


def _figure_of(word: str) -> Callable[[ConditionResult], Estimate]:
    return {
        "accuracy": lambda result: result.accuracy,
        "error consistency": lambda result: result.error_consistency,
    }[word]


def _of_benchmark(benchmark: Benchmark, name: str, word: str) -> _Panel:
    figure = _figure_of(word)

    def curve(conditions: Mapping[str, ConditionResult]) -> Curve:
        return {label: figure(result) for label, result in conditions.items()}

    humans = benchmark.humans.datasets.get(name)
    return _Panel(
        dataset(name),
        word,
        {row.name: curve(row.datasets[name].conditions) for row in benchmark.models.values() if name in row.datasets},
        {} if humans is None else curve(humans.conditions),
        tuple(curve(person.conditions) for person in persons(benchmark, name).values()),
        benchmark.chances if word == "accuracy" else (0.0,),
        frozenset(row.name for row in benchmark.models.values() if cut(row, (name,))),
    )


def _describe(benchmark: Benchmark, word: str, figure: Callable[[ConditionResult], Estimate]) -> str:
    parts = []
    for name in _present(benchmark):
        panel = _of_benchmark(benchmark, name, word)
        people = _mean(panel.entry, panel.people)
        means = {model: _mean(panel.entry, curve) for model, curve in panel.models.items()}
        there = {model: mean for model, mean in means.items() if not math.isnan(mean)}
        said = [f"people {people:.2f}"] if not math.isnan(people) else []
        if len(there) > 1:
            said.append(f"models {min(there.values()):.2f} to {max(there.values()):.2f}")
        else:
            said += [f"{model} {mean:.2f}" for model, mean in there.items()]
        if said:
            parts.append(f"{name} {', '.join(said)}")
    return f"Mean {word} over the kept conditions: {'; '.join(parts)}."


def _mean(entry: Dataset, curve: Curve) -> float:
    values = [curve[label].value for label in entry.kept if label in curve and curve[label].defined]
    return sum(values) / len(values) if values else math.nan


def _grid(panels: Sequence[_Panel], look: Look, width: float, words: Sequence[str], row_height: float) -> Figure:
    if not panels:
        raise UserError(
            f"nobody answered a parametric set: this figure needs trials of one of {', '.join(PARAMETRIC)}."
        )
    there = {
        name: look.get(name, OTHERS)
        for panel in panels
        for name, curve in panel.models.items()
        if any(value.defined for value in curve.values())
    }
    legend = legend_of(there, any(panel.people for panel in panels))
    some = frozenset[str]().union(*(panel.cut for panel in panels))
    names = [short(name, 34) + (f" ({PART})" if name in some else "") for name, _ in legend.shown]
    names += [f"{legend.others} other models"] if legend.others else []
    columns = min(_COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    legend_columns = max(1, int((width - 0.2) / (max(letters(name, SMALL) for name in names) + 0.42)))
    legend_rows = math.ceil(len(names) / legend_columns)
    left, right, top, gap_x, gap_y = 0.42, 0.08, 0.24, 0.16 if len(words) == 1 else 0.42, 0.56
    bottom = 0.42 + 0.135 * legend_rows
    height = top + rows * row_height + (rows - 1) * gap_y + bottom
    figure = new_figure(width, height)
    each = (width - left - right - gap_x * (columns - 1)) / columns
    limits = {word: _limits([panel for panel in panels if panel.word == word]) for word in words}
    for index, panel in enumerate(panels):
        row, column = divmod(index, columns)
        axes = place(figure, left + column * (each + gap_x), top + row * (row_height + gap_y), each, row_height)
        axes.set_gid(f"{panel.word} {panel.entry.name}")
        axes.set_ylim(*limits[panel.word])
        _panel(axes, panel, look, each, named_y=column == 0 or len(words) > 1)
        axes.set_ylabel(panel.word + (" [bits]" if panel.word == "entropy" else ""), fontsize=SMALL, labelpad=2)
        if column and len(words) == 1:
            axes.set_ylabel("")
    handles = [
        legend_handle(style, name) for (_, style), name in zip(legend.shown, names[: len(legend.shown)], strict=True)
    ]
    if legend.others:
        handles.append(legend_handle(OTHERS, names[-1]))
    for handle in handles:
        handle.set_markersize(0.65 * handle.get_markersize())
        handle.set_linewidth(1.0)
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.03 / height),
        ncols=min(legend_columns, len(names)),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=1.8,
        handletextpad=0.5,
        columnspacing=1.2,
        labelspacing=0.4,
        borderpad=0.0,
    )
    return figure


def _limits(panels: Sequence[_Panel]) -> tuple[float, float]:
    if panels[0].word == "accuracy":
        return -0.03, 1.03
    curves = [curve for panel in panels for curve in (*panel.models.values(), panel.people, *panel.persons)]
    values = [one.value for curve in curves for one in curve.values() if one.defined]
    low, high = min([0.0, *values]), max([0.1, *values])
    if panels[0].word == "entropy":
        high = 4.0
    return low - 0.04 * (high - low), high + 0.04 * (high - low)


def _panel(axes: Axes, panel: _Panel, look: Look, each: float, *, named_y: bool) -> None:
    entry = panel.entry
    axes.set_title(entry.title, fontsize=SMALL + 0.5, color=INK, pad=3)
    # Conditions that the benchmark leaves out stand on grey.
    for at, label in enumerate(entry.conditions):
        if label in entry.excluded:
            axes.axvspan(at - 0.5, at + 0.5, color="#efefef", linewidth=0, zorder=0)
    for level in panel.chance:
        axes.axhline(level, color=INK, linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=1)
    people = _points(entry, panel.people)
    reach = [_range(panel.persons, label) for label in entry.conditions]
    if any(ends is not None for ends in reach):
        lows, highs = zip(*(ends or (math.nan, math.nan) for ends in reach), strict=True)
        band = axes.fill_between(range(len(reach)), lows, highs, color=RED, alpha=0.18, linewidth=0, zorder=2)
        band.set_gid(f"range {panel.word} {entry.name}")
    # Grey ones first, so that they lie below.
    for name in sorted(panel.models, key=lambda name: (look.get(name, OTHERS) is not OTHERS, name)):
        points = _points(entry, panel.models[name])
        _line(axes, panel, name, look.get(name, OTHERS), points, f"{panel.word} {entry.name} {name}")
    if people:
        _line(axes, panel, PEOPLE, PEOPLE_STYLE, people, f"{panel.word} {entry.name} humans")
    axes.set_xlim(-0.5, len(entry.conditions) - 0.5)
    axes.set_xticks(range(len(entry.conditions)))
    axes.set_xticklabels(_apart([condition_label(entry, label) for label in entry.conditions], each))
    axes.tick_params(axis="x", labelsize=_TICKS)
    axes.set_xlabel(entry.axis.replace("Log2", "Log₂"), fontsize=SMALL, color=INK, labelpad=1)
    if not named_y:
        axes.set_yticklabels([])


def _apart(labels: Sequence[str], width: float) -> list[str]:
    """Leave every second label out where neighbours would touch below a panel of so many inches."""
    pitch = width / len(labels)
    widest = max((letters(one + other, _TICKS) / 2 for one, other in pairwise(labels)), default=0.0)
    step = 1 if widest + 0.375 * _TICKS / 72 < pitch else 2
    return [label if at % step == 0 else "" for at, label in enumerate(labels)]


def _line(
    axes: Axes, panel: _Panel, name: str, style: Style, points: Sequence[tuple[int, str, Estimate]], gid: str
) -> None:
    if not points:
        return
    own, people = style is not OTHERS, style is PEOPLE_STYLE
    front = 6.0 if people else 4.0 if own else 3.0
    # A stroke ends where a condition was not answered: nothing is known there.
    heights = {at: value.value for at, _, value in points}
    places = range(len(panel.entry.conditions))
    stroke = axes.plot(
        places,
        [heights.get(at, math.nan) for at in places],
        color=style.colour,
        linewidth=1.4 if people else 0.8 if own else 0.5,
        zorder=front,
        clip_on=False,
    )[0]
    stroke.set_gid(f"stroke {gid}")
    if style.dashes:
        stroke.set_dashes(style.dashes)
    marks = axes.plot(
        list(heights),
        list(heights.values()),
        color=style.colour,
        linestyle="none",
        marker=style.mark,
        markersize=4.0 if people else 3.0 if own else 1.5,
        markeredgecolor="white" if own else style.colour,
        markeredgewidth=0.3 if own else 0.0,
        zorder=front + 0.1,
        clip_on=False,
    )[0]
    marks.set_gid(gid)
    tell(marks, [_words(panel, name, label, value) for _, label, value in points])


def _words(panel: _Panel, name: str, label: str, value: Estimate) -> str:
    left_out = " · not counted" if label in panel.entry.excluded else ""
    left_out += " · part of the images" if name in panel.cut else ""
    unit = " bits" if panel.word == "entropy" else ""
    return f"{name} · {panel.entry.name} {label} · {panel.word} {interval(value)}{unit} · n = {value.n:,}{left_out}"


def _points(entry: Dataset, curve: Curve) -> list[tuple[int, str, Estimate]]:
    found = ((at, label, curve.get(label, UNDEFINED)) for at, label in enumerate(entry.conditions))
    return [(at, label, value) for at, label, value in found if value.defined]


def _range(curves: Sequence[Curve], label: str) -> tuple[float, float] | None:
    values = [curve[label].value for curve in curves if label in curve and curve[label].defined]
    return (min(values), max(values)) if values else None
