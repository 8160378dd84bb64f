"""What a run came to, in one sentence with an interval."""

from __future__ import annotations

import pandas as pd
from scipy.stats import binomtest

from reconstrue.metrics.accuracy import CHANCE
from reconstrue.metrics.intervals import Estimate


def accuracy_estimate(answers: pd.DataFrame) -> Estimate:
    """Return the share of right answers with Wilson's 95% interval."""
    right, n = int((answers["response"] == answers["category"]).sum()), len(answers)
    interval = binomtest(right, n).proportion_ci(method="wilson")
    return Estimate(right / n, float(interval.low), float(interval.high), n)


def sentence(answers: pd.DataFrame) -> str:
    """Return accuracy, distance from chance and evaluations per image, e.g. for the terminal."""
    found = accuracy_estimate(answers)
    verdict = "above" if found.low > CHANCE else "below" if found.high < CHANCE else "not clearly above or below"
    return (
        f"accuracy {found.value:.1%} [{found.low:.1%}, {found.high:.1%}] on {found.n:,} images, "
        f"{100 * (found.value - CHANCE):+.1f} points [{100 * (found.low - CHANCE):+.1f}, "
        f"{100 * (found.high - CHANCE):+.1f}] from chance ({CHANCE:.2%}): {verdict} chance; "
        f"{answers['evaluations'].mean():,.0f} evaluations per image"
    )
