"""What a published image name says: one grammar, read in one place.

A whole name is ``<trial>_<tag>_<session>_<condition>_<category>_<block>_<image id>``, for example
``0001_cl_s01_cr_oven_40_n04111531_14126.png``: ``s01`` is a person, ``dnn`` any model. The pictures of edge, silhouette
and cue-conflict are published under their image id alone, in a folder named after the category.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import Dataset, normalise_condition
from reconstrue.stimuli.categories import CATEGORIES

_CONFLICT_NAME: Final = re.compile(r"([a-z]+)\d+-([a-z]+)\d+\.\w+")

_WHOLE: Final = re.compile(
    r"(?P<trial>\d{4,})_(?P<tag>[a-z0-9]+)_(?P<session>s\d{2}|dnn)_(?P<condition>[^_]+)_(?P<category>[^_]+)_(?P<block>\d{2})"
    r"_(?P<image>.+)"
)

OWN: Final = "own"
"""The grammar of a user's own photographs; no published image id follows it."""

GRAMMARS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "imagenet": re.compile(r"n\d{8}_\d+\.png"),
        "sketch": re.compile(r"(?P<category>[a-z]+)-\d{4}-sketch-\d+\.png"),
        "stylized": re.compile(r"(?P<category>[a-z]+)-\d{4}-ILSVRC2012-val-\d{8}\.png"),
        "numbered": re.compile(r"(?P<category>[a-z]+)\d+\.png"),
        "conflict": re.compile(r"(?P<category>[a-z]+)\d+-(?P<texture>[a-z]+)\d+\.png"),
        OWN: re.compile(r"own-[0-9a-z-]+-[0-9a-f]{8}\.png"),
    }
)
"""What image ids look like, by the names that the catalogue uses."""


@dataclass(frozen=True)
class PublishedName:
    """What one image name says of its picture.

    Attributes:
        trial: the number that the name begins with, None where a picture is named by its image id alone.
        tag: of the experiment, '' likewise.
        session: ``s01`` for the first person, ``dnn`` for models, '' likewise.
        condition: the normalised condition, '' likewise.
        category: the correct answer, or '' where neither the name's fields nor the image id say it.
        block: the sixth field, '' likewise.
        image_id: what is common to all observers.
        texture: the category of the texture in a cue conflict, else ''.
        grammar: which of `GRAMMARS` the image id follows, '' for none.
    """

    trial: int | None
    tag: str
    session: str
    condition: str
    category: str
    block: str
    image_id: str
    texture: str
    grammar: str


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


@lru_cache(maxsize=65536)
def category_said(image: str, grammar: str) -> str:
    """Give the category that an image id says by one of `GRAMMARS`, '' where it says none.

    >>> category_said("bird3-clock2.png", "conflict"), category_said("n04111531_14126.png", "imagenet")
    ('bird', '')
    """
    match = GRAMMARS[grammar].fullmatch(image)
    said = "" if match is None else match.groupdict().get("category", "")
    return said if said in CATEGORIES else ""


def is_whole(imagename: str) -> bool:
    """Say whether a name has the seven fields of a published one, whatever they hold.

    >>> is_whole("0001_lp_dnn_10_oven_10_n04111531_14126.png"), is_whole("bird3-bird2.png")
    (True, False)
    """
    return _WHOLE.fullmatch(imagename) is not None


def read_name(imagename: str, about: Dataset) -> PublishedName:
    """Read an image name of a data set as far as it says something, and refuse what contradicts the set.

    A whole name must have the set's tag and block, one of its conditions and one of the 16 categories. An image id that
    follows no grammar has ``grammar == ''``: it is not a published one, and neither is one of `OWN`.

    >>> from reconstrue.stimuli.catalog import dataset
    >>> name = read_name("0001_cl_s01_cr_oven_40_n04111531_14126.png", dataset("colour"))
    >>> name.condition, name.category, name.image_id
    ('cr', 'oven', 'n04111531_14126.png')

    Raises:
        UserError: a field that the data set does not have, or an image id that says another category.
    """
    match = _WHOLE.fullmatch(imagename)
    identity = image_id(imagename)
    grammar, groups = _grammar(identity, about)
    told = groups.get("category", "")
    if match is None:
        return PublishedName(None, "", "", "", told, "", identity, groups.get("texture", ""), grammar)
    fields = match.groupdict()
    for field in ("tag", "block"):
        expected = getattr(about, field)
        if fields[field] != expected:
            raise UserError(f"{imagename}: its {field} is '{fields[field]}', those of {about.name} have '{expected}'")
    try:
        condition = normalise_condition(about, fields["condition"])
    except UserError as error:
        raise UserError(f"{imagename}: {error}") from None
    if fields["category"] not in CATEGORIES:
        raise UserError(
            f"{imagename}: '{fields['category']}' is not one of the 16 categories ({', '.join(CATEGORIES)})"
        )
    if fields["image"] != identity:
        raise UserError(f"{imagename}: the image id after the sixth '_' may hold no other '_' (rename the picture)")
    if told and told != fields["category"]:
        raise UserError(f"{imagename}: the image id '{identity}' does not belong to a picture of {fields['category']}")
    return PublishedName(
        trial=int(fields["trial"]),
        tag=fields["tag"],
        session=fields["session"],
        condition=condition,
        category=fields["category"],
        block=fields["block"],
        image_id=identity,
        texture=groups.get("texture", ""),
        grammar=grammar,
    )


def published_name(imagename: str, about: Dataset) -> PublishedName:
    """Read an image name that must be a published one, wholly or by its image id alone.

    Raises:
        UserError: as `read_name`, or an image id that does not follow the data set's grammar.
    """
    found = read_name(imagename, about)
    if found.grammar != about.grammar:
        raise UserError(f"{imagename}: '{found.image_id}' is not named as the pictures of {about.name} are")
    return found


def whole_name(about: Dataset, trial: int, condition: str, category: str, image: str) -> str:
    """Spell the whole name under which models are shown a picture.

    >>> from reconstrue.stimuli.catalog import dataset
    >>> whole_name(dataset("uniform-noise"), 7, "0.6", "oven", "n04111531_14126.png")
    '0007_nse_dnn_0.60_oven_10_n04111531_14126.png'

    Raises UserError for a condition that the data set does not have.
    """
    return f"{trial:04d}_{about.tag}_dnn_{about.published_label(condition)}_{category}_{about.block}_{image}"


def images_sha256(image_ids: Iterable[str]) -> str:
    """Hash a set of image ids: SHA-256 of the sorted ids joined by newlines, in hexadecimal.

    >>> images_sha256(["b.png", "a.png"]) == images_sha256(["a.png", "b.png"])
    True
    """
    return hashlib.sha256("\n".join(sorted(image_ids)).encode()).hexdigest()


def _grammar(identity: str, about: Dataset) -> tuple[str, dict[str, str]]:
    """Return which grammar an image id follows, the data set's own or a user's, and what it says by it."""
    for name in (about.grammar, OWN):
        match = GRAMMARS[name].fullmatch(identity)
        if match is not None:
            said = match.groupdict()
            if all(category in CATEGORIES for category in said.values()):
                return name, said
    return "", {}
