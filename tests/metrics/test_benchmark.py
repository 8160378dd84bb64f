"""The benchmark on small tables: what is averaged over what, and what is left out."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reconstrue.errors import UserError
from reconstrue.metrics import (
    UNDEFINED,
    admitted_trials,
    benchmark,
    between_models,
    cluster_order,
    confusion_matrix,
    consistency_matrix,
    decisions,
    estimate_shape_bias,
    pooled_consistency,
)
from reconstrue.metrics.benchmark import Benchmark, _together
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.names import images_sha256
from reconstrue.trials import Sidecar, TrialTable, trial_table

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


def run(table: TrialTable, sidecars: dict[tuple[str, str], Sidecar] | None = None, **options: object) -> Benchmark:
    return benchmark(table, sidecars or {}, resamples=20, generator=RNG(0), **options)  # type: ignore[arg-type]


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


def test_matrices_carry_the_ceiling_of_people() -> None:
    # kappas of the people: one and two 1/2 (as above), one and three 1, two and three 1/2: mean 2/3
    people = {"subject-01": "1100", "subject-02": "1110", "subject-03": "1100"}
    table = together(answers("m", "0011"), *(answers(name, pattern) for name, pattern in people.items()))
    matrix = consistency_matrix(table, "contrast", resamples=20, generator=RNG(0))
    assert matrix.ceiling.value == pytest.approx(2 / 3)
    assert matrix.ceiling.low <= 2 / 3 <= matrix.ceiling.high
    assert matrix.ceiling.n == 4
    assert matrix.to_json()["ceiling"] == matrix.ceiling.to_json()
    assert matrix.ceiling.value == pytest.approx(run(table).humans.error_consistency.value)
    assert consistency_matrix(table, "contrast", ("m", "subject-01")).ceiling == UNDEFINED


def test_the_ceiling_is_on_the_images_that_the_model_was_compared_on() -> None:
    part = answers("part", "10")
    people = [answers("subject-01", "1010"), answers("subject-02", "1001")]
    result = run(together(part, answers("m", "1111"), *people), note(part))
    # all four images: obs 2/4, exp 1/2: 0; the first two: the same answers, 1
    for level in ((), ("contrast",), ("contrast", "c50")):
        assert result.ceiling("m", *level).value == pytest.approx(0.0)
        assert result.ceiling("part", *level).value == pytest.approx(1.0)
    assert result.ceiling("part").n == 2
    alone = run(together(answers("m", "1111"), people[0]))
    assert not alone.ceiling("m").defined and not alone.ceiling("m", "contrast", "c50").defined


def test_each_kind_of_interval_says_what_was_drawn() -> None:
    generator = RNG(5)
    people = [answers(f"subject-0{i}", "".join(generator.choice(["0", "1"], 60))) for i in range(1, 6)]
    table = together(answers("m", "110" * 20), *people)
    kinds = {kind: run(table, resample=kind) for kind in ("images", "observers", "both")}
    for kind, result in kinds.items():
        assert (result.resampled, result.to_json()["resampled"]) == (kind, kind)
        assert result.models["m"].error_consistency.value == kinds["images"].models["m"].error_consistency.value
        assert result.humans.ood_accuracy.value == pytest.approx(kinds["images"].humans.ood_accuracy.value)
        for row in (result.models["m"], result.humans):
            assert row.error_consistency.low < row.error_consistency.high
        assert result.humans.ood_accuracy.low < result.humans.ood_accuracy.high
    alone = kinds["observers"].models["m"]
    assert math.isnan(alone.ood_accuracy.low), "other people do not change what the model did"
    assert math.isnan(alone.datasets["contrast"].conditions["c50"].accuracy.high)
    assert not math.isnan(kinds["both"].models["m"].ood_accuracy.low)


def test_one_person_has_no_interval_over_people_and_two_have_one_pair() -> None:
    one = run(together(answers("m", "1110"), answers("subject-01", "1100")), resample="observers")
    assert one.models["m"].error_consistency.value == pytest.approx(0.5)
    assert math.isnan(one.models["m"].error_consistency.low)
    two = together(answers("m", "1110"), answers("subject-01", "1100"), answers("subject-02", "1010"))
    result = run(two, resample="observers")
    # kappa with one 1/2, with two 1/2 as well; squared differences 1/16 each; the accuracies of people are 1/2
    assert (result.models["m"].error_consistency.low, result.models["m"].error_consistency.high) == (0.5, 0.5)
    assert math.isnan(result.humans.error_consistency.low)


def test_pairs_of_people_count_by_both_weights() -> None:
    # kappas 0.1 (one, two), 0.2 (one, three), 0.6 (two, three); weights 2, 1/2, 1/2. With the others:
    # one (0.05 + 0.1) / 1 = 0.15, two (0.2 + 0.3) / 2.5 = 0.2, three (0.4 + 0.3) / 2.5 = 0.28
    figures = [np.full((4, 1), figure) for figure in (0.15, 0.2, 0.28)]
    found = _together(figures, np.array([[0.9, 0.6, 0.3]]), np.array([[2.0, 0.5, 0.5]]), 1)
    # accuracy (1.8 + 0.3 + 0.15) / 3; kappa (1 * 0.1 + 1 * 0.2 + 0.25 * 0.6) / 2.25
    np.testing.assert_allclose(found[:, 0], [0.75, 0.2, 0.2, 0.2])


def test_shape_bias_over_people() -> None:
    one = conflict("subject-01", ["car", "dog", "car", "dog", "bird"], IMAGES)
    two = conflict("subject-02", ["oven", "na", "car", "dog", "na"], IMAGES)
    model = conflict("m", ["car", "dog", "car", "dog", "bird"], IMAGES)
    result = run(together(one, two, model), resample="observers")
    # either person alone (of two, one is drawn): 2/3 and 1/2; both together 3/5
    found = result.humans.shape_bias
    assert found.value == pytest.approx(3 / 5)
    draws = set(np.round(result.replicates["cue-conflict"]["humans"].shape_bias[1:], 6))
    assert draws == {round(2 / 3, 6), 0.5}
    assert math.isnan(result.models["m"].shape_bias.low)


def test_pooled_consistency_is_over_trials_and_by_person() -> None:
    # c50: everybody right on 4 of 4; c10: everybody wrong on 4 of 4, but for one answer of subject-02
    rows = {"m": ("1111", "0000"), "subject-01": ("1111", "0000"), "subject-02": ("1111", "1000")}
    table = together(
        *(answers(name, easy) for name, (easy, _) in rows.items()),
        *(answers(name, hard, condition="c10") for name, (_, hard) in rows.items()),
        *(answers(name, "0000", condition="c100") for name in rows),  # excluded
    )
    found = pooled_consistency(table, "contrast", resamples=30, generator=RNG(0))["m"]
    assert found.by_person["subject-01"].value == 1.0
    # with two: obs 7/8, exp 1/2 * 5/8 + 1/2 * 3/8 = 1/2: 3/4
    assert found.by_person["subject-02"].value == pytest.approx(3 / 4)
    # with both: obs 15/16, p 1/2 and 9/16, exp 1/2: 7/8; n is trials
    assert found.pooled.value == pytest.approx(7 / 8)
    assert (found.pooled.n, found.by_person["subject-02"].n) == (16, 8)
    assert found.pooled.low <= found.pooled.value <= found.pooled.high
    # the benchmark's: in c50 1 with both; in c10 1 with one, and obs 3/4, exp 3/4: 0 with two; mean 3/4
    assert run(table).models["m"].error_consistency.value == pytest.approx(3 / 4)
    person = pooled_consistency(table, "contrast", ("subject-02",))["subject-02"]
    assert set(person.by_person) == {"subject-01"}, "nobody is compared with himself"
    alone = pooled_consistency(answers("m", "1100"), "contrast")["m"]
    assert (alone.pooled, alone.by_person) == (UNDEFINED, {})
    assert json.loads(json.dumps(found.to_json()))["by_person"]["subject-01"]["value"] == 1.0


def test_observers_who_err_alike_stand_together() -> None:
    # two families that err on different images; d answered none of their images
    table = together(
        answers("a", "11110000"),
        answers("b", "00001111"),
        answers("c", "11100000"),
        answers("e", "00000111"),
        answers("d", "10", first=50),
    )
    matrix = consistency_matrix(table, "contrast")
    order = [matrix.observers[place] for place in cluster_order(matrix)]
    assert sorted(order) == ["a", "b", "c", "d", "e"]
    assert abs(order.index("a") - order.index("c")) == 1
    assert abs(order.index("b") - order.index("e")) == 1
    assert cluster_order(consistency_matrix(table, "contrast", ("b", "a"))) == (0, 1)


def test_ranks_by_accuracy_have_the_interval_of_the_joint_draws() -> None:
    def everywhere(name: str, pattern: str) -> list[TrialTable]:
        made = []
        for entry in load_catalog().values():
            images = [f"car{i}-oven1.png" if entry.name == "cue-conflict" else f"car{i}.png" for i in range(8)]
            rows = {"dataset": [entry.name] * 8, "observer": [name] * 8, "category": ["car"] * 8, "imagename": images}
            said = ["car" if letter == "1" else "oven" for letter in pattern]
            made.append(trial_table({**rows, "condition": [entry.kept[0]] * 8, "response": said}))
        return made

    tables = [*everywhere("a", "11111110"), *everywhere("b", "11100000"), *everywhere("c", "00000111")]
    vouched = {key: value for part in tables for key, value in note(part, subset=False, world="own").items()}
    found = run(together(*tables), vouched)
    ranks = {name: row.accuracy_rank for name, row in found.models.items()}
    # 7/8, 3/8 and 3/8 right on each of 17 sets: b and c share ranks 2 and 3, and sometimes one draw parts them.
    assert {name: rank.value for name, rank in ranks.items()} == {"a": 1.0, "b": 2.5, "c": 2.5}
    assert (ranks["a"].low, ranks["a"].high, ranks["a"].n) == (1.0, 1.0, 3)
    assert 2.0 <= ranks["b"].low < 2.5 < ranks["b"].high <= 3.0
    assert found.models["a"].to_json()["accuracy_rank"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 3}
    assert not found.models["a"].mean_rank.defined, "nobody was compared with people"
    alone = run(together(*tables), vouched, resample="observers").models["b"].accuracy_rank
    assert alone.value == 2.5 and math.isnan(alone.low)


def test_a_person_of_an_unpublished_name_is_pointed_out() -> None:
    people = [answers(f"subject-{i:02d}", "1100") for i in (1, 4, 5)]
    (line,) = [line for line in run(together(answers("m", "1110"), *people)).notes if "counted as" in line]
    assert line.startswith("contrast: subject-05 counted as a person, beside the 4 published ones")
    many = run(together(*people, *(answers(f"subject-vit-{i}", "1100") for i in range(5)))).notes
    assert any("subject-05, subject-vit-0, subject-vit-1 and 3 more counted as people" in line for line in many)


def test_other_figures_are_of_the_trials_that_the_benchmark_counted() -> None:
    table = together(
        answers("subject-01", "1100"),
        answers("subject-02", "1010"),
        # A person who stopped: 3 of 4 images.
        answers("subject-03", "111"),
        answers("m", "1110"),
        # Answered twice, the second time all wrong.
        answers("twice", "1101"),
        answers("twice", "0000"),
        answers("short", "10"),
    )
    strict = run(table)
    counted = admitted_trials(table, strict)
    assert sorted(counted.frame["observer"].unique()) == ["m", "subject-01", "subject-02"]
    assert confusion_matrix(counted, "contrast", "humans").n == 8
    ceiling = consistency_matrix(counted, "contrast").ceiling.value
    assert ceiling == pytest.approx(strict.humans.error_consistency.value)
    allowed = run(table, allow_partial=True)
    counted = admitted_trials(table, allowed)
    # Everybody on the images in common with subject-03; "twice" by the first answers, 1 1 0; "short" has two of three.
    assert counted.frame.groupby("observer").size().to_dict() == {
        **dict.fromkeys(("subject-01", "subject-02", "subject-03", "m", "twice"), 3),
        "short": 2,
    }
    assert (counted.frame[counted.frame["observer"] == "twice"]["response"] == "car").tolist() == [True, True, False]
    pooled = pooled_consistency(counted, "contrast")
    assert pooled["m"].pooled.n == 9, "three people's trials on three images"


def test_only_who_is_short_is_said_to_cut_the_images() -> None:
    table = together(
        answers("subject-01", "11"),
        answers("subject-02", "1010"),
        answers("subject-03", "1110"),
        answers("m", "1110"),
    )
    found = [line for line in run(table, allow_partial=True).notes if "everybody is compared" in line]
    assert len(found) == 1
    assert "the 2 of 4 images that subject-01 answered" in found[0]


def test_a_model_that_saw_only_what_does_not_count_is_left_out() -> None:
    # c100 is the control of the contrast set.
    person = together(answers("subject-01", "1101"), answers("subject-01", "1111", condition="c100"))
    cut = answers("cut", "1111", condition="c100")
    found = benchmark(together(person, cut), {}, resamples=0, generator=RNG(0), allow_partial=True)
    assert "cut" not in found.models
    (problem,) = [problem for problem in found.skipped if "cut" in str(problem)]
    assert "contrast: cut answered no image of a condition that counts (c50, c30" in str(problem)


def test_a_certain_average_has_an_interval_too() -> None:
    # All of 4 + 4 right: Clopper and Pearson's lower end is 0.025^(1/8) = 0.6306.
    table = together(answers("sure", "1111"), answers("sure", "1111", dataset="rotation", condition="90", first=9))
    sidecars = {**note(answers("sure", "1111")), **note(answers("sure", "1111", "rotation", "90", 9))}
    found = benchmark(table, sidecars, resamples=50, generator=RNG(0)).models["sure"].ood_accuracy
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 8))
