"""Text encoders of T5's size: beside the network only while they read, and what they said is kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.told import Conditioning

# Parameters from which a text encoder is large: the largest of CLIP's have 0.7e9, T5-XXL's encoder has 4.7e9.
LARGE = 1_000_000_000
# What the empty prompt of guidance is kept under, since some pipelines are told it in their own way.
_NOTHING = "told nothing"

Identify = Callable[[], Mapping[str, object]]


def large_encoders(pipeline: Any) -> list[nn.Module]:
    """Return the text encoders of a pipeline that are of T5's size."""
    parts = [part for name, part in pipeline.components.items() if name.startswith("text_encoder")]
    return [p for p in parts if isinstance(p, nn.Module) and sum(w.numel() for w in p.parameters()) >= LARGE]


@final
class LargeEncoders(Denoiser):
    """A denoiser whose large text encoders are moved to its device to read, and back; each prompt is read once and for all.

    What was said lies in `folder`, in a file named by weights, arithmetic, library versions and prompts. A file that
    is damaged, or a folder that cannot be written, costs another reading and nothing else.

    Args:
        denoiser: the one that reads with them.
        encoders: the large ones, not on the device.
        identify: tells the model's weights and arithmetic from all others'.
        folder: for what was said.
    """

    def __init__(self, denoiser: Denoiser, encoders: Sequence[nn.Module], identify: Identify, folder: Path) -> None:
        self._inner = denoiser
        self.tokenizer = denoiser.tokenizer
        self._encoders = list(encoders)
        self._identify = identify
        self._folder = folder
        self.schedule, self.prediction = denoiser.schedule, denoiser.prediction
        self.resolution, self.interpolation = denoiser.resolution, denoiser.interpolation
        self.shape, self.x_limit, self.device = denoiser.shape, denoiser.x_limit, denoiser.device

    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b c y x"]:
        return self._inner.encode(pictures)

    def decode(self, x: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 3 h w"]:
        return self._inner.decode(x)

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        return self._kept(list(prompts), lambda: self._inner.condition(prompts))

    def unconditional(self) -> Conditioning:
        return self._kept(_NOTHING, self._inner.unconditional)

    def predict(
        self, x_t: Float[Tensor, "b c y x"], timesteps: NDArray[np.float64], conditioning: Conditioning
    ) -> Float[Tensor, "b c y x"]:
        return self._inner.predict(x_t, timesteps, conditioning)

    def _kept(self, asked: list[str] | str, read: Callable[[], Conditioning]) -> Conditioning:
        libraries = {name: version(name) for name in ("diffusers", "transformers", "torch")}
        key = json.dumps([asked, dict(self._identify()), libraries], sort_keys=True)
        path = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.safetensors"
        try:
            return Conditioning(load_file(path, device=str(self.device)))
        except (OSError, SafetensorError):
            # Not there, not readable or damaged.
            with self._on_device():
                said = read()
        _keep(path, said)
        return said

    @contextmanager
    def _on_device(self) -> Iterator[None]:
        for encoder in self._encoders:
            encoder.to(self.device)
        try:
            yield
        finally:
            for encoder in self._encoders:
                encoder.to("cpu")


def _keep(path: Path, said: Conditioning) -> None:
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in said.tensors.items()}, partial)
        os.replace(partial, path)
    except (OSError, SafetensorError):
        # A full or read-only disk: the next run reads the prompts again.
        with suppress(OSError):
            partial.unlink()


def move_all_but(pipeline: Any, staying: Sequence[nn.Module], device: torch.device) -> None:
    """Move the parts of a pipeline to a device, but those that stay where they are."""
    for part in pipeline.components.values():
        if isinstance(part, nn.Module) and all(part is not other for other in staying):
            part.to(device)
