"""Correlations over models, against scipy and by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from reconstrue.metrics import (
    UNDEFINED,
    Benchmark,
    DatasetResult,
    Estimate,
    ObserverResult,
    correlate,
    low_pass_against_shape_bias,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_both_coefficients_are_scipys() -> None:
    generator = rng()
    x = generator.normal(size=30)
    y = x + generator.normal(size=30)
    points = {f"m{i}": (float(a), float(b)) for i, (a, b) in enumerate(zip(x, y, strict=True))}
    found = correlate(points, "x", "y", generator=rng())
    assert found.pearson.value == pytest.approx(stats.pearsonr(x, y).statistic)
    assert found.pearson_p == pytest.approx(stats.pearsonr(x, y).pvalue)
    assert found.spearman.value == pytest.approx(stats.spearmanr(x, y).statistic)
    assert found.spearman_p == pytest.approx(stats.spearmanr(x, y).pvalue)
    assert (found.n, found.degrees_of_freedom, found.pearson.n) == (30, 28, 30)
    # Fisher's interval, for normal figures the right one: tanh(atanh(r) ± 1.96 / sqrt(27))
    ends = np.tanh(np.arctanh(found.pearson.value) + np.array([-1.96, 1.96]) / math.sqrt(27))
    assert [found.pearson.low, found.pearson.high] == pytest.approx(ends.tolist(), abs=0.12)
    assert found.spearman.low < found.spearman.value < found.spearman.high


def test_ranks_and_lines_by_hand() -> None:
    # 1, 2, 4 against 1, 4, 16: the ranks agree (1); Pearson: deviations (-4, -1, 5)/3 and (-6, -3, 9),
    # products 24 + 3 + 45 = 72 (thirds), squares 42/9 and 126: (72/3) / sqrt(42/9 * 126) = 24 / 24.25 = 0.990
    found = correlate({"a": (1, 1), "b": (2, 4), "c": (4, 16)}, "x", "y", resamples=50, generator=rng())
    assert found.spearman.value == pytest.approx(1.0)
    assert found.pearson.value == pytest.approx(0.990, abs=5e-4)
    assert math.isnan(found.pearson.low), "three models drawn with replacement give no interval to trust"


@pytest.mark.parametrize(
    "points",
    [{}, {"a": (1.0, 2.0), "b": (2.0, 1.0)}, {"a": (1.0, 2.0), "b": (1.0, 1.0), "c": (1.0, 0.0)}],
    ids=["none", "two", "one figure is the same for all"],
)
def test_what_has_no_correlation_is_undefined(points: dict[str, tuple[float, float]]) -> None:
    found = correlate(points, "x", "y", generator=rng())
    assert math.isnan(found.pearson.value) and math.isnan(found.spearman_p)
    assert found.pearson.n == len(points)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["pearson_p"] is None


def row(name: str, blurred: float | None, bias: float | None) -> ObserverResult:
    def value(figure: float | None) -> Estimate:
        return UNDEFINED if figure is None else Estimate(figure, figure, figure, 800)

    nothing = DatasetResult("low-pass", 1, 1, False, None, *[UNDEFINED] * 6, shape_bias_by_category={}, conditions={})
    return ObserverResult(
        name=name,
        model_type="–",
        ood_accuracy=UNDEFINED,
        accuracy_difference=UNDEFINED,
        observed_consistency=UNDEFINED,
        error_consistency=UNDEFINED,
        mean_rank=UNDEFINED,
        shape_bias=value(bias),
        shape_bias_by_category={},
        datasets={} if blurred is None else {"low-pass": replace(nothing, accuracy=value(blurred))},
        n_datasets=1,
        n_datasets_with_people=0,
        complete=False,
    )


def test_section_4_takes_the_models_that_have_both_and_shows_people_beside() -> None:
    rows = [row("a", 0.3, 0.2), row("b", 0.5, 0.4), row("c", 0.6, 0.9), row("d", None, 0.5), row("e", 0.7, None)]
    result = Benchmark({one.name: one for one in rows}, row("humans", 0.66, 0.96), {}, (), ())
    found = low_pass_against_shape_bias(result, resamples=20, generator=rng())
    assert found.points == {"a": (0.3, 0.2), "b": (0.5, 0.4), "c": (0.6, 0.9)}
    assert found.people == (0.66, 0.96)
    assert found.pearson.value == pytest.approx(stats.pearsonr([0.3, 0.5, 0.6], [0.2, 0.4, 0.9]).statistic)
    nobody = Benchmark({}, row("humans", None, None), {}, (), ())
    assert low_pass_against_shape_bias(nobody, generator=rng()).people is None


def cut(one: ObserverResult, images: int, people: float | None = None) -> ObserverResult:
    """The same model with so many low-pass images, and people on those."""
    part = replace(one.datasets["low-pass"], partial=True, n_images=images)
    if people is not None:
        part = replace(part, people=row("humans", people, 0.9).datasets["low-pass"])
    return replace(one, datasets={"low-pass": part})


def test_section_4_leaves_out_models_of_part_of_the_images_and_names_them() -> None:
    rows = [row("a", 0.3, 0.2), row("b", 0.5, 0.4), row("c", 0.6, 0.9), cut(row("d", 0.9, 0.1), 40)]
    result = Benchmark({one.name: one for one in rows}, row("humans", 0.66, 0.96), {}, (), ())
    found = low_pass_against_shape_bias(result, resamples=20, generator=rng())
    assert set(found.points) == {"a", "b", "c"}
    assert found.left_out == ("d",)
    assert found.to_json()["left_out"] == ["d"]
    conflict = replace(rows[0].datasets["low-pass"], dataset="cue-conflict", partial=True)
    rows[0].datasets["cue-conflict"] = conflict
    again = low_pass_against_shape_bias(result, resamples=20, generator=rng())
    assert again.left_out == ("a", "d")


def test_models_of_the_same_part_are_compared_beside_people_on_it() -> None:
    alike = [cut(row(name, x, y), 40, people=0.5) for name, x, y in (("a", 0.3, 0.2), ("b", 0.5, 0.4), ("c", 0.6, 0.9))]
    result = Benchmark({one.name: one for one in alike}, row("humans", 0.66, 0.96), {}, (), ())
    found = low_pass_against_shape_bias(result, resamples=20, generator=rng())
    assert set(found.points) == {"a", "b", "c"}
    assert found.left_out == ()
    assert found.people == (0.5, 0.96)
    result.models["c"] = cut(alike[2], 41)
    assert low_pass_against_shape_bias(result, resamples=20, generator=rng()).left_out == ("a", "b", "c")
