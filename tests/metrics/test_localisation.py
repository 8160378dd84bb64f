"""Where a model draws what it is told: hand arithmetic, chance, and made-up models whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reconstrue.metrics.localisation import change_between, localisation, mean_over_pictures
from reconstrue.seeding import stream

LEFT = np.zeros((8, 8), dtype=bool)
LEFT[:, :3] = True
RIGHT = LEFT[:, ::-1]


def test_by_hand() -> None:
    """A's pixels have D = 3, 1; B's 2, 1, 0. Pairs won: 3 beats all three, 1 beats 0 and ties with 1: (3 + 1.5) / 6."""
    change = np.array([[3.0, 1.0, 9.0, 2.0, 1.0, 0.0]])
    a = np.array([[1, 1, 1, 0, 0, 0]], dtype=bool)
    b = np.array([[0, 0, 1, 1, 1, 1]], dtype=bool)
    assert localisation(change, (a, b)) == pytest.approx(0.75)  # the pixel of both, D = 9, is left out


def test_change_is_squared_and_summed_over_colours() -> None:
    """(0.3² + 0.4²) − 0.1² = 0.24."""
    first = np.array([[[0.3, 0.4, 0.0]]], dtype=np.float32)
    second = np.array([[[0.0, 0.0, 0.1]]], dtype=np.float32)
    np.testing.assert_allclose(change_between(first, second, np.zeros((1, 1, 3))), [[0.24]], rtol=1e-6)


def _scores(paint_first: np.ndarray, paint_second: np.ndarray, busy: float) -> float:
    """The localisation of a model that adds light in these places, to a picture that changes anyway where it is busy."""
    rng = stream(0, "made-up")
    base = busy * rng.random((8, 8, 3)) * LEFT[..., None]
    first, second = (base + 0.2 * paint[..., None] for paint in (paint_first, paint_second))
    mean = (first + second + 2 * base) / 4
    return localisation(change_between(first, second, mean), (LEFT, RIGHT))


def test_painting_where_the_parts_are_gives_1_elsewhere_0_and_nothing_a_half() -> None:
    for busy in (0.0, 1.0):
        assert _scores(LEFT, RIGHT, busy) == 1.0
        assert _scores(RIGHT, LEFT, busy) == 0.0
        assert _scores(LEFT, LEFT, busy) == 0.5
        assert _scores(np.zeros_like(LEFT), np.zeros_like(LEFT), busy) == 0.5


def test_noise_that_ignores_the_prompt_is_at_chance_however_uneven() -> None:
    """Both drawings are far noisier on A's side; swapping them turns L into 1 − L, so that the mean is ½."""
    rng = stream(1, "noise")
    spread = np.where(LEFT, 1.0, 0.05)[..., None]
    values = []
    for _ in range(400):
        first, second = spread * rng.normal(size=(2, 8, 8, 3))
        mean = (first + second) / 2 + spread * rng.normal(size=(8, 8, 3))
        values.append(localisation(change_between(first, second, mean), (LEFT, RIGHT)))
    found = mean_over_pictures(np.array(values), rng)
    assert found.low < 0.5 < found.high and found.high - found.low < 0.04


def test_swapping_the_prompts_mirrors_the_figure() -> None:
    change = stream(2, "map").normal(size=(8, 8))
    assert localisation(-change, (LEFT, RIGHT)) == pytest.approx(1 - localisation(change, (LEFT, RIGHT)))


def test_without_a_place_of_its_own_it_is_undefined() -> None:
    assert math.isnan(localisation(np.ones((8, 8)), (LEFT, LEFT | RIGHT)))


def test_means_leave_out_what_is_undefined_and_count_the_rest() -> None:
    found = mean_over_pictures(np.array([0.2, math.nan, 0.6, 0.7]), stream(0, "mean"))
    assert found.n == 3 and found.value == pytest.approx(0.5) and 0 <= found.low < 0.5 < found.high <= 1
    single, none = (mean_over_pictures(np.array(v), stream(0, "mean")) for v in ([0.3], [math.nan]))
    assert (single.value, single.n) == (0.3, 1) and math.isnan(single.low) and math.isnan(single.high)
    assert math.isnan(none.value) and none.n == 0


def test_an_interval_covers_the_mean_of_the_population() -> None:
    """95% nominal; 300 samples of 40 values of mean ½: the bootstrap of 40 covers about 94%."""
    rng = stream(3, "coverage")
    hits = [(e := mean_over_pictures(rng.beta(2, 2, 40), rng, resamples=300)).low <= 0.5 <= e.high for _ in range(300)]
    assert 0.89 < np.mean(hits) < 0.98


@pytest.mark.parametrize("n", [2, 4, 10])
def test_few_pictures_have_an_interval_that_holds(n: int) -> None:
    """Of 400 samples of a mean of 0, about one in twenty misses it; the plain bootstrap of two misses half."""
    rng = np.random.default_rng(n)
    missed = 0
    for _ in range(400):
        found = mean_over_pictures(rng.normal(0, 1, n), rng, resamples=400, bounds=(-math.inf, math.inf))
        missed += not found.low <= 0 <= found.high
    # The quantiles of a bootstrap of two pictures have three values only, and reach less far than Student's.
    assert missed / 400 < 0.12
