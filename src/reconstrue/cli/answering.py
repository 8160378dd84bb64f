"""Commands in which a model answers: classify, evaluate; and the list of the models."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from reconstrue.cli.doors import door, escape, fail, name_column, note, progress, screen
from reconstrue.cli.options import (
    BatchSize,
    Categories,
    Classes,
    Device,
    Dtype,
    InputNoise,
    MaskedMethod,
    MaxDraws,
    Model,
    Policy,
    Prompt,
    Seed,
    Temperature,
    Weighting,
    model_options,
)
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean


def classify(
    context: typer.Context,
    images: Annotated[list[Path], typer.Argument(help="Pictures.", show_default=False)],
    model: Model,
    labels: Annotated[
        str | None,
        typer.Option(
            help="What to choose from, separated by commas; else those of the 16 categories that the model's card names.",
            show_default=False,
        ),
    ] = None,
    policy: Policy = "safe-leader",
    max_draws: MaxDraws = None,
    weighting: Weighting = "paper",
    prompt: Prompt = None,
    masked_method: MaskedMethod = "likelihood",
    input_noise: InputNoise = "none",
    classes: Classes = None,
    temperature: Temperature = None,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
    batch_size: BatchSize = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per image instead of a table.")] = False,
) -> None:
    """Which of the labels does each picture show? With the posterior and the evaluations it cost."""
    with door():
        from reconstrue.studies.classify import classify_files

        options = model_options(context.params)
        answers = classify_files(images, model, None if labels is None else labels.split(","), options)
        table = Table(
            Column("image", overflow="fold"),
            name_column("label"),
            "posterior",
            "p correct",
            "evaluations",
            box=None,
            header_style="bold",
        )
        failed = 0
        for answer in answers:
            if as_json:
                typer.echo(json.dumps(answer.to_json(), ensure_ascii=False))
            if answer.error is not None:
                failed += 1
                fail(answer.error)
            elif not as_json:
                right = "–" if answer.p_correct is None else f"{answer.p_correct:.1%}"
                cells = (f"{answer.confidence:.1%}", right, f"{answer.evaluations:,}")
                table.add_row(escape(str(answer.image)), escape(answer.label), *cells)
        if table.row_count:
            screen.print(table)
        if failed:
            raise typer.Exit(2)


def evaluate(
    context: typer.Context,
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
    categories: Categories = None,
    policy: Policy = "safe-leader",
    max_draws: MaxDraws = None,
    weighting: Weighting = "paper",
    prompt: Prompt = None,
    masked_method: MaskedMethod = "likelihood",
    input_noise: InputNoise = "none",
    classes: Classes = None,
    temperature: Temperature = None,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
    batch_size: BatchSize = "auto",
    engine: Annotated[str, typer.Option(help="Where the work is done: local, or ray (docs/cluster.md).")] = "local",
    shard: Annotated[
        str | None, typer.Option(help="i/n: the i-th of n parts only, for array jobs; `reconstrue merge` joins them.")
    ] = None,
    ray_address: Annotated[
        str | None, typer.Option(help="Of a Ray cluster; by default the one that runs here, or a new one.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="On Ray: how many; by default as many as there is room for.")
    ] = None,
    gpus_per_worker: Annotated[
        float | None, typer.Option(help="On Ray: may be a fraction; by default 1 where there are GPUs.")
    ] = None,
) -> None:
    """Let a model answer data sets, and write its trials in the field's CSV."""
    with door(), ExitStack() as ending:
        from reconstrue.classifiers.load import load_classifier
        from reconstrue.run.asked import asked_categories
        from reconstrue.run.evaluation import evaluate_datasets, locate_datasets
        from reconstrue.run.local import Part

        options = model_options(context.params)
        part = None if shard is None else Part.read(shard)
        if engine not in ("local", "ray"):
            raise UserError(f"unknown engine '{engine}'{did_you_mean(engine, ('local', 'ray'))}")
        for flag, value in (("ray-address", ray_address), ("workers", workers), ("gpus-per-worker", gpus_per_worker)):
            if engine == "local" and value is not None:
                raise UserError(f"--{flag} is for --engine ray")
        asked = asked_categories(model, categories, note)
        located = locate_datasets(dataset, stimuli, limit=limit, seed=seed, categories=asked)
        problems = [str(source) for source in located.values() if isinstance(source, UserError)]
        if len(problems) == len(located):
            raise UserError(problems[0])
        load = partial(load_classifier, model, options, name=name)
        if engine == "ray":
            from reconstrue.run.on_ray import RayEngine

            on_ray = ending.enter_context(
                RayEngine(load, address=ray_address, workers=workers, gpus_per_worker=gpus_per_worker, say=note)
            )
            classifier, where = on_ray.classifier(), on_ray
        else:
            classifier, where = load(), None
        failed = False
        with progress() as tell:
            outcomes = list(
                evaluate_datasets(
                    classifier, located, out, tell=tell, part=part, engine=where, say=note, categories=asked
                )
            )
        for outcome in outcomes:
            for problem in outcome.problems:
                failed = True
                fail(problem)
            if outcome.summary:
                screen.print(f"{outcome.dataset}: {outcome.summary}", highlight=False, soft_wrap=True)
            if outcome.trials is not None:
                screen.print(f"  {escape(str(outcome.trials))}", highlight=False, soft_wrap=True)
        if failed:
            raise typer.Exit(2)


def models(
    name: Annotated[str | None, typer.Argument(help="Of one model, for all of its card.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The models that have a card, by kind, and what of them is on this machine."""
    with door():
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
            fields = Table(name_column("field"), Column("value", overflow="fold"), box=None, show_header=False)
            for field, value in {**asdict(cards[0]), "where": whereabouts(cards[0])}.items():
                if value != "":
                    fields.add_row(field, escape(str(value)))
            screen.print(fields)
            return
        table = Table(
            name_column("model"),
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
                table.add_row(*(escape(cell) for cell in (*cells, card.about)))
            table.add_row()
        screen.print(table)
        unreleased = [
            row.name for row in load_published() if row.name.startswith(("Imagen", "Parti", "Muse", "ViT-22B"))
        ]
        screen.print(
            "`reconstrue models NAME` shows a whole card: licence, classes, input range, paper.\n"
            f"Never released, known from the paper's figures alone (benchmark --published): {', '.join(unreleased)}.",
            highlight=False,
        )
