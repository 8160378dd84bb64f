"""Train an encoder-decoder that writes image tokens after reading a caption (Parti's place)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import torch
from diffusers import VQModel
from torch import Tensor, nn
from transformers import BartConfig, BartForConditionalGeneration

from reconstrue.classifiers.adapters.transformers.encoder_decoder import save_encoder_decoder
from reconstrue.seeding import stream
from reconstrue.train.autoencoder import VQ_RANGE, ready, rounded
from reconstrue.train.captions import Captions, make_captions
from reconstrue.train.encoded import tokens_of
from reconstrue.train.loop import Cost, fit
from reconstrue.train.recipe import Recipe


def train(recipe: Recipe, *, work: Path, out: Path, say: Callable[[str], None]) -> Cost:
    """Follow the recipe, save the folder `out` in float16 and return what the training cost.

    The tokenizer is trained first, by its own recipe, where it is not there yet; its cost stands apart. The loss
    is −log p(token | caption, earlier tokens), averaged, with the softmax over image tokens only.
    """
    folder, before = ready(recipe.model["autoencoder"], work=work.parent, say=say)
    vq = cast(VQModel, rounded(VQModel, folder, recipe.model["autoencoder"]))
    torch.manual_seed(recipe.seed)
    captions = make_captions(recipe.categories)
    offset = len(captions.tokenizer)
    model = _build(recipe, captions, vq)
    encoded = tokens_of(recipe, vq, work=work.parent, say=say)

    def loss(network: nn.Module, step: int) -> Tensor:
        tokens, labels = encoded.batch(recipe.seed, step, recipe.batch_size)
        caption = captions.choose(labels, stream(recipe.seed, "captions", step), leave_out=True)
        # Dropout too must be a function of the step.
        torch.manual_seed(step)
        return token_loss(network, tokens.long(), captions.ids[caption], captions.mask[caption], offset)

    averaged, cost = fit(recipe, model, loss, folder=work, say=say)
    best = cast(BartForConditionalGeneration, averaged)
    save_encoder_decoder(out, best.half(), vq.half(), captions.tokenizer, offset, input_range=VQ_RANGE)
    return replace(cost, autoencoder=before)


def token_loss(network: Any, tokens: Tensor, words: Tensor, mask: Tensor, offset: int) -> Tensor:
    """Return −log p(token | caption, earlier tokens), averaged over (b, n) tokens; code 0 has the id `offset`."""
    start = torch.full_like(tokens[:, :1], network.config.decoder_start_token_id)
    logits = network(
        input_ids=words,
        attention_mask=mask,
        decoder_input_ids=torch.cat([start, tokens[:, :-1] + offset], dim=1),
        use_cache=False,
    ).logits
    return nn.functional.cross_entropy(logits[..., offset:].flatten(0, 1), tokens.flatten())


def _build(recipe: Recipe, captions: Captions, vq: VQModel) -> BartForConditionalGeneration:
    options, words = recipe.model, captions.tokenizer
    side = int(vq.config.sample_size) // 2 ** (len(vq.config.block_out_channels) - 1)
    return BartForConditionalGeneration(
        BartConfig(
            vocab_size=len(words) + int(vq.config.num_vq_embeddings),
            max_position_embeddings=max(side * side, captions.ids.shape[1]),
            d_model=options["width"],
            encoder_layers=options["encoder_layers"],
            decoder_layers=options["decoder_layers"],
            encoder_attention_heads=options["heads"],
            decoder_attention_heads=options["heads"],
            encoder_ffn_dim=options["feedforward"],
            decoder_ffn_dim=options["feedforward"],
            dropout=options["dropout"],
            pad_token_id=words.pad_token_id,
            bos_token_id=words.eos_token_id,
            eos_token_id=words.eos_token_id,
            decoder_start_token_id=words.eos_token_id,
            forced_eos_token_id=None,
        )
    )
