"""What a page holds, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reconstrue.metrics import Benchmark, ConsistencyMatrix
from reconstrue.report.figures import DecisionStrip, describe_figure_1, figure_1
from reconstrue.report.tables import (
    NO_TRIALS_OF_PEOPLE,
    Table,
    benchmark_notes,
    consistency_table,
    per_dataset_table,
    shape_bias_table,
    table_1,
    table_2,
    table_3,
)

Answer = tuple[str, str, str]
"""Observer, response, and verdict as `figures.verdict` gives it ('' where the right answer is unknown)."""


@dataclass(frozen=True)
class GalleryItem:
    """One picture, (H, W, 3) uint8, with a caption and each observer's answer."""

    picture: NDArray[np.uint8]
    caption: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Gallery:
    """The pictures of one data set, with a sentence on what they are."""

    title: str
    explanation: str
    items: tuple[GalleryItem, ...]


@dataclass(frozen=True)
class PageFigure:
    """A figure with its title, a caption below it, and what it shows in words for those who cannot see it.

    `name` is what its file is called when it is taken from the page; letters, digits and hyphens. `tables` hold its
    numbers, to be taken as CSV.
    """

    figure: Figure
    title: str
    caption: str
    alt: str
    name: str
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Group:
    """Tables of one kind, each folded away under its title, with a sentence on what they are."""

    title: str
    explanation: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Page:
    """The content of a report, in reading order; what is empty is left out.

    Attributes:
        title: of the page.
        lead: one sentence below the title.
        findings: headline findings, one sentence each.
        tables: the main tables.
        figures: the main figures.
        compared: tables of who differs from whom.
        strips: how the model decided on single pictures (Figure 2).
        details: further tables: each data set, consistency between models.
        groups: tables of which there are many, folded away.
        galleries: what was shown and answered.
        notes: what was left out and what to know.
        run: what was run, as (key, value).
        observers: who took part, with what was read of each.
    """

    title: str
    lead: str = ""
    findings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[PageFigure, ...] = ()
    compared: tuple[Table, ...] = ()
    strips: tuple[DecisionStrip, ...] = ()
    details: tuple[Table, ...] = ()
    groups: tuple[Group, ...] = ()
    galleries: tuple[Gallery, ...] = ()
    notes: tuple[str, ...] = ()
    run: tuple[tuple[str, str], ...] = ()
    observers: Table | None = None


def benchmark_page(
    benchmark: Benchmark,
    *,
    title: str,
    lead: str = "",
    findings: Sequence[str] = (),
    run: Sequence[tuple[str, str]] = (),
    strips: Sequence[DecisionStrip] = (),
    between: Mapping[str, ConsistencyMatrix] | None = None,
    galleries: Sequence[Gallery] = (),
    why_no_people: str = NO_TRIALS_OF_PEOPLE,
) -> Page:
    """Lay out a benchmark as a page: its tables, Figure 1 where anybody has a shape bias, and what is passed in.

    Tables 2 and 3 compare with people and rank complete models; without either they would be empty and are left out.
    """
    tables = [table_1(benchmark, why_no_people=why_no_people)]
    if benchmark.humans.n_datasets or any(row.complete for row in benchmark.models.values()):
        tables += [
            table_2(benchmark, why_no_people=why_no_people),
            table_3(benchmark, why_no_people=why_no_people),
        ]
    figures = []
    if any(row.shape_bias.defined for row in (benchmark.humans, *benchmark.models.values())):
        figures.append(
            PageFigure(
                figure_1(benchmark),
                "Figure 1: shape bias",
                "How often shape wins where the shape of one category carries the texture of another. One mark per "
                "observer and category, a line at the mean over all decisions; brackets are 95% intervals.",
                describe_figure_1(benchmark),
                "figure-1",
                (shape_bias_table(benchmark),),
            )
        )
    return Page(
        title=title,
        lead=lead,
        findings=tuple(findings),
        tables=tuple(tables),
        figures=tuple(figures),
        strips=tuple(strips),
        details=(
            per_dataset_table(benchmark, why_no_people=why_no_people),
            *(consistency_table(matrix) for matrix in (between or {}).values()),
        ),
        galleries=tuple(galleries),
        notes=benchmark_notes(benchmark),
        run=tuple(run),
    )
