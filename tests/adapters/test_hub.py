"""Hub ids without a card: whatever format the model was published in, and what is said where it cannot be fetched."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RemoteEntryNotFoundError
from tests import tiny

from reconstrue.classifiers.adapters import fetched
from reconstrue.classifiers.discriminative.supervised import SupervisedClassifier
from reconstrue.classifiers.load import load_classifier
from reconstrue.errors import UserError

RESPONSE: Any = SimpleNamespace(headers={}, request=None)


@pytest.mark.parametrize(
    "error", [RemoteEntryNotFoundError("404", response=RESPONSE), LocalEntryNotFoundError("offline")]
)
def test_a_model_that_is_no_pipeline_is_fetched_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    tiny.save_resnet(tmp_path)

    def no_index(*args: object, **kwargs: object) -> None:
        raise error

    asked: list[object] = []

    def snapshot(repository: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append((repository, revision, "*.bin" in allow_patterns))
        return str(tmp_path)

    monkeypatch.setattr(fetched, "hf_hub_download", no_index)
    monkeypatch.setattr(fetched, "snapshot_download", snapshot)
    classifier = load_classifier("somebody/some_resnet")
    assert isinstance(classifier, SupervisedClassifier)
    assert classifier.name == "some-resnet"
    assert asked == [("somebody/some_resnet", None, False)]


def test_a_gated_model_says_where_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    def gated(*args: object, **kwargs: object) -> None:
        raise GatedRepoError("401", response=RESPONSE)

    monkeypatch.setattr(fetched, "hf_hub_download", gated)
    with pytest.raises(UserError, match="accept its licence on https://huggingface.co/somebody/something, then run"):
        load_classifier("somebody/something")


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*args: object, **kwargs: object) -> None:
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr(fetched, "hf_hub_download", offline)
    monkeypatch.setattr(fetched, "snapshot_download", offline)
    with pytest.raises(UserError, match=r"no folder of that name, and its weights cannot be reached.*\(no network\)"):
        load_classifier("somebody/something")
