"""Differences between observers: by hand, their p-values against scipy, and the correction."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, benchmark, compare_models, compare_with_people, holm
from reconstrue.trials import TrialTable, trial_table


def answers(observer: str, pattern: str, dataset: str = "edge", first: int = 0) -> TrialTable:
    """Trials on car images `car0.png`, `car1.png`, …: a 1 is answered right, a 0 with oven."""
    n = len(pattern)
    return trial_table(
        {
            "dataset": [dataset] * n,
            "observer": [observer] * n,
            "response": ["car" if letter == "1" else "oven" for letter in pattern],
            "category": ["car"] * n,
            "condition": ["0"] * n,
            "imagename": [f"car{first + i}.png" for i in range(n)],
        }
    )


def run(*tables: TrialTable, **options: object) -> Benchmark:
    table = TrialTable(pd.concat([table.frame for table in tables], ignore_index=True))
    settings = {"resamples": 400, "generator": np.random.default_rng(0), **options}
    return benchmark(table, **settings)  # type: ignore[arg-type]


PEOPLE = (answers("subject-01", "11110000" * 5), answers("subject-02", "11001100" * 5))


def test_two_models_on_one_set_are_tested_exactly() -> None:
    # a is right on 30 of 40, b on 20; on 15 images only a, on 5 only b: p is that of 15 heads in 20 throws
    a = answers("a", "1" * 15 + "1" * 15 + "0" * 5 + "0" * 5)
    b = answers("b", "1" * 15 + "0" * 15 + "1" * 5 + "0" * 5)
    (found,) = compare_models(run(a, b, *PEOPLE), dataset="edge")
    assert (found.first, found.second, found.datasets, found.test) == ("a", "b", ("edge",), "exact McNemar")
    assert found.difference.value == pytest.approx(10 / 40)
    assert found.p == pytest.approx(binomtest(15, 20).pvalue)
    # standard deviation of the difference: sqrt((20/40 - (10/40)^2) / 40) = 0.105
    assert found.difference.high - found.difference.low == pytest.approx(2 * 1.96 * 0.105, rel=0.15)
    assert found.p_corrected == found.p
    assert (found.family, found.significant) == (1, True)
    assert json.loads(json.dumps(found.to_json()))["significant"] is True


def test_the_other_figures_use_the_spread_of_their_paired_resamples() -> None:
    result = run(answers("a", "11101000" * 5), answers("b", "01010101" * 5), *PEOPLE)
    (found,) = compare_models(result, "error_consistency")
    one, other = (result.replicates["edge"][name].error_consistency for name in "ab")
    assert found.difference.value == pytest.approx(float(one[0] - other[0]))
    draws = (one - other)[1:]
    d = 2 * (one[0] - other[0]) - draws.mean()
    # z = d / sqrt(s^2 + d^2 / n) with n = 40 images
    assert found.p == pytest.approx(2 * norm.sf(abs(d) / math.sqrt(draws.var(ddof=1) + d**2 / 40)))
    assert found.test == "bootstrap"


def test_several_sets_are_averaged_and_only_the_same_images_are_paired() -> None:
    result = run(
        answers("a", "1110"),
        answers("b", "1000"),
        answers("a", "11", "sketch"),
        answers("b", "10", "sketch"),
        *(answers(name, "1100") for name in ("subject-01", "subject-02")),
        *(answers(name, "10", "sketch") for name in ("subject-01", "subject-02")),
    )
    # (3/4 - 1/4) and (2/2 - 1/2): mean 1/2
    (found,) = compare_models(result)
    assert found.difference.value == pytest.approx(1 / 2)
    assert set(found.datasets) == {"edge", "sketch"}
    assert found.difference.n == 6
    apart = run(answers("a", "1111"), answers("b", "1111", first=2), PEOPLE[0], allow_partial=True)
    (nothing,) = compare_models(apart)
    assert nothing.datasets == () and math.isnan(nothing.p) and not nothing.significant


def test_the_gap_to_people_is_on_the_images_that_the_model_answered() -> None:
    result = run(answers("m", "0" * 40), answers("k", "11110000" * 5), *PEOPLE)
    found = {one.first: one for one in compare_with_people(result)}
    # people are right on half of the images; so is k, in the very same places as one of them
    assert found["m"].difference.value == pytest.approx(-0.5)
    assert found["m"].significant and found["m"].second == "humans"
    assert found["k"].difference.value == 0.0
    assert found["k"].p == pytest.approx(1.0, abs=0.2)
    part = run(answers("m", "0000"), *PEOPLE, allow_partial=True)
    # of the first four images one person had all, the other two
    assert compare_with_people(part)[0].difference.value == pytest.approx(-0.75)


def test_a_model_that_is_always_wrong_where_people_are_right_is_flagged() -> None:
    """No resample differs, so there is no spread to divide by; the difference is as sure as can be."""
    (found,) = compare_with_people(run(answers("m", "0" * 40), answers("subject-01", "1" * 40)))
    assert found.difference.value == -1.0
    # z = 1 / sqrt(0 + 1/40)
    assert found.p == pytest.approx(2 * norm.sf(math.sqrt(40)))
    assert found.significant


def test_the_gap_to_the_ceiling() -> None:
    result = run(answers("m", "11110000" * 5), *PEOPLE)
    (found,) = compare_with_people(result, "error_consistency")
    # with subject-01 kappa is 1, with subject-02 0: mean 1/2; the two people have 0 with each other
    assert found.difference.value == pytest.approx(0.5)
    alone = run(answers("m", "1100"), answers("subject-01", "1010"))
    assert compare_with_people(alone, "error_consistency") == ()


def test_other_people_make_the_gap_less_sure() -> None:
    people = [answers(f"subject-0{i}", "1" * right + "0" * (40 - right)) for i, right in enumerate((12, 20, 28, 36))]
    spread = {}
    for kind in ("images", "observers", "both"):
        (found,) = compare_with_people(run(answers("m", "10" * 20), *people, resample=kind))
        assert found.difference.value == pytest.approx(20 / 40 - 24 / 40)
        spread[kind] = found.difference.high - found.difference.low
    assert spread["both"] > spread["observers"] > 0
    assert spread["both"] > spread["images"] > 0


@pytest.mark.parametrize(("kind", "tested"), [("images", True), ("both", True), ("observers", False)])
def test_other_people_are_no_test_of_what_two_models_did(kind: str, tested: bool) -> None:
    models = (answers("a", "1" * 15 + "1" * 15 + "0" * 10), answers("b", "1" * 15 + "0" * 15 + "1" * 5 + "0" * 5))
    result = run(*models, *PEOPLE, answers("subject-03", "11110000" * 5), resample=kind)
    (found,) = compare_models(result, dataset="edge")
    assert found.difference.value == pytest.approx(10 / 40)
    # McNemar's p is over images; where only people are drawn, these 40 are all the images that there are.
    assert math.isnan(found.p) != tested
    assert (found.test == "exact McNemar") == tested
    assert (found.family, math.isnan(found.difference.low)) == ((1, False) if tested else (0, True))
    (consistency,) = compare_models(result, "error_consistency")
    assert not math.isnan(consistency.p), "how like people they are does depend on the people"


def test_without_resamples_there_is_a_difference_and_no_p() -> None:
    result = run(answers("a", "1110"), answers("b", "1000"), answers("subject-01", "1010"), resamples=0)
    (found,) = compare_models(result, "error_consistency")
    assert math.isnan(found.p) and math.isnan(found.p_corrected) and not found.significant
    assert found.to_json()["p"] is None


def test_holm_by_hand() -> None:
    # sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1: 0.04, 0.06, 0.06 (not below its forerunner), 0.5
    found = holm(np.array([0.03, 0.01, math.nan, 0.5, 0.02]))
    np.testing.assert_allclose(found, [0.06, 0.04, math.nan, 0.5, 0.06])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).size == 0


def test_p_values_are_corrected_over_the_pairs_of_a_call_and_the_sets_of_a_model() -> None:
    models = [answers(name, pattern * 5) for name, pattern in (("a", "11111100"), ("b", "11000000"), ("c", "11001100"))]
    result = run(*models, *PEOPLE)
    found = compare_models(result, dataset="edge")
    assert [(one.first, one.second) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    np.testing.assert_allclose([one.p_corrected for one in found], holm(np.array([one.p for one in found])))
    assert {one.family for one in found} == {3}
    (alone,) = compare_models(result, dataset="edge", pairs=[("a", "b")])
    assert (alone.family, alone.p_corrected) == (1, found[0].p)
    assert {one.family for one in compare_with_people(result)} == {1}


def test_what_is_not_there_is_named() -> None:
    result = run(answers("a", "1110"), answers("b", "1000"), answers("subject-01", "1010"))
    with pytest.raises(UserError, match="no model 'z' in the benchmark; it has a, b"):
        compare_models(result, pairs=[("a", "z")])
    with pytest.raises(UserError, match="nobody was compared on 'sketch'; there are edge"):
        compare_models(result, dataset="sketch")
    with pytest.raises(ValueError, match="unknown figure 'speed'"):
        compare_models(result, "speed")  # type: ignore[arg-type]
