"""Words from file names, labels and CSV stay words: no page, table or figure takes any of them for its own markup."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from reconstrue.report.page.content import Gallery, GalleryItem, Group, Page
from reconstrue.report.page.html import page_html, table_html
from reconstrue.report.tables import Column, Table

MARKUP = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onload='alert(1)", "</style>", "<!--", "-->", "]]>",
    "&lt;", "&amp;", "&", "</title>", "javascript:alert(1)", "\\input{/etc/passwd}", "\\write18{x}", "$x$", "$$", "^^5c",
    "%", "\\\\", "\\", "{", "}", "[1]", "*", "|", "`", "[a](javascript:b)", "[bold]", "\u202e", "\u2028", "_", "~", "#",
]  # fmt: skip
WORDS = st.lists(
    st.sampled_from(MARKUP) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), max_size=4
).map("".join)
EVERY = " ".join(MARKUP)
PICTURE = np.zeros((4, 4, 3), dtype=np.uint8)


class Reader(HTMLParser):
    """Keeps what a browser would make elements of, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.comments = 0
        self.cells: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [value or "" for _, value in attrs]
        self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def one_spaced(text: str) -> str:
    return " ".join(text.split())


def table(name: str, word: str) -> Table:
    return Table(
        name, word, (Column("model", word, kind="text"), Column("x", word)), ((word, 0.5), (word, 7)), (word, word)
    )


def page(word: str) -> Page:
    return Page(
        title=word,
        lead=word,
        findings=(word,),
        tables=(table("t", word),),
        groups=(Group(word, word, (table("g", word),)),),
        galleries=(Gallery(word, word, (GalleryItem(PICTURE, word, ((word, word, word),)),)),),
        notes=(word,),
        run=((word, word),),
    )


@settings(max_examples=40)
@given(WORDS)
@example(EVERY)
def test_a_page_has_the_same_elements_whatever_the_words(word: str) -> None:
    plain, found = Reader(page_html(page("word"))), Reader(page_html(page(f"x{word}")))
    # A long cell may break, which its class says.
    assert found.tags == plain.tags
    assert found.comments == plain.comments == 0
    assert sum(one_spaced(f"x{word}") in one_spaced(cell) for cell in found.cells) >= 15
    assert sum(f"x{word}" == value for value in found.attributes) >= 3, "labels for those who cannot see"


@given(WORDS)
@example(EVERY)
def test_a_table_has_the_same_elements_whatever_the_words(word: str) -> None:
    plain, found = Reader(table_html(table("t", "word"))), Reader(table_html(table("t", f"x{word}")))
    assert found.tags == plain.tags


# How a text spells what LaTeX would act upon.
SPELLED = re.compile(
    r"\\text(backslash|asciitilde|asciicircum|less|greater|bar)\{\}|\\[&%$#_{}]|\\ldots\{\}|\{\}"
    r"|\$\\(downarrow|uparrow|kappa|rho|Sigma|times)\$|\$-\$"
)


def acted_upon(latex: str) -> list[str]:
    """Return, in order, all that LaTeX takes for more than letters."""
    return re.findall(r"\\[A-Za-z]+|\\.|[\\&%$#^~_{}]", SPELLED.sub("", latex))


@given(WORDS, st.booleans())
@example(EVERY, True)
@example(f"*{EVERY}", False)
@example(f"[{EVERY}]", False)
def test_latex_acts_upon_the_same_whatever_the_words(word: str, long: bool) -> None:
    def made(word: str) -> str:
        found = table("t", word)
        return Table(found.name, f"x{word}", found.columns, found.rows * (40 if long else 1), found.notes).to_latex()

    assert acted_upon(made(word)) == acted_upon(made("word"))
    assert not re.search(r"\\\\\s*[\[*]", made(word)), "an option of the line before"


@given(WORDS)
@example(EVERY)
def test_markdown_has_its_columns_and_no_html(word: str) -> None:
    text = table("t", word).to_markdown()
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3 for row in rows), rows
    assert "<" not in text and not re.search(r"(?<!\\)\[", text)


@given(WORDS)
@example(EVERY)
def test_the_csv_gives_the_words_back(word: str) -> None:
    rows = list(csv.reader(io.StringIO(table("t", f"x{word}").to_csv())))
    assert [row[0] for row in rows[1:]] == [one_spaced(f"x{word}")] * 2


@given(WORDS)
@example(EVERY)
def test_the_terminal_shows_the_words(word: str) -> None:
    console = Console(file=io.StringIO(), width=400, record=True)
    console.print(Table("t", "T", (Column("model", "m", kind="text"),), ((f"x{word}",),)).to_rich())
    assert "Error" not in console.export_text()
