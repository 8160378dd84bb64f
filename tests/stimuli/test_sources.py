"""Where stimuli come from: a named folder, the data folder, the pocket world."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.stimuli import sources
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.sources import OWN_WORLD, POCKET, Inventory, data_folder, inventory, locate
from reconstrue.stimuli.world.sets import world_picture


def some(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name.rstrip("0123456789") / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), "white").save(path)
    return folder


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder of the package."""
    monkeypatch.setattr(sources, "data_folder", lambda: tmp_path / "data")
    return tmp_path / "data"


def test_the_pocket_world_has_no_catalogue_count() -> None:
    source = locate("edge", POCKET, limit=20, seed=4)
    assert (source.world, source.catalogue_images, len(source.stimuli)) == ("pocket", None, 20)
    first = source.stimuli.stimuli[0]
    [number] = re.findall(r"\d+", first.image_id)
    assert (first.read() == world_picture("edge", "airplane", "airplane", 4, int(number))).all()
    assert source.stimuli.subset_reason is None


def test_the_pocket_world_draws_96_where_no_limit_is_given() -> None:
    assert len(locate("cue-conflict", POCKET, limit=None, seed=0).stimuli) == 96


def test_a_folder_may_be_the_set_or_hold_it(tmp_path: Path) -> None:
    some(tmp_path / "edge", "dog1", "cat1")
    for where in (tmp_path, tmp_path / "edge"):
        source = locate("edge", str(where), limit=None, seed=0)
        assert [s.image_id for s in source.stimuli] == ["cat1.png", "dog1.png"]
        assert (source.world, source.catalogue_images) == (None, 160)


def test_a_folder_of_any_name_may_hold_the_pictures(tmp_path: Path) -> None:
    assert len(locate("edge", str(some(tmp_path / "mine", "dog1")), limit=None, seed=0).stimuli) == 1


def test_pictures_of_another_set_do_not_pass_for_this_one(tmp_path: Path) -> None:
    """Edge and silhouette pictures have the same names and categories; only the folder tells them apart."""
    some(tmp_path / "edge", "dog1", "cat1")
    with pytest.raises(UserError, match=r"holds edge but no folder 'silhouette'; put its pictures there"):
        locate("silhouette", str(tmp_path), limit=None, seed=0)
    with pytest.raises(UserError, match=r"/edge: is named after another data set; give the folder of silhouette"):
        locate("silhouette", str(tmp_path / "edge"), limit=None, seed=0)


def test_the_limit_is_passed_on(tmp_path: Path) -> None:
    some(tmp_path / "edge", "dog1", "dog2", "cat1", "cat2")
    source = locate("edge", str(tmp_path), limit=2, seed=3)
    assert Counter(s.category for s in source.stimuli) == {"cat": 1, "dog": 1}
    assert "a seeded sample of 2 of 4 images (seed 3)" in str(source.stimuli.subset_reason)


@pytest.mark.parametrize("where", [POCKET, None, "anywhere"])
@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_below_one_is_refused(where: str | None, limit: int) -> None:
    with pytest.raises(UserError, match=f"--limit must be at least 1, got {limit}"):
        locate("edge", where, limit=limit, seed=0)


def test_unknown_sets_are_refused_with_their_neighbour(tmp_path: Path, data: Path) -> None:
    for where in (None, str(tmp_path)):
        with pytest.raises(UserError, match="unknown data set 'egde': did you mean edge"):
            locate("egde", where, limit=None, seed=0)
    with pytest.raises(UserError, match="unknown pocket data set 'egde'; did you mean 'edge'"):
        locate("egde", POCKET, limit=None, seed=0)


def test_what_was_not_fetched_names_both_ways_out(data: Path) -> None:
    with pytest.raises(
        UserError, match="pictures of edge are not on this machine.*data fetch edge.*--stimuli DIR.*--stimuli pocket"
    ):
        locate("edge", None, limit=None, seed=0)
    assert inventory("edge") == Inventory("", 0, "", 0)


def test_what_was_fetched_is_found(data: Path) -> None:
    some(data / "stimuli" / "edge", "dog1")
    assert [s.image_id for s in locate("edge", None, limit=None, seed=0).stimuli] == ["dog1.png"]
    assert inventory("edge") == Inventory(str(data / "stimuli" / "edge"), 1, "", 0)


def test_people_s_trials_are_counted_by_their_published_names(data: Path) -> None:
    home = data / "trials" / "edge"
    home.mkdir(parents=True)
    for name in list(dataset("edge").trial_files)[:3]:
        (home / name).touch()
    (home / "edge_some-model_session-1.csv").touch()
    assert inventory("edge") == Inventory("", 0, str(home), 3)


def test_a_user_s_own_pictures_are_of_another_world(tmp_path: Path) -> None:
    """A sidecar of a world of its own is refused beside people."""
    for name in ("0001_lp_dnn_10_dog_10_own-rex-0123abcd.png", "0002_lp_dnn_3_cat_10_own-tom-0123abcd.png"):
        path = tmp_path / "low-pass" / name
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4), "white").save(path)
    source = locate("low-pass", str(tmp_path), limit=None, seed=0)
    assert (source.world, source.catalogue_images) == (OWN_WORLD, None)
    assert source.stimuli.subset_reason == "2 of the folder's 2 pictures are not among the 1,280 published"


def test_the_data_folder_is_the_package_s_own_and_is_not_made_by_asking() -> None:
    existed = data_folder().exists()
    assert "reconstrue" in str(data_folder())
    assert data_folder().exists() == existed


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no such folder; it should hold the pictures of edge"):
        locate("edge", str(tmp_path / "nowhere"), limit=None, seed=0)
