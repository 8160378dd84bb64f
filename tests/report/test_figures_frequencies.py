"""Figures and tables of frequencies, tested by their data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from reconstrue.errors import UserError
from reconstrue.metrics.bands import BandSummary, MaskingSummary, summarise_bands, summarise_masking
from reconstrue.report.figures import RED, svg_text, told
from reconstrue.report.figures.frequencies import describe_bands, describe_masking, figure_bands, figure_masking
from reconstrue.report.tables.frequencies import bands_table, channel_table, masking_table

from .conftest import HOSTILE

SDS = np.array([0.04, 0.08, 0.16])
CENTRES = 2.0 ** np.arange(5)


@pytest.fixture(scope="module")
def clean() -> BandSummary:
    return evidence([-1] * 12)


@pytest.fixture(scope="module")
def conflict() -> BandSummary:
    return evidence([1] * 12)


@pytest.fixture(scope="module")
def masked() -> MaskingSummary:
    return masking()


def evidence(texture: list[int]) -> BandSummary:
    """Two noise times, three bands, three labels; band 1 is always right, band 2 always says label 1."""
    error = np.random.default_rng(0).normal(10, 1, (12, 2, 3, 3))
    error[:, :, 1, 0] -= 20
    error[:, :, 2, 1] -= 5
    return summarise_bands(
        error,
        np.zeros(12, dtype=np.int64),
        np.array(texture),
        t=np.array([0.25, 0.75]),
        log_snr=np.array([2.0, -2.0]),
        centres=np.array([0.0, 1.0, 2.0]),
        resamples=50,
        generator=np.random.default_rng(0),
    )


def masking(quiet: float = 1.0) -> MaskingSummary:
    """Right without noise as often as is said; noise at 4 cycles hurts from 0.08 on, any other not at all."""
    right = np.arange(20) < 20 * quiet
    under = np.repeat(np.repeat(right[:, None, None], 3, axis=1), 5, axis=2)
    under[:, 1:, 2] = False
    return summarise_masking(right, under, centres=CENTRES, sds=SDS, resamples=50, generator=np.random.default_rng(0))


def named(figure: Figure, gid: str, kind: type) -> object:
    found = [artist for artist in figure.findobj(kind) if artist.get_gid() == gid]
    assert len(found) == 1, gid
    return found[0]


def lines_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_maps_hold_every_octave_and_noise_time(clean: BandSummary, conflict: BandSummary) -> None:
    figure = figure_bands({"original": clean, "cue-conflict": conflict})
    for view in ("band", "low-pass", "high-pass", "share"):
        for name in ("original", "cue-conflict"):
            cells = named(figure, f"cells {view} {name}", PolyCollection)
            assert isinstance(cells, PolyCollection)
            assert len(cells.get_paths()) == len(told(cells)) == 6
    words = told(named(figure, "cells band original", PolyCollection))  # type: ignore[arg-type]
    assert words[1].startswith("original · this octave alone · accuracy · t = 0.25 · 1 cycles · 100%")
    words = told(named(figure, "cells band cue-conflict", PolyCollection))  # type: ignore[arg-type]
    assert words[2].startswith("cue-conflict · this octave alone · shape bias · t = 0.25 · 2 cycles · 0%")
    said = lines_of(figure)
    assert "accuracy, original (12 images)" in said and "shape bias, cue-conflict (12 images)" in said
    for axes in figure.axes[:8]:
        assert [label.get_text() for label in axes.get_xticklabels()] == ["mean", "1", "2"]


def test_undefined_cells_are_empty(conflict: BandSummary) -> None:
    # A decision that is never by shape or texture has no shape bias.
    error = np.full((4, 1, 2, 3), 9.0)
    error[:, :, 0, 2] = 1
    error[:, :, 1, 0] = 1
    some = summarise_bands(
        error,
        np.zeros(4, dtype=np.int64),
        np.ones(4, dtype=np.int64),
        t=np.array([0.5]),
        log_snr=np.array([0.0]),
        centres=np.array([0.0, 1.0]),
        generator=np.random.default_rng(0),
    )
    cells = named(figure_bands({"cue-conflict": some}), "cells band cue-conflict", PolyCollection)
    assert isinstance(cells, PolyCollection) and len(cells.get_paths()) == 1


def test_no_evidence_is_one_line() -> None:
    with pytest.raises(UserError, match="name a data set"):
        figure_bands({})


def test_masking_curves_and_channel_stand_where_the_figures_are(masked: MaskingSummary) -> None:
    figure = figure_masking(masked, "model")
    weak, strong = (named(figure, f"SD {sd:g}", Line2D) for sd in (0.04, 0.16))
    assert isinstance(weak, Line2D) and isinstance(strong, Line2D)
    np.testing.assert_allclose(weak.get_ydata(), 1)
    np.testing.assert_allclose(strong.get_ydata(), [1, 1, 0, 1, 1])
    # Side by side around the octave's centre.
    np.testing.assert_allclose(strong.get_xdata(), np.arange(5) + 0.07)
    points = named(figure, "sensitivity", Line2D)
    assert isinstance(points, Line2D)
    # From all right at 0.04 to none at 0.08: threshold 0.04 · √2, log₂(0.16 / that) = 1.5 octaves.
    np.testing.assert_allclose(points.get_ydata(), [0, 0, 1.5, 0, 0], atol=1e-9)
    curve = named(figure, "channel", Line2D)
    assert isinstance(curve, Line2D)
    x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert x[y.argmax()] == pytest.approx(2, abs=0.05)
    assert y.max() == pytest.approx(1.5, abs=0.05)


def test_people_are_red_and_said_to_be_published(masked: MaskingSummary) -> None:
    figure = figure_masking(masked, "model")
    people = named(figure, "people, published", Line2D)
    assert isinstance(people, Line2D)
    assert people.get_color() == RED and people.get_marker() == "D"
    assert float(people.get_xdata()[0]) == pytest.approx(math.log2(39.1))  # type: ignore[index]
    assert "arXiv 2309.13190" in told(people)[0]
    bars = [
        segment
        for lines in figure.findobj(LineCollection)
        if isinstance(lines, LineCollection)
        for segment in lines.get_segments()
        if abs(segment[1][0] - segment[0][0] - 1.43) < 1e-6
    ]
    assert len(bars) == 1
    assert any("14 people, published (photographs)" in text for text in lines_of(figure))


def test_a_model_without_a_channel_has_none_drawn() -> None:
    summary = masking(quiet=0.4)
    figure = figure_masking(summary, "model")
    assert "no channel" in lines_of(figure)
    assert not [line for line in figure.findobj(Line2D) if line.get_gid() == "channel"]
    assert "less than the 50% of a threshold: no channel" in describe_masking("model", "original", summary)


def test_figures_take_any_name(clean: BandSummary, masked: MaskingSummary) -> None:
    for figure in (figure_bands({HOSTILE: clean}), figure_masking(masked, HOSTILE)):
        assert "<script>" not in svg_text(figure, "frequencies")


def test_sentences(clean: BandSummary, conflict: BandSummary, masked: MaskingSummary) -> None:
    said = describe_bands("original", clean)
    assert said.startswith("Accuracy on original (n = 12): t = 0.25: 100% [")
    assert " alone, 1 cycles" in said
    assert describe_bands("cue-conflict", conflict).startswith("Shape bias on cue-conflict")
    assert "channel at 4.0" in describe_masking("model", "original", masked)
    assert "39 cycles, 1.4 octaves, 1 pooled" in describe_masking("model", "original", masked)


def test_tables_hold_every_figure(clean: BandSummary, masked: MaskingSummary) -> None:
    table = bands_table("original", clean)
    # Two noise times × three views × three octaves.
    assert len(table.rows) == 18
    header, *rows = table.to_csv().splitlines()
    assert header.startswith("t,log_snr,view,centre,accuracy,accuracy_low,accuracy_high,accuracy_n,shape_bias")
    assert rows[1].startswith("0.25,2.000,band,1,1.0,")
    assert [row.split(",")[2] for row in rows[::3]] == ["band", "low-pass", "high-pass"] * 2
    assert len(masking_table("original", masked).rows) == 1 + 3 * 5
    channel = channel_table("original", masked).to_csv().splitlines()
    assert len(channel) == 1 + 5 + 2
    assert channel[-1].startswith('"14 people, published"') and "39.1" in channel[-1] and "1.43" in channel[-1]
