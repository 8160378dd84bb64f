"""The figures of the paper by name: how each is drawn, what it says, and why it cannot be drawn where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from matplotlib.figure import Figure

from reconstrue.metrics import Correlation
from reconstrue.metrics.correlation import BLURRED
from reconstrue.report.figures.bars import (
    NONPARAMETRIC,
    describe_figure_3,
    describe_figure_4,
    describe_figure_9,
    describe_figure_11,
    figure_3,
    figure_4,
    figure_9,
    figure_11,
)
from reconstrue.report.figures.boxes import describe_figure_12, figure_12
from reconstrue.report.figures.conditions import (
    PARAMETRIC,
    describe_entropy,
    describe_figure_5,
    describe_figure_10,
    figure_5,
    figure_10,
    figure_entropy,
)
from reconstrue.report.figures.gaps import describe_gaps, figure_gaps
from reconstrue.report.figures.matrices import consistency_figure, describe_consistency
from reconstrue.report.figures.noise import describe_figure_13, figure_13, trained_with_noise
from reconstrue.report.figures.observers import Look, named
from reconstrue.report.figures.responses import describe_confusion, figure_confusion
from reconstrue.report.figures.results import Results
from reconstrue.report.figures.scatter import describe_correlation, figure_correlation
from reconstrue.report.figures.shape_bias import describe_figure_1, figure_1
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.trials.table import CONFLICT


@dataclass(frozen=True)
class FigureMaker:
    """One figure of a report.

    Attributes:
        name: of its file, e.g. `figure-5`.
        title: above it.
        caption: below it.
        draw: makes it.
        describe: says what it shows, for readers who cannot see it.
        missing: says why it cannot be drawn from these results; '' where it can.
        detail: whether it is one of many of a kind, for those who look for it.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Results], Figure]
    describe: Callable[[Results], str]
    missing: Callable[[Results], str]
    detail: bool = False


_INTERVALS: Final = "Black bars are 95% intervals."
_PEOPLE_LINE: Final = (
    "People are the red bar and the red line; beside a model with other images, its line is of people on those."
)
_KEPT: Final = (
    "Conditions on grey are not counted: the undistorted control, and levels at which people are near chance."
)


def _makers() -> tuple[FigureMaker, ...]:
    return (
        FigureMaker(
            "figure-1",
            "Figure 1: shape bias",
            "How often shape wins where the shape of one category carries the texture of another. One mark per observer "
            "and category, a line at the mean over all decisions; brackets are 95% intervals.",
            lambda results: figure_1(results.benchmark),
            lambda results: describe_figure_1(results.benchmark),
            _no_shape_bias,
        ),
        FigureMaker(
            "figure-3",
            "Figure 3: out-of-distribution accuracy",
            f"Mean over the data sets of the accuracy on the kept conditions; dotted is chance. {_PEOPLE_LINE} "
            f"{_INTERVALS}",
            lambda results: figure_3(results.benchmark),
            lambda results: describe_figure_3(results.benchmark),
            _nobody,
        ),
        FigureMaker(
            "figure-4",
            "Figure 4: error consistency",
            "Whether an observer errs on the same images as people, beyond what accuracy alone would bring about "
            f"(Cohen's κ: 0 is chance, 1 the same errors). The red line is people with each other. {_INTERVALS}",
            lambda results: figure_4(results.benchmark),
            lambda results: describe_figure_4(results.benchmark),
            _no_people,
        ),
        FigureMaker(
            "figure-5",
            "Figure 5: accuracy by condition",
            f"Accuracy against the level of each distortion. The red band is the range of individual people, dotted is "
            f"chance. {_KEPT}",
            lambda results: figure_5(results.benchmark),
            lambda results: describe_figure_5(results.benchmark),
            _no_parametric,
        ),
        _matrix("figure-6", CONFLICT),
        FigureMaker(
            "figure-9",
            "Figure 9: the benchmark",
            f"The four averages over the data sets, in the order of OOD accuracy. {_PEOPLE_LINE} {_INTERVALS}",
            lambda results: figure_9(results.benchmark),
            lambda results: describe_figure_9(results.benchmark),
            _no_people,
        ),
        FigureMaker(
            "figure-10",
            "Figure 10: accuracy and error consistency by condition",
            "Accuracy, and error consistency with people (for people: with each other), against the level of each "
            f"distortion. The red band is the range of individual people. {_KEPT}",
            lambda results: figure_10(results.benchmark),
            lambda results: describe_figure_10(results.benchmark),
            lambda results: _no_parametric(results) or _no_people(results),
        ),
        FigureMaker(
            "figure-11",
            "Figure 11: accuracy on the nonparametric sets",
            "Accuracy on the sets with one kind of image each; on cue-conflict images by the category of the shape. "
            f"{_PEOPLE_LINE} {_INTERVALS}",
            lambda results: figure_11(results.benchmark),
            lambda results: describe_figure_11(results.benchmark),
            _no_nonparametric,
        ),
        FigureMaker(
            "figure-12",
            "Figure 12: shape bias over categories",
            "Box: quartiles and median of the categories (dots); mark: shape bias over all decisions, a red diamond "
            "for people.",
            lambda results: figure_12(results.benchmark),
            lambda results: describe_figure_12(results.benchmark),
            _no_shape_bias,
        ),
        FigureMaker(
            "figure-13",
            "Figure 13: shape bias and training with noise",
            "Shape bias per category of the same network without and with diffusion noise, beside people.",
            lambda results: figure_13(results.benchmark, trained_with_noise(results.benchmark)),
            lambda results: describe_figure_13(results.benchmark, trained_with_noise(results.benchmark)),
            _no_noise,
        ),
        *(_matrix(f"figure-{14 + index}", name) for index, name in enumerate(NONPARAMETRIC) if name != CONFLICT),
        FigureMaker(
            "low-pass-shape-bias",
            "Section 4: accuracy on blurred images and shape bias",
            "One mark per model; people, the red diamond, are not counted in the correlation. Brackets are 95% intervals "
            "from models drawn with replacement.",
            lambda results: figure_correlation(_correlation(results), _look(results)),
            lambda results: describe_correlation(_correlation(results)),
            _no_correlation,
        ),
        FigureMaker(
            "gap-to-people",
            "The gap to people on each data set",
            "Accuracy of a model less that of people, on the images that both answered, with 95% intervals. Full marks "
            "are significant after Holm's correction over the data sets of the model.",
            lambda results: figure_gaps(results.comparisons),
            lambda results: describe_gaps(results.comparisons),
            lambda results: "" if results.comparisons else _no_people(results) or "nothing was compared with people",
        ),
        FigureMaker(
            "entropy",
            "Response entropy",
            "How evenly an observer uses the categories, in bits: log₂ of how many were shown (dotted; 4 for all 16) is all "
            f"of them alike (answers outside them give more), 0 is one answer for everything. {_KEPT}",
            lambda results: figure_entropy(
                results.entropies, _look(results), categories=len(results.benchmark.categories)
            ),
            lambda results: describe_entropy(results.entropies, categories=len(results.benchmark.categories)),
            lambda results: "" if results.entropies else f"nobody is compared on any of {', '.join(PARAMETRIC)}",
        ),
        *(_confusion(name) for name in load_catalog()),
    )


