"""The pictures that models were trained and measured on stay as they are, but for how a processor rounds.

NumPy computes sines and exponentials by other instructions on other processors, and a value that lies between two levels may
fall to either side: with AVX-512 three of four million values are a level off.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from reconstrue.stimuli.folders import read_picture
from reconstrue.stimuli.world.sets import world_picture, world_set

# The first 16 pictures (seed 3) beside each other, and one of 32 px above black; their names by hash.
BEFORE = Path(__file__).with_name("world_before")
NAMES = {
    "original": "e6665ce3ef347947fd56153518c55f38160818699d8b7fb8fb66d956dc93f4f6",
    "cue-conflict": "14c2327d8e31c25699533bac42b5622239af3cb160bb6b023911559289bc2ccb",
    "silhouette": "e6665ce3ef347947fd56153518c55f38160818699d8b7fb8fb66d956dc93f4f6",
    "edge": "e6665ce3ef347947fd56153518c55f38160818699d8b7fb8fb66d956dc93f4f6",
}


@pytest.mark.parametrize("dataset", NAMES)
def test_the_pictures_that_shipped_models_know_are_unchanged(dataset: str) -> None:
    shown = world_set(dataset, 16, 3).stimuli
    assert sha256("\n".join(stimulus.image_id for stimulus in shown).encode()).hexdigest() == NAMES[dataset]
    small = world_picture(dataset, "dog", "clock", 3, 2, side=32)
    now = np.concatenate([*(stimulus.read() for stimulus in shown), np.pad(small, ((0, 32), (0, 0), (0, 0)))], axis=1)
    before = read_picture(BEFORE / f"{dataset}.png")
    assert now.shape == before.shape
    off = np.abs(now.astype(int) - before.astype(int))
    assert off.max() <= 1
    assert (off > 0).mean() < 1e-4
