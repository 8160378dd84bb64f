"""What the draws of an image said: scores, the posterior, and the cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconstrue.seeding import stream


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
