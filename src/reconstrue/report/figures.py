"""Figures of the paper, one function each, from results to a matplotlib figure.

Figures are made without pyplot and without changing matplotlib's settings. People are red diamonds, as everywhere in
the field; models have colours that colour-blind readers tell apart, and marks that all readers do.
"""

from __future__ import annotations

import io
import math
import os
import re
import tempfile
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, Estimate, ObserverResult
from reconstrue.report.icons import icon
from reconstrue.stimuli.categories import CATEGORIES

RED: Final = "#a51e22"
"""The colour of people."""

INK: Final = "#222222"
GREY: Final = "#767676"
CHOSEN: Final = "#0072b2"
FORMATS: Final = ("svg", "png", "pdf")
# The resolution of the pictures inside an SVG; its lines and letters have none.
_SVG_DPI: Final = 240

# Okabe & Ito's palette (2008) without yellow, which is too light on white, and vermilion, which is near the red of
# people; then three darker ones that stay apart in deuteranopia.
_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#56b4e9", "#cc79a7", "#4d4d4d", "#8c6d1f", "#5b3a8c", "#9a9a9a")
_DASHES: Final[tuple[tuple[float, ...], ...]] = ((), (4.0, 1.5), (1.0, 1.5))
_MARKS: Final = ("o", "s", "^", "v", "P", "X", "h", "p", "<", ">", "*")


@dataclass(frozen=True)
class Style:
    """How one observer is drawn, in every figure alike."""

    colour: str
    mark: str
    dashes: tuple[float, ...] = ()

    @property
    def size(self) -> float:
        """The area of the mark in square points, so that marks of every form look equally large."""
        return 30.0 * {"*": 2.0, "P": 1.3, "X": 1.3, "s": 0.9, "h": 1.15, "p": 1.2, "D": 0.9}.get(self.mark, 1.0)


PEOPLE_STYLE: Final = Style(RED, "D")


