"""Model cards: what is known of each model before it is loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES

Kind = Literal["diffusion", "autoregressive", "masked", "contrastive", "supervised"]
# In the order in which tables show them; one file of `model_cards/` each.
KINDS: tuple[Kind, ...] = ("diffusion", "autoregressive", "masked", "contrastive", "supervised")
# The paper's Table 1: trained for a list of classes, or asked about any labels.
MODEL_TYPES: dict[Kind, str] = {kind: "discriminative" if kind == "supervised" else "zero-shot" for kind in KINDS}
_PACKAGE = "package:"


@dataclass(frozen=True)
class Card:
    """One model, as a file of `model_cards/` describes it.

    Attributes:
        name: what users call it.
        kind: how it decides; the card's file.
        loader: lazy ``"module:Object"`` that turns (Checkpoint, Options) into a `Classifier`.
        source: hub id, a library's own name for it, or ``package:NAME/FOLDER`` for weights that ship in this package.
        revision: of the hub; empty where there is none.
        class_name: the class that its files are loaded with.
        licence: of the weights.
        gated: whether a click on the hub is needed first.
        resolution: side of the picture that the network sees, in pixels.
        memory_gb: needed to run it at 16 bits a weight: an estimate from the number of weights, not a measurement.
        paper: where it is described.
        about: one line.
        input_range: what pixel values are mapped to before the network, e.g. ``[-1, 1]`` or ``ImageNet mean and std``.
        interpolation: the filter that brings pictures to the resolution; empty: as its own files say, else bicubic.
        latent: scale and shift of the latents, or how tokens are made; empty where the network sees pixels. For
            reading: the figures that are used come from the model's own config.
        prediction: what the network predicts, where its config does not say it.
        prompts: its usual templates or the name of a set; empty: the paper's one.
        weights_url: published page or file of weights that the library does not fetch by name.
        temperature: T of `Scores.p_correct`, fitted with the default weighting, prompt and method; 0 where none was.
        categories: those of the 16 that it knows, with commas between; empty: all of them, or words of any kind.
    """

    name: str
    kind: Kind
    loader: str
    source: str
    licence: str
    resolution: int
    memory_gb: float
    paper: str
    about: str
    class_name: str
    revision: str = ""
    gated: bool = False
    input_range: str = ""
    interpolation: str = ""
    latent: str = ""
    prediction: str = ""
    prompts: str = ""
    weights_url: str = ""
    temperature: float = 0.0
    categories: str = ""

    @property
    def packaged(self) -> Path | None:
        """The folder of the weights that ship in this package, or None for a model from elsewhere."""
        if not self.source.startswith(_PACKAGE):
            return None
        package, _, folder = self.source.removeprefix(_PACKAGE).partition("/")
        return Path(str(files(package).joinpath(folder)))

    @property
    def known(self) -> tuple[str, ...]:
        """The categories that it can be asked about, in the order of the 16."""
        names = self.categories.split(",") if self.categories else CATEGORIES
        return tuple(name for name in CATEGORIES if name in names)

    @property
    def model_type(self) -> str:
        """The word of the paper's Table 1."""
        return MODEL_TYPES[self.kind]


@dataclass(frozen=True)
class Checkpoint:
    """Where a model comes from, and what is known of it.

    Attributes:
        source: a local folder, a hub id, or a library's own name.
        name: the observer's name.
        revision: of the hub, or None.
        card: its card, or None for a user's own folder.
    """

    source: str
    name: str
    revision: str | None = None
    card: Card | None = None


# What an entry's value is, by the type of its field.
_TYPES: dict[object, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "int": (int,), "float": (float, int)}
# A card is data: it names one of our own loaders, and nothing else that could be called.
_LOADERS = "reconstrue.classifiers.loaders"


@cache
def load_cards() -> Mapping[str, Card]:
    """Return all cards by name, kind by kind, in the order of the files."""
    return MappingProxyType(read_cards(files("reconstrue.classifiers").joinpath("model_cards")))


def read_cards(folder: Traversable) -> dict[str, Card]:
    """Return the cards of a folder with one file for each kind, by name.

    Raises:
        UserError: a file is missing or damaged, or an entry is no card; it names the file and the entry.
    """
    cards: dict[str, Card] = {}
    for kind in KINDS:
        file = folder.joinpath(f"{kind}.toml")
        try:
            entries = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UserError(
                f"{file}: cannot be read as cards ({error}); mend it or install the package again"
            ) from error
        for name, entry in entries.items():
            problem = f"two cards are named {name!r}" if name in cards else _problem(entry)
            if problem:
                raise UserError(f"{file}: card {name!r}: {problem}; mend it or install the package again")
            cards[name] = Card(name=name, kind=kind, **entry)
    return cards


def _problem(entry: Any) -> str:
    """Say why an entry is no card, '' where it is one."""
    if not isinstance(entry, dict):
        return "is not a table"
    known = {field.name: field for field in fields(Card) if field.name not in ("name", "kind")}
    for name, field in known.items():
        if name not in entry and field.default is MISSING:
            return f"'{name}' is missing"
    for name, value in entry.items():
        if name not in known:
            return f"{name!r} is not known"
        # A boolean is an integer to Python, and not to us.
        kinds = _TYPES[known[name].type]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return f"'{name}' is {value!r:.80}, of a wrong type"
    named = entry.get("categories", "").split(",")
    if named != [""] and (len(set(named)) < max(2, len(named)) or not set(named) <= set(CATEGORIES)):
        return f"'categories' is {entry['categories']!r:.80}, not two or more of the 16 with commas between"
    module, _, function = entry["loader"].partition(":")
    if module != _LOADERS or not function.startswith("load_"):
        return f"its loader is {entry['loader']!r:.80}, not one of this package"
    return ""
