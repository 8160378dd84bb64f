"""A recipe is one TOML file: what is trained, on what, how long, with which seed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import SIDE


@dataclass(frozen=True)
class Recipe:
    """One training, whole.

    Attributes:
        name: of the recipe and of the model that it makes.
        about: what comes out, how long it takes and how good it is, in a sentence.
        trainer: lazy name of the function that follows it.
        seed: of weights, batches and noise.
        dataset: of the training pictures: one of the pocket world, or ``cifar-10``.
        zoom: strongest random close-up of a training picture (1: none).
        pictures: number of training pictures.
        world_seed: of the pocket world that they are drawn from; 0 for photographs.
        steps: of the optimiser.
        batch_size: pictures per step.
        learning_rate: at its peak, after `warmup` steps; it then falls to zero along a half cosine.
        warmup: steps.
        weight_decay: of AdamW.
        ema: decay of the running average of the weights that is shipped.
        model: the network's own options.
        categories: that it learns, all 16 unless stated.
        side: of a picture, in pixels.
    """

    name: str
    about: str
    trainer: str
    seed: int
    dataset: str
    zoom: float
    pictures: int
    world_seed: int
    steps: int
    batch_size: int
    learning_rate: float
    warmup: int
    weight_decay: float
    ema: float
    model: dict[str, Any]
    categories: tuple[str, ...] = CATEGORIES
    side: int = SIDE

    @property
    def photographs(self) -> bool:
        """Whether it learns from photographs, which ``--data`` names."""
        return self.dataset == "cifar-10"


def load_recipe(name: str) -> Recipe:
    """Return the recipe of that name; raises UserError (with the nearest name) where there is none."""
    folder = files("reconstrue.train").joinpath("recipes")
    known = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    if name not in known:
        raise UserError(f"unknown recipe '{name}'{did_you_mean(name, known)}")
    stated = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return Recipe(name=name, **{**stated, "categories": tuple(stated.get("categories", CATEGORIES))})
