"""Where units are worked out: an engine turns their numbers into answers; this one works here, one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import final

from reconstrue.run.plan import Plan
from reconstrue.run.stopping import Stop
from reconstrue.run.unit import Finished, answer_unit


class Engine(ABC):
    """Works out the units of plans."""

    @abstractmethod
    def answers(self, plan: Plan, units: Sequence[int], stop: Stop) -> Iterator[Finished]:
        """Yield the answers of the units with these numbers as they come, in any order, each once.

        Once `stop` is asked no unit is begun; those at work are still yielded.

        Raises:
            UserError: what the classifier refuses.
        """


@final
class LocalEngine(Engine):
    """Works in this process with the plan's own classifier."""

    def answers(self, plan: Plan, units: Sequence[int], stop: Stop) -> Iterator[Finished]:
        classifier = plan.classifier
        planned = classifier.batch_size
        try:
            for number in units:
                if stop.asked:
                    return
                yield answer_unit(classifier, number, plan.unit(number), plan.labels)
        finally:
            # The batch size is part of the next plan's key.
            classifier.batch_size = planned
