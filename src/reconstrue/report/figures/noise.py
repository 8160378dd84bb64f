"""What training with diffusion noise does to shape bias: Figure 13."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark
from reconstrue.report.figures.shape_bias import describe_figure_1, figure_1

SIGN = "noise"
"""The word by which `trained_with_noise` knows a model that had noise."""


def figure_13(benchmark: Benchmark, observers: Sequence[str], *, width: float = 5.6) -> Figure:
    """Draw Figure 13: shape bias per category of the same network without noise, trained, and evaluated with noise.

    It is Figure 1 for these models in this order, beside people: what was done to each is in its name alone.

    Raises UserError for fewer than two models, and for a name that is not in the benchmark.
    """
    if len(observers) < 2:
        raise UserError("Figure 13 compares models: name two or more, without and with noise in training.")
    return figure_1(benchmark, observers, width=width)


def trained_with_noise(benchmark: Benchmark) -> tuple[str, ...]:
    """Find models named as another with "noise" behind it (`resnet`, `resnet-noise`), the plain one first.

    Only models with a shape bias count; () where there is no such pair.
    """
    there = {name for name, row in benchmark.models.items() if row.shape_bias.defined}
    noisy = {name: base for name in sorted(there) if (base := _base(name, there))}
    return (*dict.fromkeys(noisy.values()), *noisy)


def describe_figure_13(benchmark: Benchmark, observers: Sequence[str]) -> str:
    """Say in words what Figure 13 shows."""
    return describe_figure_1(benchmark, observers)


def _base(name: str, there: set[str]) -> str:
    if SIGN not in name:
        return ""
    plain = name[: name.index(SIGN)].rstrip("-")
    return plain if plain in there else ""
