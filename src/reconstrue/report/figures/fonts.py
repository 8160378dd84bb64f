"""Which font has the letters of a name: matplotlib's own has no Chinese, Japanese, Korean, Hindi or Thai."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

OWN: Final = "DejaVu Sans"
"""The font that comes with matplotlib, in which everything else is written."""

OTHERS: Final = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Sans Symbols2",
    "Noto Emoji",
    "Arial Unicode MS",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Unifont",
)
"""Fonts that hold further scripts, those of Linux first, then of macOS and Windows; what is installed is used."""


@contextmanager
def borrowed(figure: Figure) -> Iterator[None]:
    """Let the texts of a figure that need it take letters from installed fonts, as long as this lasts."""
    needy = [(text, text.get_fontfamily()) for text in _texts(figure) if not _letters(OWN).issuperset(text.get_text())]
    try:
        for text, _ in needy:
            text.set_fontfamily([OWN, *_installed()])
        yield
    finally:
        for text, family in needy:
            text.set_fontfamily(family)


def unwritable(figure: Figure) -> set[str]:
    """Give the letters of a figure that no installed font has; they are drawn as boxes."""
    wanted = {letter for text in _texts(figure) for letter in text.get_text() if letter.isprintable()}
    return {letter for letter in wanted if not any(letter in _letters(name) for name in (OWN, *_installed()))}


def _texts(figure: Figure) -> list[Any]:
    return [text for text in figure.findobj(Text) if isinstance(text, Text) and not text.get_text().isascii()]


def _installed() -> tuple[str, ...]:
    there = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(name for name in OTHERS if name in there)


@cache
def _letters(name: str) -> frozenset[str]:
    """Give the letters of a font."""
    font = font_manager.get_font(font_manager.findfont(name))
    return frozenset(map(chr, font.get_charmap()))
