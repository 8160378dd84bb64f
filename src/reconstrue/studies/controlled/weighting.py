"""Study 2: the weighting of noise times, in the decision and in the training loss.

Every weighting reads the same draws. Errors are ‖x − x̂‖², and a weighting is a function w(t) on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from reconstrue.classifiers.generative.schedule import WEIGHTINGS
from reconstrue.metrics.intervals import Estimate, FloatArray, resample_weights
from reconstrue.metrics.reweighting import (
    NO_DECISION,
    Places,
    band_errors,
    decide,
    decide_by_bands,
    in_band,
    learn_weights,
)
from reconstrue.metrics.shape_bias import shape_bias
from reconstrue.report.figures.comparisons import figure_curves
from reconstrue.report.page import PageFigure
from reconstrue.report.tables import Cell, Column, Table
from reconstrue.seeding import stream
from reconstrue.studies.controlled.answers import Drawn
from reconstrue.studies.controlled.effects import (
    Effect,
    Finding,
    Values,
    by_chance,
    counted,
    difference_effect,
    mean_effect,
    points,
    seeds_said,
    share,
    verdict,
)
from reconstrue.studies.controlled.plan import Group
from reconstrue.studies.controlled.tables import cost_table, effect_table

BANDS = 8
EDGES: FloatArray = np.linspace(0.0, 1.0, BANDS + 1)
RATES = (0.0, 2.0, 4.0, 7.0, 10.0, 14.0)
_LOW, _HIGH, _LEARNED, _PAPER = "t ≤ 0.5 alone", "t > 0.5 alone", "learned on clean pictures", "paper"
_BIAS, _ACCURACY = "shape bias", "clean accuracy"
_LOSSES = ("latent-loss-x", "latent-loss-eps")

Evidence = Mapping[str, Mapping[str, Drawn]]
"""Observer → ``clean`` and ``conflict`` → draws."""


@dataclass(frozen=True)
class Decisions:
    """What one observer decides under one weighting: places of labels on the pictures of both parts."""

    clean: Places
    conflict: Places


@dataclass(frozen=True)
class Weighed:
    """Shape bias and clean accuracy of groups under every weighting.

    Attributes:
        evidence: of every observer.
        resamples: of pictures and seeds.
        decided: observer → weighting → decisions.
    """

    evidence: Evidence
    resamples: int
    decided: Mapping[str, Mapping[str, Decisions]]

    def values(self, group: Group, weighting: str, figure: str) -> Values:
        """Return a figure of each seed of a group."""
        found = [self._of_observer(name, weighting, figure) for name in group.names]
        return Values(np.stack([values for values, _ in found], axis=1), sum(n for _, n in found))

    def effect(self, group: Group, weighting: str, figure: str) -> Effect:
        """Return a group's figure under a weighting."""
        return mean_effect(figure, f"{group.label} · {weighting}", self.values(group, weighting, figure))

    def difference(self, first: tuple[Group, str], second: tuple[Group, str], figure: str, of: str) -> Effect:
        """Return the figure of a group under a weighting minus another."""
        return difference_effect(figure, of, [self.values(*first, figure)], [self.values(*second, figure)])

    def _of_observer(self, name: str, weighting: str, figure: str) -> tuple[FloatArray, int]:
        decided = self.decided[name][weighting]
        if figure == _ACCURACY:
            drawn = self.evidence[name]["clean"]
            if (decided.clean == NO_DECISION).all():
                return np.full(1 + self.resamples, np.nan), 0
            right = (decided.clean == drawn.right).astype(np.float64)
            return _draws(len(right), self.resamples) @ right / len(right), len(right)
        drawn = self.evidence[name]["conflict"]
        conflict = (drawn.texture >= 0) & (drawn.texture != drawn.right)
        by_shape = (decided.conflict == drawn.right) & conflict
        by_texture = (decided.conflict == drawn.texture) & conflict
        weights = _draws(len(conflict), self.resamples)
        return shape_bias(weights @ by_shape, weights @ by_texture), int((by_shape | by_texture).sum())


@cache
def _draws(n: int, resamples: int) -> FloatArray:
    """Return the same draws of pictures for everybody who saw so many."""
    return resample_weights(n, resamples, stream(0, "study weighting", n)).astype(np.float64)


def weigh(evidence: Evidence, resamples: int) -> Weighed:
    """Decide every picture under every weighting."""
    return Weighed(evidence, resamples, {name: _decisions(parts) for name, parts in evidence.items()})


