r"""Whether a reconstruction's distance goes by what the picture shows, or by what the model can draw (Figure 8).

Appendix B of "Intriguing properties of generative classifiers" (Jaini et al. 2024) takes the prompt whose reconstruction
is nearest to the picture, finds this near chance in Muse, and observes that the lowest distance is often where the model
could not draw the class. Both readings are figures here. With :math:`\bar x` the mean of an image's reconstructions and
:math:`δ_k = \hat x_k - \bar x` what prompt k alone made the model draw,

.. math:: \|x - \hat x_k\|^2 = \|x - \bar x\|^2 + \|δ_k\|^2 - 2 δ_k · (x - \bar x)

The first term is the same for all prompts. The second, the *change*, knows nothing of the picture's right answer: where it
rules, the prompt under which the model draws least of its own is nearest, whatever the picture shows. Only the third knows
the picture. Change is taken from the mean over prompts and not from the picture (or its decoded tokens), from which it
would be the distance itself over again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconstrue.metrics.intervals import Estimate, FloatArray, estimate, resample_weights


@dataclass(frozen=True)
class Ability:
    """What the distances of reconstructions go by, over images, with 95% intervals from images drawn with replacement.

    Each `n` is the number of images on which a figure is defined; the others have distances or changes that are all equal.

    Attributes:
        prompts: k, the same for all images.
        with_class: Spearman's r within an image of distance with being the right prompt (1) or not (0), averaged;
            `strongest` where the right prompt is always nearest, 0 by chance.
        with_change: Spearman's r within an image of distance with change, averaged; 1 where distance goes by
            what the model draws alone.
        right_nearest: the share of images whose nearest prompt is the right one; prompts that tie share it.
        change_of_nearest: where the change of the nearest prompt stands among all: 0 the least, 1 the most, ½ by chance.
    """

    prompts: int
    with_class: Estimate
    with_change: Estimate
    right_nearest: Estimate
    change_of_nearest: Estimate

    @property
    def chance(self) -> float:
        """The share of images whose nearest prompt would be the right one by chance."""
        return 1.0 / self.prompts

    @property
    def strongest(self) -> float:
        """What `with_class` would be if the right prompt were always nearest: −√(3 / (k + 1))."""
        return -math.sqrt(3.0 / (self.prompts + 1))

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON, with NaN as None."""
        return {
            "prompts": self.prompts,
            "chance": self.chance,
            "with_class": {**self.with_class.to_json(), "strongest": self.strongest},
            "with_change": self.with_change.to_json(),
            "right_nearest": self.right_nearest.to_json(),
            "change_of_nearest": self.change_of_nearest.to_json(),
        }


def changes(reconstructions: NDArray[np.floating]) -> FloatArray:
    """Return (k,) ‖x̂_k − mean over prompts‖², summed, of the reconstructions (k, …) of one image under k prompts.

    >>> changes(np.array([[0.0, 1.0], [0.0, 1.0], [3.0, 1.0]]))
    array([1., 1., 4.])
    """
    drawn = np.asarray(reconstructions, dtype=np.float64).reshape(len(reconstructions), -1)
    return np.asarray(((drawn - drawn.mean(axis=0)) ** 2).sum(axis=1))


def ability(
    distance: NDArray[np.floating],
    change: NDArray[np.floating],
    right: Sequence[int],
    *,
    resamples: int = 1000,
    generator: np.random.Generator,
) -> Ability:
    """Say what distances go by.

    Args:
        distance: (images, k) of each reconstruction from its picture.
        change: (images, k), as `changes` gives it.
        right: the number of each image's right prompt.
        resamples: 0 for no intervals.
        generator: of the resampling.

    Raises:
        ValueError: shapes that do not fit together, fewer than two prompts, values that are no numbers, or a right
            prompt that does not exist.
    """
    distance, change = (np.asarray(values, dtype=np.float64) for values in (distance, change))
    which = np.asarray(right, dtype=np.int64)
    n, k = distance.shape
    if change.shape != (n, k) or which.shape != (n,):
        raise ValueError(f"distances {distance.shape}, changes {change.shape}, {len(which)} right prompts: do not fit")
    if k < 2 or not n:
        raise ValueError(f"{n} images and {k} prompts: at least one and two are needed")
    if not (np.isfinite(distance).all() and np.isfinite(change).all()):
        raise ValueError("a distance or a change is not a number")
    if not ((which >= 0) & (which < k)).all():
        raise ValueError(f"a right prompt is not within 0 … {k - 1}")
    from scipy.stats import rankdata

    is_right = np.arange(k) == which[:, None]
    nearest = distance == distance.min(axis=1, keepdims=True)
    nearest = nearest / nearest.sum(axis=1, keepdims=True)
    place = (rankdata(change, axis=1) - 1) / (k - 1)
    # Where nothing changes more than anything else there is no place.
    place[np.ptp(change, axis=1) == 0] = np.nan
    weights = resample_weights(n, resamples, generator).astype(np.float64)

    def over(values: FloatArray, bounds: tuple[float, float], *, share: bool = False) -> Estimate:
        some = ~np.isnan(values)
        total = weights[:, some].sum(axis=1)
        with np.errstate(invalid="ignore"):
            means = (weights[:, some] @ values[some]) / total
        return estimate(means, int(some.sum()), bounds=bounds, correct_bias=False, proportion=share)

    return Ability(
        prompts=k,
        with_class=over(_spearman(distance, is_right.astype(np.float64)), (-1.0, 1.0)),
        with_change=over(_spearman(distance, change), (-1.0, 1.0)),
        right_nearest=over((nearest * is_right).sum(axis=1), (0.0, 1.0), share=True),
        change_of_nearest=over((nearest * place).sum(axis=1), (0.0, 1.0)),
    )


def _spearman(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return (n,) Spearman's r of each row, ties at their mean rank; NaN where a row is the same throughout."""
    from scipy.stats import rankdata

    ranks = [rankdata(values, axis=1) for values in (x, y)]
    a, b = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    spread = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    some = spread > 0
    return np.where(some, (a * b).sum(axis=1) / np.where(some, spread, 1.0), np.nan)
