"""Supervised classifiers: a softmax over the network's own classes, averaged over the classes of each category."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reconstrue.classifiers.base import Classifier, Scores, checked_labels
from reconstrue.classifiers.pictures import Interpolation, to_square
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.stimuli.categories import imagenet_to_category
from reconstrue.stimuli.stimulus_set import Stimulus


class Network(ABC):
    """What a supervised classifier needs of a network; `adapters/` fit public models to it.

    Attributes:
        classes: the network's own class names, in the order of its outputs.
        resolution: the side of its input, in pixels.
        crop: the input's share of the shorter edge (0.875: resize to 256, crop 224).
        interpolation: the filter of the resizing.
    """

    classes: tuple[str, ...]
    resolution: int
    crop: float = 1.0
    interpolation: Interpolation = "bicubic"

    @abstractmethod
    def logits(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        """Return float32 logits for pictures in [0, 1] at `resolution`."""


@final
class SupervisedClassifier(Classifier):
    """Answers with the label whose classes have the highest *mean* probability, the field's 1000 → 16 rule.

    A network whose own classes are the labels maps one to one; one with 1,000 outputs maps through the packaged
    ImageNet table.

    Args:
        network: the fitted network.
        name: the observer's name.
        batch_size: pictures per forward.
        identity: facts of the weights that enter the settings.
    """

    def __init__(
        self, network: Network, *, name: str, batch_size: int = 64, identity: dict[str, object] | None = None
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.network = network
        self.name = name
        self.model_type = "discriminative"
        self.resolution = network.resolution
        self.batch_size = batch_size
        self._identity = dict(identity or {})

    def settings(self) -> dict[str, object]:
        return {**self._identity, "kind": "supervised", "mapping": "mean probability over a category's classes"}

    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = checked_labels(labels)
        members, net = self._members(names), self.network
        parts = []
        for start in range(0, len(stimuli), self.batch_size):
            pictures = torch.stack(
                [
                    to_square(s.read(), self.resolution, net.interpolation, net.crop)
                    for s in stimuli[start : start + self.batch_size]
                ]
            )
            parts.append(self.network.logits(pictures).double().softmax(dim=1).numpy())
        probability = np.concatenate(parts)
        mean = np.stack([probability[:, index].mean(axis=1) for index in members], axis=1)
        mean = np.clip(mean, 1e-300, None)
        return Scores(
            labels=names,
            log_evidence=np.log(mean),
            posterior=mean / mean.sum(axis=1, keepdims=True),
            evaluations=np.ones(len(stimuli), dtype=np.int64),
        )

    def _members(self, labels: tuple[str, ...]) -> list[list[int]]:
        """Return for each label the outputs that belong to it."""
        own = {name: [i] for i, name in enumerate(self.network.classes)}
        if len(self.network.classes) == 1000:
            for i, category in enumerate(imagenet_to_category()):
                if category is not None:
                    own.setdefault(category, []).append(i)
        for label in labels:
            if label not in own:
                raise UserError(f"{self.name} was not trained on '{label}'{did_you_mean(label, own)}")
        return [own[label] for label in labels]
