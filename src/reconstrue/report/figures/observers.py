"""Who stands in a figure, in which order and in which look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconstrue.metrics import UNDEFINED, Benchmark, DatasetResult, Estimate, ObserverResult
from reconstrue.report.figures.style import CHOSEN, GREY, PALE, PEOPLE_STYLE, RED, Style, short, styles
from reconstrue.trials.table import PEOPLE

MOST_STYLES: Final = 11
"""So many models have a colour and a mark each; of more, the others are thin and grey."""

OTHERS: Final = Style(PALE, "o")
"""The look of a model that has none of its own."""

PART: Final = "part"
"""What stands behind the name of an observer that answered only a part of the images."""

ZERO_SHOT: Final = "zero-shot"

Look = Mapping[str, Style]


def named(models: Sequence[ObserverResult]) -> Look:
    """Give each model a look: of its own for at most 11; of more, for zero-shot models and the most remarkable others.

    These are, by turns, those of the highest OOD accuracy and of the highest shape bias, until 11 are found.
    """
    if len(models) <= MOST_STYLES:
        return styles(sorted(row.name for row in models))
    zero_shot = sorted(row.name for row in models if row.model_type == ZERO_SHOT)
    accurate = [row.name for row in sorted(models, key=lambda row: (_descending(row.ood_accuracy), row.name))]
    shapely = [row.name for row in sorted(models, key=lambda row: (_descending(row.shape_bias), row.name))]
    by_turns = [name for pair in zip(accurate, shapely, strict=True) for name in pair]
    look = styles(sorted(list(dict.fromkeys([*zero_shot, *by_turns]))[:MOST_STYLES]))
    return {row.name: look.get(row.name, OTHERS) for row in models}


def cut(row: ObserverResult, datasets: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the data sets of which an observer answered a part of the images alone, of all or of those that are named."""
    among = set(datasets) or set(row.datasets)
    return tuple(name for name, part in row.datasets.items() if part.partial and name in among)


def whole(row: ObserverResult) -> bool:
    """Whether an observer's averages are over all images of all data sets."""
    return not row.coverage and not cut(row)


def colour(row: ObserverResult) -> str:
    """Give the colour of an observer where all models of a type are alike: people red, zero-shot blue, others grey."""
    if row.model_type == "people":
        return RED
    return CHOSEN if row.model_type == ZERO_SHOT else GREY


def sorted_by(
    models: Iterable[ObserverResult], value: Callable[[ObserverResult], Estimate], higher_is_better: bool = True
) -> list[ObserverResult]:
    """Sort the models that have the figure, best first; those over fewer data sets or images follow, as they do not compare."""
    sign = 1.0 if higher_is_better else -1.0
    rows = [row for row in models if value(row).defined]
    most = max((row.n_datasets for row in rows), default=0)
    return sorted(rows, key=lambda row: (row.n_datasets < most, bool(cut(row)), -sign * value(row).value, row.name))


def label(row: ObserverResult, most: int = 1000) -> str:
    """Name an observer in at most so many letters, with what is missing behind its averages.

    As in `resnet (3 of 17)` where these are not all data sets, and `resnet (part)` where some images of one are missing.
    """
    missing = ", ".join(part for part in (row.coverage, PART if cut(row) else "") if part)
    ending = f" ({missing})" if missing and row.name != PEOPLE else ""
    return f"{short(row.name, max(8, most - len(ending)))}{ending}"


def people_beside(benchmark: Benchmark, row: ObserverResult, figure: str) -> float:
    """Give people's average figure over the data sets and images of a model; NaN where nobody was there."""
    values = []
    for name, part in row.datasets.items():
        people = part.people or benchmark.humans.datasets.get(name)
        found: Estimate = UNDEFINED if people is None else getattr(people, figure)
        if found.defined:
            values.append(found.value)
    return sum(values) / len(values) if values else math.nan


def persons(benchmark: Benchmark, dataset: str) -> dict[str, DatasetResult]:
    """Give the figures of each person on a data set, by the person's name."""
    return {
        name.split("/")[1]: row.datasets[dataset]
        for name, row in benchmark.individuals.items()
        if name.split("/")[0] == dataset and dataset in row.datasets
    }


@dataclass(frozen=True)
class Legend:
    """What a figure's legend says of its observers: the ones with a look of their own, and how many have none."""

    shown: tuple[tuple[str, Style], ...]
    others: int


def legend_of(look: Look, people: bool) -> Legend:
    """List people first, then the models that have a look of their own, by name."""
    own = [(name, style) for name, style in sorted(look.items()) if style is not OTHERS]
    shown = ((PEOPLE, PEOPLE_STYLE),) if people else ()
    return Legend((*shown, *own), len(look) - len(own))


def _descending(figure: Estimate) -> float:
    return -figure.value if figure.defined else math.inf
