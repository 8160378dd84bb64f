"""Tiny, randomly initialised models of image tokens, built and saved by the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import VQModel
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    Emu3Config,
    Emu3ForConditionalGeneration,
    Emu3ImageProcessor,
    Emu3Processor,
    JanusConfig,
    JanusForConditionalGeneration,
    JanusProcessor,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.models.janus.image_processing_pil_janus import JanusImageProcessorPil

from reconstrue.classifiers.adapters.transformers.encoder_decoder import save_encoder_decoder
from tests import tiny

OFFSET = 50


def vq(codes: int, side: int, *, halvings: int = 1) -> VQModel:
    """A `VQModel` whose codes lie where its encoder's answers do, so that pictures use several of them."""
    widths = (8,) * (halvings + 1)
    model = VQModel(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        latent_channels=4,
        num_vq_embeddings=codes,
        norm_num_groups=4,
        sample_size=side,
        mid_block_add_attention=False,
    ).eval()
    with torch.no_grad():
        seen = model.encode(torch.rand(64, 3, side, side) * 2 - 1).latents.movedim(1, -1).flatten(0, 2)
        model.quantize.embedding.weight.copy_(seen[torch.randperm(len(seen))[:codes]])
    return model


def transformer(kind: str, codes: int) -> Any:
    """A BART or T5 of one layer whose weights are large enough for the prompt to matter."""
    vocabulary = OFFSET + codes + 1
    if kind == "bart":
        model = BartForConditionalGeneration(
            BartConfig(
                vocab_size=vocabulary,
                d_model=16,
                encoder_layers=1,
                decoder_layers=1,
                encoder_attention_heads=2,
                decoder_attention_heads=2,
                encoder_ffn_dim=32,
                decoder_ffn_dim=32,
                max_position_embeddings=32,
                init_std=0.5,
                pad_token_id=0,
                bos_token_id=None,
                eos_token_id=1,
                decoder_start_token_id=1,
                forced_eos_token_id=None,
            )
        )
    else:
        model = T5ForConditionalGeneration(
            T5Config(
                vocab_size=vocabulary,
                d_model=16,
                d_kv=8,
                d_ff=32,
                num_layers=1,
                num_heads=2,
                decoder_start_token_id=0,
                pad_token_id=0,
                eos_token_id=1,
                dropout_rate=0.0,
            )
        )
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.3)
    return model.eval()


def save_tokens(folder: Path, kind: str = "bart") -> Any:
    """An encoder-decoder folder: 4 px as 2 × 2 tokens of 3 codes."""
    torch.manual_seed(0)
    network = transformer(kind, 3)
    save_encoder_decoder(folder, network, vq(3, 4), tiny.tokenizer(16), OFFSET)
    return network


def _words(extra: list[str], special: dict[str, str]) -> PreTrainedTokenizerFast:
    """A word tokenizer with the special tokens of a family of models."""
    words = ["<pad>", "</s>", "<unk>", "<s>", "A", "bad", "photo", "of", "a", ".", "airplane", "bear", "cat", "*", "2"]
    vocabulary = {word: i for i, word in enumerate([*words, "user", "assistant", ":", *special.values(), *extra])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=special,
    )


def save_janus(folder: Path) -> JanusForConditionalGeneration:
    """A Janus of 9 tokens: 12 px, a picture tokenizer that quarters the side, 24 codes."""
    torch.manual_seed(0)
    tokenizer = _words(
        [],
        {"image_token": "<image_placeholder>", "boi_token": "<begin_of_image>", "eoi_token": "<end_of_image>"},
    )
    model = JanusForConditionalGeneration(
        JanusConfig(
            text_config={
                "model_type": "llama",
                "vocab_size": len(tokenizer),
                "hidden_size": 16,
                "intermediate_size": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "initializer_range": 0.4,
                "max_position_embeddings": 64,
            },
            vision_config={
                "hidden_size": 16,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "image_size": 12,
                "patch_size": 4,
                "projection_dim": 16,
                "num_image_tokens": 9,
            },
            vq_config={
                "embed_dim": 4,
                "num_embeddings": 24,
                "latent_channels": 32,
                "base_channels": 32,
                "channel_multiplier": [1, 1, 1],
                "num_res_blocks": 1,
                "projection_dim": 16,
                "num_hidden_layers": 2,
                "image_token_embed_dim": 16,
                "initializer_range": 0.4,
            },
            image_token_id=tokenizer.convert_tokens_to_ids("<image_placeholder>"),
        )
    ).eval()
    _spread(model.model.generation_embeddings, model.model.generation_aligner, model.model.generation_head)
    model.save_pretrained(folder)
    JanusProcessor(
        JanusImageProcessorPil(
            size={"height": 12, "width": 12}, image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.4, 0.3], resample=2
        ),
        tokenizer,
        chat_template="{% for m in messages %}user : {{ m['content'][0]['text'] }}{% endfor %} assistant :",
    ).save_pretrained(folder)
    return model


def save_emu3(folder: Path) -> Emu3ForConditionalGeneration:
    """An Emu3 of 2 × 2 tokens: 16 px, 5 codes whose ids do not follow their order."""
    torch.manual_seed(0)
    visual = [f"<|visual token {code:06d}|>" for code in (3, 0, 4, 1, 2)]
    tokenizer = _words(
        visual,
        {
            "image_token": "<image>",
            "boi_token": "<|image start|>",
            "eoi_token": "<|image end|>",
            "image_wrapper_token": "<|image token|>",
            "eof_token": "<|extra_201|>",
            "eol_token": "<|extra_200|>",
        },
    )
    model = Emu3ForConditionalGeneration(
        Emu3Config(
            text_config={
                "vocab_size": len(tokenizer),
                "hidden_size": 16,
                "intermediate_size": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "initializer_range": 0.4,
                "max_position_embeddings": 64,
                "pad_token_id": 0,
                "bos_token_id": 3,
                "eos_token_id": 1,
            },
            vq_config={
                "codebook_size": 5,
                "embed_dim": 4,
                "latent_channels": 4,
                "base_channels": 32,
                "channel_multiplier": [1, 1, 1, 1],
                "num_res_blocks": 1,
                "attn_resolutions": [],
                "hidden_size": 32,
                "num_attention_heads": 1,
            },
            vocabulary_map=tokenizer.get_vocab(),
        )
    ).eval()
    picture_tokenizer = model.model.vqmodel
    with torch.no_grad():
        clip = (torch.rand(16, 3, 16, 16) * 2 - 1)[:, None].repeat(1, 4, 1, 1, 1)
        seen = picture_tokenizer.quant_conv(picture_tokenizer.encoder(clip).transpose(1, 2))
        vectors = seen.movedim(1, -1).flatten(0, 3)
        picture_tokenizer.quantize.embedding.weight.copy_(vectors[torch.randperm(len(vectors))[:5]])
    model.save_pretrained(folder)
    Emu3Processor(
        Emu3ImageProcessor(
            min_pixels=256, max_pixels=256, image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.4, 0.3], resample=2
        ),
        tokenizer,
    ).save_pretrained(folder)
    return model


def _spread(*modules: torch.nn.Module) -> None:
    """Make a module's weights so large that its input matters."""
    with torch.no_grad():
        for module in modules:
            for parameter in module.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.4)
