"""Run a controlled study from its trainings to its page; the same call goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from reconstrue.errors import UserError
from reconstrue.report.tables import Table
from reconstrue.stimuli.sources import Source
from reconstrue.studies.benchmark import measure, require_folder
from reconstrue.studies.controlled import kinds, low_pass, photographs, prompt, sweep, weighting
from reconstrue.studies.controlled.answers import Tell, ask, clean_pictures, draw, pictures, published_pictures
from reconstrue.studies.controlled.effects import Averages, Finding, beyond_guessing, clean_accuracy
from reconstrue.studies.controlled.models import train_missing
from reconstrue.studies.controlled.page import write_study
from reconstrue.studies.controlled.plan import SETTINGS_FILE, Group, Settings, Study, begun
from reconstrue.trials.sidecar import write_text_atomically
from reconstrue.trials.table import CONFLICT

_FIND: Mapping[str, Callable[[Averages, Sequence[Group], Path], Finding]] = {
    "kinds": kinds.find,
    "shipped": kinds.find,
    "noise": sweep.noise,
    "resolution": sweep.resolution,
    "prompt": prompt.find,
    "low-pass": low_pass.find,
    "photographs": photographs.find,
}


@dataclass(frozen=True)
class StudyResult:
    """What a study left behind.

    Attributes:
        page: the report.
        finding: the paragraph.
        tables: its main tables.
        problems: answers that were left out, and why.
    """

    page: Path
    finding: str
    tables: tuple[Table, ...]
    problems: tuple[str, ...]


def run_study(
    study: Study,
    out: Path,
    *,
    settings: Settings,
    seeds: int,
    work: Path,
    tell: Tell,
    say: Callable[[str], None],
    resamples: int = 1000,
    stimuli: str | None = None,
) -> StudyResult:
    """Train what is missing, ask what is missing, and write ``out/<study>``.

    Models and answers lie in `out` for all studies; a model that two studies compare is trained once.

    Args:
        study: what is compared.
        out: the folder; it has one set of settings.
        settings: sizes.
        seeds: trainings of every model.
        work: for checkpoints and drawn pictures, as of ``reconstrue train``.
        tell: told (what, done, in all) as evaluations go on.
        say: told the progress of trainings, in lines.
        resamples: of pictures and seeds behind the intervals.
        stimuli: folder of published pictures, for a study that asks those.

    Raises:
        UserError: `out` was begun with other settings or cannot be written, nobody is there to compare, or `stimuli` is
            missing or not wanted.
    """
    settings.check()
    if seeds < 1:
        raise UserError(f"--seeds must be at least 1, got {seeds}")
    if study.published and stimuli is None:
        raise UserError(
            f"{study.name} asks published pictures: give --stimuli with a folder of {', '.join(study.sets)}"
        )
    if stimuli is not None and not study.published:
        raise UserError(f"{study.name} draws its own pictures; leave out --stimuli")
    require_folder(out)
    located = None if stimuli is None else published_pictures(study.datasets, stimuli, study.categories)
    _begin(out, settings)
    missing = [o for group in study.groups(seeds, out) for o in group.observers if o.seed and o.model.train]
    train_missing(missing, out, steps=settings.steps, work=work, say=say)
    groups = study.groups(seeds, out)
    if not groups:
        raise UserError(
            f"nobody is there to compare: run the studies {', '.join(study.takes[:-1])} and {study.takes[-1]} with this --out first"
        )
    left_out = tuple(
        f"{model.label}: left out, as no training of it is here."
        for model in study.models
        if model.name not in {group.model.name for group in groups}
    )
    problems: tuple[str, ...] = ()
    if study.evidence:
        finding = _weighed(groups, settings, out, tell=tell, resamples=resamples)
    else:
        finding, problems = _answered(
            study, groups, settings, out, tell=tell, say=say, resamples=resamples, located=located
        )
    record = {**_sizes(study, settings, seeds), "resamples": resamples, "sets": list(study.datasets)}
    page = write_study(study, finding, out / study.name, settings=record, left_out=(*left_out, *problems))
    return StudyResult(page, finding.paragraph, finding.tables[:2], problems)


def _sizes(study: Study, settings: Settings, seeds: int) -> dict[str, object]:
    """Return the sizes that a study has to do with: of trainings where there are any, of drawn pictures where they are asked."""
    sizes: dict[str, object] = {"draws": settings.draws}
    if any(model.recipe for model in study.models):
        sizes |= {"steps": settings.steps, "seeds": seeds}
    if not study.published:
        sizes |= {name: getattr(settings, name) for name in ("pictures", "conflict_pictures", "world_seed")}
    if study.evidence:
        sizes = {**sizes, "draws": settings.evidence_draws}
    return sizes


def _begin(out: Path, settings: Settings) -> None:
    """Write what all studies of the folder share; raises UserError where it was begun with something else."""
    before = begun(out)
    if before is None:
        try:
            write_text_atomically(out / SETTINGS_FILE, json.dumps(asdict(settings), indent=1) + "\n")
        except OSError as error:
            raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
        return
    was, now = asdict(before), asdict(settings)
    changed = [f"{name.replace('_', ' ')} {was[name]}, now {now[name]}" for name in now if was[name] != now[name]]
    if changed:
        raise UserError(f"{out}: begun with other settings ({', '.join(changed)}); give the same, or another --out")


def _answered(
    study: Study,
    groups: Sequence[Group],
    settings: Settings,
    out: Path,
    *,
    tell: Tell,
    say: Callable[[str], None],
    resamples: int,
    located: Mapping[str, Source] | None,
) -> tuple[Finding, tuple[str, ...]]:
    among, shown = study.categories, located or pictures(study.datasets, settings)
    observers = [observer for group in groups for observer in group.observers]
    folders = [
        folder for o in observers for folder in ask(o, shown, settings, out, tell=tell, say=say, categories=among)
    ]
    result = measure(
        folders,
        resamples=resamples,
        resample="images",
        seed=settings.world_seed,
        # A folder may hold a part of a published set; everybody is asked the same pictures.
        allow_partial=study.published,
        categories=among,
    )
    own = {
        "clean": clean_accuracy(result.trials, resamples),
        "beyond": beyond_guessing(result.trials, len(among), resamples),
    }
    averages = Averages(result, resamples, own)
    return _FIND[study.name](averages, groups, out), result.problems


def _weighed(groups: Sequence[Group], settings: Settings, out: Path, *, tell: Tell, resamples: int) -> Finding:
    parts = {"conflict": pictures([CONFLICT], settings)[CONFLICT], "clean": clean_pictures(settings)}
    evidence = {o.name: draw(o, parts, settings, out, tell=tell) for group in groups for o in group.observers}
    return weighting.find(weighting.weigh(evidence, resamples), groups, out)
