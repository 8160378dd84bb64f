"""Tiny models in every format that is read, saved once, and copies of them with something wrong."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import tiny, tiny_autoregressive, tiny_discriminative, tiny_masked

from reconstrue.stimuli.categories import CATEGORIES

SAVED: dict[str, Callable[[Path], object]] = {
    "transformers": tiny.save_resnet,
    "timm": lambda folder: tiny_discriminative.save_timm(folder, CATEGORIES),
    "clip": tiny_discriminative.save_clip,
    "open_clip": tiny_discriminative.save_open_clip,
    "diffusers": lambda folder: tiny.save_stable_diffusion(folder, "epsilon"),
    "amused": tiny_masked.save_tiny_amused,
    "tokens": tiny_autoregressive.save_tokens,
    "janus": tiny_autoregressive.save_janus,
    "emu3": tiny_autoregressive.save_emu3,
}
# Where each one's network lies.
WEIGHTS = {
    "transformers": "model.safetensors",
    "timm": "model.safetensors",
    "clip": "model.safetensors",
    "open_clip": "open_clip_model.safetensors",
    "diffusers": "unet/diffusion_pytorch_model.safetensors",
    "amused": "transformer/diffusion_pytorch_model.safetensors",
    "tokens": "transformer/model.safetensors",
    "janus": "model.safetensors",
    "emu3": "model.safetensors",
}
WRONG: tuple[object, ...] = (None, -1, 0, 10**12, 1.5, "x", True, [], [0], {}, {"a": "b"})


def copied(model: Path, to: Path) -> Path:
    """A copy that may be harmed."""
    return Path(shutil.copytree(model, to))


def damaged(kind: str, model: Path, scratch: Path, values: int) -> Iterator[tuple[str, Path]]:
    """Yield copies of a model with one file cut off, emptied, of another form, or with wrong values in its configs."""
    rng = random.Random(kind)
    files = sorted(path.relative_to(model) for path in model.rglob("*") if path.is_file())
    copies = iter(range(10**6))

    def another(name: str, file: Path, content: bytes) -> tuple[str, Path]:
        folder = copied(model, scratch / f"{kind}-{next(copies)}")
        (folder / file).write_bytes(content)
        return f"{kind}: {name} {file}", folder

    for file in files:
        content = (model / file).read_bytes()
        if file.suffix == ".safetensors":
            yield another("cut", file, content[: len(content) // 2])
            yield another("a header of 2⁶³ bytes:", file, b"\xff" * 7 + b"\x7f" + content[8:])
            yield another("a changed header:", file, content[:30] + b"\x00{[" + content[33:])
        else:
            yield another(*rng.choice([("empty", file, b""), ("cut", file, content[: len(content) // 2]), ("list", file, b"[]"), ("deep", file, b"[" * 100_000)]))  # fmt: skip
    configs = [file for file in files if file.suffix == ".json" and file.name != "tokenizer.json"]
    for _ in range(values):
        file = rng.choice(configs)
        config = json.loads((model / file).read_bytes())
        path = _somewhere(config, rng)
        wrong = rng.choice(WRONG)
        _put(config, path, wrong)
        yield another(f"{'.'.join(map(str, path))} is {wrong!r}:", file, json.dumps(config).encode())


def _somewhere(config: Any, rng: random.Random) -> list[Any]:
    """Return the path to a value, mostly of the top level."""
    path: list[Any] = []
    while isinstance(config, dict) and config and (not path or rng.random() < 0.5):
        key = rng.choice(sorted(config, key=str))
        path.append(key)
        config = config[key]
    return path


def _put(config: Any, path: list[Any], value: object) -> None:
    for key in path[:-1]:
        config = config[key]
    config[path[-1]] = value
