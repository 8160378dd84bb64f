"""Real faults in real processes: killed, stopped, out of room, read-only, two at once; the trials come out the same."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from tests.faults.fake import FakeClassifier, edges

from reconstrue.run import local
from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and quotas are POSIX's")

# 10 units, in shards of two.
IMAGES = 155


@dataclass(frozen=True)
class Child:
    """A run in a process of its own."""

    number: int
    out: Path
    reap: Callable[[int], int]

    def send(self, signal_number: int) -> None:
        os.kill(self.number, signal_number)

    def end(self) -> int:
        return self.reap(self.number)

    def said(self) -> list[str]:
        log = Path(f"{self.out}.log")
        return log.read_text().splitlines() if log.exists() else []

    def wait_for(self, line: str) -> None:
        deadline = time.monotonic() + 30
        while line not in self.said():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.002)


Run = Callable[..., Child]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Start runs: `run(out, seconds=…)`."""
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"},
    )

    def ask(order: dict[str, object]) -> int:
        assert nursery.stdin is not None and nursery.stdout is not None
        nursery.stdin.write(json.dumps(order) + "\n")
        nursery.stdin.flush()
        return int(nursery.stdout.readline())

    def start(out: Path, **order: object) -> Child:
        number = ask({"out": str(out), "seconds": 0.0, "images": IMAGES, **order})
        return Child(number, out, lambda number: ask({"reap": number}))

    with nursery:
        yield start
        assert nursery.stdin is not None
        nursery.stdin.close()


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The trials of a run that nothing happened to."""
    return evaluate(Plan(FakeClassifier(), edges(IMAGES)), tmp_path_factory.mktemp("straight")).trials.read_bytes()


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory, run: Run) -> float:
    """How long a run takes here, from its birth to its end."""
    begun = time.monotonic()
    assert run(tmp_path_factory.mktemp("pace") / "run", seconds=0.005).end() == 0
    return time.monotonic() - begun


def trials(out: Path) -> Path:
    return out / "trials" / "edge" / "edge_fake_session-1.csv"


def whole(out: Path, straight: bytes) -> None:
    """The trials are those of the uninterrupted run; every image's answer and both its draws are there once."""
    assert trials(out).read_bytes() == straight
    [folder] = [path for path in (out / "units").iterdir() if path.is_dir()]
    for kind, rows in (("answers", 1), ("evidence", 2 * 16)):
        found = pd.concat([pd.read_parquet(path) for path in folder.glob(f"{kind}-*.parquet")])
        counts = found["image_id"].value_counts()
        assert len(counts) == IMAGES and (counts == rows).all(), kind
    left = [path.name for path in out.rglob("*") if path.name.endswith((".partial", ".tmp"))]
    assert left == []


# --- killed


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_a_random_moment(tmp_path: Path, run: Run, straight: bytes, seconds: float, seed: int) -> None:
    """SIGKILL somewhere in the run's 10 units, its writes, or the trials at the end."""
    out = tmp_path / "run"
    first = run(out, seconds=0.005)
    time.sleep(seconds * random.Random(seed).random())
    first.send(signal.SIGKILL)
    assert first.end() in (-signal.SIGKILL, 0)
    again = run(out)
    assert again.end() == 0, again.said()
    whole(out, straight)


