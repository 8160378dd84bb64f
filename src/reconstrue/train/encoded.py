"""Training pictures as latents or tokens, made once by a trained autoencoder and kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from reconstrue.classifiers.adapters.image_tokens import VQTokenizer
from reconstrue.train.autoencoder import VQ_RANGE
from reconstrue.train.pictures import choose, make_pictures
from reconstrue.train.recipe import Recipe

_BATCH = 64


@dataclass(frozen=True)
class Encoded:
    """Labelled pictures as an autoencoder has them.

    Attributes:
        codes: (2, n, …): of every picture, and of its mirror image.
        labels: (n,) index into the recipe's categories.
    """

    codes: Tensor
    labels: Int[Tensor, "n"]

    def batch(self, seed: int, step: int, size: int) -> tuple[Tensor, Int[Tensor, "b"]]:
        """Return the codes and labels of the very pictures that `Pictures.batch` shows at that step."""
        index, mirrored, _ = choose(len(self.labels), seed, step, size)
        return self.codes[mirrored.long(), index], self.labels[index]


@torch.inference_mode()
def encode_all(recipe: Recipe, autoencoder: nn.Module, encode: Callable[[Tensor], Tensor], *, work: Path) -> Encoded:
    """Return a recipe's pictures and their mirror images as `encode` (pixels in [−1, 1] → codes) has them.

    They are kept under `work`, in a file named by all that they follow from: the pictures and the autoencoder's weights.
    """
    pictures = make_pictures(recipe, keep=work / "pictures")
    digest = hashlib.sha256(
        f"{recipe.dataset} {recipe.pictures} {recipe.world_seed} {recipe.side} {recipe.categories}".encode()
    )
    for name, weights in sorted(autoencoder.state_dict().items()):
        digest.update(name.encode() + weights.numpy().tobytes())
    keep = work / "codes" / f"{digest.hexdigest()[:16]}.safetensors"
    if not keep.is_file():
        sides = []
        for mirrored in (False, True):
            parts = []
            for part in torch.split(pictures.pixels, _BATCH):
                pixels = part.float() / 127.5 - 1
                parts.append(encode(pixels.flip(-1) if mirrored else pixels))
            sides.append(torch.cat(parts))
        keep.parent.mkdir(parents=True, exist_ok=True)
        partial = keep.with_suffix(f".{os.getpid()}.partial")
        save_file({"codes": torch.stack(sides).contiguous()}, partial)
        os.replace(partial, keep)
    return Encoded(load_file(keep)["codes"], pictures.labels)


def tokens_of(recipe: Recipe, vq: Any, *, work: Path, say: Callable[[str], None]) -> Encoded:
    """Return the recipe's pictures as tokens of a `VQModel`, (2, n, tokens) int16."""
    tokenizer = VQTokenizer(vq, torch.device("cpu"), input_range=VQ_RANGE)
    say(f"{recipe.name}: encoding {recipe.pictures} pictures")
    return encode_all(recipe, vq, lambda x: tokenizer.encode(x / 2 + 0.5).to(torch.int16), work=work)
