"""Small made-up trials of people and models, as files: what a report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import trial_table, write_csv

PEOPLE = {"subject-01": 0.9, "subject-02": 0.85, "subject-03": 0.8}
"""Three people, and how often each is right."""


def images(name: str, per_category: int = 4) -> list[tuple[str, str, str]]:
    """(category, condition, image name) of a small set: edge, cue-conflict or low-pass."""
    found = []
    for place, category in enumerate(CATEGORIES):
        for number in range(1, per_category + 1):
            if name == "cue-conflict":
                texture = CATEGORIES[(place + number) % 16]
                found.append((category, "0", f"{category}{number}-{texture}1.png"))
            elif name == "edge":
                found.append((category, "0", f"{category}{number}.png"))
            else:
                condition = ("0", "3", "10", "40")[number % 4]
                identity = f"n0000000{place % 10}_{place}{number}.png"
                found.append((category, condition, f"0001_lp_dnn_{condition}_{category}_10_{identity}"))
    return found


def write_trials(
    folder: Path,
    models: Mapping[str, float],
    *,
    datasets: Sequence[str] = ("edge", "cue-conflict", "low-pass"),
    people: Mapping[str, float] = PEOPLE,
    seed: int = 0,
) -> Path:
    """Write the trials of observers who are right (of a conflict: go by shape) as often as is said, and give the folder."""
    rng = np.random.default_rng(seed)
    for name in datasets:
        shown = images(name)
        for observer, right in {**people, **models}.items():
            sure = rng.random(len(shown)) < right
            other = rng.integers(0, 16, len(shown))
            answers = [
                category if hit else _otherwise(name, image, CATEGORIES[o])
                for (category, _, image), hit, o in zip(shown, sure, other, strict=True)
            ]
            table = trial_table(
                {
                    "dataset": [name] * len(shown),
                    "observer": [observer] * len(shown),
                    "response": answers,
                    "category": [category for category, _, _ in shown],
                    "condition": [condition for _, condition, _ in shown],
                    "imagename": [image for _, _, image in shown],
                }
            )
            write_csv(folder / name / f"{name}_{observer}_session-1.csv", table)
    return folder


def _otherwise(name: str, image: str, other: str) -> str:
    return image.split("-")[1].removesuffix("1.png") if name == "cue-conflict" else other
