"""The small tables and notes that a user may hand us: maps of classes, arrays, the lock of data; and what names they have."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile import corpus
from tests.hostile.ending import ending, endings

from reconstrue.classifiers.discriminative.label_map import read_map
from reconstrue.stimuli.catalog import dataset, load_catalog
from reconstrue.stimuli.fetch import Lock
from reconstrue.stimuli.make import read_table
from reconstrue.stimuli.names import image_id, read_name, texture_category

CLASSES = ("cat", "dog", "truck")
MAP = b"output,label\n0,pet\n1,pet\n2,vehicle\n"


def maps() -> corpus.Files:
    found: corpus.Files = {f"cut at {keep}": MAP[:keep] for keep in range(len(MAP))}
    for i, value in enumerate(corpus.NASTY):
        found[f"output {i}"] = MAP.replace(b"2", value.encode())
        found[f"label {i}"] = MAP.replace(b"vehicle", value.encode())
    return found | {
        "empty": b"",
        "digits of Bengal": "output,label\n২,pet\n".encode(),
        "superscript": "output,label\n²,pet\n".encode(),
        "utf-16": MAP.decode().encode("utf-16"),
        "zeros": bytes(100),
        "quote": MAP.replace(b"pet", b'"pet', 1),
        "one column": b"output\n1\n",
        "columns twice": b"output,label,label\n1,a,b\n",
        "three values": b"output,label\n1,a,b\n",
        "page": b"<html>404</html>",
    }


def test_maps_of_classes_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    files = maps()

    def read(name: str) -> None:
        (tmp_path / "map.csv").write_bytes(files[name])
        read_map(tmp_path / "map.csv", CLASSES)

    found = endings(files, read)
    assert len(found) >= 60
    assert all("map.csv" in said for said in found.values() if said)
    assert found["output 6"], "an index of 5,000 digits"


@given(st.binary(max_size=80))
def test_any_bytes_in_a_map(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "map.csv").write_bytes(b"output,label\n" + content)
    ending(lambda: read_map(tmp_path / "map.csv", CLASSES))


def npy(header: str, content: bytes = b"") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def zipped_arrays() -> bytes:
    file = io.BytesIO()
    np.savez(file, a=np.zeros(3))
    return file.getvalue()


ARRAYS = {
    "empty": b"",
    "magic": b"\x93NUMPY",
    "version": b"\x93NUMPY\x09\x09" + bytes(20),
    "cut": saved(np.zeros((8, 8)))[:200],
    "a terabyte": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (400000, 400000)}"),
    "beyond counting": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999)}"),
    "negative": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-5,)}"),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"x"),
    "code": npy("__import__('os').system('touch sprung')"),
    "no dictionary": npy("[1, 2"),
    "words": saved(np.array(["a", "b"])),
    "dates": saved(np.array(["2020-01-01"], dtype="datetime64")),
    "fields": saved(np.zeros(3, dtype=[("a", "f8"), ("b", "f8")])),
    "several": zipped_arrays(),
    "complex": saved(np.zeros(3, dtype=complex)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_read_or_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npy").write_bytes(ARRAYS[name])
    said = ending(lambda: read_table(tmp_path / "a.npy", "--gamma"))
    assert "--gamma" in said and "not an array of numbers in .npy format" in said
    assert not (tmp_path / "sprung").exists()


def test_a_lock_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    files = corpus.json_files({"sha256": {"edge/pictures": "0" * 64}})
    lock = Lock(tmp_path / "data.lock")

    def read(name: str) -> None:
        lock.path.write_bytes(files[name])
        lock.check("edge/pictures", "0" * 64, tmp_path)

    found = endings(files, read)
    assert found["deep"] and found["sha256 is 0"] and found["cut at 0"]


@given(st.text(max_size=40), st.sampled_from(sorted(load_catalog())))
def test_any_name_of_a_picture(name: str, which: str) -> None:
    ending(lambda: read_name(name, dataset(which)))
    image_id(name)
    texture_category(name)


fields = st.sampled_from(["0001", "99999999999999999999", "²²²²", "lp", "cl", "dnn", "s01", "10", "nan", "1e9", "oven", "zebra", "..", "n04111531", "14126.png", "", "%"])  # fmt: skip


@given(st.lists(fields, min_size=5, max_size=9).map("_".join), st.sampled_from(sorted(load_catalog())))
def test_any_fields_in_a_name(name: str, which: str) -> None:
    ending(lambda: read_name(name, dataset(which)))
