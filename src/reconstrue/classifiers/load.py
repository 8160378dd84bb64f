"""The front door: a card's name, a model folder or a hub id becomes a `Classifier`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import cast

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import Card, Checkpoint, load_cards
from reconstrue.classifiers.formats import is_pickled, loader_of, pickled_weights
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean, resolve

# owner/name, as the hub has it.
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_LOADERS = "reconstrue.classifiers.loaders"
# The way out where only pickled weights are there.
_PICKLE = (
    "is never opened, as unpickling runs what a file says: save the model as safetensors (its library's save_pretrained, or "
    "timm.models.save_for_hf) and give that folder"
)

Loader = Callable[[Checkpoint, Options], Classifier]


def load_classifier(model: str, options: Options | None = None, *, name: str | None = None) -> Classifier:
    """Return the classifier that a card's name, a local folder or a hub id stands for.

    Args:
        model: a card's name (``reconstrue models`` lists them), a folder that diffusers, transformers, open_clip or
            timm saved, or the hub id (``owner/name``) of such a model.
        options: how to run it.
        name: the observer's name in tables; by default the card's or the folder's.

    Raises:
        UserError: no such card or folder, a folder of an unknown format, or options that do not exist.
    """
    chosen = options or Options()
    chosen.check()
    classifier, card = _found(model, chosen, name)
    classifier.temperature = chosen.confidence_temperature(0.0 if card is None else card.temperature)
    return classifier


def _found(model: str, chosen: Options, name: str | None) -> tuple[Classifier, Card | None]:
    """Return the classifier, and the card that it has."""
    cards = load_cards()
    if model in cards:
        card = cards[model]
        if chosen.prompts is None and card.prompts:
            chosen = replace(chosen, prompts=(card.prompts,))
        checkpoint = Checkpoint(
            str(card.packaged or card.source), _observer(name or card.name), card.revision or None, card
        )
        own = card.packaged is None and Path(card.source).is_dir()
        with _mendable(card.source) if own else nullcontext():
            return cast(Loader, resolve(card.loader))(checkpoint, chosen), card
    if not model.strip():
        raise UserError("the model has no name; give a card's name, a folder or a hub id")
    folder = Path(model)
    if os.path.isfile(folder):
        raise UserError(f"{model}: {_PICKLE if is_pickled(folder) else 'is a file; give the folder that it lies in'}")
    if not os.path.exists(folder) and _HUB_ID.fullmatch(model):
        checkpoint = Checkpoint(model, _observer(name or model.partition("/")[2]))
        with _mendable(model):
            return cast(Loader, resolve(f"{_LOADERS}:load_hub"))(checkpoint, chosen), None
    if not os.path.isdir(folder):
        near = did_you_mean(model, cards)
        raise UserError(
            f"unknown model '{model}': neither a card nor a folder{near} (`reconstrue models` lists the cards)"
        )
    checkpoint = Checkpoint(str(folder), _observer(name or folder.resolve().name))
    with _mendable(model):
        return cast(Loader, resolve(f"{_LOADERS}:{loader_of(folder)}"))(checkpoint, chosen), None


@contextmanager
def _mendable(source: str) -> Iterator[None]:
    """Turn into one line whatever a model's files make the libraries and their readers raise.

    Raises:
        UserError: that line; where weights are pickled it names one such file and the way out.
    """
    try:
        yield
    except Exception as error:
        why = str(error)
        if not isinstance(error, UserError):
            said = " ".join(why.split())[:300]
            why = f"{source}: its files are not what they should be ({type(error).__name__}: {said}); download it again"
        pickled = pickled_weights(Path(source)) if Path(source).is_dir() else None
        if pickled is not None:
            raise UserError(f"{why}; {pickled.name} {_PICKLE}") from error
        if isinstance(error, UserError):
            raise
        raise UserError(why) from error


def _observer(name: str) -> str:
    """Return the observer's name as tables have it."""
    return name.replace("_", "-")
