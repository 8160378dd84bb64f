"""Whether two figures go together over observers, as accuracy on blurred images and shape bias do in section 4."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from reconstrue.metrics.benchmark import Benchmark, DatasetResult, ObserverResult
from reconstrue.metrics.intervals import UNDEFINED, Estimate, FloatArray, estimate
from reconstrue.trials.table import CONFLICT

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
        left_out: models that have both figures on part of the images alone, where others have them on all.
    """

    x_name: str
    y_name: str
    points: Mapping[str, tuple[float, float]]
    people: tuple[float, float] | None
    pearson: Estimate
    spearman: Estimate
    pearson_p: float
    spearman_p: float
    left_out: tuple[str, ...] = ()

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
            "left_out": list(self.left_out),
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
    """Correlate accuracy on low-pass filtered images (kept conditions) with shape bias over models (section 4).

    Models that answered a part of the images alone are left out and named: on other images a figure is another one.
    Where all answered the same part, they are kept, with people on those images beside.
    """
    rows = {
        name: row
        for name, row in benchmark.models.items()
        if BLURRED in row.datasets and row.datasets[BLURRED].accuracy.defined and row.shape_bias.defined
    }
    cut = {name for name, row in rows.items() if any(part.partial for part in _parts(row))}
    alike = len({_images(benchmark, row) for row in rows.values()}) == 1
    left_out = () if alike else tuple(sorted(cut))
    kept = {name: row for name, row in rows.items() if name not in left_out}
    found = correlate(
        {name: (row.datasets[BLURRED].accuracy.value, row.shape_bias.value) for name, row in kept.items()},
        "accuracy on low-pass images",
        "shape bias",
        people=_people(benchmark, next(iter(kept.values()), None)),
        resamples=resamples,
        generator=generator,
    )
    return replace(found, left_out=left_out)


def _parts(row: ObserverResult) -> tuple[DatasetResult, ...]:
    return tuple(row.datasets[name] for name in (BLURRED, CONFLICT) if name in row.datasets)


def _images(benchmark: Benchmark, row: ObserverResult) -> tuple[object, ...]:
    """Give a key that two models share where both figures are over the same images."""
    behind = (benchmark.replicates.get(part.dataset, {}).get(row.name) for part in _parts(row))
    return tuple((part.n_images, one and one.images) for part, one in zip(_parts(row), behind, strict=True))


def _people(benchmark: Benchmark, model: ObserverResult | None) -> tuple[float, float] | None:
    """Give the two figures of people, on the images of a model where it answered a part; None where one is missing."""

    def of(name: str) -> DatasetResult | None:
        own = None if model is None or name not in model.datasets else model.datasets[name].people
        return own or benchmark.humans.datasets.get(name)

    blurred, conflict = of(BLURRED), of(CONFLICT)
    accuracy = UNDEFINED if blurred is None else blurred.accuracy
    shape_bias = benchmark.humans.shape_bias if conflict is None else conflict.shape_bias
    return (accuracy.value, shape_bias.value) if accuracy.defined and shape_bias.defined else None


def _rows_r(x: FloatArray, y: FloatArray) -> FloatArray:
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    some = spread > 1e-12
    return np.where(some, (x * y).sum(axis=1) / np.where(some, spread, 1.0), np.nan)
