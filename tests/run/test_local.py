"""A run: what it writes, that it goes on where it stopped, and that two settings never mix."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reconstrue.errors import NotANumberError, UserError
from reconstrue.run import local
from reconstrue.run.local import Part, evaluate, evaluate_part
from reconstrue.run.manifest import read_manifest
from reconstrue.run.merge import merge
from reconstrue.run.plan import UNIT, Plan
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import images_sha256
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.trials import read_sidecar, read_trials, sidecar_path

Edges = Callable[..., StimulusSet]
Fake = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("unit_by_unit")


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
    again, said = fake(), list[str]()
    assert evaluate(Plan(again, edges(40)), tmp_path, say=said.append).trials.read_bytes() == before
    assert [len(call) for call in again.calls] == [8]
    assert damaged.read_bytes() == whole
    assert said == [
        f"{damaged}: damaged: its bytes are not those that were written; its images are answered again",
        "32 of 40 images are answered and checked; 8 are left",
    ]


def test_units_are_written_together(tmp_path: Path, fake: Fake, edges: Edges, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 images in units of 16, written when at least 20 are finished: two units, then one."""
    one_by_one = evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "apart").trials.read_bytes()
    monkeypatch.setattr(local, "SHARD_IMAGES", 20)
    result = evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "together")
    assert result.trials.read_bytes() == one_by_one
    assert [len(pd.read_parquet(p)) for p in unit_files(tmp_path / "together")] == [32, 8]
    monkeypatch.setattr(local, "SHARD_IMAGES", 10_000)
    assert evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "all").trials.read_bytes() == one_by_one
    assert len(unit_files(tmp_path / "all")) == len(unit_files(tmp_path / "all", "evidence")) == 1
    monkeypatch.setattr(local, "SHARD_DRAWS", 500)  # two draws of 16 labels, of which one leaves: 31 · 16 = 496 a unit
    evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "draws")
    assert len(unit_files(tmp_path / "draws")) == 2
    monkeypatch.setattr(local, "SHARD_SECONDS", 0)
    evaluate(Plan(fake(), edges(40)), tmp_path / "seconds")
    assert len(unit_files(tmp_path / "seconds")) == 3


@pytest.mark.parametrize("kind", ["answers", "evidence"])
def test_evidence_and_answers_stand_and_fall_together(tmp_path: Path, fake: Fake, edges: Edges, kind: str) -> None:
    before = evaluate(Plan(fake(draws=3), edges(40)), tmp_path).trials.read_bytes()
    files = {k: [p.read_bytes() for p in unit_files(tmp_path, k)] for k in ("answers", "evidence")}
    unit_files(tmp_path, kind)[1].unlink()
    again = fake(draws=3)
    assert evaluate(Plan(again, edges(40)), tmp_path).trials.read_bytes() == before
    assert [len(call) for call in again.calls] == [16]
    assert {k: [p.read_bytes() for p in unit_files(tmp_path, k)] for k in files} == files, "no draw twice"


def test_the_manifest_says_every_choice(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    plan = Plan(fake(seed=3), edges(40, reason="why"), catalogue_images=160, world="pocket")
    folder = evaluate(plan, tmp_path).evidence
    found = read_manifest(folder)
    assert (found.key, found.settings) == (plan.key, plan.settings)
    assert (found.observer, found.dataset, found.n_images, found.n_units) == ("fake", "edge", 40, 3)
    assert (found.subset_reason, found.catalogue_images, found.world) == ("why", 160, "pocket")
    [session] = found.sessions
    assert {"python", "reconstrue", "numpy"} <= set(session.versions) and session.host
    evaluate(plan, tmp_path)
    assert read_manifest(folder).sessions == (session,), "nothing was left to do"
    unit_files(tmp_path)[0].unlink()
    evaluate(plan, tmp_path)
    assert len(read_manifest(folder).sessions) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 1}', '{"schema": 9}', None])
def test_a_damaged_manifest_is_mended_by_the_run_itself(
    tmp_path: Path, fake: Fake, edges: Edges, content: str | None
) -> None:
    folder = evaluate(Plan(fake(), edges(40)), tmp_path).evidence
    path = folder / "manifest.json"
    changed = path.read_text().replace('"seed": 0', '"seed": 1') if content is None else content
    path.write_text(changed)
    with pytest.raises(UserError, match=r"manifest\.json: .*; start the run that made it once more"):
        read_manifest(folder)
    again = fake()
    evaluate(Plan(again, edges(40)), tmp_path)
    assert again.calls == [] and read_manifest(folder).n_images == 40


