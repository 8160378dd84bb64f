"""What a model makes of one illusion: what it draws of it, and where it puts the parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.generative.redraw import Redrawn, redraw, require_drawer
from reconstrue.metrics.localisation import change_between, localisation
from reconstrue.stimuli.world.illusions import Illusion


@dataclass(frozen=True)
class Seen:
    """What a model made of one illusion at one noise level.

    Attributes:
        illusion: the picture with its two readings and their masks.
        redrawn: under A, B and the two wrong categories C and D, in the first draw.
        change: (H, W) what prompt A changes more than prompt B, a mean over draws.
        localisation: how well it puts the parts of A and B where they lie; ½ by chance.
        wrong: the same figure under C and D.
        distances: (4,) mean squared distance under A, B, C and D.
        evaluations: of the network, in all draws.
    """

    illusion: Illusion
    redrawn: Redrawn
    change: NDArray[np.float64]
    localisation: float
    wrong: float
    distances: NDArray[np.float64]
    evaluations: int


def see(classifier: Classifier, illusion: Illusion, level: float, draws: int) -> Seen:
    """Return what a model makes of an illusion (`reconstrue.metrics.localisation`), over some draws at one level.

    Raises:
        UserError: a model that draws no picture again, or does not know the illusion's categories.
        NotANumberError: an answer that is not a number.
        ValueError: fewer than one draw.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}")
    drawer = require_drawer(classifier)
    categories = drawer.checked((*illusion.readings, *illusion.wrong))
    made = [redraw(drawer, illusion.stimulus(), categories, level, draw=draw) for draw in range(draws)]
    pictures = np.stack([one.drawn for one in made])
    mean = pictures.mean(axis=1)
    own, wrong = (change_between(pictures[:, i], pictures[:, i + 1], mean).mean(axis=0) for i in (0, 2))
    return Seen(
        illusion=illusion,
        redrawn=made[0],
        change=own,
        localisation=localisation(own, illusion.masks),
        wrong=localisation(wrong, illusion.masks),
        distances=np.mean([one.distances for one in made], axis=0),
        evaluations=sum(one.evaluations for one in made),
    )
