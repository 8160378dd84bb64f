"""Commands about what is shown: the data sets, fetching them, distorting pictures, making sets of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from reconstrue.cli.doors import door, escape, fail, name_column, progress, screen
from reconstrue.cli.options import Seed
from reconstrue.errors import UserError

data = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The published pictures and people's trials."
)

Spectrum = Annotated[
    Path | None, typer.Option(help="For power-equalisation: a mean amplitude spectrum (.npy, of the pictures' size).")
]
Gamma = Annotated[
    Path | None, typer.Option(help="For false-colour: a monitor's 256 gamma values (.npy); by default sRGB's.")
]


def datasets(
    name: Annotated[
        str | None, typer.Argument(help="Of one data set, for all that is known of it.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """The 17 data sets: conditions, images, people, and what is on disk."""
    with door():
        from dataclasses import asdict

        from reconstrue.stimuli.catalog import dataset, load_catalog
        from reconstrue.stimuli.sources import data_folder, inventory

        catalog = load_catalog().values() if name is None else (dataset(name),)
        rows = []
        for entry in catalog:
            there = inventory(entry.name)
            rows.append(
                {
                    **asdict(entry),
                    "on_disk": there.pictures,
                    "images_on_disk": there.images,
                    "trials_on_disk": there.trials,
                    "sessions_on_disk": there.sessions,
                }
            )
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
            return
        if name is not None:
            fields = Table(name_column("field"), Column("value", overflow="fold"), box=None, show_header=False)
            for field, value in rows[0].items():
                shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
                if shown:
                    fields.add_row(field, escape(shown))
            screen.print(fields)
            return
        table = Table(
            name_column("data set"),
            "conditions",
            "control",
            "excluded",
            Column("images on disk", justify="right"),
            Column("people on disk", justify="right"),
            box=None,
            header_style="bold",
        )
        for entry, row in zip(catalog, rows, strict=True):
            table.add_row(
                entry.name,
                " ".join(entry.conditions) if len(entry.conditions) > 1 else "–",
                entry.control or "–",
                " ".join(condition for condition in entry.excluded if condition != entry.control) or "–",
                f"{row['images_on_disk']:,} of {entry.n_images:,}",
                f"{row['sessions_on_disk']} of {entry.n_sessions}",
            )
        screen.print(table)
        total, people = sum(e.n_images for e in catalog), sum(e.n_sessions for e in catalog)
        screen.print(
            f"{total:,} images, {people} sessions of people; the benchmark leaves out controls and excluded conditions.\n"
            f"On disk is what lies in {escape(str(data_folder()))}: `reconstrue data fetch` brings the rest, "
            "`reconstrue datasets NAME` shows licence and source.",
            highlight=False,
            soft_wrap=True,
        )


@data.command()
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Data sets; all 17 where none is named.", show_default=False)
    ] = None,
    images: Annotated[bool, typer.Option("--images", help="The pictures alone.")] = False,
    trials: Annotated[bool, typer.Option("--trials", help="People's trials alone.")] = False,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A folder or mirror: NAME.tar.gz or NAME/ for pictures, trials/NAME/ for trials."),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Another data folder than the package's own.")] = None,
    lock: Annotated[
        Path | None, typer.Option(help="JSON file of hashes, to commit; by default reconstrue-data.lock in the folder.")
    ] = None,
) -> None:
    """Bring the published pictures and people's trials here, checked; what is whole already is left alone.

    A hash that is not published is recorded in the lock at the first download and checked ever after. An interrupted
    download goes on where it stopped, where the server can send a part.
    """
    with door():
        from reconstrue.stimuli.catalog import dataset, load_catalog
        from reconstrue.stimuli.fetch import LOCK_NAME, Fetched, Lock, fetch_datasets
        from reconstrue.stimuli.sources import data_folder

        chosen = [dataset(name) for name in names] if names else list(load_catalog().values())
        folder = data_folder() if to is None else to
        hashes = Lock(folder / LOCK_NAME if lock is None else lock)
        both = images == trials
        with progress() as tell:
            outcomes = list(
                fetch_datasets(chosen, folder, source, hashes, tell, pictures=images or both, trials=trials or both)
            )
        found = [one for one in outcomes if isinstance(one, Fetched)]
        problems = [str(one) for one in outcomes if isinstance(one, UserError)]
        for one in found:
            kept = "already there" if one.there else "fetched"
            unit = "pictures" if one.what == "pictures" else "sessions of people"
            screen.print(f"{one.dataset}: {one.count:,} {unit}, {kept}", highlight=False)
        if any(one.what == "trials" for one in found):
            screen.print(
                f"people's trials for the benchmark: --trials {escape(str(folder / 'trials'))}",
                highlight=False,
                soft_wrap=True,
            )
        if to is not None and any(one.what == "pictures" for one in found):
            screen.print(
                f"pictures for evaluate: --stimuli {escape(str(folder / 'stimuli'))}", highlight=False, soft_wrap=True
            )
        for problem in problems:
            fail(problem)
        if problems:
            raise typer.Exit(2)


@data.command()
def classics(
    to: Annotated[Path | None, typer.Option(help="Another folder than the package's own.")] = None,
) -> None:
    """Bring the classic illusions of the paper's Figure 7, and say what to prompt: rabbit and duck, and others."""
    with door():
        from reconstrue.stimuli.classics import fetch_classic, load_classics
        from reconstrue.stimuli.fetch import LOCK_NAME, Lock
        from reconstrue.stimuli.sources import data_folder

        folder = data_folder() / "illusions" if to is None else to
        failed = False
        with progress() as tell:
            for classic in load_classics().values():
                told = " / ".join(f"“{reading}”" for reading in classic.readings)
                if not classic.file:
                    screen.print(
                        f"{classic.name}: by hand from {classic.source}: {told}", highlight=False, soft_wrap=True
                    )
                    continue
                try:
                    path = fetch_classic(classic, folder, Lock(folder / LOCK_NAME), tell)
                except UserError as error:
                    failed = True
                    fail(str(error))
                else:
                    screen.print(f"{escape(str(path))}: {told} ({classic.licence})", highlight=False, soft_wrap=True)
        if failed:
            raise typer.Exit(2)


