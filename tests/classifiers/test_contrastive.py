"""The contrastive kind, by hand: ensembling in embedding space, cosine, scale, softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch

from reconstrue.classifiers.discriminative.contrastive import ContrastiveClassifier, Embedder
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set

STIMULI = world_set("original", 5, 0).stimuli


class Flat(Embedder):
    """Two dimensions: texts from a table, every picture along `picture`."""

    def __init__(self, table: Mapping[str, Sequence[float]], picture: Sequence[float], scale: float = 1.0) -> None:
        self.table, self.picture, self.scale = table, torch.tensor([picture], dtype=torch.float32), scale
        self.resolution = 8
        self.texts_embedded = 0

    def read(self, prompts: Sequence[str]) -> Mapping[str, torch.Tensor]:
        # Words beyond the table are all the same unknown one.
        known = list(self.table)
        return {"ids": torch.tensor([[known.index(p) if p in known else len(known)] for p in prompts])}

    def embed_texts(self, read: Mapping[str, torch.Tensor]) -> torch.Tensor:
        self.texts_embedded += len(read["ids"])
        return torch.tensor([list(self.table.values())[int(i)] for i in read["ids"]], dtype=torch.float32)

    def embed_pictures(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.picture.expand(len(pictures), -1)


def test_one_template_is_the_softmax_of_the_scaled_cosine() -> None:
    # Cosines with (3, 4)/5 are 3/5 and 4/5 whatever the lengths; times 10: 6 and 8.
    flat = Flat({"a cat": (7, 0), "a dog": (0, 0.5)}, picture=(3, 4), scale=10.0)
    found = ContrastiveClassifier(flat, name="flat", templates=("a {label}",)).score(STIMULI[:2], ("cat", "dog"))
    wanted = np.exp([6.0, 8.0]) / np.exp([6.0, 8.0]).sum()
    np.testing.assert_allclose(found.posterior, [wanted, wanted], rtol=1e-5)
    np.testing.assert_allclose(found.log_evidence, np.log([wanted, wanted]), rtol=1e-5)
    assert found.decisions() == ["dog", "dog"]
    assert found.evaluations.tolist() == [1, 1]


def test_templates_are_averaged_as_embeddings_of_length_one() -> None:
    # cat: (10, 0) and (0, 1) → (1, 0) and (0, 1) → mean (½, ½) → (√½, √½); without the first normalisation it were
    # (5, ½), along the picture. dog: (1, 0) twice, told in other words. Cosines with (1, 0): cat √½, dog 1.
    flat = Flat({"1 cat": (10, 0), "2 cat": (0, 1), "1 dog": (1, 0), "2 dog": (3, 0)}, picture=(1, 0))
    classifier = ContrastiveClassifier(flat, name="flat", templates=("1 {label}", "2 {label}"))
    found = classifier.score(STIMULI[:1], ("cat", "dog"))
    gap = found.log_evidence[0, 1] - found.log_evidence[0, 0]
    # Without the second normalisation the cat's cosine were ½; averaged cosines would give ½ too.
    assert gap == pytest.approx(1 - np.sqrt(0.5), abs=1e-6)


def test_texts_are_embedded_once_for_a_set_of_labels() -> None:
    flat = Flat({"cat": (1, 0), "dog": (0, 1), "car": (1, 1)}, picture=(1, 0))
    classifier = ContrastiveClassifier(flat, name="flat", templates=("{label}",), batch_size=2)
    first = classifier.score(STIMULI, ("cat", "dog", "car"))
    classifier.score(STIMULI, ("cat", "dog", "car"))
    assert flat.texts_embedded == 3
    other = classifier.score(STIMULI, ("car", "dog", "cat"))
    assert flat.texts_embedded == 6
    np.testing.assert_allclose(other.posterior, first.posterior[:, ::-1], rtol=1e-6)


def test_labels_that_are_read_alike_are_refused() -> None:
    flat = Flat({"cat": (1, 0)}, picture=(1, 0))
    with pytest.raises(UserError, match="flat reads 'zyzzyva' and 'quokka' alike"):
        ContrastiveClassifier(flat, name="flat", templates=("{label}",)).score(STIMULI, ("cat", "zyzzyva", "quokka"))


@pytest.mark.parametrize(("picture", "text"), [((np.nan, 1.0), (1.0, 0.0)), ((1.0, 0.0), (0.0, 0.0))])
def test_what_is_not_a_number_is_refused(picture: tuple[float, float], text: tuple[float, float]) -> None:
    flat = Flat({"cat": text, "dog": (0, 1)}, picture=picture)
    with pytest.raises(UserError, match="flat: its embedding is not a number; try --dtype float32"):
        ContrastiveClassifier(flat, name="flat", templates=("{label}",)).score(STIMULI, ("cat", "dog"))


def test_every_choice_is_a_setting() -> None:
    flat = Flat({}, picture=(1, 0))
    classifier = ContrastiveClassifier(flat, name="flat", templates=("a {label}",), identity={"weights": "abc"})
    assert classifier.settings() == {
        "weights": "abc",
        "kind": "contrastive",
        "prompts": ["a {label}"],
        "ensemble": "mean of normalised text embeddings",
        "input": [classifier.resolution, 1.0, "bicubic"],
    }
    for name, other in (("crop", 0.875), ("interpolation", "box")):
        before = classifier.settings()
        setattr(flat, name, other)
        assert classifier.settings() != before, name
