"""Which spatial frequencies decide: evidence by octaves and noise time, and critical-band masking."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reconstrue.errors import UserError
from reconstrue.metrics import CHANCE, Estimate
from reconstrue.metrics.bands import (
    CRITERION,
    PUBLISHED_CHANNEL,
    VIEWS,
    BandSummary,
    Grid,
    MaskingSummary,
)
from reconstrue.report.figures.hover import tell
from reconstrue.report.figures.matrices import COLOURS, cells
from reconstrue.report.figures.style import (
    CHOSEN,
    GREY,
    INK,
    PAGE,
    PEOPLE_STYLE,
    RED,
    SMALL,
    interval,
    literal,
    new_figure,
    percent,
    place,
    short,
)

_HEADS: Final = {
    "band": "this octave alone",
    "low-pass": "with all lower ones",
    "high-pass": "with all higher ones",
    "share": "share of the margin",
}
_AXIS: Final = "centre of the octave (cycles per image)"
# In inches: below it three digits do not fit into a cell.
_WRITTEN_WIDTH: Final = 0.165


def figure_bands(found: Mapping[str, BandSummary], *, width: float = PAGE) -> Figure:
    """Draw what each octave of the evidence decides at each noise time: one row of maps per data set.

    The first three maps are accuracy, or shape bias where cues conflict, of the decision by an octave alone, with all
    lower and with all higher ones; the fourth is the octave's share of the margin, below 0 against the right label or the
    shape. Undefined cells are empty.

    Raises UserError where there is no data set.
    """
    if not found:
        raise UserError("there is no evidence by octaves to draw; name a data set")
    left, right, top, gap_x, gap_y, bottom = 0.46, 0.52, 0.4, 0.12, 0.62, 0.4
    each = (width - left - right - gap_x * (len(_HEADS) - 1)) / len(_HEADS)
    heights = [0.2 * len(summary.t) for summary in found.values()]
    height = top + sum(heights) + gap_y * (len(heights) - 1) + bottom
    figure = new_figure(width, height)
    norm = Normalize(0.0, 100.0)
    y = top
    for (name, summary), tall in zip(found.items(), heights, strict=True):
        word, maps = _maps(summary)
        for column, (view, grid) in enumerate(maps.items()):
            axes = place(figure, left + column * (each + gap_x), y, each, tall)
            axes.set_gid(f"{view} {name}")
            what = "share of the margin" if view == "share" else word
            _map(axes, summary, grid, norm, gid=f"cells {view} {name}", about=f"{name} · {_HEADS[view]} · {what}")
            axes.set_title(_HEADS[view], fontsize=SMALL, color=INK, pad=3)
            if column == 0:
                axes.set_ylabel("t", fontsize=SMALL, color=INK, labelpad=2)
            else:
                axes.set_yticklabels([])
        figure.text(
            left / width,
            1 - (y - 0.19) / height,
            literal(f"{word}, {short(name, 40)} ({summary.n} images)"),
            fontsize=SMALL + 0.5,
            color=INK,
            ha="left",
            va="bottom",
            weight="bold",
        )
        y += tall + gap_y
    figure.text(
        (left + (width - left - right) / 2) / width, 0.03 / height, _AXIS, fontsize=SMALL, color=INK, ha="center"
    )
    bar_axes = place(figure, width - right + 0.1, top, 0.1, min(heights[0], 1.6))
    bar = figure.colorbar(ScalarMappable(norm, mpl.colormaps[COLOURS]), cax=bar_axes)
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(labelsize=SMALL, width=0.5, length=2.0, pad=2.0)
    bar.ax.yaxis.set_major_locator(mpl.ticker.MultipleLocator(50))
    bar.ax.set_title("%", fontsize=SMALL, color=INK, pad=3)
    return figure


def describe_bands(name: str, summary: BandSummary) -> str:
    """Say in words which octave alone decides best at each noise time, beside all octaves together."""
    word, maps = _maps(summary)
    parts = []
    for i, t in enumerate(summary.t):
        row = maps["band"][i]
        whole = maps["low-pass"][i][-1]
        there = [j for j in range(len(row)) if row[j].defined]
        if not there or not whole.defined:
            continue
        best = max(there, key=lambda j: row[j].value)
        parts.append(
            f"t = {t:.2g}: {percent(whole)} by all octaves, {percent(row[best])} by the best of {len(there)} alone, "
            f"{_octave(summary, best)}"
        )
    if not parts:
        return f"{word[0].upper()}{word[1:]} on {name} (n = {summary.n}) is undefined at every t."
    return f"{word[0].upper()}{word[1:]} on {name} (n = {summary.n}): {'; '.join(parts)}."


def figure_masking(summary: MaskingSummary, observer: str, *, width: float = PAGE) -> Figure:
    """Draw accuracy against the octave of the noise, one line per deviation, and the channel beside people's as published.

    Left: bars are 95% intervals, dotted lines chance and the 50% that make a threshold. Right: sensitivities, the Gaussian
    through them, and its full width at half height; people's is a red diamond at its published centre, on other pictures.
    """
    height, left, top, tall = 2.75, 0.5, 0.26, 1.72
    each = (width - 2 * left - 0.2) / 2
    figure = new_figure(width, height)
    accuracy = place(figure, left, top, each, tall)
    accuracy.set_gid("masking accuracy")
    _accuracy(accuracy, summary)
    channel = place(figure, 2 * left + each + 0.08, top, each, tall)
    channel.set_gid("masking channel")
    handles = _channel(channel, summary, observer)
    for axes, title in (
        (accuracy, f"{short(observer, 36)}: accuracy under noise of one octave"),
        (channel, "channel: sensitivity to the noise"),
    ):
        axes.set_title(literal(title), fontsize=SMALL + 0.5, color=INK, pad=4)
        axes.set_xlabel("centre of the noise (cycles per image)", fontsize=SMALL, color=INK, labelpad=1)
    for axes, lines, columns in ((accuracy, _deviations(summary), 5), (channel, handles, 1)):
        axes.legend(
            handles=lines,
            loc="upper left",
            bbox_to_anchor=(-0.08, -0.19),
            ncols=columns,
            frameon=False,
            fontsize=SMALL,
            labelcolor=INK,
            handlelength=1.5,
            handletextpad=0.4,
            columnspacing=0.9,
            labelspacing=0.35,
            borderpad=0.0,
        )
    return figure


def describe_masking(observer: str, name: str, summary: MaskingSummary) -> str:
    """Say in words what the masking showed: the channel, or why there is none, and people's as published."""
    start = f"{observer} on {name} (n = {summary.n}): {percent(summary.quiet)} without noise"
    if not summary.quiet.value >= CRITERION:
        return f"{start}, less than the {CRITERION:.0%} of a threshold: no channel; a higher --contrast, or --colour, may help."
    if not summary.channel.peak.defined:
        return (
            f"{start}, and no octave of noise of up to {summary.sds[-1]:g} brings it below {CRITERION:.0%}: no channel."
        )
    people = PUBLISHED_CHANNEL
    return (
        f"{start}; channel at {interval(summary.channel.peak, 1)} cycles per image, "
        f"{interval(summary.channel.bandwidth, 1)} octaves wide (published, of {people.people} people on photographs: "
        f"{people.peak:.0f} cycles, {people.bandwidth:.1f} octaves, {people.pooled_bandwidth:.0f} pooled)."
    )


