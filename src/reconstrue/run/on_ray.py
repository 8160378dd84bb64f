"""The same plan on Ray: workers that load the model once, on one machine or a cluster; answers come back as they are made."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, final

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.errors import UserError
from reconstrue.run.engine import Engine
from reconstrue.run.manifest import versions
from reconstrue.run.plan import Plan
from reconstrue.run.stopping import Stop
from reconstrue.run.unit import Finished, answer_unit
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.trials.store import Say

Load = Callable[[], Classifier]

# A unit at whose work so many workers died is not tried again; the others still are.
_DEATHS = 3
# Units that wait at a worker behind the one at work, where a unit takes less than so many seconds: a worker that is
# quick must not wait for the driver, one that is slow must not hold what another could do.
_AHEAD = ((0.05, 16), (1.0, 2))
# Seconds after which the driver looks whether it has been asked to stop.
_PATIENCE = 0.5


@dataclass(frozen=True)
class Description:
    """What a worker says of the model that it loaded."""

    name: str
    model_type: str
    resolution: int
    batch_size: int
    settings: dict[str, object]
    versions: dict[str, str]


@dataclass(frozen=True)
class _Refusal:
    """What a user can mend, on its way from a worker."""

    message: str


@final
class RayEngine(Engine):
    """Works on Ray; used as a context, at whose end its workers end.

    Every worker is given this process's number of threads per network, as sums are rounded differently with another;
    OMP_NUM_THREADS sets it.

    Args:
        load: makes the classifier, in each worker once.
        address: of a cluster (``auto``, ``host:port``); None for the one that this process has joined, that of RAY_ADDRESS,
            one that runs here, or a new one on this machine.
        workers: how many; None for as many as the GPUs have room for, or the CPUs where there is no GPU.
        gpus_per_worker: may be a fraction, so that several share one; None for 1 where the cluster has GPUs.
        say: told in one line what is worth knowing.

    Raises:
        UserError: Ray is not installed, or there is none at the address.
    """

    def __init__(
        self, load: Load, *, address: str | None, workers: int | None, gpus_per_worker: float | None, say: Say
    ) -> None:
        if workers is not None and workers < 1:
            raise UserError(f"--workers must be at least 1, got {workers}")
        if gpus_per_worker is not None and gpus_per_worker < 0:
            raise UserError(f"--gpus-per-worker must not be below 0, got {gpus_per_worker:g}")
        self._ray, self._joined = _connected(address)
        self._say = say
        self._load = load
        self._threads = _threads()
        resources = self._ray.cluster_resources()
        gpus, cpus = resources.get("GPU", 0.0), resources.get("CPU", 1.0)
        each = gpus_per_worker if gpus_per_worker is not None else float(gpus >= 1)
        if each > gpus:
            raise UserError(f"--gpus-per-worker {each:g}, but the cluster has {gpus:g} GPUs")
        room = int(gpus / each + 1e-9) if each else int(cpus // self._threads)
        self._wanted = workers or max(room, 1)
        share = min(self._threads, cpus / self._wanted)
        # Ray takes fractions below one only.
        options = {
            "num_cpus": int(share) if share >= 1 else round(share - 5e-5, 4),
            "num_gpus": each,
            "max_restarts": 0,
        }
        self._remote = self._ray.remote(**options)(_Worker)
        self._first: Description | None = None
        self._starting: dict[Any, Any] = {}
        self._ready: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in (*self._ready, *self._starting.values()):
            self._ray.kill(worker)
        self._ready, self._starting = [], {}
        if not self._joined:
            self._ray.shutdown()

    def classifier(self) -> Classifier:
        """Return the workers' classifier, for plans: it knows its settings; the model itself is on the workers.

        Raises:
            UserError: the model cannot be loaded.
        """
        self._start(1)
        while not self._ready:
            done, _ = self._ray.wait(list(self._starting), timeout=10)
            if not done:
                self._say("waiting for a first worker: the cluster is busy, or the model takes its time")
            for ref in done:
                self._welcome(ref)
        assert self._first is not None  # noqa: S101 - a worker that is ready has said it
        return RemoteClassifier(self._first, self._ready[0], self._ray)

    def answers(self, plan: Plan, units: Sequence[int], stop: Stop) -> Iterator[Finished]:
        queue = deque(units)
        running: dict[Any, tuple[Any, int]] = {}
        deaths: Counter[int] = Counter()
        quickest, ahead, answered = 0.0, 1, False
        self._start(min(self._wanted, len(queue)))
        while running or (queue and not stop.asked):
            load = Counter(id(worker) for worker, _ in running.values())
            for worker in self._ready:
                while queue and not stop.asked and load[id(worker)] < ahead:
                    number = queue.popleft()
                    running[worker.answer.remote(number, plan.unit(number), plan.labels)] = worker, number
                    load[id(worker)] += 1
            for ref in self._some_done([*running, *self._starting]):
                if ref in self._starting:
                    self._welcome(ref)
                    continue
                worker, number = running.pop(ref)
                answer = self._fetched(ref)
                if answer is None:
                    # From now on one at a time, so that the next death has one unit to blame.
                    ahead, quickest = 1, -1.0
                    deaths[number] += 1
                    if deaths[number] < _DEATHS:
                        queue.appendleft(number)
                    elif not answered and sum(died >= _DEATHS for died in deaths.values()) > 1:
                        # It is not the units.
                        queue.clear()
                    self._replace(worker)
                    continue
                seconds, finished = answer
                if quickest >= 0:
                    quickest = min(seconds, quickest) if quickest else seconds
                    ahead = next((n for limit, n in _AHEAD if quickest < limit), 1)
                answered = True
                yield finished
        for number in (number for number, died in deaths.items() if died >= _DEATHS):
            shown = ", ".join(s.image_id for s in plan.unit(number)[:3])
            raise UserError(
                f"{_DEATHS} workers died at unit {number} ({shown}, …); see Ray's logs, or try a smaller --batch-size"
            )

    def _start(self, count: int) -> None:
        """Start workers until there are so many, ready or on their way."""
        while len(self._ready) + len(self._starting) < count:
            worker = self._remote.remote(self._load, self._threads)
            self._starting[worker.describe.remote()] = worker

    def _some_done(self, refs: list[Any]) -> list[Any]:
        """Return what is done after a short wait for the first."""
        first, rest = self._ray.wait(refs, timeout=_PATIENCE)
        more, _ = self._ray.wait(rest, num_returns=len(rest), timeout=0) if first and rest else ([], None)
        return [*first, *more]

    def _fetched(self, ref: Any) -> Any:
        """Return what a worker answered, None where it died; raises UserError for what it refused."""
        try:
            answer = self._ray.get(ref)
        except self._ray.exceptions.RayTaskError:
            raise
        except self._ray.exceptions.RayError:
            return None
        if isinstance(answer, _Refusal):
            raise UserError(answer.message)
        return answer

    def _welcome(self, ref: Any) -> None:
        """Take in a worker that has loaded its model; raises UserError for another model than the first's."""
        worker = self._starting.pop(ref)
        said = self._fetched(ref)
        if said is None:
            raise UserError("a worker died while it loaded the model; see Ray's logs, most often memory is short")
        if self._first is None:
            self._first = said
        if said.settings != self._first.settings:
            raise UserError("the workers load different models under this name; give all machines the same weights")
        if said.versions != self._first.versions:
            self._say("the workers' package versions differ; answers then agree to rounding only")
        self._ready.append(worker)

    def _replace(self, dead: Any) -> None:
        """Start another worker for one that died, once."""
        if dead in self._ready:
            self._ready.remove(dead)
            self._say("a worker died; its units are given to others, and a new one is started")
            self._start(len(self._ready) + len(self._starting) + 1)


