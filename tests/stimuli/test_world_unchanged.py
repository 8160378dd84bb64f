"""The pictures that models were trained and measured on stay as they are, bit for bit."""

from __future__ import annotations

from hashlib import sha256

import pytest

from reconstrue.stimuli.world.sets import world_picture, world_set

# Of names and pixels of the first 16 pictures (seed 3), and of one at 32 px.
BEFORE = {
    "original": "870e8ed2f91ff5941cec82cfdd5d63806ef1870e61a05f979386bd30dc181a61",
    "cue-conflict": "6fc1f398130f95bd5e5f6e7648c0e24c479e49fb8ce7e6122e539d0003615a19",
    "silhouette": "2cce4403a1850b3876ba864bb2a1e2bcb068c6b6ea983c40de33c31a928f5ee5",
    "edge": "c7874083a3923cda9a0bbf69b05560c9153c0e0d9adfa6f8a44e8b9e6a04dd28",
}


@pytest.mark.parametrize("dataset", BEFORE)
def test_the_pictures_that_shipped_models_know_are_unchanged(dataset: str) -> None:
    digest = sha256()
    for stimulus in world_set(dataset, 16, 3):
        digest.update(stimulus.image_id.encode())
        digest.update(stimulus.read().tobytes())
    digest.update(world_picture(dataset, "dog", "clock", 3, 2, side=32).tobytes())
    assert digest.hexdigest() == BEFORE[dataset]
