"""What is taken for what: confusion matrices, side by side for the observers of a data set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox

from reconstrue.errors import UserError
from reconstrue.metrics import ANSWERS, ConfusionMatrix
from reconstrue.report.figures.matrices import COLOURS, cells
from reconstrue.report.figures.style import GREY, INK, PAGE, RED, SMALL, literal, new_figure, place, short
from reconstrue.report.icons import icon
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import PEOPLE

_COLUMNS: Final = 3


def figure_confusion(matrices: Mapping[str, ConfusionMatrix], *, width: float = PAGE) -> Figure:
    """Draw the confusion matrix of each observer of a data set: rows are what was shown, columns what was answered.

    A cell is the share of the row's trials; answers that were never given are left empty, and `na` is no answer. The
    number above is the share of right answers. Icons stand beside the names where there is one row of panels.

    Raises UserError without a matrix.
    """
    if not matrices:
        raise UserError("there is no confusion matrix to draw: nobody answered this data set.")
    columns = min(_COLUMNS, len(matrices))
    rows = math.ceil(len(matrices) / columns)
    left, right, top, gap_x, gap_y = (0.8 if rows == 1 else 0.62), 0.55, 0.22, 0.1, 0.26
    bottom = 0.62
    each = min((width - left - right - gap_x * (columns - 1)) / columns, 3.4)
    row_height = each * len(CATEGORIES) / len(ANSWERS)
    figure = new_figure(
        left + right + columns * each + gap_x * (columns - 1),
        top + rows * row_height + (rows - 1) * gap_y + bottom,
    )
    # Confusions are rare beside right answers: a square root gives them their share of the colours.
    norm = PowerNorm(0.5, 0.0, 1.0)
    last_row = {(len(matrices) - 1 - offset) for offset in range(columns)}
    for index, (observer, matrix) in enumerate(matrices.items()):
        row, column = divmod(index, columns)
        axes = place(figure, left + column * (each + gap_x), top + row * (row_height + gap_y), each, row_height)
        axes.set_gid(f"confusion {observer}")
        _panel(axes, observer, matrix, norm, with_rows=column == 0, with_columns=index in last_row)
        if column == 0 and rows == 1:
            _icons(axes)
    bar_axes = place(figure, left + columns * each + gap_x * (columns - 1) + 0.1, top, 0.1, min(row_height, 1.4))
    bar = figure.colorbar(ScalarMappable(norm, mpl.colormaps[COLOURS]), cax=bar_axes)
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(labelsize=SMALL, width=0.5, length=2.0, pad=2.0)
    bar.set_ticks([0.0, 0.05, 0.25, 0.5, 1.0], labels=["0", ".05", ".25", ".5", "1"])
    bar.ax.minorticks_off()
    bar.set_label("share of answers", fontsize=SMALL, color=INK, labelpad=2)
    return figure


def describe_confusion(matrices: Mapping[str, ConfusionMatrix]) -> str:
    """Say in words what each observer mistakes most often for what."""
    parts = []
    for observer, matrix in matrices.items():
        shares = matrix.shares.copy()
        shares[:, -1] = np.nan
        shares[np.arange(len(CATEGORIES)), np.arange(len(CATEGORIES))] = np.nan
        if np.nan_to_num(shares).max() > 0:
            shown, answered = np.unravel_index(int(np.nanargmax(shares)), shares.shape)
            share = shares[shown, answered]
            parts.append(f"{observer} takes {CATEGORIES[shown]} for {ANSWERS[answered]} ({share:.0%})")
    name = next(iter(matrices.values())).dataset if matrices else ""
    return f"The most frequent confusion of each on {name}: {', '.join(parts) or 'none'}."


def _panel(
    axes: Axes, observer: str, matrix: ConfusionMatrix, norm: Normalize, *, with_rows: bool, with_columns: bool
) -> None:
    shares = matrix.shares
    right = float(np.trace(matrix.counts)) / max(matrix.n, 1)
    people = observer == PEOPLE
    axes.set_title(
        f"{literal(short(observer, 24))}  {right:.0%}",
        fontsize=SMALL + 0.5,
        color=RED if people else INK,
        pad=3,
        fontweight="bold" if people else "normal",
    )
    shown = np.where(matrix.counts > 0, shares, np.nan)
    cells(axes, shown, norm, gid=f"cells {observer}", texts=_words(observer, matrix))
    axes.set_facecolor("white")
    axes.axvline(len(CATEGORIES) - 0.5, color=GREY, linewidth=0.4)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.4)
    axes.set_yticks(range(len(CATEGORIES)), CATEGORIES if with_rows else [])
    axes.set_xticks(range(len(ANSWERS)), ANSWERS if with_columns else [], rotation=90)
    axes.tick_params(length=0, labelsize=6.0, pad=2)
    missing = [at for at in range(len(CATEGORIES)) if math.isnan(shares[at, 0])]
    for at in missing:
        axes.text(8.0, at, "never shown", fontsize=6, color=GREY, ha="center", va="center")


def _icons(axes: Axes) -> None:
    """Set the categories' icons between the names and the rows; in many rows of panels they would be a grain."""
    axes.tick_params(axis="y", pad=13)
    for at, name in enumerate(CATEGORIES):
        drawn = AnnotationBbox(
            icon(name, 9.0),
            (0.0, at),
            xycoords=axes.get_yaxis_transform(),
            xybox=(-7.0, 0.0),
            boxcoords="offset points",
            frameon=False,
            pad=0.0,
        )
        axes.add_artist(drawn)


def _words(observer: str, matrix: ConfusionMatrix) -> list[list[str]]:
    shares, totals = matrix.shares, matrix.counts.sum(axis=1)
    return [
        [
            f"{observer} · {matrix.dataset} · {shown} answered {answer}: {shares[row, column]:.3f}"
            f" · {matrix.counts[row, column]:,} of {totals[row]:,}"
            for column, answer in enumerate(ANSWERS)
        ]
        for row, shown in enumerate(CATEGORIES)
    ]
