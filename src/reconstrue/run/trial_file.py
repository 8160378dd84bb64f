"""From finished units to the field's CSV and its sidecar, a part at a time."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from reconstrue.errors import UserError
from reconstrue.run.manifest import Manifest
from reconstrue.stimuli.names import images_sha256
from reconstrue.trials.chosen import is_some
from reconstrue.trials.sidecar import SUFFIX as SIDECAR_SUFFIX
from reconstrue.trials.sidecar import Sidecar, read_sidecar, sidecar_path, write_sidecar
from reconstrue.trials.store import Say, Shard, exclusive, in_order, write_whole
from reconstrue.trials.table import trial_table, write_csv

# Rows that are in memory at once while the CSV is written.
_ROWS = 16_384
# Seconds that a run waits for another that is writing its trials into the same folder.
_PATIENCE = 60.0


def trial_path(out: Path, manifest: Manifest) -> Path:
    """Return where the trials of a plan lie in a run's folder."""
    dataset = manifest.dataset
    return out / "trials" / dataset / f"{dataset}_{manifest.observer}_session-1.csv"


def refuse_collision(out: Path, manifest: Manifest) -> None:
    """Raise UserError where the folder has answers of this observer under other settings, on any data set."""
    target = trial_path(out, manifest)
    way_out = "give another --out or --name"
    if target.exists() and not sidecar_path(target).exists():
        raise UserError(f"{target}: already there, without a note of its settings; {way_out}")
    for note in sorted(target.parent.parent.glob(f"*/*{SIDECAR_SUFFIX}")):
        if not note.name.endswith(f"_{manifest.observer}_session-1{SIDECAR_SUFFIX}"):
            continue
        try:
            found = read_sidecar(note)
        except UserError as error:
            raise UserError(f"{note}: damaged; remove it and its CSV (finished work is kept apart)") from error
        if found.observer != manifest.observer:
            continue
        same_set = note == sidecar_path(target)
        if set(found.labels) != set(manifest.settings["labels"]):
            among = ", ".join(found.labels) if is_some(found.labels) else "all 16 categories"
            raise UserError(
                f"{note}: holds answers of '{manifest.observer}', who chose among {among}: other settings; give the same "
                "--categories, or another --out or --name"
            )
        if (same_set and found.settings.get("key") != manifest.key) or (
            found.settings.get("classifier") != manifest.settings["classifier"]
        ):
            raise UserError(f"{note}: holds answers of '{manifest.observer}' under other settings; {way_out}")


def write_trials(out: Path, manifest: Manifest, shards: Sequence[Shard], say: Say, *, replace: bool = False) -> Path:
    """Write the trials of finished units, the sidecar first, and return their file.

    Raises:
        UserError: the folder holds answers of this observer under other settings (unless `replace`), or cannot be
            written.
    """
    target = trial_path(out, manifest)
    with exclusive(out / "units", say, wait=_PATIENCE):
        # Asked again: another run may have ended meanwhile.
        if not replace:
            refuse_collision(out, manifest)
        try:
            _sweep(target)
            # The sidecar first: a trial file without one would be taken for a whole run.
            write_sidecar(sidecar_path(target), _sidecar(manifest, shards))
            write_whole(target, _csv(manifest, shards))
        except OSError as error:
            raise UserError(f"{target}: cannot be written ({error}); give another --out") from error
        except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
            said = " ".join(str(error).split())[:200]
            raise UserError(
                f"{target}: the files of answers hold what no run wrote ({said}); remove the folder of these units"
            ) from error
    return target


def _sweep(target: Path) -> None:
    """Remove what a writer that was killed left of a trial file or its sidecar."""
    if target.parent.is_dir():
        for path in target.parent.iterdir():
            if path.name.startswith(f".{target.stem}."):
                path.unlink()


def _csv(manifest: Manifest, shards: Sequence[Shard]) -> Iterator[bytes]:
    """Yield the file as `write_csv` writes it, part by part; its header once."""
    trial = 0
    with tempfile.TemporaryDirectory() as scratch:
        part = Path(scratch) / "part.csv"
        for rows in _parts(shards):
            n = rows.num_rows
            columns = {name: rows[name].to_pylist() for name in ("response", "category", "condition", "imagename")}
            write_csv(
                part,
                trial_table(
                    {
                        "dataset": [manifest.dataset] * n,
                        "observer": [manifest.observer] * n,
                        "trial": range(trial + 1, trial + n + 1),
                        **columns,
                    }
                ),
            )
            content = part.read_bytes()
            yield content if trial == 0 else content.partition(b"\n")[2]
            trial += n


def _parts(shards: Sequence[Shard]) -> Iterator[pa.Table]:
    """Yield the answers in order, so many at a time as are worth a call."""
    held: list[pa.Table] = []
    for table in in_order(shards):
        held.append(table)
        if sum(t.num_rows for t in held) >= _ROWS:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _sidecar(manifest: Manifest, shards: Sequence[Shard]) -> Sidecar:
    first = manifest.sessions[0]
    reasons: Counter[str] = Counter()
    smaller = 0
    for table in in_order(shards):
        reasons.update(table["reason"].to_pylist())
        smaller += int((table["batch_size"].to_numpy() < manifest.settings["batch_size"]).sum())
    del reasons[""]
    return Sidecar(
        observer=manifest.observer,
        dataset=manifest.dataset,
        model_type=manifest.model_type,
        subset=manifest.subset_reason is not None,
        subset_reason=manifest.subset_reason,
        n_images=manifest.n_images,
        catalogue_images=manifest.catalogue_images,
        images_sha256=images_sha256(image for table in in_order(shards) for image in table["image_id"].to_pylist()),
        world=manifest.world,
        settings={"key": manifest.key, **manifest.settings},
        versions=first.versions,
        started=first.started,
        host=first.host,
        unanswered=dict(reasons),
        smaller_batches=smaller,
    )
