"""Some of the 16 categories: for observers that know no others, and for comparing everybody on their images."""

from __future__ import annotations

from collections.abc import Sequence

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import TrialTable


def read_categories(text: str) -> tuple[str, ...]:
    """Read the names of categories with commas between, and give them in the order of the 16.

    >>> read_categories("truck, airplane")
    ('airplane', 'truck')

    Raises UserError for an unknown one (with the nearest), one given twice, and fewer than two.
    """
    given = [name.strip() for name in text.split(",")]
    for place, name in enumerate(given):
        if not name:
            raise UserError(f"--categories: one is empty in '{text}'; remove the stray comma")
        if name not in CATEGORIES:
            raise UserError(f"--categories: unknown category '{name}'{did_you_mean(name, CATEGORIES)}")
        if name in given[:place]:
            raise UserError(f"--categories: '{name}' is given twice; give each once")
    if len(given) < 2:
        raise UserError(f"--categories: at least two are needed to choose from, got '{text}'")
    return tuple(name for name in CATEGORIES if name in given)


def is_some(categories: Sequence[str]) -> bool:
    """Say whether these are not all of the 16."""
    return set(categories) != set(CATEGORIES)


def of_categories(table: TrialTable, categories: Sequence[str]) -> TrialTable:
    """Keep the trials on images of these categories, in a cue conflict those whose texture is of one of them too."""
    frame = table.frame
    texture = frame["texture"]
    inside = frame["category"].isin(categories) & (texture.isna() | texture.isin(categories))
    return TrialTable(frame[inside].reset_index(drop=True), table.files)
