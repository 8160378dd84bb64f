"""What a policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray


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
