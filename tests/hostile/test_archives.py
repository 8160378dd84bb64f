"""Archives of any content: unpacked below their folder, or refused in one line; nothing is ever written outside."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile import corpus
from tests.hostile.ending import ending, files_under

from reconstrue.stimuli import archives
from reconstrue.stimuli.archives import unpack
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.fetch import Lock, fetch_pictures


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bombs of the corpus are small ones."""
    monkeypatch.setattr(archives, "MOST_BYTES", 2_000_000)
    monkeypatch.setattr(archives, "MOST_FILES", 50)


def unpacked(tmp_path: Path, name: str, content: bytes) -> tuple[str, set[str]]:
    """Return how it ended and what lies where; raises AssertionError for anything outside the folder."""
    home = tmp_path / str(len(list(tmp_path.iterdir())))
    room = home / "watched" / "room"
    room.mkdir(parents=True)
    (home / "archive").mkdir()
    archive = home / "archive" / name
    archive.write_bytes(content)
    said = ending(lambda: unpack(archive, room))
    found = files_under(home) - {f"archive/{name}"}
    assert all(path.startswith("watched/room/") for path in found), (name, found)
    assert not any(path.is_symlink() for path in home.rglob("*")), name
    assert all((home / path).stat().st_nlink == 1 and (home / path).is_file() for path in found), name
    assert sum((home / path).stat().st_size for path in found) <= archives.MOST_BYTES, name
    assert not Path("/evil-of-reconstrue").exists()
    return said, found


def test_sound_archives_of_every_kind_are_unpacked(tmp_path: Path) -> None:
    for name, content in corpus.sound_archives().items():
        said, found = unpacked(tmp_path, name, content)
        assert (said, len(found)) == ("", 3), name


def test_hostile_archives_are_refused(tmp_path: Path) -> None:
    for name, content in corpus.hostile_archives().items():
        said, _ = unpacked(tmp_path, name, content)
        # Readers end a name at its first zero byte, and a contiguous member is a plain file by another name.
        assert said or name.startswith(("out 9.", "contiguous")), f"{name} was unpacked"


def test_damaged_archives_end_in_one_line(tmp_path: Path) -> None:
    refused = 0
    for name, content in corpus.damaged_archives().items():
        said, _ = unpacked(tmp_path, name, content)
        refused += bool(said)
        if name.startswith("cut") and not name.endswith(".tar"):
            assert said, f"{name}: what is cut off must not pass for a short archive"
    assert refused >= 40


def test_a_header_is_never_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of archive whose first header claims a gigabyte: no piece of that size is ever asked for."""
    asked: list[int] = []
    honest = gzip.GzipFile.read

    def watched(self: gzip.GzipFile, size: int = -1) -> bytes:
        asked.append(size)
        return honest(self, size)

    monkeypatch.setattr(gzip.GzipFile, "read", watched)
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    content = gzip.compress(info.tobuf(tarfile.PAX_FORMAT) + bytes(5_000_000))
    said, _ = unpacked(tmp_path, "header.tar.gz", content)
    assert "a header of 1,073,741,824 bytes" in said
    assert asked and max(asked) <= 1 << 20 and min(asked) >= 0


@given(st.binary(max_size=200), st.sampled_from(sorted(corpus.sound_archives())), st.integers(0, 4000))
def test_any_bytes_anywhere_in_an_archive(tmp_path_factory: pytest.TempPathFactory, new: bytes, name: str, place: int) -> None:  # fmt: skip
    sound = corpus.sound_archives()[name]
    unpacked(tmp_path_factory.mktemp("any"), name, sound[:place] + new + sound[place + len(new) :])


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.lists(
    st.sampled_from(["..", ".", "a", "", "/", "\\", "~", "C:"]), max_size=6
).map("/".join)


@given(st.lists(names, max_size=4), st.booleans())
def test_any_names_in_an_archive(tmp_path_factory: pytest.TempPathFactory, members: list[str], as_zip: bool) -> None:
    if as_zip:
        content = corpus.zipped(dict.fromkeys(members, b"x"))
    else:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as packed:
            for name in members:
                info, data = corpus.member(name)
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))
        content = file.getvalue()
    unpacked(tmp_path_factory.mktemp("names"), "a.archive", content)


def test_fetching_a_hostile_archive_leaves_nothing_behind(tmp_path: Path) -> None:
    data, mirror = tmp_path / "data", tmp_path / "mirror"
    mirror.mkdir()
    hostile = corpus.hostile_archives()
    for name in list(hostile)[:12] + ["bomb.tar.gz", "header bomb.tar.gz", "link.zip", "symlink to ...tar"]:
        (mirror / "edge.tar.gz").write_bytes(hostile[name])
        said = ending(
            lambda: fetch_pictures(
                dataset("edge"), data, str(mirror), Lock(data / "lock"), lambda what, done, total: None
            )
        )
        assert said, name
        assert files_under(tmp_path) == {"mirror/edge.tar.gz"}, name
