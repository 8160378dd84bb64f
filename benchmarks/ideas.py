"""What ideas to spend fewer evaluations are worth, one by one, on a bank of draws.

    python -m benchmarks.ideas --bank FOLDER [--bank FOLDER …] [--out FOLDER]

The quantity is the paired difference D between the two labels that are best over all draws of a picture: its variance says
how many draws a decision takes. Each idea is given as the share of that variance which is left per draw, averaged over
pictures: 0.5 means half the draws. Prints one table; --out gets ``ideas.json``.
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

Array = NDArray[np.float64]
_BINS = 10


@dataclass(frozen=True)
class Ideas:
    """Variance left per draw, relative to the one before it in brackets.

    Attributes:
        bank: its name.
        unpaired: of the difference where each label has noise of its own (1).
        paired: where both share (t, ε) [unpaired].
        stratified: with times that are spread evenly [paired].
        weighted_t: times drawn more often where D varies more, by one density per model, and weighted back [stratified].
        control: D less its regression on the mean score of all labels, one coefficient per picture [stratified].
    """

    bank: str
    unpaired: float
    paired: float
    stratified: float
    weighted_t: float
    control: float


def weigh(name: str, bank: Sequence[Banked]) -> Ideas:
    """Return what each idea leaves of the variance."""
    paired, stratified, control = [], [], []
    within = np.zeros(_BINS)
    for banked in bank:
        order = np.argsort(banked.t)
        t, scores = banked.t[order], banked.scores[order]
        second, first = np.argsort(scores.mean(axis=0))[-2:]
        d = scores[:, first] - scores[:, second]
        paired.append(d.var(ddof=1) / scores[:, [first, second]].var(axis=0, ddof=1).sum())
        rest = _noise(d)
        stratified.append(rest.var() / d.var(ddof=1))
        common = _noise(scores.mean(axis=1))
        control.append(1 - float(np.corrcoef(rest, common)[0, 1]) ** 2)
        # Each picture counts alike, whatever the scale of its errors.
        place = np.minimum((t[1:] * _BINS).astype(int), _BINS - 1)
        share = rest**2 / (rest**2).mean()
        within += np.bincount(place, share, _BINS) / np.maximum(np.bincount(place, minlength=_BINS), 1)
    spread = np.sqrt(within / len(bank))
    return Ideas(
        bank=name,
        unpaired=1.0,
        paired=float(np.mean(paired)),
        stratified=float(np.mean(stratified)),
        # Σ p σ with q ∝ σ, squared, against Σ p σ²: Neyman 1934.
        weighted_t=float(spread.mean() ** 2 / (spread**2).mean()),
        control=float(np.mean(control)),
    )


def _noise(values: Array) -> Array:
    """Return what neighbours in t differ by, with the variance of the noise alone (von Neumann 1941)."""
    return np.asarray(np.diff(values) / np.sqrt(2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = []
    for folder in asked.bank:
        bank = list(read(folder))
        if not bank:
            raise SystemExit(f"{folder}: no bank is here; python -m benchmarks.bank makes one")
        found.append(weigh(folder.name, bank))
    shown = Table(box=None, header_style="bold")
    shown.add_column("variance left per draw, of the one above")
    for ideas in found:
        shown.add_column(ideas.bank, justify="right")
    for label, field in (
        ("labels with noise of their own", "unpaired"),
        ("labels share t and ε", "paired"),
        ("times spread evenly", "stratified"),
        ("… and denser where D varies more", "weighted_t"),
        ("… and less its regression on the labels' mean", "control"),
    ):
        shown.add_row(label, *(f"{asdict(ideas)[field]:.3f}" for ideas in found))
    Console(width=110).print(shown)
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "ideas.json").write_text(json.dumps([asdict(i) for i in found], indent=2) + "\n")
        typer.echo(asked.out / "ideas.json")
