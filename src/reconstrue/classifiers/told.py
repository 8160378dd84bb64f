"""What a text encoder must not do: read two labels alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from torch import Tensor

from reconstrue.errors import UserError


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
            raise UserError(
                f"{name} reads '{seen[row]}' and '{text}' alike (words it does not know?); use other labels"
            )
        seen[row] = text
