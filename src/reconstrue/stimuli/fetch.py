"""Bring the published pictures and people's trials to this machine: hash-checked, from the net, a mirror or a folder.

They land where `reconstrue.stimuli.sources` looks: ``<data folder>/stimuli/<data set>`` and ``<data folder>/trials/<data set>``.
A folder or mirror given with ``--from`` holds ``<data set>.tar.gz`` (``.tgz``, ``.tar``, ``.zip``) or ``[stimuli/]<data set>/`` for
pictures and ``[trials/|raw-data/]<data set>/`` for trials; a mirror on the net ``<data set>.tar.gz`` and ``trials/<data set>/``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from reconstrue.errors import UserError
from reconstrue.stimuli.archives import ENDINGS, unpack
from reconstrue.stimuli.catalog import Dataset
from reconstrue.stimuli.download import Tell, UnreachableError, download
from reconstrue.stimuli.folders import picture_files, read_folder
from reconstrue.stimuli.names import image_id, images_sha256

LOCK_NAME: Final = "reconstrue-data.lock"


@dataclass(frozen=True)
class Fetched:
    """What was brought.

    Attributes:
        dataset: its name.
        what: ``pictures`` or ``trials``.
        folder: where it lies.
        count: pictures, or sessions of people.
        there: whether it was there before.
    """

    dataset: str
    what: str
    folder: Path
    count: int
    there: bool


@dataclass(frozen=True)
class Lock:
    """Hashes that could not be known before the first download, in a JSON file that a user can commit.

    There is no switch to forget one: the way out of a mismatch is to remove its line, which a commit shows.

    Attributes:
        path: of the file.
    """

    path: Path

    def read(self) -> Mapping[str, str]:
        """Return the hashes by entry; raise UserError for a file that is not a lock."""
        if not self.path.exists():
            return {}
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))["sha256"]
            return {str(key): str(value) for key, value in found.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UserError(f"{self.path}: not a lock of data ({error!r}); restore it or remove it") from error

    def check(self, entry: str, sha256: str, what: Path) -> None:
        """Raise UserError where an entry is known under another hash."""
        known = self.read().get(entry, sha256)
        if known != sha256:
            raise UserError(
                f"{what}: its SHA-256 is {sha256}, but {self.path} has {known} for '{entry}'; it was damaged or replaced: get "
                "the other one, or remove that line from the lock to accept this one"
            )

    def record(self, entry: str, sha256: str) -> None:
        """Add an entry; raise UserError where the file cannot be written."""
        entries = dict(sorted({**self.read(), entry: sha256}.items()))
        text = json.dumps({"sha256": entries}, indent=2) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part = self.path.with_name(f"{self.path.name}.part")
            part.write_text(text, encoding="utf-8")
            part.replace(self.path)
        except OSError as error:
            raise UserError(f"{self.path}: cannot be written ({error}); give another --lock") from error


def fetch_datasets(
    abouts: Iterable[Dataset], data: Path, source: str | None, lock: Lock, tell: Tell, *, pictures: bool, trials: bool
) -> Iterator[Fetched | UserError]:
    """Yield what was brought of each data set, or why it was not; the rest goes on.

    Raises:
        UnreachableError: there is no network, so that the others would fail as well.
    """
    for about in abouts:
        bring = []
        if pictures:
            bring.append(partial(fetch_pictures, about, data, source, lock, tell))
        if trials:
            bring.append(partial(fetch_trials, about, data, source, tell))
        for one in bring:
            try:
                yield one()
            except UnreachableError:
                raise
            except UserError as error:
                yield error


def fetch_pictures(about: Dataset, data: Path, source: str | None, lock: Lock, tell: Tell) -> Fetched:
    """Bring the pictures of a data set, unless they are all there, and check them against the catalogue.

    Args:
        about: the data set.
        data: the data folder.
        source: a folder, the address of a mirror, or None for where they were published.
        lock: of the hashes.
        tell: is given (file's name, bytes done, bytes in all).

    Raises:
        UserError: unreachable, damaged, changed since the lock, unsafe to unpack, or not the published pictures. Nothing
            is kept then but a finished or half-finished download.
    """
    home = data / "stimuli" / about.name
    entry = f"{about.name}/pictures"
    if _whole(home, about):
        lock.check(entry, _contents_sha256(home, about.name), home)
        return Fetched(about.name, "pictures", home, about.n_images, True)
    if home.is_dir() and any(home.iterdir()):
        raise UserError(f"{home}: holds files, but not the {about.n_images:,} pictures of {about.name}; move it away")
    with _writable(home.parent), _room(home.parent) as room:
        origin = _origin(about, data, source, tell)
        try:
            _install(origin, home, about, room, lock)
        except UserError:
            # A bad download would be met again by the next try; what the user named is the user's.
            if source is None or _is_address(source):
                origin.unlink(missing_ok=True)
            raise
    return Fetched(about.name, "pictures", home, about.n_images, False)


def _origin(about: Dataset, data: Path, source: str | None, tell: Tell) -> Path:
    """Return the archive of the pictures, downloaded where it has to be, or a folder that holds them."""
    if source is not None and not _is_address(source):
        return _in_folder(Path(source), about.name)
    url = about.archive if source is None else f"{source.rstrip('/')}/{about.name}.tar.gz"
    return _downloaded(url, data / "archives" / f"{about.name}.tar.gz", tell)


def _install(origin: Path, home: Path, about: Dataset, room: Path, lock: Lock) -> None:
    """Put the pictures of an archive or a folder in their place, once they are known to be the right ones."""
    unpacked = room / "unpacked"
    unpacked.mkdir()
    found: dict[str, str] = {}
    if origin.is_dir():
        _copy_pictures(origin, unpacked, about.name)
    else:
        found[f"{about.name}/{origin.name}"] = _file_sha256(origin)
        lock.check(f"{about.name}/{origin.name}", found[f"{about.name}/{origin.name}"], origin)
        unpack(origin, unpacked)
    inside = unpacked / about.name if (unpacked / about.name).is_dir() else unpacked
    _refuse_other_pictures(inside, about, origin)
    found[f"{about.name}/pictures"] = _contents_sha256(inside, about.name)
    lock.check(f"{about.name}/pictures", found[f"{about.name}/pictures"], origin)
    for entry, sha256 in found.items():
        lock.record(entry, sha256)
    if home.is_dir():
        home.rmdir()
    inside.rename(home)


def fetch_trials(about: Dataset, data: Path, source: str | None, tell: Tell) -> Fetched:
    """Bring the published trials of people on a data set; their hashes are in the catalogue.

    Args and Raises as `fetch_pictures`.
    """
    home = data / "trials" / about.name
    missing = {name: sha for name, sha in about.trial_files.items() if not _matches(home / name, sha)}
    with _writable(home):
        for place, (name, sha256) in enumerate(missing.items()):
            path = home / name
            part = home / f"{name}.new"
            if source is not None and not _is_address(source):
                shutil.copyfile(_trial_file(Path(source), about.name, name), part)
            else:
                base = about.trials if source is None else f"{source.rstrip('/')}/trials/{about.name}"
                part.unlink(missing_ok=True)
                _downloaded(f"{base}/{name}", part, lambda what, done, total: None)
            found = _file_sha256(part)
            if found != sha256:
                part.unlink()
                raise UserError(
                    f"{name}: its SHA-256 is {found}, the published file's is {sha256}; it is damaged or another: take it "
                    "from elsewhere with --from"
                )
            part.replace(path)
            tell(f"trials of {about.name}", place + 1, len(missing))
    return Fetched(about.name, "trials", home, len(about.trial_files), not missing)


def _is_address(source: str) -> bool:
    return "://" in source


def _downloaded(url: str, path: Path, tell: Tell) -> Path:
    """Return a file after downloading it with pooch, which is not done again where it is there."""
    import pooch

    path.parent.mkdir(parents=True, exist_ok=True)
    logger = pooch.get_logger()
    before = logger.level
    # It logs each download, and recommends to write down a hash; both are said better by us.
    logger.setLevel("WARNING")
    try:
        found = pooch.retrieve(
            url, known_hash=None, fname=path.name, path=path.parent, downloader=partial(_resume, path, tell)
        )
    finally:
        logger.setLevel(before)
    return Path(found)


def _resume(path: Path, tell: Tell, url: str, output_file: str, _: object) -> None:
    """Download beside the final file, where the next call finds what has arrived, and hand it to pooch."""
    kept = path.with_name(f"{path.name}.download")
    download(url, kept, lambda _, done, total: tell(path.name, done, total))
    shutil.move(kept, output_file)


def _in_folder(folder: Path, name: str) -> Path:
    """Return the archive or the folder of a set's pictures; raise UserError where there is neither."""
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; --from takes a folder or the address of a mirror")
    places = (folder, folder / "archives")
    for archive in (place / f"{name}{ending}" for place in places for ending in ENDINGS):
        if archive.is_file():
            return archive
    for home in (folder / "stimuli" / name, folder / name):
        if home.is_dir():
            return home
    raise UserError(
        f"{folder}: holds no pictures of {name}; expected {name}.tar.gz or a folder {name} (--trials alone leaves pictures out)"
    )


def _trial_file(folder: Path, name: str, file: str) -> Path:
    """Return a file of people's trials; raise UserError where it is not there."""
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; --from takes a folder or the address of a mirror")
    for home in (folder / "trials" / name, folder / "raw-data" / name, folder / name):
        if (home / file).is_file():
            return home / file
    raise UserError(
        f"{folder}: holds no people's trials of {name}; expected trials/{name}/{file} (--images alone leaves trials out)"
    )


def _copy_pictures(source: Path, target: Path, name: str) -> None:
    for path in picture_files(source, name):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _whole(folder: Path, about: Dataset) -> bool:
    """Say whether a folder has all published pictures, by their names."""
    if not folder.is_dir():
        return False
    try:
        ids = [image_id(path.name) for path in picture_files(folder, about.name)]
    except UserError:
        return False
    return len(ids) == about.n_images and images_sha256(ids) == about.images_sha256


def _refuse_other_pictures(folder: Path, about: Dataset, source: Path) -> None:
    """Raise UserError unless a folder holds the published pictures, all of them, and each can be read."""
    try:
        found = read_folder(folder, about.name)
    except UserError as error:
        raise UserError(f"{source}: not the pictures of {about.name}: {error}") from error
    if found.problems:
        raise UserError(
            f"{source}: {len(found.problems)} pictures of {about.name} cannot be read, first {found.problems[0]}"
        )
    if found.subset_reason:
        raise UserError(
            f"{source}: not the published pictures of {about.name}: {found.subset_reason}; a part of them can be used with "
            "`reconstrue evaluate --stimuli DIR`"
        )


def _contents_sha256(folder: Path, name: str) -> str:
    """Hash the bytes of all pictures under a folder with their names, wherever in it they lie."""
    digest = hashlib.sha256()
    for path in sorted(picture_files(folder, name), key=lambda path: path.name):
        digest.update(f"{path.name} {_file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _matches(path: Path, sha256: str) -> bool:
    return path.is_file() and _file_sha256(path) == sha256


@contextmanager
def _room(parent: Path) -> Iterator[Path]:
    """Give an empty folder that is gone afterwards; a dot keeps it from being taken for a data set."""
    room = Path(tempfile.mkdtemp(prefix=".fetch-", dir=parent))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Make a folder, and say in one line where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error}); give another folder with --to") from error
