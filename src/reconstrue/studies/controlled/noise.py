"""Study 3: noise augmentation alone. Shape bias and accuracy of a supervised model against the noise it was trained under."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reconstrue.report.figures.comparisons import figure_curves
from reconstrue.report.page import PageFigure
from reconstrue.studies.controlled.effects import (
    FIGURES,
    Averages,
    Finding,
    counted,
    points,
    seeds_said,
    share,
    verdict,
)
from reconstrue.studies.controlled.plan import Group
from reconstrue.studies.controlled.tables import cost_table, effect_table, group_figure, group_table

# The schedules whose range ends at no noise at all, from none to the paper's: a sweep of strength.
_UPWARDS = ("supervised", "noise-90", "noise-50", "noise-all")


def find(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Compare every strength and schedule with no noise; the first group is without."""
    without, *noised = groups
    single = [averages.effect(group, key) for key in FIGURES for group in groups]
    differences = {
        group.label: [averages.difference([group], [without], key, f"{group.label} − no noise") for key in FIGURES]
        for group in noised
    }
    sweep = [group for group in groups if group.model.name in _UPWARDS]
    curves = {
        name: {
            "u uniform up to 1": [(g.model.x, averages.effect(g, key).found) for g in sweep],
            **{g.label: [(g.model.x, averages.effect(g, key).found)] for g in groups if g not in sweep},
        }
        for key, name in FIGURES.items()
    }
    figure = PageFigure(
        figure_curves(curves, "mean share of noise in the variance of a training picture"),
        "Against the strength of the noise",
        "Everybody is asked without noise. The line joins schedules whose range ends at clean pictures; the single marks are "
        "other schedules. Bars are 95% intervals.",
        "; ".join(f"{g.label}: shape bias {averages.effect(g, 'shape_bias').found.value:.2f}" for g in groups) + ".",
        "strength",
        (group_table(averages, groups, "training noise"),),
    )
    base = averages.effect(without, "shape_bias").found
    parts = [
        f"One supervised network learnt with {counted(len(noised), 'kind')} of diffusion noise on its pictures and without any "
        f"({seeds_said(groups)}); without, its shape bias is {share(base)}."
    ]
    for group in noised:
        bias, ood, clean = differences[group.label]
        parts.append(
            f"With {group.label}, shape bias is {verdict(bias)} ({points(bias.found)}), OOD accuracy {verdict(ood)} "
            f"({points(ood.found)}) and clean accuracy {verdict(clean)} ({points(clean.found)})."
        )
    flat = [one for found in differences.values() for one in found]
    return Finding(
        " ".join(parts),
        (*single, *flat),
        (group_table(averages, groups, "training noise"), effect_table(flat), cost_table(groups, out)),
        (figure, group_figure(averages, groups)),
        ("The share of noise is 1 − u, averaged over the range from which u is drawn.",),
    )
