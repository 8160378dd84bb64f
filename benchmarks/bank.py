"""A bank of draws: every label under every draw, so that policies can be replayed without the network.

    python -m benchmarks.bank --model pocket-latent --out FOLDER [--images 50] [--draws 200] [--seed 3]

Fifty pictures of the pocket world in each of four sets (clean, cue-conflict, silhouette, low contrast), 200 draws of 16
labels each: 640,000 network evaluations. The same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.sets import world_set

# What is shown -> the pocket set and the condition of it.
SETS = {
    "clean": ("original", None),
    "cue-conflict": ("cue-conflict", None),
    "silhouette": ("silhouette", None),
    "low contrast": ("contrast", "c10"),
}
# Pictures that are worked out, and kept, together.
_CHUNK = 4


@dataclass(frozen=True)
class Banked:
    """All draws of one picture.

    Attributes:
        shown: a key of `SETS`.
        image_id: of the picture.
        truth: index of its category (of its shape, where shape and texture are in conflict).
        t: (draws,) noise times.
        scores: (draws, labels) minus the weighted errors.
    """

    shown: str
    image_id: str
    truth: int
    t: NDArray[np.float64]
    scores: NDArray[np.float64]


def pictures(shown: str, count: int, seed: int) -> list[Stimulus]:
    """Return so many pictures of a set, categories in turn."""
    dataset, condition = SETS[shown]
    several = 1 if condition is None else 16
    found = [s for s in world_set(dataset, count * several, seed) if condition in (None, s.condition)]
    return found[:count]


def fill(model: str, out: Path, *, images: int, draws: int, seed: int) -> None:
    """Work out what is not there yet."""
    classifier = load_classifier(model, Options(policy="fixed-grid", max_draws=draws, seed=seed))
    out.mkdir(parents=True, exist_ok=True)
    for shown in SETS:
        stimuli = pictures(shown, images, seed)
        for start in range(0, len(stimuli), _CHUNK):
            file = out / f"{shown.replace(' ', '-')}-{start:04d}.npz"
            if file.exists():
                continue
            part = stimuli[start : start + _CHUNK]
            evidence = classifier.score(part, CATEGORIES).evidence
            partial = file.with_suffix(".partial.npz")
            np.savez(
                partial,
                image_id=np.array([s.image_id for s in part]),
                truth=np.array([CATEGORIES.index(s.category) for s in part]),
                t=np.stack([e.t for e in evidence]),
                scores=np.stack([-e.weight[:, None] * e.error for e in evidence]),
            )
            partial.replace(file)
            typer.echo(f"{shown}: {start + len(part)} of {len(stimuli)}")


def read(folder: Path) -> Iterator[Banked]:
    """Yield the pictures of a bank."""
    for shown in SETS:
        for file in sorted(folder.glob(f"{shown.replace(' ', '-')}-[0-9]*.npz")):
            with np.load(file) as held:
                for i, image_id in enumerate(held["image_id"]):
                    yield Banked(shown, str(image_id), int(held["truth"][i]), held["t"][i], held["scores"][i])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=50, help="of each of the four sets")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    fill(asked.model, asked.out, images=asked.images, draws=asked.draws, seed=asked.seed)
