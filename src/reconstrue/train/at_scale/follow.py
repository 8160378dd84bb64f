"""Follow a recipe on a user's photographs, from shards or folders to a measured model folder."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

from reconstrue.classifiers.adapters.guarded import quiet_libraries
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.train.at_scale.collection import Collection, open_data
from reconstrue.train.at_scale.network import build, save
from reconstrue.train.at_scale.recipe import PhotographRecipe
from reconstrue.train.at_scale.settings import Settings
from reconstrue.train.at_scale.training import accelerator_for, dealt, duration, fit
from reconstrue.train.loop import Cost, refuse_foreign
from reconstrue.trials.sidecar import write_text_atomically
from reconstrue.trials.store import exclusive

# Held-out photographs that are asked about at once.
_TOGETHER = 1024


def follow(
    recipe: PhotographRecipe,
    *,
    settings: Settings,
    out: Path,
    work: Path,
    say: Callable[[str], None],
) -> dict[str, float] | None:
    """Train the recipe's network into the folder `out` and return what it reached on the held-out photographs.

    Every process of ``accelerate launch`` calls it. Checkpoints are kept under `work`, and the same call goes on from
    them. Beside the weights lie ``training.json`` (recipe, machine, cost, what was reached) and ``log.csv``.

    Args:
        recipe: what is trained, and how long.
        settings: on what, and how it is spread.
        out: for the model.
        work: for checkpoints, TensorBoard's curves and unpacked shards.
        say: told the progress; only the main process speaks.

    Returns:
        ``pictures`` and ``accuracy``, with ``accuracy_under_noise`` (one draw of noise per picture) where the recipe has
        noise; empty without held-out photographs. None in all processes but the main one, which alone measures.

    Raises:
        UserError: `out` holds something else, another process trains by this recipe, or data, settings or checkpoint are
            not sound.
    """
    data, recipe = settings.check(recipe.name), recipe.changed(settings)
    refuse_foreign(out, recipe.name)
    accelerator = accelerator_for(recipe, settings)
    told = say if accelerator.is_main_process else _silent
    # One process of each machine unpacks; the others find it done.
    with accelerator.local_main_process_first():
        training, held_out = open_data(data, work / "photographs")
    if settings.limit is not None:
        training = training.sample(settings.limit, recipe.seed)
        held_out = None if held_out is None else held_out.sample(settings.limit, recipe.seed)
    told(f"{recipe.name}: {len(training)} photographs of {len(training.classes)} classes")
    deal = dealt(recipe, len(training), accelerator)
    folder = work / recipe.name
    alone = exclusive(folder, told, flag="--work") if accelerator.is_main_process else nullcontext()
    # The libraries' advice on loading and saving is for those who write the code.
    with alone, quiet_libraries():
        for made in (folder, out):
            made.mkdir(parents=True, exist_ok=True)
        # So that a training that is stopped while it saves knows its own folder again.
        (out / "training.json").touch()
        network = build(recipe, training.classes)
        cost = fit(recipe, network, training, deal, accelerator, workers=settings.readers(), folder=folder, say=told)
        if not accelerator.is_main_process:
            return None
        save(network, recipe, out)
        shutil.copyfile(folder / "log.csv", out / "log.csv")
        record = _record(recipe, training, accelerator, cost)
        # Once before the measuring too, which may find a photograph that cannot be read.
        _write(out, record, {})
        reached = {} if held_out is None else measure(recipe, out, held_out, told)
        _write(out, record, reached)
    return reached


def _record(recipe: PhotographRecipe, training: Collection, accelerator: Accelerator, cost: Cost) -> dict[str, object]:
    return {
        "recipe": asdict(recipe),
        "machine": {
            "processes": accelerator.num_processes,
            "accumulated": accelerator.gradient_accumulation_steps,
            "precision": accelerator.mixed_precision,
            "device": accelerator.device.type,
        },
        "photographs": {"count": len(training), "classes": len(training.classes), "sha256": training.digest()},
        "cost": cost.to_json(),
        "versions": {"torch": torch.__version__, "accelerate": version("accelerate")},
    }


def _write(out: Path, record: Mapping[str, object], reached: Mapping[str, float]) -> None:
    text = json.dumps({**record, "reached": dict(reached)}, indent=2)
    write_text_atomically(out / "training.json", text + "\n")


def measure(
    recipe: PhotographRecipe, folder: Path, held_out: Collection, say: Callable[[str], None]
) -> dict[str, float]:
    """Return the share of held-out photographs named right among all classes, asked through the front door.

    A network trained under noise is also asked under noise, one draw per picture, which is how the paper's text reads.
    """
    ways = {"accuracy": Options()}
    if recipe.noise:
        ways["accuracy_under_noise"] = Options(input_noise="diffusion")
    reached = {"pictures": float(len(held_out))}
    for figure, options in ways.items():
        say(f"{recipe.name}: measuring {figure.replace('_', ' ')} on {len(held_out)} held-out photographs")
        classifier = load_classifier(str(folder), options)
        right, began = 0, time.monotonic()
        for start in range(0, len(held_out), _TOGETHER):
            asked = [_stimulus(held_out, i) for i in range(start, min(start + _TOGETHER, len(held_out)))]
            answers = classifier.score(asked, held_out.classes).decisions()
            right += sum(answer == stimulus.category for answer, stimulus in zip(answers, asked, strict=True))
            done = start + len(asked)
            left = (time.monotonic() - began) * (len(held_out) / done - 1) / 3600
            if done < len(held_out):
                say(f"{recipe.name}: {done} of {len(held_out)} asked, {duration(left)} left")
        reached[figure] = right / len(held_out)
    return reached


def _stimulus(collection: Collection, index: int) -> Stimulus:
    name = collection.ids[index]
    return Stimulus(
        name, name, collection.classes[collection.labels[index]], "", "", partial(_pixels, collection, index)
    )


def _pixels(collection: Collection, index: int) -> NDArray[np.uint8]:
    return np.array(collection.picture(index))


def _silent(line: str) -> None:
    """Say nothing, in all processes but the main one."""
