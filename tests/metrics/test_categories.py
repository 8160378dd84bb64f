"""Everybody on the images of some categories: who counts, what an answer outside is, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.metrics.test_benchmark import note, together

from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, admitted_trials, benchmark
from reconstrue.metrics.panel import answers_outside
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import Sidecar, TrialTable, of_categories, read_categories, read_trials, trial_table

RNG = np.random.default_rng
SEVEN = ("airplane", "bird", "boat", "car", "cat", "dog", "truck")
TWO = ("car", "cat")

SHOWN = ("car1.png", "car2.png", "cat1.png", "cat2.png", "dog1.png", "oven1.png")


def edge(observer: str, answers: str, shown: tuple[str, ...] = SHOWN) -> TrialTable:
    """Answers to edge images, with spaces between."""
    n = len(shown)
    return trial_table(
        {
            "dataset": ["edge"] * n,
            "observer": [observer] * n,
            "response": answers.split(),
            "category": [name[:-5] for name in shown],
            "condition": ["0"] * n,
            "imagename": list(shown),
        }
    )


@pytest.fixture
def trials() -> tuple[TrialTable, dict[tuple[str, str], Sidecar]]:
    """Two people and a model who chose among all 16, and one who was asked about cars and cats alone."""
    few = edge("few", "car cat cat car", SHOWN[:4])
    table = together(
        edge("subject-01", "car cat cat dog dog oven"),
        edge("subject-02", "car car cat cat oven dog"),
        edge("many", "car oven cat cat dog oven"),
        few,
    )
    return table, note(few, subset_reason="only pictures of car, cat", settings={"labels": list(TWO)})


def run(table: TrialTable, sidecars: dict[tuple[str, str], Sidecar] | None = None, **options: object) -> Benchmark:
    return benchmark(table, sidecars or {}, resamples=20, generator=RNG(0), **options)


def test_an_answer_outside_is_wrong(trials: tuple[TrialTable, dict[tuple[str, str], Sidecar]]) -> None:
    found = run(*trials, categories=TWO)
    accuracy = {name: row.datasets["edge"].accuracy for name, row in found.models.items()}
    # on the four cars and cats: many is wrong with oven, few with its second and fourth
    assert (accuracy["many"].value, accuracy["many"].n) == (3 / 4, 4)
    assert (accuracy["few"].value, accuracy["few"].n) == (2 / 4, 4)
    # one: car, cat right, the dog outside wrong: 2/4; two: all right
    assert found.humans.ood_accuracy.value == (2 / 4 + 4 / 4) / 2
    # few with one: the same right and wrong, kappa 1; with two, who is always right: 0. mean 1/2
    assert found.models["few"].error_consistency.value == pytest.approx(1 / 2)
    # many with one: 3/4 agree, 1/2 expected, kappa 1/2; with two: 3/4 and 3/4 expected, 0. mean 1/4
    assert found.models["many"].error_consistency.value == pytest.approx(1 / 4)


def test_chance_is_each_one_s_own(trials: tuple[TrialTable, dict[tuple[str, str], Sidecar]]) -> None:
    found = run(*trials, categories=TWO)
    few, many, people = (row.datasets["edge"] for row in (found.models["few"], found.models["many"], found.humans))
    assert few.above_chance.value == pytest.approx(2 / 4 - 1 / 2)
    assert many.above_chance.value == pytest.approx(3 / 4 - 1 / 16)
    assert people.above_chance.value == pytest.approx(3 / 4 - 1 / 16)
    assert found.chances == (1 / 16, 1 / 2)
    assert found.to_json()["categories"] == ["car", "cat"] and few.to_json()["n_labels"] == 2


def test_who_chose_among_how_many_is_said(trials: tuple[TrialTable, dict[tuple[str, str], Sidecar]]) -> None:
    table, sidecars = trials
    only, asked, others = run(table, sidecars, categories=TWO).choices
    assert only.startswith("Only images of 2 of the 16 categories are compared (car, cat)")
    assert asked == "few chose among 2 categories (chance 50.0%): car, cat."
    assert others.startswith("people, many chose among all 16 (chance 6.2%), and an answer outside is wrong")
    # Who was asked less than the others is said whatever is compared.
    assert [line[:9] for line in run(table, sidecars).choices] == ["few chose", "people, m"]
    without = together(*(TrialTable(part) for who, part in table.frame.groupby("observer") if who != "few"))
    assert run(without).choices == () and run(without).chances == (1 / 16,)


def test_only_their_trials_count(trials: tuple[TrialTable, dict[tuple[str, str], Sidecar]]) -> None:
    table, sidecars = trials
    counted = admitted_trials(table, run(table, sidecars, categories=TWO)).frame
    assert set(counted["category"]) == set(TWO) and len(counted) == 4 * 4
    assert len(of_categories(table, TWO)) == 4 * 4


def test_both_readings_of_answers_outside(trials: tuple[TrialTable, dict[tuple[str, str], Sidecar]]) -> None:
    table, sidecars = trials
    counted = admitted_trials(table, run(table, sidecars, categories=TWO))
    found = {one.observer: one for one in answers_outside(counted, TWO, resamples=50, generator=RNG(0))}
    assert list(found) == ["humans", "few", "many"]
    people, few, many = found.values()
    # of the people's eight answers, six right, one wrong inside, one outside
    assert (people.trials, people.outside) == (8, 1)
    assert (people.accuracy.value, people.accuracy_inside.value) == (6 / 8, 6 / 7)
    assert (people.accuracy.n, people.accuracy_inside.n) == (8, 7)
    assert (few.trials, few.outside, few.accuracy) == (4, 0, few.accuracy_inside)
    assert (many.outside, many.accuracy.value, many.accuracy_inside.value) == (1, 3 / 4, 1.0)


def test_nobody_inside_is_undefined() -> None:
    [one] = answers_outside(edge("m", "oven bear", SHOWN[:2]), TWO, resamples=0, generator=RNG(0))
    assert (one.outside, one.accuracy.value) == (2, 0.0) and not one.accuracy_inside.defined


def test_in_a_conflict_shape_and_texture_are_of_them() -> None:
    shown = ("car1-cat1.png", "cat1-car1.png", "car2-oven1.png", "car3-car1.png", "oven1-cat1.png")
    table = trial_table(
        {
            "dataset": ["cue-conflict"] * 5,
            "observer": ["m"] * 5,
            "response": ["car", "car", "oven", "car", "cat"],
            "category": ["car", "cat", "car", "car", "oven"],
            "condition": ["0"] * 5,
            "imagename": list(shown),
        }
    )
    row = run(table, allow_partial=True, categories=TWO).models["m"]
    # the first by shape, the second by texture; the fourth is right, and no conflict
    assert (row.shape_bias.value, row.shape_bias.n) == (1 / 2, 2)
    assert (row.ood_accuracy.value, row.ood_accuracy.n) == (pytest.approx(2 / 3), 3)
    # all of them: one by shape, three by texture
    assert run(table, allow_partial=True).models["m"].shape_bias.value == 1 / 4


def test_a_set_without_such_images_is_left_out(trials: tuple[TrialTable, dict[tuple[str, str], Sidecar]]) -> None:
    table, sidecars = trials
    with pytest.raises(
        UserError, match="nothing is left to compare: .* answered no image of bear, truck of a condition"
    ):
        run(table, sidecars, categories=("bear", "truck"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("car,boatt", "--categories: unknown category 'boatt'; did you mean 'boat'"),
        ("car", "--categories: at least two are needed to choose from, got 'car'"),
        ("car,cat,car", "--categories: 'car' is given twice"),
        ("car,,cat", "--categories: one is empty in 'car,,cat'; remove the stray comma"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_categories(text)


def test_they_are_in_the_order_of_the_sixteen() -> None:
    """So that the order in which they were typed is not another run."""
    assert read_categories(" truck,car , airplane") == ("airplane", "car", "truck")
    assert read_categories(",".join(reversed(CATEGORIES))) == CATEGORIES


# --- the published trials


@pytest.fixture(scope="module")
def real(shared_data: Path) -> tuple[Benchmark, pd.DataFrame]:
    """The benchmark of the seven, and the files as pandas reads them."""
    folders = [shared_data / "trials" / name for name in ("edge", "silhouette", "cue-conflict")]
    read = read_trials(folders)
    found = benchmark(read.table, read.sidecars, resamples=0, generator=RNG(0), categories=SEVEN)
    parts = [pd.read_csv(path).assign(dataset=folder.name) for folder in folders for path in folder.glob("*.csv")]
    rows = pd.concat(part.rename(columns=str.lower) for part in parts)
    rows["image"] = rows["imagename"].str.split("_").str[-1]
    rows["texture"] = rows["image"].str.extract(r"-([a-z]+)\d+\.png", expand=False)
    inside = rows["category"].isin(SEVEN) & (rows["texture"].isna() | rows["texture"].isin(SEVEN))
    return found, rows[inside].assign(right=lambda f: f["object_response"] == f["category"])


def test_accuracy_is_that_of_the_files(real: tuple[Benchmark, pd.DataFrame]) -> None:
    found, rows = real
    means = rows.groupby(["dataset", rows["subj"].str.replace("_", "-")])["right"].agg(["mean", "size"])
    seen = 0
    for name, row in found.models.items():
        for dataset, result in row.datasets.items():
            assert (result.accuracy.value, result.accuracy.n) == pytest.approx(tuple(means.loc[dataset, name]))
            # 7 of 16 categories of 160 images; of 1,280 conflicts those of 7 shapes with 7 textures
            assert not result.partial and result.n_images == (result.catalogue_images)
            seen += 1
    assert seen == 11 * 3
    assert {d: r.n_images for d, r in found.humans.datasets.items()}["edge"] == 70
    for dataset, result in found.humans.datasets.items():
        people = means.loc[dataset][means.loc[dataset].index.str.startswith("subject")]
        assert result.accuracy.value == pytest.approx(people["mean"].mean())


def test_shape_bias_is_that_of_the_files(real: tuple[Benchmark, pd.DataFrame]) -> None:
    found, rows = real
    conflict = rows[(rows["dataset"] == "cue-conflict") & (rows["category"] != rows["texture"])]
    who = conflict["subj"].str.replace("_", "-").where(~conflict["subj"].str.startswith("subject"), "humans")
    for name, part in conflict.groupby(who):
        shape = int(part["right"].sum())
        texture = int((part["object_response"] == part["texture"]).sum())
        row = found.humans if name == "humans" else found.models[str(name)]
        assert (row.shape_bias.value, row.shape_bias.n) == (pytest.approx(shape / (shape + texture)), shape + texture)


def test_error_consistency_is_that_of_the_files(real: tuple[Benchmark, pd.DataFrame]) -> None:
    found, rows = real
    for dataset in ("edge", "silhouette", "cue-conflict"):
        table = rows[rows["dataset"] == dataset].pivot_table(index="image", columns="subj", values="right").astype(bool)
        model = table["alexnet"]
        kappas = []
        for person in table.columns[table.columns.str.startswith("subject")]:
            one, other = model.mean(), table[person].mean()
            expected = one * other + (1 - one) * (1 - other)
            kappas.append(((model == table[person]).mean() - expected) / (1 - expected))
        assert len(kappas) == 10
        value = found.models["alexnet"].datasets[dataset].error_consistency.value
        assert value == pytest.approx(float(np.mean(kappas)))
