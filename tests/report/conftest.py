"""Benchmarks made by hand, so that every figure in a table or on a page is known beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest

from reconstrue.metrics import UNDEFINED, Benchmark, DatasetResult, Estimate, ObserverResult
from reconstrue.stimuli.catalog import load_catalog

HOSTILE = "<script>alert(1)</script>&_50%$\\{x}|\"'"
"""A model's name as nobody should choose it."""


def est(value: float, half: float = math.nan, n: int = 100) -> Estimate:
    return Estimate(value, value - half, value + half, n)


def result(
    dataset: str, accuracy: Estimate, n: int = 160, of: int = 160, people: DatasetResult | None = None
) -> DatasetResult:
    above = Estimate(accuracy.value - 1 / 16, accuracy.low - 1 / 16, accuracy.high - 1 / 16, accuracy.n)
    return DatasetResult(
        dataset=dataset,
        n_images=n,
        catalogue_images=of,
        partial=n < of,
        reason=None,
        accuracy=accuracy,
        above_chance=above,
        accuracy_difference=UNDEFINED,
        observed_consistency=UNDEFINED,
        error_consistency=UNDEFINED,
        shape_bias=UNDEFINED,
        shape_bias_by_category={},
        conditions={},
        people=people,
    )


def observer(name: str, datasets: Mapping[str, DatasetResult], **figures: object) -> ObserverResult:
    whole = len(datasets) == len(load_catalog()) and not any(part.partial for part in datasets.values())
    blank = ObserverResult(
        name=name,
        model_type="–",
        ood_accuracy=UNDEFINED,
        accuracy_difference=UNDEFINED,
        observed_consistency=UNDEFINED,
        error_consistency=UNDEFINED,
        mean_rank=UNDEFINED,
        shape_bias=UNDEFINED,
        shape_bias_by_category={},
        datasets=dict(datasets),
        n_datasets=len(datasets),
        n_datasets_with_people=0,
        complete=whole,
    )
    return replace(blank, **figures)  # type: ignore[arg-type]


def everything(accuracy: float = 0.5) -> dict[str, DatasetResult]:
    return {name: result(name, est(accuracy, 0.1)) for name in load_catalog()}


def bench(*models: ObserverResult, humans: ObserverResult | None = None) -> Benchmark:
    nobody = observer("humans", {}, model_type="people")
    return Benchmark({row.name: row for row in models}, humans or nobody, {}, (), ())


@pytest.fixture(scope="session")
def paper() -> Benchmark:
    """People, three complete models, and one model with 3 of the 17 sets."""
    humans = observer(
        "humans",
        everything(0.7),
        model_type="people",
        shape_bias=est(0.96, 0.01, 9000),
        shape_bias_by_category={"cat": est(0.9), "truck": est(1.0)},
        ood_accuracy=est(0.72, 0.01),
        error_consistency=est(0.43, 0.02),
    )
    some = {name: result(name, est(0.3, 0.1)) for name in ("sketch", "edge", "silhouette")}
    return bench(
        observer(
            "beta",
            everything(),
            shape_bias=est(0.2, 0.05),
            shape_bias_by_category={"cat": est(0.25), "truck": UNDEFINED},
            ood_accuracy=est(0.7, 0.02),
            accuracy_difference=est(-0.0001),
            mean_rank=est(2.5),
            accuracy_rank=est(1.5, 0.5),
        ),
        observer(
            "alpha",
            everything(),
            shape_bias=est(0.6, 0.05),
            ood_accuracy=est(0.7),
            mean_rank=est(1.5),
            accuracy_rank=est(1.5),
        ),
        observer("gamma", everything(), ood_accuracy=est(0.5), mean_rank=est(2.0), accuracy_rank=est(3.0)),
        observer("piece", some, ood_accuracy=est(0.9), shape_bias=UNDEFINED),
        humans=humans,
    )


@pytest.fixture(scope="session")
def pocket() -> Benchmark:
    """Two models, one with a hostile name, and nobody else."""
    sets = {"edge": result("edge", est(0.6, 0.1), 48, 48)}
    return bench(
        observer("pocket-pixel", sets, model_type="diffusion", ood_accuracy=est(0.6, 0.1)),
        observer(HOSTILE, sets, model_type="a & b", ood_accuracy=est(0.5, 0.1)),
    )
