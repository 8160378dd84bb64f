"""Fetching over a real local server and from folders: good, cut off, changed, hostile, interrupted, missing."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.stimuli import download as downloading
from reconstrue.stimuli import sources
from reconstrue.stimuli.catalog import Dataset, dataset
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.download import UnreachableError, download
from reconstrue.stimuli.fetch import LOCK_NAME, Lock, fetch_pictures, fetch_trials
from reconstrue.stimuli.sources import inventory, locate


def quiet(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def png(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (2, 2), shade).save(file, "PNG")
    return file.getvalue()


def edge_archive(path: Path, shade: int = 9, each: int = 10, root: str = "edge/") -> Path:
    """An archive of 160 tiny pictures under the published names of edge."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as packed:
        for category in CATEGORIES:
            for i in range(1, each + 1):
                info = tarfile.TarInfo(f"{root}{category}/{category}{i}.png")
                content = png(shade + i)
                info.size = len(content)
                packed.addfile(info, io.BytesIO(content))
    return path


@dataclass
class Server:
    """A server of one folder; it can send too little, ignore ranges, and remembers what it was asked."""

    folder: Path
    address: str = ""
    stop_after: list[int] = field(default_factory=list)
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)


class Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, server: Server, *args: object) -> None:
        self.of = server
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.of.asked.append((self.path, asked))
        path = self.of.folder / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        start = 0
        if asked and self.of.ranges and self.headers.get("If-Range") == tag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.of.stop_after:
            body = body[: self.of.stop_after.pop(0)]
        self.of.sent.append(len(body))
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(downloading.time, "sleep", lambda seconds: None)
    (tmp_path / "served").mkdir()
    served = Server(tmp_path / "served")
    http_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, served))
    served.address = f"http://127.0.0.1:{http_server.server_port}"
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    http_server.shutdown()
    thread.join()
    http_server.server_close()


@pytest.fixture
def edge(server: Server) -> Dataset:
    """The catalogue's edge, published by the local server."""
    return replace(dataset("edge"), archive=f"{server.address}/edge.tar.gz", trials=f"{server.address}/raw")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def lock(data: Path) -> Lock:
    return Lock(data / LOCK_NAME)


def left(data: Path) -> set[str]:
    """What lies in the data folder beside whole pictures and the lock."""
    return {str(p.relative_to(data)) for p in data.rglob("*") if p.is_file() and p.suffix not in {".png", ".lock"}}


