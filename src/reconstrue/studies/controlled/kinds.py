"""Study 1: the kind of model. Shape bias, accuracy, and whether generative models err alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from reconstrue.metrics.clustering import Clustering, clustering
from reconstrue.report.tables import Column, Table, consistency_table
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
from reconstrue.studies.controlled.plan import DISCRIMINATIVE, GENERATIVE, Group
from reconstrue.studies.controlled.tables import cost_table, effect_table, group_figure, group_table

_OF = "generative − discriminative"


def find(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Compare the kinds, and say whether the generative ones err alike."""
    sides = {side: [group for group in groups if group.model.side == side] for side in (GENERATIVE, DISCRIMINATIVE)}
    single = [averages.effect(group, key) for key in FIGURES for group in groups]
    contrasts = (
        [averages.difference(sides[GENERATIVE], sides[DISCRIMINATIVE], key, _OF) for key in FIGURES]
        if all(sides.values())
        else []
    )
    resampled, images = consistencies(averages, groups)
    kinds = [group.label for group in groups for _ in group.observers]
    seeds = min(len(group.observers) for group in groups)
    trained = [observer.seed for group in groups for observer in group.observers]
    alike = clustering(resampled, kinds, [group.label for group in sides[GENERATIVE]], seeds=trained, n=images)
    kappas = [
        Effect("error consistency", "two seeds of one kind", alike.within_kind, seeds),
        Effect("error consistency", "two generative kinds", alike.within_side, seeds),
        Effect("error consistency", "two discriminative kinds", alike.within_other, seeds),
        Effect("error consistency", "a generative and a discriminative kind", alike.between, seeds),
        Effect("difference in error consistency", "two generative kinds − between the sides", alike.excess, seeds),
    ]
    matrix = all_sets_matrix(resampled, groups, images)
    tables = (
        group_table(averages, groups, "kind"),
        effect_table([*contrasts, kappas[-1]]),
        _kappa_table(kappas, alike),
        cost_table(groups, out),
        consistency_table(matrix),
    )
    figure = consistency_drawn(
        matrix, f"{number(alike.within_side)} between generative kinds, {number(alike.between)} between the sides."
    )
    return Finding(
        _paragraph(groups, single, contrasts, alike, seeds),
        (*single, *contrasts, *kappas),
        tables,
        (group_figure(averages, groups), figure),
        (
            OF_KAPPA,
            "Generative kinds share more than being generative: the autoregressive and the masked model have one tokenizer, "
            "and latent and token models see pictures through an autoencoder.",
            "Intervals hold these kinds fixed; they say nothing of others.",
            "Models that sample are asked with few draws of noise, the same for the seeds of a kind: chance in their answers "
            "lowers their accuracy and κ with others, and what the noise does alike raises κ of two seeds of one kind.",
            "The permutation test exchanges whole kinds: with seven of them, four generative, p cannot be below 1/35.",
        ),
    )


def _kappa_table(effects: Sequence[Effect], alike: Clustering) -> Table:
    columns = (
        Column("pairs", "pairs of models", kind="text"),
        Column("error_consistency", "error consistency (κ)"),
        Column("p", "p", kind="p"),
    )
    rows = [(one.of, one.found, math.nan) for one in effects]
    rows[-1] = (*rows[-1][:2], alike.p)
    note = f"p: of {alike.splits} ways to call as many kinds generative, the share with as large a difference."
    return Table("clustering", "Do generative models err alike?", columns, tuple(rows), (note,))


def _paragraph(
    groups: Sequence[Group], single: Sequence[Effect], contrasts: Sequence[Effect], alike: Clustering, seeds: int
) -> str:
    biases = [one for one in single if one.figure == FIGURES["shape_bias"] and one.found.defined]
    order = " in the same order" if all(group.model.recipe for group in groups) else ""
    parts = [f"{len(groups)} kinds of model learnt from the same pictures{order} ({seeds_said(groups)})."]
    if biases:
        most, least = (pick(biases, key=lambda one: one.found.value) for pick in (max, min))
        parts.append(
            f"Shape bias runs from {share(least.found)} ({least.of}) to {share(most.found)} ({most.of})."
            if len(biases) > 1
            else f"Shape bias is {share(most.found)} ({most.of})."
        )
    for one in contrasts:
        if one.found.defined:
            what = one.figure.removeprefix("difference in ")
            parts.append(
                f"The mean {what} of generative kinds against that of discriminative ones: {verdict(one)} ({points(one.found)})."
            )
    if alike.excess.defined:
        said = _alike(verdict(Effect("", "", alike.excess, seeds)))
        p = "" if math.isnan(alike.p) else f", p = {alike.p:.3f} in {alike.splits} ways to name the kinds"
        parts.append(
            f"{said}: κ is {number(alike.within_side)} between generative kinds, {number(alike.between)} between the sides, a "
            f"difference of {number(alike.excess, '+')}{p}; between discriminative kinds it is {number(alike.within_other)}."
        )
    if alike.within_kind.defined:
        parts.append(f"Two seeds of one kind, for comparison, have κ {number(alike.within_kind)}.")
    return " ".join(parts)


def _alike(said: str) -> str:
    """Turn a verdict on κ into how alike errors are."""
    told = {
        "higher": "Generative kinds err more like each other than like discriminative ones",
        "lower": "Generative kinds err less like each other than like discriminative ones",
    }
    return told.get(said, f"Whether generative kinds err more like each other cannot be told ({said})")
