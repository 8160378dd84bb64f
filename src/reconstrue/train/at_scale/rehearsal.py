"""A few micro-batches before the first step, to tell how long a training will take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from reconstrue.train.at_scale.batches import Deal, MicroBatch, MicroBatches, Views, micro_batches

# After one that warms up.
_TIMED = 2


@dataclass(frozen=True)
class Rehearsal:
    """What a micro-batch takes.

    Attributes:
        reading: seconds, by one process.
        learning: seconds, forward and backward.
        flops: forward and backward, as torch counts matrix products and convolutions.
        on_cpu: whether what learns takes the cores of those that read.
    """

    reading: float
    learning: float
    flops: float
    on_cpu: bool

    def seconds(self, workers: int, cores: int) -> float:
        """Return the seconds per micro-batch where so many processes read ahead, on the cores that one device has."""
        if workers == 0:
            return self.reading + self.learning
        ahead = self.reading / min(workers, max(1, cores))
        return ahead + self.learning if self.on_cpu else max(ahead, self.learning)


def rehearse(
    model: nn.Module,
    views: Views,
    deal: Deal,
    accelerator: Accelerator,
    *,
    loss: Callable[[nn.Module, MicroBatch, Accelerator], Tensor],
) -> Rehearsal:
    """Time a few micro-batches and leave no trace: no step is taken, and the running statistics are put back."""
    order = MicroBatches(deal, accelerator.process_index, 0, 1 + math.ceil(_TIMED / deal.accumulated))
    batches = micro_batches(views, order, workers=0, pinned=False)
    kept = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model.train()
    with FlopCounterMode(display=False) as counter:
        accelerator.backward(loss(model, next(batches), accelerator))
    reading, learning = 0.0, 0.0
    for _ in range(_TIMED):
        began = time.monotonic()
        batch = next(batches)
        read = time.monotonic()
        accelerator.backward(loss(model, batch, accelerator))
        if accelerator.device.type == "cuda":
            torch.cuda.synchronize(accelerator.device)
        reading, learning = reading + read - began, learning + time.monotonic() - read
    model.zero_grad(set_to_none=True)
    for name, buffer in model.named_buffers():
        buffer.copy_(kept[name])
    on_cpu = accelerator.device.type == "cpu"
    return Rehearsal(reading / _TIMED, learning / _TIMED, float(counter.get_total_flops()), on_cpu)
