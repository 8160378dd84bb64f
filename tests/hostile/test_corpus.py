"""The corpus is as large as is promised."""

from __future__ import annotations

from tests.hostile import corpus

KINDS = (
    corpus.damaged_pictures,
    corpus.hopeless_pictures,
    corpus.trial_files,
    corpus.hostile_archives,
    corpus.damaged_archives,
)


def test_there_are_hundreds_of_damaged_files() -> None:
    contents = [content for kind in KINDS for content in kind().values()]
    assert len(contents) >= 500
    assert len(set(contents)) >= 500
