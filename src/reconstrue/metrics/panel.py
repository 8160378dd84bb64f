"""Which images of a data set count, and who is compared on which of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from reconstrue.errors import UserError
from reconstrue.metrics.intervals import Estimate, estimate, resample_weights
from reconstrue.stimuli.catalog import Dataset, load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import images_sha256
from reconstrue.trials.chosen import is_some
from reconstrue.trials.sidecar import Sidecar
from reconstrue.trials.table import NO_RESPONSE, PEOPLE, Problem, TrialTable, is_human

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Panel:
    """All answers on one data set, as dense (observers x images) arrays over every image that anybody answered.

    `trial` is the row, in the whole table, of the first answer in each answered `cell` (observer x images + image).
    """

    entry: Dataset
    observers: tuple[str, ...]
    images: npt.NDArray[np.str_]
    answered: BoolArray
    correct: BoolArray
    texture_chosen: BoolArray
    condition: npt.NDArray[np.str_]
    category: npt.NDArray[np.str_]
    texture: npt.NDArray[np.str_]
    repeated: Mapping[str, int]
    relabelled: Mapping[str, tuple[int, str]]
    files: Mapping[str, str]
    cell: npt.NDArray[np.intp]
    trial: npt.NDArray[np.intp]

    def row(self, observer: str) -> int:
        """Give the row of an observer in the arrays."""
        return self.observers.index(observer)

    def inside(self, categories: Sequence[str]) -> BoolArray:
        """Mask the images of these categories, in a cue conflict those whose texture is of one of them too."""
        texture = np.isin(self.texture, ["", *categories])
        return np.asarray(np.isin(self.category, list(categories)) & texture)

    def sha(self, mask: BoolArray) -> str:
        """Name the masked images, as a sidecar does."""
        return images_sha256(self.images[mask].tolist())


@dataclass(frozen=True)
class Answers:
    """The columns of a table as places in lists of names: whole numbers are quicker to compare than words.

    `shown`, `answer` and `texture` are places in `categories`, −1 where there is no texture.
    """

    dataset: npt.NDArray[np.intp]
    image: npt.NDArray[np.intp]
    observer: npt.NDArray[np.intp]
    condition: npt.NDArray[np.intp]
    shown: npt.NDArray[np.intp]
    answer: npt.NDArray[np.intp]
    texture: npt.NDArray[np.intp]
    datasets: tuple[str, ...]
    images: npt.NDArray[np.str_]
    observers: npt.NDArray[np.str_]
    conditions: npt.NDArray[np.str_]
    categories: npt.NDArray[np.str_]


def code_answers(table: TrialTable) -> Answers:
    """Code the columns of a table."""
    codes: dict[str, npt.NDArray[np.intp]] = {}
    names: dict[str, npt.NDArray[np.str_]] = {}
    for column in ("dataset", "image_id", "observer", "condition"):
        codes[column], found = pd.factorize(table.frame[column])
        names[column] = np.asarray(found, dtype=object).astype(str)
    known = pd.Index((*CATEGORIES, NO_RESPONSE))
    for column in ("category", "response", "texture"):
        code, found = pd.factorize(table.frame[column])
        # One more place, for the code −1 of what is absent.
        codes[column] = np.append(known.get_indexer(pd.Index(found, dtype=object)), -1)[code]
    return Answers(
        dataset=codes["dataset"],
        image=codes["image_id"],
        observer=codes["observer"],
        condition=codes["condition"],
        shown=codes["category"],
        answer=codes["response"],
        texture=codes["texture"],
        datasets=tuple(names["dataset"].tolist()),
        images=names["image_id"],
        observers=names["observer"],
        conditions=names["condition"],
        categories=np.array(known, dtype=object).astype(str),
    )


def make_panel(
    answers: Answers,
    entry: Dataset,
    files: Mapping[tuple[str, str], Sequence[str]],
    sidecars: Mapping[tuple[str, str], Sidecar],
) -> Panel:
    """Lay out all answers on one data set; what an image shows is what most observers say."""
    rows = np.flatnonzero(answers.dataset == answers.datasets.index(entry.name))
    image, images = _by_name(answers.image[rows], answers.images)
    observer, observers = _by_name(answers.observer[rows], answers.observers)
    shown_code, answer, texture = answers.shown[rows], answers.answer[rows], answers.texture[rows]
    cell = observer * images.size + image
    _, first, times = np.unique(cell, return_index=True, return_counts=True)
    kept_cell = cell[first]
    extra = np.bincount(observer[first], weights=times - 1, minlength=observers.size)
    answered, correct, chosen = (np.zeros((observers.size, images.size), dtype=bool) for _ in range(3))
    answered.flat[kept_cell] = True
    correct.flat[kept_cell] = (answer == shown_code)[first]
    chosen.flat[kept_cell] = (answer == texture)[first]

    # What an image shows is what most observers say; people count a little more, then those without a sidecar.
    names = [str(name) for name in observers]
    votes = np.array([1.0 + 0.01 * is_human(name) + 0.001 * ((entry.name, name) not in sidecars) for name in names])
    _, source = np.unique(image, return_index=True)
    shown: dict[str, npt.NDArray[np.str_]] = {}
    relabelled: dict[str, tuple[int, str]] = {}
    for what, label, labels in (
        ("condition", answers.condition[rows], answers.conditions),
        ("category", shown_code, answers.categories),
    ):
        code, known = _by_name(label, labels)
        ballot = np.bincount(image * known.size + code, votes[observer], images.size * known.size)
        winner = ballot.reshape(images.size, known.size).argmax(axis=1)
        shown[what] = known[winner]
        differs = code != winner[image]
        for index in np.unique(observer[differs]):
            at = np.flatnonzero(differs & (observer == index))
            given, shown_here = str(known[code[at[0]]]), str(shown[what][image[at[0]]])
            example = f"{what} {given!r} for {images[image[at[0]]]}, not {shown_here!r}"
            relabelled.setdefault(names[index], (int(at.size), example))
    return Panel(
        entry=entry,
        observers=tuple(names),
        images=images,
        answered=answered,
        correct=correct,
        texture_chosen=chosen,
        condition=shown["condition"],
        category=shown["category"],
        texture=np.append(answers.categories, "")[texture[source]],
        repeated={names[index]: int(extra[index]) for index in np.flatnonzero(extra)},
        relabelled=relabelled,
        files={name: ", ".join(files.get((entry.name, name), (name,))) for name in names},
        cell=kept_cell,
        trial=rows[first],
    )


def _by_name(
    code: npt.NDArray[np.intp], names: npt.NDArray[np.str_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.str_]]:
    """Keep the names in use, sorted, and code them anew."""
    used = np.flatnonzero(np.bincount(code, minlength=names.size))
    used = used[np.argsort(names[used])]
    place = np.zeros(names.size, dtype=np.intp)
    place[used] = np.arange(used.size)
    return place[code], names[used]


# Who is compared on which of them -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Admitted:
    """The people of a data set, the images that they answered, and the images on which each model is compared."""

    reference: BoolArray
    total: int
    people: tuple[str, ...]
    models: dict[str, BoolArray]
    totals: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def trials(self, panel: Panel) -> npt.NDArray[np.intp]:
        """Give the rows of the table that count: first answers of those who are compared, on what they are compared on."""
        counts = np.zeros_like(panel.answered)
        for name in self.people:
            counts[panel.row(name)] = self.reference
        for name, mask in self.models.items():
            counts[panel.row(name)] = mask
        return panel.trial[counts.flat[panel.cell]]


def admit(
    panel: Panel,
    sidecars: Mapping[tuple[str, str], Sidecar],
    allow_partial: bool,
    skipped: list[Problem],
    notes: list[str],
    categories: Sequence[str] = CATEGORIES,
    common: bool = False,
) -> Admitted:
    """Decide who is compared on which images; what is left out or cut short is added to `skipped` and `notes`.

    With `common` these are cut further (`in_common`), and the notes say no more than who answered what.
    Whether a file is whole is asked of all its images, whatever the `categories`; only those of these are compared.
    """
    entry = panel.entry
    some, inside = is_some(categories), panel.inside(categories)
    fit: list[str] = []
    for name in panel.observers:
        fault = _fault(panel, name, allow_partial, notes)
        if fault is None:
            fit.append(name)
        else:
            skipped.append(Problem(panel.files[name], f"{entry.name}: {fault}"))
    people = [name for name in fit if is_human(name)]
    others = [name for name in fit if not is_human(name)]
    reference = _reference(panel, people, [n for n in others if (entry.name, n) not in sidecars])
    whole = int(reference.sum())
    total = max(entry.n_images, whole)
    # Of which category an image is that nobody answered is not known.
    counted = some and whole >= entry.n_images
    if counted:
        total = int((reference & inside).sum())

    accepted: list[str] = []
    everything = reference
    for name in people:
        mask = panel.answered[panel.row(name)]
        if not np.array_equal(mask, everything):
            shared = int((mask & reference).sum())
            if not (allow_partial and shared):
                skipped.append(_short(panel, name, mask, reference, "the data set has", shared))
                continue
            notes.append(
                f"{entry.name}: {name} answered {shared:,} of {whole:,} images"
                if common
                else f"{entry.name}: everybody is compared on the {shared:,} of {whole:,} images that {name} answered, too"
            )
            reference = reference & mask
        accepted.append(name)
    if accepted and int(reference.sum()) < entry.n_images and whole < entry.n_images:
        notes.append(f"{entry.name}: people answered {whole:,} of the {entry.n_images:,} images of the data set")
    if some and accepted and not np.isin(panel.condition[reference & inside], entry.kept).any():
        notes.append(f"{entry.name}: people answered no image of {', '.join(categories)}")
        accepted = []

    admitted = Admitted(reference & inside, total, tuple(accepted), {})
    for name in others:
        mask = panel.answered[panel.row(name)]
        note = sidecars.get((entry.name, name))
        verdict = _verdict(panel, name, mask, reference if accepted else None, note, allow_partial)
        if isinstance(verdict, Problem):
            skipped.append(verdict)
            continue
        mask, reason = verdict[0] & inside, verdict[1]
        if not np.isin(panel.condition[mask], entry.kept).any():
            of = f" of {', '.join(categories)}" if some else ""
            problem = f"{entry.name}: {name} answered no image{of} of a condition that counts ({', '.join(entry.kept)})"
            skipped.append(Problem(panel.files[name], f"{problem}: run it on the whole data set."))
            continue
        if counted and np.array_equal(mask, admitted.reference):
            # It was asked about these alone: nothing is missing.
            reason = None
        admitted.models[name] = mask
        own = note is not None and not accepted and not (counted and note.world is None)
        full = (note.catalogue_images or note.n_images) if note is not None and own else total
        admitted.totals[name] = max(full, int(admitted.models[name].sum()))
        if reason:
            admitted.reasons[name] = reason
            images = f"{int(admitted.models[name].sum()):,} of {admitted.totals[name]:,} images"
            notes.append(f"{entry.name}: {name} {'answered' if common else 'is compared on'} {images} ({reason})")
    return admitted


def in_common(found: Mapping[str, tuple[Panel, Admitted]]) -> dict[str, tuple[Panel, Admitted]]:
    """Cut everybody to the data sets that all models answered, and there to the images on which all of them are compared.

    Where there are people, a data set that none of them answered is left out too. Without models nothing is cut.

    Raises UserError where there is no such image of a condition that counts.
    """
    models = sorted({model for _, admitted in found.values() for model in admitted.models})
    if not models:
        return dict(found)
    anybody = any(admitted.people for _, admitted in found.values())
    kept = {}
    for name, (panel, admitted) in found.items():
        if set(admitted.models) != set(models) or (anybody and not admitted.people):
            continue
        mask: BoolArray = np.logical_and.reduce(list(admitted.models.values()))
        if np.isin(panel.condition[mask], panel.entry.kept).any():
            reference = mask if admitted.people else admitted.reference
            masks = {model: mask for model in models}  # noqa: C420
            kept[name] = panel, Admitted(reference, int(mask.sum()), admitted.people, masks)
    if not kept:
        who = f"{', '.join(models)}{' and people' if anybody else ''}"
        raise UserError(
            f"no data set has an image that all of {who} answered; leave --common or some of the trials out"
        )
    return kept


def _fault(panel: Panel, name: str, allow_partial: bool, notes: list[str]) -> str | None:
    if name in panel.relabelled:
        count, example = panel.relabelled[name]
        images = int(panel.answered[panel.row(name)].sum())
        return (
            f"{name} gives another label than the other observers for {count:,} of {images:,} images ({example}): "
            "fetch or write the file again."
        )
    if name in panel.repeated:
        images = int(panel.answered[panel.row(name)].sum())
        trials = images + panel.repeated[name]
        if not allow_partial:
            return (
                f"{name} has {trials:,} trials on {images:,} images, some answered twice: remove the repeated rows, or "
                "pass --allow-partial to count the first answer of each."
            )
        notes.append(
            f"{panel.entry.name}: the first answer of {name} counts where it has {trials:,} on {images:,} images"
        )
    return None


def _reference(panel: Panel, people: Sequence[str], unvouched: Sequence[str]) -> BoolArray:
    """Give the images of the data set: the catalogue's where anybody has just those, else most people's own."""
    masks: dict[str, BoolArray] = {name: panel.answered[panel.row(name)] for name in (*people, *unvouched)}
    for mask in {mask.tobytes(): mask for mask in masks.values()}.values():
        if int(mask.sum()) == panel.entry.n_images and panel.sha(mask) == panel.entry.images_sha256:
            return mask
    if not people:
        return np.zeros(panel.images.size, dtype=bool)
    shares = Counter(masks[name].tobytes() for name in people)
    best = max(people, key=lambda name: (shares[masks[name].tobytes()], int(masks[name].sum())))
    return masks[best]


def _verdict(
    panel: Panel,
    name: str,
    mask: BoolArray,
    reference: BoolArray | None,
    note: Sidecar | None,
    allow_partial: bool,
) -> Problem | tuple[BoolArray, str | None]:
    """Decide on which images a model is compared, with a reason where it is not all of them; or why it is not."""
    entry = panel.entry
    count = int(mask.sum())
    reason = (note.subset_reason or "its sidecar says that it is a subset") if note and note.subset else None
    if note is not None and (count != note.n_images or panel.sha(mask) != note.images_sha256):
        if not allow_partial:
            return Problem(
                panel.files[name],
                f"{entry.name}: holds answers of {name} to {count:,} images, but its sidecar vouches for "
                f"{note.n_images:,}"
                + (" (as many, but others)" if count == note.n_images else "")
                + ": the file was changed or cut off; run it again, or pass --allow-partial to compare on what is there.",
            )
        reason = f"partial, as allowed: its sidecar vouches for {note.n_images:,} images, the file has {count:,}"
    if reference is None:
        if note is not None:
            return mask, reason
        if count == entry.n_images and panel.sha(mask) == entry.images_sha256:
            return mask, None
        if allow_partial:
            return mask, "partial, as allowed"
        other = "" if count != entry.n_images else " other"
        return Problem(
            panel.files[name],
            f"{entry.name}: {name} answered {count:,}{other} images, the data set has {entry.n_images:,}, and no sidecar "
            "says that it is a subset: fetch the whole file, or pass --allow-partial to compare on the common images.",
        )
    if note is not None and note.world is not None:
        return Problem(
            panel.files[name],
            f"{entry.name}: {name} was shown {note.n_images:,} images of the {note.world} world, and no person saw those "
            f"(people saw {int(reference.sum()):,} others): compare it without the trials of people.",
        )
    common = mask & reference
    if np.array_equal(mask, reference):
        return mask, reason
    if reason is not None and note is not None and np.array_equal(common, mask):
        return mask, reason
    if allow_partial and common.any():
        return common, reason or "partial, as allowed"
    return _short(panel, name, mask, reference, "people answered", int(common.sum()))


def _short(panel: Panel, name: str, mask: BoolArray, reference: BoolArray, whose: str, common: int) -> Problem:
    count = int(mask.sum())
    return Problem(
        panel.files[name],
        f"{panel.entry.name}: {name} answered {count:,} images, {whose} {int(reference.sum()):,}, and {common:,} are in "
        "common, which no sidecar says: "
        + (
            "fetch the whole file, or pass --allow-partial to compare on the common images."
            if common
            else "these are other images, or other names of them."
        ),
    )


# Who answered outside some of the categories --------------------------------------------------------------------


@dataclass(frozen=True)
class Outside:
    """How often an observer answered outside some categories on one data set, and how often rightly.

    Attributes:
        dataset: its name.
        observer: a model, or `PEOPLE` for the trials of all people.
        trials: on kept conditions.
        outside: those of them with an answer outside the categories, or none.
        accuracy: the share of right answers, those outside being wrong.
        accuracy_inside: the share of right ones among the answers inside; undefined without any.
    """

    dataset: str
    observer: str
    trials: int
    outside: int
    accuracy: Estimate
    accuracy_inside: Estimate


def answers_outside(
    table: TrialTable, categories: Sequence[str], *, resamples: int = 1000, generator: np.random.Generator
) -> tuple[Outside, ...]:
    """Count the answers outside these categories, for each data set and observer, with intervals from resampled images."""
    found = []
    for name in table.datasets:
        part = table.frame[(table.frame["dataset"] == name) & table.frame["condition"].isin(load_catalog()[name].kept)]
        who = part["observer"].where(~part["is_human"], PEOPLE)
        for observer, given in sorted(part.groupby(who), key=lambda one: (one[0] != PEOPLE, one[0])):
            image, images = pd.factorize(given["image_id"])
            inside = given["response"].isin(list(categories)).to_numpy(dtype=np.float64)
            right = (given["response"] == given["category"]).to_numpy(dtype=np.float64)
            weights = resample_weights(len(images), resamples, generator).astype(np.float64)
            shown, within, rightly = (
                weights @ np.bincount(image, counted, len(images)) for counted in (np.ones(len(given)), inside, right)
            )
            n, n_inside = len(given), int(inside.sum())
            with np.errstate(invalid="ignore"):
                kept = rightly / within
            found.append(
                Outside(
                    name,
                    str(observer),
                    n,
                    n - n_inside,
                    estimate(rightly / shown, n, proportion=True),
                    estimate(kept, n_inside, proportion=True),
                )
            )
    return tuple(found)
