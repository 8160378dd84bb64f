"""Noise belongs to a trial: equal names give equal numbers, always."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

from reconstrue.seeding import stream

Names = tuple[str | int, ...]


def numbers(*names: str | int, n: int = 8) -> list[int]:
    seed, *rest = names
    return [int(v) for v in stream(int(seed), *rest).bit_generator.random_raw(n)]


# Stored once; these must never change, or every stored answer and every resumed run changes with them.
GOLDEN: dict[Names, tuple[int, int, int]] = {
    (0,): (0x22244CAAA0ED4CA7, 0x55F2F9B57D61E009, 0x57BE926562F36AD5),
    (0, "a.png"): (0xC9F4EE137215ED72, 0xEB5573ACDCBF2B44, 0x6875A5C8AE59098B),
    (0, "a.png", 3): (0x5100F293A47EDDBE, 0x9811047D73883856, 0xCFD8A7744A9C46AF),
    (1, "a.png", 3): (0xA07C50D944529828, 0x2395D6B022BA1C26, 0xB0929BEE8B310129),
}


@pytest.mark.parametrize("names", GOLDEN)
def test_the_first_numbers_never_change(names: Names) -> None:
    assert tuple(numbers(*names, n=3)) == GOLDEN[names]


def test_the_first_draws_never_change() -> None:
    """What the code draws from a stream: uniform, normal float32, a permutation, whole numbers."""
    np.testing.assert_array_equal(
        stream(0, "a.png", 3).random(3), [0.31642070869974803, 0.5940096670415479, 0.8118996294893899]
    )
    np.testing.assert_array_equal(
        stream(0, "a.png", 3).standard_normal(3, dtype=np.float32),
        np.array([-1.2897740602493286, 0.5274195671081543, 0.5653221607208252], dtype=np.float32),
    )
    assert stream(0, "a.png", 3).permutation(6).tolist() == [5, 2, 1, 0, 4, 3]
    assert stream(0, "a.png", 3).integers(100, size=4).tolist() == [64, 31, 45, 59]


def test_equal_names_give_equal_numbers() -> None:
    assert numbers(7, "bird3.png", 2) == numbers(7, "bird3.png", 2)


def test_anything_else_gives_other_numbers() -> None:
    """Seed, name, type, order, number of names and where they are cut all matter."""
    different: list[Names] = [
        (0,),
        (1,),
        (-1,),
        (10,),
        (0, 1),
        (1, 0),
        (0, "1"),
        (0, "a"),
        (0, "A"),
        (0, ""),
        (0, "a", "b"),
        (0, "b", "a"),
        (0, "ab"),
        (0, "asb"),  # how "a" and "b" look side by side with their types
        (0, "a", 1),
        (0, 1, "a"),
        (0, "a1"),
        (0, "a", 11),
        (0, "a1", 1),
        (0, "é"),
        (0, "e\u0301"),
    ]
    drawn = {names: numbers(*names) for names in different}
    for one, other in itertools.combinations(different, 2):
        assert not set(drawn[one]) & set(drawn[other]), f"{one} and {other} share numbers"


def test_the_order_of_calls_does_not_matter() -> None:
    names: list[Names] = [(0, "a", j) for j in range(4)]
    forwards = {n: numbers(*n) for n in names}
    backwards = {n: numbers(*n) for n in reversed(names)}
    assert forwards == backwards
    first, second = stream(0, "a"), stream(0, "b")
    mixed = [(first.random(), second.random()) for _ in range(3)]
    assert [a for a, _ in mixed] == stream(0, "a").random(3).tolist()
    assert [b for _, b in mixed] == stream(0, "b").random(3).tolist()


def test_the_global_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the point is that nothing touches it
    stream(0, "a").random(100)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_another_process_draws_the_same() -> None:
    """Strings' hashes are salted per process; ours must not be built on them."""
    code = "from reconstrue.seeding import stream; print(stream(0, 'a.png', 3).bit_generator.random_raw())"
    for salt in ("1", "2"):
        child = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(child.stdout) == GOLDEN[0, "a.png", 3][0]


def test_neighbouring_streams_are_independent() -> None:
    """200 streams of 50 uniform numbers: their means and their neighbours' correlation are those of independent ones.

    The mean of 50 uniform numbers has the standard deviation sqrt(1/12/50) = 0.0408; the correlation of two such
    streams has about 1/sqrt(50) = 0.141, and the mean of 199 of them 0.0100. Bounds at four of these.
    """
    drawn = np.stack([stream(0, "image.png", j).random(50) for j in range(200)])
    assert abs(drawn.mean() - 0.5) < 4 * 0.0408 / 200**0.5
    assert 0.7 * 0.0408 < drawn.mean(axis=1).std() < 1.3 * 0.0408
    correlations = [np.corrcoef(drawn[j], drawn[j + 1])[0, 1] for j in range(199)]
    assert abs(np.mean(correlations)) < 4 * 0.0100
