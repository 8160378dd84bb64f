"""Drawing pictures by all cores can be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

DRAWS = """
import sys
from dataclasses import replace
from pathlib import Path
from reconstrue.train.pictures import make_pictures
from reconstrue.train.recipe import load_recipe
print("drawing", flush=True)
make_pictures(replace(load_recipe("pocket-resnet"), pictures=10**6), keep=Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")
def test_two_interrupts_end_it(tmp_path: Path) -> None:
    """As an impatient user's, or a scheduler's: the first is being answered when the second comes."""
    child = subprocess.Popen(
        [sys.executable, "-c", DRAWS, str(tmp_path)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert child.stdout is not None and child.stdout.readline() == b"drawing\n"
        # The workers are at it.
        time.sleep(12)
        for _ in range(2):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGINT)
            time.sleep(0.5)
        assert child.wait(timeout=30) != 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        if child.stdout is not None:
            child.stdout.close()
    assert not list(tmp_path.iterdir())