def styles(names: Sequence[str]) -> dict[str, Style]:
    """Give each model a colour and a mark of its own: up to 99 models no two have both in common."""
    return {
        name: Style(
            _COLOURS[index % len(_COLOURS)],
            _MARKS[index % len(_MARKS)],
            _DASHES[index // len(_COLOURS) % len(_DASHES)],
        )
        for index, name in enumerate(names)
    }


# Figure 1 -------------------------------------------------------------------------------------------------------


def figure_1(benchmark: Benchmark, models: Sequence[str] | None = None, *, width: float = 5.6) -> Figure:
    """Draw Figure 1: shape bias per category, from shape (left) to texture (right), people as red diamonds.

    One mark per observer and category; a line at the shape bias of each observer over all conflict images. The
    marks of one row are set a little apart vertically so that equal ones stay visible. Observers and categories
    without any shape or texture decision have no mark, and the legend counts them.

    Args:
        benchmark: the results.
        models: which models, in the order of the legend; all with a shape bias by default, highest first.
        width: of the figure in inches.

    Raises:
        UserError: a named model is not in the benchmark, or nobody has a shape bias.
    """
    chosen = _with_shape_bias(benchmark, models)
    people = [benchmark.humans] if benchmark.humans.shape_bias.defined else []
    observers = [*people, *chosen]
    if not observers:
        raise UserError("Figure 1 needs answers to cue-conflict images: nobody in these trials has a shape bias.")
    style = styles(sorted(row.name for row in chosen))

    categories = {row.name: _categories(row) for row in observers}
    labels = [_legend_text(row, len(categories[row.name])) for row in observers]
    # Two columns where the names leave room for them: about 38 letters at this size.
    legend_columns = 2 if len(labels) > 1 and max(map(len, labels)) <= 7.0 * width else 1
    legend_rows = math.ceil(len(labels) / legend_columns)
    rows_height, top, bottom = 0.27 * len(CATEGORIES), 0.52, 0.56 + 0.175 * legend_rows
    height = rows_height + top + bottom
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    left, right = 1.28 / width, 1.0 - 0.22 / width
    axes = figure.add_axes((left, bottom / height, right - left, rows_height / height))
    last = len(CATEGORIES) - 1
    axes.set_xlim(1.03, -0.03)
    axes.set_ylim(last + 0.55, -0.55)
    for row in range(len(CATEGORIES)):
        axes.axhline(row, color="#e3e3e3", linewidth=0.7, zorder=0)
    axes.axvline(0.5, color="#d0d0d0", linewidth=0.7, linestyle=(0, (2, 2)), zorder=0)

    offsets = _offsets(len(observers))
    handles: list[Line2D] = []
    for index, observer in enumerate(observers):
        look = PEOPLE_STYLE if observer is benchmark.humans else style[observer.name]
        named = categories[observer.name]
        front = 4.0 if observer is benchmark.humans else 3.0
        line = axes.axvline(observer.shape_bias.value, color=look.colour, linewidth=1.4, alpha=0.75, zorder=1)
        if look.dashes:
            line.set_dashes(look.dashes)
        line.set_gid(f"mean {observer.name}")
        marks = axes.scatter(
            [value for _, value in named],
            [row + offsets[index] for row, _ in named],
            s=look.size,
            marker=look.mark,
            color=look.colour,
            edgecolors="white",
            linewidths=0.5,
            alpha=0.95,
            zorder=front,
            clip_on=False,
        )
        marks.set_gid(f"marks {observer.name}")
        handles.append(_handle(look, labels[index]))

    axes.set_xticks([1.0, 0.8, 0.6, 0.4, 0.2, 0.0])
    axes.set_xticklabels(["0", "0.2", "0.4", "0.6", "0.8", "1"], fontsize=8, color=INK)
    axes.set_xlabel("fraction of ‘texture’ decisions  →", fontsize=9, color=INK, labelpad=4)
    above = axes.secondary_xaxis("top")
    above.set_xticks([1.0, 0.8, 0.6, 0.4, 0.2, 0.0])
    above.set_xticklabels(["1", "0.8", "0.6", "0.4", "0.2", "0"], fontsize=8, color=INK)
    above.set_xlabel("←  fraction of ‘shape’ decisions", fontsize=9, color=INK, labelpad=5)
    axes.set_yticks(range(len(CATEGORIES)))
    axes.set_yticklabels(CATEGORIES, fontsize=8, color=INK)
    axes.tick_params(axis="y", length=0, pad=26)
    for side in ("left", "right"):
        axes.spines[side].set_visible(False)
    for spine in (axes.spines["bottom"], axes.spines["top"], above.spines["top"]):
        spine.set_color(GREY)
    for row, name in enumerate(CATEGORIES):
        box = AnnotationBbox(
            icon(name, 18.0),
            (0.0, row),
            xycoords=axes.get_yaxis_transform(),
            xybox=(-14.0, 0.0),
            boxcoords="offset points",
            frameon=False,
            pad=0.0,
        )
        axes.add_artist(box)
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.06 / height),
        ncols=legend_columns,
        frameon=False,
        fontsize=8,
        handlelength=2.2,
        handletextpad=0.6,
        columnspacing=1.6,
        labelspacing=0.45,
        borderpad=0.0,
        labelcolor=INK,
    )
    return figure


def describe_figure_1(benchmark: Benchmark) -> str:
    """Say in words what Figure 1 shows, for readers who cannot see it."""
    rows = [benchmark.humans] if benchmark.humans.shape_bias.defined else []
    rows += _with_shape_bias(benchmark, None)
    parts = ", ".join(f"{row.name} {_percent(row.shape_bias)}" for row in rows)
    return f"Shape bias of each observer over all conflict images: {parts}."


def _with_shape_bias(benchmark: Benchmark, models: Sequence[str] | None) -> list[ObserverResult]:
    if models is None:
        found = [row for row in benchmark.models.values() if row.shape_bias.defined]
        return sorted(found, key=lambda row: (-row.shape_bias.value, row.name))
    for name in models:
        if name not in benchmark.models:
            raise UserError(
                f"model {name!r} is not in the benchmark; it has {', '.join(sorted(benchmark.models)) or 'none'}."
            )
    return [benchmark.models[name] for name in models if benchmark.models[name].shape_bias.defined]


