"""From 1 to 1,000 GPUs on paper: what the 17 data sets take, how much of the GPUs' time is work, and what limits it.

    python benchmarks/scaling.py [--nfe-rate 50] [--evaluations 600] [--load 60] [--weights 3.4] [--disk 2.0]

A simulation of events: workers load the model and answer units; the driver gives them out one at a time, takes the answers
and writes files. What the driver's side costs is measured: one figure by ``benchmarks/coordinator.py``, the others here and
now, on a small scale. What GPUs, networks and shared disks do is stated by the options and is not measured.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import math
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from reconstrue.run.local import SHARD_DRAWS, SHARD_IMAGES, SHARD_SECONDS, Part
from reconstrue.run.plan import UNIT
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.folders import read_picture
from reconstrue.trials.store import write_whole

GPUS = (1, 8, 64, 256, 1000)
# By benchmarks/coordinator.py, in CPU seconds: plan, store and trials of an image, and a row of its evidence.
IMAGE_SECONDS = 1 / 29_880
ROW_SECONDS = 1 / 2_170_000
# Bytes of a row of evidence and of an answer in their files, by the same.
ROW_BYTES, ANSWER_BYTES = 16, 8
# How unlike units are: a race ends after few draws or after all. Standard deviation of the logarithm of their time.
SPREAD = 0.3


@dataclass(frozen=True)
class Stated:
    """What is not measured.

    Attributes:
        nfe_rate: network evaluations of one GPU in a second.
        evaluations: of one image, all labels together.
        load: seconds until a model that is on the node's own disk can answer.
        weights: bytes that each node reads for it from the shared disk, once for all its GPUs.
        disk: bytes in a second that the shared disk gives to all together.
        node: GPUs of a node.
        hand: seconds of the driver to give out a unit and to receive its answers, by Ray.
        images: of a unit.
    """

    nfe_rate: float
    evaluations: float
    load: float
    weights: float
    disk: float
    node: int
    hand: float
    images: int = UNIT

    @property
    def unit(self) -> float:
        """Seconds that a GPU works at a unit, on average."""
        return self.images * self.evaluations / self.nfe_rate


@dataclass(frozen=True)
class Measured:
    """What this machine's driver costs, in seconds.

    Attributes:
        picture: to read one twice: to see that it is whole, and for the plan's key.
        file: to write a small one that lasts through a power cut.
        byte: of a large one.
        driver: 1; 0 for a driver that costs nothing.
    """

    picture: float
    file: float
    byte: float
    driver: float = 1.0


@dataclass(frozen=True)
class Result:
    """Seconds until all is done, and the shares of the GPUs' time that was work and of the driver's that was busy."""

    wall: float
    work: float
    driver: float


def measure(folder: Path) -> Measured:
    """Measure on a small scale: CPU time for pictures, clock time for files."""
    noise = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "a.png")
    begun = time.process_time()
    for _ in range(40):
        read_picture(folder / "a.png")
        hashlib.sha256(read_picture(folder / "a.png").tobytes())
    picture = (time.process_time() - begun) / 40
    small, large = (np.random.default_rng(1).bytes(size) for size in (10_000, 8_000_000))
    took = []
    for content in (small, large):
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            write_whole(folder / "a.parquet", [content])
            times.append(time.perf_counter() - begun)
        took.append(float(np.median(times)))
    return Measured(picture, took[0], max(took[1] - took[0], 0.0) / (len(large) - len(small)))


def units_by_set(stated: Stated) -> list[int]:
    """Return how many units each data set has."""
    return [-(-about.n_images // stated.images) for about in load_catalog().values()]


def unit_seconds(count: int, stated: Stated) -> list[float]:
    """Draw how long so many units take, with the stated mean."""
    scale = np.exp(stream(0, "scaling").normal(0.0, SPREAD, count) - SPREAD**2 / 2)
    return [float(s) for s in stated.unit * scale]


def loading(gpus: int, stated: Stated) -> float:
    """Seconds until the last of so many workers that begin together has its model."""
    return stated.load + math.ceil(gpus / stated.node) * stated.weights / stated.disk


def taking(stated: Stated, measured: Measured) -> float:
    """Seconds of the driver for the answers of one unit, without their files."""
    each = IMAGE_SECONDS + stated.evaluations * ROW_SECONDS
    return measured.driver * (stated.hand + stated.images * each)


def writing(images: float, stated: Stated, measured: Measured) -> float:
    """Seconds to write so many answers and their evidence."""
    return 2 * measured.file + images * (stated.evaluations * ROW_BYTES + ANSWER_BYTES) * measured.byte


def by_ray(gpus: int, stated: Stated, measured: Measured) -> Result:
    """One driver, one data set after the other, as `evaluate --engine ray --dataset all` works."""
    counts = units_by_set(stated)
    durations = iter(unit_seconds(sum(counts), stated))
    clock, worked, driver, ready = 0.0, 0.0, 0.0, loading(gpus, stated)
    for count in counts:
        clock, done, busy = _one_set(clock, ready, gpus, [next(durations) for _ in range(count)], stated, measured)
        worked, driver = worked + done, driver + busy
    return Result(clock, worked / (gpus * clock), driver / clock)


def by_ray_together(gpus: int, stated: Stated, measured: Measured) -> Result:
    """A driver for each data set, all at once on one cluster, with GPUs in proportion to its units."""
    counts = units_by_set(stated)
    if gpus < len(counts):
        return by_ray(gpus, stated, measured)
    durations = iter(unit_seconds(sum(counts), stated))
    shares = [max(1, gpus * count // sum(counts)) for count in counts]
    ready = loading(gpus, stated)
    found = [
        _one_set(0.0, ready, share, [next(durations) for _ in range(count)], stated, measured)
        for share, count in zip(shares, counts, strict=True)
    ]
    wall = max(end for end, _, _ in found)
    return Result(wall, sum(done for _, done, _ in found) / (gpus * wall), max(busy for _, _, busy in found) / wall)


def _one_set(
    clock: float, ready: float, gpus: int, durations: list[float], stated: Stated, measured: Measured
) -> tuple[float, float, float]:
    """Return when a driver that begins at `clock` is done with a set's units, the seconds of work, and its own."""
    # No unit is given out until the plan knows its pictures.
    driver = len(durations) * stated.images * measured.picture
    clock = max(clock + driver, ready)
    running = [(clock + took, took) for took in durations[:gpus]]
    heapq.heapify(running)
    left = deque(durations[gpus:])
    held, written, free, worked = 0, clock, clock, 0.0
    # Answers arrive; the driver takes them one after the other, and gives out the next unit.
    while running:
        arrived, took = heapq.heappop(running)
        begun = max(arrived, free)
        busy, held = taking(stated, measured), held + stated.images
        full = held >= SHARD_IMAGES or held * stated.evaluations >= SHARD_DRAWS or begun - written >= SHARD_SECONDS
        if full or not (running or left):
            busy, held, written = busy + writing(held, stated, measured), 0, begun
        free, driver, worked = begun + busy, driver + busy, worked + took
        if left:
            after = left.popleft()
            heapq.heappush(running, (free + after, after))
    return free, worked, driver


