"""The site: a broken block ends its build and is named, every page is in the navigation, and nothing comes from a network."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import BrokenBlockError, render
from mathml import mathml
from offline import loads
from sphinx.errors import ExtensionError

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(
    page
    for kind in ("*.md", "*.ipynb")
    for page in DOCS.rglob(kind)
    if not any(part.startswith("_") for part in page.relative_to(DOCS).parts)
)
NOTEBOOKS = [page for page in PAGES if page.suffix == ".ipynb"]


def fenced(info: str, *code: str) -> str:
    return "\n".join(["# A page", "", f"```{info}", *code, "```", ""])


@pytest.mark.parametrize(
    ("page", "line", "why"),
    [
        (fenced("python", "x = 1", "y = 1 / 0"), 5, "ZeroDivisionError"),
        (fenced("python", "x = 1", "", "def f(:"), 6, "SyntaxError"),
        (fenced("python", "raise SystemExit(0)"), 4, "SystemExit"),
        (fenced("sh", "true", "# a comment", "ls nowhere"), 6, "`ls nowhere` ended with 2: .*nowhere"),
        (fenced("sh", "true | \\", "false"), 4, "ended with 1"),
        (fenced("sh", "reconstrue datasets nowhere"), 4, "ended with 2: error: unknown data set 'nowhere'"),
        (fenced("sh", "reconstrue models --nonsense"), 4, "ended with 1: .*[Nn]o such option"),
        (fenced("bash", "true"), 3, "'bash' is not run: write python or sh, or put not-run"),
        (fenced("python norun", "1 / 0"), 3, "unknown word 'norun'"),
        ("```python\nx = 1\n", 1, "does not end"),
    ],
)
def test_a_block_that_fails_is_named_by_its_line(page: str, line: int, why: str, tmp_path: Path) -> None:
    with pytest.raises(BrokenBlockError, match=why) as broken:
        render(page, "docs/page.md", tmp_path, "_made/page")
    assert broken.value.line == line


def test_blocks_share_names_and_folder_and_show_what_they_did(tmp_path: Path) -> None:
    page = "\n".join(
        [
            fenced("python hidden", "from PIL import Image", 'Image.new("RGB", (2, 2)).save("two.png")'),
            fenced("sh", "echo one > file", "ls", "reconstrue --version"),
            fenced(
                "python markdown",
                "from pathlib import Path",
                "print(f'**{Image.__name__}**', Path('file').read_text().strip())",
            ),
            fenced("python not-run", "1 / 0"),
            fenced("text", "1 / 0"),
            "```{toctree}\nindex\n```",
        ]
    )
    shown = render(page, "docs/page.md", tmp_path, "_made/page")
    assert "Image.new" not in shown and "![two.png](_made/page/two.png)" in shown
    assert re.search(r"```text\nfile\ntwo.png\nreconstrue \d", shown)
    assert "\n**PIL.Image** one\n" in shown
    assert "not-run" not in shown and shown.count("1 / 0") == 2
    assert "```{toctree}\nindex\n```" in shown


@pytest.mark.parametrize(("code", "ends"), [("print(6 * 7)", 0), ("1 / 0", 2)])
def test_the_build_ends_with_a_broken_block(code: str, ends: int, tmp_path: Path) -> None:
    source, out = tmp_path / "docs", tmp_path / "site"
    source.mkdir()
    (source / "index.md").write_text(fenced("python", "", code), encoding="utf-8")
    (source / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(DOCS / '_ext')!r})\nextensions = ['myst_parser', 'blocks', 'offline']\n",
        encoding="utf-8",
    )
    built = subprocess.run([sys.executable, "-m", "sphinx", "-W", "-q", source, out], capture_output=True, text=True)
    assert built.returncode == ends, built.stderr
    if ends:
        assert "docs/index.md:5: ZeroDivisionError: division by zero" in built.stderr
    else:
        assert ">42\n" in (out / "index.html").read_text(encoding="utf-8")


def test_every_page_is_in_the_navigation() -> None:
    reached: set[Path] = set()
    for page in PAGES:
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            names = [line for line in block.split("\n") if line and not line.startswith(":")]
            reached |= {(page.parent / name).resolve() for name in names}
    assert {page.with_suffix("") for page in PAGES} == reached | {DOCS / "index"}


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_notebooks_are_committed_without_what_they_said(page: Path) -> None:
    notebook = json.loads(page.read_text(encoding="utf-8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in notebook["cells"]:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None
        assert cell["metadata"] == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('<script src="https://cdn.example/x.js"></script>', 1),
        ('<link href="//fonts.example/a.css" rel="stylesheet">', 1),
        ('<img alt="" src=http://example.org/x.png>', 1),
        ("@import 'https://example.org/x.css';", 1),
        ("a { background: url(//example.org/x.png) }", 1),
        (
            '<a href="https://arxiv.org/abs/2309.16779">paper</a> <img src="_images/x.svg"> <link rel="next" href="x.html">',
            0,
        ),
    ],
)
def test_what_a_page_would_load_is_found(text: str, count: int) -> None:
    assert len(loads(text)) == count


def test_formulas_become_mathml() -> None:
    assert "<mi>arg</mi>" in mathml(r"\arg\max_k p", "inline") or ">arg<" in mathml(r"\arg\max_k p", "inline")
    with pytest.raises(ExtensionError, match="nonsense"):
        mathml(r"\nonsense{x}", "block")