@pytest.mark.parametrize("rename", range(9))
def test_killed_between_two_steps_of_a_write(
    tmp_path: Path, run: Run, straight: bytes, rename: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash just before the n-th file gets its name: the manifest, evidence, answers, …"""
    out, calls = tmp_path / "run", iter(range(100))
    replace = os.replace

    class Crash(BaseException):
        pass

    def crashing(source: str, target: str) -> None:
        if next(calls) == rename:
            # What a killed process leaves: the partial file stays.
            monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
            raise Crash
        replace(source, target)

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", crashing)
        broken.setattr(local, "SHARD_IMAGES", 64)
        with pytest.raises(Crash):
            evaluate(Plan(FakeClassifier(), edges(IMAGES)), out)
    monkeypatch.undo()
    again = run(out)
    assert again.end() == 0, again.said()
    whole(out, straight)


# --- stopped


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_finishes_the_unit_and_says_how_to_go_on(
    tmp_path: Path, run: Run, straight: bytes, number: int
) -> None:
    out = tmp_path / "run"
    child = run(out, seconds=0.05)
    child.wait_for("done 48")
    child.send(number)
    assert child.end() == 130
    said = child.said()
    asked = said.index("stopping when the unit at work is finished and written; a second time stops at once")
    done = [int(line.split()[1]) for line in said if line.startswith("done")][-1]
    assert sum(line.startswith("done") for line in said[asked:]) <= 1, "no unit was begun after it"
    assert f"{done} of {IMAGES} images are answered and written; the same command goes on" in said
    assert not trials(out).exists()
    again = run(out)
    assert again.end() == 0
    assert f"{done} of {IMAGES} images are answered and checked; {IMAGES - done} are left" in again.said()
    whole(out, straight)


def test_stopped_twice_it_stops_at_once(tmp_path: Path, run: Run, straight: bytes) -> None:
    """A unit takes a minute; what was finished before is written."""
    out = tmp_path / "run"
    first = run(out, seconds=0.05)
    first.wait_for("done 48")
    first.send(signal.SIGINT)
    assert first.end() == 130
    slow = run(out, seconds=60)
    slow.wait_for("done 48")  # what the first had finished, again
    time.sleep(0.2)
    slow.send(signal.SIGINT)
    time.sleep(0.2)
    slow.send(signal.SIGINT)
    begun = time.monotonic()
    assert slow.end() == 130
    assert time.monotonic() - begun < 30
    assert run(out).end() == 0
    whole(out, straight)


# --- no room, no right


def test_a_quota_is_said_and_mended(tmp_path: Path, run: Run, straight: bytes) -> None:
    """No file may exceed 2 kB: the manifest fits, a shard does not."""
    out = tmp_path / "run"
    child = run(out, file_bytes=2048)
    assert child.end() == 2
    [error] = [line for line in child.said() if line.startswith("error")]
    assert "cannot be written ([Errno 27] File too large" in error and error.endswith("give another --out or make room")
    assert run(out).end() == 0
    whole(out, straight)


def test_a_full_disk_is_said_and_mended(tmp_path: Path, run: Run, straight: bytes) -> None:
    """A file system of 64 kB, later of 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        child = run(disk / "run")
        assert child.end() == 2
        [error] = [line for line in child.said() if line.startswith("error")]
        assert "No space left on device" in error and error.endswith("give another --out or make room")
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        again = run(disk / "run")
        assert again.end() == 0, again.said()
        whole(disk / "run", straight)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def nobody_s() -> Iterator[tuple[Path, int | None]]:
    """A folder that another user may enter, and that user where we are root, whom no permission stops."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder, 65534 if os.getuid() == 0 else None
    for path in folder.rglob("*"):
        path.chmod(0o777)
    shutil.rmtree(folder)


def test_a_read_only_folder_is_said(nobody_s: tuple[Path, int | None], run: Run, straight: bytes) -> None:
    folder, uid = nobody_s
    out = folder / "run"
    out.mkdir(mode=0o555)
    child = run(out, uid=uid)
    assert child.end() == 2
    assert (
        child.said()[-1].startswith(f"error: {out}") and "cannot be written ([Errno 13] Permission" in child.said()[-1]
    )
    out.chmod(0o777)
    assert run(out, uid=uid).end() == 0
    whole(out, straight)


def test_a_shard_that_may_not_be_read_is_said_and_not_answered_again(
    nobody_s: tuple[Path, int | None], run: Run
) -> None:
    folder, uid = nobody_s
    out = folder / "run"
    assert run(out, uid=uid).end() == 0
    shard = next((out / "units").glob("*/answers-*"))
    shard.chmod(0)
    child = run(out, uid=uid)
    assert child.end() == 2
    assert child.said()[-1].startswith(f"error: {shard}: cannot be read")
    assert shard.exists()


# --- damaged, and the clock


@pytest.mark.parametrize("kind", ["answers", "evidence"])
def test_a_flipped_bit_is_recomputed_and_named(tmp_path: Path, run: Run, straight: bytes, kind: str) -> None:
    out = tmp_path / "run"
    assert run(out).end() == 0
    shard = sorted((out / "units").glob(f"*/{kind}-*"))[2]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 4
    shard.write_bytes(content)
    again = run(out)
    assert again.end() == 0
    assert any(line.startswith(f"{shard}: damaged") and "answered again" in line for line in again.said())
    assert f"{IMAGES - 32} of {IMAGES} images are answered and checked; 32 are left" in again.said()
    whole(out, straight)


def test_a_clock_that_is_set_back_changes_nothing(
    tmp_path: Path, straight: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(2_000_000_000, 0, -86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    monkeypatch.setattr(local, "SHARD_IMAGES", 32)
    out = tmp_path / "run"
    evaluate(Plan(FakeClassifier(), edges(IMAGES)), out)
    for i, path in enumerate(sorted(out.rglob("*"))):
        os.utime(path, (4e9 - i * 1e8,) * 2)
    trials(out).unlink()
    result = evaluate(Plan(FakeClassifier(), edges(IMAGES)), out)
    assert result.reused == IMAGES
    whole(out, straight)


# --- two at once


def test_of_two_runs_at_once_one_is_refused_and_neither_harmed(tmp_path: Path, run: Run, straight: bytes) -> None:
    out = tmp_path / "run"
    first = run(out, seconds=0.02)
    first.wait_for("done 16")
    second = run(out)
    assert second.end() == 2
    assert any("another run is at work here; wait for its end, or give another --out" in line for line in second.said())
    assert first.end() == 0
    whole(out, straight)


def test_the_lock_of_a_killed_run_is_gone(tmp_path: Path, run: Run, straight: bytes) -> None:
    out = tmp_path / "run"
    first = run(out, seconds=0.05)
    first.wait_for("done 16")
    first.send(signal.SIGKILL)
    assert first.end() == -signal.SIGKILL
    assert run(out).end() == 0
    whole(out, straight)


def test_of_two_settings_at_once_the_second_to_end_is_refused(tmp_path: Path, run: Run, straight: bytes) -> None:
    """Both begin in an empty folder; the trials of the first to end stay, and the other's units are kept apart."""
    out = tmp_path / "run"
    slow = run(out, seconds=0.05, seed=1)
    slow.wait_for("done 16")
    assert run(out).end() == 0
    assert slow.end() == 2
    assert any("holds answers of 'fake' under other settings" in line for line in slow.said())
    assert trials(out).read_bytes() == straight
    assert len([path for path in (out / "units").iterdir() if path.is_dir()]) == 2
