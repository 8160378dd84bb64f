"""Names for things: a name points to an object or to a lazy ``"module:Object"`` string that is imported when asked for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Generic, TypeVar, cast

from reconstrue.errors import UserError

T = TypeVar("T")

# Which extra brings a module that the core installation lacks.
EXTRAS = {
    "timm": "baselines",
    "open_clip": "baselines",
    "torchvision": "baselines",
    "ray": "ray",
    "gradio": "app",
    "accelerate": "train",
    "tensorboard": "train",
}


# A message lists at most so many known names.
_FEW = 40


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return '; did you mean …?' for the nearest known name, or the list of known names where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    if len(names) > _FEW:
        return f"; {len(names)} are known"
    return f"; known: {', '.join(names)}" if names else ""


def resolve(target: str) -> object:
    """Import and return the object that ``"module:Object"`` names.

    Raises:
        UserError: a library that an extra brings is missing; the message holds the exact pip line.
    """
    module_name, _, attribute = target.partition(":")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing in EXTRAS:
            raise UserError(
                f"this needs the package '{missing}', which is not installed: "
                f"pip install 'reconstrue[{EXTRAS[missing]}]'"
            ) from error
        raise
    return getattr(module, attribute)


class Registry(Generic[T]):
    """A table of names for one kind of thing; a taken name raises, an unknown one suggests its neighbour."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._entries: dict[str, T | str] = {}

    def register(self, name: str, entry: T | str) -> None:
        """Add an object or a lazy ``"module:Object"`` string; raises ValueError where the name is taken."""
        if name in self._entries:
            raise ValueError(f"the {self._kind} '{name}' is registered twice")
        self._entries[name] = entry

    def get(self, name: str) -> T:
        """Return the object of that name, importing it if it is lazy.

        Raises:
            UserError: no such name (with the nearest one), or an extra is missing (with its pip line).
        """
        if name not in self._entries:
            raise UserError(f"unknown {self._kind} '{name}'{did_you_mean(name, self._entries)}")
        entry = self._entries[name]
        return cast(T, resolve(entry)) if isinstance(entry, str) else entry

    def targets(self) -> dict[str, str]:
        """Return the lazy entries as name → ``"module:Object"``."""
        return {name: entry for name, entry in self._entries.items() if isinstance(entry, str)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)
