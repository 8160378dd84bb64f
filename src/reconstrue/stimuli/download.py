"""One file over HTTP: where it stopped it goes on, and without a network it says so in one line."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from reconstrue.errors import UserError

_TRIES: Final = 3
_CHUNK: Final = 1 << 18
_TIMEOUT: Final = 30.0
# The pictures of the largest set are 0.2 GB; a server that never ends must not fill the disk.
MOST_BYTES: Final = 4_000_000_000

Tell = Callable[[str, int, int], None]


class UnreachableError(UserError):
    """The server cannot be reached at all, so that trying its other files is pointless."""


class _EndlessError(Exception):
    """The server sends more than any file that is fetched has."""


def download(url: str, path: Path, tell: Tell, *, pause: float = 1.0) -> None:
    """Fetch a URL into a file, whole or not at all.

    What has arrived is kept in ``<path>.part``, with the server's mark of the version (ETag or date) beside it; the next
    call asks for the rest of the same version. A server that cannot send a part, or has another version by now, sends
    the whole file, and it begins anew. Each of three tries goes on where the last one stopped. `tell` is given (file's
    name, bytes done, bytes in all) where the server says how many there are.

    pooch fetches in one piece; this is the downloader that is handed to it.

    Raises:
        UnreachableError: no network, no such server, or it does not answer.
        UserError: not an http(s) address, the server refuses or has no such file, or it stopped early three times.
    """
    server = _server(url)
    part, mark = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.mark")
    failure = ""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(pause)
        try:
            whole = _continue(url, part, mark, lambda done, total: tell(path.name, done, total))
        except HTTPError as error:
            if error.code == 416:
                # What is there is longer than the file: begin anew.
                part.unlink(missing_ok=True)
                failure = "its size changed"
                continue
            raise UserError(
                f"{url}: the server answers {error.code} ({_said(error.reason)}); give a folder or a mirror that has it with --from"
            ) from error
        except _EndlessError as error:
            part.unlink(missing_ok=True)
            raise UserError(
                f"{url}: more than {MOST_BYTES / 1e9:g} GB, as no published file has; give a folder or another mirror with "
                "--from"
            ) from error
        except (HTTPException, OSError, ValueError) as error:
            # ValueError: an answer, or an address that it leads to, that cannot be read.
            failure = _said(getattr(error, "reason", error)) or type(error).__name__
            if not part.exists():
                raise UnreachableError(
                    f"{server} cannot be reached ({failure}); without a network, take the files from a folder "
                    "or a mirror with --from"
                ) from error
            continue
        if whole:
            part.replace(path)
            mark.unlink(missing_ok=True)
            return
        failure = "it stopped before the end"
    raise UserError(f"{url}: not whole after {_TRIES} tries ({failure}); the same command goes on where it stopped")


def _server(url: str) -> str:
    """Return the server of an http(s) address; raises UserError for any other."""
    try:
        split = urlsplit(url)
        known = split.scheme in ("http", "https") and split.hostname and url.isprintable()
    except ValueError:
        known = False
    if not known:
        raise UserError(f"{_said(url)}: not an http or https address; give a folder or a mirror with --from")
    return split.netloc


def _said(what: object) -> str:
    """Return in one line what a server or a library says."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(what)).split())[:300]


def _continue(url: str, part: Path, mark: Path, tell: Callable[[int, int], None]) -> bool:
    """Append what is missing to `part` and say whether it is whole now."""
    have = part.stat().st_size if part.exists() else 0
    version = mark.read_text(encoding="utf-8", errors="replace") if have and mark.exists() else ""
    if not (version.isascii() and version.isprintable()):
        version = ""
    headers = {"Range": f"bytes={have}-", "If-Range": version} if version else {}
    # The scheme is http or https: `download` has looked.
    with urlopen(Request(url, headers=headers), timeout=_TIMEOUT) as answer:  # noqa: S310
        if answer.status != 206:
            have = 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length is not None and length.isdecimal() and len(length) < 16 else None
        mark.write_text(_version(answer), encoding="utf-8")
        with part.open("ab" if have else "wb") as file:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if have > MOST_BYTES:
                    raise _EndlessError
                if total is not None:
                    tell(have, total)
    return total is None or have == total


def _version(answer: HTTPResponse) -> str:
    """Return what names this version of the file for the server, '' where nothing does reliably."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
