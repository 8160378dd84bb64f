"""What the coordinator costs: plan and store with workers that answer at once.

    python benchmarks/coordinator.py [--images 1000000] [--draws 0] [--out FOLDER]

Prints one JSON object: images per second of wall and of CPU time, the resident memory at a tenth of the run and at its
end, and with --draws the rows of evidence per second. Not part of the test suite: its figures are about a machine.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.generative.evidence import Evidence
from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet


def pixels() -> np.ndarray:
    """Return the picture that they all are."""
    return np.zeros((4, 4, 3), dtype=np.uint8)


class Pictures(Sequence[Stimulus]):
    """So many pictures of the edge set, made when asked for: a million of them take no memory."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    @overload
    def __getitem__(self, place: int) -> Stimulus: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Stimulus, ...]: ...
    def __getitem__(self, place: int | slice) -> Stimulus | tuple[Stimulus, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(self.count)))
        if not 0 <= place < self.count:
            raise IndexError(place)
        category = CATEGORIES[place % 16]
        name = f"{category}{place}.png"
        return Stimulus(name, f"0001_edg_dnn_0_{category}_00_{name}", category, "0", "", pixels)

    def __iter__(self) -> Iterator[Stimulus]:
        return (self[i] for i in range(self.count))


class Instant(Classifier):
    """Answers the same to every picture, at once."""

    name, model_type, resolution, batch_size = "instant", "zero-shot", 4, 16

    def __init__(self, draws: int) -> None:
        self.draws = draws
        times = (np.arange(draws) + 0.5) / max(draws, 1)
        stay = np.full(16, -1, dtype=np.int64)
        self.evidence = Evidence(times, 4 - 8 * times, np.ones((draws, 16)), np.ones(draws), stay, True)
        self.log_evidence = np.tile(-np.arange(16.0), (16, 1))
        self.posterior = np.full((16, 16), 1 / 16)
        self.ones = np.ones(16, dtype=np.int64)

    def settings(self) -> dict[str, object]:
        return {"kind": "instant", "draws": self.draws}

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        n = len(stimuli)
        evidence = (self.evidence,) * n if self.draws else ()
        return Scores(CATEGORIES, self.log_evidence[:n], self.posterior[:n], self.ones[:n], evidence)


def resident() -> float:
    """Return this process's resident memory in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--draws", type=int, default=0, help="of evidence per image, all 16 labels each")
    parser.add_argument("--out", type=Path, help="a folder on the disk to be measured; by default a temporary one")
    given = parser.parse_args()
    memory: dict[int, float] = {}

    def progress(done: int, total: int) -> None:
        tenth = 10 * done // total
        if tenth not in memory:
            memory[tenth] = resident()

    with tempfile.TemporaryDirectory(dir=given.out) as folder:
        stimuli = StimulusSet("edge", Pictures(given.images))
        wall, cpu = time.perf_counter(), time.process_time()
        plan = Plan(Instant(given.draws), stimuli)
        _ = plan.key
        planned = time.process_time() - cpu
        result = evaluate(plan, Path(folder), progress)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        written = resident()
        begun = time.process_time()
        again = evaluate(Plan(Instant(given.draws), stimuli), Path(folder))
        resumed = time.process_time() - begun
        size = sum(path.stat().st_size for path in result.evidence.iterdir())
    if again.reused != given.images:
        raise SystemExit("the second run did not find the first one's answers")
    report = {
        "images": given.images,
        "cores": os.cpu_count(),
        "images_per_second_wall": round(given.images / wall),
        "images_per_second_cpu": round(given.images / cpu),
        "evidence_rows_per_second_cpu": round(given.images * given.draws * 16 / cpu),
        "cpu_seconds_of_the_key": round(planned, 1),
        "cpu_seconds_of_the_second_run": round(resumed, 1),
        "resident_mb_by_tenths": {tenth: round(mb) for tenth, mb in memory.items()},
        "resident_mb_after_the_trials": round(written),
        "megabytes_stored": round(size / 1e6, 1),
        "shards": len(result.shards),
    }
    print(json.dumps(report, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
