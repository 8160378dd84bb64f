"""What all diffusers families share: reading the scheduler's and the VAE's configs, encoding, decoding."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.schedule import DiscreteSchedule, FlowSchedule, Prediction, Schedule
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError

# scheduler.config.prediction_type -> this package's word.
_PREDICTIONS: dict[str, Prediction] = {
    "epsilon": "eps",
    "sample": "x",
    "v_prediction": "v",
    "flow_prediction": "flow",
}


def state_prediction(scheduler: Any, prediction: Prediction) -> None:
    """Write into a diffusers scheduler's config what the network predicts, unless the config's own file says it."""
    if "prediction_type" in scheduler.config.get("_use_default_values", ()):
        word = next(theirs for theirs, ours in _PREDICTIONS.items() if ours == prediction)
        scheduler.register_to_config(prediction_type=word)


def read_schedule(scheduler: Any) -> tuple[Schedule, Prediction]:
    """Return the noise schedule and the prediction that a diffusers scheduler's own config states.

    A flow scheduler's `shift`, fixed or by picture size, moves the noise levels that a sampler visits. What the network
    is told of a level, `num_train_timesteps`·σ, is the same under any shift, so the schedule does not depend on it.

    Raises:
        UserError: a prediction type or a kind of schedule that is not known.
    """
    config = scheduler.config
    stated = config.get("prediction_type", "epsilon")
    if type(scheduler).__name__.startswith("FlowMatch") or stated == "flow_prediction":
        return FlowSchedule(steps=int(config.num_train_timesteps)), "flow"
    if stated not in _PREDICTIONS:
        raise UserError(f"{type(scheduler).__name__}: prediction_type '{stated}' is not known")
    betas = getattr(scheduler, "betas", None)
    if betas is None:
        raise UserError(f"{type(scheduler).__name__}: no betas, so its noise levels are not known")
    # float64, whatever the network's dtype.
    table = np.cumprod(1.0 - betas.double().cpu().numpy())
    if table[-1] <= 0:
        # Zero terminal SNR: a hair above it, so that errors in every space stay finite.
        table[-1] = 1e-3 * table[-2]
    return DiscreteSchedule(table), _PREDICTIONS[stated]


class DiffusersDenoiser(Denoiser):
    """A denoiser around a loaded diffusers pipeline; subclasses say how the network is told a prompt.

    Args:
        pipeline: the loaded pipeline.
        network: its U-Net or transformer.
        device: where it runs.
        shape: (channels, height, width) of x; None where the network's own config says it.
    """

    def __init__(
        self, pipeline: Any, network: Any, device: torch.device, *, shape: tuple[int, int, int] | None = None
    ) -> None:
        self.pipeline = pipeline
        self.network = network.eval()
        self.tokenizer = getattr(pipeline, "tokenizer", None)
        self.device = device
        self.schedule, self.prediction = read_schedule(pipeline.scheduler)
        if shape is None:
            size = network.config.sample_size
            height, width = (size, size) if isinstance(size, int) else size
            shape = (int(network.config.in_channels), int(height), int(width))
        self.shape = shape
        # An absent VAE means that the network works on pixels.
        self._vae: Any = getattr(pipeline, "vae", None)
        if self._vae is not None:
            self._vae.eval()
            if self._vae.dtype == torch.float16 and self._vae.config.get("force_upcast"):
                # Its activations overflow in float16.
                self._vae.to(torch.float32)
        self.resolution = shape[1] * (1 if self._vae is None else int(pipeline.vae_scale_factor))
        config = pipeline.scheduler.config
        # Samplers of pixel models clip x̂ to the range of pictures; latents have no such range.
        clips = self._vae is None and bool(config.get("clip_sample") or config.get("thresholding"))
        self.x_limit = 1.0 if clips else None

    @torch.inference_mode()
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b c y x"]:
        pixels = pictures * 2 - 1
        if self._vae is None:
            return pixels.float()
        # Latents are the posterior mean, so that the same picture always has the same x.
        encoded = self._vae.encode(pixels.to(self._vae.dtype))
        mean = encoded.latent if hasattr(encoded, "latent") else encoded.latent_dist.mode()
        return (mean.float() - self._shift()) * float(self._vae.config.scaling_factor)

    @torch.inference_mode()
    def decode(self, x: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 3 h w"]:
        pixels = x
        if self._vae is not None:
            latents = x / float(self._vae.config.scaling_factor) + self._shift()
            pixels = self._vae.decode(latents.to(self._vae.dtype)).sample.float()
        return (pixels / 2 + 0.5).clamp(0, 1)

    @torch.inference_mode()
    def predict(
        self, x_t: Float[Tensor, "b c y x"], timesteps: NDArray[np.float64], conditioning: Conditioning
    ) -> Float[Tensor, "b c y x"]:
        dtype = self.network.dtype
        steps = torch.as_tensor(timesteps, dtype=torch.float32, device=x_t.device)
        if isinstance(self.schedule, DiscreteSchedule):
            steps = steps.long()
        answer = self._forward(x_t.to(dtype), steps, conditioning)
        # A network with learned variance answers with twice the channels: the second half is the variance.
        return answer[:, : x_t.shape[1]].float()

    @abstractmethod
    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        """Return the network's raw answer, (b, c or 2c, y, x)."""

    def _shift(self) -> float:
        return float(self._vae.config.get("shift_factor") or 0.0)
