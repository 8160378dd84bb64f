"""The commands about stimuli, run as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from reconstrue.cli import stimuli as commands
from reconstrue.errors import UserError
from reconstrue.stimuli import classics, sources
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.folders import read_picture
from reconstrue.stimuli.sources import locate

app = typer.Typer()
app.command()(commands.datasets)
app.command()(commands.distort)
app.command("make-dataset")(commands.make_dataset)
app.add_typer(commands.data, name="data")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder of the package."""
    monkeypatch.setattr(sources, "data_folder", lambda: tmp_path / "data")
    return tmp_path / "data"


def run(*arguments: object, code: int = 0) -> str:
    """Run a command, check its exit code, return all that it wrote."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def edge_pictures(folder: Path) -> Path:
    for category in CATEGORIES:
        for i in range(1, 11):
            path = folder / category / f"{category}{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (2, 2), i).save(path)
    return folder


def photographs(folder: Path, each: int = 2) -> Path:
    rng = np.random.default_rng(0)
    for category in ("cat", "dog"):
        for i in range(each):
            path = folder / category / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(path)
    return folder


def test_datasets_shows_what_is_on_disk(data: Path) -> None:
    edge_pictures(data / "stimuli" / "edge")
    (data / "stimuli" / "edge" / "dog" / "dog3.png").unlink()
    output = run("datasets")
    assert "159 of 160" in output and "0 of 1,280" in output and "0 of 10" in output
    assert "18,080 images, 90 sessions of people" in output


def test_datasets_as_json_has_the_whole_catalogue(data: Path) -> None:
    edge_pictures(data / "stimuli" / "edge")
    entries = {entry["name"]: entry for entry in json.loads(run("datasets", "--json"))}
    assert len(entries) == 17
    edge = entries["edge"]
    assert (edge["images_on_disk"], edge["sessions_on_disk"]) == (160, 0)
    assert edge["on_disk"] == str(data / "stimuli" / "edge") and edge["trials_on_disk"] == ""
    assert entries["uniform-noise"]["control"] == "0"
    assert len(edge["trials_sha256"]) == edge["n_sessions"] == 10


def test_one_data_set_is_shown_whole(data: Path) -> None:
    output = run("datasets", "cue-conflict")
    for said in ("CC BY 4.0", "Geirhos et al. 2019", "releases/download/v0.1/cue-conflict.tar.gz", "conflict", "1280"):
        assert said in output
    assert [entry["name"] for entry in json.loads(run("datasets", "edge", "--json"))] == ["edge"]
    assert "did you mean edge" in run("datasets", "egde", code=2)


def test_fetch_from_a_folder_and_then_evaluate_needs_no_folder(data: Path, tmp_path: Path) -> None:
    edge_pictures(tmp_path / "mirror" / "edge")
    output = run("data", "fetch", "edge", "--images", "--from", tmp_path / "mirror")
    assert "edge: 160 pictures, fetched" in output
    assert (data / "reconstrue-data.lock").is_file()
    assert locate("edge", None, limit=None, seed=0).stimuli.subset_reason is None
    assert "edge: 160 pictures, already there" in run(
        "data", "fetch", "edge", "--images", "--from", tmp_path / "mirror"
    )


def test_fetch_says_which_folder_the_benchmark_reads(shared_data: Path, tmp_path: Path) -> None:
    output = run("data", "fetch", "stylized", "--trials", "--from", shared_data, "--to", tmp_path / "d")
    assert "stylized: 5 sessions of people, fetched" in output
    assert f"people's trials for the benchmark: --trials {tmp_path / 'd' / 'trials'}" in output
    assert len(list((tmp_path / "d" / "trials" / "stylized").iterdir())) == 5


def test_fetch_goes_on_with_the_others_and_says_what_failed(data: Path, tmp_path: Path) -> None:
    edge_pictures(tmp_path / "mirror" / "edge")
    output = run("data", "fetch", "sketch", "edge", "--images", "--from", tmp_path / "mirror", code=2)
    assert "edge: 160 pictures, fetched" in output
    assert "error:" in output and "holds no pictures of sketch" in output


def test_without_a_network_fetch_says_one_line(data: Path) -> None:
    output = run("data", "fetch", "--from", "http://127.0.0.1:9", code=2)
    errors = [line for line in output.splitlines() if "error:" in line]
    assert len(errors) == 1 and "cannot be reached" in errors[0] and "--from" in errors[0]


def test_fetch_of_an_unknown_set(data: Path) -> None:
    assert "did you mean edge" in run("data", "fetch", "egde", code=2)


def test_distort_writes_a_picture(tmp_path: Path) -> None:
    source = photographs(tmp_path / "in") / "cat" / "0.png"
    output = run("distort", source, tmp_path / "out.png", "--kind", "low-pass", "--level", "10")
    assert "low-pass 10, 50 × 40" in output
    assert read_picture(tmp_path / "out.png").shape == (40, 50, 3)
    assert "of low-pass: it must be" in run(
        "distort", source, tmp_path / "out.png", "--kind", "low-pass", "--level", "far", code=2
    )


def test_make_dataset_and_read_it_back(tmp_path: Path) -> None:
    photographs(tmp_path / "in")
    output = run(
        "make-dataset", tmp_path / "in", "--out", tmp_path / "out", "-d", "low-pass", "-d", "colour", "--size", 32
    )
    assert "low-pass: 4 pictures" in output and f"--stimuli {tmp_path / 'out'}" in output
    source = locate("colour", str(tmp_path / "out"), limit=None, seed=0)
    assert len(source.stimuli) == 4 and source.world == "own"
    assert "holds files already" in run(
        "make-dataset", tmp_path / "in", "--out", tmp_path / "out", "-d", "colour", code=2
    )


def test_the_classics_are_fetched_with_what_to_prompt(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(url: str, path: Path, tell: object) -> None:
        if "Arcimboldo" in url:
            raise UserError(f"{url}: there is no network here")
        path.write_bytes(b"picture")

    monkeypatch.setattr(classics, "download", reached)
    output = run("data", "classics", code=2)
    assert "Duck-Rabbit.png: “an image of a duck” / “an image of a rabbit” (Public domain)" in output
    assert "rock: by hand from https://" in output
    assert "Arcimboldo_Vegetables.jpg: there is no network here" in output
    assert (data / "illusions" / "Duck-Rabbit.png").is_file()
