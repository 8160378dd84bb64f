r"""Masked-token classifiers: image tokens are hidden, and the network says what they were.

Networks as Muse (Chang et al. 2023, arXiv 2301.00704) and aMUSEd (Patil et al. 2024, arXiv 2401.01808), asked two ways.

*Likelihood.* With n tokens, m ~ U{1 … n} of them hidden and H a uniform subset of that size,

.. math:: \log \tilde p(x | y) = E_{m, H}\Big[ \frac{n}{m} \sum_{i ∈ H} \log p_θ(x_i | x_{\setminus H}, y) \Big]
          = E_{\text{order}}\Big[ \sum_j \log p_θ(x_{o_j} | x_{o_1 … o_{j-1}}, y) \Big]

the mean log-likelihood over all orders of decoding, a lower bound on that of their mixture, and log p itself where the
network's conditionals agree with each other (Uria et al. 2014, arXiv 1310.1757; Hoogeboom et al. 2022, arXiv 2110.02037,
with D − t + 1 = m). The networks were trained with a cosine schedule of mask ratios: that changes how well they know each
ratio, not the bound.

*Reconstruction* (Appendix B of "Intriguing properties of generative classifiers", Jaini et al. 2024). The paper has the
model reconstruct the picture under each prompt and takes the label whose reconstruction has the lowest L2 distance to
the original; it found this near chance. It does not say how the picture was masked or decoded. Here a seeded uniform
subset of the tokens is hidden, the same for all labels, and filled in by the model's own parallel decoding without
guidance: the surest tokens first, with a cosine schedule. Every token is the likeliest one (temperature 0), so that nothing
is random but the mask. The distance is taken in pixels to the original itself, not to its decoded tokens.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.classifiers.cards import MODEL_TYPES
from reconstrue.classifiers.generative.policies import Policy
from reconstrue.classifiers.generative.race import Ask, Question, Race, RacingClassifier, Times
from reconstrue.classifiers.pictures import Interpolation, to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE
from reconstrue.classifiers.told import Conditioning, Teller
from reconstrue.classifiers.vocabulary import vocabulary_of
from reconstrue.errors import NotANumberError
from reconstrue.seeding import stream
from reconstrue.stimuli.stimulus_set import Stimulus

Method = Literal["likelihood", "reconstruction"]
# What the paper does not say of its reconstructions: the share of the tokens that is hidden, and the decoding steps.
# 12 steps are aMUSEd's own.
HIDDEN_SHARE = 0.5
STEPS = 12


class MaskedModel(ABC):
    """A text-conditional network that fills in hidden image tokens.

    Attributes:
        source: where its weights come from, for messages.
        resolution: the side of the picture that it is given, in pixels.
        interpolation: the filter that brings a picture to it.
        grid: (rows, columns) of the image tokens.
        tokenizer: of transformers, what splits prompts; None where there is no such.
        device: where it runs.
    """

    source: str
    resolution: int
    interpolation: Interpolation = "bicubic"
    grid: tuple[int, int]
    tokenizer: Any = None
    device: torch.device

    @property
    def tokens(self) -> int:
        """The number of image tokens n."""
        return self.grid[0] * self.grid[1]

    @abstractmethod
    def encode(self, pictures: Float[Tensor, "b 3 h w"]) -> Int[Tensor, "b n"]:
        """Return the image tokens, row by row, of pictures in [0, 1] at `resolution`."""

    @abstractmethod
    def decode(self, ids: Int[Tensor, "b n"]) -> Float[Tensor, "b 3 h w"]:
        """Return pictures in [0, 1] for image tokens."""

    @abstractmethod
    def condition(self, prompts: Sequence[str]) -> Conditioning:
        """Return what the network is told for each prompt; the text encoder runs once per prompt."""

    @abstractmethod
    def log_probabilities(
        self, ids: Int[Tensor, "b n"], hidden: Bool[Tensor, "b n"], conditioning: Conditioning
    ) -> Float[Tensor, "b n codes"]:
        """Return log p of every image code at every place, float32, given the tokens that are not hidden.

        Normalised over the image codes alone; the network never sees the ids at hidden places.
        """


@dataclass(frozen=True)
class MaskedReconstruction:
    """One image under one mask and several prompts.

    Attributes:
        picture: (H, W, 3) in [0, 1], as the model sees it.
        ids: (rows, columns) its tokens, −1 where hidden.
        decoded: (H, W, 3) in [0, 1], all of its tokens decoded again: the best that they can say of it.
        reconstructions: (k, H, W, 3) in [0, 1], filled in under each prompt and decoded.
        distances: (k,) ‖x − x̂‖², summed over pixels in [0, 1].
    """

    picture: NDArray[np.float32]
    ids: NDArray[np.int64]
    decoded: NDArray[np.float32]
    reconstructions: NDArray[np.float32]
    distances: NDArray[np.float64]

    @property
    def hidden_share(self) -> float:
        """The share of the tokens that is hidden."""
        return float((self.ids < 0).mean())

    @property
    def masked(self) -> NDArray[np.float32]:
        """(H, W, 3) in [0, 1], the decoded tokens, with a light chequered grey in place of the hidden ones."""
        height, width = self.decoded.shape[:2]
        down, across = height // self.ids.shape[0], width // self.ids.shape[1]
        hidden = np.kron(self.ids < 0, np.ones((down, across), dtype=bool))
        # Plain grey would pass for a part of many pictures.
        row, column = np.ogrid[:height, :width]
        dark = (row // max(1, down // 4) + column // max(1, across // 4)) % 2
        grey = np.where(dark, np.float32(0.62), np.float32(0.82))
        return np.where(hidden[:, :, None], grey[:, :, None], self.decoded)


def draw_mask(seed: int, image_id: str, draw: int, tokens: int, hidden: int) -> NDArray[np.bool_]:
    """Return (tokens,) which `hidden` tokens one draw of an image hides; a function of its names and numbers alone."""
    mask = np.zeros(tokens, dtype=bool)
    mask[stream(seed, image_id, "mask", draw).permutation(tokens)[:hidden]] = True
    return mask


def hidden_count(share: float, tokens: int) -> int:
    """Return m for a share of n tokens: the nearest number, at least 1.

    Raises:
        ValueError: a share outside (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"the hidden share must lie within (0, 1], got {share}")
    return max(1, round(share * tokens))


