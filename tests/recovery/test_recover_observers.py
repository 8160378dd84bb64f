"""Simulated observers of known shape bias, accuracy and kappa are recovered, and intervals cover the truth."""

from __future__ import annotations

import numpy as np
import pytest

from reconstrue.metrics import Estimate, benchmark, error_consistency
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import TrialTable, trial_table


def shape_followers(bias: float, seed: int) -> TrialTable:
    """An observer that follows the shape with this probability on the 16 x 15 conflicts, and is never unsure."""
    generator = np.random.default_rng(seed)
    pairs = [(shape, texture) for shape in CATEGORIES for texture in CATEGORIES if shape != texture]
    n = len(pairs)
    return trial_table(
        {
            "dataset": ["cue-conflict"] * n,
            "observer": ["subject-01"] * n,
            "response": [shape if generator.random() < bias else texture for shape, texture in pairs],
            "category": [shape for shape, _ in pairs],
            "condition": ["0"] * n,
            "imagename": [f"{shape}1-{texture}1.png" for shape, texture in pairs],
        }
    )


def correlated(
    p_model: float, p_person: float, agreement: float, n: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Correctness of two observers with these accuracies and this true kappa (through a joint distribution)."""
    expected = p_model * p_person + (1 - p_model) * (1 - p_person)
    observed = agreement * (1 - expected) + expected
    both = (observed - 1 + p_model + p_person) / 2
    cells = [both, p_model - both, p_person - both, 1 - p_model - p_person + both]
    assert min(cells) >= 0, "no such pair of observers"
    drawn = generator.choice(4, size=n, p=cells)
    return np.isin(drawn, [0, 1]), np.isin(drawn, [0, 2])


def pair(model: np.ndarray, person: np.ndarray) -> TrialTable:
    n = model.size
    return trial_table(
        {
            "dataset": ["rotation"] * (2 * n),
            "observer": ["m"] * n + ["subject-01"] * n,
            "response": ["car" if answer else "oven" for answer in (*model, *person)],
            "category": ["car"] * (2 * n),
            "condition": ["90"] * (2 * n),
            "imagename": [f"{i}.png" for i in range(n)] * 2,
        }
    )


@pytest.mark.parametrize("bias", [0.2, 0.5, 0.95])
def test_shape_bias_is_recovered(bias: float) -> None:
    found = benchmark(shape_followers(bias, 0), resamples=300, generator=np.random.default_rng(0)).humans.shape_bias
    # standard error of 240 decisions: sqrt(0.5 * 0.5 / 240) = 0.032 at most
    assert found.value == pytest.approx(bias, abs=3 * 0.032)
    assert found.low < bias < found.high
    assert found.n == 240


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.7])
def test_kappa_is_recovered(truth: float) -> None:
    one, other = correlated(0.7, 0.8, truth, 200_000, np.random.default_rng(0))
    assert error_consistency(one, other) == pytest.approx(truth, abs=0.01)


def test_intervals_cover_the_truth() -> None:
    """160 images of two observers with accuracies 0.70 and 0.75 and kappa 0.3, two hundred times over.

    The variance of its estimate adds about 2 * 0.2 * (1 - 0.3) / 160 = 0.00175 to the squared difference 0.0025.
    """
    n_worlds = 200
    truths = {"accuracy": 0.70, "accuracy_difference": 0.0025, "error_consistency": 0.3}
    hits = dict.fromkeys(truths, 0)
    values: list[float] = []
    for world in range(n_worlds):
        generator = np.random.default_rng(world)
        table = pair(*correlated(0.70, 0.75, 0.3, 160, generator))
        found = benchmark(table, resamples=300, generator=generator).models["m"].datasets["rotation"]
        for name, truth in truths.items():
            interval: Estimate = getattr(found, name)
            hits[name] += interval.low <= truth <= interval.high
        values.append(found.accuracy_difference.value)
    # 95% of 200 is 190, standard deviation 3.1; percentile intervals of 160 images are a little short
    assert hits["accuracy"] >= 180
    assert hits["error_consistency"] >= 180
    assert hits["accuracy_difference"] >= 175
    assert np.mean(values) > 0.0025 + 0.001, "the plain figure is biased upwards"


def crowd(accuracies: list[float], generator: np.random.Generator) -> TrialTable:
    """A model of accuracy 0.7 and independent people of these accuracies, on three conditions of 40 images."""
    rows: dict[str, list[object]] = {key: [] for key in ("observer", "response", "condition", "imagename")}
    names = ["m", *(f"subject-{i:02}" for i in range(1, len(accuracies) + 1))]
    for observer, accuracy in zip(names, [0.7, *accuracies], strict=True):
        for label in ("90", "180", "270"):
            right = generator.random(40) < accuracy
            rows["observer"].extend([observer] * 40)
            rows["response"].extend("car" if answer else "oven" for answer in right)
            rows["condition"].extend([label] * 40)
            rows["imagename"].extend(f"{label}-{image}.png" for image in range(40))
    size = len(rows["observer"])
    return trial_table({**rows, "dataset": ["rotation"] * size, "category": ["car"] * size})


def test_averaged_squared_differences_are_corrected_for_bias() -> None:
    """Bias does not average out over people and conditions, but the interval is freed of it."""
    accuracies = [0.5, 0.6, 0.7, 0.8, 0.9, 0.6, 0.8, 0.7]
    # (0.04 + 0.01 + 0 + 0.01 + 0.04 + 0.01 + 0.01 + 0) / 8 = 0.015
    truth = 0.015
    found = []
    for world in range(60):
        generator = np.random.default_rng(world)
        result = benchmark(crowd(accuracies, generator), resamples=200, generator=generator)
        found.append(result.models["m"].accuracy_difference)
    # plain figures are too high by p(1-p)/40 of the model and of a person: 0.00525 + 0.005 = 0.010
    assert np.mean([one.value for one in found]) == pytest.approx(truth + 0.010, abs=0.003)
    middles = [(one.low + one.high) / 2 for one in found]
    assert np.mean(middles) == pytest.approx(truth, abs=0.005)
    covered = sum(one.low <= truth <= one.high for one in found)
    assert covered >= 52  # 95% of 60 is 57, standard deviation 1.7


def test_equal_people_differ_by_nothing() -> None:
    """Eight people of accuracy 0.7: the plain figure is not 0, but the interval reaches it."""
    generator = np.random.default_rng(3)
    found = benchmark(crowd([0.7] * 8, generator), resamples=300, generator=generator).humans.accuracy_difference
    assert found.value > 0.004
    assert found.low == 0.0
