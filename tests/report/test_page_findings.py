"""Findings: sentences that say no more than the figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reconstrue.metrics import Benchmark, Comparison, correlate
from reconstrue.report.findings import findings

from .conftest import bench, est, everything, observer


def test_people_and_the_best_models_are_named_with_their_intervals(paper: Benchmark) -> None:
    found = findings(replace(paper, individuals={"edge/subject-01": paper.humans}))
    assert found == (
        "People (1): shape bias 96.0% [95.0, 97.0]; OOD accuracy 0.720 [0.710, 0.730]; error consistency with each other, "
        "the human ceiling, 0.430 [0.410, 0.450].",
        "Highest shape bias of 2 models: alpha with 60.0% [55.0, 65.0].",
        # `piece` has 0.9 on 3 of the 17 sets, which is not to be compared with the others.
        "Highest OOD accuracy of 3 models: beta with 0.700 [0.680, 0.720].",
        "Not compared with these, for other or fewer images: piece (3 of 17 sets).",
    )


def test_models_of_part_of_the_images_are_not_ranked_with_whole_ones() -> None:
    cut = {name: replace(part, n_images=40, partial=name == "edge") for name, part in everything(0.9).items()}
    short = [observer(f"short-{i}", cut, ood_accuracy=est(0.9)) for i in range(4)]
    whole = [observer(f"whole-{i}", everything(), ood_accuracy=est(0.5 + i / 10)) for i in range(2)]
    (best, apart) = findings(bench(*short, *whole))
    assert best == "Highest OOD accuracy of 2 models: whole-1 with 0.600."
    coverage = "680 of 2,720 images"
    named = ", ".join(f"short-{i} ({coverage})" for i in range(3))
    assert apart == f"Not compared with these, for other or fewer images: {named} and 1 more."
    # Alone they are compared with each other, as all answered the same.
    assert findings(bench(*short)) == ("Highest OOD accuracy of 4 models: short-0 with 0.900.",)


def test_one_model_is_the_best_of_nobody() -> None:
    assert findings(bench(observer("alpha", everything(), ood_accuracy=est(0.7)))) == ()


def test_gaps_are_counted_by_direction_and_only_where_they_were_tested(paper: Benchmark) -> None:
    def gap(difference: float, p: float) -> Comparison:
        return Comparison("accuracy", ("edge",), "alpha", "humans", est(difference), p, p, "bootstrap", 3)

    given = [gap(-0.2, 0.001), gap(-0.1, 0.04), gap(0.1, 0.01), gap(0.3, 0.06), gap(0.0, float("nan"))]
    (sentence,) = [text for text in findings(paper, given) if "comparisons" in text]
    assert "in 3 of 4 comparisons" in sentence and sentence.endswith("lower in 2, higher in 1.")


def test_a_correlation_is_told_with_its_degrees_of_freedom(paper: Benchmark) -> None:
    points = {"a": (0.1, 0.1), "b": (0.2, 0.2), "c": (0.3, 0.3)}
    made = correlate(points, "blur", "shape", resamples=0, generator=np.random.default_rng(0))
    assert (
        findings(paper, (), made)[-1]
        == "Over 3 models, blur and shape correlate with r(1) = 1.000 (Pearson) and 1.000 (Spearman)."
    )
    one = correlate({"a": (0.1, 0.1)}, "blur", "shape", resamples=0, generator=np.random.default_rng(0))
    assert not any("correlate" in text for text in findings(paper, (), one))
