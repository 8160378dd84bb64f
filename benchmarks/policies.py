"""What each policy spends, and whether it decides as the full grid does.

    python -m benchmarks.policies --bank FOLDER [--bank FOLDER …] [--out FOLDER]

Every policy replays draws 101 to 200 of a bank (`benchmarks.bank`). The reference is the fixed grid of draws 1 to 100, and
the yardstick is how far a second such grid, of draws 101 to 200, agrees with it. Prints one table per bank; --out gets
``policies.json`` and the curve of agreement against evaluations, ``policies.svg`` and ``.png``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.bank import SETS, Banked, read
from benchmarks.curve import curve
from reconstrue.classifiers.generative.evidence import Evidence
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy, SafeLeader, TwoStage
from reconstrue.classifiers.generative.race import Question, Race
from reconstrue.errors import UserError
from reconstrue.metrics import expected_calibration_error, p_correct_of_others, rate_by_draws
from reconstrue.report.figures import save_figure

HALF = 100
RESAMPLES = 10_000
DELTAS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
CLARK_JAINI = "Clark & Jaini (20, 100, 2e-3)"
# How much of agreement the target allows to be lost, with room for the sum of floats.
_POINT = 0.01 + 1e-9

POLICIES: dict[str, Policy] = {
    **{f"fixed grid {n}": FixedGrid(n) for n in (1, 2, 4, 6, 10, 16, 30, 60, HALF)},
    CLARK_JAINI: PairedTTest(20, HALF, 2e-3),
    "paired t-test (4, 100, 1e-2)": PairedTTest(4, HALF, 1e-2),
    "paired t-test (4, 100, 2e-2)": PairedTTest(4, HALF, 2e-2),
    "Li et al. (10, 100), nested": TwoStage((10, 100), nested=True),
    "Li et al. (25, 100), nested": TwoStage((25, 100), nested=True),
    **{f"safe leader (4, 100, δ {d:g})": SafeLeader(4, HALF, d) for d in DELTAS},
    "safe leader (3, 100, δ 0.1)": SafeLeader(3, HALF, 0.1),
    "safe leader (6, 100, δ 0.1)": SafeLeader(6, HALF, 0.1),
}


@dataclass(frozen=True)
class Row:
    """What a policy did on a bank.

    Attributes:
        policy: its name.
        evaluations: network evaluations per image, mean.
        median: and median.
        accuracy: against the category.
        agreement: with the reference grid.
        less: agreement minus the second grid's own, with its 95% interval over images.
        undecided: share of images that the budget ended.
        ece_posterior: of the posterior, against agreement with the reference.
        ece_p_correct: of softmax(evidence / T), against being right, T fitted on the other half of the images.
        ece_draws: of the draws until the runner-up left, turned into a probability on the other half.
        sets: agreement and evaluations on each of the four sets, and there the calibration error of p_correct with a
            temperature for that kind of picture alone, fitted on the other half of it.
    """

    policy: str
    evaluations: float
    median: float
    accuracy: float
    agreement: float
    less: tuple[float, float, float]
    undecided: float
    ece_posterior: float
    ece_p_correct: float
    ece_draws: float
    sets: dict[str, tuple[float, float, float]]


def replay(policy: Policy, bank: Sequence[Banked], start: int = HALF, stop: int = 2 * HALF) -> list[Evidence]:
    """Return the evidence that a policy gathers from draws `start` … `stop` − 1 of each picture.

    Draw j of a policy that takes times as they come is the bank's draw `start` + j. Where it wants times of its own it
    gets the nearest that it has not had.
    """
    gathered = []
    for banked in bank:
        t, scores = banked.t[start:stop], banked.scores[start:stop]
        order = np.arange(len(t))
        if type(policy).times is not Policy.times:
            order = _nearest(policy.times(0, banked.image_id, 0, policy.max_draws), t)

        def ask(
            questions: Sequence[Question],
            order: NDArray[np.int64] = order,
            scores: NDArray[np.float64] = scores,
        ) -> NDArray[np.float64]:
            return np.array([-scores[order[q.draw], q.label] for q in questions])

        race = Race(
            policy=_At(policy, t[order]),
            seed=0,
            snap=lambda times: times,
            weight=np.ones_like,
            log_snr=np.zeros_like,
        )
        gathered += race.run([banked.image_id], scores.shape[1], ask)
    return gathered


@dataclass(frozen=True)
class _At(Policy):
    """A policy whose times are given."""

    policy: Policy
    given: NDArray[np.float64]

    @property
    def max_draws(self) -> int:
        return self.policy.max_draws

    def times(self, seed: int, image_id: str, start: int, stop: int) -> NDArray[np.float64]:
        return self.given[start:stop]

    def survivors(
        self, t: NDArray[np.float64], scores: NDArray[np.float64], live: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        return self.policy.survivors(t, scores, live)

    def next_check(self, draws: int) -> int:
        return self.policy.next_check(draws)

    def settings(self) -> dict[str, object]:
        return self.policy.settings()


def _nearest(wanted: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each wanted time the index of the nearest one that is left."""
    left = there.copy()
    chosen = np.empty(len(wanted), dtype=np.int64)
    for i, t in enumerate(wanted):
        chosen[i] = int(np.abs(left - t).argmin())
        left[chosen[i]] = np.inf
    return chosen


