"""Pictures of any content under any name: read, or refused in one line."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from tests.hostile import corpus
from tests.hostile.ending import ending, endings, one_line
from typer.testing import CliRunner

from reconstrue.cli import app
from reconstrue.stimuli.folders import read_folder, read_picture


def put(folder: Path, files: corpus.Files) -> corpus.Files:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files


def test_every_kind_of_picture_is_read_upright_and_in_colour(tmp_path: Path) -> None:
    width, height = corpus.SIDE
    for name in put(tmp_path, corpus.sound_pictures()):
        pixels = read_picture(tmp_path / name)
        lies = name.startswith("turned") and name[7] in "5678" and name[8] == "."
        assert pixels.shape == ((width, height, 3) if lies else (height, width, 3)), name
        assert pixels.dtype == np.uint8, name
        assert pixels.std() > 20, f"{name}: the noise is gone"


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    files = put(tmp_path, corpus.sound_pictures())
    for other, own in (("png called jpg.jpg", "RGB.png"), ("jpg called png.png", "RGB.jpg")):
        assert files[other] == files[own]
        assert np.array_equal(read_picture(tmp_path / other), read_picture(tmp_path / own))


@pytest.mark.parametrize("name", ["animated.gif", "animated.png", "animated.webp", "animated.tif"])
def test_of_an_animation_the_first_picture_is_shown(tmp_path: Path, name: str) -> None:
    """The other three are plain red."""
    (tmp_path / name).write_bytes(corpus.sound_pictures()[name])
    pixels = read_picture(tmp_path / name).astype(float)
    first, red = np.asarray(corpus.picture("RGB"), dtype=float), np.array([255.0, 0.0, 0.0])
    # A palette, and a lossy format, only come near noise.
    assert 2 * np.abs(pixels - first).mean() < np.abs(pixels - red).mean()


def test_damaged_pictures_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    found = endings(put(tmp_path, corpus.damaged_pictures()), lambda name: read_picture(tmp_path / name))
    assert len(found) >= 150
    for name, said in found.items():
        assert not said or str(tmp_path / name) in said, "it names the file"
        if name.startswith(("cut at 1 ", "cut at 7 ", "cut at 20 ")):
            assert said, f"{name}: nothing of a picture is there"


def test_hopeless_pictures_are_refused(tmp_path: Path) -> None:
    found = endings(put(tmp_path, corpus.hopeless_pictures()), lambda name: read_picture(tmp_path / name))
    assert all(found.values()), [name for name, said in found.items() if not said]
    for name in ("bomb.png", "bomb.bmp", "bomb.gif", "bomb.tif"):
        assert "pixels" in found[name] and "make it smaller" in found[name], name
    # Whether a JPEG that ends after its size is a picture at all, Pillow's versions 12 and 13 see differently.
    assert "make it smaller" in found["bomb.jpg"] or "not a picture" in found["bomb.jpg"]
    assert "not a picture" in found["postscript.png"], "nothing but our own reader looks at it"


def test_nothing_is_said_beside_the_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Pillow warns of damaged tags, and logs; with warnings as errors this would be a fault."""
    tiff = bytearray(corpus.sound_pictures()["RGB.tif"])
    for place in range(8, 60):
        changed = bytes(tiff[:place] + b"\xff" + tiff[place + 1 :])
        (tmp_path / "a.tif").write_bytes(changed)
        ending(lambda: read_picture(tmp_path / "a.tif"))
    assert "Truncated" not in capfd.readouterr().err


@given(st.binary(max_size=300), st.sampled_from(["", *sorted(corpus.sound_pictures())]))
def test_any_bytes_after_any_beginning(tmp_path: Path, content: bytes, beginning: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes((corpus.sound_pictures()[beginning][:60] if beginning else b"") + content)
    ending(lambda: read_picture(path))


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are POSIX's")
def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cat1.png")
    assert "a pipe or a device" in ending(lambda: read_picture(tmp_path / "cat1.png"))
    assert "a pipe or a device" in ending(lambda: read_picture(Path("/dev/zero")))
    assert "no pictures in it" in ending(lambda: read_folder(tmp_path, "edge"))


def test_names_that_no_system_takes_are_refused(tmp_path: Path) -> None:
    for name in ("a" * 300 + ".png", "a\nb.png", "a\x00b.png", "\udcff.png", "\x1b[2J.png", "\u202egnp.png"):
        assert ending(lambda name=name: read_picture(tmp_path / name)), name
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    assert ending(lambda: read_picture(tmp_path / "loop.png"))


def test_in_a_folder_the_damaged_ones_are_left_out_and_counted(tmp_path: Path) -> None:
    files = {**corpus.damaged_pictures(), **corpus.hopeless_pictures()}
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "cat9999.png").write_bytes(corpus.sound_pictures()["RGB.png"])
    files = dict(list(files.items())[::2])
    for i, content in enumerate(files.values()):
        (tmp_path / "cat" / f"cat{i}.png").write_bytes(content)
    found = read_folder(tmp_path, "silhouette")
    assert len(found) + len(found.problems) == len(files) + 1
    assert len(found.problems) >= len(corpus.hopeless_pictures()) // 2
    for line in found.problems:
        one_line(line)
    assert f"{len(found.problems)} pictures could not be read" in (found.subset_reason or "")


def test_the_command_names_each_refused_picture_and_answers_the_others(tmp_path: Path) -> None:
    bad = dict(list(corpus.damaged_pictures().items())[::12]) | corpus.hopeless_pictures()
    good = {"whole.png": corpus.sound_pictures()["RGB.png"], "[red].png": corpus.sound_pictures()["L.png"]}
    put(tmp_path, bad | good)
    arguments = [
        "classify",
        *(str(tmp_path / name) for name in (*bad, *good)),
        "-m",
        "pocket-resnet",
        "--labels",
        "cat,dog",
    ]
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 2, result.output
    lines = Text.from_ansi(result.stderr).plain.splitlines()
    assert all(line.startswith("error: ") for line in lines), result.stderr
    assert len(lines) + result.stdout.count('"label"') == len(bad) + len(good)
    assert result.stdout.count('"label"') >= 2
