"""Flux.1: a flow transformer over latents packed 2 × 2, told by T5 states and one pooled CLIP state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.told import Conditioning

# What a guidance-distilled network (dev) is told of guidance: 1 stands for none, the plain conditional flow.
_GUIDANCE = 1.0
# T5 tokens of dev, and of schnell, which has no guidance embedding.
_MAX_TOKENS = {True: 512, False: 256}


@final
class FluxDenoiser(DiffusersDenoiser):
    """A `FluxPipeline`, at the pipeline's own size: no config of its parts states one."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        network, side = pipeline.transformer, int(pipeline.default_sample_size)
        super().__init__(pipeline, network, device, shape=(int(network.config.in_channels) // 4, side, side))
        self._guided = bool(network.config.guidance_embeds)

    @torch.inference_mode()
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        states, pooled, _ = self.pipeline.encode_prompt(
            list(prompts),
            device=self.device,
            max_sequence_length=min(_MAX_TOKENS[self._guided], int(self.pipeline.tokenizer_2.model_max_length)),
        )
        return Conditioning({"states": states, "pooled": pooled})

    def _forward(self, x_t: Tensor, steps: Tensor, conditioning: Conditioning) -> Tensor:
        rows, channels, height, width = x_t.shape
        states = conditioning.tensors["states"]
        # Tokens are patches of 2 × 2 latents; each has its row and column, and words are all at the origin.
        packed = x_t.reshape(rows, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
        grid = torch.cartesian_prod(torch.arange(height // 2), torch.arange(width // 2))
        places = torch.cat([torch.zeros(len(grid), 1), grid], dim=1).to(x_t.device)
        answer = self.network(
            hidden_states=packed.reshape(rows, len(grid), channels * 4),
            # This network takes σ itself.
            timestep=steps / self.pipeline.scheduler.config.num_train_timesteps,
            guidance=torch.full_like(steps, _GUIDANCE) if self._guided else None,
            pooled_projections=conditioning.tensors["pooled"],
            encoder_hidden_states=states,
            txt_ids=torch.zeros(states.shape[1], 3, device=x_t.device),
            img_ids=places,
            return_dict=False,
        )[0]
        patches = answer.reshape(rows, height // 2, width // 2, channels, 2, 2).permute(0, 3, 1, 4, 2, 5)
        return patches.reshape(x_t.shape)
