"""The drawings of the 16 categories: one file per category, each with several different drawings.

A drawing is a function of a numpy Generator that returns a `Sketch`; its proportions, parts and pose vary with the
generator. The tuple `DRAWINGS` of each file lists its drawings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

import numpy as np

from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.drawing import Sketch

Drawing = Callable[[np.random.Generator], Sketch]


@cache
def drawings(category: str) -> tuple[Drawing, ...]:
    """Return the drawings of one of the 16 categories; raises KeyError for another name."""
    if category not in CATEGORIES:
        raise KeyError(category)
    return tuple(import_module(f"{__name__}.{category}").DRAWINGS)
