"""Figure 8 over a data set, from a model's folder to files: what it counts, and one line for what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests import tiny

from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set
from reconstrue.studies.reconstruct import Ways, distances_by_ability, load_drawer, run_ability


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("models") / "latent"
    tiny.save_stable_diffusion(folder, "v_prediction")
    return str(folder)


def test_a_data_set_is_drawn_again(model: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    options, ways = Options(seed=3), Ways(t=(0.5,))
    result = run_ability(
        model,
        tmp_path / "out",
        stimuli="pocket",
        limit=3,
        ways=ways,
        options=options,
        resamples=40,
        tell=lambda *progress: told.append(progress),
    )
    assert [path.name for path in result.written] == ["ability.json", "figure-8.svg", "figure-8.png", "figure-8.pdf"]
    assert all(path.is_file() for path in result.written)
    same = world_set("original", 3, 3).stimuli
    assert result.found == distances_by_ability(load_drawer(model, options), same, ways, resamples=40)
    assert result.finding.startswith("Over 3 pictures and 16 prompts: the nearest is right in ")
    said = json.loads((tmp_path / "out" / "ability.json").read_text(encoding="utf-8"))
    assert (said["dataset"], said["images"], said["prompts"], said["right_nearest"]["n"]) == ("original", 3, 16, 3)
    assert said["right_nearest"]["low"] <= said["right_nearest"]["value"] <= said["right_nearest"]["high"]
    assert said["settings"]["t"] == [pytest.approx(0.5, abs=0.01)] and said["settings"]["seed"] == 3
    assert len(said["settings"]["prompts"]) == len(CATEGORIES)
    svg = (tmp_path / "out" / "figure-8.svg").read_text(encoding="utf-8")
    assert f"Shown: the first picture ({same[0].category})." in svg
    assert told == [("pictures", done, 3) for done in (0, 1, 2, 3)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"resamples": -1}, "--resamples must not be negative, got -1"),
        ({"limit": 0}, "--limit must be at least 1, got 0"),
        ({"dataset": "egde"}, "egde"),
        ({"ways": Ways(t=(2.0,))}, "--t must lie within 0 and 1, got 2"),
    ],
)
def test_what_cannot_be_is_refused_before_a_model_is_loaded(
    tmp_path: Path, options: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        run_ability("pocket-latent", tmp_path / "out", stimuli="pocket", **options)
    assert not (tmp_path / "out").exists()


def test_a_model_that_draws_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="pocket-clip is a model of the kind contrastive"):
        run_ability("pocket-clip", tmp_path / "out", stimuli="pocket", limit=1)
