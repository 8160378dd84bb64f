r"""The autoregressive classifier: exact log-likelihood of image tokens, one forward per label.

.. math:: \tilde y = \arg\max_k \log p_θ(x | y_k) = \arg\max_k \sum_i \log p_θ(z_i | z_{<i}, y_k)

Eq. 1 of "Intriguing properties of generative classifiers" (Jaini et al. 2024) with a uniform prior over the labels; z
are the codes of an image tokenizer, as in Parti (Yu et al. 2022, arXiv 2206.10789). Several prompts of one label: the
mean log-likelihood, not the mean likelihood; arXiv 2603.19122 found the same to be better for orders of the tokens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.cards import MODEL_TYPES
from reconstrue.classifiers.pictures import Interpolation, to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE
from reconstrue.classifiers.told import Conditioning, Teller
from reconstrue.classifiers.vocabulary import vocabulary_of
from reconstrue.errors import NotANumberError
from reconstrue.stimuli.stimulus_set import Stimulus

# Positions whose logits are in memory at once: 8,100 tokens of 32,768 codes would be a gigabyte for each row.
_POSITIONS = 512


class TokenModel(ABC):
    """A text-conditional model that gives the probability of a picture's tokens, one after the other.

    Attributes:
        resolution: the side of the picture that it is given, in pixels.
        interpolation: the filter that brings a picture to it.
        tokens: the number of tokens of a picture, always the same.
        tokenizer: of transformers, what splits prompts; None where there is no such.
        device: where it runs.
    """

    resolution: int
    interpolation: Interpolation = "bicubic"
    tokens: int
    tokenizer: Any = None
    device: torch.device

    @abstractmethod
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        """Return the codes, from 0, of pictures in [0, 1] at `resolution`, in the order of generation."""

    @abstractmethod
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        """Return what the model is told for each prompt; the text encoder, if there is one, runs once per prompt."""

    @abstractmethod
    def log_likelihood(self, tokens: Int[Tensor, "b n"], conditioning: Conditioning) -> Float64[Tensor, "b"]:
        """Return log p(tokens | prompt) in nats, row by row, on the CPU.

        At every position the softmax, float32, runs over the image codes alone: text has no share in it, and since a
        picture has exactly `tokens` of them, nor has an end token.
        """


def log_probability(
    states: Float[Tensor, "b n width"], tokens: Int[Tensor, "b n"], head: Callable[[Tensor], Tensor]
) -> Float64[Tensor, "b"]:
    """Return Σ_i log softmax(head(states_i))[tokens_i], on the CPU; state i must not have seen token i.

    Args:
        states: what the network knows before each token.
        tokens: codes from 0.
        head: from states to the logits of the codes, (b, positions, codes).
    """
    parts = [
        head(seen).float().log_softmax(dim=-1).gather(-1, told[..., None].long())[..., 0].cpu().double()
        for seen, told in zip(*(torch.split(whole, _POSITIONS, dim=1) for whole in (states, tokens)), strict=True)
    ]
    return torch.cat(parts, dim=1).sum(dim=1)


@final
class AutoregressiveClassifier(Classifier):
    """Classifies by which prompt makes the image's tokens most probable; its posterior is the model's own, exactly.

    Args:
        model: the tokenizer and the network that predicts its codes.
        name: the observer's name.
        templates: the prompts, with ``{label}``; the log-likelihoods under several are averaged.
        batch_size: rows (image × label × prompt) per forward.
        identity: facts of the weights that enter the settings (card, hash, dtype).
    """

    def __init__(
        self,
        model: TokenModel,
        *,
        name: str,
        templates: Sequence[str] = (DEFAULT_TEMPLATE,),
        batch_size: int = 64,
        identity: dict[str, object] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.model = model
        self.name = name
        self.model_type = MODEL_TYPES["autoregressive"]
        self.resolution = model.resolution
        self.templates = tuple(templates)
        self.vocabulary = vocabulary_of(model.tokenizer)
        self._teller = Teller(name, model.condition, templates)
        self.batch_size = batch_size
        self._identity = dict(identity or {})

    def settings(self) -> dict[str, object]:
        return {
            **self._identity,
            "kind": "autoregressive",
            "prompts": list(self.templates),
            "tokens": self.model.tokens,
            "interpolation": self.model.interpolation,
        }

    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = self.checked(labels)
        told, device = self._teller.told(names), self.model.device
        prompts = len(names) * len(self.templates)
        # One by one: in another batch another rounding could make another code the nearest.
        tokens = torch.cat(
            [
                self.model.encode(to_square(s.read(), self.resolution, self.model.interpolation)[None].to(device))
                for s in stimuli
            ]
        )
        parts = []
        for rows in torch.split(torch.arange(len(stimuli) * prompts, device=device), self.batch_size):
            image, prompt = rows // prompts, rows % prompts
            parts.append(self.model.log_likelihood(tokens[image], told.rows(prompt)))
        answers = torch.cat(parts).numpy()
        if not np.isfinite(answers).all():
            raise NotANumberError(f"{self.name}: its log-likelihood is not a number; try --dtype float32 or bfloat16")
        evidence = answers.reshape(len(stimuli), len(names), len(self.templates)).mean(axis=2)
        likelihood = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        return Scores(
            labels=names,
            log_evidence=evidence,
            posterior=likelihood / likelihood.sum(axis=1, keepdims=True),
            evaluations=np.full(len(stimuli), prompts, dtype=np.int64),
        )
