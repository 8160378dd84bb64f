"""Train a text-conditional pixel diffusion model: a patch transformer saved as a `PixArtAlphaPipeline` without a VAE."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from diffusers import DDPMScheduler, PixArtAlphaPipeline, PixArtTransformer2DModel
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from reconstrue.classifiers.adapters.diffusers.base import read_schedule
from reconstrue.seeding import stream
from reconstrue.train.captions import TEMPLATES, make_captions
from reconstrue.train.diffusion import add_noise
from reconstrue.train.loop import Cost, fit
from reconstrue.train.pictures import make_pictures
from reconstrue.train.recipe import Recipe


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


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the pipeline folder `out` in float16 and return what the training cost.

    The loss is ‖v − v̂‖² averaged over pixels, t uniform over the schedule's steps, whatever the network predicts; the
    option `loss` names another space of the error, and `templates` other captions.
    """
    torch.manual_seed(recipe.seed)
    captions = make_captions(recipe.categories, recipe.model.get("templates", TEMPLATES))
    painter = _build(recipe, captions.tokenizer)
    scheduler = DDPMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type=recipe.model["prediction_type"],
        clip_sample=True,
    )
    schedule, prediction = read_schedule(scheduler)
    say(f"{recipe.name}: {'reading' if recipe.photographs else 'drawing'} {recipe.pictures} {recipe.dataset} pictures")
    pictures = make_pictures(recipe, keep=work.parent / "pictures")

    def loss(model: nn.Module, step: int) -> Tensor:
        x, labels = pictures.batch(recipe.seed, step, recipe.batch_size, recipe.zoom)
        rng = stream(recipe.seed, "noise", step)
        noised = add_noise(x, schedule, prediction, rng, recipe.model.get("loss", "v"))
        caption = captions.choose(labels, rng, leave_out=True)
        return noised.loss(model(noised.x_t, noised.steps, captions.ids[caption], captions.mask[caption]))

    averaged, cost = fit(recipe, painter, loss, folder=work, say=say)
    best = cast(_Painter, averaged)
    pipeline = PixArtAlphaPipeline(
        tokenizer=captions.tokenizer,
        text_encoder=best.text_encoder,
        vae=None,
        transformer=best.transformer,
        scheduler=scheduler,
    )
    pipeline.to(torch.float16)
    pipeline.save_pretrained(out, safe_serialization=True)
    return cost


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
        sample_size=recipe.side,
        patch_size=options["patch"],
        caption_channels=options["text_width"],
        use_additional_conditions=False,
        interpolation_scale=1,
    )
    return _Painter(text_encoder, transformer)
