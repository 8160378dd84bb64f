"""Which units each array job answers: all of them once, and as evenly over all data sets as can be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconstrue.run.local import Part
from reconstrue.run.plan import UNIT, Plan
from reconstrue.stimuli.catalog import load_catalog


@pytest.mark.parametrize("n", [1, 2, 3, 64, 1000])
@pytest.mark.parametrize("begin", [0, 5, 1050])
def test_every_unit_has_one_part(n: int, begin: int) -> None:
    found = [unit for i in range(1, n + 1) for unit in Part(i, n).units(70, begin)]
    assert sorted(found) == list(range(70))


def test_units_are_counted_on_from_set_to_set(fake: Callable, edges: Callable) -> None:
    """80 in each of the first three sets of 1,280 images, so low-pass begins with number 240."""
    plans = {name: Plan(fake(), edges(dataset=name)) for name in ("colour", "contrast", "low-pass")}
    assert [plan.begin for plan in plans.values()] == [0, 80, 240]
    # Of 64 parts, number 17 has 16, 80, 144, …: of contrast its first unit.
    assert list(Part(17, 64).units(80, plans["contrast"].begin)) == [0, 64]
    assert list(Part(1, 64).units(80, plans["contrast"].begin)) == [48]


def test_no_part_has_more_than_one_unit_above_another_over_all_data_sets(fake: Callable, edges: Callable) -> None:
    """1,130 units on 64 parts: 17 or 18 each. Counted anew in each set, part 1 would have 30, part 64 would have 13."""
    counts = [0] * 64
    for name, about in load_catalog().items():
        begin = Plan(fake(), edges(dataset=name)).begin
        for i in range(64):
            counts[i] += len(Part(i + 1, 64).units(-(-about.n_images // UNIT), begin))
    assert sum(counts) == 1130
    assert set(counts) == {17, 18}
