"""The models that the page holds, and how the command ends: without Gradio, without its model, when it is told to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from typer.testing import CliRunner

from reconstrue.app import serve as serving
from reconstrue.app.models import Models, StoppedError, model_names
from reconstrue.app.serve import serve
from reconstrue.cli import app
from reconstrue.errors import UserError


def test_without_gradio_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    result = CliRunner().invoke(app, ["app", "--no-browser"])
    assert result.exit_code == 2
    assert result.stderr == "error: the app needs Gradio: pip install 'reconstrue[app]'\n"


@contextmanager
def nowhere(*_: object) -> Iterator[str]:
    yield "http://127.0.0.1:1"


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_a_model_that_cannot_be_loaded_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_served", nowhere)
    before, said = handlers(), []

    def load(name: str) -> object:
        raise UserError(f"unknown model '{name}'")

    with pytest.raises(UserError, match="unknown model 'nobody'"):
        serve("nobody", load, said.append)
    assert said == ["http://127.0.0.1:1"]
    assert handlers() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to_even_while_it_loads(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_served", nowhere)
    before = handlers()

    def load(name: str) -> object:
        os.kill(os.getpid(), number)
        Event().wait()
        raise AssertionError

    serve("pocket-latent", load, lambda address: None)
    assert handlers() == before


def test_a_model_is_loaded_once_and_the_last_one_stays() -> None:
    loaded: list[str] = []
    models = Models(("a", "b"), lambda name: loaded.append(name) or name)
    assert not models.ready("a")
    assert [models.get(name) for name in ("a", "a", "b", "a")] == ["a", "a", "b", "a"]
    assert loaded == ["a", "b", "a"]
    assert models.ready("a") and not models.ready("b")
    with pytest.raises(UserError, match="start the app with --model /etc"):
        models.get("/etc")


def test_a_wait_for_what_is_loading_can_be_stopped() -> None:
    begun, go_on = Event(), Event()

    def load(name: str) -> str:
        begun.set()
        assert go_on.wait(60)
        return name

    models = Models(("a", "b"), load)
    loading = Thread(target=models.get, args=("a",))
    loading.start()
    assert begun.wait(60)
    with pytest.raises(StoppedError):
        models.get("b", stop=lambda: True)
    models.close()
    with pytest.raises(StoppedError):
        models.get("b")
    go_on.set()
    loading.join()
    assert models.get("a") == "a", "what was being loaded is there"


def test_the_model_asked_for_comes_first_and_once() -> None:
    names = model_names("pocket-muse")
    assert names[0] == "pocket-muse" and len(set(names)) == len(names)
    assert set(names) >= {"pocket-latent", "pocket-pixel", "pocket-clip"}
    assert model_names("/my/folder")[0] == "/my/folder"