def _matrix(number: str, name: str) -> FigureMaker:
    return FigureMaker(
        f"{number}-{name}",
        f"{number.replace('f', 'F').replace('-', ' ')}: error consistency on {name} images",
        "Error consistency of every two observers; those who err alike stand side by side, people in red.",
        lambda results: consistency_figure(results.matrices[name]),
        lambda results: describe_consistency(results.matrices[name]),
        lambda results: "" if name in results.matrices else f"fewer than two observers are compared on {name}",
    )


def _confusion(name: str) -> FigureMaker:
    return FigureMaker(
        f"confusion-{name}",
        f"Confusions on {name}",
        "Rows: the category shown; columns: the answer, na for none. All conditions together; the number is the share of "
        "right answers.",
        lambda results: figure_confusion(results.confusions[name]),
        lambda results: describe_confusion(results.confusions[name]),
        lambda results: "" if name in results.confusions else f"nobody answered {name}",
        detail=True,
    )


def _look(results: Results) -> Look:
    return named(list(results.benchmark.models.values()))


def _correlation(results: Results) -> Correlation:
    if results.correlation is None:
        raise ValueError("these results hold no correlation")
    return results.correlation


# Why a figure cannot be drawn ------------------------------------------------------------------------------------


def _no_shape_bias(results: Results) -> str:
    rows = (results.benchmark.humans, *results.benchmark.models.values())
    return "" if any(row.shape_bias.defined for row in rows) else f"nobody answered {CONFLICT} images"


def _nobody(results: Results) -> str:
    rows = (results.benchmark.humans, *results.benchmark.models.values())
    return "" if any(row.ood_accuracy.defined for row in rows) else "nobody was compared on any data set"


def _no_people(results: Results) -> str:
    rows = (results.benchmark.humans, *results.benchmark.models.values())
    compared = any(row.error_consistency.defined for row in rows)
    return "" if compared else "there are no trials of people on these images"


def _no_parametric(results: Results) -> str:
    rows = (results.benchmark.humans, *results.benchmark.models.values())
    there = any(set(PARAMETRIC) & set(row.datasets) for row in rows)
    return "" if there else f"nobody is compared on any of {', '.join(PARAMETRIC)}"


def _no_nonparametric(results: Results) -> str:
    there = any(set(NONPARAMETRIC) & set(row.datasets) for row in results.benchmark.models.values())
    return "" if there else f"no model is compared on any of {', '.join(NONPARAMETRIC)}"


def _no_noise(results: Results) -> str:
    if trained_with_noise(results.benchmark):
        return ""
    return "it needs cue-conflict answers of a model and of the same with noise, named so (resnet, resnet-noise)"


def _no_correlation(results: Results) -> str:
    if results.correlation is not None and results.correlation.pearson.defined:
        return ""
    return f"it needs three models or more that answered both {BLURRED} and {CONFLICT} images and differ"


FIGURES: Final[Mapping[str, FigureMaker]] = MappingProxyType({maker.name: maker for maker in _makers()})
"""Every figure that is drawn from results, in the paper's order; Figure 2 is drawn from a `DecisionStrip`."""
