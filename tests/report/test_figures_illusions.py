"""The figure of illusions: every row with its outlines and its number, letters that can be read, shapes that fit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex

from reconstrue.report.figures.files import svg_text
from reconstrue.report.figures.illusions import FIRST, SECOND, IllusionRow, figure_illusions


def row(localisation: float = 0.625, *, empty: bool = False) -> IllusionRow:
    first = np.zeros((16, 16), dtype=bool)
    first[2:6, 2:6] = not empty
    change = np.zeros((16, 16))
    change[3, 3], change[10, 12] = 0.4, -0.2
    return IllusionRow(
        kind="bistable",
        readings=("bird", "boat"),
        picture=np.full((16, 16, 3), 0.5),
        masks=(first, first.T[::-1] & ~first),
        drawn=np.stack([np.full((16, 16, 3), v) for v in (0.2, 1.4)]),
        change=change,
        localisation=localisation,
    )


def test_every_row_has_five_pictures_two_outlines_and_its_number() -> None:
    figure = figure_illusions([row(), row(math.nan)], "my_model $5$", "t = 0.7")
    assert [axes.get_gid() for axes in figure.axes][:5] == [
        "picture 0",
        "parts 0",
        "first 0",
        "second 0",
        "difference 0",
    ]
    for axes in (figure.axes[1], figure.axes[4]):
        assert [to_hex(c.get_edgecolor()[0]) for c in axes.collections] == [FIRST, SECOND]
    words = [text.get_text() for text in figure.texts]
    assert "0.62" in words and "–" in words and words.count("bird") == 2
    assert min(text.get_fontsize() for text in figure.texts) >= 6
    assert svg_text(figure, "illusions").startswith("<svg")


def test_the_colours_of_the_difference_are_those_of_the_readings() -> None:
    figure = figure_illusions([row()], "m", "t")
    image = figure.axes[4].images[0]
    shades = image.to_rgba(np.array([[1.0, 0.0, -1.0]]))[0]
    assert [to_hex(shade) for shade in shades] == [FIRST, "#ffffff", SECOND]


def test_all_letters_lie_inside_of_the_figure() -> None:
    figure = figure_illusions([row()], "a-model-with-a-rather-long-name-of-forty-letters", "hidden share = 0.5")
    width, height = figure.get_size_inches() * figure.dpi
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text.get_text()


def test_a_mask_without_a_pixel_has_no_outline() -> None:
    figure = figure_illusions([row(empty=True)], "m", "t")
    assert len(figure.axes[1].collections) == 0


@pytest.mark.parametrize(("field", "shape"), [("picture", (16, 16)), ("drawn", (3, 16, 16, 3)), ("change", (8, 8))])
def test_shapes_that_do_not_fit_are_refused(field: str, shape: tuple[int, ...]) -> None:
    given = {**row().__dict__, field: np.zeros(shape)}
    with pytest.raises(ValueError, match=field):
        IllusionRow(**given)
    with pytest.raises(ValueError, match="no illusion"):
        figure_illusions([], "m", "t")
