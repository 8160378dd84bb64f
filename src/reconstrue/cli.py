"""The command line: a thin door with one subcommand per room, no logic of its own.

Exit codes: 0 done, 1 a fault of this program, 2 something the user can mend (said in one line), 130 interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table

from reconstrue.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Text-to-image models as zero-shot classifiers, measured against discriminative models and against people.",
)
# Tables that are piped or written to a file are not squeezed into 80 columns.
_out = Console(width=None if sys.stdout.isatty() else 120)
_err = Console(stderr=True)

Model = Annotated[str, typer.Option("--model", "-m", help="A card's name (see `reconstrue models`) or a model folder.")]
Policy = Annotated[str, typer.Option(help="clark-jaini (race by paired t-tests) or fixed-grid.")]
MaxDraws = Annotated[int, typer.Option(help="Draws of noise per image at most; the paper's budget is 2000.")]
Weighting = Annotated[
    str, typer.Option(help="paper (exp(-7t) on the x-error), uniform-eps, snr, uniform-x, uniform-v, likelihood.")
]
Prompt = Annotated[
    list[str] | None,
    typer.Option(
        help="What the model is told; {label} is replaced. Several times for an ensemble; imagenet-80 for CLIP's 80. "
        "Default: the model's own, else the paper's 'A bad photo of a {label}.'",
        show_default=False,
    ),
]
MaskedMethod = Annotated[
    str, typer.Option(help="Of masked-token models: likelihood, or reconstruction (the paper's Appendix B).")
]
InputNoise = Annotated[
    str, typer.Option(help="What a supervised model is shown: none, or pictures with diffusion noise (Appendix E).")
]
Classes = Annotated[
    str | None,
    typer.Option(help="CSV with columns output,label: which outputs of a supervised model belong to which label."),
]
Seed = Annotated[int, typer.Option(help="Of all noise, samples and the pocket world.")]
Dtype = Annotated[str, typer.Option(help="Of the network: float32, float16 or bfloat16.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, …")]
BatchSize = Annotated[str, typer.Option(help="Rows per forward, or auto.")]


@contextmanager
def _door() -> Iterator[None]:
    """Turn what the user can mend into one line and exit code 2, and an interruption into 130."""
    try:
        yield
    except UserError as error:
        _fail(str(error))
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        _err.print("interrupted; the same command goes on where it stopped")
        raise typer.Exit(130) from None


def _fail(message: str) -> None:
    _err.print(f"[bold red]error:[/] {_escape(message)}", highlight=False, soft_wrap=True)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _name(header: str) -> Column:
    """Return a column of names, which stay whole on a narrow terminal, so that they can be copied."""
    return Column(header, no_wrap=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that is told (what, done, in all) and shows a bar for each, with the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        yield tell


def _batch_size(value: str) -> int | None:
    if value == "auto":
        return None
    if value.isdigit() and int(value) > 0:
        return int(value)
    raise UserError(f"--batch-size must be a whole number above 0 or auto, got '{value}'")


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for trials, tables, figures and report.html.")
    ] = Path("demo"),
    seed: Seed = 0,
) -> None:
    """The paper's experiment at pocket scale: a few minutes on a laptop, offline, ending in `report.html`."""
    with _door():
        from reconstrue.studies.demo import run_demo

        with _progress() as tell:
            result = run_demo(out, seed=seed, tell=tell)
        for table in result.tables:
            _out.print(table.to_rich())
        for line in result.findings:
            _out.print(f"• {_escape(line)}", highlight=False)
        _out.print(f"\nThe page: [bold]{_escape(str(result.page.resolve()))}[/]", soft_wrap=True, highlight=False)


