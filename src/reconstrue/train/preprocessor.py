"""The preprocessor file beside a discriminative model's weights: 64 px, pixels in [−1, 1]."""

from __future__ import annotations

import json
from pathlib import Path

from reconstrue.stimuli.world.sets import SIDE


def write_preprocessor(folder: Path, processor: str) -> None:
    """Write ``preprocessor_config.json`` as transformers' image processor of that name reads it."""
    stated = {
        "image_processor_type": processor,
        "do_resize": True,
        "size": {"shortest_edge": SIDE},
        # Each processor has its own word for "no more than the resized picture".
        "crop_pct": 1.0,
        "do_center_crop": True,
        "crop_size": {"height": SIDE, "width": SIDE},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")
