"""Finished units: whole or absent, under the name of their settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR

import filelock
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reconstrue.errors import UserError
from reconstrue.trials.store import Damage, Found, Shard, UnitStore, exclusive, in_order, settings_key, write_whole


def answers(*units: int) -> pa.Table:
    """Two images of each unit."""
    return pa.table(
        {
            "unit": pa.array([u for u in units for _ in "ab"], pa.int32()),
            "image_id": [f"{u}{x}" for u in units for x in "ab"],
        }
    )


DRAWS = pa.table({"image_id": ["0a", "0a"], "draw": [0, 1], "error": [0.25, 1 / 3]})


def hear(line: str) -> None:
    raise AssertionError(f"nothing was to be said, but: {line}")


@pytest.fixture
def store(tmp_path: Path) -> UnitStore:
    return UnitStore(tmp_path / "units" / "edge_model_0123")


def test_the_key_is_a_function_of_the_settings_alone() -> None:
    assert settings_key({"seed": 0, "prompt": "a {label}"}) == settings_key({"prompt": "a {label}", "seed": 0})
    assert settings_key({"a": (1, 2)}) == settings_key({"a": [1, 2]}), "as JSON sees it"


def test_the_key_never_changes() -> None:
    """First 16 digits of the SHA-256 of {"prompt": "a {label}", "seed": 0}, from sha256sum."""
    assert settings_key({"seed": 0, "prompt": "a {label}"}) == "c4827a20e83b08b7"


def test_other_settings_have_another_key() -> None:
    base: dict[str, object] = {"seed": 0, "dtype": "float32", "policy": {"draws": 20}}
    others: list[dict[str, object]] = [
        {**base, "seed": 1},
        {**base, "seed": "0"},
        {**base, "seed": None},
        {**base, "dtype": "float16"},
        {**base, "policy": {"draws": 21}},
        {**base, "more": 0},
    ]
    assert len({settings_key(s) for s in [base, *others]}) == 7


def test_a_setting_without_a_value_in_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        settings_key({"weight": float("nan")})
    with pytest.raises(TypeError, match="not JSON serializable"):
        settings_key({"weight": object()})


def test_what_was_written_is_found(store: UnitStore) -> None:
    one, two = store.write(answers(0, 1), DRAWS), store.write(answers(7), None)
    assert store.find() == Found((one, two), (), ())
    assert (one.units, two.units) == ((0, 1), (7,))
    assert store.find().units == {0, 1, 7}
    assert one.evidence is not None and pq.read_table(one.evidence).equals(DRAWS)
    assert two.evidence is None
    assert pq.read_table(two.answers).equals(answers(7))


def test_a_file_bears_the_digest_of_its_bytes(store: UnitStore) -> None:
    """As `sha256sum` gives it; the same answers have the same name, so a second write changes nothing."""
    shard = store.write(answers(3), None)
    digest = sha256(shard.answers.read_bytes()).hexdigest()
    assert shard.answers.name == f"answers-000003-{digest[:16]}.parquet"
    assert store.write(answers(3), None) == shard
    assert len(list(store.folder.iterdir())) == 1


def test_an_empty_or_missing_folder_holds_nothing(store: UnitStore) -> None:
    assert store.find() == Found((), (), ())
    store.folder.mkdir(parents=True)
    assert store.find() == Found((), (), ())


# --- damage


@pytest.mark.parametrize("kind", ["answers", "evidence"])
@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_file_is_found(store: UnitStore, kind: str, keep: int) -> None:
    shard, other = store.write(answers(0), DRAWS), store.write(answers(1), None)
    path = getattr(shard, kind)
    path.write_bytes(path.read_bytes()[:keep])
    found = store.find()
    assert found.shards == (other,)
    [damage] = found.damaged
    assert damage.why == f"{path}: damaged: its bytes are not those that were written"
    store.clear(found)
    assert store.find() == Found((other,), (), ())
    assert [p.name for p in store.folder.iterdir()] == [other.answers.name], "nor is half a shard kept"


@pytest.mark.parametrize("kind", ["answers", "evidence"])
def test_every_flipped_bit_is_found(store: UnitStore, kind: str) -> None:
    """One bit in each of 64 places over the file, its first and last byte among them."""
    shard = store.write(answers(0), DRAWS)
    path = getattr(shard, kind)
    whole = path.read_bytes()
    for place in {0, len(whole) - 1, *range(0, len(whole), len(whole) // 64)}:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        assert store.find().shards == () and len(store.find().damaged) == 1, place
    path.write_bytes(whole)
    assert store.find().shards == (shard,)


def test_answers_without_their_evidence_are_damaged(store: UnitStore) -> None:
    shard = store.write(answers(0), DRAWS)
    assert shard.evidence is not None
    shard.evidence.unlink()
    assert store.find() == Found((), (Damage(f"{shard.evidence}: is missing", (shard.answers, shard.evidence)),), ())


def test_what_a_killed_writer_left_is_no_shard(store: UnitStore) -> None:
    """Evidence is written before the answers that name it; a file is partial until it has its name."""
    shard = store.write(answers(0), DRAWS)
    assert shard.evidence is not None
    shard.answers.unlink()
    partial = store.folder / ".answers-000000-0123456789abcdef.parquet.x1.partial"
    partial.write_bytes(b"PAR1")
    found = store.find()
    assert found == Found((), (), (shard.evidence, partial))
    store.clear(found)
    assert list(store.folder.iterdir()) == []


def test_a_renamed_shard_is_damaged_and_another_s_file_is_left_alone(store: UnitStore) -> None:
    shard = store.write(answers(0), None)
    shard.answers.rename(store.folder / "answers-000000-0123456789abcdef.parquet")
    notes = store.folder / "answers-notes.txt"
    notes.write_text("mine")
    found = store.find()
    assert len(found.damaged) == 1
    store.clear(found)
    assert list(store.folder.iterdir()) == [notes]


def test_no_time_stamp_is_believed(store: UnitStore) -> None:
    """The clock is set back between two writes; files are as old or young as one likes."""
    shards = [store.write(answers(unit), None) for unit in range(3)]
    for shard, when in zip(shards, (4e9, 0, 1e9), strict=True):
        os.utime(shard.answers, (when, when))
    assert store.find() == Found(tuple(shards), (), ())
    assert [row for table in in_order(shards) for row in table["image_id"].to_pylist()] == [
        "0a",
        "0b",
        "1a",
        "1b",
        "2a",
        "2b",
    ]


# --- order


@pytest.mark.parametrize("opened", [1, 2, 64])
def test_units_are_read_in_order_however_they_were_written(
    store: UnitStore, monkeypatch: pytest.MonkeyPatch, opened: int
) -> None:
    monkeypatch.setattr("reconstrue.trials.store._OPEN_SHARDS", opened)
    shards = [store.write(answers(*units), None) for units in ((2, 5, 8), (0, 1), (3, 4, 6, 7), (9,))]
    read = [row for table in in_order(shards) for row in table["image_id"].to_pylist()]
    assert read == [f"{unit}{x}" for unit in range(10) for x in "ab"]


def test_a_unit_that_two_shards_hold_is_read_once(store: UnitStore) -> None:
    shards = [store.write(answers(*units), None) for units in ((0, 1, 2, 3), (1, 2), (2, 4))]
    for order in (shards, shards[::-1]):
        read = [row for table in in_order(order) for row in table["image_id"].to_pylist()]
        assert read == [f"{unit}{x}" for unit in range(5) for x in "ab"]


# --- writing


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_whole(target, [b"old"])

    def breaks() -> Iterator[bytes]:
        yield b"new and then"
        raise OSError(28, "No space left on device")

    with pytest.raises(
        UserError, match=r"file: cannot be written \(.*No space left.*\); give another --out or make room"
    ):
        write_whole(target, breaks())
    assert [p.name for p in tmp_path.iterdir()] == ["file"] and target.read_bytes() == b"old"


def test_a_write_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a power cut leaves cannot be tested, but the order can: file, then name, then folder."""
    done: list[str] = []
    sync, rename = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda n: (done.append("folder" if S_ISDIR(os.fstat(n).st_mode) else "file"), sync(n))
    )
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("name"), rename(a, b)))
    write_whole(tmp_path / "x", [b"1"])
    assert done == ["file", "name", "folder"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"answers-000000-.*: cannot be written .*give another --out or make room"):
        UnitStore(tmp_path / "file" / "units").write(answers(0), None)


# --- one writer


def test_a_second_writer_is_refused_until_the_first_ends(store: UnitStore) -> None:
    with store.writing(hear):
        with (
            pytest.raises(UserError, match="another run is at work here; wait for its end, or give another --out"),
            store.writing(hear),
        ):
            pass
        with UnitStore(store.folder.with_name("another")).writing(hear):
            pass
    with store.writing(hear):
        pass


def test_without_locks_the_work_goes_on_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: filelock.FileLock, **options: object) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(filelock.FileLock, "acquire", none)
    said: list[str] = []
    with exclusive(tmp_path, said.append):
        pass
    assert said == [f"{tmp_path}: this file system has no locks; start no second run of the same settings here"]


def test_a_shard_knows_its_units_by_what_is_in_it(store: UnitStore) -> None:
    assert store.write(answers(4, 9, 12), None).units == (4, 9, 12)
    assert [shard.units for shard in store.find().shards] == [(4, 9, 12)]
    assert isinstance(store.find().shards[0], Shard)
