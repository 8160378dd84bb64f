"""Which answers everybody gives: what is taken for what, and how evenly the categories are used."""

from __future__ import annotations

from collections.abc import Mapping

from reconstrue.metrics import ANSWERS, UNDEFINED, ConfusionMatrix, ResponseEntropy
from reconstrue.report.tables.rows import MODEL, column_keys
from reconstrue.report.tables.table import Cell, Column, Table, inner_rules
from reconstrue.stimuli.categories import CATEGORIES


def confusion_table(dataset: str, matrices: Mapping[str, ConfusionMatrix]) -> Table:
    """Give how often everybody answered what on one data set: a row for each observer and category shown."""
    columns = (
        MODEL,
        Column("shown", "shown", kind="text"),
        *(Column(answer, answer if answer in CATEGORIES else "no answer", kind="count") for answer in ANSWERS),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, matrix in matrices.items():
        rows += [
            (name, category, *map(int, counts))
            for category, counts in zip(CATEGORIES, matrix.counts, strict=True)
            if counts.any()
        ]
    rules = [index for index, row in enumerate(rows) if index and row[0] != rows[index - 1][0]]
    notes = (
        "Trials by the category shown (rows) and the answer (columns), over all conditions; the trials of all people "
        "are counted together. Shading is the share of the row.",
    )
    title = f"Confusion matrices: {dataset}"
    return Table(f"confusion-{dataset}", title, columns, tuple(rows), notes, inner_rules(rules, rows), shaded=True)


def entropy_table(entropies: Mapping[str, Mapping[str, ResponseEntropy]]) -> Table:
    """Give the entropy of everybody's answers on each condition of each data set, in bits."""
    observers = list(dict.fromkeys(name for row in entropies.values() for name in row))
    columns = (
        Column("dataset", "data set", kind="text"),
        Column("condition", "condition", kind="text"),
        *(Column(key, name, digits=2) for key, name in zip(column_keys(observers), observers, strict=True)),
    )
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    for dataset, by_observer in entropies.items():
        rules.append(len(rows))
        conditions = dict.fromkeys(label for found in by_observer.values() for label in found.conditions)
        for label in conditions:
            found = (by_observer[name].conditions if name in by_observer else {} for name in observers)
            rows.append((dataset, label, *(each.get(label, UNDEFINED) for each in found)))
    notes = (
        "−Σ p log₂ p over the 16 categories, p the share of all trials that were answered with it: 0 bits for always the "
        "same answer, 4 for all equally often. People: the mean over persons.",
    )
    title = "Entropy of the answers, in bits"
    return Table("response-entropy", title, columns, tuple(rows), notes, inner_rules(rules, rows))
