"""What marks say when pointed at: the titles in an SVG, paired with the data they belong to."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from reconstrue.metrics import Benchmark
from reconstrue.report.figures import figure_1, save_figure, svg_text, tell, told
from reconstrue.report.figures.style import new_figure, place

from .conftest import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def titles(figure: Figure, gid: str) -> list[tuple[str, float, float]]:
    """Read (text, x, y) of every mark of a group back from the file; y grows downwards."""
    root = ET.fromstring(svg_text(figure, "f"))  # noqa: S314 - a file of our own
    (group,) = [item for item in root.iter(f"{SVG}g") if item.get("id") == f"f-{gid}"]
    return list(_marks(group))


def _marks(group: ET.Element) -> Iterator[tuple[str, float, float]]:
    for mark in group.iter():
        title = mark.find(f"{SVG}title")
        if title is None:
            continue
        if mark.tag == f"{SVG}use":
            yield str(title.text), float(mark.get("x", "0")), float(mark.get("y", "0"))
        else:
            first = str(mark.get("d")).split()
            yield str(title.text), float(first[1]), float(first[2])


def plain() -> tuple[Figure, Axes]:
    figure = new_figure(2.0, 2.0)
    axes = place(figure, 0.3, 0.3, 1.4, 1.4)
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 10)
    return figure, axes


def test_every_point_of_a_scatter_carries_its_own_words() -> None:
    figure, axes = plain()
    # Not in the order of the axis: the words follow the data, not the place.
    marks = axes.scatter([7, 1, 4], [2, 9, 5])
    marks.set_gid("points")
    tell(marks, ["seven", "one", "four"])
    found = titles(figure, "points")
    assert [text for text, _, _ in found] == ["seven", "one", "four"]
    by_x = sorted(found, key=lambda item: item[1])
    assert [text for text, _, _ in by_x] == ["one", "four", "seven"]
    by_height = sorted(found, key=lambda item: -item[2])
    assert [text for text, _, _ in by_height] == ["seven", "four", "one"]


def test_points_of_several_sizes_and_colours_do_too() -> None:
    figure, axes = plain()
    marks = axes.scatter([7, 1], [2, 9], s=[10, 40], c=["red", "blue"])
    marks.set_gid("points")
    tell(marks, ["seven", "one"])
    assert [text for text, _, _ in sorted(titles(figure, "points"), key=lambda item: item[1])] == ["one", "seven"]


def test_the_marks_of_a_line_carry_words_and_its_stroke_none() -> None:
    figure, axes = plain()
    (line,) = axes.plot([1, 5, 9], [1, 2, 3], marker="o")
    line.set_gid("line")
    tell(line, ["a", "b", "c"])
    assert [text for text, _, _ in titles(figure, "line")] == ["a", "b", "c"]
    assert svg_text(figure, "f").count("<title>") == 3


def test_bars_and_cells_carry_words() -> None:
    figure, axes = plain()
    for at, bar in enumerate(axes.barh([1, 2], [3, 4])):
        tell(bar, [f"bar {at}"])
        bar.set_gid(f"bar-{at}")
    squares = [[(x, 5), (x + 1, 5), (x + 1, 6), (x, 6)] for x in (3, 1)]
    cells = PolyCollection(squares, facecolors=["red", "blue"])
    cells.set_gid("cells")
    tell(cells, ["right cell", "left cell"])
    axes.add_collection(cells)
    assert [text for text, _, _ in titles(figure, "bar-1")] == ["bar 1"]
    found = sorted(titles(figure, "cells"), key=lambda item: item[1])
    assert [text for text, _, _ in found] == ["left cell", "right cell"]


def test_words_that_cannot_be_paired_are_refused() -> None:
    figure, axes = plain()
    marks = axes.scatter([1, float("nan"), 3], [1, 2, 3])
    marks.set_gid("points")
    tell(marks, ["a", "b", "c"])
    with pytest.raises(ValueError, match="points: 3 texts for 2 marks"):
        svg_text(figure, "f")


def test_words_are_one_line_each_and_escaped(tmp_path: Path) -> None:
    figure, axes = plain()
    marks = axes.scatter([1, 2], [1, 2])
    marks.set_gid('a "b" <c>')
    tell(marks, [HOSTILE, "two\nlines"])
    assert told(marks) == (" ".join(HOSTILE.split()), "two lines")
    text = svg_text(figure, "f")
    assert "<script" not in text
    save_figure(figure, tmp_path / "f.svg")
    root = ET.parse(tmp_path / "f.svg").getroot()  # noqa: S314 - a file of our own
    read = [str(item.text) for item in root.iter(f"{SVG}title")]
    assert read == [HOSTILE, "two lines"]


def test_drawing_leaves_the_figure_as_it_was(paper: Benchmark) -> None:
    figure = figure_1(paper)
    before = [artist.get_gid() for artist in figure.findobj()]
    assert svg_text(figure, "f") == svg_text(figure, "f")
    assert [artist.get_gid() for artist in figure.findobj()] == before
    assert 'id="told' not in svg_text(figure, "f")


def test_figure_1_says_who_where_and_how_much(paper: Benchmark) -> None:
    figure = figure_1(paper)
    assert [text for text, _, _ in titles(figure, "marks-beta")] == ["beta · cat · shape bias 25% · n = 100"]
    humans = titles(figure, "marks-humans")
    assert [text.split(" · ")[1] for text, _, _ in humans] == ["cat", "truck"]
    # Shape is at the left: trucks, at 1, stand left of cats, at 0.9, and below them.
    assert humans[1][1] < humans[0][1]
    assert humans[1][2] > humans[0][2]
    assert [text for text, _, _ in titles(figure, "mean-alpha")] == [
        "alpha · shape bias over all decisions 60% [55, 65] · n = 100"
    ]
