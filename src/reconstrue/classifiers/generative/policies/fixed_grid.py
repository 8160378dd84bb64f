"""The same draws for every label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.generative.policies.base import Policy


@dataclass(frozen=True)
class FixedGrid(Policy):
    """Every label gets the same `max_draws` draws; nothing is eliminated."""

    max_draws: int = 100

    def __post_init__(self) -> None:
        if self.max_draws < 1:
            raise ValueError(f"max_draws must be at least 1, got {self.max_draws}")

    def survivors(
        self, t: NDArray[np.float64], scores: NDArray[np.float64], live: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        return live

    def next_check(self, draws: int) -> int:
        return self.max_draws

    def settings(self) -> dict[str, object]:
        return {"policy": "fixed-grid", "max_draws": self.max_draws}
