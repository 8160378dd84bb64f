"""Text encoders of T5's size: read once, kept on disk, off the device afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests import tiny

from reconstrue.classifiers.adapters.diffusers import large_encoders, loading
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.stimuli.world.sets import world_set

PROMPTS = ["A bad photo of a cat.", "A bad photo of a truck."]


@pytest.fixture(scope="module")
def pixart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pixart")
    tiny.save_pixart(folder)
    return folder


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every text encoder is large, and what it says is kept here."""
    monkeypatch.setattr(large_encoders, "LARGE", 1)
    monkeypatch.setattr(loading, "prompts_folder", lambda: tmp_path / "prompts")
    return tmp_path / "prompts"


def door(folder: Path, weights: str = "one", dtype: torch.dtype = torch.float32) -> Denoiser:
    return loading.load_denoiser(
        str(folder), revision=None, dtype=dtype, device=torch.device("cpu"), identify=lambda: {"weights": weights}
    )


def reads(denoiser: Denoiser, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of prompts of each reading, as they happen."""
    seen: list[int] = []
    encoder: Any = denoiser._inner.pipeline.text_encoder
    forward = encoder.forward

    def counted(ids: Any, *rest: Any, **more: Any) -> Any:
        seen.append(len(ids))
        return forward(ids, *rest, **more)

    monkeypatch.setattr(encoder, "forward", counted)
    return seen


def test_small_encoders_stay_as_they_are(pixart: Path) -> None:
    assert not isinstance(door(pixart), large_encoders.LargeEncoders)


def test_what_was_read_once_is_not_read_again(pixart: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = door(pixart)
    seen = reads(first, monkeypatch)
    said = first.condition(PROMPTS)
    assert seen == [2] and len(list(kept.iterdir())) == 1
    again = door(pixart)
    silent = reads(again, monkeypatch)
    same = again.condition(PROMPTS)
    assert silent == []
    assert said.tensors.keys() == same.tensors.keys()
    for name, tensor in said.tensors.items():
        assert tensor.dtype == same.tensors[name].dtype
        assert torch.equal(tensor, same.tensors[name]), name


def test_other_prompts_other_weights_and_nothing_are_read_anew(
    pixart: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = door(pixart), door(pixart, "other")
    seen, seen_by_other = reads(one, monkeypatch), reads(other, monkeypatch)
    one.condition(PROMPTS)
    one.condition(PROMPTS[:1])
    one.unconditional()
    other.condition(PROMPTS)
    assert (seen, seen_by_other) == ([2, 1, 1], [2])
    assert len(list(kept.iterdir())) == 4


def test_a_damaged_file_costs_another_reading(pixart: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = door(pixart).condition(PROMPTS)
    [file] = kept.iterdir()
    file.write_bytes(file.read_bytes()[:40])
    again = door(pixart)
    seen = reads(again, monkeypatch)
    assert torch.equal(again.condition(PROMPTS).tensors["states"], said.tensors["states"])
    assert seen == [2]
    assert torch.equal(door(pixart).condition(PROMPTS).tensors["states"], said.tensors["states"])


def test_a_folder_that_cannot_be_written_is_no_fault(pixart: Path, kept: Path) -> None:
    kept.write_text("a file where the folder should be")
    assert door(pixart).condition(PROMPTS).tensors["states"].shape[0] == 2


def test_the_encoder_is_on_the_device_only_while_it_reads(
    pixart: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    denoiser = door(pixart)
    encoder: Any = denoiser._inner.pipeline.text_encoder
    said: list[str] = []
    seen = reads(denoiser, monkeypatch)
    monkeypatch.setattr(encoder, "to", lambda device: said.append(f"{device} after {len(seen)} readings"))
    denoiser.condition(PROMPTS)
    assert said == ["cpu after 0 readings", "cpu after 1 readings"]


def test_the_answers_are_the_same(pixart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, labels = world_set("original", 2, 5).stimuli, ["cat", "truck"]
    options = Options(policy="fixed-grid", max_draws=2)
    plain = load_classifier(str(pixart), options)
    expected = plain.score(shown, labels).log_evidence
    monkeypatch.setattr(large_encoders, "LARGE", 1)
    monkeypatch.setattr(loading, "prompts_folder", lambda: tmp_path)
    for _ in range(2):
        kept = load_classifier(str(pixart), options)
        assert (kept.score(shown, labels).log_evidence == expected).all()
        assert kept.settings() == plain.settings()
    assert len(list(tmp_path.iterdir())) == 1
