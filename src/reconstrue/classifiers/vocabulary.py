"""What a model's text encoder has no word for: any unknown word reads like any other, and a label must not win by that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES

_FILES = (Path("tokenizer") / "tokenizer.json", Path("tokenizer.json"))


@final
class Vocabulary:
    """What a tokenizer has words for, by its own splitting: a label is unknown where a part of it becomes the unknown token.

    Models of few words, as the pocket ones, have one token a word. Those of most public models spell any word out, and know all
    but a character that they never saw.

    Args:
        tokenizer: of the `tokenizers` library.
        unknown: the id of its unknown token.
    """

    def __init__(self, tokenizer: Any, unknown: int) -> None:
        self._tokenizer = tokenizer
        self._unknown = unknown

    def knows(self, text: str) -> bool:
        """Say whether there are words for the whole of a text."""
        return self._unknown not in self._tokenizer.encode(text, add_special_tokens=False).ids

    def require(self, observer: str, texts: Sequence[str]) -> None:
        """Raise UserError, naming the observer, where there are no words for some of the texts."""
        unknown = [f"'{text}'" for text in texts if not self.knows(text)]
        if unknown:
            known = [category for category in CATEGORIES if self.knows(category)]
            more = f" (of the 16 categories it knows {', '.join(known)})" if known else ""
            raise UserError(f"{observer} has no word for {', '.join(unknown)}; give others{more}")


def read_vocabulary(folder: Path) -> Vocabulary | None:
    """Return what a model folder's tokenizer knows; None where it has none, or one without an unknown token."""
    from tokenizers import Tokenizer

    path = next((folder / name for name in _FILES if (folder / name).is_file()), None)
    if path is None:
        return None
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception:
        # The library's own, of a file that the model is not read from: it would not have been loaded.
        return None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = json.loads(tokenizer.to_str())["model"]
    token = model.get("unk_token")
    unknown = model.get("unk_id") if token is None else tokenizer.token_to_id(token)
    return None if unknown is None else Vocabulary(tokenizer, unknown)
