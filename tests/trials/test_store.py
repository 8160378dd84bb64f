"""Finished units: whole or absent, under the name of their settings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reconstrue.errors import UserError
from reconstrue.trials.store import UnitStore, settings_key

FRAME = pd.DataFrame({"image_id": ["a.png", "b.png"], "posterior": [0.25, 1 / 3], "draws": [3, 4]})


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


def test_what_was_written_is_read(store: UnitStore) -> None:
    store.write("answers", 3, FRAME)
    pd.testing.assert_frame_equal(store.read("answers", 3), FRAME)
    assert [p.name for p in store.folder.iterdir()] == ["answers-00003.parquet"]


def test_kinds_and_units_do_not_mix(store: UnitStore) -> None:
    store.write("answers", 3, FRAME)
    assert store.read("answers", 4) is None
    assert store.read("evidence", 3) is None


def test_a_second_write_replaces_the_first(store: UnitStore) -> None:
    store.write("answers", 0, FRAME)
    store.write("answers", 0, FRAME.iloc[:1])
    found = store.read("answers", 0)
    assert found is not None and len(found) == 1


@pytest.mark.parametrize("keep", [0, 3, 100])
def test_a_damaged_unit_is_absent_and_taken_away(store: UnitStore, keep: int) -> None:
    store.write("answers", 0, FRAME)
    path = store.path("answers", 0)
    path.write_bytes(path.read_bytes()[:keep])
    assert store.read("answers", 0) is None
    assert not path.exists()


def test_a_write_that_breaks_off_leaves_the_old_table(store: UnitStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("answers", 0, FRAME)

    def full_disk(self: pd.DataFrame, path: Path, **options: object) -> None:
        Path(path).write_bytes(b"PAR1 and then")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full_disk)
    with pytest.raises(UserError, match=r"answers-00000\.parquet: cannot be written \(.*No space left.*another --out"):
        store.write("answers", 0, FRAME.iloc[:1])
    with pytest.raises(UserError, match=r"answers-00001\.parquet: cannot be written"):
        store.write("answers", 1, FRAME)
    assert [p.name for p in store.folder.iterdir()] == ["answers-00000.parquet"]
    pd.testing.assert_frame_equal(store.read("answers", 0), FRAME)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"answers-00000\.parquet: cannot be written .*give another --out or make room"):
        UnitStore(tmp_path / "file" / "units").write("answers", 0, FRAME)
