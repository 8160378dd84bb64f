"""Reading and writing the field's trial files."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.names import images_sha256
from reconstrue.trials import (
    Sidecar,
    TrialTable,
    image_id,
    is_human,
    read_csv,
    read_sidecar,
    read_trials,
    sidecar_path,
    texture_category,
    trial_table,
    write_csv,
    write_sidecar,
)

HEADER = "subj,session,trial,rt,object_response,category,condition,imagename\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def edge_file(folder: Path, observer: str, rows: str, session: int = 1) -> Path:
    return write(folder / "edge" / f"edge_{observer}_session-{session}.csv", HEADER + rows)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0001_cl_s01_cr_oven_40_n04111531_14126.png", "n04111531_14126.png"),
        ("0001_s5n_s01_0_bird_00_bird3-bird2.png", "bird3-bird2.png"),
        ("airplane1-bicycle2.png", "airplane1-bicycle2.png"),
        ("0001_ske_s01_0_boat_00_boat-0068-sketch-23.png", "boat-0068-sketch-23.png"),
        (
            "0001_sty_s01_0_boat_00_boat-0098-ILSVRC2012-val-00047961.png",
            "boat-0098-ILSVRC2012-val-00047961.png",
        ),
        ("n02134084_5274.png", "n02134084_5274.png"),
    ],
)
def test_image_id_is_what_observers_share(name: str, expected: str) -> None:
    assert image_id(name) == expected


def test_texture_is_the_second_category_of_a_conflict_name() -> None:
    assert texture_category("bird3-clock12.png") == "clock"
    assert texture_category("boat-0068-sketch-23.png") is None
    assert texture_category("bird3-zebra1.png") is None


def test_a_person_is_named_subject() -> None:
    assert is_human("subject-01")
    assert not is_human("my-subject-model")


def test_what_a_reader_meets(tmp_path: Path) -> None:
    path = write(
        tmp_path / "uniform-noise" / "uniform-noise_my-model_session-1.csv",
        "subj,Session,trial,rt,object_response,category,condition,imagename,is_correct\n"
        "my_model,1,1,NaN,na,oven,0.60,0001_nse_dnn_0.60_oven_10_n04111531_1.png,0\n"
        "my_model,1,2,0.5,,oven,0.00,0002_nse_dnn_0.00_oven_10_n04111531_2.png,0\n"
        "my_model,1,3,,car,car,0.1,0003_nse_dnn_0.1_car_10_n03100240_3.png,1\n",
    )
    frame = read_csv(path, dataset("uniform-noise")).frame
    assert frame["observer"].tolist() == ["my-model"] * 3
    assert frame["response"].tolist() == ["na", "na", "car"]
    assert frame["condition"].tolist() == ["0.6", "0", "0.1"]
    assert frame["session"].tolist() == [1, 1, 1]
    assert math.isnan(frame["rt"][0]) and frame["rt"][1] == 0.5 and math.isnan(frame["rt"][2])
    assert frame["image_id"].tolist() == ["n04111531_1.png", "n04111531_2.png", "n03100240_3.png"]
    assert frame["texture"].isna().all()
    assert not frame["is_human"].any()


def test_conflict_trials_carry_their_texture(tmp_path: Path) -> None:
    path = write(tmp_path / "cue-conflict_m_session-1.csv", HEADER + "m,1,1,NaN,clock,bird,NaN,bird3-clock2.png\n")
    frame = read_csv(path, dataset("cue-conflict")).frame
    assert frame["texture"].tolist() == ["clock"]
    assert frame["condition"].tolist() == ["0"]


ROW = "m,1,1,NaN,car,car,0,car1.png\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (HEADER, "no trial below the header"),
        (
            "subj,session,trial,rt,object_response,category,imagename\nm,1,1,NaN,car,car,x\n",
            "'condition' is missing",
        ),
        (
            HEADER + ROW + "m,1,2,NaN,car,zebra,0,car2.png\n",
            "line 3, column 'category': 'zebra' is not one of the 16",
        ),
        (
            HEADER + ROW + "m,1,2,NaN,zebra,car,0,car2.png\n",
            "line 3, column 'object_response': 'zebra' is neither",
        ),
        (
            HEADER + ROW + "m,1,2,NaN,car,car,7,car2.png\n",
            "line 3, column 'condition': unknown condition '7'",
        ),
        (HEADER + ROW + "m,1,2,NaN,ca", "line 3 has 5 fields, the header has 8: the file looks cut off"),
        (
            HEADER + ROW + "k,1,2,NaN,car,car,0,car2.png\n",
            "'subj' names 'k', 'm': a trial file holds one observer",
        ),
        (
            HEADER + ROW + "m,1,two,NaN,car,car,0,car2.png\n",
            "line 3, column 'trial': 'two' is not a whole number",
        ),
        (HEADER + ROW + "m,1,2,slow,car,car,0,car2.png\n", "line 3, column 'rt': 'slow' is not a time"),
    ],
)
def test_damage_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "edge_m_session-1.csv", text)
    with pytest.raises(UserError, match=message) as caught:
        read_csv(path, dataset("edge"))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(("mark", "said"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_file_without_commas_is_told_from_one_without_columns(
    tmp_path: Path, mark: str, said: str, quoted: bool
) -> None:
    header = HEADER.strip().split(",")
    text = mark.join(f'"{name}"' if quoted else name for name in header) + "\n" + ROW.replace(",", mark)
    path = write(tmp_path / "edge_m_session-1.csv", text)
    with pytest.raises(
        UserError, match=f"has {said} between its columns \\(subj, session, .*, where a trial file has commas"
    ):
        read_csv(path, dataset("edge"))


@pytest.mark.parametrize("fast", [True, False])
def test_what_no_reaction_time_can_be_is_not_known(tmp_path: Path, fast: bool) -> None:
    times = ("-1", "inf", "-Infinity", "0.0", "0.5", "NaN")
    rows = "".join(f"m,1,{i},{time},car,car,0,car{i}.png\n" for i, time in enumerate(times))
    # Quotes are for the careful reader.
    path = edge_file(tmp_path, "m", rows if fast else rows.replace("m,1,0", '"m",1,0'))
    for read in (read_csv(path, dataset("edge")), read_trials([tmp_path]).table):
        assert read.frame["rt"].isna().tolist() == [True, True, True, False, False, True]
    edge_file(tmp_path, "whole", "whole,1,1,0.5,car,car,0,car1.png\n")
    assert read_trials([tmp_path]).notes == ("3 reaction times of m are negative or infinite, and count as not known",)
    path.unlink()
    assert read_trials([tmp_path]).notes == ()


def test_a_binary_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "edge_m_session-1.csv"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(UserError, match="edge_m_session-1.csv: not a readable CSV file"):
        read_csv(path, dataset("edge"))


def test_an_unreadable_conflict_name_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "cue-conflict_m_session-1.csv", HEADER + "m,1,1,NaN,bird,bird,0,bird3.png\n")
    with pytest.raises(UserError, match="line 2, column 'imagename': 'bird3.png' is not named"):
        read_csv(path, dataset("cue-conflict"))


def test_writing_and_reading_gives_the_same_table(tmp_path: Path) -> None:
    table = trial_table(
        {
            "dataset": ["edge", "edge"],
            "observer": ["my_model", "my_model"],
            "rt": [0.25, "nan"],
            "response": ["car", "na"],
            "category": ["car", "oven"],
            "condition": ["0", "NaN"],
            "imagename": ["car1.png", "oven2.png"],
        }
    )
    path = tmp_path / "trials" / "edge" / "edge_my-model_session-1.csv"
    write_csv(path, table)
    assert path.read_text() == (
        "subj,session,trial,rt,object_response,category,condition,imagename\n"
        "my-model,1,1,0.25,car,car,0,car1.png\n"
        "my-model,1,2,NaN,na,oven,0,oven2.png\n"
    )
    assert [p.name for p in path.parent.iterdir()] == [path.name], "no temporary file is left"
    again = read_csv(path, dataset("edge"))
    assert again.frame.equals(table.frame)


def test_a_file_holds_one_observer(tmp_path: Path) -> None:
    rows = {"dataset": ["edge"] * 2, "observer": ["a", "b"], "response": ["car"] * 2, "category": ["car"] * 2}
    table = trial_table({**rows, "condition": ["0"] * 2, "imagename": ["car1.png"] * 2})
    with pytest.raises(UserError, match="holds one observer, this table has 2"):
        write_csv(tmp_path / "x.csv", table)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.csv", "old")

    def fail(source: str, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    rows = {"dataset": ["edge"], "observer": ["a"], "response": ["car"], "category": ["car"]}
    with pytest.raises(OSError, match="disk full"):
        write_csv(path, trial_table({**rows, "condition": ["0"], "imagename": ["car1.png"]}))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


def test_the_table_refuses_what_is_not_in_the_field() -> None:
    rows = {"dataset": ["edge"], "observer": ["a"], "response": ["zebra"], "category": ["car"]}
    with pytest.raises(UserError, match="'zebra' in the column 'response'"):
        trial_table({**rows, "condition": ["0"], "imagename": ["car1.png"]})
    with pytest.raises(UserError, match="needs the column 'category'"):
        trial_table({"dataset": ["edge"], "observer": ["a"], "response": ["car"]})
    frame = trial_table({**rows, "response": ["car"], "condition": ["0"], "imagename": ["car1.png"]}).frame.drop(
        columns="rt"
    )
    with pytest.raises(UserError, match="needs the column 'rt'"):
        TrialTable(frame)


def test_folders_sessions_and_problems(tmp_path: Path) -> None:
    edge_file(tmp_path, "subject-01", "subject-01,1,1,0.5,car,car,0,0001_edg_s01_0_car_00_car1.png\n")
    edge_file(tmp_path, "m", "m,1,1,NaN,car,car,0,car1.png\n")
    edge_file(tmp_path, "m", "m,2,1,NaN,oven,oven,0,oven1.png\n", session=2)
    bad = edge_file(tmp_path, "broken", "broken,1,1,NaN,car,zebra,0,car1.png\n")
    stray = write(tmp_path / "edge" / "notes.csv", "hello\n")
    typo = write(tmp_path / "egde" / "egde_m_session-1.csv", HEADER)
    result = read_trials([tmp_path])
    assert result.table.models == ("m",)
    assert result.table.people == ("subject-01",)
    assert len(result.table) == 3
    assert len(result.table.files["edge", "m"]) == 2
    messages = {problem.file: problem.message for problem in result.problems}
    assert set(messages) == {str(bad), str(stray), str(typo)}
    assert "'zebra'" in messages[str(bad)]
    assert "not named edge_<observer>_session-1.csv" in messages[str(stray)]
    assert "did you mean edge" in messages[str(typo)]
    assert len(read_trials([tmp_path / "edge"]).table) == 3, "a folder named as a data set is read alone"


def test_the_same_session_from_another_file_is_left_out(tmp_path: Path) -> None:
    edge_file(tmp_path / "one", "a-b", "a_b,1,1,NaN,car,car,0,car1.png\n")
    second = edge_file(tmp_path / "two", "a-b", "a-b,1,1,NaN,oven,car,0,car1.png\n")
    result = read_trials([tmp_path / "one", tmp_path / "two"])
    assert result.table.frame["response"].tolist() == ["car"]
    assert [problem.file for problem in result.problems] == [str(second)]
    assert "already answered this session of edge" in result.problems[0].message
    again = read_trials([tmp_path / "one", tmp_path / "one"])
    assert (len(again.table), again.problems) == (1, ()), "the same file named twice is read once"


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder of trials"):
        read_trials([tmp_path / "absent"])
    with pytest.raises(UserError, match="no trial files in it; it should hold"):
        read_trials([tmp_path])
    (tmp_path / "run" / "trials").mkdir(parents=True)
    with pytest.raises(UserError, match="did you mean .*trials"):
        read_trials([tmp_path / "run"])
    edge_file(tmp_path, "m", "m,1,1,NaN,car,zebra,0,car1.png\n")
    with pytest.raises(UserError, match="no trial file could be read. .*edge_m_session-1.csv: line 2.*zebra"):
        read_trials([tmp_path])


NOTE = Sidecar(
    observer="m",
    dataset="edge",
    model_type="diffusion",
    subset=True,
    subset_reason="--limit 1",
    n_images=1,
    catalogue_images=160,
    images_sha256=images_sha256(["car1.png"]),
    settings={"seed": 0},
)


def test_a_sidecar_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = edge_file(tmp_path, "m", "m,1,1,NaN,car,car,0,car1.png\n")
    assert sidecar_path(path).name == "edge_m_session-1.run.json"
    write_sidecar(sidecar_path(path), NOTE)
    assert read_sidecar(sidecar_path(path)) == NOTE
    result = read_trials([tmp_path])
    assert result.sidecars == {("edge", "m"): NOTE}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('"schema": 1->"schema": 2', "schema is 2, this version reads 1"),
        ('"n_images": 1->"n_images": "1"', "key 'n_images' has the value '1' of a wrong type"),
        ('"subset": true->"sub": true', "key 'subset' is missing"),
        ('"dataset": "edge"->"dataset": "sketch"', "speaks of m on sketch, but the trials are of m on edge"),
        ("{->", "not a readable sidecar"),
    ],
)
def test_a_broken_sidecar_leaves_the_file_out(tmp_path: Path, change: str, message: str) -> None:
    path = edge_file(tmp_path, "m", "m,1,1,NaN,car,car,0,car1.png\n")
    edge_file(tmp_path, "k", "k,1,1,NaN,car,car,0,car1.png\n")
    write_sidecar(sidecar_path(path), NOTE)
    old, new = change.split("->")
    text = sidecar_path(path).read_text()
    assert old in text
    sidecar_path(path).write_text(text.replace(old, new, 1))
    result = read_trials([tmp_path])
    assert result.table.models == ("k",)
    assert message in str(result.problems[0])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        # A silhouette among edges: both sets have a boat5.png.
        (
            "m,1,1,NaN,boat,boat,0,0001_sif_dnn_0_boat_00_boat5.png",
            "line 2.*its tag is 'sif', those of edge have 'edg'",
        ),
        # The column `category` was sorted, the others were not.
        (
            "m,1,1,NaN,boat,car,0,0001_edg_dnn_0_boat_00_boat5.png",
            "line 2 has the category 'car', but its image is named",
        ),
        ("m,1,1,NaN,boat,car,NaN,boat5.png", "line 2 has the category 'car', but its image is named 'boat5.png'"),
    ],
)
def test_columns_that_contradict_the_image_name_are_refused(tmp_path: Path, row: str, message: str) -> None:
    good = "m,1,2,NaN,boat,boat,0,0002_edg_dnn_0_boat_00_boat6.png\n"
    read_csv(edge_file(tmp_path, "m", good), dataset("edge"))
    with pytest.raises(UserError, match=message):
        read_csv(edge_file(tmp_path, "m", row + "\n" + good), dataset("edge"))


def test_a_condition_that_contradicts_the_image_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "uniform-noise" / "uniform-noise_m_session-1.csv"
    # The same level in two spellings is no contradiction.
    write(path, HEADER + "m,1,1,NaN,oven,oven,0.1,0001_nse_dnn_0.10_oven_10_n04111531_1.png\n")
    assert read_csv(path, dataset("uniform-noise")).frame["condition"].tolist() == ["0.1"]
    write(path, HEADER + "m,1,1,NaN,oven,oven,0.2,0001_nse_dnn_0.10_oven_10_n04111531_1.png\n")
    with pytest.raises(UserError, match=r"line 2 has the condition '0\.2', but its image is named"):
        read_csv(path, dataset("uniform-noise"))


def test_a_model_cannot_take_a_persons_place_by_its_column(tmp_path: Path) -> None:
    row = ",1,1,0.5,boat,boat,0,0001_edg_s03_0_boat_00_boat5.png\n"
    edge_file(tmp_path, "subject-03", f"subject-03{row}")
    edge_file(tmp_path, "clip", f"subject-03{row}")
    read = read_trials([tmp_path])
    assert [Path(p).name for paths in read.table.files.values() for p in paths] == ["edge_subject-03_session-1.csv"]
    (problem,) = read.problems
    assert "edge_clip_session-1.csv: is named after clip, but its column 'subj' says subject-03" in str(problem)


def test_a_models_file_may_be_named_more_plainly_than_the_model(tmp_path: Path) -> None:
    edge_file(tmp_path, "resnet", "ResNet 50 (mine),1,1,0.5,boat,boat,0,0001_edg_dnn_0_boat_00_boat5.png\n")
    assert read_trials([tmp_path]).problems == ()
