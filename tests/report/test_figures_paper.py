"""The paper's figures, tested by their data: where marks stand, who is red, in which order, what is left out."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from reconstrue.errors import UserError
from reconstrue.metrics import (
    ANSWERS,
    UNDEFINED,
    Benchmark,
    Comparison,
    ConditionResult,
    ConfusionMatrix,
    ConsistencyMatrix,
    Correlation,
    DatasetResult,
    ObserverResult,
    ResponseEntropy,
    cluster_order,
)
from reconstrue.report.figures import (
    FIGURES,
    PEOPLE_STYLE,
    RED,
    Results,
    consistency_figure,
    figure_1,
    figure_3,
    figure_4,
    figure_5,
    figure_9,
    figure_10,
    figure_11,
    figure_12,
    figure_13,
    figure_confusion,
    figure_correlation,
    figure_entropy,
    figure_gaps,
    told,
)
from reconstrue.report.figures.conditions import PARAMETRIC, condition_label, describe_entropy
from reconstrue.report.figures.observers import MOST_STYLES, OTHERS, named
from reconstrue.stimuli.catalog import dataset, load_catalog
from reconstrue.stimuli.categories import CATEGORIES

from .conftest import HOSTILE, bench, est, observer, result

LONG = "a-model-with-a-very-long-name-indeed-and-more"


def on_conditions(name: str, start: float, kappa: float = 0.3) -> DatasetResult:
    """A data set on which accuracy falls by 0.05 from condition to condition, from `start`."""
    entry = dataset(name)
    conditions = {
        label: ConditionResult(
            label,
            label in entry.kept,
            160,
            est(start - 0.05 * at, 0.02),
            UNDEFINED,
            UNDEFINED,
            est(kappa, 0.05),
        )
        for at, label in enumerate(entry.conditions)
    }
    return replace(
        result(name, est(start, 0.02)),
        error_consistency=est(kappa, 0.05),
        accuracy_difference=est(0.04, 0.01),
        observed_consistency=est(0.7, 0.01),
        conditions=conditions,
    )


def model(name: str, start: float, shape_bias: float = 0.3, **figures: object) -> ObserverResult:
    """An observer of all 17 sets."""
    figures = {
        "ood_accuracy": est(start, 0.02),
        "accuracy_difference": est(0.04, 0.01),
        "observed_consistency": est(0.7, 0.01),
        "error_consistency": est(0.3 * start, 0.02),
        "shape_bias": est(shape_bias, 0.03),
        "shape_bias_by_category": {
            category: est(min(1.0, shape_bias + 0.02 * at)) for at, category in enumerate(CATEGORIES)
        },
        **figures,
    }
    return observer(name, {entry: on_conditions(entry, start) for entry in load_catalog()}, **figures)


def whole(*models: ObserverResult) -> Benchmark:
    """People at 0.9 in their first condition, two persons 0.04 above and below them, and models."""
    people = model("humans", 0.9, 0.96, model_type="people", error_consistency=est(0.43, 0.01))
    persons = {
        f"{name}/subject-{number:02d}": observer("p", {name: on_conditions(name, 0.9 + shift)})
        for name in load_catalog()
        for number, shift in ((1, 0.04), (2, -0.04))
    }
    return replace(bench(*models, humans=people), individuals=persons)


def matrix(names: tuple[str, ...], seed: int = 0) -> ConsistencyMatrix:
    values = np.random.default_rng(seed).uniform(-0.1, 0.7, (len(names), len(names)))
    values = (values + values.T) / 2
    np.fill_diagonal(values, 1.0)
    return ConsistencyMatrix("edge", names, values, values - 0.05, values + 0.05, np.full(values.shape, 160))


def results(count: int = 3, prefix: str = "model") -> Results:
    """Results in which every figure can be drawn."""
    names = [f"{prefix}-{index:02d}" for index in range(count)]
    models = [model(name, 0.5 + 0.4 * index / count, 0.2 + index / (3 * count)) for index, name in enumerate(names)]
    models.append(model(f"{names[0]}-noise", 0.6, 0.8))
    benchmark = whole(*models)
    everybody = ("subject-01", "subject-02", *benchmark.models)
    counts = np.full((16, 17), 2) + 30 * np.eye(16, 17, dtype=int)
    observers = ("humans", *benchmark.models)
    curve = {
        name: {label: est(4.0 - 0.3 * at, 0.1) for at, label in enumerate(dataset(name).conditions)}
        for name in PARAMETRIC
    }
    return Results(
        benchmark,
        {name: replace(matrix(everybody), dataset=name) for name in load_catalog() if name not in PARAMETRIC},
        Correlation(
            "accuracy on low-pass images",
            "shape bias",
            {name: (row.ood_accuracy.value, row.shape_bias.value) for name, row in benchmark.models.items()},
            (0.7, 0.96),
            est(0.59, 0.1, count),
            est(0.64, 0.1, count),
            1e-6,
            0.02,
        ),
        tuple(gap(name, entry, 0.1) for name in benchmark.models for entry in load_catalog()),
        {name: {who: ConfusionMatrix(name, who, None, counts) for who in observers} for name in load_catalog()},
        {name: {who: ResponseEntropy(name, who, curve[name]) for who in observers} for name in PARAMETRIC},
    )


def gap(name: str, entry: str, value: float, p: float = 0.001) -> Comparison:
    return Comparison("accuracy", (entry,), name, "humans", est(value, 0.02), p, p, "bootstrap", 17)


def axes_of(figure: Figure, gid: str) -> Axes:
    (found,) = [axes for axes in figure.axes if axes.get_gid() == gid]
    return found


def line_of(figure: Figure, gid: str) -> Line2D:
    (found,) = [line for line in figure.findobj(Line2D) if line.get_gid() == gid]
    assert isinstance(found, Line2D)
    return found


def points_of(figure: Figure, gid: str) -> PathCollection:
    (found,) = [part for part in figure.findobj(PathCollection) if part.get_gid() == gid]
    assert isinstance(found, PathCollection)
    return found


def bars(figure: Figure, word: str) -> dict[str, tuple[float, float]]:
    """Who has a bar of which length in which row."""
    found = {}
    for patch in axes_of(figure, word).patches:
        name = str(patch.get_gid()).removeprefix(f"bar {word} ")
        found[name] = (patch.get_width(), patch.get_y() + patch.get_height() / 2)  # type: ignore[attr-defined]
    return found


# Bars


def test_bars_are_as_long_as_the_figures_and_sorted_below_people() -> None:
    some = observer("part", {"edge": result("edge", est(0.95))}, ood_accuracy=est(0.95))
    figure = figure_3(whole(model("low", 0.4), model("high", 0.8), some))
    drawn = bars(figure, "OOD accuracy")
    # A model with one of 17 sets stands last, whatever its accuracy there: it is not the same average.
    assert {name: round(row) for name, (_, row) in drawn.items()} == {"humans": 0, "high": 1, "low": 2, "part": 3}
    assert {name: round(length, 6) for name, (length, _) in drawn.items()} == {
        "humans": 0.9,
        "high": 0.8,
        "low": 0.4,
        "part": 0.95,
    }
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["humans", "high", "low", "part (1 of 17)"]


def test_people_are_red_and_their_line_stands_beside_every_model() -> None:
    figure = figure_4(whole(model("low", 0.4), model("high", 0.8)))
    marks = points_of(figure, "people error consistency")
    assert np.asarray(marks.get_offsets()).tolist() == [[0.43, 0]]
    assert to_hex(marks.get_facecolor()[0]) == RED  # type: ignore[index]
    # On each of the 17 sets κ of people is 0.3 here, which is what a model is compared with.
    beside = line_of(figure, "people beside error consistency low")
    assert beside.get_color() == RED
    assert np.allclose(beside.get_xdata(), [0.3, 0.3])
    (bar,) = [patch for patch in figure.axes[0].patches if patch.get_gid() == "bar error consistency low"]
    assert told(bar) == ("low · error consistency 0.120 [0.100, 0.140] · n = 100 · people on these 0.300",)


def test_a_model_with_other_images_is_beside_people_on_those() -> None:
    on_these = replace(on_conditions("edge", 0.6), people=None)
    some = observer("part", {"edge": replace(result("edge", est(0.5)), people=on_these)}, ood_accuracy=est(0.5))
    figure = figure_3(whole(some))
    assert np.allclose(line_of(figure, "people beside OOD accuracy part").get_xdata(), [0.6, 0.6])


def test_figure_9_has_a_panel_for_each_average_that_there_is() -> None:
    with_people = figure_9(whole(model("a", 0.5)))
    words = ["OOD accuracy", "accuracy difference", "observed consistency", "error consistency"]
    assert [axes.get_gid() for axes in with_people.axes] == words
    alone = figure_9(bench(observer("a", {}, ood_accuracy=est(0.5))))
    assert [axes.get_gid() for axes in alone.axes] == ["OOD accuracy"]


def test_zero_shot_models_are_told_apart_where_there_are_others() -> None:
    figure = figure_3(whole(model("a", 0.5, model_type="zero-shot"), model("b", 0.4)))
    colours = {str(patch.get_gid()).split()[-1]: to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches}
    assert len(set(colours.values())) == 3
    assert [text.get_text() for text in figure.texts] == ["■ zero-shot", "■ other models"]


def test_figure_11_leaves_out_what_a_model_did_not_answer() -> None:
    some = observer("part", {"edge": result("edge", est(0.95))}, ood_accuracy=est(0.95))
    figure = figure_11(whole(model("a", 0.5), some))
    assert set(bars(figure, "accuracy on sketch")) == {"humans", "a"}
    assert set(bars(figure, "accuracy on edge")) == {"humans", "a", "part"}
    with pytest.raises(UserError, match="Figure 11 needs answers to one of sketch"):
        figure_11(bench(observer("a", {"contrast": result("contrast", est(0.5))})))


def partly(row: ObserverResult, *names: str) -> ObserverResult:
    """The same observer with a part of the images of some data sets."""
    some = {name: replace(row.datasets[name], partial=True, n_images=40) for name in names}
    return replace(row, datasets={**row.datasets, **some}, complete=False)


def shade(figure: Figure, gid: str) -> float:
    (bar,) = [patch for axes in figure.axes for patch in axes.patches if patch.get_gid() == gid]
    return float(bar.get_alpha() or 0.0)


def labels(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


def test_a_model_whose_answers_were_cut_stands_last_pale_and_marked() -> None:
    benchmark = whole(model("low", 0.4), partly(model("high", 0.99), "edge", "sketch"))
    for figure, word in ((figure_3(benchmark), "OOD accuracy"), (figure_4(benchmark), "error consistency")):
        assert labels(figure) == ["humans", "low", "high (part)"]
        assert shade(figure, f"bar {word} high") < shade(figure, f"bar {word} low") == 0.9
        (bar,) = [patch for patch in figure.axes[0].patches if patch.get_gid() == f"bar {word} high"]
        assert "part of the images of sketch, edge" in told(bar)[0]
    some = observer("few", {"edge": replace(result("edge", est(0.5)), partial=True)}, ood_accuracy=est(0.5))
    assert labels(figure_3(whole(some))) == ["humans", "few (1 of 17, part)"]
    nonparametric = figure_11(benchmark)
    assert labels(nonparametric)[-1] == "high (part)"
    # Of the sets that it answered whole, its bars are as others'.
    assert shade(nonparametric, "bar accuracy on edge high") < shade(nonparametric, "bar accuracy on stylized high")


def test_legends_mark_whose_answers_were_cut_in_what_they_show() -> None:
    def legend(figure: Figure) -> list[str]:
        return [text.get_text() for text in figure.legends[0].get_texts()]

    conflict = whole(model("a", 0.4, 0.2), partly(model("b", 0.5, 0.6), "cue-conflict"))
    # The one that was cut stands below, whatever its shape bias.
    assert [text.split("  ")[0] for text in legend(figure_1(conflict))] == ["humans", "a", "b"]
    assert legend(figure_1(conflict))[2].endswith("part of the images")
    assert labels(figure_12(conflict)) == ["humans", "a", "b (part)"]
    assert legend(figure_5(conflict)) == ["humans", "a", "b"]
    blurred = whole(model("a", 0.4), partly(model("b", 0.5), "low-pass"))
    for figure in (figure_5(blurred), figure_10(blurred)):
        assert legend(figure) == ["humans", "a", "b (part)"]
        assert told(line_of(figure, "accuracy low-pass b"))[0].endswith("part of the images")
        assert not told(line_of(figure, "accuracy contrast b"))[1].endswith("part of the images")
    assert labels(figure_12(blurred)) == ["humans", "a", "b"]


def test_the_interval_of_people_lies_above_their_diamond() -> None:
    figure = figure_3(whole(model("a", 0.5)))
    interval = line_of(figure, "interval OOD accuracy humans")
    assert np.allclose(interval.get_xdata(), [0.88, 0.92])
    assert interval.get_zorder() > points_of(figure, "people OOD accuracy").get_zorder()
    below = [line for line in figure.axes[0].lines if line.get_color() == "white"]
    assert [np.allclose(line.get_xdata(), [0.88, 0.92]) for line in below] == [True]


def test_axes_of_bars_have_more_than_two_ticks() -> None:
    for figure in (
        figure_3(whole(model("a", 0.5))),
        figure_9(whole(model("a", 0.5))),
        figure_11(whole(model("a", 0.5))),
    ):
        figure.draw_without_rendering()
        for axes in figure.axes:
            low, high = axes.get_xlim()
            assert sum(low <= tick <= high for tick in axes.get_xticks()) >= 4, axes.get_gid()


# Conditions


def test_curves_stand_at_the_accuracies_and_the_band_at_the_range_of_people() -> None:
    figure = figure_5(whole(model("a", 0.5)))
    assert [axes.get_gid() for axes in figure.axes] == [f"accuracy {name}" for name in PARAMETRIC]
    line = line_of(figure, "accuracy rotation a")
    assert np.allclose(line.get_xdata(), [0, 1, 2, 3])
    assert np.allclose(line.get_ydata(), [0.5, 0.45, 0.4, 0.35])
    assert told(line)[1] == "a · rotation 90 · accuracy 0.45 [0.43, 0.47] · n = 100"
    assert told(line)[0].endswith("· not counted")
    people = line_of(figure, "accuracy rotation humans")
    assert people.get_marker() == "D"
    assert people.get_color() == RED
    assert people.get_zorder() > line.get_zorder()
    (band,) = [
        part for part in figure.findobj(FillBetweenPolyCollection) if part.get_gid() == "range accuracy rotation"
    ]
    heights = band.get_paths()[0].vertices[:, 1]
    # The first condition: 0.86 to 0.94; the last, 0.15 lower: 0.71 to 0.79.
    assert heights.max() == pytest.approx(0.94)
    assert heights.min() == pytest.approx(0.71)


def test_conditions_that_are_not_counted_stand_on_grey() -> None:
    axes = axes_of(figure_5(whole(model("a", 0.5))), "accuracy contrast")
    grey = {round(patch.get_x() + patch.get_width() / 2) for patch in axes.patches}  # type: ignore[attr-defined]
    labels = [text.get_text() for text in axes.get_xticklabels()]
    assert {labels[at] for at in grey} == {"100", "3", "1"}
    assert axes.get_xlabel() == "Contrast in percent"


def test_a_condition_without_a_figure_has_no_mark() -> None:
    part = on_conditions("rotation", 0.5)
    conditions = {label: part.conditions[label] for label in ("0", "270")}
    figure = figure_5(whole(observer("a", {"rotation": replace(part, conditions=conditions)})))
    assert np.allclose(line_of(figure, "accuracy rotation a").get_xdata(), [0, 3])
    # And no stroke leads through what was not answered.
    stroke = np.asarray(line_of(figure, "stroke accuracy rotation a").get_ydata())
    assert np.allclose(stroke, [0.5, math.nan, math.nan, 0.35], equal_nan=True)
    assert not [line for line in figure.findobj(Line2D) if line.get_gid() == "accuracy contrast a"]


def test_the_band_of_people_ends_where_nobody_answered() -> None:
    part = on_conditions("rotation", 0.9)
    benchmark = whole(model("a", 0.5))
    for person in ("rotation/subject-01", "rotation/subject-02"):
        some = replace(part, conditions={label: part.conditions[label] for label in ("0", "90", "270")})
        benchmark.individuals[person] = observer("p", {"rotation": some})
    figure = figure_5(benchmark)
    (band,) = [
        part for part in figure.findobj(FillBetweenPolyCollection) if part.get_gid() == "range accuracy rotation"
    ]
    across = [path.vertices[:, 0] for path in band.get_paths()]
    assert [(ends.min(), ends.max()) for ends in across] == [(0, 1), (3, 3)]


def test_the_legend_names_who_is_drawn() -> None:
    other = observer("elsewhere", {"edge": result("edge", est(0.5))})
    texts = figure_5(whole(model("a", 0.5), other)).legends[0].get_texts()
    assert [text.get_text() for text in texts] == ["humans", "a"]


def test_labels_of_conditions_do_not_touch() -> None:
    figure = figure_10(whole(model("a", 0.5)))
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.get_xticklabels() if text.get_text()]
        assert len(boxes) >= 2
        for one, other in pairwise(boxes):
            # In pixels, 100 an inch: more than the blank between two words, 1.9 points.
            assert other.x0 - one.x1 > 3.2, axes.get_gid()


def test_figure_10_pairs_accuracy_with_error_consistency() -> None:
    figure = figure_10(whole(model("a", 0.5)))
    assert [axes.get_gid() for axes in figure.axes[:2]] == ["accuracy colour", "error consistency colour"]
    assert np.allclose(line_of(figure, "error consistency rotation a").get_ydata(), 0.3)


def test_entropy_is_drawn_in_bits() -> None:
    drawn = results()
    figure = figure_entropy(drawn.entropies, named(list(drawn.benchmark.models.values())))
    assert np.allclose(line_of(figure, "entropy rotation model-00").get_ydata(), [4.0, 3.7, 3.4, 3.1])
    assert axes_of(figure, "entropy colour").get_ylabel() == "entropy [bits]"
    assert levels(figure, "entropy colour") == [4.0]


def test_the_most_even_of_four_categories_is_two_bits() -> None:
    drawn = results()
    look = named(list(drawn.benchmark.models.values()))
    assert levels(figure_entropy(drawn.entropies, look, categories=4), "entropy colour") == [2.0]
    assert "in bits, of 2, on each set" in describe_entropy(drawn.entropies, categories=4)
    assert "in bits, of 4, on each set" in describe_entropy(drawn.entropies)


def levels(figure: Figure, panel: str) -> list[float]:
    """Heights of the dotted lines across a panel."""
    across = [
        line for line in axes_of(figure, panel).lines if list(line.get_xdata()) == [0, 1] and line.get_zorder() == 1
    ]
    return [float(line.get_ydata()[0]) for line in across]


@pytest.mark.parametrize(
    ("name", "condition", "expected"),
    [
        ("eidolonIII", "128-0-10", "7"),
        ("high-pass", "inf", "∞"),
        ("uniform-noise", "0.35", ".35"),
        ("colour", "bw", "greyscale"),
    ],
)
def test_condition_labels(name: str, condition: str, expected: str) -> None:
    assert condition_label(dataset(name), condition) == expected


# Matrices


def test_cells_carry_their_pair_and_stand_in_the_order_of_the_clusters() -> None:
    given = matrix(("subject-01", "a", "subject-02", "b"))
    figure = consistency_figure(given)
    axes = axes_of(figure, "error consistency edge")
    order = [given.observers[at] for at in cluster_order(given)]
    labels = axes.get_yticklabels()
    assert [text.get_text() for text in labels] == order
    assert {text.get_text() for text in labels if text.get_color() == RED} == {"subject-01", "subject-02"}
    (cells,) = [part for part in axes.collections if part.get_gid() == "cells edge"]
    assert isinstance(cells, PolyCollection)
    said = told(cells)
    assert len(said) == 12  # 16 pairs without the diagonal
    for path, words in zip(cells.get_paths(), said, strict=True):
        column, row = path.vertices[:4].mean(axis=0).round().astype(int)
        one, other = order[row], order[column]
        value = given.values[given.observers.index(one), given.observers.index(other)]
        assert words.startswith(f"{one} and {other} · edge · error consistency {value:.2f} [")
    # People's diamonds stand at their rows.
    rows = np.asarray(points_of(figure, "people rows").get_offsets())[:, 1]
    assert {order[int(row)] for row in rows} == {"subject-01", "subject-02"}


def test_figures_in_cells_have_contrast_and_no_minus_zero() -> None:
    given = matrix(("a", "b", "c", "d"))
    given.values[:] = np.linspace(-0.001, 0.9, 16).reshape(4, 4)
    figure = consistency_figure(given)
    (axes,) = [axes for axes in figure.axes if axes.get_gid() == "error consistency edge"]
    (cells,) = [part for part in axes.collections if part.get_gid() == "cells edge"]

    def luminance(colour: object) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]  # type: ignore[arg-type]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert len(axes.texts) == 12
    assert "-.00" not in [text.get_text() for text in axes.texts]
    for ground, text in zip(cells.get_facecolor(), axes.texts, strict=True):  # type: ignore[arg-type]
        light, dark = sorted((luminance(ground), luminance(text.get_color())), reverse=True)
        # W3C's least contrast of small letters.
        assert (light + 0.05) / (dark + 0.05) > 4.0, text.get_text()


def test_two_observers_without_a_common_image_have_no_cell() -> None:
    given = matrix(("a", "b", "c"))
    given.values[0, 1] = given.values[1, 0] = math.nan
    (cells,) = [part for part in consistency_figure(given).axes[0].collections if part.get_gid() == "cells edge"]
    assert len(told(cells)) == 4
    with pytest.raises(UserError, match="needs two observers or more: there is 1"):
        consistency_figure(matrix(("a",)))


def test_confusions_say_what_was_taken_for_what() -> None:
    counts = np.zeros((16, 17), dtype=int)
    counts[CATEGORIES.index("cat"), ANSWERS.index("dog")] = 1
    counts[CATEGORIES.index("cat"), ANSWERS.index("cat")] = 3
    figure = figure_confusion({"a": ConfusionMatrix("edge", "a", None, counts)})
    axes = axes_of(figure, "confusion a")
    (cells,) = axes.collections
    assert told(cells) == (
        "a · edge · cat answered cat: 0.750 · 3 of 4",
        "a · edge · cat answered dog: 0.250 · 1 of 4",
    )
    assert axes.get_title() == "a  75%"
    assert [text.get_text() for text in axes.texts].count("never shown") == 15


# Boxes, points, gaps


def test_a_box_spans_the_quartiles_and_every_category_is_a_dot() -> None:
    figure = figure_12(whole(model("a", 0.5, 0.2)))
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["humans", "a"]
    # Categories at 0.20, 0.22 … 0.50: quartiles 0.275 and 0.425.
    (box,) = [patch for patch in axes.patches if patch.get_gid() == "box a"]
    assert box.get_x() == pytest.approx(0.275)  # type: ignore[attr-defined]
    assert box.get_width() == pytest.approx(0.15)  # type: ignore[attr-defined]
    dots = points_of(figure, "categories a")
    assert np.allclose(np.asarray(dots.get_offsets())[:, 0], [0.2 + 0.02 * at for at in range(16)])
    assert told(dots)[3] == f"a · {CATEGORIES[3]} · shape bias 0.26"
    assert np.asarray(points_of(figure, "mean humans").get_offsets())[0, 0] == 0.96


def test_the_scatter_shows_each_model_and_says_both_correlations() -> None:
    drawn = results()
    assert drawn.correlation is not None
    figure = figure_correlation(drawn.correlation, named(list(drawn.benchmark.models.values())))
    for name, point in drawn.correlation.points.items():
        assert tuple(np.asarray(points_of(figure, f"point {name}").get_offsets())[0]) == pytest.approx(point)
        # Marks at one place are both to be seen.
        assert points_of(figure, f"point {name}").get_facecolor()[0][3] < 1.0  # type: ignore[index]
    people = points_of(figure, "point humans")
    assert to_hex(people.get_facecolor()[0]) == RED  # type: ignore[index]
    assert told(people)[0].endswith("not counted in the correlation")
    assert [text.get_text() for text in figure.texts] == [
        "Pearson r(2) = 0.59 [0.49, 0.69], p < 0.001",
        "Spearman r(2) = 0.64 [0.54, 0.74], p = 0.020",
    ]


def test_significant_gaps_are_full_marks_and_the_others_empty() -> None:
    figure = figure_gaps([gap("a", "edge", -0.2), gap("a", "sketch", 0.01, p=0.4), gap("b", "edge", 0.3)])
    # The highest mean difference first.
    assert [axes.get_gid() for axes in figure.axes] == ["gap b", "gap a"]
    marks = points_of(figure, "gap a")
    assert np.asarray(marks.get_offsets())[:, 0].tolist() == [-0.2, 0.01]
    full = [to_hex(colour) != "#ffffff" for colour in marks.get_facecolor()]  # type: ignore[union-attr]
    assert full == [True, False]
    assert told(marks)[1] == (
        "a − people · sketch · accuracy 0.01 [-0.01, 0.03] · corrected p = 0.400 · not significant · n = 100"
    )
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    places = np.asarray(marks.get_offsets())[:, 1].astype(int)
    assert [labels[at] for at in places] == ["edge", "sketch"]
    with pytest.raises(UserError, match="no model was compared with people"):
        figure_gaps([])


def test_figure_13_finds_the_same_network_with_noise() -> None:
    benchmark = whole(model("resnet", 0.5), model("resnet-noise", 0.5), model("other", 0.5), model("noisy", 0.5))
    legends = figure_1(benchmark, ["resnet", "resnet-noise"]).legends[0].get_texts()
    maker = FIGURES["figure-13"]
    assert maker.missing(Results(benchmark)) == ""
    drawn = maker.draw(Results(benchmark)).legends[0].get_texts()
    assert [text.get_text() for text in drawn] == [text.get_text() for text in legends]
    assert "named so" in maker.missing(Results(whole(model("noisy", 0.5))))
    with pytest.raises(UserError, match="name two or more"):
        figure_13(benchmark, ["resnet"])


# All of them


def test_many_models_have_no_look_of_their_own() -> None:
    models = [model(f"m{index:02d}", 0.01 * index, 0.6 - 0.01 * index) for index in range(60)]
    models[0] = replace(models[0], model_type="zero-shot", shape_bias=est(0.0))
    look = named(models)
    own = {name for name, style in look.items() if style is not OTHERS}
    # The zero-shot model although it is the worst; then by turns the five best, and the five most shape-biased.
    assert own == {"m00", *(f"m{index}" for index in (55, 56, 57, 58, 59)), *(f"m0{index}" for index in range(1, 6))}
    assert len(own) == MOST_STYLES
    assert PEOPLE_STYLE not in look.values()


def test_every_figure_of_the_register_can_be_drawn_and_told_with_any_names() -> None:
    drawn = results(1, f"$x_{HOSTILE}")
    for name, maker in FIGURES.items():
        assert maker.name == name
        assert maker.missing(drawn) == ""
        assert maker.describe(drawn).endswith(".")
        if not maker.detail:
            maker.draw(drawn).draw_without_rendering()
    FIGURES["confusion-edge"].draw(drawn).draw_without_rendering()
    assert list(FIGURES)[:4] == ["figure-1", "figure-3", "figure-4", "figure-5"]
    assert sum(maker.detail for maker in FIGURES.values()) == 17


def test_what_cannot_be_drawn_says_why() -> None:
    nobody = Results(bench(observer("a", {})))
    for name, maker in FIGURES.items():
        assert maker.missing(nobody), name
    assert FIGURES["figure-4"].missing(nobody) == "there are no trials of people on these images"
    assert FIGURES["figure-16-edge"].missing(nobody) == "fewer than two observers are compared on edge"


@pytest.mark.parametrize(
    ("name", "count", "prefix"),
    [
        ("figure-3", 2, LONG),
        ("figure-3", 30, "model"),
        ("figure-9", 2, "m"),
        ("figure-5", 2, LONG),
        ("figure-12", 2, LONG),
        ("figure-16-edge", 2, LONG),
        ("figure-16-edge", 60, "model"),
        ("low-pass-shape-bias", 2, LONG),
        ("low-pass-shape-bias", 30, "model"),
        ("gap-to-people", 4, LONG),
        ("confusion-edge", 2, LONG),
    ],
)
def test_words_stay_on_the_figure_and_apart(name: str, count: int, prefix: str) -> None:
    figure = FIGURES[name].draw(results(count, prefix))
    figure.draw_without_rendering()
    words = _words(figure)
    assert len(words) > 5
    assert min(text.get_fontsize() for text in words) >= 6.0
    boxes = [(text.get_text(), text.get_window_extent()) for text in words]
    for text, box in boxes:
        assert min(box.x0, box.y0) >= -1, text
        assert box.x1 <= figure.bbox.width + 1, text
        assert box.y1 <= figure.bbox.height + 1, text
    for (one, box), (other, another) in combinations(boxes, 2):
        # Some slack: boxes hold the line's height, which letters do not fill.
        across = min(box.x1, another.x1) - max(box.x0, another.x0)
        down = min(box.y1, another.y1) - max(box.y0, another.y0)
        assert across <= 2 or down <= 3, f"{one!r} on {other!r}"


def _words(figure: Figure) -> list[Text]:
    """Find every text that is drawn; labels of ticks beyond the ends of an axis exist, but are not."""
    hidden = set()
    for axes in figure.axes:
        for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            slack = 1e-9 * abs(ends[1] - ends[0])
            for tick in (*axis.majorTicks, *axis.minorTicks):
                if not min(ends) - slack <= tick.get_loc() <= max(ends) + slack:
                    hidden |= {id(tick.label1), id(tick.label2)}
    found = (text for text in figure.findobj(Text) if isinstance(text, Text))
    return [text for text in found if text.get_visible() and text.get_text().strip() and id(text) not in hidden]
