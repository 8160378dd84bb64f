"""Which kind of model a local folder holds, by the files in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reconstrue.errors import UserError

# Architectures of config.json (transformers) that are not image classifiers -> their loader.
_ARCHITECTURES = {
    "CLIPModel": "load_clip",
    "JanusForConditionalGeneration": "load_janus",
    "Emu3ForConditionalGeneration": "load_emu3",
}


def loader_of(folder: Path) -> str:
    """Return the name of the function of `loaders` for a folder; raises UserError where none fits."""
    if (folder / "model_index.json").is_file():
        return "load_pipeline"
    if any((folder / own).is_file() for own in ("open_clip_config.json", "open_clip_model.safetensors")):
        return "load_open_clip"
    if not (folder / "config.json").is_file():
        raise UserError(
            f"{folder}: neither model_index.json (a pipeline of diffusers or of this package) nor config.json "
            "(a transformers or timm model) nor open_clip_config.json is in it"
        )
    config = _read(folder / "config.json")
    if {"architecture", "pretrained_cfg"} <= set(config):
        return "load_timm"
    if "_class_name" in config:
        raise UserError(f"{folder}: a part of a pipeline ({config['_class_name']}); give the folder that it lies in")
    architectures = [str(name) for name in config.get("architectures") or ()]
    for architecture in architectures:
        if architecture in _ARCHITECTURES:
            return _ARCHITECTURES[architecture]
    if architectures and not any(name.endswith("ForImageClassification") for name in architectures):
        raise UserError(
            f"{folder}: {architectures[0]} does not answer what an image shows; known are …ForImageClassification, "
            f"{', '.join(_ARCHITECTURES)}"
        )
    return "load_supervised"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not valid JSON ({error}); download the model again") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a JSON object")
    return content
