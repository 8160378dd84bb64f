"""A figure as a file, or as part of a page."""

from __future__ import annotations

import io
import os
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from reconstrue.errors import UserError
from reconstrue.report.figures.fonts import borrowed
from reconstrue.report.figures.hover import grouped, with_titles

FORMATS: Final = ("svg", "png", "pdf")
# The resolution of the pictures inside an SVG; its lines and letters have none.
_SVG_DPI: Final = 240


def figure_format(path: Path) -> str:
    """Return which of `FORMATS` a file's suffix says; raises UserError for another suffix."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise UserError(f"{path}: a figure is written as .svg, .png or .pdf, not {path.suffix or 'without a suffix'}.")
    return kind


def save_figure(figure: Figure, path: Path, *, dpi: int = 240, about: str = "") -> None:
    """Write a figure as SVG, PNG or PDF, by the suffix, whole or not at all; fonts are embedded.

    In an SVG each mark that was given words (`hover.tell`) carries them as its `<title>`. The same figure gives the
    same bytes. `about`, e.g. the settings that it was made with, goes into the file's metadata: as the text chunk
    ``Description`` of a PNG, the ``dc:description`` of an SVG, the ``Subject`` of a PDF. Raises UserError for another
    suffix.
    """
    content = _rendered(figure, figure_format(path), dpi, about)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def svg_text(figure: Figure, name: str) -> str:
    """Give a figure as an `<svg>` element to stand in a page: fonts as paths, every id begins with `name`.

    Each mark that was given words (`hover.tell`) carries them as its `<title>`. The same figure and name give the same
    text. Raises ValueError for a name that is not a plain word.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        raise ValueError(f"{name!r} cannot begin the ids of a page: use letters, digits and hyphens")
    text = _rendered(figure, "svg", _SVG_DPI).decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    # A style sheet inside a figure holds for the whole page, whose every element is then matched anew for each figure:
    # browsers took half a minute for twenty. Attributes of the root are inherited by the figure's own marks alone.
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, count=1, flags=re.DOTALL)
    text = text.replace("<svg", '<svg stroke-linejoin="round" stroke-linecap="butt"', 1)
    # Two figures on a page have glyphs and clip paths of the same names.
    text = re.sub(r'\bid="([^"]*)"', lambda found: f'id="{name}-{_word(found[1])}"', text)
    text = re.sub(r'href="#([^"]*)"', lambda found: f'href="#{name}-{_word(found[1])}"', text)
    return re.sub(r"url\(#([^)]*)\)", lambda found: f"url(#{name}-{_word(found[1])})", text)


def _rendered(figure: Figure, kind: str, dpi: int, about: str = "") -> bytes:
    unwanted, description = {
        "svg": (("Date", "Creator"), "Description"),
        "png": (("Software",), "Description"),
        "pdf": (("CreationDate",), "Subject"),
    }[kind]
    metadata: dict[str, str | None] = dict.fromkeys(unwanted)
    if about:
        metadata[description] = about
    buffer = io.BytesIO()
    settings: dict[Any, object] = {"svg.fonttype": "path", "svg.hashsalt": "reconstrue", "pdf.fonttype": 42}
    with mpl.rc_context(settings), warnings.catch_warnings(), grouped(figure) as groups, borrowed(figure):
        # What no font has is drawn as boxes; the tables spell it, and `fonts.unwritable` says it once.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata)
    if kind != "svg":
        return buffer.getvalue()
    # Six decimals of a point are for nobody's eyes, and more than half of the file.
    text = with_titles(buffer.getvalue().decode("utf-8"), groups)
    return re.sub(r' d="([^"]*)"', lambda found: f' d="{_rounded(found[1])}"', text).encode("utf-8")


def _rounded(path: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.2f}", path).replace(" \n", " ")


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text)
