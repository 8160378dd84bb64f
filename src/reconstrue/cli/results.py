"""Commands that turn trials into results: benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reconstrue.cli.doors import door, escape, fail, note, screen
from reconstrue.cli.options import Seed


def benchmark(
    trials: Annotated[
        list[Path], typer.Option("--trials", "-t", help="Folder of trials, several times: people and models.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for benchmark.json and the tables.")],
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples behind the 95% intervals; 0 for none.")] = 1000,
    seed: Seed = 0,
    allow_partial: Annotated[
        bool, typer.Option(help="Compare short trial files on the common images, and say so.")
    ] = False,
    published: Annotated[
        bool, typer.Option("--published", help="End the tables with the paper's own rows, as printed.")
    ] = False,
) -> None:
    """Tables 1, 2 and 3 of the paper for any people and models, with intervals."""
    with door():
        from reconstrue.metrics import load_published
        from reconstrue.report.tables import table_1, table_2, table_3
        from reconstrue.studies.benchmark import run_benchmark

        result = run_benchmark(
            trials, out, resamples=resamples, seed=seed, allow_partial=allow_partial, published=published
        )
        rows = load_published() if published else ()
        for make in (table_1, table_2, table_3):
            screen.print(make(result.benchmark, published=rows).to_rich())
        for line in result.benchmark.notes:
            note(line)
        for problem in result.problems:
            fail(problem)
        screen.print(
            f"written: {escape(str(out))}/benchmark.json and tables 1–3 as CSV, Markdown and LaTeX", soft_wrap=True
        )
        if result.problems:
            raise typer.Exit(2)
