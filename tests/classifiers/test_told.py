"""What a model is told of its prompts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from reconstrue.classifiers.told import Conditioning, Teller
from reconstrue.errors import UserError


def encoder(calls: list[int]) -> object:
    """Return a text encoder that pads to the longest prompt of a call: one number per letter, and a mask."""

    def condition(prompts: Sequence[str]) -> Conditioning:
        calls.append(len(prompts))
        longest = max(map(len, prompts))
        states = torch.zeros(len(prompts), longest, 1)
        mask = torch.zeros(len(prompts), longest, dtype=torch.long)
        for i, text in enumerate(prompts):
            states[i, : len(text), 0] = torch.tensor([float(ord(c)) for c in text])
            mask[i, : len(text)] = 1
        return Conditioning({"states": states, "mask": mask})

    return condition


def test_a_thousand_labels_are_never_encoded_at_once_and_are_told_as_each_alone() -> None:
    labels = [f"label {n}" for n in range(1000)]
    calls: list[int] = []
    teller = Teller("observer", encoder(calls), ("a {label}", "{label}"))
    told = teller.told(labels)
    assert sum(calls) == 2000
    assert max(calls) <= 64
    asked = [(0, 0), (7, 1), (999, 0)]
    rows = teller.rows(told, asked)
    for row, (label, template) in enumerate(asked):
        text = ("a {label}", "{label}")[template].replace("{label}", labels[label])
        kept = rows.tensors["mask"][row] == 1
        assert "".join(chr(int(c)) for c in rows.tensors["states"][row, kept, 0]) == text
        assert not rows.tensors["states"][row, ~kept].any()
    teller.told(labels)
    assert sum(calls) == 2000, "encoded once for all images"


def test_labels_in_different_calls_are_still_found_alike() -> None:
    def condition(prompts: Sequence[str]) -> Conditioning:
        return Conditioning({"states": torch.tensor([[float(text.split()[1]) % 99] for text in prompts])})

    with pytest.raises(UserError, match=r"observer reads 'label 0' and 'label 99' alike"):
        Teller("observer", condition, ("{label}",)).told([f"label {n}" for n in range(100)])
