"""What anything that a user may hand us may end in: success, or one clear line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from reconstrue.errors import UserError


def ending(call: Callable[[], object]) -> str:
    """Return '' where the call succeeds, else the one line that it ends in; anything else that it raises is a fault."""
    try:
        call()
    except UserError as error:
        return one_line(str(error))
    return ""


def one_line(said: str) -> str:
    """Return a message after seeing that it is one line that can be read."""
    assert said.strip(), "nothing is said"
    assert said.isprintable(), said
    assert "Traceback" not in said, said
    assert len(said) < 3000, said[:3000]
    return said


def endings(cases: Mapping[str, object], call: Callable[[str], object]) -> dict[str, str]:
    """Return how each case ended; a fault names its case."""
    found = {}
    for name in cases:
        try:
            found[name] = ending(lambda name=name: call(name))
        except BaseException as error:
            error.add_note(f"the case is {name}")
            raise
    return found


def files_under(folder: Path) -> set[str]:
    """Return all that lies under a folder, links too, but no folders."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
