"""Trial-level error consistency, named apart from the benchmark's figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconstrue.metrics import UNDEFINED, Benchmark, Estimate, PooledConsistency
from reconstrue.report.tables.table import Cell, Column, Table, inner_rules

_DATASET = Column("dataset", "data set", kind="text")
_OBSERVER = Column("observer", "observer", kind="text")
_POOLED = Column("pooled_kappa", "pooled κ", better="higher")

Pooled = Mapping[str, Mapping[str, PooledConsistency]]
"""Data set, observer, and what was found."""


def pooled_table(pooled: Pooled, benchmark: Benchmark) -> Table:
    """Give κ over all trials of each observer with all (other) people together, beside the benchmark's κ."""
    columns = (_DATASET, _OBSERVER, _POOLED, Column("error_consistency", "benchmark's error consistency"))
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    for dataset, found in pooled.items():
        rules.append(len(rows))
        rows += [(dataset, name, one.pooled, _of_benchmark(benchmark, dataset, name)) for name, one in found.items()]
    notes = (
        "Pooled: one κ over the trials of all kept conditions and all (other) people, so that agreement on which "
        "conditions are hard counts too. The benchmark averages κ over conditions and people instead. The two are not "
        "to be compared with each other.",
        "The rows of people are the human ceiling: each person with the others.",
    )
    title = "Trial-level error consistency: pooled over people"
    return Table("pooled-consistency", title, columns, tuple(rows), notes, inner_rules(rules, rows))


def pooled_by_person_table(pooled: Pooled) -> Table:
    """Give κ over all trials of each observer with each person."""

    def rows() -> Iterator[tuple[Cell, ...]]:
        for dataset, found in pooled.items():
            for name, one in found.items():
                yield from ((dataset, name, person, kappa) for person, kappa in one.by_person.items())

    columns = (_DATASET, _OBSERVER, Column("person", "person", kind="text"), Column("kappa", "κ", better="higher"))
    notes = ("One κ over the trials of all kept conditions that both answered.",)
    return Table(
        "consistency-by-person", "Trial-level error consistency: with each person", columns, tuple(rows()), notes
    )


def _of_benchmark(benchmark: Benchmark, dataset: str, observer: str) -> Estimate:
    row = benchmark.models.get(observer) or benchmark.individuals.get(f"{dataset}/{observer}")
    return row.datasets[dataset].error_consistency if row is not None and dataset in row.datasets else UNDEFINED
