"""What is learned from: photographs in class folders, in WebDataset's tar shards, or in the hub's parquet shards.

Each becomes a `Collection`: labels, and for every photograph the bytes of a file that hold it. So any photograph can be
read at any time by any process, and an epoch's order is a true shuffle of all of them, whatever they lie in.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple, final, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import imagenet_classes
from reconstrue.stimuli.folders import read_encoded
from reconstrue.train.photographs import parquet_classes, parquet_rows

_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})
_SHARDS = (".tar", ".parquet")
_TRAINING = "train"
_HELD_OUT = ("val", "validation", "test")


class Row(NamedTuple):
    """A photograph of a shard: its id, its label, and the bytes of the shard's file that hold it."""

    id: str
    label: int
    offset: int
    size: int


@final
class Texts(Sequence[str]):
    """Many short texts in one piece of memory.

    A million names as objects take a hundred bytes each, and again in every process that counts references to them.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        encoded = [text.encode() for text in texts]
        self._ends = np.cumsum([0, *map(len, encoded)])
        self._bytes = b"".join(encoded)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Texts: ...
    def __getitem__(self, index: int | slice) -> str | Texts:
        if isinstance(index, slice):
            return Texts(self[i] for i in range(*index.indices(len(self))))
        place = range(len(self))[index]
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode()


@final
@dataclass(frozen=True, eq=False)
class Collection:
    """Labelled photographs that are read when asked for; about 70 bytes each in memory.

    Attributes:
        classes: the names of the labels 0, 1, …
        ids: one for each photograph, the same wherever the collection lies; crops and noise are keyed by it.
        labels: (n,) indices into `classes`.
        homes: the files that hold the photographs, or the one folder that they lie in.
        places: (n, 3) the index of its home, the first byte and the number of bytes of each; below 0 where the id is a file
            of that folder.
    """

    classes: tuple[str, ...]
    ids: Texts
    labels: NDArray[np.int32]
    homes: tuple[Path, ...]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def picture(self, index: int) -> Image.Image:
        """Return a photograph as RGB; raises UserError where it cannot be read."""
        home, offset, size = self.places[index].tolist()
        file = self.homes[home] if size >= 0 else self.homes[home] / self.ids[index]
        with file.open("rb") as opened:
            opened.seek(offset)
            encoded = opened.read(size)
        return Image.fromarray(read_encoded(encoded, self.ids[index]))

    def sample(self, count: int, seed: int) -> Collection:
        """Return `count` of the photographs, drawn by the seed; all of them where there are no more."""
        chosen = np.sort(stream(seed, "sample").permutation(len(self))[:count])
        ids = Texts(self.ids[i] for i in chosen.tolist())
        return replace(self, ids=ids, labels=self.labels[chosen], places=self.places[chosen])

    def digest(self) -> str:
        """Return the SHA-256 of classes, ids and labels: equal for the same pictures in the same order."""
        found = hashlib.sha256("\n".join(self.classes).encode())
        for i, (name, label) in enumerate(zip(self.ids, self.labels.tolist(), strict=True)):
            gap = "\n" if i else "\n\n"
            found.update(f"{gap}{name}\x1f{label}".encode())
        return found.hexdigest()


def open_data(data: Path, keep: Path) -> tuple[Collection, Collection | None]:
    """Return the training photographs of ``--data`` and the held-out ones, None where there are none.

    `data` is a shard (``.tar``, ``.parquet``) or a folder. A folder may hold ``train`` and ``val`` (or ``validation``,
    ``test``); or shards, of which those with these words in their names are the training and the held-out ones; or one
    folder of pictures for each class.

    Args:
        data: as above.
        keep: folder where the encoded pictures of parquet shards are kept unpacked.

    Raises:
        UserError: nothing there, an empty class, a label that is unknown, or a shard that is not sound.
    """
    learned, held_out = _parts(data)
    training = _opened(learned, (), keep)
    if len(np.unique(training.labels)) < 2:
        raise UserError(f"{data}: its photographs are all of one class; two or more are needed")
    return training, _opened(held_out, training.classes, keep) if held_out else None


def _parts(data: Path) -> tuple[list[Path], list[Path]]:
    """Return the paths of the training part and of the held-out part: shards, or one folder of class folders."""
    if not data.exists():
        raise UserError(f"{data}: no such folder or file; give the photographs' folder with --data")
    if data.is_file():
        if data.suffix not in _SHARDS:
            raise UserError(f"{data}: neither .tar nor .parquet; give such a shard, or a folder")
        return [data], []
    if _is_part(data / _TRAINING):
        held_out = next((data / word for word in _HELD_OUT if (data / word).is_dir()), None)
        return _shards(data / _TRAINING) or [data / _TRAINING], (_shards(held_out) or [held_out]) if held_out else []
    shards = _shards(data)
    learned = [path for path in shards if _says(path, _TRAINING)]
    if not learned:
        return shards or [data], []
    return learned, next((found for word in _HELD_OUT if (found := [p for p in shards if _says(p, word)])), [])


def _shards(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if p.suffix in _SHARDS and p.is_file() and not p.name.startswith("."))
    if len({path.suffix for path in found}) > 1:
        raise UserError(f"{folder}: holds .tar and .parquet shards; give a folder with one kind of them")
    return found


def _is_part(folder: Path) -> bool:
    """Say whether a folder holds shards or class folders: with pictures alone it is itself a class, of trains."""
    if not folder.is_dir():
        return False
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return (
        bool(_shards(folder))
        or any(path.is_dir() for path in visible)
        or not any(path.suffix.lower() in _PICTURES for path in visible)
    )


def _says(path: Path, word: str) -> bool:
    return word in re.split("[^a-z]+", path.stem.lower())


def _opened(paths: Sequence[Path], classes: tuple[str, ...], keep: Path) -> Collection:
    """Return a part; `classes` are those of the training part, () where this is it."""
    if paths[0].is_dir():
        return _from_folder(paths[0], classes)
    ids, labels, places, homes, stated = [], [], [], [], classes
    for number, path in enumerate(paths):
        home, rows = (path, _from_tar(path)) if path.suffix == ".tar" else _from_parquet(path, keep)
        homes.append(home)
        for row in rows:
            ids.append(row.id)
            labels.append(row.label)
            places.append((number, row.offset, row.size))
        stated = stated or (parquet_classes(path) if path.suffix == ".parquet" else ())
    if not ids:
        home = paths[0].parent
        beside = " (without the shards, its class folders are read)" if any(p.is_dir() for p in home.iterdir()) else ""
        raise UserError(f"{home}: no photographs in its shards; .jpg or .png beside .cls are needed{beside}")
    if len(set(ids)) < len(ids):
        raise UserError(f"{paths[0].parent}: two photographs of one name in its shards; give every shard once")
    return Collection(
        _named(max(labels), stated, paths[0]), Texts(ids), np.array(labels, np.int32), tuple(homes), np.array(places)
    )


def _from_folder(folder: Path, classes: tuple[str, ...]) -> Collection:
    """Return the photographs of class folders; classes are in the order of their names, as ImageNet's ids are."""
    homes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not homes:
        raise UserError(f"{folder}: neither shards nor class folders in it; <class>/<picture>.jpg is needed")
    names = classes or tuple(home.name for home in homes)
    ids, labels = [], []
    for home in homes:
        if home.name not in names:
            raise UserError(
                f"{home}: the label '{home.name}' is unknown to the training part{did_you_mean(home.name, names)}"
            )
        files = sorted(p for p in home.rglob("*") if p.suffix.lower() in _PICTURES and not p.name.startswith("."))
        if not files:
            if _shards(home):
                raise UserError(f"{home}: holds shards, and no pictures of a class; give this folder with --data")
            raise UserError(f"{home}: no pictures in this class folder; fill it or remove it")
        for path in files:
            name = path.relative_to(folder).as_posix()
            try:
                name.encode()
            except UnicodeEncodeError as error:
                raise UserError(f"{str(path)!a}: this name is not UTF-8; give the file another") from error
            ids.append(name)
            labels.append(names.index(home.name))
    places = np.tile(np.array([0, 0, -1]), (len(ids), 1))
    return Collection(names, Texts(ids), np.array(labels, np.int32), (folder,), places)


