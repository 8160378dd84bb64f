"""What is written down while a training runs: ``log.csv``, and the same curves for TensorBoard."""

from __future__ import annotations

import csv
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

from torch.utils.tensorboard import SummaryWriter


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        step: of the optimiser, from 1.
        epoch: epochs done, with their fraction.
        loss: mean cross-entropy in nats since the last line, over all devices.
        rate: the learning rate of this step.
        minutes: of wall time, over all sittings.
    """

    step: int
    epoch: float
    loss: float
    rate: float
    minutes: float


@final
class Journal:
    """Writes entries; those after `start` are taken off when it is opened, as their steps are taken again.

    Args:
        folder: where ``log.csv`` and ``tensorboard/`` lie.
        start: the step from which the training goes on.
    """

    def __init__(self, folder: Path, start: int) -> None:
        self._path = folder / "log.csv"
        kept: list[dict[str, str]] = []
        if self._path.is_file():
            with self._path.open(newline="", encoding="utf-8") as file:
                kept = [row for row in csv.DictReader(file) if int(row["step"]) <= start]
        partial = self._path.with_suffix(".partial")
        with partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(Entry.__dataclass_fields__))
            writer.writeheader()
            writer.writerows(kept)
        os.replace(partial, self._path)
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=start + 1)

    def write(self, entry: Entry) -> None:
        """Add a line."""
        values = asdict(entry)
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, list(values)).writerow(values)
        for name in ("loss", "rate", "epoch"):
            self._board.add_scalar(name, values[name], entry.step)

    def close(self) -> None:
        """Write out what is still held back."""
        self._board.close()
