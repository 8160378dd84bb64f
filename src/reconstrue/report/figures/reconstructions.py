"""What a model draws of a picture under each prompt, and how far off it is: Figures 7 and 8."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reconstrue.metrics.ability import Ability
from reconstrue.report.figures.style import CHOSEN, INK, interval, new_figure, percent, short
from reconstrue.report.figures.tiles import LETTER, digits, distance_text, frame, in_lines, tile, words

# Up to so many prompts stand beside picture and input; more are set in lines of eight.
_BESIDE = 6
_IN_LINE = 8
_LARGEST = 1.25
_LEFT, _GAP, _WIDE = 0.08, 0.08, 0.24
# A prompt's lines at most; what is longer is cut.
_TITLE_LINES = 4
# The narrowest figure in inches, so that the words below have room.
_NARROWEST = 3.3


@dataclass(frozen=True)
class ReconstructionRow:
    """One picture at one level of noise, drawn again under each prompt.

    Attributes:
        name: of the picture, '' where there is none.
        level: how much of it was taken away, e.g. ``t = 0.3``.
        picture: (H, W, 3) in [0, 1], as the model sees it; None where there is none, in plain generation.
        given: what the network was given: the noised or masked picture, or noise alone, (H, W, 3) in [0, 1].
        reconstructions: (k, H, W, 3) in [0, 1], one per prompt.
        distances: (k,) from each to the picture, lower is nearer; NaN where there is no picture.

    Raises ValueError where the shapes do not fit together.
    """

    name: str
    level: str
    picture: NDArray[np.floating] | None
    given: NDArray[np.floating]
    reconstructions: NDArray[np.floating]
    distances: NDArray[np.floating]

    def __post_init__(self) -> None:
        for what, pixels in (("picture", self.picture), ("given", self.given)):
            if pixels is not None and (pixels.ndim != 3 or pixels.shape[2] != 3):
                raise ValueError(f"{what} has shape {pixels.shape}, not (height, width, 3)")
        if self.reconstructions.ndim != 4 or self.distances.shape != self.reconstructions.shape[:1]:
            raise ValueError(
                f"reconstructions of shape {self.reconstructions.shape} and distances of shape "
                f"{self.distances.shape} do not fit"
            )

    @property
    def nearest(self) -> int | None:
        """The number of the nearest reconstruction, the first of those that tie; None where no distance is defined."""
        return None if bool(np.isnan(self.distances).all()) else int(np.nanargmin(self.distances))


@dataclass(frozen=True)
class ReconstructionGrid:
    """Reconstructions of pictures, or at several levels of noise, under the same prompts.

    Attributes:
        observer: the model's name.
        prompts: what it was told, k of them.
        rows: one for each picture and level.
        given: what the input is called: ``noised``, ``masked`` or ``noise``.
        how: how it was drawn, e.g. ``one step, seed 0``.
        distance: what the distance is, e.g. ``‖x − x̂‖², summed over pixels in [0, 1]``.
        notes: further lines below.

    Raises ValueError without rows, or for a row of another number of prompts.
    """

    observer: str
    prompts: tuple[str, ...]
    rows: tuple[ReconstructionRow, ...]
    given: str
    how: str
    distance: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rows or not self.prompts:
            raise ValueError("a grid needs a row and a prompt")
        for row in self.rows:
            if len(row.distances) != len(self.prompts):
                raise ValueError(f"{len(self.prompts)} prompts, but a row of {len(row.distances)} reconstructions")


def figure_7(grid: ReconstructionGrid, *, width: float = 7.2) -> Figure:
    """Draw Figure 7: picture, input and one reconstruction per prompt with its distance; the nearest is framed.

    A row for each picture and level; a picture is shown in its first row alone. More than six prompts are set in lines of
    eight, each under what it does not share with all others. `width` is the most in inches: few prompts take less.
    """
    k = len(grid.prompts)
    beside = k <= _BESIDE
    columns = k if beside else _IN_LINE
    lines = -(-k // columns)
    pictured = any(row.picture is not None for row in grid.rows)
    left_columns = 1 + pictured if beside else 1
    if not beside and pictured:
        lines = max(2, lines)
    spare = 2 * _LEFT + _WIDE + (left_columns - 1 + columns - 1) * _GAP
    side = min(_LARGEST, (width - spare) / (left_columns + columns))
    # 6 pt where a tile is 0.6 in; the words of a tile have to fit around it.
    size = max(6.0, min(8.0, 9.0 * side))
    whole = max(_NARROWEST, spare + side * (left_columns + columns))
    line = 1.4 * size / 72
    shared, names = ("", grid.prompts) if beside else _without_shared(grid.prompts)
    titles = [_title(name, side + _GAP, size) for name in names]
    title_height = line * max(len(title) for title in titles) + 0.04
    value_height = 1.5 * line
    block = lines * (side + value_height) + (lines if not beside else 0) * title_height + 0.5 * line
    most = int((whole - 2 * _LEFT) * 72 / (LETTER * size))
    above = in_lines([short(grid.observer, 60), grid.how, *([f"told “{shared}”"] if shared else [])], most)
    below = [text for note in _notes(grid) for text in textwrap.wrap(note, most)]
    head = 0.05 + line * len(above) + 0.08 + (title_height if beside else 0)
    figure = new_figure(whole, head + block * len(grid.rows) + line * len(below) + 0.08)
    start = _LEFT + left_columns * side + (left_columns - 1) * _GAP + _WIDE

    def write(x: float, y: float, text: str, *, strong: bool = False, at: str = "center") -> None:
        words(figure, x, y, text, size=size, bold=strong, colour=CHOSEN if strong else INK, at=at)

    def entitle(x: float, bottom: float, title: Sequence[str], *, strong: bool = False) -> None:
        for index, text in enumerate(title):
            write(x + side / 2, bottom - 0.04 - line * (len(title) - index - 0.5), text, strong=strong)

    for index, text in enumerate(above):
        write(_LEFT, 0.05 + line * (index + 0.5), text, at="left")
    inputs = (["picture"] if pictured else []) + [grid.given]
    if beside:
        for column, text in enumerate(inputs):
            entitle(_LEFT + column * (side + _GAP), head, [text])
        for column, title in enumerate(titles):
            entitle(start + column * (side + _GAP), head, title)
    step = side + value_height + (0 if beside else title_height)
    for number, row in enumerate(grid.rows):
        top = head + number * block + (0 if beside else title_height)
        before = grid.rows[number - 1] if number else None
        again = beside and before is not None and before.name == row.name
        shown = [(row.picture, "picture", row.name)] if pictured and not again else []
        for pixels, gid, caption in [*shown, (row.given, "given", row.level)]:
            place = inputs.index("picture" if gid == "picture" else grid.given)
            x, y = _LEFT + (place * (side + _GAP) if beside else 0), top + (0 if beside else place * step)
            if pixels is not None:
                tile(figure, pixels, x, y, side, f"{gid} {number}")
            if not beside:
                entitle(x, y, [inputs[place]])
            write(x + side / 2, y + side + value_height / 2, short(caption, _letters(side + _GAP, size)))
        decimals = digits(row.distances)
        for index in range(k):
            at_line, column = divmod(index, columns)
            x, y = start + column * (side + _GAP), top + at_line * step
            axes = tile(
                figure, row.reconstructions[index], x, y, side, f"reconstruction {number} {grid.prompts[index]}"
            )
            is_nearest = index == row.nearest and k > 1
            if is_nearest:
                frame(axes, f"nearest {number}")
            if not beside:
                entitle(x, y, titles[index], strong=is_nearest)
            text = distance_text(float(row.distances[index]), decimals, nearest=is_nearest)
            write(x + side / 2, y + side + value_height / 2, text, strong=is_nearest)
    for index, text in enumerate(below):
        write(_LEFT, head + block * len(grid.rows) + line * (index + 0.5), text, at="left")
    return figure


def figure_8(grid: ReconstructionGrid, found: Ability, *, width: float = 7.2) -> Figure:
    """Draw Figure 8: the grid of a picture under every class, and below it what distances go by over many pictures."""
    return figure_7(replace(grid, notes=(*grid.notes, describe_ability(found))), width=width)


def describe_ability(found: Ability) -> str:
    """Say in a sentence or two whether distance goes by the class or by how much is drawn."""
    n = max(found.with_class.n, found.right_nearest.n)
    return (
        f"Over {n} pictures and {found.prompts} prompts: the nearest is right in {percent(found.right_nearest)} "
        f"(chance {found.chance:.0%}). Within a picture, distance goes with being right at Spearman r = "
        f"{interval(found.with_class)} ({found.strongest:.2f} if the right one were always nearest), and with how much "
        f"the prompt changes the drawing at r = {interval(found.with_change)}; the nearest drawing stands at "
        f"{interval(found.change_of_nearest)} from the least (0) to the most changed (1; chance 0.50)."
    )


def _notes(grid: ReconstructionGrid) -> list[str]:
    measured = any(row.nearest is not None for row in grid.rows)
    marked = "; ▾ and the frame mark the nearest" if len(grid.prompts) > 1 else ""
    return [*([f"Below each: {grid.distance}{marked}."] if measured else []), *grid.notes]


def _letters(room: float, size: float) -> int:
    return max(4, int(room * 72 / (LETTER * size)))


def _title(prompt: str, room: float, size: float) -> list[str]:
    """Set a prompt in lines that are no wider than `room` in inches."""
    found = textwrap.wrap(prompt, _letters(room, size), max_lines=_TITLE_LINES, placeholder=" …")
    return found or [""]


def _without_shared(prompts: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the words that all prompts begin and end with, around “[…]”, and what is each one's own; '' if none.

    >>> _without_shared(["A photo of a cat.", "A photo of a big dog."])
    ('A photo of a […].', ('cat', 'big dog'))
    """
    end = "." if all(text.endswith(".") for text in prompts) else ""
    split = [text.removesuffix(end).split() for text in prompts]
    # Each keeps a word of its own.
    least = max(0, min(len(found) for found in split) - 1)
    before = _shared([found[:least] for found in split])
    after = _shared([found[::-1][: least - len(before)] for found in split])[::-1]
    if not (before or after):
        return "", tuple(prompts)
    own = tuple(" ".join(found[len(before) : len(found) - len(after)]) for found in split)
    return " ".join([*before, "[…]", *after]) + end, own


def _shared(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return what all rows begin with."""
    columns = [set(column) for column in zip(*rows, strict=False)]
    alike = next((i for i, column in enumerate(columns) if len(column) > 1), len(columns))
    return list(rows[0][:alike])
