"""Models of few words are not asked about others, whatever door a label comes through."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from tests import tiny

from reconstrue import classify_files
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.vocabulary import closed_vocabulary, refuse_unknown
from reconstrue.errors import UserError
from reconstrue.run.asked import require_known
from reconstrue.stimuli.categories import CATEGORIES

SEVEN = "airplane, bird, boat, car, cat, dog, truck"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (32, 32), (90, 120, 200)).save(tmp_path / "sky.png")
    return tmp_path / "sky.png"


@pytest.mark.parametrize("copied", [False, True])
def test_one_unknown_word_does_not_win(copied: bool, picture: Path, tmp_path: Path) -> None:
    """Two would be read alike; one has a prompt of its own, and nothing to do with what it means."""
    model = "photo-latent"
    if copied:
        packaged = load_cards()[model].packaged
        assert packaged is not None
        model = str(shutil.copytree(packaged, tmp_path / "mine"))
    with pytest.raises(UserError, match=f"has no word for 'zebra'; use other labels: {SEVEN} it knows"):
        next(classify_files([picture], model, ["dog", "zebra"]))


def test_evaluations_name_the_categories_that_are_left(tmp_path: Path) -> None:
    packaged = load_cards()["photo-latent"].packaged
    assert packaged is not None
    classifier = load_classifier(str(shutil.copytree(packaged, tmp_path / "mine")))
    given = SEVEN.replace(", ", ",")
    with pytest.raises(
        UserError, match=f"knows 7 of the 16 categories, bear, .* not among them; give --categories {given}$"
    ):
        require_known(classifier, CATEGORIES)
    require_known(classifier, SEVEN.split(", "))


def test_every_word_of_a_label_counts_and_capitals_do_not(tmp_path: Path) -> None:
    tiny.save_pixart(tmp_path)
    classifier = load_classifier(str(tmp_path))
    refuse_unknown(classifier, ["Cat", "a bad photo", "dog"])
    with pytest.raises(UserError, match="has no word for 'police dog', 'cat-fish'; use other labels: airplane, bear,"):
        refuse_unknown(classifier, ["police dog", "cat-fish", "dog"])


@pytest.mark.parametrize(
    "written",
    [None, "half a fil", "[]", json.dumps({"model": {"type": "BPE", "vocab": {"c": 0}}}), json.dumps({"model": None})],
)
def test_tokenizers_that_spell_words_out_know_all(written: str | None, tmp_path: Path) -> None:
    if written is not None:
        (tmp_path / "tokenizer.json").write_text(written)
    assert closed_vocabulary(tmp_path) is None


def test_a_vocabulary_with_capitals_is_read_without_them(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"type": "WordLevel", "vocab": {"Cat": 0}}}))
    assert closed_vocabulary(tmp_path) == {"cat"}


def test_models_that_read_no_words_know_all() -> None:
    assert load_classifier("photo-resnet").vocabulary is None
