"""Commands that make something whole: the demo, and models by their recipes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, cast

import typer

from reconstrue.cli.doors import door, escape, messages, progress, screen
from reconstrue.cli.options import Seed
from reconstrue.registry import resolve

# The heading of options in the help of `train`.
_PHOTOGRAPHS = "Trainings on photographs"


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
    recipe: Annotated[str, typer.Argument(help="Name of a recipe, e.g. pocket-resnet or resnet50.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the trained model.")],
    work: Annotated[Path, typer.Option(help="Folder for checkpoints; the same command goes on from them.")] = Path(
        "checkpoints"
    ),
    data: Annotated[
        Path | None,
        typer.Option(
            help="Photographs. For resnet50 and its twin: class folders, .tar (WebDataset) or .parquet shards, or train and val of "
            "these; for photo-… recipes: a folder with CIFAR-10's parquet files.",
            rich_help_panel=_PHOTOGRAPHS,
        ),
    ] = None,
    global_batch: Annotated[
        int | None, typer.Option(help="Pictures per step, over all devices; else 256.", rich_help_panel=_PHOTOGRAPHS)
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="float32, float16 or bfloat16; else what accelerate launch was told.", rich_help_panel=_PHOTOGRAPHS
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that read, for each device; else 4.", rich_help_panel=_PHOTOGRAPHS)
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="In place of the recipe's.", rich_help_panel=_PHOTOGRAPHS)] = None,
    side: Annotated[
        int | None, typer.Option(help="In pixels, in place of the recipe's 224.", rich_help_panel=_PHOTOGRAPHS)
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(help="Learn from so many of the pictures, and measure on as many.", rich_help_panel=_PHOTOGRAPHS),
    ] = None,
) -> None:
    """Make a model by its recipe, and measure it on held-out pictures."""
    with door():
        from reconstrue.train.at_scale.recipe import is_at_scale, load_photograph_recipe
        from reconstrue.train.at_scale.settings import Settings

        def say(line: str) -> None:
            messages.print(escape(line), highlight=False)

        settings = Settings(data, global_batch, precision, workers, epochs, side, limit)
        if is_at_scale(recipe):
            follow = cast(Callable[..., dict[str, float] | None], resolve("reconstrue.train.at_scale.follow:follow"))
            reached = follow(load_photograph_recipe(recipe), settings=settings, out=out, work=work, say=say)
            if reached is None:
                # The main process alone measures, and speaks.
                return
        else:
            from reconstrue.train.run import follow as follow_drawn

            settings.refuse(recipe)
            reached = follow_drawn(recipe, out=out, work=work, say=say, data=data)
        figures = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in reached.items())
        screen.print(f"{escape(str(out))}: {figures or 'trained'}", highlight=False, soft_wrap=True)
