"""The front door: a card's name, a model folder or a hub id becomes a `Classifier`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import Checkpoint, load_cards
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean, resolve

# owner/name, as the hub has it.
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_LOADERS = "reconstrue.classifiers.loaders"
# Architectures of config.json (transformers) that are not image classifiers -> their loader.
_ARCHITECTURES = {
    "CLIPModel": "load_clip",
    "JanusForConditionalGeneration": "load_janus",
    "Emu3ForConditionalGeneration": "load_emu3",
}

Loader = Callable[[Checkpoint, Options], Classifier]


def load_classifier(model: str, options: Options | None = None, *, name: str | None = None) -> Classifier:
    """Return the classifier that a card's name, a local folder or a hub id stands for.

    Args:
        model: a card's name (``reconstrue models`` lists them), a folder that diffusers, transformers, open_clip or
            timm saved, or the hub id (``owner/name``) of a diffusers pipeline.
        options: how to run it.
        name: the observer's name in tables; by default the card's or the folder's.

    Raises:
        UserError: no such card or folder, a folder of an unknown format, or options that do not exist.
    """
    chosen = options or Options()
    chosen.check()
    cards = load_cards()
    if model in cards:
        card = cards[model]
        if chosen.prompts is None and card.prompts:
            chosen = replace(chosen, prompts=(card.prompts,))
        checkpoint = Checkpoint(
            str(card.packaged or card.source), _observer(name or card.name), card.revision or None, card
        )
        return cast(Loader, resolve(card.loader))(checkpoint, chosen)
    folder = Path(model)
    if not folder.exists() and _HUB_ID.fullmatch(model):
        checkpoint = Checkpoint(model, _observer(name or model.partition("/")[2]))
        return cast(Loader, resolve(f"{_LOADERS}:load_pipeline"))(checkpoint, chosen)
    if not folder.is_dir():
        raise UserError(f"unknown model '{model}': neither a card nor a folder{did_you_mean(model, cards)}")
    checkpoint = Checkpoint(str(folder), _observer(name or folder.resolve().name))
    return cast(Loader, resolve(f"{_LOADERS}:{_loader_of(folder)}"))(checkpoint, chosen)


def _loader_of(folder: Path) -> str:
    """Return the name of the loader for a local folder, by the files in it; raises UserError where none fits."""
    if (folder / "model_index.json").is_file():
        return "load_pipeline"
    if any((folder / own).is_file() for own in ("open_clip_config.json", "open_clip_model.safetensors")):
        return "load_open_clip"
    if (folder / "config.json").is_file():
        config = _read(folder / "config.json")
        if {"architecture", "pretrained_cfg"} <= set(config):
            return "load_timm"
        for architecture in config.get("architectures") or ():
            if architecture in _ARCHITECTURES:
                return _ARCHITECTURES[architecture]
        return "load_supervised"
    raise UserError(
        f"{folder}: neither model_index.json (a pipeline of diffusers or of this package) nor config.json "
        "(a transformers or timm model) nor open_clip_config.json is in it"
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not valid JSON ({error}); download the model again") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a JSON object")
    return content


def _observer(name: str) -> str:
    """Return the observer's name as tables have it."""
    return name.replace("_", "-")
