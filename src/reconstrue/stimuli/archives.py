"""Unpack an archive that nobody vouches for: nothing leaves its folder, nothing but plain files is made, sizes are bounded."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, cast, final

from reconstrue.errors import UserError

# The largest published set holds 1,280 pictures of about 0.15 MB.
MOST_BYTES: Final = 1_000_000_000
MOST_FILES: Final = 20_000
ENDINGS: Final = (".tar.gz", ".tgz", ".tar", ".zip")
"""What archives are called; their kind is read from their content."""

_CHUNK: Final = 1 << 20
# How a compressed tape begins, and what reads it.
_COMPRESSED: Final[tuple[tuple[bytes, Callable[..., Any]], ...]] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
# What the readers raise of damaged bytes.
_DAMAGED: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    ValueError,
)


def unpack(archive: Path, folder: Path) -> int:
    """Write the plain files of a tar (compressed or not) or zip archive under an empty folder; return how many.

    Names and kinds of all members are judged before anything is written for them: absolute names, ``..``, links,
    devices, sockets, encrypted and repeated members are refused, and so is what would unpack to more than `MOST_BYTES`
    or `MOST_FILES`, by what the archive claims and by what it gives.

    Raises:
        UserError: not an archive, cut off, or any of the above; it names the archive and the member.
    """
    count, room = 0, MOST_BYTES
    try:
        for name, claimed, source in _members(archive):
            with source:
                target = folder.joinpath(*_parts(archive, name))
                count += 1
                if count > MOST_FILES or claimed > room:
                    raise UserError(
                        f"{archive}: would unpack to more than {MOST_FILES:,} files or {MOST_BYTES / 1e9:g} GB, as no "
                        "published set does; get it from elsewhere"
                    )
                target.parent.mkdir(parents=True, exist_ok=True)
                room -= _copy(source, target, room, archive)
    except FileExistsError as error:
        raise UserError(f"{archive}: holds {error.filename} twice; get it from elsewhere") from error
    except _DAMAGED as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{archive}: damaged, cut off or no archive ({why}); remove it and fetch it again") from error
    return count


def _members(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Yield name, claimed size and content of each plain file, in the archive's order."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if info.flag_bits & 1 or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise _refusal(archive, info.filename, "is encrypted, a link or a device")
                _parts(archive, info.filename)
                if not info.is_dir():
                    yield info.filename, info.file_size, packed.open(info)
        return
    # Not as a stream: there, a compressed tape that was cut off between two members would pass for a short one.
    with _unpressed(archive) as file, tarfile.open(fileobj=cast(Any, _Sips(file)), mode="r:") as tape:
        for member in tape:
            if not (member.isreg() or member.isdir()) or member.issparse():
                raise _refusal(archive, member.name, "is a link, a device or another special file")
            _parts(archive, member.name)
            source = tape.extractfile(member)
            if source is not None:
                yield member.name, member.size, source


@final
class _Sips:
    """A file that is read a little at a time: tarfile reads a header of any claimed size at once, into memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        """Read so many bytes; raises OSError for more than content is ever asked for."""
        if size > _CHUNK:
            raise OSError(f"a header of {size:,} bytes")
        return self._file.read(size)


def _unpressed(archive: Path) -> IO[bytes]:
    """Open a tape, compressed or not."""
    with archive.open("rb") as file:
        begin = file.read(6)
    found: IO[bytes] = next((read for magic, read in _COMPRESSED if begin.startswith(magic)), open)(archive, mode="rb")
    return found


def _parts(archive: Path, name: str) -> tuple[str, ...]:
    """Return the parts of a member's name; raise UserError where they could lead out of the folder."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or ":" in name
        or "\0" in name
        or not name.isprintable()
    ):
        raise _refusal(archive, name, "would be written outside its folder")
    return path.parts


def _refusal(archive: Path, name: str, why: str) -> UserError:
    return UserError(f"{archive}: {name!r} {why}; nothing of it was kept, get the archive from elsewhere")


def _copy(source: IO[bytes], target: Path, room: int, archive: Path) -> int:
    """Copy at most `room` bytes into a new file and return how many."""
    written = 0
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > room:
                raise UserError(f"{archive}: unpacks to more than {MOST_BYTES / 1e9:g} GB; get it from elsewhere")
            file.write(chunk)
    return written
