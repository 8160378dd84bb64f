"""The words of models that know few: one that is not among them reads like any other such word, and must not win by that."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from reconstrue.classifiers.base import Classifier
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES

_FILES = (Path("tokenizer") / "tokenizer.json", Path("tokenizer.json"))


def closed_vocabulary(folder: Path) -> frozenset[str] | None:
    """Return the words, in lower case, of a folder whose tokenizer has whole words alone; None where it spells others out, or has none."""
    for path in (folder / name for name in _FILES):
        try:
            model = json.loads(path.read_text(encoding="utf-8"))["model"]
            if model["type"] == "WordLevel":
                return frozenset(str(word).lower() for word in model["vocab"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def knows(classifier: Classifier, label: str) -> bool:
    """Say whether a model has every word of a label."""
    words = classifier.vocabulary
    return words is None or all(word in words for word in re.findall(r"\w+|[^\w\s]", label.lower()))


def refuse_unknown(classifier: Classifier, labels: Sequence[str]) -> None:
    """Raise UserError for labels with words that a model of few words does not know."""
    unknown = [f"'{label}'" for label in labels if not knows(classifier, label)]
    if unknown:
        known = [category for category in CATEGORIES if knows(classifier, category)]
        more = f": {', '.join(known)} it knows" if known else ""
        raise UserError(f"{classifier.name} has no word for {', '.join(unknown)}; use other labels{more}")
