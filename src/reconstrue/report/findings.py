"""What the figures say, in sentences: only what stands in the tables, with intervals and counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from reconstrue.metrics import Benchmark, Comparison, Correlation, Estimate, ObserverResult
from reconstrue.report.tables import coverage
from reconstrue.report.tables.rows import images_of


def findings(
    benchmark: Benchmark, comparisons: Sequence[Comparison] = (), correlation: Correlation | None = None
) -> tuple[str, ...]:
    """Give the headline findings of a benchmark, at most one sentence a figure.

    Args:
        benchmark: whose figures are told; for each the best is named of the models that answered most, the very same
            images all of them, and then who answered less.
        comparisons: every model's accuracy beside people on each data set.
        correlation: of two figures over models.
    """
    sentences = [_people(benchmark), *_best(benchmark), _gaps(comparisons), _together(correlation)]
    return tuple(sentence for sentence in sentences if sentence)


def _people(benchmark: Benchmark) -> str:
    humans = benchmark.humans
    if not humans.n_datasets:
        return ""
    parts = [
        f"{name} {_figure(figure, share)}"
        for name, figure, share in (
            ("shape bias", humans.shape_bias, True),
            ("OOD accuracy", humans.ood_accuracy, False),
            ("error consistency with each other, the human ceiling,", humans.error_consistency, False),
        )
        if figure.defined
    ]
    return f"People ({len(benchmark.individuals)}): {'; '.join(parts)}." if parts else ""


def _best(benchmark: Benchmark) -> list[str]:
    """Name the model with the highest figure among those that answered most, and those that answered less."""
    groups: dict[tuple[object, ...], list[ObserverResult]] = {}
    for row in benchmark.models.values():
        groups.setdefault(images_of(row), []).append(row)
    rows = max(groups.values(), key=_answered, default=[])
    apart = [row for row in benchmark.models.values() if row not in rows]
    kinds: tuple[tuple[str, Callable[[ObserverResult], Estimate], bool], ...] = (
        ("shape bias", lambda row: row.shape_bias, True),
        ("OOD accuracy", lambda row: row.ood_accuracy, False),
        ("error consistency with people", lambda row: row.error_consistency, False),
    )
    sentences = []
    for name, figure, share in kinds:
        defined = [row for row in rows if figure(row).defined]
        if len(defined) < 2:
            continue
        best = max(defined, key=lambda row: figure(row).value)
        sentences.append(f"Highest {name} of {len(defined)} models: {best.name} with {_figure(figure(best), share)}.")
    if sentences and apart:
        named = ", ".join(f"{row.name} ({coverage(row)})" for row in apart[:3])
        more = f" and {len(apart) - 3} more" if len(apart) > 3 else ""
        sentences.append(f"Not compared with these, for other or fewer images: {named}{more}.")
    return sentences


def _answered(group: Sequence[ObserverResult]) -> tuple[int, int, int]:
    """Give by what one group of models goes before another: data sets, images, then how many models it has."""
    images = sum(result.n_images for result in group[0].datasets.values())
    return group[0].n_datasets, images, len(group)


def _gaps(comparisons: Sequence[Comparison]) -> str:
    tested = [one for one in comparisons if not math.isnan(one.p_corrected)]
    if not tested:
        return ""
    real = [one for one in tested if one.significant]
    below = sum(one.difference.value < 0 for one in real)
    return (
        f"Accuracy differs significantly from people's in {len(real)} of {len(tested)} comparisons of a model with people "
        f"on a data set (Holm-corrected for each model): lower in {below}, higher in {len(real) - below}."
    )


def _together(correlation: Correlation | None) -> str:
    if correlation is None or not correlation.pearson.defined:
        return ""
    return (
        f"Over {correlation.n} models, {correlation.x_name} and {correlation.y_name} correlate with "
        f"r({correlation.degrees_of_freedom}) = {_figure(correlation.pearson, share=False)} (Pearson) and "
        f"{_figure(correlation.spearman, share=False)} (Spearman)."
    )


def _figure(figure: Estimate, share: bool) -> str:
    scale, digits, unit = (100.0, 1, "%") if share else (1.0, 3, "")
    text = f"{scale * figure.value:.{digits}f}{unit}"
    if math.isnan(figure.low) or math.isnan(figure.high):
        return text
    return f"{text} [{scale * figure.low:.{digits}f}, {scale * figure.high:.{digits}f}]"
