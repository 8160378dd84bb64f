"""The benchmark on small tables: what is averaged over what, and what is left out."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reconstrue.errors import UserError
from reconstrue.metrics import benchmark, between_models, consistency_matrix, decisions, estimate_shape_bias
from reconstrue.metrics.benchmark import Benchmark
from reconstrue.trials import Sidecar, TrialTable, images_sha256, trial_table

RNG = np.random.default_rng


def answers(
    observer: str, pattern: str, dataset: str = "contrast", condition: str = "c50", first: int = 0
) -> TrialTable:
    """Trials on car images `c50-0.png`, `c50-1.png`, …: a 1 is answered right, a 0 with oven."""
    n = len(pattern)
    return trial_table(
        {
            "dataset": [dataset] * n,
            "observer": [observer] * n,
            "response": ["car" if letter == "1" else "oven" for letter in pattern],
            "category": ["car"] * n,
            "condition": [condition] * n,
            "imagename": [f"{condition}-{first + i}.png" for i in range(n)],
        }
    )


def together(*tables: TrialTable) -> TrialTable:
    return TrialTable(pd.concat([table.frame for table in tables], ignore_index=True))


def note(table: TrialTable, **changes: object) -> dict[tuple[str, str], Sidecar]:
    frame = table.frame
    images = frame["image_id"].tolist()
    sidecar = Sidecar(
        observer=str(frame["observer"][0]),
        dataset=str(frame["dataset"][0]),
        model_type="diffusion",
        subset=True,
        subset_reason="--limit",
        n_images=len(images),
        catalogue_images=None,
        images_sha256=images_sha256(images),
    )
    return {(sidecar.dataset, sidecar.observer): replace(sidecar, **changes)}


def run(table: TrialTable, sidecars: dict[tuple[str, str], Sidecar] | None = None, **options: bool) -> Benchmark:
    return benchmark(table, sidecars or {}, resamples=20, generator=RNG(0), **options)


def test_averages_are_over_conditions_then_people() -> None:
    table = together(
        # condition c50: accuracies model 3/4, person one 2/4, person two 4/4
        answers("m", "1110"),
        answers("subject-01", "1100"),
        answers("subject-02", "1111"),
        # condition c30: model 1/4, one 1/4, two 2/4
        answers("m", "1000", condition="c30"),
        answers("subject-01", "0100", condition="c30"),
        answers("subject-02", "1100", condition="c30"),
        # condition c100 is excluded: it must not count
        answers("m", "0000", condition="c100"),
        answers("subject-01", "1111", condition="c100"),
        answers("subject-02", "1111", condition="c100"),
    )
    result = run(table)
    model = result.models["m"].datasets["contrast"]
    assert model.accuracy.value == pytest.approx(4 / 8)
    assert model.above_chance.value == pytest.approx(1 / 2 - 1 / 16)
    # (3/4-2/4)^2 = 1/16, (3/4-1)^2 = 1/16, (1/4-1/4)^2 = 0, (1/4-2/4)^2 = 1/16; mean of four 3/64
    assert model.accuracy_difference.value == pytest.approx(3 / 64)
    # agreement: c50 with one 3/4, with two 3/4; c30 with one 2/4, with two 3/4; mean 11/16
    assert model.observed_consistency.value == pytest.approx(11 / 16)
    # kappa: c50 one: exp 3/8+1/8 = 1/2, (3/4-1/2)/(1/2) = 1/2; two: exp 3/4, 0
    #        c30 one: exp 1/16+9/16 = 5/8, (1/2-5/8)/(3/8) = -1/3; two: exp 1/2, 1/2; mean 1/6
    assert model.error_consistency.value == pytest.approx(1 / 6)
    assert model.accuracy.n == 8
    assert not model.conditions["c100"].kept
    assert model.conditions["c100"].accuracy.value == 0
    # people with each other: c50 exp 1/2, obs 1/2: kappa 0; c30: p 1/4, 1/2, obs 3/4, exp 1/2: kappa 1/2; mean 1/4
    assert result.humans.error_consistency.value == pytest.approx(1 / 4)
    assert result.humans.ood_accuracy.value == pytest.approx((3 / 8 + 6 / 8) / 2)
    assert result.individuals["contrast/subject-01"].ood_accuracy.value == pytest.approx(3 / 8)
    assert any("people answered 12 of the 1,280 images" in line for line in result.notes)


def test_an_incomplete_row_says_so_and_is_not_ranked() -> None:
    result = run(together(answers("m", "1110"), answers("subject-01", "1100")))
    row = result.models["m"]
    assert (row.n_datasets, row.coverage, row.complete) == (1, "1 of 17", False)
    assert math.isnan(row.mean_rank.value)


def test_one_person_has_nobody_to_agree_with() -> None:
    result = run(together(answers("m", "1110"), answers("subject-01", "1100")))
    assert math.isnan(result.humans.error_consistency.value)
    assert result.humans.error_consistency.n == 0
    assert result.models["m"].error_consistency.value == pytest.approx(0.5)


def test_json_is_the_contract() -> None:
    content = json.loads(json.dumps(run(together(answers("m", "1110"), answers("subject-01", "1100"))).to_json()))
    assert set(content) >= {"models", "humans"}
    keys = {
        "ood_accuracy",
        "accuracy_difference",
        "observed_consistency",
        "error_consistency",
        "mean_rank",
        "shape_bias",
    }
    assert keys | {"datasets"} <= set(content["models"]["m"])
    assert keys | {"datasets", "individuals"} <= set(content["humans"])
    assert set(content["models"]["m"]["ood_accuracy"]) == {"value", "low", "high", "n"}
    assert content["models"]["m"]["mean_rank"]["value"] is None


def test_a_short_file_is_refused_with_both_counts() -> None:
    table = together(answers("m", "111"), answers("k", "1111"), answers("subject-01", "1100"))
    result = run(table)
    assert set(result.models) == {"k"}
    (problem,) = result.skipped
    assert "contrast: m answered 3 images, people answered 4" in problem.message
    assert "--allow-partial" in problem.message
    assert "left out entirely: m" in result.notes


def test_other_images_are_refused() -> None:
    result = run(together(answers("m", "1111", first=2), answers("subject-01", "1100")))
    assert not result.models
    assert "m answered 4 images, people answered 4, and 2 are in common" in result.skipped[0].message


def test_allow_partial_compares_on_the_common_images_and_says_so() -> None:
    table = together(answers("m", "1111", first=2), answers("subject-01", "1100"))
    result = run(table, allow_partial=True)
    found = result.models["m"].datasets["contrast"]
    assert (found.n_images, found.accuracy.value) == (2, 1.0)
    assert found.people is not None
    assert found.people.accuracy.value == 0.0, "the person was wrong on the two common images"
    assert any("m is compared on 2 of 1,280 images (partial, as allowed)" in line for line in result.notes)


def test_a_subset_is_compared_on_that_subset_for_people_too() -> None:
    part = answers("m", "11")
    result = run(together(part, answers("subject-01", "1100"), answers("subject-02", "0111")), note(part))
    found = result.models["m"].datasets["contrast"]
    assert (found.partial, found.coverage, found.reason) == (True, "2 of 1,280", "--limit")
    assert result.models["m"].model_type == "diffusion"
    assert not result.models["m"].complete
    # on the first two images: person one 2/2, person two 1/2
    assert found.people is not None
    assert found.people.accuracy.value == pytest.approx(3 / 4)
    assert result.humans.datasets["contrast"].accuracy.value == pytest.approx(5 / 8)
    # model 2/2: difference with one 0, with two 1/4; mean 1/8
    assert found.accuracy_difference.value == pytest.approx(1 / 8)


def test_a_subset_that_lost_rows_is_refused() -> None:
    part = answers("m", "11")
    sidecars = note(part, n_images=3)
    result = run(together(part, answers("subject-01", "1100")), sidecars)
    assert "answers of m to 2 images, but its sidecar vouches for 3" in result.skipped[0].message
    changed = note(part, images_sha256="0" * 64)
    assert (
        "vouches for 2 (as many, but others)"
        in run(together(part, answers("subject-01", "1100")), changed).skipped[0].message
    )


def test_pictures_of_another_world_are_not_compared_with_people() -> None:
    part = answers("m", "1111")
    result = run(together(part, answers("subject-01", "1100")), note(part, world="pocket"))
    assert "of the pocket world, and no person saw those" in result.skipped[0].message


def test_a_short_person_is_refused_like_a_model() -> None:
    table = together(
        *(answers(f"subject-0{i}", "1100") for i in (1, 2)), answers("subject-03", "1"), answers("m", "1111")
    )
    result = run(table)
    assert set(result.individuals) == {"contrast/subject-01", "contrast/subject-02"}
    assert "subject-03 answered 1 images" in result.skipped[0].message
    assert "m" in result.models


def test_repeated_and_relabelled_trials_are_refused() -> None:
    people = [answers(f"subject-0{i}", "1100") for i in (1, 2)]
    twice = together(answers("m", "1111"), answers("m", "0"), *people)
    assert "m has 5 trials on 4 images" in run(twice).skipped[0].message
    kept = run(twice, allow_partial=True)
    assert kept.models["m"].ood_accuracy.value == 1.0, "the first answer counts"
    moved = answers("m", "1111")
    frame = moved.frame.assign(condition=["c50", "c50", "c50", "c30"])
    result = run(together(TrialTable(frame), *people))
    assert "another label than the other observers for 1 of 4 images" in result.skipped[0].message
    assert "condition 'c30' for c50-3.png, not 'c50'" in result.skipped[0].message


def test_a_model_without_people_needs_a_sidecar_or_the_published_images() -> None:
    part = answers("m", "1100")
    with pytest.raises(UserError, match="nothing is left to compare: .*m answered 4 images, the data set has 1,280"):
        run(part)
    result = run(part, note(part, subset=False, world="pocket"))
    assert result.models["m"].ood_accuracy.value == 0.5
    assert math.isnan(result.models["m"].error_consistency.value)
    assert math.isnan(result.humans.ood_accuracy.value)
    assert not result.models["m"].datasets["contrast"].partial, "a world's own pictures are all there are"
    assert any("no trials of people" in line for line in result.notes)


def test_intervals_do_not_depend_on_who_else_is_in_the_table() -> None:
    pattern = "1101001110" * 4
    people = [answers("subject-01", "1110001011" * 4), answers("subject-02", "1010111010" * 4)]
    alone = run(together(answers("m", pattern), *people))
    crowd = run(together(answers("a", "1" * 40), answers("m", pattern), *people))
    assert alone.models["m"].error_consistency == crowd.models["m"].error_consistency
    other_seed = benchmark(together(answers("m", pattern), *people), resamples=20, generator=RNG(1))
    assert other_seed.models["m"].error_consistency.low != alone.models["m"].error_consistency.low


def conflict(observer: str, responses: list[str], images: list[str]) -> TrialTable:
    n = len(images)
    return trial_table(
        {
            "dataset": ["cue-conflict"] * n,
            "observer": [observer] * n,
            "response": responses,
            "category": [image.split("1")[0] for image in images],
            "condition": ["0"] * n,
            "imagename": images,
        }
    )


IMAGES = ["car1-oven1.png", "car1-dog1.png", "car1-car1.png", "dog1-cat1.png", "dog1-oven1.png"]


def test_shape_bias_drops_agreeing_images_and_pools_people() -> None:
    # car1-car1 does not count. one: shape on car1-oven1, texture on car1-dog1, shape on dog1-cat1, neither: 2/3
    # two: texture on car1-oven1, na, shape on dog1-cat1, na: 1/2; pooled 3/5, not the mean 7/12
    one = conflict("subject-01", ["car", "dog", "car", "dog", "bird"], IMAGES)
    two = conflict("subject-02", ["oven", "na", "car", "dog", "na"], IMAGES)
    table = together(one, two)
    result = run(table)
    assert result.humans.shape_bias.value == pytest.approx(3 / 5)
    assert result.humans.shape_bias.n == 5
    assert result.individuals["cue-conflict/subject-01"].shape_bias.value == pytest.approx(2 / 3)
    by_category = result.humans.shape_bias_by_category
    assert {name: item.value for name, item in by_category.items()} == {
        "car": pytest.approx(1 / 3),
        "dog": 1.0,
    }
    counted = decisions(table)
    assert (counted.shape, counted.texture, counted.neither) == (3, 2, 3)
    pooled = estimate_shape_bias(table, table.people, resamples=10, generator=RNG(0))
    assert pooled.overall.value == pytest.approx(3 / 5)
    assert {name: item.value for name, item in pooled.by_category.items()} == {
        "car": pytest.approx(1 / 3),
        "dog": 1.0,
    }


def test_matrices_are_over_the_images_in_common() -> None:
    table = together(
        answers("a", "1100"), answers("b", "1110"), answers("c", "1", first=9), answers("subject-01", "1100")
    )
    matrix = consistency_matrix(table, "contrast")
    assert matrix.observers == ("a", "b", "c", "subject-01")
    # a and b: obs 3/4, exp 1/2: kappa 1/2; a and subject-01 are identical: 1; c shares no image: NaN
    assert matrix.values[0, 1] == pytest.approx(0.5)
    assert matrix.values[0, 3] == 1.0
    assert math.isnan(matrix.values[0, 2])
    assert matrix.n_images[0, 1] == 4 and matrix.n_images[0, 2] == 0
    assert between_models(table)["contrast"].observers == ("a", "b", "c")
    with pytest.raises(UserError, match="observer 'z' has no trials on contrast; it has a, b, c, subject-01"):
        consistency_matrix(table, "contrast", ("a", "z"))


def test_matrices_leave_out_excluded_conditions() -> None:
    # c50: kappa 1/2 as above; the two disagree always on the excluded c100, kappa -1, which must not count
    table = together(
        answers("a", "1100"),
        answers("b", "1110"),
        answers("a", "1100", condition="c100"),
        answers("b", "0011", condition="c100"),
    )
    matrix = consistency_matrix(table, "contrast")
    assert matrix.values[0, 1] == pytest.approx(0.5)
    assert matrix.n_images[0, 1] == 4
