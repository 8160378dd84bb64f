"""The grammar of published image names, on names made up and on every real one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset, load_catalog, normalise_condition
from reconstrue.stimuli.names import GRAMMARS, OWN, PublishedName, is_whole, published_name, read_name, whole_name


def test_a_whole_name_says_everything() -> None:
    assert published_name("0017_nse_s03_0.60_oven_10_n04111531_17072.png", dataset("uniform-noise")) == PublishedName(
        trial=17,
        tag="nse",
        session="s03",
        condition="0.6",
        category="oven",
        block="10",
        image_id="n04111531_17072.png",
        texture="",
        grammar="imagenet",
    )


@pytest.mark.parametrize(
    ("name", "imagename", "category", "texture"),
    [
        ("sketch", "0001_ske_dnn_0_airplane_00_airplane-0001-sketch-0.png", "airplane", ""),
        ("stylized", "0001_sty_s01_0_bicycle_00_bicycle-0011-ILSVRC2012-val-00011821.png", "bicycle", ""),
        ("edge", "0001_edg_s01_0_oven_00_oven10.png", "oven", ""),
        ("silhouette", "airplane4.png", "airplane", ""),
        ("cue-conflict", "0002_s5n_s01_0_bird_00_bird2-clock3.png", "bird", "clock"),
        ("cue-conflict", "dog10-bicycle1.png", "dog", "bicycle"),
    ],
)
def test_each_grammar(name: str, imagename: str, category: str, texture: str) -> None:
    found = published_name(imagename, dataset(name))
    assert (found.category, found.texture) == (category, texture)
    assert found.image_id == imagename.split("_")[-1]


@pytest.mark.parametrize(
    ("name", "imagename", "said"),
    [
        ("high-pass", "0001_lp_dnn_3_oven_10_n04111531_1.png", "its tag is 'lp', those of high-pass have 'hp'"),
        ("colour", "0001_cl_dnn_bw_oven_10_n04111531_1.png", "its block is '10', those of colour have '40'"),
        ("low-pass", "0001_lp_dnn_4_oven_10_n04111531_1.png", "unknown condition '4' in data set low-pass"),
        ("eidolonI", "0001_eid_dnn_8-3-10_oven_10_n04111531_1.png", "unknown condition '8-3-10' in data set eidolonI"),
        ("low-pass", "0001_lp_dnn_3_duck_10_n04111531_1.png", "'duck' is not one of the 16 categories"),
        ("edge", "0001_edg_dnn_0_dog_00_cat1.png", "'cat1.png' does not belong to a picture of dog"),
        ("low-pass", "0001_lp_dnn_3_oven_10_my_oven.png", "may hold no other '_'"),
    ],
)
def test_what_contradicts_the_set_is_refused(name: str, imagename: str, said: str) -> None:
    with pytest.raises(UserError, match=f"{imagename}: .*{said}"):
        read_name(imagename, dataset(name))


@pytest.mark.parametrize(
    ("name", "imagename"),
    [
        ("low-pass", "0001_lp_dnn_3_oven_10_oven1.png"),
        ("low-pass", "0001_lp_dnn_3_oven_10_own-oven-0123abcd.png"),
        ("edge", "duck1.png"),
        ("edge", "dog1.jpg"),
        ("sketch", "dog-1-sketch-1.png"),
        ("stylized", "dog-0001-sketch-1.png"),
        ("cue-conflict", "dog1-duck1.png"),
    ],
)
def test_what_is_no_published_id_is_refused_where_one_is_asked_for(name: str, imagename: str) -> None:
    assert read_name(imagename, dataset(name)).grammar in ("", OWN)
    with pytest.raises(UserError, match=f"is not named as the pictures of {name} are"):
        published_name(imagename, dataset(name))


def test_a_name_that_merely_has_underscores_is_not_whole() -> None:
    assert is_whole("0001_lp_dnn_3_oven_10_n04111531_1.png")
    assert not is_whole("my_nice_photograph_of_a_dog_1.png")
    assert not is_whole("001_lp_dnn_3_oven_10_n04111531_1.png")


def test_what_is_spelt_can_be_read() -> None:
    for about in load_catalog().values():
        for condition in about.conditions:
            name = whole_name(about, 12, condition, "dog", "own-rex-0123abcd.png")
            found = read_name(name, about)
            assert (found.trial, found.condition, found.category, found.grammar) == (12, condition, "dog", OWN)


def test_no_published_grammar_reads_a_user_s_own_id() -> None:
    for name, grammar in GRAMMARS.items():
        assert (grammar.fullmatch("own-n04111531-17072-0123abcd.png") is not None) == (name == OWN)


def test_the_catalogue_names_known_grammars() -> None:
    assert {about.grammar for about in load_catalog().values()} == set(GRAMMARS) - {OWN}


@pytest.mark.parametrize("name", list(load_catalog()))
def test_every_real_name_of_trials_parses_and_agrees_with_its_columns(shared_data: Path, name: str) -> None:
    about = dataset(name)
    rows = set()
    for path in (shared_data / "trials" / name).glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows |= {(row["imagename"], row["category"], row["condition"]) for row in csv.DictReader(file)}
    # Each person has names of their own, and so have the models.
    assert len(rows) == about.n_images * (about.n_people + 1)
    for imagename, category, condition in rows:
        found = published_name(imagename, about)
        assert found.category == category
        assert (found.condition or "0") == normalise_condition(about, condition)


@pytest.mark.parametrize(("name", "count"), [("cue-conflict", 1280), ("edge", 96), ("silhouette", 96)])
def test_every_real_picture_s_name_parses_and_agrees_with_its_folder(shared_data: Path, name: str, count: int) -> None:
    files = list((shared_data / "stimuli" / name).glob("*/*"))
    assert len(files) == count
    for path in files:
        assert published_name(path.name, dataset(name)).category == path.parent.name
