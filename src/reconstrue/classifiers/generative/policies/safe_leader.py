"""Stop as soon as the leader is safe: few draws, read together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.generative.belief import believe
from reconstrue.classifiers.generative.policies.base import Policy

# The share of the error rate that labels which leave before the end may use up.
_EARLY = 0.5


@dataclass(frozen=True)
class SafeLeader(Policy):
    """The race of this project: it ends when all others together have a chance of at most `delta` to be the better label.

    After each draw the chance of every label to have a higher mean than the leader is worked out by
    `generative.belief`. The race ends where these chances sum to at most δ, a bound on the probability that an infinite
    budget would decide otherwise. Before that, the labels with the least chances leave, as many as sum to at most δ/2. The
    probability is a posterior one, so looking after each draw costs nothing (it holds whenever one stops, as far as the model of the scores does);
    it is an average over images, not a promise for each. How far it holds on a trained model's decisions is for
    `benchmarks.policies` to say.

    Attributes:
        min_draws: draws of every label before the first look; at least 2.
        max_draws: the budget.
        delta: the error rate.
    """

    min_draws: int = 4
    max_draws: int = 100
    delta: float = 0.05

    def __post_init__(self) -> None:
        if self.min_draws < 2:
            raise ValueError(f"min_draws must be at least 2, got {self.min_draws}")
        if self.max_draws < 1:
            raise ValueError(f"max_draws must be at least 1, got {self.max_draws}")
        if not 0 < self.delta < 1:
            raise ValueError(f"delta must lie within (0, 1), got {self.delta}")

    def survivors(
        self, t: NDArray[np.float64], scores: NDArray[np.float64], live: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        if len(scores) < self.min_draws:
            return live
        belief = believe(t, scores)
        leader = int(np.where(live, belief.mean, -np.inf).argmax())
        chance = belief.beats(leader)
        after = live.copy()
        if chance.sum() <= self.delta:
            after[:] = False
        else:
            order = np.argsort(chance, kind="stable")
            after[order[np.cumsum(chance[order]) <= self.delta * _EARLY]] = False
        after[leader] = True
        return after

    def next_check(self, draws: int) -> int:
        # Every draw at first, then every eighth of what has been seen: a look costs more than it can save by then.
        return min(max(self.min_draws, draws + 1 + draws // 8), self.max_draws)

    def settings(self) -> dict[str, object]:
        return {
            "policy": "safe-leader",
            "min_draws": self.min_draws,
            "max_draws": self.max_draws,
            "delta": self.delta,
        }
