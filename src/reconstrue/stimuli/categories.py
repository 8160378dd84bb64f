"""The 16 categories of the field, and the ImageNet classes that belong to each."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

CATEGORIES: Final[tuple[str, ...]] = (
    "airplane",
    "bear",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "car",
    "cat",
    "chair",
    "clock",
    "dog",
    "elephant",
    "keyboard",
    "knife",
    "oven",
    "truck",
)


class ImagenetClass(NamedTuple):
    """One of the 1,000 ImageNet classes.

    Attributes:
        wnid: its WordNet id, e.g. ``n02690373``.
        name: its English names, comma-separated.
        category: the category that it belongs to, or None.
    """

    wnid: str
    name: str
    category: str | None


@cache
def imagenet_classes() -> tuple[ImagenetClass, ...]:
    """Return the 1,000 ImageNet classes in index order.

    >>> imagenet_classes()[404]
    ImagenetClass(wnid='n02690373', name='airliner', category='airplane')
    """
    table = files("reconstrue.stimuli").joinpath("imagenet_to_16.csv").read_text(encoding="utf-8")
    rows = sorted(csv.DictReader(table.splitlines()), key=lambda row: int(row["index"]))
    return tuple(ImagenetClass(row["wnid"], row["imagenet_label"], row["category"] or None) for row in rows)


@cache
def imagenet_to_category() -> tuple[str | None, ...]:
    """Give, for each of the 1,000 ImageNet classes in index order, its category, or None where it has none.

    207 classes belong to one of the 16 categories (Geirhos et al. 2018, "Generalisation in humans and deep
    neural networks"); a 1000-way model answers with the category whose classes have the highest mean
    probability.

    >>> imagenet_to_category()[404]
    'airplane'
    >>> sum(category is not None for category in imagenet_to_category())
    207
    """
    return tuple(one.category for one in imagenet_classes())
