"""Nothing hangs: a test of this folder that is at work for minutes is a fault. And the models that are damaged."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir
from tests.hostile import models

set_hypothesis_home_dir(tempfile.mkdtemp(prefix="hypothesis-"))
# The same examples each time; nothing is written into the working folder. A busy machine is no fault.
settings.register_profile(
    "hostile",
    deadline=None,
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("hostile")

# Far beyond what any of these tests takes on a busy machine.
_SECONDS = 600


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def waited(number: int, frame: object) -> None:
        raise AssertionError(f"at work for more than {_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Save a model of a kind the first time that it is asked for."""
    home = tmp_path_factory.mktemp("models")

    def get(kind: str) -> Path:
        if not (home / kind).exists():
            models.SAVED[kind](home / kind)
        return home / kind

    return get
