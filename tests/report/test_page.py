"""The page: complete in itself, well formed, and no name or caption can break out of its place."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from reconstrue.metrics import Benchmark
from reconstrue.report import NEVER_SEEN, Gallery, GalleryItem, Page, benchmark_page, page_html, write_page
from reconstrue.trials.table import Problem

from .conftest import HOSTILE
from .test_figures import strip

VOID = {"meta", "img", "br", "link", "input"}
PICTURE = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)


class Reader(HTMLParser):
    """Checks that tags close in order, and keeps elements, addresses, ids and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for key, value in attrs:
            assert not key.startswith("on")
            if key in ("src", "href", "xlink:href", "action", "poster", "srcset"):
                self.addresses.append(value or "")
            if key == "id":
                self.ids.append(value or "")
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def full(benchmark: Benchmark) -> Page:
    answers = (("pocket-pixel", "dog", "shape"), (HOSTILE, "clock", "texture"), ("third", "car", "neither"))
    items = (
        GalleryItem(PICTURE, HOSTILE, answers),
        GalleryItem(PICTURE, "edge", (("pocket-pixel", "car", "right"), ("x", "cat", "wrong"), ("y", "cat", ""))),
    )
    return benchmark_page(
        replace(benchmark, notes=(HOSTILE,), skipped=(Problem(HOSTILE, HOSTILE),)),
        title=HOSTILE,
        lead=HOSTILE,
        findings=[HOSTILE],
        run=[(HOSTILE, HOSTILE)],
        strips=[strip(observer=HOSTILE, note=HOSTILE), strip(texture="", category="dog")],
        galleries=[Gallery(HOSTILE, HOSTILE, items)],
        why_no_people=NEVER_SEEN,
    )


@pytest.fixture(scope="module")
def paper_html(paper: Benchmark) -> str:
    return page_html(full(paper))


@pytest.fixture(scope="module")
def pocket_html(pocket: Benchmark) -> str:
    return page_html(full(pocket))


def test_the_page_is_complete_in_itself(paper_html: str) -> None:
    text = paper_html
    page = Reader(text)
    assert page.addresses
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(page.tags)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", text)
    assert "default-src 'none'" in text


def test_hostile_names_stay_text(pocket_html: str) -> None:
    text = pocket_html
    page = Reader(text)
    assert "<script" not in text
    assert "script" not in page.tags
    # Title, lead, finding, table row, strip, gallery (title, words, caption, observer), note, problem, manifest.
    assert page.text.count("alert(1)") >= 12


def test_without_people_the_page_says_so(pocket_html: str) -> None:
    page = Reader(pocket_html)
    assert "Figures that compare with people read “–”: people never saw these pictures." in page.text
    assert re.search(r"pocket-pixel diffusion – 0\.600 \[0\.500, 0\.700\] –", page.text)
    assert "humans" not in page.text
    assert "Table 2" not in page.text, "a table of nothing but dashes helps nobody"


def test_answers_are_marked_by_words_not_only_by_colour(pocket_html: str) -> None:
    text = Reader(pocket_html).text
    assert "pocket-pixel dog ◆ shape" in text
    assert "clock ▦ texture" in text
    assert "third car ○ neither" in text
    assert "pocket-pixel car ✓ right" in text
    assert "x cat ✗ wrong" in text
    assert "y cat" in text


def test_pictures_have_words_and_the_right_pixels(pocket_html: str) -> None:
    from io import BytesIO

    from PIL import Image

    images = Reader(pocket_html).images
    assert [image["alt"] for image in images] == [HOSTILE, "edge"]
    address = images[1]["src"]
    assert address is not None
    with Image.open(BytesIO(base64.b64decode(address.split(",")[1]))) as picture:
        assert np.array_equal(np.asarray(picture), PICTURE)


def test_figures_have_words(paper_html: str) -> None:
    text = paper_html
    labels = re.findall(r'role="img" aria-label="([^"]*)"', text)
    assert len(labels) == 3
    assert "humans 96% [95, 97]" in labels[0]
    assert labels[2].endswith("Nearest in this draw: clock. Decision: clock.")


def test_tables_give_counts_and_their_csv(paper_html: str) -> None:
    text = paper_html
    assert 'title="n = 9,000"' in text
    (address,) = re.findall(r'download="table-1\.csv" href="data:text/csv;charset=utf-8;base64,([^"]*)"', text)
    assert base64.b64decode(address).decode().startswith("model,model_type,shape_bias,shape_bias_low")


def test_a_long_gallery_folds(pocket: Benchmark) -> None:
    items = tuple(GalleryItem(PICTURE, f"number {index}") for index in range(30))
    page = Reader(page_html(Page("T", galleries=(Gallery("g", "e", items),))))
    assert len(page.images) == 30
    assert "6 more" in page.text
    assert "details" in page.tags


def test_an_empty_page_is_still_a_page() -> None:
    page = Reader(page_html(Page("Nothing")))
    assert "section" not in page.tags
    assert "h1" in page.tags


def test_what_is_no_picture_is_refused() -> None:
    page = Page("T", galleries=(Gallery("g", "e", (GalleryItem(np.zeros((8, 8), dtype=np.uint8), "c"),)),))
    with pytest.raises(ValueError, match=r"a picture is \(height, width, 3\) uint8, not \(8, 8\) uint8"):
        page_html(page)


def test_the_page_is_written_whole_or_not_at_all(pocket: Benchmark, tmp_path: Path) -> None:
    path = tmp_path / "out" / "report.html"
    write_page(path, full(pocket))
    assert path.read_text(encoding="utf-8") == page_html(full(pocket))
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]