@app.command()
def classify(
    images: Annotated[list[Path], typer.Argument(help="Pictures.", show_default=False)],
    model: Model,
    labels: Annotated[str, typer.Option(help="What to choose from, separated by commas.")],
    policy: Policy = "clark-jaini",
    max_draws: MaxDraws = 100,
    weighting: Weighting = "paper",
    prompt: Prompt = None,
    masked_method: MaskedMethod = "likelihood",
    input_noise: InputNoise = "none",
    classes: Classes = None,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
    batch_size: BatchSize = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per image instead of a table.")] = False,
) -> None:
    """Which of the labels does each picture show? With the posterior and the evaluations it cost."""
    with _door():
        from reconstrue.classifiers.options import Options
        from reconstrue.studies.classify import classify_files

        options = Options(
            policy=policy,
            max_draws=max_draws,
            weighting=weighting,
            prompts=tuple(prompt) if prompt else None,
            seed=seed,
            dtype=dtype,
            device=device,
            batch_size=_batch_size(batch_size),
            masked_method=masked_method,
            input_noise=input_noise,
            classes=classes,
        )
        answers = classify_files(images, model, labels.split(","), options)
        table = Table(
            Column("image", overflow="fold"), _name("label"), "posterior", "evaluations", box=None, header_style="bold"
        )
        failed = 0
        for answer in answers:
            if as_json:
                typer.echo(json.dumps(answer.to_json(), ensure_ascii=False))
            if answer.error is not None:
                failed += 1
                _fail(answer.error)
            elif not as_json:
                table.add_row(
                    _escape(str(answer.image)), answer.label, f"{answer.confidence:.1%}", f"{answer.evaluations:,}"
                )
        if table.row_count:
            _out.print(table)
        if failed:
            raise typer.Exit(2)


@app.command()
def evaluate(
    model: Model,
    dataset: Annotated[list[str], typer.Option("--dataset", "-d", help="A data set's name, several times, or all.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; the same command goes on where it stopped.")
    ],
    stimuli: Annotated[str | None, typer.Option(help="Folder of the pictures, or pocket for the drawn world.")] = None,
    name: Annotated[str | None, typer.Option(help="The observer's name in tables; by default the model's.")] = None,
    limit: Annotated[
        int | None, typer.Option(help="A seeded sample of so many pictures, balanced over categories.")
    ] = None,
    policy: Policy = "clark-jaini",
    max_draws: MaxDraws = 100,
    weighting: Weighting = "paper",
    prompt: Prompt = None,
    masked_method: MaskedMethod = "likelihood",
    input_noise: InputNoise = "none",
    classes: Classes = None,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
    batch_size: BatchSize = "auto",
) -> None:
    """Let a model answer data sets, and write its trials in the field's CSV."""
    with _door():
        from reconstrue.classifiers.load import load_classifier
        from reconstrue.classifiers.options import Options
        from reconstrue.run.evaluation import evaluate_datasets, locate_datasets

        options = Options(
            policy=policy,
            max_draws=max_draws,
            weighting=weighting,
            prompts=tuple(prompt) if prompt else None,
            seed=seed,
            dtype=dtype,
            device=device,
            batch_size=_batch_size(batch_size),
            masked_method=masked_method,
            input_noise=input_noise,
            classes=classes,
        )
        located = locate_datasets(dataset, stimuli, limit=limit, seed=seed)
        problems = [str(source) for source in located.values() if isinstance(source, UserError)]
        if len(problems) == len(located):
            raise UserError(problems[0])
        classifier = load_classifier(model, options, name=name)
        failed = False
        with _progress() as tell:
            outcomes = list(evaluate_datasets(classifier, located, out, tell=tell))
        for outcome in outcomes:
            for problem in outcome.problems:
                failed = True
                _fail(problem)
            if outcome.summary:
                _out.print(f"{outcome.dataset}: {outcome.summary}", highlight=False, soft_wrap=True)
                _out.print(f"  {_escape(str(outcome.trials))}", highlight=False, soft_wrap=True)
        if failed:
            raise typer.Exit(2)


@app.command()
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
    with _door():
        from reconstrue.metrics import load_published
        from reconstrue.report.tables import table_1, table_2, table_3
        from reconstrue.studies.benchmark import run_benchmark

        result = run_benchmark(
            trials, out, resamples=resamples, seed=seed, allow_partial=allow_partial, published=published
        )
        rows = load_published() if published else ()
        for make in (table_1, table_2, table_3):
            _out.print(make(result.benchmark, published=rows).to_rich())
        for note in result.benchmark.notes:
            _err.print(f"[bold yellow]note:[/] {_escape(note)}", highlight=False, soft_wrap=True)
        for problem in result.problems:
            _fail(problem)
        _out.print(
            f"written: {_escape(str(out))}/benchmark.json and tables 1–3 as CSV, Markdown and LaTeX", soft_wrap=True
        )
        if result.problems:
            raise typer.Exit(2)


