"""Some of the 16 categories: which pictures are shown, what is chosen from, and that two choices never share a row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from PIL import Image

from reconstrue.classifiers.cards import Card
from reconstrue.classifiers.discriminative.label_map import packaged_map
from reconstrue.errors import UserError
from reconstrue.run import asked
from reconstrue.run.asked import asked_categories, locate_some, require_known
from reconstrue.run.evaluation import evaluate_datasets, locate_datasets
from reconstrue.run.local import Part, evaluate, evaluate_part
from reconstrue.run.merge import merge
from reconstrue.run.plan import Plan
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.sources import locate
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.trials import read_sidecar, read_trials, sidecar_path

Edges = Callable[..., StimulusSet]
Fake = Callable[..., Any]

SEVEN = ("airplane", "bird", "boat", "car", "cat", "dog", "truck")


@pytest.fixture
def edge(tmp_path: Path) -> Path:
    """A folder of 32 edge pictures, two of each category."""
    for category in CATEGORIES:
        folder = tmp_path / "stimuli" / "edge" / category
        folder.mkdir(parents=True)
        for number in (1, 2):
            Image.new("RGB", (4, 4), "white").save(folder / f"{category}{number}.png")
    return tmp_path / "stimuli"


# --- which pictures


def test_a_folder_is_cut_to_the_categories(edge: Path) -> None:
    found = locate_some("edge", str(edge), limit=None, seed=0, categories=SEVEN).stimuli
    assert found.per_category() == dict.fromkeys(SEVEN, 2)
    assert found.subset_reason == (
        "the folder holds 32 of the 160 images; only pictures of airplane, bird, boat, car, cat, dog, truck"
    )


def test_a_limit_counts_what_is_left(edge: Path) -> None:
    """Were the sample taken first, a limit of 7 would leave about 3."""
    found = locate_some("edge", str(edge), limit=7, seed=0, categories=SEVEN).stimuli
    assert found.per_category() == dict.fromkeys(SEVEN, 1)
    assert str(found.subset_reason).endswith("; a seeded sample of 7 of 14 images (seed 0)")


def test_of_a_cue_conflict_the_texture_counts_too() -> None:
    found = locate_some("cue-conflict", "pocket", limit=40, seed=3, categories=("car", "cat", "oven"))
    assert len(found.stimuli) == 40
    assert {(s.category, s.texture) for s in found.stimuli} == {
        (shape, texture) for shape in ("car", "cat", "oven") for texture in ("car", "cat", "oven") if shape != texture
    }


def test_the_pocket_world_s_pictures_keep_their_names() -> None:
    """So that who chose among 16 and who among 7 can be compared on the same pictures."""
    some = [s.imagename for s in locate_some("rotation", "pocket", limit=14, seed=1, categories=SEVEN).stimuli]
    whole = locate("rotation", "pocket", limit=32, seed=1).stimuli
    assert some == [s.imagename for s in whole if s.category in SEVEN]


def test_all_sixteen_change_nothing(edge: Path) -> None:
    found = locate_some("edge", str(edge), limit=None, seed=0, categories=CATEGORIES[::-1]).stimuli
    assert len(found) == 32 and found.subset_reason == "the folder holds 32 of the 160 images"


def test_nothing_left_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "edge" / "oven"
    folder.mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(folder / "oven1.png")
    with pytest.raises(UserError, match="edge: no picture there is of car, cat; give other --categories"):
        locate_some("edge", str(tmp_path), limit=None, seed=0, categories=("car", "cat"))


# --- what is chosen from


def test_the_answers_are_among_the_categories(tmp_path: Path, edge: Path, fake: Fake) -> None:
    located = locate_datasets(["edge"], str(edge), limit=None, seed=0, categories=SEVEN)
    [outcome] = evaluate_datasets(fake(), located, tmp_path / "run", tell=lambda *_: None, categories=SEVEN)
    note = read_sidecar(sidecar_path(Path(str(outcome.trials))))
    assert note.labels == SEVEN and note.settings["labels"] == list(SEVEN)
    assert (note.subset, note.n_images, note.catalogue_images) == (True, 14, 160)
    frame = read_trials([tmp_path / "run" / "trials"]).table.frame
    assert set(frame["category"]) == set(SEVEN) and set(frame["response"]) <= set(SEVEN)
    # 1/7, not 1/16
    assert "from chance (14.29%)" in outcome.summary


def test_the_key_is_the_categories_too(fake: Fake, edges: Edges) -> None:
    keys = {Plan(fake(), edges(16), labels=labels).key for labels in (CATEGORIES, SEVEN, SEVEN[:2])}
    assert len(keys) == 3


def two_plans(fake: Fake, edges: Edges) -> tuple[Plan, Plan]:
    """The same pictures of the first seven categories, asked 16-way and 7-way."""
    first = CATEGORIES[:7]
    return Plan(fake(), edges(7)), Plan(fake(), edges(7), labels=first)


def test_a_run_does_not_go_on_among_other_categories(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    sixteen, seven = two_plans(fake, edges)
    evaluate(sixteen, tmp_path)
    with pytest.raises(
        UserError, match="who chose among all 16 categories: other settings; give the same --categories"
    ):
        evaluate(seven, tmp_path)


def test_nor_on_another_data_set(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    """The averages of a row are over data sets."""
    evaluate(Plan(fake(), edges(7)), tmp_path)
    other = Plan(fake(), edges(7, dataset="silhouette"), labels=CATEGORIES[:7])
    with pytest.raises(UserError, match="chose among all 16 categories"):
        evaluate(other, tmp_path)


def test_nor_are_parts_merged(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate_part(Plan(fake(), edges(7)), tmp_path / "a", Part(1, 1))
    evaluate_part(Plan(fake(), edges(7, dataset="silhouette"), labels=CATEGORIES[:7]), tmp_path / "b", Part(1, 1))
    with pytest.raises(UserError, match="under other settings than"):
        list(merge([tmp_path / "a", tmp_path / "b"], tmp_path / "c", lambda line: None))


def test_nor_are_their_trials_read_together(tmp_path: Path, fake: Fake, edges: Edges) -> None:
    evaluate(Plan(fake(), edges(7)), tmp_path / "a")
    evaluate(Plan(fake(), edges(7, dataset="silhouette"), labels=CATEGORIES[:7]), tmp_path / "b")
    read = read_trials([tmp_path / "a" / "trials", tmp_path / "b" / "trials"])
    assert "answered with other settings than in" in read.problems[0].message


# --- what a model knows


@pytest.fixture
def photo(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a model whose card names the seven."""
    card = Card(
        name="photo",
        kind="diffusion",
        loader="reconstrue.classifiers.loaders:load_diffusion",
        source="nowhere",
        licence="",
        resolution=32,
        memory_gb=0.1,
        paper="",
        about="",
        class_name="",
        categories=",".join(SEVEN),
    )
    monkeypatch.setattr(asked, "load_cards", lambda: MappingProxyType({"photo": card}))
    return "photo"


