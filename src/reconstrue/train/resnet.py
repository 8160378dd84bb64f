"""Train a ResNet on labelled pictures, saved in transformers' format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetForImageClassification

from reconstrue.seeding import stream
from reconstrue.train.loop import Cost, fit
from reconstrue.train.pictures import make_pictures
from reconstrue.train.preprocessor import write_preprocessor
from reconstrue.train.recipe import Recipe

# Of the noise augmentation: the whole range, as in the paper.
_SIGNAL = (0.0, 1.0)


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe (cross-entropy over its categories), save the folder `out` in float16, return the cost.

    With the option `noise` every picture is shown under diffusion noise (Appendix E of the paper), with `signal` its share
    of the variance, uniform in this range ([0, 1] unless stated). With `shown` pictures are shrunk to so many pixels, as
    the saved model's own preprocessor shrinks what it is asked.
    """
    torch.manual_seed(recipe.seed)
    model = build(recipe)
    say(f"{recipe.name}: {'reading' if recipe.photographs else 'drawing'} {recipe.pictures} {recipe.dataset} pictures")
    pictures = make_pictures(recipe, keep=work.parent / "pictures")
    side = int(recipe.model.get("shown", recipe.side))
    if side != recipe.side:
        pictures = replace(pictures, pixels=_shrunk(pictures.pixels, side))

    def loss(network: nn.Module, step: int) -> Tensor:
        x, labels = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        if recipe.model["noise"]:
            x = _noised(x, stream(recipe.seed, "noise", step), recipe.model.get("signal", _SIGNAL))
        return nn.functional.cross_entropy(network(pixel_values=x).logits, labels)

    averaged, cost = fit(recipe, model, loss, folder=work, say=say)
    best = cast(ResNetForImageClassification, averaged)
    best.half().save_pretrained(out, safe_serialization=True)
    write_preprocessor(out, "ConvNextImageProcessor", side)
    return cost


def _shrunk(pixels: UInt8[Tensor, "n 3 h w"], side: int) -> UInt8[Tensor, "n 3 side side"]:
    """Return the pictures `side` px wide, by Pillow's bicubic filter, which is the preprocessor's."""
    small = [
        np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC))
        for picture in pixels.permute(0, 2, 3, 1).numpy()
    ]
    return torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).contiguous()


def _noised(x: Tensor, rng: np.random.Generator, signal: Sequence[float]) -> Tensor:
    """Return √u x + √(1 − u) ε with u uniform in the range `signal` per picture (Jaini et al. 2024, Appendix E: [0, 1])."""
    low, high = signal
    u = low + (high - low) * torch.from_numpy(rng.random((len(x), 1, 1, 1), dtype=np.float32))
    return u.sqrt() * x + (1 - u).sqrt() * torch.from_numpy(rng.standard_normal(tuple(x.shape), dtype=np.float32))


def build(recipe: Recipe) -> ResNetForImageClassification:
    """Return the untrained network of the recipe, with its categories as labels."""
    return ResNetForImageClassification(
        ResNetConfig(
            embedding_size=recipe.model["widths"][0],
            hidden_sizes=list(recipe.model["widths"]),
            depths=list(recipe.model["depths"]),
            layer_type="basic",
            id2label=dict(enumerate(recipe.categories)),
            label2id={name: i for i, name in enumerate(recipe.categories)},
        )
    )
