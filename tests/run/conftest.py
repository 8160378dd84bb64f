"""A decision maker without a network, and stimuli without a disk, for everything about running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np
import pytest

from reconstrue.classifiers.base import Classifier, Scores, checked_labels
from reconstrue.classifiers.generative.evidence import Evidence
from reconstrue.run import local
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet


class FakeClassifier(Classifier):
    """Answers by a hash of the image id; remembers what it was asked, and may give up or keep evidence.

    `stop_before` is the number of the call (from 0) at which it is interrupted.
    """

    def __init__(self, name: str = "fake", *, seed: int = 0, draws: int = 0, stop_before: int | None = None) -> None:
        self.name = name
        self.model_type = "zero-shot" if draws else "discriminative"
        self.resolution = 4
        self.batch_size = 4
        self.seed = seed
        self.draws = draws
        self.stop_before = stop_before
        self.calls: list[list[str]] = []

    def settings(self) -> dict[str, object]:
        return {"kind": "fake", "seed": self.seed, "draws": self.draws}

    def log_evidence(self, image_id: str, k: int) -> np.ndarray:
        digest = sha256(f"{self.seed} {image_id}".encode()).digest()
        return -np.frombuffer(digest[:k], dtype=np.uint8).astype(np.float64) / 32

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = checked_labels(labels)
        if len(self.calls) == self.stop_before:
            raise KeyboardInterrupt
        self.calls.append([s.image_id for s in stimuli])
        log_evidence = np.stack([self.log_evidence(s.image_id, len(names)) for s in stimuli])
        weights = np.exp(log_evidence)
        evidence = tuple(self._evidence(row) for row in log_evidence) if self.draws else ()
        return Scores(
            labels=names,
            log_evidence=log_evidence,
            posterior=weights / weights.sum(axis=1, keepdims=True),
            evaluations=np.array([e.evaluations for e in evidence] or [1] * len(stimuli), dtype=np.int64),
            evidence=evidence,
        )

    def _evidence(self, row: np.ndarray) -> Evidence:
        """The same error at every draw; the worst label leaves after the first."""
        x_error = np.tile(-row, (self.draws, 1))
        x_error[1:, row.argmin()] = np.nan
        eliminated_at = np.full(len(row), -1, dtype=np.int64)
        eliminated_at[row.argmin()] = 1
        t = (np.arange(self.draws) + 0.5) / self.draws
        return Evidence(
            t=t,
            log_snr=4 - 8 * t,
            error=x_error,
            weight=np.exp(-7 * t),
            eliminated_at=eliminated_at,
            budget_ended=True,
        )


@pytest.fixture
def unit_by_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finished unit is written at once, as where units take minutes."""
    monkeypatch.setattr(local, "SHARD_IMAGES", 1)


@pytest.fixture
def fake() -> type[FakeClassifier]:
    return FakeClassifier


@pytest.fixture
def edges() -> Callable[..., StimulusSet]:
    """Make an edge set of `count` plain pictures; `shade` changes their pixels and nothing else."""

    def make(count: int = 40, *, shade: int = 255, reason: str | None = None, dataset: str = "edge") -> StimulusSet:
        def read() -> np.ndarray:
            return np.full((4, 4, 3), shade, dtype=np.uint8)

        tag = load_catalog()[dataset].tag if dataset in load_catalog() else "none"
        return StimulusSet(
            dataset,
            tuple(
                Stimulus(f"{c}{i // 16}.png", f"0001_{tag}_dnn_0_{c}_00_{c}{i // 16}.png", c, "0", "", read)
                for i, c in ((i, CATEGORIES[i % 16]) for i in range(count))
            ),
            reason,
        )

    return make
