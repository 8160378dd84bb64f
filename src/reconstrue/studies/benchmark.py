"""From folders of trials to `benchmark.json` and Tables 1, 2 and 3."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, benchmark, load_published
from reconstrue.report.tables import NO_TRIALS_OF_PEOPLE, write_tables
from reconstrue.seeding import stream
from reconstrue.trials.sidecar import write_text_atomically
from reconstrue.trials.table import TrialTable, read_trials


@dataclass(frozen=True)
class BenchmarkResult:
    """What was read and worked out.

    Attributes:
        trials: everybody's answers.
        benchmark: the figures, with notes.
        problems: files and data sets that were left out, and why, one line each.
    """

    trials: TrialTable
    benchmark: Benchmark
    problems: tuple[str, ...]


def run_benchmark(
    trials: Sequence[Path],
    out: Path,
    *,
    resamples: int = 1000,
    seed: int = 0,
    allow_partial: bool = False,
    why_no_people: str = NO_TRIALS_OF_PEOPLE,
    published: bool = False,
) -> BenchmarkResult:
    """Read the trials, work out the benchmark and write ``benchmark.json`` and the tables to `out`.

    Args:
        trials: folders of the field's CSV files.
        out: where to write.
        resamples: of the bootstrap behind the intervals; 0 for none.
        seed: of the bootstrap.
        allow_partial: compare short files on the images that they share with the others, and say so.
        why_no_people: what tables say where nobody has human trials.
        published: whether the tables end with the paper's own rows.

    Raises:
        UserError: nothing could be read, `resamples` is negative, or `out` cannot be written.
    """
    if resamples < 0:
        raise UserError(f"--resamples must not be negative, got {resamples}")
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file; --out names a folder")
    read = read_trials(trials)
    result = benchmark(
        read.table,
        read.sidecars,
        resamples=resamples,
        generator=stream(seed, "benchmark"),
        allow_partial=allow_partial,
    )
    try:
        text = json.dumps(result.to_json(), indent=1, allow_nan=False, ensure_ascii=False)
        write_text_atomically(out / "benchmark.json", text + "\n")
        rows = load_published() if published else ()
        write_tables(result, out, why_no_people=why_no_people, published=rows)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    problems = tuple(str(problem) for problem in (*read.problems, *result.skipped))
    return BenchmarkResult(read.table, result, problems)
