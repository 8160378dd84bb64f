"""The commands of long runs: parts of a run, joined."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from reconstrue.cli.answering import evaluate
from reconstrue.cli.running import merge

app = typer.Typer()
app.command()(evaluate)
app.command()(merge)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def asked(out: Path, *more: object) -> Result:
    return run("evaluate", "-m", "pocket-resnet", "-d", "silhouette", "--stimuli", "pocket", "--limit", 48, "-o", out, *more)  # fmt: skip


def test_parts_are_joined_by_the_command(tmp_path: Path) -> None:
    assert asked(tmp_path / "straight").exit_code == 0
    first = asked(tmp_path / "run", "--shard", "1/2")
    assert first.exit_code == 0, first.output
    assert "silhouette: part 1 of 2, 32 images, is answered" in first.stdout and ".csv" not in first.stdout
    early = run("merge", tmp_path / "run", "--out", tmp_path / "run")
    assert early.exit_code == 2
    assert "pocket-resnet on silhouette: 1 of 3 units are missing" in early.stderr
    assert asked(tmp_path / "run", "--shard", "2/2").exit_code == 0
    joined = run("merge", tmp_path / "run", "--out", tmp_path / "run")
    assert joined.exit_code == 0, joined.output
    assert "pocket-resnet on silhouette: 48 images" in joined.stdout
    name = "trials/silhouette/silhouette_pocket-resnet_session-1.csv"
    assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "straight" / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shard", "3/2"], "--shard is i/n with i from 1 to n, for example 2/8; got 3/2"),
        (["--engine", "rya"], "unknown engine 'rya'"),
        (["--workers", "2"], "--workers is for --engine ray"),
        (["--gpus-per-worker", "0.5"], "--gpus-per-worker is for --engine ray"),
        (["--ray-address", "auto"], "--ray-address is for --engine ray"),
    ],
)
def test_bad_options_are_refused_before_the_work(tmp_path: Path, options: list[str], said: str) -> None:
    result = asked(tmp_path / "run", *options)
    assert result.exit_code == 2 and said in result.stderr
    assert not (tmp_path / "run").exists()


def test_merging_nothing_is_refused(tmp_path: Path) -> None:
    result = run("merge", tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 2 and "no units of a run are in it" in result.stderr
