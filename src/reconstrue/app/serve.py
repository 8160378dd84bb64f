"""Serve the page to this machine alone, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from reconstrue.app.models import Models, model_names
from reconstrue.errors import UserError

if TYPE_CHECKING:
    from reconstrue.classifiers.base import Classifier

_HOST = "127.0.0.1"
# A file of more than this is refused by the server itself.
_MOST_BYTES = "20mb"
_SILENT = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
_ENDING = (signal.SIGINT, signal.SIGTERM)


def serve(
    model: str,
    load: Callable[[str], Classifier],
    say: Callable[[str], None],
    *,
    seed: int = 0,
    port: int | None = None,
    browser: bool = False,
) -> None:
    """Serve the page until the process is interrupted or told to end; the model is loaded when the page is there.

    Args:
        model: the first one; those that ship in the package can be chosen too.
        load: makes the classifier of a name.
        say: is told the address.
        seed: of the pocket world's pictures.
        port: None for the first free one from 7860 on.
        browser: whether to open it in the user's browser.

    Raises:
        UserError: Gradio is missing, the port is taken, or as `load` does for the first model.
    """
    before = {number: signal.signal(number, _end) for number in _ENDING}
    try:
        models = Models(model_names(model), load)
        with _served(models, seed, port, browser) as address:
            say(address)
            models.get(model)
            threading.Event().wait()
    except KeyboardInterrupt:
        # How it is meant to end.
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End once: what is tidied up then is not to be interrupted."""
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _served(models: Models, seed: int, port: int | None, browser: bool) -> Iterator[str]:
    """Serve the page while the context lasts, and give its address; its folder is removed at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="reconstrue-app-") as folder,
        _environment({**_SILENT, "GRADIO_TEMP_DIR": folder}),
    ):
        made = _page_module()
        examples = Path(folder) / "examples"
        examples.mkdir()
        page = made.make_page(models, examples, seed=seed)
        try:
            page.queue(max_size=16)
            _, address, _ = page.launch(
                server_name=_HOST,
                server_port=port,
                inbrowser=browser,
                max_file_size=_MOST_BYTES,
                prevent_thread_lock=True,
                quiet=True,
                share=False,
                ssr_mode=False,
                pwa=False,
                mcp_server=False,
                run_history=False,
                enable_monitoring=False,
                footer_links=[],
                app_kwargs={"middleware": made.middleware(_HOST)},
                **made.look(),
            )
        except OSError as error:
            raise UserError(f"no port for the page ({error}); give another --port") from error
        try:
            yield address
        finally:
            # Its threads would be waited for.
            models.close()
            page.close(verbose=False)


def _page_module() -> Any:
    try:
        import gradio  # noqa: F401
    except ImportError as error:
        raise UserError("the app needs Gradio: pip install 'reconstrue[app]'") from error
    from reconstrue.app import page

    return page


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables, which is how Gradio is told some things, and put back what was there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
