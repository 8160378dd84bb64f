"""The training itself: SGD with momentum on cross-entropy along a half cosine, on accelerate."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, InitProcessGroupKwargs
from torch import Tensor, nn

from reconstrue.errors import UserError
from reconstrue.train.at_scale.batches import Deal, MicroBatch, MicroBatches, Views, micro_batches
from reconstrue.train.at_scale.checkpoint import State, read_state, write_state
from reconstrue.train.at_scale.collection import Collection
from reconstrue.train.at_scale.journal import Entry, Journal
from reconstrue.train.at_scale.recipe import PhotographRecipe
from reconstrue.train.at_scale.rehearsal import rehearse
from reconstrue.train.at_scale.settings import Settings, cores
from reconstrue.train.loop import Cost

# Steps between lines of the log, and between checkpoints; both also come at the end of each epoch.
_LINE = 50
_CHECKPOINT = 500
# That processes wait for the one that unpacks: a million pictures from a network's disk take longer than torch's ten minutes.
_PATIENCE = timedelta(hours=12)


def accelerator_for(recipe: PhotographRecipe, settings: Settings) -> Accelerator:
    """Return the accelerator of this process, which accumulates as many micro-batches as the global batch asks for.

    Raises:
        UserError: a step that cannot be dealt out to the devices, or a precision that they lack.
    """
    try:
        accelerator = Accelerator(
            mixed_precision=settings.accelerate_precision(),
            kwargs_handlers=[InitProcessGroupKwargs(timeout=_PATIENCE)],
        )
    except ValueError as error:
        raise UserError(f"{' '.join(str(error).split())}; give another --precision") from error
    # accelerate computes in float32 where float16 cannot be scaled, and does not say so.
    if accelerator.mixed_precision == "fp16" and accelerator.scaler is None:
        raise UserError(f"float16 is not for a {accelerator.device.type}; give --precision bfloat16 or float32")
    accelerator.gradient_accumulation_steps = settings.accumulated(recipe.batch_size, accelerator.num_processes)
    return accelerator


def dealt(recipe: PhotographRecipe, photographs: int, accelerator: Accelerator) -> Deal:
    """Return how the photographs are dealt out to the processes; raises UserError for fewer than a step needs."""
    turns = accelerator.gradient_accumulation_steps
    deal = Deal(photographs, recipe.batch_size, accelerator.num_processes, turns, recipe.seed)
    if deal.steps == 0:
        smaller = ", or a smaller --global-batch" if turns > 1 else ""
        raise UserError(f"{photographs} photographs do not fill one step of {deal.global_batch}; give more{smaller}")
    return deal


def fit(
    recipe: PhotographRecipe,
    network: nn.Module,
    collection: Collection,
    deal: Deal,
    accelerator: Accelerator,
    *,
    workers: int,
    folder: Path,
    say: Callable[[str], None],
) -> Cost:
    """Train `network` in place, going on where a training in `folder` stopped; return the cost.

    Every step is a function of (recipe, photographs, global batch) and the state before it, so that a run that was
    stopped repeats the same losses. Another number of processes changes the order of sums in the weights, and also which
    micro-batches the running statistics of batch normalisation have seen.

    Args:
        recipe: the options.
        network: answers ``network(pixel_values=…).logits``.
        collection: what it learns from.
        deal: as `dealt` gives it.
        accelerator: of this process, as `accelerator_for` gives it.
        workers: reading processes for each device.
        folder: where ``last.pt``, ``log.csv`` and ``tensorboard/`` are kept.
        say: told the estimate, then one line of progress, with the time left, for each line of the log.

    Raises:
        UserError: a photograph that cannot be read, a checkpoint of another training, or a loss that is not a number.
    """
    total = recipe.epochs * deal.steps
    settings = {"recipe": asdict(recipe), "photographs": collection.digest(), "global_batch": deal.global_batch}
    made_by = json.dumps({**settings, "precision": accelerator.mixed_precision})
    state = read_state(folder / "last.pt", made_by)
    start, seconds, flops = (state.step, state.seconds, state.flops) if state else (0, 0.0, 0.0)
    if state:
        network.load_state_dict(state.model)
    optimizer: Any = torch.optim.SGD(
        network.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay
    )
    model, optimizer = accelerator.prepare(network, optimizer)
    if state:
        say(f"{recipe.name}: going on from step {start} of {total}")
        optimizer.load_state_dict(state.optimizer)
        if accelerator.scaler is not None and state.scaler is not None:
            accelerator.scaler.load_state_dict(state.scaler)
    views = Views(collection, recipe)
    if start < total:
        rehearsed = rehearse(model, views, deal, accelerator, loss=_loss)
        flops = rehearsed.flops * deal.processes * deal.accumulated
        each = rehearsed.seconds(workers, cores() // _on_this_machine(deal.processes))
        hours = (total - start) * deal.accumulated * each / 3600
        say(
            f"{recipe.name}: {total - start} steps of {deal.global_batch} pictures ({deal.batch_size} at once × "
            f"{deal.accumulated} accumulated × {deal.processes} processes) will take about {duration(hours)}"
        )
    accelerator.wait_for_everyone()
    journal = Journal(folder, start) if accelerator.is_main_process else None

    model.train()
    order = MicroBatches(deal, accelerator.process_index, start, total)
    batches = micro_batches(views, order, workers=workers, pinned=accelerator.device.type == "cuda")
    losses, since, began = torch.zeros((), device=accelerator.device), start, time.monotonic()
    for step in range(start, total):
        rate = recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * step / total))
        for group in optimizer.param_groups:
            group["lr"] = rate
        losses += _step(model, optimizer, batches, accelerator)
        done = step + 1
        epoch_ends = done % deal.steps == 0
        if not epoch_ends and done % _LINE:
            continue
        mean = float(accelerator.reduce(losses, "mean")) / (done - since)
        if not math.isfinite(mean):
            raise UserError(
                f"{recipe.name}: the loss is no longer a number at step {done}; try another --precision or a larger "
                "--global-batch, with another --work"
            )
        losses, since = torch.zeros_like(losses), done
        sitting = time.monotonic() - began
        entry = Entry(done, round(done / deal.steps, 4), round(mean, 6), rate, round((seconds + sitting) / 60, 3))
        left = (total - done) * sitting / (done - start) / 3600
        say(
            f"{recipe.name}: epoch {entry.epoch:.2f} of {recipe.epochs}, step {done} of {total}, loss {mean:.4f}, "
            f"{duration(left)} left"
        )
        if journal is None:
            continue
        journal.write(entry)
        if epoch_ends or done % _CHECKPOINT == 0:
            scaler = None if accelerator.scaler is None else accelerator.scaler.state_dict()
            kept = State(done, seconds + sitting, flops, network.state_dict(), optimizer.state_dict(), scaler)
            write_state(folder / "last.pt", kept, made_by)
    if journal is not None:
        journal.close()
    return Cost(
        parameters=sum(weight.numel() for weight in network.parameters()),
        pictures=total * deal.global_batch,
        hours=(seconds + time.monotonic() - began) / 3600,
        threads=torch.get_num_threads(),
        flops=flops * total,
    )


def _step(model: nn.Module, optimizer: Any, batches: Iterator[MicroBatch], accelerator: Accelerator) -> Tensor:
    """Take one step of the optimiser and return the mean loss of this process' micro-batches."""
    turns = accelerator.gradient_accumulation_steps
    total = torch.zeros((), device=accelerator.device)
    for _ in range(turns):
        # Gradients are summed over the micro-batches and exchanged with the last of them.
        with accelerator.accumulate(model):
            loss = _loss(model, next(batches), accelerator)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        total += loss.detach()
    return total / turns


def _loss(model: nn.Module, batch: MicroBatch, accelerator: Accelerator) -> Tensor:
    pictures, labels = (part.to(accelerator.device, non_blocking=True) for part in batch)
    return nn.functional.cross_entropy(model(pixel_values=pictures).logits.float(), labels)


def _on_this_machine(processes: int) -> int:
    """Return how many of the processes share its cores, as the launcher says."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", processes))


def duration(hours: float) -> str:
    """Return a time that is left, in words."""
    return f"{hours:.0f} h" if hours >= 10 else f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"
