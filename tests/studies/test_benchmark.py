"""From files to `benchmark.json`: what it costs to begin, and what the files' faults come to."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.answers import write_trials

from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.studies.benchmark import run_benchmark


def test_it_begins_without_the_heavy_libraries() -> None:
    """They would take longer than the whole of Tables 1 to 3."""
    code = (
        "import sys, reconstrue.studies.benchmark; print(sorted({'scipy', 'matplotlib', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_time_that_is_none_costs_nothing_but_a_note(tmp_path: Path) -> None:
    folder = write_trials(tmp_path / "trials", {"m": 0.5}, datasets=("edge",))
    plain = run_benchmark([folder], tmp_path / "plain", resamples=0).benchmark.to_json()
    path = folder / "edge" / "edge_m_session-1.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",NaN,", ",-1,"), encoding="utf-8")
    result = run_benchmark([folder], tmp_path / "out", resamples=0)
    said = "64 reaction times of m are negative or infinite, and count as not known"
    assert result.benchmark.notes[0] == said and result.problems == ()
    found = json.loads((tmp_path / "out" / "benchmark.json").read_text(encoding="utf-8"))
    assert found["notes"].pop(0) == said
    assert found == json.loads(json.dumps(plain))
    assert said in (tmp_path / "out" / "table-notes.txt").read_text(encoding="utf-8")


def test_some_categories_are_compared_and_the_rest_is_counted(tmp_path: Path) -> None:
    """64 edge images, 4 of each category: 8 of cars and cats, of which three people gave 24 answers."""
    folder = write_trials(tmp_path / "trials", {"m": 0.2}, datasets=("edge",))
    result = run_benchmark([folder], tmp_path / "out", resamples=40, categories=("car", "cat"), allow_partial=True)
    assert result.benchmark.humans.datasets["edge"].n_images == 8 and len(result.counted) == 4 * 8
    found = json.loads((tmp_path / "out" / "benchmark.json").read_text(encoding="utf-8"))
    assert found["categories"] == ["car", "cat"]
    assert found["notes"][0].startswith("Only images of 2 of the 16 categories are compared (car, cat)")
    people, model = csv.DictReader((tmp_path / "out" / "answers-outside.csv").read_text(encoding="utf-8").splitlines())
    assert (people["observer"], people["trials"], model["observer"], model["trials"]) == ("humans", "24", "m", "8")
    given = result.counted.frame[result.counted.frame["observer"] == "m"]
    inside = given[given["response"].isin(["car", "cat"])]
    assert 0 < len(inside) < 8 and model["outside"] == str(8 - len(inside))
    right = (given["response"] == given["category"]).sum()
    assert float(model["accuracy"]) == right / 8 and float(model["accuracy_inside"]) == right / len(inside)


def test_all_sixteen_are_the_benchmark_as_it_was(tmp_path: Path) -> None:
    folder = write_trials(tmp_path / "trials", {"m": 0.5}, datasets=("edge",))
    run_benchmark([folder], tmp_path / "one", resamples=40)
    run_benchmark([folder], tmp_path / "two", resamples=40, categories=CATEGORIES[::-1])
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "two").iterdir()) and "answers-outside.csv" not in names
    for name in (name for name in names if name != "benchmark.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_paper_s_rows_are_of_all_sixteen(tmp_path: Path) -> None:
    folder = write_trials(tmp_path / "trials", {"m": 0.5}, datasets=("edge",))
    with pytest.raises(UserError, match="the paper's rows are of all 16 categories; leave --published or --categories"):
        run_benchmark([folder], tmp_path / "out", published=True, categories=("car", "cat"))
