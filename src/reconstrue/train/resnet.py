"""Train a ResNet on labelled pictures, saved in transformers' format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetForImageClassification

from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import SIDE
from reconstrue.train.loop import fit
from reconstrue.train.pictures import make_pictures
from reconstrue.train.recipe import Recipe


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> float:
    """Follow the recipe (cross-entropy over the 16 categories), save the folder `out` in float16, return the hours."""
    torch.manual_seed(recipe.seed)
    model = build(recipe)
    say(f"{recipe.name}: drawing {recipe.pictures} {recipe.dataset} pictures")
    pictures = make_pictures(recipe.dataset, recipe.pictures, recipe.world_seed, keep=work.parent / "pictures")

    def loss(network: nn.Module, step: int) -> Tensor:
        x, labels = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        return nn.functional.cross_entropy(network(pixel_values=x).logits, labels)

    averaged, hours = fit(recipe, model, loss, folder=work, say=say)
    best = cast(ResNetForImageClassification, averaged)
    best.half().save_pretrained(out, safe_serialization=True)
    preprocessing = {
        "image_processor_type": "ConvNextImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": SIDE},
        "crop_pct": 1.0,
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (out / "preprocessor_config.json").write_text(json.dumps(preprocessing, indent=2) + "\n", encoding="utf-8")
    return hours


def build(recipe: Recipe) -> ResNetForImageClassification:
    """Return the untrained network of the recipe, with the 16 categories as its labels."""
    return ResNetForImageClassification(
        ResNetConfig(
            embedding_size=recipe.model["widths"][0],
            hidden_sizes=list(recipe.model["widths"]),
            depths=list(recipe.model["depths"]),
            layer_type="basic",
            id2label=dict(enumerate(CATEGORIES)),
            label2id={name: i for i, name in enumerate(CATEGORIES)},
        )
    )
