"""Commands about what is shown: the list of the data sets."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from reconstrue.cli.doors import door, name_column, screen


def datasets(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """The 17 data sets: conditions, images, people, and what is on disk."""
    with door():
        from dataclasses import asdict

        from reconstrue.stimuli.catalog import load_catalog
        from reconstrue.stimuli.sources import on_disk

        catalog = load_catalog().values()
        if as_json:
            typer.echo(json.dumps([{**asdict(entry), "on_disk": on_disk(entry.name)} for entry in catalog], indent=2))
            return
        table = Table(
            name_column("data set"),
            "images",
            "people",
            "conditions",
            "excluded",
            "on disk",
            box=None,
            header_style="bold",
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
        screen.print(table)
        total, people = sum(e.n_images for e in catalog), sum(e.n_people for e in catalog)
        screen.print(f"{total:,} images, {people} sessions of people", highlight=False)
