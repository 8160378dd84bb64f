"""Averages over data sets as bars, one row per observer: Figures 3, 4, 9 and 11."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reconstrue.errors import UserError
from reconstrue.metrics import UNDEFINED, Benchmark, Estimate, ObserverResult
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.observers import ZERO_SHOT, colour, cut, label, people_beside, sorted_by, whole
from reconstrue.report.figures.style import (
    CHOSEN,
    COLUMN,
    GREY,
    GRID,
    INK,
    PAGE,
    PEOPLE_STYLE,
    RED,
    SMALL,
    interval,
    letters,
    literal,
    new_figure,
    place,
)
from reconstrue.stimuli.catalog import load_catalog

NONPARAMETRIC: Final = tuple(name for name, entry in load_catalog().items() if entry.kind == "nonparametric")
"""The data sets with one condition, in the order of the catalogue."""

_PITCH: Final = 0.155
_NAME_LETTERS: Final = 34
_NAME_PAD: Final = 0.14
# In inches: a panel so wide has room for the labels of six ticks.
_SIX_TICKS: Final = 0.95


@dataclass(frozen=True)
class Measure:
    """One figure of an observer: its name, how it is read, and people's beside a model.

    Attributes:
        title: above its panel.
        word: in sentences.
        value: of an observer.
        people: on the images of a model; NaN where nobody was there.
        guessed: whether guessing gives the chance of the benchmark, which is shown.
        dataset: the one that it is of; '' for an average over all.
    """

    title: str
    word: str
    value: Callable[[ObserverResult], Estimate]
    people: Callable[[Benchmark, ObserverResult], float]
    guessed: bool = False
    dataset: str = ""

    def cut(self, row: ObserverResult) -> tuple[str, ...]:
        """Give the data sets behind it of which the observer answered a part of the images alone."""
        return cut(row, (self.dataset,) if self.dataset else ())

    def whole(self, row: ObserverResult) -> bool:
        """Whether it is over all images that it should be over."""
        return not self.cut(row) if self.dataset else whole(row)


OOD_ACCURACY: Final = Measure(
    "OOD accuracy ↑",
    "OOD accuracy",
    lambda row: row.ood_accuracy,
    lambda bench, row: people_beside(bench, row, "accuracy"),
    True,
)
DIFFERENCE: Final = Measure(
    "accuracy difference ↓",
    "accuracy difference",
    lambda row: row.accuracy_difference,
    lambda bench, row: people_beside(bench, row, "accuracy_difference"),
)
OBSERVED: Final = Measure(
    "observed consistency ↑",
    "observed consistency",
    lambda row: row.observed_consistency,
    lambda bench, row: people_beside(bench, row, "observed_consistency"),
)
CONSISTENCY: Final = Measure(
    "error consistency ↑",
    "error consistency",
    lambda row: row.error_consistency,
    lambda bench, row: people_beside(bench, row, "error_consistency"),
)


def figure_3(benchmark: Benchmark, *, width: float = COLUMN) -> Figure:
    """Draw Figure 3: OOD accuracy of every observer, best first, people at the top and as a red line through all.

    Models over fewer data sets or images than the others stand last and pale, with their own people beside them.

    Raises UserError where no observer has an OOD accuracy.
    """
    return _bars(benchmark, _rows(benchmark, OOD_ACCURACY), (OOD_ACCURACY,), width)


def figure_4(benchmark: Benchmark, *, width: float = COLUMN) -> Figure:
    """Draw Figure 4: error consistency with people, best first, beside people's consistency with each other.

    Raises UserError where nobody was compared with people.
    """
    return _bars(benchmark, _rows(benchmark, CONSISTENCY), (CONSISTENCY,), width)


def figure_9(benchmark: Benchmark, *, width: float = PAGE) -> Figure:
    """Draw Figure 9: the four averages of every observer side by side, in the order of OOD accuracy.

    Averages that nobody has, as those with people where there are none, have no panel.

    Raises UserError where no observer has an OOD accuracy.
    """
    return _bars(benchmark, _rows(benchmark, OOD_ACCURACY), _averages(benchmark), width)


def figure_11(benchmark: Benchmark, *, width: float = PAGE) -> Figure:
    """Draw Figure 11: accuracy on each nonparametric set, in the order of the mean over them, most sets first.

    Of cue-conflict images it is the accuracy by shape. Raises UserError where no model answered any of the sets.
    """
    present = [name for name in NONPARAMETRIC if any(name in row.datasets for row in benchmark.models.values())]
    if not present:
        raise UserError(f"Figure 11 needs answers to one of {', '.join(NONPARAMETRIC)}: no model has any.")
    measures = [_of_dataset(name) for name in present]

    def average(row: ObserverResult) -> tuple[int, bool, float, str]:
        values = [measure.value(row).value for measure in measures if measure.value(row).defined]
        return -len(values), bool(cut(row, present)), -sum(values) / max(1, len(values)), row.name

    rows = sorted((row for row in benchmark.models.values() if set(present) & set(row.datasets)), key=average)
    people = [benchmark.humans] if set(present) & set(benchmark.humans.datasets) else []
    return _bars(benchmark, [*people, *rows], measures, width)


def describe_figure_3(benchmark: Benchmark) -> str:
    """Say in words what Figure 3 shows."""
    return describe_bars(benchmark, OOD_ACCURACY)


def describe_figure_4(benchmark: Benchmark) -> str:
    """Say in words what Figure 4 shows."""
    return describe_bars(benchmark, CONSISTENCY)


def describe_figure_9(benchmark: Benchmark) -> str:
    """Say in words what Figure 9 shows."""
    return " ".join(describe_bars(benchmark, measure) for measure in _averages(benchmark))


def describe_figure_11(benchmark: Benchmark) -> str:
    """Say in words what Figure 11 shows."""
    measures = (_of_dataset(name) for name in NONPARAMETRIC)
    return " ".join(describe_bars(benchmark, one) for one in measures if _defined(benchmark, one))


def describe_bars(benchmark: Benchmark, measure: Measure) -> str:
    """List a figure of every observer that has it, best first."""
    rows = _rows(benchmark, measure)
    parts = ", ".join(f"{label(row)} {interval(measure.value(row))}" for row in rows)
    return f"{measure.word[0].upper()}{measure.word[1:]}: {parts}."


def _averages(benchmark: Benchmark) -> list[Measure]:
    measures = (OOD_ACCURACY, DIFFERENCE, OBSERVED, CONSISTENCY)
    return [measure for measure in measures if _defined(benchmark, measure)]


def _of_dataset(name: str) -> Measure:
    title = load_catalog()[name].title

    def value(row: ObserverResult) -> Estimate:
        return row.datasets[name].accuracy if name in row.datasets else UNDEFINED

    def people(benchmark: Benchmark, row: ObserverResult) -> float:
        if name not in row.datasets:
            return math.nan
        beside = row.datasets[name].people or benchmark.humans.datasets.get(name)
        return math.nan if beside is None else beside.accuracy.value

    shown = {"Texture-shape cue conflict": "Cue conflict (shape)", "Stylized images": "Stylized"}.get(title, title)
    return Measure(shown, f"accuracy on {name}", value, people, True, name)


def _defined(benchmark: Benchmark, measure: Measure) -> bool:
    return any(measure.value(row).defined for row in (benchmark.humans, *benchmark.models.values()))


def _rows(benchmark: Benchmark, measure: Measure) -> list[ObserverResult]:
    people = [benchmark.humans] if measure.value(benchmark.humans).defined else []
    higher = measure is not DIFFERENCE
    rows = [*people, *sorted_by(benchmark.models.values(), measure.value, higher)]
    if not rows:
        raise UserError(f"no observer of these trials has a figure for {measure.word}: add trials of people.")
    return rows


def _bars(benchmark: Benchmark, rows: Sequence[ObserverResult], measures: Sequence[Measure], width: float) -> Figure:
    # Names have at most half of the width.
    room = int((0.5 * width - _NAME_PAD) / letters("x", SMALL))
    names = [label(row, min(_NAME_LETTERS, room)) for row in rows]
    types = {row.model_type for row in rows} - {"people"}
    key = ZERO_SHOT in types and len(types) > 1
    left = max(letters(name, SMALL) for name in names) + _NAME_PAD
    top, bottom, gap, right = 0.27, 0.24 + 0.17 * key, 0.12, 0.1
    height = _PITCH * len(rows)
    figure = new_figure(width, height + top + bottom)
    each = (width - left - right - gap * (len(measures) - 1)) / len(measures)
    for index, measure in enumerate(measures):
        axes = place(figure, left + index * (each + gap), top, each, height)
        axes.set_gid(measure.word)
        axes.set_title(measure.title, fontsize=SMALL + 0.5, color=INK, pad=4)
        _panel(axes, benchmark, rows, measure, each)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)))
        axes.tick_params(axis="y", length=0, pad=3)
        axes.set_yticklabels([literal(name) for name in names] if index == 0 else [])
        for row, text in zip(rows, axes.get_yticklabels(), strict=True):
            text.set_color(RED if row is benchmark.humans else INK)
            text.set_fontweight("bold" if row is benchmark.humans else "normal")
    if key:
        at = 0.06 / figure.get_figheight()
        figure.text(left / width, at, "■ zero-shot", fontsize=SMALL, color=CHOSEN)
        figure.text(left / width + 0.75 / width, at, "■ other models", fontsize=SMALL, color=GREY)
    return figure


def _panel(axes: Axes, benchmark: Benchmark, rows: Sequence[ObserverResult], measure: Measure, each: float) -> None:
    found = [measure.value(row) for row in rows]
    for at, (row, value) in enumerate(zip(rows, found, strict=True)):
        if not value.defined:
            axes.text(0.0, at, " –", fontsize=SMALL, color=GREY, va="center", transform=axes.get_yaxis_transform())
            continue
        _bar(axes, at, row, value, measure, benchmark)
    axes.axvline(0.0, color=GREY, linewidth=0.6, zorder=1)
    for level in benchmark.chances if measure.guessed else ():
        chance = axes.axvline(level, color=INK, linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=3)
        tell(chance, [f"chance · {level:.4f}"])
    ends = [end for value in found for end in (value.value, value.low, value.high) if not math.isnan(end)]
    ends += [beside for row in rows if not math.isnan(beside := measure.people(benchmark, row))]
    low, high = min([0.0, *ends]), max([1e-3, *ends])
    axes.set_xlim(1.04 * low, high + 0.06 * (high - low))
    axes.locator_params(axis="x", nbins=6 if each >= _SIX_TICKS else 3, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _bar(axes: Axes, at: int, row: ObserverResult, value: Estimate, measure: Measure, benchmark: Benchmark) -> None:
    is_people = row is benchmark.humans
    pale = not is_people and not measure.whole(row)
    (bar,) = axes.barh(
        at, value.value, height=0.72, color=colour(row), alpha=0.45 if pale else 0.9, linewidth=0, zorder=2
    )
    bar.set_gid(f"bar {measure.word} {row.name}")
    beside = measure.people(benchmark, row)
    parts = [row.name, f"{measure.word} {interval(value, 3)}", f"n = {value.n:,}"]
    if row.coverage:
        parts.insert(1, f"{row.coverage} data sets")
    if missing := measure.cut(row):
        parts.append(f"part of the images of {', '.join(missing)}")
    if not is_people and not math.isnan(beside):
        parts.append(f"people on these {beside:.3f}")
    tell(bar, [" · ".join(parts)])
    if not math.isnan(value.low):
        ends = [value.low, value.high]
        if is_people:
            # Above the diamond, which is wider than the interval, and apart from its red.
            axes.plot(ends, [at, at], color="white", linewidth=2.4, solid_capstyle="projecting", zorder=7)
        reach = axes.plot(ends, [at, at], color=INK, linewidth=0.9, solid_capstyle="butt", zorder=8 if is_people else 4)
        reach[0].set_gid(f"interval {measure.word} {row.name}")
    if is_people:
        marks = axes.scatter(
            [value.value], [at], marker=PEOPLE_STYLE.mark, s=20, color=RED, edgecolors="white", linewidths=0.5, zorder=6
        )
        marks.set_gid(f"people {measure.word}")
        tell(marks, [" · ".join(parts)])
    elif not math.isnan(beside):
        # Neighbours with the same people make one line of these.
        ends = [at - 0.5, at + 0.5]
        line = axes.plot([beside, beside], ends, color=RED, linewidth=1.1, solid_capstyle="butt", zorder=5)[0]
        line.set_gid(f"people beside {measure.word} {row.name}")
        tell(line, [f"people · {measure.word} {beside:.3f} on the images of {row.name}"])
