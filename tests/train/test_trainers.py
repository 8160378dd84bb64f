"""Every trainer, on a tiny recipe: what it saves is what the front door loads, and it answers."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPImageProcessorPil, CLIPModel

from reconstrue.classifiers.adapters.diffusers.amused import MICRO_CONDITIONING, load_amused
from reconstrue.classifiers.adapters.transformers.encoder_decoder import EncoderDecoderModel
from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.registry import resolve
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set
from reconstrue.train import autoencoder, encoded, encoder_decoder, masked
from reconstrue.train.captions import make_captions
from reconstrue.train.pictures import Pictures, make_pictures
from reconstrue.train.recipe import Recipe, load_recipe

LABELS = ["cat", "truck", "clock"]
SMALL: dict[str, dict[str, Any]] = {
    "pocket-vae": {"widths": [8, 8, 8, 16]},
    "pocket-vq": {"widths": [8, 8, 8, 16], "codes": 32},
    "pocket-pixel": {"heads": 2, "head_width": 16, "layers": 1},
    "pocket-latent": {"widths": [32, 32]},
    "pocket-parti": {"width": 32, "feedforward": 32, "decoder_layers": 1},
    "pocket-muse": {"width": 32, "feedforward": 32, "layers": 1},
    "pocket-clip": {"width": 32, "feedforward": 32, "layers": 1, "text_width": 32, "projection": 16},
    "pocket-resnet": {"widths": [8, 8, 8, 8], "depths": [1, 1, 1, 1]},
    "pocket-resnet-noise": {"widths": [8, 8, 8, 8], "depths": [1, 1, 1, 1]},
}
MODELS = [name for name in SMALL if name not in ("pocket-vae", "pocket-vq")]


def small(name: str) -> Recipe:
    """The recipe with its network shrunk, on 32 pictures, for a few steps."""
    recipe = load_recipe(name)
    assert set(SMALL[name]) <= set(recipe.model), "an option that the recipe does not have"
    return dataclasses.replace(
        recipe, steps=4, warmup=1, batch_size=8, pictures=32, ema=0.5, model={**recipe.model, **SMALL[name]}
    )


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints of the tiny trainings; the pictures are drawn once for all."""
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(autouse=True)
def _small_autoencoders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoencoder, "load_recipe", small)


def trained(name: str, work: Path, out: Path) -> Classifier:
    recipe = small(name)
    cost = cast(Any, resolve(recipe.trainer))(recipe, work=work / name, out=out, say=lambda line: None)
    assert cost.pictures == 32
    assert cost.flops > 1e6
    assert (cost.autoencoder is not None) == ("autoencoder" in recipe.model)
    return load_classifier(str(out), Options(policy="fixed-grid", max_draws=2))


@pytest.mark.parametrize("name", MODELS)
def test_what_a_trainer_saves_is_what_the_front_door_loads(name: str, work: Path, tmp_path: Path) -> None:
    classifier = trained(name, work, tmp_path / name)
    scores = classifier.score(world_set("original", 16, 1).stimuli[:2], LABELS)
    assert scores.posterior.shape == (2, 3)
    assert len(set(scores.log_evidence[0].tolist())) == 3, "the labels are told apart"
    weights = list((tmp_path / name).rglob("*.safetensors"))
    assert weights
    assert not list((tmp_path / name).rglob("*.bin"))


def test_what_parti_learns_is_what_it_is_asked(work: Path, tmp_path: Path) -> None:
    trained("pocket-parti", work, tmp_path / "parti")
    door = EncoderDecoderModel(str(tmp_path / "parti"), revision=None, dtype=torch.float32, device=torch.device("cpu"))
    captions = make_captions(CATEGORIES)
    tokens = torch.randint(0, 32, (3, 64), generator=torch.Generator().manual_seed(0))
    texts = ["a cat", "A bad photo of a truck.", "clock"]
    encoded_texts = captions.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")
    with torch.inference_mode():
        loss = encoder_decoder.token_loss(
            door._transformer, tokens, encoded_texts.input_ids, encoded_texts.attention_mask, len(captions.tokenizer)
        )
    asked = door.log_likelihood(tokens, door.condition(texts)).mean() / 64
    assert float(loss) == pytest.approx(-float(asked), rel=1e-4)


def test_what_muse_learns_is_what_it_is_asked(work: Path, tmp_path: Path) -> None:
    trained("pocket-muse", work, tmp_path / "muse")
    door = load_amused(str(tmp_path / "muse"), revision=None, dtype=torch.float32, device=torch.device("cpu"))
    captions = make_captions(CATEGORIES)
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(0, 32, (3, 64), generator=generator)
    hidden = torch.rand((3, 64), generator=generator) < 0.5
    texts = ["a cat", "A bad photo of a truck.", "clock"]
    words = captions.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    size = torch.tensor([[64.0, 64.0, *MICRO_CONDITIONING]])
    with torch.inference_mode():
        painter = masked.Painter(door.text_encoder, door.transformer)
        loss = masked.hidden_loss(painter, tokens, hidden, words, size)
    log_p = door.log_probabilities(tokens, hidden, door.condition(texts)).gather(2, tokens[..., None])[..., 0]
    assert float(loss) == pytest.approx(-float(log_p[hidden].mean()), rel=1e-4)


