"""The autoregressive classifier is Bayes' rule on log p(tokens | prompt), whatever the batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from reconstrue.classifiers.generative.autoregressive import AutoregressiveClassifier, TokenModel, log_probability
from reconstrue.classifiers.prompts import all_prompts
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.stimulus_set import Stimulus

LABELS = ("cat", "dog", "bear")
TEMPLATES = ("a {label}", "one {label}")


class Table(TokenModel):
    """p(z1, z2 | prompt) written down: two codes, two tokens, one row of four probabilities for each prompt."""

    resolution = 2
    tokens = 2
    device = torch.device("cpu")

    def __init__(self, table: np.ndarray, prompts: Sequence[str]) -> None:
        self.table = torch.as_tensor(table)
        self.prompts = list(prompts)
        self.asked: list[tuple[str, ...]] = []
        self.rows: list[int] = []

    def encode(self, pictures: Tensor) -> Tensor:
        # The upper pixels, left and right: black is code 0, white is code 1.
        return (pictures[:, 0, 0] > 0.5).long()

    def condition(self, prompts: Sequence[str]) -> Conditioning:
        self.asked.append(tuple(prompts))
        return Conditioning({"row": torch.tensor([self.prompts.index(p) for p in prompts])})

    def log_likelihood(self, tokens: Tensor, conditioning: Conditioning) -> Tensor:
        self.rows.append(len(tokens))
        return self.table[conditioning.tensors["row"], 2 * tokens[:, 0] + tokens[:, 1]].log().double()


def stimulus(first: int, second: int) -> Stimulus:
    pixels = np.zeros((2, 2, 3), dtype=np.uint8)
    pixels[0, :, :] = 255 * np.array([first, second])[:, None]
    return Stimulus(f"{first}{second}", f"{first}{second}", "", NO_CONDITION, "", lambda: pixels)


PICTURES = [stimulus(a, b) for a in (0, 1) for b in (0, 1)]
ONE = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.2, 0.3, 0.4, 0.1]])


def one_template(batch_size: int = 64) -> AutoregressiveClassifier:
    table = Table(ONE, all_prompts(LABELS, TEMPLATES[:1]))
    return AutoregressiveClassifier(table, name="table", templates=TEMPLATES[:1], batch_size=batch_size)


def test_it_is_bayes_rule_with_a_uniform_prior() -> None:
    found = one_template().score(PICTURES, LABELS)
    np.testing.assert_allclose(found.log_evidence, np.log(ONE.T))
    # Picture 00 is 0.1, 0.7 and 0.2 probable under cat, dog and bear, which sum to one.
    np.testing.assert_allclose(found.posterior[0], [0.1, 0.7, 0.2])
    # Picture 01: 0.2, 0.1, 0.3, sum 0.6.
    np.testing.assert_allclose(found.posterior[1], [2 / 6, 1 / 6, 3 / 6])
    assert found.decisions() == ["dog", "bear", "bear", "cat"]
    assert found.evaluations.tolist() == [3, 3, 3, 3]


def test_a_long_picture_does_not_underflow() -> None:
    # Thousands of tokens: p itself is no float64 any more, the ratio of two still is.
    class Long(Table):
        def log_likelihood(self, tokens: Tensor, conditioning: Conditioning) -> Tensor:
            return super().log_likelihood(tokens, conditioning) - 50_000

    model = Long(ONE, all_prompts(LABELS, TEMPLATES[:1]))
    found = AutoregressiveClassifier(model, name="table", templates=TEMPLATES[:1]).score(PICTURES, LABELS)
    np.testing.assert_allclose(found.posterior[0], [0.1, 0.7, 0.2], rtol=1e-9)


def test_several_templates_are_the_mean_log_likelihood() -> None:
    prompts = all_prompts(LABELS[:2], TEMPLATES)
    table = np.array([[0.64, 0.16, 0.1, 0.1], [0.01, 0.97, 0.01, 0.01], [0.09, 0.01, 0.1, 0.8], [0.16, 0.04, 0.1, 0.7]])
    classifier = AutoregressiveClassifier(Table(table, prompts), name="table", templates=TEMPLATES)
    found = classifier.score(PICTURES[:1], LABELS[:2])
    # Picture 00: √(0.64 · 0.01) = 0.08 for cat, √(0.09 · 0.16) = 0.12 for dog. The mean likelihood, 0.325 against
    # 0.125, would say cat.
    np.testing.assert_allclose(np.exp(found.log_evidence[0]), [0.08, 0.12])
    np.testing.assert_allclose(found.posterior[0], [0.4, 0.6])
    assert found.evaluations.tolist() == [4]


@pytest.mark.parametrize("batch_size", [1, 5, 7, 12])
def test_batches_change_nothing(batch_size: int) -> None:
    classifier = one_template(batch_size)
    found, wanted = classifier.score(PICTURES, LABELS), one_template().score(PICTURES, LABELS)
    np.testing.assert_array_equal(found.log_evidence, wanted.log_evidence)
    assert isinstance(classifier.model, Table)
    assert sum(classifier.model.rows) == 12
    assert max(classifier.model.rows) == batch_size


def test_the_order_of_labels_and_pictures_only_reorders_the_answers() -> None:
    wanted = one_template().score(PICTURES, LABELS).posterior
    found = one_template().score(PICTURES[::-1], LABELS[::-1]).posterior
    np.testing.assert_allclose(found, wanted[::-1, ::-1])


def test_prompts_are_encoded_once() -> None:
    classifier = one_template()
    classifier.score(PICTURES[:2], LABELS)
    classifier.score(PICTURES[2:], LABELS)
    assert isinstance(classifier.model, Table)
    assert classifier.model.asked == [("a cat", "a dog", "a bear")]


def test_what_is_not_a_number_is_refused() -> None:
    table = ONE.copy()
    table[1, 2] = np.nan
    classifier = AutoregressiveClassifier(
        Table(table, all_prompts(LABELS, TEMPLATES[:1])), name="table", templates=TEMPLATES[:1]
    )
    classifier.score(PICTURES[:2], LABELS)
    with pytest.raises(UserError, match="table: its log-likelihood is not a number; try --dtype float32 or bfloat16"):
        classifier.score(PICTURES, LABELS)


def test_prompts_that_are_read_alike_are_refused() -> None:
    class Deaf(Table):
        def condition(self, prompts: Sequence[str]) -> Conditioning:
            return Conditioning({"row": torch.zeros(len(prompts), dtype=torch.long)})

    classifier = AutoregressiveClassifier(Deaf(ONE, ()), name="deaf", templates=TEMPLATES[:1])
    with pytest.raises(UserError, match="deaf reads 'a cat' and 'a dog' alike"):
        classifier.score(PICTURES, LABELS)


def test_settings_say_what_was_asked() -> None:
    table = Table(ONE, all_prompts(LABELS, TEMPLATES[:1]))
    classifier = AutoregressiveClassifier(
        table, name="table", templates=TEMPLATES[:1], identity={"weights": "abc", "dtype": "float32"}
    )
    assert classifier.settings() == {
        "weights": "abc",
        "dtype": "float32",
        "kind": "autoregressive",
        "prompts": ["a {label}"],
        "tokens": 2,
        "interpolation": "bicubic",
    }
    table.interpolation = "box"
    assert classifier.settings()["interpolation"] == "box"


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        one_template(0)


def test_log_probability_by_hand() -> None:
    # Logits ln 1, ln 3 and ln 2, ln 2: p(1) p(0) = 3/4 · 1/2.
    states = torch.tensor([[[1.0, 3.0], [2.0, 2.0]]]).log()
    found = log_probability(states, torch.tensor([[1, 0]]), lambda seen: seen)
    assert found.dtype == torch.float64
    assert found.item() == pytest.approx(np.log(3 / 8), rel=1e-6)


def test_log_probability_in_half_precision_keeps_the_softmax_in_float32() -> None:
    # 64 equal logits: each token costs ln 64 exactly; a float16 softmax would be off in the fourth digit.
    states = torch.zeros(1, 1100, 64, dtype=torch.float16)
    found = log_probability(states, torch.zeros(1, 1100, dtype=torch.long), lambda seen: seen)
    assert found.item() == pytest.approx(-1100 * np.log(64), rel=1e-7)


def test_log_probability_of_more_tokens_than_are_held_at_once() -> None:
    rng = torch.Generator().manual_seed(0)
    states = torch.randn(2, 1100, 3, generator=rng)
    tokens = torch.randint(3, (2, 1100), generator=rng)
    sizes: list[int] = []

    def head(seen: Tensor) -> Tensor:
        sizes.append(seen.shape[1])
        return seen

    wanted = states.double().log_softmax(-1).gather(-1, tokens[..., None])[..., 0].sum(1)
    np.testing.assert_allclose(log_probability(states, tokens, head), wanted, rtol=1e-6)
    assert sizes == [512, 512, 76]
