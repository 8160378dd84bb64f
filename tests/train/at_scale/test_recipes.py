"""The two recipes are the paper's, differ in noise and epochs alone, and are found by name; settings that do not exist end in a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.train.at_scale.network import build
from reconstrue.train.at_scale.recipe import is_at_scale, load_photograph_recipe
from reconstrue.train.at_scale.settings import Settings


def test_the_recipe_is_the_papers() -> None:
    """Appendix E: 90 and 300 epochs, rate 0.1, momentum 0.9, weight decay 0.0001, 64 for each device."""
    noisy = load_photograph_recipe("resnet50-diffusion-noise")
    assert (noisy.epochs, noisy.learning_rate, noisy.momentum, noisy.weight_decay) == (300, 0.1, 0.9, 0.0001)
    assert (noisy.batch_size, noisy.side, noisy.noise) == (64, 224, True)
    plain = load_photograph_recipe("resnet50")
    assert replace(plain, name=noisy.name, about=noisy.about, epochs=300, noise=True) == noisy
    assert plain.epochs == 90 and len(plain.about) > 20


def test_the_network_is_a_resnet_50() -> None:
    """25,557,032 parameters, as every ResNet-50 with 1,000 classes has."""
    network = build(load_photograph_recipe("resnet50"), [str(i) for i in range(1000)])
    assert sum(weight.numel() for weight in network.parameters()) == 25_557_032


def test_recipes_of_both_rooms_are_told_apart() -> None:
    assert is_at_scale("resnet50") and is_at_scale("resnet50-diffusion-noise")
    assert not is_at_scale("pocket-resnet")
    with pytest.raises(UserError, match="unknown recipe on photographs 'pocket-resnet'"):
        load_photograph_recipe("pocket-resnet")


def test_changes_of_a_recipe() -> None:
    recipe = load_photograph_recipe("resnet50")
    assert recipe.changed(Settings()) == recipe
    assert {k: v for k, v in asdict(recipe.changed(Settings(epochs=2, side=64))).items() if asdict(recipe)[k] != v} == {
        "epochs": 2,
        "side": 64,
    }


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"data": None}, "resnet50 learns from photographs; give their folder with --data"),
        ({"precision": "float8"}, "unknown precision 'float8'; did you mean 'float"),
        ({"workers": -1}, "--workers must be at least 0, got -1"),
        ({"global_batch": 0}, "--global-batch must be at least 1, got 0"),
        ({"side": 31}, "--side must be at least 32, got 31"),
        ({"epochs": 0}, "--epochs must be at least 1, got 0"),
        ({"limit": 1}, "--limit must be at least 2, got 1"),
    ],
)
def test_settings_that_do_not_exist(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        replace(Settings(data=Path()), **settings).check("resnet50")


@pytest.mark.parametrize(("wanted", "processes", "accumulated"), [(None, 1, 4), (None, 4, 1), (1024, 8, 2)])
def test_a_step_is_dealt_out(wanted: int | None, processes: int, accumulated: int) -> None:
    """256 if nothing is asked: 4 micro-batches of 64 on one device, one on each of four."""
    assert Settings(global_batch=wanted).accumulated(64, processes) == accumulated


@pytest.mark.parametrize(("wanted", "processes", "multiple"), [(None, 8, 512), (100, 1, 64), (32, 1, 64)])
def test_a_step_that_cannot_be_dealt_out(wanted: int | None, processes: int, multiple: int) -> None:
    with pytest.raises(UserError, match=f"give a multiple of {multiple} with --global-batch"):
        Settings(global_batch=wanted).accumulated(64, processes)


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(app, ["train", *(str(a) for a in arguments)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("resnet5O",), "unknown recipe 'resnet5O'; did you mean 'resnet50'?"),
        (("resnet50-difusion",), "did you mean 'resnet50-diffusion-noise'?"),
        (("resnet50",), "resnet50 learns from photographs; give their folder with --data"),
        (("resnet50", "--data", "nowhere"), "nowhere: no such folder or file"),
        (("pocket-resnet", "--epochs", 3), "--epochs is for resnet50 and its twin; pocket-resnet has its own"),
    ],
)
def test_bad_trainings_begin_nothing(
    run: Callable[..., Result], tmp_path: Path, arguments: tuple[object, ...], said: str
) -> None:
    result = run(*arguments, "--out", tmp_path / "out", "--work", tmp_path / "work")
    assert result.exit_code == 2 and result.stdout == "", result.output
    assert said in result.stderr and result.stderr.count("error:") == 1 and "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists() and not (tmp_path / "work").exists()
