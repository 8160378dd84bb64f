"""The network of a recipe in transformers' format: made, and saved with all that is needed to ask it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import ResNetConfig, ResNetForImageClassification

from reconstrue.train.at_scale.recipe import PhotographRecipe
from reconstrue.train.at_scale.views import DEVIATION, MEAN

# "Resize to 256, crop 224", at any side.
_CROP = 0.875
_BILINEAR = 2


def build(recipe: PhotographRecipe, classes: Sequence[str]) -> ResNetForImageClassification:
    """Return the untrained network, a function of recipe and classes alone."""
    torch.manual_seed(recipe.seed)
    return ResNetForImageClassification(
        ResNetConfig(
            embedding_size=64,
            hidden_sizes=recipe.widths,
            depths=recipe.depths,
            layer_type=recipe.block,
            id2label=dict(enumerate(classes)),
            label2id={name: i for i, name in enumerate(classes)},
        )
    )


def save(network: ResNetForImageClassification, recipe: PhotographRecipe, out: Path) -> None:
    """Write config, weights and preprocessor; the centre is shown, normalised as in training, and without noise."""
    network.save_pretrained(out, safe_serialization=True)
    stated = {
        "image_processor_type": "ConvNextImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": recipe.side},
        "crop_pct": _CROP,
        "resample": _BILINEAR,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN,
        "image_std": DEVIATION,
    }
    (out / "preprocessor_config.json").write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")
