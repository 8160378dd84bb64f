"""What the trained models are told: every category under several wordings, as token ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from torch import Tensor
from transformers import CLIPTextConfig, PreTrainedTokenizerFast

from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE, all_prompts
from reconstrue.train.text import make_tokenizer

# Several wordings, so that a model hears the noun and not the sentence; the paper's template comes first.
TEMPLATES = (DEFAULT_TEMPLATE, "A photo of a {label}.", "A picture of a {label}.", "a {label}", "{label}")
# A caption is left out now and then, so that guidance has an unconditional model to lean on.
_UNCAPTIONED = 0.1


@dataclass(frozen=True)
class Captions:
    """All captions, encoded once.

    Attributes:
        tokenizer: that encoded them.
        ids: (captions, tokens) token ids: label by label, its templates in turn; the last one is empty.
        mask: (captions, tokens) 1 where there is a token.
        templates: of every label.
    """

    tokenizer: PreTrainedTokenizerFast
    ids: Int[Tensor, "captions tokens"]
    mask: Int[Tensor, "captions tokens"]
    templates: int = len(TEMPLATES)

    def choose(self, labels: Int[Tensor, "b"], rng: np.random.Generator, *, leave_out: bool) -> Int[Tensor, "b"]:
        """Return a caption for each label, under a random template; with `leave_out` sometimes the empty one."""
        chosen = labels * self.templates + labels.new_tensor(rng.integers(self.templates, size=len(labels)))
        if leave_out:
            chosen[labels.new_tensor(rng.random(len(labels)) < _UNCAPTIONED).bool()] = len(self.ids) - 1
        return chosen


def make_captions(categories: Sequence[str], templates: Sequence[str] = TEMPLATES) -> Captions:
    """Return the captions of the categories under all templates, and the tokenizer that knows their words."""
    tokenizer = make_tokenizer(templates, categories)
    texts = [*all_prompts(categories, templates), ""]
    encoded = tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")
    return Captions(tokenizer, encoded.input_ids, encoded.attention_mask, len(templates))


def clip_text_config(captions: Captions, width: int, layers: int, projection: int | None = None) -> CLIPTextConfig:
    """Return the config of a small CLIP text encoder for these captions."""
    words = captions.tokenizer
    return CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=captions.ids.shape[1],
        projection_dim=projection or width,
        pad_token_id=words.pad_token_id,
        bos_token_id=None,
        eos_token_id=words.eos_token_id,
    )
