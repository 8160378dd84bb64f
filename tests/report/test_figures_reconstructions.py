"""The grid of reconstructions, tested by its tiles, words and files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.metrics.ability import Ability
from reconstrue.report.figures import save_figure
from reconstrue.report.figures.reconstructions import (
    ReconstructionGrid,
    ReconstructionRow,
    describe_ability,
    figure_7,
    figure_8,
)
from reconstrue.stimuli.categories import CATEGORIES

from .conftest import HOSTILE, est

PIXELS = np.linspace(0, 1, 8 * 8 * 3).reshape(8, 8, 3)
FOUND = Ability(16, est(-0.1, 0.05, 48), est(0.6, 0.1, 48), est(0.125, 0.1, 48), est(0.2, 0.1, 48))


def row(k: int, name: str = "cat.png", level: str = "t = 0.3", **changes: object) -> ReconstructionRow:
    distances = np.array([abs(3.0 - index) for index in range(k)])
    plain = ReconstructionRow(name, level, PIXELS, 1 - PIXELS, np.stack([PIXELS * i / k for i in range(k)]), distances)
    return replace(plain, **changes)  # type: ignore[arg-type]


def grid(prompts: tuple[str, ...], *rows: ReconstructionRow, **changes: object) -> ReconstructionGrid:
    plain = ReconstructionGrid("pocket-pixel", prompts, rows or (row(len(prompts)),), "noised", "one step", "‖x − x̂‖²")
    return replace(plain, **changes)  # type: ignore[arg-type]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def names(figure: Figure) -> list[str]:
    return [str(axes.get_gid()) for axes in figure.axes]


def framed(figure: Figure) -> dict[str, str]:
    return {str(p.get_gid()): str(axes.get_gid()) for axes in figure.axes for p in axes.patches if p.get_gid()}


def test_rows_are_levels_and_columns_are_prompts() -> None:
    figure = figure_7(
        grid(("a duck", "a rabbit"), row(2), row(2, level="t = 0.9", distances=np.array([1.0, 5.0]))),
    )
    # The picture stands once, in its first row.
    assert names(figure) == [
        "picture 0", "given 0", "reconstruction 0 a duck", "reconstruction 0 a rabbit",
        "given 1", "reconstruction 1 a duck", "reconstruction 1 a rabbit",
    ]  # fmt: skip
    # Distances 3 and 2, and 1 and 5: spreads of 1 and 4, so two decimals; the lowest is marked, and nothing else is blue.
    said = texts(figure)
    assert {"▾ 2.00", "3.00", "▾ 1.00", "5.00", "t = 0.3", "t = 0.9", "cat.png", "picture", "noised"} <= set(said)
    assert framed(figure) == {"nearest 0": "reconstruction 0 a rabbit", "nearest 1": "reconstruction 1 a duck"}
    shown = {
        name: np.asarray(axes.images[0].get_array()) for name, axes in zip(names(figure), figure.axes, strict=True)
    }
    np.testing.assert_allclose(shown["given 0"], 1 - PIXELS)
    np.testing.assert_allclose(shown["reconstruction 1 a rabbit"], PIXELS / 2)


def test_rows_of_other_pictures_show_them() -> None:
    figure = figure_7(grid(("a", "b"), row(2), row(2, name="dog.png")))
    assert [name for name in names(figure) if name.startswith("picture")] == ["picture 0", "picture 1"]


def test_without_a_picture_there_is_no_distance_and_no_nearest() -> None:
    drawn = row(2, name="", level="t = 1", picture=None, distances=np.full(2, np.nan))
    figure = figure_7(grid(("a rotated dog", "a dog"), drawn, given="noise"))
    assert names(figure) == ["given 0", "reconstruction 0 a rotated dog", "reconstruction 0 a dog"]
    assert texts(figure).count("–") == 2
    assert framed(figure) == {}
    assert not any("Below each" in text for text in texts(figure))
    with pytest.raises(ValueError, match="at least one prompt|needs a row and a prompt"):
        grid((), drawn)


def test_many_prompts_are_headed_by_what_is_their_own() -> None:
    figure = figure_7(grid(tuple(f"A bad photo of a {name}." for name in CATEGORIES)))
    said = texts(figure)
    assert set(CATEGORIES) <= set(said)
    assert any("told “A bad photo of a […].”" in text for text in said)
    assert framed(figure) == {"nearest 0": "reconstruction 0 A bad photo of a bird."}
    # Two lines of eight: the sixteenth stands under the eighth.
    boxes = {name: axes.get_position() for name, axes in zip(names(figure), figure.axes, strict=True)}
    eighth, last = (boxes[f"reconstruction 0 A bad photo of a {name}."] for name in ("cat", "truck"))
    assert eighth.x0 == pytest.approx(last.x0)
    assert eighth.y0 > last.y1
    assert boxes["picture 0"].y0 > boxes["given 0"].y1


@pytest.mark.parametrize("count", [1, 2, 6, 7, 9, 16, 20])
@pytest.mark.parametrize("long", [False, True])
def test_everything_is_on_the_figure_and_nothing_overlaps(count: int, long: bool) -> None:
    prompts = tuple(
        f"{'an extraordinarily long wording of a prompt that goes on, ' * long}{index}: a cat" for index in range(count)
    )
    rows = (row(count, name="a-picture-with-a-very-long-name-indeed.png"), row(count, level="t = 0.999"))
    figure = figure_7(grid(prompts, *rows, notes=("Decision over 100 draws: " + prompts[-1] + " (posterior 97%).",)))
    assert figure.get_size_inches()[0] <= 7.2 + 1e-6
    figure.canvas.draw()
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width, text.get_text()
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.height
        assert float(text.get_fontsize()) >= 6
    boxes = [axes.get_window_extent() for axes in figure.axes]
    words = [text.get_window_extent() for text in figure.texts]
    everything = boxes + words
    for index, one in enumerate(everything):
        for other in everything[index + 1 :]:
            # Half a pixel of touching is none.
            assert not one.padded(-0.5).overlaps(other.padded(-0.5))


@pytest.mark.parametrize("name", [HOSTILE, "模型", "$x_1$", "a" * 300])
def test_any_name_and_prompt_can_be_drawn_and_kept(name: str, tmp_path: Path) -> None:
    figure = figure_7(grid((name, "a"), row(2, name=name), observer=name))
    about = json.dumps({"prompts": [name]})
    save_figure(figure, tmp_path / "f.svg", about=about)
    assert "<script" not in (tmp_path / "f.svg").read_text()
    save_figure(figure, tmp_path / "f.png", about=about)
    with Image.open(tmp_path / "f.png") as picture:
        assert json.loads(picture.info["Description"]) == {"prompts": [name]}


def test_the_settings_are_in_the_file(tmp_path: Path) -> None:
    about = json.dumps({"model": "pocket-pixel", "prompts": ["a 鴨", "a <rabbit> & co"], "seed": 3}, ensure_ascii=False)
    for kind in ("png", "svg", "pdf"):
        for name in ("one", "two"):
            save_figure(figure_7(grid(("a", "b"))), tmp_path / f"{name}.{kind}", about=about)
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.info["Description"] == about
    found = re.search(r"<dc:description>(.*?)</dc:description>", (tmp_path / "one.svg").read_text(), re.DOTALL)
    assert found is not None
    assert found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == about
    assert b"/Subject" in (tmp_path / "one.pdf").read_bytes()
    with pytest.raises(UserError, match=r"written as \.svg, \.png or \.pdf"):
        save_figure(figure_7(grid(("a",))), tmp_path / "f.bmp", about=about)


def test_figure_8_says_what_distance_goes_by() -> None:
    figure = figure_8(grid(tuple(f"a {name}" for name in CATEGORIES), given="masked"), FOUND)
    said = " ".join(texts(figure))
    for part in ("Over 48 pictures and 16 prompts", "right in 12% [2, 22]", "(chance 6%)", "-0.10 [-0.15, -0.05]", "0.60 [0.50, 0.70]"):  # fmt: skip
        assert part in said
    # −√(3 / 17)
    assert "-0.42 if the right one were always nearest" in describe_ability(FOUND)


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match=r"given has shape \(8, 8\)"):
        row(2, given=np.zeros((8, 8)))
    with pytest.raises(ValueError, match=r"distances of shape \(3,\) do not fit"):
        row(2, distances=np.zeros(3))
    with pytest.raises(ValueError, match="2 prompts, but a row of 3 reconstructions"):
        grid(("a", "b"), row(3))
