"""Turn a user's own labelled photographs into the parametric sets, under names that no published picture has."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.lib.format import read_array
from numpy.typing import NDArray
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import dataset as catalogued
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.distortions import DISTORTIONS, distort, mean_spectrum
from reconstrue.stimuli.folders import picture_files, read_picture
from reconstrue.stimuli.names import whole_name

# Side of the published pictures.
SIDE = 224


@dataclass(frozen=True)
class Photograph:
    """One labelled photograph.

    Attributes:
        path: of the file.
        category: one of the 16, from the name of its folder.
        image_id: ``own-<name>-<hash of the pixels>.png``: no published image id begins so, and equal ids mean equal pixels.
    """

    path: Path
    category: str
    image_id: str


@dataclass(frozen=True)
class Made:
    """What was made of one data set.

    Attributes:
        dataset: its name.
        folder: where its pictures lie.
        count: how many there are.
    """

    dataset: str
    folder: Path
    count: int


def square(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the central square of a picture at a new size, (side, side, 3) uint8, smoothed where it shrinks."""
    height, width = picture.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    cropped = Image.fromarray(picture[top : top + short, left : left + short])
    # Pillow widens its cubic kernel by the factor of the reduction, which is the antialiasing.
    return np.asarray(cropped.resize((side, side), Image.Resampling.BICUBIC))


def read_table(path: Path | None, option: str) -> NDArray[np.float64] | None:
    """Return the numbers of an ``.npy`` file, None where no file is given.

    Raises:
        UserError: no such file, or not an array of numbers; it names the option.
    """
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            # Not np.load, which also takes archives of several arrays.
            table = read_array(file, allow_pickle=False)
        if table.dtype.kind not in "fiu":
            raise ValueError(f"of {table.dtype}")
        return np.asarray(table, dtype=np.float64)
    except Exception as error:
        # A damaged header makes the reader raise anything.
        raise UserError(f"{option} {path}: not an array of numbers in .npy format ({error})") from error


def distort_file(
    image: Path,
    out: Path,
    kind: str,
    level: str,
    *,
    seed: int = 0,
    spectrum: Path | None = None,
    gamma: Path | None = None,
) -> NDArray[np.uint8]:
    """Distort one picture at its own size, write it without loss and return it.

    Args:
        image: any picture; levels in pixels refer to a width of 224 and grow with the picture's.
        out: a ``.png`` file.
        kind: one of `DISTORTIONS`.
        level: a published label or another level of its kind.
        seed: of the noise, which does not depend on the file's name, nor on the level or its spelling.
        spectrum: ``.npy`` with a mean amplitude spectrum, for power-equalisation.
        gamma: ``.npy`` with a monitor's 256 values, for false-colour.

    Raises:
        UserError: an unknown kind or level, a missing table, a picture that cannot be read, or `out` cannot be written.
    """
    if out.suffix.lower() != ".png":
        raise UserError(f"{out}: give a name that ends in .png, which keeps every pixel as it is")
    if kind in DISTORTIONS:
        refuse_idle_tables((kind,), spectrum, gamma)
    tables = read_table(spectrum, "--spectrum"), read_table(gamma, "--gamma")
    picture = read_picture(image)
    changed = distort(picture, kind, level, stream(seed, "distort", kind), spectrum=tables[0], gamma=tables[1])
    _save(changed, out)
    return changed


def refuse_idle_tables(kinds: Iterable[str], spectrum: Path | None, gamma: Path | None) -> None:
    """Raise UserError for a table that none of the kinds would use."""
    needed = {DISTORTIONS[kind].needs for kind in kinds}
    for name, given in (("spectrum", spectrum), ("gamma", gamma)):
        if given is not None and name not in needed:
            users = [kind.name for kind in DISTORTIONS.values() if kind.needs == name]
            raise UserError(f"--{name} is used by {', '.join(users)} alone; leave it out")


def photographs(folder: Path) -> tuple[Photograph, ...]:
    """Return the labelled photographs under ``<folder>/<category>``, ordered by category and image id.

    Raises:
        UserError: no such folder, no pictures, a folder that is no category, the same photograph twice, or one that
            cannot be read.
    """
    found: dict[str, Photograph] = {}
    for path in picture_files(folder, "a data set of your own"):
        category = path.relative_to(folder).parts[0]
        if category not in CATEGORIES:
            raise UserError(
                f"{path}: '{category}' is not one of the 16 categories; expected {folder.name}/<category>/<photograph> "
                f"with {', '.join(CATEGORIES)}"
            )
        pixels = read_picture(path)
        digest = hashlib.sha256(f"{category} {pixels.shape} ".encode() + pixels.tobytes()).hexdigest()
        slug = re.sub(r"[^0-9a-z]+", "-", path.stem.lower()).strip("-")[:40].strip("-") or "picture"
        one = Photograph(path, category, f"own-{slug}-{digest[:8]}.png")
        if one.image_id in found:
            raise UserError(f"{path}: the same picture as {found[one.image_id].path}; remove one of them")
        found[one.image_id] = one
    return tuple(sorted(found.values(), key=lambda photo: (CATEGORIES.index(photo.category), photo.image_id)))


