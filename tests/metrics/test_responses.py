"""What is taken for what, and the entropy of answers, by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearn_confusion

from reconstrue.errors import UserError
from reconstrue.metrics import ANSWERS, confusion_matrix, response_entropy
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import TrialTable, trial_table

CAR, DOG, OVEN, NA = (ANSWERS.index(name) for name in ("car", "dog", "oven", "na"))


def trials(rows: list[tuple[str, str, str, str]], dataset: str = "contrast") -> TrialTable:
    """Rows of observer, condition, category shown, answer; images are numbered for each observer."""
    count: dict[tuple[str, str], int] = {}
    names = []
    for observer, condition, _, _ in rows:
        count[observer, condition] = count.get((observer, condition), 0) + 1
        names.append(f"{condition}-{count[observer, condition]}.png")
    observer, condition, shown, answer = zip(*rows, strict=True)
    return trial_table(
        {
            "dataset": [dataset] * len(rows),
            "observer": observer,
            "response": answer,
            "category": shown,
            "condition": condition,
            "imagename": names,
        }
    )


TABLE = trials(
    [
        ("subject-01", "c50", "car", "car"),
        ("subject-01", "c50", "car", "oven"),
        ("subject-01", "c50", "dog", "na"),
        ("subject-01", "c10", "dog", "dog"),
        ("subject-02", "c50", "car", "car"),
        ("m", "c50", "car", "oven"),
    ]
)


def test_rows_are_shown_and_columns_are_answered() -> None:
    found = confusion_matrix(TABLE, "contrast", "subject-01")
    assert found.counts.shape == (16, 17)
    assert found.n == 4
    assert found.counts[CAR, CAR] == found.counts[CAR, OVEN] == 1
    assert found.counts[DOG, NA] == found.counts[DOG, DOG] == 1
    assert found.shares[DOG, DOG] == 0.5
    assert np.isnan(found.shares[OVEN]).all(), "no oven was shown: not 0"
    assert confusion_matrix(TABLE, "contrast", "subject-01", "c10").n == 1
    assert confusion_matrix(TABLE, "contrast", "humans", "c50").counts[CAR].sum() == 3
    assert json.loads(json.dumps(found.to_json()))["answers"][-1] == "na"


def test_scikit_learn_counts_the_same() -> None:
    generator = np.random.default_rng(0)
    shown, answered = generator.choice(CATEGORIES, 300), generator.choice(ANSWERS, 300)
    table = trials([("m", "c50", str(s), str(a)) for s, a in zip(shown, answered, strict=True)])
    expected = sklearn_confusion(shown, answered, labels=ANSWERS)[:16]
    np.testing.assert_array_equal(confusion_matrix(table, "contrast", "m").counts, expected)


def test_who_or_what_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="observer 'z' has no trials on contrast; it has m, subject-01, subject-02"):
        confusion_matrix(TABLE, "contrast", "z")
    with pytest.raises(UserError, match="unknown condition 'c7'"):
        confusion_matrix(TABLE, "contrast", "m", "c7")
    with pytest.raises(UserError, match="unknown data set 'contrst'"):
        confusion_matrix(TABLE, "contrst", "m")


def test_entropy_by_hand() -> None:
    # half car, a quarter dog, a quarter oven: 0.5 * 1 + 2 * 0.25 * 2 = 1.5 bits
    rows = [("m", "c50", "car", answer) for answer in ("car", "car", "dog", "oven")]
    assert response_entropy(trials(rows), "contrast", "m").conditions["c50"].value == pytest.approx(1.5)
    every = [("m", "c30", name, name) for name in CATEGORIES]
    assert response_entropy(trials(every), "contrast", "m").conditions["c30"].value == pytest.approx(4.0)
    one = [("m", "c10", name, "dog") for name in CATEGORIES]
    assert response_entropy(trials(one), "contrast", "m").conditions["c10"].value == 0.0


def test_a_missed_trial_counts_below_and_people_are_averaged() -> None:
    rows = [("subject-01", "c50", "car", answer) for answer in ("car", "car", "dog", "na")]
    # half car, a quarter dog; the missed quarter has no term: 0.5 + 0.5 = 1 bit
    assert response_entropy(trials(rows), "contrast", "subject-01").conditions["c50"].value == pytest.approx(1.0)
    rows += [("subject-02", "c50", "car", "car")] * 4
    assert response_entropy(trials(rows), "contrast", "humans").conditions["c50"].value == pytest.approx(0.5)


def test_the_interval_of_an_entropy_reaches_the_truth() -> None:
    """Forty answers drawn evenly from 16 have less than 4 bits; the interval knows."""
    generator = np.random.default_rng(1)
    rows = [("m", "c50", "car", str(answer)) for answer in generator.choice(CATEGORIES, 40)]
    found = response_entropy(trials(rows), "contrast", "m", resamples=300, generator=generator).conditions["c50"]
    assert found.value < 3.9
    assert found.low <= found.value < found.high == 4.0
    assert math.isnan(response_entropy(trials(rows), "contrast", "m").conditions["c50"].low)
    with pytest.raises(ValueError, match="resamples need a generator"):
        response_entropy(trials(rows), "contrast", "m", resamples=3)
