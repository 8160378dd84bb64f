"""Everybody on the images that all models answered: what is left, of whom, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.metrics.test_benchmark import note, together
from tests.metrics.test_categories import SHOWN, edge

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, admitted_trials, benchmark
from reconstrue.report.tables import table_2, table_3
from reconstrue.trials import TrialTable, trial_table


def silhouette(observer: str, answers: str) -> TrialTable:
    """Answers to a cat and a dog, with a space between."""
    return trial_table(
        {
            "dataset": ["silhouette"] * 2,
            "observer": [observer] * 2,
            "response": answers.split(),
            "category": ["cat", "dog"],
            "condition": ["0"] * 2,
            "imagename": ["cat1.png", "dog1.png"],
        }
    )


FIRST = edge("first", "car car cat cat oven", SHOWN[:5])
SECOND = edge("second", "cat cat dog dog", (*SHOWN[1:4], SHOWN[5]))
PEOPLE = together(
    edge("subject-01", "car cat cat dog dog oven"),
    edge("subject-02", "car car cat cat oven dog"),
    silhouette("subject-01", "cat dog"),
)
EVERYBODY = together(PEOPLE, silhouette("first", "cat dog"), FIRST, SECOND)


def run(table: TrialTable, **options: bool) -> Benchmark:
    vouched = {**note(FIRST, subset_reason="a sample"), **note(SECOND, subset_reason="a sample")}
    known = {key: said for key, said in vouched.items() if key[1] in table.observers(key[0])}
    return benchmark(table, known, resamples=20, generator=np.random.default_rng(0), **options)


def test_models_and_people_are_cut_to_what_all_models_answered() -> None:
    apart, found = run(EVERYBODY), run(EVERYBODY, common=True)
    assert [row.datasets["edge"].n_images for row in apart.models.values()] == [5, 4]
    rows = (*found.models.values(), found.humans)
    # car2, cat1 and cat2: first is right on all, second on one, one person on one and the other on all
    assert [(list(row.datasets), row.datasets["edge"].n_images) for row in rows] == [(["edge"], 3)] * 3
    assert [row.datasets["edge"].accuracy.value for row in rows] == pytest.approx([1, 1 / 3, (1 / 3 + 1) / 2])


def test_all_are_complete_and_ranked() -> None:
    apart, found = run(EVERYBODY), run(EVERYBODY, common=True)
    assert not any(row.complete or row.accuracy_rank.defined for row in apart.models.values())
    assert [row.accuracy_rank.value for row in found.models.values()] == [1, 2]
    assert all(row.complete and row.mean_rank.defined and not row.coverage for row in found.models.values())
    assert not any(row.datasets["edge"].partial for row in found.models.values())
    assert [row[0] for row in table_3(found).rows] == ["humans", "first", "second"]


def test_it_is_said_below_every_table() -> None:
    found = run(EVERYBODY, common=True)
    said = "Everybody is compared on the images that all models here answered: 3 of edge."
    left = "Not compared, as not all answered them: silhouette."
    assert found.choices == (said, left) and {said, left} <= set(table_2(found).notes)
    assert found.notes == (
        said,
        left,
        "edge: people answered 6 of the 160 images of the data set",
        "edge: first answered 5 of 160 images (a sample)",
        "edge: second answered 4 of 160 images (a sample)",
    )
    assert found.to_json()["common"] is True
    plain = run(EVERYBODY)
    assert plain.choices == () and plain.to_json()["common"] is False


def test_other_figures_are_of_the_same_trials() -> None:
    counted = admitted_trials(EVERYBODY, run(EVERYBODY, common=True)).frame
    assert set(counted["imagename"]) == {"car2.png", "cat1.png", "cat2.png"} and len(counted) == 4 * 3
    assert set(counted["dataset"]) == {"edge"}


def test_people_alone_and_models_alone_are_as_they_were() -> None:
    alone = run(PEOPLE, common=True)
    assert alone.choices == () and not alone.common
    assert alone.humans.datasets["edge"].n_images == 6 and alone.humans.datasets["silhouette"].n_images == 2
    models = run(together(FIRST, SECOND), common=True)
    assert [row.datasets["edge"].n_images for row in models.models.values()] == [3, 3]
    assert [row.accuracy_rank.value for row in models.models.values()] == [1, 2]


def test_a_set_that_no_person_answered_is_left_out() -> None:
    """Figures that compare with people would be of other sets than accuracy."""
    table = together(EVERYBODY, silhouette("second", "cat dog"))
    strangers = TrialTable(table.frame[~((table.frame["dataset"] == "silhouette") & (table.frame["observer"] == "subject-01"))], table.files)  # fmt: skip
    vouched = {key: said for who in (FIRST, SECOND, silhouette("first", "cat dog"), silhouette("second", "cat dog")) for key, said in note(who, subset_reason="a sample").items()}  # fmt: skip
    found = benchmark(strangers, vouched, resamples=20, generator=np.random.default_rng(0), common=True)
    assert [list(row.datasets) for row in (found.humans, *found.models.values())] == [["edge"]] * 3
    assert all(row.mean_rank.defined for row in found.models.values())


def test_what_was_left_out_is_said_where_nothing_is_left() -> None:
    with pytest.raises(UserError, match="nothing is left to compare: .*2 images, the data set has 160"):
        run(edge("short", "car car", SHOWN[:2]), common=True)


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(
        UserError, match="no data set has an image that all of first, second and people answered; leave --common or"
    ):
        run(together(PEOPLE, silhouette("first", "cat dog"), SECOND), common=True)
