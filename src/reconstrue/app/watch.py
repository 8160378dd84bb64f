"""What a model says of one picture, moment by moment, while its labels race."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.generative.evidence import Evidence
from reconstrue.classifiers.generative.race import RacingClassifier
from reconstrue.stimuli.stimulus_set import Stimulus

FloatArray = NDArray[np.float64]
Ended = Literal["", "decided", "budget", "stopped", "time"]


@dataclass(frozen=True)
class Moment:
    """What is known after some draws.

    Attributes:
        scores: the answer so far; after the last moment of a race that was not stopped, what `Classifier.score` gives.
        lead: (k,) mean score difference of each label to the leader, in the unit of log-evidence; 0 for the leader, negative
            for the others.
        half_width: (k,) of its 95% interval, by Student's t over the paired draws; NaN with fewer than two draws, and for
            models that answer exactly.
        left_after: (k,) after how many draws each label left the race, −1 for those in it.
        draws: so far; 0 for models that answer exactly.
        budget: draws at most; 0 for models that answer exactly.
        p_correct: probability that the leader is right (`Scores.p_correct`), None where the model has no temperature.
        seconds: since the picture was given.
        ended: why no more will come, '' while the race goes on.
    """

    scores: Scores
    lead: FloatArray
    half_width: FloatArray
    left_after: NDArray[np.int64]
    draws: int
    budget: int
    p_correct: float | None
    seconds: float
    ended: Ended = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order in which they were given."""
        return self.scores.labels

    @property
    def posterior(self) -> FloatArray:
        """(k,) the probability of each label; `Scores.posterior` says of what."""
        return np.asarray(self.scores.posterior[0])

    @property
    def evaluations(self) -> int:
        """Network evaluations so far."""
        return int(self.scores.evaluations[0])

    @property
    def decision(self) -> str:
        """The label that leads."""
        return self.scores.decisions()[0]

    @property
    def racing(self) -> int:
        """How many labels are still in the race."""
        return int((self.left_after < 0).sum())


def watch(
    classifier: Classifier,
    stimulus: Stimulus,
    labels: Sequence[str],
    *,
    stop: Callable[[], bool] = lambda: False,
    most_seconds: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Moment]:
    """Yield a moment after each round of draws; models that answer exactly have one.

    Args:
        classifier: who answers.
        stimulus: the picture.
        labels: at least two.
        stop: asked between rounds whether to end.
        most_seconds: after which the race is ended between two rounds.
        clock: in seconds.

    Raises:
        UserError: labels that are too few, given twice, or none that this classifier can judge.
        NotANumberError: an answer that is not a number.
    """
    start = clock()
    if not isinstance(classifier, RacingClassifier):
        scores = classifier.score([stimulus], labels)
        yield replace(_exact(scores, classifier.temperature, clock() - start), ended="decided")
        return
    for scores in classifier.watch(stimulus, labels):
        moment = _raced(scores, classifier.policy.max_draws, classifier.temperature, clock() - start)
        moment = replace(moment, ended=_ended(moment, stop, most_seconds))
        yield moment
        if moment.ended in ("stopped", "time"):
            return


def _ended(moment: Moment, stop: Callable[[], bool], most_seconds: float) -> Ended:
    if moment.racing < 2:
        return "decided"
    if moment.draws >= moment.budget:
        return "budget"
    if stop():
        return "stopped"
    return "time" if moment.seconds > most_seconds else ""


def _exact(scores: Scores, temperature: float | None, seconds: float) -> Moment:
    evidence = scores.log_evidence[0]
    nothing = np.full(len(evidence), math.nan)
    staying = np.full(len(evidence), -1, dtype=np.int64)
    return Moment(scores, evidence - evidence.max(), nothing, staying, 0, 0, _p_correct(scores, temperature), seconds)


def _raced(scores: Scores, budget: int, temperature: float | None, seconds: float) -> Moment:
    evidence, draws = scores.log_evidence[0], scores.evidence[0]
    return Moment(
        scores=scores,
        lead=evidence - evidence.max(),
        half_width=_half_widths(draws, int(evidence.argmax())),
        left_after=draws.eliminated_at,
        draws=len(draws.t),
        budget=budget,
        p_correct=_p_correct(scores, temperature),
        seconds=seconds,
    )


def _p_correct(scores: Scores, temperature: float | None) -> float | None:
    return None if temperature is None else float(scores.p_correct(temperature)[0].max())


def _half_widths(evidence: Evidence, leader: int) -> FloatArray:
    """Return (k,) half the width of the 95% interval of each mean paired difference to the leader; 0 for the leader.

    Each over the draws that both saw, taken for independent: they are stratified in t, so it is rather too wide.
    """
    scores = -evidence.weight[:, None] * evidence.error
    differences = scores - scores[:, [leader]]
    counts = np.isfinite(differences).sum(axis=0)
    if counts.min() < 2:
        return np.where(np.arange(len(counts)) == leader, 0.0, math.nan)
    spread = np.nanstd(differences, axis=0, ddof=1)
    return np.asarray(stats.t.ppf(0.975, df=counts - 1) * spread / np.sqrt(counts))
