"""What a diffusion classifier holds beside the network's own memory, as the docs state it: counted tensor by tensor."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy
from reconstrue.classifiers.generative.schedule import WEIGHTINGS, FlowSchedule
from reconstrue.classifiers.told import Conditioning
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.stimulus_set import Stimulus

SIDE, CHANNELS = 32, 4
# Bytes of one x, and of one picture, in float32.
ONE, PICTURE = 4 * CHANNELS * SIDE**2, 4 * 3 * SIDE**2
IMAGES, BATCH = 16, 8


class Weighed(Denoiser):
    """Notes now and then how many bytes all living tensors hold."""

    def __init__(self) -> None:
        self.schedule, self.prediction, self.x_limit = FlowSchedule(), "flow", None
        self.resolution, self.shape, self.device = SIDE, (CHANNELS, SIDE, SIDE), torch.device("cpu")
        self.most, self.rows, self.calls = 0, 0, 0
        self.before = alive()

    def encode(self, pictures: Tensor) -> Tensor:
        return torch.cat([pictures, pictures[:, :1]], dim=1)

    def decode(self, x: Tensor) -> Tensor:
        return x[:, :3]

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        return Conditioning({"number": torch.arange(len(prompts))})

    def predict(self, x_t: Tensor, timesteps: np.ndarray, conditioning: Conditioning) -> Tensor:
        # Looking takes long; every seventh call falls on early and late batches of a round alike.
        if self.calls % 7 == 0:
            self.most = max(self.most, alive() - self.before)
        self.calls += 1
        self.rows = max(self.rows, len(x_t))
        return x_t * (1 + conditioning.tensors["number"].reshape(-1, 1, 1, 1) / 100)


def alive() -> int:
    """Bytes of the storages behind all tensors."""
    found = {
        t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in gc.get_objects() if type(t) is Tensor
    }
    return sum(found.values())


def pixels() -> np.ndarray:
    return np.full((SIDE, SIDE, 3), 90, dtype=np.uint8)


@pytest.mark.parametrize("policy", [FixedGrid(3), FixedGrid(12), PairedTTest(4, 12, 0.01)])
@pytest.mark.parametrize("labels", [2, 6])
def test_memory_grows_neither_with_draws_nor_with_labels(policy: Policy, labels: int) -> None:
    denoiser = Weighed()
    classifier = DiffusionClassifier(
        denoiser, name="weighed", policy=policy, weighting=WEIGHTINGS.get("paper"), batch_size=BATCH
    )
    shown = [Stimulus(f"{i}", f"{i}", "", NO_CONDITION, "", pixels) for i in range(IMAGES)]
    classifier.score(shown, [f"label {i}" for i in range(labels)])
    assert denoiser.rows == BATCH
    # Pictures and x of the unit; x_t and what a perfect network would say, four draws ahead; two batches at the network.
    stated = IMAGES * (PICTURE + ONE) + 2 * 4 * IMAGES * ONE + 2 * BATCH * ONE
    assert 0.4 * stated < denoiser.most < 1.1 * stated
