"""The evaluations of a study, through the run room: each in a folder of its own, none that is finished repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.schedule import Schedule
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.metrics.intervals import FloatArray
from reconstrue.metrics.reweighting import Places
from reconstrue.run.asked import locate_some
from reconstrue.run.evaluation import evaluate_datasets
from reconstrue.run.local import RunResult, evaluate
from reconstrue.run.plan import Plan
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.sources import POCKET, Source, locate
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.studies.controlled.plan import CLEAN, Observer, Settings, answers_folder, evidence_folder
from reconstrue.trials.table import CONFLICT

Tell = Callable[[str, int, int], None]


def published_pictures(names: Sequence[str], folder: str, categories: Sequence[str]) -> dict[str, Source]:
    """Return all published pictures of these categories that lie in a folder.

    Raises:
        UserError: a data set is not there.
    """
    return {name: locate_some(name, folder, limit=None, seed=0, categories=categories) for name in names}


def pictures(names: Sequence[str], settings: Settings) -> dict[str, Source]:
    """Return the pictures of these data sets, which are drawn once and then remembered for all observers."""
    return {
        name: _remembered(locate(name, POCKET, limit=settings.pictures_of(name), seed=settings.world_seed))
        for name in names
    }


def clean_pictures(settings: Settings) -> Source:
    """Return undistorted pictures: those of the colour set that kept their colour."""
    found = locate(CLEAN, POCKET, limit=2 * settings.pictures, seed=settings.world_seed)
    kept = tuple(s for s in found.stimuli if s.condition == dataset(CLEAN).control)
    return _remembered(replace(found, stimuli=StimulusSet(CLEAN, kept)))


def _remembered(source: Source) -> Source:
    shown = tuple(replace(stimulus, read=cache(stimulus.read)) for stimulus in source.stimuli)
    return replace(source, stimuli=replace(source.stimuli, stimuli=shown))


def ask(
    observer: Observer,
    located: Mapping[str, Source],
    settings: Settings,
    out: Path,
    *,
    tell: Tell,
    say: Callable[[str], None],
    categories: Sequence[str] = CATEGORIES,
) -> list[Path]:
    """Let an observer answer data sets and return the folders of its trials.

    Raises:
        UserError: a data set failed, or its folder holds answers under other settings.
    """
    options = Options(policy="safe-leader", max_draws=settings.draws, prompts=observer.prompts)
    classifier = load_classifier(observer.source(out), options, name=observer.name)
    folder = answers_folder(observer, out)
    shown = sum(len(source.stimuli) for source in located.values())

    def whole(what: str, done: int, total: int) -> None:
        # One line for an observer is enough, where each of its data sets would have one too.
        if total == shown:
            tell(observer.name, done, total)

    for outcome in evaluate_datasets(classifier, dict(located), folder, tell=whole, say=say, categories=categories):
        if outcome.problems:
            raise UserError(outcome.problems[0])
    return [folder / "trials" / name for name in located]


@dataclass(frozen=True)
class Drawn:
    """The draws of one observer on some pictures, the same for all labels.

    Attributes:
        error: (n, draws, labels) ‖x − x̂‖².
        t: (n, draws).
        right: (n,) place of the right label, of the shape where cues conflict.
        texture: (n,) place of the texture's label, −1 where there is no conflict.
        schedule: of the model, which weightings by SNR need.
    """

    error: FloatArray
    t: FloatArray
    right: Places
    texture: Places
    schedule: Schedule


def draw(
    observer: Observer, parts: Mapping[str, Source], settings: Settings, out: Path, *, tell: Tell
) -> dict[str, Drawn]:
    """Gather a diffusion model's evidence on ``clean`` and ``conflict`` pictures, with the same draws for all labels.

    Raises:
        UserError: the model is no diffusion model, or a folder holds evidence under other settings.
    """
    options = Options(policy="fixed-grid", max_draws=settings.evidence_draws, prompts=observer.prompts)
    classifier = load_classifier(observer.source(out), options, name=observer.name)
    if not isinstance(classifier, DiffusionClassifier):
        raise UserError(f"{observer.name} is no diffusion model: its evidence has no noise times to weigh")
    found = {}
    for part, source in parts.items():
        plan = Plan(classifier, source.stimuli, world=source.world)
        result = evaluate(
            plan, evidence_folder(observer, out, part), partial(tell, f"{observer.name}: draws on {part} pictures")
        )
        found[part] = _drawn(result, source.stimuli, classifier.denoiser.schedule)
    return found


def _drawn(result: RunResult, stimuli: StimulusSet, schedule: Schedule) -> Drawn:
    """Put the rows of evidence into arrays, in the order of the pictures."""
    table = pa.concat_tables([pq.read_table(shard.evidence) for shard in result.shards if shard.evidence is not None])
    images = np.array([s.image_id for s in stimuli])
    place = {image: row for row, image in enumerate(images)}
    rows = np.array([place[image] for image in table["image_id"].to_pylist()])
    labels = np.array([CATEGORIES.index(label) for label in table["label"].to_pylist()])
    number = table["draw"].to_numpy()
    shape = (len(images), int(number.max()) + 1)
    error, t = np.full((*shape, len(CATEGORIES)), np.nan), np.full(shape, np.nan)
    error[rows, number, labels] = table["error"].to_numpy()
    t[rows, number] = table["t"].to_numpy()
    if not np.isfinite(error).all():
        raise UserError(f"{result.evidence}: some draws have no error that is a number; they cannot be weighed")
    right = np.array([CATEGORIES.index(s.category) for s in stimuli], dtype=np.int64)
    textures = [s.texture if stimuli.dataset == CONFLICT else "" for s in stimuli]
    texture = np.array([CATEGORIES.index(name) if name else -1 for name in textures], dtype=np.int64)
    return Drawn(error, t, right, texture, schedule)
