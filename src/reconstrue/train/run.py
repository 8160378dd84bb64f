"""Follow a recipe from pictures to a measured model folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.registry import resolve
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set
from reconstrue.train.loop import Cost, write_record
from reconstrue.train.recipe import Recipe, load_recipe

Trainer = Callable[..., Cost]

# Held-out pictures: another seed of the world than any recipe's.
_HELD_OUT_SEED = 1
_HELD_OUT = 160
_DRAWS = 12


def follow(name: str, *, out: Path, work: Path, say: Callable[[str], None]) -> dict[str, float]:
    """Train the recipe's model into the folder `out` and return what it reached on held-out pictures.

    Checkpoints and pictures are kept under `work`, and the same call goes on from them. Beside the weights lie
    ``training.json`` (recipe, seed, hours, what was reached) and ``log.csv``.

    Raises:
        UserError: no such recipe, or `out` holds something else.
    """
    recipe = load_recipe(name)
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file; --out names a folder")
    if out.exists() and any(out.iterdir()) and not (out / "training.json").exists():
        raise UserError(f"{out}: not empty and not an earlier training; give another --out")
    trainer = cast(Trainer, resolve(recipe.trainer))
    cost = trainer(recipe, work=work / name, out=out, say=say)
    shutil.copyfile(work / name / "log.csv", out / "log.csv")
    write_record(out, recipe, cost, {})
    reached = measure(recipe, out, say)
    write_record(out, recipe, cost, reached)
    return reached


def measure(recipe: Recipe, folder: Path, say: Callable[[str], None]) -> dict[str, float]:
    """Return the accuracy on held-out pictures of the recipe's own data set, with a fixed grid of 12 draws."""
    held_out = world_set(recipe.dataset, _HELD_OUT, _HELD_OUT_SEED)
    say(f"{recipe.name}: measuring on {_HELD_OUT} held-out {recipe.dataset} pictures")
    classifier = load_classifier(str(folder), Options(policy="fixed-grid", max_draws=_DRAWS))
    decisions = classifier.score(held_out.stimuli, CATEGORIES).decisions()
    right = sum(d == s.category for d, s in zip(decisions, held_out, strict=True))
    return {"accuracy": right / _HELD_OUT, "pictures": float(_HELD_OUT), "draws": float(_DRAWS)}
