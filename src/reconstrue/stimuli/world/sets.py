"""The pocket world's data sets: image, name and labels are a pure function of a seed.

``original`` pictures carry the texture of their own category (both cues agree); ``cue-conflict`` pictures put shape i
under texture j; ``silhouette`` is the filled shape and ``edge`` its line drawing, black on white; ``sketch`` is a pencil
drawing and ``stylized`` a picture repainted in a style of no category. The twelve parametric sets are pictures as in
``original``, distorted: the same condition labels as the published twins, each picture in one condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import NO_CONDITION, Dataset, load_catalog, normalise_condition
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.distortions import DISTORTIONS, distort, mean_spectrum
from reconstrue.stimuli.names import whole_name
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.stimuli.world.render import (
    draw,
    edge_picture,
    paint,
    silhouette_picture,
    sketch_picture,
    stylised_picture,
)

# Imagen's base size; every pocket model sees pictures of this side.
SIDE = 64

# The picture's number in its name is this times (seed + 1), plus its own number in the set.
_NUMBERS = 10_000

WORLD_SETS: Final = ("original", *load_catalog())
"""The training pictures' own set, and the twin of each of the 17."""

# Pictures of each category behind the mean spectrum to which power is equalised.
_SPECTRUM_PICTURES = 2


def world_picture(
    dataset: str,
    category: str,
    texture: str,
    seed: int,
    number: int,
    side: int = SIDE,
    condition: str | None = None,
) -> NDArray[np.uint8]:
    """Return one picture, (side, side, 3) uint8: a pure function of its arguments.

    Args:
        dataset: one of `WORLD_SETS`.
        category: of the shape.
        texture: category of the texture; ignored where the pictures have none of their own.
        seed: of the world.
        number: the picture's number within its category.
        side: in pixels.
        condition: of a parametric set; None for its control. Ignored by the others.

    Raises:
        UserError: the data set has no such condition.
    """
    raster = draw(category, stream(seed, "shape", dataset, category, texture, number), side)
    rng = stream(seed, "paint", dataset, category, texture, number)
    if dataset == "silhouette":
        picture = silhouette_picture(raster)
    elif dataset == "edge":
        picture = edge_picture(raster)
    elif dataset == "sketch":
        picture = sketch_picture(raster, rng)
    elif dataset == "stylized":
        picture = stylised_picture(raster, rng)
    else:
        picture = paint(raster, texture, rng)
    pixels = np.round(picture * 255).astype(np.uint8)
    if dataset not in DISTORTIONS:
        return pixels
    about = load_catalog()[dataset]
    label = about.control if condition is None else normalise_condition(about, condition)
    return distort(
        pixels,
        dataset,
        label,
        stream(seed, "distort", dataset, category, number, label),
        spectrum=_spectrum(side) if DISTORTIONS[dataset].needs == "spectrum" and label != about.control else None,
    )


@cache
def _spectrum(side: int) -> NDArray[np.float64]:
    """Return the mean amplitude spectrum of a few undistorted pictures of every category."""
    return mean_spectrum(
        world_picture("original", category, category, 0, number, side)
        for category in CATEGORIES
        for number in range(1, _SPECTRUM_PICTURES + 1)
    )


def seed_of(name: str) -> int:
    """Return the seed of the world that a pocket picture's name carries; 0 for a name that has none."""
    number = re.search(r"\d+", name)
    return max(0, int(number[0]) // _NUMBERS - 1) if number else 0


def world_set(dataset: str, count: int, seed: int, side: int = SIDE) -> StimulusSet:
    """Return `count` pictures of a pocket data set, spread evenly over categories and over conditions or texture pairs.

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
    about = load_catalog()[dataset] if dataset in DISTORTIONS else None
    conditions = _in_turns(about, seed) if about is not None else ()
    stimuli = []
    for place in range(count):
        category, texture, number = next(labels)
        condition = NO_CONDITION
        if about is not None:
            # Each round of the 16 categories is shifted by one, so that a category goes through all conditions.
            condition = conditions[(place // len(CATEGORIES) + place % len(CATEGORIES)) % len(conditions)]
        # Names carry the seed: pictures of two seeds, or a pocket and a published picture, never share one.
        number += _NUMBERS * (seed + 1)
        image = f"{category}{number}-{texture}{number}.png" if dataset == "cue-conflict" else f"{category}{number}.png"
        stimuli.append(
            Stimulus(
                image_id=image,
                imagename=image if about is None else whole_name(about, place + 1, condition, category, image),
                category=category,
                condition=condition,
                texture=texture if dataset == "cue-conflict" else "",
                read=partial(
                    world_picture, dataset, category, texture, seed, number, side, condition if about else None
                ),
            )
        )
    return StimulusSet(dataset, tuple(stimuli))


def _in_turns(about: Dataset, seed: int) -> tuple[str, ...]:
    """Return the conditions in an order of the seed's own."""
    order = stream(seed, "conditions", about.name).permutation(len(about.conditions))
    return tuple(about.conditions[int(i)] for i in order)


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