def band_name(band: int) -> str:
    """Return the name of the weighting that reads one band of t alone."""
    return f"t in ({EDGES[band]:.3g}, {EDGES[band + 1]:.3g}]"


def rate_name(rate: float) -> str:
    """Return the name of w(t) = exp(−kt) on the x-error."""
    return f"exp(−{rate:g}t)" if rate else "1"


def _decisions(parts: Mapping[str, Drawn]) -> dict[str, Decisions]:
    """Return the decisions of one observer under all weightings."""
    both = (parts["clean"], parts["conflict"])
    found = {band_name(b): Decisions(*(_within(d, EDGES[b], EDGES[b + 1]) for d in both)) for b in range(BANDS)}
    found |= {rate_name(k): Decisions(*(decide(d.error, np.exp(-k * d.t)) for d in both)) for k in RATES}
    for name in WEIGHTINGS:
        weighting = WEIGHTINGS.get(name)
        found[name] = Decisions(*(decide(d.error, weighting.on_x_error(d.schedule, d.t)) for d in both))
    # Each half as equals of its bands would be: the paper's weighting, cut.
    for name, low, high in ((_LOW, 0.0, 0.5), (_HIGH, 0.5, 1.0)):
        found[name] = Decisions(*(decide(d.error, np.exp(-7 * d.t) * in_band(d.t, low, high)) for d in both))
    found[_LEARNED] = _learned(*both)
    return found


def _within(drawn: Drawn, low: float, high: float) -> Places:
    return decide(drawn.error, in_band(drawn.t, low, high))


def learned_weights(drawn: Drawn) -> FloatArray:
    """Return the weights of bands under which clean pictures are told best."""
    return learn_weights(band_errors(drawn.error, drawn.t, EDGES), drawn.right)


def _learned(clean: Drawn, conflict: Drawn) -> Decisions:
    """Decide with weights learned on clean pictures; each half of these by the weights of the other half."""
    bands = band_errors(clean.error, clean.t, EDGES)
    halves = np.arange(len(bands)) // len(np.unique(clean.right)) % 2
    decided = np.full(len(bands), NO_DECISION, dtype=np.int64)
    for half in (0, 1):
        here, there = halves == half, halves != half
        if there.any():
            decided[here] = decide_by_bands(bands[here], learn_weights(bands[there], clean.right[there]))
    whole = learn_weights(bands, clean.right)
    return Decisions(decided, decide_by_bands(band_errors(conflict.error, conflict.t, EDGES), whole))


def find(weighed: Weighed, groups: Sequence[Group], out: Path) -> Finding:
    """Say which noise times speak for shape, what other weightings do, and what training with another loss does."""
    names = list(next(iter(weighed.decided.values())))
    single = [weighed.effect(g, name, figure) for g in groups for name in names for figure in (_BIAS, _ACCURACY)]
    halves = [
        weighed.difference((g, _HIGH), (g, _LOW), figure, f"{g.label}: {_HIGH} − {_LOW}")
        for g in groups
        for figure in (_BIAS, _ACCURACY)
    ]
    learned = [
        weighed.difference((g, _LEARNED), (g, _PAPER), figure, f"{g.label}: {_LEARNED} − {_PAPER}")
        for g in groups
        for figure in (_BIAS, _ACCURACY)
    ]
    plain = next((g for g in groups if g.model.name == "latent"), None)
    losses = [
        weighed.difference((g, _PAPER), (plain, _PAPER), figure, f"{g.label} − {plain.label}")
        for g in groups
        if plain is not None and g.model.name in _LOSSES
        for figure in (_BIAS, _ACCURACY)
    ]
    tables = (
        effect_table([*halves, *learned, *losses]),
        _weights_table(weighed, groups),
        _table(weighed, groups, names),
        cost_table(groups, out),
    )
    return Finding(
        _paragraph(groups, halves, learned, losses),
        (*single, *halves, *learned, *losses),
        tables,
        (_band_figure(weighed, groups), _rate_figure(weighed, groups)),
        (
            "A t is another noise level in another schedule; all models here have the same one.",
            "Learned weights are fitted to clean pictures alone; their clean accuracy is that of each half of the pictures "
            "under the weights of the other half.",
            "The halves of t are weighed by exp(−7t) within; the bands are not weighed within.",
        ),
    )


def _curves(
    weighed: Weighed, groups: Sequence[Group], xs: Mapping[str, float], figure: str
) -> dict[str, list[tuple[float, Estimate]]]:
    return {g.label: [(x, weighed.effect(g, name, figure).found) for name, x in xs.items()] for g in groups}


