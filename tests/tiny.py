"""Tiny, randomly initialised pipelines of the public classes, built and saved by the tests."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DDPMScheduler,
    IFPipeline,
    PixArtAlphaPipeline,
    PixArtTransformer2DModel,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    PreTrainedTokenizerFast,
    ResNetConfig,
    ResNetForImageClassification,
    T5Config,
    T5EncoderModel,
)

from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.train.text import make_tokenizer

TEMPLATES = ("A bad photo of a {label}.", "a duck", "a rabbit")
WIDTH = 32


def tokenizer(length: int) -> PreTrainedTokenizerFast:
    """A word tokenizer for prompts of at most `length` tokens."""
    made = make_tokenizer(TEMPLATES)
    made.model_max_length = length
    return made


def unet(channels: int, out: int, side: int) -> UNet2DConditionModel:
    """A U-Net of two small blocks."""
    return UNet2DConditionModel(
        sample_size=side,
        in_channels=channels,
        out_channels=out,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
        norm_num_groups=8,
    )


def t5() -> T5EncoderModel:
    """A one-layer T5 encoder."""
    return T5EncoderModel(
        T5Config(vocab_size=64, d_model=WIDTH, d_kv=8, d_ff=64, num_layers=1, num_heads=4, dropout_rate=0.0)
    )


def save_stable_diffusion(folder: Path, prediction_type: str, *, shift: float | None = None) -> StableDiffusionPipeline:
    """A latent pipeline with a CLIP text encoder and a VAE that halves the side."""
    torch.manual_seed(0)
    words = tokenizer(77)
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=64,
            hidden_size=WIDTH,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=4,
            max_position_embeddings=77,
            pad_token_id=words.pad_token_id,
            eos_token_id=words.eos_token_id,
        )
    )
    vae = AutoencoderKL(
        block_out_channels=(32, 32),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        latent_channels=4,
        norm_num_groups=8,
        sample_size=32,
        scaling_factor=0.5,
        shift_factor=shift,
    )
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=words,
        unet=unet(4, 4, 16),
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type=prediction_type,
            steps_offset=1,
            clip_sample=False,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_deepfloyd(folder: Path) -> IFPipeline:
    """A pixel pipeline with T5 and learned variance: six output channels."""
    torch.manual_seed(0)
    pipeline = IFPipeline(
        tokenizer=tokenizer(77),
        text_encoder=t5(),
        unet=unet(3, 6, 16),
        scheduler=DDPMScheduler(beta_schedule="squaredcos_cap_v2", variance_type="learned_range"),
        safety_checker=None,
        feature_extractor=None,
        watermarker=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_pixart(folder: Path, prediction_type: str = "v_prediction") -> PixArtAlphaPipeline:
    """A pixel patch transformer: a `PixArtAlphaPipeline` folder whose VAE is [null, null]."""
    torch.manual_seed(0)
    pipeline = PixArtAlphaPipeline(
        tokenizer=tokenizer(16),
        text_encoder=t5(),
        vae=None,
        transformer=PixArtTransformer2DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            cross_attention_dim=32,
            in_channels=3,
            out_channels=3,
            num_layers=1,
            norm_num_groups=1,
            sample_size=16,
            patch_size=4,
            caption_channels=WIDTH,
            use_additional_conditions=False,
        ),
        scheduler=DDPMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type=prediction_type),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_resnet(folder: Path) -> ResNetForImageClassification:
    """A small ResNet over the 16 categories, with its preprocessor."""
    torch.manual_seed(0)
    model = ResNetForImageClassification(
        ResNetConfig(
            embedding_size=8,
            hidden_sizes=[8, 16],
            depths=[1, 1],
            layer_type="basic",
            id2label=dict(enumerate(CATEGORIES)),
            label2id={name: i for i, name in enumerate(CATEGORIES)},
        )
    )
    model.eval().save_pretrained(folder, safe_serialization=True)
    (folder / "preprocessor_config.json").write_text(
        '{"size": {"shortest_edge": 32}, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}'
    )
    return model
