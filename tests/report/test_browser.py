"""The page in a real browser, from a file and without a network: it sorts, shows values, hands out files, and fits.

Needs a Chromium on the path; without one it skips, unless RECONSTRUE_NEEDS_BROWSER is set, as `.ci/run` does.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.answers import write_trials

from reconstrue.metrics import admitted_trials, benchmark, load_published
from reconstrue.report.figures import FIGURES
from reconstrue.report.page import Gallery, GalleryItem, Group, Page, PageFigure, write_page
from reconstrue.report.tables import conditions_table, confusion_table, people_table, table_1, table_2
from reconstrue.studies.report import gather
from reconstrue.trials import read_trials

from .conftest import HOSTILE

MODELS = {"alpha": 0.3, "beta": 0.7, "gamma-with-a-rather-long-name-of-a-model": 0.5}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with tables, figures, pictures and a folded group, and the benchmark.json that it was made from."""
    folder = tmp_path_factory.mktemp("page")
    # Of no cue conflict, so without a shape bias.
    write_trials(folder / "trials", {"delta": 0.6}, datasets=("edge",), people={})
    read = read_trials([write_trials(folder / "trials", MODELS, datasets=("edge", "cue-conflict"))])
    found = benchmark(read.table, resamples=50, generator=np.random.default_rng(0), allow_partial=True)
    results = gather(admitted_trials(read.table, found), found, resamples=50, generator=np.random.default_rng(1))
    figures = []
    for name in ("figure-1", "figure-4"):
        maker = FIGURES[name]
        assert not maker.missing(results)
        drawn = maker.draw(results)
        behind = (conditions_table(found),) if name == "figure-4" else ()
        figures.append(PageFigure(drawn, maker.title, maker.caption, maker.describe(results), name, behind))
    picture = np.full((200, 200, 3), 90, dtype=np.uint8)
    item = GalleryItem(picture, "cat", (("people (3)", "cat 2, dog 1", "2 right, 1 wrong"), (HOSTILE, "dog", "wrong")))
    confusions = tuple(confusion_table(name, matrices) for name, matrices in results.confusions.items())
    page = Page(
        title=HOSTILE,
        lead=HOSTILE,
        findings=(HOSTILE, "One finding."),
        tables=(table_1(found, published=load_published()), table_2(found)),
        figures=tuple(figures),
        compared=(people_table(results.comparisons, found),),
        groups=(Group("Confusion matrices", "What is taken for what.", confusions),),
        galleries=(Gallery("edge", "Some pictures.", (item,) * 5),),
        notes=("A note " + "that-cannot-be-broken-anywhere-" * 12,),
        run=(("command", "reconstrue report --trials " + "/a/long/folder" * 20),),
    )
    write_page(folder / "report.html", page)
    (folder / "benchmark.json").write_text(json.dumps(found.to_json()), encoding="utf-8")
    return folder / "report.html"


