"""A picture drawn again under some labels, by any model that can: noised and guessed, or masked and filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.masked import MaskedClassifier, hidden_after, reconstruct_masked
from reconstrue.classifiers.generative.reconstruct import reconstruct
from reconstrue.classifiers.prompts import prompt
from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.stimulus_set import Stimulus

Drawer = DiffusionClassifier | MaskedClassifier
"""The kinds of model that draw a picture again."""


@dataclass(frozen=True)
class Redrawn:
    """One picture drawn again under k labels, all from the same noise or mask.

    Attributes:
        picture: (H, W, 3) in [0, 1], as the model sees it.
        given: (H, W, 3) in [0, 1], what it began with: the noised or the masked picture.
        drawn: (k, H, W, 3) in [0, 1].
        distances: (k,) squared distance to the picture: in the model's own space, of masked models in pixels.
        level: noise level, or share of the tokens that is hidden.
        masked: whether it is such a share.
        evaluations: of the network.
    """

    picture: NDArray[np.float32]
    given: NDArray[np.float32]
    drawn: NDArray[np.float32]
    distances: NDArray[np.float64]
    level: float
    masked: bool
    evaluations: int


def require_drawer(classifier: Classifier) -> Drawer:
    """Return a model that can draw a picture again; raises UserError for one that cannot."""
    if isinstance(classifier, Drawer):
        return classifier
    raise UserError(
        f"{classifier.name}: draws no picture again from a noised or masked one; give a diffusion or a masked model"
    )


def redraw(drawer: Drawer, stimulus: Stimulus, labels: Sequence[str], level: float, *, draw: int = 0) -> Redrawn:
    """Return what a model draws under its first prompt template with each label, without guidance.

    A diffusion model's x̂ of one step; a masked model fills in the hidden tokens.

    Args:
        drawer: the model.
        stimulus: the picture; its noise or mask is a function of (seed, image id, draw).
        labels: for the prompt.
        level: noise level in [0, 1], or the share of the tokens to hide, above 0.
        draw: number of the draw.

    Raises:
        NotANumberError: an answer that is not a number.
        ValueError: a level out of range, or no label.
    """
    told = [prompt(label, drawer.templates[0]) for label in labels]
    rows = drawer.batch_size
    if isinstance(drawer, DiffusionClassifier):
        made = reconstruct(drawer.denoiser, stimulus, told, t=level, seed=drawer.seed, draw=draw, batch_size=rows)
        return Redrawn(made.picture, made.noised, made.reconstructions, made.distances, made.t, False, len(told))
    # A mask is a function of (seed, image): another draw is another seed.
    seed = int(stream(drawer.seed, "mask of a draw", draw).integers(2**31))
    filled = reconstruct_masked(
        drawer.model, stimulus, told, hidden_share=level, steps=drawer.steps, seed=seed, batch_size=rows
    )
    return Redrawn(
        picture=filled.picture,
        given=filled.masked,
        drawn=filled.reconstructions,
        distances=filled.distances,
        level=filled.hidden_share,
        masked=True,
        evaluations=len(told) * len(hidden_after(int((filled.ids < 0).sum()), drawer.steps)),
    )
