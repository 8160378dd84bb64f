"""What a model is told: its prompts, encoded once for all images, no two labels alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from reconstrue.classifiers.prompts import all_prompts
from reconstrue.errors import UserError

# Prompts that a text encoder reads at once: a thousand labels must not need a thousand rows of T5's memory.
_TOGETHER = 64


@dataclass(frozen=True)
class Conditioning:
    """What a network is told about k prompts: named tensors whose first dimension is the prompt.

    Attributes:
        tensors: e.g. the text encoder's states (k, tokens, width) and their mask (k, tokens).
    """

    tensors: dict[str, Tensor]

    def rows(self, index: Tensor) -> Conditioning:
        """Return the conditioning of the prompts `index` (b,), one per row of a batch."""
        return Conditioning({name: tensor[index] for name, tensor in self.tensors.items()})

    @classmethod
    def joined(cls, parts: Sequence[Conditioning]) -> Conditioning:
        """Return the conditioning of all prompts of several; shorter token sequences end in zeros, which masks leave out."""
        names = parts[0].tensors
        if len(parts) == 1:
            return parts[0]
        return cls({name: _stacked([part.tensors[name] for part in parts]) for name in names})


@final
class Teller:
    """Tells a model the prompts of labels; they are encoded once for all images of a run.

    Args:
        observer: its name, for messages.
        condition: from prompts to what the network is told.
        templates: the prompts, with ``{label}``.
    """

    def __init__(
        self, observer: str, condition: Callable[[Sequence[str]], Conditioning], templates: Sequence[str]
    ) -> None:
        self.templates = tuple(templates)
        self._observer = observer
        self._condition = condition
        self._told: tuple[tuple[str, ...], Conditioning] | None = None

    def told(self, labels: Sequence[str]) -> Conditioning:
        """Return the conditioning of every label under every template, labels outermost.

        Raises:
            UserError: two labels that the model reads alike.
        """
        prompts = all_prompts(labels, self.templates)
        if self._told is None or self._told[0] != prompts:
            told = Conditioning.joined(
                [self._condition(prompts[i : i + _TOGETHER]) for i in range(0, len(prompts), _TOGETHER)]
            )
            refuse_twins(self._observer, prompts, told.tensors, len(self.templates))
            self._told = (prompts, told)
        return self._told[1]

    def rows(self, told: Conditioning, asked: Sequence[tuple[int, int]]) -> Conditioning:
        """Return the conditioning of each (label, template), one per row of a batch."""
        device = next(iter(told.tensors.values())).device
        k = len(self.templates)
        return told.rows(torch.tensor([label * k + template for label, template in asked], device=device))


def _stacked(parts: Sequence[Tensor]) -> Tensor:
    """Return tensors one after the other, the second dimension padded to the longest."""
    if len({part.shape[1:] for part in parts}) == 1:
        return torch.cat(list(parts))
    return pad_sequence([row for part in parts for row in part], batch_first=True)


def refuse_twins(name: str, prompts: Sequence[str], told: Mapping[str, Tensor], templates: int = 1) -> None:
    """Raise UserError where two labels are told alike under one template, so that the model cannot tell them apart.

    Args:
        name: the observer's.
        prompts: as `all_prompts` orders them.
        told: tensors whose first dimension is the prompt.
        templates: per label.
    """
    seen: dict[tuple[int, bytes], str] = {}
    for i, text in enumerate(prompts):
        digest = hashlib.sha256()
        for tensor in told.values():
            digest.update(tensor[i].float().cpu().numpy().tobytes())
        row = i % templates, digest.digest()
        if row in seen:
            raise UserError(f"{name} reads '{seen[row]}' and '{text}' alike; use other labels")
        seen[row] = text
