"""Train a latent diffusion model with its own autoencoder and text encoder, saved as a `StableDiffusionPipeline`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch
from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel

from reconstrue.classifiers.adapters.diffusers.base import read_schedule
from reconstrue.seeding import stream
from reconstrue.train.autoencoder import ready, rounded
from reconstrue.train.captions import TEMPLATES, Captions, clip_text_config, make_captions
from reconstrue.train.diffusion import add_noise
from reconstrue.train.encoded import encode_all
from reconstrue.train.loop import Cost, fit
from reconstrue.train.recipe import Recipe


class _Painter(nn.Module):
    """The trained parts together: the text encoder and the U-Net that it tells what to paint."""

    def __init__(self, text_encoder: CLIPTextModel, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.unet = unet

    def forward(self, x_t: Tensor, timestep: Tensor, tokens: Tensor) -> Tensor:
        states = self.text_encoder(tokens).last_hidden_state
        return cast(Tensor, self.unet(x_t, timestep, encoder_hidden_states=states, return_dict=False)[0])


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the pipeline folder `out` in float16 and return what the training cost.

    The autoencoder is trained first, by its own recipe, where it is not there yet; its cost stands apart. The loss
    is ‖v − v̂‖² averaged over the scaled latents' values, t uniform over the schedule's steps; the option `loss` names another
    space of the error, and `templates` other captions.
    """
    folder, before = ready(recipe.model["autoencoder"], work=work.parent, say=say)
    vae = cast(AutoencoderKL, rounded(AutoencoderKL, folder, recipe.model["autoencoder"]))
    torch.manual_seed(recipe.seed)
    captions = make_captions(recipe.categories, recipe.model.get("templates", TEMPLATES))
    painter = _build(recipe, captions, vae)
    scheduler = DDPMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type=recipe.model["prediction_type"],
        clip_sample=False,
        steps_offset=1,
    )
    schedule, prediction = read_schedule(scheduler)
    say(f"{recipe.name}: encoding {recipe.pictures} pictures")
    encoded = encode_all(
        recipe, vae, lambda x: vae.encode(x).latent_dist.mode() * vae.config.scaling_factor, work=work.parent
    )

    def loss(model: nn.Module, step: int) -> Tensor:
        x, labels = encoded.batch(recipe.seed, step, recipe.batch_size)
        rng = stream(recipe.seed, "noise", step)
        noised = add_noise(x, schedule, prediction, rng, recipe.model.get("loss", "v"))
        caption = captions.choose(labels, rng, leave_out=True)
        return noised.loss(model(noised.x_t, noised.steps, captions.ids[caption]))

    averaged, cost = fit(recipe, painter, loss, folder=work, say=say)
    best = cast(_Painter, averaged)
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=best.text_encoder,
        tokenizer=captions.tokenizer,
        unet=best.unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(torch.float16)
    pipeline.save_pretrained(out, safe_serialization=True)
    return replace(cost, autoencoder=before)


def _build(recipe: Recipe, captions: Captions, vae: AutoencoderKL) -> _Painter:
    options = recipe.model
    widths = list(options["widths"])
    channels = int(vae.config.latent_channels)
    unet = UNet2DConditionModel(
        sample_size=int(vae.config.sample_size) // 2 ** (len(vae.config.block_out_channels) - 1),
        in_channels=channels,
        out_channels=channels,
        block_out_channels=widths,
        down_block_types=["CrossAttnDownBlock2D"] * (len(widths) - 1) + ["DownBlock2D"],
        up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * (len(widths) - 1),
        layers_per_block=options["layers"],
        cross_attention_dim=options["text_width"],
        attention_head_dim=options["heads"],
        norm_num_groups=16,
    )
    return _Painter(CLIPTextModel(clip_text_config(captions, options["text_width"], options["text_layers"])), unet)
