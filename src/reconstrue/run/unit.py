"""One unit of work: a few images that are batched together, and the rows that their answers become."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.errors import NotANumberError, UserError
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.trials.table import NO_RESPONSE

Columns = dict[str, list[object]]

NOT_FINITE = "its scores are not finite numbers"

ANSWERS = pa.schema(
    [("unit", pa.int32())]
    + [(column, pa.string()) for column in ("image_id", "imagename", "category", "condition", "response", "reason")]
    + [("posterior", pa.float64()), ("p_correct", pa.float64()), ("evaluations", pa.int64()), ("draws", pa.int64())]
    + [("budget_ended", pa.bool_()), ("batch_size", pa.int32()), ("log_evidence", pa.list_(pa.float64()))]
)
"""One row per image. `reason`: why there is no answer, else ''. `posterior` and `p_correct`: of the response, the second NaN
where the classifier has no temperature. `draws`: until the last other label left, unless `budget_ended`. `batch_size`: rows per
forward, fewer than the plan's where memory ended. `log_evidence`: of each label, in the plan's order."""


@dataclass(frozen=True)
class Finished:
    """The answers of one unit.

    Attributes:
        unit: its number in the plan.
        images: how many it has.
        batch_size: the rows per forward that fitted into memory.
        answers: a list for each column of `ANSWERS` but ``unit``.
        evidence: one row per draw and label, None for classifiers that answer exactly.
    """

    unit: int
    images: int
    batch_size: int
    answers: dict[str, list[object]]
    evidence: pa.Table | None


def answer_unit(classifier: Classifier, number: int, unit: Sequence[Stimulus], labels: Sequence[str]) -> Finished:
    """Let the classifier answer a unit; where memory ends, its batch is halved and stays so.

    An image whose scores are not all finite, or of which the classifier says that they are no numbers, is answered `na`,
    and its row says why.

    Raises:
        UserError: a single row does not fit into memory, or what the classifier itself refuses.
    """
    try:
        parts = [_answered(unit, _score(classifier, unit, labels), classifier.temperature)]
    except NotANumberError:
        # One of the images; the others are asked again, each alone.
        parts = [_alone(classifier, stimulus, labels) for stimulus in unit]
    answers = {name: [value for columns, _ in parts for value in columns[name]] for name in parts[0][0]}
    answers["batch_size"] = [classifier.batch_size] * len(unit)
    evidence = [rows for _, rows in parts if rows is not None]
    return Finished(number, len(unit), classifier.batch_size, answers, pa.concat_tables(evidence) if evidence else None)


def _alone(classifier: Classifier, stimulus: Stimulus, labels: Sequence[str]) -> tuple[Columns, pa.Table | None]:
    """Return the answer to one image, or why there is none."""
    try:
        return _answered([stimulus], _score(classifier, [stimulus], labels), classifier.temperature)
    except NotANumberError as error:
        nothing: Columns = {
            "posterior": [math.nan],
            "p_correct": [math.nan],
            "evaluations": [0],
            "draws": [0],
            "budget_ended": [False],
            "log_evidence": [None],
        }
        return {**_shown([stimulus]), "response": [NO_RESPONSE], "reason": [str(error)], **nothing}, None


def _shown(unit: Sequence[Stimulus]) -> Columns:
    return {
        "image_id": [s.image_id for s in unit],
        "imagename": [s.imagename for s in unit],
        "category": [s.category for s in unit],
        "condition": [s.condition for s in unit],
    }


def _answered(unit: Sequence[Stimulus], scores: Scores, temperature: float | None) -> tuple[Columns, pa.Table | None]:
    """Return the columns of scored images, and the rows of their evidence."""
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(scores.log_evidence).all(axis=1))
    best = np.where(finite[:, None], scores.log_evidence, 0.0).argmax(axis=1)
    n = len(unit)
    rows = np.arange(n)
    posterior = np.where(finite, scores.posterior[rows, best], np.nan)
    p_correct = np.full(n, np.nan) if temperature is None else scores.p_correct(temperature)[rows, best]
    answers: Columns = {
        **_shown(unit),
        "response": [scores.labels[i] if known else NO_RESPONSE for i, known in zip(best, finite, strict=True)],
        "reason": ["" if known else NOT_FINITE for known in finite],
        "posterior": posterior.tolist(),
        "p_correct": p_correct.tolist(),
        "evaluations": scores.evaluations.tolist(),
        "draws": [len(e.t) for e in scores.evidence] or [0] * n,
        "budget_ended": [e.budget_ended for e in scores.evidence] or [False] * n,
        "log_evidence": scores.log_evidence.tolist(),
    }
    return answers, _evidence_rows(unit, scores)


def answer_table(finished: Sequence[Finished]) -> pa.Table:
    """Return the rows of several units, with their numbers."""
    columns: dict[str, list[object]] = {"unit": [f.unit for f in finished for _ in range(f.images)]}
    for name in ANSWERS.names[1:]:
        columns[name] = list(chain.from_iterable(f.answers[name] for f in finished))
    return pa.table(columns, schema=ANSWERS)


def _evidence_rows(unit: Sequence[Stimulus], scores: Scores) -> pa.Table | None:
    """Return one row per draw and label: image, label, draw, t, log-SNR, weight, error."""
    if not scores.evidence:
        return None
    parts = []
    labels = pa.array(scores.labels)
    for stimulus, evidence in zip(unit, scores.evidence, strict=True):
        draw, label = np.nonzero(np.isfinite(evidence.error))
        parts.append(
            pa.table(
                {
                    "image_id": pa.repeat(stimulus.image_id, len(draw)),
                    "label": labels.take(pa.array(label)),
                    "draw": draw.astype(np.int32),
                    "t": evidence.t[draw],
                    "log_snr": evidence.log_snr[draw],
                    "weight": evidence.weight[draw],
                    "error": evidence.error[draw, label],
                }
            )
        )
    return pa.concat_tables(parts)


def _score(classifier: Classifier, unit: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
    while True:
        try:
            return classifier.score(unit, labels)
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            if classifier.batch_size == 1:
                raise UserError(
                    f"{classifier.name}: out of memory with a single row; try --dtype bfloat16 or another --device"
                ) from error
        # Only here, after the handler, are the frames that held the large tensors gone.
        classifier.batch_size //= 2
        _free_memory()


def _out_of_memory(error: Exception) -> bool:
    """Say whether memory ended, by the names and words that torch has for it on GPUs, Apple's and the CPU."""
    said = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "out of memory" in said
        or "can't allocate memory" in said
    )


def _free_memory() -> None:
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
