"""The formulas, by hand arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reconstrue.errors import UserError
from reconstrue.metrics import (
    Estimate,
    accuracy,
    accuracy_difference,
    consistency_matrix,
    error_consistency,
    estimate,
    kappa,
    mean_ranks,
    observed_consistency,
    resample_weights,
    shape_bias,
)
from reconstrue.metrics.intervals import observer_weights, over_observers
from reconstrue.trials.table import trial_table


def right(pattern: str) -> np.ndarray:
    return np.array([letter == "1" for letter in pattern])


def test_kappa_by_hand() -> None:
    # 10 images; p1 = 0.6, p2 = 0.5; both right on 4, both wrong on 3: c_obs = 0.7
    # c_exp = 0.6 * 0.5 + 0.4 * 0.5 = 0.5; kappa = (0.7 - 0.5) / 0.5 = 0.4
    one, other = right("1111110000"), right("1111000001")
    assert observed_consistency(one, other) == pytest.approx(0.7)
    assert error_consistency(one, other) == pytest.approx(0.4)


def test_kappa_at_the_edges() -> None:
    assert error_consistency(right("1111"), right("1111")) == 1.0, "0/0: 1 by the published convention"
    assert error_consistency(right("0000"), right("0000")) == 1.0
    assert error_consistency(right("1111"), right("0000")) == 0.0  # c_obs = c_exp = 0
    # p = 0.5 each, never alike: c_obs = 0, c_exp = 0.5, kappa = -1
    assert error_consistency(right("1100"), right("0011")) == -1.0
    assert math.isnan(error_consistency(right(""), right("")))
    with pytest.raises(ValueError, match="cannot be compared"):
        error_consistency(right("1"), right("11"))


def test_kappa_of_arrays_is_elementwise() -> None:
    assert kappa(np.array([0.7, 1.0]), np.array([0.5, 1.0])).tolist() == pytest.approx([0.4, 1.0])


def test_accuracy_and_its_difference() -> None:
    assert accuracy(right("1110")) == 0.75
    assert math.isnan(accuracy(right("")))
    assert float(accuracy_difference(np.array(0.9), np.array(0.7))) == pytest.approx(0.04)


def test_shape_bias_leaves_out_other_decisions() -> None:
    # 3 shape, 1 texture decision: 3 / 4, however many were neither
    assert shape_bias(np.array([3.0]), np.array([1.0])).tolist() == [0.75]
    assert math.isnan(shape_bias(np.array([0.0]), np.array([0.0]))[0])


def test_ranks_share_ties() -> None:
    # differences .1 .2 .2 rank 1, 2.5, 2.5; consistencies .5 .5 .6 rank 2.5, 2.5, 1
    ranks = mean_ranks([np.array([0.1, 0.2, 0.2]), np.array([0.5, 0.5, 0.6])], higher_is_better=[False, True])
    assert ranks.tolist() == [1.75, 2.5, 1.75]


def test_where_a_figure_is_undefined_nobody_has_a_rank() -> None:
    # Two draws: in the second the first model has no value, and is neither best nor worst.
    ranks = mean_ranks(
        [np.array([[0.1, 0.2], [math.nan, 0.2]]), np.array([[0.5, 0.6], [0.5, 0.6]])], higher_is_better=[False, True]
    )
    assert ranks[0].tolist() == [1.5, 1.5]
    assert np.isnan(ranks[1]).all()


def test_weights_are_counts_of_a_resample() -> None:
    weights = resample_weights(7, 50, np.random.default_rng(0))
    assert weights.shape == (51, 7)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all()
    assert weights[1:].std() > 0.5
    with pytest.raises(UserError, match="number of resamples is -1"):
        resample_weights(7, -1, np.random.default_rng(0))


def test_the_interval_is_shifted_by_twice_the_bias() -> None:
    # value 0.5; resampled values 0.50 ... 0.60, mean 0.55: bias 0.05, so the ends move down by 0.10:
    # quantiles 0.5025 and 0.5975 become 0.4025 and 0.4975, and the upper end is widened to the value
    draws = np.linspace(0.5, 0.6, 1001)
    found = estimate(np.concatenate([[0.5], draws]), 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.4025, 0.5))


def test_an_interval_stays_in_range_and_holds_the_value() -> None:
    found = estimate(np.array([0.05, 0.2, 0.2, 0.2]), 10)
    assert (found.low, found.high) == (0.0, 0.05)


def test_undefined_is_nan_and_null() -> None:
    assert estimate(np.array([0.5]), 3).to_json() == {"value": 0.5, "low": None, "high": None, "n": 3}
    assert estimate(np.array([np.nan, 0.5]), 0).to_json() == {
        "value": None,
        "low": None,
        "high": None,
        "n": 0,
    }
    # undefined resamples are left out: (0.4, 0.6) have mean 0.5, no bias
    found = estimate(np.array([0.5, 0.4, np.nan, 0.6]), 3)
    assert (found.low, found.high) == pytest.approx((0.405, 0.595))
    assert not Estimate(math.nan, math.nan, math.nan, 0).defined


def test_a_perfect_proportion_has_the_exact_interval() -> None:
    # 10 of 10: low = 0.025 ** (1 / 10) = 0.6915
    found = estimate(np.ones(101), 10, proportion=True)
    assert (found.low, found.high) == (pytest.approx(0.6915, abs=1e-4), 1.0)
    assert estimate(np.zeros(101), 10, proportion=True).high == pytest.approx(0.3085, abs=1e-4)


def test_consistency_between_models_has_intervals() -> None:
    # Two models on 32 edge images: both right on 16, both wrong on 8, one right on 4 each. c_obs = 24/32, p = 20/32
    # each: c_exp = 0.390625 + 0.140625 = 0.53125, κ = (0.75 − 0.53125) / 0.46875 = 0.4667.
    right = {"one": [1] * 16 + [0] * 8 + [1] * 4 + [0] * 4, "two": [1] * 16 + [0] * 8 + [0] * 4 + [1] * 4}
    rows: dict[str, list[str]] = {
        k: [] for k in ("dataset", "observer", "response", "category", "condition", "imagename")
    }
    for observer, answers in right.items():
        for i, correct in enumerate(answers):
            rows["dataset"].append("edge")
            rows["observer"].append(observer)
            rows["category"].append("cat")
            rows["response"].append("cat" if correct else "dog")
            rows["condition"].append("0")
            rows["imagename"].append(f"cat{i}.png")
    table = trial_table(rows)
    found = consistency_matrix(table, "edge", resamples=500, generator=np.random.default_rng(0))
    assert found.values[0, 1] == pytest.approx(0.4667, abs=1e-4)
    assert -1 <= found.low[0, 1] < found.values[0, 1] < found.high[0, 1] <= 1
    assert 0.3 < found.high[0, 1] - found.low[0, 1] < 0.9
    np.testing.assert_array_equal(found.low, found.low.T)
    assert np.isnan(consistency_matrix(table, "edge").low).all()
    with pytest.raises(ValueError, match="resamples need a generator"):
        consistency_matrix(table, "edge", resamples=10)


def test_averages_over_weighed_people_by_hand() -> None:
    values = np.array([[0.2, 0.4, 0.9]])
    drawn = np.array([[1.0, 1.0, 1.0], [3.0, 0.0, 0.0], [0.0, 1.5, 1.5], [0.0, 0.0, 0.0]])
    # 1.5 / 3, 0.2, (0.4 + 0.9) / 2, nobody
    np.testing.assert_allclose(over_observers(values, drawn), [0.5, 0.2, 0.65, np.nan])
    absent = np.array([[np.nan, 0.4, 0.9]])
    assert over_observers(absent, drawn)[2] == pytest.approx(0.65), "who has no weight need have no value"


@pytest.mark.parametrize("n", [2, 3, 4, 10])
def test_the_mean_of_a_few_people_has_its_right_variance(n: int) -> None:
    weights = observer_weights(n, 20_000, np.random.default_rng(0))
    assert (weights[0] == 1).all()
    np.testing.assert_allclose(weights.sum(axis=1), n)
    values = np.arange(n, dtype=float) ** 2
    means = (weights[1:] * values).sum(axis=1) / n
    assert means.mean() == pytest.approx(values.mean(), rel=0.03)
    # s²/n, with n − 1 in the denominator of s²
    assert means.var() == pytest.approx(values.var(ddof=1) / n, rel=0.05)


def test_one_person_cannot_be_drawn_anew() -> None:
    assert observer_weights(1, 3, np.random.default_rng(0)).tolist() == [[1.0], [0.0], [0.0], [0.0]]
