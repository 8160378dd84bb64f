"""Whole trainings of a small network: from any layout to the front door, resumed to the bit, and one or two processes alike."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate.state import AcceleratorState
from PIL import Image
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tests.tiny_photographs import CLASSES, as_folder, as_parquet, as_tar, pictures, recipe
from typer.testing import CliRunner

from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set
from reconstrue.train.at_scale import training
from reconstrue.train.at_scale.batches import Deal, Views
from reconstrue.train.at_scale.collection import open_data
from reconstrue.train.at_scale.follow import follow, measure
from reconstrue.train.at_scale.network import build
from reconstrue.train.at_scale.recipe import PhotographRecipe, load_photograph_recipe
from reconstrue.train.at_scale.rehearsal import Rehearsal, rehearse
from reconstrue.train.at_scale.settings import Settings
from reconstrue.trials.store import exclusive

ROOT = Path(__file__).resolve().parents[3]
# 24 pictures in steps of two micro-batches of 4: three steps an epoch.
PICTURES = list(pictures(24))


@pytest.fixture(autouse=True)
def _one_accelerator_at_a_time() -> Iterator[None]:
    """Precision and processes are shared by all accelerators of a process."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_folder(tmp_path_factory.mktemp("photographs"), PICTURES)


def quiet(line: str) -> None:
    del line


def trained(
    data: Path,
    home: Path,
    say: Callable[[str], None] = quiet,
    *,
    learned: PhotographRecipe | None = None,
    **settings: Any,
) -> dict[str, float] | None:
    asked = {"data": data, "global_batch": 8, "workers": 0, **settings}
    return follow(learned or recipe(), settings=Settings(**asked), out=home / "out", work=home / "work", say=say)


def weights(home: Path) -> dict[str, torch.Tensor]:
    return load_file(home / "out" / "model.safetensors")


