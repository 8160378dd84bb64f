"""The training loop that all recipes share: AdamW, warm-up and cosine, weight averaging, checkpoints, a log."""

from __future__ import annotations

import csv
import json
import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.flop_counter import FlopCounterMode

from reconstrue.classifiers.cards import load_cards
from reconstrue.errors import UserError
from reconstrue.train.recipe import Recipe
from reconstrue.trials.sidecar import write_text_atomically

Loss = Callable[[nn.Module, int], Tensor]


@dataclass(frozen=True)
class Cost:
    """What a training took.

    Attributes:
        parameters: that were trained.
        pictures: shown in all, counting repeats.
        hours: of wall time.
        threads: that it ran on.
        flops: of all forward and backward passes, as torch counts matrix products and convolutions.
        autoencoder: what the autoencoder took that was trained before and is shipped with the model; None without one.
    """

    parameters: int
    pictures: int
    hours: float
    threads: int
    flops: float
    autoencoder: Cost | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values, rounded to what they are worth."""
        spent = {**asdict(self), "hours": round(self.hours, 3), "flops": float(f"{self.flops:.3g}")}
        return {**spent, "autoencoder": None if self.autoencoder is None else self.autoencoder.to_json()}


def fit(
    recipe: Recipe,
    model: nn.Module,
    loss: Loss,
    *,
    folder: Path,
    say: Callable[[str], None],
    every: int = 100,
) -> tuple[nn.Module, Cost]:
    """Train `model` by the recipe and return its weight-averaged twin and the cost, resuming where it stopped.

    Args:
        recipe: the options.
        model: trained in place.
        loss: the loss of one step; a function of (model, step) alone, so that a resumed run repeats the same curve.
        folder: where ``last.pt`` (the checkpoint) and ``log.csv`` are kept; written whole or not at all.
        say: told one line of progress, with the time left, every `every` steps.
        every: steps between log lines, each with a checkpoint.
    """
    folder.mkdir(parents=True, exist_ok=True)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99), weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, recipe))
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True)
    start, seconds, flops = 0, 0.0, 0.0
    checkpoint = folder / "last.pt"
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        if comparable(json.loads(state["recipe"])) != comparable(asdict(recipe)):
            raise UserError(f"{checkpoint}: made by another version of this recipe; remove it or give another --work")
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        start, seconds = int(state["step"]), float(state["seconds"])
        flops = float(state["flops"])
        _cut(folder / "log.csv", start)
        say(f"{recipe.name}: going on from step {start}")
    else:
        # Of a training that was stopped before its first checkpoint.
        (folder / "log.csv").unlink(missing_ok=True)
    model.train()
    running, began = 0.0, time.monotonic()
    counter = FlopCounterMode(display=False)
    for step in range(start, recipe.steps):
        optimizer.zero_grad(set_to_none=True)
        with counter if step == 0 else nullcontext():
            value = loss(model, step)
            value.backward()
        if step == 0:
            flops = float(counter.get_total_flops())
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(model)
        running += float(value.detach())
        done = step + 1
        if done % every == 0 or done == recipe.steps:
            spent = seconds + time.monotonic() - began
            span = every if done % every == 0 else done % every
            left = (recipe.steps - done) * spent / done
            _append(
                folder / "log.csv", {"step": done, "loss": round(running / span, 6), "minutes": round(spent / 60, 2)}
            )
            say(f"{recipe.name}: step {done} of {recipe.steps}, loss {running / span:.4f}, {left / 60:.0f} min left")
            running = 0.0
            _write(
                checkpoint,
                {
                    "model": model.state_dict(),
                    "average": average.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                    "recipe": json.dumps(asdict(recipe)),
                    "step": done,
                    "seconds": spent,
                    "flops": flops,
                },
            )
    hours = (seconds + time.monotonic() - began) / 3600
    parameters = sum(weight.numel() for weight in model.parameters())
    pictures = recipe.steps * recipe.batch_size
    cost = Cost(parameters, pictures, hours, torch.get_num_threads(), flops * recipe.steps)
    return average.module.eval(), cost


def comparable(stated: Mapping[str, object]) -> dict[str, object]:
    """Return what of a recipe decides the model, as JSON has it; an option that came later had its default before."""
    later = {field.name: field.default for field in fields(Recipe) if field.default is not MISSING}
    return {name: value for name, value in json.loads(json.dumps({**later, **stated})).items() if name != "about"}


def _rate(step: int, recipe: Recipe) -> float:
    if step < recipe.warmup:
        return (step + 1) / recipe.warmup
    return 0.5 * (1 + math.cos(math.pi * (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)))


def _cut(path: Path, step: int) -> None:
    """Take off the lines of the log after `step`: those steps are taken again."""
    if path.is_file():
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if int(line.split(",", 1)[0]) <= step]
        partial = path.with_suffix(".partial")
        partial.write_text("".join([header, *kept]), encoding="utf-8", newline="\r\n")
        os.replace(partial, path)


def _append(path: Path, row: dict[str, float]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)


def _write(path: Path, state: dict[str, object]) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def refuse_foreign(out: Path, recipe: str) -> None:
    """Raise UserError where the folder for a model is a file, holds what is no earlier training by the recipe, or is named as a card."""
    if str(out) in load_cards():
        raise UserError(
            f"{out}: `--model {out}` is a model that reconstrue knows by this name, and not that folder; give another --out"
        )
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file; --out names a folder")
    if not out.exists() or not any(out.iterdir()):
        return
    record = out / "training.json"
    if not record.exists():
        raise UserError(f"{out}: not empty and not an earlier training; give another --out")
    by = _recipe_of(record)
    if by not in ("", recipe):
        raise UserError(f"{out}: holds a training of {by}, not of {recipe}; give another --out")


def _recipe_of(record: Path) -> str:
    """Return the name of the recipe that a ``training.json`` states; '' for a training that was stopped while it saved."""
    try:
        return str(json.loads(record.read_text(encoding="utf-8"))["recipe"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def write_record(folder: Path, recipe: Recipe, cost: Cost, reached: Mapping[str, float]) -> None:
    """Write ``training.json`` beside the weights: the recipe, its cost, and what was measured on held-out pictures."""
    record = {"recipe": asdict(recipe), "cost": cost.to_json(), "torch": torch.__version__, "reached": dict(reached)}
    write_text_atomically(folder / "training.json", json.dumps(record, indent=2) + "\n")
