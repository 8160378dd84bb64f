"""What a policy is."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.generative.draws import draw_times


class Policy(ABC):
    """Says which noise times an image is seen at, and which labels stay in the race.

    Attributes:
        max_draws: the budget: draws per image at most.
    """

    max_draws: int

    def times(self, seed: int, image_id: str, start: int, stop: int) -> NDArray[np.float64]:
        """Return t of the draws start … stop − 1 of an image: spread over (0, 1) after any number of draws."""
        return draw_times(seed, image_id, start, stop)

    @abstractmethod
    def survivors(
        self, t: NDArray[np.float64], scores: NDArray[np.float64], live: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return (labels,) which of the live labels go on; the race ends when one is left.

        Args:
            t: (draws,) the noise times so far.
            scores: (draws, labels) minus the weighted errors, NaN where a label had left.
            live: (labels,) which are in the race.
        """

    @abstractmethod
    def next_check(self, draws: int) -> int:
        """Return after how many draws `survivors` is asked next (at most `max_draws`), having seen `draws`."""

    @abstractmethod
    def settings(self) -> dict[str, object]:
        """Return the policy's name and every choice, as plain JSON values."""
