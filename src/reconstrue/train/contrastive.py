"""Train a CLIP: pictures and captions in one space, saved as a transformers `CLIPModel` folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig

from reconstrue.seeding import stream
from reconstrue.train.captions import Captions, clip_text_config, make_captions
from reconstrue.train.loop import Cost, fit
from reconstrue.train.pictures import make_pictures
from reconstrue.train.preprocessor import write_preprocessor
from reconstrue.train.recipe import Recipe


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the folder `out` in float16 and return what the training cost.

    The loss is CLIP's symmetric cross-entropy over the pictures and captions of a batch; captions of the same category
    are all right answers, in equal parts (Yang et al. 2022, arXiv 2204.03610), since with 16 categories a batch always
    holds several.
    """
    torch.manual_seed(recipe.seed)
    captions = make_captions(recipe.categories)
    model = _build(recipe, captions)
    say(f"{recipe.name}: {'reading' if recipe.photographs else 'drawing'} {recipe.pictures} {recipe.dataset} pictures")
    pictures = make_pictures(recipe, keep=work.parent / "pictures")

    def loss(network: nn.Module, step: int) -> Tensor:
        x, labels = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        caption = captions.choose(labels, stream(recipe.seed, "captions", step), leave_out=False)
        logits = network(
            pixel_values=x, input_ids=captions.ids[caption], attention_mask=captions.mask[caption]
        ).logits_per_image
        same = (labels[:, None] == labels[None, :]).float()
        right = same / same.sum(dim=1, keepdim=True)
        both = nn.functional.cross_entropy(logits, right) + nn.functional.cross_entropy(logits.T, right)
        return both / 2

    averaged, cost = fit(recipe, model, loss, folder=work, say=say)
    best = cast(CLIPModel, averaged)
    best.half().save_pretrained(out, safe_serialization=True)
    captions.tokenizer.save_pretrained(out)
    write_preprocessor(out, "CLIPImageProcessor", recipe.side)
    return cost


def _build(recipe: Recipe, captions: Captions) -> CLIPModel:
    options = recipe.model
    text = clip_text_config(captions, options["text_width"], options["text_layers"], options["projection"])
    vision = CLIPVisionConfig(
        hidden_size=options["width"],
        intermediate_size=options["feedforward"],
        num_hidden_layers=options["layers"],
        num_attention_heads=options["heads"],
        image_size=recipe.side,
        patch_size=options["patch"],
        projection_dim=options["projection"],
    )
    return CLIPModel(
        CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=options["projection"])
    )
