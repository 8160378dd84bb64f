"""Photographs in the hub's parquet layout: what is read is what was written, and what is not sound is named."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from tests.tiny_photographs import CLASSES, as_parquet, pictures

from reconstrue.errors import UserError
from reconstrue.train.photographs import read_parquet


@pytest.mark.parametrize("column", ["image", "img"])
def test_what_is_read_is_what_was_written(tmp_path: Path, column: str) -> None:
    shown = list(pictures(7))
    found = read_parquet(as_parquet(tmp_path / "train-0.parquet", shown, column))
    assert found.pixels.shape == (7, 3, 44, 36) and found.pixels.dtype == torch.uint8
    assert found.labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert found.ids == tuple(f"train-0-{i}" for i in range(7))
    assert found.classes == CLASSES
    for pixels, (_, _, encoded) in zip(found.pixels, shown, strict=True):
        np.testing.assert_array_equal(pixels.permute(1, 2, 0).numpy(), np.asarray(Image.open(io.BytesIO(encoded))))


def test_cifar_as_published(shared_data: Path) -> None:
    path = shared_data / "photos" / "cifar10-test.parquet"
    if not path.is_file():
        pytest.skip(f"no photographs at {path}")
    found = read_parquet(path)
    assert found.pixels.shape == (10000, 3, 32, 32)
    assert torch.bincount(found.labels).tolist() == [1000] * 10
    assert found.classes == () and len(set(found.ids)) == 10000


def test_grey_and_transparent_photographs_become_rgb(tmp_path: Path) -> None:
    pictures = []
    for mode in ("L", "RGBA", "P", "CMYK"):
        file = io.BytesIO()
        Image.new(mode, (3, 2)).save(file, "JPEG" if mode == "CMYK" else "PNG")
        pictures.append({"bytes": file.getvalue()})
    pq.write_table(pa.table({"image": pictures, "label": [0] * 4}), tmp_path / "modes.parquet")
    found = read_parquet(tmp_path / "modes.parquet")
    assert found.pixels.shape == (4, 3, 2, 3)
    # Black, but what is transparent lies on white, as wherever a picture is read; no ink at all is white too.
    assert found.pixels[:, 0, 0, 0].tolist() == pytest.approx([0, 255, 0, 255], abs=2)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"picture": [b"x"], "label": [0]}, "has the columns picture, label; 'image' or 'img', and 'label' are needed"),
        ({"image": [{"bytes": None}], "label": [0]}, "row 0: holds no picture"),
        ({"image": [{"bytes": b"x"}], "label": [-1]}, "row 0: the label -1 is unknown"),
        ({"image": [{"bytes": b"x"}], "label": [None]}, "row 0: the label None is unknown"),
        ({"image": [{"bytes": b"x"}], "label": [0]}, "one-0: not a picture that can be read"),
        ({"image": [{"bytes": b""}][:0], "label": []}, "holds no photographs"),
    ],
)
def test_what_is_not_sound_is_named(tmp_path: Path, columns: dict[str, list[object]], said: str) -> None:
    pq.write_table(pa.table(columns), tmp_path / "one.parquet")
    with pytest.raises(UserError, match=said):
        read_parquet(tmp_path / "one.parquet")


def test_no_parquet_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere.parquet: no such file"):
        read_parquet(tmp_path / "nowhere.parquet")
    (tmp_path / "text.parquet").write_text("not columns")
    with pytest.raises(UserError, match="text.parquet: damaged or no parquet file"):
        read_parquet(tmp_path / "text.parquet")


def test_photographs_of_two_sizes_do_not_fit_together(tmp_path: Path) -> None:
    small = io.BytesIO()
    Image.new("RGB", (5, 4)).save(small, "PNG")
    path = as_parquet(tmp_path / "two.parquet", [*pictures(1), ("cat", "cat9", small.getvalue())])
    with pytest.raises(UserError, match="two-1 has 5 × 4 px, and those before it 36 × 44"):
        read_parquet(path)
