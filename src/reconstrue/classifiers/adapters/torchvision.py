"""The torchvision door: published networks that timm does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, final

import torch
import torchvision
from jaxtyping import Float
from torch import Tensor

from reconstrue.classifiers.adapters.fetched import fetched_load, refuse_altered
from reconstrue.classifiers.discriminative.supervised import Network
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.stimuli.categories import imagenet_classes


@final
class TorchvisionNetwork(Network):
    """A torchvision classifier over the 1,000 ImageNet classes, with the preprocessing of its weights' own entry.

    Args:
        source: ``architecture:WEIGHTS``, e.g. ``alexnet:IMAGENET1K_V1``.
        dtype: of the network.
        device: where it runs.
    """

    def __init__(self, source: str, *, dtype: torch.dtype, device: torch.device) -> None:
        architecture, _, tag = source.partition(":")
        weights: Any = torchvision.models.get_model_weights(architecture)[tag]
        with fetched_load(source):
            # torchvision's own loading would unpickle.
            state = weights.get_state_dict(progress=False, check_hash=True, weights_only=True, map_location="cpu")
            self._model: Any = torchvision.models.get_model(architecture, weights=None)
            self._model.load_state_dict(state)
        # It looks at the hash of what it fetches, not of what was there.
        refuse_altered(Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rpartition("/")[2])
        self._model.eval().to(device=device, dtype=dtype)
        self._device, self._dtype = device, dtype
        # The outputs are in the order of the WordNet ids; torchvision's entry has the English names only.
        self.classes = tuple(one.wnid for one in imagenet_classes())
        preset = weights.transforms()
        self.resolution = int(preset.crop_size[0])
        self.crop = self.resolution / preset.resize_size[0]
        self.interpolation = cast(Interpolation, preset.interpolation.value)
        self.mean, self.deviation = tuple(preset.mean), tuple(preset.std)

    def logits(self, normalised: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        answer: Tensor = self._model(normalised.to(self._device, self._dtype))
        return answer.float().cpu()
