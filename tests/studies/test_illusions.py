"""The two-prompt test: made-up models whose figures are known, tiny networks through the whole command, one-line errors."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.tiny import save_stable_diffusion
from tests.tiny_masked import save_tiny_amused
from typer.testing import CliRunner

from reconstrue.classifiers.load import load_classifier
from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.report.figures.illusions import figure_illusions
from reconstrue.seeding import stream
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.illusions import KINDS, Illusion, illusion_set
from reconstrue.studies.illusions import ALL, SHOWN, Drawn, Redraw, ask, check, in_words, redrawer, summarise, to_csv

ILLUSIONS = illusion_set(8, 0)


def _painter(strength: float, illusions: Sequence[Illusion] = ILLUSIONS) -> Redraw:
    """A model that knows the illusions: under a reading it paints that reading's parts, under a wrong prompt noise."""
    known = {one.stimulus().image_id: one for one in illusions}

    def redraw(stimulus: Stimulus, categories: Sequence[str], t: float, draw: int) -> Drawn:
        x = stimulus.read() / 255
        pictures, distances = [], []
        one = known.get(stimulus.image_id)
        for index, category in enumerate(categories):
            noise = stream(0, stimulus.image_id, category, draw, f"{t}").normal(size=x.shape)
            painted = x + 0.05 * noise
            if one is not None and index < 2:
                painted = painted + strength * one.masks[index][..., None]
            pictures.append(painted)
            distances.append(1.0 if index < 2 else 2.0)
        return Drawn(np.stack(pictures), np.array(distances))

    return redraw


def test_a_model_that_paints_the_parts_reaches_the_top_and_one_that_ignores_the_prompt_stays_at_chance() -> None:
    seeing, _ = ask(_painter(2.0), ILLUSIONS, 2, (0.3, 0.8))
    blind, _ = ask(_painter(0.0), ILLUSIONS, 2, (0.3, 0.8))
    top, chance = summarise(seeing, 0, 200)[0], summarise(blind, 0, 200)[0]
    assert top.kind == top.level == ALL
    assert top.localisation.value == pytest.approx(1.0, abs=1e-3) and top.localisation.n == 8
    assert top.beyond.low > 0.3 and "where they lie;" in in_words("m", top)
    for control in (top.wrong, top.alone, chance.localisation, chance.wrong, chance.alone):
        assert abs(control.value - 0.5) < 0.05
    assert chance.beyond.low < 0 < chance.beyond.high and "no evidence" in in_words("m", chance)
    # Its distances are 1 under the readings and 2 under the wrong prompts.
    assert top.both.value == 1.0 and top.first.value == 0.0 and top.own.value == 0.0


def test_answers_are_of_every_picture_control_and_level() -> None:
    told = []
    answers, rows = ask(
        _painter(1.0), ILLUSIONS, 1, (0.3, 0.8), tell=lambda what, done, total: told.append((done, total))
    )
    assert len(answers) == 8 * 3 * 3 and told == [(i, 8) for i in range(1, 9)]
    assert [(a.shown, a.level) for a in answers[:9]] == [(s, level) for s in SHOWN for level in (ALL, "0.3", "0.8")]
    assert [row.kind for row in rows] == list(KINDS)
    groups = summarise(answers, 0, 50)
    assert [(g.kind, g.level) for g in groups] == [
        (kind, level) for kind in (ALL, *KINDS) for level in (ALL, "0.3", "0.8")
    ]
    assert groups[-1].localisation.n == 2
    table = list(csv.DictReader(to_csv(answers).splitlines()))
    assert len(table) == 72 and table[0]["first"] == answers[0].categories[0]
    assert float(table[1]["distance_wrong_2"]) == 2.0
    assert table[0]["nearest"] in answers[0].categories[:2]
    figure_illusions(rows, "made-up", "t = 0.8")


def test_a_level_with_large_changes_does_not_drown_the_others() -> None:
    """At 0.8 everything is a hundred times larger and at chance; at 0.3 the parts are right: together it is in between."""
    painter = _painter(2.0)

    def redraw(stimulus: Stimulus, categories: Sequence[str], t: float, draw: int) -> Drawn:
        made = painter(stimulus, categories, t, draw)
        if t < 0.5:
            return made
        noise = stream(1, stimulus.image_id, draw).normal(size=made.pictures.shape)
        return Drawn(100 * noise, 1e4 * made.distances)

    answers, _ = ask(redraw, ILLUSIONS, 2, (0.3, 0.8))
    whole, low, high = summarise(answers, 0, 100)[:3]
    assert low.localisation.value > 0.99 and abs(high.localisation.value - 0.5) < 0.1
    assert whole.localisation.value > 0.75


@pytest.mark.parametrize("kind", ["diffusion", "masked"])
def test_the_command_writes_everything_and_repeats_itself(kind: str, tmp_path: Path) -> None:
    model = tmp_path / "tiny"
    if kind == "diffusion":
        save_stable_diffusion(model, "epsilon")
    else:
        save_tiny_amused(model)
    command = ["illusions", "--model", str(model), "--count", "2", "--draws", "1", "--t", "0.6", "--resamples", "20"]
    texts = []
    for folder in ("one", "two"):
        result = CliRunner().invoke(app, [*command, "--out", str(tmp_path / folder)])
        assert result.exit_code == 0, result.output
        assert "localisation" in result.output
        texts.append((tmp_path / folder / "illusions.json").read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    said = json.loads(texts[0])
    assert said["settings"]["t"] == [0.6] and said["groups"][0]["localisation"]["n"] == 2
    assert {p.name for p in (tmp_path / "one").iterdir()} == {
        "illusions.json",
        "illusions.csv",
        "illusions.svg",
        "illusions.png",
    }


def test_masked_draws_are_of_different_masks(tmp_path: Path) -> None:
    save_tiny_amused(tmp_path / "tiny")
    redraw = redrawer(load_classifier(str(tmp_path / "tiny")))
    stimulus = ILLUSIONS[0].stimulus()
    first, again, other = (redraw(stimulus, ["cat", "dog"], 0.5, draw) for draw in (0, 0, 1))
    np.testing.assert_array_equal(first.pictures, again.pictures)
    assert not np.array_equal(first.pictures, other.pictures)


def test_a_model_that_draws_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="pocket-resnet: draws no picture again"):
        redrawer(load_classifier("pocket-resnet"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0, 1, (0.5,), 0), "--count must be at least 1, got 0"),
        ((1, 0, (0.5,), 0), "--draws must be at least 1"),
        ((1, 1, (), 0), "--t must be above 0"),
        ((1, 1, (0.0,), 0), "--t must be above 0"),
        ((1, 1, (0.5, 0.5), 0), "each once"),
        ((1, 1, (math.nan,), 0), "--t must be above 0"),
        ((1, 1, (0.5,), -1), "--resamples must be at least 0"),
    ],
)
def test_numbers_out_of_range_are_refused(given: tuple[int, int, tuple[float, ...], int], said: str) -> None:
    with pytest.raises(UserError, match=said):
        check(*given)
