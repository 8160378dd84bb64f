"""The 17 model-vs-human data sets as data: conditions, exclusions, counts, names, sources, licence, citation."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from reconstrue.errors import UserError

NO_CONDITION = "0"
"""The condition label of sets that have only one condition, however a file spells its absence."""

_ABSENT = frozenset({"", "na", "nan", "none", "null"})


@dataclass(frozen=True)
class Dataset:
    """One data set of the catalogue; the head of ``catalog.toml`` says what each field is.

    `conditions` are normalised labels, the undistorted `control` first ('' where a set has none).
    """

    name: str
    title: str
    kind: Literal["parametric", "nonparametric"]
    axis: str
    conditions: tuple[str, ...]
    published: tuple[str, ...]
    control: str
    excluded: tuple[str, ...]
    n_images: int
    n_people: int
    n_sessions: int
    tag: str
    block: str
    grammar: str
    images_sha256: str
    archive: str
    trials: str
    trials_sha256: tuple[str, ...]
    licence: str
    citation: str

    @property
    def kept(self) -> tuple[str, ...]:
        """The conditions that the benchmark counts."""
        return tuple(condition for condition in self.conditions if condition not in self.excluded)

    @property
    def trial_files(self) -> Mapping[str, str]:
        """The published files of people's trials, by name, each with its SHA-256."""
        return {f"{self.name}_subject-{i:02d}_session_1.csv": sha for i, sha in enumerate(self.trials_sha256, start=1)}

    def published_label(self, condition: str) -> str:
        """Spell a normalised condition as the published file names do (`0.6` is `0.60` in uniform-noise)."""
        return self.published[self.conditions.index(normalise_condition(self, condition))]


@cache
def load_catalog() -> Mapping[str, Dataset]:
    """Read the packaged catalogue: name -> Dataset, in the order of the field's figures.

    >>> sum(dataset.n_images for dataset in load_catalog().values())
    18080
    """
    text = files("reconstrue.stimuli").joinpath("catalog.toml").read_text(encoding="utf-8")
    catalog = {name: _dataset(name, entry) for name, entry in tomllib.loads(text).items()}
    return MappingProxyType(catalog)


def dataset(name: str) -> Dataset:
    """Look up a data set by name.

    >>> dataset("edge").n_images
    160

    Raises UserError, with the nearest names, for a name that is not in the catalogue.
    """
    catalog = load_catalog()
    if name in catalog:
        return catalog[name]
    by_lower = {known.lower(): known for known in catalog}
    spelled = name.lower().replace("_", "-").replace(" ", "-").replace("color", "colour")
    near = [by_lower[match] for match in difflib.get_close_matches(spelled, by_lower, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(catalog)}."
    raise UserError(f"unknown data set {name!r}: {hint}")


def normalise_condition(dataset: Dataset, label: str) -> str:
    """Give the one spelling of a condition label: `0.60` is `0.6`, `True` is `true`, no condition is `0`.

    Only sets with a single condition may leave it out (empty, `na`, `NaN`).

    >>> normalise_condition(load_catalog()["uniform-noise"], "0.60")
    '0.6'

    Raises UserError for a label that the data set does not have.
    """
    label = label.strip()
    if label in dataset.conditions:
        return label
    folded = label.lower()
    if folded in _ABSENT and dataset.conditions == (NO_CONDITION,):
        return NO_CONDITION
    for candidate in (folded, _shortest_number(folded)):
        if candidate in dataset.conditions:
            return candidate
    raise UserError(f"unknown condition {label!r} in data set {dataset.name}: it has {', '.join(dataset.conditions)}.")


def _shortest_number(label: str) -> str:
    try:
        return f"{float(label):g}"
    except ValueError:
        return label


def _dataset(name: str, entry: Mapping[str, object]) -> Dataset:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    values.setdefault("published", values["conditions"])
    return Dataset(name=name, **values)  # type: ignore[arg-type]
