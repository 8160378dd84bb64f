"""The numbers behind the figures of conditions and categories, as tables."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from reconstrue.metrics import UNDEFINED, ConditionResult
from reconstrue.report.tables import Table, conditions_table, shape_bias_table

from .conftest import bench, est, observer, result


def records(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.to_csv())))


def condition(label: str, accuracy: float, *, kept: bool = True) -> ConditionResult:
    return ConditionResult(label, kept, 80, est(accuracy, 0.1, 80), est(0.04), est(0.7), est(0.3, 0.05))


def test_every_condition_of_everybody_has_a_row_with_all_that_the_figures_show() -> None:
    part = replace(
        result("rotation", est(0.5), 160, 1280),
        conditions={"0": condition("0", 0.9, kept=False), "90": condition("90", 0.5)},
    )
    people = replace(result("rotation", est(0.8), 1280, 1280), conditions={"90": condition("90", 0.8)})
    benchmark = replace(
        bench(observer("a", {"rotation": part}), humans=observer("humans", {"rotation": people})),
        individuals={
            "rotation/subject-01": observer("rotation/subject-01", {"rotation": people}),
            "edge/subject-02": observer("edge/subject-02", {"edge": result("edge", est(0.8))}),
        },
    )
    rows = records(conditions_table(benchmark))
    assert [(row["condition"], row["counted"], row["model"]) for row in rows] == [
        ("0", "no", "a"),
        ("90", "yes", "humans"),
        ("90", "yes", "subject-01"),
        ("90", "yes", "a"),
    ]
    assert {key: rows[3][key] for key in rows[3] if key.startswith("accuracy") and "difference" not in key} == {
        "accuracy": "0.5",
        "accuracy_low": "0.4",
        "accuracy_high": "0.6",
        "accuracy_n": "80",
    }
    assert (rows[3]["accuracy_difference"], rows[3]["observed_consistency"]) == ("0.04", "0.7")
    assert rows[3]["error_consistency"] == "0.3"
    # What was cut is marked, and only that.
    assert [row["coverage"] for row in rows] == ["160 of 1,280 images", "", "", "160 of 1,280 images"]


def test_the_shape_bias_of_each_category_and_over_all() -> None:
    by_category = {"cat": est(0.25, n=8), "truck": UNDEFINED}
    some = observer("a", {}, shape_bias=est(0.2, 0.05), shape_bias_by_category=by_category)
    rows = records(shape_bias_table(bench(some, observer("b", {}))))
    assert [(row["model"], row["category"], row["shape_bias"]) for row in rows] == [
        ("a", "cat", "0.25"),
        ("a", "truck", ""),
        ("a", "all", "0.2"),
    ]
    assert rows[0]["shape_bias_n"] == "8"
    assert "coverage" not in rows[0]
