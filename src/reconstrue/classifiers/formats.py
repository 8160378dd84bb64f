"""Which kind of model a local folder holds, by the files in it, and what no folder may hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from reconstrue.errors import UserError

# Architectures of config.json (transformers) that are not image classifiers -> their loader.
_ARCHITECTURES = {
    "CLIPModel": "load_clip",
    "JanusForConditionalGeneration": "load_janus",
    "Emu3ForConditionalGeneration": "load_emu3",
}
# Weights that only unpickling would read, and unpickling runs what the file says.
_PICKLED = frozenset({".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"})
# Parts of a pipeline that classification never needs, and that are never loaded: they look at generated pictures.
UNUSED = ("safety_checker", "feature_extractor", "watermarker", "image_encoder")
# What its other parts may be made of; another name would be a module to import, or a file of the folder.
_LIBRARIES = ("diffusers", "transformers")
# Keys of a config that say how many parts a network has: libraries make them one after the other, so that a count of
# a billion is a wait for ever. The largest that is published is some 20,000 classes.
_COUNTS = re.compile(r"(\w+_)?(layers?|depths?|blocks|num_labels|num_classes|num_train_timesteps)(_per_\w+)?")
_MOST = 100_000
_CONFIGS = ("config.json", "open_clip_config.json", "scheduler_config.json")


def loader_of(folder: Path) -> str:
    """Return the name of the function of `loaders` for a folder.

    Raises:
        UserError: none fits, or the folder holds what is not read: pipes and devices, counts beyond any network's, a
            pipeline's parts that are neither of diffusers nor of transformers.
    """
    loader = _loader_of(folder)
    _refuse_endless(folder)
    return loader


def _loader_of(folder: Path) -> str:
    if (folder / "model_index.json").is_file():
        refuse_code(_read(folder / "model_index.json"), folder / "model_index.json")
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
    named = config.get("architectures")
    architectures = [str(name) for name in named] if isinstance(named, list) else []
    for architecture in architectures:
        if architecture in _ARCHITECTURES:
            return _ARCHITECTURES[architecture]
    if architectures and not any(name.endswith("ForImageClassification") for name in architectures):
        raise UserError(
            f"{folder}: {architectures[0]} does not answer what an image shows; known are …ForImageClassification, "
            f"{', '.join(_ARCHITECTURES)}"
        )
    return "load_supervised"


def refuse_code(index: dict[str, Any], where: Path) -> None:
    """Raise UserError for a ``model_index.json`` that names another library than diffusers and transformers."""
    for part, named in index.items():
        absent = not isinstance(named, list) or not named or named[0] is None or part in UNUSED
        if not absent and named[0] not in _LIBRARIES:
            raise UserError(
                f"{where}: '{part}' is of {named[0]!r:.80}, and no code but that of {' and '.join(_LIBRARIES)} is run; save "
                "it as one of their classes"
            )


def pickled_weights(folder: Path) -> Path | None:
    """Return a file that would have to be unpickled, as no safetensors lie beside it, or None; a model has two levels."""
    for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
        if is_pickled(path) and not any(path.parent.glob("*.safetensors")):
            return path
    return None


def is_pickled(path: Path) -> bool:
    """Say whether a file's name is that of pickled weights."""
    return path.suffix.lower() in _PICKLED


def _refuse_endless(folder: Path) -> None:
    """Raise UserError for what would make a library wait or work for ever."""
    for path in folder.rglob("*"):
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UserError(f"{path}: a pipe or a device, not a file; remove it")
        if path.name in _CONFIGS and path.is_file():
            try:
                content = _read(path)
            except UserError:
                # Whoever needs it will say so.
                continue
            key = _endless(content)
            if key:
                raise UserError(f"{path}: '{key}' is above {_MOST:,}, as in no network; download the model again")


def _endless(content: Any, key: str = "") -> str:
    """Return the first key of a config whose count is beyond any network's, '' where none is."""
    if isinstance(content, dict):
        # The names of classes are keys there, and any word may be one.
        return next((k for name, value in content.items() if name != "label2id" if (k := _endless(value, name))), "")
    if isinstance(content, list):
        return next((k for value in content if (k := _endless(value, key))), "")
    beyond = isinstance(content, int) and content > _MOST and _COUNTS.fullmatch(key) is not None
    return key if beyond else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not valid JSON ({error}); download the model again") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a JSON object")
    return content
