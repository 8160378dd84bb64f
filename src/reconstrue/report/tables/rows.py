"""What the tables of a benchmark share: columns, the order and grouping of rows, and what is said of people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reconstrue.metrics import Benchmark, DatasetResult, ObserverResult
from reconstrue.report.tables.table import ABSENT, Column
from reconstrue.stimuli.catalog import load_catalog

NO_TRIALS_OF_PEOPLE = "there are no trials of people on these pictures"
NEVER_SEEN = "people never saw these pictures"
"""Why there are no figures of people: the first holds of any table without them, the second of the pocket world."""

PUBLISHED = "the paper's"
"""What the coverage column says of a row that was printed there and not run here."""

MODEL = Column("model", "model", kind="text")
MODEL_TYPE = Column("model_type", "model type", kind="text")
COVERAGE = Column("coverage", "coverage", kind="text")
SHAPE_BIAS = Column("shape_bias", "shape bias", digits=1, unit="%")
OOD_ACCURACY = Column("ood_accuracy", "OOD accuracy", better="higher")
DIFFERENCE = Column("accuracy_difference", "accuracy difference", better="lower")
OBSERVED = Column("observed_consistency", "observed consistency", better="higher")
CONSISTENCY = Column("error_consistency", "error consistency", better="higher")
MEAN_RANK = Column("mean_rank", "mean rank", better="lower", digits=2)
RANK = Column("rank", "rank", better="lower", digits=1)


def by_name(benchmark: Benchmark) -> list[ObserverResult]:
    """Return the models by name."""
    return [benchmark.models[name] for name in sorted(benchmark.models)]


def about_people(benchmark: Benchmark, why: str) -> tuple[str, ...]:
    """Say whom consistency is with, or why it is with nobody."""
    if benchmark.humans.n_datasets:
        return (
            "Consistency is with people. The row of people is the human ceiling: every person with the other people.",
        )
    return (f"Figures that compare with people read “{ABSENT}”: {why}.",)


def people_counted(benchmark: Benchmark) -> str:
    """Say how many people each data set counts, and how many are published where that is another number.

    Gives '' without people; otherwise as in "10 on edge, silhouette; 3 (4 published) on colour".
    """
    counts = Counter(person.split("/")[0] for person in benchmark.individuals)
    sets: dict[str, list[str]] = {}
    for name, entry in load_catalog().items():
        published = "" if counts[name] == entry.n_people else f" ({entry.n_people} published)"
        if counts[name]:
            sets.setdefault(f"{counts[name]}{published}", []).append(name)
    return "; ".join(f"{count} on {', '.join(names)}" for count, names in sets.items())


def image_key(result: DatasetResult) -> tuple[object, ...]:
    """Give a key of the images of a result: their number and, where it is a part, how well people did on them."""
    return (result.n_images, None if result.people is None else result.people.accuracy.value)


def images_of(row: ObserverResult) -> tuple[object, ...]:
    """Give a key that two models share where they answered the same images of the same data sets."""
    return tuple((name, image_key(result)) for name, result in sorted(row.datasets.items()))


def column_keys(names: Sequence[str]) -> list[str]:
    """Give each observer a name that a column of a CSV file can have; no two are the same.

    >>> column_keys(["a b", "<>"])
    ['1_a_b', '2_observer']
    """
    words = (re.sub(r"\W+", "_", name).strip("_") or "observer" for name in names)
    return [f"{index}_{word}" for index, word in enumerate(words, start=1)]
