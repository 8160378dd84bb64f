"""Error consistency of every two observers."""

from __future__ import annotations

from reconstrue.metrics import ConsistencyMatrix, Estimate
from reconstrue.report.tables.rows import MODEL, column_keys
from reconstrue.report.tables.table import Cell, Column, Table
from reconstrue.trials import is_human


def consistency_table(matrix: ConsistencyMatrix) -> Table:
    """Give the error consistency (κ) of every two observers on one data set, as a square table.

    It is titled "between models" where there is no person among the observers.
    """
    people = [name for name in matrix.observers if is_human(name)]
    who = "between observers" if people else "between models"
    keys = column_keys(matrix.observers)
    columns = (MODEL, *(Column(f"kappa_{key}", name) for key, name in zip(keys, matrix.observers, strict=True)))
    rows: list[tuple[Cell, ...]] = []
    for i, name in enumerate(matrix.observers):
        cells = [
            Estimate(float(value), float(matrix.low[i, j]), float(matrix.high[i, j]), int(matrix.n_images[i, j]))
            for j, value in enumerate(matrix.values[i])
        ]
        rows.append((name, *cells))
    pairs = [
        int(matrix.n_images[i, j]) for i in range(len(matrix.observers)) for j in range(len(matrix.observers)) if i != j
    ]
    counts = f"{min(pairs):,}" if pairs and min(pairs) == max(pairs) else ""
    if pairs and not counts:
        counts = f"{min(pairs):,} to {max(pairs):,}"
    notes: tuple[str, ...] = ("Cohen's κ of right and wrong answers: 0 is agreement by chance, 1 the same errors.",)
    if matrix.ceiling.defined:
        ceiling = Column("kappa", "κ")
        shown = f"{ceiling.value(matrix.ceiling)} {ceiling.interval(matrix.ceiling)}".strip()
        notes = (*notes, f"Human ceiling, the mean over pairs of people: {shown}.")
    if counts:
        notes = (*notes, f"Over the images that both answered ({counts}), averaged over conditions.")
    return Table(
        f"consistency-{matrix.dataset}",
        f"Error consistency {who}: {matrix.dataset}",
        columns,
        tuple(rows),
        notes,
    )
