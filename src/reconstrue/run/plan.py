"""A plan: classifier × stimuli × settings, cut into units of work; its hash is its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from reconstrue import __version__
from reconstrue.classifiers.base import Classifier
from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset, load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.trials.store import settings_key
from reconstrue.trials.table import PEOPLE, is_human

# Images per unit. Batches are packed only inside a unit, so every engine gives the same rows.
UNIT = 16


def require_observer(name: str) -> None:
    """Raise UserError for an observer's name that cannot stand in a file name, or is kept for people."""
    if not name or name != name.strip() or not name.isprintable() or any(c in name for c in "/\\_"):
        raise UserError(f"the observer's name {name!r} cannot be part of a file name; give another --name")
    if is_human(name) or name == PEOPLE:
        raise UserError(f"the observer's name '{name}' is kept for people; give another --name")


@dataclass(frozen=True)
class Plan:
    """What one observer is to answer.

    Attributes:
        classifier: the decision maker.
        stimuli: what it is shown.
        labels: what it chooses from.
        catalogue_images: how many images the whole data set has.
        world: name of the pictures' world where they are not the published ones (``pocket``).

    Raises:
        UserError: a data set that is not in the catalogue, or an observer's name that cannot stand in a file name or
            is kept for people.
    """

    classifier: Classifier
    stimuli: StimulusSet
    labels: tuple[str, ...] = CATEGORIES
    catalogue_images: int | None = None
    world: str | None = None

    def __post_init__(self) -> None:
        dataset(self.stimuli.dataset)
        require_observer(self.classifier.name)

    @cached_property
    def settings(self) -> dict[str, object]:
        """Every choice that can change an answer; its hash is the plan's key."""
        return {
            "package": __version__,
            "dataset": self.stimuli.dataset,
            "world": self.world,
            "labels": list(self.labels),
            "images": self._pictures_sha256(),
            "unit": UNIT,
            "batch_size": self.classifier.batch_size,
            "classifier": self.classifier.settings(),
            **({} if self.classifier.temperature is None else {"temperature": self.classifier.temperature}),
        }

    def _pictures_sha256(self) -> str:
        """Return a hash of names and pixels in order: a file replaced under its old name is another picture."""
        digest = hashlib.sha256()
        for stimulus in self.stimuli:
            pixels = stimulus.read()
            digest.update(f"{stimulus.image_id} {pixels.shape} ".encode())
            digest.update(pixels.tobytes())
        return digest.hexdigest()

    @property
    def key(self) -> str:
        """The name of the plan: a hash of its settings."""
        return settings_key(self.settings)

    @property
    def n_units(self) -> int:
        """How many units the stimuli are cut into."""
        return -(-len(self.stimuli) // UNIT)

    @property
    def begin(self) -> int:
        """How many units the data sets before this one have, whole: what its units are counted on from for `Part`."""
        names = list(load_catalog())
        before = names[: names.index(self.stimuli.dataset)]
        return sum(-(-dataset(name).n_images // UNIT) for name in before)

    def unit(self, number: int) -> tuple[Stimulus, ...]:
        """Return the stimuli of one unit: `UNIT` of them in order, fewer at the end."""
        return self.stimuli.stimuli[number * UNIT : (number + 1) * UNIT]
