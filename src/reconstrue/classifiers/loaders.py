"""One function per kind of checkpoint: from its files and the options to a `Classifier`; cards name them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import Checkpoint
from reconstrue.classifiers.generative.schedule import WEIGHTINGS
from reconstrue.classifiers.options import Options


def load_pipeline(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return the classifier around a folder with a ``model_index.json``: diffusion, or masked tokens."""
    return load_diffusion(checkpoint, options)


def load_diffusion(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a diffusion classifier around a diffusers pipeline."""
    from reconstrue.classifiers.adapters.diffusers.loading import load_denoiser
    from reconstrue.classifiers.generative.diffusion import DiffusionClassifier

    denoiser = load_denoiser(
        checkpoint.source,
        revision=checkpoint.revision,
        dtype=options.torch_dtype(),
        device=options.torch_device(),
    )
    return DiffusionClassifier(
        denoiser,
        name=checkpoint.name,
        policy=options.evidence_policy(),
        weighting=WEIGHTINGS.get(options.weighting),
        templates=options.templates(),
        seed=options.seed,
        batch_size=options.rows(denoiser.resolution),
        identity=identity(checkpoint, options),
    )


def load_supervised(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a supervised classifier around a transformers image-classification folder."""
    from reconstrue.classifiers.adapters.transformers.image_classification import TransformersNetwork
    from reconstrue.classifiers.discriminative.supervised import SupervisedClassifier

    network = TransformersNetwork(Path(checkpoint.source), dtype=options.torch_dtype(), device=options.torch_device())
    return SupervisedClassifier(
        network,
        name=checkpoint.name,
        batch_size=options.rows(network.resolution),
        identity=identity(checkpoint, options),
    )


def identity(checkpoint: Checkpoint, options: Options) -> dict[str, object]:
    """Return what tells this model's weights and arithmetic from all others', for the settings."""
    folder = Path(checkpoint.source)
    weights = _hash_folder(folder) if folder.is_dir() else f"{checkpoint.source}@{checkpoint.revision}"
    return {"weights": weights, "dtype": options.dtype, "device": options.torch_device().type}


def _hash_folder(folder: Path) -> str:
    """Return one SHA-256 of the model's files: names and contents of configs, vocabularies and weights."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".json", ".safetensors", ".txt", ".model"}):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(json.dumps([path.relative_to(folder).as_posix(), content]).encode())
    return digest.hexdigest()
