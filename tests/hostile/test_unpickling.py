"""Nothing that a user brings is unpickled, and no code that lies beside a model is run: the bait is never sprung."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import load_file
from tests.hostile import models
from tests.hostile.ending import ending

from reconstrue.classifiers.load import load_classifier
from reconstrue.stimuli.make import read_table

WAY_OUT = r"is never opened, as unpickling runs what a file says: save the model as safetensors"


class Bait:
    """Makes a file where it is unpickled."""

    def __init__(self, sprung: Path) -> None:
        self.sprung = sprung

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.sprung,)


@pytest.fixture
def sprung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What the bait makes. A question whether to run code is a fault of its own."""
    asked: list[object] = []
    # Answered with yes; what it raised would be taken for no.
    monkeypatch.setattr("builtins.input", lambda *words: asked.append(words) or "y")
    yield tmp_path / "sprung"
    assert asked == []


def test_the_bait_works(sprung: Path) -> None:
    pickle.loads(pickle.dumps(Bait(sprung)))  # noqa: S301
    assert sprung.exists()
    sprung.unlink()
    torch.save({"a": Bait(sprung)}, sprung.with_suffix(".bin"))
    torch.load(sprung.with_suffix(".bin"), weights_only=False)
    assert sprung.exists()


def baited(model: Path, to: Path, weights: str, bait: Bait, names: tuple[str, ...]) -> Path:
    """Put pickles in the place of a model's weights: whole ones of sound tensors, and the bait among them."""
    folder = models.copied(model, to)
    tensors = load_file(folder / weights)
    (folder / weights).unlink()
    for name in names:
        torch.save({**tensors, "bait": bait}, (folder / weights).with_name(name))
    return folder


PICKLES = {
    "transformers": ("pytorch_model.bin",),
    "timm": ("pytorch_model.bin", "pytorch_model.pth", "model.pth", "checkpoint.pth.tar"),
    "clip": ("pytorch_model.bin", "model.pt"),
    "open_clip": ("open_clip_pytorch_model.bin", "open_clip_pytorch_model.pth", "pytorch_model.bin"),
    "diffusers": ("diffusion_pytorch_model.bin", "model.ckpt"),
    "amused": ("diffusion_pytorch_model.bin",),
    "tokens": ("pytorch_model.bin",),
    "janus": ("pytorch_model.bin",),
    "emu3": ("pytorch_model.bin",),
}


@pytest.mark.parametrize("kind", PICKLES)
def test_pickled_weights_are_refused_with_the_way_out(saved: Callable[[str], Path], tmp_path: Path, sprung: Path, kind: str) -> None:  # fmt: skip
    folder = baited(saved(kind), tmp_path / "model", models.WEIGHTS[kind], Bait(sprung), PICKLES[kind])
    said = ending(lambda: load_classifier(str(folder)))
    assert WAY_OUT in said and any(name in said for name in PICKLES[kind]), said
    assert not sprung.exists()


@pytest.mark.parametrize("part", ["vae", "text_encoder"])
def test_so_are_those_of_every_part(saved: Callable[[str], Path], tmp_path: Path, sprung: Path, part: str) -> None:
    file = {"vae": "diffusion_pytorch_model", "text_encoder": "model"}[part]
    name = {"vae": "diffusion_pytorch_model.bin", "text_encoder": "pytorch_model.bin"}[part]
    folder = baited(saved("diffusers"), tmp_path / "model", f"{part}/{file}.safetensors", Bait(sprung), (name,))
    assert WAY_OUT in ending(lambda: load_classifier(str(folder)))
    assert not sprung.exists()


def test_pickles_beside_safetensors_are_left_alone(saved: Callable[[str], Path], tmp_path: Path, sprung: Path) -> None:
    for kind, names in PICKLES.items():
        if kind in ("janus", "emu3", "amused", "tokens"):
            continue
        folder = models.copied(saved(kind), tmp_path / kind)
        for name in (*names, "optimizer.pt", "training_args.bin", "rng_state.pth", "vocab.pkl"):
            torch.save({"bait": Bait(sprung)}, (folder / models.WEIGHTS[kind]).with_name(name))
        assert ending(lambda folder=folder: load_classifier(str(folder))) == "", kind
        assert not sprung.exists(), kind


