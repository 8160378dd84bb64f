"""Whether generative models cluster: made-up κ whose answers are worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from reconstrue.metrics import Estimate
from reconstrue.metrics.clustering import clustering
from reconstrue.metrics.error_consistency import consistency_matrix, stratified_consistency
from reconstrue.metrics.intervals import estimate
from reconstrue.metrics.seeds import jackknife_error, over_seeds, standard_error
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.trials.table import TrialTable, trial_table

KINDS = ("a", "a", "b", "b", "c", "c", "d", "d")
SEEDS = (1, 2) * 4


def made_up(within_kind: float, first: float, second: float, between: float) -> np.ndarray:
    """κ of four kinds with two seeds each; a and b are the first side."""
    side = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    kind = np.arange(8) // 2
    values = np.where(side[:, None] == side[None, :], np.where(side[:, None] == 0, first, second), between)
    values = np.where(kind[:, None] == kind[None, :], within_kind, values)
    np.fill_diagonal(values, 1.0)
    return values[None]


def test_the_excess_is_within_minus_between_and_nobody_is_compared_with_himself() -> None:
    found = clustering(made_up(0.8, 0.5, 0.3, 0.1), KINDS, ("a", "b"), seeds=SEEDS, n=100)
    assert found.within_kind.value == pytest.approx(0.8)  # not the diagonal's 1
    assert found.within_side.value == pytest.approx(0.5)
    assert found.within_other.value == pytest.approx(0.3)
    assert found.between.value == pytest.approx(0.1)
    assert found.excess.value == pytest.approx(0.4)
    assert np.isnan(found.excess.low), "no resamples, no interval"


def test_p_counts_the_ways_to_choose_a_side_with_as_large_an_excess() -> None:
    # Of the 6 pairs of kinds, {a, b} has 0.5 − 0.1 and {c, d} 0.3 − 0.1; a mixed pair such as {a, c} has
    # 0.1 − (0.5 + 0.1 + 0.1 + 0.3) / 4 = −0.15. Only {a, b} itself is as large as {a, b}.
    found = clustering(made_up(0.8, 0.5, 0.3, 0.1), KINDS, ("a", "b"), seeds=SEEDS, n=100)
    assert (found.p, found.splits) == (pytest.approx(1 / 6), 6)
    # Named the other way round, both {a, b} and {c, d} are as large.
    assert clustering(made_up(0.8, 0.5, 0.3, 0.1), KINDS, ("c", "d"), seeds=SEEDS, n=100).p == pytest.approx(2 / 6)
    # Without any structure all 6 are the same.
    assert clustering(made_up(0.8, 0.2, 0.2, 0.2), KINDS, ("a", "b"), seeds=SEEDS, n=100).p == 1.0


def test_a_condition_that_is_undefined_is_left_out_of_a_mean() -> None:
    values = made_up(0.8, 0.5, 0.3, 0.1)
    values[0, 0, 2] = values[0, 2, 0] = np.nan
    assert clustering(values, KINDS, ("a", "b"), seeds=SEEDS, n=100).within_side.value == pytest.approx(0.5)


def test_an_interval_is_widened_by_the_seeds() -> None:
    values = np.repeat(made_up(0.8, 0.5, 0.3, 0.1), 41, axis=0)
    # The first seeds of a and b agree more. Plain: (0.9 + 3 · 0.5) / 4 = 0.6; without seed 2 it is 0.9, without seed 1 0.5.
    values[:, 0, 2] = values[:, 2, 0] = 0.9
    found = clustering(values, KINDS, ("a", "b"), seeds=SEEDS, n=100)
    assert found.within_side.value == pytest.approx(0.6)
    # No resample of pictures differs. Jackknife: √(1/2 · 2 · 0.2²) = 0.2; t of one degree of freedom is 12.706, so that two
    # seeds tell nothing: the whole range.
    assert (found.within_side.low, found.within_side.high) == (-1.0, 1.0)
    # All seeds alike between the sides: an interval of no width.
    assert (found.between.low, found.between.high) == (pytest.approx(0.1), pytest.approx(0.1))
    # With one seed left there is no other of its kind.
    assert found.within_kind.defined and np.isnan(found.within_kind.low)


def test_the_interval_over_seeds_is_students() -> None:
    # Mean of 0.2, 0.5, 0.8: standard error 0.3 / √3 = 0.1732; t of 2 degrees of freedom 4.3027; 0.7452 either way.
    by_seed = np.array([0.2, 0.5, 0.8])
    assert standard_error(by_seed) == pytest.approx(0.17320508)
    without = np.array([0.65, 0.5, 0.35])
    assert jackknife_error(without) == pytest.approx(standard_error(by_seed)), "the same for a mean"
    wide = over_seeds(Estimate(0.5, 0.4, 0.7, 10), standard_error(by_seed), 3, (-1.0, 2.0))
    assert wide.low == pytest.approx(0.5 - (0.1**2 + 0.7452**2) ** 0.5, abs=1e-3)
    assert wide.high == pytest.approx(0.5 + (0.2**2 + 0.7452**2) ** 0.5, abs=1e-3)
    assert over_seeds(Estimate(0.5, 0.4, 0.7, 10), 0.0, 1) == Estimate(0.5, 0.4, 0.7, 10)
    assert over_seeds(Estimate(0.5, 0.4, 0.7, 10), 0.5, 3).low == 0.0, "within the range of the figure"
    assert np.isnan(over_seeds(Estimate(0.5, 0.4, 0.7, 10), float("nan"), 3).low)


def test_three_seeds_cover_what_they_claim() -> None:
    """Of means of three normal seeds, 95% of the intervals hold the truth; drawing three of three again holds far fewer."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        by_seed = rng.normal(0.0, 1.0, 3)
        found = over_seeds(
            Estimate(by_seed.mean(), by_seed.mean(), by_seed.mean(), 1), standard_error(by_seed), 3, (-99, 99)
        )
        held += found.low <= 0.0 <= found.high
    assert 0.92 < held / 400 < 0.98


