"""The supervised kind: mean probability, class by class, and diffusion noise that belongs to the picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from reconstrue.classifiers.discriminative.label_map import LabelMap
from reconstrue.classifiers.discriminative.supervised import Network, SupervisedClassifier, noised
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES, imagenet_classes, imagenet_to_category
from reconstrue.stimuli.world.sets import world_set

STIMULI = world_set("original", 5, 0).stimuli
WNIDS = tuple(one.wnid for one in imagenet_classes())


class Fixed(Network):
    """Answers with one row of logits after the other, whatever it sees."""

    def __init__(self, logits: np.ndarray, classes: tuple[str, ...] = WNIDS) -> None:
        self.classes = classes
        self.resolution = 8
        self._logits = torch.as_tensor(np.atleast_2d(logits), dtype=torch.float32)
        self._seen = 0

    def logits(self, normalised: torch.Tensor) -> torch.Tensor:
        start, self._seen = self._seen, self._seen + len(normalised)
        return self._logits[[i % len(self._logits) for i in range(start, self._seen)]]


class Seeing(Network):
    """Answers with what it sees: the first three numbers of each channel's first row."""

    classes = tuple("abcdefghi")
    resolution = 16
    mean, deviation = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)

    def logits(self, normalised: torch.Tensor) -> torch.Tensor:
        return normalised[:, :, 0, :3].flatten(1)


def test_every_one_of_the_thousand_outputs_leads_to_its_category_or_to_none() -> None:
    table = imagenet_to_category()
    pixels = STIMULI[0].read()
    picture = replace(STIMULI[0], read=lambda: pixels)
    # One-hot: 1,000 pictures, each with nearly all probability in one class.
    classifier = SupervisedClassifier(Fixed(40 * np.eye(1000)), name="one-hot", batch_size=1000)
    found = classifier.score([picture] * 1000, CATEGORIES)
    for i, category in enumerate(table):
        row = found.posterior[i]
        if category is None:
            # All categories have the same mean of equally small probabilities.
            np.testing.assert_allclose(row, 1 / 16, rtol=1e-6)
        else:
            assert CATEGORIES[row.argmax()] == category
            assert row.max() > 0.999


def test_a_thousand_classes_become_sixteen_by_mean_probability() -> None:
    table = imagenet_to_category()
    dogs = [i for i, c in enumerate(table) if c == "dog"]
    airplanes = [i for i, c in enumerate(table) if c == "airplane"]
    assert (len(dogs), len(airplanes)) == (109, 1)
    # All dogs together are 109/e = 40 times as probable as the airplane, but the mean over them is lower.
    logits = np.full(1000, -20.0)
    logits[dogs], logits[airplanes] = 0.0, 1.0
    found = SupervisedClassifier(Fixed(logits), name="thousand").score(STIMULI[:1], CATEGORIES)
    assert found.decisions() == ["airplane"]
    ratio = np.exp(found.log_evidence[0, 0] - found.log_evidence[0, CATEGORIES.index("dog")])
    assert ratio == pytest.approx(np.e, rel=1e-5)  # exp(1) / exp(0)


def test_own_map_takes_the_mean_too_and_enters_the_settings() -> None:
    own = LabelMap({"left": (0, 1), "right": (2,)}, digest="of the file")
    # Probabilities 1/10, 3/10, 4/10 (and 2/10 that belong to no label): left (1 + 3)/2 = 2, right 4, of 6.
    logits = np.log([1.0, 3.0, 4.0, 2.0])
    classifier = SupervisedClassifier(Fixed(logits, tuple("abcd")), name="own", label_map=own)
    found = classifier.score(STIMULI[:1], ("left", "right"))
    np.testing.assert_allclose(found.posterior, [[2 / 6, 4 / 6]], rtol=1e-6)
    assert classifier.settings()["classes"] == "of the file"
    with pytest.raises(UserError, match="no output of own belongs to 'a'"):
        classifier.score(STIMULI[:1], ("left", "a"))


def test_an_answer_that_is_not_a_number_is_refused() -> None:
    classifier = SupervisedClassifier(Fixed(np.array([0.0, np.nan]), ("a", "b")), name="half")
    with pytest.raises(UserError, match="half: its answer is not a number; try --dtype float32"):
        classifier.score(STIMULI[:1], ("a", "b"))


def test_noise_belongs_to_the_picture_and_the_seed() -> None:
    def posterior(batch_size: int, seed: int = 0, order: int = 1) -> np.ndarray:
        classifier = SupervisedClassifier(
            Seeing(), name="seeing", diffusion_noise=True, seed=seed, batch_size=batch_size
        )
        return classifier.score(STIMULI[::order], Seeing.classes).posterior[::order]

    together = posterior(5)
    np.testing.assert_array_equal(posterior(2), together)
    np.testing.assert_array_equal(posterior(5, order=-1), together)
    assert not np.allclose(posterior(5, seed=1), together)
    clean = SupervisedClassifier(Seeing(), name="seeing").score(STIMULI, Seeing.classes).posterior
    assert not np.allclose(clean, together)


def test_noise_and_its_seed_are_settings_only_where_there_is_noise() -> None:
    plain = SupervisedClassifier(Seeing(), name="seeing", seed=3).settings()
    noisy = SupervisedClassifier(Seeing(), name="seeing", seed=3, diffusion_noise=True).settings()
    assert noisy == plain | {"input_noise": "diffusion", "seed": 3}


def test_noise_is_added_after_normalisation_as_the_paper_lists_it() -> None:
    # α² = u is uniform: for x = 2 everywhere, mean² of the result is 4u + (1 − u), its variance within a picture 1 − u.
    flat = torch.full((3, 64, 64), 2.0)
    found = [noised(flat, 0, f"picture {i}") for i in range(400)]
    alpha = np.array([float(x.mean()) / 2 for x in found])
    spread = np.array([float(x.var()) for x in found])
    np.testing.assert_allclose(spread, 1 - alpha**2, atol=0.08)
    # The quartiles of u are those of a uniform variable: with n = 400 they are within 4 × √(3/16/400) = 0.087.
    np.testing.assert_allclose(np.quantile(alpha**2, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.09)
    # Normalised pictures reach beyond [0, 1]; noise that were added before would be divided by the deviation.
    one = Seeing().normalise(torch.full((1, 3, 16, 16), 0.7))[0]
    np.testing.assert_allclose(one[:, 0, 0], [1.0, 1.0, 1.0], rtol=1e-5)  # 0.2/0.2, 0.3/0.3, 0.4/0.4
    assert math.isclose(float(noised(one, 0, "a")[0].mean()), float(noised(one, 0, "a")[2].mean()), abs_tol=0.5)