def test_a_card_decides_where_the_user_does_not(photo: str) -> None:
    said: list[str] = []
    assert asked_categories(photo, None, said.append) == SEVEN
    assert said == [
        "photo knows 7 of the 16 categories: it is shown their pictures alone, and chooses among airplane, bird, boat, car, "
        "cat, dog, truck"
    ]
    assert asked_categories("some-folder", None, said.append) == CATEGORIES and len(said) == 1


def test_the_user_decides_within_the_card(photo: str) -> None:
    said: list[str] = []
    assert asked_categories(photo, "dog, cat", said.append) == ("cat", "dog") and said == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "cat,dog,oven,bear",
            "photo knows 7 of the 16 categories, bear, oven not among them; give --categories cat,dog$",
        ),
        ("cat,oven", "give --categories airplane,bird,boat,car,cat,dog,truck$"),
    ],
)
def test_what_a_card_does_not_name_is_refused(photo: str, given: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        asked_categories(photo, given, print)


def test_a_supervised_model_s_classes_say_what_it_knows(fake: Fake, tmp_path: Path) -> None:
    network = fake("net")
    network.label_map = packaged_map([*SEVEN, "frog", "deer", "horse"])
    require_known(network, ("car", "cat"))
    said = (
        "net knows 7 of the 16 categories, bear, bicycle, .*oven not among them; give --categories airplane,bird,boat"
    )
    with pytest.raises(UserError, match=said):
        next(evaluate_datasets(network, {}, tmp_path, tell=lambda *_: None))


def test_the_clean_pictures_are_no_data_set() -> None:
    [problem] = locate_datasets(["original"], "pocket", limit=16, seed=0).values()
    assert "those of the condition cr of colour are such pictures: give -d colour" in str(problem)
