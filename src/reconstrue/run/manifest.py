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
from reconstrue.run.plan import UNIT, Plan
from reconstrue.trials.store import settings_key, write_whole

FILE = "manifest.json"
_SCHEMA = 1
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
        text = json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False) + "\n"
        write_whole(folder / FILE, [text.encode()])


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
        UserError: missing, damaged, of another version, or its key is not that of its settings.
    """
    path = folder / FILE
    way_out = "start the run that made it once more, and it is mended"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != _SCHEMA:
            raise UserError(f"{path}: its schema is {content['schema']!r}, this version reads {_SCHEMA}; {way_out}")
        content["sessions"] = tuple(Session(**session) for session in content["sessions"])
        found = Manifest(**content)
        if settings_key(found.settings) != found.key or found.settings["unit"] != UNIT:
            raise ValueError("its key is not that of its settings")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a manifest that can be read ({error}); {way_out}") from error
    return found


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
