"""What all tests share: where the real data are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from jaxtyping import install_import_hook

import tests.typechecking  # noqa: F401 - the hook below looks it up in the package `tests`, but does not import it

# Shapes and dtypes in signatures are checked while tests run.
install_import_hook(["reconstrue.classifiers", "reconstrue.train.pictures"], "tests.typechecking.check")

# Two threads on tiny tensors spend their time waiting for each other; one also makes sums repeat exactly.
torch.set_num_threads(1)

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--data", default="../shared/data", help="folder of real data, relative to the repository")


@pytest.fixture(scope="session")
def shared_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real data; tests that need it skip where it is missing."""
    folder = (ROOT / request.config.getoption("--data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: name the folder with --data")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium; where there is none the test is skipped, unless RECONSTRUE_NEEDS_BROWSER is set."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        if os.environ.get("RECONSTRUE_NEEDS_BROWSER"):
            pytest.fail("no Chromium on the path, and RECONSTRUE_NEEDS_BROWSER is set: install chromium")
        pytest.skip("no Chromium on the path: install chromium to test pages in a browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as driver:
        # Without a sandbox of its own, as in containers and where tests run as root; the page is ours.
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()
