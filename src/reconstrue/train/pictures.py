"""Training pictures, made once and kept in memory: of the pocket world, with agreeing shape and texture, or photographs."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_picture
from reconstrue.train.recipe import Recipe

_CHUNK = 256


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures in memory.

    Attributes:
        pixels: (n, 3, side, side) uint8.
        labels: (n,) index into the recipe's categories.
    """

    pixels: UInt8[Tensor, "n 3 side side"]
    labels: Int[Tensor, "n"]

    def batch(
        self, seed: int, step: int, size: int, zoom: float = 1.0
    ) -> tuple[Float[Tensor, "b 3 side side"], Int[Tensor, "b"]]:
        """Return the batch of one step, a function of (seed, step) alone: pixels in [−1, 1], half of them mirrored.

        With `zoom` > 1 every picture is also scaled by a factor between 1/√zoom and zoom, stretched a little, turned
        by up to 10° and moved, as photographs crop their objects.
        """
        index, mirrored, rng = choose(len(self.labels), seed, step, size)
        pixels = self.pixels[index].float() / 127.5 - 1
        pixels[mirrored] = pixels[mirrored].flip(-1)
        if zoom > 1:
            pixels = _viewed(pixels, zoom, rng)
        return pixels, self.labels[index]


def choose(count: int, seed: int, step: int, size: int) -> tuple[Tensor, Tensor, np.random.Generator]:
    """Return which of `count` pictures a step shows, (size,), and which of them mirrored; and the step's generator."""
    rng = stream(seed, "batch", step)
    index = torch.from_numpy(rng.integers(count, size=size))
    return index, torch.from_numpy(rng.random(size) < 0.5), rng


def _viewed(pixels: Float[Tensor, "b 3 h w"], zoom: float, rng: np.random.Generator) -> Float[Tensor, "b 3 h w"]:
    """Return the pictures seen through random similarity transforms; what lies outside repeats the border."""
    n = len(pixels)
    scale = np.exp(-rng.uniform(-0.5 * np.log(zoom), np.log(zoom), n))
    stretch = np.exp(rng.normal(0, 0.12, n))
    angle = np.deg2rad(rng.uniform(-10, 10, n))
    theta = np.zeros((n, 2, 3), dtype=np.float32)
    theta[:, 0, 0], theta[:, 0, 1] = scale * stretch * np.cos(angle), -scale * np.sin(angle)
    theta[:, 1, 0], theta[:, 1, 1] = scale * np.sin(angle), scale / stretch * np.cos(angle)
    theta[:, :, 2] = rng.uniform(-1, 1, (n, 2)) * (0.15 + np.clip(1 - scale, 0, None))[:, None]
    grid = nn.functional.affine_grid(torch.from_numpy(theta), list(pixels.shape), align_corners=False)
    return nn.functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def make_pictures(recipe: Recipe, *, keep: Path) -> Pictures:
    """Return a recipe's pictures: of a pocket data set, categories in turn, drawn by all cores, or photographs.

    Drawn ones are kept in the folder `keep`, so that a resumed run or another recipe on the same pictures need not
    draw them again; remove it after the drawings have changed. Photographs must be there already.

    Raises:
        UserError: the photographs are not.
    """
    if recipe.photographs:
        kept = kept_photographs(recipe, keep)
        if not kept.is_file():
            raise UserError(f"{recipe.name}: its photographs are not in {keep}; train it with --data")
        held = load_file(kept)
        return Pictures(held["pixels"], held["labels"])
    dataset, count, seed, side = recipe.dataset, recipe.pictures, recipe.world_seed, recipe.side
    labels = torch.arange(count) % len(CATEGORIES)
    kept = keep / f"{dataset}-{seed}-{count}-{side}.safetensors"
    if kept.is_file():
        return Pictures(load_file(kept)["pixels"], labels)
    starts = range(0, count, _CHUNK)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        parts = list(
            pool.map(_chunk, *zip(*((dataset, s, min(s + _CHUNK, count), seed, side) for s in starts), strict=True))
        )
    pixels = torch.from_numpy(np.concatenate(parts)).permute(0, 3, 1, 2).contiguous()
    keep.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}.partial")
    save_file({"pixels": pixels}, partial)
    os.replace(partial, kept)
    return Pictures(pixels, labels)


def kept_photographs(recipe: Recipe, keep: Path) -> Path:
    """Return the file of the folder `keep` in which a recipe's photographs lie ready."""
    return keep / f"{recipe.dataset}-{'-'.join(recipe.categories)}.safetensors"


def _chunk(dataset: str, start: int, stop: int, seed: int, side: int) -> NDArray[np.uint8]:
    k = len(CATEGORIES)
    return np.stack(
        [
            world_picture(dataset, CATEGORIES[i % k], CATEGORIES[i % k], seed, 1 + i // k, side)
            for i in range(start, stop)
        ]
    )