def _categories(observer: ObserverResult) -> list[tuple[int, float]]:
    """Give (row, shape bias) of the categories in which the observer has one."""
    by_category = observer.shape_bias_by_category
    return [
        (row, by_category[name].value)
        for row, name in enumerate(CATEGORIES)
        if name in by_category and by_category[name].defined
    ]


def _offsets(count: int) -> list[float]:
    """Spread the marks of a row over at most ±0.3 rows, the first at the top; one alone stays in the middle."""
    if count == 1:
        return [0.0]
    reach = min(0.3, 0.09 * (count - 1))
    return [float(value) for value in np.linspace(-reach, reach, count)]


def _handle(style: Style, label: str) -> Line2D:
    handle = Line2D(
        [],
        [],
        color=style.colour,
        linewidth=1.4,
        marker=style.mark,
        markersize=math.sqrt(style.size),
        markerfacecolor=style.colour,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label=_literal(label),
    )
    if style.dashes:
        handle.set_dashes(style.dashes)
    return handle


def _legend_text(observer: ObserverResult, categories: int) -> str:
    missing = f", {categories} of {len(CATEGORIES)} categories" if categories < len(CATEGORIES) else ""
    return f"{_short(observer.name, 30)}  {_percent(observer.shape_bias)}{missing}"


def _percent(figure: Estimate) -> str:
    text = f"{100 * figure.value:.0f}%"
    if math.isnan(figure.low) or math.isnan(figure.high):
        return text
    return f"{text} [{100 * figure.low:.0f}, {100 * figure.high:.0f}]"


# Figure 2 -------------------------------------------------------------------------------------------------------


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
            _literal(text),
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
    title = f"3  what {_short(strip.observer, 30)} draws for each class"
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
        words(x + tile / 2, y - name_height / 2, _short(label, 14), bold=strong, colour=colour)
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


# Files ----------------------------------------------------------------------------------------------------------


def save_figure(figure: Figure, path: Path, *, dpi: int = 240) -> None:
    """Write a figure as SVG, PNG or PDF, by the suffix, whole or not at all; fonts are embedded.

    The same figure gives the same bytes. Raises UserError for another suffix.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise UserError(f"{path}: a figure is written as .svg, .png or .pdf, not {path.suffix or 'without a suffix'}.")
    content = _rendered(figure, kind, dpi)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def svg_text(figure: Figure, name: str) -> str:
    """Give a figure as an `<svg>` element to stand in a page: fonts as paths, every id begins with `name`.

    The same figure and name give the same text. Raises ValueError for a name that is not a plain word.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        raise ValueError(f"{name!r} cannot begin the ids of a page: use letters, digits and hyphens")
    text = _rendered(figure, "svg", _SVG_DPI).decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    # Two figures on a page have glyphs and clip paths of the same names.
    text = re.sub(r'\bid="([^"]*)"', lambda found: f'id="{name}-{_word(found[1])}"', text)
    text = re.sub(r'href="#([^"]*)"', lambda found: f'href="#{name}-{_word(found[1])}"', text)
    return re.sub(r"url\(#([^)]*)\)", lambda found: f"url(#{name}-{_word(found[1])})", text)


def _rendered(figure: Figure, kind: str, dpi: int) -> bytes:
    metadata = {
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
        "pdf": {"CreationDate": None},
    }[kind]
    buffer = io.BytesIO()
    settings: dict[Any, object] = {"svg.fonttype": "path", "svg.hashsalt": "reconstrue", "pdf.fonttype": 42}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the tables spell it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata)
    if kind != "svg":
        return buffer.getvalue()
    # Six decimals of a point are for nobody's eyes, and more than half of the file.
    text = buffer.getvalue().decode("utf-8")
    return re.sub(r' d="([^"]*)"', lambda found: f' d="{_rounded(found[1])}"', text).encode("utf-8")


def _rounded(path: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.2f}", path).replace(" \n", " ")


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _literal(text: str) -> str:
    """Keep matplotlib from reading a name as mathematics."""
    return text.replace("$", r"\$")
