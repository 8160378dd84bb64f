"""A small process that has everything imported and gives birth to runs, so that a test can end twenty of them quickly.

Reads one JSON object a line. {"out", "seconds", "images", …} is a run, and the answer is the number of its process; what
it says goes to ``<out>.log``. {"reap": number} waits for its end, and the answer is its exit code, or minus the number of
the signal that ended it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.fake import FakeClassifier, edges

from reconstrue.errors import UserError
from reconstrue.run import local
from reconstrue.run.plan import Plan


def child(order: dict) -> int:
    """One run; its exit codes are those of the command line."""
    out = Path(order["out"])
    with Path(f"{out}.log").open("a", buffering=1) as log:

        def say(line: str) -> None:
            log.write(line + "\n")

        def progress(done: int, total: int) -> None:
            log.write(f"done {done}\n")

        if order.get("uid") is not None:
            os.setuid(order["uid"])
        if order.get("file_bytes") is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_bytes"], order["file_bytes"]))
        local.SHARD_IMAGES = order.get("shard", 32)
        try:
            plan = Plan(FakeClassifier(order.get("seed", 0), order["seconds"]), edges(order["images"]))
            local.evaluate(plan, out, progress, say=say)
        except UserError as error:
            say(f"error: {error}")
            return 2
        except KeyboardInterrupt:
            say("interrupted")
            return 130
        except BaseException:
            say(traceback.format_exc())
            return 1
        return 0


def warm_up() -> None:
    """Run once, so that children import nothing: it costs time, and another user may not even enter our folders."""
    with TemporaryDirectory() as folder:
        local.evaluate(Plan(FakeClassifier(), edges(32)), Path(folder))


def main() -> None:
    warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            print(os.waitstatus_to_exitcode(os.waitpid(order["reap"], 0)[1]), flush=True)  # noqa: T201
            continue
        number = os.fork()
        if number == 0:
            os._exit(child(order))
        print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
