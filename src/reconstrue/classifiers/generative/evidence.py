"""The evidence engine: which draw comes next, what the draws say so far, and when to stop.

One *draw* is one (t, ε), shared by all labels of an image, so that labels are compared in pairs: the difference of two
errors under the same noise varies far less than either. A *policy* looks at the evidence so far and says which labels
are still in the race.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from reconstrue.seeding import stream

# The golden ratio's fractional part: u + j·φ mod 1 is spread evenly over [0, 1) after any number j of draws.
_GOLDEN = (5**0.5 - 1) / 2


def draw_times(seed: int, image_id: str, start: int, stop: int) -> NDArray[np.float64]:
    """Return t in (0, 1) of the draws start … stop − 1 of an image: t_j = (u + j·φ) mod 1 with u from the image.

    Every prefix is stratified: among the first n draws no two neighbouring t are more than about 2.6/n apart (the
    three-distance theorem), so a race that stops early has still seen all noise levels.
    """
    offset = stream(seed, image_id, "t").random()
    return np.asarray((offset + np.arange(start, stop) * _GOLDEN) % 1.0)


def draw_noise(seed: int, image_id: str, draw: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return ε ~ N(0, 1) of one draw of an image, float32; a function of its three names alone."""
    return stream(seed, image_id, draw).standard_normal(shape, dtype=np.float32)


@dataclass(frozen=True)
class Evidence:
    """What the draws of one image said.

    Attributes:
        t: (draws,) the snapped noise times.
        error: (draws, labels) what each label got wrong; NaN where it had been eliminated. Diffusion: ‖x − x̂‖², summed
            over the image's dimensions. Masked tokens: −log p of the hidden tokens, or ‖x − x̂‖² in pixels.
        log_snr: (draws,) log(α² / σ²) at t, so that weightings by SNR need not the model again. Masked tokens: log of
            shown over hidden tokens.
        weight: (draws,) w(t) on the error, of the weighting that the race used.
        eliminated_at: (labels,) number of draws after which the label left the race, −1 for those that stayed.
        budget_ended: whether the budget, not the policy, ended the race.
        cost: network evaluations behind one error (the number of prompts that it averages, times decoding steps).
    """

    t: NDArray[np.float64]
    log_snr: NDArray[np.float64]
    error: NDArray[np.float64]
    weight: NDArray[np.float64]
    eliminated_at: NDArray[np.int64]
    budget_ended: bool
    cost: int = 1

    @property
    def evaluations(self) -> int:
        """The number of network evaluations spent: `cost` per draw and label in the race."""
        return self.cost * int(np.isfinite(self.error).sum())

    @property
    def complete(self) -> bool:
        """Whether every label has every draw (a fixed grid), so that another weighting is an offline question."""
        return bool(np.isfinite(self.error).all())

    def reweighted(self, weight: NDArray[np.float64]) -> Evidence:
        """Return the same draws under another weighting, `weight` (draws,) on the error.

        Raced evidence lacks the losers' late draws, so it is cut to the draws that all labels share.
        """
        common = np.isfinite(self.error).all(axis=1)
        return Evidence(
            self.t[common],
            self.log_snr[common],
            self.error[common],
            np.asarray(weight, dtype=np.float64)[common],
            np.full_like(self.eliminated_at, -1),
            self.budget_ended,
            self.cost,
        )

    def log_evidence(self) -> NDArray[np.float64]:
        """Return (labels,) minus the mean weighted error, on the leader's draws.

        An eliminated label saw fewer draws: its score is the leader's minus the mean paired difference over the
        draws that both saw, and never more than the leader's own: what the race decided stays decided.
        """
        return _paired_means(-self.weight[:, None] * self.error)[0]

    def posterior(self, samples: int = 4096) -> NDArray[np.float64]:
        """Return (labels,) the probability that each label is the decision of an infinite budget.

        The mean paired differences to the leader are taken as jointly normal with the draws' own covariance (each
        label over the draws that it shares with the leader), and `samples` fixed normal vectors are ranked. With
        one draw nothing is known of the variance and the answer is uniform.
        """
        scores = -self.weight[:, None] * self.error
        means, leader = _paired_means(scores)
        labels = scores.shape[1]
        if len(scores) < 2:
            return np.full(labels, 1 / labels)
        differences = scores - scores[:, [leader]]
        counts = np.isfinite(differences).sum(axis=0)
        if counts.min() < 2:
            return np.full(labels, 1 / labels)
        # Covariance over the draws common to all labels, rescaled to each label's own standard error.
        common = np.isfinite(differences).all(axis=1)
        covariance = (
            np.atleast_2d(np.cov(differences[common], rowvar=False)) if common.sum() > 1 else np.zeros((labels, labels))
        )
        spread = np.sqrt(np.clip(np.diag(covariance), 1e-300, None))
        own = np.sqrt(np.nanvar(differences, axis=0, ddof=1) / counts)
        covariance = covariance / np.outer(spread, spread) * np.outer(own, own)
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.clip(values, 0, None))
        normal = stream(0, "posterior", labels).standard_normal((samples, labels))
        winners = (means + normal @ root.T).argmax(axis=1)
        # Half a count for every label: from finitely many samples nothing has probability 0.
        return (np.bincount(winners, minlength=labels) + 0.5) / (samples + 0.5 * labels)


