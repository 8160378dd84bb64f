"""Which models the page offers, and the one that is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, final

from reconstrue.classifiers.cards import load_cards
from reconstrue.errors import UserError

if TYPE_CHECKING:
    from reconstrue.classifiers.base import Classifier

# How often a wait for another's loading asks whether to stop, in seconds.
_BETWEEN = 0.1


class StoppedError(Exception):
    """A wait was ended by who waited."""


@final
class Models:
    """The classifiers that the page may use, loaded when they are first asked for; the last one stays.

    Args:
        names: of the models.
        load: makes the classifier of a name.

    Attributes:
        closed: whether the app is ending.
    """

    def __init__(self, names: Sequence[str], load: Callable[[str], Classifier]) -> None:
        self.names = tuple(names)
        self._load = load
        self._lock = Lock()
        self._held: tuple[str, Classifier] | None = None
        self.closed = False

    def close(self) -> None:
        """End what is asked of them: waits at once, races after the draw that they are at."""
        self.closed = True

    def ready(self, name: str) -> bool:
        """Say whether a model is loaded."""
        held = self._held
        return held is not None and held[0] == name

    def get(self, name: str, stop: Callable[[], bool] = lambda: False) -> Classifier:
        """Return a classifier, after whatever is being loaded.

        Raises:
            UserError: a name that is not on the list, or as its loader does.
            StoppedError: `stop` or `close` ended the wait for what is being loaded.
        """
        if name not in self.names:
            raise UserError(f"'{name}' is not one of this page's models; start the app with --model {name}")
        while not self._lock.acquire(timeout=_BETWEEN):
            if self.closed or stop():
                raise StoppedError
        try:
            if self._held is None or self._held[0] != name:
                # Two may not fit into memory.
                self._held = None
                self._held = name, self._load(name)
            return self._held[1]
        finally:
            self._lock.release()


def model_names(first: str) -> tuple[str, ...]:
    """Return the models that the page offers: the one that was asked for, then those that ship in the package."""
    shipped = [card.name for card in load_cards().values() if card.packaged is not None]
    return tuple(dict.fromkeys([first, *shipped]))
