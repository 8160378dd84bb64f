"""Read a folder of pictures as a `StimulusSet`: the published layouts and file names, and a user's own labelled folders.

Two layouts are known: ``<folder>/<category>/<image>`` (as edge, silhouette and cue-conflict are published) and folders of
whole published names (``0001_eid_dnn_1-10-10_oven_10_n04111531_17072.png``), at any depth: the archives hold them under
``dnn/session-1``. A category is one of the 16.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import NO_CONDITION, Dataset, dataset
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import images_sha256, is_whole, read_name, texture_category
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet

_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif"})
# By their content, whatever they are called. Pillow knows more, among them one that starts another program to read it.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
# A picture of more pixels than this is a mistake or an attack: 8,000 × 8,000.
_MOST_PIXELS = 64_000_000


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture as (height, width, 3) uint8 RGB, turned upright, transparency laid on white.

    Of an animation or a file of several pages that is the first picture.

    Raises:
        UserError: missing, not a picture, truncated or enormous; the message names the file.
    """
    if not path.name.isprintable():
        raise UserError(f"{path.name!r}: this file name cannot be written to a table; rename it")
    try:
        if path.is_dir():
            raise UserError(
                f"{path}: is a folder; give a picture file, or use `reconstrue evaluate` for a whole folder"
            )
        if path.exists() and not path.is_file():
            # Reading a pipe would wait for ever.
            raise UserError(f"{path}: a pipe or a device, not a file; give a picture file")
    except OSError as error:
        raise _damaged(str(path), error) from error
    return _read(path, str(path))


def read_encoded(encoded: bytes, name: str) -> NDArray[np.uint8]:
    """Return the picture whose file has these bytes, as `read_picture` does; errors name it by `name`."""
    return _read(io.BytesIO(encoded), name)


def _read(file: Path | BinaryIO, path: str) -> NDArray[np.uint8]:
    try:
        with _quiet():
            return _decoded(file, path)
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except UnidentifiedImageError as error:
        raise UserError(f"{path}: not a picture that can be read; PNG and JPEG are") from error
    except Image.DecompressionBombError as error:
        raise UserError(f"{path}: more pixels than {_MOST_PIXELS:,}; make it smaller") from error
    except Exception as error:
        # Damaged bytes make a decoder raise anything.
        raise _damaged(path, error) from error


def _damaged(path: str, error: Exception) -> UserError:
    why = " ".join(str(error).split()) or type(error).__name__
    return UserError(f"{path}: damaged or cut off ({why}); copy it again or save it as PNG")


