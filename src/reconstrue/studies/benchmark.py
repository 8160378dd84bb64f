"""From folders of trials to `benchmark.json` and Tables 1, 2 and 3."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.metrics import benchmark
from reconstrue.report.tables import Table, table_1, table_2, table_3, write_tables
from reconstrue.seeding import stream
from reconstrue.trials.sidecar import write_text_atomically
from reconstrue.trials.table import read_trials


@dataclass(frozen=True)
class BenchmarkResult:
    """What was written, for the terminal.

    Attributes:
        tables: Tables 1, 2 and 3.
        notes: what a reader should know.
        problems: files that were left out, and why.
    """

    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def run_benchmark(
    trials: Sequence[Path], out: Path, *, resamples: int, seed: int, allow_partial: bool
) -> BenchmarkResult:
    """Read the trials, work out the benchmark and write it to `out`.

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
        write_tables(result, out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    problems = tuple(str(problem) for problem in (*read.problems, *result.skipped))
    return BenchmarkResult((table_1(result), table_2(result), table_3(result)), result.notes, problems)
