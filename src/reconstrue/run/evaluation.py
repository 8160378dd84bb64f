"""One classifier over several data sets: what fails is said, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reconstrue.classifiers.base import Classifier
from reconstrue.errors import UserError
from reconstrue.run.asked import locate_some, require_known
from reconstrue.run.engine import Engine
from reconstrue.run.local import Part, Progress, evaluate, evaluate_part
from reconstrue.run.plan import Plan
from reconstrue.run.summary import sentence
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.sources import Source
from reconstrue.trials.store import Say

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What came of one data set.

    Attributes:
        dataset: its name.
        trials: the trial file, None where the data set failed or only a part of it was asked for.
        summary: accuracy with its interval, or what the part came to; '' where the data set failed.
        problems: one line each: pictures that could not be read, or why the data set failed.
    """

    dataset: str
    trials: Path | None
    summary: str
    problems: tuple[str, ...]


def locate_datasets(
    names: Sequence[str],
    where: str | None,
    *,
    limit: int | None,
    seed: int,
    categories: Sequence[str] = CATEGORIES,
) -> dict[str, Source | UserError]:
    """Return the stimuli of each data set that are of the categories, or why there are none; ``all`` stands for the 17.

    Done before a model is loaded, so that a misspelt name costs no download.
    """
    chosen = list(load_catalog()) if "all" in names else list(dict.fromkeys(names))
    found: dict[str, Source | UserError] = {}
    for name in chosen:
        try:
            found[name] = locate_some(name, where, limit=limit, seed=seed, categories=categories)
        except UserError as error:
            found[name] = error
    return found


def evaluate_datasets(
    classifier: Classifier,
    located: Mapping[str, Source | UserError],
    out: Path,
    *,
    tell: Tell,
    part: Part | None = None,
    engine: Engine | None = None,
    say: Say | None = None,
    categories: Sequence[str] = CATEGORIES,
) -> Iterator[Outcome]:
    """Yield the outcome of each data set in turn.

    Args:
        classifier: who answers.
        located: the data sets.
        out: the run's folder.
        tell: given (observer and data set, images done, images in all) as the work goes on; of several data sets also the whole (not with `part`).
        part: of each data set, for array jobs; None for the whole.
        engine: where the work is done; here, by default.
        say: told what is worth knowing, in one line.
        categories: what it chooses from; the data sets were located with the same.

    Raises:
        UserError: a supervised classifier that does not know all of the categories.
    """
    require_known(classifier, categories)
    there = [source for source in located.values() if not isinstance(source, UserError)]
    whole = _Whole(f"{classifier.name} on all {len(there)} sets", sum(len(source.stimuli) for source in there))
    for name, source in located.items():
        if isinstance(source, UserError):
            yield Outcome(name, None, "", (str(source),))
            continue
        plan = Plan(
            classifier,
            source.stimuli,
            labels=tuple(categories),
            catalogue_images=source.catalogue_images,
            world=source.world,
        )
        progress: Progress = partial(tell, f"{classifier.name} on {name}")
        if part is None and len(there) > 1:
            progress = whole.with_part(tell, progress)
        try:
            if part is None:
                result = evaluate(plan, out, progress, engine=engine, say=say)
                subset = f" ({source.stimuli.subset_reason})" if source.stimuli.subset_reason else ""
                trials, summary = result.trials, sentence(result.answers, name, labels=len(plan.labels)) + subset
            else:
                done = evaluate_part(plan, out, part, progress, engine=engine, say=say)
                trials, summary = None, f"part {part.number} of {part.of}, {done.images:,} images, is answered"
        except UserError as error:
            yield Outcome(name, None, "", (str(error),))
        else:
            yield Outcome(name, trials, summary, source.stimuli.problems)
        finally:
            whole.before += len(source.stimuli)


@dataclass
class _Whole:
    """How far several data sets are together.

    Attributes:
        what: they are called.
        total: images of all of them.
        before: images of the data sets that are done with.
    """

    what: str
    total: int
    before: int = 0

    def with_part(self, tell: Tell, progress: Progress) -> Progress:
        """Return what tells of the whole and of one data set."""

        def both(done: int, total: int) -> None:
            tell(self.what, self.before + done, self.total)
            progress(done, total)

        return both
