"""Commands around long runs: merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reconstrue.cli.doors import door, escape, fail, note, screen


def merge(
    runs: Annotated[list[Path], typer.Argument(help="Folders that `evaluate --out` wrote.", show_default=False)],
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
