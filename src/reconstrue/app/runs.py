"""A finished run, opened: what it came to, and its pictures with their answers where the pictures can be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.run.asked import locate_some
from reconstrue.run.manifest import Manifest
from reconstrue.run.merge import gather
from reconstrue.run.summary import sentence
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.sources import OWN_WORLD, POCKET
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.sets import seed_of
from reconstrue.trials.store import UnitStore, in_order
from reconstrue.trials.table import NO_RESPONSE

_COLUMNS = [
    *("image_id", "imagename", "category", "condition", "response", "posterior", "p_correct", "evaluations"),
    "log_evidence",
]


@dataclass(frozen=True)
class Answered:
    """The answer to one picture of a run.

    Attributes:
        name: of the picture.
        category: the right answer.
        condition: how it was distorted.
        response: what was answered, `na` where there is no answer.
        posterior: of the response (`Scores.posterior`).
        p_correct: of the response (`Scores.p_correct`), NaN where the model has no temperature.
        evaluations: of the network.
        log_evidence: label → log-evidence; empty where there is no answer.
        picture: (H, W, 3) uint8, None where it was not found or cannot be read.
    """

    name: str
    category: str
    condition: str
    response: str
    posterior: float
    p_correct: float
    evaluations: int
    log_evidence: Mapping[str, float]
    picture: NDArray[np.uint8] | None

    @property
    def verdict(self) -> str:
        """``right``, ``wrong``, or ``none`` where there is no answer."""
        if self.response == NO_RESPONSE:
            return "none"
        return "right" if self.response == self.category else "wrong"


@dataclass(frozen=True)
class Opened:
    """One observer's answers to one data set.

    Attributes:
        observer: who answered.
        dataset: what was shown.
        summary: accuracy with its interval, in one sentence.
        problems: what a reader should know, one line each.
        answers: one row per picture, in the run's order.
        labels: the choices, in the order of ``log_evidence``.
        find: the picture of a name, or None.
    """

    observer: str
    dataset: str
    summary: str
    problems: tuple[str, ...]
    answers: pd.DataFrame
    labels: tuple[str, ...]
    find: Callable[[str], Stimulus | None]

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return f"{self.observer} on {self.dataset}"

    def pick(self, verdict: str, start: int, count: int) -> tuple[list[Answered], int]:
        """Return some answers of a verdict (``all``, ``right``, ``wrong`` or ``none``), and how many there are of it."""
        verdicts = np.where(
            self.answers["response"] == NO_RESPONSE,
            "none",
            np.where(self.answers["response"] == self.answers["category"], "right", "wrong"),
        )
        rows = self.answers if verdict == "all" else self.answers[verdicts == verdict]
        return [self._answered(row) for row in rows.iloc[start : start + count].to_dict("records")], len(rows)

    def _answered(self, row: Mapping[Any, Any]) -> Answered:
        stimulus = self.find(str(row["image_id"]))
        try:
            picture = None if stimulus is None else stimulus.read()
        except UserError:
            # Damaged since: its answer is still shown.
            picture = None
        evidence = row["log_evidence"]
        known: Sequence[float] = [] if evidence is None else np.asarray(evidence, dtype=np.float64).tolist()
        return Answered(
            name=str(row["imagename"]),
            category=str(row["category"]),
            condition=str(row["condition"]),
            response=str(row["response"]),
            posterior=float(row["posterior"]),
            p_correct=float(row["p_correct"]),
            evaluations=int(row["evaluations"]),
            log_evidence=dict(zip(self.labels, known, strict=True)) if known else {},
            picture=picture,
        )


def open_run(folder: str, stimuli: str = "") -> list[Opened]:
    """Return what lies in a run's folder, one entry for each observer and data set.

    Args:
        folder: that ``evaluate --out`` wrote.
        stimuli: where its pictures lie; '' to look where they would be: drawn again for the pocket world, else the package's
            data folder.

    Raises:
        UserError: no folder, no run in it, no unit finished, damaged files, or no such folder of pictures.
    """
    if not folder.strip():
        raise UserError("name the folder of a run, as `reconstrue evaluate --out` wrote it")
    path = Path(folder.strip()).expanduser()
    if not path.is_dir():
        raise UserError(f"{path}: no such folder; name one that `reconstrue evaluate --out` wrote")
    where = str(Path(stimuli.strip()).expanduser()) if stimuli.strip() else None
    return [_opened(*group[0], where) for group in gather([path]).values()]


def _opened(manifest: Manifest, store: UnitStore, where: str | None) -> Opened:
    found = store.find()
    if not found.shards:
        raise UserError(f"{store.folder}: no finished units are in it; start the run that made it once more")
    try:
        answers = pa.concat_tables(list(in_order(found.shards))).to_pandas()
        answers = answers[_COLUMNS]
    except (pa.ArrowException, KeyError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{store.folder}: its answers lack what a run writes ({said}); run it again") from error
    pictures, problem = _pictures(manifest, answers["image_id"].tolist(), where)
    unfinished = manifest.n_images - len(answers)
    problems = [damage.why for damage in found.damaged]
    problems += [f"{unfinished:,} of {manifest.n_images:,} images are not answered yet"] if unfinished else []
    problems += [problem] if problem else []
    return Opened(
        observer=manifest.observer,
        dataset=manifest.dataset,
        summary=sentence(answers, manifest.dataset, labels=len(manifest.settings["labels"])),
        problems=tuple(problems),
        answers=answers,
        labels=tuple(manifest.settings["labels"]),
        find=pictures.get,
    )


def _pictures(manifest: Manifest, ids: Sequence[str], where: str | None) -> tuple[dict[str, Stimulus], str]:
    """Return the pictures of a run by id, and why some or all are missing, '' where none is.

    Raises UserError for a folder of pictures that was asked for and is not one.
    """
    if where is None and manifest.world == OWN_WORLD:
        return {}, "the run was on pictures of your own: name their folder to see them"
    if where is None and manifest.world == POCKET:
        where, limit, seed = POCKET, manifest.n_images, seed_of(ids[0])
        # As they were drawn: of some categories alone, more were drawn until enough were left.
        asked = [label for label in manifest.settings["labels"] if label in CATEGORIES] or CATEGORIES
    else:
        limit, seed, asked = None, 0, CATEGORIES
    try:
        located = locate_some(manifest.dataset, where, limit=limit, seed=seed, categories=asked)
    except UserError as error:
        if where is not None:
            raise
        return {}, str(error)
    found = {stimulus.image_id: stimulus for stimulus in located.stimuli}
    missing = sum(name not in found for name in ids)
    return found, f"{missing:,} of {len(ids):,} pictures are not in {where or 'the data folder'}" if missing else ""