def test_pictures_are_fetched_checked_and_found(
    server: Server, edge: Dataset, data: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = edge_archive(server.folder / "edge.tar.gz")
    found = fetch_pictures(edge, data, None, lock, quiet)
    assert (found.count, found.there, found.folder) == (160, False, data / "stimuli" / "edge")
    assert lock.read()["edge/edge.tar.gz"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert set(lock.read()) == {"edge/edge.tar.gz", "edge/pictures"}
    assert left(data) == {"archives/edge.tar.gz"}
    assert found.folder.stat().st_mode & 0o055, "others may read it"
    monkeypatch.setattr(sources, "data_folder", lambda: data)
    assert inventory("edge").images == 160
    source = locate("edge", None, limit=None, seed=0)
    assert source.stimuli.subset_reason is None and source.world is None


def test_what_is_whole_is_left_alone(server: Server, edge: Dataset, data: Path, lock: Lock) -> None:
    edge_archive(server.folder / "edge.tar.gz")
    fetch_pictures(edge, data, None, lock, quiet)
    assert fetch_pictures(edge, data, None, lock, quiet).there
    assert len(server.asked) == 1


def test_a_finished_archive_is_not_downloaded_again(server: Server, edge: Dataset, data: Path, lock: Lock) -> None:
    edge_archive(server.folder / "edge.tar.gz")
    home = fetch_pictures(edge, data, None, lock, quiet).folder
    for path in home.rglob("*.png"):
        path.unlink()
    for folder in sorted(home.rglob("*"), reverse=True):
        folder.rmdir()
    assert not fetch_pictures(edge, data, None, lock, quiet).there
    assert len(server.asked) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(
    server: Server, edge: Dataset, data: Path, lock: Lock
) -> None:
    size = edge_archive(server.folder / "edge.tar.gz").stat().st_size
    server.stop_after = [1000, 500, 10]
    with pytest.raises(UserError, match=r"edge\.tar\.gz: not whole after 3 tries .*the same command goes on where it"):
        fetch_pictures(edge, data, None, lock, quiet)
    assert not (data / "stimuli" / "edge").exists() and lock.read() == {}
    fetch_pictures(edge, data, None, lock, quiet)
    assert [asked for _, asked in server.asked] == ["", "bytes=1000-", "bytes=1500-", "bytes=1510-"]
    assert sum(server.sent) == size, "no byte twice"
    assert left(data) == {"archives/edge.tar.gz"}


def test_a_server_without_ranges_begins_anew(server: Server, edge: Dataset, data: Path, lock: Lock) -> None:
    edge_archive(server.folder / "edge.tar.gz")
    server.stop_after, server.ranges = [1000], False
    assert fetch_pictures(edge, data, None, lock, quiet).count == 160


def test_another_version_is_not_glued_to_the_first_half(server: Server, edge: Dataset, data: Path, lock: Lock) -> None:
    edge_archive(server.folder / "edge.tar.gz")
    server.stop_after = [1000, 0, 0]
    with pytest.raises(UserError, match="not whole"):
        fetch_pictures(edge, data, None, lock, quiet)
    packed = edge_archive(server.folder / "edge.tar.gz", shade=40)
    fetch_pictures(edge, data, None, lock, quiet)
    assert (data / "archives" / "edge.tar.gz").read_bytes() == packed.read_bytes()


def test_an_archive_that_changed_since_the_lock_is_refused(server: Server, edge: Dataset, tmp_path: Path) -> None:
    lock = Lock(tmp_path / "project" / "data.lock")
    first = edge_archive(server.folder / "edge.tar.gz").read_bytes()
    fetch_pictures(edge, tmp_path / "one", None, lock, quiet)
    second = edge_archive(server.folder / "edge.tar.gz", shade=40).read_bytes()
    one, other = (hashlib.sha256(content).hexdigest() for content in (first, second))
    with pytest.raises(
        UserError, match=f"SHA-256 is {other}, but .*data.lock has {one} for 'edge/edge.tar.gz'.*remove"
    ):
        fetch_pictures(edge, tmp_path / "two", None, lock, quiet)
    assert left(tmp_path / "two") == set() and not (tmp_path / "two" / "stimuli" / "edge").exists()
    # The way out that is named: without its lines the other archive is the first one.
    lock.path.write_text(json.dumps({"sha256": {}}))
    assert fetch_pictures(edge, tmp_path / "two", None, lock, quiet).count == 160


def test_the_pictures_themselves_are_locked_whatever_brings_them(server: Server, edge: Dataset, tmp_path: Path) -> None:
    lock = Lock(tmp_path / "data.lock")
    edge_archive(server.folder / "edge.tar.gz")
    home = fetch_pictures(edge, tmp_path / "one", None, lock, quiet).folder
    edge_archive(tmp_path / "mirror" / "edge.tgz", shade=40)
    with pytest.raises(UserError, match="for 'edge/pictures'"):
        fetch_pictures(edge, tmp_path / "two", str(tmp_path / "mirror"), lock, quiet)
    (home / "dog" / "dog3.png").write_bytes(png(0))
    with pytest.raises(UserError, match="for 'edge/pictures'; it was damaged or replaced"):
        fetch_pictures(edge, tmp_path / "one", None, lock, quiet)


@pytest.mark.parametrize("root", ["edge/", "", "./edge/"])
def test_from_a_folder_with_an_archive(tmp_path: Path, data: Path, lock: Lock, root: str) -> None:
    packed = edge_archive(tmp_path / "mirror" / "edge.tar.gz", root=root)
    assert fetch_pictures(dataset("edge"), data, str(packed.parent), lock, quiet).count == 160
    assert packed.is_file(), "the user's own archive is left alone"
    assert left(data) == set()


@pytest.mark.parametrize("inside", ["edge", "stimuli/edge"])
def test_from_a_folder_of_pictures(tmp_path: Path, data: Path, lock: Lock, inside: str) -> None:
    for category in CATEGORIES:
        for i in range(1, 11):
            path = tmp_path / "mirror" / inside / category / f"{category}{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(i))
    assert fetch_pictures(dataset("edge"), data, str(tmp_path / "mirror"), lock, quiet).count == 160
    assert set(lock.read()) == {"edge/pictures"}


def test_from_the_address_of_a_mirror(server: Server, data: Path, lock: Lock) -> None:
    edge_archive(server.folder / "sets" / "edge.tar.gz")
    assert fetch_pictures(dataset("edge"), data, f"{server.address}/sets/", lock, quiet).count == 160


def test_a_part_of_the_set_is_not_the_set(tmp_path: Path, data: Path, lock: Lock) -> None:
    edge_archive(tmp_path / "mirror" / "edge.tar.gz", each=6)
    with pytest.raises(
        UserError, match=r"not the published pictures of edge: the folder holds 96 of the 160 images; a part"
    ):
        fetch_pictures(dataset("edge"), data, str(tmp_path / "mirror"), lock, quiet)
    assert lock.read() == {} and not (data / "stimuli" / "edge").exists()


def test_a_hostile_archive_leaves_nothing(
    server: Server, edge: Dataset, data: Path, lock: Lock, tmp_path: Path
) -> None:
    with tarfile.open(server.folder / "edge.tar.gz", "w:gz") as packed:
        packed.addfile(tarfile.TarInfo("../../../evil.png"), io.BytesIO())
    with pytest.raises(UserError, match="would be written outside its folder"):
        fetch_pictures(edge, data, None, lock, quiet)
    assert left(data) == set() and lock.read() == {} and not list(tmp_path.rglob("evil*"))


def test_a_truncated_archive_is_refused_and_not_kept(server: Server, edge: Dataset, data: Path, lock: Lock) -> None:
    packed = edge_archive(server.folder / "edge.tar.gz")
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"edge\.tar\.gz: damaged, cut off"):
        fetch_pictures(edge, data, None, lock, quiet)
    packed.write_bytes(whole)
    assert fetch_pictures(edge, data, None, lock, quiet).count == 160


def test_other_files_in_the_way_are_not_overwritten(tmp_path: Path, data: Path, lock: Lock) -> None:
    edge_archive(tmp_path / "mirror" / "edge.tar.gz")
    (data / "stimuli" / "edge").mkdir(parents=True)
    (data / "stimuli" / "edge" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="edge: holds files, but not the 160 pictures of edge; move it away"):
        fetch_pictures(dataset("edge"), data, str(tmp_path / "mirror"), lock, quiet)


def test_a_server_that_does_not_answer_is_one_line(data: Path, lock: Lock) -> None:
    about = replace(dataset("edge"), archive="http://127.0.0.1:9/edge.tar.gz", trials="http://127.0.0.1:9/raw")
    for bring in (
        lambda: fetch_pictures(about, data, None, lock, quiet),
        lambda: fetch_trials(about, data, None, quiet),
    ):
        with pytest.raises(
            UnreachableError, match=r"127\.0\.0\.1:9 cannot be reached .*; without a network, take .*--from"
        ):
            bring()


def test_a_missing_file_names_the_answer(server: Server, edge: Dataset, data: Path, lock: Lock) -> None:
    with pytest.raises(UserError, match=r"edge\.tar\.gz: the server answers 404"):
        fetch_pictures(edge, data, None, lock, quiet)


def test_only_the_web_is_downloaded_from(tmp_path: Path) -> None:
    (tmp_path / "private").write_text("not for a server to name")
    with pytest.raises(UserError, match="not an http or https address"):
        download((tmp_path / "private").as_uri(), tmp_path / "x", quiet)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("bring", ["pictures", "trials"])
def test_a_folder_without_them_says_what_it_should_hold(tmp_path: Path, data: Path, lock: Lock, bring: str) -> None:
    def fetch(source: str) -> None:
        if bring == "pictures":
            fetch_pictures(dataset("edge"), data, source, lock, quiet)
        else:
            fetch_trials(dataset("edge"), data, source, quiet)

    with pytest.raises(UserError, match=f"holds no .*{bring} of edge; expected"):
        fetch(str(tmp_path))
    with pytest.raises(UserError, match="nowhere: no such folder; --from takes"):
        fetch(str(tmp_path / "nowhere"))


def test_a_damaged_lock_is_said(data: Path, lock: Lock, tmp_path: Path) -> None:
    data.mkdir()
    lock.path.write_text("{")
    edge_archive(tmp_path / "mirror" / "edge.tar.gz")
    with pytest.raises(UserError, match=r"reconstrue-data\.lock: not a lock of data"):
        fetch_pictures(dataset("edge"), data, str(tmp_path / "mirror"), lock, quiet)


@pytest.fixture
def spoken(edge: Dataset) -> tuple[Dataset, dict[str, bytes]]:
    """A catalogue entry with two made-up sessions, and their files."""
    files = {f"edge_subject-0{i}_session_1.csv": f"subj,session\nsubject-0{i},1\n".encode() for i in (1, 2)}
    hashes = tuple(hashlib.sha256(content).hexdigest() for content in files.values())
    return replace(edge, trials_sha256=hashes, n_sessions=2), files


@pytest.mark.parametrize("layout", ["trials/edge", "raw-data/edge", "edge", "net", "mirror"])
def test_people_s_trials_land_where_the_benchmark_reads(
    server: Server, spoken: tuple[Dataset, dict[str, bytes]], data: Path, layout: str
) -> None:
    about, files = spoken
    inside, source = {
        "net": ("raw", None),
        "mirror": ("m/trials/edge", f"{server.address}/m"),
    }.get(layout, (layout, str(server.folder)))
    for name, content in files.items():
        path = server.folder / inside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    found = fetch_trials(about, data, source, quiet)
    assert (found.count, found.there, found.folder) == (2, False, data / "trials" / "edge")
    assert {path.name: path.read_bytes() for path in found.folder.iterdir()} == files
    asked = len(server.asked)
    assert fetch_trials(about, data, source, quiet).there
    assert len(server.asked) == asked


@pytest.mark.parametrize("net", [True, False])
def test_other_trials_than_the_published_are_refused(
    server: Server, spoken: tuple[Dataset, dict[str, bytes]], data: Path, net: bool
) -> None:
    about, files = spoken
    (server.folder / "raw").mkdir()
    (server.folder / "edge").mkdir()
    for folder in ("raw", "edge"):
        for name, content in files.items():
            (server.folder / folder / name).write_bytes(content + b"forged")
    with pytest.raises(
        UserError,
        match=rf"subject-01_session_1\.csv: its SHA-256 is .*, the published file's is {about.trials_sha256[0]}",
    ):
        fetch_trials(about, data, None if net else str(server.folder), quiet)
    assert not list((data / "trials" / "edge").iterdir())


def test_the_real_trials_are_the_published_ones(shared_data: Path, data: Path) -> None:
    for name in ("edge", "power-equalisation"):
        assert fetch_trials(dataset(name), data, str(shared_data), quiet).count == dataset(name).n_sessions
