"""Who answers: the one contract of every decision maker, `Classifier`, and what it gives, `Scores`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import NotANumberError, UserError

if TYPE_CHECKING:
    from reconstrue.classifiers.generative.evidence import Evidence
    from reconstrue.classifiers.vocabulary import Vocabulary
    from reconstrue.stimuli.stimulus_set import Stimulus


@dataclass(frozen=True)
class Scores:
    """The answers to some images: log-evidence for each label, and what it cost.

    Attributes:
        labels: the k labels, in the order of the columns.
        log_evidence: (n, k); higher is better. A row that is not finite is no answer. Its unit depends on the kind: log-probability for supervised models,
            minus the weighted denoising error for diffusion models. Only differences within a row mean something.
        posterior: (n, k), rows sum to 1. For models that answer exactly: their own probability of the label. For
            sampled evidence: the probability that the label is the decision of an infinite budget, from the
            draws' variances.
        evaluations: (n,) network evaluations spent on each image (one forward for one image and one prompt).
        evidence: per image the draws behind the scores (diffusion, masked tokens), or an empty tuple.
    """

    labels: tuple[str, ...]
    log_evidence: NDArray[np.float64]
    posterior: NDArray[np.float64]
    evaluations: NDArray[np.int64]
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        n, k = len(self.evaluations), len(self.labels)
        if self.log_evidence.shape != (n, k) or self.posterior.shape != (n, k):
            raise ValueError(f"scores of {n} images and {k} labels cannot have shape {self.log_evidence.shape}")

    def decisions(self) -> list[str]:
        """Return the label with the highest log-evidence for each image; the first listed wins an exact tie.

        Raises:
            NotANumberError: an image's evidence is not finite, so that any label would be arbitrary.
        """
        if not np.isfinite(self.log_evidence).all():
            raise NotANumberError("the model's scores are not finite numbers; try --dtype float32 or bfloat16")
        return [self.labels[i] for i in self.log_evidence.argmax(axis=1)]

    def p_correct(self, temperature: float) -> NDArray[np.float64]:
        """Return (n, k) the probability that each label is the right one: softmax(log-evidence / T), rows sum to 1.

        As honest as T: `metrics.fit_temperature` fits it on labelled images (Guo et al. 2017, §4.2). NaN in a row that is
        not finite.
        """
        from scipy.special import softmax

        finite = np.isfinite(self.log_evidence).all(axis=1, keepdims=True)
        return np.asarray(softmax(np.where(finite, self.log_evidence, np.nan) / temperature, axis=1))


class Classifier(ABC):
    """A decision maker that answers which of the given labels an image shows.

    Attributes:
        name: the observer's name in tables.
        model_type: the word of Table 1, e.g. ``zero-shot`` or ``discriminative``.
        resolution: the side of the square picture that the network sees, in pixels.
        batch_size: rows per forward; sums are rounded differently in other batches, so it belongs to the settings.
        temperature: T of `Scores.p_correct` for this model, in the unit of its log-evidence; None where none was fitted.
        vocabulary: what its text encoder has words for; None where it reads no words, or any.
    """

    name: str
    model_type: str
    resolution: int
    batch_size: int
    temperature: float | None = None
    vocabulary: Vocabulary | None = None

    @abstractmethod
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        """Return the evidence for each label; the answer for an image never depends on the other images.

        Raises:
            UserError: fewer than two labels, a label given twice, or labels that this classifier cannot judge.
            NotANumberError: the network's answer to one of the images is not a finite number.
        """

    @abstractmethod
    def settings(self) -> dict[str, object]:
        """Return every choice that can change an answer, as plain JSON values."""

    def checked(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return the labels as a tuple; raises UserError as `checked_labels`, and for words that it does not know."""
        names = checked_labels(labels)
        if self.vocabulary is not None:
            self.vocabulary.require(self.name, names)
        return names


def checked_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels as a tuple; raises UserError for fewer than two, an empty one, or one given twice."""
    cleaned = tuple(label.strip() for label in labels)
    if len(cleaned) < 2:
        raise UserError(f"give at least two labels to choose from, got {list(labels)}")
    seen: set[str] = set()
    for label in cleaned:
        if not label:
            raise UserError(f"a label is empty in {list(labels)}; remove the stray comma")
        if label in seen:
            raise UserError(f"the label '{label}' is given twice; give each label once")
        seen.add(label)
    return cleaned
