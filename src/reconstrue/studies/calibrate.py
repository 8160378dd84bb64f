"""How honest a model's confidences are on finished runs, and the temperature that makes its scores into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from reconstrue.errors import UserError
from reconstrue.metrics import expected_calibration_error, fit_temperature, p_correct_of_others, rate_by_draws
from reconstrue.run.manifest import Manifest
from reconstrue.run.merge import gather
from reconstrue.trials.store import Say, UnitStore, in_order
from reconstrue.trials.table import NO_RESPONSE


@dataclass(frozen=True)
class Calibration:
    """One observer's confidences against its accuracy on the images at hand.

    Attributes:
        observer: who answered.
        images: how many answers were counted.
        accuracy: share of right ones.
        temperature: T of `Scores.p_correct`, fitted on all of them.
        ece_p_correct: expected calibration error of softmax(log-evidence / T) with T fitted on the other half of the images.
        ece_posterior: of the posterior taken for a probability of being right, which it is not.
        ece_draws: of the share of right answers among images that took as many draws; NaN for models that answer exactly.
    """

    observer: str
    images: int
    accuracy: float
    temperature: float
    ece_p_correct: float
    ece_posterior: float
    ece_draws: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values; NaN as None."""
        return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in asdict(self).items()}


def calibrate(runs: Sequence[Path], say: Say) -> list[Calibration]:
    """Fit and measure the confidences of every observer in the runs, over all their data sets together.

    Take images that nothing else is reported on: what was fitted on them is measured on their own other half at best.

    Args:
        runs: folders that `run.local.evaluate` wrote.
        say: told of damaged units, and of images without an answer, which are left out.

    Raises:
        UserError: a folder holds no run, one observer under several settings, other labels from set to set, or answers from
            which no temperature can be fitted.
    """
    gathered: dict[str, list[tuple[Manifest, UnitStore]]] = {}
    for (observer, _), group in gather(runs).items():
        gathered.setdefault(observer, []).extend(group)
    return [_calibration(observer, group, say) for observer, group in gathered.items()]


def _calibration(observer: str, group: Sequence[tuple[Manifest, UnitStore]], say: Say) -> Calibration:
    labels = group[0][0].settings["labels"]
    if any(manifest.settings["labels"] != labels for manifest, _ in group):
        raise UserError(f"{observer}: chose from other labels in some runs; take them apart")
    answers = pd.concat([_answers(store, say) for _, store in group], ignore_index=True)
    answered = answers[answers["response"] != NO_RESPONSE]
    if len(answered) < len(answers):
        say(f"{observer}: {len(answers) - len(answered):,} images without an answer are left out")
    known = answered[answered["category"].isin(labels)]
    if len(known) < len(answered):
        say(f"{observer}: {len(answered) - len(known):,} images whose category is none of the labels are left out")
    if known.empty:
        raise UserError(f"{observer}: no answered image has one of the labels as its category; there is nothing to fit")
    truth = known["category"].map(labels.index).to_numpy(dtype=np.int64)
    log_evidence = np.array(known["log_evidence"].tolist(), dtype=np.float64)
    right = (known["response"] == known["category"]).to_numpy()
    draws = known["draws"].to_numpy() + known["budget_ended"].to_numpy()
    return Calibration(
        observer=observer,
        images=len(known),
        accuracy=float(right.mean()),
        temperature=fit_temperature(log_evidence, truth),
        ece_p_correct=expected_calibration_error(p_correct_of_others(log_evidence, truth), right),
        ece_posterior=expected_calibration_error(known["posterior"].to_numpy(), right),
        ece_draws=expected_calibration_error(rate_by_draws(draws, right), right) if draws.any() else float("nan"),
    )


def _answers(store: UnitStore, say: Say) -> pd.DataFrame:
    found = store.find()
    for damage in found.damaged:
        say(damage.why)
    if not found.shards:
        raise UserError(f"{store.folder}: no finished units are in it; start the run that made it once more")
    try:
        return pa.concat_tables(list(in_order(found.shards))).to_pandas()[
            ["category", "response", "posterior", "draws", "budget_ended", "log_evidence"]
        ]
    except (pa.ArrowException, KeyError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{store.folder}: its answers lack what a run writes ({said}); run it again") from error