def test_one_seed_has_no_yardstick_and_one_kind_no_pairs() -> None:
    values = made_up(0.8, 0.5, 0.3, 0.1)[:, ::2, ::2]
    found = clustering(values, ("a", "b", "c", "d"), ("a", "b"), seeds=(1, 1, 1, 1), n=100)
    assert not found.within_kind.defined and found.excess.value == pytest.approx(0.4)
    lonely = clustering(values, ("a", "b", "c", "d"), ("a",), seeds=(1, 1, 1, 1), n=100)
    assert not lonely.within_side.defined and not lonely.excess.defined and np.isnan(lonely.p)


def answers(*rows: tuple[str, str, str, bool]) -> TrialTable:
    """(observer, condition, picture, right) as trials of the contrast set."""
    return trial_table(
        {
            "dataset": ["colour"] * len(rows),
            "observer": [row[0] for row in rows],
            "response": ["cat" if row[3] else "dog" for row in rows],
            "category": ["cat"] * len(rows),
            "condition": [row[1] for row in rows],
            "imagename": [f"0001_cl_dnn_{row[1]}_cat_40_n{row[2]}_1.png" for row in rows],
        }
    )


def test_always_right_together_is_one_for_the_benchmark_and_undefined_here() -> None:
    table = answers(*[(who, "bw", picture, True) for who in ("one", "two") for picture in ("01", "02", "03")])
    assert consistency_matrix(table, "colour").values[0, 1] == 1.0
    values, n = stratified_consistency(table, ("one", "two"), resamples=10, generator=stream(0, "test"))
    assert np.isnan(values).all() and n[0, 1] == 3


def test_the_same_errors_are_one_also_here() -> None:
    table = answers(*[(who, "bw", p, p != "01") for who in ("one", "two") for p in ("01", "02", "03")])
    values, _ = stratified_consistency(table, ("one", "two"))
    assert values[0, 0, 1] == pytest.approx(1.0)


def test_stratified_kappa_by_hand() -> None:
    """Condition bw: 1 1 0 0 against 1 0 0 0; condition cr is alone in having one picture, and is left out."""
    right = {"one": (True, True, False, False), "two": (True, False, False, False)}
    rows = [(who, "bw", f"0{i}", answer) for who, given in right.items() for i, answer in enumerate(given)]
    table = answers(*rows, ("one", "cr", "09", True), ("two", "cr", "09", False))
    values, n = stratified_consistency(table, ("one", "two"))
    # cov = 4/3 (1/4 − 1/2 · 1/4) = 1/6; p₁p₂ = 1/8 − 1/24 = 1/12; κ = (2/6) / (3/4 − 2/12) = 4/7.
    assert values[0, 0, 1] == pytest.approx(4 / 7) and n[0, 1] == 4


def many_small_conditions(kappa: float, pairs: int) -> TrialTable:
    """Pairs of observers with a known κ on 32 pictures of each data set; some conditions are easy, some hard."""
    rng = np.random.default_rng(1)
    columns: dict[str, list[str]] = {key: [] for key in ("dataset", "observer", "response", "condition", "imagename")}
    for about in load_catalog().values():
        for place, condition in enumerate(about.kept):
            p = 0.3 + 0.6 * (place % 3) / 2
            for image in range(32 // len(about.conditions)):
                together = rng.random(pairs) < kappa
                first = rng.random(pairs) < p
                second = np.where(together, first, rng.random(pairs) < p)
                for name, answer in (("a", first), ("b", second)):
                    columns["dataset"] += [about.name] * pairs
                    columns["observer"] += [f"{name}{pair}" for pair in range(pairs)]
                    columns["response"] += np.where(answer, "cat", "dog").tolist()
                    columns["condition"] += [condition] * pairs
                    columns["imagename"] += [f"0001_cl_dnn_{condition}_cat_40_n{place:04d}{image:04d}_1.png"] * pairs
    return trial_table({**columns, "category": ["cat"] * len(columns["dataset"])})


@pytest.mark.parametrize("kappa", [0.0, 0.5])
def test_few_images_to_a_condition_neither_bias_kappa_nor_narrow_its_interval(kappa: float) -> None:
    pairs = 40
    table = many_small_conditions(kappa, pairs)
    names = tuple(f"{name}{pair}" for pair in range(pairs) for name in "ab")
    values, n = stratified_consistency(table, names, resamples=200, generator=stream(0, "coverage"))
    found = [estimate(values[:, 2 * i, 2 * i + 1], int(n[0, 1]), bounds=(-1.0, 1.0)) for i in range(pairs)]
    # The standard error of this mean is about 0.01.
    assert np.mean([one.value for one in found]) == pytest.approx(kappa, abs=0.03)
    assert np.mean([one.low <= kappa <= one.high for one in found]) >= 0.85
