"""The paper's own rows: figures as printed, to stand beside a user's. Nothing here can be run."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from reconstrue.metrics.intervals import UNDEFINED, Estimate

PUBLISHED_NOTES = (
    "The paper has no row for Parti in Tables 2 and 3; its figures here are those of Table 1.",
    "The paper's tables call both CLIP models ViT-B, its text says that CLIP is ViT-L/14 at 224 px; the names are as "
    "printed in the tables.",
    "Table 1 rounds to two digits; where Tables 2 and 3 print the same figure with three, those stand here.",
)
"""What to know of the paper's rows, one line each, wherever they are shown."""

PAPER_CORRELATION = (
    "The paper (section 4) reports r(58) = .59 (Pearson) and .64 (Spearman), p < .001, between accuracy on low-pass "
    "images and shape bias over 60 models. It prints neither figure for most of them, so its printed rows cannot "
    "reproduce this."
)
"""The paper's own correlation, to stand beside `low_pass_against_shape_bias`."""


@dataclass(frozen=True)
class PublishedRow:
    """One model of Tables 1 to 3 of "Intriguing properties of generative classifiers" (ICLR 2024, arXiv 2309.16779).

    Attributes:
        name: as the paper prints it, with the size of its training set.
        model_type: zero-shot or discriminative.
        where: in the paper.
        shape_bias: and the other figures: as printed, without intervals; undefined where the paper has none.
        mean_rank: among the 58 models of Table 2.
        rank: by OOD accuracy, among the 58 models of Table 3.
    """

    name: str
    model_type: str
    where: str
    shape_bias: Estimate
    ood_accuracy: Estimate
    accuracy_difference: Estimate
    observed_consistency: Estimate
    error_consistency: Estimate
    mean_rank: Estimate
    rank: Estimate


@cache
def load_published() -> tuple[PublishedRow, ...]:
    """Return the paper's rows, in the order of its Table 2; those of Table 1 alone, and Muse, follow."""
    text = files("reconstrue.metrics").joinpath("published.csv").read_text(encoding="utf-8")
    figures = PublishedRow.__annotations__.keys() - {"name", "model_type", "where"}
    return tuple(
        PublishedRow(
            name=row["model"],
            model_type=row["model_type"],
            where=row["where"],
            **{figure: _printed(row[figure]) for figure in figures},
        )
        for row in csv.DictReader(text.splitlines())
    )


def _printed(text: str) -> Estimate:
    if not text:
        return UNDEFINED
    return Estimate(float(text), float("nan"), float("nan"), 0)
