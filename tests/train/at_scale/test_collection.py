"""Class folders, tar and parquet shards hold the same photographs; what is not sound ends in one line."""

from __future__ import annotations

import gc
import os
import shutil
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from tests.tiny_photographs import CLASSES, as_folder, as_parquet, as_tar, pictures, write_tar

from reconstrue.errors import UserError
from reconstrue.stimuli.categories import imagenet_classes
from reconstrue.train.at_scale.collection import Texts, open_data

SHOWN = list(pictures(12))
PNG = SHOWN[0][2]
Layout = Callable[[Path], Path]
LAYOUTS: dict[str, Layout] = {
    "folder": lambda home: as_folder(home, SHOWN),
    "tar": lambda home: as_tar(home / "one.tar", SHOWN),
    "parquet": lambda home: as_parquet(home / "one.parquet", SHOWN),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_layouts_hold_the_same(tmp_path: Path, layout: str) -> None:
    found, held_out = open_data(LAYOUTS[layout](tmp_path / "data"), tmp_path / "keep")
    assert held_out is None and found.classes == CLASSES
    assert len(found) == len(set(found.ids)) == 12
    seen = {(found.classes[found.labels[i]], np.asarray(found.picture(i)).tobytes()) for i in range(12)}
    wanted, _ = open_data(as_folder(tmp_path / "again", SHOWN), tmp_path / "keep")
    assert seen == {(wanted.classes[wanted.labels[i]], np.asarray(wanted.picture(i)).tobytes()) for i in range(12)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ids_do_not_depend_on_where_the_photographs_lie(tmp_path: Path, layout: str) -> None:
    here, _ = open_data(LAYOUTS[layout](tmp_path / "here"), tmp_path / "keep")
    shutil.move(tmp_path / "here", tmp_path / "there")
    there, _ = open_data(next(p for p in (tmp_path / "there", *(tmp_path / "there").iterdir()) if layout == "folder" or p.suffix == f".{layout}"), tmp_path / "keep")  # fmt: skip
    assert here.digest() == there.digest()
    assert here.digest() != here.sample(11, 0).digest()


def test_train_and_validation_parts(tmp_path: Path) -> None:
    """As folders, and as the hub names shards; a held-out part never lends its classes."""
    as_folder(tmp_path / "a" / "train", SHOWN[:9])
    as_folder(tmp_path / "a" / "val", SHOWN[9:11])
    for i in range(2):
        as_parquet(tmp_path / "b" / f"train-0000{i}-of-00002.parquet", SHOWN[4 * i : 4 * i + 4])
    as_parquet(tmp_path / "b" / "test-00000-of-00001.parquet", SHOWN[8:])
    as_tar(tmp_path / "c" / "train" / "000.tar", SHOWN[:6])
    as_tar(tmp_path / "c" / "validation" / "000.tar", SHOWN[6:])
    for name, (learned, left) in {"a": (9, 2), "b": (8, 4), "c": (6, 6)}.items():
        training, held_out = open_data(tmp_path / name, tmp_path / "keep")
        assert held_out is not None and (len(training), len(held_out)) == (learned, left)
        assert training.classes == held_out.classes == CLASSES


def test_a_parquet_shard_is_unpacked_once_and_anew_after_it_changed(tmp_path: Path) -> None:
    path = as_parquet(tmp_path / "one.parquet", SHOWN[:6])
    open_data(path, tmp_path / "keep")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "keep").iterdir()}
    assert len(before) == 2
    open_data(path, tmp_path / "keep")
    assert before == {p.name: p.stat().st_mtime_ns for p in (tmp_path / "keep").iterdir()}
    as_parquet(path, SHOWN)
    found, _ = open_data(path, tmp_path / "keep")
    assert len(found) == 12
    np.testing.assert_array_equal(np.asarray(found.picture(0)), np.asarray(found.picture(0)))


