"""Randomness that belongs to a trial: every draw is a function of names, never of a worker, a batch or an order."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.random import Generator


def stream(seed: int, *names: str | int) -> Generator:
    """Return the generator that belongs to (seed, names), e.g. ``stream(seed, image_id, draw)``.

    The names are hashed (SHA-256) into the 128-bit key of numpy's counter-based Philox, so equal names give the same
    numbers on every machine and different names give independent streams. Order and type of the names matter.
    """
    import numpy as np

    text = "\x1f".join([f"i{seed}", *(f"{type(n).__name__[0]}{n}" for n in names)])
    key = np.frombuffer(sha256(text.encode()).digest()[:16], dtype="<u8")
    return np.random.Generator(np.random.Philox(key=key))
