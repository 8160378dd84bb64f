"""Run a plan here, unit by unit; the same command again goes on where it stopped."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

from reconstrue.classifiers.base import Scores
from reconstrue.errors import UserError
from reconstrue.run.plan import Plan
from reconstrue.stimuli.names import images_sha256
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.trials.sidecar import SUFFIX as SIDECAR_SUFFIX
from reconstrue.trials.sidecar import Sidecar, read_sidecar, sidecar_path, write_sidecar
from reconstrue.trials.store import UnitStore
from reconstrue.trials.table import trial_table, write_csv

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class RunResult:
    """What a run left behind.

    Attributes:
        trials: the trial file, in the field's CSV.
        evidence: the folder with the draws of every image (parquet), for diffusion classifiers.
        answers: one row per image: image_id, category, response, posterior, evaluations and draws.
        reused: images that an earlier run with the same settings had finished.
    """

    trials: Path
    evidence: Path
    answers: pd.DataFrame
    reused: int


def evaluate(plan: Plan, out: Path, progress: Progress | None = None, *, replace: bool = False) -> RunResult:
    """Let the plan's classifier answer its stimuli and write ``out/trials/<dataset>/<dataset>_<observer>_session-1.csv``.

    Finished units lie under ``out/units/<key>``, where the key is a hash of every choice; a run that stopped goes on
    with the next unit. With `replace`, a trial file of other settings is written anew. `progress` is told (images done, images in all) at the start and after each unit.

    Raises:
        UserError: `out` holds this observer's answers under other settings, or cannot be written.
    """
    observer, dataset = plan.classifier.name, plan.stimuli.dataset
    target = out / "trials" / dataset / f"{dataset}_{observer}_session-1.csv"
    if not replace:
        _refuse_collision(target, plan)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    store = UnitStore(out / "units" / f"{dataset}_{observer}_{plan.key}")
    parts, reused, done = [], 0, 0
    if progress is not None:
        progress(0, len(plan.stimuli))
    for number, unit in enumerate(plan.units()):
        answers = store.read("answers", number)
        if answers is None:
            scores = plan.classifier.score(unit, plan.labels)
            if scores.evidence:
                store.write("evidence", number, _evidence_rows(unit, scores))
            answers = _answer_rows(unit, scores)
            # Written last: where a unit's answers are, its evidence is too.
            store.write("answers", number, answers)
        else:
            reused += len(unit)
        parts.append(answers)
        done += len(unit)
        if progress is not None:
            progress(done, len(plan.stimuli))
    answers = pd.concat(parts, ignore_index=True)
    _write_trials(target, plan, answers, started)
    return RunResult(target, store.folder, answers, reused)


def _refuse_collision(target: Path, plan: Plan) -> None:
    """Raise UserError where the folder has answers of this observer under other settings, on any data set."""
    observer = plan.classifier.name
    way_out = "give another --out or --name"
    if target.exists() and not sidecar_path(target).exists():
        raise UserError(f"{target}: already there, without a note of its settings; {way_out}")
    for note in sorted(target.parent.parent.glob(f"*/*_{observer}_session-1{SIDECAR_SUFFIX}")):
        try:
            found = read_sidecar(note)
        except UserError as error:
            raise UserError(f"{note}: damaged; remove it and its CSV (finished work is kept apart)") from error
        if found.observer != observer:
            continue
        same_set = note == sidecar_path(target)
        if (same_set and found.settings.get("key") != plan.key) or (
            found.settings.get("classifier") != plan.settings["classifier"]
        ):
            raise UserError(f"{note}: holds answers of '{observer}' under other settings; {way_out}")


def _answer_rows(unit: tuple[Stimulus, ...], scores: Scores) -> pd.DataFrame:
    best = scores.log_evidence.argmax(axis=1)
    return pd.DataFrame(
        {
            "image_id": [s.image_id for s in unit],
            "imagename": [s.imagename for s in unit],
            "category": [s.category for s in unit],
            "condition": [s.condition for s in unit],
            "response": scores.decisions(),
            "posterior": scores.posterior[np.arange(len(unit)), best],
            "evaluations": scores.evaluations,
            "draws": [len(e.t) for e in scores.evidence] or [0] * len(unit),
            "budget_ended": [e.budget_ended for e in scores.evidence] or [False] * len(unit),
        }
    )


def _evidence_rows(unit: tuple[Stimulus, ...], scores: Scores) -> pd.DataFrame:
    """Return one row per draw and label: image, label, draw, t, log-SNR, weight, error."""
    parts = []
    for stimulus, evidence in zip(unit, scores.evidence, strict=True):
        draw, label = np.nonzero(np.isfinite(evidence.error))
        parts.append(
            pd.DataFrame(
                {
                    "image_id": [stimulus.image_id] * len(draw),
                    "label": np.asarray(scores.labels)[label],
                    "draw": draw.astype(np.int32),
                    "t": evidence.t[draw],
                    "log_snr": evidence.log_snr[draw],
                    "weight": evidence.weight[draw],
                    "error": evidence.error[draw, label],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _write_trials(target: Path, plan: Plan, answers: pd.DataFrame, started: str) -> None:
    n = len(answers)
    table = trial_table(
        {
            "dataset": [plan.stimuli.dataset] * n,
            "observer": [plan.classifier.name] * n,
            "response": answers["response"].tolist(),
            "category": answers["category"].tolist(),
            "condition": answers["condition"].tolist(),
            "imagename": answers["imagename"].tolist(),
        }
    )
    whole = plan.catalogue_images
    reason = plan.stimuli.subset_reason
    sidecar = Sidecar(
        observer=plan.classifier.name,
        dataset=plan.stimuli.dataset,
        model_type=plan.classifier.model_type,
        subset=reason is not None,
        subset_reason=reason,
        n_images=n,
        catalogue_images=whole,
        images_sha256=images_sha256(answers["image_id"]),
        world=plan.world,
        settings={"key": plan.key, **plan.settings},
        versions=_versions(),
        started=started,
        host=platform.node(),
    )
    try:
        # The sidecar first: a trial file without one would be taken for a whole run.
        write_sidecar(sidecar_path(target), sidecar)
        write_csv(target, table)
    except OSError as error:
        raise UserError(f"{target}: cannot be written ({error}); give another --out") from error


def _versions() -> dict[str, str]:
    """Return the versions of what can change an answer."""
    found = {"python": platform.python_version()}
    for name in (
        "reconstrue",
        "torch",
        "diffusers",
        "transformers",
        "tokenizers",
        "timm",
        "torchvision",
        "open_clip_torch",
        "numpy",
        "pillow",
    ):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
