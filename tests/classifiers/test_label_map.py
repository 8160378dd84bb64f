"""Which outputs belong to which label: the field's table class by class, WordNet ids, own names, a user's CSV."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from timm.data import ImageNetInfo

from reconstrue.classifiers.discriminative.label_map import packaged_map, read_map
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES, imagenet_classes

WNIDS = tuple(one.wnid for one in imagenet_classes())
NAMES = tuple(one.name for one in imagenet_classes())

# Counted by hand in the published lists of WordNet ids (Geirhos et al. 2018).
COUNTS = {
    "airplane": 1, "bear": 4, "bicycle": 2, "bird": 49, "boat": 5, "bottle": 7, "car": 3, "cat": 6, "chair": 4,
    "clock": 3, "dog": 109, "elephant": 2, "keyboard": 2, "knife": 1, "oven": 1, "truck": 8,
}  # fmt: skip
# Classes that everybody knows, by their index in ImageNet.
KNOWN = {
    404: "airplane", 294: "bear", 444: "bicycle", 671: "bicycle", 11: "bird", 472: "boat", 440: "bottle", 817: "car",
    281: "cat", 765: "chair", 409: "clock", 207: "dog", 385: "elephant", 386: "elephant", 508: "keyboard", 499: "knife",
    766: "oven", 867: "truck",
}  # fmt: skip


def test_the_table_has_as_many_classes_of_each_category_as_the_field() -> None:
    members = packaged_map(WNIDS).members
    assert {category: len(members[category]) for category in CATEGORIES} == COUNTS
    assert sum(COUNTS.values()) == 207


@pytest.mark.parametrize(("index", "category"), KNOWN.items())
def test_well_known_classes_are_where_they_belong(index: int, category: str) -> None:
    assert index in packaged_map(WNIDS).members[category]


def test_no_output_belongs_to_two_categories() -> None:
    members = packaged_map(WNIDS).members
    counts = Counter(i for category in CATEGORIES for i in members[category])
    assert set(counts.values()) == {1}


@pytest.mark.parametrize(
    "classes", [NAMES, tuple(name.split(",")[0] for name in NAMES), tuple(f"LABEL_{i}" for i in range(1000))]
)
def test_english_and_missing_names_in_imagenet_order_map_as_the_ids_do(classes: tuple[str, ...]) -> None:
    by_id, found = packaged_map(WNIDS).members, packaged_map(classes).members
    assert {c: found[c] for c in CATEGORIES} == {c: by_id[c] for c in CATEGORIES}


def test_ids_in_another_order_keep_their_categories() -> None:
    turned = WNIDS[::-1]
    found = packaged_map(turned).members
    assert {turned[i] for i in found["dog"]} == {WNIDS[i] for i in packaged_map(WNIDS).members["dog"]}


# The 12k and the miil trees dropped rare breeds of dogs; no other category lost a class.
@pytest.mark.parametrize(
    ("tree", "outputs", "dogs"),
    [
        ("imagenet-21k-miil", 11221, 101),
        ("imagenet-12k", 11821, 103),
        ("imagenet-22k", 21841, 109),
        ("imagenet-22k-ms", 21842, 109),
        ("imagenet-21k-goog", 21843, 109),
    ],
)
def test_larger_trees_answer_with_the_same_classes(tree: str, outputs: int, dogs: int) -> None:
    classes = ImageNetInfo(tree).label_names()
    assert len(classes) == outputs
    found = packaged_map(classes).members
    assert {c: len(found[c]) for c in CATEGORIES} == COUNTS | {"dog": dogs}
    category = {one.wnid: one.category for one in imagenet_classes()}
    assert all(category[classes[i]] == c for c in CATEGORIES for i in found[c])


def test_own_names_are_labels_and_a_thousand_own_classes_are_not_taken_for_imagenet() -> None:
    assert packaged_map(("duck", "rabbit")).outputs(("rabbit", "duck"), "own") == [[1], [0]]
    thousand = packaged_map([f"part {i}" for i in range(1000)])
    with pytest.raises(UserError, match="own was not trained on 'dog'$"):
        thousand.outputs(("dog", "cat"), "own")


def table(folder: Path, text: str) -> Path:
    path = folder / "classes.csv"
    path.write_text(text, encoding="utf-8")
    return path


CLASSES = ("tabby", "siamese", "poodle", "sofa, settee")


@pytest.mark.parametrize(
    "text",
    [
        "output,label\n0,cat\n1,cat\n2,dog\n3,\n",
        "label,class\ncat,siamese\ncat,tabby\ndog,poodle\n",
        '\ufeffclass,label\r\ntabby,cat\r\n"sofa, settee",\r\n1,cat\r\n poodle , dog \r\n',
    ],
)
def test_a_csv_by_index_or_by_name_in_any_order(tmp_path: Path, text: str) -> None:
    found = read_map(table(tmp_path, text), CLASSES)
    assert [sorted(own) for own in found.outputs(("dog", "cat"), "own")] == [[2], [0, 1]]
    plain = read_map(table(tmp_path, "output,label\n0,cat\n1,cat\n2,dog\n"), CLASSES)
    assert found.digest == plain.digest, "the order of the rows is no choice"
    assert plain.digest != read_map(table(tmp_path, "output,label\n0,cat\n2,dog\n"), CLASSES).digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("index,label\n0,cat\n", r"columns \['index', 'label'\], but 'output,label' or 'class,label' is needed"),
        ("output,label,note\n0,cat,x\n", "but 'output,label'"),
        ("output,label\n4,cat\n", r"line 2: the network has no output 4; they run from 0 to 3"),
        ("output,label\n-1,cat\n", "line 2: the network has no class '-1'"),
        (
            "class,label\ntabby,cat\nsiamesse,cat\n",
            "line 3: the network has no class 'siamesse'; did you mean 'siamese'",
        ),
        ("output,label\n0,cat\ntabby,cat\n", "line 3: output 'tabby' is given twice for 'cat'"),
        ("output,label\n0,\n", "no output belongs to any label"),
        ("output,label\n0\n", "line 2: two values are needed"),
        ("output,label\n0,cat,dog\n", "line 2: two values are needed"),
        ("", r"columns \[\]"),
    ],
)
def test_a_wrong_csv_is_said_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        read_map(table(tmp_path, text), CLASSES)
    assert "\n" not in str(caught.value)


def test_a_label_without_outputs_and_a_missing_file_are_named(tmp_path: Path) -> None:
    found = read_map(table(tmp_path, "output,label\n0,cat\n2,dog\n"), CLASSES)
    with pytest.raises(UserError, match="no output of own belongs to 'dogs'; did you mean 'dog'.*--classes"):
        found.outputs(("cat", "dogs"), "own")
    with pytest.raises(UserError, match=r"nowhere\.csv: cannot be read"):
        read_map(tmp_path / "nowhere.csv", CLASSES)
