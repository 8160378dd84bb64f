"""The tables that studies share: figures of groups, differences, and what the trainings cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from reconstrue.report.figures.comparisons import figure_dots
from reconstrue.report.page import PageFigure
from reconstrue.report.tables import ABSENT, Cell, Column, Table
from reconstrue.studies.controlled.effects import FIGURES, Averages, Effect, share, verdict
from reconstrue.studies.controlled.models import Spent, spent
from reconstrue.studies.controlled.plan import GENERATIVE, Group

_SEEDS = Column("seeds", "seeds", kind="count")


def group_table(
    averages: Averages, groups: Sequence[Group], heading: str, figures: Sequence[str] = tuple(FIGURES)
) -> Table:
    """Give figures of every group: all of them, unless some are chosen."""
    columns = (
        Column("group", heading, kind="text"),
        *(Column(key, FIGURES[key], better="higher", digits=1, unit="%") for key in figures),
        _SEEDS,
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (group.label, *(averages.effect(group, key).found for key in figures), len(group.observers)) for group in groups
    )
    note = "Means over seeds, with 95% intervals over pictures and, where there are several, over seeds (Student's t)."
    return Table("groups", "What each does", columns, rows, (note,))


def group_figure(averages: Averages, groups: Sequence[Group], figures: Sequence[str] = tuple(FIGURES)) -> PageFigure:
    """Draw the figures of every group beside each other."""
    panels = {FIGURES[key]: averages.dots(groups, key) for key in figures}
    said = "; ".join(f"{g.label}: shape bias {share(averages.effect(g, 'shape_bias').found)}" for g in groups)
    return PageFigure(
        figure_dots(panels),
        "Shape bias and accuracy",
        "Means over seeds with 95% intervals; strokes are single seeds. "
        + ("Blue: generative. " if any(group.model.side == GENERATIVE for group in groups) else "")
        + "OOD accuracy is over the kept "
        "conditions of the data sets asked"
        + (", clean accuracy over undistorted pictures." if "clean" in figures else "."),
        f"{said}.",
        "groups",
        (group_table(averages, groups, "model", figures),),
    )


def effect_table(effects: Sequence[Effect], *, name: str = "differences", title: str = "Differences") -> Table:
    """Give effects with their seeds and what can be said of each."""
    columns = (
        Column("figure", "figure", kind="text"),
        Column("of", "of", kind="text"),
        Column("difference", "value", digits=3),
        _SEEDS,
        Column("verdict", "so it is", kind="text"),
    )
    rows = tuple((one.figure, one.of, one.found, one.seeds, _short(verdict(one))) for one in effects)
    note = "Intervals are 95%, and not corrected for the number of differences in the table."
    return Table(name, title, columns, rows, (note,))


def _short(said: str) -> str:
    """Shorten a verdict for a narrow column, which stands beside the seeds."""
    if said.startswith("not to be told from"):
        return "too few answers"
    return "none shown" if said.startswith("not different") else said


def cost_table(groups: Sequence[Group], out: Path) -> Table:
    """Give what each training took: pictures, wall time, FLOPs and parameters, means over the seeds."""
    columns = (
        Column("group", "model", kind="text"),
        Column("seeds", "trainings", kind="count"),
        Column("pictures", "pictures seen", kind="count"),
        Column("parameters", "parameters", kind="count"),
        Column("hours", "hours", kind="text"),
        Column("flops", "FLOPs", kind="text"),
        Column("threads", "threads", kind="text"),
        Column("autoencoder", "autoencoder before: hours, FLOPs", kind="text"),
    )
    rows: list[tuple[Cell, ...]] = []
    for group in _asked_once(groups):
        costs = [spent(observer, out) for observer in group.observers]

        def mean(figure: Callable[[Spent], float], costs: Sequence[Spent] = costs) -> float:
            return math.fsum(figure(one) for one in costs) / len(costs)

        before = ABSENT
        if costs[0].autoencoder_flops:
            before = f"{mean(lambda one: one.autoencoder_hours):.2f}, {mean(lambda one: one.autoencoder_flops):.2g}"
        rows.append(
            (
                group.model.label,
                len(costs),
                costs[0].pictures,
                costs[0].parameters,
                f"{mean(lambda one: one.hours):.2f}",
                f"{mean(lambda one: one.flops):.3g}",
                ", ".join(sorted({str(one.threads) for one in costs})),
                before,
            )
        )
    note = "Wall time is of this machine and of whatever else ran on it. Autoencoders were trained once for all seeds."
    return Table("costs", "What the trainings took", columns, tuple(rows), (note,))


def _asked_once(groups: Sequence[Group]) -> list[Group]:
    """Return one group for every model, however often it was asked."""
    found: dict[str, Group] = {}
    for group in groups:
        found.setdefault(group.model.name, group)
    return list(found.values())
