"""Studies of one supervised network under a setting that is swept: noise on its pictures, or their resolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconstrue.report.figures.comparisons import figure_curves
from reconstrue.report.page import PageFigure
from reconstrue.studies.controlled.effects import (
    FIGURES,
    Averages,
    Effect,
    Finding,
    by_chance,
    counted,
    points,
    seeds_said,
    share,
    verdict,
)
from reconstrue.studies.controlled.plan import Group
from reconstrue.studies.controlled.tables import cost_table, effect_table, group_figure, group_table


@dataclass(frozen=True)
class Sweep:
    """The words of a sweep.

    Attributes:
        setting: what is swept, over the rows of tables.
        axis: of the figure.
        joined: names of the models that the figure's line joins; () for all.
        line: what the line is of.
        caption: of the figure.
        learnt: says how the others than the first learnt, after "One supervised network learnt".
        word: before a setting in a sentence.
        note: on the axis.
    """

    setting: str
    axis: str
    joined: tuple[str, ...]
    line: str
    caption: str
    learnt: str
    word: str
    note: str


_NOISE = Sweep(
    setting="training noise",
    axis="mean share of noise in the variance of a training picture",
    # The schedules whose range ends at no noise at all, from none to the paper's.
    joined=("supervised", "noise-90", "noise-50", "noise-all"),
    line="u uniform up to 1",
    caption="Everybody is asked without noise. The line joins schedules whose range ends at clean pictures; the single marks "
    "are other schedules. Bars are 95% intervals.",
    learnt="with {others} of diffusion noise on its pictures and without any",
    word="with",
    note="The share of noise is 1 − u, averaged over the range from which u is drawn.",
)
_RESOLUTION = Sweep(
    setting="resolution",
    axis="octaves below 64 px",
    joined=(),
    line="pictures shrunk to 64, 32 and 16 px",
    caption="Everybody is asked at the resolution of its training. Bars are 95% intervals.",
    learnt="at {others} below 64 px and at 64 px",
    word="at",
    note="The network is the same, so that at half the resolution each of its units sees twice as much of the picture.",
)


def noise(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Compare every strength and schedule of noise with no noise; the first group is without."""
    return _find(_NOISE, averages, groups, out)


def resolution(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Compare every resolution with the full one, which is the first group's."""
    return _find(_RESOLUTION, averages, groups, out)


def _find(sweep: Sweep, averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    first, *others = groups
    single = [averages.effect(group, key) for key in FIGURES for group in groups]
    differences = {
        group.label: [averages.difference([group], [first], key, f"{group.label} − {first.label}") for key in FIGURES]
        for group in others
    }
    joined = [group for group in groups if group.model.name in sweep.joined or not sweep.joined]
    curves = {
        name: {
            sweep.line: [(g.model.x, averages.effect(g, key).found) for g in joined],
            **{g.label: [(g.model.x, averages.effect(g, key).found)] for g in groups if g not in joined},
        }
        for key, name in FIGURES.items()
    }
    table = group_table(averages, groups, sweep.setting)
    figure = PageFigure(
        figure_curves(curves, sweep.axis),
        f"Against {sweep.setting}",
        sweep.caption,
        "; ".join(f"{g.label}: shape bias {share(averages.effect(g, 'shape_bias').found)}" for g in groups) + ".",
        "sweep",
        (table,),
    )
    base = averages.effect(first, "shape_bias").found
    learnt = sweep.learnt.format(others=counted(len(others), "setting"))
    parts = [
        f"One supervised network learnt {learnt} ({seeds_said(groups)}); of {first.label}, shape bias is {share(base)}."
    ]
    flat = [one for found in differences.values() for one in found]
    parts += [
        _said(sweep, name, {label: found[i] for label, found in differences.items()})
        for i, name in enumerate(FIGURES.values())
    ]
    return Finding(
        " ".join(parts) + by_chance(flat),
        (*single, *flat),
        (table, effect_table(flat), cost_table(groups, out)),
        (figure, group_figure(averages, groups)),
        (sweep.note,),
    )


def _said(sweep: Sweep, figure: str, differences: Mapping[str, Effect]) -> str:
    """Say of one figure which settings move it which way, and which are not seen to."""
    by_verdict: dict[str, list[str]] = {}
    for label, one in differences.items():
        by_verdict.setdefault(verdict(one), []).append(f"{label} ({points(one.found)})")
    said = [f"{what} {sweep.word} {'; '.join(of)}" for what, of in by_verdict.items()]
    return f"{figure[0].upper()}{figure[1:]} is {', and '.join(said)}."
