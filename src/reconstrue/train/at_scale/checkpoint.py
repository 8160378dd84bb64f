"""The state between two steps: whole or absent, and only of the training that asks for it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from reconstrue.errors import UserError


@dataclass(frozen=True)
class State:
    """What a training goes on from; its randomness is a function of names, so that none is kept.

    Attributes:
        step: steps of the optimiser that were taken.
        seconds: of wall time that they took.
        flops: of one step, over all processes.
        model: the network's weights and running statistics.
        optimizer: with the momentum.
        scaler: of float16's gradients; None for other precisions.
    """

    step: int
    seconds: float
    flops: float
    model: dict[str, Any]
    optimizer: dict[str, Any]
    scaler: dict[str, Any] | None


def write_state(path: Path, state: State, made_by: str) -> None:
    """Write a state and what training it is of, JSON that is compared when it is read."""
    partial = path.with_suffix(".partial")
    torch.save({**vars(state), "made_by": made_by}, partial)
    os.replace(partial, path)


def read_state(path: Path, made_by: str) -> State | None:
    """Return the state, None where there is none yet.

    Raises:
        UserError: it is of another recipe, other photographs or other settings, or damaged.
    """
    if not path.is_file():
        return None
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        theirs, state = kept.pop("made_by"), State(**kept)
    except Exception as error:
        # A damaged file makes torch raise anything.
        raise UserError(
            f"{path}: no checkpoint of this training, or damaged; remove it or give another --work"
        ) from error
    if theirs != made_by:
        raise UserError(f"{path}: made with {_other(theirs, made_by)}; remove it or give another --work")
    return state


def _other(theirs: str, ours: str) -> str:
    """Say in what two trainings differ."""
    before, now = json.loads(theirs), json.loads(ours)
    names = [name.replace("_", " ") for name in now if before.get(name) != now[name]]
    return " and ".join(f"other {name}" if name.endswith("s") else f"another {name}" for name in names)
