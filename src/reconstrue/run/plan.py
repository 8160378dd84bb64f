"""A plan: classifier × stimuli × settings, cut into units of work; its hash is its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from reconstrue.classifiers.base import Classifier
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.trials.sidecar import images_sha256
from reconstrue.trials.store import settings_key

# Images per unit. Batches are packed only inside a unit, so every engine gives the same rows.
UNIT = 16


@dataclass(frozen=True)
class Plan:
    """What one observer is to answer.

    Attributes:
        classifier: the decision maker.
        stimuli: what it is shown.
        labels: what it chooses from.
        catalogue_images: how many images the whole data set has.
        world: name of the pictures' world where they are not the published ones (``pocket``).
    """

    classifier: Classifier
    stimuli: StimulusSet
    labels: tuple[str, ...] = CATEGORIES
    catalogue_images: int | None = None
    world: str | None = None

    @cached_property
    def settings(self) -> dict[str, object]:
        """Every choice that can change an answer; its hash is the plan's key."""
        return {
            "package": version("reconstrue"),
            "dataset": self.stimuli.dataset,
            "world": self.world,
            "labels": list(self.labels),
            "images": images_sha256(s.image_id for s in self.stimuli),
            "order": images_sha256(f"{i} {s.image_id}" for i, s in enumerate(self.stimuli)),
            "unit": UNIT,
            "batch_size": getattr(self.classifier, "batch_size", None),
            "classifier": self.classifier.settings(),
        }

    @property
    def key(self) -> str:
        """The name of the plan: a hash of its settings."""
        return settings_key(self.settings)

    def units(self) -> list[tuple[Stimulus, ...]]:
        """Return the stimuli cut into units of `UNIT`, in order."""
        stimuli = self.stimuli.stimuli
        return [stimuli[i : i + UNIT] for i in range(0, len(stimuli), UNIT)]
