"""The recipe of a training on photographs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.train.at_scale.settings import Settings


@dataclass(frozen=True)
class PhotographRecipe:
    """One training on a user's own photographs, whole; pictures and their classes come from ``--data``.

    Attributes:
        name: of the recipe and of the model that it makes.
        about: what comes out, in a sentence.
        seed: of weights, order, crops and noise.
        epochs: times that every photograph is shown.
        learning_rate: at the first step; it falls to zero along a half cosine, without warm-up.
        momentum: of SGD, without Nesterov's correction.
        weight_decay: of all parameters.
        batch_size: pictures that a device sees at once, and batch normalisation with it.
        noise: whether every picture is shown under diffusion noise (Appendix E of the paper).
        side: of the network's input, in pixels.
        widths: of the four stages.
        depths: of the four stages.
        block: of the stages, ``bottleneck`` or ``basic``.
    """

    name: str
    about: str
    seed: int
    epochs: int
    learning_rate: float
    momentum: float
    weight_decay: float
    batch_size: int
    noise: bool
    side: int
    widths: list[int]
    depths: list[int]
    block: str

    def changed(self, settings: Settings) -> PhotographRecipe:
        """Return the recipe with the epochs and the side that were asked for."""
        return replace(
            self,
            epochs=self.epochs if settings.epochs is None else settings.epochs,
            side=self.side if settings.side is None else settings.side,
        )


def is_at_scale(name: str) -> bool:
    """Say whether a recipe is of this room, and not one that draws its own pictures.

    Raises:
        UserError: it is neither (with the nearest name of both).
    """
    own, drawn = _names("reconstrue.train.at_scale"), _names("reconstrue.train")
    if name not in own + drawn:
        raise UserError(f"unknown recipe '{name}'{did_you_mean(name, own + drawn)}")
    return name in own


def load_photograph_recipe(name: str) -> PhotographRecipe:
    """Return the recipe of that name; raises UserError (with the nearest name) where there is none."""
    known = _names("reconstrue.train.at_scale")
    if name not in known:
        raise UserError(f"unknown recipe on photographs '{name}'{did_you_mean(name, known)}")
    file = files("reconstrue.train.at_scale").joinpath("recipes", f"{name}.toml")
    return PhotographRecipe(name=name, **tomllib.loads(file.read_text(encoding="utf-8")))


def _names(package: str) -> list[str]:
    folder = files(package).joinpath("recipes")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
