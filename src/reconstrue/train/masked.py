"""Train a model that fills in hidden image tokens, saved as an `AmusedPipeline` folder (Muse's place)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from diffusers import AmusedScheduler, UVit2DModel, VQModel
from torch import Tensor, nn
from transformers import CLIPTextModelWithProjection

from reconstrue.classifiers.adapters.diffusers.amused import MICRO_CONDITIONING, save_amused
from reconstrue.seeding import stream
from reconstrue.train.autoencoder import ready, rounded
from reconstrue.train.captions import clip_text_config, make_captions
from reconstrue.train.encoded import tokens_of
from reconstrue.train.loop import Cost, fit
from reconstrue.train.recipe import Recipe


class Painter(nn.Module):
    """The trained parts together: the text encoder and the transformer that fills in what is hidden."""

    def __init__(self, text_encoder: CLIPTextModelWithProjection, transformer: UVit2DModel) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.transformer = transformer

    def forward(self, ids: Tensor, words: Tensor, size: Tensor) -> Tensor:
        told = self.text_encoder(words, output_hidden_states=True, return_dict=True)
        return cast(
            Tensor,
            self.transformer(
                ids,
                encoder_hidden_states=told.hidden_states[-2],
                pooled_text_emb=told.text_embeds,
                micro_conds=size,
            ),
        )


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the pipeline folder `out` in float16 and return what the training cost.

    The tokenizer is trained first, by its own recipe, where it is not there yet; its cost stands apart. The loss
    is −log p of the hidden tokens given the caption and the shown ones, averaged; the hidden share is cos(πu/2) with u
    uniform (Chang et al. 2023, arXiv 2301.00704).
    """
    folder, before = ready(recipe.model["autoencoder"], work=work.parent, say=say)
    vq = cast(VQModel, rounded(VQModel, folder, recipe.model["autoencoder"]))
    torch.manual_seed(recipe.seed)
    captions = make_captions(recipe.categories)
    codes, options = int(vq.config.num_vq_embeddings), recipe.model
    side = int(vq.config.sample_size) // 2 ** (len(vq.config.block_out_channels) - 1)
    text = CLIPTextModelWithProjection(
        clip_text_config(captions, options["text_width"], options["text_layers"], options["text_width"])
    )
    painter = Painter(text, _transformer(recipe, codes, side))
    encoded = tokens_of(recipe, vq, work=work.parent, say=say)
    size = torch.tensor([[float(vq.config.sample_size)] * 2 + list(MICRO_CONDITIONING)])

    def loss(network: nn.Module, step: int) -> Tensor:
        tokens, labels = encoded.batch(recipe.seed, step, recipe.batch_size)
        tokens, rng = tokens.long(), stream(recipe.seed, "masks", step)
        caption = captions.choose(labels, rng, leave_out=True)
        share = np.cos(np.pi / 2 * (np.arange(len(tokens)) + rng.random(len(tokens))) / len(tokens))
        count = np.maximum(1, np.ceil(share * tokens.shape[1]))[:, None]
        hidden = torch.from_numpy(rng.random(tokens.shape).argsort(axis=1).argsort(axis=1) < count)
        torch.manual_seed(step)  # dropout too must be a function of the step
        return hidden_loss(network, tokens, hidden, captions.ids[caption], size)

    averaged, cost = fit(recipe, painter, loss, folder=work, say=say)
    best = cast(Painter, averaged)
    save_amused(
        out,
        transformer=best.transformer.half(),
        vq=vq.half(),
        text_encoder=best.text_encoder.half(),
        tokenizer=captions.tokenizer,
        scheduler=AmusedScheduler(mask_token_id=codes),
    )
    return replace(cost, autoencoder=before)


def hidden_loss(network: nn.Module, tokens: Tensor, hidden: Tensor, words: Tensor, size: Tensor) -> Tensor:
    """Return −log p of the `hidden` ones (b, n) of the tokens (b, n), averaged; `size` is the micro-conditioning."""
    transformer = cast(Any, network).transformer
    side = int(transformer.config.sample_size)
    shown = tokens.masked_fill(hidden, int(transformer.config.codebook_size))
    logits = network(shown.reshape(-1, side, side), words, size.expand(len(tokens), -1))
    return nn.functional.cross_entropy(logits.flatten(2).transpose(1, 2)[hidden], tokens[hidden])


def _transformer(recipe: Recipe, codes: int, side: int) -> UVit2DModel:
    options = recipe.model
    width = options["width"]
    return UVit2DModel(
        hidden_size=width,
        use_bias=False,
        hidden_dropout=options["dropout"],
        cond_embed_dim=options["text_width"],
        micro_cond_encode_dim=16,
        micro_cond_embed_dim=80,
        encoder_hidden_size=options["text_width"],
        vocab_size=codes + 1,
        codebook_size=codes,
        in_channels=width,
        block_out_channels=width,
        num_res_blocks=1,
        downsample=False,
        upsample=False,
        block_num_heads=options["heads"],
        num_hidden_layers=options["layers"],
        num_attention_heads=options["heads"],
        attention_dropout=0.0,
        intermediate_size=options["feedforward"],
        layer_norm_eps=1e-6,
        ln_elementwise_affine=True,
        sample_size=side,
    )
