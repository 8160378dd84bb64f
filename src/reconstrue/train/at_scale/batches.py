"""Which photographs a process shows at which step: one order for all, cut into micro-batches that are dealt out in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.train.at_scale.collection import Collection
from reconstrue.train.at_scale.recipe import PhotographRecipe
from reconstrue.train.at_scale.views import view

# An epoch and the index of a photograph.
Shown = tuple[int, int]
MicroBatch = tuple[Float[Tensor, "b 3 side side"], Int64[Tensor, "b"]]


@dataclass(frozen=True)
class Deal:
    """How an epoch is dealt out: step by step, and within a step to P processes that take A micro-batches each.

    Micro-batch a of process p is number a·P + p of its step, so the pictures of every micro-batch are the same for all P
    and A of one product.

    Attributes:
        photographs: in all; those that do not fill a step are left out, others in every epoch.
        batch_size: of a micro-batch.
        processes: P.
        accumulated: A.
        seed: of the order.
    """

    photographs: int
    batch_size: int
    processes: int
    accumulated: int
    seed: int

    @property
    def global_batch(self) -> int:
        """Photographs per step of the optimiser."""
        return self.batch_size * self.processes * self.accumulated

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return self.photographs // self.global_batch

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return all photographs in the order of an epoch."""
        return stream(self.seed, "order", epoch).permutation(self.photographs)


@final
class MicroBatches(Sampler[list[Shown]]):
    """The micro-batches of one process, from a step on and without end at an epoch's end.

    Args:
        deal: how they are dealt out.
        process: whose they are, from 0.
        start: the first step, counted from the beginning of the training.
        stop: the step after the last.
    """

    def __init__(self, deal: Deal, process: int, start: int, stop: int) -> None:
        self._deal, self._process, self._start, self._stop = deal, process, start, stop

    def __iter__(self) -> Iterator[list[Shown]]:
        deal, known, order = self._deal, -1, np.zeros(0, np.int64)
        for step in range(self._start, self._stop):
            epoch, within = divmod(step, deal.steps)
            if epoch != known:
                known, order = epoch, deal.order(epoch)
            for turn in range(deal.accumulated):
                number = turn * deal.processes + self._process
                first = within * deal.global_batch + number * deal.batch_size
                yield [(epoch, index) for index in order[first : first + deal.batch_size].tolist()]

    def __len__(self) -> int:
        return (self._stop - self._start) * self._deal.accumulated


@final
class Views(Dataset[MicroBatch]):
    """Photographs as a recipe shows them."""

    def __init__(self, collection: Collection, recipe: PhotographRecipe) -> None:
        self._collection, self._recipe = collection, recipe

    def __getitems__(self, shown: list[Shown]) -> MicroBatch | UserError:
        """Return a micro-batch; an error is returned, as torch would wrap what a worker raises in its traceback."""
        try:
            pictures = [self._view(epoch, index) for epoch, index in shown]
        except UserError as error:
            return UserError(f"{error}. With a good picture under this name the same command goes on")
        except OSError as error:
            return UserError(f"{error.filename}: {error.strerror}; the photographs changed during the training")
        return torch.stack(pictures), torch.from_numpy(
            self._collection.labels[[index for _, index in shown]].astype(np.int64)
        )

    def _view(self, epoch: int, index: int) -> Float[Tensor, "3 side side"]:
        collection, recipe = self._collection, self._recipe
        return view(
            collection.picture(index),
            recipe.side,
            noise=recipe.noise,
            seed=recipe.seed,
            image_id=collection.ids[index],
            epoch=epoch,
        )


def micro_batches(views: Views, order: MicroBatches, *, workers: int, pinned: bool) -> Iterator[MicroBatch]:
    """Yield micro-batches, read by `workers` processes ahead of time; raises UserError for an unreadable photograph.

    Args:
        views: the photographs.
        order: which of them.
        workers: 0 reads them when asked for.
        pinned: whether in memory from which a GPU copies faster.
    """
    loader: DataLoader[MicroBatch] = DataLoader(
        views, batch_sampler=order, num_workers=workers, collate_fn=_as_is, pin_memory=pinned
    )
    for batch in loader:
        if isinstance(batch, UserError):
            raise batch
        yield batch


def _as_is(batch: Any) -> Any:
    """Return what `Views` made a micro-batch of already."""
    return batch
