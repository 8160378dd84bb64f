"""What lies in a run's folder, of any content: worked out again, or refused in one line; nothing outside is touched."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faults.fake import FakeClassifier, edges
from tests.hostile import corpus
from tests.hostile.ending import ending, endings, files_under

from reconstrue.run.local import evaluate
from reconstrue.run.manifest import FILE, manifest_of, read_manifest, session
from reconstrue.run.merge import merge
from reconstrue.run.plan import Plan
from reconstrue.trials.store import UnitStore, settings_key

IMAGES = 20
PLAN = Plan(FakeClassifier(), edges(IMAGES))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two units, whole."""
    out = tmp_path_factory.mktemp("runs") / "run"
    evaluate(PLAN, out)
    return out


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of it that may be harmed."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def units_of(run: Path) -> Path:
    (folder,) = (run / "units").glob("edge_*")
    return folder


def the_trials(run: Path) -> bytes:
    return (run / "trials/edge/edge_fake_session-1.csv").read_bytes()


def sound() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(asdict(manifest_of(PLAN).with_sessions([session()]))))
    return content


def merged(run: Path, out: Path) -> str:
    """Return the one line that merging ended in, '' where there was none."""
    problems: list[str] = []
    said = ending(lambda: problems.extend(one.problem for one in merge([run], out, lambda line: None)))
    return said or "".join(problems)


def test_a_manifest_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    files = corpus.json_files(sound())

    def read(name: str) -> None:
        (tmp_path / FILE).write_bytes(files[name])
        found = read_manifest(tmp_path)
        assert "/" not in found.name and found.n_units < 10**6

    found = endings(files, read)
    assert len(found) >= 150
    assert all(str(tmp_path) in said for said in found.values() if said), "they name the file"
    for name in (
        "deep",
        "n_images is 3",
        "observer is 6",
        "dataset is 6",
        "sessions is 8",
        "settings is 11",
        "key is 5",
    ):
        assert found[name], f"{name} was read"


def with_settings(**changes: object) -> bytes:
    """A manifest whose key is that of its settings, whatever they are."""
    content = sound()
    content["settings"].update(changes.pop("settings", {}))  # type: ignore[call-overload]
    content["key"] = settings_key(content["settings"])
    return json.dumps({**content, **changes}).encode()


