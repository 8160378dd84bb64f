"""Model folders of any content: a classifier that answers, or one line; and cards are data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile import corpus, models
from tests.hostile.ending import ending, endings, files_under
from tests.tiny_discriminative import edit_config
from typer.testing import CliRunner

from reconstrue.classifiers.cards import KINDS, load_cards, read_cards
from reconstrue.classifiers.formats import loader_of
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.cli import app
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set

ONE = world_set("original", 1, 0).stimuli
BRIEF = Options(policy="fixed-grid", max_draws=1, batch_size=2)


@pytest.mark.parametrize("kind", ["transformers", "timm", "clip", "open_clip", "diffusers", "amused", "tokens"])
def test_damaged_folders_are_refused_in_one_line(saved: Callable[[str], Path], tmp_path: Path, kind: str) -> None:
    folders = dict(models.damaged(kind, saved(kind), tmp_path, values=8))

    def load(name: str) -> None:
        before = files_under(tmp_path)
        load_classifier(str(folders[name]), BRIEF)
        assert files_under(tmp_path) == before, "loading writes nothing"
        shutil.rmtree(folders[name])

    found = endings(folders, load)
    for name, said in found.items():
        assert not said or str(tmp_path) in said or "unknown diffusers pipeline class" in said, (
            f"{name}: it names the folder"
        )
        if "cut" in name or "header" in name:
            assert said, f"{name} was loaded"


@pytest.mark.parametrize(
    ("key", "value"),
    [("num_hidden_layers", 10**9), ("depths", [1, 10**9]), ("num_labels", 10**9), ("layers_per_block", 10**9)],
)
def test_a_network_of_a_billion_layers_is_not_begun(saved: Callable[[str], Path], tmp_path: Path, key: str, value: object) -> None:  # fmt: skip
    folder = models.copied(saved("transformers"), tmp_path / "model")
    edit_config(folder / "config.json", **{key: value})
    assert f"config.json: '{key}' is above 100,000" in ending(lambda: load_classifier(str(folder)))


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "notes.txt"])
def test_a_pipe_in_a_folder_is_not_waited_for(saved: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    folder = models.copied(saved("transformers"), tmp_path / "model")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    said = ending(lambda: load_classifier(str(folder)))
    assert ("neither model_index.json" if name == "config.json" else "a pipe or a device, not a file") in said


@settings(max_examples=30)
@given(st.binary(max_size=60) | st.sampled_from([b"{}", b"[]", b'{"architectures": 7}', b'{"architectures": [null]}', b'{"_class_name": []}']), st.sampled_from(["config.json", "model_index.json", "open_clip_config.json"]))  # fmt: skip
def test_any_bytes_in_the_file_that_says_what_a_folder_is(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("folder")
    (folder / name).write_bytes(content)
    ending(lambda: loader_of(folder))


@pytest.mark.parametrize(
    "model", ["", " ", "/", "a" * 5000, "a\x00b", "../..", "x/../y", "-", "~", "C:\\x", "a/b/c", "[red]"]
)
def test_names_of_no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    assert ending(lambda: load_classifier(model))


def test_a_folder_that_is_no_model_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--model ~` must not walk through all that somebody has."""
    walked: list[str] = []
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: walked.append(pattern) or iter(()))
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "model.ckpt").write_bytes(b"x")
    said = ending(lambda: load_classifier(str(tmp_path)))
    assert "neither model_index.json" in said and "model.ckpt is never opened" in said
    assert walked == []


def test_the_command_refuses_a_damaged_folder_in_one_line(saved: Callable[[str], Path], tmp_path: Path) -> None:
    folder = models.copied(saved("transformers"), tmp_path / "model")
    (folder / "config.json").write_bytes(b'{"architectures": ["ResNetForImageClassification"], "depths": "x"}')
    (tmp_path / "a.png").write_bytes(corpus.sound_pictures()["RGB.png"])
    result = CliRunner().invoke(app, ["classify", str(tmp_path / "a.png"), "-m", str(folder), "--labels", "cat,dog"])
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert result.stderr.count("error:") == 1 and len(result.stderr.splitlines()) == 1
    assert load_classifier(str(saved("transformers"))).score(ONE, ("cat", "dog")).posterior.shape == (1, 2)


