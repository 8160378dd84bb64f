"""Hostile and damaged archives: nothing leaves the folder, nothing but plain files is made, sizes are bounded."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reconstrue.errors import UserError
from reconstrue.stimuli import archives
from reconstrue.stimuli.archives import unpack


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as packed:
        for info, content in members:
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return path


def plain(name: str, content: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), content


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info, b""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """An empty folder inside one that is watched."""
    (tmp_path / "watched" / "room").mkdir(parents=True)
    return tmp_path / "watched" / "room"


def written(room: Path) -> set[str]:
    return {str(path.relative_to(room.parent)) for path in room.parent.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize(("ending", "mode"), [("tar.gz", "w:gz"), ("tar", "w"), ("tgz", "w:xz")])
def test_a_good_tar_is_unpacked(tmp_path: Path, room: Path, ending: str, mode: str) -> None:
    packed = tar(tmp_path / f"edge.{ending}", plain("edge/dog/dog1.png", b"one"), plain("edge/cat/cat1.png"), mode=mode)
    assert unpack(packed, room) == 2
    assert written(room) == {"room/edge/dog/dog1.png", "room/edge/cat/cat1.png"}
    assert (room / "edge/dog/dog1.png").read_bytes() == b"one"


def test_a_good_zip_is_unpacked(tmp_path: Path, room: Path) -> None:
    with zipfile.ZipFile(tmp_path / "edge.zip", "w") as packed:
        packed.writestr("edge/", "")
        packed.writestr("edge/dog1.png", "one")
    assert unpack(tmp_path / "edge.zip", room) == 1
    assert (room / "edge" / "dog1.png").read_text() == "one"


@pytest.mark.parametrize("name", ["../evil.png", "edge/../../evil.png", "/evil.png", "C:evil.png", "a\\..\\evil.png"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_names_that_lead_out_are_refused(tmp_path: Path, room: Path, name: str, kind: str) -> None:
    packed = tmp_path / f"edge.{kind}"
    if kind == "tar":
        tar(packed, plain(name))
    else:
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr(name, "x")
    with pytest.raises(UserError, match=r"edge\..*would be written outside its folder; nothing of it was kept"):
        unpack(packed, room)
    assert written(room) == set()


@pytest.mark.parametrize(
    "member",
    [
        special("dog1.png", tarfile.SYMTYPE, "/etc/passwd"),
        special("dog", tarfile.SYMTYPE, ".."),
        special("dog1.png", tarfile.LNKTYPE, "../secret"),
        special("dog1.png", tarfile.CHRTYPE),
        special("dog1.png", tarfile.BLKTYPE),
        special("dog1.png", tarfile.FIFOTYPE),
    ],
    ids=["symlink", "folder link", "hard link", "character device", "block device", "pipe"],
)
def test_links_and_devices_are_refused(tmp_path: Path, room: Path, member: tuple[tarfile.TarInfo, bytes]) -> None:
    with pytest.raises(UserError, match="is a link, a device or another special file"):
        unpack(tar(tmp_path / "edge.tar.gz", member, plain("dog/dog2.png")), room)
    assert written(room) == set()
    assert not any(path.is_symlink() for path in room.rglob("*"))


def test_a_link_in_a_zip_is_refused(tmp_path: Path, room: Path) -> None:
    link = zipfile.ZipInfo("dog1.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "edge.zip", "w") as packed:
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(UserError, match="'dog1.png' is encrypted, a link or a device"):
        unpack(tmp_path / "edge.zip", room)


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_bomb_is_stopped(tmp_path: Path, room: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 100_000)
    packed = tmp_path / f"edge.{kind}"
    if kind == "tar":
        tar(packed, plain("a.png", bytes(60_000)), plain("b.png", bytes(60_000)))
    else:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a.png", bytes(60_000))
            file.writestr("b.png", bytes(60_000))
    assert packed.stat().st_size < 2_000
    with pytest.raises(UserError, match=r"would unpack to more than 20,000 files or 0\.0001 GB"):
        unpack(packed, room)


def test_too_many_files_are_stopped(tmp_path: Path, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    with pytest.raises(UserError, match="would unpack to more than 3 files"):
        unpack(tar(tmp_path / "edge.tar.gz", *(plain(f"{i}.png") for i in range(5))), room)
    assert len(written(room)) == 3


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path, room: Path) -> None:
    with pytest.raises(UserError, match=r"holds .*dog1\.png twice"):
        unpack(tar(tmp_path / "edge.tar.gz", plain("dog1.png", b"one"), plain("dog1.png", b"two")), room)


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[: len(content) // 2], lambda content: b"<html>404</html>", lambda content: b""],
    ids=["cut off", "a page", "empty"],
)
def test_a_damaged_archive_is_refused(tmp_path: Path, room: Path, damage: Callable[[bytes], bytes]) -> None:
    packed = tar(tmp_path / "edge.tar.gz", plain("dog1.png", bytes(range(256)) * 40))
    packed.write_bytes(damage(packed.read_bytes()))
    with pytest.raises(
        UserError, match=r"edge\.tar\.gz: damaged, cut off or no archive .*remove it and fetch it again"
    ):
        unpack(packed, room)