@pytest.fixture
def opened(browser: Any, page_file: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, opened offline; parametrised with settings of the context. Nothing may be said or asked for."""
    context = browser.new_context(offline=True, **{"viewport": DESK, **getattr(request, "param", {})})
    context.set_default_timeout(20_000)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(page_file.as_uri())
    yield page
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [page_file.as_uri()]


def names(page: Any, place: int = 0) -> list[str]:
    return [text.strip() for text in page.locator("table").nth(place).locator("tbody th").all_inner_texts()]


def test_a_click_on_a_heading_sorts_and_a_third_brings_the_order_back(opened: Any) -> None:
    table = opened.locator("table").first
    given = names(opened)
    assert given[0] == "humans" and "humans" not in given[1:]
    heading = table.get_by_role("columnheader", name="shape bias")
    values = [[cell.strip() for cell in row.split("\t")] for row in table.locator("tbody tr").all_inner_texts()]
    place = [text.strip() for text in table.locator("thead th").all_inner_texts()].index("shape bias")
    figure = {row[0]: float(row[place].split("%")[0]) if row[place][0].isdigit() else None for row in values}
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    down = names(opened)
    assert down[0] == "humans", "people stay on top"
    rest = [figure[name] for name in down[1:]]
    defined = [value for value in rest if value is not None]
    assert len(defined) < len(rest), "delta has none"
    assert defined == sorted(defined, reverse=True)
    assert rest == defined + [None] * (len(rest) - len(defined)), "undefined comes last"
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    up = [figure[name] for name in names(opened)[1:]]
    assert up == sorted(defined) + [None] * (len(rest) - len(defined)), "undefined comes last in this order too"
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") is None
    assert names(opened) == given


def test_the_keyboard_sorts_too_and_only_one_column_says_so(opened: Any) -> None:
    table = opened.locator("table").first
    table.get_by_role("button", name="shape bias").focus()
    opened.keyboard.press("Enter")
    table.get_by_role("button", name="model", exact=True).focus()
    opened.keyboard.press("Space")
    assert table.locator("th[aria-sort]").count() == 1
    assert table.get_by_role("columnheader", name="model", exact=True).get_attribute("aria-sort") == "ascending"
    found = names(opened)
    assert found[0] == "humans"
    assert [name for name in found if name in MODELS] == sorted(MODELS)
    assert opened.get_by_role("status").inner_text() == "sorted by model, ascending"


def test_equal_rows_keep_their_order(opened: Any) -> None:
    table = opened.locator("table").first
    given = names(opened)[1:]
    table.get_by_role("button", name="coverage").click()
    found = names(opened)[1:]
    published = [name for name in given if name not in MODELS and not name.startswith("humans")]
    assert [name for name in found if name in published] == published


def test_pointing_at_a_mark_shows_its_value(opened: Any, page_file: Path) -> None:
    rows = json.loads((page_file.parent / "benchmark.json").read_text(encoding="utf-8"))["models"]
    assert opened.locator(".tip").is_hidden()
    for name in ("alpha", "beta"):
        expected = rows[name]["error_consistency"]["value"]
        mark = opened.locator(f'[data-name="figure-4"] [data-tip^="{name} "]').first
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tip = opened.locator(".tip")
        tip.wait_for(state="visible")
        text = tip.inner_text()
        assert text.startswith(name)
        assert f"{expected:.3f}".replace("-", "−") in text.replace("-", "−")
        inside = tip.bounding_box()
        assert inside["x"] >= 0 and inside["x"] + inside["width"] <= DESK["width"]
    opened.mouse.move(2, 2)
    tip.wait_for(state="hidden")


def test_the_arrow_keys_walk_through_the_marks(opened: Any) -> None:
    panel = opened.locator('[data-name="figure-1"]')
    panel.focus()
    opened.keyboard.press("ArrowRight")
    first = opened.locator(".tip").inner_text()
    opened.keyboard.press("ArrowRight")
    second = opened.locator(".tip").inner_text()
    assert first and second and first != second
    assert opened.get_by_role("status").inner_text().replace(" · ", "\n").split() == second.split()
    opened.keyboard.press("Home")
    assert opened.locator(".tip").inner_text() == first
    opened.keyboard.press("Escape")
    assert opened.locator(".tip").is_hidden()


@pytest.mark.parametrize("opened", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
def test_a_tap_shows_a_value(opened: Any) -> None:
    mark = opened.locator('[data-name="figure-4"] [data-tip^="beta "]').first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    opened.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = opened.locator(".tip")
    tip.wait_for(state="visible")
    assert tip.inner_text().startswith("beta")


def test_a_table_downloads_as_csv_and_a_figure_as_svg(opened: Any, page_file: Path, tmp_path: Path) -> None:
    rows = json.loads((page_file.parent / "benchmark.json").read_text(encoding="utf-8"))["models"]
    with opened.expect_download() as waiting:
        opened.locator('a[download="table-2.csv"]').click()
    waiting.value.save_as(tmp_path / "table-2.csv")
    with (tmp_path / "table-2.csv").open(encoding="utf-8") as file:
        found = {row["model"]: row for row in csv.DictReader(file)}
    assert float(found["beta"]["error_consistency"]) == rows["beta"]["error_consistency"]["value"]
    with opened.expect_download() as waiting:
        opened.get_by_role("button", name="Download figure-4 as SVG").click()
    assert waiting.value.suggested_filename == "figure-4.svg"
    beside = opened.locator("figure", has=opened.locator('[data-name="figure-4"]')).locator(".download")
    assert beside.all_inner_texts() == ["SVG\nCSV: Every condition: accuracy and consistency with people"]
    with opened.expect_download() as numbers:
        beside.locator("a").click()
    assert numbers.value.suggested_filename == "conditions.csv"
    waiting.value.save_as(tmp_path / "figure-4.svg")
    drawing = ElementTree.parse(tmp_path / "figure-4.svg").getroot()  # noqa: S314 - a file of our own
    assert re.fullmatch(r"[\d.]+pt", drawing.get("width") or "")
    titles = [element.text or "" for element in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("beta ") for title in titles), "the file keeps what the marks say"


@pytest.mark.parametrize("opened", [{"viewport": DESK}, {"viewport": PHONE}], indirect=True)
def test_a_box_that_scrolls_ends_below_a_whole_row(opened: Any) -> None:
    for details in opened.locator("details").all():
        details.evaluate("element => element.open = true")
    opened.wait_for_timeout(200)
    over = opened.evaluate(
        """() => [...document.querySelectorAll('.scroll')].filter((box) => box.scrollHeight > box.clientHeight)
            .map((box) => Math.min(...[...box.querySelectorAll('tbody tr')].map(
                (row) => Math.abs(row.offsetTop + row.offsetHeight - box.clientHeight))))"""
    )
    assert over, "no table of the page is longer than its box"
    assert max(over) <= 1


@pytest.mark.parametrize("opened", [{"viewport": PHONE}], indirect=True)
def test_a_phone_scrolls_in_one_direction_only(opened: Any) -> None:
    for details in opened.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    widths = opened.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1] == PHONE["width"]


# Ratios of luminance as WCAG 2.1 defines contrast, of every text against the first ground behind it.
CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], ground) => [r, g, b].map((part, i) => part * a + ground[i] * (1 - a));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const worst = {};
  const walker = document.createTreeWalker(document.querySelector("body"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("svg, script, .said, .skip, .tip")) continue;
    const behind = ground(element);
    const front = over(rgba(getComputedStyle(element).color), behind);
    const [a, b] = [light(front), light(behind)].sort((x, y) => y - x);
    const name = `${element.localName}.${element.className}`;
    worst[name] = Math.min(worst[name] ?? 21, (a + 0.05) / (b + 0.05));
  }
  return worst;
}
"""


@pytest.mark.parametrize("opened", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_all_text_has_contrast_in_both_schemes(opened: Any) -> None:
    for details in opened.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    worst = opened.evaluate(CONTRAST)
    assert len(worst) > 10
    assert {name: ratio for name, ratio in worst.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("opened", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_figures_stand_on_white_as_their_letters_are_dark(opened: Any) -> None:
    colours = opened.locator(".panel").evaluate_all("all => all.map(e => getComputedStyle(e).backgroundColor)")
    assert set(colours) == {"rgb(255, 255, 255)"}


def test_the_dark_scheme_is_dark(browser: Any, page_file: Path) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(offline=True, color_scheme=scheme)
        page = context.new_page()
        page.goto(page_file.as_uri())
        grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()
    light, dark = (sum(map(int, re.findall(r"\d+", grounds[scheme])[:3])) for scheme in ("light", "dark"))
    assert light > 700 and dark < 100


@pytest.mark.parametrize("opened", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_page_says_the_same(opened: Any) -> None:
    assert opened.locator("table").first.locator("tbody tr").count() > 5
    assert opened.locator("svg").count() >= 2
    assert opened.locator("button").count() == 0, "no control that does nothing"
    assert opened.locator(".how").first.is_hidden()


def test_the_page_has_landmarks_and_headings_in_order(opened: Any) -> None:
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert opened.get_by_role(landmark).count() == 1, landmark
    levels = opened.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.localName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "To the content"
