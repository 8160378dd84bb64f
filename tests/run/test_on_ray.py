"""The same plan on a real Ray on this machine: the same rows with any number of workers, whatever happens to them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.faults.fake import FakeClassifier, edges

from reconstrue.classifiers.base import Classifier, Scores
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan
from reconstrue.stimuli.sources import locate
from reconstrue.stimuli.stimulus_set import Stimulus

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'reconstrue[ray]'")
from reconstrue.run.on_ray import RayEngine  # noqa: E402 - only where Ray is

# Ray leaves sockets and files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A Ray of four processors on this machine, which the engines join and leave."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    started = ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False)
    yield started.address_info["gcs_address"]
    ray.shutdown()


@pytest.fixture
def engine(cluster: str) -> Iterator[Callable[..., RayEngine]]:
    """Make engines; `engine(load, workers=2)`."""
    made: list[RayEngine] = []

    def make(load: Callable[[], Classifier], *, workers: int = 2, **options: Any) -> RayEngine:
        said = options.pop("say", lambda line: None)
        one = RayEngine(load, address=None, workers=workers, gpus_per_worker=options.pop("gpus", None), say=said)
        made.append(one)
        return one

    yield make
    for one in made:
        one.__exit__(None, None, None)


class Dying(FakeClassifier):
    """Kills its own process at a unit, as the kernel does where memory ends; once where `scar` is a file to leave."""

    def __init__(self, image: str, scar: Path | None) -> None:
        super().__init__()
        self.image = image
        self.scar = scar

    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        if any(s.image_id == self.image for s in stimuli) and not (self.scar and self.scar.exists()):
            if self.scar:
                self.scar.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(stimuli, labels)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_rows_are_those_of_a_local_run(tmp_path: Path, engine: Callable[..., RayEngine], workers: int) -> None:
    here = evaluate(Plan(FakeClassifier(), edges(155)), tmp_path / "here")
    there = engine(FakeClassifier, workers=workers)
    told: list[tuple[int, int]] = []
    plan = Plan(there.classifier(), edges(155))
    result = evaluate(plan, tmp_path / "there", lambda *done: told.append(done), engine=there)
    assert result.trials.read_bytes() == here.trials.read_bytes()
    assert result.answers.equals(here.answers)
    assert plan.key == Plan(FakeClassifier(), edges(155)).key, "an interrupted run may go on elsewhere"
    assert told[0] == (0, 155) and told[-1] == (155, 155) and len(told) == 11
    assert plan.classifier.score(edges(3).stimuli, plan.labels).decisions() == here.answers["response"][:3].tolist()


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, engine: Callable[..., RayEngine]) -> None:
    here = evaluate(Plan(FakeClassifier(), edges(155)), tmp_path / "here").trials.read_bytes()
    said: list[str] = []
    there = engine(partial(Dying, "bear2.png", tmp_path / "scar"), say=said.append)
    result = evaluate(Plan(there.classifier(), edges(155)), tmp_path / "there", engine=there)
    assert (tmp_path / "scar").exists() and result.trials.read_bytes() == here
    # A busy machine may also say that it waits for a first worker.
    assert said.count("a worker died; its units are given to others, and a new one is started") == 1
    assert result.answers["image_id"].is_unique


def test_a_unit_that_kills_every_worker_ends_the_run_and_the_rest_is_kept(
    tmp_path: Path, engine: Callable[..., RayEngine]
) -> None:
    there = engine(partial(Dying, "airplane9.png", None))
    with pytest.raises(UserError, match=r"3 workers died at unit 9 \(airplane9\.png, .*try a smaller --batch-size"):
        evaluate(Plan(there.classifier(), edges(155)), tmp_path, engine=there)
    said: list[str] = []
    evaluate(Plan(FakeClassifier(), edges(155)), tmp_path, say=said.append)
    assert said == ["144 of 155 images are answered and checked; 11 are left"]


def refused() -> Classifier:
    raise UserError("no such model")


def test_what_the_model_refuses_is_said_once(engine: Callable[..., RayEngine]) -> None:
    with pytest.raises(UserError, match="^no such model$"):
        engine(refused).classifier()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"workers": 0}, "--workers must be at least 1, got 0"),
        ({"gpus": -1.0}, "--gpus-per-worker must not be below 0, got -1"),
        ({"gpus": 0.5}, "--gpus-per-worker 0.5, but the cluster has 0 GPUs"),
    ],
)
def test_options_that_cannot_be(engine: Callable[..., RayEngine], options: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        engine(FakeClassifier, **options)


def test_a_real_model_gives_the_same_rows(tmp_path: Path, engine: Callable[..., RayEngine]) -> None:
    """The pocket ResNet on 32 drawn pictures: loaded once in each of two workers, one thread each as here."""
    load = partial(load_classifier, "pocket-resnet", Options(device="cpu"))
    source = locate("silhouette", "pocket", limit=32, seed=0)
    here = evaluate(Plan(load(), source.stimuli, world=source.world), tmp_path / "here")
    there = engine(load)
    result = evaluate(Plan(there.classifier(), source.stimuli, world=source.world), tmp_path / "there", engine=there)
    assert result.trials.read_bytes() == here.trials.read_bytes()
    assert result.answers.equals(here.answers), "to the last bit"
