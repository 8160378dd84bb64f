"""The command of the controlled studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from reconstrue.cli.doors import door, escape, fail, messages, progress, screen


def study(
    name: Annotated[
        str | None,
        typer.Argument(help="kinds, shipped, weighting, noise, prompt, resolution, low-pass or photographs."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Folder for models, answers and reports; the same command goes on from it."),
    ] = Path("study"),
    seeds: Annotated[int, typer.Option(help="Trainings of every model.")] = 3,
    steps: Annotated[int | None, typer.Option(help="Of every training.", show_default="500")] = None,
    limit: Annotated[
        int | None, typer.Option(help="Pictures of each data set.", show_default="32, and 240 of cue-conflict")
    ] = None,
    sets: Annotated[
        str | None, typer.Option(help="Data sets, with commas between, or all.", show_default="the study's own")
    ] = None,
    stimuli: Annotated[
        str | None, typer.Option(help="Folder of the published pictures, for `photographs`.", show_default=False)
    ] = None,
    work: Annotated[Path, typer.Option(help="Folder for checkpoints, as of `reconstrue train`.")] = Path("checkpoints"),
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples behind the 95% intervals.")] = 1000,
) -> None:
    """Models that differ in one thing, trained and compared; without a name, the studies and what is left of each."""
    with door():
        from reconstrue.studies.controlled.plan import Settings, begun, load_study

        # What is not said is as the folder was begun.
        settings = begun(out) or Settings()
        if steps is not None:
            settings = replace(settings, steps=steps)
        if limit is not None:
            settings = replace(settings, pictures=limit, conflict_pictures=limit)
        if name is None:
            from reconstrue.studies.controlled.listing import studies_table

            screen.print(studies_table(out, settings=settings, seeds=seeds, work=work).to_rich())
            return
        chosen = load_study(name)
        if sets is not None:
            chosen = chosen.with_sets([one.strip() for one in sets.split(",")])
        from reconstrue.studies.controlled.run import run_study

        def say(line: str) -> None:
            messages.print(escape(line), highlight=False)

        with progress() as tell:
            result = run_study(
                chosen,
                out,
                settings=settings,
                seeds=seeds,
                work=work,
                tell=tell,
                say=say,
                resamples=resamples,
                stimuli=stimuli,
            )
        for table in result.tables:
            screen.print(table.to_rich())
        screen.print(f"• {escape(result.finding)}", highlight=False)
        for problem in result.problems:
            fail(problem)
        screen.print(f"\nThe page: [bold]{escape(str(result.page.resolve()))}[/]", soft_wrap=True, highlight=False)
