"""How a page is written: one self-contained HTML file.

Nothing is fetched: styles, figures (SVG), pictures (in `data:` addresses) and one small script stand in the file itself,
and a content security policy forbids the rest: no address but `data:`, and no script but the one of this hash. Without
the script the page says the same; tables then stay in their order.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reconstrue.metrics import Estimate
from reconstrue.report.figures import DecisionStrip, figure_2, svg_text
from reconstrue.report.page.content import Gallery, GalleryItem, Group, Page, PageFigure
from reconstrue.report.tables import Cell, Column, Table
from reconstrue.trials.sidecar import write_text_atomically

_SHOWN = 24
_SIGNS = {"right": "✓", "wrong": "✗", "shape": "◆", "texture": "▦", "neither": "○"}
# Pictures up to this size are shown pixel by pixel; larger ones as thumbnails, as no card is wider on any screen.
_EXACT, _THUMBNAIL = 128, 224
# How far a figure grows and shrinks on a screen; in a narrow one it scrolls in its own panel.
_GROWN, _SHRUNK = 1.4, 0.8
# Steps of shading of a table of counts.
_SHADES = 9


def write_page(path: Path, page: Page) -> None:
    """Write a page as one self-contained HTML file, whole or not at all.

    Raises OSError where the folder cannot be written.
    """
    write_text_atomically(path, page_html(page))


def page_html(page: Page) -> str:
    """Give a page as the text of one HTML file; everything that comes from names and files is escaped."""
    sections = _sections(page)
    links = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title, _ in sections)
    body = "\n".join(
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{escape(title)}</h2>\n'
        f"{content}</section>"
        for name, title, content in sections
    )
    lead = f'<p class="lead">{escape(page.lead)}</p>' if page.lead else ""
    script = _asset("page.js")
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="reconstrue">
<meta name="color-scheme" content="light dark">
<title>{escape(page.title)}</title>
<style>
{_asset("page.css")}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header><h1>{escape(page.title)}</h1>{lead}
<nav aria-label="Sections"><ul>{links}</ul></nav></header>
<main id="content" tabindex="-1">
{body}
</main>
<footer>Made by reconstrue. This file is complete in itself: it can be sent, kept and opened without a network.</footer>
<script>{script}</script>
</body>
</html>
"""


def _sections(page: Page) -> list[tuple[str, str, str]]:
    """Give (id, title, content) of every section that is not empty."""
    tables = "".join(map(table_html, page.tables))
    if tables:
        tables = (
            '<p class="how">A click on a heading sorts a table: people stay on top, undefined figures come last, and '
            "a third click brings the first order back.</p>\n" + tables
        )
    figures = "".join(_figure(figure, index) for index, figure in enumerate(page.figures, start=1))
    if figures:
        figures = (
            '<p class="how">Point at a mark, tap it, or walk through the marks of a figure with the arrow keys to read '
            "its values.</p>\n" + figures
        )
    observers = table_html(page.observers) if page.observers is not None else ""
    found = (
        ("findings", "Findings", _list("findings", page.findings)),
        ("results", "Results", tables),
        ("figures", "Figures", figures),
        ("compared", "Who differs from whom", "".join(map(table_html, page.compared))),
        ("decisions", "How it decides", "".join(_strip(strip, i) for i, strip in enumerate(page.strips, start=1))),
        ("data-sets", "In detail", "".join([*map(table_html, page.details), *map(_group, page.groups)])),
        ("pictures", "What was shown and answered", "".join(map(_gallery, page.galleries))),
        ("notes", "To know", _list("notes", page.notes)),
        ("run", "What was run", _facts(page) + observers),
    )
    return [section for section in found if section[2]]


def _list(kind: str, sentences: tuple[str, ...]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="{kind}">{items}</ul>' if items else ""


def _facts(page: Page) -> str:
    items = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in page.run)
    return f"<dl>{items}</dl>\n" if items else ""


# Tables ---------------------------------------------------------------------------------------------------------