def _band_figure(weighed: Weighed, groups: Sequence[Group]) -> PageFigure:
    xs = {band_name(b): float((EDGES[b] + EDGES[b + 1]) / 2) for b in range(BANDS)}
    return _figure(
        weighed,
        groups,
        xs,
        "noise time t, middle of the band",
        (
            "What each band of noise times decides",
            "Decisions by the draws of one band of t alone; chance accuracy is 6%.",
        ),
        "bands",
    )


def _rate_figure(weighed: Weighed, groups: Sequence[Group]) -> PageFigure:
    xs = {rate_name(k): k for k in RATES}
    return _figure(
        weighed,
        groups,
        xs,
        "k of w(t) = exp(−kt)",
        ("Weightings exp(−kt)", "On the x-error; k = 7 is the paper's, k = 0 weighs all draws alike."),
        "rates",
    )


def _figure(
    weighed: Weighed, groups: Sequence[Group], xs: Mapping[str, float], x_name: str, words: tuple[str, str], name: str
) -> PageFigure:
    panels = {figure: _curves(weighed, groups, xs, figure) for figure in (_BIAS, _ACCURACY)}
    ends = [next(iter(xs)), list(xs)[-1]]
    said = "; ".join(
        f"{g.label}: shape bias {share(weighed.effect(g, ends[0], _BIAS).found)} at {ends[0]}, "
        f"{share(weighed.effect(g, ends[1], _BIAS).found)} at {ends[1]}"
        for g in groups
    )
    return PageFigure(
        figure_curves(panels, x_name),
        words[0],
        f"{words[1]} Bars are 95% intervals over pictures, and over seeds where there are several.",
        f"{said}.",
        name,
        (_table(weighed, groups, list(xs)),),
    )


def _table(weighed: Weighed, groups: Sequence[Group], names: Sequence[str]) -> Table:
    columns = (
        Column("group", "model", kind="text"),
        Column("weighting", "weighting", kind="text"),
        Column("shape_bias", _BIAS, digits=1, unit="%"),
        Column("clean", _ACCURACY, digits=1, unit="%"),
        Column("seeds", "seeds", kind="count"),
    )
    rows: list[tuple[Cell, ...]] = []
    rules = []
    for g in groups:
        rules.append(len(rows))
        rows += [
            (
                g.label,
                name,
                weighed.effect(g, name, _BIAS).found,
                weighed.effect(g, name, _ACCURACY).found,
                len(g.observers),
            )
            for name in names
        ]
    title = f"Under {len(names)} weightings"
    return Table(f"weightings-{len(names)}", title, columns, tuple(rows), rules=tuple(rules))


def _weights_table(weighed: Weighed, groups: Sequence[Group]) -> Table:
    columns = (
        Column("observer", "model", kind="text"),
        *(Column(f"band_{b + 1}", band_name(b), kind="text") for b in range(BANDS)),
    )
    rows = []
    for name in (name for g in groups for name in g.names):
        weights = learned_weights(weighed.evidence[name]["clean"])
        largest = weights.max()
        rows.append((name, *(f"{w / largest:.3g}" if largest > 0 else "0" for w in weights)))
    note = "Nonnegative weights of the mean x-error of each band, the largest of a model set to 1."
    return Table("learned-weights", "Weights learned on clean pictures", columns, tuple(rows), (note,))


def _paragraph(
    groups: Sequence[Group], halves: Sequence[Effect], learned: Sequence[Effect], losses: Sequence[Effect]
) -> str:
    parts = [f"The draws of {counted(len(groups), 'model')} were weighed anew ({seeds_said(groups)})."]
    said = [
        f"{one.of.partition(':')[0]} {verdict(one)} ({points(one.found)})"
        for one in halves
        if one.figure.endswith(_BIAS)
    ]
    parts.append(
        f"Decided by noise times above 0.5 alone instead of those up to 0.5 alone, shape bias is: {'; '.join(said)}."
    )
    said = [
        f"{one.of.partition(':')[0]} {verdict(one)} ({points(one.found)})"
        for one in learned
        if one.figure.endswith(_BIAS)
    ]
    parts.append(f"With weights learned on clean pictures instead of the paper's, shape bias is: {'; '.join(said)}.")
    for one in losses:
        if one.figure.endswith(_BIAS):
            parts.append(f"Shape bias of {one.of.replace(' − ', ' against ')}: {verdict(one)} ({points(one.found)}).")
    return " ".join(parts) + by_chance([*halves, *learned, *losses])
