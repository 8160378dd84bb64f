"""A server that says anything: the download ends whole, or in one line, and never fills the disk."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.hostile.ending import ending, files_under

from reconstrue.stimuli import download as downloading
from reconstrue.stimuli.download import download


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answer every request with whatever bytes are sent here; the address is given."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    try:
                        caller.recv(65536)
                        answer(caller)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/edge.tar.gz"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode("latin-1")


ANSWERS = {
    "nothing": b"",
    "no http": b"hello\r\n\r\n",
    "no header": b"HTTP/1.1",
    "status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "length of letters": head("Content-Length: many") + b"x",
    "negative length": head("Content-Length: -5") + b"x",
    "endless length": head("Content-Length: " + "9" * 5000) + b"x",
    "long header": head("X: " + "a" * 200_000),
    "many headers": head(*[f"X{i}: a" for i in range(500)]),
    "chunks of letters": head("Transfer-Encoding: chunked") + b"zz\r\nabc",
    "to a file": head("Location: file:///above.txt", status="302 Found"),
    "to itself": head("Location: /edge.tar.gz", status="302 Found"),
    "to nowhere": head("Location: http://[", status="302 Found"),
    "a tag of control characters": head('ETag: "a\x01\x7fb"', "Content-Length: 5") + b"ab",
    "refused": head(status="403 Forbidden"),
    "range refused": head(status="416 Range Not Satisfiable"),
    "part of nothing": head("Content-Range: bytes 9-8/7", status="206 Partial Content"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_a_server_answers(tmp_path: Path, name: str) -> None:
    with server(lambda caller: caller.sendall(ANSWERS[name])) as url:
        for _ in range(2):
            ending(lambda: download(url, tmp_path / "a", lambda what, done, total: None, pause=0))
    assert files_under(tmp_path) <= {"a", "a.part", "a.mark"}
    for path in tmp_path.iterdir():
        assert b"root:" not in path.read_bytes(), "a file of this machine was read"


def test_a_server_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "MOST_BYTES", 3_000_000)

    def endless(caller: socket.socket) -> None:
        caller.sendall(head())
        while True:
            caller.sendall(bytes(1 << 16))

    with server(endless) as url:
        said = ending(lambda: download(url, tmp_path / "a", lambda what, done, total: None, pause=0))
    assert "more than 0.003 GB, as no published file has" in said
    assert "a" not in files_under(tmp_path) and "a.part" not in files_under(tmp_path)


@pytest.mark.parametrize("mark", [b"\xff\xfe", b'"a\r\nX: b"', bytes(10)])
def test_a_damaged_mark_begins_the_download_anew(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "a.part").write_bytes(b"old")
    (tmp_path / "a.mark").write_bytes(mark)
    with server(lambda caller: caller.sendall(head("Content-Length: 3") + b"new")) as url:
        download(url, tmp_path / "a", lambda what, done, total: None, pause=0)
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize(
    "url", ["file:///above.txt", "ftp://x/y", "data:,x", "http://[", "http://", "//x", "http://\x00"]
)
def test_other_addresses_are_refused(tmp_path: Path, url: str) -> None:
    assert ending(lambda: download(url, tmp_path / "a", lambda what, done, total: None, pause=0))
    assert files_under(tmp_path) == set()