def test_a_tokenizer_of_pickles_is_not_read(saved: Callable[[str], Path], tmp_path: Path, sprung: Path) -> None:
    """The files and classes of older tokenizers that were pickled."""
    folder = models.copied(saved("clip"), tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    for name in ("vocab.pkl", "vocab.bin", "tokenizer.pkl", "tokenizer.model", "vocab.pt"):
        (folder / name).write_bytes(pickle.dumps(Bait(sprung)))
    for kind in ("TransfoXLTokenizer", "BertJapaneseTokenizer", "T5Tokenizer", "PreTrainedTokenizerFast"):
        (folder / "tokenizer_config.json").write_text(
            json.dumps({"tokenizer_class": kind, "word_tokenizer_type": "basic"})
        )
        assert ending(lambda: load_classifier(str(folder))), kind
        assert not sprung.exists(), kind


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "model.pth", "model.bin", "MODEL.PKL", "model.safetensors"])
def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path, sprung: Path, name: str) -> None:
    torch.save({"bait": Bait(sprung)}, tmp_path / name)
    said = ending(lambda: load_classifier(str(tmp_path / name)))
    assert ("give the folder that it lies in" if name.endswith(".safetensors") else WAY_OUT) in said
    assert not sprung.exists()


def test_ones_own_checkpoint_under_its_card_is_held_to_the_same(saved: Callable[[str], Path], tmp_path: Path, sprung: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    baited(saved("timm"), tmp_path / "own-checkpoint", "model.safetensors", Bait(sprung), PICKLES["timm"])
    monkeypatch.chdir(tmp_path)
    assert WAY_OUT in ending(lambda: load_classifier("own-checkpoint"))
    assert not sprung.exists()


def test_a_table_of_objects_is_not_unpickled(tmp_path: Path, sprung: Path) -> None:
    import numpy as np

    np.save(tmp_path / "spectrum.npy", np.array([Bait(sprung)], dtype=object), allow_pickle=True)
    (tmp_path / "plain.npy").write_bytes(pickle.dumps(Bait(sprung)))
    for name in ("spectrum.npy", "plain.npy"):
        assert "not an array of numbers" in ending(lambda name=name: read_table(tmp_path / name, "--spectrum"))
    assert not sprung.exists()


# --- published .pth files of torchvision's cards


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torchvision looks for weights before it fetches them."""
    monkeypatch.setattr("torch.hub._hub_dir", str(tmp_path / "hub"))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints" / "squeezenet1_1-b8a52dc0.pth"


def test_a_published_file_with_more_than_weights_is_refused(checkpoints: Path, sprung: Path) -> None:
    torch.save({"bait": Bait(sprung)}, checkpoints)
    assert "is not unpickled" in ending(lambda: load_classifier("squeezenet1_1"))
    assert not sprung.exists()


def test_a_published_file_of_another_hash_is_refused(checkpoints: Path) -> None:
    """torchvision itself looks at the hash of what it fetches, not of what is there."""
    torch.save(torchvision.models.squeezenet1_1().state_dict(), checkpoints)
    said = ending(lambda: load_classifier("squeezenet1_1"))
    assert "squeezenet1_1-b8a52dc0.pth: its SHA-256 begins with" in said and "remove it" in said


# --- code beside a model

CODE = "from pathlib import Path\nPath({sprung!r}).touch()\nclass Own: pass\n"


@pytest.mark.parametrize("kind", ["transformers", "clip", "tokens", "janus"])
def test_code_that_a_config_names_is_not_run(
    saved: Callable[[str], Path], tmp_path: Path, sprung: Path, kind: str
) -> None:
    folder = models.copied(saved(kind), tmp_path / "model")
    names = ("config.json", "tokenizer_config.json", "preprocessor_config.json", "processor_config.json")
    classes = ("Config", "Model", "ModelForImageClassification", "ModelForSeq2SeqLM", "Tokenizer", "Processor")
    own = {f"Auto{name}": "bait_code.Own" for name in classes}
    for path in [path for path in folder.rglob("*.json") if path.name in names]:
        (path.parent / "bait_code.py").write_text(CODE.format(sprung=str(sprung)))
        tokenizer = (
            {"AutoTokenizer": ["bait_code.Own", "bait_code.Own"]} if path.name == "tokenizer_config.json" else {}
        )
        path.write_text(json.dumps({**json.loads(path.read_text()), "auto_map": {**own, **tokenizer}}))
    ending(lambda: load_classifier(str(folder)))
    # A kind that transformers itself does not know leaves it nothing but the code.
    for path in folder.rglob("config.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": "own"}))
    ending(lambda: load_classifier(str(folder)))
    assert not sprung.exists()


def test_parts_that_are_never_loaded_may_be_of_anything(saved: Callable[[str], Path], tmp_path: Path) -> None:
    """As in the folders of Stable Diffusion, whose safety checker is of the module ``stable_diffusion``."""
    folder = models.copied(saved("diffusers"), tmp_path / "model")
    index = json.loads((folder / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (folder / "model_index.json").write_text(json.dumps(index))
    assert ending(lambda: load_classifier(str(folder))) == ""


@pytest.mark.parametrize(("part", "named"), [("tokenizer", "AutoTokenizer"), ("text_encoder", "AutoModel")])
@pytest.mark.parametrize("kind", ["diffusers", "amused"])
def test_nobody_is_asked_whether_a_part_may_run_its_code(saved: Callable[[str], Path], tmp_path: Path, sprung: Path, kind: str, part: str, named: str) -> None:  # fmt: skip
    """transformers asks on the terminal where it is told neither yes nor no."""
    folder = models.copied(saved(kind), tmp_path / "model")
    if kind == "diffusers":
        index = json.loads((folder / "model_index.json").read_text())
        (folder / "model_index.json").write_text(json.dumps({**index, part: ["transformers", named]}))
    (folder / part / "bait_code.py").write_text(CODE.format(sprung=str(sprung)))
    own = {"AutoConfig": "bait_code.Own", "AutoModel": "bait_code.Own", "AutoTokenizer": ["bait_code.Own", None]}
    (folder / part / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": own}))
    (folder / part / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "Own", "auto_map": own}))
    assert ending(lambda: load_classifier(str(folder)))
    assert not sprung.exists()


@pytest.mark.parametrize(
    "named", [["bait_code", "Own"], ["os", "system"], ["unet", "Own"], [["bait_code"], "Own"], [7, "Own"]]
)
def test_code_that_a_pipeline_names_is_not_run(saved: Callable[[str], Path], tmp_path: Path, sprung: Path, named: list[object]) -> None:  # fmt: skip
    folder = models.copied(saved("diffusers"), tmp_path / "model")
    for path in (folder / "bait_code.py", folder / "unet" / "bait_code.py", folder / "unet" / "unet.py"):
        path.write_text(CODE.format(sprung=str(sprung)))
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "unet": named}))
    said = ending(lambda: load_classifier(str(folder)))
    assert "'unet' is of" in said and "no code but that of diffusers and transformers is run" in said
    assert not sprung.exists()


def test_a_pipeline_class_of_its_own_is_not_run(saved: Callable[[str], Path], tmp_path: Path, sprung: Path) -> None:
    folder = models.copied(saved("diffusers"), tmp_path / "model")
    (folder / "pipeline.py").write_text(CODE.format(sprung=str(sprung)))
    index = json.loads((folder / "model_index.json").read_text())
    for name in (["pipeline", "Own"], "pipeline.Own", "Own", None, 7):
        (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": name}))
        assert ending(lambda: load_classifier(str(folder))), name
    assert not sprung.exists()
