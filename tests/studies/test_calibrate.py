"""Calibration from finished runs: the temperature that made the answers is found, and what cannot be fitted is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax
from typer.testing import CliRunner

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.run.local import Part, evaluate, evaluate_part
from reconstrue.run.plan import Plan
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.studies.calibrate import calibrate

TEMPERATURE = 0.02


class Telling(Classifier):
    """Its scores are such that softmax(score / T) is the chance of being right, for T = `TEMPERATURE`."""

    def __init__(self, name: str = "telling", temperature: float | None = None) -> None:
        self.name, self.model_type, self.resolution, self.batch_size = name, "zero-shot", 4, 64
        self.temperature = temperature

    def settings(self) -> dict[str, object]:
        return {"kind": "telling"}

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        rows = []
        for s in stimuli:
            rng = stream(0, s.image_id, "scores")
            scores = rng.normal(0, 2, len(labels))
            # Columns are turned round so that the label drawn by its own probability is the true one.
            drawn = rng.choice(len(labels), p=softmax(scores))
            rows.append(TEMPERATURE * np.roll(scores, labels.index(s.category) - drawn))
        evidence = np.stack(rows)
        return Scores(tuple(labels), evidence, softmax(evidence, axis=1), np.ones(len(rows), dtype=np.int64))


def pixels() -> np.ndarray:
    return np.full((4, 4, 3), 255, dtype=np.uint8)


def stimuli(count: int) -> StimulusSet:
    shown = [(f"{CATEGORIES[i % 16]}{i}.png", CATEGORIES[i % 16]) for i in range(count)]
    return StimulusSet("edge", tuple(Stimulus(n, f"0001_edg_dnn_0_{c}_00_{n}", c, "0", "", pixels) for n, c in shown))


def test_the_temperature_is_found_in_a_run_and_in_its_parts(tmp_path: Path) -> None:
    evaluate(Plan(Telling(), stimuli(1600)), tmp_path / "whole")
    for number in (1, 2):
        evaluate_part(Plan(Telling(), stimuli(1600)), tmp_path / "parts", Part(number, 2))
    [whole] = calibrate([tmp_path / "whole"], print)
    assert whole.temperature == pytest.approx(TEMPERATURE, rel=0.1)
    assert whole.ece_p_correct < 0.06 < whole.ece_posterior
    assert np.isnan(whole.ece_draws)
    [parts] = calibrate([tmp_path / "parts"], print)
    assert (parts.images, parts.accuracy) == (1600, whole.accuracy)
    assert parts.temperature == pytest.approx(whole.temperature)


def test_p_correct_is_kept_with_the_answers_and_belongs_to_the_key(tmp_path: Path) -> None:
    plain, warm = (Plan(Telling(temperature=t), stimuli(32)) for t in (None, TEMPERATURE))
    assert plain.key != warm.key
    assert evaluate(plain, tmp_path / "plain").answers["p_correct"].isna().all()
    answers = evaluate(warm, tmp_path / "warm").answers
    by_hand = softmax(np.stack(answers["log_evidence"].to_numpy()) / TEMPERATURE, axis=1).max(axis=1)
    assert answers["p_correct"].to_numpy() == pytest.approx(by_hand)
    assert not np.allclose(answers["p_correct"], answers["posterior"])


def test_what_cannot_be_fitted_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no units of a run are in it"):
        calibrate([tmp_path], print)
    evaluate(Plan(Telling(), stimuli(32)), tmp_path / "a")
    evaluate(Plan(Telling(temperature=1.0), stimuli(32)), tmp_path / "b")
    with pytest.raises(UserError, match="under other settings"):
        calibrate([tmp_path / "a", tmp_path / "b"], print)
    for file in (tmp_path / "a" / "units").glob("*/answers-*"):
        file.write_bytes(b"")
    said: list[str] = []
    with pytest.raises(UserError, match="no finished units"):
        calibrate([tmp_path / "a"], said.append)
    assert "damaged" in said[0]


def test_the_command_prints_a_table_and_json(tmp_path: Path) -> None:
    evaluate(Plan(Telling(), stimuli(160)), tmp_path / "run")
    table = CliRunner().invoke(app, ["calibrate", str(tmp_path / "run")])
    assert table.exit_code == 0 and "telling" in table.stdout and "160" in table.stdout
    said = CliRunner().invoke(app, ["calibrate", str(tmp_path / "run"), "--json"])
    found = json.loads(said.stdout)
    assert found["observer"] == "telling" and found["ece_draws"] is None and 0 < found["temperature"] < 1
