"""What every command shares: one line for what a user can mend, exit codes, progress, and the two consoles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
from rich.table import Column

from reconstrue.errors import UserError

# Tables that are piped or written to a file are not squeezed into 80 columns.
screen = Console(width=None if sys.stdout.isatty() else 120)
messages = Console(stderr=True)


@contextmanager
def door() -> Iterator[None]:
    """Turn what the user can mend into one line and exit code 2, and an interruption into 130."""
    try:
        yield
    except UserError as error:
        fail(str(error))
        raise typer.Exit(2) from None
    except OSError as error:
        if error.filename is None:
            raise
        # A name that no file system takes, a folder that may not be entered: the machine's word on a file of the user's.
        fail(str(UserError(f"{error.filename}: {error.strerror}; give another, or mend it")))
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        messages.print("interrupted; the same command goes on where it stopped")
        raise typer.Exit(130) from None


def fail(message: str) -> None:
    """Print an error in one line."""
    messages.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)


def note(message: str) -> None:
    """Print what a user should know, in one line."""
    messages.print(f"[bold yellow]note:[/] {escape(message)}", highlight=False, soft_wrap=True)


def escape(text: str) -> str:
    """Keep rich from reading brackets in a name as its markup."""
    from rich.markup import escape as escaped

    return escaped(text)


def name_column(header: str) -> Column:
    """Return a column of names, which stay whole on a narrow terminal, so that they can be copied."""
    return Column(header, no_wrap=True)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that is told (what, done, in all) and shows a bar for each, with the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages) as shown:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total)
            shown.update(tasks[what], completed=done)

        yield tell
