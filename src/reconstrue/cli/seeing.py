"""Commands that show what a model sees: reconstruct, ability, illusions, frequencies, app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from reconstrue.cli.doors import door, escape, fail, note, progress, screen
from reconstrue.cli.options import (
    BatchSize,
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

if TYPE_CHECKING:
    from reconstrue.classifiers.base import Classifier


def reconstruct(
    model: Model,
    prompt: Annotated[
        list[str], typer.Option(help="What the model is told, as it stands; once for each column.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The figure: .png, .svg or .pdf; with several pictures a folder for them."),
    ],
    images: Annotated[
        list[Path] | None, typer.Argument(help="Pictures; none: draw from noise alone.", show_default=False)
    ] = None,
    t: Annotated[
        list[float] | None,
        typer.Option(
            "--t",
            help="Noise level from 0 to 1, of masked models the share that is hidden; once for each row.",
            show_default="0.6; masked 0.5; without a picture 1",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(help="Network evaluations of each.", show_default="1; masked 12; without a picture 50"),
    ] = None,
    guidance: Annotated[
        float, typer.Option(help="Of diffusion and flow models: 1 is none, 0 leaves the prompt out.")
    ] = 1.0,
    decide: Annotated[
        bool,
        typer.Option("--decide", help="Let the classifier decide between the prompts too, over 100 draws at most."),
    ] = False,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per picture instead of a table.")] = False,
) -> None:
    """What does a model draw when it is told what a picture shows? Noised and drawn again under each prompt."""
    with door():
        from reconstrue.classifiers.options import Options
        from reconstrue.report.figures.files import save_figure
        from reconstrue.report.figures.reconstructions import figure_7
        from reconstrue.studies.reconstruct import Ways, figure_paths, reconstruct_files

        given = images or []
        paths = figure_paths(given, out)
        ways = Ways(tuple(t or ()), steps, guidance, decide)
        options = Options(seed=seed, dtype=dtype, device=device)
        table = Table(
            Column("picture", overflow="fold"),
            Column("t", justify="right"),
            Column("nearest", overflow="fold"),
            Column("distance", justify="right"),
            box=None,
            header_style="bold",
        )
        written: list[Path] = []
        notes: list[str] = []
        failed = 0
        with progress() as tell:
            for shown, path in zip(
                reconstruct_files(given, model, prompt, ways, options, tell=tell), paths, strict=True
            ):
                if shown.grid is None:
                    failed += 1
                    fail(str(shown.error))
                else:
                    save_figure(figure_7(shown.grid), path, about=shown.about)
                    written.append(path)
                    for level, row in zip(shown.t, shown.grid.rows, strict=True):
                        if row.nearest is not None:
                            cells = (row.name, f"{level:.3g}", shown.prompts[row.nearest])
                            table.add_row(*map(escape, cells), f"{row.distances[row.nearest]:.4g}")
                if as_json:
                    typer.echo(json.dumps(shown.to_json(), ensure_ascii=False))
                elif shown.grid is not None:
                    notes += shown.grid.notes
        if not as_json:
            if table.row_count:
                screen.print(table)
            for line in (*notes, *(f"written: {path}" for path in written)):
                screen.print(escape(line), highlight=False, soft_wrap=True)
        if failed:
            raise typer.Exit(2)


def ability(
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for ability.json and the figure.")],
    stimuli: Annotated[str | None, typer.Option(help="Folder of the pictures, or pocket for the drawn world.")] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            "-d",
            help="A data set's name; of a parametric one the undistorted pictures. Default: clean pictures.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(help="Pictures: a seeded sample, balanced over categories.")] = 48,
    t: Annotated[
        float | None,
        typer.Option(
            "--t",
            help="Noise level from 0 to 1, of masked models the share that is hidden.",
            show_default="0.6; masked 0.5",
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Network evaluations of each drawing.", show_default="1; masked 12")
    ] = None,
    guidance: Annotated[float, typer.Option(help="Of diffusion and flow models: 1 is none.")] = 1.0,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples behind the 95% intervals; 0 for none.")] = 1000,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
) -> None:
    """Is a drawing nearest where its prompt is right, or where the model drew least of its own? Figure 8."""
    with door():
        from reconstrue.classifiers.options import Options
        from reconstrue.studies.reconstruct import Ways, run_ability

        with progress() as tell:
            result = run_ability(
                model,
                out,
                dataset=dataset,
                stimuli=stimuli,
                limit=limit,
                ways=Ways(() if t is None else (t,), steps, guidance),
                options=Options(seed=seed, dtype=dtype, device=device),
                resamples=resamples,
                tell=tell,
            )
        screen.print(f"{escape(result.observer)}: {escape(result.finding)}", highlight=False, soft_wrap=True)
        screen.print(f"written: {escape(', '.join(map(str, result.written)))}", highlight=False, soft_wrap=True)


def illusions(
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for illusions.json, the answers and the figure.")],
    count: Annotated[int, typer.Option(help="How many illusions, kinds in turns.")] = 40,
    draws: Annotated[int, typer.Option(help="Draws of noise, or of masks, at each level.")] = 4,
    t: Annotated[
        list[float] | None,
        typer.Option(
            "--t",
            help="Noise level above 0 and up to 1, of masked models the share that is hidden; several times.",
            show_default="0.5 0.7 0.9",
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples behind the 95% intervals; 0 for none.")] = 1000,
    seed: Seed = 0,
    dtype: Dtype = "float32",
    device: Device = "auto",
) -> None:
    """Does a model see both readings of an illusion, and put the parts of each where they lie? With controls."""
    with door():
        from reconstrue.classifiers.options import Options
        from reconstrue.report.figures.style import interval
        from reconstrue.studies.illusions import ALL, TIMES, run_illusions

        with progress() as tell:
            result = run_illusions(
                model,
                out,
                count=count,
                draws=draws,
                times=tuple(t) if t else TIMES,
                options=Options(seed=seed, dtype=dtype, device=device),
                resamples=resamples,
                tell=tell,
            )
        names = ("illusions", "wrong prompts", "beyond", "one reading", "both nearest")
        columns = (Column("n", justify="right"), *(Column(name, no_wrap=True) for name in names))
        table = Table("kind", *columns, box=None, header_style="bold")
        for group in result.groups:
            if group.level == ALL:
                figures = (group.localisation, group.wrong, group.beyond, group.alone, group.both)
                table.add_row(group.kind, str(group.localisation.n), *map(interval, figures))
        screen.print(table)
        screen.print(escape(result.finding), highlight=False, soft_wrap=True)
        screen.print(f"written: {escape(', '.join(map(str, result.written)))}", highlight=False, soft_wrap=True)


def frequencies(
    context: typer.Context,
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for frequencies.json, tables and figures.")],
    stimuli: Annotated[str | None, typer.Option(help="Folder of the pictures, or pocket for the drawn world.")] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            "-d",
            help="A data set's name, several times; of a parametric one the undistorted pictures. Default: clean pictures "
            "and cue-conflict.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="Pictures of each data set: a seeded sample, balanced over categories.")
    ] = 48,
    part: Annotated[
        list[str] | None,
        typer.Option(
            help="bands (a diffusion model's evidence by octaves) or masking (critical-band masking), or both. Default: "
            "bands for a diffusion model, masking for any other.",
            show_default=False,
        ),
    ] = None,
    t: Annotated[
        list[float] | None,
        typer.Option("--t", help="Of bands: noise times, several times.", show_default="0.1 0.3 0.5 0.7 0.9"),
    ] = None,
    draws: Annotated[int, typer.Option(help="Of bands: draws of noise at each t.")] = 2,
    contrast: Annotated[float, typer.Option(help="Of masking: what is left of the pictures' contrast.")] = 0.2,
    colour: Annotated[
        bool,
        typer.Option("--colour", help="Of masking: keep the pictures' colours, which the published study does not."),
    ] = False,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples behind the 95% intervals; 0 for none.")] = 1000,
    policy: Policy = "safe-leader",
    max_draws: MaxDraws = None,
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
    """Which spatial frequencies drive a model? Its evidence by octaves, and its channel by critical-band masking."""
    with door():
        from reconstrue.studies.frequencies import TIMES, run_frequencies

        # Confidences have no part in this.
        options = model_options({**context.params, "temperature": None})
        with progress() as tell:
            result = run_frequencies(
                model,
                out,
                tell=tell,
                options=options,
                stimuli=stimuli,
                datasets=dataset or (),
                limit=limit,
                parts=part or (),
                times=t or TIMES,
                draws=draws,
                contrast=contrast,
                colour=colour,
                resamples=resamples,
            )
        for line in result.findings:
            screen.print(f"• {escape(line)}", highlight=False)
        for line in result.notes:
            note(line)
        names = ", ".join(dict.fromkeys(path.stem for path in result.figures))
        screen.print(
            f"written: {escape(str(out))}/frequencies.json, tables, and the figures {escape(names)}",
            soft_wrap=True,
            highlight=False,
        )


def app(
    context: typer.Context,
    model: Model = "pocket-latent",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of the page.", show_default="the first free from 7860 on")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only say where the page is.")] = False,
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
) -> None:
    """Open a page on this machine: drop a picture and watch the evidence arrive; illusions; finished runs."""
    with door():
        from reconstrue.app.serve import serve

        def load(name: str) -> Classifier:
            from reconstrue.classifiers.load import load_classifier

            return load_classifier(name, model_options(context.params))

        def say(address: str) -> None:
            screen.print(f"the app is at {escape(address)} (Ctrl-C ends it)", highlight=False, soft_wrap=True)

        serve(model, load, say, seed=seed, port=port, browser=not no_browser)
