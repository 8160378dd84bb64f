"""The demo end to end, at a size that takes seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconstrue.studies.demo import DemoResult, entrants, run_demo
from reconstrue.trials.table import read_trials

PICTURES = {"cue-conflict": 6, "silhouette": 2, "edge": 2}
OBSERVERS = {entrant.name or entrant.model for entrant in entrants()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoResult, Path, list[tuple[str, int, int]]]:
    out = tmp_path_factory.mktemp("demo")
    told: list[tuple[str, int, int]] = []
    result = run_demo(out, seed=3, tell=lambda *step: told.append(step), pictures=PICTURES, draws=2)
    return result, out, told


def test_it_leaves_trials_tables_figures_and_the_page(
    demo: tuple[DemoResult, Path, list[tuple[str, int, int]]],
) -> None:
    result, out, _ = demo
    read = read_trials([out / "trials"])
    assert read.problems == ()
    assert len(read.table) == len(entrants()) * (6 + 2 + 2)
    assert {row.split("_")[1] for row in (p.name for p in (out / "trials" / "edge").glob("*.csv"))} == OBSERVERS
    assert {note.world for note in read.sidecars.values()} == {"pocket"}
    assert {p.name for p in (out / "figures").iterdir()} == {
        "figure-1.svg",
        "figure-1.png",
        "figure-1.pdf",
        # Two diffusion models, three data sets.
        *(f"figure-2-{number}.svg" for number in range(1, 7)),
    }
    assert "people never saw these pictures" in (out / "tables" / "table-1.md").read_text(encoding="utf-8")
    assert all("people never saw these pictures" in " ".join(t.notes) for t in result.tables[:2])
    text = result.page.read_text(encoding="utf-8")
    assert "people never saw these pictures" in text
    assert "between models" in text
    assert "pocket-pixel" in text
    assert text.count("data:image/png") >= 6 + 2 + 2


def test_no_human_figure_is_made_up(demo: tuple[DemoResult, Path, list[tuple[str, int, int]]]) -> None:
    _, out, _ = demo
    found = json.loads((out / "tables" / "benchmark.json").read_text(encoding="utf-8"))
    for row in found["models"].values():
        assert row["error_consistency"]["value"] is None
        assert row["accuracy_difference"]["value"] is None
        assert row["ood_accuracy"]["value"] is not None
    assert found["humans"]["ood_accuracy"]["value"] is None


def test_progress_ends_at_the_end(demo: tuple[DemoResult, Path, list[tuple[str, int, int]]]) -> None:
    _, _, told = demo
    last = {what: (done, total) for what, done, total in told}
    assert len(last) == len(entrants()) * 3 + 1
    assert all(done == total for done, total in last.values())


def test_again_costs_nothing_and_another_seed_replaces_it(
    demo: tuple[DemoResult, Path, list[tuple[str, int, int]]],
) -> None:
    _, out, _ = demo
    before = (out / "trials" / "edge" / "edge_pocket-pixel_session-1.csv").read_bytes()
    units = sorted((out / "units").iterdir())
    run_demo(out, seed=3, tell=lambda *_: None, pictures=PICTURES, draws=2)
    assert sorted((out / "units").iterdir()) == units
    assert (out / "trials" / "edge" / "edge_pocket-pixel_session-1.csv").read_bytes() == before
    run_demo(out, seed=4, tell=lambda *_: None, pictures=PICTURES, draws=1)
    assert (out / "trials" / "edge" / "edge_pocket-pixel_session-1.csv").read_bytes() != before
