"""Tables 1, 2 and 3 of "Intriguing properties of generative classifiers" (ICLR 2024, arXiv 2309.16779).

People stand on top, complete models follow, and models that answered less than everything come last, unranked, under
the people's own figures on the very same images.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from reconstrue.metrics import PUBLISHED_NOTES, UNDEFINED, Benchmark, Estimate, ObserverResult, PublishedRow, Resample
from reconstrue.report.tables.rows import (
    CONSISTENCY,
    COVERAGE,
    DIFFERENCE,
    MEAN_RANK,
    MODEL,
    MODEL_TYPE,
    NO_TRIALS_OF_PEOPLE,
    OBSERVED,
    OOD_ACCURACY,
    PUBLISHED,
    RANK,
    SHAPE_BIAS,
    about_people,
    by_name,
    images_of,
    people_counted,
)
from reconstrue.report.tables.table import Cell, Column, Table, inner_rules, one_line, without_empty, write_table
from reconstrue.trials.sidecar import write_text_atomically

_BRACKETS: Mapping[Resample, str] = {
    "images": "Brackets are 95% intervals from resampled images.",
    "observers": "Brackets are 95% intervals from resampled people; what a model does alone has none.",
    "both": "Brackets are 95% intervals from resampled images and people.",
}


def table_1(
    benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE, published: Sequence[PublishedRow] = ()
) -> Table:
    """Give Table 1: model, model type, shape bias, OOD accuracy and error consistency with people.

    Complete models are sorted by shape bias, as no one figure ranks this table; undefined ones last. Rows of the paper
    (`published`) stand below, as printed.
    """
    return _paper_table(
        benchmark,
        why_no_people,
        "table-1",
        "Table 1: benchmark results",
        (MODEL_TYPE, SHAPE_BIAS, OOD_ACCURACY, CONSISTENCY),
        lambda row: -row.shape_bias.value,
        lambda row: (row.model_type, row.shape_bias, row.ood_accuracy, row.error_consistency),
        [
            (row.name, row.model_type, row.shape_bias, row.ood_accuracy, row.error_consistency)
            for row in sorted(published, key=lambda row: _undefined_last(-row.shape_bias.value))
            if row.shape_bias.defined
        ],
    )


def table_2(
    benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE, published: Sequence[PublishedRow] = ()
) -> Table:
    """Give Table 2: accuracy difference, observed and error consistency with people, sorted by their mean rank."""
    return _paper_table(
        benchmark,
        why_no_people,
        "table-2",
        "Table 2: most human-like behaviour",
        (DIFFERENCE, OBSERVED, CONSISTENCY, MEAN_RANK),
        lambda row: row.mean_rank.value,
        lambda row: (
            row.accuracy_difference,
            row.observed_consistency,
            row.error_consistency,
            row.mean_rank,
        ),
        [
            (row.name, row.accuracy_difference, row.observed_consistency, row.error_consistency, row.mean_rank)
            for row in published
            if row.mean_rank.defined
        ],
    )


def table_3(
    benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE, published: Sequence[PublishedRow] = ()
) -> Table:
    """Give Table 3: OOD accuracy and its rank among the complete models, ties averaged."""
    return _paper_table(
        benchmark,
        why_no_people,
        "table-3",
        "Table 3: out-of-distribution accuracy",
        (OOD_ACCURACY, RANK),
        lambda row: -row.ood_accuracy.value,
        lambda row: (row.ood_accuracy, row.accuracy_rank),
        [
            (row.name, row.ood_accuracy, row.rank)
            for row in sorted(published, key=lambda row: _undefined_last(row.rank.value))
            if row.rank.defined
        ],
    )


def benchmark_notes(benchmark: Benchmark) -> tuple[str, ...]:
    """Give what a reader of the tables has to know: what was left out, and what is compared on fewer images."""
    return (*benchmark.notes, *(f"left out: {problem}" for problem in benchmark.skipped))


def write_tables(
    benchmark: Benchmark,
    out: Path,
    *,
    why_no_people: str = NO_TRIALS_OF_PEOPLE,
    published: Sequence[PublishedRow] = (),
) -> tuple[Path, ...]:
    """Write Tables 1 to 3 as CSV, Markdown and LaTeX, and `table-notes.txt`, each file whole or not at all.

    Gives the paths written. Raises OSError where the folder cannot be written.
    """
    written: list[Path] = []
    for make in (table_1, table_2, table_3):
        written += write_table(make(benchmark, why_no_people=why_no_people, published=published), out)
    people = people_counted(benchmark)
    notes = [*(benchmark_notes(benchmark) or ("Nothing was left out.",)), *([f"people: {people}"] if people else [])]
    written.append(out / "table-notes.txt")
    write_text_atomically(written[-1], "\n".join(one_line(note) for note in notes) + "\n")
    return tuple(written)


def _paper_table(
    benchmark: Benchmark,
    why_no_people: str,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    order: Callable[[ObserverResult], float],
    figures: Callable[[ObserverResult], tuple[Cell, ...]],
    published: Sequence[tuple[Cell, ...]],
) -> Table:
    models = sorted(by_name(benchmark), key=lambda row: _undefined_last(order(row)))
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    if benchmark.humans.n_datasets:
        rows.append((benchmark.humans.name, *figures(benchmark.humans), coverage(benchmark.humans)))
    rules.append(len(rows))
    rows += [(row.name, *figures(row), "") for row in models if row.complete]
    groups: dict[tuple[object, ...], list[ObserverResult]] = {}
    for row in models:
        if not row.complete:
            groups.setdefault(images_of(row), []).append(row)
    for group in groups.values():
        rules.append(len(rows))
        same = _people_on_the_images_of(group[0], benchmark)
        if same is not None and same.datasets != benchmark.humans.datasets:
            rows.append(("humans, same images", *figures(same), coverage(group[0])))
        rows += [(row.name, *figures(row), coverage(row)) for row in group]
    drawn = any(math.isfinite(row.ood_accuracy.low) for row in (benchmark.humans, *models))
    notes = [_BRACKETS[benchmark.resampled]] if drawn else []
    if published:
        rules.append(len(rows))
        rows += [(*cells, PUBLISHED) for cells in published]
        notes.append(
            "Rows marked as the paper's are printed figures of arXiv 2309.16779, with its ranks among its 58 models; "
            "they were not run here."
        )
        notes += PUBLISHED_NOTES
    if groups:
        notes.append("Models with fewer data sets or images stand below the complete ones and are not ranked.")
    notes += (*about_people(benchmark, why_no_people), *benchmark.choices)
    table = Table(name, title, (MODEL, *columns, COVERAGE), tuple(rows), tuple(notes), inner_rules(rules, rows))
    return without_empty(table, "coverage")


def coverage(row: ObserverResult) -> str:
    """Say what a row rests on where that is not everything: "3 of 17 sets", "160 of 1,280 images", or both."""
    parts = [f"{row.coverage} sets"] if row.coverage else []
    if any(result.partial for result in row.datasets.values()):
        answered = sum(result.n_images for result in row.datasets.values())
        there = sum(result.catalogue_images for result in row.datasets.values())
        parts.append(f"{answered:,} of {there:,} images")
    return ", ".join(parts)


def _people_on_the_images_of(row: ObserverResult, benchmark: Benchmark) -> ObserverResult | None:
    """Average the people's figures over the data sets and images of an incomplete model.

    None where there are no people on one of its data sets: averages over different sets are not compared.

    Data sets are independent of each other, so that the interval of their mean follows from the single ones:
    the squares of the distances from value to end add up (Zou & Donner 2008, Statistics in Medicine 27).
    """
    people = benchmark.humans
    parts = []
    for name, result in row.datasets.items():
        same = result.people or (None if result.partial else people.datasets.get(name))
        if same is not None:
            parts.append(same)
    if not parts or len(parts) < len(row.datasets):
        return None
    conflict = next((part for part in parts if part.shape_bias.defined), None)
    return ObserverResult(
        name="humans",
        model_type="people",
        ood_accuracy=_mean([part.accuracy for part in parts]),
        accuracy_difference=_mean([part.accuracy_difference for part in parts]),
        observed_consistency=_mean([part.observed_consistency for part in parts]),
        error_consistency=_mean([part.error_consistency for part in parts]),
        mean_rank=UNDEFINED,
        shape_bias=conflict.shape_bias if conflict else UNDEFINED,
        shape_bias_by_category=conflict.shape_bias_by_category if conflict else {},
        datasets={part.dataset: part for part in parts},
        n_datasets=len(parts),
        n_datasets_with_people=len(parts),
        complete=False,
    )


def _mean(parts: Sequence[Estimate]) -> Estimate:
    parts = [part for part in parts if part.defined]
    if not parts:
        return UNDEFINED
    k = len(parts)
    value = math.fsum(part.value for part in parts) / k
    low = math.sqrt(math.fsum((part.value - part.low) ** 2 for part in parts)) / k
    high = math.sqrt(math.fsum((part.high - part.value) ** 2 for part in parts)) / k
    return Estimate(value, value - low, value + high, sum(part.n for part in parts))


def _undefined_last(value: float) -> tuple[bool, float]:
    return (math.isnan(value), 0.0 if math.isnan(value) else value)
