"""Work that survives: the finished units of a run, written whole or not at all, under the name of their settings."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reconstrue.errors import UserError


def settings_key(settings: Mapping[str, object]) -> str:
    """Return the name of a choice of settings: the first 16 hexadecimal digits of the SHA-256 of its sorted JSON."""
    text = json.dumps(settings, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class UnitStore:
    """The finished units of one plan: ``<folder>/<kind>-<unit>.parquet``, each a whole table or absent.

    Attributes:
        folder: named after the plan's key, so that two settings never share it.
    """

    folder: Path

    def path(self, kind: str, unit: int) -> Path:
        """Return where a unit's table of one kind (``answers``, ``evidence``) lies."""
        return self.folder / f"{kind}-{unit:05d}.parquet"

    def write(self, kind: str, unit: int, frame: pd.DataFrame) -> None:
        """Write one table, whole or not at all.

        Raises:
            UserError: the folder cannot be written.
        """
        target = self.path(kind, unit)
        partial = target.with_suffix(f".{os.getpid()}.partial")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(partial, index=False, compression="zstd")
            os.replace(partial, target)
        except OSError as error:
            raise UserError(f"{target}: cannot be written ({error}); give another --out or make room") from error
        finally:
            with suppress(OSError):
                partial.unlink()

    def read(self, kind: str, unit: int) -> pd.DataFrame | None:
        """Return one table, or None where it is absent or damaged (it is then worked out again)."""
        target = self.path(kind, unit)
        try:
            return pd.read_parquet(target)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise UserError(f"{target}: cannot be read ({error}); mend its permissions") from error
        except (OSError, ValueError):
            target.unlink(missing_ok=True)
            return None
