"""Work that survives: the finished units of a run in checked files, whole or not there, under the name of their settings."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reconstrue.errors import UserError

Say = Callable[[str], object]

_KINDS = ("answers", "evidence")
_NAME = re.compile(r"(?P<kind>answers|evidence)-(?P<first>\d{6,})-(?P<digest>[0-9a-f]{16})\.parquet")
_PARTIAL = ".partial"
_LOCK = ".lock"
# Tables of answers in memory at once while they are read in the order of their units.
_OPEN_SHARDS = 64


def settings_key(settings: Mapping[str, object]) -> str:
    """Return the name of a choice of settings: the first 16 hexadecimal digits of the SHA-256 of its sorted JSON."""
    text = json.dumps(settings, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Shard:
    """Finished units that were written together.

    Attributes:
        answers: their file of answers.
        evidence: their file of draws, None where there are none.
        units: their numbers, ascending.
    """

    answers: Path
    evidence: Path | None
    units: tuple[int, ...]


@dataclass(frozen=True)
class Damage:
    """A file whose bytes are not those that were written, and what is to be removed with it.

    Attributes:
        why: one line that names the file.
        files: what is worthless without it.
    """

    why: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Found:
    """What a store holds: whole shards, damaged ones, and files that a writer left half-way."""

    shards: tuple[Shard, ...]
    damaged: tuple[Damage, ...]
    leftovers: tuple[Path, ...]

    @property
    def units(self) -> frozenset[int]:
        """The units that are finished."""
        return frozenset(unit for shard in self.shards for unit in shard.units)


@dataclass(frozen=True)
class UnitStore:
    """The finished units of one plan, ``<folder>/<kind>-<first unit>-<digest>.parquet``, of kinds answers and evidence.

    The digest is the beginning of the file's own SHA-256: a file that was cut off or changed no longer has its name. A
    file of answers names its evidence, which is written first. Nothing depends on a clock, an order or an index.

    Attributes:
        folder: named after the plan's key, so that two settings never share it; it has one writer at a time.
    """

    folder: Path

    @contextmanager
    def writing(self, say: Say) -> Iterator[None]:
        """Hold the folder for one writer; the lock ends with its process, however that ends.

        `say` is told where the file system has no locks.

        Raises:
            UserError: another run is at work in it, or it cannot be written.
        """
        with exclusive(self.folder, say):
            yield

    def write(self, answers: pa.Table, evidence: pa.Table | None) -> Shard:
        """Write units together, whole or not at all; `answers` has their numbers, ascending, in its column ``unit``.

        Raises:
            UserError: the folder cannot be written.
        """
        units = tuple(np.unique(answers["unit"].to_numpy()).tolist())
        draws = None if evidence is None else self._write("evidence", units[0], evidence)
        named = answers.replace_schema_metadata({"evidence": draws.name if draws else ""})
        return Shard(self._write("answers", units[0], named), draws, units)

    def find(self) -> Found:
        """Check every file against its name and return what is there; nothing is changed.

        Raises:
            UserError: a file that may not be read.
        """
        shards, damaged = [], []
        files = {kind: self._files(kind) for kind in _KINDS}
        claimed: set[Path] = set()
        for path in files["answers"]:
            problem = _problem(path)
            if problem is not None:
                damaged.append(Damage(f"{path}: {problem}", (path,)))
                continue
            read = _units_and_evidence(path)
            if read is None:
                damaged.append(Damage(f"{path}: holds no answers of units", (path,)))
                continue
            units, name = read
            draws = self.folder / name if name else None
            problem = None if draws is None else _problem(draws)
            if draws is not None:
                claimed.add(draws)
            if problem is not None and draws is not None:
                damaged.append(Damage(f"{draws}: {problem}", (path, draws)))
                continue
            shards.append(Shard(path, draws, units))
        leftovers = [path for path in files["evidence"] if path not in claimed]
        with suppress(OSError):
            leftovers += sorted(self.folder.glob(f".*{_PARTIAL}"))
        return Found(tuple(shards), tuple(damaged), tuple(leftovers))

    def clear(self, found: Found) -> None:
        """Remove what is damaged or was left half-way; only the folder's writer may.

        Raises:
            UserError: the folder cannot be written.
        """
        for path in (*found.leftovers, *(path for damage in found.damaged for path in damage.files)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _unwritable(path, error) from error

    def _files(self, kind: str) -> list[Path]:
        return sorted(path for path in self.folder.glob(f"{kind}-*.parquet") if _NAME.fullmatch(path.name))

    def _write(self, kind: str, first: int, table: pa.Table) -> Path:
        written = io.BytesIO()
        pq.write_table(table, written, compression="zstd")
        content = written.getbuffer()
        target = self.folder / f"{kind}-{first:06d}-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
        write_whole(target, [content])
        return target


def in_order(shards: Sequence[Shard]) -> Iterator[pa.Table]:
    """Yield the answers of all units in the order of their numbers, each once, a few shards in memory at a time.

    Where two shards hold the same unit, the first is read.
    """
    home: dict[int, int] = {}
    for number, shard in enumerate(shards):
        for unit in shard.units:
            home.setdefault(unit, number)
    opened: OrderedDict[int, tuple[pa.Table, Any]] = OrderedDict()
    for number, group in groupby(sorted(home), key=home.__getitem__):
        if number not in opened:
            table = pq.read_table(shards[number].answers)
            opened[number] = table, table["unit"].to_numpy()
            if len(opened) > _OPEN_SHARDS:
                opened.popitem(last=False)
        opened.move_to_end(number)
        table, column = opened[number]
        units = list(group)
        begin, end = np.searchsorted(column, units[0]), np.searchsorted(column, units[-1], side="right")
        yield table.slice(begin, end - begin)


def write_whole(path: Path, parts: Sequence[bytes | memoryview] | Iterator[bytes]) -> None:
    """Write a file so that after a crash or a power cut it is the old one, the whole new one, or not there.

    Raises:
        UserError: it cannot be written.
    """
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_PARTIAL)
        partial = Path(name)
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        os.replace(partial, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if partial is not None:
            with suppress(OSError):
                partial.unlink()


@contextmanager
def exclusive(folder: Path, say: Say, *, wait: float = 0, flag: str = "--out") -> Iterator[None]:
    """Hold a folder for this process alone, by an operating system's lock that ends with the process.

    Args:
        folder: made where it is missing.
        say: told where the file system has no locks; the work goes on, as no file is ever written in place.
        wait: seconds until the other's work is not waited for any longer.
        flag: what names another folder, for the message.

    Raises:
        UserError: another process holds it, or it cannot be written.
    """
    lock = filelock.FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
    except filelock.Timeout as error:
        raise UserError(f"{folder}: another run is at work here; wait for its end, or give another {flag}") from error
    except NotImplementedError:
        say(f"{folder}: this file system has no locks; start no second run of the same settings here")
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _units_and_evidence(path: Path) -> tuple[tuple[int, ...], str] | None:
    """Return the units that a file of answers holds and the name of their evidence; None for what no store wrote."""
    try:
        table = pq.ParquetFile(path)
        name = (table.schema_arrow.metadata or {}).get(b"evidence", b"").decode()
        units = table.read(columns=["unit"])["unit"]
        if units.null_count or not pa.types.is_integer(units.type):
            return None
        numbers = np.unique(units.to_numpy())
    except (pa.ArrowException, OSError, KeyError, ValueError):
        return None
    # A name with a folder in it would lead out of the store, where damaged evidence is removed.
    if name and not (_NAME.fullmatch(name) and name.startswith("evidence-")):
        return None
    return None if len(numbers) == 0 or numbers[0] < 0 else (tuple(numbers.tolist()), name)


def _problem(path: Path) -> str | None:
    """Return what is wrong with a file by its name's digest, or None; raises UserError where it may not be read."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return "is not a file of this store"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error}); mend its permissions or the disk") from error
    return None if found.startswith(match["digest"]) else "damaged: its bytes are not those that were written"


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path}: cannot be written ({error}); give another --out or make room")
