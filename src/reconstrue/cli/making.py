"""Commands that make something whole: the demo, and models by their recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reconstrue.cli.doors import door, escape, messages, progress, screen
from reconstrue.cli.options import Seed


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for trials, tables, figures and report.html.")
    ] = Path("demo"),
    seed: Seed = 0,
) -> None:
    """The paper's experiment at pocket scale: a few minutes on a laptop, offline, ending in `report.html`."""
    with door():
        from reconstrue.studies.demo import run_demo

        with progress() as tell:
            result = run_demo(out, seed=seed, tell=tell)
        for table in result.tables:
            screen.print(table.to_rich())
        for line in result.findings:
            screen.print(f"• {escape(line)}", highlight=False)
        screen.print(f"\nThe page: [bold]{escape(str(result.page.resolve()))}[/]", soft_wrap=True, highlight=False)


def train(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe, e.g. pocket-resnet.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the trained model.")],
    work: Annotated[Path, typer.Option(help="Folder for checkpoints; the same command goes on from them.")] = Path(
        "checkpoints"
    ),
) -> None:
    """Make a model by its recipe, and measure it on held-out pictures."""
    with door():
        from reconstrue.train.run import follow

        reached = follow(recipe, out=out, work=work, say=lambda line: messages.print(escape(line), highlight=False))
        figures = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in reached.items())
        screen.print(f"{escape(str(out))}: {figures}", highlight=False, soft_wrap=True)
