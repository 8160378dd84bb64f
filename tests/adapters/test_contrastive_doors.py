"""CLIP through transformers and through open_clip: the embeddings are the libraries' own."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tests import tiny_discriminative as tiny
from transformers import CLIPModel

from reconstrue.classifiers.adapters.open_clip import OpenClipEmbedder, imagenet_templates
from reconstrue.classifiers.adapters.transformers.clip import ClipEmbedder
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.discriminative.contrastive import ContrastiveClassifier
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.pictures import to_square
from reconstrue.classifiers.prompts import resolve_templates
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set

LABELS = ("airplane", "bear", "cat")
PROMPTS = [f"A bad photo of a {label}." for label in LABELS]
STIMULI = world_set("original", 3, 0).stimuli
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    tiny.save_clip(folder)
    return folder


@pytest.fixture(scope="module")
def open_clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("open-clip")
    tiny.save_open_clip(folder)
    return folder


def pictures(interpolation: str) -> torch.Tensor:
    return torch.stack([to_square(s.read(), 32, interpolation) for s in STIMULI])


def normalised(interpolation: str) -> torch.Tensor:
    mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (tiny.MEAN, tiny.DEVIATION))
    return (pictures(interpolation) - mean) / deviation


def test_transformers_clip_answers_as_its_own_forward(clip_folder: Path) -> None:
    model = CLIPModel.from_pretrained(clip_folder).eval()
    words = ClipEmbedder(clip_folder, dtype=torch.float32, device=CPU).read(PROMPTS)
    assert words["ids"].shape == (3, 16)
    with torch.inference_mode():
        wanted = model(input_ids=words["ids"], attention_mask=words["mask"], pixel_values=normalised("bicubic"))
    found = load_classifier(str(clip_folder)).score(STIMULI, LABELS)
    np.testing.assert_allclose(found.posterior, wanted.logits_per_image.softmax(dim=1).numpy(), atol=1e-5)
    # The answers differ between labels and pictures, so that this compares something.
    assert np.ptp(found.log_evidence, axis=1).min() > 1e-3 and np.ptp(found.log_evidence, axis=0).max() > 1e-4


def test_open_clip_answers_as_its_own_forward(open_clip_folder: Path) -> None:
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{open_clip_folder}")
    tokens = open_clip.get_tokenizer(f"local-dir:{open_clip_folder}")(PROMPTS)
    seen = torch.stack([preprocess(Image.fromarray(s.read())) for s in STIMULI])
    torch.testing.assert_close(normalised("bilinear"), seen, atol=0.02, rtol=0)  # 1/255/0.2: one step of a byte
    with torch.inference_mode():
        image, text, scale = model.eval()(normalised("bilinear"), tokens)
        wanted = (scale * image @ text.T).softmax(dim=1)
    found = load_classifier(str(open_clip_folder)).score(STIMULI, LABELS)
    np.testing.assert_allclose(found.posterior, wanted.numpy(), atol=1e-5)
    assert np.ptp(found.log_evidence, axis=1).min() > 1e-3


@pytest.mark.parametrize("door", ["clip_folder", "open_clip_folder"])
def test_eighty_templates_by_name_are_the_mean_of_eighty_normalised_embeddings(
    door: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(door)
    make = ClipEmbedder if door == "clip_folder" else OpenClipEmbedder
    embedder = make(folder if door == "clip_folder" else str(folder), dtype=torch.float32, device=CPU)
    # The transformers twin knows few words; its templates must differ in those.
    templates = ("A bad photo of a {label}.", "a duck a {label}", "a rabbit a {label}")
    names = templates if door == "clip_folder" else ("imagenet-80",)
    classifier = load_classifier(str(folder), Options(prompts=names))
    assert isinstance(classifier, ContrastiveClassifier)
    assert classifier.templates == (templates if door == "clip_folder" else imagenet_templates())
    with torch.inference_mode():
        rows = []
        for label in LABELS:
            told = [t.replace("{label}", label) for t in classifier.templates]
            one = torch.nn.functional.normalize(embedder.embed_texts(embedder.read(told)), dim=1).mean(dim=0)
            rows.append(one / one.norm())
        image = torch.nn.functional.normalize(embedder.embed_pictures(pictures(embedder.interpolation)), dim=1)
        wanted = (embedder.scale * image @ torch.stack(rows).T).log_softmax(dim=1)
    found = classifier.score(STIMULI, LABELS)
    np.testing.assert_allclose(found.log_evidence, wanted.numpy(), atol=2e-4)


def test_the_eighty_templates_are_clips_own() -> None:
    templates = resolve_templates(("imagenet-80",))
    assert len(templates) == len(set(templates)) == 80
    assert all("{label}" in template for template in templates)
    assert {"a bad photo of a {label}.", "a {label} in a video game.", "itap of my {label}."} <= set(templates)


def test_labels_that_the_tokenizer_does_not_know_are_refused(clip_folder: Path) -> None:
    with pytest.raises(UserError, match="has no word for 'zyzzyva'; give others"):
        load_classifier(str(clip_folder)).score(STIMULI, ("zyzzyva", "cat"))


def test_half_precision_stays_near(open_clip_folder: Path, clip_folder: Path) -> None:
    for folder in (open_clip_folder, clip_folder):
        full = load_classifier(str(folder)).score(STIMULI, LABELS).posterior
        half = load_classifier(str(folder), Options(dtype="bfloat16")).score(STIMULI, LABELS).posterior
        np.testing.assert_allclose(half, full, atol=0.1)
        assert not np.array_equal(half, full)


def test_nothing_is_left_in_the_logging_of_the_program(open_clip_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a fresh program: pytest has handlers of its own, and the library's calls set some up only where none is.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    OpenClipEmbedder(str(open_clip_folder), dtype=torch.float32, device=CPU)
    assert logging.getLogger().handlers == []


def test_open_clip_weights_that_lack_a_part_or_would_be_unpickled_are_refused(tmp_path: Path) -> None:
    tiny.save_open_clip(tmp_path)
    weights = tmp_path / "open_clip_model.safetensors"
    tensors = load_file(weights)
    save_file({name: tensor for name, tensor in tensors.items() if name != "text_projection"}, weights)
    with pytest.raises(UserError, match="cannot load this model"):
        load_classifier(str(tmp_path))
    torch.save(tensors, tmp_path / "open_clip_pytorch_model.bin")
    weights.unlink()
    with pytest.raises(UserError, match="no open_clip_model.safetensors in it"):
        load_classifier(str(tmp_path))


def test_clip_weights_that_lack_a_part_are_refused(tmp_path: Path) -> None:
    tiny.save_clip(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    tensors.pop("visual_projection.weight")
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="weights are missing, and would be random"):
        load_classifier(str(tmp_path))


def test_other_preprocessing_than_a_centre_square_is_refused(tmp_path: Path) -> None:
    tiny.save_open_clip(tmp_path, preprocessing={"resize_mode": "squash"})
    with pytest.raises(UserError, match="resize_mode 'squash' .* is not supported"):
        load_classifier(str(tmp_path))


CONTRASTIVE = [card for card in load_cards().values() if card.loader.endswith(":load_open_clip")]


@pytest.mark.parametrize("card", CONTRASTIVE, ids=lambda card: card.name)
def test_every_card_names_weights_that_open_clip_has(card) -> None:
    architecture, _, tag = card.source.partition(":")
    assert tag in open_clip.list_pretrained_tags_by_model(architecture)
    assert open_clip.get_model_config(architecture)["vision_cfg"]["image_size"] == card.resolution
    config = open_clip.get_pretrained_cfg(architecture, tag)
    assert config["interpolation"] == card.interpolation
    assert (config["mean"] == (0.5, 0.5, 0.5)) == (card.input_range == "[-1, 1]")
    assert card.prompts == "imagenet-80"


def test_there_are_cards() -> None:
    assert {"clip-vit-l-14", "clip-vit-b-32"} <= {card.name for card in CONTRASTIVE}


def test_a_card_is_built_with_the_activation_that_its_weights_were_trained_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenAI's weights want QuickGELU, which the architecture of the same name does not have by itself."""
    config = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 8, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    }
    torch.manual_seed(0)
    wanted = open_clip.CLIP(**config, quick_gelu=True).eval()
    save_file(wanted.state_dict(), tmp_path / "weights.safetensors")
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "Tiny", config)
    for tag in ("openai", "laion"):
        entry = {"file": str(tmp_path / "weights.safetensors"), "quick_gelu": tag == "openai"}
        monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "Tiny", {tag: entry})
        embedder = OpenClipEmbedder(f"Tiny:{tag}", dtype=torch.float32, device=CPU)
        with torch.inference_mode():
            same = torch.allclose(embedder.embed_texts(embedder.read(PROMPTS)), wanted.encode_text(embedder.read(PROMPTS)["ids"]), atol=1e-5)  # fmt: skip
        assert same == (tag == "openai")


def test_weights_out_of_reach_are_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="ViT-B-32:openai: .*no whole local copy.*machine with a network") as caught:
        load_classifier("clip-vit-b-32")
    assert "\n" not in str(caught.value)