def table_html(table: Table, *, heading: bool = True) -> str:
    """Give a table as HTML that scrolls in its own box, with counts on the cells and the CSV to download.

    Cells carry the exact figure, by which the script sorts; `heading` gives it a title above.
    """
    head = "".join(_heading(column) for column in table.columns)
    top = _row_of_people(table)
    body = "\n".join(
        _row(table, row, rule=index in table.rules, top=index == top) for index, row in enumerate(table.rows)
    )
    notes = _list("notes", table.notes)
    title = escape(table.title)
    shaded = ' class="shaded"' if table.shaded else ""
    return (
        (f"<h3>{title}</h3>\n" if heading else "")
        + f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table{shaded} aria-label="{title}"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>\n'
        + (f"{notes}\n" if notes else "")
        + f'<p class="download">{_csv(table, "CSV with intervals and counts")}</p>\n'
    )


def _csv(table: Table, text: str) -> str:
    content = base64.b64encode(table.to_csv().encode()).decode()
    address = f"data:text/csv;charset=utf-8;base64,{content}"
    return f'<a download="{escape(table.name)}.csv" href="{address}">{escape(text)}</a>'


def _heading(column: Column) -> str:
    kind = ' class="text"' if column.kind == "text" else ""
    # What a reader looks for first: the best where a direction is better, else the largest, and names from A to Z.
    first = "ascending" if column.kind in ("text", "p") or column.better == "lower" else "descending"
    return f'<th scope="col"{kind} data-first="{first}">{escape(column.heading)}</th>'


def _row_of_people(table: Table) -> int | None:
    """Return the one row of all people together, None where there is none or several."""
    named = [index for index, row in enumerate(table.rows) if row[0] == "humans"]
    return named[0] if len(named) == 1 and table.columns[0].key == "model" else None


def _row(table: Table, row: tuple[Cell, ...], *, rule: bool, top: bool) -> str:
    total = sum(cell for cell in row if isinstance(cell, int)) if table.shaded else 0
    cells = []
    for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        value, interval = escape(column.value(cell)), escape(column.interval(cell))
        spelled = value + (f' <span class="interval">{interval}</span>' if interval else "")
        if isinstance(cell, str):
            tag, scope = ("th", ' scope="row"') if column.key == "model" or place == 0 else ("td", "")
            people = column.key == "model" and (cell == "humans" or cell.startswith("humans,"))
            # A long text may break; a name stays whole.
            kind = "text" + (" people" if people else "") + (" long" if len(cell) > 60 else "")
            cells.append(f'<{tag}{scope} class="{kind}">{spelled}</{tag}>')
        elif isinstance(cell, int):
            shade = math.ceil(_SHADES * cell / total) if total else 0
            cells.append(f'<td class="s{shade}">{spelled}</td>' if shade else f"<td>{spelled}</td>")
        elif isinstance(cell, Estimate):
            count = f' title="n = {cell.n:,}"' if cell.defined and cell.n else ""
            cells.append(f'<td{count} data-v="{_exact(cell.value)}">{spelled}</td>')
        else:
            cells.append(f'<td data-v="{_exact(cell)}">{spelled}</td>')
    classes = " ".join(name for name, given in (("rule", rule), ("top", top)) if given)
    return f'<tr class="{classes}">{"".join(cells)}</tr>' if classes else f"<tr>{''.join(cells)}</tr>"


