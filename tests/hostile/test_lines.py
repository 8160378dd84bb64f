"""What a user is told is one line that can be read, whatever names and cells are in it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from tests.hostile.ending import one_line
from typer.testing import CliRunner

from reconstrue.cli import app
from reconstrue.errors import NotANumberError, UserError

NAMES = [
    "a\nb",
    "a\r\nerror: b",
    "\x1b[2Jx",
    "\x07",
    "[red]x[/red]",
    "[/]",
    "\u202egnp",
    "\udcff",
    "a" * 4000,
    "%s{0}",
    "👩‍🔬",
]


@given(st.text(min_size=1))
def test_a_message_is_one_line(text: str) -> None:
    said = str(UserError(f"{text}: no such file; give another"))
    one_line(said)
    assert said.endswith(": no such file; give another")


def test_words_are_kept_and_only_the_middle_of_a_long_one_goes() -> None:
    assert str(UserError("façade–ключ 日本.png: no such file")) == "façade–ключ 日本.png: no such file"
    assert str(UserError("a\nb\x1b")) == "a b\\x1b"
    long = str(UserError("begin " + "x" * 10_000 + " end"))
    assert long.startswith("begin x") and " … " in long and long.endswith("x end") and len(long) == 2003


def test_it_comes_through_a_worker_as_it_was() -> None:
    for kind in (UserError, NotANumberError):
        again = pickle.loads(pickle.dumps(kind("a\nb")))  # noqa: S301
        assert (type(again), str(again)) == (kind, "a b")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "-m", "pocket-resnet", "-d", "edge", "--stimuli", "{}", "-o", "out"],
        ["evaluate", "-m", "pocket-resnet", "-d", "{}", "-o", "out"],
        ["benchmark", "--trials", "{}", "-o", "out"],
        ["merge", "{}", "-o", "out"],
        ["data", "fetch", "edge", "--images", "--from", "{}", "--to", "out"],
        ["distort", "{}", "b.png", "--kind", "low-pass", "--level", "10"],
    ],
    ids=lambda command: command[0],
)
def test_the_command_line_takes_names_literally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], name: str) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [part.replace("{}", name) for part in command])
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit), result.exception
    lines = [line for line in Text.from_ansi(result.stderr).plain.splitlines() if line.strip()]
    assert [line.startswith("error: ") for line in lines] == [True], result.stderr
    assert not list(tmp_path.glob("**/*.csv"))