HOSTILE = {
    "observer above": with_settings(observer="../../../above"),
    "observer absolute": with_settings(observer="/above"),
    "observer of two lines": with_settings(observer="a\nb"),
    "a person": with_settings(observer="subject-01"),
    "data set above": with_settings(dataset="../../above"),
    "billions of images": with_settings(n_images=10**12),
    "no image": with_settings(n_images=0),
    "nobody": with_settings(sessions=[]),
    "sessions of numbers": with_settings(sessions=[{"started": 1, "host": 2, "revision": 3, "versions": 4}]),
    "versions of a list": with_settings(sessions=[{"started": "", "host": "", "revision": "", "versions": []}]),
    "batch of a word": with_settings(settings={"batch_size": "x"}),
    "no classifier": json.dumps({**sound(), "settings": {"unit": 16, "batch_size": 4}, "key": settings_key({"unit": 16, "batch_size": 4})}).encode(),
    "units of nothing": with_settings(settings={"unit": 0}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_manifest_writes_nothing_outside(run: Path, name: str) -> None:
    (units_of(run) / FILE).write_bytes(HOSTILE[name])
    before = files_under(run.parent)
    assert merged(run, run.parent / "joined")
    assert files_under(run.parent) == before, "nothing is written for what is refused"
    # The run's own command knows what its manifest has to be, and mends it.
    trials = the_trials(run)
    assert evaluate(PLAN, run).reused == IMAGES
    assert the_trials(run) == trials
    assert read_manifest(units_of(run)).is_of(manifest_of(PLAN))
    assert merged(run, run.parent / "joined") == ""


def crafted(folder: Path, kind: str, first: int, content: bytes) -> Path:
    """A file of a store whose name bears the digest of whatever is in it."""
    path = folder / f"{kind}-{first:06d}-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    path.write_bytes(content)
    return path


def parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def answers(run: Path) -> pa.Table:
    """The answers, which name no evidence."""
    (path,) = units_of(run).glob("answers-*.parquet")
    return pq.read_table(path).replace_schema_metadata({"evidence": ""})


CRAFTED: dict[str, Callable[[pa.Table], bytes]] = {
    "text": lambda table: b"no parquet",
    "empty": lambda table: b"",
    "magic": lambda table: b"PAR1" + bytes(40) + b"PAR1",
    "no unit": lambda table: parquet(table.drop_columns(["unit"])),
    "units of words": lambda table: parquet(table.set_column(0, "unit", pa.array(["x"] * len(table)))),
    "units below nothing": lambda table: parquet(table.set_column(0, "unit", pa.array([-1] * len(table), pa.int32()))),
    "units missing": lambda table: parquet(table.set_column(0, "unit", pa.nulls(len(table), pa.int32()))),
    "no rows": lambda table: parquet(table.slice(0, 0)),
    "no responses": lambda table: parquet(table.drop_columns(["response"])),
    "no reasons": lambda table: parquet(table.drop_columns(["reason"])),
    "responses of nothing": lambda table: parquet(table.set_column(5, "response", pa.nulls(len(table), pa.string()))),
    "responses of numbers": lambda table: parquet(table.set_column(5, "response", pa.array([1] * len(table)))),
    "a category unknown": lambda table: parquet(table.set_column(3, "category", pa.array(["zebra"] * len(table)))),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_answers_that_no_run_wrote_end_in_one_line_or_are_worked_out_again(run: Path, name: str) -> None:
    wanted, content = the_trials(run), CRAFTED[name](answers(run))
    for path in units_of(run).glob("*.parquet"):
        path.unlink()
    crafted(units_of(run), "answers", 0, content)
    said: list[str] = []
    refused = ending(lambda: evaluate(PLAN, run, say=said.append))
    assert refused or the_trials(run) == wanted
    if "units" in name or name in ("text", "empty", "magic", "no unit", "no rows"):
        assert not refused and any("its images are answered again" in line for line in said), said
    ending(lambda: merged(run, run.parent / "joined"))


@pytest.mark.parametrize("where", ["../../../victim/", "/", "../", ""])
def test_evidence_is_never_looked_for_or_removed_outside(run: Path, where: str) -> None:
    victim = run.parent / "victim" / "evidence-000000-0123456789abcdef.parquet"
    victim.parent.mkdir()
    victim.write_bytes(b"somebody else's")
    name = f"{where}{'somebody.txt' if where == '' else victim.name}"
    (units_of(run) / "somebody.txt").write_bytes(b"somebody else's")
    table = answers(run).replace_schema_metadata({"evidence": name})
    for path in units_of(run).glob("*.parquet"):
        path.unlink()
    crafted(units_of(run), "answers", 0, parquet(table))
    wanted = the_trials(run)
    evaluate(PLAN, run)
    assert victim.read_bytes() == (units_of(run) / "somebody.txt").read_bytes() == b"somebody else's"
    assert the_trials(run) == wanted


@given(st.binary(max_size=200), st.integers(0, 4000))
def test_any_bytes_in_a_file_of_answers(finished: Path, tmp_path_factory: pytest.TempPathFactory, new: bytes, place: int) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("store")
    (path,) = units_of(finished).glob("answers-*.parquet")
    content = path.read_bytes()
    crafted(folder, "answers", 0, content[:place] + new + content[place + len(new) :])
    ending(lambda: UnitStore(folder).find())


def test_foreign_files_in_a_run_are_left_alone(run: Path) -> None:
    folder = units_of(run)
    for name in ("notes.txt", "answers-x.parquet", "evidence-000000-short.parquet", "answers-000000-0123456789ABCDEF.parquet"):  # fmt: skip
        (folder / name).write_bytes(b"mine")
    (folder / "edge_fake_notes").mkdir()
    (folder.parent / f"{folder.name}_notes").mkdir()
    (folder.parent / f"{folder.name}_file").write_bytes(b"mine")
    evaluate(PLAN, run)
    assert sum(path.read_bytes() == b"mine" for path in folder.parent.rglob("*") if path.is_file()) == 5
