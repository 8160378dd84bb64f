"""A model that misbehaves while it is asked: whatever it raises or says, what was answered is kept and a later run goes on."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.run.conftest import FakeClassifier

from reconstrue.classifiers.base import Scores
from reconstrue.errors import NotANumberError, UserError
from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet

IMAGES = 40
# What networks and their libraries raise.
RAISED: dict[str, type[BaseException]] = {
    "memory": MemoryError,
    "runtime": RuntimeError,
    "value": ValueError,
    "index": IndexError,
    "file": OSError,
    "sum": FloatingPointError,
    "user": UserError,
    "not a number": NotANumberError,
    "interrupt": KeyboardInterrupt,
}
SAID = {"nan": np.nan, "infinity": np.inf, "minus infinity": -np.inf}


def edges() -> StimulusSet:
    def read() -> Any:
        return np.full((4, 4, 3), 200, dtype=np.uint8)

    shown = [(CATEGORIES[i % 16], i) for i in range(IMAGES)]
    return StimulusSet(
        "edge",
        tuple(Stimulus(f"{c}{i}.png", f"0001_e_dnn_0_{c}_00_{c}{i}.png", c, "0", "", read) for c, i in shown),
        None,
    )


class Misbehaving(FakeClassifier):
    """Does at each call what its script says for that call, and then answers as it should."""

    def __init__(self, script: Sequence[str | None]) -> None:
        super().__init__()
        self.script = list(script)
        self.asked = 0

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        act = self.script[self.asked] if self.asked < len(self.script) else None
        self.asked += 1
        if act in RAISED:
            raise RAISED[act]("the model gave up")
        scores = super().score(stimuli, labels)
        if act is not None:
            spoilt = scores.log_evidence.copy()
            spoilt[len(stimuli) // 2, 3] = SAID[act]
            return replace(scores, log_evidence=spoilt)
        return scores


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return evaluate(Plan(FakeClassifier(), edges()), tmp_path_factory.mktemp("straight")).answers.set_index("image_id")


@settings(max_examples=20)
@given(st.lists(st.sampled_from([None, *RAISED, *SAID]), max_size=6))
def test_answers_are_right_or_none_whatever_the_model_does(straight: Any, script: list[str | None]) -> None:
    with tempfile.TemporaryDirectory() as folder, np.errstate(invalid="ignore"):
        model = Misbehaving(script)
        for _ in range(len(script) + 1):
            # The same command again, as often as it takes: each time the script is further on.
            try:
                result = evaluate(Plan(model, edges()), Path(folder))
            except tuple(RAISED.values()):
                continue
            break
        answers = result.answers.set_index("image_id")
    assert sorted(answers.index) == sorted(straight.index), "none lost, none twice"
    none = answers["response"] == "na"
    assert (answers["response"][~none] == straight["response"].reindex(answers.index)[~none]).all()
    assert (answers["reason"][none] != "").all() and (answers["reason"][~none] == "").all()
    spoilt = sum(act in SAID for act in script[: model.asked])
    assert none.sum() <= spoilt + sum(act == "not a number" for act in script[: model.asked])
