"""A finished run, opened: its summary, its answers, and its pictures where they can be found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.faults.fake import FakeClassifier

from reconstrue.app.pictures import run_html
from reconstrue.app.runs import open_run
from reconstrue.errors import UserError
from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan
from reconstrue.stimuli.sources import locate
from reconstrue.stimuli.world.sets import world_set


def test_answers_come_with_the_pictures_of_their_own_seed(run: Path) -> None:
    (opened,) = open_run(str(run))
    assert opened.name == "fake on cue-conflict"
    assert opened.summary.startswith("accuracy ") and "on 30 images" in opened.summary
    assert opened.problems == ()
    shown, total = opened.pick("all", 0, 5)
    assert (len(shown), total) == (5, 30)
    for answer, stimulus in zip(shown, world_set("cue-conflict", 30, 3), strict=False):
        assert answer.name == stimulus.imagename and answer.category == stimulus.category
        assert answer.picture is not None
        np.testing.assert_array_equal(answer.picture, stimulus.read())
        assert max(answer.log_evidence, key=answer.log_evidence.__getitem__) == answer.response
        assert 1 / 16 < answer.p_correct <= 1
    html = run_html(opened, shown, 0, total)
    assert html.count("<img") == 5 and "1 to 5 of 30 answers" in html


def test_right_and_wrong_answers_are_told_apart(run: Path) -> None:
    (opened,) = open_run(str(run))
    picked = {verdict: opened.pick(verdict, 0, 100)[0] for verdict in ("right", "wrong", "none")}
    assert sum(map(len, picked.values())) == 30
    assert all(answer.response == answer.category for answer in picked["right"])
    assert picked["wrong"] and all(answer.response != answer.category for answer in picked["wrong"])
    assert opened.pick("wrong", 1, 1)[0][0].name == picked["wrong"][1].name
    assert "No such answer" in run_html(opened, [], 0, 0)


def test_pictures_of_ones_own_are_found_where_they_are_said_to_be(tmp_path: Path) -> None:
    for category in ("cat", "dog"):
        (tmp_path / "edge" / category).mkdir(parents=True)
        Image.new("RGB", (64, 64), "white").save(tmp_path / "edge" / category / f"{category}.png")
    source = locate("edge", str(tmp_path), limit=None, seed=0)
    classifier = FakeClassifier()
    evaluate(Plan(classifier, source.stimuli, catalogue_images=None, world=source.world), tmp_path / "run")
    (without,) = open_run(str(tmp_path / "run"))
    assert without.problems == ("the run was on pictures of your own: name their folder to see them",)
    assert all(answer.picture is None for answer in without.pick("all", 0, 9)[0])
    (found,) = open_run(str(tmp_path / "run"), str(tmp_path))
    assert found.problems == ()
    assert all(answer.picture is not None for answer in found.pick("all", 0, 9)[0])
    (tmp_path / "edge" / "dog" / "dog.png").unlink()
    (fewer,) = open_run(str(tmp_path / "run"), str(tmp_path))
    assert fewer.problems == (f"1 of 2 pictures are not in {tmp_path}",)


@pytest.mark.parametrize(
    ("folder", "why"), [("", "name the folder"), ("nowhere", "no such folder"), (".", "no units of a run")]
)
def test_what_is_no_run_is_said_in_one_line(
    folder: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=why):
        open_run(folder)
