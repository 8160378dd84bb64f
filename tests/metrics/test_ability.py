"""What the distances of reconstructions go by, by hand and on images of which it is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reconstrue.metrics.ability import ability, changes


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_changes_are_squared_distances_from_the_mean_drawing() -> None:
    drawn = np.zeros((3, 1, 2, 1))
    drawn[0, 0] = [[3.0], [0.0]]
    # The mean is (1, 0): (3 − 1)² = 4, and (0 − 1)² = 1 twice.
    np.testing.assert_allclose(changes(drawn), [4, 1, 1])


def test_by_hand() -> None:
    distance = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 1.0, 3.0, 2.0]])
    change = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 4.0, 3.0, 2.0]])
    found = ability(distance, change, [0, 0], resamples=0, generator=rng())
    # Image 1: ranks alike, r = 1. Image 2: ranks 4 1 3 2 and 1 4 3 2: differences 3 −3 0 0, r = 1 − 6·18 / (4·15) = −0.8.
    assert found.with_change.value == pytest.approx((1 - 0.8) / 2)
    # Right at rank 1: −√(3/5); right at rank 4: +√(3/5).
    assert found.strongest == pytest.approx(-math.sqrt(0.6))
    assert found.with_class.value == pytest.approx(0)
    assert ability(distance[:1], change[:1], [0], resamples=0, generator=rng()).with_class.value == pytest.approx(
        found.strongest
    )
    assert found.right_nearest.value == 0.5
    # The nearest of image 1 changed least (0), of image 2 most (1).
    assert found.change_of_nearest.value == 0.5
    assert found.chance == 0.25
    assert [part.n for part in (found.with_class, found.with_change, found.change_of_nearest)] == [2, 2, 2]


def drawings(understood: float, images: int = 120, k: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images of which prompt j draws a part of its own, larger for later prompts, which `understood` turns to the picture."""
    draw = rng(1)
    right = draw.integers(k, size=images)
    own = draw.normal(0, 1, (images, k, 30)) * np.linspace(0.1, 1, k)[:, None]
    x = draw.normal(0, 0.3, (images, 30)) + understood * own[np.arange(images), right]
    return ((own - x[:, None]) ** 2).sum(axis=2), np.stack([changes(one) for one in own]), right


def test_a_model_that_understands_nothing_is_nearest_where_it_draws_least() -> None:
    found = ability(*drawings(0.0), generator=rng())
    assert found.with_change.low > 0.7
    assert found.change_of_nearest.high < 0.1
    assert found.right_nearest.low <= found.chance <= found.right_nearest.high
    assert abs(found.with_class.value) < 0.06


def test_a_model_that_understands_is_nearest_where_it_is_right() -> None:
    found = ability(*drawings(1.0), generator=rng())
    assert found.right_nearest.low > 0.5
    assert found.with_class.high < 0.5 * found.strongest


def test_intervals_hold_the_value_and_shrink_with_images() -> None:
    distance, change, right = drawings(0.3)
    whole, part = (ability(distance[:n], change[:n], right[:n], generator=rng()) for n in (120, 20))
    for name in ("with_class", "with_change", "right_nearest", "change_of_nearest"):
        large, small = getattr(whole, name), getattr(part, name)
        assert large.low <= large.value <= large.high
        assert large.high - large.low < small.high - small.low


def test_what_is_the_same_for_all_prompts_is_undefined_and_counted() -> None:
    distance = np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [3.0, 1.0, 2.0]])
    change = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    found = ability(distance, change, [0, 1, 1], generator=rng())
    assert (found.with_change.n, found.with_class.n, found.change_of_nearest.n) == (1, 2, 2)
    # Three that tie share the nearest place: (1 + ⅓ + 1) / 3.
    assert found.right_nearest.value == pytest.approx(7 / 9)
    nothing = ability(distance[1:2], change[2:], [0], generator=rng())
    assert math.isnan(nothing.with_change.value)
    assert nothing.to_json()["with_change"] == {"value": None, "low": None, "high": None, "n": 0}


@pytest.mark.parametrize(
    ("distance", "right", "match"),
    [
        (np.ones((2, 2)), [0], "do not fit"),
        (np.full((2, 3), np.nan), [0, 1], "not a number"),
        (np.ones((2, 3)), [0, 3], "within 0 … 2"),
        (np.ones((2, 1)), [0, 0], "at least one and two"),
    ],
)
def test_what_does_not_fit_is_refused(distance: np.ndarray, right: list[int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        ability(distance, np.ones_like(distance), right, generator=rng())