@app.command()
def models(
    name: Annotated[str | None, typer.Argument(help="Of one model, for all of its card.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The models that have a card, by kind, and what of them is on this machine."""
    with _door():
        from dataclasses import asdict

        from reconstrue.classifiers.cards import KINDS, load_cards
        from reconstrue.classifiers.installed import whereabouts
        from reconstrue.metrics import load_published
        from reconstrue.registry import did_you_mean

        cards = list(load_cards().values())
        if name is not None:
            cards = [card for card in cards if card.name == name]
            if not cards:
                raise UserError(f"no card is named '{name}'{did_you_mean(name, load_cards())}")
        if as_json:
            rows = [{**asdict(card), "model_type": card.model_type, "where": whereabouts(card)} for card in cards]
            typer.echo(json.dumps(rows, indent=2))
            return
        if name is not None:
            fields = Table(_name("field"), Column("value", overflow="fold"), box=None, show_header=False)
            for field, value in {**asdict(cards[0]), "where": whereabouts(cards[0])}.items():
                if value != "":
                    fields.add_row(field, _escape(str(value)))
            _out.print(fields)
            return
        table = Table(
            _name("model"),
            Column("px", justify="right"),
            Column("16 bit", justify="right", no_wrap=True),
            Column("where", no_wrap=True),
            Column("about"),
            box=None,
            header_style="bold",
        )
        for kind in KINDS:
            table.add_row(f"[bold]{kind}[/]")
            for card in (card for card in cards if card.kind == kind):
                cells = (card.name, str(card.resolution), f"{card.memory_gb:g} GB", whereabouts(card))
                table.add_row(*(_escape(cell) for cell in (*cells, card.about)))
            table.add_row()
        _out.print(table)
        unreleased = [
            row.name for row in load_published() if row.name.startswith(("Imagen", "Parti", "Muse", "ViT-22B"))
        ]
        _out.print(
            "`reconstrue models NAME` shows a whole card: licence, classes, input range, paper.\n"
            f"Never released, known from the paper's figures alone (benchmark --published): {', '.join(unreleased)}.",
            highlight=False,
        )


@app.command()
def datasets(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """The 17 data sets: conditions, images, people, and what is on disk."""
    with _door():
        from dataclasses import asdict

        from reconstrue.stimuli.catalog import load_catalog
        from reconstrue.stimuli.sources import on_disk

        catalog = load_catalog().values()
        if as_json:
            typer.echo(json.dumps([{**asdict(entry), "on_disk": on_disk(entry.name)} for entry in catalog], indent=2))
            return
        table = Table(
            _name("data set"), "images", "people", "conditions", "excluded", "on disk", box=None, header_style="bold"
        )
        for entry in catalog:
            several = len(entry.conditions) > 1
            table.add_row(
                entry.name,
                f"{entry.n_images:,}",
                str(entry.n_people),
                " ".join(entry.conditions) if several else "–",
                " ".join(entry.excluded) or "–",
                on_disk(entry.name) or "no",
            )
        _out.print(table)
        total, people = sum(e.n_images for e in catalog), sum(e.n_people for e in catalog)
        _out.print(f"{total:,} images, {people} sessions of people", highlight=False)


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe, e.g. pocket-resnet.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the trained model.")],
    work: Annotated[Path, typer.Option(help="Folder for checkpoints; the same command goes on from them.")] = Path(
        "checkpoints"
    ),
) -> None:
    """Make a model by its recipe, and measure it on held-out pictures."""
    with _door():
        from reconstrue.train.run import follow

        reached = follow(recipe, out=out, work=work, say=lambda line: _err.print(_escape(line), highlight=False))
        figures = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in reached.items())
        _out.print(f"{_escape(str(out))}: {figures}", highlight=False, soft_wrap=True)


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


if __name__ == "__main__":
    main()
