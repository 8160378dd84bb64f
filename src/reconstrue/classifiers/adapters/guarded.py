"""Load a foreign model quietly, but never with a part silently made up."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from diffusers.utils import logging as diffusers_logging
from safetensors import SafetensorError
from transformers import dynamic_module_utils
from transformers.utils import logging as transformers_logging

from reconstrue.errors import UserError

# What the libraries say, as a mere warning, of weights that the files lack.
_MADE_UP = re.compile(r"newly initialized|\bMISSING\b|MISMATCH")
_LIBRARIES = ("diffusers", "transformers")


class _Collector(logging.Handler):
    """Keeps the messages of a load."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def quiet_libraries() -> Iterator[list[str]]:
    """Hold back the warnings and progress bars of diffusers and transformers; yield the list that gathers the warnings."""
    collector = _Collector()
    before = []
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        before.append((logger, logger.handlers[:], logger.level, logger.propagate))
        logger.handlers, logger.propagate = [collector], False
        logger.setLevel(logging.WARNING)
    bars = [m for m in (diffusers_logging, transformers_logging) if m.is_progress_bar_enabled()]
    for module in bars:
        module.disable_progress_bar()
    try:
        yield collector.messages
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
        for module in bars:
            module.enable_progress_bar()


@contextmanager
def guarded_load(source: str) -> Iterator[None]:
    """Hold back loading bars, advice and questions for the length of one load.

    Raises:
        UserError: the files cannot be read, do not fit the model, or lack weights that would be random.
    """
    # Without time for an answer transformers does not ask whether to run a model's own code, and refuses to.
    patience = dynamic_module_utils.TIME_OUT_REMOTE_CODE
    dynamic_module_utils.TIME_OUT_REMOTE_CODE = 0
    try:
        with quiet_libraries() as messages:
            yield
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise UserError(f"{source}: cannot load this model: {first_line(error)}") from error
    finally:
        dynamic_module_utils.TIME_OUT_REMOTE_CODE = patience
    for message in messages:
        if _MADE_UP.search(message):
            said = " ".join(message.split())[:300]
            raise UserError(f"{source}: weights are missing, and would be random ({said}); download the model again")


def first_line(error: BaseException) -> str:
    """Return the first line of what an exception says, or its name where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
