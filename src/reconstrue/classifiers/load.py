"""The front door: a card's name or a model folder becomes a `Classifier`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.generative.evidence import FixedGrid, PairedTTest, Policy
from reconstrue.classifiers.generative.schedule import WEIGHTINGS
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE, prompt
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean, resolve

POLICIES = ("clark-jaini", "fixed-grid")
# owner/name, as the hub has it.
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Options:
    """How a classifier is run; the defaults are the pocket models'.

    Attributes:
        policy: ``clark-jaini`` (racing by paired t-tests) or ``fixed-grid``.
        max_draws: the budget per image; the paper's is 2000.
        weighting: name of w_t and its error space; ``paper`` is exp(−7t) on the x-error.
        prompt: the template, with ``{label}``.
        seed: of all noise.
        dtype: of the network: float32, float16 or bfloat16. Schedules and error sums stay float32 or better.
        device: ``auto`` (a GPU where there is one), or as torch names it.
        batch_size: rows per forward; None for one that suits the picture size.
    """

    policy: str = "clark-jaini"
    max_draws: int = 100
    weighting: str = "paper"
    prompt: str = DEFAULT_TEMPLATE
    seed: int = 0
    dtype: str = "float32"
    device: str = "auto"
    batch_size: int | None = None

    def rows(self, resolution: int) -> int:
        """Return the batch size; raises UserError below 1."""
        if self.batch_size is None:
            return 64 if resolution <= 64 else 16 if resolution <= 256 else 8
        if self.batch_size < 1:
            raise UserError(f"--batch-size must be at least 1, got {self.batch_size}")
        return self.batch_size

    def torch_dtype(self) -> torch.dtype:
        """Return the dtype; raises UserError for another name."""
        if self.dtype not in _DTYPES:
            raise UserError(f"unknown dtype '{self.dtype}'{did_you_mean(self.dtype, _DTYPES)}")
        return _DTYPES[self.dtype]

    def torch_device(self) -> torch.device:
        """Return the device; raises UserError where this machine does not have it."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            device = torch.device(self.device)
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError) as error:
            raise UserError(
                f"the device '{self.device}' is not here ({str(error).splitlines()[0]}); try --device cpu"
            ) from error
        return device

    def evidence_policy(self) -> Policy:
        """Return the policy; raises UserError for another name or a budget below 1."""
        if self.policy not in POLICIES:
            raise UserError(f"unknown policy '{self.policy}'{did_you_mean(self.policy, POLICIES)}")
        if self.max_draws < 1:
            raise UserError(f"--max-draws must be at least 1, got {self.max_draws}")
        return PairedTTest(max_draws=self.max_draws) if self.policy == "clark-jaini" else FixedGrid(self.max_draws)


Loader = Callable[[str, str, str | None, Options], Classifier]


def load_classifier(model: str, options: Options | None = None, *, name: str | None = None) -> Classifier:
    """Return the classifier that a card's name or a local folder stands for.

    Args:
        model: a card's name (``reconstrue models`` lists them), a folder that diffusers or transformers saved, or the
            hub id (``owner/name``) of a diffusers pipeline.
        options: how to run it.
        name: the observer's name in tables; by default the card's or the folder's.

    Raises:
        UserError: no such card or folder, a folder of an unknown format, or options that do not exist.
    """
    chosen = options or Options()
    prompt("airplane", chosen.prompt)
    WEIGHTINGS.get(chosen.weighting)
    chosen.evidence_policy()
    chosen.torch_dtype()
    cards = load_cards()
    if model in cards:
        card = cards[model]
        source = str(card.packaged or card.source)
        loader = cast(Loader, resolve(card.loader))
        return loader(source, _observer(name or card.name), card.revision or None, chosen)
    folder = Path(model)
    if not folder.exists() and _HUB_ID.fullmatch(model):
        return load_diffusion(model, _observer(name or model.partition("/")[2]), None, chosen)
    if not folder.is_dir():
        raise UserError(f"unknown model '{model}': neither a card nor a folder{did_you_mean(model, cards)}")
    observer = _observer(name or folder.resolve().name)
    if (folder / "model_index.json").is_file():
        return load_diffusion(str(folder), observer, None, chosen)
    if any((folder / foreign).is_file() for foreign in ("open_clip_config.json", "open_clip_model.safetensors")):
        raise UserError(f"{folder}: an open_clip model, which this version does not read")
    if (folder / "config.json").is_file():
        return load_supervised(str(folder), observer, None, chosen)
    raise UserError(
        f"{folder}: neither model_index.json (a diffusers pipeline) nor config.json (a transformers model) is in it"
    )


def load_diffusion(source: str, name: str, revision: str | None, options: Options) -> Classifier:
    """Return a diffusion classifier around a diffusers pipeline."""
    from reconstrue.classifiers.adapters.diffusers.loading import load_denoiser
    from reconstrue.classifiers.generative.diffusion import DiffusionClassifier

    denoiser = load_denoiser(source, revision=revision, dtype=options.torch_dtype(), device=options.torch_device())
    return DiffusionClassifier(
        denoiser,
        name=name,
        policy=options.evidence_policy(),
        weighting=WEIGHTINGS.get(options.weighting),
        template=options.prompt,
        seed=options.seed,
        batch_size=options.rows(denoiser.resolution),
        identity=_identity(source, revision, options),
    )


def load_supervised(source: str, name: str, revision: str | None, options: Options) -> Classifier:
    """Return a supervised classifier around a transformers image-classification folder."""
    from reconstrue.classifiers.adapters.transformers import TransformersNetwork
    from reconstrue.classifiers.discriminative.supervised import SupervisedClassifier

    network = TransformersNetwork(Path(source), dtype=options.torch_dtype(), device=options.torch_device())
    return SupervisedClassifier(
        network, name=name, batch_size=options.rows(network.resolution), identity=_identity(source, revision, options)
    )


def _observer(name: str) -> str:
    """Return the observer's name as tables have it."""
    return name.replace("_", "-")


def _identity(source: str, revision: str | None, options: Options) -> dict[str, object]:
    folder = Path(source)
    weights = _hash_folder(folder) if folder.is_dir() else f"{source}@{revision}"
    return {"weights": weights, "dtype": options.dtype, "device": options.torch_device().type}


def _hash_folder(folder: Path) -> str:
    """Return one SHA-256 of the model's files: names and contents of configs, vocabularies and weights."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".json", ".safetensors", ".txt", ".model"}):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(json.dumps([path.relative_to(folder).as_posix(), content]).encode())
    return digest.hexdigest()
