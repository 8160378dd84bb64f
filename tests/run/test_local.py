"""A run: what it writes, that it goes on where it stopped, and that two settings never mix."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reconstrue.errors import UserError
from reconstrue.run.local import evaluate
from reconstrue.run.plan import UNIT, Plan
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import images_sha256
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.trials import read_sidecar, read_trials, sidecar_path

Edges = Callable[..., StimulusSet]
Fake = Callable[..., Any]


def csv_of(out: Path, observer: str = "fake") -> Path:
    return out / "trials" / "edge" / f"edge_{observer}_session-1.csv"


def unit_files(out: Path, kind: str = "answers") -> list[Path]:
    return sorted((out / "units").glob(f"*/{kind}-*.parquet"))


# --- what a run leaves behind


def test_the_trial_file_is_the_field_s(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    stimuli = edges(40)
    result = evaluate(Plan(fake(), stimuli), tmp_path)
    assert result.trials == csv_of(tmp_path)
    lines = result.trials.read_text().splitlines()
    assert lines[0] == "subj,session,trial,rt,object_response,category,condition,imagename"
    response = CATEGORIES[int(fake().log_evidence("airplane0.png", 16).argmax())]
    assert lines[1] == f"fake,1,1,NaN,{response},airplane,0,0001_edg_dnn_0_airplane_00_airplane0.png"
    assert len(lines) == 41


def test_the_trials_are_read_back_as_they_were_given(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    stimuli = edges(40, reason="the folder holds 40 of the 160 images")
    evaluate(Plan(fake(), stimuli, catalogue_images=160), tmp_path)
    read = read_trials([tmp_path / "trials"])
    assert read.problems == ()
    frame = read.table.frame
    assert frame["image_id"].tolist() == [s.image_id for s in stimuli]
    assert frame["category"].tolist() == [s.category for s in stimuli]
    expected = [CATEGORIES[int(fake().log_evidence(s.image_id, 16).argmax())] for s in stimuli]
    assert frame["response"].tolist() == expected
    assert read.sidecars["edge", "fake"].n_images == 40


def test_the_sidecar_says_what_was_done(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    stimuli = edges(40, reason="the folder holds 40 of the 160 images")
    plan = Plan(fake(seed=3), stimuli, catalogue_images=160)
    note = read_sidecar(sidecar_path(evaluate(plan, tmp_path).trials))
    assert (note.observer, note.dataset, note.model_type) == ("fake", "edge", "discriminative")
    assert (note.subset, note.subset_reason) == (True, "the folder holds 40 of the 160 images")
    assert (note.n_images, note.catalogue_images, note.world) == (40, 160, None)
    assert note.images_sha256 == images_sha256(s.image_id for s in stimuli)
    assert note.settings["key"] == plan.key
    assert note.settings["classifier"] == {"kind": "fake", "seed": 3, "draws": 0}
    assert note.settings["labels"] == list(CATEGORIES)
    assert {"python", "reconstrue", "numpy"} <= set(note.versions)
    assert note.started and note.host is not None


def test_a_whole_set_and_a_pocket_world_say_so(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    note = read_sidecar(sidecar_path(evaluate(Plan(fake(), edges(16), world="pocket"), tmp_path).trials))
    assert (note.subset, note.subset_reason, note.world, note.catalogue_images) == (False, None, "pocket", None)


def test_the_answers_carry_posterior_and_cost(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    answers = evaluate(Plan(fake(), edges(20)), tmp_path).answers
    assert answers["evaluations"].tolist() == [1] * 20
    assert answers["draws"].tolist() == [0] * 20
    weights = np.exp(fake().log_evidence("bear1.png", 16))
    row = answers.set_index("image_id").loc["bear1.png"]
    assert row["posterior"] == pytest.approx(weights.max() / weights.sum())


def test_the_evidence_of_every_evaluation_is_kept(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    """5 draws of 16 labels, of which one leaves after the first: 5 · 16 − 4 = 76 evaluations per image."""
    result = evaluate(Plan(fake(draws=5), edges(20)), tmp_path)
    assert result.answers["evaluations"].tolist() == [76] * 20
    assert result.answers["draws"].tolist() == [5] * 20
    assert result.answers["budget_ended"].tolist() == [True] * 20
    assert result.evidence == unit_files(tmp_path, "evidence")[0].parent
    rows = pd.concat([pd.read_parquet(path) for path in unit_files(tmp_path, "evidence")])
    assert len(rows) == 20 * 76
    assert list(rows.columns) == ["image_id", "label", "draw", "t", "log_snr", "weight", "error"]
    bear = rows[rows["image_id"] == "bear1.png"]
    own = fake(draws=5).log_evidence("bear1.png", 16)
    loser = CATEGORIES[int(own.argmin())]
    assert bear[bear["label"] == loser]["draw"].tolist() == [0]
    winner = bear[bear["label"] == CATEGORIES[int(own.argmax())]]
    assert winner["draw"].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(winner["t"], [0.1, 0.3, 0.5, 0.7, 0.9])
    np.testing.assert_allclose(winner["weight"], np.exp(-7 * winner["t"]))
    np.testing.assert_allclose(winner["error"], -own.max())


def test_progress_is_told_from_nothing_to_all(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    told: list[tuple[int, int]] = []
    evaluate(Plan(fake(), edges(40)), tmp_path, lambda done, total: told.append((done, total)))
    assert told == [(0, 40), (16, 40), (32, 40), (40, 40)]


# --- units


def test_units_are_cut_in_order(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    """40 images in units of 16: 16, 16 and 8, and the classifier sees one whole unit at a time."""
    stimuli, classifier = edges(40), fake()
    assert UNIT == 16
    evaluate(Plan(classifier, stimuli), tmp_path)
    assert [len(call) for call in classifier.calls] == [16, 16, 8]
    assert [image for call in classifier.calls for image in call] == [s.image_id for s in stimuli]
    assert [len(pd.read_parquet(path)) for path in unit_files(tmp_path)] == [16, 16, 8]


# --- going on


def test_a_second_run_asks_nothing_again(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    first = evaluate(Plan(fake(), edges(40)), tmp_path)
    before = first.trials.read_bytes()
    again = fake()
    second = evaluate(Plan(again, edges(40)), tmp_path)
    assert again.calls == []
    assert (first.reused, second.reused) == (0, 40)
    assert second.trials.read_bytes() == before
    pd.testing.assert_frame_equal(first.answers, second.answers)


def test_a_lost_unit_is_worked_out_again_alone(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    before = evaluate(Plan(fake(), edges(40)), tmp_path).trials.read_bytes()
    unit_files(tmp_path)[1].unlink()
    again = fake()
    result = evaluate(Plan(again, edges(40)), tmp_path)
    assert again.calls == [[s.image_id for s in edges(40).stimuli[16:32]]]
    assert result.reused == 24
    assert result.trials.read_bytes() == before


def test_a_damaged_unit_is_worked_out_again(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    before = evaluate(Plan(fake(), edges(40)), tmp_path).trials.read_bytes()
    damaged = unit_files(tmp_path)[2]
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    again = fake()
    assert evaluate(Plan(again, edges(40)), tmp_path).trials.read_bytes() == before
    assert [len(call) for call in again.calls] == [8]
    assert damaged.read_bytes() == whole


@pytest.mark.parametrize("stop_before", [0, 1, 2])
def test_interrupted_and_resumed_equals_uninterrupted(
    tmp_path: Path, fake: Fake, edges: Edges, stop_before: int
) -> None:
    straight = evaluate(Plan(fake(draws=3), edges(40)), tmp_path / "straight")
    with pytest.raises(KeyboardInterrupt):
        evaluate(Plan(fake(draws=3, stop_before=stop_before), edges(40)), tmp_path / "broken")
    assert not (tmp_path / "broken" / "trials").exists(), "nothing half-written"
    resumed = fake(draws=3)
    result = evaluate(Plan(resumed, edges(40)), tmp_path / "broken")
    assert len(resumed.calls) == 3 - stop_before
    assert result.reused == 16 * stop_before
    assert result.trials.read_bytes() == straight.trials.read_bytes()
    for kind in ("answers", "evidence"):
        ours, theirs = unit_files(tmp_path / "broken", kind), unit_files(tmp_path / "straight", kind)
        assert [p.name for p in ours] == [p.name for p in theirs] and len(ours) == 3
        assert [p.read_bytes() for p in ours] == [p.read_bytes() for p in theirs]
    notes = [json.loads(sidecar_path(r.trials).read_text()) for r in (result, straight)]
    for note in notes:
        note.pop("started")
    assert notes[0] == notes[1]


# --- other settings


@pytest.mark.parametrize(
    "change",
    [
        lambda fake, edges: Plan(fake(seed=1), edges(40)),
        lambda fake, edges: Plan(fake(), edges(39)),
        lambda fake, edges: Plan(fake(), edges(40, shade=0)),
        lambda fake, edges: Plan(fake(), StimulusSet("edge", edges(40).stimuli[::-1])),
        lambda fake, edges: Plan(fake(), edges(40), labels=CATEGORIES[::-1]),
        lambda fake, edges: Plan(fake(), edges(40), world="pocket"),
    ],
    ids=["classifier", "fewer images", "other pixels under the same names", "order", "labels", "world"],
)
def test_other_settings_into_the_same_folder_are_refused(
    tmp_path: Path, fake: Fake, edges: Edges, change: Callable[[Fake, Edges], Plan]
) -> None:
    before = evaluate(Plan(fake(), edges(40)), tmp_path).trials.read_bytes()
    units = unit_files(tmp_path)
    with pytest.raises(
        UserError, match=r"edge_fake_session-1\.run\.json: holds answers of 'fake' under other settings; give another"
    ):
        evaluate(change(fake, edges), tmp_path)
    assert csv_of(tmp_path).read_bytes() == before
    assert unit_files(tmp_path) == units


def test_a_trial_file_of_unknown_origin_is_not_overwritten(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    csv_of(tmp_path).parent.mkdir(parents=True)
    csv_of(tmp_path).write_text("precious")
    classifier = fake()
    with pytest.raises(UserError, match="already there, without a note of its settings"):
        evaluate(Plan(classifier, edges(40)), tmp_path)
    assert csv_of(tmp_path).read_text() == "precious" and classifier.calls == []


def test_two_observers_share_a_folder(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate(Plan(fake("one"), edges(16)), tmp_path)
    evaluate(Plan(fake("two", seed=1), edges(16)), tmp_path)
    assert read_trials([tmp_path / "trials"]).table.models == ("one", "two")


def test_the_same_settings_have_the_same_key(fake: Fake, edges: Edges) -> None:
    assert Plan(fake(), edges(40)).key == Plan(fake(), edges(40)).key
    assert len(Plan(fake(), edges(40)).key) == 16


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("subject-99", "the observer's name 'subject-99' is kept for people; give another --name"),
        ("../elsewhere", r"the observer's name '\.\./elsewhere' cannot be part of a file name; give another --name"),
        ("my_model", "the observer's name 'my_model' cannot be part of a file name"),
        (" padded", "the observer's name ' padded' cannot be part of a file name"),
        ("", "the observer's name '' cannot be part of a file name"),
    ],
)
def test_names_that_would_mislead_are_refused(fake: Fake, edges: Edges, name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        Plan(fake(name), edges(16))


def test_a_set_that_no_trial_file_can_hold_is_refused_before_the_work(fake: Fake, edges: Edges) -> None:
    with pytest.raises(UserError, match="unknown data set 'original'"):
        Plan(fake(), edges(16, dataset="original"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(UserError, match="cannot be written .*; give another --out"):
        evaluate(Plan(fake(), edges(16)), tmp_path / "run")
    assert (tmp_path / "run").read_text() == "a file"


def test_one_observer_has_one_setting_on_all_data_sets(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate(Plan(fake(seed=1), edges(16)), tmp_path)
    with pytest.raises(
        UserError, match=r"edge_fake_session-1\.run\.json: holds answers of 'fake' under other settings"
    ):
        evaluate(Plan(fake(seed=2), edges(16, dataset="silhouette")), tmp_path)
    evaluate(Plan(fake(seed=1), edges(16, dataset="silhouette")), tmp_path)


def test_two_runs_of_one_observer_with_other_settings_are_not_joined(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate(Plan(fake(seed=1), edges(16)), tmp_path / "one")
    evaluate(Plan(fake(seed=2), edges(16, dataset="silhouette")), tmp_path / "two")
    read = read_trials([tmp_path / "one" / "trials", tmp_path / "two" / "trials"])
    assert read.table.datasets == ("edge",)
    assert "answered with other settings than in" in read.problems[0].message


def test_replacing_is_asked_for(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate(Plan(fake(seed=1), edges(16)), tmp_path)
    evaluate(Plan(fake(seed=2), edges(16)), tmp_path, replace=True)
    assert read_sidecar(sidecar_path(csv_of(tmp_path))).settings["classifier"]["seed"] == 2


def test_a_picture_replaced_under_its_name_is_answered_anew(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    assert Plan(fake(), edges(4)).key != Plan(fake(), edges(4, shade=9)).key
