"""Figures, tested by their data: where the marks stand, what is highlighted, what is in the file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark
from reconstrue.report import figures
from reconstrue.report.figures import DecisionStrip, figure_1, figure_2, fonts, save_figure, svg_text
from reconstrue.report.icons import CHOSEN, icon, icon_sketch
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.shapes import drawings

from .conftest import HOSTILE, bench, est, everything, observer

CAT, TRUCK = CATEGORIES.index("cat"), CATEGORIES.index("truck")


def marks(figure: Figure, name: str) -> PathCollection:
    (found,) = [part for part in figure.findobj(PathCollection) if part.get_gid() == f"marks {name}"]
    assert isinstance(found, PathCollection)
    return found


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def strip(**changes: object) -> DecisionStrip:
    labels = CATEGORIES
    pixels = np.linspace(0, 1, 8 * 8 * 3).reshape(8, 8, 3)
    plain = DecisionStrip(
        observer="pocket-pixel",
        picture=pixels,
        noised=1 - pixels,
        labels=labels,
        reconstructions=np.stack([pixels * index / 16 for index in range(16)]),
        distances=np.array([20.0 - index if index < 10 else 15.0 + index for index in range(16)]),
        decision=labels[9],
        t=0.5,
        category="dog",
        texture=labels[9],
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def frames(figure: Figure) -> dict[str, str]:
    """Which tile carries which frame."""
    return {
        str(patch.get_gid()): str(axes.get_gid()) for axes in figure.axes for patch in axes.patches if patch.get_gid()
    }


# Figure 1


def test_marks_stand_at_the_shape_bias_of_their_category(paper: Benchmark) -> None:
    figure = figure_1(paper)
    places = np.asarray(marks(figure, "humans").get_offsets())
    assert places[:, 0].tolist() == [0.9, 1.0]
    assert np.abs(places[:, 1] - [CAT, TRUCK]).max() <= 0.3
    # Without any shape or texture decision on trucks there is no mark, rather than one at 0.
    assert np.asarray(marks(figure, "beta").get_offsets())[:, 0].tolist() == [0.25]
    assert legend(figure) == [
        "humans  96% [95, 97], 2 of 16 categories",
        "alpha  60% [55, 65], 0 of 16 categories",
        "beta  20% [15, 25], 1 of 16 categories",
    ]


def test_shape_is_at_the_left_and_categories_run_down(paper: Benchmark) -> None:
    axes = figure_1(paper).axes[0]
    left, right = axes.get_xlim()
    assert left > 1 > 0 > right
    bottom, top = axes.get_ylim()
    assert bottom > 15 > 0 > top
    assert [label.get_text() for label in axes.get_yticklabels()] == list(CATEGORIES)
    # At the place of shape bias 1 the lower axis, of texture decisions, reads 0.
    ticks = dict(zip(axes.get_xticks(), [label.get_text() for label in axes.get_xticklabels()], strict=True))
    assert ticks[1.0] == "0"
    assert ticks[0.0] == "1"


def test_a_line_stands_at_the_shape_bias_over_all_images(paper: Benchmark) -> None:
    lines = {line.get_gid(): line for line in figure_1(paper).findobj(Line2D) if line.get_gid()}
    assert set(lines) == {"mean humans", "mean alpha", "mean beta"}
    assert lines["mean beta"].get_xdata() == [0.2, 0.2]
    assert lines["mean humans"].get_xdata() == [0.96, 0.96]


def test_people_are_red_diamonds_and_nobody_else_is(paper: Benchmark) -> None:
    figure = figure_1(paper)
    assert to_hex(marks(figure, "humans").get_facecolor()[0]) == figures.RED
    assert figures.PEOPLE_STYLE.mark == "D"
    others = figures.styles([f"model-{index}" for index in range(60)])
    assert not any(style.mark == "D" or style.colour == figures.RED for style in others.values())
    assert len({(style.colour, style.mark) for style in others.values()}) == 60


def test_equal_marks_of_a_row_do_not_hide_each_other() -> None:
    models = [observer(name, {}, shape_bias=est(0.5), shape_bias_by_category={"cat": est(0.5)}) for name in "abc"]
    figure = figure_1(bench(*models))
    heights = [float(np.asarray(marks(figure, name).get_offsets())[0, 1]) for name in "abc"]
    assert len(set(heights)) == 3
    assert heights[1] == CAT


def test_models_can_be_chosen_and_must_exist(paper: Benchmark) -> None:
    assert [text.split()[0] for text in legend(figure_1(paper, ["beta"]))] == ["humans", "beta"]
    with pytest.raises(UserError, match="model 'betta' is not in the benchmark; it has alpha, beta, gamma, piece"):
        figure_1(paper, ["betta"])


def test_without_any_shape_bias_there_is_no_figure(pocket: Benchmark) -> None:
    with pytest.raises(UserError, match="needs answers to cue-conflict images"):
        figure_1(pocket)


def test_the_words_of_figure_1(paper: Benchmark) -> None:
    assert figures.describe_figure_1(paper) == (
        "Shape bias of each observer over all conflict images: "
        "humans 96% [95, 97], alpha 60% [55, 65], beta 20% [15, 25]."
    )


# Figure 2


def test_a_strip_shows_both_pictures_and_every_class_with_its_distance() -> None:
    figure = figure_2(strip())
    tiles = [str(axes.get_gid()) for axes in figure.axes]
    assert tiles == ["picture", "noised", *(f"reconstruction {name}" for name in CATEGORIES)]
    assert all(len(axes.images) == 1 for axes in figure.axes)
    assert np.allclose(np.asarray(figure.axes[5].images[0].get_array()), strip().reconstructions[3])
    said = texts(figure)
    # Distances from 11 to 30: a spread of 19, so one decimal.
    assert "▾ 11.0" in said
    assert "20.0" in said
    assert "2  noised, t = 0.5" in said


def test_the_lowest_distance_is_framed_and_the_decision_said() -> None:
    figure = figure_2(strip())
    assert frames(figure) == {"lowest": f"reconstruction {CATEGORIES[9]}"}
    assert any(text.startswith("4  decision: clock (texture)") for text in texts(figure))


def test_a_decision_that_is_not_the_lowest_of_this_draw_is_framed_apart() -> None:
    figure = figure_2(strip(decision="dog", note="24 draws"))
    assert frames(figure) == {"lowest": "reconstruction clock", "decision": "reconstruction dog"}
    (said,) = [text for text in texts(figure) if text.startswith("4")]
    assert said == (
        "4  decision: dog (shape)  ·  shape dog, texture clock  ·  nearest in this draw: clock  ·  24 draws"
    )


@pytest.mark.parametrize("count", [1, 2, 6, 7, 15, 16, 30])
def test_tiles_stay_inside_and_do_not_overlap(count: int) -> None:
    labels = tuple(f"class {index}" for index in range(count))
    figure = figure_2(
        strip(
            labels=labels,
            reconstructions=np.zeros((count, 8, 8, 3)),
            distances=np.arange(float(count)),
            decision=labels[-1],
            note="a decision over 24 stratified draws of noise that all classes share",
        )
    )
    figure.canvas.draw()
    for text in figure.texts:
        assert text.get_window_extent().x1 <= figure.bbox.width, text.get_text()
        assert text.get_window_extent().y0 >= 0
    boxes = [axes.get_position() for axes in figure.axes]
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 for box in boxes)
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert not one.overlaps(other)


@pytest.mark.parametrize(
    ("response", "category", "texture", "expected"),
    [
        ("dog", "dog", "clock", "shape"),
        ("clock", "dog", "clock", "texture"),
        ("car", "dog", "clock", "neither"),
        ("dog", "dog", "dog", "right"),
        ("car", "dog", "", "wrong"),
        ("car", "", "", ""),
    ],
)
def test_verdicts(response: str, category: str, texture: str, expected: str) -> None:
    assert figures.verdict(response, category, texture) == expected


def test_a_strip_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match=r"noised has shape \(8, 8\), not"):
        strip(noised=np.zeros((8, 8)))
    with pytest.raises(ValueError, match=r"16 labels, but distances have shape \(15,\)"):
        strip(distances=np.zeros(15))
    with pytest.raises(ValueError, match="16 labels, but reconstructions have shape"):
        strip(reconstructions=np.zeros((15, 8, 8, 3)))
    with pytest.raises(ValueError, match="decision 'duck' is not one of the labels"):
        strip(decision="duck")
    with pytest.raises(ValueError, match="no distance"):
        strip(distances=np.full(16, np.nan))


def test_large_pictures_are_brought_down() -> None:
    figure = figure_2(strip(picture=np.full((1024, 1024, 3), 0.5)))
    shown = np.asarray(figure.axes[0].images[0].get_array())
    assert shown.shape == (256, 256, 3)
    assert np.allclose(shown, 0.5)


# Files


def test_the_same_figure_gives_the_same_bytes(paper: Benchmark, tmp_path: Path) -> None:
    for kind in figures.FORMATS:
        for name in ("one", "two"):
            save_figure(figure_1(paper), tmp_path / kind / f"{name}.{kind}")
        one, two = ((tmp_path / kind / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
        assert one == two
        assert sorted(path.name for path in (tmp_path / kind).iterdir()) == [f"one.{kind}", f"two.{kind}"]
    with Image.open(tmp_path / "png" / "one.png") as picture:
        assert picture.width > 1000
    # 42 is TrueType: letters stay letters, and the journal's checks pass.
    assert b"/CIDFontType2" in (tmp_path / "pdf" / "one.pdf").read_bytes()


def test_another_suffix_is_refused(paper: Benchmark, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"written as \.svg, \.png or \.pdf, not \.tiff"):
        save_figure(figure_1(paper), tmp_path / "f.tiff")
    assert not list(tmp_path.iterdir())


def test_figures_change_no_settings(paper: Benchmark, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    save_figure(figure_1(paper), tmp_path / "f.svg")
    svg_text(figure_2(strip()), "x")
    assert dict(mpl.rcParams) == before


def test_two_figures_of_a_page_share_no_ids(paper: Benchmark) -> None:
    one, two = svg_text(figure_1(paper), "one"), svg_text(figure_1(paper), "two")
    ids = [re.findall(r'\bid="([^"]*)"', text) for text in (one, two)]
    assert all(name.startswith("one-") for name in ids[0])
    assert not set(ids[0]) & set(ids[1])
    targets = set(re.findall(r'href="#([^"]*)"', one)) | set(re.findall(r"url\(#([^)]*)\)", one))
    assert targets
    assert targets <= set(ids[0])
    assert one.startswith("<svg")
    assert "<metadata" not in one
    assert "<!--" not in one
    with pytest.raises(ValueError, match="cannot begin the ids"):
        svg_text(figure_1(paper), 'x" onload="')


@pytest.mark.parametrize("name", [HOSTILE, "模型", "$x_1$", "a" * 200])
def test_any_name_can_be_drawn(name: str) -> None:
    model = observer(name, {}, shape_bias=est(0.5), shape_bias_by_category={"cat": est(0.5)})
    text = svg_text(figure_1(bench(model)), "one")
    assert "<script" not in text
    assert svg_text(figure_2(strip(observer=name, note=name)), "two").endswith("</svg>\n")


# Icons


def test_every_category_has_a_chosen_drawing_as_icon() -> None:
    assert set(CHOSEN) == set(CATEGORIES)
    for name in CATEGORIES:
        assert CHOSEN[name] in {drawing.__name__ for drawing in drawings(name)}
        bounds = icon_sketch(name).outline_bounds()
        assert min(bounds) >= -1e-9
        assert max(bounds) <= 1 + 1e-9
        assert len(icon(name, 18.0).get_children()) > 3


def test_a_name_takes_letters_from_other_installed_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sign is in a font that comes with matplotlib, but not in the one that it writes with."""
    figure = figures.figure_3(bench(observer("model-⍼", everything(), ood_accuracy=est(0.5, 0.1))))
    families = [text.get_fontfamily() for text in figure.findobj(Text)]
    monkeypatch.setattr(fonts, "OTHERS", ("A Font That Is Nowhere",))
    assert figures.unwritable(figure) == {"⍼"}
    assert "STIX" not in svg_text(figure, "without")
    monkeypatch.setattr(fonts, "OTHERS", ("A Font That Is Nowhere", "STIXGeneral"))
    assert figures.unwritable(figure) == set()
    assert "STIXGeneral" in svg_text(figure, "with")
    for kind in ("pdf", "png"):
        save_figure(figure, tmp_path / f"figure.{kind}")
    assert [text.get_fontfamily() for text in figure.findobj(Text)] == families


def test_an_unknown_icon_is_refused() -> None:
    with pytest.raises(KeyError, match="duck"):
        icon("duck", 18.0)


@pytest.mark.parametrize("name", ["b", "a-model-with-a-very-long-name-indeed-and-more"])
def test_marks_and_words_stay_on_the_figure(name: str) -> None:
    models = [
        observer(name + str(index), {}, shape_bias=est(0.5, 0.1), shape_bias_by_category={"cat": est(0.0)})
        for index in range(3)
    ]
    figure = figure_1(bench(*models))
    figure.canvas.draw()
    boxes = [figure.axes[0].get_tightbbox(), figure.legends[0].get_tightbbox()]
    for box in boxes:
        assert box is not None
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height
    assert not boxes[0].overlaps(boxes[1])  # type: ignore[union-attr, arg-type]
