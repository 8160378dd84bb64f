"""The preprocessor file beside a discriminative model's weights: pixels in [−1, 1]."""

from __future__ import annotations

import json
from pathlib import Path


def write_preprocessor(folder: Path, processor: str, side: int) -> None:
    """Write ``preprocessor_config.json`` as transformers' image processor of that name reads it; pictures are `side` px wide."""
    stated = {
        "image_processor_type": processor,
        "do_resize": True,
        "size": {"shortest_edge": side},
        # Each processor has its own word for "no more than the resized picture".
        "crop_pct": 1.0,
        "do_center_crop": True,
        "crop_size": {"height": side, "width": side},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")
