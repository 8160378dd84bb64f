"""Classify picture files: the engineer's question, with the answer's posterior and its cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reconstrue.classifiers.base import checked_labels
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.folders import read_picture
from reconstrue.stimuli.stimulus_set import Stimulus


@dataclass(frozen=True)
class Answer:
    """What a model says of one picture.

    Attributes:
        image: the file.
        label: the decision, '' where the picture could not be read.
        posterior: label → probability (`Scores.posterior` says of what).
        p_correct: the probability that the decision is right, None where the model has no temperature (`Scores.p_correct`).
        evaluations: network evaluations spent.
        draws: of noise, until the last other label left; 0 for models that answer exactly.
        budget_ended: whether the budget, not the policy, ended the race.
        error: why there is no answer, or None.
    """

    image: Path
    label: str
    posterior: dict[str, float]
    p_correct: float | None
    evaluations: int
    draws: int
    budget_ended: bool
    error: str | None

    @property
    def confidence(self) -> float:
        """The posterior of the decision."""
        return self.posterior.get(self.label, 0.0)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        if self.error is not None:
            return {"image": str(self.image), "error": self.error}
        return {
            "image": str(self.image),
            "label": self.label,
            "posterior": self.posterior,
            "p_correct": self.p_correct,
            "evaluations": self.evaluations,
            "draws": self.draws,
            "budget_ended": self.budget_ended,
        }


def classify_files(
    images: Sequence[Path], model: str, labels: Sequence[str] | None = None, options: Options | None = None
) -> Iterator[Answer]:
    """Yield the answer to each picture in turn; a picture that cannot be read gets an error and the rest goes on.

    The noise of a picture is keyed by its file name, so the answer does not depend on the other files.

    Args:
        images: files.
        model: a card's name, a folder or a hub id.
        labels: to choose from; None for those of the 16 categories that the model's card says it knows.
        options: how.

    Raises:
        UserError: the model or the labels are wrong, or there are none and the model has no card.
    """
    names = checked_labels(_known(model) if labels is None else labels)
    classifier = load_classifier(model, options)
    classifier.checked(names)
    for image in images:
        try:
            pixels = read_picture(image)
        except UserError as error:
            yield Answer(image, "", {}, None, 0, 0, False, str(error))
            continue

        def read(pixels: NDArray[np.uint8] = pixels) -> NDArray[np.uint8]:
            return pixels

        stimulus = Stimulus(image.name, image.name, "", NO_CONDITION, "", read)
        scores = classifier.score([stimulus], names)
        t = classifier.temperature
        yield Answer(
            image=image,
            label=scores.decisions()[0],
            posterior={label: float(p) for label, p in zip(names, scores.posterior[0], strict=True)},
            p_correct=None if t is None else float(scores.p_correct(t)[0].max()),
            evaluations=int(scores.evaluations[0]),
            draws=len(scores.evidence[0].t) if scores.evidence else 0,
            budget_ended=bool(scores.evidence) and scores.evidence[0].budget_ended,
            error=None,
        )


def _known(model: str) -> Sequence[str]:
    """Return the categories that a card names; raises UserError for a model without a card."""
    card = load_cards().get(model)
    if card is None:
        raise UserError(f"{model} has no card that says what it knows; give the labels to choose from with --labels")
    return card.known
