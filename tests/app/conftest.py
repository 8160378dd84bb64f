"""What the app's tests share: a finished run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.fake import FakeClassifier

from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan
from reconstrue.stimuli.sources import locate


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a classifier without a network, on 30 pictures of the pocket world's seed 3."""
    folder = tmp_path_factory.mktemp("run")
    source = locate("cue-conflict", "pocket", limit=30, seed=3)
    classifier = FakeClassifier()
    classifier.temperature = 0.5
    evaluate(Plan(classifier, source.stimuli, catalogue_images=None, world=source.world), folder)
    return folder