def _paired_means(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Return (labels,) comparable mean scores, and the leader: the best of the labels with all draws."""
    full = np.isfinite(scores).all(axis=0)
    leader = int(np.flatnonzero(full)[scores[:, full].mean(axis=0).argmax()])
    means = scores[:, leader].mean() + np.nanmean(scores - scores[:, [leader]], axis=0)
    means[~full] = np.minimum(means[~full], np.nextafter(means[leader], -np.inf))
    return means, leader


class Policy(ABC):
    """Says which labels stay in the race, from the evidence so far.

    Attributes:
        max_draws: the budget: draws per image at most.
    """

    max_draws: int

    @abstractmethod
    def survivors(self, scores: NDArray[np.float64], live: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (labels,) which of the live labels go on, given (draws, labels) scores, NaN where not drawn."""

    @abstractmethod
    def next_check(self, draws: int) -> int:
        """Return after how many draws `survivors` is asked next (at most `max_draws`), having seen `draws`."""

    @abstractmethod
    def settings(self) -> dict[str, object]:
        """Return the policy's name and every choice, as plain JSON values."""


@dataclass(frozen=True)
class FixedGrid(Policy):
    """Every label gets the same `max_draws` draws; nothing is eliminated."""

    max_draws: int = 100

    def __post_init__(self) -> None:
        if self.max_draws < 1:
            raise ValueError(f"max_draws must be at least 1, got {self.max_draws}")

    def survivors(self, scores: NDArray[np.float64], live: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return live

    def next_check(self, draws: int) -> int:
        return self.max_draws

    def settings(self) -> dict[str, object]:
        return {"policy": "fixed-grid", "max_draws": self.max_draws}


@dataclass(frozen=True)
class PairedTTest(Policy):
    """Successive elimination of Clark & Jaini (2023, Algorithm 1): a label leaves when it is surely worse than the best.

    After at least `min_draws`, every live label is compared with the live label of the lowest mean error by a paired
    Student t-test on the shared draws, and leaves where the two-sided p < `cutoff`.

    Attributes:
        min_draws: draws before the first test; 20 in the paper, at least 2.
        max_draws: the budget; 2000 in the paper.
        cutoff: the p-value under which a label leaves; 2e-3 in the paper.
    """

    min_draws: int = 20
    max_draws: int = 2000
    cutoff: float = 2e-3

    def __post_init__(self) -> None:
        if self.min_draws < 2:
            raise ValueError(f"min_draws must be at least 2 for a t-test, got {self.min_draws}")
        if self.max_draws < 1:
            raise ValueError(f"max_draws must be at least 1, got {self.max_draws}")
        if not 0 < self.cutoff < 1:
            raise ValueError(f"cutoff must lie within (0, 1), got {self.cutoff}")

    def survivors(self, scores: NDArray[np.float64], live: NDArray[np.bool_]) -> NDArray[np.bool_]:
        draws = len(scores)
        if draws < self.min_draws:
            return live
        index = np.flatnonzero(live)
        own = scores[:, index]
        best = own.mean(axis=0).argmax()
        gap = own[:, [best]] - own
        error = gap.std(axis=0, ddof=1) / draws**0.5
        mean = gap.mean(axis=0)
        t_value = np.divide(mean, error, out=np.where(mean > 0, np.inf, 0.0), where=error > 0)
        keep = 2 * stats.t.sf(np.abs(t_value), df=draws - 1) >= self.cutoff
        keep[best] = True
        after = live.copy()
        after[index] = keep
        return after

    def next_check(self, draws: int) -> int:
        return min(max(self.min_draws, draws + 1), self.max_draws)

    def settings(self) -> dict[str, object]:
        return {
            "policy": "clark-jaini",
            "min_draws": self.min_draws,
            "max_draws": self.max_draws,
            "cutoff": self.cutoff,
        }
