"""Supervised classifiers: a softmax over the network's own classes, averaged over the classes of each category."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.cards import MODEL_TYPES
from reconstrue.classifiers.discriminative.label_map import LabelMap, packaged_map
from reconstrue.classifiers.pictures import Interpolation, to_square
from reconstrue.errors import NotANumberError
from reconstrue.seeding import stream
from reconstrue.stimuli.stimulus_set import Stimulus


class Network(ABC):
    """What a supervised classifier needs of a network; `adapters/` fit public models to it.

    Attributes:
        classes: the network's own class names, in the order of its outputs; WordNet ids where it is an ImageNet one.
        resolution: the side of its input, in pixels.
        crop: the input's share of the shorter edge (0.875: resize to 256, crop 224).
        interpolation: the filter of the resizing.
        mean: of each colour channel in [0, 1], taken away from it.
        deviation: of each colour channel, divided by.
    """

    classes: tuple[str, ...]
    resolution: int
    crop: float = 1.0
    interpolation: Interpolation = "bicubic"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    deviation: tuple[float, ...] = (1.0, 1.0, 1.0)

    def normalise(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Return pictures in [0, 1] as the network was trained to see them: mean taken away, divided by deviation."""
        mean, deviation = (
            torch.tensor(v, dtype=torch.float32).reshape(1, 3, 1, 1) for v in (self.mean, self.deviation)
        )
        return (pictures - mean) / deviation

    @abstractmethod
    def logits(self, normalised: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        """Return float32 logits, on the CPU, for normalised pictures at `resolution`."""


@final
class SupervisedClassifier(Classifier):
    """Answers with the label whose classes have the highest *mean* probability, the field's 1000 → 16 rule.

    Args:
        network: the fitted network.
        name: the observer's name.
        label_map: which outputs belong to which label; None for the packaged map of the network's class names.
        diffusion_noise: whether pictures are shown under diffusion noise (the paper's Appendix E).
        seed: of that noise.
        batch_size: pictures per forward.
        identity: facts of the weights that enter the settings.
    """

    def __init__(
        self,
        network: Network,
        *,
        name: str,
        label_map: LabelMap | None = None,
        diffusion_noise: bool = False,
        seed: int = 0,
        batch_size: int = 64,
        identity: dict[str, object] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.network = network
        self.name = name
        self.model_type = MODEL_TYPES["supervised"]
        self.resolution = network.resolution
        self.batch_size = batch_size
        self.label_map = packaged_map(network.classes) if label_map is None else label_map
        self.diffusion_noise = diffusion_noise
        self.seed = seed
        self._identity = dict(identity or {})

    def settings(self) -> dict[str, object]:
        net = self.network
        own: dict[str, object] = {}
        if self.label_map.digest is not None:
            own["classes"] = self.label_map.digest
        if self.diffusion_noise:
            own |= {"input_noise": "diffusion", "seed": self.seed}
        return {
            **self._identity,
            "kind": "supervised",
            "mapping": "mean probability over a category's classes",
            # Some libraries keep these in tables of their own, which change from version to version.
            "input": [
                net.resolution,
                net.crop,
                net.interpolation,
                *(round(float(v), 6) for v in (*net.mean, *net.deviation)),
            ],
            **own,
        }

    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = self.checked(labels)
        members = self.label_map.outputs(names, self.name)
        parts = []
        for start in range(0, len(stimuli), self.batch_size):
            logits = self.network.logits(self._inputs(stimuli[start : start + self.batch_size]))
            if not logits.isfinite().all():
                raise NotANumberError(f"{self.name}: its answer is not a number; try --dtype float32 or bfloat16")
            parts.append(logits.double().softmax(dim=1).numpy())
        probability = np.concatenate(parts)
        mean = np.stack([probability[:, index].mean(axis=1) for index in members], axis=1)
        mean = np.clip(mean, 1e-300, None)
        return Scores(
            labels=names,
            log_evidence=np.log(mean),
            posterior=mean / mean.sum(axis=1, keepdims=True),
            evaluations=np.ones(len(stimuli), dtype=np.int64),
        )

    def _inputs(self, stimuli: Sequence[Stimulus]) -> Float[Tensor, "b 3 h w"]:
        """Return what the network is shown: normalised, and under noise where that is asked for."""
        net = self.network
        pictures = net.normalise(
            torch.stack([to_square(s.read(), self.resolution, net.interpolation, net.crop) for s in stimuli])
        )
        if self.diffusion_noise:
            pictures = torch.stack([noised(x, self.seed, s.image_id) for x, s in zip(pictures, stimuli, strict=True)])
        return pictures


def noised(x: Float[Tensor, "3 h w"], seed: int, image_id: str) -> Float[Tensor, "3 h w"]:
    """Return α·x + √(1 − α²)·ε with α = √u, u ~ U[0, 1], ε ~ N(0, 1): Listing 1 of the paper, ``sqrt_alphas`` on.

    u and ε are functions of (seed, image id), so that a picture is always seen under the same noise.
    """
    draws = stream(seed, image_id, "input noise")
    u = float(draws.random())
    eps = torch.from_numpy(draws.standard_normal(tuple(x.shape), dtype=np.float32))
    return math.sqrt(u) * x + math.sqrt(1 - u) * eps
