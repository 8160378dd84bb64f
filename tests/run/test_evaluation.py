"""Several data sets in a row: what fails is said, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from reconstrue.run.evaluation import Outcome, evaluate_datasets, locate_datasets
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import read_sidecar, read_trials, sidecar_path

Fake = Callable[..., Any]


@pytest.fixture
def stimuli(tmp_path: Path) -> Path:
    """A folder with an edge and a silhouette set of 16 pictures each, one silhouette damaged."""
    for name in ("edge", "silhouette"):
        for category in CATEGORIES:
            folder = tmp_path / "stimuli" / name / category
            folder.mkdir(parents=True)
            Image.new("RGB", (4, 4), "white").save(folder / f"{category}1.png")
    (tmp_path / "stimuli" / "silhouette" / "dog" / "dog1.png").write_text("not a picture")
    return tmp_path / "stimuli"


def run(
    fake: Fake, names: list[str], where: Path | str | None, out: Path, *, limit: int | None = None, seed: int = 0
) -> tuple[list[Outcome], list[tuple[str, int, int]]]:
    told: list[tuple[str, int, int]] = []
    located = locate_datasets(names, None if where is None else str(where), limit=limit, seed=seed)
    outcomes = evaluate_datasets(fake(), located, out, tell=lambda *progress: told.append(progress))
    return list(outcomes), told


def test_one_fails_and_the_rest_goes_on(tmp_path: Path, stimuli: Path, fake: Fake) -> None:
    outcomes, told = run(fake, ["edge", "egde", "sketch", "silhouette"], stimuli, tmp_path / "run")
    edge, misspelt, missing, silhouette = outcomes
    assert [o.dataset for o in outcomes] == ["edge", "egde", "sketch", "silhouette"]
    assert edge.problems == () and edge.trials is not None and edge.trials.is_file()
    assert edge.summary.endswith("(the folder holds 16 of the 160 images)")
    assert (misspelt.trials, misspelt.summary) == (None, "")
    assert misspelt.problems == ("unknown data set 'egde': did you mean edge?",)
    assert "no folder 'sketch'" in missing.problems[0]
    assert silhouette.trials is not None and "on 15 images" in silhouette.summary
    assert "dog1.png: not a picture" in silhouette.problems[0]
    table = read_trials([tmp_path / "run" / "trials"]).table
    assert set(table.datasets) == {"edge", "silhouette"} and len(table) == 16 + 15
    # Of several data sets the whole is told too, so that the time left is that of the whole.
    assert told == [
        ("fake on all 2 sets", 0, 31),
        ("fake on edge", 0, 16),
        ("fake on all 2 sets", 16, 31),
        ("fake on edge", 16, 16),
        ("fake on all 2 sets", 16, 31),
        ("fake on silhouette", 0, 15),
        ("fake on all 2 sets", 31, 31),
        ("fake on silhouette", 15, 15),
    ]


def test_a_set_is_done_before_the_next_begins(tmp_path: Path, stimuli: Path, fake: Fake) -> None:
    """Outcomes come one by one, so an interruption keeps what was done."""
    located = locate_datasets(["edge", "silhouette"], str(stimuli), limit=None, seed=0)
    outcomes = evaluate_datasets(fake(), located, tmp_path / "run", tell=lambda *_: None)
    next(outcomes)
    assert (tmp_path / "run" / "trials" / "edge").is_dir()
    assert not (tmp_path / "run" / "trials" / "silhouette").exists()


def test_a_damaged_picture_makes_it_a_subset(tmp_path: Path, stimuli: Path, fake: Fake) -> None:
    [outcome], _ = run(fake, ["silhouette"], stimuli, tmp_path / "run")
    note = read_sidecar(sidecar_path(Path(str(outcome.trials))))
    assert (note.subset, note.n_images, note.catalogue_images) == (True, 15, 160)
    assert note.subset_reason == "the folder holds 16 of the 160 images; 1 pictures could not be read"


def test_all_stands_for_the_catalogue(tmp_path: Path, stimuli: Path, fake: Fake) -> None:
    outcomes, _ = run(fake, ["all"], stimuli, tmp_path / "run")
    assert [o.dataset for o in outcomes] == list(load_catalog())
    assert {o.dataset for o in outcomes if o.trials} == {"edge", "silhouette"}


def test_a_name_given_twice_is_done_once(tmp_path: Path, stimuli: Path, fake: Fake) -> None:
    outcomes, _ = run(fake, ["edge", "edge"], stimuli, tmp_path / "run")
    assert [o.dataset for o in outcomes] == ["edge"]


def test_the_pocket_world_is_marked(tmp_path: Path, fake: Fake) -> None:
    [outcome], _ = run(fake, ["silhouette"], "pocket", tmp_path / "run", limit=20)
    note = read_sidecar(sidecar_path(Path(str(outcome.trials))))
    assert (note.world, note.subset, note.n_images, note.catalogue_images) == ("pocket", False, 20, None)


def test_another_seed_of_the_pocket_world_is_another_run(tmp_path: Path, fake: Fake) -> None:
    """Pictures of two seeds have other names, and the answers are not reused."""
    [first], _ = run(fake, ["silhouette"], "pocket", tmp_path / "run", limit=16)
    [second], _ = run(fake, ["silhouette"], "pocket", tmp_path / "run", limit=16, seed=1)
    assert first.problems == ()
    assert "holds answers of 'fake' under other settings" in second.problems[0]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_a_problem_of_every_set(tmp_path: Path, stimuli: Path, fake: Fake, limit: int) -> None:
    outcomes, _ = run(fake, ["edge", "silhouette"], stimuli, tmp_path / "run", limit=limit)
    assert [o.problems for o in outcomes] == [(f"--limit must be at least 1, got {limit}",)] * 2
    assert not (tmp_path / "run").exists()
