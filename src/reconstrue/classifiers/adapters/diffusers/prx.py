"""PRX: a small flow transformer over the latents of either kind of autoencoder, told by T5Gemma."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from diffusers.utils import is_ftfy_available
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError


@final
class PRXDenoiser(DiffusersDenoiser):
    """A `PRXPipeline`, at the size that its index states; prompts are cleaned as in its training (lower case).

    Raises:
        UserError: ftfy, with which the pipeline cleans prompts, is not installed.
    """

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        if not is_ftfy_available():
            raise UserError("PRX cleans its prompts with ftfy, which is not installed: pip install ftfy")
        network = pipeline.transformer
        side = int(pipeline.get_default_resolution()) // int(pipeline.vae_scale_factor)
        super().__init__(pipeline, network, device, shape=(int(network.config.in_channels), side, side))

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, mask, _, _ = self.pipeline.encode_prompt(
            list(prompts), device=self.device, do_classifier_free_guidance=False
        )
        return Conditioning({"states": states, "mask": mask})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        return self.network(
            hidden_states=x_t,
            # This network takes σ itself.
            timestep=steps / self.pipeline.scheduler.config.num_train_timesteps,
            encoder_hidden_states=conditioning.tensors["states"],
            attention_mask=conditioning.tensors["mask"],
            return_dict=False,
        )[0]