def logged(home: Path) -> list[tuple[str, str, str]]:
    with (home / "out" / "log.csv").open(newline="") as file:
        return [(row["step"], row["loss"], row["rate"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("layout", ["folder", "tar", "parquet"])
def test_two_epochs_on_pocket_pictures(layout: str, tmp_path: Path) -> None:
    """From every layout to a model that the front door loads and asks, with noise and without."""
    stimuli = world_set("original", 32, 1).stimuli
    shown = []
    for stimulus in stimuli:
        Image.fromarray(stimulus.read()).save(tmp_path / "one.png")
        if stimulus.category in CLASSES:
            shown += [
                (stimulus.category, f"{Path(stimulus.image_id).stem}-{i}", (tmp_path / "one.png").read_bytes())
                for i in range(4)
            ]
    assert len(shown) == 24
    data = tmp_path / "data"
    if layout == "folder":
        as_folder(data / "train", shown)
        as_folder(data / "val", shown[:6])
    elif layout == "tar":
        as_tar(data / "train" / "0.tar", shown)
        as_tar(data / "val" / "0.tar", shown[:6])
    else:
        as_parquet(data / "train-0.parquet", shown)
        as_parquet(data / "test-0.parquet", shown[:6])
    said: list[str] = []
    reached = trained(data, tmp_path, said.append)
    assert (
        reached is not None
        and reached["pictures"] == 6
        and set(reached) == {"pictures", "accuracy", "accuracy_under_noise"}
    )
    assert said[0] == "tiny: 24 photographs of 3 classes"
    assert said[1].startswith("tiny: 6 steps of 8 pictures (4 at once × 2 accumulated × 1 processes) will take about ")
    assert [line.split(", loss")[0] for line in said[2:4]] == [
        f"tiny: epoch {e}.00 of 2, step {3 * e} of 6" for e in (1, 2)
    ]
    assert all(line.endswith(" left") for line in said[2:4])

    out = tmp_path / "out"
    assert {p.name for p in out.iterdir()} >= {
        "model.safetensors",
        "config.json",
        "preprocessor_config.json",
        "log.csv",
    }
    assert not list(out.glob("*.bin"))
    record = json.loads((out / "training.json").read_text())
    assert record["reached"] == reached and record["cost"]["pictures"] == 48 and record["cost"]["flops"] > 1e6
    assert record["recipe"]["noise"] is True and record["machine"]["accumulated"] == 2
    found = {}
    for noise in ("none", "diffusion"):
        classifier = load_classifier(str(out), Options(input_noise=noise))
        assert classifier.resolution == 32
        found[noise] = classifier.score(stimuli[:4], CLASSES).posterior
        assert found[noise].shape == (4, 3)
    assert not np.allclose(found["none"], found["diffusion"])
    with pytest.raises(UserError, match="was not trained on 'truck'"):
        load_classifier(str(out)).score(stimuli[:1], ["cat", "truck"])

    board = EventAccumulator(str(tmp_path / "work" / "tiny" / "tensorboard")).Reload()
    assert [(event.step, f"{event.value:.4f}") for event in board.Scalars("loss")] == [
        (int(step), f"{float(loss):.4f}") for step, loss, _ in logged(tmp_path)
    ]


def test_it_learns_and_the_rate_is_a_half_cosine(folder: Path, tmp_path: Path) -> None:
    """Three colours, so that the loss falls well below chance, ln 3 = 1.10. Rates at steps 3, 6 … of 30: 0.1 (1 + cos(π (s − 1) / 30)) / 2."""
    trained(folder, tmp_path, learned=recipe(epochs=10, noise=False))
    rows = logged(tmp_path)
    assert float(rows[-1][1]) < 0.4 < float(rows[0][1])
    expected = [0.05 * (1 + np.cos(np.pi * (step - 1) / 30)) for step in range(3, 31, 3)]
    np.testing.assert_allclose([float(rate) for _, _, rate in rows], expected)


class StoppedError(Exception):
    """The machine is switched off."""


@pytest.mark.parametrize("at", [2, 5])
def test_stopped_and_resumed_equals_straight_through(
    at: int, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line at each step and a checkpoint at every second one and each epoch's end; the steps after it are taken again."""
    monkeypatch.setattr(training, "_LINE", 1)
    monkeypatch.setattr(training, "_CHECKPOINT", 2)
    trained(folder, tmp_path / "straight")

    def stopping(line: str) -> None:
        if f"step {at} of 6" in line:
            raise StoppedError

    with pytest.raises(StoppedError):
        trained(folder, tmp_path / "broken", stopping)
    said: list[str] = []
    trained(folder, tmp_path / "broken", said.append)
    # At step 2 the line comes before its checkpoint, so that it begins again; at step 5 there is that of step 4.
    assert ("tiny: going on from step 4 of 6" in said) == (at == 5)
    assert logged(tmp_path / "broken") == logged(tmp_path / "straight")
    assert [step for step, _, _ in logged(tmp_path / "broken")] == ["1", "2", "3", "4", "5", "6"]
    ours, theirs = weights(tmp_path / "broken"), weights(tmp_path / "straight")
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_finished_training_takes_no_step(folder: Path, tmp_path: Path) -> None:
    trained(folder, tmp_path)
    before, rows, said = weights(tmp_path), logged(tmp_path), []
    trained(folder, tmp_path, said.append)
    assert said == ["tiny: 24 photographs of 3 classes", "tiny: going on from step 6 of 6"]
    assert logged(tmp_path) == rows
    assert all(torch.equal(before[name], value) for name, value in weights(tmp_path).items())
    assert json.loads((tmp_path / "out" / "training.json").read_text())["cost"]["flops"] > 1e6


def test_the_rehearsal_leaves_no_trace(folder: Path) -> None:
    learned = recipe()
    collection, _ = open_data(folder, folder)
    network = build(learned, CLASSES)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    accelerator = training.accelerator_for(learned, Settings(global_batch=8))
    told = rehearse(network, Views(collection, learned), Deal(24, 4, 1, 2, 0), accelerator, loss=training._loss)
    assert told.reading > 0 and told.learning > 0 and told.flops > 1e6
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(weight.grad is None for weight in network.parameters())


def test_an_estimate_counts_what_waits() -> None:
    """2 s to read and 3 s to learn: 5 s in turn, 3 s where one process reads ahead; 8 s to read by two takes 4.

    Two who share a core read no faster than one, and on a CPU what learns takes its cores too.
    """
    gpu, slow, cpu = Rehearsal(2, 3, 0, False), Rehearsal(8, 3, 0, False), Rehearsal(2, 3, 0, True)
    assert gpu.seconds(0, 8) == cpu.seconds(0, 8) == 5
    assert gpu.seconds(1, 8) == 3
    assert slow.seconds(2, 8) == 4
    assert slow.seconds(2, 1) == slow.seconds(2, 0) == 8
    assert (cpu.seconds(1, 1), cpu.seconds(2, 2)) == (5, 4)


def in_two_processes(data: Path, home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    shared |= {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.tiny_photographs", str(data), str(home), "64"],
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    said = [child.communicate()[0] for child in children]
    assert [child.returncode for child in children] == [0, 0], said


def test_two_processes_of_32_equal_one_that_accumulates_two_micro_batches_of_32(tmp_path: Path) -> None:
    """To 1e-5 in every weight after four steps, from sums in another order.

    Batch normalisation sees the same micro-batches. Its running statistics differ, as in any such training without
    SyncBatchNorm: two processes keep those that the first one saw, one process sees both halves.
    """
    data = as_folder(tmp_path / "data", list(pictures(128)))
    trained(data, tmp_path / "one", learned=recipe(batch_size=32), global_batch=64)
    in_two_processes(data, tmp_path / "two")
    (tmp_path / "two" / "log.csv").write_bytes((tmp_path / "two" / "out" / "log.csv").read_bytes())
    ours, theirs = weights(tmp_path / "two"), weights(tmp_path / "one")
    learned = [name for name in theirs if "running" not in name and "num_batches" not in name]
    apart = max(float((ours[name] - theirs[name]).abs().max()) for name in learned)
    start = build(recipe(batch_size=32), CLASSES).state_dict()
    moved = max(float((start[name] - theirs[name]).abs().max()) for name in learned)
    assert apart < 1e-5 < 0.01 < moved
    assert any(not torch.allclose(ours[name], theirs[name], atol=1e-4) for name in theirs if "running_mean" in name)
    for (step, loss, rate), (step2, loss2, rate2) in zip(
        logged(tmp_path / "one"), logged(tmp_path / "two"), strict=True
    ):
        assert (step, rate) == (step2, rate2) and float(loss) == pytest.approx(float(loss2), abs=1e-5)
    assert json.loads((tmp_path / "two" / "out" / "training.json").read_text())["machine"]["processes"] == 2


def test_float16_is_refused_where_it_cannot_be(folder: Path, tmp_path: Path) -> None:
    """accelerate would compute in float32 and call it fp16."""
    if torch.cuda.is_available():
        pytest.skip("a GPU computes in float16")
    with pytest.raises(UserError, match="float16 is not for a cpu; give --precision bfloat16 or float32"):
        trained(folder, tmp_path, precision="float16")


def test_two_trainings_of_one_recipe_are_refused(folder: Path, tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "work" / "tiny", quiet),
        pytest.raises(UserError, match="at work here; wait for its end, or give another --work"),
    ):
        trained(folder, tmp_path)
    assert not (tmp_path / "work" / "tiny" / "last.pt").exists()


def test_a_photograph_that_cannot_be_read_ends_it_until_it_is_mended(tmp_path: Path) -> None:
    """In training, and among the held-out ones, where the weights and their record are there already."""
    data = as_folder(tmp_path / "data" / "train", PICTURES).parent
    as_folder(data / "val", PICTURES[:6])
    for broken in (data / "train" / "cat" / "cat1.png", data / "val" / "cat" / "cat1.png"):
        good = broken.read_bytes()
        broken.write_bytes(good[:60])
        with pytest.raises(UserError, match="cat1.png: "):
            trained(data, tmp_path)
        stated = (tmp_path / "out" / "training.json").read_text()
        assert ('"cost"' in stated) == (broken.parts[-3] == "val")
        broken.write_bytes(good)
    reached = trained(data, tmp_path)
    assert reached is not None and reached["pictures"] == 6
    assert json.loads((tmp_path / "out" / "training.json").read_text())["reached"] == reached


def test_measuring_says_how_far_it_is(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconstrue.train.at_scale.follow._TOGETHER", 4)
    trained(folder, tmp_path)
    held_out, _ = open_data(folder, folder)
    said: list[str] = []
    reached = measure(recipe(), tmp_path / "out", held_out.sample(6, 0), said.append)
    assert reached["pictures"] == 6
    assert said == [
        "tiny: measuring accuracy on 6 held-out photographs",
        "tiny: 4 of 6 asked, 0 min left",
        "tiny: measuring accuracy under noise on 6 held-out photographs",
        "tiny: 4 of 6 asked, 0 min left",
    ]


@pytest.mark.parametrize("name", ["resnet50", "resnet50-diffusion-noise"])
def test_two_epochs_of_the_papers_network_on_photographs(name: str, shared_data: Path, tmp_path: Path) -> None:
    """The recipe as it is, 64 at once, on 128 of CIFAR-10's photographs from parquet, small; and going on from its end."""
    if not (shared_data / "photos").is_dir():
        pytest.skip(f"{shared_data}: no photos here")
    asked = {"epochs": 2, "limit": 128, "side": 32, "global_batch": 64}
    learned, said = load_photograph_recipe(name), []
    reached = trained(shared_data / "photos", tmp_path, said.append, learned=learned, **asked)
    assert said[0] == f"{name}: 128 photographs of 10 classes"
    assert said[1].startswith(
        f"{name}: 4 steps of 64 pictures (64 at once × 1 accumulated × 1 processes) will take about "
    )
    assert [step for step, _, _ in logged(tmp_path)] == ["2", "4"]
    figures = {"pictures", "accuracy"} | ({"accuracy_under_noise"} if learned.noise else set())
    assert reached is not None and set(reached) == figures and reached["pictures"] == 128
    assert json.loads((tmp_path / "out" / "training.json").read_text())["cost"]["parameters"] > 23e6
    assert trained(shared_data / "photos", tmp_path, learned=learned, **asked) == reached


def test_mixed_precision(folder: Path, tmp_path: Path) -> None:
    """bfloat16 has 8 bits of mantissa: the same curve, roughly, and float32 weights."""
    trained(folder, tmp_path / "whole")
    AcceleratorState._reset_state(reset_partial_state=True)
    trained(folder, tmp_path / "mixed", precision="bfloat16")
    whole, mixed = (float(logged(tmp_path / name)[0][1]) for name in ("whole", "mixed"))
    assert whole != mixed and whole == pytest.approx(mixed, rel=0.2)
    assert {value.dtype for name, value in weights(tmp_path / "mixed").items() if "num" not in name} == {torch.float32}
    assert json.loads((tmp_path / "mixed" / "out" / "training.json").read_text())["machine"]["precision"] == "bf16"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"learned": recipe(learning_rate=0.2)},
            "last.pt: made with another recipe; remove it",
        ),
        ({"limit": 16}, "made with other photographs; remove it"),
        ({"global_batch": 4}, "made with another global batch; remove it"),
        ({"precision": "bfloat16"}, "made with another precision; remove it"),
        ({"damaged": True}, "last.pt: no checkpoint of this training, or damaged"),
    ],
)
def test_checkpoints_of_other_trainings_are_refused(
    changes: dict[str, Any], said: str, folder: Path, tmp_path: Path
) -> None:
    trained(folder, tmp_path, learned=recipe(epochs=1))
    if changes.pop("damaged", False):
        (tmp_path / "work" / "tiny" / "last.pt").write_bytes(b"half a checkpoi")
    AcceleratorState._reset_state(reset_partial_state=True)
    with pytest.raises(UserError, match=said):
        trained(folder, tmp_path, **{"learned": recipe(epochs=1), **changes})


def test_too_few_photographs_for_a_step(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="24 photographs do not fill one step of 32; give more, or a smaller --global-batch"
    ):
        trained(folder, tmp_path, global_batch=32)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_other_things_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("precious")
    with pytest.raises(UserError, match="out: not empty and not an earlier training"):
        trained(folder, tmp_path)
    assert not (tmp_path / "work").exists()


def test_a_folder_of_another_recipe_is_left_alone(folder: Path, tmp_path: Path) -> None:
    trained(folder, tmp_path)
    before = weights(tmp_path)
    with pytest.raises(UserError, match="out: holds a training of tiny, not of other; give another --out"):
        trained(folder, tmp_path, learned=recipe(name="other"))
    assert all(torch.equal(before[name], value) for name, value in weights(tmp_path).items())


def test_a_folder_is_not_named_as_a_model_that_is_known(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--model resnet50` would be torchvision's, in the measuring after the training and in every evaluation."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="resnet50: `--model resnet50` is a model that reconstrue knows by this name"):
        follow(recipe(), settings=Settings(folder), out=Path("resnet50"), work=tmp_path / "work", say=quiet)


def test_the_command(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconstrue.train.at_scale.recipe.load_photograph_recipe", lambda name: recipe())
    result = CliRunner().invoke(
        app,
        ["train", "resnet50", "--data", str(folder), "--out", str(tmp_path / "out"), "--work", str(tmp_path / "work"),
         "--global-batch", "4", "--workers", "0", "--epochs", "1", "--limit", "16", "--side", "40"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("out: trained\n")
    record = json.loads((tmp_path / "out" / "training.json").read_text())
    assert (record["recipe"]["epochs"], record["recipe"]["side"], record["photographs"]["count"]) == (1, 40, 16)
    assert json.loads((tmp_path / "out" / "preprocessor_config.json").read_text())["size"] == {"shortest_edge": 40}
