"""What a model's text encoder has no word for: any unknown word reads like any other, and a label must not win by that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES


@final
class Vocabulary:
    """What a tokenizer has words for, by its own splitting: a label is unknown where a part of it becomes the unknown token.

    Models of few words, as the pocket ones, have one token a word. Those of most public models spell any word out, and know all
    but a character that they never saw.

    Args:
        tokenizer: of transformers, with an unknown token.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def knows(self, text: str) -> bool:
        """Say whether there are words for the whole of a text."""
        return self._tokenizer.unk_token_id not in self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def require(self, observer: str, texts: Sequence[str]) -> None:
        """Raise UserError, naming the observer, where there are no words for some of the texts."""
        unknown = [f"'{text}'" for text in texts if not self.knows(text)]
        if unknown:
            known = [category for category in CATEGORIES if self.knows(category)]
            more = f" (of the 16 categories it knows {', '.join(known)})" if known else ""
            raise UserError(f"{observer} has no word for {', '.join(unknown)}; give others{more}")


def vocabulary_of(tokenizer: Any) -> Vocabulary | None:
    """Return what the tokenizer of a model knows; None where there is none of transformers', or it has no unknown token."""
    return None if getattr(tokenizer, "unk_token_id", None) is None else Vocabulary(tokenizer)
