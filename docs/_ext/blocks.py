"""Run every code block of a page when the site is built, and show under it what it printed and drew.

The blocks of a page share one namespace and one folder (`_made/<page>`), and run in the order of the page. Of ``sh`` each
line is a command of its own; `reconstrue` runs in this process, as loading torch anew for each command would be most of
the build. Words after the language, which nobody sees in the page:

- ``not-run``: cannot be run here (a GPU, public weights, hours);
- ``markdown``: what it prints is a part of the page, not of a terminal;
- ``hidden``: the block itself is not shown.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

FENCE = re.compile(r"(?P<indent> {0,3})(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)")
RUN = ("python", "sh")
# Languages of things to look at. Whatever else could be run has to be one of the two above.
SHOWN = ("", "text", "json", "toml", "yaml", "bibtex")
FLAGS = {"not-run", "markdown", "hidden"}
MADE = "_made"
_PICTURES = (".png", ".svg")
_BASH_ONLY = re.compile(r"[|&;<>$*`]")


@dataclass(frozen=True)
class Block:
    """A fenced block: where its first line of code is (from 1), its lines, its language and its flags."""

    line: int
    code: tuple[str, ...]
    language: str
    flags: frozenset[str]


class BrokenBlockError(Exception):
    """A block did not do what it should: the line of the page, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line, self.why = line, why


def split(text: str) -> Iterator[str | Block]:
    """Yield a page's lines, and its fenced blocks of code (directives are lines), in order.

    Raises BrokenBlockError for a language or a flag that is not known.
    """
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opened = FENCE.fullmatch(lines[number].rstrip())
        if opened is None:
            yield lines[number]
            number += 1
            continue
        closing = re.compile(rf" {{0,3}}{opened['marks'][0]}{{{len(opened['marks'])},}}\s*")
        end = next((n for n in range(number + 1, len(lines)) if closing.fullmatch(lines[n])), None)
        if end is None:
            raise BrokenBlockError(number + 1, "a block that begins here does not end")
        words = opened["info"].split()
        if words and words[0].startswith("{"):
            yield from lines[number : end + 1]
            number = end + 1
            continue
        language, flags = (words[0] if words else ""), frozenset(words[1:])
        if language not in (*RUN, *SHOWN) and "not-run" not in flags:
            raise BrokenBlockError(
                number + 1, f"'{language}' is not run: write python or sh, or put not-run after the language"
            )
        if flags - FLAGS:
            raise BrokenBlockError(number + 1, f"unknown word {sorted(flags - FLAGS)[0]!r}; there are {sorted(FLAGS)}")
        yield Block(number + 2, tuple(lines[number + 1 : end]), language, flags)
        number = end + 1


def render(text: str, page: str, folder: Path, place: str) -> str:
    """Run a page's blocks in `folder` and return the page with what they printed and drew; `place` leads there.

    Raises BrokenBlockError for a block that fails.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    parts: list[str] = []
    for part in split(text):
        if isinstance(part, str):
            parts.append(part)
            continue
        if "hidden" not in part.flags:
            parts += [f"```{part.language}", *part.code, "```"]
        if part.language not in RUN or "not-run" in part.flags:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        before = _drawn(folder)
        printed = _run(part, page, folder, namespace)
        if "markdown" in part.flags:
            parts += ["", printed, ""]
            continue
        if printed:
            parts += ["", "```text", *printed.splitlines(), "```"]
        new = [name for name, seen in sorted(_drawn(folder).items()) if before.get(name) != seen]
        parts += ["", " ".join(f"![{name}]({place}/{name})" for name in new), ""] if new else []
    return "\n".join(parts) + "\n"


def _run(block: Block, page: str, folder: Path, namespace: dict[str, object]) -> str:
    with _captured(folder) as (printed, said):
        if block.language == "python":
            # Padded, so that a traceback speaks of the page's own lines.
            code = "\n" * (block.line - 1) + "\n".join(block.code)
            try:
                exec(compile(code, page, "exec"), namespace)  # noqa: S102 - the page is ours
            except (Exception, SystemExit) as error:
                places = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == page]
                line = getattr(error, "lineno", None) or (places[-1] if places else block.line)
                raise BrokenBlockError(line, f"{type(error).__name__}: {error}") from error
        else:
            for line, command in _commands(block):
                code = _reconstrue(command) if _is_ours(command) else _bash(command, printed, said)
                if code:
                    tail = " ".join(said.getvalue().split())[-500:]
                    raise BrokenBlockError(line, f"`{command}` ended with {code}: {tail}")
    return printed.getvalue().replace(f"{folder}/", "").replace(str(Path.home()), "~").rstrip()


def _commands(block: Block) -> Iterator[tuple[int, str]]:
    """Yield each command of a shell block with its line; a backslash at the end joins two lines."""
    joined, begin = "", block.line
    for number, line in enumerate(block.code, start=block.line):
        begin = begin if joined else number
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1]
            continue
        words = shlex.split(joined + line, comments=True)
        if words:
            yield begin, (joined + line).strip()
        joined = ""


def _is_ours(command: str) -> bool:
    plain = " ".join(shlex.split(command, comments=True))
    return plain.startswith("reconstrue ") and _BASH_ONLY.search(plain) is None


def _reconstrue(command: str) -> int:
    from reconstrue.cli import app

    try:
        return int(app(shlex.split(command, comments=True)[1:], prog_name="reconstrue", standalone_mode=False) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1


def _bash(command: str, printed: io.StringIO, said: io.StringIO) -> int:
    # The `reconstrue` of this interpreter, whatever else is installed.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    printed.write(ended.stdout)
    said.write(ended.stderr)
    return ended.returncode


@contextmanager
def _captured(folder: Path) -> Iterator[tuple[io.StringIO, io.StringIO]]:
    printed, said = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(printed), redirect_stderr(said):
        yield printed, said


def _drawn(folder: Path) -> dict[str, int]:
    """Return the pictures in a page's own folder (not below it), with when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix in _PICTURES}


def _clean(app: Sphinx) -> None:
    shutil.rmtree(Path(app.srcdir) / MADE, ignore_errors=True)


def _source_read(app: Sphinx, docname: str, content: list[str]) -> None:
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".md":
        return
    page = os.path.relpath(path, Path(app.srcdir).parent)
    folder = Path(app.srcdir) / MADE / docname
    try:
        content[0] = render(content[0], page, folder, os.path.relpath(folder, path.parent))
    except BrokenBlockError as broken:
        raise ExtensionError(f"{page}:{broken.line}: {broken.why}") from broken


def setup(app: Sphinx) -> dict[str, object]:
    """Connect to Sphinx; pages are read one after the other, as their blocks share this process."""
    app.connect("builder-inited", _clean)
    app.connect("source-read", _source_read)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
