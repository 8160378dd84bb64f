"""Two readers of one format: the fast one gives what the careful one gives, or leaves the file to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset
from reconstrue.trials import read_csv
from reconstrue.trials.table import _read_carefully, _read_whole

HEADER = "subj,session,trial,rt,object_response,category,condition,imagename"
ROWS = "my_model,1,1,0.5,car,car,0.60,0001_nse_dnn_0.60_car_10_n03100240_3.png\nmy_model,1,2,NaN,na,oven,0.0,0002_nse_dnn_0.00_oven_10_n04111531_2.png\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{ROWS}",
        f"{HEADER}\n{ROWS}".replace("\n", "\r\n"),
        f"\ufeff{HEADER}\n{ROWS}".rstrip("\n"),
        f"{HEADER.replace('session', ' Session ')},score\n{ROWS.replace('.png', '.png,0.1')}",
        f"{HEADER}\n{ROWS}\n\n",
        f"{HEADER}\n{ROWS}".replace("NaN", "").replace("na,oven", ",oven"),
        f"{HEADER}\n{ROWS}".replace(",car,", ", car ,").replace("0002_", "  0002_"),
    ],
    ids=["plain", "carriage returns", "mark and no last newline", "more columns", "blank lines", "empty", "spaces"],
)
def test_what_the_fast_reader_takes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "uniform-noise_my-model_session-1.csv"
    path.write_bytes(text.encode())
    fast = _read_whole(path, dataset("uniform-noise"))
    assert fast is not None
    assert fast.to_pandas().equals(_read_carefully(path, dataset("uniform-noise")).to_pandas())
    frame = read_csv(path, dataset("uniform-noise")).frame
    assert frame["condition"].tolist() == ["0.6", "0"]
    assert frame["image_id"].tolist() == ["n03100240_3.png", "n04111531_2.png"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("my_model,1,1", '"my_model",1,1'), (",1,2,", ",1.0,2,"), ("0.5", " 5e-1 "), ("NaN", "NAN"), ("NaN", "nAn")],
)
def test_what_is_left_to_the_careful_reader_is_read_all_the_same(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "uniform-noise_my-model_session-1.csv"
    path.write_text(f"{HEADER}\n{ROWS}")
    plain = read_csv(path, dataset("uniform-noise")).frame
    path.write_text(f"{HEADER}\n{ROWS}".replace(old, new))
    assert read_csv(path, dataset("uniform-noise")).frame.equals(plain)


def test_a_name_of_other_fields_is_left_to_the_careful_reader(tmp_path: Path) -> None:
    path = tmp_path / "uniform-noise_my-model_session-1.csv"
    path.write_text(f"{HEADER}\n{ROWS}".replace("0001_nse_dnn", "my_own"))
    assert _read_whole(path, dataset("uniform-noise")) is None
    assert read_csv(path, dataset("uniform-noise")).frame["image_id"][0] == "n03100240_3.png"


def test_of_two_columns_of_one_name_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "uniform-noise_my-model_session-1.csv"
    path.write_text(f"{HEADER},session\n{ROWS.replace('.png', '.png,9')}")
    assert read_csv(path, dataset("uniform-noise")).frame["session"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",1,2,", ",NaN,2,", "line 3, column 'session': 'NaN' is not a whole number"),
        (",1,2,", f",1,{10**30},", "line 3, column 'trial': '1000000000000000000000000000000' is not a whole number"),
        ("my_model,1,2", "other,1,2", "'subj' names 'my_model', 'other': a trial file holds one observer"),
        ("my_model,1,2", "my-model,1,2", "'subj' names 'my-model', 'my_model': a trial file holds one observer"),
        (",car,car", ",zebra,car", "line 2, column 'object_response': 'zebra' is neither"),
        ("_2.png", "_2.png,", "line 3 has 9 fields, the header has 8"),
        ("_car_10_", "_truck_10_", "line 2 has the category 'car', but its image is named"),
    ],
)
def test_a_fault_is_named_whoever_reads(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "uniform-noise_my-model_session-1.csv"
    text = f"{HEADER}\n{ROWS}"
    assert old in text
    path.write_text(text.replace(old, new))
    assert _read_whole(path, dataset("uniform-noise")) is None
    with pytest.raises(UserError, match=message):
        read_csv(path, dataset("uniform-noise"))


def test_both_readers_agree_on_the_published_files(shared_data: Path) -> None:
    for name, observer in (("cue-conflict", "alexnet"), ("colour", "subject-01"), ("sketch", "clip-16")):
        (path, *_) = sorted((shared_data / "trials" / name).glob(f"{name}_{observer}_*.csv"))
        fast = _read_whole(path, dataset(name))
        assert fast is not None, "the published files are read by the fast one"
        assert fast.to_pandas().equals(_read_carefully(path, dataset(name)).to_pandas())