def by_array(gpus: int, stated: Stated, measured: Measured) -> Result:
    """Jobs that know nothing of each other, each with its part of every data set, as `--shard i/n` works."""
    counts = units_by_set(stated)
    durations = unit_seconds(sum(counts), stated)
    begins = [sum(counts[:k]) for k in range(len(counts))]
    reading = sum(counts) * stated.images * measured.picture
    walls, worked = [], 0.0
    for number in range(1, gpus + 1):
        own = [[begins[k] + unit for unit in Part(number, gpus).units(n, begins[k])] for k, n in enumerate(counts)]
        work = sum(durations[unit] for units in own for unit in units)
        files = sum(writing(len(units) * stated.images, stated, measured) for units in own if units)
        walls.append(loading(gpus, stated) + reading + work + files)
        worked += work
    return Result(max(walls), worked / (gpus * max(walls)), 0.0)


def limit(way: Callable[[Stated, Measured], Result], stated: Stated, measured: Measured) -> str:
    """Name the cost without which the whole would be done soonest; GPUs where none would save a twentieth."""
    wall = way(stated, measured).wall
    without = {
        "loading": way(replace(stated, load=0.0), measured).wall,
        "shared disk": way(replace(stated, disk=math.inf), measured).wall,
        "units of 16": way(replace(stated, images=1), measured).wall,
        "pictures": way(stated, replace(measured, picture=0.0)).wall,
        "driver": way(stated, replace(measured, driver=0.0)).wall,
        "store": way(stated, replace(measured, file=0.0, byte=0.0)).wall,
    }
    first = min(without, key=without.__getitem__)
    return first if without[first] < 0.95 * wall else "GPUs"


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def main() -> None:
    """Measure, simulate, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nfe-rate", type=float, default=50.0, help="network evaluations of one GPU in a second")
    parser.add_argument("--evaluations", type=float, default=600.0, help="of one image, all labels together")
    parser.add_argument("--load", type=float, default=60.0, help="seconds to load the model from a local disk")
    parser.add_argument("--weights", type=float, default=3.4, help="GB of the model on the shared disk")
    parser.add_argument("--disk", type=float, default=2.0, help="GB in a second of the shared disk")
    parser.add_argument(
        "--node", type=int, default=8, help="GPUs of a node, whose memory keeps what one of them has read"
    )
    parser.add_argument("--hand", type=float, default=0.01, help="seconds of the driver for a unit that Ray carries")
    parser.add_argument("--out", type=Path, help="a folder on the disk to be measured; by default a temporary one")
    given = parser.parse_args()
    stated = Stated(
        given.nfe_rate, given.evaluations, given.load, given.weights * 1e9, given.disk * 1e9, given.node, given.hand
    )
    with tempfile.TemporaryDirectory(dir=given.out) as folder:
        measured = measure(Path(folder))
    written = (
        writing(SHARD_DRAWS / stated.evaluations, stated, measured) * stated.images * stated.evaluations / SHARD_DRAWS
    )
    lines = [
        f"{os.cpu_count()} cores; a picture {1e3 * measured.picture:.1f} ms of CPU, a file {1e3 * measured.file:.1f} ms and "
        f"{1e-6 / max(measured.byte, 1e-12):,.0f} MB/s",
        f"a unit: {stated.unit:.0f} s on a GPU, {1e3 * taking(stated, measured):.1f} ms of the driver, which could serve "
        f"{stated.unit / taking(stated, measured):,.0f} GPUs, and {1e3 * written:.1f} ms of its disk, {stated.unit / written:,.0f}",
        "",
        "| GPUs | models loaded after | Ray, set after set | work | driver | limit | Ray, a command for each set | work | driver "
        "| limit | array of jobs | work | limit |",
        "|---:|---:|---:|---:|---:|---|---:|---:|---:|---|---:|---:|---|",
    ]
    ways = (by_ray, by_ray_together, by_array)
    for gpus in GPUS:
        cells = [f"{gpus:,}", _time(loading(gpus, stated))]
        for way in ways:
            found = way(gpus, stated, measured)
            driver = [] if way is by_array else [f"{found.driver:.1%}"]
            cells += [_time(found.wall), f"{found.work:.0%}", *driver, limit(partial(way, gpus), stated, measured)]
        lines.append("| " + " | ".join(cells) + " |")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
