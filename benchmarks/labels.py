"""What a decision costs as the labels grow, with made-up scores like those of a bank.

    python -m benchmarks.labels --bank FOLDER [--images 16] [--out FOLDER]

The score of label k under draw j is a_j + μ_k + e_jk, with normal μ and e whose ratio of deviations is the bank's own median.
More labels are drawn from the same distribution, so that the best of them lie closer together, as finer categories do. The
reference is the label with the highest μ. Prints one table; --out gets ``labels.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.bank import Banked, read
from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy, SafeLeader
from reconstrue.classifiers.generative.race import Question, Race

LABELS = (16, 100, 1000)
POLICIES: dict[str, Policy] = {
    "fixed grid 100": FixedGrid(100),
    "Clark & Jaini (20, 100, 2e-3)": PairedTTest(20, 100, 2e-3),
    "safe leader (4, 100)": SafeLeader(4, 100),
}


@dataclass(frozen=True)
class Row:
    """What a policy spent with so many labels.

    Attributes:
        policy: its name.
        labels: how many there were.
        evaluations: per image, mean.
        per_label: evaluations per image and label.
        agreement: share of images whose decision is the label with the highest μ.
    """

    policy: str
    labels: int
    evaluations: float
    per_label: float
    agreement: float


def ratio(bank: Sequence[Banked]) -> float:
    """Return the median over pictures of the deviation of the labels' means over that of the noise of one draw."""
    found = []
    for banked in bank:
        scores = banked.scores[np.argsort(banked.t)]
        rest = scores - scores.mean(axis=1, keepdims=True)
        noise = (np.diff(rest, axis=0) ** 2).mean() / 2
        found.append(float(np.sqrt(rest.mean(axis=0).var(ddof=1) / noise)))
    return float(np.median(found))


def measure(name: str, policy: Policy, labels: int, signal: float, images: int) -> Row:
    """Let a policy decide on made-up images."""
    means = [np.random.default_rng((1, labels, i)).normal(0, signal, labels) for i in range(images)]
    kept: dict[tuple[int, int], NDArray[np.float64]] = {}

    def errors(image: int, draw: int) -> NDArray[np.float64]:
        if (image, draw) not in kept:
            rng = np.random.default_rng((2, labels, image, draw))
            kept[image, draw] = -(rng.normal() + means[image] + rng.normal(0, 1, labels))
        return kept[image, draw]

    def ask(questions: Sequence[Question]) -> NDArray[np.float64]:
        return np.array([errors(q.image, q.draw)[q.label] for q in questions])

    race = Race(policy=policy, seed=0, snap=lambda t: t, weight=np.ones_like, log_snr=np.zeros_like)
    evidence = race.run([str(i) for i in range(images)], labels, ask)
    spent = float(np.mean([e.evaluations for e in evidence]))
    best = [e.log_evidence().argmax() == mean.argmax() for e, mean in zip(evidence, means, strict=True)]
    return Row(name, labels, spent, spent / labels, float(np.mean(best)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=Path, required=True)
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    bank = list(read(asked.bank))
    if not bank:
        raise SystemExit(f"{asked.bank}: no bank is here; python -m benchmarks.bank makes one")
    signal = ratio(bank)
    rows = [
        measure(name, policy, labels, signal, asked.images) for labels in LABELS for name, policy in POLICIES.items()
    ]
    shown = Table(
        title=f"{asked.bank.name}: labels differ by {signal:.2f} of a draw's noise", box=None, header_style="bold"
    )
    for head in ("labels", "policy", "NFE/img", "NFE/label", "agreement"):
        shown.add_column(head, justify="left" if head == "policy" else "right")
    for row in rows:
        cells = (
            f"{row.labels:,}",
            row.policy,
            f"{row.evaluations:,.0f}",
            f"{row.per_label:.1f}",
            f"{row.agreement:.0%}",
        )
        shown.add_row(*cells)
    Console(width=110).print(shown)
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        made = {"bank": asked.bank.name, "signal": signal, "rows": [asdict(row) for row in rows]}
        (asked.out / "labels.json").write_text(json.dumps(made, indent=2) + "\n")
        typer.echo(asked.out / "labels.json")
