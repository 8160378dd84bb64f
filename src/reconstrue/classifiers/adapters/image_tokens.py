"""A diffusers `VQModel` as a tokenizer of pictures, for autoregressive and masked models."""

from __future__ import annotations

from typing import Any, final

import torch
from jaxtyping import Float, Int
from torch import Tensor


@final
class VQTokenizer:
    """Turns pictures into a raster of codes and back; float32 whatever the dtype of the model that reads the codes.

    Args:
        vq: the loaded `VQModel`.
        device: where it runs.
        resolution: the side of its pictures, in pixels; None for the `sample_size` of its own config.
        input_range: what black and white are to the network; aMUSEd's was trained on [0, 1], most others on [−1, 1].

    Attributes:
        resolution: the side of a picture, in pixels.
        grid: (height, width) in tokens.
        codes: the size of the codebook.
    """

    def __init__(
        self,
        vq: Any,
        device: torch.device,
        *,
        resolution: int | None = None,
        input_range: tuple[float, float] = (-1.0, 1.0),
    ) -> None:
        # In half precision the nearest code is often another one.
        self._vq = vq.float().eval().to(device)
        self._device = device
        self._low, self._high = input_range
        self.resolution = int(vq.config.sample_size) if resolution is None else resolution
        side = self.resolution // 2 ** (len(vq.config.block_out_channels) - 1)
        self.grid = (side, side)
        self.codes = int(vq.config.num_vq_embeddings)

    @torch.inference_mode()
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        """Return the codes of pictures in [0, 1], row by row, on the tokenizer's device."""
        pixels = self._low + (self._high - self._low) * pictures.to(self._device, torch.float32)
        codes: Tensor = self._vq.quantize(self._vq.encode(pixels).latents)[2][2]
        return codes.reshape(len(pictures), -1)

    @torch.inference_mode()
    def decode(self, tokens: Int[Tensor, "b n"]) -> Float[Tensor, "b 3 h w"]:
        """Return pictures in [0, 1] for codes."""
        quantize = self._vq.quantize
        shape = (len(tokens), *self.grid, quantize.embedding.embedding_dim)
        latents = quantize.get_codebook_entry(tokens.to(self._device).reshape(-1), shape)
        # Quantised once more on the way, which leaves codebook entries as they are.
        pixels = self._vq.decode(latents).sample
        return ((pixels - self._low) / (self._high - self._low)).clamp(0, 1)
