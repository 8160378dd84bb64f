"""The page: complete in itself, well formed, and no name or caption can break out of its place."""

from __future__ import annotations

import base64
import hashlib
import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reconstrue.metrics import UNDEFINED, Benchmark, Estimate
from reconstrue.report.page import Gallery, GalleryItem, Group, Page, benchmark_page, page_html, table_html, write_page
from reconstrue.report.tables import NEVER_SEEN, Column, Table
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
        self.scripts: list[str] = []
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
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def script(self) -> str:
        return "".join(self.scripts)

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
    assert not {"link", "iframe", "object", "base", "form"} & set(page.tags)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", text)


def test_only_the_pages_own_script_may_run(paper_html: str, pocket_html: str) -> None:
    for text in (paper_html, pocket_html):
        page = Reader(text)
        assert page.tags.count("script") == 1
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        digest = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == f"'sha256-{digest}'", (
            "the hash is that of the script, and nothing else is allowed"
        )
        assert rules["img-src"] == "data:"
        assert "</" not in page.script, "a script ends where its element does"


def test_hostile_names_stay_text(pocket_html: str) -> None:
    text = pocket_html
    page = Reader(text)
    assert text.count("<script") == 1, "the page's own"
    assert "alert" not in page.script
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
    images = Reader(pocket_html).images
    assert [image["alt"] for image in images] == [HOSTILE, "edge"]
    address = images[1]["src"]
    assert address is not None
    with Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))) as picture:
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


def test_a_figure_gives_its_numbers_as_csv(paper_html: str) -> None:
    (figure,) = re.findall("<figure>(?:(?!</figure>).)*shape-bias-by-category.*?</figure>", paper_html, flags=re.DOTALL)
    content = re.search(
        r'download="shape-bias-by-category.csv" href="data:text/csv;charset=utf-8;base64,([^"]*)"', figure
    )
    assert content is not None
    rows = base64.b64decode(content[1]).decode().splitlines()
    assert rows[0].startswith("model,category,shape_bias,shape_bias_low")
    assert "beta,cat,0.25,,,100" in rows


def test_cells_carry_what_they_are_sorted_by() -> None:
    columns = (
        Column("model", "model", kind="text"),
        Column("x", "x", unit="%", digits=0),
        Column("y", "y", better="lower"),
        Column("n", "n", kind="count"),
        Column("p", "p", kind="p"),
    )
    rows = (
        ("humans", Estimate(0.12345, 0.1, 0.2, 9), UNDEFINED, 1200, 0.0004),
        ("a", UNDEFINED, UNDEFINED, 7, math.nan),
    )
    text = table_html(Table("t", "T", columns, rows))
    # Exact where the cell is rounded, empty where it is undefined; counts are read as they stand.
    assert 'title="n = 9" data-v="0.12345">12% <span class="interval">[10, 20]' in text
    assert text.count('data-v=""') == 4
    assert "<td>1,200</td>" in text
    assert 'data-v="0.0004">&lt; 0.001<' in text
    assert '<tr class="top"><th scope="row" class="text people">humans' in text
    firsts = re.findall(r'data-first="(\w+)"', text)
    assert firsts == ["ascending", "descending", "ascending", "descending", "ascending"]


def test_several_rows_of_people_are_sorted_with_the_others() -> None:
    rows = (("edge", "humans"), ("sketch", "humans"))
    columns = (Column("dataset", "data set", kind="text"), Column("model", "model", kind="text"))
    assert 'class="top"' not in table_html(Table("t", "T", columns, rows))


def test_counts_are_shaded_by_their_share_of_the_row() -> None:
    columns = (Column("model", "model", kind="text"), *(Column(f"c{i}", f"c{i}", kind="count") for i in range(3)))
    text = table_html(Table("t", "T", columns, (("a", 90, 10, 0),), shaded=True))
    # 90 of 100 is ceil(9 · 0.9) = 9, 10 of 100 is ceil(0.9) = 1, nothing is not shaded.
    assert '<td class="s9">90</td><td class="s1">10</td><td>0</td>' in text


def test_groups_are_folded_under_their_tables_titles() -> None:
    table = Table("t", HOSTILE, (Column("model", "model", kind="text"),), (("a",),))
    page = Reader(page_html(Page("T", groups=(Group("Kind", "About.", (table, table)),))))
    assert page.tags.count("details") == 2
    assert page.text.count(HOSTILE) == 2


def test_large_pictures_become_thumbnails(pocket: Benchmark) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    flat = np.full((600, 600, 3), 200, dtype=np.uint8)
    items = tuple(GalleryItem(picture, "c") for picture in (noise, flat))
    images = Reader(page_html(Page("T", galleries=(Gallery("g", "e", items),)))).images
    kinds = [str(image["src"]).split(";")[0] for image in images]
    # A photograph is shorter as JPEG, a drawing as PNG.
    assert kinds == ["data:image/jpeg", "data:image/png"]
    for image in images:
        with Image.open(io.BytesIO(base64.b64decode(str(image["src"]).split(",")[1]))) as picture:
            assert picture.size == (224, 224)


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
