"""`reconstrue reconstruct`: what it prints and writes, and one line with exit code 2 for what it cannot do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.text import Text
from typer.testing import CliRunner, Result

import reconstrue
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set
from reconstrue.studies.reconstruct import Ways, distances_by_ability, load_drawer
from tests import tiny
from tests.tiny_discriminative import save_clip
from tests.tiny_masked import save_tiny_amused

Run = Callable[..., Result]
TWO = ("--prompt", "a cat", "--prompt", "a truck")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny.save_stable_diffusion(folder / "latent", "v_prediction")
    save_tiny_amused(folder / "masked")
    tiny.save_resnet(folder / "resnet")
    save_clip(folder / "clip")
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    paths = []
    for stimulus in world_set("original", 2, 0):
        paths.append(folder / f"{stimulus.category}.png")
        Image.fromarray(stimulus.read()).save(paths[-1])
    return paths


@pytest.fixture
def run(models: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(models)
    return lambda *arguments: CliRunner().invoke(app, ["reconstruct", *map(str, arguments)])


def refused(result: Result, pattern: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    errors = [line for line in Text.from_ansi(result.stderr).plain.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, result.stderr
    assert re.search(pattern, errors[0]), errors[0]
    assert "Traceback" not in result.stderr


def about(path: Path) -> dict[str, object]:
    with Image.open(path) as picture:
        found: dict[str, object] = json.loads(picture.info["Description"])
        return found


def test_a_picture_at_several_levels(run: Run, pictures: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "new" / "grid.png"
    result = run(pictures[0], *TWO, "-m", "latent", "--t", 0.3, "--t", 0.9, "--steps", 2, "--guidance", 3, "--seed", 5,
                 "--decide", "-o", out, "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    said = json.loads(line)
    assert said["image"] == str(pictures[0])
    assert [row["t"] for row in said["rows"]] == [0.3, 0.9]
    for row in said["rows"]:
        assert list(row["distances"]) == ["a cat", "a truck"]
        assert row["nearest"] == min(row["distances"], key=row["distances"].get)
    assert said["decision"] in ("a cat", "a truck")
    assert sum(said["posterior"].values()) == pytest.approx(1)
    kept = about(out)
    assert kept == said["settings"]
    assert kept | {"weights": ""} == {
        "model": "latent", "image": pictures[0].name, "prompts": ["a cat", "a truck"], "t": [0.3, 0.9], "steps": 2,
        "steps_taken": [2, 2], "guidance": 3.0, "seed": 5, "weights": "", "dtype": "float32", "device": "cpu",
        "reconstrue": reconstrue.__version__,
    }  # fmt: skip
    again = tmp_path / "again.png"
    assert run(pictures[0], *TWO, "-m", "latent", "--seed", 5, "--t", 0.3, "--t", 0.9, "--steps", 2, "--guidance", 3,
               "--decide", "-o", again).exit_code == 0  # fmt: skip
    assert again.read_bytes() == out.read_bytes()


def test_plain_generation_needs_no_picture(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "dog.svg"
    result = run("--prompt", "a cat", "-m", "latent", "--t", 1, "--steps", 2, "-o", out, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["image"] is None
    assert said["rows"] == [{"t": 1.0, "distances": {"a cat": None}, "nearest": None}]
    assert "&quot;steps&quot;: 2" in out.read_text() or '"steps": 2' in out.read_text()


def test_several_pictures_go_into_a_folder_and_a_bad_one_stops_nothing(
    run: Run, pictures: list[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    result = run(pictures[0], bad, pictures[1], *TWO, "-m", "masked", "--t", 0.25, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert f"{bad}: not a picture" in Text.from_ansi(result.stderr).plain.replace("\n", " ")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in pictures)
    for path in pictures:
        # A quarter of 16 tokens; what a picture shows is not changed by its company.
        assert f"{path.name}" in result.stdout
        assert about(tmp_path / "out" / path.name)["t"] == [0.25]
        assert "guidance" not in about(tmp_path / "out" / path.name)
    alone = tmp_path / "alone.png"
    assert run(pictures[1], *TWO, "-m", "masked", "--t", 0.25, "-o", alone).exit_code == 0
    assert alone.read_bytes() == (tmp_path / "out" / pictures[1].name).read_bytes()


@pytest.mark.parametrize(
    ("model", "pattern"),
    [
        ("pocket-parti", "pocket-parti is a model of the kind autoregressive: it writes .*; give a diffusion, flow or masked"),
        ("pocket-clip", "kind contrastive: it compares pictures with words and draws none"),
        ("resnet", "resnet is a model of the kind supervised: it names what a picture shows"),
        ("clip", "clip is a model of the kind contrastive"),
        ("nowhere", "nowhere"),
    ],
)  # fmt: skip
def test_models_that_draw_nothing_are_refused(
    run: Run, pictures: list[Path], tmp_path: Path, model: str, pattern: str
) -> None:
    refused(run(pictures[0], *TWO, "-m", model, "-o", tmp_path / "x.png"), pattern)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("model", "given", "pattern"),
    [
        ("latent", (*TWO, "--t", "1.5"), "--t must lie within 0 and 1, got 1.5"),
        ("latent", (*TWO, "--t", "nan"), "--t must lie within"),
        ("latent", (*TWO, "--t", "0.5", "--t", "0.5"), "--t is given twice"),
        ("latent", (*TWO, "--steps", "0"), "--steps must lie within 1 and 1000"),
        ("latent", (*TWO, "--guidance", "-1"), "--guidance must be"),
        ("latent", (*TWO, "--prompt", "a cat"), "prompt is given twice"),
        ("latent", ("--prompt", " "), "a prompt is empty"),
        ("latent", ("--prompt", "a cat", "--decide"), "--decide is between two prompts"),
        ("latent", ("--prompt", "a cat", "--prompt", "A cat"), "reads 'a cat' and 'A cat' alike"),
        ("latent", ("--prompt", "a xyzzy"), "latent has no word for 'a xyzzy'; give others"),
        ("masked", ("--prompt", "a xyzzy"), "masked has no word for 'a xyzzy'; give others"),
        ("masked", (*TWO, "--guidance", "2"), "--guidance is for diffusion and flow models; masked is a masked one"),
        ("masked", (*TWO, "--t", "0"), "--t 0 would hide nothing"),
    ],
)
def test_one_line_for_a_wrong_choice(
    run: Run, pictures: list[Path], tmp_path: Path, model: str, given: tuple[str, ...], pattern: str
) -> None:
    refused(run(pictures[0], *given, "-m", model, "-o", tmp_path / "x.png"), pattern)


def test_one_line_for_a_wrong_out_or_a_missing_picture(run: Run, pictures: list[Path], tmp_path: Path) -> None:
    refused(run(pictures[0], *TWO, "-m", "latent", "-o", tmp_path / "x.bmp"), r"written as \.svg, \.png or \.pdf")
    refused(run(*pictures, *TWO, "-m", "latent", "-o", tmp_path / "x.png"), "several pictures need a folder")
    (tmp_path / "b").mkdir()
    twin = tmp_path / "b" / pictures[0].name
    twin.write_bytes(pictures[0].read_bytes())
    refused(run(pictures[0], twin, *TWO, "-m", "latent", "-o", tmp_path / "out"), "another picture's figure is called")
    refused(run(tmp_path / "no.png", *TWO, "-m", "latent", "-o", tmp_path / "x.png"), "no such file")
    refused(run(*TWO, "-m", "latent", "--t", "0.5", "-o", tmp_path / "x.png"), "without a picture .* give --t 1")
    refused(run(*TWO, "-m", "masked", "-o", tmp_path / "x.png"), "masked fills in what is hidden of a picture")


@pytest.mark.parametrize("model", ["latent", "masked"])
def test_what_distances_go_by_over_pictures(models: Path, model: str) -> None:
    stimuli = world_set("original", 6, 0).stimuli
    labels = tuple(dict.fromkeys(s.category for s in stimuli))
    drawer = load_drawer(str(models / model), Options())
    ways = Ways(t=(0.5,), steps=1)
    found = distances_by_ability(drawer, stimuli, ways, labels=labels, resamples=50)
    assert found.prompts == len(labels)
    assert found.right_nearest.n == 6
    assert found == distances_by_ability(drawer, stimuli, ways, labels=labels, resamples=50)
    assert np.isfinite([found.with_change.low, found.with_class.high]).all()
    with pytest.raises(UserError, match="is none of the labels"):
        distances_by_ability(drawer, stimuli, ways, labels=labels[1:])


def test_a_drawer_is_the_classifier_of_the_front_door(models: Path) -> None:
    assert (
        load_drawer(str(models / "latent"), Options()).settings() == load_classifier(str(models / "latent")).settings()
    )
