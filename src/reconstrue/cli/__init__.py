"""The command line: a thin door with one file per area, no logic of its own.

Exit codes: 0 done, 1 a fault of this program, 2 something the user can mend (said in one line), 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

from reconstrue.cli.answering import classify, evaluate, models
from reconstrue.cli.making import demo, train
from reconstrue.cli.results import benchmark, figures, report
from reconstrue.cli.running import calibrate, merge
from reconstrue.cli.seeing import ability, frequencies, illusions, reconstruct
from reconstrue.cli.seeing import app as page
from reconstrue.cli.stimuli import data, datasets, distort, make_dataset
from reconstrue.cli.studying import study

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Text-to-image models as zero-shot classifiers, measured against discriminative models and against people.",
)
for command in (
    demo,
    classify,
    evaluate,
    reconstruct,
    ability,
    illusions,
    frequencies,
    merge,
    calibrate,
    benchmark,
    figures,
    report,
    models,
    datasets,
    distort,
    train,
    study,
):
    app.command()(command)
app.command("app")(page)
app.command("make-dataset")(make_dataset)
app.add_typer(data, name="data")


def _version(value: bool) -> None:
    if value:
        from reconstrue import __version__

        typer.echo(f"reconstrue {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The door itself."""


def main() -> None:
    """Run the command line."""
    app(prog_name="reconstrue")
