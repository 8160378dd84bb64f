"""From files to `benchmark.json`: what it costs to begin, and what the files' faults come to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.answers import write_trials

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
