"""Tiny, randomly initialised pipelines of the public classes, built and saved by the tests."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from diffusers import (
    AutoencoderDC,
    AutoencoderKL,
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    IFPipeline,
    PixArtAlphaPipeline,
    PixArtSigmaPipeline,
    PixArtTransformer2DModel,
    PRXPipeline,
    PRXTransformer2DModel,
    SanaPipeline,
    SanaTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Gemma2Config,
    Gemma2Model,
    PreTrainedTokenizerFast,
    ResNetConfig,
    ResNetForImageClassification,
    T5Config,
    T5EncoderModel,
    T5GemmaConfig,
)
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaEncoder

from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.train.text import make_tokenizer

TEMPLATES = ("A bad photo of a {label}.", "a duck", "a rabbit")
WIDTH = 32


def tokenizer(length: int) -> PreTrainedTokenizerFast:
    """A word tokenizer for prompts of at most `length` tokens."""
    made = make_tokenizer(TEMPLATES, CATEGORIES)
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


def t5(width: int = WIDTH) -> T5EncoderModel:
    """A one-layer T5 encoder."""
    return T5EncoderModel(
        T5Config(vocab_size=64, d_model=width, d_kv=8, d_ff=64, num_layers=1, num_heads=4, dropout_rate=0.0)
    )


def clip_config(words: PreTrainedTokenizerFast) -> CLIPTextConfig:
    """A CLIP text encoder of two layers, so that the last and the one before it differ."""
    return CLIPTextConfig(
        vocab_size=64,
        hidden_size=WIDTH,
        intermediate_size=64,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        pad_token_id=words.pad_token_id,
        eos_token_id=words.eos_token_id,
    )


def kl(channels: int, scale: float, shift: float | None, blocks: int = 2) -> AutoencoderKL:
    """A VAE of one small layer per block; two blocks halve the side."""
    return AutoencoderKL(
        block_out_channels=(32,) * blocks,
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=channels,
        norm_num_groups=8,
        sample_size=32,
        # Attention over all pixels is costly where nothing is halved.
        mid_block_add_attention=blocks > 1,
        scaling_factor=scale,
        shift_factor=shift,
    )


def save_stable_diffusion(folder: Path, prediction_type: str, *, shift: float | None = None) -> StableDiffusionPipeline:
    """A latent pipeline with a CLIP text encoder and a VAE that halves the side."""
    torch.manual_seed(0)
    words = tokenizer(77)
    pipeline = StableDiffusionPipeline(
        vae=kl(4, 0.5, shift),
        text_encoder=CLIPTextModel(clip_config(words)),
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


def save_sdxl(folder: Path, prediction_type: str) -> StableDiffusionXLPipeline:
    """A latent U-Net with two text encoders, a pooled state and six time ids."""
    torch.manual_seed(0)
    words = tokenizer(77)
    pipeline = StableDiffusionXLPipeline(
        vae=kl(4, 0.5, None),
        text_encoder=CLIPTextModel(clip_config(words)),
        text_encoder_2=CLIPTextModelWithProjection(clip_config(words)),
        tokenizer=words,
        tokenizer_2=tokenizer(77),
        unet=UNet2DConditionModel(
            sample_size=16,
            in_channels=4,
            out_channels=4,
            block_out_channels=(32, 64),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=2 * WIDTH,
            attention_head_dim=8,
            norm_num_groups=8,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type=prediction_type,
            timestep_spacing="leading",
        ),
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_sd3(folder: Path, *, with_t5: bool = True, shift: float = 3.0) -> StableDiffusion3Pipeline:
    """A flow transformer over 16-channel latents, with two CLIP encoders and T5 or none."""
    torch.manual_seed(0)
    words = tokenizer(77)
    pipeline = StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=16,
            patch_size=2,
            in_channels=16,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=2 * WIDTH,
            caption_projection_dim=32,
            pooled_projection_dim=2 * WIDTH,
            out_channels=16,
            pos_embed_max_size=16,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=shift),
        vae=kl(16, 0.7, 0.1),
        text_encoder=CLIPTextModelWithProjection(clip_config(words)),
        tokenizer=words,
        text_encoder_2=CLIPTextModelWithProjection(clip_config(words)),
        tokenizer_2=tokenizer(77),
        text_encoder_3=t5(2 * WIDTH) if with_t5 else None,
        tokenizer_3=tokenizer(77) if with_t5 else None,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_flux(folder: Path, *, guided: bool) -> FluxPipeline:
    """A flow transformer over packed latents; its VAE keeps the side, as Flux's size of 128 latents is fixed."""
    torch.manual_seed(0)
    words = tokenizer(77)
    pipeline = FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=guided),
        vae=kl(1, 0.7, 0.1, blocks=1),
        text_encoder=CLIPTextModel(clip_config(words)),
        tokenizer=words,
        text_encoder_2=t5(),
        tokenizer_2=tokenizer(16),
        transformer=FluxTransformer2DModel(
            in_channels=4,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=8,
            num_attention_heads=1,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            guidance_embeds=guided,
            axes_dims_rope=(2, 2, 4),
        ),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_sana(folder: Path) -> SanaPipeline:
    """A linear-attention flow transformer with Gemma 2 and a deterministic autoencoder that halves the side twice."""
    torch.manual_seed(0)
    pipeline = SanaPipeline(
        tokenizer=tokenizer(16),
        text_encoder=Gemma2Model(
            Gemma2Config(
                vocab_size=64,
                hidden_size=WIDTH,
                intermediate_size=64,
                num_hidden_layers=1,
                num_attention_heads=4,
                num_key_value_heads=2,
                head_dim=8,
            )
        ),
        vae=AutoencoderDC(
            latent_channels=4,
            attention_head_dim=2,
            encoder_block_types=("ResBlock", "EfficientViTBlock", "EfficientViTBlock"),
            decoder_block_types=("ResBlock", "EfficientViTBlock", "EfficientViTBlock"),
            encoder_block_out_channels=(8, 8, 16),
            decoder_block_out_channels=(8, 8, 16),
            encoder_layers_per_block=(1, 1, 1),
            decoder_layers_per_block=(1, 1, 1),
            encoder_qkv_multiscales=((), (5,), (5,)),
            decoder_qkv_multiscales=((), (5,), (5,)),
            downsample_block_type="conv",
            upsample_block_type="interpolate",
            decoder_norm_types="rms_norm",
            scaling_factor=0.41407,
        ),
        transformer=SanaTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_attention_heads=2,
            attention_head_dim=8,
            num_cross_attention_heads=2,
            cross_attention_head_dim=8,
            cross_attention_dim=16,
            caption_channels=WIDTH,
            sample_size=8,
            patch_size=1,
            timestep_scale=0.5,
        ),
        scheduler=DPMSolverMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0, algorithm_type="dpmsolver++"
        ),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def save_prx(folder: Path) -> PRXPipeline:
    """A flow transformer with the encoder of T5Gemma, made for 32 px pictures."""
    torch.manual_seed(0)
    part = {
        "vocab_size": 64,
        "hidden_size": WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
    }
    config = T5GemmaConfig(encoder=part, decoder=part, vocab_size=64)
    transformer = PRXTransformer2DModel(
        in_channels=4, patch_size=2, context_in_dim=WIDTH, hidden_size=16, num_heads=2, depth=1, axes_dim=[4, 4]
    )
    for parameter in transformer.parameters():
        # Its own initial weights are zero where the text comes in.
        torch.nn.init.normal_(parameter, std=0.2)
    with warnings.catch_warnings():
        # The pipeline's own base class warns of its renaming.
        warnings.simplefilter("ignore", FutureWarning)
        pipeline = PRXPipeline(
            transformer=transformer,
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            text_encoder=T5GemmaEncoder(config.encoder),
            tokenizer=tokenizer(16),
            vae=kl(4, 0.7, 0.1),
            default_sample_size=32,
        )
    pipeline.save_pretrained(folder, safe_serialization=True)
    # Public folders hold the config of the whole encoder-decoder.
    config.save_pretrained(folder / "text_encoder")
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


def save_pixart_sigma(folder: Path) -> PixArtSigmaPipeline:
    """A latent patch transformer with learned variance: twice as many output channels."""
    torch.manual_seed(0)
    pipeline = PixArtSigmaPipeline(
        tokenizer=tokenizer(16),
        text_encoder=t5(),
        vae=kl(4, 0.5, None),
        transformer=PixArtTransformer2DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            cross_attention_dim=32,
            in_channels=4,
            out_channels=8,
            num_layers=1,
            norm_num_groups=1,
            sample_size=16,
            patch_size=2,
            caption_channels=WIDTH,
            use_additional_conditions=False,
        ),
        scheduler=DPMSolverMultistepScheduler(),
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
