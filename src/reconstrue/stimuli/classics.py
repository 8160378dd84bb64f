"""The classic illusions of Figure 7 of the paper: where they are published, under what licence, and what to prompt."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from reconstrue.errors import UserError
from reconstrue.stimuli.download import Tell, download
from reconstrue.stimuli.fetch import Lock


@dataclass(frozen=True)
class Classic:
    """One classic illusion; the head of ``illusions.toml`` says what each field is."""

    name: str
    title: str
    source: str
    file: str
    credit: str
    licence: str
    readings: tuple[str, str]
    note: str


@cache
def load_classics() -> Mapping[str, Classic]:
    """Read the packaged list: name -> Classic, in the order of the paper's Appendix D.

    >>> load_classics()["rabbit-duck"].readings
    ('an image of a duck', 'an image of a rabbit')
    """
    text = files("reconstrue.stimuli").joinpath("illusions.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text).items()
    return MappingProxyType(
        {name: Classic(name=name, **{**entry, "readings": tuple(entry["readings"])}) for name, entry in entries}
    )


def fetch_classic(classic: Classic, folder: Path, lock: Lock, tell: Tell) -> Path:
    """Bring one picture to a folder, unless it is there, and check it against the lock, which learns what is new.

    Raises:
        UserError: its address is a page, it cannot be reached, or it is not the file that the lock knows.
    """
    if not classic.file:
        raise UserError(f"{classic.name}: save the picture by hand from {classic.source} ({classic.licence})")
    path, entry = folder / classic.file, f"illusions/{classic.file}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        download(classic.source, path, tell)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    lock.check(entry, sha256, path)
    lock.record(entry, sha256)
    return path
