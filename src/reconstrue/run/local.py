"""Run a plan, unit by unit; the same command again checks what is there and goes on with what is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from reconstrue.errors import UserError
from reconstrue.run.engine import Engine, LocalEngine
from reconstrue.run.manifest import Manifest, manifest_of, read_manifest, session
from reconstrue.run.plan import Plan
from reconstrue.run.stopping import Stop, stopping
from reconstrue.run.trial_file import refuse_collision, write_trials
from reconstrue.run.unit import Finished, answer_table
from reconstrue.trials.store import Say, Shard, UnitStore, in_order
from reconstrue.trials.table import NO_RESPONSE

Progress = Callable[[int, int], object]

# Finished units are written together when there are so many images, or rows of evidence, or after so many seconds:
# what a crash can cost, against what a file costs.
SHARD_IMAGES = 4096
SHARD_DRAWS = 1_000_000
SHARD_SECONDS = 30.0


@dataclass(frozen=True)
class RunResult:
    """What a run left behind.

    Attributes:
        trials: the trial file, in the field's CSV.
        evidence: the folder with the draws of every image (parquet), for classifiers that sample.
        shards: the finished units.
        reused: images that an earlier run with the same settings had finished.
    """

    trials: Path
    evidence: Path
    shards: tuple[Shard, ...]
    reused: int

    @cached_property
    def answers(self) -> pd.DataFrame:
        """One row per image: image_id, category, response, posterior, evaluations, draws and more, read when asked for."""
        return pa.concat_tables(list(in_order(self.shards))).to_pandas()


@dataclass(frozen=True)
class Part:
    """Which units an array job answers: number i of n, every n-th one, counted on from data set to data set.

    Raises:
        UserError: not 1 ≤ i ≤ n.
    """

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise UserError(f"--shard is i/n with i from 1 to n, for example 2/8; got {self.number}/{self.of}")

    @classmethod
    def read(cls, text: str) -> Part:
        """Read ``i/n``; raises UserError for anything else."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal()):
            raise UserError(f"--shard is i/n with i from 1 to n, for example 2/8; got '{text}'")
        return cls(int(number), int(of))

    @property
    def suffix(self) -> str:
        """What its folder's name ends with."""
        return f"_{self.number}-of-{self.of}"

    def units(self, n_units: int, begin: int = 0) -> range:
        """Return the units of a plan with so many that are its own.

        `begin` is the plan's: counted anew in each data set, the first parts would have one unit more in every one.
        """
        return range((self.number - 1 - begin) % self.of, n_units, self.of)


@dataclass(frozen=True)
class PartResult:
    """What an array job left behind.

    Attributes:
        folder: of its finished units.
        images: how many images are its own.
        reused: of these, how many were finished before.
    """

    folder: Path
    images: int
    reused: int


def evaluate(
    plan: Plan,
    out: Path,
    progress: Progress | None = None,
    *,
    replace: bool = False,
    engine: Engine | None = None,
    say: Say | None = None,
) -> RunResult:
    """Let the plan's classifier answer its stimuli and write ``out/trials/<dataset>/<dataset>_<observer>_session-1.csv``.

    Finished units lie under ``out/units/<dataset>_<observer>_<key>``, where the key is a hash of every choice; a run
    that stopped goes on with the next unit, and takes what array jobs (`evaluate_part`) left in the same folder.

    Args:
        plan: who answers what.
        out: the run's folder.
        progress: told (images done, images in all) at the start and after each unit.
        replace: a trial file of other settings is written anew.
        engine: where the units are worked out; here, by default.
        say: told in one line what is worth knowing: what was done before, what was damaged, what had no answer.

    Raises:
        UserError: `out` holds this observer's answers under other settings, is at work, or cannot be written.
        KeyboardInterrupt: it was stopped; all finished units are written.
    """
    tell = say or _nobody
    manifest = manifest_of(plan)
    if not replace:
        refuse_collision(out, manifest)
    store = UnitStore(out / "units" / manifest.name)
    with stopping(tell) as stop, store.writing(tell):
        others = [shard for part in _parts(store.folder) for shard in _checked(part, tell)]
        work = _Work(plan, manifest, store, engine or LocalEngine(), progress, tell, stop)
        shards, reused = work.finish(range(manifest.n_units), others)
        trials = write_trials(out, read_manifest(store.folder), shards, tell, replace=replace)
        if stop.asked:
            raise KeyboardInterrupt
    return RunResult(trials, store.folder, tuple(shards), reused)


def evaluate_part(
    plan: Plan,
    out: Path,
    part: Part,
    progress: Progress | None = None,
    *,
    engine: Engine | None = None,
    say: Say | None = None,
) -> PartResult:
    """Answer one part of a plan's units; `merge` makes trials of all parts, from one folder or several.

    Takes and raises what `evaluate` does.
    """
    tell = say or _nobody
    manifest = manifest_of(plan)
    refuse_collision(out, manifest)
    store = UnitStore(out / "units" / (manifest.name + part.suffix))
    own = part.units(manifest.n_units, plan.begin)
    with stopping(tell) as stop, store.writing(tell):
        work = _Work(plan, manifest, store, engine or LocalEngine(), progress, tell, stop)
        _, reused = work.finish(own, ())
        if stop.asked:
            raise KeyboardInterrupt
    return PartResult(store.folder, manifest.images_of(own), reused)