# --- answers that are none, and memory that ends


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_no_answer(tmp_path: Path, fake: Fake, edges: Edges, bad: float) -> None:
    """One image has one score that is no number: it is `na`, with its reason, and the other 39 are as before."""
    straight = evaluate(Plan(fake(), edges(40)), tmp_path / "straight").answers
    classifier, said = fake(), list[str]()
    plain = classifier.log_evidence

    def broken(image_id: str, k: int) -> np.ndarray:
        row = plain(image_id, k)
        return np.concatenate([row[:-1], [bad]]) if image_id == "bear1.png" else row

    classifier.log_evidence = broken
    with np.errstate(invalid="ignore"):
        result = evaluate(Plan(classifier, edges(40)), tmp_path / "run", say=said.append)
    row = result.answers.set_index("image_id").loc["bear1.png"]
    assert (row["response"], row["reason"]) == ("na", "its scores are not finite numbers")
    assert np.isnan(row["posterior"])
    others = [answers[answers["image_id"] != "bear1.png"] for answers in (result.answers, straight)]
    pd.testing.assert_frame_equal(*others)
    assert read_trials([tmp_path / "run" / "trials"]).table.frame["response"].eq("na").sum() == 1
    assert said == ["a first image without an answer (na): its scores are not finite numbers"]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")])
def test_where_memory_ends_the_batch_is_halved(tmp_path: Path, fake: Fake, edges: Edges, error: Exception) -> None:
    """16 rows do not fit, 8 do not fit, 4 do: all answers are there, and say so."""
    classifier, said, tried = fake(), list[str](), list[int]()
    classifier.batch_size = 16
    score = classifier.score

    def hungry(stimuli: Any, labels: Any) -> Any:
        tried.append(classifier.batch_size)
        if classifier.batch_size > 4:
            raise error
        return score(stimuli, labels)

    classifier.score = hungry
    plan = Plan(classifier, edges(40))
    result = evaluate(plan, tmp_path, say=said.append)
    assert tried == [16, 8, 4, 4, 4]
    assert result.answers["batch_size"].tolist() == [4] * 40
    assert said == ["memory ended: from here on 4 rows per forward (noted with each answer)"]
    assert classifier.batch_size == 16, "so that the next data set's key is the same"
    assert plan.settings["batch_size"] == 16


