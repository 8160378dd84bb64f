"""What a model is asked about: all 16 categories, or some of them and their pictures alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.discriminative.label_map import LabelMap
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.sources import POCKET, Source, locate
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.trials.chosen import is_some, read_categories
from reconstrue.trials.store import Say

# The pocket world's own set, on which models are trained.
_CLEAN = "original"


def asked_categories(model: str, given: str | None, say: Say) -> tuple[str, ...]:
    """Return what a model is to choose from: what a user typed, else what its card says that it knows, else all 16.

    `say` is told where a card decides.

    Raises UserError as `read_categories`, and for a category that the card does not name.
    """
    card = load_cards().get(model)
    known = CATEGORIES if card is None else card.known
    if given is not None:
        chosen = read_categories(given)
        _require(model, chosen, known)
        return chosen
    if is_some(known):
        say(
            f"{model} knows {len(known)} of the 16 categories: it is shown their pictures alone, and chooses among "
            f"{', '.join(known)}"
        )
    return known


def require_known(classifier: Classifier, categories: Sequence[str]) -> None:
    """Raise UserError where a classifier has no class or no word for some of the categories, naming those that it has."""
    words = classifier.vocabulary
    worded = tuple(category for category in CATEGORIES if words is None or words.knows(category))
    if len(worded) > 1:
        _require(classifier.name, categories, worded)
    # What works on a cluster is asked there.
    own = getattr(classifier, "label_map", None)
    if isinstance(own, LabelMap):
        known = tuple(category for category in CATEGORIES if category in own.members)
        more = ", or fill the file of --classes" if own.digest is not None else ""
        # With none to choose from, the classifier itself has more to say.
        if len(known) > 1:
            _require(classifier.name, categories, known, more)


def _require(name: str, chosen: Sequence[str], known: Sequence[str], more: str = "") -> None:
    """Raise UserError where some of the chosen categories are not among the known ones."""
    unknown = [category for category in chosen if category not in known]
    if unknown:
        both = [category for category in chosen if category in known]
        raise UserError(
            f"{name} knows {len(known)} of the 16 categories, {', '.join(unknown)} not among them; give --categories "
            f"{','.join(both if len(both) > 1 else known)}{more}"
        )


def locate_some(name: str, where: str | None, *, limit: int | None, seed: int, categories: Sequence[str]) -> Source:
    """Return the stimuli of a data set as `locate` does, of some categories alone.

    In a cue conflict the texture is of one of them too. `limit` is how many are left of a folder, or drawn of the pocket
    world: pictures of the same names as the whole set's.

    Raises UserError as `locate`, where there is no such picture, and for the clean pictures, whose trials would be of no data set.
    """
    if name == _CLEAN:
        raise UserError(
            f"{_CLEAN}: the clean pictures are none of the 17 data sets that trials are of; those of the condition cr of "
            "colour are such pictures: give -d colour"
        )
    if not is_some(categories):
        return locate(name, where, limit=limit, seed=seed)
    if where == POCKET:
        return _drawn(name, limit, seed, categories)
    if limit is not None and limit < 1:
        raise UserError(f"--limit must be at least 1, got {limit}")
    found = _of(locate(name, where, limit=None, seed=seed), categories)
    if not found.stimuli.stimuli:
        raise UserError(f"{name}: no picture there is of {', '.join(categories)}; give other --categories")
    if limit is None or limit >= len(found.stimuli):
        return found
    sampled = found.stimuli.sample(limit, seed)
    reason = f"{found.stimuli.subset_reason}; {sampled.subset_reason}"
    return replace(found, stimuli=replace(sampled, subset_reason=reason))


def _drawn(name: str, limit: int | None, seed: int, categories: Sequence[str]) -> Source:
    """Return pictures of the pocket world, as many as there would be of all categories."""
    found = locate(name, POCKET, limit=limit, seed=seed)
    wanted = drawn = len(found.stimuli)
    # Nothing is drawn before it is read, and the first of many are the same as of few.
    while len(_of(found, categories).stimuli) < wanted:
        drawn *= 2
        found = locate(name, POCKET, limit=drawn, seed=seed)
    some = _of(found, categories)
    return replace(some, stimuli=replace(some.stimuli, stimuli=some.stimuli.stimuli[:wanted]))


def _of(source: Source, categories: Sequence[str]) -> Source:
    """Return what is left of a source, and why it is less."""

    def inside(stimulus: Stimulus) -> bool:
        return stimulus.category in categories and (not stimulus.texture or stimulus.texture in categories)

    whole = source.stimuli
    reason = f"only pictures of {', '.join(categories)}"
    return replace(
        source,
        stimuli=replace(
            whole,
            stimuli=tuple(stimulus for stimulus in whole if inside(stimulus)),
            subset_reason=f"{whole.subset_reason}; {reason}" if whole.subset_reason else reason,
        ),
    )
