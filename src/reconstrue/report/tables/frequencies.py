"""Tables of what spatial frequencies decide: evidence by octaves, and critical-band masking."""

from __future__ import annotations

from reconstrue.metrics import UNDEFINED
from reconstrue.metrics.bands import CRITERION, PUBLISHED_CHANNEL, VIEWS, BandSummary, MaskingSummary
from reconstrue.report.tables.table import ABSENT, Cell, Column, Table

_CENTRE = Column("centre", "cycles per image", kind="text")


def bands_table(name: str, summary: BandSummary) -> Table:
    """Give accuracy, shape bias, margin and share of the margin for each noise time, view and octave of a data set."""
    columns = (
        Column("t", "t", kind="text"),
        Column("log_snr", "log SNR", kind="text"),
        Column("view", "decided by", kind="text"),
        _CENTRE,
        Column("accuracy", "accuracy", digits=1, unit="%"),
        Column("shape_bias", "shape bias", digits=1, unit="%"),
        Column("margin", "margin", digits=3),
        Column("share", "share of the margin", digits=1, unit="%"),
    )
    rows: list[tuple[Cell, ...]] = []
    rules = []
    for i, (t, log_snr) in enumerate(zip(summary.t, summary.log_snr, strict=True)):
        rules.append(len(rows))
        for view in VIEWS:
            alone = view == "band"
            rows += [
                (
                    f"{t:.4g}",
                    f"{log_snr:.3f}",
                    view,
                    f"{centre:g}",
                    summary.accuracy[view][i][j],
                    summary.shape_bias[view][i][j],
                    summary.margin[i][j] if alone else UNDEFINED,
                    summary.share[i][j] if alone else UNDEFINED,
                )
                for j, centre in enumerate(summary.centres)
            ]
    rivals = "the texture's minus the shape's" if summary.conflict else "the best other label's minus the right one's"
    notes = (
        "Octaves lie around their centre, 0 is the mean. A decision is by one octave of the error alone (band), with all "
        "lower ones (low-pass) or with all higher ones (high-pass).",
        f"Margin: mean error in the octave, {rivals}. Share: of the size of the whole margin, undefined where that may be 0.",
    )
    return Table(f"bands-{name}", f"Evidence by octaves on {name}", columns, tuple(rows), notes, tuple(rules[1:]))


def masking_table(name: str, summary: MaskingSummary) -> Table:
    """Give accuracy under noise of each octave and deviation; the first row is without noise."""
    columns = (Column("sd", "noise SD", kind="text"), _CENTRE, Column("accuracy", "accuracy", digits=1, unit="%"))
    rows: list[tuple[Cell, ...]] = [("0", ABSENT, summary.quiet)]
    rules = []
    for sd, row in zip(summary.sds, summary.accuracy, strict=True):
        rules.append(len(rows))
        rows += [(f"{sd:g}", f"{centre:g}", one) for centre, one in zip(summary.centres, row, strict=True)]
    return Table(
        f"masking-{name}", f"Accuracy under noise of one octave on {name}", columns, tuple(rows), (), tuple(rules)
    )


def channel_table(name: str, summary: MaskingSummary) -> Table:
    """Give each octave's threshold and sensitivity, then the channel, and people's as published."""
    columns = (
        Column("what", "what", kind="text"),
        _CENTRE,
        Column("threshold", "threshold SD"),
        Column("sensitivity", "sensitivity (octaves)", digits=2),
        Column("peak", "peak (cycles per image)", digits=1),
        Column("bandwidth", "bandwidth (octaves)", digits=2),
    )
    rows: list[tuple[Cell, ...]] = [
        ("octave", f"{centre:g}", limit, one, UNDEFINED, UNDEFINED)
        for centre, limit, one in zip(summary.centres, summary.threshold, summary.sensitivity, strict=True)
    ]
    people = PUBLISHED_CHANNEL
    found = summary.channel
    rows.append(("channel", ABSENT, UNDEFINED, found.height, found.peak, found.bandwidth))
    published = f"{people.people} people, published"
    rows.append((published, ABSENT, UNDEFINED, UNDEFINED, f"{people.peak:g}", f"{people.bandwidth:g}"))
    notes = (
        f"Threshold: deviation of the noise at which accuracy is {CRITERION:.0%}; {summary.sds[-1]:g} stands for that or "
        f"more, {summary.sds[0] / 2:g} for that or less. Sensitivity: octaves by which it lies below {summary.sds[-1]:g}. "
        "The channel is a Gaussian through the sensitivities; a bandwidth of 1 stands for 1 or less.",
        f"People: {people.source}; deviations over people {people.peak_sd:g} cycles and {people.bandwidth_sd:g} octaves; "
        f"their pooled answers give {people.pooled_bandwidth:g} octave.",
    )
    return Table(f"channel-{name}", f"Channel on {name}", columns, tuple(rows), notes, (len(summary.centres),))
