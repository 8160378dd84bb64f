"""The catalogue of the 17 sets and the 16 categories."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset, load_catalog, normalise_condition
from reconstrue.stimuli.categories import CATEGORIES, imagenet_to_category


def test_the_catalogue_counts_what_was_published() -> None:
    catalog = load_catalog()
    assert len(catalog) == 17
    assert sum(entry.n_images for entry in catalog.values()) == 18_080
    assert sum(entry.n_people for entry in catalog.values()) == 90
    # people answered n_images each: 12 parametric sets with 4 people, and 10, 10, 10, 7 and 5 on the others
    assert sum(entry.n_images * entry.n_people for entry in catalog.values()) == 85_120


def test_excluded_conditions_are_conditions_and_leave_some() -> None:
    for entry in load_catalog().values():
        assert set(entry.excluded) < set(entry.conditions)
        assert len(entry.published) == len(entry.conditions)
        if entry.kind == "parametric":
            assert entry.conditions[0] in entry.excluded, "the undistorted control comes first and is left out"


def test_exclusions_match_the_field() -> None:
    assert load_catalog()["uniform-noise"].kept == ("0.03", "0.05", "0.1", "0.2", "0.35")
    assert load_catalog()["high-pass"].kept == ("3", "1.5", "1", "0.7")
    assert load_catalog()["eidolonIII"].kept == ("2-0-10", "4-0-10", "8-0-10")


@pytest.mark.parametrize(
    ("name", "label", "normal"),
    [
        ("uniform-noise", "0.60", "0.6"),
        ("uniform-noise", "0.0", "0"),
        ("false-colour", "True", "true"),
        ("false-colour", "FALSE", "false"),
        ("cue-conflict", "NaN", "0"),
        ("edge", "na", "0"),
        ("silhouette", "", "0"),
        ("high-pass", "inf", "inf"),
        ("rotation", "90.0", "90"),
        ("contrast", "c05", "c05"),
    ],
)
def test_conditions_have_one_spelling(name: str, label: str, normal: str) -> None:
    assert normalise_condition(dataset(name), label) == normal


def test_every_published_label_normalises_to_its_condition() -> None:
    for entry in load_catalog().values():
        for condition, label in zip(entry.conditions, entry.published, strict=True):
            assert normalise_condition(entry, label) == condition
            assert entry.published_label(condition) == label


@pytest.mark.parametrize(("name", "label"), [("contrast", "c07"), ("contrast", "NaN"), ("edge", "1")])
def test_an_unknown_condition_is_refused(name: str, label: str) -> None:
    with pytest.raises(UserError, match=f"unknown condition '{label}' in data set {name}: it has "):
        normalise_condition(dataset(name), label)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("cueconflict", "cue-conflict"), ("eidolon1", "eidolonI"), ("color", "colour"), ("Edge", "edge")],
)
def test_an_unknown_data_set_names_the_near_ones(asked: str, meant: str) -> None:
    with pytest.raises(UserError, match=f"unknown data set '{asked}': did you mean .*{meant}"):
        dataset(asked)


def test_a_hopeless_name_lists_all() -> None:
    with pytest.raises(UserError, match="choose one of colour, contrast, .*cue-conflict"):
        dataset("xyzzy")


def test_the_imagenet_map() -> None:
    mapped = imagenet_to_category()
    assert len(mapped) == 1000
    assert {category for category in mapped if category} == set(CATEGORIES)
    assert mapped[0] is None  # tench
    assert mapped[404] == "airplane"  # airliner
    assert sum(category is not None for category in mapped) == 207
    assert list(CATEGORIES) == sorted(CATEGORIES) and len(CATEGORIES) == 16


def test_controls_are_what_is_left_as_it_is() -> None:
    catalog = load_catalog()
    assert {entry.control for entry in catalog.values() if entry.kind == "nonparametric"} == {""}
    for entry in catalog.values():
        if entry.kind == "parametric":
            assert entry.control == entry.conditions[0]


def test_ninety_sessions_of_people_each_with_its_hash() -> None:
    catalog = load_catalog()
    assert sum(entry.n_sessions for entry in catalog.values()) == 90
    hashes = [sha for entry in catalog.values() for sha in entry.trials_sha256]
    assert len(hashes) == len(set(hashes)) == 90
    for name, entry in catalog.items():
        assert len(entry.trial_files) == entry.n_sessions
        assert next(iter(entry.trial_files)) == f"{name}_subject-01_session_1.csv"
        assert entry.archive.endswith(f"/{name}.tar.gz") and entry.trials.endswith(f"/{name}")


def test_the_hashes_are_those_of_the_published_files(shared_data: Path) -> None:
    for name, entry in load_catalog().items():
        for file, sha256 in entry.trial_files.items():
            assert hashlib.sha256((shared_data / "trials" / name / file).read_bytes()).hexdigest() == sha256
