"""Commands that turn trials into results: benchmark, figures, report."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from reconstrue.cli.doors import door, escape, fail, note, progress, screen
from reconstrue.cli.options import Seed

Trials = Annotated[
    list[Path], typer.Option("--trials", "-t", help="Folder of trials, several times: people and models.")
]
Resamples = Annotated[int, typer.Option(help="Bootstrap resamples behind the 95% intervals; 0 for none.")]
Resampled = Annotated[
    Literal["images", "observers", "both"],
    typer.Option(help="What the intervals are over: other images, other people, or both."),
]
AllowPartial = Annotated[bool, typer.Option(help="Compare short trial files on the common images, and say so.")]
Compared = Annotated[
    str | None,
    typer.Option(
        "--categories",
        help="Compare everybody on the pictures of some of the 16 categories alone, with commas between.",
        show_default="all",
    ),
]
Common = Annotated[
    bool,
    typer.Option("--common", help="Compare everybody on the same images alone: those that all models answered."),
]


def benchmark(
    trials: Trials,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for benchmark.json and the tables.")],
    resamples: Resamples = 1000,
    resample: Resampled = "images",
    seed: Seed = 0,
    allow_partial: AllowPartial = False,
    published: Annotated[
        bool, typer.Option("--published", help="End the tables with the paper's own rows, as printed.")
    ] = False,
    categories: Compared = None,
    common: Common = False,
) -> None:
    """Tables 1, 2 and 3 of the paper for any people and models, with intervals."""
    with door():
        from reconstrue.metrics import load_published
        from reconstrue.report.tables import table_1, table_2, table_3
        from reconstrue.studies.benchmark import run_benchmark

        result = run_benchmark(
            trials,
            out,
            resamples=resamples,
            resample=resample,
            seed=seed,
            allow_partial=allow_partial,
            published=published,
            categories=_chosen(categories),
            common=common,
        )
        rows = load_published() if published else ()
        for make in (table_1, table_2, table_3):
            screen.print(make(result.benchmark, published=rows).to_rich())
        # Those of the tables stand below each.
        shown = result.benchmark.choices
        _say([line for line in result.benchmark.notes if line not in shown], result.problems)
        screen.print(
            f"written: {escape(str(out))}/benchmark.json and tables 1–3 as CSV, Markdown and LaTeX", soft_wrap=True
        )
        if result.problems:
            raise typer.Exit(2)


def report(
    trials: Trials,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the page, benchmark.json, tables and figures.")],
    stimuli: Annotated[
        Path | None, typer.Option(help="Folder with the data sets' pictures: a sample is shown with all answers.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="Folder that `reconstrue evaluate` wrote: its trials are read too.")
    ] = None,
    resamples: Resamples = 1000,
    resample: Resampled = "images",
    seed: Seed = 0,
    allow_partial: AllowPartial = False,
    published: Annotated[bool, typer.Option(help="End Tables 1-3 with the paper's own rows, as printed.")] = True,
    title: Annotated[str, typer.Option(help="Of the page.", show_default=False)] = "",
    categories: Compared = None,
    common: Common = False,
) -> None:
    """Everything the paper reports, for any people and models: tables, figures and one page, `report.html`."""
    with door():
        from reconstrue.studies.report import run_report

        some = _chosen(categories)

        with progress() as tell:
            result = run_report(
                trials,
                out,
                tell=tell,
                stimuli=stimuli,
                run=run,
                resamples=resamples,
                resample=resample,
                seed=seed,
                allow_partial=allow_partial,
                published=published,
                title=title,
                command=shlex.join(["reconstrue", *sys.argv[1:]]),
                categories=some,
                common=common,
            )
        for line in result.findings:
            screen.print(f"• {escape(line)}", highlight=False)
        _say(result.notes, result.problems)
        screen.print(
            f"written: {escape(str(out))}/benchmark.json, tables/ and {len(result.figures)} figures in figures/\n"
            f"The page: [bold]{escape(str(out))}/report.html[/]",
            soft_wrap=True,
            highlight=False,
        )
        if result.problems:
            raise typer.Exit(2)


def figures(
    trials: Trials,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the figures, one file for each.")],
    formats: Annotated[str, typer.Option("--format", help="Of svg, pdf and png, with commas between.")] = "svg,pdf,png",
    figure: Annotated[
        list[str] | None, typer.Option(help="Name of a figure, several times; all by default.", show_default=False)
    ] = None,
    resamples: Resamples = 1000,
    resample: Resampled = "images",
    seed: Seed = 0,
    allow_partial: AllowPartial = False,
    categories: Compared = None,
    common: Common = False,
) -> None:
    """Every figure of the paper that these trials allow, one file each."""
    with door():
        from reconstrue.studies.report import run_figures

        some = _chosen(categories)

        with progress() as tell:
            result = run_figures(
                trials,
                out,
                tell=tell,
                formats=[name.strip() for name in formats.split(",")],
                names=figure or (),
                resamples=resamples,
                resample=resample,
                seed=seed,
                allow_partial=allow_partial,
                categories=some,
                common=common,
            )
        _say(result.notes, result.problems)
        screen.print(f"written: {', '.join(result.figures)} in {escape(str(out))}", soft_wrap=True, highlight=False)
        if result.problems:
            raise typer.Exit(2)


def _chosen(categories: str | None) -> tuple[str, ...]:
    from reconstrue.stimuli.categories import CATEGORIES
    from reconstrue.trials.chosen import read_categories

    return CATEGORIES if categories is None else read_categories(categories)


def _say(notes: Sequence[str], problems: Sequence[str]) -> None:
    for line in notes:
        note(line)
    for problem in problems:
        fail(problem)
