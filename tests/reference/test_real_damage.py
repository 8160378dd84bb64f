"""Damaged and partial trial files of a real model beside the real people."""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from reconstrue.metrics import Benchmark, benchmark
from reconstrue.stimuli.names import images_sha256
from reconstrue.trials import Sidecar, image_id, read_trials, sidecar_path, write_sidecar


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path) -> Path:
    """The people and SimCLR on the cue-conflict and edge sets."""
    for name in ("cue-conflict", "edge"):
        (tmp_path / name).mkdir()
        for path in (shared_data / "trials" / name).glob("*.csv"):
            if "_subject-" in path.name or "_simclr-" in path.name:
                shutil.copy(path, tmp_path / name)
                (tmp_path / name / path.name).chmod(0o644)
    return tmp_path


def run(folder: Path, *, allow_partial: bool = False) -> Benchmark:
    read = read_trials([folder])
    assert read.problems == ()
    return benchmark(
        read.table,
        read.sidecars,
        resamples=50,
        generator=np.random.default_rng(0),
        allow_partial=allow_partial,
    )


def model_file(folder: Path, name: str) -> Path:
    return folder / name / f"{name}_simclr-resnet50x1_session-1.csv"


def test_a_cut_off_file_costs_its_data_set_only(folder: Path) -> None:
    path = model_file(folder, "cue-conflict")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:1001]))
    result = run(folder)
    assert set(result.models["simclr-resnet50x1"].datasets) == {"edge"}
    (problem,) = result.skipped
    assert problem.file == str(path)
    assert "cue-conflict: simclr-resnet50x1 answered 1,000 images, people answered 1,280" in problem.message
    allowed = run(folder, allow_partial=True)
    found = allowed.models["simclr-resnet50x1"].datasets["cue-conflict"]
    assert found.coverage == "1,000 of 1,280"
    assert any("1,000 of 1,280 images (partial, as allowed)" in line for line in allowed.notes)


def test_a_limit_of_160_is_compared_with_people_on_those_images(folder: Path) -> None:
    path = model_file(folder, "cue-conflict")
    with path.open(newline="") as file:
        header, *rows = list(csv.reader(file))
    rows = random.Random(0).sample(rows, 160)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    ids = [image_id(row[header.index("imagename")]) for row in rows]
    sidecar = Sidecar(
        observer="simclr-resnet50x1",
        dataset="cue-conflict",
        model_type="contrastive",
        subset=True,
        subset_reason="--limit 160",
        n_images=160,
        catalogue_images=1280,
        images_sha256=images_sha256(ids),
    )
    write_sidecar(sidecar_path(path), sidecar)
    result = run(folder)
    row = result.models["simclr-resnet50x1"]
    found = row.datasets["cue-conflict"]
    assert result.skipped == ()
    assert (row.model_type, found.coverage, found.reason) == ("contrastive", "160 of 1,280", "--limit 160")
    assert found.people is not None
    assert found.people.n_images == 160
    assert result.humans.datasets["cue-conflict"].n_images == 1280
    frame = read_trials([folder]).table.select(datasets=["cue-conflict"]).frame
    same = frame[frame["is_human"] & frame["image_id"].isin(ids)]
    assert found.people.accuracy.value == pytest.approx(float((same["response"] == same["category"]).mean()))
    assert 0.5 < found.people.shape_bias.value < 1


def test_a_cut_off_person_is_left_out_and_the_models_stay(folder: Path) -> None:
    path = folder / "edge" / "edge_subject-03_session_1.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:100]))
    result = run(folder)
    (problem,) = result.skipped
    assert "subject-03 answered 99 images, the data set has 160" in problem.message
    assert set(result.models["simclr-resnet50x1"].datasets) == {"cue-conflict", "edge"}
    assert "edge/subject-03" not in result.individuals
