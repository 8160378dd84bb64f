"""Follow a recipe from pictures to a measured model folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch

from reconstrue.classifiers.adapters.guarded import quiet_libraries
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.pictures import to_square
from reconstrue.errors import UserError
from reconstrue.registry import resolve
from reconstrue.stimuli.world.sets import world_set
from reconstrue.train.autoencoder import reconstruction_error
from reconstrue.train.cifar import held_out_photographs, keep_photographs
from reconstrue.train.loop import Cost, refuse_foreign, write_record
from reconstrue.train.recipe import Recipe, load_recipe
from reconstrue.trials.store import exclusive

Trainer = Callable[..., Cost]

# Held-out pictures: another seed of the world than any recipe's.
_HELD_OUT_SEED = 1
_HELD_OUT = 160
_HELD_OUT_PHOTOGRAPHS = 700
_DRAWS = 12


def follow(
    name: str, *, out: Path, work: Path, say: Callable[[str], None], data: Path | None = None
) -> dict[str, float]:
    """Follow the packaged recipe of that name, as `train_recipe` does, and return what it reached on held-out pictures.

    Raises:
        UserError: no such recipe, and as `train_recipe`.
    """
    recipe = load_recipe(name)
    if recipe.photographs:
        # Those that are asked at the end are missed now, and not after the training.
        held_out_photographs(recipe, data, _HELD_OUT_PHOTOGRAPHS)
    cost = train_recipe(recipe, out=out, work=work, say=say, data=data)
    reached = measure(recipe, out, say, data)
    write_record(out, recipe, cost, reached)
    return reached


def train_recipe(
    recipe: Recipe, *, out: Path, work: Path, say: Callable[[str], None], data: Path | None = None
) -> Cost:
    """Train the recipe's model into the folder `out` and return what it took.

    Checkpoints and pictures are kept under `work`, and the same call goes on from them. Beside the weights lie
    ``training.json`` (recipe, seed, hours), which is whole once the training is, and ``log.csv``.

    Args:
        recipe: a packaged one, or one that was changed; its name is that of its folder under `work`.
        out: for the model.
        work: for checkpoints and pictures.
        say: told the progress.
        data: folder of the photographs, for a recipe that learns from them.

    Raises:
        UserError: `out` holds something else, another process trains by this recipe, or `data` is missing, not what is
            needed or not wanted.
    """
    refuse_foreign(out, recipe.name)
    if data is not None and not recipe.photographs:
        raise UserError(f"{recipe.name} draws its own pictures; leave out --data")
    if recipe.photographs:
        keep_photographs(recipe, data, work)
    # So that a training that is stopped while it saves knows its own folder again.
    out.mkdir(parents=True, exist_ok=True)
    (out / "training.json").touch()
    # Their advice on loading and saving is for those who write the code.
    with exclusive(work / recipe.name, say, flag="--work"), quiet_libraries():
        trainer = cast(Trainer, resolve(recipe.trainer))
        cost = trainer(recipe, work=work / recipe.name, out=out, say=say)
        shutil.copyfile(work / recipe.name / "log.csv", out / "log.csv")
        write_record(out, recipe, cost, {})
    return cost


def measure(recipe: Recipe, folder: Path, say: Callable[[str], None], data: Path | None = None) -> dict[str, float]:
    """Return what a trained model does on held-out pictures of its recipe's own data set (photographs: of its test split).

    For classifiers the accuracy, with a fixed grid of 12 draws if it samples; for autoencoders ``error``, the root mean
    squared error of their reconstructions in units of a pixel's whole range. A masked model is also asked in the paper's way (one mask, ``accuracy_reconstruction``), a network trained under
    noise also under noise (``accuracy_under_noise``).
    """
    if recipe.photographs:
        held_out = held_out_photographs(recipe, data, _HELD_OUT_PHOTOGRAPHS)
    else:
        held_out = list(world_set(recipe.dataset, _HELD_OUT, _HELD_OUT_SEED))
    if recipe.trainer.startswith("reconstrue.train.autoencoder:"):
        pixels = torch.stack([to_square(stimulus.read(), recipe.side) for stimulus in held_out])
        return {"pictures": float(len(held_out)), "error": reconstruction_error(recipe, folder, pixels)}
    # A model that learnt other captions than ours knows no other words.
    learnt = recipe.model.get("templates")
    plain = Options(policy="fixed-grid", max_draws=_DRAWS, prompts=tuple(learnt) if learnt else None)
    ways = {"accuracy": plain}
    if recipe.trainer.endswith("masked:train"):
        ways["accuracy_reconstruction"] = replace(plain, masked_method="reconstruction", max_draws=1)
    if recipe.model.get("noise"):
        ways["accuracy_under_noise"] = replace(plain, input_noise="diffusion")
    reached = {"pictures": float(len(held_out))}
    for figure, options in ways.items():
        say(f"{recipe.name}: measuring {figure} on {len(held_out)} held-out {recipe.dataset} pictures")
        scores = load_classifier(str(folder), options).score(held_out, recipe.categories)
        right = sum(d == s.category for d, s in zip(scores.decisions(), held_out, strict=True))
        reached[figure] = right / len(held_out)
        if scores.evidence and "draws" not in reached:
            reached["draws"] = float(_DRAWS)
    return reached