def test_a_clip_is_read_by_its_own_processor_too(work: Path, tmp_path: Path) -> None:
    trained("pocket-clip", work, tmp_path / "clip")
    picture = Image.fromarray(np.asarray(world_set("original", 16, 1).stimuli[0].read()))
    processor = CLIPImageProcessorPil.from_pretrained(tmp_path / "clip")
    pixels = processor(picture, return_tensors="pt").pixel_values
    assert pixels.shape == (1, 3, 64, 64)
    assert CLIPModel.from_pretrained(tmp_path / "clip").get_image_features(pixel_values=pixels) is not None


def test_parti_and_muse_tokenize_once(work: Path, tmp_path: Path) -> None:
    trained("pocket-parti", work, tmp_path / "one")
    before = {path: path.stat().st_mtime_ns for path in (work / "codes").iterdir()}
    trained("pocket-muse", work, tmp_path / "two")
    assert {path: path.stat().st_mtime_ns for path in (work / "codes").iterdir()} == before


def test_encoded_pictures_are_those_that_the_pixel_models_see(work: Path) -> None:
    recipe = small("pocket-latent")
    pictures = make_pictures(small("pocket-latent"), keep=work / "pictures")
    codes = encoded.encode_all(recipe, torch.nn.Identity(), lambda x: x * 127.5 + 127.5, work=work)
    for step in (0, 7):
        x, labels = pictures.batch(3, step, 8)
        again, same = codes.batch(3, step, 8)
        torch.testing.assert_close(again, x * 127.5 + 127.5, atol=1e-3, rtol=0)
        assert torch.equal(labels, same)


def test_codes_of_another_autoencoder_or_of_other_pictures_are_made_anew(work: Path) -> None:
    recipe = small("pocket-latent")
    one, other = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    first = encoded.encode_all(recipe, one, lambda x: x[:, 0, 0, :1], work=work)
    assert encoded.encode_all(recipe, other, lambda x: x[:, 0, 0, :1] + 9, work=work).codes.mean() > 5
    fewer = encoded.encode_all(dataclasses.replace(recipe, pictures=16), one, lambda x: x[:, 0, 0, :1], work=work)
    assert fewer.codes.shape == (2, 16, 1)
    again = encoded.encode_all(recipe, one, lambda x: x[:, 0, 0, :1] + 9, work=work)
    assert torch.equal(again.codes, first.codes)


def test_an_autoencoder_of_another_recipe_is_not_taken(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    autoencoder.ready("pocket-vae", work=work, say=lambda line: None)
    monkeypatch.setattr(autoencoder, "load_recipe", lambda name: dataclasses.replace(small(name), seed=99))
    with pytest.raises(UserError, match="made by another version of this recipe"):
        autoencoder.ready("pocket-vae", work=work, say=lambda line: None)


def test_codes_begin_at_what_the_encoder_says_and_dead_ones_move() -> None:
    vectors = torch.cat([torch.full((20, 2), 5.0), torch.full((20, 2), -5.0)]) + torch.arange(40.0)[:, None] * 1e-3
    codebook = torch.full((4, 2), 100.0)
    autoencoder._restart(codebook, vectors, 0, 0, whole=True)
    assert codebook.abs().max() < 6, "no code is left where nothing is"
    codebook = torch.tensor([[5.0, 5.0], [-5.0, -5.0], [100.0, 100.0], [-100.0, 100.0]])
    autoencoder._restart(codebook, vectors, 0, 50, whole=False)
    torch.testing.assert_close(codebook[:2], torch.tensor([[5.0, 5.0], [-5.0, -5.0]]))
    assert codebook[2:].abs().max() < 6


def test_the_latents_are_scaled_to_unit_deviation(work: Path) -> None:
    folder, cost = autoencoder.ready("pocket-vae", work=work, say=lambda line: None)
    assert cost.parameters > 1000
    vae = autoencoder.AutoencoderKL.from_pretrained(folder)
    pictures: Pictures = make_pictures(small("pocket-latent"), keep=work / "pictures")
    with torch.inference_mode():
        latents = vae.encode(pictures.pixels.float() / 127.5 - 1).latent_dist.mode()
    assert float(latents.std()) * json.loads((folder / "config.json").read_text())["scaling_factor"] == pytest.approx(
        1, abs=0.01
    )


def test_a_tokenizer_whose_training_stopped_goes_on_as_if_it_had_not(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A checkpoint every step, stopped before that of step 7; codes restart at steps 1, 3, 5 and 7, on both sides of it.
    monkeypatch.setattr(autoencoder, "fit", functools.partial(autoencoder.fit, every=1))
    monkeypatch.setattr(autoencoder, "_RESTART_EVERY", 2)
    recipe = dataclasses.replace(small("pocket-vq"), steps=11)

    def stop(line: str) -> None:
        if "step 7 " in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        autoencoder.train_vq(recipe, work=work / "stopped", out=tmp_path / "one", say=stop)
    said: list[str] = []
    autoencoder.train_vq(recipe, work=work / "stopped", out=tmp_path / "one", say=said.append)
    assert said[0] == "pocket-vq: going on from step 6"
    autoencoder.train_vq(recipe, work=work / "whole", out=tmp_path / "two", say=lambda line: None)
    one, two = (autoencoder.VQModel.from_pretrained(tmp_path / name).state_dict() for name in ("one", "two"))
    assert all(torch.equal(one[key], two[key]) for key in two)