def hidden_after(hidden: int, steps: int) -> tuple[int, ...]:
    """Return how many tokens are still hidden after each step: ⌊m cos(πs / 2S)⌋, at least one fewer each time, last 0.

    With fewer tokens than steps there are only as many steps as tokens.

    Raises:
        ValueError: fewer than one step.

    >>> hidden_after(8, 4)
    (7, 5, 3, 0)
    >>> hidden_after(2, 12)
    (1, 0)
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    steps = min(steps, hidden)
    left = [hidden]
    for step in range(1, steps + 1):
        wanted = math.floor(hidden * math.cos(math.pi / 2 * step / steps))
        left.append(max(steps - step, min(wanted, left[-1] - 1)))
    return tuple(left[1:])


@torch.inference_mode()
def fill(
    model: MaskedModel, ids: Int[Tensor, "b n"], hidden: Bool[Tensor, "b n"], told: Conditioning, steps: int
) -> Int[Tensor, "b n"]:
    """Return the tokens with the hidden ones filled in by confidence-ordered parallel decoding at temperature 0.

    At each step all hidden tokens are predicted at once; the surest stay, the others are hidden again (Section 2.8 of
    Muse). Tokens that were visible are never changed.

    Raises:
        ValueError: rows that hide different numbers of tokens.
        UserError: an answer that is not a number.
    """
    counts = hidden.sum(dim=1)
    if int(counts.min()) != int(counts.max()):
        raise ValueError("the rows of a batch must hide the same number of tokens")
    filled = ids
    for left in hidden_after(int(counts[0]), steps):
        answer = model.log_probabilities(filled, hidden, told)
        _check(model, answer[hidden])
        sureness, likeliest = answer.max(dim=2)
        filled = torch.where(hidden, likeliest, filled)
        order = sureness.masked_fill(~hidden, torch.inf).argsort(dim=1, stable=True)
        hidden = torch.zeros_like(hidden).scatter(1, order[:, :left], True)
    return filled


@torch.inference_mode()
def reconstruct_masked(
    model: MaskedModel,
    stimulus: Stimulus,
    prompts: Sequence[str],
    *,
    hidden_share: float = HIDDEN_SHARE,
    steps: int = STEPS,
    seed: int = 0,
    batch_size: int | None = None,
) -> MaskedReconstruction:
    """Return the picture filled in under each prompt, all with the mask of the image's first draw (Figure 8).

    Args:
        model: the network and its image tokens.
        stimulus: the image; the mask is a function of (seed, image id).
        prompts: what the network is told, as it stands.
        hidden_share: of the tokens.
        steps: of the decoding; at most one per hidden token.
        seed: of the mask.
        batch_size: prompts per forward; None for all at once.

    Raises:
        ValueError: a share outside (0, 1], or fewer than one step.
        UserError: an answer that is not a number.
    """
    count = hidden_count(hidden_share, model.tokens)
    picture = to_square(stimulus.read(), model.resolution, model.interpolation)[None].to(model.device)
    ids = model.encode(picture)
    hidden = torch.from_numpy(draw_mask(seed, stimulus.image_id, 0, model.tokens, count))[None].to(model.device)
    told = model.condition(prompts)
    parts = []
    device = next(iter(told.tensors.values())).device
    for index in torch.split(torch.arange(len(prompts), device=device), batch_size or len(prompts)):
        b = len(index)
        parts.append(model.decode(fill(model, ids.expand(b, -1), hidden.expand(b, -1), told.rows(index), steps)))
    redrawn = torch.cat(parts)
    return MaskedReconstruction(
        picture=picture[0].permute(1, 2, 0).cpu().numpy(),
        ids=ids.masked_fill(hidden, -1)[0].reshape(model.grid).cpu().numpy(),
        decoded=model.decode(ids)[0].permute(1, 2, 0).cpu().numpy(),
        reconstructions=redrawn.permute(0, 2, 3, 1).cpu().numpy(),
        distances=_distances(picture, redrawn),
    )


@final
class MaskedClassifier(RacingClassifier):
    """Classifies by which prompt explains the hidden image tokens best, or fills them in nearest to the picture.

    In the evidence t is (m − ½) / n and log-SNR is log((n − m + ½) / (m + ½)), shown over hidden tokens, with halves so that
    it is finite where all are hidden. The error of a draw is −Σ log p of the hidden tokens with weight n / m
    (likelihood), or ‖x − x̂‖² summed over pixels in [0, 1] with weight 1 (reconstruction).

    Args:
        model: the network and its image tokens.
        name: the observer's name.
        policy: how many masks to draw and when to stop; the paper's reconstruction is one mask.
        method: how the network is asked.
        templates: the prompts, with ``{label}``; the errors under several are averaged: the mean log-likelihood.
        seed: masks are a function of (seed, image id, draw).
        batch_size: rows (image × draw × label × prompt) per forward.
        hidden_share: of the tokens, for reconstruction.
        steps: of the decoding, for reconstruction; at most one per hidden token.
        identity: facts of the weights that enter the settings (card, hash, dtype).
    """

    def __init__(
        self,
        model: MaskedModel,
        *,
        name: str,
        policy: Policy,
        method: Method = "likelihood",
        templates: Sequence[str] = (DEFAULT_TEMPLATE,),
        seed: int = 0,
        batch_size: int = 64,
        hidden_share: float = HIDDEN_SHARE,
        steps: int = STEPS,
        identity: dict[str, object] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.model = model
        self.name = name
        self.model_type = MODEL_TYPES["masked"]
        self.resolution = model.resolution
        self.policy = policy
        self.method = method
        self.templates = tuple(templates)
        self.vocabulary = vocabulary_of(model.tokenizer)
        self._teller = Teller(name, model.condition, templates)
        self.seed = seed
        self.batch_size = batch_size
        self.hidden_share = hidden_share
        self.steps = steps
        self._redrawn = hidden_count(hidden_share, model.tokens)
        self._forwards = len(hidden_after(self._redrawn, steps))
        self._identity = dict(identity or {})

    def settings(self) -> dict[str, object]:
        redrawing = {"hidden_share": self.hidden_share, "steps": self.steps}
        return {
            **self._identity,
            "kind": "masked",
            "method": self.method,
            **(redrawing if self.method == "reconstruction" else {}),
            "prompts": list(self.templates),
            "interpolation": self.model.interpolation,
            "seed": self.seed,
            **self.policy.settings(),
        }

    def _asker(self, stimuli: Sequence[Stimulus], names: Sequence[str]) -> Ask:
        """Return what answers questions about these pictures and labels."""
        told = self._teller.told(names)
        pictures = torch.stack([to_square(s.read(), self.resolution, self.model.interpolation) for s in stimuli])
        # One by one: in another batch another rounding could make another code the nearest.
        tokens = torch.cat([self.model.encode(one[None].to(self.model.device)).cpu() for one in pictures])
        ids = [s.image_id for s in stimuli]
        return lambda questions: self._answers(questions, pictures, tokens, ids, told)

    def _race(self) -> Race:
        """Return how evidence is gathered: hidden counts uniform over 1 … n, or always the same one."""
        n = self.model.tokens

        def hidden(t: Times) -> Times:
            return np.clip(np.floor(t * n) + 1, 1, n)

        def log_snr(t: Times) -> Times:
            return np.log((n - hidden(t) + 0.5) / (hidden(t) + 0.5))

        if self.method == "reconstruction":
            return Race(
                policy=self.policy,
                seed=self.seed,
                snap=lambda t: np.full_like(t, (self._redrawn - 0.5) / n),
                weight=lambda t: np.ones_like(t),
                log_snr=log_snr,
                cost=len(self.templates) * self._forwards,
            )
        return Race(
            policy=self.policy,
            seed=self.seed,
            snap=lambda t: (hidden(t) - 0.5) / n,
            weight=lambda t: n / hidden(t),
            log_snr=log_snr,
            cost=len(self.templates),
        )

    def _answers(
        self, questions: Sequence[Question], pictures: Tensor, tokens: Tensor, ids: Sequence[str], told: Conditioning
    ) -> NDArray[np.float64]:
        """Return the error of each question, in batches over images × draws × labels × prompts."""
        n, device = self.model.tokens, self.model.device
        masks: dict[tuple[int, int], Tensor] = {}
        for q in questions:
            if (q.image, q.draw) not in masks:
                count = round(q.t * n + 0.5)
                masks[q.image, q.draw] = torch.from_numpy(draw_mask(self.seed, ids[q.image], q.draw, n, count))
        rows = [(q, p) for q in questions for p in range(len(self.templates))]
        errors: list[NDArray[np.float64]] = []
        for begin in range(0, len(rows), self.batch_size):
            part = rows[begin : begin + self.batch_size]
            image = torch.tensor([q.image for q, _ in part])
            hidden = torch.stack([masks[q.image, q.draw] for q, _ in part]).to(device)
            conditioning = self._teller.rows(told, [(q.label, p) for q, p in part])
            shown = tokens[image].to(device)
            if self.method == "reconstruction":
                redrawn = self.model.decode(fill(self.model, shown, hidden, conditioning, self.steps))
                errors.append(_distances(pictures[image].to(device), redrawn))
            else:
                errors.append(_surprise(self.model, shown, hidden, conditioning))
        return np.asarray(np.concatenate(errors).reshape(len(questions), -1).mean(axis=1))


def _surprise(
    model: MaskedModel, ids: Int[Tensor, "b n"], hidden: Bool[Tensor, "b n"], told: Conditioning
) -> NDArray[np.float64]:
    """Return (b,) −Σ log p of the hidden tokens, given the others."""
    own = model.log_probabilities(ids, hidden, told).gather(2, ids[:, :, None])[:, :, 0]
    _check(model, own[hidden])
    return np.asarray(-own.masked_fill(~hidden, 0).double().sum(dim=1).cpu().numpy())


def _distances(pictures: Float[Tensor, "a 3 h w"], redrawn: Float[Tensor, "b 3 h w"]) -> NDArray[np.float64]:
    """Return (b,) ‖x − x̂‖², summed over pixels in [0, 1]."""
    return np.asarray((pictures - redrawn).square().flatten(1).sum(dim=1).double().cpu().numpy())


def _check(model: MaskedModel, answer: Tensor) -> None:
    """Raise UserError where an answer at a hidden place is not a number."""
    if not torch.isfinite(answer).all():
        raise NotANumberError(f"{model.source}: its answer is not a number; try --dtype float32 or bfloat16")
