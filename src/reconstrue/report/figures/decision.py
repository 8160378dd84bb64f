"""How a diffusion classifier decides on one picture: Figure 2."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reconstrue.report.figures.style import CHOSEN, INK, literal, short


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
    tile, gap, wide_gap, name_height, value_height, head = 1.0, 0.1, 0.5, 0.24, 0.24, 0.34
    left_columns = 2 if rows == 1 else 1
    total_width = (left_columns + columns) * tile + (left_columns + columns - 2) * gap + wide_gap + 0.16
    row_height = tile + name_height + value_height
    # Few classes leave room at the right instead of growing into posters.
    inch = min(width / total_width, 0.95)
    total_width = width / inch
    # 7.5 pt where a tile is 0.68 in; the words of a tile have to fit above it.
    size = max(5.5, min(9.0, 11.0 * inch))
    left = 0.08
    start = left + left_columns * tile + (left_columns - 1) * gap + wide_gap
    # Letters of this font are about 0.56 of its size wide.
    lines = _lines(_decision_parts(strip), int((total_width - start - left) * inch * 72 / (0.56 * size)))
    line_height = 1.5 * size / 72 / inch
    total_height = head + rows * row_height + 0.14 + line_height * len(lines) + 0.06
    figure = Figure(figsize=(width, total_height * inch), facecolor="white")
    FigureCanvasAgg(figure)

    def place(x: float, y: float) -> Axes:
        axes = figure.add_axes(
            (x / total_width, 1.0 - (y + tile) / total_height, tile / total_width, tile / total_height)
        )
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_color("#b5b5b5")
            spine.set_linewidth(0.6)
        return axes

    def words(x: float, y: float, text: str, *, bold: bool = False, colour: str = INK, at: str = "center") -> None:
        figure.text(
            x / total_width,
            1.0 - y / total_height,
            literal(text),
            ha=at,
            va="center",
            fontsize=size,
            color=colour,
            fontweight="bold" if bold else "normal",
        )

    for index, (pixels, title, gid) in enumerate(
        (
            (strip.picture, "1  test picture", "picture"),
            (strip.noised, f"2  noised, t = {strip.t:.2g}", "noised"),
        )
    ):
        x = left + (index * (tile + gap) if rows == 1 else 0)
        y = head + name_height + (0 if rows == 1 else index * row_height)
        axes = place(x, y)
        axes.imshow(_unit(pixels), interpolation="none", aspect="auto")
        axes.set_gid(gid)
        words(x, y - name_height / 2, title, at="left")
    title = f"3  what {short(strip.observer, 30)} draws for each class"
    title += ", and its distance from the test picture" if columns > 5 else ""
    words(start, head / 2 - 0.02, title, at="left")
    nearest = strip.nearest
    digits = _digits(strip.distances)
    for index, label in enumerate(strip.labels):
        row, column = divmod(index, columns)
        x, y = start + column * (tile + gap), head + name_height + row * row_height
        axes = place(x, y)
        axes.imshow(_unit(strip.reconstructions[index]), interpolation="none", aspect="auto")
        axes.set_gid(f"reconstruction {label}")
        is_nearest, is_decision = label == nearest, label == strip.decision
        if is_nearest or is_decision:
            frame = Rectangle(
                (0, 0),
                1,
                1,
                transform=axes.transAxes,
                fill=False,
                edgecolor=CHOSEN,
                linewidth=2.6 if is_nearest else 1.8,
                linestyle="solid" if is_nearest else (0, (3, 1.5)),
                clip_on=False,
                zorder=5,
            )
            frame.set_gid("lowest" if is_nearest else "decision")
            axes.add_patch(frame)
        strong = is_nearest or is_decision
        colour = CHOSEN if strong else INK
        words(x + tile / 2, y - name_height / 2, short(label, 14), bold=strong, colour=colour)
        value = strip.distances[index]
        text = "–" if math.isnan(value) else f"{value:.{digits}f}"
        words(
            x + tile / 2,
            y + tile + value_height / 2,
            f"▾ {text}" if is_nearest else text,
            bold=is_nearest,
            colour=colour,
        )
    for index, line in enumerate(lines):
        words(start, head + rows * row_height + 0.14 + line_height * (index + 0.5), line, at="left")
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


def _lines(parts: Sequence[str], most: int) -> list[str]:
    """Set parts one after the other, with a dot between, in lines of at most `most` letters."""
    lines: list[str] = []
    for part in parts:
        pieces = textwrap.wrap(part, max(most, 12)) or [""]
        if lines and len(lines[-1]) + len(pieces[0]) + 5 <= most:
            pieces[0] = f"{lines.pop()}  ·  {pieces[0]}"
        lines += pieces
    return lines


def _digits(distances: NDArray[np.floating]) -> int:
    """Give as many decimals as tell the lowest distances apart: about three digits of their spread."""
    finite = distances[np.isfinite(distances)]
    spread = float(finite.max() - finite.min()) if finite.size else 0.0
    return 2 if spread <= 0 else min(6, max(0, 2 - math.floor(math.log10(spread))))


def _unit(pixels: NDArray[np.floating]) -> NDArray[np.float32]:
    """Bring a picture into [0, 1], and a large one down to at most 256 px, which is more than a tile shows."""
    unit = np.clip(np.nan_to_num(np.asarray(pixels, dtype=np.float32)), 0.0, 1.0)
    step = math.ceil(max(unit.shape[:2]) / 256)
    height, width = unit.shape[0] // step, unit.shape[1] // step
    if step == 1 or not height or not width:
        return unit
    blocks = unit[: height * step, : width * step].reshape(height, step, width, step, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)
