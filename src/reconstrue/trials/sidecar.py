"""The note beside a run's trial file: who answered which images, whole set or subset, with what settings."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import images_sha256

SCHEMA = 1
SUFFIX = ".run.json"


@dataclass(frozen=True)
class Sidecar:
    """What a run says about one trial file (`<stem>.run.json` beside `<stem>.csv`).

    `subset` is true where fewer images were shown than the data set has (a limit, a smaller folder), and
    `subset_reason` says why. `catalogue_images` is the full count of the data set that was sampled from, None
    where it is not known. `images_sha256` is `images_sha256()` of the image ids in the file. `world` names the
    world of the pictures where they are not the published ones ("pocket"): no person saw those. `unanswered` counts
    the images without an answer by reason, `smaller_batches` those that were answered with fewer rows per forward than
    the settings say, because memory ended.
    """

    observer: str
    dataset: str
    model_type: str
    subset: bool
    subset_reason: str | None
    n_images: int
    catalogue_images: int | None
    images_sha256: str
    world: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    started: str | None = None
    host: str | None = None
    unanswered: Mapping[str, int] = field(default_factory=dict)
    smaller_batches: int = 0
    schema: int = SCHEMA

    @property
    def labels(self) -> tuple[str, ...]:
        """What the observer chose from: the 16 categories where its settings do not say."""
        return tuple(self.settings.get("labels", CATEGORIES))


def sidecar_path(csv_path: Path) -> Path:
    """Give the path of the sidecar of a trial file, whether or not it exists."""
    return csv_path.with_name(csv_path.stem + SUFFIX)


def read_sidecar(path: Path) -> Sidecar:
    """Read a sidecar; keys that this version does not know are left out.

    Raises UserError, naming the file and the key, for broken JSON, a missing key, a wrong type or a newer schema.
    """
    way_out = "run the evaluation again, or remove the sidecar to have the file read as one without."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not a readable sidecar ({error}): {way_out}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: not a JSON object: {way_out}")
    if content.get("schema") != SCHEMA:
        raise UserError(f"{path}: schema is {content.get('schema')!r:.80}, this version reads {SCHEMA}: {way_out}")
    values: dict[str, Any] = {}
    for key, (kinds, required) in _KEYS.items():
        if key not in content:
            if required:
                raise UserError(f"{path}: key {key!r} is missing: {way_out}")
            continue
        value = content[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise UserError(f"{path}: key {key!r} has the value {value!r:.80} of a wrong type: {way_out}")
        values[key] = value
    if any(type(count) is not int for count in values.get("unanswered", {}).values()):
        raise UserError(f"{path}: key 'unanswered' holds {values['unanswered']!r:.80}, which are no counts: {way_out}")
    labels = values.get("settings", {}).get("labels", list(CATEGORIES))
    if not isinstance(labels, list) or len(labels) < 2 or not all(label in CATEGORIES for label in labels):
        raise UserError(f"{path}: key 'settings' has the labels {labels!r:.80}, not some of the 16: {way_out}")
    values["observer"] = values["observer"].replace("_", "-")
    return Sidecar(**values)


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Write a sidecar as JSON, whole or not at all."""
    write_text_atomically(path, json.dumps(asdict(sidecar), indent=1, sort_keys=True, allow_nan=False) + "\n")


def join_sidecars(sidecars: Sequence[Sidecar], image_ids: Iterable[str]) -> Sidecar:
    """Make one note of the notes of several sessions of one observer on one data set.

    Counts are added; it is a subset where any session is; `image_ids` are those that the sessions' own notes
    vouch for, so a session without its rows still shows.
    """
    first = sidecars[0]
    if len(sidecars) == 1:
        return first
    reasons = sorted({sidecar.subset_reason for sidecar in sidecars if sidecar.subset_reason})
    return Sidecar(
        observer=first.observer,
        dataset=first.dataset,
        model_type=first.model_type,
        subset=any(sidecar.subset for sidecar in sidecars),
        subset_reason="; ".join(reasons) or None,
        n_images=sum(sidecar.n_images for sidecar in sidecars),
        catalogue_images=max(sidecar.catalogue_images or 0 for sidecar in sidecars) or None,
        images_sha256=images_sha256(image_ids),
        world=first.world,
        settings=first.settings,
        versions=first.versions,
        started=first.started,
        host=first.host,
        unanswered=dict(sum((Counter(sidecar.unanswered) for sidecar in sidecars), Counter[str]())),
        smaller_batches=sum(sidecar.smaller_batches for sidecar in sidecars),
    )


def write_text_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the whole new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


_KEYS: Mapping[str, tuple[tuple[type, ...], bool]] = {
    "observer": ((str,), True),
    "dataset": ((str,), True),
    "model_type": ((str,), True),
    "subset": ((bool,), True),
    "subset_reason": ((str, type(None)), True),
    "n_images": ((int,), True),
    "catalogue_images": ((int, type(None)), True),
    "images_sha256": ((str,), True),
    "world": ((str, type(None)), False),
    "settings": ((dict,), False),
    "versions": ((dict,), False),
    "started": ((str, type(None)), False),
    "host": ((str, type(None)), False),
    "unanswered": ((dict,), False),
    "smaller_batches": ((int,), False),
}