def distort(
    image: Annotated[Path, typer.Argument(help="A picture.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The distorted picture, .png.", show_default=False)],
    kind: Annotated[str, typer.Option(help="A parametric data set: low-pass, eidolonI, uniform-noise, …")],
    level: Annotated[str, typer.Option(help="A published label, or another level of its kind.")],
    seed: Seed = 0,
    spectrum: Spectrum = None,
    gamma: Gamma = None,
) -> None:
    """One picture as a parametric data set would show it; levels in pixels refer to a width of 224."""
    with door():
        from reconstrue.stimuli.make import distort_file

        picture = distort_file(image, out, kind, level, seed=seed, spectrum=spectrum, gamma=gamma)
        height, width = picture.shape[:2]
        screen.print(f"{escape(str(out))}: {kind} {level}, {width} × {height}", highlight=False, soft_wrap=True)


def make_dataset(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Photographs in `DIR/<category>/`.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the sets, one folder each.")],
    dataset: Annotated[
        list[str] | None,
        typer.Option("--dataset", "-d", help="A parametric data set, several times; by default all 12."),
    ] = None,
    seed: Seed = 0,
    spectrum: Spectrum = None,
    gamma: Gamma = None,
    size: Annotated[int, typer.Option(help="Side of the pictures in pixels.")] = 224,
    all_conditions: Annotated[
        bool, typer.Option("--all-conditions", help="Every photograph in every condition, not each in one.")
    ] = False,
) -> None:
    """The parametric sets of your own labelled photographs, ready for `evaluate --stimuli`.

    As in the published sets, each photograph is shown in one condition. The pictures' names say that they are your
    own: no person saw them, and they are never compared with people's trials.
    """
    with door():
        from reconstrue.stimuli.make import make_datasets

        with progress() as tell:
            made = make_datasets(
                folder,
                out,
                dataset or (),
                seed=seed,
                side=size,
                spectrum=spectrum,
                gamma=gamma,
                all_conditions=all_conditions,
                tell=tell,
            )
        for one in made:
            screen.print(f"{one.dataset}: {one.count:,} pictures", highlight=False)
        screen.print(
            f"for evaluate: --dataset {made[0].dataset} --stimuli {escape(str(out))}", highlight=False, soft_wrap=True
        )
