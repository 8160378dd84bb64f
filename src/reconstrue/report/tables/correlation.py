"""Whether two figures go together over models (section 4 of the paper)."""

from __future__ import annotations

from reconstrue.metrics import PAPER_CORRELATION, Benchmark, Correlation
from reconstrue.metrics.correlation import BLURRED, FEWEST
from reconstrue.report.tables.table import Cell, Column, Table


def correlation_table(correlation: Correlation) -> Table:
    """Give Pearson's and Spearman's r with intervals, degrees of freedom and p."""
    columns = (
        Column("statistic", "statistic", kind="text"),
        Column("r", "r", digits=2),
        Column("models", "models", kind="count"),
        Column("degrees_of_freedom", "degrees of freedom", kind="count"),
        Column("p", "p", kind="p"),
    )
    # Fewer than two models leave no degree of freedom.
    counts = (correlation.n, max(correlation.degrees_of_freedom, 0))
    rows = (
        ("Pearson's r", correlation.pearson, *counts, correlation.pearson_p),
        ("Spearman's ρ", correlation.spearman, *counts, correlation.spearman_p),
    )
    notes: tuple[str, ...] = (
        "Over models; people are not counted, as in the paper. Brackets are 95% intervals from models drawn with "
        f"replacement; fewer than {FEWEST} models have none.",
        PAPER_CORRELATION,
    )
    if correlation.left_out:
        notes += (f"Left out, as only part of the images was answered: {', '.join(correlation.left_out)}.",)
    title = f"Correlation over models: {correlation.x_name} and {correlation.y_name}"
    return Table("correlation", title, columns, rows, notes)


def correlation_points(correlation: Correlation, benchmark: Benchmark) -> Table:
    """Give the two figures of each model that a correlation rests on, people on top though not counted."""
    columns = (
        Column("model", "model", kind="text"),
        Column("x", correlation.x_name),
        Column("y", correlation.y_name),
    )
    people = [] if correlation.people is None else [benchmark.humans]
    rows: list[tuple[Cell, ...]] = [
        (row.name, row.datasets[BLURRED].accuracy, row.shape_bias)
        for row in (*people, *(benchmark.models[name] for name in correlation.points))
    ]
    title = f"What the correlation rests on: {correlation.x_name} and {correlation.y_name}"
    return Table("correlation-points", title, columns, tuple(rows))
