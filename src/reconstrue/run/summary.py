"""What a run came to, in one sentence with an interval."""

from __future__ import annotations

import pandas as pd
from scipy.stats import binomtest

from reconstrue.metrics.intervals import Estimate
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import NO_RESPONSE


def accuracy_estimate(answers: pd.DataFrame) -> Estimate:
    """Return the share of right answers with Wilson's 95% interval."""
    right, n = int((answers["response"] == answers["category"]).sum()), len(answers)
    interval = binomtest(right, n).proportion_ci(method="wilson")
    return Estimate(right / n, float(interval.low), float(interval.high), n)


def sentence(answers: pd.DataFrame, name: str, *, labels: int = len(CATEGORIES)) -> str:
    """Return accuracy on the conditions that count, its distance from chance and the evaluations per image.

    Chance is 1/`labels`. Images without an answer count as wrong, and are counted.
    """
    about = dataset(name)
    counted = answers[answers["condition"].isin(about.kept)]
    if counted.empty:
        return f"{len(answers):,} images answered, none of them of a condition that the benchmark counts"
    found = accuracy_estimate(counted)
    chance = 1.0 / labels
    above = found.shifted(-chance)
    verdict = "above" if above.low > 0 else "below" if above.high < 0 else "not clearly above or below"
    unanswered = int((answers["response"] == NO_RESPONSE).sum())
    without = f"; {unanswered:,} images without an answer ({NO_RESPONSE}), counted as wrong" if unanswered else ""
    return (
        f"accuracy {found.value:.1%} [{found.low:.1%}, {found.high:.1%}] on {found.n:,} images, "
        f"{100 * above.value:+.1f} points [{100 * above.low:+.1f}, {100 * above.high:+.1f}] from chance ({chance:.2%}): {verdict} chance; "
        f"{answers['evaluations'].mean():,.0f} evaluations per image{without}"
    )
