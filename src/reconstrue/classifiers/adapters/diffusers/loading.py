"""Load a pipeline folder without surprises: no unpickling, no remote code, no missing part silently replaced."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import cast

import torch
from diffusers import DiffusionPipeline
from huggingface_hub import hf_hub_download

from reconstrue.classifiers.adapters.diffusers import FAMILIES
from reconstrue.classifiers.adapters.diffusers.base import state_prediction
from reconstrue.classifiers.adapters.diffusers.large_encoders import (
    Identify,
    LargeEncoders,
    large_encoders,
    move_all_but,
)
from reconstrue.classifiers.adapters.fetched import fetched_load
from reconstrue.classifiers.adapters.guarded import first_line
from reconstrue.classifiers.cards import Card
from reconstrue.classifiers.formats import UNUSED, refuse_code
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.schedule import Prediction
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.errors import UserError

_INDEX = "model_index.json"


def load_denoiser(
    source: str,
    *,
    revision: str | None,
    dtype: torch.dtype,
    device: torch.device,
    card: Card | None = None,
    identify: Identify = dict,
) -> Denoiser:
    """Return the denoiser of a pipeline, from a local folder or a hub id.

    Args:
        source: a folder with a ``model_index.json``, or a hub id.
        revision: the hub revision, None for a local folder.
        dtype: of the network; schedules and error sums stay float32 or better.
        device: where to run.
        card: says which filter resizes pictures, what the network predicts where its scheduler's file does not, and
            whether a licence must be accepted.
        identify: tells the weights and arithmetic from all others', for what a large text encoder said.

    Raises:
        UserError: not found, gated, not reachable, a class that is not supported, or weights that would have to be
            unpickled.
    """
    index = read_index(source, revision, card)
    pipeline_class = str(index.get("_class_name"))
    family = FAMILIES.get(pipeline_class)
    # A part that the folder itself lists as [null, null] is absent by design (no VAE: pixel space) and must be passed
    # as None; the unused parts are dropped.
    broken = [name for name, value in index.items() if isinstance(value, list) and len(value) != 2]
    if broken:
        raise UserError(f"{source}: model_index.json names no class for '{broken[0]}'; download the model again")
    absent = {
        name: None
        for name, value in index.items()
        if not name.startswith("_") and isinstance(value, list) and (value[0] is None or name in UNUSED)
    }
    extra = {"requires_safety_checker": False} if "safety_checker" in index else {}
    with fetched_load(source, revision=revision, card=card), warnings.catch_warnings():
        # What diffusers will rename is its own affair.
        warnings.simplefilter("ignore", FutureWarning)
        pipeline = DiffusionPipeline.from_pretrained(
            source,
            revision=revision,
            dtype=dtype,
            use_safetensors=True,
            low_cpu_mem_usage=False,
            **absent,
            **extra,
        )
        large = large_encoders(pipeline)
        move_all_but(pipeline, large, device)
    if card is not None and card.prediction:
        state_prediction(pipeline.scheduler, cast(Prediction, card.prediction))
    denoiser = family(pipeline, device)
    if not isinstance(denoiser, Denoiser):
        raise TypeError(f"{family} is not a Denoiser")
    if card is not None and card.interpolation:
        denoiser.interpolation = cast(Interpolation, card.interpolation)
    if large:
        return LargeEncoders(denoiser, large, identify, prompts_folder())
    return denoiser


def prompts_folder() -> Path:
    """Return the folder where it is kept what large text encoders said (in the user's cache folder of this package)."""
    import pooch

    return Path(pooch.os_cache("reconstrue")) / "prompts"


def read_index(source: str, revision: str | None, card: Card | None) -> dict[str, object]:
    """Return a pipeline's ``model_index.json``, from a local folder or a hub id.

    Raises:
        UserError: it is not found, not reachable, not a JSON object, or names code of its own.
    """
    path = Path(source) / _INDEX
    if not path.is_file():
        with fetched_load(source, revision=revision, card=card):
            path = Path(hf_hub_download(source, _INDEX, revision=revision))
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not valid JSON ({first_line(error)}); download the model again") from error
    if not isinstance(index, dict):
        raise UserError(f"{path}: expected a JSON object that names the pipeline's parts")
    refuse_code(index, path)
    return index
