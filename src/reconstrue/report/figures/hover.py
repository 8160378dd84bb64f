"""What a mark says when it is pointed at: a `<title>` inside each mark of an SVG.

A figure is made first and drawn later, so the words wait on the artist that draws the marks: as its label, which is
used for nothing else here (legends have handles of their own).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

from matplotlib.artist import Artist
from matplotlib.figure import Figure

_SIGN = "_told\n"
_GROUP = "told-"
# Attributes hold no `>`: matplotlib escapes it.
_TAG = re.compile(r"<(/?)(g|defs|use|path)\b([^>]*)>")
_ID = re.compile(r'\bid="([^"]*)"')


def tell(artist: Artist, texts: Sequence[str]) -> None:
    """Give each mark of an artist its words, in the order in which they are drawn: points, bars, cells or boxes.

    One text per mark: a collection or a line with markers has as many as points, a patch or a plain line has one.
    """
    artist.set_label(_SIGN + "\n".join(" ".join(text.split()) for text in texts))


def told(artist: Artist) -> tuple[str, ...]:
    """Give the words of an artist's marks, () where it has none."""
    label = str(artist.get_label())
    return tuple(label.removeprefix(_SIGN).split("\n")) if label.startswith(_SIGN) else ()


@contextmanager
def grouped(figure: Figure) -> Iterator[dict[str, tuple[str | None, tuple[str, ...]]]]:
    """Name the groups of the marks that have words while an SVG is written: name -> (name before, words)."""
    found = [(artist, artist.get_gid(), told(artist)) for artist in figure.findobj(include_self=False)]
    named = {f"{_GROUP}{index}": item for index, item in enumerate(found) if item[2]}
    for name, (artist, _, _) in named.items():
        artist.set_gid(name)
    try:
        yield {name: (gid, texts) for name, (_, gid, texts) in named.items()}
    finally:
        for artist, gid, _ in named.values():
            artist.set_gid(gid)


def with_titles(svg: str, groups: Mapping[str, tuple[str | None, tuple[str, ...]]]) -> str:
    """Put the words of `grouped` into an SVG, and the groups' own names back.

    The marks of a group are its `<use>` elements, or where it has none its `<path>` elements outside `<defs>`.

    Raises ValueError where a group has another number of marks than words: they could not be paired.
    """
    inserts: list[tuple[int, int, str]] = []
    for name, found in _groups(svg, groups).items():
        gid, texts = groups[name]
        marks = found.uses or found.paths
        if len(marks) != len(texts):
            raise ValueError(f"{gid or name}: {len(texts)} texts for {len(marks)} marks of a figure")
        for (_, end), text in zip(marks, texts, strict=True):
            # `/>` becomes `><title>…</title></use>`.
            tag = "use" if found.uses else "path"
            inserts.append((end - 2, end, f"><title>{escape(text)}</title></{tag}>"))
        inserts.append((*found.id, f'id="{escape(gid or name)}"'))
    parts, at = [], 0
    for start, end, text in sorted(inserts):
        parts += [svg[at:start], text]
        at = end
    return "".join([*parts, svg[at:]])


@dataclass(frozen=True)
class _Group:
    """Where a group's id and its marks stand in a text, as (start, end)."""

    id: tuple[int, int]
    uses: list[tuple[int, int]] = field(default_factory=list)
    paths: list[tuple[int, int]] = field(default_factory=list)


def _groups(svg: str, names: Mapping[str, object]) -> dict[str, _Group]:
    """Find the id and the `<use>` and `<path>` elements of each named group."""
    found: dict[str, _Group] = {}
    open_groups: list[str] = []
    in_defs = 0
    for tag in _TAG.finditer(svg):
        closing, kind, attributes = tag.groups()
        empty = attributes.endswith("/")
        if kind == "defs":
            in_defs += 0 if empty else (-1 if closing else 1)
        elif kind == "g" and closing:
            open_groups.pop()
        elif kind == "g" and not empty:
            name = _ID.search(svg, tag.start(), tag.end())
            open_groups.append(name[1] if name else "")
            if name and name[1] in names:
                found[name[1]] = _Group(name.span())
        elif empty and not in_defs and kind in ("use", "path"):
            for group in (found[name_of] for name_of in open_groups if name_of in found):
                (group.uses if kind == "use" else group.paths).append(tag.span())
    return found
