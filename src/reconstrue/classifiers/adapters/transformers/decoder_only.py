"""What Janus and Emu3 share: one language model that reads the prompt and goes on with image tokens."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast, get_args

import torch
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor

from reconstrue.classifiers.adapters.fetched import fetched_load
from reconstrue.classifiers.generative.autoregressive import TokenModel
from reconstrue.classifiers.pictures import Interpolation
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError


@contextmanager
def _picture_tokenizer_in_float32(model_class: Any) -> Iterator[None]:
    """Let the weights of ``vqmodel`` keep their precision for the length of one load, whatever the dtype.

    A subclass could say the same for good, but transformers would no longer translate the names of published weights
    for it.
    """
    before = model_class._keep_in_fp32_modules_strict
    model_class._keep_in_fp32_modules_strict = {"vqmodel"}
    try:
        yield
    finally:
        model_class._keep_in_fp32_modules_strict = before


class DecoderOnlyModel(TokenModel):
    """A decoder-only model with its processor; subclasses say how it is told a prompt and how it codes pictures.

    Args:
        model_class: of transformers, with a picture tokenizer named ``vqmodel``.
        processor_class: of the same family.
        source: a local folder or a hub id.
        revision: of the hub, None for a local folder.
        dtype: of the language model; the tokenizer of pictures and the softmax stay float32.
        device: where to run.

    Raises:
        UserError: files are missing or do not fit the model.
    """

    def __init__(
        self,
        model_class: Any,
        processor_class: Any,
        source: str,
        *,
        revision: str | None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self.device = device
        revision = revision or "main"
        with fetched_load(source, revision=revision), _picture_tokenizer_in_float32(model_class):
            self.network: Any = model_class.from_pretrained(
                source, revision=revision, dtype=dtype, use_safetensors=True
            )
            self.processor: Any = processor_class.from_pretrained(source, revision=revision, trust_remote_code=False)
        self.tokenizer = self.processor.tokenizer
        self.network.eval().to(device)
        pictures = self.processor.image_processor
        name = Image.Resampling(int(pictures.resample)).name.lower()
        if name not in get_args(Interpolation):
            raise UserError(f"{source}: the resample filter '{name}' of its image processor is not supported")
        self.interpolation = cast(Interpolation, name)
        self._mean, self._deviation = (
            torch.tensor(values, dtype=torch.float32, device=device).reshape(1, 3, 1, 1)
            for values in (pictures.image_mean, pictures.image_std)
        )

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        rows = [self.processor.tokenizer(self._text(prompt))["input_ids"] for prompt in prompts]
        longest = max(len(row) for row in rows)
        # Padded on the left, so that the first image token follows the prompt's last token in every row.
        ids = torch.tensor([[0] * (longest - len(row)) + row for row in rows], device=self.device)
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=self.device)
        return Conditioning({"ids": ids, "mask": mask})

    def _normalised(self, pictures: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Return the pixels as the picture tokenizer was trained to see them."""
        return (pictures.to(self.device) - self._mean) / self._deviation

    def _states(
        self, language_model: Any, embedded: Float[Tensor, "b length width"], mask: Int[Tensor, "b prompt"]
    ) -> Float[Tensor, "b seen width"]:
        """Return the last states from the prompt's last token on, each of which predicts the token after it."""
        told = mask.shape[1]
        whole = torch.nn.functional.pad(mask, (0, embedded.shape[1] - told), value=1)
        states: Tensor = language_model(
            inputs_embeds=embedded,
            attention_mask=whole,
            position_ids=(whole.cumsum(dim=1) - 1).clamp(min=0),
            use_cache=False,
        ).last_hidden_state
        return states[:, told - 1 :]

    @abstractmethod
    def _text(self, prompt: str) -> str:
        """Return all that is read before the first image token."""