def test_a_single_row_that_does_not_fit_is_said(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    classifier = fake()

    def hungry(stimuli: Any, labels: Any) -> Any:
        raise MemoryError

    classifier.score = hungry
    with pytest.raises(UserError, match="fake: out of memory with a single row; try --dtype bfloat16"):
        evaluate(Plan(classifier, edges(40)), tmp_path)


def test_another_runtime_error_is_a_fault_and_no_lack_of_memory(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    classifier = fake()

    def broken(stimuli: Any, labels: Any) -> Any:
        raise RuntimeError("shape mismatch")

    classifier.score = broken
    with pytest.raises(RuntimeError, match="shape mismatch"):
        evaluate(Plan(classifier, edges(40)), tmp_path)


# --- parts


@pytest.mark.parametrize("n", [1, 2, 3, 7])
@pytest.mark.parametrize("together", [True, False])
def test_parts_joined_are_the_whole(tmp_path: Path, fake: Fake, edges: Edges, n: int, together: bool) -> None:
    """7 parts of 3 units: some have nothing to do."""
    straight = evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "straight")
    outs = [tmp_path / ("parts" if together else f"part-{i}") for i in range(1, n + 1)]
    done = [evaluate_part(Plan(fake(draws=2), edges(40)), out, Part(i, n)) for i, out in enumerate(outs, start=1)]
    assert sum(part.images for part in done) == 40
    assert not any((out / "trials").exists() for out in outs)
    [merged] = merge(outs, tmp_path / "merged", print)
    assert (merged.what, merged.images, merged.problem) == ("fake on edge", 40, "")
    assert merged.trials is not None and merged.trials.read_bytes() == straight.trials.read_bytes()
    for kind in ("answers", "evidence"):
        ours, theirs = (
            pd.concat([pd.read_parquet(p) for p in unit_files(out, kind)]).sort_values("image_id", kind="stable")
            for out in (tmp_path / "merged", tmp_path / "straight")
        )
        pd.testing.assert_frame_equal(ours.reset_index(drop=True), theirs.reset_index(drop=True))
    notes = [read_sidecar(sidecar_path(path)) for path in (merged.trials, straight.trials)]
    assert replace(notes[0], started=None) == replace(notes[1], started=None)
    # Again, and into one of the runs: nothing changes.
    [again] = merge([*outs, tmp_path / "merged"], tmp_path / "merged", print)
    assert again.trials is not None and again.trials.read_bytes() == straight.trials.read_bytes()


def test_a_part_goes_on_where_it_stopped(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate_part(Plan(fake(stop_before=1), edges(40)), tmp_path, Part(1, 2))
    again = fake()
    done = evaluate_part(Plan(again, edges(40)), tmp_path, Part(1, 2))
    assert (done.images, done.reused, len(again.calls)) == (24, 16, 1)


def test_a_run_takes_what_parts_left_beside_it(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    straight = evaluate(Plan(fake(), edges(40)), tmp_path / "straight").trials.read_bytes()
    evaluate_part(Plan(fake(), edges(40)), tmp_path / "run", Part(2, 2))
    rest = fake()
    assert evaluate(Plan(rest, edges(40)), tmp_path / "run").trials.read_bytes() == straight
    assert [len(call) for call in rest.calls] == [16, 8]


def test_merging_says_what_is_missing_or_damaged(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate_part(Plan(fake(), edges(40)), tmp_path / "one", Part(1, 2))
    [merged] = merge([tmp_path / "one"], tmp_path / "out", print)
    assert merged.trials is None
    assert "fake on edge: 1 of 3 units are missing (numbers 1, from 0); start the jobs" in merged.problem
    evaluate_part(Plan(fake(), edges(40)), tmp_path / "two", Part(2, 2))
    [damaged] = unit_files(tmp_path / "two")
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    said: list[str] = []
    [merged] = merge([tmp_path / "one", tmp_path / "two"], tmp_path / "out", said.append)
    assert "1 of 3 units are missing" in merged.problem
    assert said == [f"{damaged}: damaged: its bytes are not those that were written"]
    assert not (tmp_path / "out" / "trials").exists()


def test_merging_refuses_other_settings_and_empty_folders(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate_part(Plan(fake(), edges(40)), tmp_path / "one", Part(1, 2))
    for other in (Plan(fake(seed=1), edges(40)), Plan(fake(), edges(39))):
        evaluate_part(other, tmp_path / f"two-{len(other.stimuli)}", Part(2, 2))
        with pytest.raises(UserError, match="holds units of 'fake' under other settings than .*; take them apart"):
            list(merge([tmp_path / "one", tmp_path / f"two-{len(other.stimuli)}"], tmp_path / "out", print))
    with pytest.raises(UserError, match="nothing: no units of a run are in it"):
        list(merge([tmp_path / "nothing"], tmp_path / "out", print))


def test_units_answered_twice_are_merged_once(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    straight = evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "straight").trials.read_bytes()
    for out, parts in (("halves", 2), ("thirds", 3)):
        for i in range(1, parts + 1):
            evaluate_part(Plan(fake(draws=2), edges(40)), tmp_path / out, Part(i, parts))
    [merged] = merge([tmp_path / "halves", tmp_path / "thirds"], tmp_path / "out", print)
    assert merged.trials is not None and merged.trials.read_bytes() == straight
    evidence = pd.concat([pd.read_parquet(p) for p in unit_files(tmp_path / "out", "evidence")])
    assert len(evidence) == 40 * 31 and not evidence.duplicated(["image_id", "label", "draw"]).any()


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="--shard is i/n with i from 1 to n, for example 2/8; got"):
        Part.read(text)


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


def test_what_is_finished_but_not_yet_written_is_written_on_the_way_out(
    tmp_path: Path, fake: Fake, edges: Edges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SHARD_IMAGES", 4096)
    with pytest.raises(KeyboardInterrupt):
        evaluate(Plan(fake(stop_before=2), edges(40)), tmp_path)
    assert evaluate(Plan(fake(), edges(40)), tmp_path).reused == 32


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


def test_what_a_classifier_calls_no_number_is_no_answer_and_the_rest_goes_on(
    tmp_path: Path, fake: Fake, edges: Edges
) -> None:
    """The unit of the bad image is asked image by image; its reason is kept and counted, the other rows are as before."""
    straight = evaluate(Plan(fake(draws=2), edges(40)), tmp_path / "straight").answers
    classifier = fake(draws=2)
    score = classifier.score

    def broken(stimuli: Any, labels: Any) -> Any:
        if any(s.image_id == "bear1.png" for s in stimuli):
            raise NotANumberError("fake: its answer is not a number; try --dtype float32")
        return score(stimuli, labels)

    classifier.score = broken
    result = evaluate(Plan(classifier, edges(40)), tmp_path / "run")
    assert [len(call) for call in classifier.calls] == [16, *[1] * 15, 8]
    row = result.answers.set_index("image_id").loc["bear1.png"]
    assert (row["response"], row["reason"]) == ("na", "fake: its answer is not a number; try --dtype float32")
    others = [a[a["image_id"] != "bear1.png"] for a in (result.answers, straight)]
    pd.testing.assert_frame_equal(*others)
    note = read_sidecar(sidecar_path(result.trials))
    assert note.unanswered == {"fake: its answer is not a number; try --dtype float32": 1}
    assert note.smaller_batches == 0
