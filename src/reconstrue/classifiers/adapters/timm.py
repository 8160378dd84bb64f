"""The timm door: a supervised network by its name in timm, or from a folder that timm saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, final

import timm
import torch
from jaxtyping import Float
from timm.data import ImageNetInfo, infer_imagenet_subset, resolve_data_config
from torch import Tensor

from reconstrue.classifiers.adapters.fetched import fetched_load
from reconstrue.classifiers.discriminative.supervised import Network
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.errors import UserError

_WEIGHTS = "model.safetensors"
_FILTERS = ("bilinear", "bicubic", "lanczos", "box")


@final
class TimmNetwork(Network):
    """A timm model with the size, crop, filter, mean and deviation of its own `pretrained_cfg`.

    Its classes are the `label_names` of that, else the WordNet ids of the ImageNet tree that has as many outputs (1,000,
    and the 12k, 21k and 22k ones), else the outputs' indices.
    """

    def __init__(self, source: str, *, dtype: torch.dtype, device: torch.device) -> None:
        local = Path(source).is_dir()
        # timm would go on to files that have to be unpickled.
        if local and not (Path(source) / _WEIGHTS).is_file():
            raise UserError(f"{source}: no {_WEIGHTS} in it; save the model with timm.models.save_for_hf")
        with fetched_load(source):
            self._model: Any = timm.create_model(f"local-dir:{source}" if local else source, pretrained=True)
        self._model.eval().to(device=device, dtype=dtype)
        self._device, self._dtype = device, dtype
        self.classes = _classes(self._model, source)
        config = resolve_data_config({}, model=self._model)
        channels, height, width = config["input_size"]
        if (channels, height) != (3, width):
            raise UserError(f"{source}: its input is {channels} × {height} × {width}, not a square colour picture")
        if config["crop_mode"] != "center":
            raise UserError(f"{source}: crop_mode '{config['crop_mode']}' is not supported; only 'center' is")
        if config["interpolation"] not in _FILTERS:
            raise UserError(f"{source}: interpolation '{config['interpolation']}' is not supported")
        self.resolution = int(height)
        # timm resizes the shorter edge to a whole number of pixels.
        self.crop = self.resolution / int(self.resolution / config["crop_pct"])
        self.interpolation = cast(Interpolation, config["interpolation"])
        self.mean, self.deviation = tuple(config["mean"]), tuple(config["std"])

    def logits(self, normalised: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        answer: Tensor = self._model(normalised.to(self._device, self._dtype))
        return answer.float().cpu()


def _classes(model: Any, source: str) -> tuple[str, ...]:
    """Return the class names; raises UserError where there are not as many as outputs."""
    outputs = int(model.num_classes)
    if outputs < 2:
        raise UserError(f"{source}: it has no classes (a feature extractor?); add a classification head")
    names = model.pretrained_cfg.get("label_names")
    if names is None:
        subset = infer_imagenet_subset({"num_classes": outputs})
        names = ImageNetInfo(subset).label_names() if subset else [str(i) for i in range(outputs)]
    elif isinstance(names, dict):
        # timm's form for names with gaps: index → name.
        names = [names.get(str(i), str(i)) for i in range(outputs)]
    if len(names) != outputs:
        raise UserError(f"{source}: {len(names)} label_names for {outputs} outputs; mend its config.json")
    return tuple(names)
