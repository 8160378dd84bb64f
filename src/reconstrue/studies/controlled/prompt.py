"""Study 4: text against a class embedding, and how a model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reconstrue.studies.controlled.effects import FIGURES, Averages, Effect, Finding, points, seeds_said, verdict
from reconstrue.studies.controlled.plan import Group
from reconstrue.studies.controlled.tables import cost_table, effect_table, group_figure, group_table

_PAPER, _LABEL = "paper", "label"


def find(averages: Averages, groups: Sequence[Group], out: Path) -> Finding:
    """Compare what was learnt beside the pictures, and for every model the question with the paper's."""
    single = [averages.effect(group, key) for key in FIGURES for group in groups]
    learnt = _learnt(averages, [group for group in groups if group.model.recipe and group.asked == _LABEL])
    asked = _asked(averages, groups)
    trained = [group for group in groups if group.model.recipe]
    parts = []
    if learnt:
        parts.append(
            f"The same image network learnt with sentences, labels or class embeddings ({seeds_said(trained)})."
        )
        parts += [_said(one, "all asked with the label alone") for one in learnt if one.figure.endswith("shape bias")]
    biases = [one for one in asked if one.figure.endswith("shape bias") and one.found.defined]
    moved = [one for one in biases if verdict(one) in ("higher", "lower")]
    if biases:
        parts.append(
            f"Asked otherwise than with the paper's sentence, shape bias moves in {len(moved)} of {len(biases)} comparisons"
            + (": " + "; ".join(f"{one.of} {points(one.found)}" for one in moved) if moved else "")
            + ". With so many comparisons one in twenty is expected to move by chance."
        )
    tables = (
        group_table(averages, groups, "model and question"),
        effect_table([*learnt, *asked]),
        cost_table(groups, out),
    )
    return Finding(
        " ".join(parts),
        (*single, *learnt, *asked),
        tables,
        (group_figure(averages, groups),),
        (
            "A class embedding has no words: it is asked with the label alone, and so are those that it is compared with.",
        ),
    )


def _learnt(averages: Averages, groups: Sequence[Group]) -> list[Effect]:
    """Compare with the first, which learnt sentences."""
    if len(groups) < 2:
        return []
    first, *others = groups
    return [
        averages.difference([group], [first], key, f"{group.model.label} − {first.model.label}")
        for group in others
        for key in FIGURES
    ]


def _asked(averages: Averages, groups: Sequence[Group]) -> list[Effect]:
    """Compare every question with the paper's, for each model that was asked both."""
    papers = {group.model.name: group for group in groups if group.asked == _PAPER}
    return [
        averages.difference([group], [papers[group.model.name]], key, f"{group.label} − the paper's")
        for group in groups
        if group.asked not in ("", _PAPER) and group.model.name in papers
        for key in FIGURES
    ]


def _said(one: Effect, how: str) -> str:
    return f"Shape bias of {one.of.replace(' − ', ' against ')}, {how}: {verdict(one)} ({points(one.found)})."
