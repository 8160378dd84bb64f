"""Commands around finished runs: merge, calibrate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from reconstrue.cli.doors import door, escape, fail, name_column, note, screen

Runs = Annotated[list[Path], typer.Argument(help="Folders that `evaluate --out` wrote.", show_default=False)]


def merge(
    runs: Runs,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the joined run; may be one of them.")],
) -> None:
    """Join what array jobs (`evaluate --shard i/n`) answered into one run with its trials."""
    with door():
        from reconstrue.run.merge import merge as merged

        failed = False
        for outcome in merged(runs, out, note):
            if outcome.problem:
                failed = True
                fail(outcome.problem)
                continue
            screen.print(f"{escape(outcome.what)}: {outcome.images:,} images", highlight=False, soft_wrap=True)
            screen.print(f"  {escape(str(outcome.trials))}", highlight=False, soft_wrap=True)
        if failed:
            raise typer.Exit(2)


def calibrate(
    runs: Runs,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per observer instead of a table.")] = False,
) -> None:
    """How honest are a model's confidences? Fits the `--temperature` behind `p_correct`, and measures (ECE)."""
    with door():
        from reconstrue.studies.calibrate import calibrate as calibrated

        found = calibrated(runs, note)
        if as_json:
            for calibration in found:
                typer.echo(json.dumps(calibration.to_json(), ensure_ascii=False))
            return
        heads = ("images", "accuracy", "temperature", "ECE: p correct", "posterior", "draws")
        columns = [Column(head, justify="right") for head in heads]
        table = Table(name_column("observer"), *columns, box=None, header_style="bold")
        for c in found:
            errors = ("–" if e != e else f"{e:.3f}" for e in (c.ece_p_correct, c.ece_posterior, c.ece_draws))
            table.add_row(escape(c.observer), f"{c.images:,}", f"{c.accuracy:.1%}", f"{c.temperature:.4g}", *errors)
        screen.print(table)
        screen.print(
            "Give the temperature to `classify` or `evaluate` with the same weighting, prompt and method (a run that is finished "
            "was made without it, and would be made anew). ECE of p correct and of the draws are measured on the half of the "
            "images that they were not fitted on.",
            highlight=False,
        )
