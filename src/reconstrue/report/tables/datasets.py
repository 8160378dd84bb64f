"""Each data set by itself: accuracy of everybody."""

from __future__ import annotations

from reconstrue.metrics import Benchmark, DatasetResult
from reconstrue.report.tables.rows import (
    CONSISTENCY,
    COVERAGE,
    MODEL,
    NO_TRIALS_OF_PEOPLE,
    about_people,
    by_name,
    image_key,
)
from reconstrue.report.tables.table import Cell, Column, Table, inner_rules, without_empty
from reconstrue.stimuli.catalog import load_catalog


def per_dataset_table(benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE) -> Table:
    """Give the accuracy on each data set, and how far above chance it is, one row per data set and observer."""
    columns = (
        Column("dataset", "data set", kind="text"),
        MODEL,
        Column("accuracy", "accuracy", better="higher"),
        Column("above_chance", "above chance", better="higher"),
        CONSISTENCY,
        COVERAGE,
    )
    observers = [benchmark.humans, *by_name(benchmark)]
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    for name in load_catalog():
        rules.append(len(rows))
        there = [(row.name, row.datasets[name]) for row in observers if name in row.datasets]
        rows += [_dataset_row(name, who, result) for who, result in there if not result.partial]
        groups: dict[tuple[object, ...], list[tuple[str, DatasetResult]]] = {}
        for who, result in there:
            if result.partial:
                groups.setdefault(image_key(result), []).append((who, result))
        for group in groups.values():
            first = group[0][1]
            if first.people is not None:
                rows.append((*_dataset_row(name, "humans, same images", first.people)[:-1], _ofimage_key(first)))
            rows += [_dataset_row(name, who, result) for who, result in group]
    chance = " or ".join(f"1 in {round(1 / level)}" for level in benchmark.chances)
    notes = (
        f"Accuracy over the conditions that the benchmark counts; chance is {chance}. Intervals are 95%.",
        *about_people(benchmark, why_no_people),
        *benchmark.choices,
    )
    table = Table("per-dataset", "Accuracy on each data set", columns, tuple(rows), notes, inner_rules(rules, rows))
    return without_empty(table, "coverage")


def _dataset_row(dataset: str, who: str, result: DatasetResult) -> tuple[Cell, ...]:
    figures = (result.accuracy, result.above_chance, result.error_consistency)
    return (dataset, who, *figures, _ofimage_key(result))


def _ofimage_key(result: DatasetResult) -> str:
    return f"{result.coverage} images" if result.coverage else ""
