"""Error consistency of the observers of a study, over all its data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reconstrue.metrics import ConsistencyMatrix
from reconstrue.metrics.error_consistency import stratified_consistency
from reconstrue.metrics.intervals import FloatArray, estimate
from reconstrue.report.figures import consistency_figure
from reconstrue.report.page import PageFigure
from reconstrue.report.tables import consistency_table
from reconstrue.seeding import stream
from reconstrue.studies.controlled.effects import Averages
from reconstrue.studies.controlled.plan import Group

OF_KAPPA = (
    "κ is one figure over all conditions of all data sets (stratified κ), as a condition has too few pictures for one of its own: "
    "it is not the benchmark's average of κ."
)


def consistencies(averages: Averages, groups: Sequence[Group]) -> tuple[FloatArray, int]:
    """Return (1 + resamples, m, m) κ over all data sets, observers in the order of groups, and the images of a pair."""
    observers = tuple(name for group in groups for name in group.names)
    values, counts = stratified_consistency(
        averages.result.counted, observers, resamples=averages.resamples, generator=stream(0, "study consistency")
    )
    return values, int(counts.min())


def all_sets_matrix(resampled: FloatArray, groups: Sequence[Group], images: int) -> ConsistencyMatrix:
    """Return κ of every two observers with its interval."""
    observers = tuple(name for group in groups for name in group.names)
    places = range(len(observers))
    cells = [[estimate(resampled[:, i, j], images, bounds=(-1.0, 1.0)) for j in places] for i in places]
    values, low, high = (
        np.array([[getattr(one, end) for one in row] for row in cells]) for end in ("value", "low", "high")
    )
    return ConsistencyMatrix("all-sets", observers, values, low, high, np.full(values.shape, images))


def consistency_drawn(matrix: ConsistencyMatrix, said: str) -> PageFigure:
    """Draw κ of every two observers; `said` puts it into words."""
    return PageFigure(
        consistency_figure(matrix),
        "Who errs on the same pictures",
        "Error consistency (κ) of every two models, over the kept conditions of all data sets together; those who "
        "err alike stand together.",
        said,
        "error-consistency",
        (consistency_table(matrix),),
    )
