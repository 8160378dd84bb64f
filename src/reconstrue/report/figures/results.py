"""Everything that the figures of a report are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconstrue.metrics import Benchmark, Comparison, ConfusionMatrix, ConsistencyMatrix, Correlation, ResponseEntropy


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
