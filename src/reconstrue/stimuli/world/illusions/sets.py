"""A set of illusions of all kinds: a pure function of its size, its seed and the side of its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.illusions.bistable import PAIRS as BISTABLE
from reconstrue.stimuli.world.illusions.bistable import bistable
from reconstrue.stimuli.world.illusions.hybrids import hybrid
from reconstrue.stimuli.world.illusions.illusion import Illusion, Kind
from reconstrue.stimuli.world.illusions.occlusion import PAIRS as OCCLUDED
from reconstrue.stimuli.world.illusions.occlusion import occlusion
from reconstrue.stimuli.world.illusions.pareidolia import PAIRS as PAREIDOLIA
from reconstrue.stimuli.world.illusions.pareidolia import pareidolia
from reconstrue.stimuli.world.sets import SIDE

Pair = tuple[str, str]
Maker = Callable[[int, int, int, Pair, Pair], Illusion]

# Any two categories make a hybrid.
_ANY: Final = tuple((a, b) for a in CATEGORIES for b in CATEGORIES if a != b)
_MAKERS: Final[dict[Kind, tuple[Maker, tuple[Pair, ...]]]] = {
    "bistable": (bistable, tuple(BISTABLE)),
    "hybrid": (hybrid, _ANY),
    "occlusion": (occlusion, OCCLUDED),
    "pareidolia": (pareidolia, tuple(PAREIDOLIA)),
}
KINDS: Final = tuple(_MAKERS)

# As in the world's other sets, the number in a name carries the seed.
_NUMBERS: Final = 10_000


def illusion_set(count: int, seed: int, side: int = SIDE) -> tuple[Illusion, ...]:
    """Return `count` illusions, kinds in turns and within a kind its pairs in turns; a larger set begins with a smaller.

    Raises:
        ValueError: count < 1.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    return tuple(_illusion(KINDS[place % len(KINDS)], place // len(KINDS), seed, side) for place in range(count))


def _illusion(kind: Kind, place: int, seed: int, side: int) -> Illusion:
    make, pairs = _MAKERS[kind]
    order = stream(seed, "pairs", kind).permutation(len(pairs))
    readings = pairs[int(order[place % len(pairs)])]
    others = [category for category in CATEGORIES if category not in readings]
    first, second = stream(seed, "wrong", kind, place).choice(len(others), size=2, replace=False)
    wrong = (others[int(first)], others[int(second)])
    return make(seed, _NUMBERS * (seed + 1) + place + 1, side, wrong, readings)
