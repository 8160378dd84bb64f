"""What a user may ask of a training on photographs, beside the recipe."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean

# By the name that this package has for them, and accelerate's.
PRECISIONS = {"float32": "no", "float16": "fp16", "bfloat16": "bf16"}
# The batch with which a rate of 0.1 is customary (He et al. 2016, arXiv 1512.03385, §3.4).
_GLOBAL_BATCH = 256
_WORKERS = 4
# The network divides the side by 32.
_LEAST_SIDE = 32


@dataclass(frozen=True)
class Settings:
    """What was asked; None where it was not. What is learned depends on all of them but `workers`.

    Attributes:
        data: the photographs, as `open_data` takes them.
        global_batch: pictures per step of the optimiser, over all devices and accumulated micro-batches; else 256.
        precision: float32, float16 or bfloat16 arithmetic of the network; else what ``accelerate launch`` was told.
        workers: processes that read pictures, for each device; else 4 (or the number of its cores), and 0 reads them in between.
        epochs: in place of the recipe's.
        side: of the network's input in pixels, in place of the recipe's.
        limit: so many of the training photographs at most, and of the held-out ones, drawn by the recipe's seed; else all.
    """

    data: Path | None = None
    global_batch: int | None = None
    precision: str | None = None
    workers: int | None = None
    epochs: int | None = None
    side: int | None = None
    limit: int | None = None

    def check(self, recipe: str) -> Path:
        """Return the photographs; raises UserError where there are none, or for a setting that does not exist."""
        if self.data is None:
            raise UserError(f"{recipe} learns from photographs; give their folder with --data")
        if self.precision is not None and self.precision not in PRECISIONS:
            raise UserError(f"unknown precision '{self.precision}'{did_you_mean(self.precision, PRECISIONS)}")
        least = {"global_batch": 1, "workers": 0, "epochs": 1, "side": _LEAST_SIDE, "limit": 2}
        for name, lowest in least.items():
            value = getattr(self, name)
            if value is not None and value < lowest:
                raise UserError(f"{_flag(name)} must be at least {lowest}, got {value}")
        return self.data

    def refuse(self, recipe: str) -> None:
        """Raise UserError where anything but the photographs was asked of a recipe that is not of this room."""
        for field in fields(self):
            if field.name != "data" and getattr(self, field.name) is not None:
                raise UserError(f"{_flag(field.name)} is for resnet50 and its twin; {recipe} has its own: leave it out")

    def accelerate_precision(self) -> str | None:
        """Return the precision as accelerate calls it, None for what it was told by its launcher."""
        return None if self.precision is None else PRECISIONS[self.precision]

    def readers(self) -> int:
        """Return the number of reading processes for each device."""
        return min(_WORKERS, cores()) if self.workers is None else self.workers

    def accumulated(self, batch_size: int, processes: int) -> int:
        """Return how many micro-batches each process takes per step; raises UserError where that is not whole."""
        together = batch_size * processes
        wanted = _GLOBAL_BATCH if self.global_batch is None else self.global_batch
        if wanted % together:
            raise UserError(
                f"a step of {wanted} pictures cannot be dealt out to {processes} devices of {batch_size}; give a multiple of "
                f"{together} with --global-batch"
            )
        return wanted // together


def cores() -> int:
    """Return how many cores this process may use, which a scheduler may have made fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
