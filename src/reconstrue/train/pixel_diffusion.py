"""Train a text-conditional pixel diffusion model: a patch transformer saved as a `PixArtAlphaPipeline` without a VAE."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import DDPMScheduler, PixArtAlphaPipeline, PixArtTransformer2DModel
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from reconstrue.classifiers.adapters.diffusers.base import read_schedule
from reconstrue.classifiers.generative.schedule import as_tensor, error_factor, target
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import SIDE
from reconstrue.train.loop import fit
from reconstrue.train.pictures import make_pictures
from reconstrue.train.recipe import Recipe
from reconstrue.train.text import make_tokenizer

# Several wordings, so that the model hears the noun and not the sentence; the paper's template comes first.
TEMPLATES = (DEFAULT_TEMPLATE, "A photo of a {label}.", "A picture of a {label}.", "a {label}", "{label}")
# A caption is left out now and then, so that guidance has an unconditional model to lean on.
_UNCAPTIONED = 0.1
# The v-error of a network that answers with x grows without bound as the noise vanishes; no step may own the loss.
_MOST = 25.0


class _Painter(nn.Module):
    """The trained parts together: the text encoder and the transformer that it tells what to paint."""

    def __init__(self, text_encoder: T5EncoderModel, transformer: PixArtTransformer2DModel) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.transformer = transformer

    def forward(self, x_t: Tensor, timestep: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        states = self.text_encoder(tokens, attention_mask=mask).last_hidden_state
        return cast(
            Tensor,
            self.transformer(
                x_t,
                encoder_hidden_states=states,
                encoder_attention_mask=mask,
                timestep=timestep,
                added_cond_kwargs={"resolution": None, "aspect_ratio": None},
                return_dict=False,
            )[0],
        )


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> float:
    """Follow the recipe, save the pipeline folder `out` in float16 and return the hours that the training took.

    The loss is ‖v − v̂‖² averaged over pixels, t uniform over the schedule's steps, whatever the network predicts.
    """
    torch.manual_seed(recipe.seed)
    tokenizer = make_tokenizer(TEMPLATES)
    painter = _build(recipe, tokenizer)
    scheduler = DDPMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type=recipe.model["prediction_type"],
        clip_sample=True,
    )
    schedule, prediction = read_schedule(scheduler)
    say(f"{recipe.name}: drawing {recipe.pictures} {recipe.dataset} pictures")
    pictures = make_pictures(recipe.dataset, recipe.pictures, recipe.world_seed, keep=work.parent / "pictures")
    captions = [template.format(label=label) for label in CATEGORIES for template in TEMPLATES] + [""]
    encoded = tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")

    def loss(model: nn.Module, step: int) -> Tensor:
        x, labels = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        rng = stream(recipe.seed, "noise", step)
        t = schedule.snap((np.arange(len(x)) + rng.random(len(x))) / len(x))
        eps = torch.from_numpy(rng.standard_normal(x.shape, dtype=np.float32))
        levels = schedule.alpha_sigma(t)
        alpha, sigma = (as_tensor(v, x) for v in levels)
        caption = labels.numpy() * len(TEMPLATES) + rng.integers(len(TEMPLATES), size=len(x))
        caption[rng.random(len(x)) < _UNCAPTIONED] = len(captions) - 1
        answer = model(
            alpha * x + sigma * eps,
            torch.from_numpy(schedule.timesteps(t)).long(),
            encoded.input_ids[caption],
            encoded.attention_mask[caption],
        )
        error = (answer - target(prediction, x, eps, alpha, sigma)).square().flatten(1).mean(dim=1)
        weight = np.minimum(error_factor("v", *levels) / error_factor(prediction, *levels), _MOST)
        return (error * torch.from_numpy(weight).float()).mean()

    averaged, hours = fit(recipe, painter, loss, folder=work, say=say)
    best = cast(_Painter, averaged)
    pipeline = PixArtAlphaPipeline(
        tokenizer=tokenizer,
        text_encoder=best.text_encoder,
        vae=None,
        transformer=best.transformer,
        scheduler=scheduler,
    )
    pipeline.to(torch.float16)
    pipeline.save_pretrained(out, safe_serialization=True)
    return hours


def _build(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> _Painter:
    options = recipe.model
    width = options["heads"] * options["head_width"]
    text_encoder = T5EncoderModel(
        T5Config(
            vocab_size=len(tokenizer),
            d_model=options["text_width"],
            d_kv=options["text_width"] // 4,
            d_ff=2 * options["text_width"],
            num_layers=options["text_layers"],
            num_heads=4,
            dropout_rate=0.0,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    transformer = PixArtTransformer2DModel(
        num_attention_heads=options["heads"],
        attention_head_dim=options["head_width"],
        cross_attention_dim=width,
        in_channels=3,
        out_channels=3,
        num_layers=options["layers"],
        norm_num_groups=1,
        sample_size=SIDE,
        patch_size=options["patch"],
        caption_channels=options["text_width"],
        use_additional_conditions=False,
        interpolation_scale=1,
    )
    return _Painter(text_encoder, transformer)
