"""Who differs from whom: models from people on each data set, and models from each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reconstrue.metrics import UNDEFINED, Benchmark, Comparison, DatasetResult, Estimate
from reconstrue.report.tables.rows import MODEL
from reconstrue.report.tables.table import Cell, Column, Table, inner_rules
from reconstrue.stimuli.catalog import load_catalog

_NAMES = {
    "accuracy": "accuracy",
    "shape_bias": "shape bias",
    "error_consistency": "error consistency",
    "observed_consistency": "observed consistency",
    "accuracy_difference": "accuracy difference",
}
_P = Column("p", "p", kind="p")
_HOLM = Column("p_corrected", "p, corrected", kind="p")
_VERDICT = Column("verdict", "significant", kind="text")


def people_table(comparisons: Sequence[Comparison], benchmark: Benchmark) -> Table:
    """Give the gap of one figure between every model and the people, on each data set.

    For a consistency figure the people's own is the human ceiling. Raises ValueError without a comparison, or for
    comparisons of several figures.
    """
    figure = _one_figure(comparisons)
    name = _NAMES[figure]
    people = "human ceiling" if figure.endswith("consistency") else "people"
    columns = (
        Column("dataset", "data set", kind="text"),
        MODEL,
        _figure_column(figure, "value", name),
        _figure_column(figure, "people", people),
        _figure_column(figure, "gap", f"model − {people}"),
        _VERDICT,
        _HOLM,
        _P,
    )
    order = {dataset: place for place, dataset in enumerate(load_catalog())}
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    last = ""
    for one in sorted(comparisons, key=lambda one: (order[one.datasets[0]], one.first)):
        dataset = one.datasets[0]
        if dataset != last:
            rules.append(len(rows))
        last = dataset
        mine = benchmark.models[one.first].datasets[dataset]
        theirs = mine.people or benchmark.humans.datasets.get(dataset)
        values = (_estimate(mine, figure), UNDEFINED if theirs is None else _estimate(theirs, figure))
        rows.append((dataset, one.first, *values, one.difference, _verdict(one, people), one.p_corrected, one.p))
    notes = (
        "People answered the same images. Brackets are 95% intervals of each gap by itself; p is corrected (Holm) over the "
        "data sets of each model, and a gap is called significant where the corrected p is below 0.05.",
        *(
            ("The human ceiling is the consistency of people with each other on the same images.",)
            if people == "human ceiling"
            else ()
        ),
    )
    title = f"Models beside people: {name} on each data set"
    return Table(f"people-{figure.replace('_', '-')}", title, columns, tuple(rows), notes, inner_rules(rules, rows))


def pairs_table(comparisons: Sequence[Comparison]) -> Table:
    """Give the difference of one figure between every two models, with paired tests.

    Raises ValueError without a comparison, or for comparisons of several figures.
    """
    figure = _one_figure(comparisons)
    name = "OOD accuracy" if figure == "accuracy" else _NAMES[figure]
    columns = (
        Column("first", "model", kind="text"),
        Column("second", "other model", kind="text"),
        Column("datasets", "data sets", kind="count"),
        _figure_column(figure, "difference", "model − other"),
        _VERDICT,
        _HOLM,
        _P,
    )
    rows = tuple(
        (one.first, one.second, len(one.datasets), one.difference, _verdict(one, "the other"), one.p_corrected, one.p)
        for one in comparisons
    )
    tests = ", ".join(sorted({one.test for one in comparisons if not math.isnan(one.p)}))
    both = "Over the data sets on which both answered the very same images"
    notes = (
        (
            f"{both}; what is drawn anew is the same for both, so that the test is paired ({tests}).",
            f"p is corrected (Holm) over the {max(one.family for one in comparisons)} pairs of this table; significant is "
            "below 0.05 after that.",
        )
        if tests
        else (f"{both}. There is no test: nothing was drawn anew that bears on this figure of a model.",)
    )
    return Table(f"pairs-{figure.replace('_', '-')}", f"Pairs of models: {name}", columns, rows, notes)


def _one_figure(comparisons: Sequence[Comparison]) -> str:
    figures = {one.figure for one in comparisons}
    if len(figures) != 1:
        raise ValueError(f"a table compares one figure, not {len(figures)}")
    return figures.pop()


def _figure_column(figure: str, key: str, title: str) -> Column:
    if figure == "shape_bias":
        return Column(key, title, digits=1, unit="%")
    return Column(key, title)


def _estimate(result: DatasetResult, figure: str) -> Estimate:
    found: Estimate = getattr(result, figure)
    return found


def _verdict(one: Comparison, other: str) -> str:
    if not one.significant:
        return ""
    return f"below {other}" if one.difference.value < 0 else f"above {other}"
