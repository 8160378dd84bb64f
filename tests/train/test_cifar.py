"""Photographs as training pictures: the right ones, under the right names, and one line where they are not there."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pyarrow
import pytest
import torch
from PIL import Image
from pyarrow import parquet

from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.train import run
from reconstrue.train.cifar import held_out_photographs, keep_photographs
from reconstrue.train.pictures import make_pictures
from reconstrue.train.recipe import Recipe, load_recipe

# CIFAR-10's numbers: every class once, then cats and ships again.
LABELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 8]
SEVEN = ("airplane", "bird", "boat", "car", "cat", "dog", "truck")


def recipe(**changes: object) -> Recipe:
    return dataclasses.replace(load_recipe("photo-resnet"), **{"pictures": 9, **changes})


def grey(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((32, 32, 3), value, np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Photographs whose grey is 10 times their class number, plus their place."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for split in ("train", "test"):
        rows = [{"bytes": grey(10 * label + i), "path": None} for i, label in enumerate(LABELS)]
        parquet.write_table(pyarrow.table({"img": rows, "label": LABELS}), folder / f"cifar10-{split}.parquet")
    return folder


def test_photographs_bear_the_benchmarks_names(data: Path, tmp_path: Path) -> None:
    assert recipe().categories == SEVEN
    keep_photographs(recipe(), data, tmp_path)
    pictures = make_pictures(recipe(), keep=tmp_path / "pictures")
    # Deer, frog and horse (4, 6, 7) are left out; the seven come in the benchmark's order, ship (8) as boat.
    assert [SEVEN[label] for label in pictures.labels] == [
        "airplane", "bird", "boat", "boat", "car", "cat", "cat", "dog", "truck",
    ]  # fmt: skip
    # Ships lie at places 8 and 11, an automobile at place 1.
    assert pictures.pixels[:, 0, 0, 0].tolist() == [0, 22, 88, 91, 11, 33, 40, 55, 99]


def test_held_out_photographs_are_of_the_test_split(data: Path) -> None:
    shown = held_out_photographs(recipe(), data, 14)
    assert [s.category for s in shown] == [
        "airplane", "bird", "boat", "boat", "car", "cat", "cat", "dog", "truck",
    ]  # fmt: skip
    assert [s.imagename for s in shown][2:4] == ["boat1.png", "boat2.png"]
    assert shown[3].read().shape == (32, 32, 3)
    assert int(shown[3].read()[0, 0, 0]) == 91
    assert len({s.image_id for s in shown}) == len(shown)


def test_a_recipe_on_photographs_makes_a_model_of_its_categories(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = recipe(steps=2, batch_size=4, model={"widths": [8, 8, 8, 8], "depths": [1, 1, 1, 1], "noise": False})
    monkeypatch.setattr(run, "load_recipe", lambda name: small)
    reached = run.follow("photo-resnet", out=tmp_path / "out", work=tmp_path / "work", say=lambda line: None, data=data)
    assert reached["pictures"] == 9
    made = load_classifier(str(tmp_path / "out"), Options())
    shown = held_out_photographs(small, data, 14)
    assert torch.isfinite(torch.from_numpy(made.score(shown, SEVEN).log_evidence)).all()
    with pytest.raises(UserError, match="elephant"):
        made.score(shown, ["cat", "elephant"])


@pytest.mark.parametrize(
    ("folder", "changes", "said"),
    [
        (None, {}, "give --data"),
        ("nowhere", {}, "no parquet file with 'train'"),
        ("photos", {"pictures": 35000}, "holds 9 photographs of the recipe's categories, not 35000"),
        ("photos", {"side": 64}, "photographs of another size"),
    ],
)
def test_what_is_missing_is_named(
    data: Path, tmp_path: Path, folder: str | None, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        keep_photographs(recipe(**changes), None if folder is None else tmp_path / folder, tmp_path)


def test_drawn_pictures_need_no_data(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="leave out --data"):
        run.follow("pocket-resnet", out=tmp_path / "out", work=tmp_path, say=lambda line: None, data=data)


def test_photographs_that_were_not_put_there_are_missed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="train it with --data"):
        make_pictures(recipe(), keep=tmp_path)
