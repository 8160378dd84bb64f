"""Every photograph once an epoch, and the same micro-batches however many processes share them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.tiny_photographs import as_folder, pictures, recipe

from reconstrue.errors import UserError
from reconstrue.train.at_scale.batches import Deal, MicroBatches, Views, micro_batches
from reconstrue.train.at_scale.collection import Collection, open_data


def dealt(processes: int, accumulated: int, *, start: int = 0, stop: int = 6) -> list[list[list[tuple[int, int]]]]:
    """Of each step, its micro-batches, in the order of their numbers."""
    deal = Deal(photographs=100, batch_size=4, processes=processes, accumulated=accumulated, seed=0)
    parts = [list(MicroBatches(deal, p, start, stop)) for p in range(processes)]
    assert all(len(part) == len(MicroBatches(deal, 0, start, stop)) for part in parts)
    return [
        [parts[p][(step - start) * accumulated + a] for a in range(accumulated) for p in range(processes)]
        for step in range(start, stop)
    ]


def test_processes_and_accumulated_micro_batches_are_one() -> None:
    assert dealt(1, 8) == dealt(8, 1) == dealt(2, 4) == dealt(4, 2)


def test_an_epoch_shows_a_photograph_once_and_the_next_in_another_order() -> None:
    """100 photographs in steps of 32: 3 steps an epoch, 4 left out, others in the next."""
    steps = dealt(2, 4)
    epochs = [[shown for step in steps[e * 3 : e * 3 + 3] for batch in step for shown in batch] for e in (0, 1)]
    for e, shown in enumerate(epochs):
        assert {epoch for epoch, _ in shown} == {e}
        assert len({index for _, index in shown}) == len(shown) == 96
    assert [i for _, i in epochs[0]] != [i for _, i in epochs[1]]
    assert {i for _, i in epochs[0]} != {i for _, i in epochs[1]}


def test_from_a_later_step_on_it_goes_on_the_same() -> None:
    assert dealt(2, 4)[4:] == dealt(2, 4, start=4)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return open_data(as_folder(tmp_path_factory.mktemp("data"), list(pictures(16))), Path())[0]


def test_reading_processes_change_nothing(photographs: Collection) -> None:
    deal = Deal(len(photographs), 4, 1, 2, seed=0)
    views = Views(photographs, recipe())
    here, there = (
        list(micro_batches(views, MicroBatches(deal, 0, 0, 3), workers=workers, pinned=False)) for workers in (0, 2)
    )
    assert len(here) == 6 and here[0][0].shape == (4, 3, 32, 32)
    for ours, theirs in zip(here, there, strict=True):
        assert torch.equal(ours[0], theirs[0]) and torch.equal(ours[1], theirs[1])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_photograph_ends_in_one_line(tmp_path: Path, workers: int) -> None:
    as_folder(tmp_path, list(pictures(16)))
    (tmp_path / "cat" / "cat1.png").write_bytes(b"no picture")
    views = Views(open_data(tmp_path, tmp_path)[0], recipe())
    deal = Deal(16, 4, 1, 2, seed=0)
    with pytest.raises(UserError, match=r"^cat/cat1\.png: not a picture that can be read; [^\n]*$"):
        list(micro_batches(views, MicroBatches(deal, 0, 0, 2), workers=workers, pinned=False))


def test_a_photograph_that_went_away_ends_in_one_line(tmp_path: Path) -> None:
    as_folder(tmp_path, list(pictures(16)))
    views = Views(open_data(tmp_path, tmp_path)[0], recipe())
    (tmp_path / "cat" / "cat1.png").unlink()
    with pytest.raises(UserError, match=r"cat1\.png: No such file or directory; the photographs changed"):
        list(micro_batches(views, MicroBatches(Deal(16, 4, 1, 2, seed=0), 0, 0, 2), workers=0, pinned=False))
