"""Figures of a study: averages over seeds and their differences, with intervals over seeds and pictures, and words for them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from reconstrue.metrics.benchmark import Replicates
from reconstrue.metrics.intervals import TAIL, Estimate, FloatArray, estimate, resample_weights
from reconstrue.metrics.seeds import over_seeds, standard_error
from reconstrue.metrics.shape_bias import shape_bias_beyond_guessing
from reconstrue.report.figures.comparisons import Dot
from reconstrue.report.page import PageFigure
from reconstrue.report.tables import Table
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import dataset
from reconstrue.studies.benchmark import BenchmarkResult
from reconstrue.studies.controlled.plan import GENERATIVE, Group
from reconstrue.trials.table import CONFLICT, TrialTable

FIGURES: Mapping[str, str] = {
    "shape_bias": "shape bias",
    "beyond": "shape bias beyond guessing",
    "accuracy": "OOD accuracy",
    "clean": "clean accuracy",
}
"""The figures of every observer, and their names. Clean: undistorted pictures, which OOD accuracy does not count."""

# Sets whose control pictures are those of the world as they are; those of others are grey.
CLEAN_SETS = ("colour", "false-colour")


FEWEST_DECISIONS = 40
"""Behind a claim of shape bias: of fewer it is undefined in some resamples, and its interval no ground for one."""


@dataclass(frozen=True)
class Effect:
    """One figure of a study.

    Attributes:
        figure: what is measured.
        of: whose it is, or the two whose difference it is.
        found: its value, interval and count.
        seeds: how many trainings it rests on (of the side with fewer).
    """

    figure: str
    of: str
    found: Estimate
    seeds: int

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {"figure": self.figure, "of": self.of, **self.found.to_json(), "seeds": self.seeds}


@dataclass(frozen=True)
class Finding:
    """What a study found.

    Attributes:
        paragraph: in plain words, no more than the figures show.
        effects: every figure.
        tables: of figures.
        figures: drawn.
        notes: what to know.
    """

    paragraph: str
    effects: tuple[Effect, ...]
    tables: tuple[Table, ...]
    figures: tuple[PageFigure, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Values:
    """A figure of some trainings.

    Attributes:
        resampled: (1 + resamples, seeds) plain and on resampled pictures, the same for everybody.
        n: answers behind it, of all seeds.
    """

    resampled: FloatArray
    n: int

    @property
    def seeds(self) -> int:
        """How many trainings there are."""
        return self.resampled.shape[1]


def mean_effect(figure: str, of: str, values: Values) -> Effect:
    """Return the mean of a share over seeds, with an interval over pictures and seeds."""
    # A share without guesses is none: it may lie a little outside.
    share_of_all = figure != FIGURES["beyond"]
    bounds = (0.0, 1.0) if share_of_all else (-1.0, 2.0)
    # Pictures are the same for all seeds, so that no more than one seed's count is in a share of 0 or 1.
    n = values.n // values.seeds
    found = estimate(values.resampled.mean(axis=1), n, bounds=bounds, correct_bias=False, proportion=share_of_all)
    return _effect(figure, of, replace(found, n=values.n), values.resampled[0], bounds)


def difference_effect(figure: str, of: str, first: Sequence[Values], second: Sequence[Values]) -> Effect:
    """Return the mean of some figures minus that of others, on the same draws of pictures, seed by seed."""
    seeds = min(values.seeds for values in (*first, *second))
    one, other = (np.mean([values.resampled[:, :seeds] for values in side], axis=0) for side in (first, second))
    # Of one training of the one with the fewest answers: pictures are the same for all, and a claim is no better than that.
    n = min(values.n // values.seeds for values in (*first, *second))
    replicates = (one - other).mean(axis=1)
    found = estimate(replicates, n, bounds=(-1.0, 1.0), correct_bias=False)
    if n and len(replicates) > 1 and np.ptp(replicates) == 0:
        # Figures of 0 or 1 never vary under resampling: the reach is that of a binomial share of 0.
        reach = 1.0 - TAIL ** (1.0 / n)
        found = replace(found, low=max(-1.0, found.value - reach), high=min(1.0, found.value + reach))
    return _effect(f"difference in {figure}", of, found, (one - other)[0], (-1.0, 1.0))


def _effect(figure: str, of: str, found: Estimate, by_seed: FloatArray, bounds: tuple[float, float]) -> Effect:
    return Effect(figure, of, over_seeds(found, standard_error(by_seed), len(by_seed), bounds), len(by_seed))


@dataclass(frozen=True)
class Averages:
    """Figures of groups of observers: the mean over their seeds.

    Attributes:
        result: the benchmark of all observers of the study.
        resamples: of its bootstrap.
        own: of the figures that the benchmark has not, (1 + resamples,) values of each observer, and how many answers they are of.
    """

    result: BenchmarkResult
    resamples: int
    own: Mapping[str, Mapping[str, tuple[FloatArray, int]]] = field(default_factory=dict)

    def values(self, group: Group, figure: str) -> Values:
        """Return a figure of each seed of a group."""
        found = [self.of_observer(name, figure) for name in group.names]
        return Values(np.stack([values for values, _ in found], axis=1), sum(n for _, n in found))

    def of_observer(self, name: str, figure: str) -> tuple[FloatArray, int]:
        """Return (1 + resamples,) values of one observer, NaN where it has none, and the answers behind them."""
        nothing = np.full(1 + self.resamples, np.nan), 0
        if figure in self.own:
            return self.own[figure].get(name, nothing)
        row = self.result.benchmark.models[name]
        parts = {set_: found[name] for set_, found in self.result.benchmark.replicates.items() if name in found}
        defined = {set_: part for set_, part in parts.items() if not math.isnan(float(_figure(part, figure)[0]))}
        if not defined:
            return nothing
        found = row.shape_bias if figure == "shape_bias" else row.ood_accuracy
        widened = [
            _widened(_figure(part, figure), len(part.right), len(dataset(set_).kept)) for set_, part in defined.items()
        ]
        return np.mean(widened, axis=0), found.n

    def effect(self, group: Group, figure: str) -> Effect:
        """Return the mean of a group."""
        return mean_effect(FIGURES[figure], group.label, self.values(group, figure))

    def difference(self, first: Sequence[Group], second: Sequence[Group], figure: str, of: str) -> Effect:
        """Return the mean of some groups minus that of others."""
        sides = [[self.values(group, figure) for group in groups] for groups in (first, second)]
        return difference_effect(FIGURES[figure], of, *sides)

    def dots(self, groups: Sequence[Group], figure: str) -> tuple[Dot, ...]:
        """Return the rows of a figure of dots: means, and the value of each seed."""
        return tuple(
            Dot(
                group.label,
                self.effect(group, figure).found,
                tuple(self.values(group, figure).resampled[0].tolist()),
                group.model.side == GENERATIVE,
            )
            for group in groups
        )


def _figure(part: Replicates, figure: str) -> FloatArray:
    return part.shape_bias if figure == "shape_bias" else part.accuracy


def _widened(replicates: FloatArray, images: int, conditions: int) -> FloatArray:
    """Return resampled values moved away from the plain one by √(m / (m − 1)) for m images to a condition.

    Drawing m of m with replacement gives (m − 1)/m of a mean's variance, which is little for m = 4.
    """
    m = images / conditions
    return replicates[0] + (replicates - replicates[0]) * math.sqrt(m / (m - 1.0)) if m > 1 else replicates


def clean_accuracy(table: TrialTable, resamples: int) -> dict[str, tuple[FloatArray, int]]:
    """Return the accuracy of every observer on undistorted pictures, (1 + resamples,), and their number."""
    frame = table.frame
    controls = {name: dataset(name).control for name in CLEAN_SETS}
    part = frame[frame["condition"] == frame["dataset"].map(controls)]
    if part.empty:
        return {}
    right = part.assign(
        right=(part["response"] == part["category"]).astype(float), image=part["dataset"] + part["image_id"]
    )
    wide = right.pivot_table(index="image", columns="observer", values="right")
    weights = resample_weights(len(wide), resamples, stream(0, "study clean", len(wide)))
    values = weights @ wide.to_numpy() / len(wide)
    return {str(name): (values[:, column], len(wide)) for column, name in enumerate(wide.columns)}


def beyond_guessing(table: TrialTable, labels: int, resamples: int) -> dict[str, tuple[FloatArray, int]]:
    """Return the shape bias beyond guessing of every observer, (1 + resamples,), and the decisions for shape or texture."""
    frame = table.frame[table.frame["dataset"] == CONFLICT]
    frame = frame[(frame["texture"].notna() & (frame["texture"] != frame["category"])).to_numpy(dtype=bool)]
    if frame.empty:
        return {}
    images = np.unique(frame["image_id"].to_numpy(dtype=object).astype(str))
    weights = resample_weights(len(images), resamples, stream(0, "study guessing", len(images))).astype(np.float64)
    found = {}
    for name, part in frame.groupby(frame["observer"].astype(str)):
        at = np.searchsorted(images, part["image_id"].to_numpy(dtype=object).astype(str))
        by_shape, by_texture = (
            np.bincount(at, (part["response"] == part[cue]).to_numpy(dtype=float, na_value=0.0), len(images))
            for cue in ("category", "texture")
        )
        answered = np.bincount(at, minlength=len(images))
        shape, texture, total = (weights @ counts for counts in (by_shape, by_texture, answered))
        values = shape_bias_beyond_guessing(shape, texture, total - shape - texture, labels)
        found[str(name)] = (values, int(by_shape.sum() + by_texture.sum()))
    return found


# Words ----------------------------------------------------------------------------------------------------------


def share(found: Estimate) -> str:
    """Write a share with its interval, as in "62% [55, 70]"."""
    if not found.defined:
        return "undefined"
    return f"{100 * found.value:.0f}%" + _ends(found, "")


def points(found: Estimate) -> str:
    """Write a difference of shares, as in "+12 points [+4, +20]"."""
    if not found.defined:
        return "undefined"
    value = round(100 * found.value)
    return f"{value:{'+' if value else ''}d} points" + _ends(found, "+")


def number(found: Estimate, sign: str = "") -> str:
    """Write a figure with two decimals and its interval."""
    if not found.defined:
        return "undefined"
    ends = "" if math.isnan(found.low) else f" [{found.low:{sign}.2f}, {found.high:{sign}.2f}]"
    return f"{found.value:{sign}.2f}{ends}"


def _ends(found: Estimate, sign: str) -> str:
    if math.isnan(found.low):
        return ""
    # Zero has no sign, as nothing is below it.
    low, high = (round(100 * end) for end in (found.low, found.high))
    return f" [{low:{sign if low else ''}d}, {high:{sign if high else ''}d}]"


def verdict(effect: Effect) -> str:
    """Say which way a difference goes: "higher", "lower", or that these seeds and answers show none."""
    found = effect.found
    if not found.defined or math.isnan(found.low):
        return "not to be told"
    if FIGURES["shape_bias"] in effect.figure and found.n < FEWEST_DECISIONS:
        return f"not to be told from {found.n} answers"
    if found.low > 0:
        return "higher"
    if found.high < 0:
        return "lower"
    what = "one seed" if effect.seeds == 1 else f"{effect.seeds} seeds"
    return f"not different as far as {what} can show"


def seeds_said(groups: Sequence[Group]) -> str:
    """Say how many trainings an average rests on, and so what its interval is over."""
    counts = {len(group.observers) for group in groups}
    if counts == {1}:
        return "one training each, so that intervals are over pictures alone"
    if 1 in counts:
        return f"up to {max(counts)} seeds each; intervals are over seeds and pictures, of single trainings over pictures alone"
    each = f"{max(counts)} seeds each" if len(counts) == 1 else f"{min(counts)} to {max(counts)} seeds each"
    return f"{each}; intervals are over seeds and pictures"


def by_chance(effects: Sequence[Effect]) -> str:
    """Say how many of several claims are expected to be wrong."""
    return f" Of {len(effects)} comparisons one in twenty is expected to differ by chance." if len(effects) > 3 else ""


def counted(n: int, what: str) -> str:
    """Write a number of things.

    >>> counted(1, "model"), counted(5, "model")
    ('1 model', '5 models')
    """
    return f"{n} {what}" + ("" if n == 1 else "s")
