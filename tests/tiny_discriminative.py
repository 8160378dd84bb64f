"""Tiny, randomly initialised networks that are asked for labels or embeddings, saved as their own libraries save them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import open_clip
import timm
import torch
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

from tests import tiny

# Apart in every channel, so that a mix-up of channels, mean or deviation shows.
MEAN, DEVIATION = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


def save_clip(folder: Path) -> CLIPModel:
    """A transformers CLIP that reads 16 tokens and sees 32 px."""
    torch.manual_seed(0)
    words = tiny.tokenizer(16)
    tower = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4}
    model = CLIPModel(
        CLIPConfig(
            text_config={
                **tower,
                "vocab_size": 64,
                "max_position_embeddings": 16,
                "pad_token_id": words.pad_token_id,
                "bos_token_id": words.eos_token_id,
                "eos_token_id": words.eos_token_id,
            },
            vision_config={**tower, "image_size": 32, "patch_size": 8},
            projection_dim=24,
        )
    )
    model.eval().save_pretrained(folder, safe_serialization=True)
    words.save_pretrained(folder)
    CLIPImageProcessor(
        size={"shortest_edge": 32},
        crop_size={"height": 32, "width": 32},
        image_mean=list(MEAN),
        image_std=list(DEVIATION),
    ).save_pretrained(folder)
    return model


def save_open_clip(folder: Path, *, preprocessing: dict[str, Any] | None = None) -> torch.nn.Module:
    """An open_clip model that sees 32 px, with the library's own tokenizer."""
    torch.manual_seed(0)
    config: dict[str, Any] = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 8, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    }
    model = open_clip.CLIP(**config).eval()
    open_clip.model.set_model_preprocess_cfg(
        model,
        {"size": 32, "mean": MEAN, "std": DEVIATION, "interpolation": "bilinear", "resize_mode": "shortest"}
        | (preprocessing or {}),
    )
    folder.mkdir(exist_ok=True)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    save_config_for_hf(model, folder / "open_clip_config.json", model_config=config)
    return model


def save_timm(folder: Path, classes: Sequence[str] | None = None, *, outputs: int = 16) -> torch.nn.Module:
    """A timm ResNet that sees 64 px cut out of 80."""
    torch.manual_seed(0)
    outputs = outputs if classes is None else len(classes)
    model = timm.create_model("test_resnet", num_classes=outputs).eval()
    timm.models.save_for_hf(
        model,
        folder,
        model_config={"label_names": list(classes)} if classes else None,
        safe_serialization=True,
        data_config={
            "input_size": (3, 64, 64),
            "crop_pct": 0.8,
            "interpolation": "bilinear",
            "mean": MEAN,
            "std": DEVIATION,
        },
    )
    return model


def edit_config(path: Path, **changes: object) -> None:
    """Change entries of a JSON config's top level."""
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, **changes}))
