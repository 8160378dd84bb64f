"""A word tokenizer for the pocket models: the words of their captions, saved in the public `tokenizer.json` format."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

# Room for a short sentence; every prompt is padded to it and masked.
_MAX_TOKENS = 16


def make_tokenizer(templates: Sequence[str], categories: Sequence[str]) -> PreTrainedTokenizerFast:
    """Return a tokenizer that knows the categories and the words and marks of the templates; others are <unk>."""
    text = " ".join(template.format(label="").lower() for template in templates)
    words = ["<pad>", "</s>", "<unk>", *sorted({*re.findall(r"\w+|[^\w\s]", text), *categories})]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=_MAX_TOKENS,
    )