def test_a_thousand_labels_without_names_are_imagenets(tmp_path: Path) -> None:
    members = [(f"{i}.{ending}", content) for i, label in ((0, b"0"), (1, b"999")) for ending, content in (("jpg", PNG), ("cls", label))]  # fmt: skip
    found, _ = open_data(write_tar(tmp_path / "one.tar", members), tmp_path)
    assert found.classes == tuple(one.wnid for one in imagenet_classes()) and found.labels.tolist() == [0, 999]
    found, _ = open_data(write_tar(tmp_path / "two.tar", [*members[:3], ("1.cls", b"2")]), tmp_path)
    assert found.classes == ("0", "1", "2")


def test_a_sample_is_drawn_by_its_seed(tmp_path: Path) -> None:
    found, _ = open_data(as_folder(tmp_path, SHOWN), tmp_path)
    assert found.sample(5, 0).digest() == found.sample(5, 0).digest() != found.sample(5, 1).digest()
    few = found.sample(5, 0)
    assert len(few) == 5 and found.sample(99, 0).digest() == found.digest() and few.classes == CLASSES
    for i, name in enumerate(few.ids):
        at = found.ids.index(name)
        assert few.labels[i] == found.labels[at]
        assert np.array_equal(few.picture(i), found.picture(at))


def test_a_folder_of_pictures_called_train_is_a_class(tmp_path: Path) -> None:
    as_folder(tmp_path / "data", SHOWN[:6])
    shutil.move(tmp_path / "data" / CLASSES[0], tmp_path / "data" / "train")
    found, held_out = open_data(tmp_path / "data", tmp_path / "keep")
    assert held_out is None and "train" in found.classes and len(found) == 6


@pytest.mark.parametrize("stray", ["._x.jpg", "sample.jpg"])
def test_a_stray_picture_does_not_make_a_class_of_the_training_part(stray: str, tmp_path: Path) -> None:
    as_folder(tmp_path / "train", SHOWN[:6])
    as_folder(tmp_path / "val", SHOWN[6:])
    (tmp_path / "train" / stray).write_bytes(PNG)
    found, held_out = open_data(tmp_path, tmp_path / "keep")
    assert held_out is not None and found.classes == CLASSES and (len(found), len(held_out)) == (6, 6)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere names are Unicode")
def test_a_name_that_is_no_text_is_refused_before_the_training(tmp_path: Path) -> None:
    as_folder(tmp_path, SHOWN)
    (tmp_path / CLASSES[0] / os.fsdecode(b"caf\xe9.png")).write_bytes(PNG)
    with pytest.raises(UserError, match=r"caf.udce9.png': this name is not UTF-8"):
        open_data(tmp_path, tmp_path / "keep")


def test_the_digest_is_of_classes_ids_and_labels(tmp_path: Path) -> None:
    """Checkpoints hold it: it may not change."""
    found, _ = open_data(write_tar(tmp_path / "one.tar", [("a.png", PNG), ("a.cls", b"0"), ("b.png", PNG), ("b.cls", b"1")]), tmp_path)  # fmt: skip
    assert found.digest() == sha256(b"0\n1\n\none/a\x1f0\none/b\x1f1").hexdigest()


@pytest.mark.parametrize("layout", ["folder", "tar"])
def test_a_million_photographs_fit_into_memory(tmp_path: Path, layout: str) -> None:
    """Every process and every reader has them: of 1,000, less than 120 bytes each stay."""
    if layout == "tar":
        pairs = [((f"n01440764_{i:05d}.png", PNG), (f"n01440764_{i:05d}.cls", b"%d" % (i % 2))) for i in range(1000)]
        write_tar(tmp_path / "one.tar", [member for pair in pairs for member in pair])
    else:
        for i in range(1000):
            path = tmp_path / f"n0144076{i % 2}" / f"n0144076{i % 2}_{i:05d}.png"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(PNG)
    open_data(tmp_path, tmp_path / "keep")
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        found, _ = open_data(tmp_path, tmp_path / "keep")
        gc.collect()
        stays = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(found) == 1000 and stays / 1000 < 120