def _nobody(line: str) -> None:
    """Hear nothing."""


def _parts(folder: Path) -> list[UnitStore]:
    """Return the stores of array jobs of the same plan."""
    beside = folder.parent.iterdir()
    return [UnitStore(path) for path in sorted(beside) if path.name.startswith(f"{folder.name}_") and path.is_dir()]


def _checked(store: UnitStore, say: Say) -> tuple[Shard, ...]:
    """Return the whole shards of another writer's store; its damage is said and left alone."""
    found = store.find()
    for damage in found.damaged:
        say(damage.why)
    return found.shards


@dataclass
class _Work:
    """The units of one plan on their way into one store, which is held for this writer."""

    plan: Plan
    manifest: Manifest
    store: UnitStore
    engine: Engine
    progress: Progress | None
    say: Say
    stop: Stop
    held: list[Finished] = field(default_factory=list)
    held_images: int = 0
    held_draws: int = 0
    since: float = 0.0
    written: list[Shard] = field(default_factory=list)
    smallest: int = 0
    unanswered: bool = False

    def finish(self, wanted: Sequence[int], others: Iterable[Shard]) -> tuple[list[Shard], int]:
        """Answer the wanted units that neither this store nor the others' shards have; return all shards and what was reused.

        Raises KeyboardInterrupt where it was stopped before the end, everything finished being written.
        """
        shards = [*self._open(), *others]
        known = {unit for shard in shards for unit in shard.units}
        left = [unit for unit in wanted if unit not in known]
        total = self.manifest.images_of(wanted)
        reused = total - self.manifest.images_of(left)
        if reused and left:
            self.say(f"{reused:,} of {total:,} images are answered and checked; {total - reused:,} are left")
        if self.progress is not None:
            self.progress(reused, total)
        self._sign(begun=bool(left))
        if left:
            done = self._answer(left, reused, total)
            if done < total:
                self.say(f"{done:,} of {total:,} images are answered and written; the same command goes on")
                raise KeyboardInterrupt
        return [*shards, *self.written], reused

    def _open(self) -> tuple[Shard, ...]:
        """Return the store's whole shards; what is damaged is said and removed."""
        found = self.store.find()
        self.store.clear(found)
        for damage in found.damaged:
            self.say(f"{damage.why}; its images are answered again")
        return found.shards

    def _sign(self, *, begun: bool) -> None:
        """Put this session into the manifest where work is begun; one that cannot be read is written anew."""
        try:
            before = read_manifest(self.store.folder)
        except UserError:
            before = self.manifest
        if before.sessions and not begun and before.is_of(self.manifest):
            return
        now = session()
        if before.sessions and before.sessions[-1].versions != now.versions:
            self.say("this run was begun with other package versions; its manifest names both")
        self.manifest.with_sessions((*before.sessions, now)).write(self.store.folder)

    def _answer(self, left: Sequence[int], done: int, total: int) -> int:
        """Answer units and write them; return how many images are done in all."""
        self.smallest = self.plan.classifier.batch_size
        self.since = time.monotonic()
        try:
            for finished in self.engine.answers(self.plan, left, self.stop):
                self._take(finished)
                done += finished.images
                if self.progress is not None:
                    self.progress(done, total)
        finally:
            self._write()
        return done

    def _take(self, finished: Finished) -> None:
        if finished.batch_size < self.smallest:
            self.smallest = finished.batch_size
            self.say(f"memory ended: from here on {finished.batch_size} rows per forward (noted with each answer)")
        if not self.unanswered and any(finished.answers["reason"]):
            self.unanswered = True
            reason = next(reason for reason in finished.answers["reason"] if reason)
            self.say(f"a first image without an answer ({NO_RESPONSE}): {reason}")
        self.held.append(finished)
        self.held_images += finished.images
        self.held_draws += 0 if finished.evidence is None else finished.evidence.num_rows
        waited = time.monotonic() - self.since
        if self.held_images >= SHARD_IMAGES or self.held_draws >= SHARD_DRAWS or waited >= SHARD_SECONDS:
            self._write()

    def _write(self) -> None:
        """Write the finished units that are held."""
        held = sorted(self.held, key=lambda f: f.unit)
        # Emptied first: what could not be written is not tried again on the way out.
        self.held, self.held_images, self.held_draws = [], 0, 0
        if held:
            tables = [f.evidence for f in held if f.evidence is not None]
            self.written.append(self.store.write(answer_table(held), pa.concat_tables(tables) if tables else None))
        self.since = time.monotonic()
