"""The page: one self-contained HTML file with what was run, what came out, and what everybody saw and answered.

Nothing is fetched: styles, figures (SVG) and pictures (PNG in `data:` addresses) stand in the file itself, and a
content security policy forbids the rest.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from reconstrue.metrics import Benchmark, ConsistencyMatrix
from reconstrue.report.figures import DecisionStrip, describe_figure_1, figure_1, figure_2, svg_text
from reconstrue.report.tables import (
    NO_TRIALS_OF_PEOPLE,
    Table,
    benchmark_notes,
    consistency_table,
    per_dataset_table,
    table_1,
    table_2,
    table_3,
)
from reconstrue.trials.sidecar import write_text_atomically

Answer = tuple[str, str, str]
"""Observer, response, and verdict as `figures.verdict` gives it ('' where the right answer is unknown)."""

_SHOWN = 24
_SIGNS = {"right": "✓", "wrong": "✗", "shape": "◆", "texture": "▦", "neither": "○"}


@dataclass(frozen=True)
class GalleryItem:
    """One picture, (H, W, 3) uint8, with a caption and each observer's answer."""

    picture: NDArray[np.uint8]
    caption: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Gallery:
    """The pictures of one data set, with a sentence on what they are."""

    title: str
    explanation: str
    items: tuple[GalleryItem, ...]


@dataclass(frozen=True)
class PageFigure:
    """A figure with its title, a caption below it, and what it shows in words for those who cannot see it."""

    figure: Figure
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Page:
    """The content of a report, in reading order; what is empty is left out.

    Attributes:
        title: of the page.
        lead: one sentence below the title.
        findings: headline findings, one sentence each.
        tables: the main tables.
        figures: the main figures.
        strips: how the model decided on single pictures (Figure 2).
        details: further tables: each data set, consistency between models.
        galleries: what was shown and answered.
        notes: what was left out and what to know.
        run: what was run, as (key, value).
    """

    title: str
    lead: str = ""
    findings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[PageFigure, ...] = ()
    strips: tuple[DecisionStrip, ...] = ()
    details: tuple[Table, ...] = ()
    galleries: tuple[Gallery, ...] = ()
    notes: tuple[str, ...] = ()
    run: tuple[tuple[str, str], ...] = ()


def benchmark_page(
    benchmark: Benchmark,
    *,
    title: str,
    lead: str = "",
    findings: Sequence[str] = (),
    run: Sequence[tuple[str, str]] = (),
    strips: Sequence[DecisionStrip] = (),
    between: Mapping[str, ConsistencyMatrix] | None = None,
    galleries: Sequence[Gallery] = (),
    why_no_people: str = NO_TRIALS_OF_PEOPLE,
) -> Page:
    """Lay out a benchmark as a page: its tables, Figure 1 where anybody has a shape bias, and what is passed in.

    Tables 2 and 3 compare with people and rank complete models; without either they would be empty and are left out.
    """
    tables = [table_1(benchmark, why_no_people=why_no_people)]
    if benchmark.humans.n_datasets or any(row.complete for row in benchmark.models.values()):
        tables += [
            table_2(benchmark, why_no_people=why_no_people),
            table_3(benchmark, why_no_people=why_no_people),
        ]
    figures = []
    if any(row.shape_bias.defined for row in (benchmark.humans, *benchmark.models.values())):
        figures.append(
            PageFigure(
                figure_1(benchmark),
                "Figure 1: shape bias",
                "How often shape wins where the shape of one category carries the texture of another. One mark per "
                "observer and category, a line at the mean over all decisions; brackets are 95% intervals.",
                describe_figure_1(benchmark),
            )
        )
    return Page(
        title=title,
        lead=lead,
        findings=tuple(findings),
        tables=tuple(tables),
        figures=tuple(figures),
        strips=tuple(strips),
        details=(
            per_dataset_table(benchmark, why_no_people=why_no_people),
            *(consistency_table(matrix) for matrix in (between or {}).values()),
        ),
        galleries=tuple(galleries),
        notes=benchmark_notes(benchmark),
        run=tuple(run),
    )


def write_page(path: Path, page: Page) -> None:
    """Write a page as one self-contained HTML file, whole or not at all.

    Raises OSError where the folder cannot be written.
    """
    write_text_atomically(path, page_html(page))


def page_html(page: Page) -> str:
    """Give a page as the text of one HTML file; everything that comes from names and files is escaped."""
    sections: list[tuple[str, str, str]] = []
    if page.findings:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in page.findings)
        sections.append(("findings", "Findings", f'<ul class="findings">{items}</ul>'))
    if page.tables:
        sections.append(("results", "Results", "".join(map(table_html, page.tables))))
    if page.figures:
        drawn = "".join(_figure(figure, index) for index, figure in enumerate(page.figures, start=1))
        sections.append(("figures", "Figures", drawn))
    if page.strips:
        drawn = "".join(_strip(strip, index) for index, strip in enumerate(page.strips, start=1))
        sections.append(("decisions", "How it decides", drawn))
    if page.details:
        sections.append(("data-sets", "In detail", "".join(map(table_html, page.details))))
    if page.galleries:
        sections.append(("pictures", "What was shown and answered", "".join(map(_gallery, page.galleries))))
    if page.notes:
        items = "".join(f"<li>{escape(note)}</li>" for note in page.notes)
        sections.append(("notes", "To know", f'<ul class="notes">{items}</ul>'))
    if page.run:
        items = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in page.run)
        sections.append(("run", "What was run", f"<dl>{items}</dl>"))
    links = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title, _ in sections)
    body = "\n".join(
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{escape(title)}</h2>\n{content}</section>'
        for name, title, content in sections
    )
    lead = f'<p class="lead">{escape(page.lead)}</p>' if page.lead else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="reconstrue">