def measure(name: str, policy: Policy, bank: Sequence[Banked]) -> Row:
    """Replay a policy and compare its decisions."""
    reference = np.array([b.scores[:HALF].mean(axis=0).argmax() for b in bank])
    second = np.array([b.scores[HALF : 2 * HALF].mean(axis=0).argmax() for b in bank]) == reference
    evidence = replay(policy, bank)
    spent = np.array([e.evaluations for e in evidence])
    log_evidence = np.stack([e.log_evidence() for e in evidence])
    decided = log_evidence.argmax(axis=1)
    truth = np.array([b.truth for b in bank])
    right, agrees = decided == truth, decided == reference
    until = np.array([_until(e) for e in evidence])
    posterior = np.array([e.posterior()[d] for e, d in zip(evidence, decided, strict=True)])
    weights = np.random.default_rng(0).multinomial(len(bank), np.full(len(bank), 1 / len(bank)), size=RESAMPLES)
    draws = weights @ (agrees.astype(float) - second) / len(bank)
    shown = np.array([b.shown for b in bank])
    return Row(
        policy=name,
        evaluations=float(spent.mean()),
        median=float(np.median(spent)),
        accuracy=float(right.mean()),
        agreement=float(agrees.mean()),
        less=(float(agrees.mean() - second.mean()), *(float(q) for q in np.quantile(draws, (0.025, 0.975)))),
        undecided=float(np.mean([e.budget_ended for e in evidence])),
        ece_posterior=expected_calibration_error(posterior, agrees),
        ece_p_correct=_calibrated(log_evidence, truth, right),
        ece_draws=expected_calibration_error(rate_by_draws(until, right), right),
        sets={
            kind: (
                float(agrees[own].mean()),
                float(spent[own].mean()),
                _calibrated(log_evidence[own], truth[own], right[own]),
            )
            for kind in SETS
            if (own := shown == kind).any()
        },
    )


def _calibrated(log_evidence: NDArray[np.float64], truth: NDArray[np.int64], right: NDArray[np.bool_]) -> float:
    """Return the calibration error of p_correct; NaN where a half has too few right answers for any temperature."""
    try:
        return expected_calibration_error(p_correct_of_others(log_evidence, truth), right)
    except UserError:
        return math.nan


@dataclass(frozen=True)
class Chosen:
    """The rate δ of the safe leader that one half of the pictures chooses, and what it does on the other half.

    Attributes:
        delta: the largest that lost no more than a point of agreement to the second grid on the one half.
        evaluations: per picture of the other half.
        less: points of agreement less than the second grid's own there.
        clark_jaini: evaluations of Clark & Jaini's test there.
    """

    delta: float
    evaluations: float
    less: float
    clark_jaini: float


def chosen(bank: Sequence[Banked]) -> list[Chosen]:
    """Return what each half of the bank, every other picture, chooses for the other."""
    halves = [bank[0::2], bank[1::2]]
    made = []
    for one, other in (halves, halves[::-1]):
        kept = [d for d in DELTAS if measure("", SafeLeader(4, HALF, d), one).less[0] >= -_POINT]
        delta = max(kept, default=min(DELTAS))
        row = measure("", SafeLeader(4, HALF, delta), other)
        plain = measure("", POLICIES[CLARK_JAINI], other)
        made.append(Chosen(delta, row.evaluations, -row.less[0], plain.evaluations))
    return made


def _until(evidence: Evidence) -> int:
    """Return after how many draws the last of the others left; one more than all draws where it did not."""
    gone = np.sort(evidence.eliminated_at)
    return int(gone[-1]) if (gone == -1).sum() == 1 else len(evidence.t) + 1


def table(title: str, rows: Sequence[Row]) -> Table:
    """Return the table that is printed."""
    made = Table(title=title, box=None, header_style="bold")
    made.add_column("policy", no_wrap=True)
    for head in (
        "NFE/img",
        "median",
        "accuracy",
        "agreement",
        "less than 2nd grid",
        "undecided",
        "ECE: posterior",
        "p_correct",
        "draws",
    ):
        made.add_column(head, justify="right")
    for row in rows:
        less, low, high = (100 * v for v in row.less)
        made.add_row(
            row.policy,
            f"{row.evaluations:.0f}",
            f"{row.median:.0f}",
            f"{row.accuracy:.1%}",
            f"{row.agreement:.1%}",
            f"{less:+.1f} [{low:+.1f}, {high:+.1f}]",
            f"{row.undecided:.0%}",
            f"{row.ece_posterior:.3f}",
            f"{row.ece_p_correct:.3f}",
            f"{row.ece_draws:.3f}",
        )
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found, halves = {}, {}
    for folder in asked.bank:
        bank = list(read(folder))
        if not bank:
            raise SystemExit(f"{folder}: no bank is here; python -m benchmarks.bank makes one")
        found[folder.name] = [measure(name, policy, bank) for name, policy in POLICIES.items()]
        screen = Console(width=160)
        screen.print(table(f"{folder.name}: {len(bank)} pictures", found[folder.name]))
        halves[folder.name] = chosen(bank)
        for half in halves[folder.name]:
            screen.print(
                f"  δ {half.delta:g}, chosen on one half: on the other {half.evaluations:.0f} evaluations (Clark & Jaini "
                f"{half.clark_jaini:.0f}), {100 * half.less:+.1f} points of agreement lost"
            )
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        as_json = {
            name: {"policies": [asdict(row) for row in rows], "halves": [asdict(half) for half in halves[name]]}
            for name, rows in found.items()
        }
        (asked.out / "policies.json").write_text(json.dumps(as_json, indent=2) + "\n")
        for kind in ("svg", "png"):
            save_figure(curve(found, f"fixed grid {HALF}"), asked.out / f"policies.{kind}")
        typer.echo(asked.out / "policies.json")
