"""From folders of trials to `benchmark.json` and Tables 1, 2 and 3."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, Resample, admitted_trials, benchmark, load_published
from reconstrue.metrics.panel import answers_outside
from reconstrue.report.tables import NO_TRIALS_OF_PEOPLE, Column, Table, write_table, write_tables
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.chosen import is_some
from reconstrue.trials.sidecar import Sidecar, write_text_atomically
from reconstrue.trials.table import TrialTable, read_trials

# Draws below which the outermost twentieth, two-sided, is less than one draw at each end.
_FEWEST = 40


@dataclass(frozen=True)
class BenchmarkResult:
    """What was read and worked out.

    Attributes:
        trials: everybody's answers.
        sidecars: what runs say of their trials, by (data set, observer).
        benchmark: the figures, with notes.
        problems: files and data sets that were left out, and why, one line each.
    """

    trials: TrialTable
    sidecars: Mapping[tuple[str, str], Sidecar]
    benchmark: Benchmark
    problems: tuple[str, ...]

    @cached_property
    def counted(self) -> TrialTable:
        """The answers that the benchmark counted: what every other figure of a report is made from."""
        return admitted_trials(self.trials, self.benchmark)


def measure(
    trials: Sequence[Path],
    *,
    resamples: int,
    resample: Resample,
    seed: int,
    allow_partial: bool,
    categories: Sequence[str] = CATEGORIES,
    common: bool = False,
) -> BenchmarkResult:
    """Read the trials and work out the benchmark; arguments are those of `run_benchmark`.

    Raises UserError where nothing could be read, or for `resamples` that are negative or too few for an interval.
    """
    if resamples < 0:
        raise UserError(f"--resamples must not be negative, got {resamples}")
    if 0 < resamples < _FEWEST:
        raise UserError(
            f"--resamples must be 0 (no intervals) or at least {_FEWEST} for 95% intervals, got {resamples}"
        )
    read = read_trials(trials)
    result = benchmark(
        read.table,
        read.sidecars,
        resamples=resamples,
        generator=stream(seed, "benchmark"),
        allow_partial=allow_partial,
        resample=resample,
        categories=categories,
        common=common,
    )
    problems = tuple(str(problem) for problem in (*read.problems, *result.skipped))
    return BenchmarkResult(read.table, read.sidecars, replace(result, notes=(*read.notes, *result.notes)), problems)


def outside_tables(result: BenchmarkResult, *, resamples: int, seed: int) -> tuple[Table, ...]:
    """Count the answers outside the categories compared, with both readings of them; () where all 16 are compared."""
    found = result.benchmark
    if not is_some(found.categories):
        return ()
    columns = (
        Column("dataset", "data set", kind="text"),
        Column("observer", "observer", kind="text"),
        Column("trials", "trials", kind="count"),
        Column("outside", "outside", kind="count"),
        Column("accuracy", "accuracy, outside wrong"),
        Column("accuracy_inside", "accuracy, outside dropped"),
    )
    counts = answers_outside(
        result.counted, found.categories, resamples=resamples, generator=stream(seed, "answers outside")
    )
    rows = [(c.dataset, c.observer, c.trials, c.outside, c.accuracy, c.accuracy_inside) for c in counts]
    notes = (
        f"Outside: another answer than {', '.join(found.categories)}, or none. Everywhere else it counts as wrong. Dropped, the "
        "trials that are left are chosen by what was answered: others for every observer, and the easier ones.",
        "Of people, the trials of all together.",
    )
    return (Table("answers-outside", "Answers outside the categories compared", columns, tuple(rows), notes),)


def require_folder(out: Path) -> None:
    """Raise UserError where `out` is a file."""
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file; --out names a folder")


def write_benchmark(found: Benchmark, out: Path) -> None:
    """Write ``benchmark.json``; raises OSError where the folder cannot be written."""
    write_text_atomically(out / "benchmark.json", _as_json(found.to_json()) + "\n")


def _as_json(value: object, indent: str = "") -> str:
    """Return JSON with one figure, {value, low, high, n}, to a line: a third of the lines, and of the time to write them."""
    if not isinstance(value, dict) or not any(isinstance(part, dict) for part in value.values()):
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    inner = indent + " "
    parts = (f"{inner}{json.dumps(key, ensure_ascii=False)}: {_as_json(part, inner)}" for key, part in value.items())
    return "{\n" + ",\n".join(parts) + "\n" + indent + "}"


def run_benchmark(
    trials: Sequence[Path],
    out: Path,
    *,
    resamples: int = 1000,
    resample: Resample = "images",
    seed: int = 0,
    allow_partial: bool = False,
    why_no_people: str = NO_TRIALS_OF_PEOPLE,
    published: bool = False,
    categories: Sequence[str] = CATEGORIES,
    common: bool = False,
) -> BenchmarkResult:
    """Read the trials, work out the benchmark and write ``benchmark.json`` and the tables to `out`.

    Args:
        trials: folders of the field's CSV files.
        out: where to write.
        resamples: of the bootstrap behind the intervals; 0 for none.
        resample: what it draws anew: images, observers (people) or both.
        seed: of the bootstrap.
        allow_partial: compare short files on the images that they share with the others, and say so.
        why_no_people: what tables say where nobody has human trials.
        published: whether the tables end with the paper's own rows, which are of all images of all categories.
        categories: whose images are compared.
        common: compare everybody on the images that all models answered.

    Raises:
        UserError: nothing could be read, `resamples` is negative or too few, `published` of some categories alone or of
            images in common, or `out` cannot be written.
    """
    if published and is_some(categories):
        raise UserError("the paper's rows are of all 16 categories; leave --published or --categories out")
    if published and common:
        raise UserError("the paper's rows are of all images; leave --published or --common out")
    require_folder(out)
    result = measure(
        trials,
        resamples=resamples,
        resample=resample,
        seed=seed,
        allow_partial=allow_partial,
        categories=categories,
        common=common,
    )
    try:
        write_benchmark(result.benchmark, out)
        rows = load_published() if published else ()
        write_tables(result.benchmark, out, why_no_people=why_no_people, published=rows)
        for table in outside_tables(result, resamples=resamples, seed=seed):
            write_table(table, out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    return result