<title>{escape(page.title)}</title>
<style>
{_css()}</style>
</head>
<body>
<header><h1>{escape(page.title)}</h1>{lead}
<nav aria-label="Sections"><ul>{links}</ul></nav></header>
<main>
{body}
</main>
<footer>Made by reconstrue. This file is complete in itself: it can be sent, kept and opened without a network.</footer>
</body>
</html>
"""


def table_html(table: Table) -> str:
    """Give a table as HTML that scrolls in its own box, with counts on the cells and the CSV to download."""
    head = "".join(
        f'<th scope="col"{_text_class(column.kind)}>{escape(column.heading)}</th>' for column in table.columns
    )
    rows = []
    for index, row in enumerate(table.rows):
        classes = ["rule"] if index in table.rules else []
        cells = []
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            value, interval = escape(column.value(cell)), escape(column.interval(cell))
            spelled = value + (f' <span class="interval">{interval}</span>' if interval else "")
            if isinstance(cell, str):
                tag = 'th scope="row"' if column.key == "model" or place == 0 else "td"
                people = column.key == "model" and (cell == "humans" or cell.startswith("humans,"))
                kind = "text people" if people else "text"
                cells.append(f'<{tag} class="{kind}">{spelled}</{tag.split()[0]}>')
            else:
                count = f' title="n = {cell.n:,}"' if cell.defined else ""
                cells.append(f"<td{count}>{spelled}</td>")
        joined = " ".join(classes)
        named = f' class="{joined}"' if classes else ""
        rows.append(f"<tr{named}>{''.join(cells)}</tr>")
    notes = "".join(f"<li>{escape(note)}</li>" for note in table.notes)
    body = "\n".join(rows)
    content = base64.b64encode(table.to_csv().encode()).decode()
    return (
        f"<h3>{escape(table.title)}</h3>\n"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}">'
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>\n"
        + (f'<ul class="notes">{notes}</ul>\n' if notes else "")
        + f'<p class="download"><a download="{escape(table.name)}.csv" '
        f'href="data:text/csv;charset=utf-8;base64,{content}">CSV with intervals and counts</a></p>\n'
    )


def _text_class(kind: str) -> str:
    return ' class="text"' if kind == "text" else ""


def _figure(figure: PageFigure, index: int) -> str:
    drawn = _fluid(svg_text(figure.figure, f"figure-{index}"))
    return (
        f"<h3>{escape(figure.title)}</h3>\n"
        f'<figure><div class="panel tall" role="img" aria-label="{escape(figure.alt)}" tabindex="0">'
        f"{drawn}</div>\n"
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>\n"
    )


def _strip(strip: DecisionStrip, index: int) -> str:
    nearest = strip.nearest
    what = f"{strip.category} with the texture of {strip.texture}" if strip.texture else strip.category or "a picture"
    alt = (
        f"{what}, the same with noise (t = {strip.t:.2g}), and what {strip.observer} draws for each of "
        f"{len(strip.labels)} classes. Nearest in this draw: {nearest}. Decision: {strip.decision}."
    )
    drawn = _fluid(svg_text(figure_2(strip), f"strip-{index}"))
    heading = f"Figure 2: {strip.observer} on {what}" if index == 1 else f"{strip.observer} on {what}"
    return (
        f"<h3>{escape(heading)}</h3>\n"
        f'<figure><div class="panel wide" role="img" aria-label="{escape(alt)}" tabindex="0">'
        f"{drawn}</div></figure>\n"
    )


def _fluid(svg: str) -> str:
    """Take the fixed size off an SVG; its viewBox keeps the proportions."""
    start = svg.index("<svg")
    end = svg.index(">", start)
    head = " ".join(part for part in svg[start:end].split() if not part.startswith(("width=", "height=", "version=")))
    return svg[:start] + head + ' aria-hidden="true" focusable="false"' + svg[end:]


def _gallery(gallery: Gallery) -> str:
    cards = [_card(item) for item in gallery.items]
    shown = f'<ul class="cards">{"".join(cards[:_SHOWN])}</ul>\n'
    if len(cards) > _SHOWN:
        rest = cards[_SHOWN:]
        shown += f'<details><summary>{len(rest):,} more</summary><ul class="cards">{"".join(rest)}</ul></details>\n'
    return f"<h3>{escape(gallery.title)}</h3>\n<p>{escape(gallery.explanation)}</p>\n{shown}"


def _card(item: GalleryItem) -> str:
    answers = "".join(
        f'<li><span class="who">{escape(observer)}</span>{escape(response)}{_verdict(kind)}</li>'
        for observer, response, kind in item.answers
    )
    fine = ' class="fine"' if max(item.picture.shape[:2]) > 160 else ""
    return (
        f'<li class="card"><img{fine} src="{_png_address(item.picture)}" alt="{escape(item.caption)}">'
        f"<p>{escape(item.caption)}</p>" + (f"<ul>{answers}</ul>" if answers else "") + "</li>\n"
    )


def _verdict(kind: str) -> str:
    if not kind:
        return ""
    known = f" {kind}" if kind in _SIGNS else ""
    sign = f"{_SIGNS[kind]} " if kind in _SIGNS else ""
    return f' <span class="verdict{known}">{sign}{escape(kind)}</span>'


def _png_address(picture: NDArray[np.uint8]) -> str:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"a picture is (height, width, 3) uint8, not {picture.shape} {picture.dtype}")
    image = Image.fromarray(picture)
    # No card is wider than this on any screen.
    image.thumbnail((384, 384), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@cache
def _css() -> str:
    return files("reconstrue.report").joinpath("page.css").read_text(encoding="utf-8")
