"""Successive elimination by paired t-tests, the policy of the paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from reconstrue.classifiers.generative.policies.base import Policy


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

    def survivors(
        self, t: NDArray[np.float64], scores: NDArray[np.float64], live: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
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
