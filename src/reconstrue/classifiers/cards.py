"""Model cards: what is known of each model before it is loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

_PACKAGE = "package:"


@dataclass(frozen=True)
class Card:
    """One model, as `cards.toml` describes it; its fields are explained there."""

    name: str
    kind: str
    loader: str
    source: str
    revision: str
    licence: str
    gated: bool
    resolution: int
    memory_gb: float
    paper: str
    about: str

    @property
    def packaged(self) -> Path | None:
        """The folder of the weights that ship in this package, or None for a model of the hub."""
        if not self.source.startswith(_PACKAGE):
            return None
        package, _, folder = self.source.removeprefix(_PACKAGE).partition("/")
        return Path(str(files(package).joinpath(folder)))


@cache
def load_cards() -> Mapping[str, Card]:
    """Return all cards by name, in the order of the file."""
    text = files("reconstrue.classifiers").joinpath("cards.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: Card(name=name, **entry) for name, entry in tomllib.loads(text).items()})
