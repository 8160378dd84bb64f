"""Study 5: low-pass filtering and shape bias, over all models that are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.integrate import trapezoid

from reconstrue.metrics import Correlation, Estimate, correlate, low_pass_against_shape_bias
from reconstrue.metrics.correlation import BLURRED, FEWEST
from reconstrue.report.figures import figure_correlation
from reconstrue.report.figures.scatter import describe_correlation
from reconstrue.report.figures.style import PAGE, styles
from reconstrue.report.page import PageFigure
from reconstrue.report.tables import Table, correlation_points, correlation_table
from reconstrue.seeding import stream
from reconstrue.studies.controlled.effects import Averages, Effect, Finding, number
from reconstrue.studies.controlled.plan import Group

AREA = "area under accuracy over blur"
Point = tuple[float, float]


def find(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Correlate accuracy on blurred pictures with shape bias: over models, and over means of models that differ in seed alone."""
    found = averages.result.benchmark
    kept = low_pass_against_shape_bias(found, resamples=averages.resamples, generator=stream(0, "study low-pass"))
    single = {name: (area(averages, name), bias) for name, (_, bias) in kept.points.items()}
    of_groups = {
        group.label: _mean([single[name] for name in group.names if name in single])
        for group in groups
        if any(name in single for name in group.names)
    }
    areas, means = (
        correlate(points, AREA, "shape bias", resamples=averages.resamples, generator=stream(0, "study area", what))
        for points, what in ((single, "models"), (of_groups, "groups"))
    )
    correlations = {
        "kept conditions, models": kept,
        "area, models": areas,
        "area, means over seeds": means,
    }
    effects = [
        Effect(f"{how} correlation", of, estimate_of, 0)
        for of, one in correlations.items()
        for how, estimate_of in (("Pearson", one.pearson), ("Spearman", one.spearman))
    ]
    figures = [
        PageFigure(
            figure_correlation(one, styles(list(one.points)[:30]), width=PAGE),
            title,
            "One mark for each; intervals are from models (or means) drawn with replacement.",
            describe_correlation(one),
            name,
            (correlation_table(one),),
        )
        for one, title, name in (
            (means, "Means over seeds", "low-pass-means"),
            (kept, "Every model, kept conditions", "low-pass-models"),
        )
        if one.points
    ]
    return Finding(
        _paragraph(means, areas),
        tuple(effects),
        (_named(correlation_table(means), "correlation-means", "Over means of seeds"),)
        + (_named(correlation_table(areas), "correlation-area", "Over all models, area over blur"),)
        + (_named(correlation_table(kept), "correlation-kept", "Over all models, kept conditions"),)
        + ((correlation_points(kept, found),) if kept.points else ()),
        tuple(figures),
        (
            "The area is of accuracy over the logarithm of the filter's deviation, as a share of the whole, from the least to "
            "the greatest blur; chance is 6.25%.",
            "Models of one kind that differ in seed alone are no independent models: the means over seeds are what is claimed.",
            "Nor are one network's settings: models with noise on their pictures, or shrunk ones, are the same ResNet, and where they "
            "are many the interval, which draws models as if they were independent, is too narrow.",
        ),
    )


def area(averages: Averages, name: str) -> float:
    """Return ∫ accuracy d log σ / ∫ d log σ over the filtered conditions of one model (trapezoids); NaN with fewer than two."""
    part = averages.result.benchmark.models[name].datasets.get(BLURRED)
    if part is None:
        return float("nan")
    levels = sorted(
        (float(label), one.accuracy.value)
        for label, one in part.conditions.items()
        if float(label) > 0 and one.n_images
    )
    if len(levels) < 2:
        return float("nan")
    x, y = (np.array([level[axis] for level in levels]) for axis in (0, 1))
    return float(trapezoid(y, np.log(x)) / np.log(x[-1] / x[0]))


def _mean(points: Sequence[Point]) -> Point:
    return float(np.mean([x for x, _ in points])), float(np.mean([y for _, y in points]))


def _named(table: Table, name: str, title: str) -> Table:
    return Table(name, title, table.columns, table.rows, table.notes, table.rules)


def _paragraph(means: Correlation, areas: Correlation) -> str:
    if not means.pearson.defined:
        return f"There are {means.n} kinds of model here: too few for a correlation, which needs three that differ."
    parts = [
        f"Over {means.n} models that differ in more than a seed ({areas.n} with their seeds), accuracy on blurred pictures and "
        f"shape bias have a Pearson correlation of {number(means.pearson, '+')} and a Spearman correlation of "
        f"{number(means.spearman, '+')}."
    ]
    parts.append(f"{_said(means.pearson)} It is a correlation: these models differ in much else.")
    return " ".join(parts)


def _said(found: Estimate) -> str:
    if np.isnan(found.low):
        return f"That is too few for an interval, which needs {FEWEST}, and so for a claim."
    if found.low > 0:
        return "Models that see through blur have the higher shape bias."
    if found.high < 0:
        return "Models that see through blur have the lower shape bias."
    return "The interval holds zero: a relation is not shown."