def _maps(summary: BandSummary) -> tuple[str, dict[str, Grid]]:
    """Return what the first three maps are of, and all four."""
    grids = summary.shape_bias if summary.conflict else summary.accuracy
    return "shape bias" if summary.conflict else "accuracy", {**{v: grids[v] for v in VIEWS}, "share": summary.share}


def _octave(summary: BandSummary, band: int) -> str:
    centre = summary.centres[band]
    return f"{centre:g} cycles" if centre else "the mean"


def _map(axes: Axes, summary: BandSummary, grid: Grid, norm: Normalize, *, gid: str, about: str) -> None:
    values = 100 * np.array([[one.value for one in row] for row in grid])
    texts = [
        [
            f"{about} · t = {summary.t[i]:.2f} · {_octave(summary, j)} · {percent(one)} · n = {one.n:,}"
            for j, one in enumerate(row)
        ]
        for i, row in enumerate(grid)
    ]
    inches = axes.get_window_extent().width / axes.figure.dpi
    written = 0 if inches / values.shape[1] >= _WRITTEN_WIDTH else None
    cells(axes, values, norm, gid=gid, texts=texts, written=written)
    axes.set_xticks(range(len(summary.centres)), [f"{c:g}" if c else "mean" for c in summary.centres])
    axes.set_yticks(range(len(summary.t)), [f"{t:.2f}" for t in summary.t])
    axes.tick_params(length=0, pad=2, labelsize=6.0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _shades(count: int) -> list[str]:
    """Return colours from light to dark, none too light for a line on white."""
    return [to_hex(mpl.colormaps[COLOURS](part)) for part in np.linspace(0.4, 1.0, count)]


def _deviations(summary: MaskingSummary) -> list[Line2D]:
    lines = [
        Line2D([], [], color=shade, marker="o", markersize=3, linewidth=1.1, label=f"SD {sd:g}")
        for shade, sd in zip(_shades(len(summary.sds)), summary.sds, strict=True)
    ]
    return [Line2D([], [], color=GREY, linewidth=1.1, linestyle=(0, (4, 1.5)), label="no noise"), *lines]


def _accuracy(axes: Axes, summary: MaskingSummary) -> None:
    at = np.log2(summary.centres)
    for level, word in ((CHANCE, "chance"), (CRITERION, "threshold")):
        axes.axhline(level, color=INK, linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=1)
        axes.text(at[-1] + 0.48, level + 0.01, word, fontsize=6.0, color=GREY, ha="right", va="bottom")
    quiet = axes.axhline(summary.quiet.value, color=GREY, linewidth=1.1, linestyle=(0, (4, 1.5)), zorder=2)
    quiet.set_gid("no noise")
    axes.axhspan(summary.quiet.low, summary.quiet.high, color=GREY, alpha=0.12, linewidth=0, zorder=0)
    shades = _shades(len(summary.sds))
    for k, (shade, sd, row) in enumerate(zip(shades, summary.sds, summary.accuracy, strict=True)):
        # Side by side, so that bars of equal accuracies do not lie on each other.
        x = at + 0.07 * (k - (len(shades) - 1) / 2)
        _bars(axes, x, row, shade)
        axes.plot(x, [one.value for one in row], color=shade, linewidth=1.1, zorder=3)
        marks = axes.plot(
            x, [one.value for one in row], color=shade, linestyle="none", marker="o", markersize=3, zorder=4
        )
        marks[0].set_gid(f"SD {sd:g}")
        tell(
            marks[0],
            [
                f"SD {sd:g} · {centre:g} cycles per image · accuracy {interval(one)} · n = {one.n:,}"
                for centre, one in zip(summary.centres, row, strict=True)
            ],
        )
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("accuracy", fontsize=SMALL, color=INK, labelpad=2)
    _octaves(axes, summary, at[0] - 0.5, at[-1] + 0.5)


def _channel(axes: Axes, summary: MaskingSummary, observer: str) -> list[Line2D]:
    at = np.log2(summary.centres)
    people = PUBLISHED_CHANNEL
    middle, half = math.log2(people.peak), people.bandwidth / 2
    defined = [one for one in summary.sensitivity if one.defined]
    highest = max([1.0, *(one.value for one in defined), *(one.high for one in defined if not math.isnan(one.high))])
    handles = []
    if defined:
        _bars(axes, at, summary.sensitivity, CHOSEN)
        marks = axes.plot(
            at, [one.value for one in summary.sensitivity], color=CHOSEN, linestyle="none", marker="o", markersize=4
        )
        marks[0].set_gid("sensitivity")
        tell(
            marks[0],
            [
                f"{centre:g} cycles per image · sensitivity {interval(one)} octaves · threshold {interval(limit, 3)}"
                for centre, one, limit in zip(summary.centres, summary.sensitivity, summary.threshold, strict=True)
            ],
        )
    found = summary.channel
    if found.peak.defined:
        mu, width, tall = math.log2(found.peak.value), found.bandwidth.value, found.height.value
        x = np.linspace(at[0] - 1, at[-1] + 1, 201)
        curve = axes.plot(x, tall * 2.0 ** (-4 * ((x - mu) / width) ** 2), color=CHOSEN, linewidth=1.2, zorder=2)
        curve[0].set_gid("channel")
        axes.hlines(tall / 2, mu - width / 2, mu + width / 2, color=CHOSEN, linewidth=0.8, linestyle=(0, (2, 1)))
        highest = max(highest, min(tall, 2 * highest))
        label = f"{short(observer, 24)}: {interval(found.peak, 1)} cycles, {interval(found.bandwidth, 1)} octaves"
        handles.append(Line2D([], [], color=CHOSEN, linewidth=1.2, marker="o", markersize=3.5, label=literal(label)))
    else:
        axes.text(0.03, 0.5, "no channel", transform=axes.transAxes, fontsize=SMALL, color=GREY, va="center")
    y = 0.5 * (found.height.value if found.peak.defined else highest)
    axes.hlines(y, middle - half, middle + half, color=RED, linewidth=1.4, zorder=5)
    mark = axes.plot([middle], [y], color=RED, linestyle="none", marker=PEOPLE_STYLE.mark, markersize=5, zorder=6)
    mark[0].set_gid("people, published")
    tell(
        mark[0],
        [f"people, published · {people.peak:g} cycles per image · {people.bandwidth:g} octaves · {people.source}"],
    )
    label = f"{people.people} people, published (photographs): {people.peak:.0f} cycles, {people.bandwidth:.1f} octaves"
    handles.append(Line2D([], [], color=RED, linewidth=1.4, marker=PEOPLE_STYLE.mark, markersize=4, label=label))
    axes.set_ylim(-0.04 * highest, 1.08 * highest)
    axes.set_ylabel(f"octaves of SD below {summary.sds[-1]:g}", fontsize=SMALL, color=INK, labelpad=2)
    _octaves(axes, summary, at[0] - 0.5, max(at[-1], middle + half) + 0.5)
    return handles


def _bars(axes: Axes, x: np.ndarray, figures: Sequence[Estimate], colour: str) -> None:
    axes.vlines(x, [one.low for one in figures], [one.high for one in figures], color=colour, linewidth=0.8, alpha=0.6)


def _octaves(axes: Axes, summary: MaskingSummary, low: float, high: float) -> None:
    axes.set_xlim(low, high)
    beyond = [c * 2 for c in summary.centres[-1:] if math.log2(c * 2) < high]
    centres = [*summary.centres, *beyond]
    axes.set_xticks(np.log2(centres), [f"{c:g}" for c in centres])