def _from_tar(path: Path) -> Iterator[Row]:
    """Yield each photograph of a WebDataset shard: members ``KEY.jpg`` and ``KEY.cls`` in turn."""
    key, place, label = "", None, None
    for name, member, tape in _members(path):
        here, _, ending = name.name.partition(".")
        if (name.parent / here).as_posix() != key:
            if place is not None:
                raise UserError(f"{path}: {key} has a picture but no .cls; add its label to the shard")
            key, place, label = (name.parent / here).as_posix(), None, None
        if f".{ending.lower()}" in _PICTURES:
            place = member.offset_data, member.size
        elif ending == "cls":
            label = _label(path, member, tape)
        if place is not None and label is not None:
            yield Row(f"{path.stem}/{key}", label, *place)
            place, label = None, None
    if place is not None:
        raise UserError(f"{path}: {key} has a picture but no .cls; add its label to the shard")


def _members(path: Path) -> Iterator[tuple[PurePosixPath, tarfile.TarInfo, tarfile.TarFile]]:
    """Yield the plain files of a tape that is not compressed, and the tape to read them from."""
    try:
        with tarfile.open(path, "r:") as tape:
            for member in tape:
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts or not member.name.isprintable():
                    raise UserError(f"{path}: {member.name!r} lies outside the shard; get the shard from elsewhere")
                if member.isdir():
                    continue
                if not member.isreg() or member.issparse():
                    raise UserError(f"{path}: {member.name!r} is a link or a device; get the shard from elsewhere")
                yield name, member, tape
    except (tarfile.TarError, EOFError) as error:
        raise UserError(f"{path}: damaged, compressed or no tar; give an uncompressed one") from error


