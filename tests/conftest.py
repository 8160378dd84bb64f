"""What all tests share: where the real data are."""

from __future__ import annotations

from pathlib import Path

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