# --- cards


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """A copy of the packaged cards."""
    with_cards = files("reconstrue.classifiers").joinpath("model_cards")
    for kind in KINDS:
        (tmp_path / f"{kind}.toml").write_text(with_cards.joinpath(f"{kind}.toml").read_text(encoding="utf-8"))
    return tmp_path


CARD = """
[a]
loader = "reconstrue.classifiers.loaders:load_timm"
source = "resnet18"
licence = "mit"
resolution = 224
memory_gb = 1
paper = "p"
about = "a"
class_name = "c"
"""


def test_a_sound_card_is_read(cards: Path) -> None:
    assert read_cards(cards) == dict(load_cards())
    (cards / "masked.toml").write_text(CARD)
    assert read_cards(cards)["a"].memory_gb == 1
    assert read_cards(cards)["a"].known == CATEGORIES
    (cards / "masked.toml").write_text(CARD + 'categories = "truck,car"\n')
    assert read_cards(cards)["a"].known == ("car", "truck")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[a]", "[a", "cannot be read as cards"),
        ("[a]", "a = 1\n[b]", "'a': is not a table"),
        ("[a]", "[pocket-resnet]", "two cards are named 'pocket-resnet'"),
        ('paper = "p"', "", "'paper' is missing"),
        ('paper = "p"', "paper = 7", "'paper' is 7, of a wrong type"),
        ('paper = "p"', 'paper = "p"\nkind = "masked"', "'kind' is not known"),
        ("resolution = 224", "resolution = true", "'resolution' is True, of a wrong type"),
        ("resolution = 224", "resolution = 1.5", "'resolution' is 1.5, of a wrong type"),
        ("memory_gb = 1", 'memory_gb = "1"', "'memory_gb' is '1', of a wrong type"),
        ('paper = "p"', 'paper = "p"\ncategories = "car,bote"', "'categories' is 'car,bote', not two or more of the 16"),
        ('paper = "p"', 'paper = "p"\ncategories = "car"', "'categories' is 'car', not two or more of the 16"),
        ('paper = "p"', 'paper = "p"\ncategories = "car,car"', "'categories' is 'car,car', not two or more"),
        ('paper = "p"', 'paper = "p"\ncategories = 7', "'categories' is 7, of a wrong type"),
        ("reconstrue.classifiers.loaders:load_timm", "os:system", "its loader is 'os:system', not one of this package"),
        ("reconstrue.classifiers.loaders:load_timm", "reconstrue.classifiers.loaders:resolve", "not one of this package"),
        ("[a]", "[a]\nx = " + "[" * 5000, "cannot be read as cards"),
    ],
)  # fmt: skip
def test_a_damaged_card_is_named(cards: Path, old: str, new: str, said: str) -> None:
    (cards / "masked.toml").write_text(CARD.replace(old, new, 1))
    found = ending(lambda: read_cards(cards))
    assert said in found and f"{'supervised' if 'two cards' in said else 'masked'}.toml" in found


def test_a_missing_file_of_cards_is_named(cards: Path) -> None:
    (cards / "masked.toml").unlink()
    assert "masked.toml: cannot be read as cards" in ending(lambda: read_cards(cards))


@given(st.binary(max_size=200), st.integers(0, 3000))
def test_any_bytes_in_a_file_of_cards(tmp_path_factory: pytest.TempPathFactory, new: bytes, place: int) -> None:
    folder = tmp_path_factory.mktemp("cards")
    for kind in KINDS:
        content = files("reconstrue.classifiers").joinpath("model_cards", f"{kind}.toml").read_bytes()
        if kind == "contrastive":
            content = content[:place] + new + content[place + len(new) :]
        (folder / f"{kind}.toml").write_bytes(content)
    ending(lambda: read_cards(folder))


def test_packaged_weights_lie_in_the_package() -> None:
    home = Path(str(files("reconstrue"))).resolve()
    for card in load_cards().values():
        assert card.packaged is None or card.packaged.resolve().is_relative_to(home), card.name
