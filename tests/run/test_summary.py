"""A run in one sentence, with an interval."""

from __future__ import annotations

import pandas as pd
import pytest

from reconstrue.run.summary import accuracy_estimate, sentence


def answers(right: int, n: int, evaluations: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "category": ["cat"] * n,
            "condition": ["0"] * n,
            "response": ["cat"] * right + ["dog"] * (n - right),
            "evaluations": [evaluations] * n,
        }
    )


def test_wilson_s_interval_by_hand() -> None:
    """10 of 160, z = 1.959964: p = 0.0625, z²/n = 3.841459/160 = 0.0240091.

    centre (p + z²/2n) / (1 + z²/n) = 0.0745046 / 1.0240091 = 0.0727577; half width
    z · sqrt(p(1 − p)/n + z²/4n²) / (1 + z²/n) = 1.959964 · sqrt(0.000366211 + 0.0000375142) / 1.0240091 = 0.0384581.
    """
    found = accuracy_estimate(answers(10, 160))
    assert (found.value, found.n) == (0.0625, 160)
    assert found.low == pytest.approx(0.0727577 - 0.0384581, abs=2e-6)
    assert found.high == pytest.approx(0.0727577 + 0.0384581, abs=2e-6)


def test_all_right_and_all_wrong_by_hand() -> None:
    """0 of n: from 0 to z²/(n + z²) = 3.841459/19.841459 = 0.1936076 at n = 16; all right is its mirror image."""
    none, all_right = accuracy_estimate(answers(0, 16)), accuracy_estimate(answers(16, 16))
    assert (none.value, none.low) == (0.0, pytest.approx(0.0, abs=1e-12))
    assert none.high == pytest.approx(0.1936076, abs=1e-6)
    assert all_right.low == pytest.approx(1 - 0.1936076, abs=1e-6)
    assert all_right.high == pytest.approx(1.0, abs=1e-12)


def test_the_sentence_says_everything() -> None:
    """10 of 160 is exactly chance; the interval in points is [3.43, 11.12] − 6.25 = [−2.8, +4.9]."""
    assert sentence(answers(10, 160, 1234.4), "edge") == (
        "accuracy 6.2% [3.4%, 11.1%] on 160 images, +0.0 points [-2.8, +4.9] from chance (6.25%): "
        "not clearly above or below chance; 1,234 evaluations per image"
    )


@pytest.mark.parametrize(
    ("right", "n", "verdict"),
    [
        (160, 160, ": above chance;"),
        (18, 160, ": above chance;"),  # low end of 18 of 160 is 7.2%
        (17, 160, ": above chance;"),  # 6.7%
        (16, 160, ": not clearly above or below chance;"),  # 6.2%
        (0, 160, ": below chance;"),  # high end of 0 of 160 is 2.3%
        (1, 16, ": not clearly above or below chance;"),
    ],
)
def test_the_verdict_follows_the_interval(right: int, n: int, verdict: str) -> None:
    assert verdict in sentence(answers(right, n), "edge")


def test_large_counts_are_grouped() -> None:
    assert "on 1,280 images" in sentence(answers(640, 1280), "edge")


def test_only_conditions_that_count_are_counted() -> None:
    # rotation: 0° is left out of the benchmark, so of 16 upright and 16 turned pictures the turned ones count.
    upright, turned = answers(16, 16), answers(4, 16)
    turned["condition"] = "90"
    assert sentence(pd.concat([upright, turned]), "rotation").startswith("accuracy 25.0%")
    assert "none of them of a condition" in sentence(upright, "rotation")
