"""The paper's printed rows: whole, in order, and marked wherever they stand."""

from __future__ import annotations

from reconstrue.classifiers.cards import load_cards
from reconstrue.metrics import PUBLISHED_NOTES, load_published


def test_the_58_models_of_tables_2_and_3_and_what_table_1_adds_are_there() -> None:
    rows = {row.name: row for row in load_published()}
    assert sum(row.mean_rank.defined for row in rows.values()) == 58
    assert sum(row.shape_bias.defined for row in rows.values()) == 9  # the rows of Table 1
    simclr = rows["SimCLR: ResNet-50x1"]
    assert [
        simclr.accuracy_difference.value,
        simclr.observed_consistency.value,
        simclr.error_consistency.value,
        simclr.ood_accuracy.value,
    ] == [0.080, 0.667, 0.179, 0.596]
    assert not rows["Parti (3B)"].mean_rank.defined
    assert not rows["Muse"].ood_accuracy.defined


def test_the_printed_ranks_are_those_of_the_printed_accuracies() -> None:
    ranked = sorted((row for row in load_published() if row.rank.defined), key=lambda row: row.rank.value)
    assert [row.rank.value for row in ranked] == list(range(1, 59))
    accuracies = [row.ood_accuracy.value for row in ranked]
    assert accuracies == sorted(accuracies, reverse=True)


def test_no_figure_has_an_interval_that_nobody_measured() -> None:
    for row in load_published():
        for figure in (row.shape_bias, row.ood_accuracy, row.error_consistency):
            assert figure.n == 0
            assert figure.low != figure.low  # NaN


def test_unreleased_models_cannot_be_run() -> None:
    for name in load_cards():
        for unreleased in ("imagen", "vit-22b", "parti", "muse"):
            assert not name.startswith(unreleased)


def test_the_notes_say_what_the_paper_leaves_out_or_says_twice() -> None:
    rows = [row for row in load_published() if row.mean_rank.defined]
    assert not any("Parti" in row.name for row in rows)
    assert [row.name for row in rows if "CLIP" in row.name] == [
        "CLIP: ViT-B (400M), 80 prompts",
        "CLIP: ViT-B (400M), 1 prompt",
    ]
    notes = " ".join(PUBLISHED_NOTES)
    assert "no row for Parti" in notes and "ViT-B" in notes and "ViT-L/14" in notes
    assert all("\n" not in note and note.endswith(".") for note in PUBLISHED_NOTES)