def assign_conditions(
    photos: Sequence[Photograph], name: str, seed: int, *, all_conditions: bool = False
) -> tuple[tuple[Photograph, str], ...]:
    """Return which photographs are shown in which condition, in the order of their numbers.

    As in the published sets, each photograph is shown in one condition, and the conditions share the photographs of a
    category evenly (their numbers differ by one at most). With `all_conditions` each is shown in every one. A
    photograph's order within its category is a function of the seed and its image id, never of its place in a folder.
    """
    conditions = catalogued(name).conditions
    pairs: list[tuple[Photograph, str]] = []
    for offset, category in enumerate(CATEGORIES):
        mine = [photo for photo in photos if photo.category == category]
        mine.sort(key=lambda photo: (stream(seed, "condition", name, photo.image_id).random(), photo.image_id))
        if all_conditions:
            pairs += [(photo, condition) for photo in mine for condition in conditions]
        else:
            pairs += [(photo, conditions[(place + offset) % len(conditions)]) for place, photo in enumerate(mine)]
    return tuple(
        sorted(pairs, key=lambda pair: (stream(seed, "order", name, pair[0].image_id, pair[1]).random(), pair[1]))
    )


def make_datasets(
    folder: Path,
    out: Path,
    names: Sequence[str],
    *,
    seed: int = 0,
    side: int = SIDE,
    spectrum: Path | None = None,
    gamma: Path | None = None,
    all_conditions: bool = False,
    tell: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> tuple[Made, ...]:
    """Make parametric sets of a user's photographs: ``<out>/<data set>/0001_lp_dnn_10_oven_10_own-….png``.

    Photographs are cropped to the central square and resized. The mean amplitude spectrum for power-equalisation is
    that of all of them where none is given. The same photographs and seed give the same files, whatever their order.

    Args:
        folder: ``<folder>/<category>/<photograph>``.
        out: a folder; those of the data sets in it must be empty or not exist.
        names: of parametric data sets; none for all twelve.
        seed: of conditions and of noise.
        side: of the pictures, in pixels.
        spectrum: ``.npy`` with a mean amplitude spectrum of that side.
        gamma: ``.npy`` with a monitor's 256 values.
        all_conditions: every photograph in every condition (the copies' image ids are numbered).
        tell: is given (data set, pictures done, pictures in all).

    Raises:
        UserError: no such folder, an unknown or nonparametric set, an unfit table, a folder that holds files, or one
            that cannot be written.
    """
    kinds = tuple(dict.fromkeys(names)) or tuple(DISTORTIONS)
    for name in kinds:
        catalogued(name)
        if name not in DISTORTIONS:
            raise UserError(f"{name} is not made by a distortion; choose from {', '.join(DISTORTIONS)}")
        if (out / name).exists() and any((out / name).iterdir()):
            raise UserError(f"{out / name}: holds files already; give another --out or remove it")
    if side < 1:
        raise UserError(f"--size must be at least 1, got {side}")
    refuse_idle_tables(kinds, spectrum, gamma)
    curve, given = read_table(gamma, "--gamma"), read_table(spectrum, "--spectrum")
    photos = photographs(folder)
    amplitudes: Mapping[str, NDArray[np.float64] | None] = MappingProxyType(
        {
            name: given
            if given is not None
            else mean_spectrum(square(read_picture(photo.path), side) for photo in photos)
            for name in kinds
            if DISTORTIONS[name].needs == "spectrum"
        }
    )
    made = []
    for name in kinds:
        about = catalogued(name)
        pairs = assign_conditions(photos, name, seed, all_conditions=all_conditions)
        tell(name, 0, len(pairs))
        for number, (photo, condition) in enumerate(pairs, start=1):
            picture = distort(
                square(read_picture(photo.path), side),
                name,
                condition,
                stream(seed, "distort", name, condition, photo.image_id),
                spectrum=amplitudes.get(name),
                gamma=curve if DISTORTIONS[name].needs == "gamma" else None,
            )
            image = _copy_id(photo.image_id, about.conditions.index(condition)) if all_conditions else photo.image_id
            _save(picture, out / name / whole_name(about, number, condition, photo.category, image))
            tell(name, number, len(pairs))
        made.append(Made(name, out / name, len(pairs)))
    return tuple(made)


def _copy_id(image_id: str, place: int) -> str:
    """Return the id of one of several copies of a photograph: ids are unique within a set."""
    stem, _, digest = image_id.rpartition("-")
    return f"{stem}-copy{place + 1}-{digest}"


def _save(picture: NDArray[np.uint8], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error}); give another place") from error
