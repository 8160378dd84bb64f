"""The study on photographs: three kinds of model that learnt from the same ones, on the published stimuli."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from reconstrue.metrics.intervals import estimate
from reconstrue.report.tables import consistency_table
from reconstrue.studies.controlled.consistency import OF_KAPPA, all_sets_matrix, consistencies, consistency_drawn
from reconstrue.studies.controlled.effects import (
    FIGURES,
    Averages,
    Effect,
    Finding,
    number,
    points,
    seeds_said,
    share,
    verdict,
)
from reconstrue.studies.controlled.plan import Group
from reconstrue.studies.controlled.tables import cost_table, effect_table, group_figure, group_table

# There are no undistorted photographs among the published stimuli of these data sets.
_FIGURES = ("shape_bias", "beyond", "accuracy")


def find(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Compare every kind with the last, which is the plain supervised one, and say who errs alike."""
    *others, plain = groups
    single = [averages.effect(group, key) for key in _FIGURES for group in groups]
    differences = [
        averages.difference([group], [plain], key, f"{group.label} − {plain.label}")
        for group in others
        for key in _FIGURES
    ]
    resampled, images = consistencies(averages, groups)
    kappas = [
        Effect(
            "error consistency",
            f"{groups[i].label} and {groups[j].label}",
            estimate(resampled[:, i, j], images, bounds=(-1.0, 1.0)),
            1,
        )
        for i, j in combinations(range(len(groups)), 2)
    ]
    alike = "; ".join(f"{one.of} {number(one.found)}" for one in kappas)
    matrix = all_sets_matrix(resampled, groups, images)
    return Finding(
        _paragraph(groups, single, differences, alike),
        (*single, *differences, *kappas),
        (
            group_table(averages, groups, "model", _FIGURES),
            effect_table(differences),
            cost_table(groups, out),
            consistency_table(matrix),
        ),
        (group_figure(averages, groups, _FIGURES), consistency_drawn(matrix, f"{alike}.")),
        (
            OF_KAPPA,
            "Everybody chooses among the categories that all of them know; a guess among seven has a shape bias of 50%.",
            "People and published models on the same pictures: `reconstrue benchmark --categories` on the trials of this study.",
        ),
    )


def _paragraph(groups: Sequence[Group], single: Sequence[Effect], differences: Sequence[Effect], alike: str) -> str:
    said = "; ".join(f"{one.of} {share(one.found)}" for one in single if one.figure == FIGURES["shape_bias"])
    parts = [
        f"{len(groups)} kinds of model learnt from the same photographs ({seeds_said(groups)}). "
        f"Their shape bias on the published cue conflicts: {said}."
    ]
    for one in differences:
        what = one.figure.removeprefix("difference in ")
        what = what[0].upper() + what[1:]
        parts.append(f"{what} of {one.of.replace(' − ', ' against ')}: {verdict(one)} ({points(one.found)}).")
    return " ".join([*parts, f"Error consistency: {alike}."])
