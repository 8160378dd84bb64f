"""Figures of the paper, one function each, from results to a matplotlib figure: one file per idea."""

from reconstrue.report.figures.bars import figure_3, figure_4, figure_9, figure_11
from reconstrue.report.figures.boxes import figure_12
from reconstrue.report.figures.conditions import figure_5, figure_10, figure_entropy
from reconstrue.report.figures.decision import DecisionStrip, figure_2, verdict
from reconstrue.report.figures.files import FORMATS, save_figure, svg_text
from reconstrue.report.figures.fonts import unwritable
from reconstrue.report.figures.gaps import figure_gaps
from reconstrue.report.figures.hover import tell, told
from reconstrue.report.figures.matrices import consistency_figure
from reconstrue.report.figures.noise import figure_13
from reconstrue.report.figures.reconstructions import (
    ReconstructionGrid,
    ReconstructionRow,
    describe_ability,
    figure_7,
    figure_8,
)
from reconstrue.report.figures.register import FIGURES, FigureMaker
from reconstrue.report.figures.responses import figure_confusion
from reconstrue.report.figures.results import Results
from reconstrue.report.figures.scatter import figure_correlation
from reconstrue.report.figures.shape_bias import describe_figure_1, figure_1
from reconstrue.report.figures.style import PEOPLE_STYLE, RED, styles

__all__ = [
    "FIGURES",
    "FORMATS",
    "PEOPLE_STYLE",
    "RED",
    "DecisionStrip",
    "FigureMaker",
    "ReconstructionGrid",
    "ReconstructionRow",
    "Results",
    "consistency_figure",
    "describe_ability",
    "describe_figure_1",
    "figure_1",
    "figure_2",
    "figure_3",
    "figure_4",
    "figure_5",
    "figure_7",
    "figure_8",
    "figure_9",
    "figure_10",
    "figure_11",
    "figure_12",
    "figure_13",
    "figure_confusion",
    "figure_correlation",
    "figure_entropy",
    "figure_gaps",
    "save_figure",
    "styles",
    "svg_text",
    "tell",
    "told",
    "unwritable",
    "verdict",
]