@final
class RemoteClassifier(Classifier):
    """A classifier whose model is on a worker."""

    def __init__(self, described: Description, worker: Any, ray: Any) -> None:
        self.name = described.name
        self.model_type = described.model_type
        self.resolution = described.resolution
        self.batch_size = described.batch_size
        self._settings = described.settings
        self._worker = worker
        self._ray = ray

    def settings(self) -> dict[str, object]:
        return dict(self._settings)

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        answer = self._ray.get(self._worker.score.remote(tuple(stimuli), tuple(labels)))
        if isinstance(answer, _Refusal):
            raise UserError(answer.message)
        return answer


class _Worker:
    """Runs in a process of its own; loads the model when it is first asked."""

    def __init__(self, load: Load, threads: int) -> None:
        self._load = load
        self._threads = threads
        self._loaded: Classifier | None = None

    def describe(self) -> Description | _Refusal:
        try:
            classifier = self._classifier()
        except UserError as error:
            return _Refusal(str(error))
        return Description(
            classifier.name,
            classifier.model_type,
            classifier.resolution,
            classifier.batch_size,
            classifier.settings(),
            versions(),
        )

    def answer(
        self, number: int, unit: tuple[Stimulus, ...], labels: tuple[str, ...]
    ) -> tuple[float, Finished] | _Refusal:
        begun = time.monotonic()
        try:
            finished = answer_unit(self._classifier(), number, unit, labels)
        except UserError as error:
            return _Refusal(str(error))
        return time.monotonic() - begun, finished

    def score(self, stimuli: tuple[Stimulus, ...], labels: tuple[str, ...]) -> Scores | _Refusal:
        try:
            return self._classifier().score(stimuli, labels)
        except UserError as error:
            return _Refusal(str(error))

    def _classifier(self) -> Classifier:
        if self._loaded is None:
            self._loaded = self._load()
            torch = sys.modules.get("torch")
            if torch is not None:
                torch.set_num_threads(self._threads)
        return self._loaded


def _connected(address: str | None) -> tuple[Any, bool]:
    """Return ray, connected, and whether this process was so before."""
    # Nothing is reported to its makers from a cluster that we start.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UserError("--engine ray needs Ray; pip install 'reconstrue[ray]'") from error
    if ray.is_initialized():
        return ray, True
    try:
        ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UserError(f"no Ray cluster at '{address}' ({str(error).splitlines()[0]}); see docs/cluster.md") from error
    return ray, False


def _threads() -> int:
    """Return how many threads this process gives a network."""
    torch = sys.modules.get("torch")
    return int(torch.get_num_threads()) if torch is not None else 1