def _decoded(file: Path | BinaryIO, path: str) -> NDArray[np.uint8]:
    """Return the picture as `read_picture` does; raises UserError for its size or depth, and whatever Pillow raises."""
    with Image.open(file, formats=_FORMATS) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise UserError(
                f"{path}: {image.width} × {image.height} pixels is more than {_MOST_PIXELS:,}; make it smaller"
            )
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I;16") or (upright.mode == "I" and image.format == "PNG"):
            # 16-bit grey, which Pillow itself would cut off at 255.
            upright = Image.fromarray((np.asarray(upright) // 257).astype(np.uint8))
        elif upright.mode in ("I", "F"):
            raise UserError(f"{path}: has 32 bits per pixel, so its range is not known; save it with 8 bits")
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            upright = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
        return np.array(upright.convert("RGB"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what Pillow says of a file beside what it raises: every such file is refused or sound."""
    logger, silent = logging.getLogger("PIL"), logging.NullHandler()
    logger.addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(silent)


def read_folder(folder: Path, name: str, *, limit: int | None = None, seed: int = 0) -> StimulusSet:
    """Return the pictures of a data set that lie in `folder`, ordered by category and name.

    Pictures that cannot be read are left out and listed in `problems`. A set that is not all of the published pictures,
    by their number and names, says so in `subset_reason`.

    Args:
        folder: in one of the two layouts above.
        name: of the data set, in the catalogue.
        limit: a seeded sample of so many, balanced over categories.
        seed: of that sample.

    Raises:
        UserError: no such folder, an empty one, another layout, an unknown data set or category, two pictures of the
            same id, or no picture that can be read.
    """
    about = dataset(name)
    stimuli: dict[str, Stimulus] = {}
    published = 0
    for path in picture_files(folder, name):
        stimulus, known = _stimulus(path, folder, about)
        published += known
        if stimulus.image_id in stimuli:
            raise UserError(
                f"{path}: a second picture with the id {stimulus.image_id} (what follows the last '_' of its name); "
                "rename or remove one of them"
            )
        stimuli[stimulus.image_id] = stimulus
    ordered = sorted(stimuli.values(), key=lambda s: (CATEGORIES.index(s.category), s.imagename))
    found = StimulusSet(name, tuple(ordered), _why_subset(list(stimuli), published, about, folder))
    if limit is not None:
        sampled = found.sample(limit, seed)
        if found.subset_reason and sampled is not found:
            sampled = replace(sampled, subset_reason=f"{found.subset_reason}; {sampled.subset_reason}")
        found = sampled
    return _readable(found, about)


def picture_files(folder: Path, name: str) -> list[Path]:
    """Return the picture files anywhere under a folder, sorted, without what systems leave behind.

    Raises:
        UserError: no such folder, or none in it; `name` is the data set that it should hold.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; it should hold the pictures of {name}")
    files = sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in _ENDINGS and p.is_file() and not _hidden(p, folder)
    )
    if not files:
        raise UserError(f"{folder}: no pictures in it; expected <category>/<image>.png for the 16 categories")
    return files


def _hidden(path: Path, folder: Path) -> bool:
    """Say whether a file is one that systems leave behind: ``._cat1.png``, ``__MACOSX/…``."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.relative_to(folder).parts)


def _stimulus(path: Path, folder: Path, about: Dataset) -> tuple[Stimulus, bool]:
    """Return a picture with its labels, and whether it is named as the published ones are."""
    whole = is_whole(path.name)
    if not whole and len(about.conditions) > 1:
        raise UserError(
            f"{path}: {about.name} has several conditions, so its pictures carry their published names "
            f"(0001_{about.tag}_dnn_<condition>_<category>_{about.block}_<image>.png)"
        )
    try:
        said = read_name(path.name, about)
    except UserError as error:
        raise UserError(f"{path.parent}/{error}") from None
    home = path.parent.name if path.parent != folder else ""
    category = said.category if whole else home
    if category not in CATEGORIES:
        raise UserError(
            f"{path}: '{category or path.parent.name}' is not one of the 16 categories; expected "
            f"{folder.name}/<category>/<image> with {', '.join(CATEGORIES)}"
        )
    texture = texture_category(said.image_id) if about.name == "cue-conflict" else ""
    if texture is None:
        raise UserError(f"{path}: a cue-conflict picture is named <shape><i>-<texture><j>.png")
    if said.category not in ("", category) or (texture and not said.image_id.startswith(category)):
        what = "shape" if texture else "category"
        raise UserError(f"{path}: named after another {what} than its folder '{category}'; move it or rename it")
    condition = said.condition or NO_CONDITION
    stimulus = Stimulus(said.image_id, path.name, category, condition, texture, partial(read_picture, path))
    return stimulus, said.grammar == about.grammar


def _readable(found: StimulusSet, about: Dataset) -> StimulusSet:
    """Decode every picture once, so that a damaged one is known before the work starts."""
    kept, problems = [], []
    for stimulus in found:
        try:
            stimulus.read()
        except UserError as error:
            problems.append(str(error))
        else:
            kept.append(stimulus)
    if not kept:
        raise UserError(f"none of the {len(problems)} pictures can be read; the first: {problems[0]}")
    if not problems:
        return found
    reason = f"{len(problems)} pictures could not be read"
    return replace(
        found,
        stimuli=tuple(kept),
        problems=tuple(problems),
        subset_reason=f"{found.subset_reason}; {reason}" if found.subset_reason else reason,
    )


def _why_subset(ids: list[str], published: int, about: Dataset, folder: Path) -> str | None:
    """Say why the pictures are not the whole published set; only the names can tell, as pixels are re-encoded.

    Raises UserError for more pictures than were published under such names, or for both kinds together.
    """
    count = len(ids)
    if 0 < published < count and len(about.conditions) > 1:
        raise UserError(
            f"{folder}: {published:,} pictures are named as the published ones of {about.name} and {count - published:,} "
            "are not; put them into two folders"
        )
    if published > about.n_images:
        raise UserError(
            f"{folder}: holds {count:,} pictures but {about.name} has {about.n_images:,}; remove those of other sets"
        )
    if published < count:
        return (
            f"{count - published:,} of the folder's {count:,} pictures are not among the {about.n_images:,} published"
        )
    if count < about.n_images:
        return f"the folder holds {count:,} of the {about.n_images:,} images"
    if images_sha256(ids) != about.images_sha256:
        return f"the folder's {count:,} pictures are not all of the published ones, going by their names"
    return None
