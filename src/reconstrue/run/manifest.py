"""What a folder of units says of itself: every choice behind them, and where and with what they were worked out."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from reconstrue.errors import UserError
from reconstrue.run.plan import UNIT, Plan, require_observer
from reconstrue.stimuli.catalog import dataset
from reconstrue.trials.store import settings_key, write_whole

FILE = "manifest.json"
_SCHEMA = 1
# A manifest of more images was not written by a run.
_MOST_IMAGES = 10_000_000
# What can change an answer.
_PACKAGES = (
    "reconstrue",
    "torch",
    "diffusers",
    "transformers",
    "tokenizers",
    "timm",
    "torchvision",
    "open_clip_torch",
    "numpy",
    "pillow",
)


@dataclass(frozen=True)
class Session:
    """One time that somebody worked on the units.

    Attributes:
        started: when, UTC.
        host: on which machine it was started.
        revision: the git commit of the checkout that it ran from, ``-dirty`` where files were changed, else ''.
        versions: of python and the packages that can change an answer.
    """

    started: str
    host: str
    revision: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """What the units of one plan are.

    Attributes:
        key: the plan's.
        dataset: its data set.
        observer: who answers.
        model_type: the word of Table 1.
        subset_reason: why this is not the whole data set, None where it is.
        catalogue_images: how many images the whole data set has, None where that is not known.
        world: of the pictures, None for the published ones.
        n_images: how many are answered.
        settings: every choice that can change an answer, the weights' hash among them; the key is their hash.
        sessions: who worked on it, the first first.
        schema: of this file.
    """

    key: str
    dataset: str
    observer: str
    model_type: str
    subset_reason: str | None
    catalogue_images: int | None
    world: str | None
    n_images: int
    settings: Mapping[str, Any]
    sessions: tuple[Session, ...] = ()
    schema: int = _SCHEMA

    @property
    def name(self) -> str:
        """The folder's name under ``units/``."""
        return f"{self.dataset}_{self.observer}_{self.key}"

    @property
    def n_units(self) -> int:
        """How many units the plan has."""
        return -(-self.n_images // int(self.settings["unit"]))

    def images_of(self, units: Sequence[int]) -> int:
        """Return how many images these units have; all but the last are full."""
        size = int(self.settings["unit"])
        return sum(min(size, self.n_images - size * unit) for unit in units)

    def with_sessions(self, sessions: Sequence[Session]) -> Manifest:
        """Return it with these sessions in place of its own."""
        return replace(self, sessions=tuple(sessions))

    def write(self, folder: Path) -> None:
        """Write it into a folder of units; raises UserError where that cannot be written."""
        write_whole(folder / FILE, [self._text().encode()])

    def is_of(self, other: Manifest) -> bool:
        """Say whether both are of the same plan, whoever worked on it."""
        return self.with_sessions(())._text() == other.with_sessions(())._text()

    def _text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False) + "\n"


def manifest_of(plan: Plan) -> Manifest:
    """Return what the plan's units will say of themselves, without sessions."""
    return Manifest(
        key=plan.key,
        dataset=plan.stimuli.dataset,
        observer=plan.classifier.name,
        model_type=plan.classifier.model_type,
        subset_reason=plan.stimuli.subset_reason,
        catalogue_images=plan.catalogue_images,
        world=plan.world,
        n_images=len(plan.stimuli),
        settings=plan.settings,
    )


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder of units.

    Raises:
        UserError: missing, damaged, of another version, its key is not that of its settings, or what it says cannot be.
    """
    path = folder / FILE
    way_out = "start the run that made it once more, and it is mended"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != _SCHEMA:
            raise UserError(f"its schema is {content['schema']!r:.80}, this version reads {_SCHEMA}; {way_out}")
        content["sessions"] = tuple(Session(**session) for session in content["sessions"])
        found = Manifest(**content)
        if settings_key(found.settings) != found.key or found.settings["unit"] != UNIT:
            raise ValueError("its key is not that of its settings")
        _require_sense(found)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: not a manifest that can be read ({said}); {way_out}") from error
    return found


def _require_sense(found: Manifest) -> None:
    """Raise UserError or ValueError for what no run writes: its observer and data set become names of files."""
    for name in (found.dataset, found.observer, found.model_type):
        if not isinstance(name, str):
            raise ValueError(f"{name!r:.80} is no name")
    dataset(found.dataset)
    require_observer(found.observer)
    for value in (found.subset_reason, found.world):
        if not isinstance(value, str | None):
            raise ValueError(f"{value!r:.80} is no text")
    for count in (found.n_images, found.settings["batch_size"], found.catalogue_images or 1):
        if type(count) is not int or not 1 <= count <= _MOST_IMAGES:
            raise ValueError(f"{count!r:.80} is no number of images")
    if "classifier" not in found.settings:
        raise ValueError("its settings name no classifier")
    if not all(isinstance(label, str) for label in found.settings["labels"]):
        raise ValueError("its labels are no names")
    for one in found.sessions:
        if not all(isinstance(text, str) for text in (one.started, one.host, one.revision)):
            raise ValueError("a session of it is no session")
        if not isinstance(one.versions, dict):
            raise ValueError("a session of it names no versions")
    if not found.sessions:
        raise ValueError("nobody worked on it")


def session() -> Session:
    """Return where and with what this process works."""
    return Session(datetime.now(UTC).isoformat(timespec="seconds"), platform.node(), _revision(), versions())


@cache
def versions() -> dict[str, str]:
    """Return the versions of python and the packages that can change an answer."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def _revision() -> str:
    """Return the commit of the checkout that this package lies in, '' where it was installed otherwise."""
    checkout = Path(__file__).resolve().parents[3]
    if not (checkout / ".git").exists():
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
