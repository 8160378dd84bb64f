"""The shipped weights answer as they did when they were shipped, are small, and were recorded."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.golden.pocket import ANSWERS, MODELS, SETS, answers

from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.train.recipe import load_recipe

PACKAGED = [name for name, card in load_cards().items() if card.packaged is not None]


@pytest.mark.parametrize("dataset", SETS)
@pytest.mark.parametrize("model", MODELS)
def test_the_stored_answers_hold(model: str, dataset: str) -> None:
    stored = json.loads(ANSWERS.read_text(encoding="utf-8"))[model][dataset]
    found = answers(model, dataset)
    assert found["decisions"] == stored["decisions"]
    assert found["evaluations"] == stored["evaluations"]
    np.testing.assert_allclose(found["log_evidence"], stored["log_evidence"], rtol=2e-3, atol=2e-3)


def test_every_packaged_model_has_stored_answers() -> None:
    assert sorted(json.loads(ANSWERS.read_text(encoding="utf-8"))) == sorted(PACKAGED)


@pytest.mark.parametrize("name", PACKAGED)
def test_weights_are_small_half_precision_safetensors(name: str) -> None:
    folder = load_cards()[name].packaged
    assert folder is not None
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) <= 7_000_000
    assert not [p for p in files if p.suffix in {".bin", ".pt", ".pth", ".pkl", ".ckpt"}]
    weights = [p for p in files if p.suffix == ".safetensors"]
    assert weights
    for path in weights:
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        kinds = {entry["dtype"] for key, entry in header.items() if key != "__metadata__"}
        assert kinds <= {"F16", "I64"}  # I64: batch norm's counter


@pytest.mark.parametrize("name", PACKAGED)
def test_the_training_is_recorded(name: str) -> None:
    folder = load_cards()[name].packaged
    assert folder is not None
    record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    recipe = load_recipe(name)
    assert record["recipe"]["seed"] == recipe.seed
    assert record["recipe"]["steps"] == recipe.steps
    cost = record["cost"]
    assert cost["hours"] > 0
    assert cost["pictures"] == recipe.steps * recipe.batch_size
    assert record["reached"]["accuracy"] > 0.5
    log = (folder / "log.csv").read_text(encoding="utf-8").strip().splitlines()
    assert log[-1].split(",")[0] == str(recipe.steps)


def test_a_pocket_model_loads_the_way_a_folder_does() -> None:
    folder = load_cards()["pocket-pixel"].packaged
    by_card = load_classifier("pocket-pixel", Options())
    by_folder = load_classifier(str(folder), Options())
    assert by_card.settings() == by_folder.settings()
