"""Whether two figures go together over observers, as accuracy on blurred images and shape bias do in section 4."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reconstrue.metrics.benchmark import Benchmark
from reconstrue.metrics.intervals import UNDEFINED, Estimate, FloatArray, estimate

BLURRED = "low-pass"
"""The data set of section 4."""

FEWEST = 6
"""Models that an interval needs: of three, drawn with replacement, it covered 69% of the time instead of 95%."""


@dataclass(frozen=True)
class Correlation:
    """Pearson's and Spearman's r of two figures over models, with 95% intervals from models drawn with replacement.

    Attributes:
        x_name: the first figure.
        y_name: the second.
        points: the two figures of each model that has both.
        people: the two figures of the people together, to stand beside; they are not counted, as in the paper.
        pearson: r of the figures; n is the number of models.
        spearman: r of their ranks.
        pearson_p: two-sided, of no correlation; NaN where undefined.
        spearman_p: likewise.
    """

    x_name: str
    y_name: str
    points: Mapping[str, tuple[float, float]]
    people: tuple[float, float] | None
    pearson: Estimate
    spearman: Estimate
    pearson_p: float
    spearman_p: float

    @property
    def n(self) -> int:
        """The number of models."""
        return len(self.points)

    @property
    def degrees_of_freedom(self) -> int:
        """n − 2, as in r(58) of 60 models."""
        return self.n - 2

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON, with NaN as None."""
        return {
            "x": self.x_name,
            "y": self.y_name,
            "points": {name: list(point) for name, point in self.points.items()},
            "people": None if self.people is None else list(self.people),
            "degrees_of_freedom": self.degrees_of_freedom,
            "pearson": self.pearson.to_json(),
            "spearman": self.spearman.to_json(),
            "pearson_p": None if math.isnan(self.pearson_p) else self.pearson_p,
            "spearman_p": None if math.isnan(self.spearman_p) else self.spearman_p,
        }


def correlate(
    points: Mapping[str, tuple[float, float]],
    x_name: str,
    y_name: str,
    *,
    people: tuple[float, float] | None = None,
    resamples: int = 1000,
    generator: np.random.Generator,
) -> Correlation:
    """Correlate two figures over models; undefined with fewer than three, or where a figure is the same for all.

    With fewer than FEWEST models there is no interval.

    Draws in which a figure is the same for all are left out of the intervals.
    """
    from scipy import stats

    x, y = (np.array([point[axis] for point in points.values()], dtype=np.float64) for axis in (0, 1))
    n = len(points)
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        nothing = Estimate(math.nan, math.nan, math.nan, n)
        return Correlation(x_name, y_name, dict(points), people, nothing, nothing, math.nan, math.nan)
    draws = resamples if n >= FEWEST else 0
    drawn = np.vstack([np.arange(n), generator.integers(0, n, size=(draws, n))])
    ranks_x, ranks_y = (stats.rankdata(values[drawn], axis=1) for values in (x, y))
    pearson, spearman = (
        estimate(_rows_r(one, other), n, bounds=(-1.0, 1.0), correct_bias=False)
        for one, other in ((x[drawn], y[drawn]), (ranks_x, ranks_y))
    )
    pearson_p, spearman_p = (float(test(x, y).pvalue) for test in (stats.pearsonr, stats.spearmanr))
    return Correlation(x_name, y_name, dict(points), people, pearson, spearman, pearson_p, spearman_p)


def low_pass_against_shape_bias(
    benchmark: Benchmark, *, resamples: int = 1000, generator: np.random.Generator
) -> Correlation:
    """Correlate accuracy on low-pass filtered images (kept conditions) with shape bias over models (section 4)."""

    def point(accuracy: Estimate, shape_bias: Estimate) -> tuple[float, float] | None:
        return (accuracy.value, shape_bias.value) if accuracy.defined and shape_bias.defined else None

    rows = {name: row for name, row in benchmark.models.items() if BLURRED in row.datasets}
    found = {name: point(row.datasets[BLURRED].accuracy, row.shape_bias) for name, row in rows.items()}
    humans = benchmark.humans
    blurred = humans.datasets[BLURRED].accuracy if BLURRED in humans.datasets else UNDEFINED
    return correlate(
        {name: at for name, at in found.items() if at is not None},
        "accuracy on low-pass images",
        "shape bias",
        people=point(blurred, humans.shape_bias),
        resamples=resamples,
        generator=generator,
    )


def _rows_r(x: FloatArray, y: FloatArray) -> FloatArray:
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    some = spread > 1e-12
    return np.where(some, (x * y).sum(axis=1) / np.where(some, spread, 1.0), np.nan)
