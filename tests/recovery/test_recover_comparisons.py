"""Simulated worlds with a known truth: how often tests alarm, how often they find, and what intervals cover."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reconstrue.metrics import benchmark, compare_models, compare_with_people
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import TrialTable, trial_table

WORLDS = 100
"""At a true rate of 5%, 5 alarms are expected, with a standard deviation of 2.2."""


def trials(right: Mapping[str, np.ndarray]) -> TrialTable:
    """Everybody's answers to the same pictures of cars, by whether they are right."""
    n = next(iter(right.values())).size
    k = len(right)
    return trial_table(
        {
            "dataset": ["rotation"] * (k * n),
            "observer": [name for name in right for _ in range(n)],
            "response": ["car" if answer else "oven" for answers in right.values() for answer in answers],
            "category": ["car"] * (k * n),
            "condition": ["90"] * (k * n),
            "imagename": [f"{i}.png" for i in range(n)] * k,
        }
    )


def like(person: np.ndarray, p_person: float, p: float, kappa: float, generator: np.random.Generator) -> np.ndarray:
    """Answers of an observer of accuracy p that has this true kappa with a person of accuracy p_person."""
    expected = p * p_person + (1 - p) * (1 - p_person)
    both = (kappa * (1 - expected) + expected - 1 + p + p_person) / 2
    given = np.where(person, both / p_person, (p - both) / (1 - p_person))
    return generator.random(person.size) < given


def test_equal_models_rarely_differ() -> None:
    """Two models of one accuracy and one kappa; and two of one kappa whose accuracies are far apart."""
    alarms = dict.fromkeys(("accuracy, exact", "error_consistency, equal", "error_consistency, apart"), 0)
    for world in range(WORLDS):
        generator = np.random.default_rng(world)
        person = generator.random(200) < 0.75
        right = {"subject-01": person, "a": like(person, 0.75, 0.8, 0.3, generator)}
        right["b"] = like(person, 0.75, 0.8, 0.3, generator)
        right["c"] = like(person, 0.75, 0.55, 0.3, generator)
        result = benchmark(trials(right), resamples=150, generator=generator)
        (exact,) = compare_models(result, pairs=[("a", "b")], dataset="rotation")
        alarms["accuracy, exact"] += exact.significant
        for name, other in (("equal", "b"), ("apart", "c")):
            (found,) = compare_models(result, "error_consistency", pairs=[("a", other)])
            alarms[f"error_consistency, {name}"] += found.significant
    assert alarms["accuracy, exact"] <= 10, "McNemar's exact test keeps below 5%"
    for name in ("equal", "apart"):
        assert 1 <= alarms[f"error_consistency, {name}"] <= 12


def test_models_that_differ_are_found() -> None:
    """Accuracy 0.8 against 0.65 on 200 images, kappa 0.5 against 0.1: both are plain to see."""
    hits = {"accuracy": 0, "error_consistency": 0}
    for world in range(40):
        generator = np.random.default_rng(world)
        person = generator.random(200) < 0.75
        right = {"subject-01": person, "a": like(person, 0.75, 0.8, 0.5, generator)}
        right["b"] = like(person, 0.75, 0.65, 0.1, generator)
        result = benchmark(trials(right), resamples=150, generator=generator)
        for figure in hits:
            (found,) = compare_models(result, figure)
            hits[figure] += found.significant and found.difference.value > 0
    # the standard deviation of the difference is near 0.04 for accuracy and 0.09 for kappa: power above 90%
    assert hits["accuracy"] >= 33
    assert hits["error_consistency"] >= 33


def followers(biases: Mapping[str, tuple[float, float]], generator: np.random.Generator) -> TrialTable:
    """Observers that answer neither cue with the one probability, and else the shape with the other."""
    pairs = [(shape, texture) for shape in CATEGORIES for texture in CATEGORIES if shape != texture]
    n, k = len(pairs), len(biases)
    response = []
    for neither, bias in biases.values():
        for shape, texture in pairs:
            cue = shape if generator.random() < bias else texture
            response.append("na" if generator.random() < neither else cue)
    return trial_table(
        {
            "dataset": ["cue-conflict"] * (k * n),
            "observer": [name for name in biases for _ in range(n)],
            "response": response,
            "category": [shape for shape, _ in pairs] * k,
            "condition": ["0"] * (k * n),
            "imagename": [f"{shape}1-{texture}1.png" for shape, texture in pairs] * k,
        }
    )


def test_shape_biases_are_compared_whatever_is_not_recognised() -> None:
    """One bias and different shares of neither cue: no difference. Biases of 0.6 and 0.8: found."""
    alarms = hits = 0
    for world in range(WORLDS):
        generator = np.random.default_rng(world)
        table = followers({"a": (0.1, 0.6), "b": (0.5, 0.6), "c": (0.3, 0.8), "subject-01": (0.0, 0.95)}, generator)
        result = benchmark(table, resamples=150, generator=generator)
        same, other = compare_models(result, "shape_bias", pairs=[("a", "b"), ("a", "c")])
        alarms += same.p < 0.05
        hits += other.p < 0.05 and other.difference.value < 0
    assert 1 <= alarms <= 12
    # standard deviation of the difference: sqrt(0.24 / 216 + 0.16 / 168) = 0.045, so 0.2 is 4.4 of them
    assert hits >= 0.95 * WORLDS


def test_the_correction_controls_any_false_alarm_at_all() -> None:
    """Six equal models, 15 pairs: without a correction a world alarms far too often."""
    corrected = plain = 0
    for world in range(60):
        generator = np.random.default_rng(world)
        right = {name: generator.random(160) < 0.7 for name in "abcdef"}
        right["subject-01"] = generator.random(160) < 0.7
        found = compare_models(benchmark(trials(right), resamples=0, generator=generator), dataset="rotation")
        assert {one.family for one in found} == {15}
        corrected += any(one.significant for one in found)
        plain += any(one.p < 0.05 for one in found)
    # 3 are expected at most, standard deviation 1.7
    assert corrected <= 8
    assert plain >= 12


def crowd(generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Five people of a population with mean accuracy 0.7 and a spread of 0.12, and a model of accuracy 0.6."""
    skills = np.clip(generator.normal(0.7, 0.12, size=5), 0, 1)
    people = {f"subject-{i:02}": generator.random(160) < skill for i, skill in enumerate(skills)}
    return {**people, "m": generator.random(160) < 0.6}


def test_a_claim_about_people_needs_other_people() -> None:
    """Intervals over images are about these five; those over both keep nearly 95% for the population."""
    covered = dict.fromkeys(("images", "both"), 0)
    over_people = 0
    for world in range(WORLDS):
        table = trials(crowd(np.random.default_rng(world)))
        for kind in ("images", "both"):
            result = benchmark(table, resamples=150, generator=np.random.default_rng(0), resample=kind)
            (found,) = compare_with_people(result)
            covered[kind] += found.difference.low <= -0.1 <= found.difference.high
        result = benchmark(table, resamples=150, generator=np.random.default_rng(0), resample="observers")
        over_people += result.humans.ood_accuracy.low <= 0.7 <= result.humans.ood_accuracy.high
    # spread of the gap: images sqrt(0.24 / 160 + 0.21 / 800) = 0.042, people 0.12 / sqrt(5) = 0.054, both 0.068:
    # an interval of 1.96 * 0.042 either side covers 77%
    assert covered["images"] <= 0.86 * WORLDS
    assert covered["both"] >= 0.86 * WORLDS
    assert covered["both"] > covered["images"]
    assert over_people >= 0.8 * WORLDS, "five people: a percentile interval is somewhat short"
