"""The trainings of a study: each goes on from its checkpoint, and none that is finished is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.studies.controlled.plan import Observer, shipped_record, training_record
from reconstrue.train.loop import comparable
from reconstrue.train.run import train_recipe


@dataclass(frozen=True)
class Spent:
    """What one model took, as its ``training.json`` says.

    Attributes:
        parameters: that were trained.
        pictures: shown in all, counting repeats.
        hours: of wall time, on `threads`.
        threads: of the machine.
        flops: of all forward and backward passes.
        autoencoder_hours: of the autoencoder that was trained before; 0 without one.
        autoencoder_flops: likewise.
    """

    parameters: int
    pictures: int
    hours: float
    threads: int
    flops: float
    autoencoder_hours: float
    autoencoder_flops: float


def train_missing(
    observers: Iterable[Observer], out: Path, *, steps: int, work: Path, say: Callable[[str], None]
) -> None:
    """Train the models of these observers that are not finished in ``out/models``.

    Raises:
        UserError: a model there was made by other settings.
    """
    wanted = {observer.trained: observer for observer in observers if observer.seed}
    for name, observer in wanted.items():
        folder = out / "models" / name
        recipe = observer.model.recipe_of(observer.seed, steps)
        record = training_record(folder)
        if not record:
            train_recipe(recipe, out=folder, work=work, say=say)
            continue
        before, asked = comparable(record["recipe"]), comparable(asdict(recipe))
        if before != asked:
            name = next(name for name in (*asked, *before) if before.get(name) != asked.get(name))
            said = f"{name} {before.get(name)}, now {asked.get(name)}; give another --out"
            raise UserError(f"{folder}: trained by other settings than asked for ({said})")


def spent(observer: Observer, out: Path) -> Spent:
    """Return what a trained or a shipped model took."""
    record = (
        training_record(out / "models" / observer.trained) if observer.seed else shipped_record(observer.model.name)
    )
    cost = record["cost"]
    before = cost["autoencoder"] or {"hours": 0.0, "flops": 0.0}
    return Spent(
        cost["parameters"],
        cost["pictures"],
        cost["hours"],
        cost["threads"],
        cost["flops"],
        before["hours"],
        before["flops"],
    )
