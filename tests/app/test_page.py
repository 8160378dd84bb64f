"""The app as a user has it: the command in a process of its own, its page in a real browser.

Needs Gradio, and a Chromium on the path; without one it skips, unless RECONSTRUE_NEEDS_BROWSER is set, as `.ci/run` does.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from reconstrue.stimuli.world.sets import world_set

if find_spec("gradio") is None:
    pytest.skip("no Gradio: pip install 'reconstrue[app]'", allow_module_level=True)

PATIENCE = 300_000
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
CLEAR = "#rc-picture [aria-label='Clear'], #rc-picture [title='Clear'], #rc-picture [aria-label='Remove Image']"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> ${document.title='owned'} {{value}}"

# Tells, in the server's own process, where its sockets go, and whether torch was there by then.
SPY = """
import os, sys

def told(event, given):
    if event in ("socket.bind", "socket.connect", "socket.getaddrinfo"):
        host = given[0] if event == "socket.getaddrinfo" else given[1][0]
        with open(os.environ["TOLD"], "a") as file:
            print(event, host, "torch" in sys.modules, file=file)

sys.addaudithook(told)
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "reconstrue.cli", "app", "--no-browser", *arguments]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page's address; at its end nothing is left, nothing went wrong, and no other machine was asked."""
    here, temp, spy = (tmp_path_factory.mktemp(name) for name in ("here", "temp", "spy"))
    (spy / "sitecustomize.py").write_text(SPY)
    environment = os.environ | {
        "TMPDIR": str(temp),
        "TOLD": str(spy / "told"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(spy), os.environ.get("PYTHONPATH")])),
        "OMP_NUM_THREADS": "1",
        # torch's own, which it makes for all programs.
        "TORCHINDUCTOR_CACHE_DIR": str(spy / "inductor"),
    }
    # A fixed grid of many draws goes on until somebody stops it.
    with (
        (spy / "said").open("w") as said,
        subprocess.Popen(
            command("--policy", "fixed-grid", "--max-draws", "5000"),
            cwd=here,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as server,
    ):
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.startswith("the app is at http://127.0.0.1:"), (spy / "said").read_text()
            yield line.split()[4].rstrip("/")
            server.send_signal(signal.SIGINT)
            assert server.wait(300) == 0
        finally:
            server.kill()
    # Libraries warn of what they like; but nothing went wrong.
    assert not [line for line in (spy / "said").read_text().splitlines() if "Traceback" in line or "Error" in line]
    assert [*temp.iterdir(), *here.iterdir()] == []
    told = [line.split() for line in (spy / "told").read_text().splitlines()]
    # urllib3 tries ::1 when it is imported, to see whether there is IPv6.
    assert {host for _, host, _ in told} <= {"127.0.0.1", "localhost", "::1"}
    assert ["socket.bind", "127.0.0.1", "False"] in told, "the page is there before torch is"


@pytest.fixture(scope="module")
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page, ready, with what it said on the console and asked of other addresses in lists of its own."""
    shown = browser.new_page(viewport=DESK)
    shown.set_default_timeout(PATIENCE)
    shown.said, shown.abroad = [], []
    shown.on("console", lambda message: shown.said.append(message.text) if is_news(message, address) else None)
    shown.on("pageerror", lambda error: shown.said.append(str(error)))
    shown.on("request", lambda sent: None if is_near(sent.url, address) else shown.abroad.append(sent.url))
    shown.goto(address)
    shown.locator("#rc-state").get_by_text("pocket-latent is ready").wait_for()
    yield shown
    shown.close()


def is_near(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:", "blob:"))


def is_news(message: Any, address: str) -> bool:
    """Leave out a warning that Gradio's client always gives at the end of an upload.

    Its `readable_stream` is handed out as an EventSource whose `close` does nothing but say so; the server ends the stream.
    """
    gradios = message.location["url"].startswith(f"{address}/assets/") and message.type == "warning"
    return message.type in ("error", "warning") and not (gradios and message.text == "Method not implemented.")


@pytest.fixture
def opened(page: Any) -> Iterator[Any]:
    """The page on its first tab without a picture; nothing may be said on the console, nothing asked of another address."""
    page.set_viewport_size(DESK)
    page.get_by_role("tab", name="Classify").click()
    if page.locator(CLEAR).count():
        page.locator(CLEAR).first.click()
    yield page
    assert page.abroad == []
    assert page.said == []
    assert page.title() == "reconstrue"


def give(page: Any, file: Path) -> None:
    page.locator("#rc-picture input[type=file]").set_input_files(str(file))
    page.locator("#rc-picture img").first.wait_for(state="attached")


def give_world(page: Any, folder: Path) -> None:
    Image.fromarray(world_set("original", 1, 5).stimuli[0].read()).save(folder / "mine.png")
    give(page, folder / "mine.png")


def evaluations(page: Any) -> int:
    return int(page.locator("#rc-evidence [data-fact=nfe]").inner_text().replace(",", ""))


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_upload_classify_see_bars_move_and_stop(opened: Any, tmp_path: Path) -> None:
    opened.set_viewport_size(PHONE)
    give_world(opened, tmp_path)
    opened.locator("#rc-go").click()
    opened.locator("#rc-evidence [data-fact=nfe]").wait_for()
    first = evaluations(opened)
    bars = (
        "[...document.querySelectorAll('.rc-row')].map(row => (row.dataset.label || '') + row.innerHTML).sort().join()"
    )
    before = opened.evaluate(bars)
    opened.wait_for_function(f"+document.querySelector('[data-fact=nfe]').innerText.replace(',', '') > {first + 64}")
    assert opened.evaluate(bars) != before, "bars and intervals move"
    assert opened.locator(".rc-evidence").get_attribute("data-ended") == "", "it is still racing"
    assert opened.locator("#rc-drawn img").count() == 2 + 16, "the picture, its beginning, and each label"
    assert opened.locator("#rc-go").is_disabled()
    opened.locator("#rc-stop").click()
    opened.locator("[data-ended=stopped]").wait_for()
    held = evaluations(opened)
    assert first < held < 16 * 5000
    assert opened.locator("[data-fact=state]").inner_text() == "stopped"
    opened.wait_for_timeout(1000)
    assert evaluations(opened) == held, "what is shown stays"
    assert opened.locator("#rc-go").is_enabled() and opened.locator("#rc-stop").is_disabled()
    assert fits(opened), "it fits a phone"


def test_examples_and_another_model_whose_answer_is_exact(opened: Any) -> None:
    opened.locator("#rc-examples button").nth(1).click()
    opened.locator("#rc-picture img").first.wait_for(state="attached")
    opened.locator("#rc-model input").click()
    opened.get_by_role("option", name="pocket-clip").click()
    opened.locator("#rc-state").get_by_text("pocket-clip is ready").wait_for()
    opened.locator("#rc-go").click()
    opened.locator("[data-ended=decided]").wait_for()
    assert opened.locator("[data-fact=draws]").inner_text() == "exact"
    assert opened.locator("#rc-drawn img").count() == 0, "it draws nothing"
    labels = opened.locator("#rc-labels textarea")
    assert labels.input_value().count(",") == 15
    opened.locator("#rc-model input").click()
    opened.get_by_role("option", name="photo-resnet", exact=True).click()
    opened.locator("#rc-state").get_by_text("photo-resnet is ready").wait_for()
    opened.wait_for_function("document.querySelector('#rc-labels textarea').value.split(',').length === 7")
    opened.locator("#rc-model input").click()
    opened.get_by_role("option", name="pocket-latent").click()
    opened.locator("#rc-state").get_by_text("pocket-latent is ready").wait_for()
    opened.wait_for_function("document.querySelector('#rc-labels textarea').value.split(',').length === 16")


def test_labels_are_words_whatever_they_hold(opened: Any, tmp_path: Path) -> None:
    give_world(opened, tmp_path)
    labels = opened.locator("#rc-labels textarea")
    usual = labels.input_value()
    labels.fill(f"cat, {HOSTILE}")
    opened.locator("#rc-go").click()
    alert = opened.locator("#rc-evidence").get_by_role("alert")
    alert.get_by_text("pocket-latent has no word for").wait_for()
    assert HOSTILE in alert.inner_text()
    assert alert.locator("img").count() == 0
    assert fits(opened)
    labels.fill(usual)


def test_wrong_input_is_one_line(opened: Any, tmp_path: Path) -> None:
    alert = opened.locator("#rc-evidence").get_by_role("alert")
    opened.locator("#rc-go").click()
    alert.get_by_text("no picture is given").wait_for()
    (tmp_path / "<b>text.png").write_text("This is no picture.")
    give(opened, tmp_path / "<b>text.png")
    opened.locator("#rc-go").click()
    alert.get_by_text("not a picture that can be read").wait_for()
    assert "/" not in alert.inner_text().partition(":")[0], "not where it lies"
    assert alert.locator("b").count() == 0
    opened.locator(CLEAR).first.click()
    labels = opened.locator("#rc-labels textarea")
    usual = labels.input_value()
    labels.fill("cat")
    Image.fromarray(np.zeros((8, 8, 3), dtype=np.uint8)).save(tmp_path / "small.png")
    give(opened, tmp_path / "small.png")
    opened.locator("#rc-go").click()
    alert.get_by_text("at least two labels").wait_for()
    labels.fill(usual)


def test_an_illusion_is_drawn_under_either_reading(opened: Any) -> None:
    opened.get_by_role("tab", name="Illusions").click()
    opened.locator("#rc-illusions button").nth(3).click()
    opened.locator("#rc-seen [data-fact=localisation]").wait_for()
    assert opened.locator("#rc-seen img").count() == 6
    # Four draws under four prompts, one step each.
    assert opened.locator("#rc-seen [data-fact=nfe]").inner_text() == "16"
    opened.set_viewport_size(PHONE)
    assert fits(opened)


def test_a_finished_run_is_opened_and_turned(opened: Any, run: Path) -> None:
    opened.set_viewport_size(PHONE)
    opened.get_by_role("tab", name="A finished run").click()
    folder = opened.locator("#rc-run").get_by_role("textbox")
    folder.fill("/nowhere/at/all")
    opened.locator("#rc-open").click()
    opened.get_by_role("alert").get_by_text("no such folder").wait_for()
    folder.fill(str(run))
    opened.locator("#rc-open").click()
    opened.locator("#rc-answers").get_by_text("1 to 24 of 30 answers").wait_for()
    assert opened.locator("#rc-answers li img").count() == 24
    opened.get_by_role("button", name="Later").click()
    opened.locator("#rc-answers").get_by_text("25 to 30 of 30 answers").wait_for()
    assert opened.locator("#rc-answers li").count() == 6
    opened.get_by_role("radio", name="wrong").click()
    opened.locator("#rc-answers").get_by_text("1 to", exact=False).wait_for()
    assert opened.locator("#rc-answers .rc-right").count() == 0
    assert fits(opened)


def ask(address: str, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_the_server_refuses(address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not the page's")
    assert ask(address, "GET", "/", {}) == 200
    assert ask(address, "GET", f"/gradio_api/file={secret}", {}) == 403, "files that are not its own"
    assert ask(address, "GET", "/", {"Host": "stranger.example"}) == 400, "another name for this machine"

    def upload(megabytes: int) -> int:
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        body = head + bytes(megabytes << 20) + b"\r\n--x--\r\n"
        return ask(address, "POST", "/gradio_api/upload", {"Content-Type": "multipart/form-data; boundary=x"}, body)

    assert (upload(1), upload(21)) == (200, 413)


def test_a_port_that_is_taken_is_said_in_one_line(address: str) -> None:
    port = str(urlsplit(address).port)
    done = subprocess.run(command("--port", port), capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no port for the page") and done.stderr.count("\n") == 1
    assert done.stderr.endswith("give another --port\n")
