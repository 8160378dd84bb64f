"""What was shown: a `StimulusSet` is an ordered set of pictures of one data set, each with its labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from reconstrue.seeding import stream

Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True)
class Stimulus:
    """One picture and its labels; the pixels are read when asked for.

    Attributes:
        image_id: what is common to all observers who saw it; noise is keyed by it.
        imagename: the file name in the field's CSV.
        category: the correct answer (in a cue conflict: the category of the shape), or '' where it is unknown.
        condition: the normalised condition label, `NO_CONDITION` where the set has only one.
        texture: the category of the texture in a cue conflict, else ''.
        read: returns the pixels, (height, width, 3) uint8.
    """

    image_id: str
    imagename: str
    category: str
    condition: str
    texture: str
    read: Callable[[], NDArray[np.uint8]]


@dataclass(frozen=True)
class StimulusSet:
    """The stimuli of one data set, in a fixed order.

    Attributes:
        dataset: the data set's name, as in the catalogue.
        stimuli: the pictures.
        subset_reason: why this is not the whole published set, or None where it is.
        problems: what could not be read, one line each; those pictures are left out.
    """

    dataset: str
    stimuli: tuple[Stimulus, ...]
    subset_reason: str | None = None
    problems: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.stimuli)

    def __iter__(self) -> Iterator[Stimulus]:
        return iter(self.stimuli)

    def sample(self, limit: int, seed: int) -> StimulusSet:
        """Return a seeded sample of `limit` pictures, balanced over categories, in the original order.

        Every category gives ⌊limit/k⌋ pictures and the remainder goes to categories drawn at random; a category
        with fewer gives what it has and the others make up for it. Within a category, conditions take turns. Raises
        ValueError unless limit ≥ 1.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, got {limit}")
        if limit >= len(self.stimuli):
            return self
        rng = stream(seed, "sample", self.dataset)
        queues = {c: self._in_turns(c, rng) for c in sorted({s.category for s in self.stimuli})}
        chosen: list[int] = []
        while len(chosen) < limit:
            left = [c for c in queues if queues[c]]
            turn = left if limit - len(chosen) >= len(left) else list(rng.permutation(left))[: limit - len(chosen)]
            chosen += [int(queues[c].pop()) for c in turn]
        return replace(
            self,
            stimuli=tuple(self.stimuli[i] for i in sorted(chosen)),
            subset_reason=f"a seeded sample of {limit} of {len(self.stimuli)} images (seed {seed})",
        )

    def per_category(self) -> dict[str, int]:
        """Return how many pictures each category has."""
        return dict(Counter(s.category for s in self.stimuli))

    def _in_turns(self, category: str, rng: np.random.Generator) -> list[int]:
        """Return the pictures of a category at random, last first, so that its conditions take turns."""
        shuffled = rng.permutation([i for i, s in enumerate(self.stimuli) if s.category == category]).tolist()
        order = {c: k for k, c in enumerate(rng.permutation(sorted({s.condition for s in self.stimuli})))}
        seen: Counter[str] = Counter()
        keyed = []
        for i in shuffled:
            condition = self.stimuli[i].condition
            keyed.append((seen[condition], order[condition], i))
            seen[condition] += 1
        return [i for _, _, i in sorted(keyed, reverse=True)]
