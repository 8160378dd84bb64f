"""Which outputs of a network belong to which label: own names, the packaged ImageNet table, or a user's CSV."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import final

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.stimuli.categories import imagenet_classes

# A message lists at most so many known names.
_FEW = 40
# Of the 1,000 English names so many must agree: libraries spell a few of them in their own way.
_AGREE = 900


@final
@dataclass(frozen=True)
class LabelMap:
    """Which outputs belong to which label.

    Attributes:
        members: label → indices of its outputs; at least one each.
        digest: SHA-256 of a user's own map, for the settings; None for the packaged one.
    """

    members: Mapping[str, tuple[int, ...]]
    digest: str | None = None

    def outputs(self, labels: Sequence[str], name: str) -> list[list[int]]:
        """Return the outputs of each label; raises UserError for a label of which the observer `name` knows nothing."""
        for label in labels:
            if label not in self.members:
                if self.digest is not None:
                    raise UserError(
                        f"no output of {name} belongs to '{label}'{_nearest(label, self.members)} "
                        "(add it to the file of --classes)"
                    )
                raise UserError(f"{name} was not trained on '{label}'{_nearest(label, self.members)}")
        return [list(self.members[label]) for label in labels]


def packaged_map(classes: Sequence[str]) -> LabelMap:
    """Return the map of a network by its class names alone.

    A class name is a label of its own, and so is the English name of a WordNet id of ImageNet-1k. The 16 categories are
    made of the table's 207 ImageNet classes: by WordNet id where the class names are ids, so that networks with ImageNet-12k, 21k or 22k outputs answer with the same classes
    as those with 1,000 (the larger trees' finer and coarser classes belong to no category); by index where 1,000
    classes have the English names of ImageNet in its order, or transformers' ``LABEL_0`` to ``LABEL_999``.
    """
    members = _by_name(classes)
    table = imagenet_classes()
    wnids = {one.wnid: one.category for one in table}
    if any(name in wnids for name in classes):
        categories = [wnids.get(name) for name in classes]
    elif _in_imagenet_order(classes):
        categories = [one.category for one in table]
    else:
        categories = []
    grouped: dict[str, list[int]] = {}
    for i, category in enumerate(categories):
        if category is not None:
            grouped.setdefault(category, []).append(i)
    for category, indices in grouped.items():
        members.setdefault(category, tuple(indices))
    if any(name in wnids for name in classes):
        # Networks named by WordNet ids know the classes' English names too, where only one class has the name.
        english = {one.wnid: one.name for one in table}
        named = [english.get(name) for name in classes]
        for i, name in enumerate(named):
            if name is not None and named.count(name) == 1:
                members.setdefault(name, (i,))
    return LabelMap(MappingProxyType(members))


def read_map(path: str | Path, classes: Sequence[str]) -> LabelMap:
    """Return the map that a user's CSV states.

    Args:
        path: columns ``label`` and ``output`` (or ``class``): the index of an output, or its class name. A row without
            a label says that the output belongs to none.
        classes: the network's class names, in the order of its outputs.

    Raises:
        UserError: no such file, other columns, an index or a name that the network does not have, an output given
            twice for one label, or no label at all.
    """
    names = _by_name(classes)
    members: dict[str, list[int]] = {}
    for line, (output, label) in enumerate(_rows(Path(path)), start=2):
        where = f"{path}, line {line}"
        if output in names:
            indices = names[output]
        elif not output.isdecimal():
            raise UserError(f"{where}: the network has no class '{output}'{_nearest(output, names)}")
        elif len(output) > 9 or int(output) >= len(classes):
            raise UserError(f"{where}: the network has no output {output}; they run from 0 to {len(classes) - 1}")
        else:
            indices = (int(output),)
        if not label:
            continue
        own = members.setdefault(label, [])
        if set(indices) & set(own):
            raise UserError(f"{where}: output '{output}' is given twice for '{label}'; give it once")
        own += indices
    if not members:
        raise UserError(f"{path}: no output belongs to any label; fill the column 'label'")
    text = json.dumps(sorted((label, sorted(indices)) for label, indices in members.items()))
    return LabelMap(
        MappingProxyType({label: tuple(indices) for label, indices in members.items()}),
        hashlib.sha256(text.encode()).hexdigest(),
    )


def _rows(path: Path) -> list[tuple[str, str]]:
    """Return (output, label) of each line."""
    try:
        # utf-8-sig: spreadsheets put a mark in front.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = [column.strip() for column in reader.fieldnames or ()]
            reader.fieldnames = header
            if sorted(header) not in (["label", "output"], ["class", "label"]):
                raise UserError(f"{path}: columns {header}, but 'output,label' or 'class,label' is needed")
            key = "output" if "output" in header else "class"
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read as a CSV of classes ({error})") from error
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UserError(f"{path}, line {line}: two values are needed, '{key},label'; quote a name that has a comma")
    return [(row[key].strip(), row["label"].strip()) for row in rows]


def _by_name(classes: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return name → indices; a name that two outputs share has both."""
    found: dict[str, tuple[int, ...]] = {}
    for i, name in enumerate(classes):
        found[name] = (*found.get(name, ()), i)
    return found


def _in_imagenet_order(classes: Sequence[str]) -> bool:
    table = imagenet_classes()
    if len(classes) != len(table):
        return False
    if all(name == f"LABEL_{i}" for i, name in enumerate(classes)):
        return True
    return (
        sum(_first(name) == _first(one.name) or name == one.wnid for name, one in zip(classes, table, strict=True))
        >= _AGREE
    )


def _first(names: str) -> str:
    return names.partition(",")[0].strip().lower()


def _nearest(name: str, known: Mapping[str, object]) -> str:
    """Return `did_you_mean`, without the list of known names where that is long."""
    hint = did_you_mean(name, known)
    return hint if "did you mean" in hint or len(known) <= _FEW else ""
