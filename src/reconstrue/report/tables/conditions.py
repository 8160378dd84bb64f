"""What the figures of conditions and of categories show, number by number."""

from __future__ import annotations

from reconstrue.metrics import Benchmark, ObserverResult
from reconstrue.report.tables.rows import CONSISTENCY, COVERAGE, DIFFERENCE, MODEL, OBSERVED, by_name
from reconstrue.report.tables.table import Cell, Column, Table, inner_rules, without_empty
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import CONFLICT

_DATASET = Column("dataset", "data set", kind="text")


def conditions_table(benchmark: Benchmark) -> Table:
    """Give the figures of everybody on each condition: people together, each person, then the models by name.

    Persons are what the range of people in Figures 5 and 10 is drawn from.
    """
    columns = (
        _DATASET,
        Column("condition", "condition", kind="text"),
        Column("counted", "counted", kind="text"),
        MODEL,
        Column("accuracy", "accuracy", better="higher"),
        DIFFERENCE,
        OBSERVED,
        CONSISTENCY,
        COVERAGE,
    )
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    for name, entry in load_catalog().items():
        there = [(who, row) for who, row in _everybody(benchmark, name) if name in row.datasets]
        for label in entry.conditions:
            rules.append(len(rows))
            for who, row in there:
                part = row.datasets[name]
                if label not in part.conditions:
                    continue
                found = part.conditions[label]
                figures = (
                    found.accuracy,
                    found.accuracy_difference,
                    found.observed_consistency,
                    found.error_consistency,
                )
                counted = "yes" if found.kept else "no"
                rows.append((name, label, counted, who, *figures, _coverage(row, name)))
    notes = (
        "Averages leave out the conditions that are not counted: the undistorted control, and levels at which people are "
        "near chance. Consistency is with people; of people, with the other people.",
    )
    title = "Every condition: accuracy and consistency with people"
    return without_empty(
        Table("conditions", title, columns, tuple(rows), notes, inner_rules(rules, rows)), key="coverage"
    )


def shape_bias_table(benchmark: Benchmark) -> Table:
    """Give the shape bias of everybody on each category of cue-conflict images; n is the number of decisions."""
    columns = (
        MODEL,
        Column("category", "category", kind="text"),
        Column("shape_bias", "shape bias", digits=1, unit="%"),
        COVERAGE,
    )
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    for row in (benchmark.humans, *by_name(benchmark)):
        rules.append(len(rows))
        found = row.shape_bias_by_category
        rows += [(row.name, name, found[name], _coverage(row, CONFLICT)) for name in CATEGORIES if name in found]
        if found:
            rows.append((row.name, "all", row.shape_bias, _coverage(row, CONFLICT)))
    notes = (
        "The share of shape decisions among those by shape or texture, by the category of the shape. Undefined where an "
        "observer made none.",
    )
    table = Table(
        "shape-bias-by-category",
        "Shape bias by category",
        columns,
        tuple(rows),
        notes,
        inner_rules(rules, rows),
    )
    return without_empty(table, key="coverage")


def _everybody(benchmark: Benchmark, dataset: str) -> list[tuple[str, ObserverResult]]:
    """Name people together, the persons of a data set, and the models."""
    start = f"{dataset}/"
    people = sorted(benchmark.individuals.items())
    persons = [(key.removeprefix(start), row) for key, row in people if key.startswith(start)]
    others = [(row.name, row) for row in (benchmark.humans, *by_name(benchmark))]
    return [*others[:1], *persons, *others[1:]]


def _coverage(row: ObserverResult, dataset: str) -> str:
    part = row.datasets.get(dataset)
    return f"{part.coverage} images" if part is not None and part.coverage else ""
