"""Masked-token classifiers against a joint table that is known: the likelihood is exact, the mask is shared."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from tests.tiny_masked import TableModel, bits, independent

from reconstrue.classifiers.generative.masked import (
    MaskedClassifier,
    draw_mask,
    fill,
    hidden_after,
    hidden_count,
    reconstruct_masked,
)
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy
from reconstrue.classifiers.prompts import all_prompts
from reconstrue.classifiers.told import Conditioning
from reconstrue.errors import UserError

NAMES = ("one", "two", "three")
PLAIN = ("{label}",)
ALL = list(itertools.product((0, 1), repeat=3))


def tables(k: int = 3, tokens: int = 3) -> np.ndarray:
    """k joint distributions over all images of a tiny vocabulary, each summing to one."""
    rng = np.random.default_rng(5)
    return rng.dirichlet(np.full(2**tokens, 0.7), size=k).reshape(k, *(2,) * tokens)


def classifier(model: TableModel, policy: Policy, seed: int = 0, batch_size: int = 1000) -> MaskedClassifier:
    return MaskedClassifier(model, name="table", policy=policy, templates=PLAIN, seed=seed, batch_size=batch_size)


def any_order(model: TableModel, x: tuple[int, ...], label: int) -> float:
    """E over all orders of sum_j log p(x_oj | those before it), by walking every order."""
    total = 0.0
    for order in itertools.permutations(range(len(x))):
        shown = [-1] * len(x)
        for place in order:
            total += model.conditionals(tuple(shown), label)[place, x[place]]
            shown[place] = x[place]
    return total / math.factorial(len(x))


@pytest.mark.parametrize("skew", [1.0, 1.7])
def test_the_expectation_over_all_masks_is_the_any_order_likelihood(skew: float) -> None:
    model = TableModel(NAMES, tables(), skew)
    stimuli = [bits(x) for x in ALL]
    found = classifier(model, FixedGrid(120)).score(stimuli, NAMES).evidence
    for x, stimulus, evidence in zip(ALL, stimuli, found, strict=True):
        # The classifier's own terms, one for each of the 2^3 - 1 masks, weighted by their exact probabilities:
        # 1/3 for the number of hidden tokens, 1/C(3, m) for the subset.
        terms = {}
        for draw, (t, weight, error) in enumerate(zip(evidence.t, evidence.weight, evidence.error, strict=True)):
            m = round(t * 3 + 0.5)
            terms[tuple(draw_mask(0, stimulus.image_id, draw, 3, m))] = -weight * error / (3 * math.comb(3, m))
        assert len(terms) == 7
        expected = sum(terms.values())
        np.testing.assert_allclose(expected, [any_order(model, x, k) for k in range(3)], rtol=1e-5)
        if skew == 1:
            np.testing.assert_allclose(expected, np.log([table[x] for table in model.tables]), rtol=1e-5)


def test_the_estimate_tends_to_log_p_and_decides_as_bayes_rule() -> None:
    model = TableModel(NAMES, tables())
    exact = np.log(np.stack([[table[x] for table in model.tables] for x in ALL]))
    stimuli = [bits(x) for x in ALL]
    found = classifier(model, FixedGrid(300)).score(stimuli, NAMES)
    ratios, wanted = (v - v[:, :1] for v in (found.log_evidence, exact))
    np.testing.assert_allclose(ratios, wanted, atol=0.35)
    best = np.sort(exact, axis=1)
    clear = best[:, -1] - best[:, -2] > 0.4
    assert clear.sum() >= 6
    bayes = exact.argmax(axis=1)
    assert (found.log_evidence.argmax(axis=1) == bayes)[clear].all()
    raced = classifier(model, PairedTTest(max_draws=300)).score(stimuli, NAMES)
    assert (raced.log_evidence.argmax(axis=1) == bayes)[clear].all()
    assert raced.evaluations.sum() < found.evaluations.sum() / 2


def test_times_weights_and_snr_by_hand() -> None:
    found = classifier(TableModel(NAMES, tables()), FixedGrid(300)).score([bits((0, 1, 1))], NAMES).evidence[0]
    # m hidden of 3: t = (m - 1/2) / 3, weight 3 / m, log-SNR log((3.5 - m) / (m + 0.5)), finite where all are hidden.
    by_hand = {0.1667: (3.0, math.log(2.5 / 1.5)), 0.5: (1.5, math.log(1.5 / 2.5)), 0.8333: (1.0, math.log(0.5 / 3.5))}
    drawn = set(zip(found.t.round(4), found.weight, found.log_snr.round(9), strict=True))
    assert drawn == {(t, weight, round(snr, 9)) for t, (weight, snr) in by_hand.items()}
    _, counts = np.unique(found.t, return_counts=True)
    assert np.abs(counts - 100).max() <= 2  # m is uniform over 1 ... 3


def test_the_labels_share_the_masks() -> None:
    model = TableModel(NAMES, tables(tokens=5))
    classifier(model, FixedGrid(20)).score([bits((0, 1, 1, 0, 1))], NAMES)
    by_label = [[mask for mask, which in model.seen if which == k] for k in range(3)]
    assert by_label[0] == by_label[1] == by_label[2]
    assert len(set(by_label[0])) > 10


def test_masks_belong_to_seed_image_and_draw_alone() -> None:
    stimuli = [bits(x) for x in ALL]
    whole = classifier(TableModel(NAMES, tables()), FixedGrid(9)).score(stimuli, NAMES)
    turned = classifier(TableModel(NAMES, tables()), FixedGrid(9), batch_size=7).score(stimuli[::-1], NAMES)
    np.testing.assert_array_equal(whole.log_evidence, turned.log_evidence[::-1])
    other = classifier(TableModel(NAMES, tables()), FixedGrid(9), seed=1).score(stimuli, NAMES)
    assert not np.array_equal(whole.log_evidence, other.log_evidence)

    masks = [draw_mask(*names, 64, 20) for names in ((0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1))]
    assert [mask.sum() for mask in masks] == [20] * 4
    assert len({mask.tobytes() for mask in masks}) == 4
    np.testing.assert_array_equal(masks[0], draw_mask(0, "a", 0, 64, 20))


def test_several_templates_average_their_log_likelihoods() -> None:
    templates = ("{label}", "a {label}")
    prompts = all_prompts(NAMES[:2], templates)
    joint = tables(4)
    both = MaskedClassifier(TableModel(prompts, joint), name="both", policy=FixedGrid(5), templates=templates)
    found = both.score([bits((1, 0, 1))], NAMES[:2])
    each = [
        MaskedClassifier(TableModel(prompts, joint), name="each", policy=FixedGrid(5), templates=(template,))
        .score([bits((1, 0, 1))], NAMES[:2])
        .evidence[0]
        .error
        for template in templates
    ]
    np.testing.assert_allclose(found.evidence[0].error, np.mean(each, axis=0), rtol=1e-6)
    assert found.evaluations.tolist() == [5 * 2 * 2]  # draws x labels x templates


@pytest.mark.parametrize(
    ("hidden", "steps", "wanted"),
    [
        (8, 4, (7, 5, 3, 0)),  # 8 cos(pi/8) = 7.39, 8 cos(pi/4) = 5.66, 8 cos(3 pi/8) = 3.06
        (3, 12, (2, 1, 0)),
        (1, 12, (0,)),
        (4, 3, (3, 2, 0)),  # 4 cos(pi/6) = 3.46, 4 cos(pi/3) = 2
        (256, 1, (0,)),
    ],
)
def test_the_cosine_schedule_of_the_fill(hidden: int, steps: int, wanted: tuple[int, ...]) -> None:
    assert hidden_after(hidden, steps) == wanted


def test_the_fill_takes_the_surest_first_and_never_changes_what_is_shown() -> None:
    # Token i is 1 with these chances whatever the others are; all are likelier to be 1, none of the shown ones is.
    model = TableModel(["x"], independent([0.6, 0.9, 0.99, 0.7, 0.8, 0.95])[None])
    ids = torch.zeros(1, 6, dtype=torch.long)
    hidden = torch.tensor([[True, True, False, True, True, False]])
    filled = fill(model, ids, hidden, model.condition(["x"]), 4)
    assert filled.tolist() == [[1, 1, 0, 1, 1, 0]]
    hidden_at = [tuple(np.flatnonzero(mask)) for mask, _ in model.seen]
    assert hidden_at == [(0, 1, 3, 4), (0, 3, 4), (0, 3), (0,)]


def test_the_reconstruction_nearest_to_the_picture_wins() -> None:
    model = TableModel(["black", "white"], np.stack([independent([0.1] * 4), independent([0.9] * 4)]))
    found = MaskedClassifier(
        model, name="redrawn", policy=FixedGrid(1), method="reconstruction", templates=PLAIN
    ).score([bits((1, 1, 1, 1)), bits((0, 0, 0, 0))], ["black", "white"])
    assert found.decisions() == ["white", "black"]
    # Half of 4 tokens are hidden; a wrong one is a column of 4 pixels, 3 channels, each wrong by 1: 2 * 4 * 3.
    np.testing.assert_allclose(found.log_evidence, [[-24, 0], [0, -24]])
    np.testing.assert_array_equal(found.posterior, 0.5)  # one draw says nothing of the variance
    assert found.evaluations.tolist() == [4, 4]  # 2 labels x 2 steps: no more steps than hidden tokens
    assert {mask for mask, which in model.seen if which == 0} == {mask for mask, which in model.seen if which == 1}


def test_more_masks_are_averaged_and_raced() -> None:
    model = TableModel(["black", "white"], np.stack([independent([0.1] * 4), independent([0.9] * 4)]))
    redrawn = MaskedClassifier(
        model, name="redrawn", policy=FixedGrid(6), method="reconstruction", templates=PLAIN, hidden_share=0.25
    )
    found = redrawn.score([bits((1, 1, 0, 0))], ["black", "white"])
    errors = found.evidence[0].error
    # The one hidden token is filled black or white: wrong (12) under exactly one of the two labels.
    assert set(errors.ravel()) == {0.0, 12.0}
    np.testing.assert_allclose(errors.sum(axis=1), 12)
    np.testing.assert_allclose(found.log_evidence[0], -errors.mean(axis=0))
    assert found.evaluations.tolist() == [6 * 2 * 1]
    np.testing.assert_allclose(found.evidence[0].weight, 1)
    np.testing.assert_allclose(found.evidence[0].t, 0.125)  # (1 - 1/2) / 4


def test_the_figure_shows_what_the_classifier_compared() -> None:
    joint = tables(3, 4)
    stimulus = bits((0, 1, 1, 0))
    seen = reconstruct_masked(TableModel(NAMES, joint), stimulus, NAMES, hidden_share=0.75, steps=2, seed=3)
    method = MaskedClassifier(
        TableModel(NAMES, joint),
        name="redrawn",
        policy=FixedGrid(1),
        method="reconstruction",
        templates=PLAIN,
        seed=3,
        hidden_share=0.75,
        steps=2,
    )
    found = method.score([stimulus], NAMES)
    np.testing.assert_array_equal(found.evidence[0].error[0], seen.distances)
    assert found.evaluations.tolist() == [3 * 2]
    hidden = draw_mask(3, stimulus.image_id, 0, 4, 3)
    np.testing.assert_array_equal(seen.ids, np.where(hidden, -1, [0, 1, 1, 0])[None])
    assert seen.picture.shape == (4, 4, 3)
    assert seen.reconstructions.shape == (3, 4, 4, 3)
    shown = ~hidden
    np.testing.assert_array_equal(seen.reconstructions[:, :, shown], np.stack([seen.picture[:, shown]] * 3))
    by_hand = ((seen.reconstructions - seen.picture) ** 2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(seen.distances, by_hand)


def test_the_settings_hold_every_choice_of_the_method() -> None:
    model = TableModel(NAMES, tables())
    likelihood = classifier(model, FixedGrid(3), seed=7).settings()
    assert likelihood == {
        "kind": "masked",
        "method": "likelihood",
        "prompts": ["{label}"],
        "interpolation": "bicubic",
        "seed": 7,
        "policy": "fixed-grid",
        "max_draws": 3,
    }
    redrawn = MaskedClassifier(
        model, name="x", policy=FixedGrid(1), method="reconstruction", steps=5, identity={"weights": "w"}
    )
    assert redrawn.settings()["hidden_share"] == 0.5
    assert redrawn.settings()["steps"] == 5
    assert redrawn.settings()["weights"] == "w"
    assert redrawn.model_type == "zero-shot"


def test_labels_that_it_reads_alike_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = TableModel(NAMES, tables())
    deaf = Conditioning({"prompt": torch.zeros(3, dtype=torch.long)})
    monkeypatch.setattr(model, "condition", lambda prompts: deaf)
    with pytest.raises(UserError, match="table reads 'one' and 'two' alike"):
        classifier(model, FixedGrid(1)).score([bits((0, 0, 0))], NAMES)


@pytest.mark.parametrize("method", ["likelihood", "reconstruction"])
def test_an_answer_that_is_not_a_number_is_named(method: str) -> None:
    model = TableModel(NAMES, tables() * np.nan)
    broken = MaskedClassifier(model, name="x", policy=FixedGrid(1), method=method, templates=PLAIN)
    with pytest.raises(UserError, match="table: its answer is not a number; try --dtype float32"):
        broken.score([bits((0, 0, 0))], NAMES)


def test_choices_that_make_no_sense_are_refused() -> None:
    model = TableModel(NAMES, tables())
    with pytest.raises(ValueError, match="within \\(0, 1\\]"):
        MaskedClassifier(model, name="x", policy=FixedGrid(1), hidden_share=0)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        MaskedClassifier(model, name="x", policy=FixedGrid(1), steps=0)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        MaskedClassifier(model, name="x", policy=FixedGrid(1), batch_size=0)
    two = torch.tensor([[True, False, False], [True, True, False]])
    with pytest.raises(ValueError, match="the same number of tokens"):
        fill(model, torch.zeros(2, 3, dtype=torch.long), two, model.condition(NAMES[:2]), 2)
    assert hidden_count(0.01, 16) == 1
