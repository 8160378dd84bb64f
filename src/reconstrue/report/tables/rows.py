"""What the tables of a benchmark share: columns, the order and grouping of rows, and what is said of people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reconstrue.metrics import Benchmark, DatasetResult, ObserverResult
from reconstrue.report.tables.table import ABSENT, Column

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


def image_key(result: DatasetResult) -> tuple[object, ...]:
    """Give a key of the images of a result: their number and, where it is a part, how well people did on them."""
    return (result.n_images, None if result.people is None else result.people.accuracy.value)


def column_keys(names: Sequence[str]) -> list[str]:
    """Give each observer a name that a column of a CSV file can have; no two are the same.

    >>> column_keys(["a b", "<>"])
    ['1_a_b', '2_observer']
    """
    words = (re.sub(r"\W+", "_", name).strip("_") or "observer" for name in names)
    return [f"{index}_{word}" for index, word in enumerate(words, start=1)]
