"""Figures of the paper, one function each, from results to a matplotlib figure: one file per idea."""

from reconstrue.report.figures.decision import DecisionStrip, figure_2, verdict
from reconstrue.report.figures.files import FORMATS, save_figure, svg_text
from reconstrue.report.figures.shape_bias import describe_figure_1, figure_1
from reconstrue.report.figures.style import PEOPLE_STYLE, RED, styles

__all__ = [
    "FORMATS",
    "PEOPLE_STYLE",
    "RED",
    "DecisionStrip",
    "describe_figure_1",
    "figure_1",
    "figure_2",
    "save_figure",
    "styles",
    "svg_text",
    "verdict",
]
