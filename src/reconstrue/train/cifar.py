"""CIFAR-10 (Krizhevsky 2009) as training pictures: the photographs of the categories that it shares with the benchmark."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from reconstrue.errors import UserError
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.train.photographs import read_parquet
from reconstrue.train.pictures import kept_photographs
from reconstrue.train.recipe import Recipe

DATASET = "cifar-10"
# What CIFAR-10 calls number 1 an automobile, and number 8 a ship.
_NUMBER = {"airplane": 0, "car": 1, "bird": 2, "cat": 3, "dog": 5, "boat": 8, "truck": 9}


def keep_photographs(recipe: Recipe, data: Path | None, work: Path) -> None:
    """Put the photographs of the recipe's categories where its trainer looks for them, unless they are there.

    Raises:
        UserError: there is no `data`, or it does not hold CIFAR-10's training photographs.
    """
    kept = kept_photographs(recipe, work / "pictures")
    if kept.is_file():
        return
    pixels, labels = _photographs(recipe, data, "train")
    if len(labels) != recipe.pictures:
        raise UserError(f"{data}: holds {len(labels)} photographs of the recipe's categories, not {recipe.pictures}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial_file = kept.with_suffix(f".{os.getpid()}.partial")
    save_file({"pixels": pixels, "labels": labels}, partial_file)
    os.replace(partial_file, kept)


def held_out_photographs(recipe: Recipe, data: Path | None, count: int) -> list[Stimulus]:
    """Return the first test photographs of each category, `count` in all; raises UserError as `keep_photographs`."""
    pixels, labels = _photographs(recipe, data, "test")
    each = count // len(recipe.categories)
    return [
        Stimulus(
            f"{DATASET}-{category}-{place}", f"{category}{i + 1}.png", category, "", "", partial(_read, pixels, place)
        )
        for number, category in enumerate(recipe.categories)
        for i, place in enumerate(torch.where(labels == number)[0][:each].tolist())
    ]


def _read(pixels: Tensor, place: int) -> NDArray[np.uint8]:
    return pixels[place].permute(1, 2, 0).numpy()


def _photographs(recipe: Recipe, data: Path | None, split: str) -> tuple[Tensor, Tensor]:
    """Return pixels (n, 3, 32, 32) uint8 and labels (n,), indices into the recipe's categories."""
    if data is None:
        raise UserError(f"{recipe.name} learns from CIFAR-10: give --data FOLDER, with its parquet files")
    shards = sorted(path for path in data.rglob("*.parquet") if split in path.stem)
    if not shards:
        raise UserError(f"{data}: no parquet file with '{split}' in its name; CIFAR-10's are needed")
    pixels, labels = [], []
    for shard in shards:
        photographs = read_parquet(shard)
        if tuple(photographs.pixels.shape[2:]) != (recipe.side, recipe.side):
            raise UserError(f"{shard}: holds photographs of another size than CIFAR-10's")
        for number, category in enumerate(recipe.categories):
            chosen = photographs.labels == _NUMBER[category]
            pixels.append(photographs.pixels[chosen])
            labels.append(torch.full((int(chosen.sum()),), number))
    return torch.cat(pixels), torch.cat(labels)
