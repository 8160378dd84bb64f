"""Models of few words are not asked about others, whatever door a label comes through."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests import tiny
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from reconstrue import classify_files
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.vocabulary import vocabulary_of
from reconstrue.errors import UserError
from reconstrue.run.asked import require_known
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set
from reconstrue.studies.frequencies import run_frequencies
from reconstrue.studies.illusions import run_illusions
from reconstrue.studies.reconstruct import reconstruct_files

SEVEN = "airplane, bird, boat, car, cat, dog, truck"
ONE = world_set("original", 1, 0).stimuli


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
    with pytest.raises(
        UserError, match=rf"has no word for 'zebra'; give others \(of the 16 categories it knows {SEVEN}\)$"
    ):
        next(classify_files([picture], model, ["dog", "zebra"]))


@pytest.mark.parametrize("model", ["pocket-latent", "pocket-muse", "pocket-parti", "pocket-clip"])
def test_no_kind_scores_a_word_that_it_does_not_know(model: str) -> None:
    with pytest.raises(
        UserError, match=f"{model} has no word for 'zebra'; give others .of the 16 categories it knows airplane, bear,"
    ):
        load_classifier(model).score(ONE, ["dog", "zebra"])


def test_nor_is_it_drawn(picture: Path, tmp_path: Path) -> None:
    unknown = "photo-latent has no word for"
    with pytest.raises(UserError, match=f"{unknown} 'a photo of a zebra'"):
        next(reconstruct_files([picture], "photo-latent", ["a photo of a zebra"]))
    with pytest.raises(UserError, match=f"{unknown} 'bear', 'bicycle'"):
        run_illusions("photo-latent", tmp_path / "illusions", count=1, draws=1)
    with pytest.raises(UserError, match=f"{unknown} 'bear', 'bicycle'"):
        run_frequencies("photo-latent", tmp_path / "bands", stimuli="pocket", limit=1, tell=lambda *_: None)


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
    assert classifier.checked(["Cat", "a bad photo", "dog "]) == ("Cat", "a bad photo", "dog")
    with pytest.raises(UserError, match="has no word for 'police dog', 'cat-fish'; give others .of the 16 categories it knows airplane, bear,"):  # fmt: skip
        classifier.checked(["police dog", "cat-fish", "dog"])


def around(model: Any) -> PreTrainedTokenizerFast:
    """A tokenizer that splits at spaces and lowers capitals."""
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    # Longer labels are cut off where they are read, and what is cut off counts here too.
    tokenizer.enable_truncation(1)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token=getattr(model, "unk_token", "<unk>"))


def test_a_text_is_split_as_the_tokenizer_does() -> None:
    found = vocabulary_of(around(models.WordLevel({"cat-fish": 0, "cat": 1, "<unk>": 2}, unk_token="<unk>")))
    assert found is not None
    knows = [found.knows(text) for text in ("Cat-Fish", "cat cat-fish", "cat - fish", "cat zebra")]
    assert knows == [True, True, False, False]


def test_one_that_spells_words_out_knows_what_it_has_letters_for() -> None:
    letters = models.Unigram([("<unk>", 0.0), *((letter, -1.0) for letter in "aberz")], 0, False)
    found = vocabulary_of(around(letters))
    assert found is not None and found.knows("zebra") and not found.knows("zebra 犬")


def test_one_without_an_unknown_token_knows_all() -> None:
    assert vocabulary_of(None) is None
    assert vocabulary_of(PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE({"a": 0}, [])))) is None


def test_a_tokenizer_that_a_model_does_not_read_is_not_asked(picture: Path, tmp_path: Path) -> None:
    packaged = load_cards()["photo-resnet"].packaged
    assert packaged is not None
    folder = shutil.copytree(packaged, tmp_path / "mine")
    (folder / "tokenizer.json").write_text("half a fil")
    assert next(classify_files([picture], str(folder), ["dog", "cat"])).error is None


def test_models_that_read_no_words_know_all() -> None:
    assert load_classifier("photo-resnet").vocabulary is None
