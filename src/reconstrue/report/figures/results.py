"""Everything that the figures of a report are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from reconstrue.metrics import (
    Benchmark,
    Comparison,
    ConfusionMatrix,
    ConsistencyMatrix,
    Correlation,
    ResponseEntropy,
    compare_with_people,
    confusion_matrix,
    consistency_matrix,
    low_pass_against_shape_bias,
    response_entropy,
)
from reconstrue.report.figures.bars import NONPARAMETRIC
from reconstrue.report.figures.conditions import PARAMETRIC
from reconstrue.report.figures.observers import persons
from reconstrue.trials.table import PEOPLE, TrialTable


@dataclass(frozen=True)
class Results:
    """What figures are drawn from; what is missing is left out of them, and they say so.

    Attributes:
        benchmark: every observer's figures.
        matrices: error consistency of everybody with everybody, people among them, on each nonparametric set.
        correlation: accuracy on low-pass images against shape bias over the models.
        comparisons: every model with people on each data set.
        confusions: data set -> observer -> matrix over all conditions; `humans` first.
        entropies: parametric set -> observer -> entropy on each condition; `humans` first.
    """

    benchmark: Benchmark
    matrices: Mapping[str, ConsistencyMatrix] = field(default_factory=dict)
    correlation: Correlation | None = None
    comparisons: tuple[Comparison, ...] = ()
    confusions: Mapping[str, Mapping[str, ConfusionMatrix]] = field(default_factory=dict)
    entropies: Mapping[str, Mapping[str, ResponseEntropy]] = field(default_factory=dict)


def gather(
    table: TrialTable, benchmark: Benchmark, *, resamples: int = 1000, generator: np.random.Generator
) -> Results:
    """Take from the trials that the benchmark counted (`table`) what it does not hold, with `resamples` draws."""
    # A table of its own for each data set: most of the time goes into finding trials.
    parts = {name: TrialTable(table.frame[table.frame["dataset"] == name]) for name in table.datasets}
    everybody = {name: _observers(benchmark, name) for name in table.datasets}
    people = {name: tuple(sorted(persons(benchmark, name))) for name in table.datasets}
    matrices = {}
    for name in (name for name in NONPARAMETRIC if name in everybody):
        single = (*people[name], *(observer for observer in everybody[name] if observer != PEOPLE))
        if len(single) > 1:
            matrices[name] = consistency_matrix(parts[name], name, single, resamples=resamples, generator=generator)
    return Results(
        benchmark,
        matrices,
        low_pass_against_shape_bias(benchmark, resamples=resamples, generator=generator),
        compare_with_people(benchmark),
        {
            name: {observer: confusion_matrix(parts[name], name, observer) for observer in chosen}
            for name, chosen in everybody.items()
            if chosen
        },
        {
            name: {
                observer: response_entropy(parts[name], name, observer, resamples=resamples, generator=generator)
                for observer in everybody[name]
            }
            for name in PARAMETRIC
            if everybody.get(name)
        },
    )


def _observers(benchmark: Benchmark, name: str) -> tuple[str, ...]:
    """Name who was compared on a data set, people first: what the benchmark left out is left out here too."""
    models = tuple(model for model, row in benchmark.models.items() if name in row.datasets)
    return (PEOPLE, *models) if name in benchmark.humans.datasets else models
