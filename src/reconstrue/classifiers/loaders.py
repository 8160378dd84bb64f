"""One function per kind of checkpoint: from its files and the options to a `Classifier`; cards name them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import Checkpoint, Kind
from reconstrue.classifiers.formats import loader_of
from reconstrue.classifiers.generative.schedule import WEIGHTINGS
from reconstrue.classifiers.installed import DISTRIBUTIONS, library_of
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.registry import resolve

if TYPE_CHECKING:
    from reconstrue.classifiers.discriminative.contrastive import Embedder
    from reconstrue.classifiers.discriminative.supervised import Network
    from reconstrue.classifiers.generative.autoregressive import TokenModel
    from reconstrue.classifiers.pictures import Interpolation


def load_hub(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return the classifier around a model of the hub, in whichever format it was published."""
    from reconstrue.classifiers.adapters.fetched import fetch_whole

    folder = fetch_whole(checkpoint.source, checkpoint.revision)
    if folder is None:
        return load_pipeline(checkpoint, options)
    loader = cast("Callable[[Checkpoint, Options], Classifier]", resolve(f"{__name__}:{loader_of(folder)}"))
    return loader(replace(checkpoint, source=str(folder)), options)


def load_pipeline(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return the classifier around a folder with a ``model_index.json``: whichever kind its class is of."""
    from reconstrue.classifiers.adapters.diffusers.loading import read_index

    index = read_index(checkpoint.source, checkpoint.revision, checkpoint.card)
    if index.get("_class_name") == "AmusedPipeline":
        return load_masked(checkpoint, options)
    if index.get("_class_name") == "EncoderDecoderTokenPipeline":
        return load_autoregressive(checkpoint, options)
    return load_diffusion(checkpoint, options)


def load_masked(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a masked-token classifier around an `AmusedPipeline`."""
    _refuse_idle("masked", options, checkpoint)
    from reconstrue.classifiers.adapters.diffusers.amused import load_amused
    from reconstrue.classifiers.generative.masked import MaskedClassifier, Method

    model = load_amused(
        checkpoint.source,
        revision=checkpoint.revision,
        dtype=options.torch_dtype(),
        device=options.torch_device(),
        card=checkpoint.card,
    )
    return MaskedClassifier(
        model,
        name=checkpoint.name,
        policy=options.evidence_policy(),
        method=cast(Method, options.masked_method),
        templates=options.templates(),
        seed=options.seed,
        batch_size=options.rows(model.resolution),
        identity=identity(checkpoint, options),
    )


def load_diffusion(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a diffusion classifier around a diffusers pipeline."""
    _refuse_idle("diffusion", options, checkpoint)
    from reconstrue.classifiers.adapters.diffusers.loading import load_denoiser
    from reconstrue.classifiers.generative.diffusion import DiffusionClassifier

    # Weights of gigabytes are hashed once.
    identify = cache(lambda: identity(checkpoint, options))
    denoiser = load_denoiser(
        checkpoint.source,
        revision=checkpoint.revision,
        dtype=options.torch_dtype(),
        device=options.torch_device(),
        card=checkpoint.card,
        identify=identify,
    )
    return DiffusionClassifier(
        denoiser,
        name=checkpoint.name,
        policy=options.evidence_policy(),
        weighting=WEIGHTINGS.get(options.weighting),
        templates=options.templates(),
        seed=options.seed,
        batch_size=options.rows(denoiser.resolution),
        identity=identify(),
    )


def load_autoregressive(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return an autoregressive classifier around an encoder-decoder that writes the tokens of a `VQModel`."""
    from reconstrue.classifiers.adapters.transformers.encoder_decoder import EncoderDecoderModel

    return _autoregressive(EncoderDecoderModel, checkpoint, options)


def load_janus(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return an autoregressive classifier around a Janus."""
    from reconstrue.classifiers.adapters.transformers.janus import JanusModel

    return _autoregressive(JanusModel, checkpoint, options)


def load_emu3(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return an autoregressive classifier around an Emu3."""
    from reconstrue.classifiers.adapters.transformers.emu3 import Emu3Model

    return _autoregressive(Emu3Model, checkpoint, options)


def load_clip(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a contrastive classifier around a transformers `CLIPModel` folder."""
    from reconstrue.classifiers.adapters.transformers.clip import ClipEmbedder

    embedder = ClipEmbedder(Path(checkpoint.source), dtype=options.torch_dtype(), device=options.torch_device())
    return _contrastive(embedder, checkpoint, options)


def load_open_clip(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a contrastive classifier around an open_clip model: ``architecture:tag``, or a folder."""
    make = cast("Callable[..., Embedder]", resolve("reconstrue.classifiers.adapters.open_clip:OpenClipEmbedder"))
    embedder = make(checkpoint.source, dtype=options.torch_dtype(), device=options.torch_device())
    return _contrastive(embedder, checkpoint, options)


def load_supervised(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a supervised classifier around a transformers image-classification folder."""
    from reconstrue.classifiers.adapters.transformers.image_classification import TransformersNetwork

    network = TransformersNetwork(Path(checkpoint.source), dtype=options.torch_dtype(), device=options.torch_device())
    return _supervised(network, checkpoint, options)


def load_timm(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a supervised classifier around a timm model: its name there, or a folder."""
    make = cast("Callable[..., Network]", resolve("reconstrue.classifiers.adapters.timm:TimmNetwork"))
    network = make(checkpoint.source, dtype=options.torch_dtype(), device=options.torch_device())
    return _supervised(network, checkpoint, options)


def load_torchvision(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a supervised classifier around a torchvision model: ``architecture:WEIGHTS``."""
    make = cast("Callable[..., Network]", resolve("reconstrue.classifiers.adapters.torchvision:TorchvisionNetwork"))
    network = make(checkpoint.source, dtype=options.torch_dtype(), device=options.torch_device())
    return _supervised(network, checkpoint, options)


def load_own_checkpoint(checkpoint: Checkpoint, options: Options) -> Classifier:
    """Return a supervised classifier around the folder that a card names, in timm's or transformers' format.

    Raises:
        UserError: the folder is not there.
    """
    folder = Path(checkpoint.source)
    if not folder.is_dir():
        raise UserError(
            f"no folder '{folder}' here: save your checkpoint with timm.models.save_for_hf or save_pretrained, and give "
            "its folder in place of the card's name"
        )
    loader = {"load_timm": load_timm, "load_supervised": load_supervised}.get(loader_of(folder))
    if loader is None:
        raise UserError(f"{folder}: not a supervised classifier; give the folder itself in place of the card's name")
    return loader(checkpoint, options)


def _autoregressive(reader: Callable[..., TokenModel], checkpoint: Checkpoint, options: Options) -> Classifier:
    _refuse_idle("autoregressive", options, checkpoint)
    from reconstrue.classifiers.generative.autoregressive import AutoregressiveClassifier

    model = reader(
        checkpoint.source,
        revision=checkpoint.revision,
        dtype=options.torch_dtype(),
        device=options.torch_device(),
    )
    if checkpoint.card is not None and checkpoint.card.interpolation:
        model.interpolation = cast("Interpolation", checkpoint.card.interpolation)
    return AutoregressiveClassifier(
        model,
        name=checkpoint.name,
        templates=options.templates(),
        batch_size=options.rows(model.resolution),
        identity=identity(checkpoint, options),
    )


def _contrastive(embedder: Embedder, checkpoint: Checkpoint, options: Options) -> Classifier:
    _refuse_idle("contrastive", options, checkpoint)
    from reconstrue.classifiers.discriminative.contrastive import ContrastiveClassifier

    return ContrastiveClassifier(
        embedder,
        name=checkpoint.name,
        templates=options.templates(),
        batch_size=options.rows(embedder.resolution),
        identity=identity(checkpoint, options),
    )


def _supervised(network: Network, checkpoint: Checkpoint, options: Options) -> Classifier:
    _refuse_idle("supervised", options, checkpoint)
    from reconstrue.classifiers.discriminative.label_map import read_map
    from reconstrue.classifiers.discriminative.supervised import SupervisedClassifier

    return SupervisedClassifier(
        network,
        name=checkpoint.name,
        label_map=None if options.classes is None else read_map(options.classes, network.classes),
        diffusion_noise=options.input_noise == "diffusion",
        seed=options.seed,
        batch_size=options.rows(network.resolution),
        identity=identity(checkpoint, options),
    )


def _refuse_idle(kind: Kind, options: Options, checkpoint: Checkpoint) -> None:
    """Raise UserError for an option that a kind of model would silently leave out of its answers."""
    unset = Options()
    given = {
        "--weighting": ("diffusion", options.weighting != unset.weighting),
        "--masked-method": ("masked", options.masked_method != unset.masked_method),
        "--input-noise": ("supervised", options.input_noise != unset.input_noise),
        "--classes": ("supervised", options.classes != unset.classes),
    }
    for flag, (owner, is_set) in given.items():
        if is_set and owner != kind:
            raise UserError(f"{flag} is for {owner} models; {checkpoint.name} is a {kind} one: leave it out")
    if kind == "supervised" and options.prompts is not None:
        raise UserError(f"--prompt is for models that read; {checkpoint.name} is a supervised one: leave it out")


def identity(checkpoint: Checkpoint, options: Options) -> dict[str, object]:
    """Return what tells this model's weights and arithmetic from all others', for the settings.

    Asked after the weights were loaded: those of the hub are named by the commit that they came from, those that a
    library fetches by name also by its version.
    """
    folder = Path(checkpoint.source)
    if folder.is_dir():
        weights = _hash_folder(folder)
    else:
        weights = f"{checkpoint.source}@{_commit(checkpoint) or checkpoint.revision}"
        library = library_of(checkpoint.card)
        if library is not None:
            weights += f" {library} {version(DISTRIBUTIONS.get(library, library))}"
    return {"weights": weights, "dtype": options.dtype, "device": options.torch_device().type}


def _commit(checkpoint: Checkpoint) -> str | None:
    """Return the commit of a hub model's files in the local cache; None for what is not of the hub."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for name in ("model_index.json", "config.json"):
        try:
            found = try_to_load_from_cache(checkpoint.source, name, revision=checkpoint.revision)
        except HFValidationError:
            return None
        if isinstance(found, str):
            # …/snapshots/COMMIT/model_index.json
            return Path(found).parent.name
    return None


def _hash_folder(folder: Path) -> str:
    """Return one SHA-256 of the model's files: names and contents of configs, vocabularies and weights."""
    digest = hashlib.sha256()
    for path in sorted(
        p for p in folder.rglob("*") if p.suffix in {".json", ".safetensors", ".txt", ".model", ".jinja"}
    ):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(json.dumps([path.relative_to(folder).as_posix(), content]).encode())
    return digest.hexdigest()
