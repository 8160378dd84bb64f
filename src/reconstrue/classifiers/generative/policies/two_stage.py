"""The fixed schedule of Li et al.: many labels at few times, then few labels at many."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.generative.policies.base import Policy


@dataclass(frozen=True)
class TwoStage(Policy):
    """The staged evaluation of Li et al. (2023, "Your diffusion model is secretly a zero-shot classifier", §3.3).

    All labels are seen at `draws[0]` evenly spaced times, the best `keep` of them at `draws[1]`. The times of the two
    stages are evenly spaced each on its own, as in the published code, so that the second repeats none of the first;
    `nested` picks the first ones among the second, which saves `keep`·`draws[0]` evaluations.

    Attributes:
        draws: times of the first and of all stages; 25 and 250 in the paper's cheaper setting.
        keep: labels that reach the second stage; 5 in the paper.
        nested: whether the second stage takes over the first one's draws.
        max_draws: draws of a label that reaches the end; follows from the others.
    """

    draws: tuple[int, int] = (25, 250)
    keep: int = 5
    nested: bool = False
    max_draws: int = field(init=False)

    def __post_init__(self) -> None:
        first, second = self.draws
        if not 1 <= first < second:
            raise ValueError(f"the second stage must have more draws than the first, got {self.draws}")
        if self.nested and second % first:
            raise ValueError(f"nested stages need a multiple of the first's draws in the second, got {self.draws}")
        if self.keep < 1:
            raise ValueError(f"keep must be at least 1, got {self.keep}")
        object.__setattr__(self, "max_draws", second if self.nested else first + second)

    def times(self, seed: int, image_id: str, start: int, stop: int) -> NDArray[np.float64]:
        """Return t of the draws: the centres of equal parts of (0, 1), the first stage's before the second's."""
        first, second = self.draws
        fine = (np.arange(second) + 0.5) / second
        if self.nested:
            chosen = np.zeros(second, dtype=bool)
            chosen[second // first // 2 :: second // first] = True
            every = np.concatenate([fine[chosen], fine[~chosen]])
        else:
            every = np.concatenate([(np.arange(first) + 0.5) / first, fine])
        return np.asarray(every[start:stop])

    def survivors(
        self, t: NDArray[np.float64], scores: NDArray[np.float64], live: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        means = np.where(live, scores.mean(axis=0), -np.inf)
        after = np.zeros_like(live)
        after[np.argsort(-means, kind="stable")[: 1 if len(scores) == self.max_draws else self.keep]] = True
        return after & live

    def next_check(self, draws: int) -> int:
        return self.draws[0] if draws < self.draws[0] else self.max_draws

    def settings(self) -> dict[str, object]:
        return {
            "policy": "li-nested" if self.nested else "li",
            "draws": list(self.draws),
            "keep": self.keep,
        }