def _exact(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"


def _group(group: Group) -> str:
    folded = "".join(
        f"<details><summary>{escape(table.title)}</summary>\n{table_html(table, heading=False)}</details>\n"
        for table in group.tables
    )
    return f"<h3>{escape(group.title)}</h3>\n<p>{escape(group.explanation)}</p>\n{folded}" if folded else ""


# Figures --------------------------------------------------------------------------------------------------------


def _figure(figure: PageFigure, index: int) -> str:
    drawn = _fluid(svg_text(figure.figure, f"f{index}"), figure.figure.get_figwidth())
    links = "".join(_csv(table, f"CSV: {table.title}") for table in figure.tables)
    taken = f'<p class="download">{links}</p>' if links else ""
    return (
        f"<h3>{escape(figure.title)}</h3>\n"
        f'<figure><div class="panel" role="img" aria-label="{escape(figure.alt)}" tabindex="0" '
        f'data-name="{escape(figure.name)}">{drawn}</div>\n'
        f"<figcaption>{escape(figure.caption)}</figcaption>{taken}</figure>\n"
    )


def _strip(strip: DecisionStrip, index: int) -> str:
    nearest = strip.nearest
    what = f"{strip.category} with the texture of {strip.texture}" if strip.texture else strip.category or "a picture"
    alt = (
        f"{what}, the same with noise (t = {strip.t:.2g}), and what {strip.observer} draws for each of "
        f"{len(strip.labels)} classes. Nearest in this draw: {nearest}. Decision: {strip.decision}."
    )
    name = f"figure-2-{index}"
    figure = figure_2(strip)
    drawn = _fluid(svg_text(figure, f"s{index}"), figure.get_figwidth())
    heading = f"Figure 2: {strip.observer} on {what}" if index == 1 else f"{strip.observer} on {what}"
    return (
        f"<h3>{escape(heading)}</h3>\n"
        f'<figure><div class="panel" role="img" aria-label="{escape(alt)}" tabindex="0" data-name="{name}">'
        f"{drawn}</div></figure>\n"
    )


def _fluid(svg: str, inches: float) -> str:
    """Let an SVG grow a little beyond its size in print, and shrink as far as its letters can be read.

    Its viewBox keeps the proportions. Blanks between elements go.
    """
    svg = re.sub(r">\s+<", "><", svg)
    start = svg.index("<svg")
    end = svg.index(">", start)
    head = " ".join(part for part in svg[start:end].split() if not part.startswith(("width=", "height=", "version=")))
    size = f'style="max-width:{_GROWN * inches:.2f}in;min-width:{_SHRUNK * inches:.2f}in"'
    return f'{svg[:start]}{head} {size} aria-hidden="true" focusable="false"{svg[end:]}'


# Pictures -------------------------------------------------------------------------------------------------------


def _gallery(gallery: Gallery) -> str:
    cards = [_card(item) for item in gallery.items]
    shown = f'<ul class="cards">{"".join(cards[:_SHOWN])}</ul>\n'
    if len(cards) > _SHOWN:
        rest = cards[_SHOWN:]
        shown += f'<details><summary>{len(rest):,} more</summary><ul class="cards">{"".join(rest)}</ul></details>\n'
    return f"<h3>{escape(gallery.title)}</h3>\n<p>{escape(gallery.explanation)}</p>\n{shown}"


def _card(item: GalleryItem) -> str:
    answers = "".join(
        f'<li><span class="who">{escape(observer)}</span> {escape(response)}{_verdict(kind)}</li>'
        for observer, response, kind in item.answers
    )
    fine = ' class="fine"' if max(item.picture.shape[:2]) > _EXACT else ""
    return (
        f'<li class="card"><img{fine} loading="lazy" src="{_picture_address(item.picture)}" alt="{escape(item.caption)}">'
        f"<p>{escape(item.caption)}</p>" + (f"<ul>{answers}</ul>" if answers else "") + "</li>\n"
    )


def _verdict(kind: str) -> str:
    if not kind:
        return ""
    known = f" {kind}" if kind in _SIGNS else ""
    sign = f"{_SIGNS[kind]} " if kind in _SIGNS else ""
    return f' <span class="verdict{known}">{sign}{escape(kind)}</span>'


def _picture_address(picture: NDArray[np.uint8]) -> str:
    """Give a picture as a `data:` address: a small one exactly, a large one as a thumbnail in the shorter format."""
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"a picture is (height, width, 3) uint8, not {picture.shape} {picture.dtype}")
    image = Image.fromarray(picture)
    if max(image.size) <= _EXACT:
        return _address(image, "PNG")
    image.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
    return min(_address(image, "PNG"), _address(image, "JPEG"), key=len)


def _address(image: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    # Pillow takes the quality for JPEG alone.
    image.save(buffer, format=kind, optimize=True, quality=80)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


@cache
def _asset(name: str) -> str:
    return files("reconstrue.report.page").joinpath(name).read_text(encoding="utf-8")
