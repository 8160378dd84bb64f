"""Supervised classifiers in transformers' format, and what their preprocessors say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tests import tiny

from reconstrue.classifiers.adapters.transformers.preprocessor import Preprocessing, read_preprocessing
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.pictures import to_square
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set


def test_it_answers_as_the_network_does(tmp_path: Path) -> None:
    model = tiny.save_resnet(tmp_path)
    stimuli = world_set("original", 4, 0).stimuli
    found = load_classifier(str(tmp_path)).score(stimuli, CATEGORIES)
    pictures = torch.stack([to_square(s.read(), 32, "bilinear") for s in stimuli])
    mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]))
    with torch.inference_mode():
        wanted = model(pixel_values=(pictures - mean) / deviation).logits.softmax(dim=1)
    np.testing.assert_allclose(found.posterior, wanted.numpy(), atol=1e-5)
    assert found.evaluations.tolist() == [1, 1, 1, 1]


def test_fewer_labels_are_renormalised_and_unknown_ones_named(tmp_path: Path) -> None:
    tiny.save_resnet(tmp_path)
    classifier = load_classifier(str(tmp_path))
    stimuli = world_set("original", 2, 0).stimuli
    both = classifier.score(stimuli, CATEGORIES).posterior[:, [7, 10]]  # cat, dog
    found = classifier.score(stimuli, ("cat", "dog")).posterior
    np.testing.assert_allclose(found, both / both.sum(axis=1, keepdims=True), atol=1e-6)
    with pytest.raises(UserError, match="was not trained on 'elefant'; did you mean 'elephant'"):
        classifier.score(stimuli, ("cat", "elefant"))


def test_noise_and_a_map_of_ones_own_are_options(tmp_path: Path) -> None:
    tiny.save_resnet(tmp_path / "model")
    (tmp_path / "pets.csv").write_text("class,label\ncat,pet\ndog,pet\ntruck,vehicle\ncar,vehicle\n")
    stimuli = world_set("original", 2, 0).stimuli
    sixteen = load_classifier(str(tmp_path / "model")).score(stimuli, CATEGORIES).posterior
    pets = load_classifier(str(tmp_path / "model"), Options(classes=str(tmp_path / "pets.csv")))
    pair = np.stack([sixteen[:, [7, 10]].mean(axis=1), sixteen[:, [6, 15]].mean(axis=1)], axis=1)
    found = pets.score(stimuli, ("pet", "vehicle")).posterior
    np.testing.assert_allclose(found, pair / pair.sum(axis=1, keepdims=True), atol=1e-6)
    noisy = load_classifier(str(tmp_path / "model"), Options(input_noise="diffusion", seed=5))
    assert noisy.settings().items() >= {"input_noise": "diffusion", "seed": 5}.items()
    assert not np.allclose(noisy.score(stimuli, CATEGORIES).posterior, sixteen, atol=1e-4)


def test_a_model_without_preprocessor_is_named(tmp_path: Path) -> None:
    tiny.save_resnet(tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    with pytest.raises(UserError, match=r"preprocessor_config\.json: missing"):
        load_classifier(str(tmp_path))


NORMAL = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}


@pytest.mark.parametrize(
    ("stated", "resolution", "crop", "interpolation"),
    [
        ({"size": 64}, 64, 1.0, "bilinear"),
        # Resize to 256, cut out 224: 224 / 256 of the shorter edge.
        (
            {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "resample": 3},
            224,
            0.875,
            "bicubic",
        ),
        ({"size": {"height": 224, "width": 224}, "crop_size": 112, "do_center_crop": False}, 224, 1.0, "bilinear"),
        ({"size": {"shortest_edge": 224}, "crop_pct": 0.875}, 224, 0.875, "bilinear"),
        ({"size": {"shortest_edge": 384}, "crop_pct": 0.875}, 384, 1.0, "bilinear"),
    ],
)
def test_size_crop_and_filter_are_the_preprocessors(
    tmp_path: Path, stated: dict[str, object], resolution: int, crop: float, interpolation: str
) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(NORMAL | stated))
    wanted = Preprocessing(resolution, crop, interpolation, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
    assert read_preprocessing(tmp_path) == wanted
    # Newer versions keep it beside the tokenizer's part.
    (tmp_path / "preprocessor_config.json").unlink()
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": NORMAL | stated}))
    assert read_preprocessing(tmp_path) == wanted


@pytest.mark.parametrize("wrong", [{"rescale_factor": 2.0}, {"do_rescale": False}, {"resample": 9}, {"size": {}}])
def test_a_preprocessor_that_is_not_understood_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(NORMAL | {"size": 64} | wrong))
    with pytest.raises(UserError, match=r"preprocessor_config\.json: .* is not understood"):
        read_preprocessing(tmp_path)
