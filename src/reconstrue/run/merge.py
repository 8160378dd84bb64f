"""Join what array jobs answered, from one folder or several, into one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reconstrue.errors import UserError
from reconstrue.run.manifest import FILE, Manifest, read_manifest
from reconstrue.run.trial_file import refuse_collision, write_trials
from reconstrue.trials.store import Say, Shard, UnitStore

# A message lists at most so many units.
_FEW = 8


@dataclass(frozen=True)
class Merged:
    """What came of one observer on one data set.

    Attributes:
        what: the observer and the data set.
        trials: their trial file, None where it failed.
        images: how many it holds.
        problem: why it failed, '' where it did not.
    """

    what: str
    trials: Path | None
    images: int
    problem: str


def merge(runs: Sequence[Path], out: Path, say: Say) -> Iterator[Merged]:
    """Join the runs into ``out``: yield each observer on each data set, whose units must all be there and undamaged.

    Rows are those of the run that was never cut up, byte for byte. `out` may be one of the runs.

    Raises:
        UserError: a run has no units, a manifest cannot be read, or an observer has units of several settings.
    """
    for (observer, dataset), group in gather(runs).items():
        what = f"{observer} on {dataset}"
        manifest = group[0][0]
        try:
            trials = _merge_one(out, manifest, group, say)
        except UserError as error:
            yield Merged(what, None, 0, f"{what}: {error}")
        else:
            yield Merged(what, trials, manifest.n_images, "")


def gather(runs: Sequence[Path]) -> dict[tuple[str, str], list[tuple[Manifest, UnitStore]]]:
    """Return the folders of units of each observer on each data set, in all runs.

    Raises:
        UserError: a run has no units, a manifest cannot be read, or an observer has units of several settings.
    """
    gathered: dict[tuple[str, str], list[tuple[Manifest, UnitStore]]] = {}
    classifiers: dict[str, tuple[Path, object]] = {}
    for run in dict.fromkeys(run.resolve() for run in runs):
        found = sorted(path.parent for path in run.glob(f"units/*/{FILE}"))
        if not found:
            raise UserError(f"{run}: no units of a run are in it; give folders that `evaluate --out` wrote")
        for folder in found:
            manifest = read_manifest(folder)
            group = gathered.setdefault((manifest.observer, manifest.dataset), [])
            asked = manifest.settings["classifier"], manifest.settings["labels"]
            first, others = classifiers.setdefault(manifest.observer, (folder, asked))
            same = asked == others
            if group and group[0][0].key != manifest.key:
                first, same = group[0][1].folder, False
            if not same:
                raise UserError(
                    f"{folder}: holds units of '{manifest.observer}' under other settings than {first}; take them apart"
                )
            group.append((manifest, UnitStore(folder)))
    return gathered


def _merge_one(out: Path, manifest: Manifest, group: Sequence[tuple[Manifest, UnitStore]], say: Say) -> Path:
    refuse_collision(out, manifest)
    target = UnitStore(out.resolve() / "units" / manifest.name)
    with target.writing(say):
        own = target.find()
        target.clear(own)
        for damage in own.damaged:
            say(damage.why)
        shards = list(own.shards)
        have = set(own.units)
        sources = [store for _, store in group if store.folder != target.folder]
        taken = [(store, store.find()) for store in sources]
        damaged = [damage.why for _, found in taken for damage in found.damaged]
        missing = sorted(set(range(manifest.n_units)).difference(have, *(found.units for _, found in taken)))
        if missing:
            for line in damaged:
                say(line)
            few = ", ".join(map(str, missing[:_FEW])) + (", …" if len(missing) > _FEW else "")
            raise UserError(
                f"{len(missing):,} of {manifest.n_units:,} units are missing (numbers {few}, from 0); start the jobs that "
                "did not end once more, or `evaluate` without --shard into the same folder"
            )
        for _, found in taken:
            for shard in found.shards:
                new = [unit for unit in shard.units if unit not in have]
                if new:
                    shards.append(_copy(shard, new, target))
                    have.update(new)
        sessions = sorted((s for one, _ in group for s in one.sessions), key=lambda s: (s.started, s.host))
        joined = manifest.with_sessions([s for i, s in enumerate(sessions) if s not in sessions[:i]])
        joined.write(target.folder)
        return write_trials(out.resolve(), joined, shards, say)


def _copy(shard: Shard, units: Sequence[int], target: UnitStore) -> Shard:
    """Write some units of a shard into another store; raises UserError for files that no run wrote."""
    try:
        answers = pq.read_table(shard.answers)
        evidence = None if shard.evidence is None else pq.read_table(shard.evidence)
        if len(units) < len(shard.units):
            answers = answers.filter(pc.is_in(answers["unit"], pa.array(units, answers["unit"].type)))
            if evidence is not None:
                evidence = evidence.filter(pc.is_in(evidence["image_id"], answers["image_id"].combine_chunks()))
    except (pa.ArrowException, KeyError, OSError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{shard.answers}: holds what no run wrote ({said}); remove it") from error
    return target.write(answers, evidence)
