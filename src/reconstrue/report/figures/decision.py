"""How a diffusion classifier decides on one picture: Figure 2."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reconstrue.report.figures.style import CHOSEN, INK, short
from reconstrue.report.figures.tiles import LETTER, digits, distance_text, frame, in_lines, tile, words


@dataclass(frozen=True)
class DecisionStrip:
    """How a diffusion classifier decides on one picture: what it saw, what it drew for each class, how far off.

    Attributes:
        observer: the model's name.
        picture: the test picture, (H, W, 3) in [0, 1].
        noised: what the network was given, (H, W, 3) in [0, 1].
        labels: the k classes.
        reconstructions: one per class, (k, H, W, 3) in [0, 1].
        distances: from each reconstruction to the test picture, (k,), lower is nearer.
        decision: the model's answer, over all its draws; one of `labels`.
        t: the noise level of the shown draw, in [0, 1].
        category: the right answer, or of a cue conflict the category of the shape.
        texture: the category of the texture in a cue conflict, else ''.
        note: one more line, for example how many draws the decision rests on.

    Raises ValueError where the shapes do not fit together.
    """

    observer: str
    picture: NDArray[np.floating]
    noised: NDArray[np.floating]
    labels: tuple[str, ...]
    reconstructions: NDArray[np.floating]
    distances: NDArray[np.floating]
    decision: str
    t: float
    category: str
    texture: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        k = len(self.labels)
        for name, shape in (("picture", self.picture.shape), ("noised", self.noised.shape)):
            if len(shape) != 3 or shape[2] != 3:
                raise ValueError(f"{name} has shape {shape}, not (height, width, 3)")
        if k == 0 or self.reconstructions.ndim != 4 or self.reconstructions.shape[0] != k:
            raise ValueError(f"{k} labels, but reconstructions have shape {self.reconstructions.shape}")
        if self.distances.shape != (k,):
            raise ValueError(f"{k} labels, but distances have shape {self.distances.shape}")
        if self.decision not in self.labels:
            raise ValueError(f"decision {self.decision!r} is not one of the labels")
        if bool(np.isnan(self.distances).all()):
            raise ValueError("no distance is defined: nothing can be nearest")

    @property
    def nearest(self) -> str:
        """The class whose reconstruction in this draw is nearest to the test picture."""
        return self.labels[int(np.nanargmin(self.distances))]

    @property
    def verdict(self) -> str:
        """What the decision is: shape, texture or neither in a cue conflict, else right or wrong; '' if unknown."""
        return verdict(self.decision, self.category, self.texture)


def verdict(response: str, category: str, texture: str = "") -> str:
    """Say what a response is: "shape", "texture" or "neither" where cues conflict, else "right" or "wrong".

    Gives '' where the right answer is unknown.

    >>> verdict("clock", "dog", "clock")
    'texture'
    """
    if not category:
        return ""
    if texture and texture != category:
        return {category: "shape", texture: "texture"}.get(response, "neither")
    return "right" if response == category else "wrong"


def figure_2(strip: DecisionStrip, *, width: float = 7.2) -> Figure:
    """Draw Figure 2: test picture and noised input at the left, one reconstruction per class with its distance.

    The lowest distance has a thick frame and the word "lowest"; where the decision, which rests on all draws, is
    another class, that one has a dashed frame.
    """
    k = len(strip.labels)
    rows = 1 if k <= 6 else max(2, math.ceil(k / 8))
    columns = math.ceil(k / rows)
    side, gap, wide_gap, name_height, value_height, head = 1.0, 0.1, 0.5, 0.24, 0.24, 0.34
    left_columns = 2 if rows == 1 else 1
    total_width = (left_columns + columns) * side + (left_columns + columns - 2) * gap + wide_gap + 0.16
    row_height = side + name_height + value_height
    # Few classes leave room at the right instead of growing into posters.
    inch = min(width / total_width, 0.95)
    total_width = width / inch
    # 7.5 pt where a tile is 0.68 in; the words of a tile have to fit above it.
    size = max(5.5, min(9.0, 11.0 * inch))
    left = 0.08
    start = left + left_columns * side + (left_columns - 1) * gap + wide_gap
    lines = in_lines(_decision_parts(strip), int((total_width - start - left) * inch * 72 / (LETTER * size)))
    line_height = 1.5 * size / 72 / inch
    total_height = head + rows * row_height + 0.14 + line_height * len(lines) + 0.06
    figure = Figure(figsize=(width, total_height * inch), facecolor="white")
    FigureCanvasAgg(figure)

    def show(pixels: NDArray[np.floating], x: float, y: float, name: str) -> Axes:
        return tile(figure, pixels, x * inch, y * inch, side * inch, name)

    def write(x: float, y: float, text: str, *, bold: bool = False, colour: str = INK, at: str = "center") -> None:
        words(figure, x * inch, y * inch, text, size=size, bold=bold, colour=colour, at=at)

    for index, (pixels, title, gid) in enumerate(
        (
            (strip.picture, "1  test picture", "picture"),
            (strip.noised, f"2  noised, t = {strip.t:.2g}", "noised"),
        )
    ):
        x = left + (index * (side + gap) if rows == 1 else 0)
        y = head + name_height + (0 if rows == 1 else index * row_height)
        show(pixels, x, y, gid)
        write(x, y - name_height / 2, title, at="left")
    title = f"3  what {short(strip.observer, 30)} draws for each class"
    title += ", and its distance from the test picture" if columns > 5 else ""
    write(start, head / 2 - 0.02, title, at="left")
    nearest = strip.nearest
    decimals = digits(strip.distances)
    for index, label in enumerate(strip.labels):
        row, column = divmod(index, columns)
        x, y = start + column * (side + gap), head + name_height + row * row_height
        axes = show(strip.reconstructions[index], x, y, f"reconstruction {label}")
        is_nearest, is_decision = label == nearest, label == strip.decision
        strong = is_nearest or is_decision
        if strong:
            frame(axes, "lowest" if is_nearest else "decision", dashed=not is_nearest)
        colour = CHOSEN if strong else INK
        write(x + side / 2, y - name_height / 2, short(label, 14), bold=strong, colour=colour)
        text = distance_text(strip.distances[index], decimals, nearest=is_nearest)
        write(x + side / 2, y + side + value_height / 2, text, bold=is_nearest, colour=colour)
    for index, line in enumerate(lines):
        write(start, head + rows * row_height + 0.14 + line_height * (index + 0.5), line, at="left")
    return figure


def _decision_parts(strip: DecisionStrip) -> list[str]:
    kind = strip.verdict
    said = f"4  decision: {strip.decision}" + (f" ({kind})" if kind else "")
    parts = [said]
    if strip.texture and strip.texture != strip.category:
        parts.append(f"shape {strip.category}, texture {strip.texture}")
    elif strip.category and kind == "wrong":
        parts.append(f"it is {strip.category}")
    if strip.nearest != strip.decision:
        parts.append(f"nearest in this draw: {strip.nearest}")
    if strip.note:
        parts.append(strip.note)
    return parts
