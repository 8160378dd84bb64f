"""The open_clip door: a contrastive model by name and tag, or from a folder in open_clip's format; and CLIP's prompts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast, final

import open_clip
import torch
from jaxtyping import Float
from torch import Tensor

from reconstrue.classifiers.adapters.fetched import fetched_load
from reconstrue.classifiers.discriminative.contrastive import Embedder
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.errors import UserError

_CONFIG = "open_clip_config.json"
_FILTERS = ("bilinear", "bicubic")


def imagenet_templates() -> tuple[str, ...]:
    """Return CLIP's 80 templates for ImageNet (Radford et al. 2021, arXiv 2103.00020), each with ``{label}``."""
    return tuple(template("{label}") for template in open_clip.OPENAI_IMAGENET_TEMPLATES)


@final
class OpenClipEmbedder(Embedder):
    """An open_clip model with the size, filter, mean and deviation of its own preprocessing config.

    Args:
        source: ``architecture:tag``, e.g. ``ViT-L-14:openai``, or a folder with ``open_clip_config.json`` and safetensors.
        dtype: of the encoders.
        device: where they run.
    """

    def __init__(self, source: str, *, dtype: torch.dtype, device: torch.device) -> None:
        if Path(source).is_dir():
            _refuse_incomplete(Path(source))
            name, tag, quick = f"local-dir:{source}", None, False
        else:
            name, _, tag = source.partition(":")
            # Some weights, OpenAI's among them, were trained with another GELU than the architecture of that name has.
            quick = bool(open_clip.get_pretrained_cfg(name, tag).get("quick_gelu"))
        with fetched_load(source), _root_logger_untouched():
            self._model: Any = open_clip.create_model(
                name, pretrained=tag, force_quick_gelu=quick, require_pretrained=True, weights_only=True
            )
            self._read: Any = open_clip.get_tokenizer(name)
        # Its own has words for all; around one of transformers it is a shell.
        self.tokenizer = getattr(self._read, "tokenizer", None)
        self._model.eval().to(device=device, dtype=dtype)
        self._device, self._dtype = device, dtype
        self.scale = float(self._model.logit_scale.detach().exp())
        config = self._model.visual.preprocess_cfg
        size = config["size"]
        height, width = (size, size) if isinstance(size, int) else size
        if height != width:
            raise UserError(f"{source}: its input is {height} × {width}, not square")
        if config["resize_mode"] != "shortest" or config["interpolation"] not in _FILTERS:
            raise UserError(
                f"{source}: preprocessing by resize_mode '{config['resize_mode']}' and interpolation "
                f"'{config['interpolation']}' is not supported; only 'shortest' with {' or '.join(_FILTERS)} is"
            )
        self.resolution = int(height)
        self.interpolation = cast(Interpolation, config["interpolation"])
        self._mean, self._deviation = (
            torch.tensor(config[key], dtype=torch.float32).reshape(1, 3, 1, 1) for key in ("mean", "std")
        )

    def read(self, prompts: Sequence[str]) -> Mapping[str, Tensor]:
        return {"ids": self._read(list(prompts))}

    def embed_texts(self, read: Mapping[str, Tensor]) -> Float[Tensor, "k d"]:
        embedding: Tensor = self._model.encode_text(read["ids"].to(self._device))
        return embedding.float().cpu()

    def embed_pictures(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b d"]:
        normalised = (pictures - self._mean) / self._deviation
        embedding: Tensor = self._model.encode_image(normalised.to(self._device, self._dtype))
        return embedding.float().cpu()


def _refuse_incomplete(folder: Path) -> None:
    """Raise UserError for a folder without config, or whose weights would have to be unpickled."""
    if not (folder / _CONFIG).is_file():
        raise UserError(f"{folder}: no {_CONFIG} in it, so the model's shape is not known; download it again")
    # Beside another library's safetensors open_clip would take a pickle.
    if not any((folder / f"open_clip_{kind}.safetensors").is_file() for kind in ("model", "pytorch_model")):
        raise UserError(f"{folder}: no open_clip_model.safetensors in it; save the weights under that name")


@contextmanager
def _root_logger_untouched() -> Iterator[None]:
    """Keep open_clip, which logs by `logging.info`, from setting up handlers for the whole program."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)
    try:
        yield
    finally:
        root.removeHandler(silent)
