"""The training loop: stopped and resumed equals straight through, and a checkpoint is whole or absent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.train import loop
from reconstrue.train.loop import fit
from reconstrue.train.recipe import Recipe

STEPS = 40
# Steps between checkpoints.
EVERY = 10


def recipe(**changes: object) -> Recipe:
    options: dict[str, object] = {
        "name": "tiny", "about": "A line through points.", "trainer": "nobody:nothing", "seed": 0, "dataset": "original",
        "zoom": 1.0, "pictures": 16, "world_seed": 1000, "steps": STEPS, "batch_size": 8, "learning_rate": 0.05,
        "warmup": 4, "weight_decay": 0.01, "ema": 0.9, "model": {},
    }  # fmt: skip
    return Recipe(**{**options, **changes})  # type: ignore[arg-type]


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    # BatchNorm has buffers, which a checkpoint and the average must carry too.
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))


def loss(model: nn.Module, step: int) -> Tensor:
    rng = stream(0, "points", step)
    x = torch.from_numpy(rng.standard_normal((8, 3))).float()
    return (model(x)[:, 0] - x @ torch.tensor([1.0, -2.0, 0.5])).square().mean()


def stopping(at: int) -> Callable[[nn.Module, int], Tensor]:
    def interrupted(model: nn.Module, step: int) -> Tensor:
        if step == at:
            raise KeyboardInterrupt
        return loss(model, step)

    return interrupted


def quiet(line: str) -> None:
    del line


def weights(model: nn.Module) -> list[Tensor]:
    return list(model.state_dict().values())


def logged(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_learns(tmp_path: Path) -> None:
    model = network()
    before = float(loss(network().eval(), 99).detach())
    averaged, cost = fit(recipe(steps=100), model, loss, folder=tmp_path, say=quiet)
    assert float(loss(averaged, 99).detach()) < 0.2 * before
    assert not averaged.training and cost.hours > 0


@pytest.mark.parametrize("stop", [20, 27])
def test_stopped_and_resumed_equals_straight_through(tmp_path: Path, stop: int) -> None:
    """Stopped at its checkpoint (20), and in between (27), where seven steps are taken again: bit by bit the same."""
    straight_model = network()
    straight, _ = fit(recipe(), straight_model, loss, folder=tmp_path / "straight", say=quiet, every=EVERY)
    with pytest.raises(KeyboardInterrupt):
        fit(recipe(), network(), stopping(stop), folder=tmp_path / "broken", say=quiet, every=EVERY)
    said: list[str] = []
    # Another initialisation: all that counts must come from the checkpoint.
    resumed_model = network(seed=1)
    resumed, _ = fit(recipe(), resumed_model, loss, folder=tmp_path / "broken", say=said.append, every=EVERY)
    assert said[0] == "tiny: going on from step 20"
    for ours, theirs in ((resumed, straight), (resumed_model, straight_model)):
        assert all(torch.equal(a, b) for a, b in zip(weights(ours), weights(theirs), strict=True))
    columns = [[(row["step"], row["loss"]) for row in logged(tmp_path / f)] for f in ("straight", "broken")]
    assert columns[0] == columns[1]
    assert [step for step, _ in columns[1]] == [str(s) for s in range(EVERY, STEPS + 1, EVERY)]


def test_the_resumed_run_does_not_begin_again(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(recipe(), network(), stopping(25), folder=tmp_path, say=quiet, every=EVERY)
    seen: list[int] = []

    def watched(model: nn.Module, step: int) -> Tensor:
        seen.append(step)
        return loss(model, step)

    fit(recipe(), network(), watched, folder=tmp_path, say=quiet, every=EVERY)
    assert seen == list(range(20, 40))


def test_a_log_without_a_checkpoint_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,loss,minutes\r\n10,9.0,0.1\r\n", encoding="utf-8")
    fit(recipe(), network(), loss, folder=tmp_path, say=quiet, every=EVERY)
    assert [row["step"] for row in logged(tmp_path)] == ["10", "20", "30", "40"]


def test_a_finished_training_takes_no_step(tmp_path: Path) -> None:
    first, _ = fit(recipe(), network(), loss, folder=tmp_path, say=quiet, every=EVERY)
    again, _ = fit(recipe(), network(seed=1), stopping(40), folder=tmp_path, say=quiet, every=EVERY)
    assert all(torch.equal(a, b) for a, b in zip(weights(first), weights(again), strict=True))


def test_a_checkpoint_that_is_older_than_an_option_is_gone_on_with_at_its_default(tmp_path: Path) -> None:
    fit(recipe(), network(), loss, folder=tmp_path, say=quiet, every=EVERY)
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    stated = json.loads(state["recipe"])
    del stated["side"], stated["categories"]
    torch.save({**state, "recipe": json.dumps(stated)}, tmp_path / "last.pt")
    fit(recipe(), network(), stopping(40), folder=tmp_path, say=quiet, every=EVERY)
    fit(recipe(about="In other words."), network(), stopping(40), folder=tmp_path, say=quiet, every=EVERY)
    with pytest.raises(UserError, match="made by another version of this recipe"):
        fit(recipe(side=32), network(), loss, folder=tmp_path, say=quiet, every=EVERY)


def test_the_average_is_not_the_last_step(tmp_path: Path) -> None:
    """With decay 0.9 the average lags; with decay 0 it is the model itself."""
    model = network()
    lagging, _ = fit(recipe(), model, loss, folder=tmp_path / "lagging", say=quiet)
    assert not torch.equal(weights(lagging)[0], weights(model)[0])
    name = "1.running_mean"
    assert not torch.equal(lagging.state_dict()[name], model.state_dict()[name]), "the buffers lag too"
    model = network()
    same, _ = fit(recipe(ema=0.0), model, loss, folder=tmp_path / "same", say=quiet)
    assert torch.equal(weights(same)[0], weights(model)[0])


def test_a_checkpoint_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up while the second checkpoint is written: the first is still there, and the run goes on."""
    save, calls = torch.save, []

    def full_disk(state: dict[str, object], path: Path) -> None:
        calls.append(path)
        assert path.name != "last.pt", "never written in place"
        if len(calls) == 2:
            path.write_bytes(b"half a checkpoi")
            raise OSError(28, "No space left on device")
        save(state, path)

    monkeypatch.setattr(loop.torch, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        fit(recipe(), network(), loss, folder=tmp_path / "broken", say=quiet, every=EVERY)
    assert torch.load(tmp_path / "broken" / "last.pt", weights_only=True)["step"] == 10
    monkeypatch.undo()
    resumed, _ = fit(recipe(), network(seed=1), loss, folder=tmp_path / "broken", say=quiet, every=EVERY)
    straight, _ = fit(recipe(), network(), loss, folder=tmp_path / "straight", say=quiet, every=EVERY)
    assert all(torch.equal(a, b) for a, b in zip(weights(resumed), weights(straight), strict=True))
    assert sorted(p.name for p in (tmp_path / "broken").iterdir()) == ["last.pt", "log.csv"]


def test_progress_says_what_is_left(tmp_path: Path) -> None:
    said: list[str] = []
    fit(recipe(steps=5), network(), loss, folder=tmp_path, say=said.append, every=2)
    assert [line.split(",")[0] for line in said] == [f"tiny: step {s} of 5" for s in (2, 4, 5)]
    assert all(line.endswith("min left") for line in said)


def test_a_log_line_is_the_mean_since_the_last(tmp_path: Path) -> None:
    """Losses 0, 1, 2, 3, 4 at every second step: means 0.5, 2.5, and 4 of the last one alone."""

    def numbered(model: nn.Module, step: int) -> Tensor:
        return 0 * loss(model, step) + step

    fit(recipe(steps=5), network(), numbered, folder=tmp_path, say=quiet, every=2)
    assert [(row["step"], float(row["loss"])) for row in logged(tmp_path)] == [("2", 0.5), ("4", 2.5), ("5", 4.0)]
