"""A classifier without a network and stimuli without a disk, importable in other processes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.generative.evidence import Evidence
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet


class FakeClassifier(Classifier):
    """Answers by a hash of the image id, with two draws of evidence; a unit takes `seconds`."""

    def __init__(self, seed: int = 0, seconds: float = 0.0) -> None:
        self.name = "fake"
        self.model_type = "zero-shot"
        self.resolution = 4
        self.batch_size = 4
        self.seed = seed
        self.seconds = seconds

    def settings(self) -> dict[str, object]:
        return {"kind": "fake", "seed": self.seed}

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        time.sleep(self.seconds)
        rows = [np.frombuffer(sha256(f"{self.seed} {s.image_id}".encode()).digest()[:16], np.uint8) for s in stimuli]
        scores = -np.stack(rows).astype(np.float64) / 32
        weights = np.exp(scores)
        two = np.array([0.25, 0.75])
        stay = np.full(len(labels), -1, dtype=np.int64)
        return Scores(
            labels=tuple(labels),
            log_evidence=scores,
            posterior=weights / weights.sum(axis=1, keepdims=True),
            evaluations=np.full(len(stimuli), 2 * len(labels), dtype=np.int64),
            evidence=tuple(Evidence(two, 4 - 8 * two, np.tile(-row, (2, 1)), two, stay, False) for row in scores),
        )


def pixels() -> np.ndarray:
    return np.full((4, 4, 3), 255, dtype=np.uint8)


def edges(count: int) -> StimulusSet:
    """An edge set of plain pictures."""
    return StimulusSet(
        "edge",
        tuple(
            Stimulus(f"{c}{i // 16}.png", f"0001_edg_dnn_0_{c}_00_{c}{i // 16}.png", c, "0", "", pixels)
            for i, c in ((i, CATEGORIES[i % 16]) for i in range(count))
        ),
    )
