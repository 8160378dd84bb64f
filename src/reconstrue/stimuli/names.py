"""What a published image name says: one grammar, read in one place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from reconstrue.stimuli.categories import CATEGORIES

_CONFLICT_NAME: Final = re.compile(r"([a-z]+)\d+-([a-z]+)\d+\.\w+")


@lru_cache(maxsize=65536)
def image_id(imagename: str) -> str:
    """Give the part of an image name that is common to all observers.

    That is the last field between underscores, or the last two where they are an ImageNet name.

    >>> image_id("0001_cl_s01_cr_oven_40_n04111531_14126.png")
    'n04111531_14126.png'
    >>> image_id("0001_s5n_s01_0_bird_00_bird3-bird2.png")
    'bird3-bird2.png'
    """
    fields = imagename.split("_")
    if len(fields) > 1 and fields[-2].startswith("n0"):
        return "_".join(fields[-2:])
    return fields[-1]


def texture_category(image: str) -> str | None:
    """Give the category of the texture in the id of a cue-conflict image (`shape<i>-texture<j>.png`), else None.

    >>> texture_category("bird3-clock2.png")
    'clock'
    """
    match = _CONFLICT_NAME.fullmatch(image)
    if match is None or match[1] not in CATEGORIES or match[2] not in CATEGORIES:
        return None
    return match[2]
