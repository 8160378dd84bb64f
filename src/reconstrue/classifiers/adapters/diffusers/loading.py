"""Load a pipeline folder without surprises: no unpickling, no remote code, no missing part silently replaced."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import DiffusionPipeline
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

from reconstrue.classifiers.adapters.diffusers import FAMILIES
from reconstrue.classifiers.adapters.guarded import first_line, guarded_load
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.errors import UserError

_INDEX = "model_index.json"
# Parts that classification never needs: safety checkers look at generated pictures only.
_UNUSED = ("safety_checker", "feature_extractor", "watermarker", "image_encoder")


def load_denoiser(source: str, *, revision: str | None, dtype: torch.dtype, device: torch.device) -> Denoiser:
    """Return the denoiser of a pipeline, from a local folder or a hub id.

    Args:
        source: a folder with a ``model_index.json``, or a hub id.
        revision: the hub revision, None for a local folder.
        dtype: of the network; schedules and error sums stay float32 or better.
        device: where to run.

    Raises:
        UserError: not found, gated, not reachable, a class that is not supported, or weights that would have to be
            unpickled.
    """
    index = _read_index(source, revision)
    pipeline_class = str(index.get("_class_name"))
    family = FAMILIES.get(pipeline_class)
    # A part that the folder itself lists as [null, null] is absent by design (no VAE: pixel space) and must be passed
    # as None; the unused parts are dropped.
    absent = {
        name: None
        for name, value in index.items()
        if not name.startswith("_") and isinstance(value, list) and (value[0] is None or name in _UNUSED)
    }
    extra = {"requires_safety_checker": False} if "safety_checker" in index else {}
    with guarded_load(source):
        pipeline = DiffusionPipeline.from_pretrained(
            source,
            revision=revision,
            dtype=dtype,
            use_safetensors=True,
            low_cpu_mem_usage=False,
            **absent,
            **extra,
        )
        pipeline.to(device)
    denoiser = family(pipeline, device)
    if not isinstance(denoiser, Denoiser):
        raise TypeError(f"{family} is not a Denoiser")
    return denoiser


def _read_index(source: str, revision: str | None) -> dict[str, object]:
    path = Path(source) / _INDEX
    if not path.is_file():
        path = Path(_from_hub(source, revision))
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid JSON ({first_line(error)}); download the model again") from error
    if not isinstance(index, dict):
        raise UserError(f"{path}: expected a JSON object that names the pipeline's parts")
    return index


def _from_hub(repository: str, revision: str | None) -> str:
    try:
        return hf_hub_download(repository, _INDEX, revision=revision)
    except GatedRepoError as error:
        raise UserError(
            f"{repository}: accept the licence on the model's page of the hub, then run `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise UserError(f"{repository}: no such model on the hub; give a card's name, a hub id or a folder") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError) as error:
        raise UserError(
            f"{repository}: the hub cannot be reached and there is no local copy; download the model on a machine "
            "with a network and give its folder"
        ) from error
