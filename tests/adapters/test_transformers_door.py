"""Supervised classifiers in transformers' format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests import tiny

from reconstrue.classifiers.discriminative.supervised import Network, SupervisedClassifier
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.pictures import to_square
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES, imagenet_to_category
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


def test_a_model_without_preprocessor_is_named(tmp_path: Path) -> None:
    tiny.save_resnet(tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    with pytest.raises(UserError, match=r"preprocessor_config\.json: missing"):
        load_classifier(str(tmp_path))


class Thousand(Network):
    """A 1,000-way network that answers one fixed logit vector."""

    def __init__(self, logits: np.ndarray) -> None:
        self.classes = tuple(f"class {i}" for i in range(1000))
        self.resolution = 8
        self._logits = torch.as_tensor(logits, dtype=torch.float32)

    def logits(self, pictures: torch.Tensor) -> torch.Tensor:
        return self._logits.expand(len(pictures), 1000)


def test_a_thousand_classes_become_sixteen_by_mean_probability() -> None:
    table = imagenet_to_category()
    dogs = [i for i, c in enumerate(table) if c == "dog"]
    airplanes = [i for i, c in enumerate(table) if c == "airplane"]
    assert len(dogs) > 100
    assert len(airplanes) < 5
    # All dogs together are more probable than the airplane, but the mean over their many classes is lower.
    logits = np.full(1000, -20.0)
    logits[dogs], logits[airplanes] = 0.0, 1.0
    classifier = SupervisedClassifier(Thousand(logits), name="thousand")
    found = classifier.score(world_set("original", 1, 0).stimuli, CATEGORIES)
    assert found.decisions() == ["airplane"]
    ratio = np.exp(found.log_evidence[0, 0] - found.log_evidence[0, CATEGORIES.index("dog")])
    assert ratio == pytest.approx(np.e, rel=1e-5)  # exp(1) / exp(0)
