"""Contrastive classifiers: the label whose text embedding is most similar to the image's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.cards import MODEL_TYPES
from reconstrue.classifiers.pictures import Interpolation, to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE, all_prompts
from reconstrue.classifiers.told import refuse_twins
from reconstrue.classifiers.vocabulary import vocabulary_of
from reconstrue.errors import NotANumberError
from reconstrue.stimuli.stimulus_set import Stimulus


class Embedder(ABC):
    """What a contrastive classifier needs of its two encoders; `adapters/` fit public models to it.

    Attributes:
        resolution: the side of the image encoder's input, in pixels.
        crop: the input's share of the shorter edge.
        interpolation: the filter of the resizing.
        scale: what a cosine is multiplied with: exp of the trained log-scale, the inverse temperature.
        tokenizer: of transformers, what splits prompts; None where there is no such.
    """

    resolution: int
    crop: float = 1.0
    interpolation: Interpolation = "bicubic"
    scale: float
    tokenizer: Any = None

    @abstractmethod
    def read(self, prompts: Sequence[str]) -> Mapping[str, Tensor]:
        """Return what the text encoder is told: token ids and the like, each (k, …), padded to one length."""

    @abstractmethod
    def embed_texts(self, read: Mapping[str, Tensor]) -> Float[Tensor, "k d"]:
        """Return the float32 embeddings of what `read` gave, on the CPU; not yet of length 1."""

    @abstractmethod
    def embed_pictures(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b d"]:
        """Return the float32 embeddings of pictures in [0, 1] at `resolution`, on the CPU; not yet of length 1."""


@final
class ContrastiveClassifier(Classifier):
    """Answers with the softmax over labels of scale · cos(image, label).

    A label's embedding is the mean over templates of its prompts' embeddings, each brought to length 1 before and the
    mean after: ensembling in embedding space (Radford et al. 2021, arXiv 2103.00020, §3.1.4).

    Args:
        embedder: the fitted encoders.
        name: the observer's name.
        templates: prompt templates with ``{label}``.
        batch_size: pictures or prompts per forward.
        identity: facts of the weights that enter the settings.
    """

    def __init__(
        self,
        embedder: Embedder,
        *,
        name: str,
        templates: Sequence[str] = (DEFAULT_TEMPLATE,),
        batch_size: int = 64,
        identity: dict[str, object] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.embedder = embedder
        self.name = name
        self.model_type = MODEL_TYPES["contrastive"]
        self.resolution = embedder.resolution
        self.templates = tuple(templates)
        self.batch_size = batch_size
        self._identity = dict(identity or {})
        self._told: tuple[tuple[str, ...], Tensor] | None = None
        self.vocabulary = vocabulary_of(embedder.tokenizer)

    def settings(self) -> dict[str, object]:
        return {
            **self._identity,
            "kind": "contrastive",
            "prompts": list(self.templates),
            "ensemble": "mean of normalised text embeddings",
            "input": [self.resolution, self.embedder.crop, self.embedder.interpolation],
        }

    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        """Return log-probabilities of the labels, at one evaluation per image.

        The prompts are embedded once for a set of labels, not once for an image, and are not counted.
        """
        names = self.checked(labels)
        texts = self._label_embeddings(names)
        parts = []
        for start in range(0, len(stimuli), self.batch_size):
            pictures = torch.stack(
                [
                    to_square(s.read(), self.resolution, self.embedder.interpolation, self.embedder.crop)
                    for s in stimuli[start : start + self.batch_size]
                ]
            )
            parts.append(self.embedder.scale * self._unit(self.embedder.embed_pictures(pictures)) @ texts.T)
        log_probability = torch.cat(parts).double().log_softmax(dim=1)
        return Scores(
            labels=names,
            log_evidence=log_probability.numpy(),
            posterior=log_probability.exp().numpy(),
            evaluations=np.ones(len(stimuli), dtype=np.int64),
        )

    def _label_embeddings(self, labels: tuple[str, ...]) -> Float[Tensor, "k d"]:
        """Return the labels' embeddings of length 1, computed once for a set of labels."""
        if self._told is None or self._told[0] != labels:
            prompts = all_prompts(labels, self.templates)
            read = self.embedder.read(prompts)
            refuse_twins(self.name, prompts, read, len(self.templates))
            rows = []
            for start in range(0, len(prompts), self.batch_size):
                part = {key: tensor[start : start + self.batch_size] for key, tensor in read.items()}
                rows.append(self._unit(self.embedder.embed_texts(part)))
            mean = torch.cat(rows).reshape(len(labels), len(self.templates), -1).mean(dim=1)
            self._told = labels, self._unit(mean)
        return self._told[1]

    def _unit(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Return the rows at length 1; raises UserError where that is not a number."""
        unit = embeddings / embeddings.norm(dim=1, keepdim=True)
        if not unit.isfinite().all():
            raise NotANumberError(f"{self.name}: its embedding is not a number; try --dtype float32 or bfloat16")
        return unit
