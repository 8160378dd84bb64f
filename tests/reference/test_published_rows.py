"""The published figures, from the published trials."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from reconstrue.metrics import Benchmark, benchmark
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.trials import ReadResult, images_sha256, read_trials


@pytest.fixture(scope="module")
def trials(shared_data: Path) -> ReadResult:
    return read_trials([shared_data / "trials"])


@pytest.fixture(scope="module")
def rows(trials: ReadResult) -> Benchmark:
    return benchmark(trials.table, trials.sidecars, resamples=200, generator=np.random.default_rng(0))


def test_every_trial_is_read(trials: ReadResult) -> None:
    assert trials.problems == ()
    frame = trials.table.frame
    assert int(frame["is_human"].sum()) == 85_120
    assert len(frame) == 85_120 + 11 * 18_080


def test_the_catalogue_names_the_images_that_people_answered(trials: ReadResult) -> None:
    frame = trials.table.frame
    for name, entry in load_catalog().items():
        part = frame[frame["dataset"] == name]
        people = part[part["is_human"]]
        images = people["image_id"].unique()
        assert images_sha256(images) == entry.images_sha256
        assert len(images) == entry.n_images
        assert people["observer"].nunique() == entry.n_people
        assert set(part["condition"]) == set(entry.conditions)
        assert {image.split("_")[1] for image in people["imagename"]} == {entry.tag}


def test_the_row_of_simclr(rows: Benchmark) -> None:
    row = rows.models["simclr-resnet50x1"]
    assert round(row.accuracy_difference.value, 3) == 0.080
    assert round(row.observed_consistency.value, 3) == 0.667
    assert round(row.error_consistency.value, 3) == 0.179
    assert round(row.ood_accuracy.value, 3) == 0.596


def test_people(rows: Benchmark) -> None:
    assert round(100 * rows.humans.shape_bias.value, 2) == 95.87
    persons = [row.shape_bias.value for row in rows.individuals.values() if row.shape_bias.defined]
    assert len(persons) == 10
    assert [round(100 * value, 1) for value in (min(persons), max(persons))] == [91.9, 98.7]
    assert round(100 * float(np.mean(persons)), 2) == 95.76
    assert round(rows.humans.error_consistency.value, 3) == 0.431
    assert round(rows.humans.ood_accuracy.value, 3) == 0.723
    assert len(rows.individuals) == 90


def test_all_eleven_models_are_complete_and_ranked(rows: Benchmark) -> None:
    assert len(rows.models) == 11
    assert all(row.complete for row in rows.models.values())
    assert rows.skipped == () and rows.notes == ()
    # ranks 1 to 11 on each of three figures: their mean is 6
    assert np.mean([row.mean_rank.value for row in rows.models.values()]) == pytest.approx(6.0)
    for row in (*rows.models.values(), rows.humans):
        for found in (
            row.ood_accuracy,
            row.accuracy_difference,
            row.observed_consistency,
            row.error_consistency,
        ):
            assert found.low <= found.value <= found.high
            assert 0 < found.high - found.low < 0.05
            assert found.n == 11_520  # images on kept conditions


def test_a_thousand_resamples_take_well_under_a_minute(trials: ReadResult) -> None:
    start = time.process_time()
    benchmark(trials.table, trials.sidecars, resamples=1000, generator=np.random.default_rng(0))
    assert (time.process_time() - start) / (os.cpu_count() or 1) < 30
