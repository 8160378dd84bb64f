"""Where the variance of paired differences comes from, and what antithetic noise takes away.

    python -m benchmarks.variance [--model pocket-latent] [--images 16] [--times 16] [--out FOLDER]

Each picture is seen by all labels at stratified times, under ε, under −ε and under an independent ε′. With d the score of a
label minus the mean over labels, the variance of d is split into what it owes to t and what to ε at one t, and three ways
to spend two evaluations are compared by the variance of their mean: two times with a noise each, one time with two
independent noises, one time with ±ε. Prints one table; --out gets ``variance.json``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.draws import draw_noise, draw_times
from reconstrue.classifiers.generative.schedule import as_tensor, clean_estimate
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.pictures import to_square
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.sets import world_set


@dataclass(frozen=True)
class Split:
    """Shares of the variance of d, averaged over labels and pictures, each picture's variance set to 1.

    Attributes:
        model: its name.
        over_t: share that depends on t: removed by stratified times.
        at_t: share that noise makes at one t.
        antithetic: correlation of d under ε and under −ε, with t taken out.
        two_times: variance of the mean of two draws at random times, noise each.
        two_noises: of two independent noises at one random time.
        plus_minus: of ±ε at one random time.
        stratified_noise: what remains per evaluation once t is stratified: independent noises.
        stratified_antithetic: the same with ±ε.
    """

    model: str
    over_t: float
    at_t: float
    antithetic: float
    two_times: float
    two_noises: float
    plus_minus: float
    stratified_noise: float
    stratified_antithetic: float


@torch.inference_mode()
def scores(
    classifier: DiffusionClassifier, stimulus: Stimulus, t: NDArray[np.float64], noise: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return (times, labels) minus the weighted error of x̂ at each time, under the noise given for each."""
    denoiser = classifier.denoiser
    picture = to_square(stimulus.read(), denoiser.resolution, denoiser.interpolation)[None]
    x = denoiser.encode(picture.to(denoiser.device)).float().cpu()
    eps = torch.from_numpy(noise)
    alpha, sigma = (as_tensor(v, eps) for v in denoiser.schedule.alpha_sigma(t))
    x_t = alpha * x + sigma * eps
    told = denoiser.condition(
        [template.replace("{label}", c) for c in CATEGORIES for template in classifier.templates[:1]]
    )
    found = []
    for label in range(len(CATEGORIES)):
        rows = told.rows(torch.full((len(t),), label))
        answer = denoiser.predict(x_t, denoiser.schedule.timesteps(t), rows).float()
        x_hat = clean_estimate(denoiser.prediction, answer, x_t, alpha, sigma)
        if denoiser.x_limit is not None:
            x_hat = x_hat.clamp(-denoiser.x_limit, denoiser.x_limit)
        found.append((x - x_hat).square().flatten(1).sum(dim=1).double().numpy())
    weight = classifier.weighting.on_x_error(denoiser.schedule, t)
    return -weight[:, None] * np.stack(found, axis=1)


def measure(model: str, images: int, times: int, seed: int = 5) -> Split:
    """Split the variance of a model's paired differences."""
    classifier = load_classifier(model, Options(policy="fixed-grid", seed=seed))
    if not isinstance(classifier, DiffusionClassifier):
        raise SystemExit(f"{model} is no diffusion model")
    parts = []
    for stimulus in world_set("cue-conflict", images, seed):
        t = classifier.denoiser.schedule.snap(draw_times(seed, stimulus.image_id, 0, times))
        shape = classifier.denoiser.shape
        first, other = (
            np.stack([draw_noise(seed, f"{stimulus.image_id} {which}", j, shape) for j in range(times)])
            for which in ("first", "other")
        )
        d = np.stack([scores(classifier, stimulus, t, noise) for noise in (first, -first, other)])
        d -= d.mean(axis=2, keepdims=True)
        plus, minus, independent = d
        at_t = ((plus - independent) ** 2).mean() / 2
        whole = d.var(axis=1).mean()
        together = ((plus - independent) * (minus - independent)).mean() - at_t
        parts.append((1 - at_t / whole, at_t / whole, together / whole))
    over_t, at_t, together = (float(v) for v in np.mean(parts, axis=0))
    return Split(
        model=model,
        over_t=over_t,
        at_t=at_t,
        antithetic=together / at_t,
        two_times=(over_t + at_t) / 2,
        two_noises=over_t + at_t / 2,
        plus_minus=over_t + (at_t + together) / 2,
        stratified_noise=at_t,
        stratified_antithetic=at_t + together,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append")
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--times", type=int, default=16)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = [measure(m, asked.images, asked.times) for m in asked.model or ["pocket-latent", "pocket-pixel"]]
    shown = Table(box=None, header_style="bold")
    shown.add_column("share of the variance of paired differences")
    for split in found:
        shown.add_column(split.model, justify="right")
    for name in [n for n in asdict(found[0]) if n != "model"]:
        shown.add_row(name.replace("_", " "), *(f"{asdict(split)[name]:.3f}" for split in found))
    Console(width=100).print(shown)
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "variance.json").write_text(json.dumps([asdict(s) for s in found], indent=2) + "\n")
        typer.echo(asked.out / "variance.json")
