"""Ctrl-C and SIGTERM: the unit at work is finished and written; a second one stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reconstrue.trials.store import Say


@dataclass
class Stop:
    """Whether the run has been asked to stop."""

    asked: bool = False


@contextmanager
def stopping(say: Say) -> Iterator[Stop]:
    """Give a `Stop` that a first Ctrl-C or SIGTERM sets; the second raises KeyboardInterrupt.

    Outside the main thread, which alone is sent signals, it is never set.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: object) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        say("stopping when the unit at work is finished and written; a second time stops at once")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            # None stands for a handler that was not Python's and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