def test_texts_are_what_they_were_made_of() -> None:
    given = ["", "n01440764/a.JPEG", "Zoë/b.png", "犬"]
    texts = Texts(given)
    assert list(texts) == given and texts[-1] == "犬" and list(texts[1:3]) == given[1:3] and len(texts) == 4
    with pytest.raises(IndexError):
        texts[4]


def label(text: bytes) -> list[tuple[str, bytes]]:
    return [("a.png", PNG), ("a.cls", text)]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("../a.png", PNG), ("../a.cls", b"0")], r"'\.\./a\.png' lies outside the shard"),
        ([("/a.png", PNG)], r"'/a\.png' lies outside the shard"),
        (label(b"cat"), r"the label 'cat' in a\.cls is unknown; a number from 0 on is needed"),
        (label(b"-1"), r"the label '-1' in a\.cls is unknown"),
        (label(b"3"), r"the label 3 is unknown, as 3 classes have names"),
        ([("a.png", PNG)], "a has a picture but no .cls"),
        ([("a.png", PNG), ("b.cls", b"0")], "a has a picture but no .cls"),
        ([("a.txt", b"")], "no photographs in its shards"),
        ([*label(b"0"), *label(b"1")], "two photographs of one name"),
        ([*label(b"0")], "all of one class"),
    ],
)
def test_a_tar_that_is_not_sound(tmp_path: Path, members: list[tuple[str, bytes]], said: str) -> None:
    (tmp_path / "classes.txt").write_text("\n".join(CLASSES))
    with pytest.raises(UserError, match=said):
        open_data(write_tar(tmp_path / "one.tar", members), tmp_path)


def spoil(home: Path, case: str) -> Path:
    home.mkdir()
    if case == "missing":
        return home / "nowhere"
    if case == "file":
        (home / "a.zip").write_bytes(b"x")
        return home / "a.zip"
    if case == "no tar":
        (home / "a.tar").write_bytes(b"x" * 2000)
    elif case == "two kinds":
        as_tar(home / "a.tar", SHOWN)
        as_parquet(home / "a.parquet", SHOWN)
    elif case == "empty class":
        as_folder(home, SHOWN)
        (home / "eel").mkdir()
    elif case == "other classes":
        as_folder(home / "train", SHOWN)
        (as_folder(home / "val", SHOWN) / "cat").rename(home / "val" / "cats")
    return home


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("missing", "nowhere: no such folder or file; give the photographs' folder with --data"),
        ("file", "a.zip: neither .tar nor .parquet"),
        ("empty", "neither shards nor class folders in it"),
        ("no tar", "a.tar: damaged, compressed or no tar"),
        ("two kinds", "holds .tar and .parquet shards"),
        ("empty class", "eel: no pictures in this class folder"),
        ("other classes", "the label 'cats' is unknown to the training part; did you mean 'cat'"),
    ],
)
def test_data_that_are_not_sound(tmp_path: Path, case: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        open_data(spoil(tmp_path / "data", case), tmp_path / "keep")


def test_a_link_in_a_tar_is_refused(tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(tmp_path / "one.tar", "w") as tape:
        about = tarfile.TarInfo("a.png")
        about.type, about.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tape.addfile(about)
    with pytest.raises(UserError, match="'a.png' is a link or a device"):
        open_data(tmp_path / "one.tar", tmp_path)


def test_a_damaged_photograph_is_named_when_it_is_read(tmp_path: Path) -> None:
    as_folder(tmp_path, SHOWN)
    (tmp_path / "cat" / "cat0.png").write_bytes(PNG[:60])
    found, _ = open_data(tmp_path, tmp_path)
    with pytest.raises(UserError, match=r"cat/cat0\.png: damaged or cut off"):
        found.picture(found.ids.index("cat/cat0.png"))
