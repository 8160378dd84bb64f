"""What a network evaluation costs inside the classifier, against the bare network in a loop.

    python -m benchmarks.overhead [--model pocket-latent …] [--images 16] [--draws 8] [--rounds 7] [--out FOLDER]

The bare network's best batch size is found first. Then, in each round and for each way of running, the bare network at that
batch, whole decisions, and the bare network again: the ratio is taken against the mean of the two, so that a machine that
slows down in between slows both, and the median over rounds is reported. The bare loop is given ready inputs on the device
and throws its answers away; the classifier reads and encodes pictures, tells prompts, draws noise, packs batches and adds
up errors. Prints one table; --out gets ``overhead.json``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table

from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.draws import draw_times
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_set

BATCHES = (16, 32, 64, 128)
# How one decision is made: what is timed.
RUNS = {
    "fixed grid": Options(policy="fixed-grid"),
    "Clark & Jaini": Options(policy="clark-jaini"),
    "safe leader": Options(policy="safe-leader"),
}


@dataclass(frozen=True)
class Row:
    """One way of running a model.

    Attributes:
        model: its name.
        run: a key of `RUNS`.
        bare: milliseconds per evaluation of the bare network at its best batch size; median.
        batch: that batch size.
        ours: milliseconds per evaluation inside the classifier; median.
        ratio: ours over bare, within a round: median, and the quartiles.
        evaluations: per image.
    """

    model: str
    run: str
    bare: float
    batch: int
    ours: float
    ratio: tuple[float, float, float]
    evaluations: float


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.inference_mode()
def bare(denoiser: Denoiser, batch: int, evaluations: int) -> float:
    """Return seconds per evaluation of the network alone."""
    x = torch.randn(batch, *denoiser.shape, device=denoiser.device)
    times = denoiser.schedule.timesteps(denoiser.schedule.snap(draw_times(0, "bare", 0, batch)))
    told = denoiser.condition(["a bird"]).rows(torch.zeros(batch, dtype=torch.long))
    calls = max(1, evaluations // batch)
    denoiser.predict(x, times, told)
    _wait(denoiser.device)
    start = time.perf_counter()
    for _ in range(calls):
        denoiser.predict(x, times, told)
    _wait(denoiser.device)
    return (time.perf_counter() - start) / (calls * batch)


def measure(model: str, images: int, draws: int, rounds: int) -> list[Row]:
    """Time a model in every way, round by round."""
    stimuli = world_set("original", images, 5).stimuli
    for stimulus in stimuli:
        stimulus.read()
    running = {
        name: _diffusion(model, replace(options, max_draws=draws if name == "fixed grid" else None))
        for name, options in RUNS.items()
    }
    evaluations = images * draws * 4
    network = running["fixed grid"].denoiser
    tried = {batch: statistics.median(bare(network, batch, evaluations) for _ in range(3)) for batch in BATCHES}
    best = min(tried, key=lambda batch: tried[batch])
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in RUNS}
    spent: dict[str, float] = {}
    for _ in range(rounds):
        for name, classifier in running.items():
            classifier.score(stimuli[:1], CATEGORIES)
            before = bare(network, best, evaluations)
            start = time.perf_counter()
            scores = classifier.score(stimuli, CATEGORIES)
            took = time.perf_counter() - start
            spent[name] = float(scores.evaluations.mean())
            times[name].append((before, took / int(scores.evaluations.sum()), bare(network, best, evaluations)))
    rows = []
    for name, taken in times.items():
        floors = [(before + after) / 2 for before, _, after in taken]
        ratios = [ours / floor for (_, ours, _), floor in zip(taken, floors, strict=True)]
        low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75]).tolist()
        rows.append(
            Row(
                model=model,
                run=name,
                bare=1e3 * statistics.median(floors),
                batch=best,
                ours=1e3 * statistics.median(ours for _, ours, _ in taken),
                ratio=(middle, low, high),
                evaluations=spent[name],
            )
        )
    return rows


def _diffusion(model: str, options: Options) -> DiffusionClassifier:
    classifier = load_classifier(model, options)
    if not isinstance(classifier, DiffusionClassifier):
        raise SystemExit(f"{model} is no diffusion model")
    return classifier


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append")
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--draws", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = []
    shown = Table(box=None, header_style="bold")
    for head in ("model", "run", "bare ms/NFE", "at batch", "ours ms/NFE", "ratio", "quartiles", "NFE/img"):
        shown.add_column(head, justify="left" if head in ("model", "run") else "right")
    for model in asked.model or ["pocket-latent", "pocket-pixel"]:
        found += measure(model, asked.images, asked.draws, asked.rounds)
    for row in found:
        ratio, low, high = row.ratio
        shown.add_row(
            row.model, row.run, f"{row.bare:.2f}", str(row.batch), f"{row.ours:.2f}", f"{ratio:.3f}",
            f"{low:.2f} to {high:.2f}", f"{row.evaluations:.0f}",
        )  # fmt: skip
    Console(width=120).print(shown)
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "overhead.json").write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")
        typer.echo(asked.out / "overhead.json")
