"""Trial files and their sidecars of any content: read, or left out in one line that names the file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from tests.hostile import corpus
from tests.hostile.ending import ending, endings, files_under, one_line
from typer.testing import CliRunner

from reconstrue.cli import app
from reconstrue.stimuli.catalog import dataset
from reconstrue.trials.sidecar import Sidecar, join_sidecars, read_sidecar, write_sidecar
from reconstrue.trials.table import TrialTable, read_csv, read_trials, write_csv

EDGE = dataset("edge")
SIDECAR = Sidecar("model", "edge", "zero-shot", True, "a sample", 12, 160, "0" * 64, unanswered={"no number": 2})


def place(folder: Path, content: bytes, observer: str = "model") -> Path:
    path = folder / "edge" / f"edge_{observer}_session-1.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_trial_files_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    files = corpus.trial_files()

    def read(name: str) -> TrialTable:
        return read_csv(place(tmp_path, files[name]), EDGE)

    found = endings(files, read)
    assert len(found) >= 150
    assert all(str(tmp_path) in said for said in found.values() if said), "they name the file"
    for name in ("header alone", "zeros", "utf-16", "a page", "zip", "semicolons", "two observers", "people", "quote that never closes"):  # fmt: skip
        assert found[name], f"{name} was read"
    assert not found["columns twice"]


def test_a_folder_goes_on_without_the_damaged_files(tmp_path: Path) -> None:
    files = corpus.trial_files()
    for i, content in enumerate(files.values()):
        place(tmp_path, content.replace(b"model", f"m{i}".encode()), f"m{i}")
    place(tmp_path, corpus.table(corpus.trial_rows()), "model")
    found = read_trials([tmp_path])
    assert "model" in found.table.models
    assert len(found.table.files) + len(found.problems) == len(files) + 1
    for problem in found.problems:
        one_line(str(problem))


@given(st.lists(st.lists(st.text(max_size=8), min_size=8, max_size=8), min_size=1, max_size=3))
def test_any_text_in_the_cells(tmp_path: Path, rows: list[list[str]]) -> None:
    content = corpus.table([*corpus.trial_rows(2), *rows]).decode("utf-8", "surrogatepass").encode("utf-8", "replace")
    ending(lambda: read_csv(place(tmp_path, content), EDGE))


cells = st.sampled_from(
    ["", "na", "0", "1", "0.60", "cat", "dog", "model", "NaN", "1e3", "cat1.png", "cat1-dog2.png", '"', "\n"]
)


@given(st.lists(st.lists(cells, min_size=8, max_size=8), min_size=1, max_size=4), st.sampled_from(["edge", "cue-conflict", "uniform-noise"]))  # fmt: skip
def test_what_was_read_can_be_written_and_read_again(tmp_path: Path, rows: list[list[str]], name: str) -> None:
    path = place(tmp_path, corpus.table(rows))
    about = dataset(name)
    read: list[TrialTable] = []
    if not ending(lambda: read.append(read_csv(path, about))):
        write_csv(tmp_path / "again.csv", read[0])
        again = read_csv(tmp_path / "again.csv", about)
        assert again.frame.drop(columns="rt").equals(read[0].frame.drop(columns="rt"))


@given(st.binary(max_size=400))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    ending(lambda: read_csv(place(tmp_path, content), EDGE))
    (tmp_path / "a.run.json").write_bytes(content)
    assert ending(lambda: read_sidecar(tmp_path / "a.run.json"))


def test_sidecars_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    files = corpus.json_files(asdict(SIDECAR))

    def read(name: str) -> None:
        path = tmp_path / "a.run.json"
        path.write_bytes(files[name])
        note = read_sidecar(path)
        # What was let in is also worked with.
        joined = join_sidecars([note, SIDECAR], ["a"])
        write_sidecar(tmp_path / "b.run.json", joined)

    found = endings(files, read)
    assert len(found) >= 200
    assert all(str(tmp_path) in said for said in found.values() if said), "they name the file"
    for name in (
        "deep",
        "deep in a key",
        "without observer",
        "subset is 0",
        "n_images is 1",
        "list",
        "unanswered is 11",
    ):
        assert found[name], f"{name} was read"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(asdict(SIDECAR))), json_values, max_size=4))
def test_any_values_in_a_sidecar(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "a.run.json"
    path.write_text(json.dumps({**asdict(SIDECAR), **changes}), encoding="utf-8")
    ending(lambda: read_sidecar(path))


def benchmark(folder: Path, out: Path) -> tuple[int, list[str]]:
    """Return the exit code of the command and its lines of errors."""
    result = CliRunner().invoke(app, ["benchmark", "--trials", str(folder), "-o", str(out), "--resamples", "0"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    lines = Text.from_ansi(result.stderr).plain.splitlines()
    return result.exit_code, [line for line in lines if line.startswith("error: ")]


@pytest.mark.parametrize("name", ["utf-16", "quote that never closes", "cell session 6", "cut at 0"])
def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path, name: str) -> None:
    place(tmp_path / "trials", corpus.trial_files()[name], "bad")
    code, errors = benchmark(tmp_path / "trials", tmp_path / "out")
    assert (code, len(errors)) == (2, 1)
    assert "edge_bad_session-1.csv" in errors[0]
    assert files_under(tmp_path) == {"trials/edge/edge_bad_session-1.csv"}


@pytest.mark.parametrize(
    "observer", ["../../above", "/above", "[red]x[/red]", "$a$ \\input{/etc/passwd}", "<b>", "a‮b", "-x"]
)
def test_an_observer_of_any_name_is_only_a_name(tmp_path: Path, observer: str) -> None:
    place(tmp_path / "trials", corpus.table(corpus.trial_rows()).replace(b"model", observer.encode()))
    code, errors = benchmark(tmp_path / "trials", tmp_path / "out")
    assert (code, errors) == (0, []) or (code, len(errors)) == (2, 1)
    outside = {path for path in files_under(tmp_path) if not path.startswith("out/")}
    assert outside == {"trials/edge/edge_model_session-1.csv"}
