"""Agreement and accuracy against evaluations per image: the curve that the docs show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from reconstrue.report.figures.style import GREY, GRID, PAGE, SMALL, Style, new_figure, place

if TYPE_CHECKING:
    from benchmarks.policies import Row

# Families of policies by what their names begin with: how they look, and whether they are joined by a line.
_FAMILIES = {
    "safe leader (4": ("safe leader, from 4 draws, δ from 0.3 to 0.01", Style("#0072b2", "o"), True),
    "Clark & Jaini": ("Clark & Jaini", Style("#e69f00", "s"), False),
    "paired t-test": ("paired t-test, from 4 draws", Style("#009e73", "^"), False),
    "Li et al.": ("Li et al., two stages, nested", Style("#cc79a7", "P"), False),
    "fixed grid": ("fixed grid, 1 to 100 draws", Style("#767676", "v"), True),
}


def curve(found: Mapping[str, Sequence[Row]], grid: str, *, width: float = PAGE) -> Figure:
    """Draw a row of two panels for each bank: agreement with the reference, and accuracy; `grid` is the yardstick's name."""
    side, left, gap, head, foot = 1.7, 0.5, 0.62, 0.3, 0.42
    figure = new_figure(width, len(found) * (side + head + foot) + 0.36)
    wide = (width - left - gap - 0.12) / 2
    for i, (bank, rows) in enumerate(found.items()):
        yardstick = next(row for row in rows if row.policy == grid)
        for j, field in enumerate(("agreement", "accuracy")):
            axes = place(figure, left + j * (wide + gap), head + i * (side + head + foot), wide, side)
            axes.axhline(getattr(yardstick, field), color=GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
            for start, (_, style, joined) in _FAMILIES.items():
                points = sorted((r.evaluations, getattr(r, field)) for r in rows if r.policy.startswith(start))
                if points:
                    axes.plot(
                        *zip(*points, strict=True),
                        color=style.colour,
                        marker=style.mark,
                        markersize=4.5,
                        linewidth=1.2 if joined else 0,
                        markeredgecolor="white",
                        markeredgewidth=0.4,
                    )
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.grid(color=GRID, linewidth=0.6)
            axes.set_axisbelow(True)
            axes.tick_params(labelsize=SMALL, which="both")
            axes.set_title(
                f"{bank}: " + ("agreement with another 100 draws" if field == "agreement" else "accuracy"),
                fontsize=SMALL + 1,
                loc="left",
            )
            axes.set_xlabel("network evaluations per image", fontsize=SMALL)
    handles = [
        figure.axes[0].plot(
            [], [], color=s.colour, marker=s.mark, markersize=4.5, linewidth=1.2 if joined else 0, label=name
        )[0]
        for name, s, joined in _FAMILIES.values()
    ]
    handles.append(
        figure.axes[0].plot(
            [], [], color=GREY, linewidth=0.8, linestyle=(0, (4, 2)), label="the full grid of 100 draws"
        )[0]
    )
    figure.legend(handles=handles, loc="lower center", ncols=3, frameon=False, fontsize=SMALL)
    return figure
