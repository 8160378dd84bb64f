"""The pocket world's data sets: image, name and labels are a pure function of a seed.

``original`` pictures carry the texture of their own category (both cues agree); ``cue-conflict`` pictures put shape i
under texture j; ``silhouette`` is the filled shape and ``edge`` its line drawing, black on white.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.stimuli.world.render import draw, edge_picture, paint, silhouette_picture

# Imagen's base size; every pocket model sees pictures of this side.
SIDE = 64

# The picture's number in its name is this times (seed + 1), plus its own number in the set.
_NUMBERS = 10_000

WORLD_SETS = ("original", "cue-conflict", "silhouette", "edge")


def world_picture(
    dataset: str, category: str, texture: str, seed: int, number: int, side: int = SIDE
) -> NDArray[np.uint8]:
    """Return one picture, (side, side, 3) uint8: a pure function of its arguments.

    Args:
        dataset: one of `WORLD_SETS`.
        category: of the shape.
        texture: category of the texture; ignored by silhouette and edge pictures.
        seed: of the world.
        number: the picture's number within its category.
        side: in pixels.
    """
    raster = draw(category, stream(seed, "shape", dataset, category, texture, number), side)
    if dataset == "silhouette":
        picture = silhouette_picture(raster)
    elif dataset == "edge":
        picture = edge_picture(raster)
    else:
        picture = paint(raster, texture, stream(seed, "paint", dataset, category, texture, number))
    return np.round(picture * 255).astype(np.uint8)


def world_set(dataset: str, count: int, seed: int, side: int = SIDE) -> StimulusSet:
    """Return `count` pictures of a pocket data set, spread evenly over categories (and over texture pairs).

    Args:
        dataset: one of `WORLD_SETS`.
        count: number of pictures, at least 1.
        seed: of the world; the shipped models were trained on other seeds.
        side: in pixels.

    Raises:
        UserError: no such pocket data set.
        ValueError: count < 1.
    """
    if dataset not in WORLD_SETS:
        raise UserError(f"unknown pocket data set '{dataset}'{did_you_mean(dataset, WORLD_SETS)}")
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    labels = _conflicts(seed) if dataset == "cue-conflict" else _agreements()
    stimuli = []
    for _ in range(count):
        category, texture, number = next(labels)
        # Names carry the seed: pictures of two seeds, or a pocket and a published picture, never share one.
        number += _NUMBERS * (seed + 1)
        name = f"{category}{number}-{texture}{number}.png" if dataset == "cue-conflict" else f"{category}{number}.png"
        stimuli.append(
            Stimulus(
                image_id=name,
                imagename=name,
                category=category,
                condition=NO_CONDITION,
                texture=texture if dataset == "cue-conflict" else "",
                read=partial(world_picture, dataset, category, texture, seed, number, side),
            )
        )
    return StimulusSet(dataset, tuple(stimuli))


def _agreements() -> Iterator[tuple[str, str, int]]:
    number = 0
    while True:
        number += 1
        yield from ((category, category, number) for category in CATEGORIES)


def _conflicts(seed: int) -> Iterator[tuple[str, str, int]]:
    """Yield (shape, texture, number): each round gives every shape another texture, each texture once."""
    k = len(CATEGORIES)
    number = 0
    while True:
        number += 1
        for shift in 1 + stream(seed, "conflicts", number).permutation(k - 1):
            yield from ((CATEGORIES[i], CATEGORIES[(i + int(shift)) % k], number) for i in range(k))
