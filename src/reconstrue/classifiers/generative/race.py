"""The race of the labels: ask the network about the labels still in it, draw by draw, until the policy says stop.

Every model that answers by sampling shares it; a kind says only what a draw is and how it is answered.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np
import torch
from numpy.typing import NDArray

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.generative.evidence import Evidence
from reconstrue.classifiers.generative.policies import Policy
from reconstrue.stimuli.stimulus_set import Stimulus

# How many draws of one image are made ahead of the network, where the policy does not look in between.
_LOOK_AHEAD = 4

Times = NDArray[np.float64]


class Question(NamedTuple):
    """What one label's error is under one draw of one image.

    Attributes:
        image: index of the image.
        draw: number of the draw.
        t: the draw's noise time, snapped.
        label: index of the label.
    """

    image: int
    draw: int
    t: float
    label: int


Ask = Callable[[Sequence[Question]], NDArray[np.float64]]


@dataclass
class _Runner:
    """The state of one image while its labels race."""

    live: NDArray[np.bool_]
    eliminated_at: NDArray[np.int64]
    next_check: int
    t: list[float] = field(default_factory=list)
    error: list[NDArray[np.float64]] = field(default_factory=list)


@dataclass(frozen=True)
class Race:
    """How evidence is gathered.

    Attributes:
        policy: what to draw and when to stop.
        seed: the noise times are a function of (seed, image id, draw).
        snap: moves times to the nearest ones that the model knows.
        weight: (draws,) what the error at each time is multiplied with.
        log_snr: (draws,) log of signal over noise at each time.
        cost: network evaluations behind one answer (the number of prompts that it averages, times decoding steps).
    """

    policy: Policy
    seed: int
    snap: Callable[[Times], Times]
    weight: Callable[[Times], Times]
    log_snr: Callable[[Times], Times]
    cost: int = 1

    def run(self, image_ids: Sequence[str], labels: int, ask: Ask) -> tuple[Evidence, ...]:
        """Return the evidence for each image; `ask` answers questions in their order, images × draws × live labels."""
        runners = self._runners(image_ids, labels)
        for _ in self._rounds(runners, image_ids, ask):
            pass
        return tuple(self._finished(runner) for runner in runners)

    def rounds(self, image_ids: Sequence[str], labels: int, ask: Ask) -> Iterator[tuple[Evidence, ...]]:
        """Yield the evidence so far after each round of questions; the last is what `run` returns.

        Until then `budget_ended` says that an image's race goes on.
        """
        runners = self._runners(image_ids, labels)
        for _ in self._rounds(runners, image_ids, ask):
            yield tuple(self._finished(runner) for runner in runners)

    def _runners(self, image_ids: Sequence[str], labels: int) -> list[_Runner]:
        return [
            _Runner(np.ones(labels, dtype=bool), np.full(labels, -1, dtype=np.int64), self.policy.next_check(0))
            for _ in image_ids
        ]

    def _rounds(self, runners: Sequence[_Runner], image_ids: Sequence[str], ask: Ask) -> Iterator[None]:
        """Let the runners race, and yield after each round."""
        running = list(range(len(runners)))
        while running:
            questions: list[Question] = []
            for image in running:
                questions += self._next(image, image_ids[image], runners[image])
            for question, error in zip(questions, ask(questions), strict=True):
                runners[question.image].error[question.draw][question.label] = error
            running = [image for image in running if self._goes_on(runners[image])]
            yield

    def _next(self, image: int, image_id: str, runner: _Runner) -> list[Question]:
        start = len(runner.t)
        stop = max(start + 1, min(runner.next_check, start + _LOOK_AHEAD))
        runner.t += self.snap(self.policy.times(self.seed, image_id, start, stop)).tolist()
        runner.error += [np.full(len(runner.live), np.nan) for _ in range(start, stop)]
        return [
            Question(image, draw, runner.t[draw], int(label))
            for draw in range(start, stop)
            for label in np.flatnonzero(runner.live)
        ]

    def _goes_on(self, runner: _Runner) -> bool:
        """Ask the policy where it is due, and return whether the race needs more draws."""
        draws = len(runner.t)
        if draws >= runner.next_check:
            t = np.array(runner.t)
            scores = -self.weight(t)[:, None] * np.stack(runner.error)
            after = self.policy.survivors(t, scores, runner.live)
            runner.eliminated_at[runner.live & ~after] = draws
            runner.live = after
            runner.next_check = self.policy.next_check(draws)
        return draws < self.policy.max_draws and int(runner.live.sum()) > 1

    def _finished(self, runner: _Runner) -> Evidence:
        t = np.array(runner.t)
        return Evidence(
            t=t,
            log_snr=self.log_snr(t),
            error=np.stack(runner.error),
            weight=self.weight(t),
            # The race may go on with the runner's own.
            eliminated_at=runner.eliminated_at.copy(),
            budget_ended=int(runner.live.sum()) > 1,
            cost=self.cost,
        )


class RacingClassifier(Classifier):
    """A classifier that answers by sampling: a kind says what a draw is and answers questions, and the race is the same.

    Attributes:
        policy: which draws, and when to stop.
    """

    policy: Policy

    @final
    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = self.checked(labels)
        ids = [s.image_id for s in stimuli]
        return _scores(names, self._race().run(ids, len(names), self._asker(stimuli, names)))

    @final
    @torch.inference_mode()
    def watch(self, stimulus: Stimulus, labels: Sequence[str]) -> Iterator[Scores]:
        """Yield the answer so far after each round of draws; the last is what `score` gives."""
        names = self.checked(labels)
        for evidence in self._race().rounds([stimulus.image_id], len(names), self._asker([stimulus], names)):
            yield _scores(names, evidence)

    @abstractmethod
    def _race(self) -> Race:
        """Return how evidence is gathered."""

    @abstractmethod
    def _asker(self, stimuli: Sequence[Stimulus], names: Sequence[str]) -> Ask:
        """Return what answers questions about these pictures and labels."""


def _scores(labels: tuple[str, ...], evidence: Sequence[Evidence]) -> Scores:
    """Return the answers that the evidence of some images amounts to, also of a race that goes on."""
    return Scores(
        labels=labels,
        log_evidence=np.stack([e.log_evidence() for e in evidence]),
        posterior=np.stack([e.posterior() for e in evidence]),
        evaluations=np.array([e.evaluations for e in evidence], dtype=np.int64),
        evidence=tuple(evidence),
    )