def _label(path: Path, member: tarfile.TarInfo, tape: tarfile.TarFile) -> int:
    # Of the open tape: a million files to open take their time on a network's disk. 16 is more than any number of classes takes.
    opened = tape.extractfile(member)
    text = b"" if opened is None else opened.read(16).strip()
    if not text.isdigit():
        said = text.decode("ascii", "replace")
        raise UserError(f"{path}: the label '{said}' in {member.name} is unknown; a number from 0 on is needed")
    return int(text)


def _from_parquet(path: Path, keep: Path) -> tuple[Path, Iterator[Row]]:
    """Return the file that holds the pictures of a shard, unpacked and kept, and its rows.

    A parquet file must be read by the hundreds of rows, and a shuffle asks for one here and one there.
    """
    state = path.stat()
    mark = hashlib.sha256(f"{path.resolve()}\n{state.st_size}\n{state.st_mtime_ns}".encode()).hexdigest()[:16]
    unpacked, index = (keep / f"{path.stem}-{mark}.{ending}" for ending in ("bytes", "npz"))
    if not (unpacked.is_file() and index.is_file()):
        _unpack(path, unpacked, index)
    with np.load(index) as known:
        labels, ends = known["labels"].tolist(), known["ends"].tolist()
    starts = [0, *ends][: len(ends)]
    rows = enumerate(zip(labels, starts, ends, strict=True))
    return unpacked, (Row(f"{path.stem}-{i}", label, start, end - start) for i, (label, start, end) in rows)


def _unpack(path: Path, unpacked: Path, index: Path) -> None:
    unpacked.parent.mkdir(parents=True, exist_ok=True)
    # Processes of one training may all be at it; each writes its own, and the last one stays.
    partial = unpacked.with_suffix(f".{platform.node()}-{os.getpid()}")
    labels, ends = [], []
    with partial.open("wb") as file:
        for _, encoded, label in parquet_rows(path):
            file.write(encoded)
            labels.append(label)
            ends.append(file.tell())
    os.replace(partial, unpacked)
    with partial.open("wb") as file:
        np.savez(file, labels=np.array(labels, dtype=np.int64), ends=np.array(ends, dtype=np.int64))
    os.replace(partial, index)


def _named(highest: int, stated: tuple[str, ...], shard: Path) -> tuple[str, ...]:
    """Return the names of the labels 0, 1, …: as stated, in ``classes.txt`` beside the shards, ImageNet's, or numbers."""
    listed = shard.parent / "classes.txt"
    if not stated and listed.is_file():
        stated = tuple(line.strip() for line in listed.read_text(encoding="utf-8").splitlines() if line.strip())
    if stated:
        twice = next((name for name in stated if stated.count(name) > 1), None)
        if twice is not None:
            raise UserError(f"{shard}: two classes are named '{twice}'; give each class a name of its own")
        if highest >= len(stated):
            raise UserError(
                f"{shard}: the label {highest} is unknown, as {len(stated)} classes have names; mend the shards or their names"
            )
        return stated
    imagenet = imagenet_classes()
    if highest + 1 == len(imagenet):
        return tuple(one.wnid for one in imagenet)
    return tuple(str(i) for i in range(highest + 1))
