"""The benchmark: every model of a table beside the people of the table, over the 17 data sets, with intervals.

Four steps for each data set, in the order of this file: which images count (`_Panel`), who is compared on which of
them (`_admit`), the figures of everybody on one set of images with their resampled values (`_measure`), and the
averages over data sets.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from reconstrue.errors import UserError
from reconstrue.metrics.accuracy import CHANCE, accuracy_difference, mean_ranks
from reconstrue.metrics.error_consistency import expected_consistency, kappa
from reconstrue.metrics.intervals import UNDEFINED, Estimate, FloatArray, estimate, resample_weights
from reconstrue.metrics.shape_bias import CONFLICT, ShapeBias, shape_bias_from_decisions
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import Dataset, load_catalog
from reconstrue.trials.sidecar import Sidecar, images_sha256
from reconstrue.trials.table import Problem, TrialTable, is_human

PEOPLE = "humans"
"""The name of the row of people."""

UNKNOWN_TYPE = "–"
"""The model type of an observer whose files have no sidecar."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ConditionResult:
    """The figures of one observer on one condition; `kept` says whether the benchmark counts it."""

    condition: str
    kept: bool
    n_images: int
    accuracy: Estimate
    accuracy_difference: Estimate
    observed_consistency: Estimate
    error_consistency: Estimate

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {
            "kept": self.kept,
            "n_images": self.n_images,
            "accuracy": self.accuracy.to_json(),
            "accuracy_difference": self.accuracy_difference.to_json(),
            "observed_consistency": self.observed_consistency.to_json(),
            "error_consistency": self.error_consistency.to_json(),
        }


@dataclass(frozen=True)
class DatasetResult:
    """The figures of one observer on one data set.

    `accuracy` is over the images of the kept conditions, the consistency figures are averages over the kept
    conditions, then over people. `n_images` of `catalogue_images` were answered and compared; where that is not
    all, `partial` is true, `reason` says why and `people` holds the people's figures on the very same images.
    """

    dataset: str
    n_images: int
    catalogue_images: int
    partial: bool
    reason: str | None
    accuracy: Estimate
    above_chance: Estimate
    accuracy_difference: Estimate
    observed_consistency: Estimate
    error_consistency: Estimate
    shape_bias: Estimate
    shape_bias_by_category: dict[str, Estimate]
    conditions: dict[str, ConditionResult]
    people: DatasetResult | None = None

    @property
    def coverage(self) -> str:
        """The images compared, as in "160 of 1,280"; empty where it is all of them."""
        return f"{self.n_images:,} of {self.catalogue_images:,}" if self.partial else ""

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {
            "n_images": self.n_images,
            "catalogue_images": self.catalogue_images,
            "partial": self.partial,
            "reason": self.reason,
            "coverage": self.coverage,
            "accuracy": self.accuracy.to_json(),
            "above_chance": self.above_chance.to_json(),
            "accuracy_difference": self.accuracy_difference.to_json(),
            "observed_consistency": self.observed_consistency.to_json(),
            "error_consistency": self.error_consistency.to_json(),
            "shape_bias": self.shape_bias.to_json(),
            "shape_bias_by_category": {name: item.to_json() for name, item in self.shape_bias_by_category.items()},
            "conditions": {name: item.to_json() for name, item in self.conditions.items()},
            "people": None if self.people is None else self.people.to_json(),
        }


@dataclass(frozen=True)
class ObserverResult:
    """One row of the benchmark: averages over the data sets of one observer, and the figures of each.

    `ood_accuracy` is the mean over data sets of the accuracy on kept conditions. The consistency figures are
    against people (for people: against the other people) and NaN where there are none. `complete` is true with
    all images of all 17 sets; only complete models are ranked.
    """

    name: str
    model_type: str
    ood_accuracy: Estimate
    accuracy_difference: Estimate
    observed_consistency: Estimate
    error_consistency: Estimate
    mean_rank: Estimate
    shape_bias: Estimate
    shape_bias_by_category: dict[str, Estimate]
    datasets: dict[str, DatasetResult]
    n_datasets: int
    n_datasets_with_people: int
    complete: bool

    @property
    def coverage(self) -> str:
        """The data sets that the averages are over, as in "3 of 17"; empty where it is all of them."""
        total = len(load_catalog())
        return f"{self.n_datasets} of {total}" if self.n_datasets < total else ""

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {
            "model_type": self.model_type,
            "ood_accuracy": self.ood_accuracy.to_json(),
            "accuracy_difference": self.accuracy_difference.to_json(),
            "observed_consistency": self.observed_consistency.to_json(),
            "error_consistency": self.error_consistency.to_json(),
            "mean_rank": self.mean_rank.to_json(),
            "shape_bias": self.shape_bias.to_json(),
            "shape_bias_by_category": {name: item.to_json() for name, item in self.shape_bias_by_category.items()},
            "n_datasets": self.n_datasets,
            "n_datasets_with_people": self.n_datasets_with_people,
            "coverage": self.coverage,
            "complete": self.complete,
            "datasets": {name: result.to_json() for name, result in self.datasets.items()},
        }


@dataclass(frozen=True)
class Benchmark:
    """All rows: models and people, each person (`<data set>/<subject>`), what was left out, and what to know."""

    models: dict[str, ObserverResult]
    humans: ObserverResult
    individuals: dict[str, ObserverResult]
    skipped: tuple[Problem, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Give the content of `benchmark.json`: figures as {value, low, high, n}, NaN as null."""
        people = {name: result.to_json() for name, result in self.individuals.items()}
        return {
            "models": {name: result.to_json() for name, result in self.models.items()},
            "humans": {**self.humans.to_json(), "individuals": people},
            "skipped": [{"file": problem.file, "message": problem.message} for problem in self.skipped],
            "notes": list(self.notes),
        }


def benchmark(
    table: TrialTable,
    sidecars: Mapping[tuple[str, str], Sidecar] = MappingProxyType({}),
    *,
    resamples: int = 1000,
    generator: np.random.Generator,
    allow_partial: bool = False,
) -> Benchmark:
    """Compare every model with the people of the table, and people with each other.

    Accuracy difference, observed and error consistency are taken per kept condition and pair of observers, and
    averaged over conditions, then people, then data sets (Geirhos et al. 2021, section 2). Intervals are as in
    `metrics.intervals`: images resampled within each condition, the same draw for all observers.

    A run whose sidecar says that it is a subset is compared on those images, people too. Other trials that are
    short, or of other images, are left out of that data set and listed in `skipped`; with `allow_partial` they
    are compared on the images in common, and `notes` says so.

    Raises UserError where nothing is left to compare.
    """
    root = int(generator.integers(0, 2**63))
    skipped: list[Problem] = []
    notes: list[str] = []
    models: dict[str, dict[str, _Measured]] = {}
    people: dict[str, _Measured] = {}
    individuals: dict[str, _Measured] = {}
    for name in table.datasets:
        panel = _panel(table, load_catalog()[name], sidecars)
        admitted = _admit(panel, sidecars, allow_partial, skipped, notes)
        if admitted.people:
            measured = _measure(panel, admitted.reference, admitted.people, (), admitted, root, resamples)
            people[name] = measured[PEOPLE]
            individuals.update({f"{name}/{person}": measured[person] for person in admitted.people})
        groups: dict[bytes, list[str]] = {}
        for model, mask in admitted.models.items():
            groups.setdefault(mask.tobytes(), []).append(model)
        for group in groups.values():
            mask = admitted.models[group[0]]
            measured = _measure(panel, mask, admitted.people, tuple(group), admitted, root, resamples)
            for model in group:
                models.setdefault(model, {})[name] = measured[model]
    if not models and not people:
        shown = "; ".join(str(problem) for problem in skipped[:3]) or "the table has no trials"
        raise UserError(f"nothing is left to compare: {shown}")
    types = _model_types(models, sidecars)
    rows = {name: _observer(name, types[name], parts) for name, parts in sorted(models.items())}
    humans = _observer(PEOPLE, "people", people)
    persons = {key: _observer(key, "people", {key.split("/")[0]: measured}) for key, measured in individuals.items()}
    rows = _ranked(rows, models)
    lost = sorted(set(table.models) - set(rows))
    if lost:
        notes.append(f"left out entirely: {', '.join(lost)}")
    if not people:
        notes.append("no trials of people: figures that compare with people are undefined")
    return Benchmark(rows, humans, persons, tuple(skipped), tuple(notes))


# Which images count ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Panel:
    """All answers on one data set, as dense (observers x images) arrays over every image that anybody answered."""

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

    def row(self, observer: str) -> int:
        return self.observers.index(observer)


def _panel(table: TrialTable, entry: Dataset, sidecars: Mapping[tuple[str, str], Sidecar]) -> _Panel:
    frame = table.frame[table.frame["dataset"] == entry.name]
    image, image_names = pd.factorize(frame["image_id"], sort=True)
    observer, observer_names = pd.factorize(frame["observer"], sort=True)
    images, observers = _strings(image_names), _strings(observer_names)
    category, condition = _strings(frame["category"]), _strings(frame["condition"])
    response, texture = _strings(frame["response"]), _strings(frame["texture"].fillna(""))
    cell = observer * images.size + image
    _, first, times = np.unique(cell, return_index=True, return_counts=True)
    kept_cell = cell[first]
    extra = np.bincount(observer[first], weights=times - 1, minlength=observers.size)
    answered, correct, chosen = (np.zeros((observers.size, images.size), dtype=bool) for _ in range(3))
    answered.flat[kept_cell] = True
    correct.flat[kept_cell] = (response == category)[first]
    chosen.flat[kept_cell] = ((response == texture) & (texture != ""))[first]

    # What an image shows is what most observers say; people count a little more, then those without a sidecar.
    names = [str(name) for name in observers]
    votes = np.array([1.0 + 0.01 * is_human(name) + 0.001 * ((entry.name, name) not in sidecars) for name in names])
    _, source = np.unique(image, return_index=True)
    shown: dict[str, npt.NDArray[np.str_]] = {}
    relabelled: dict[str, tuple[int, str]] = {}
    for what, labels in (("condition", condition), ("category", category)):
        known, code = np.unique(labels, return_inverse=True)
        ballot = np.bincount(image * known.size + code, votes[observer], images.size * known.size)
        winner = ballot.reshape(images.size, known.size).argmax(axis=1)
        shown[what] = known[winner]
        differs = code != winner[image]
        for index in np.unique(observer[differs]):
            at = np.flatnonzero(differs & (observer == index))
            given, shown_here = str(labels[at[0]]), str(shown[what][image[at[0]]])
            example = f"{what} {given!r} for {images[image[at[0]]]}, not {shown_here!r}"
            relabelled.setdefault(names[index], (int(at.size), example))
    return _Panel(
        entry=entry,
        observers=tuple(names),
        images=images,
        answered=answered,
        correct=correct,
        texture_chosen=chosen,
        condition=shown["condition"],
        category=shown["category"],
        texture=texture[source],
        repeated={names[index]: int(extra[index]) for index in np.flatnonzero(extra)},
        relabelled=relabelled,
        files={name: ", ".join(table.files.get((entry.name, name), (name,))) for name in names},
    )


def _strings(column: pd.Series[str] | pd.Index[str]) -> npt.NDArray[np.str_]:
    return np.asarray(column, dtype=object).astype(str)


# Who is compared on which of them -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Admitted:
    """The people of a data set, the images that they answered, and the images on which each model is compared."""

    reference: BoolArray
    total: int
    people: tuple[str, ...]
    models: dict[str, BoolArray]
    totals: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def _admit(
    panel: _Panel,
    sidecars: Mapping[tuple[str, str], Sidecar],
    allow_partial: bool,
    skipped: list[Problem],
    notes: list[str],
) -> _Admitted:
    entry = panel.entry
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

    accepted: list[str] = []
    for name in people:
        mask = panel.answered[panel.row(name)]
        if not np.array_equal(mask, reference):
            common = int((mask & reference).sum())
            if not (allow_partial and common):
                skipped.append(_short(panel, name, mask, reference, "the data set has", common))
                continue
            notes.append(
                f"{entry.name}: everybody is compared on the {common:,} of {whole:,} images that {name} answered, too"
            )
            reference = reference & mask
        accepted.append(name)
    if accepted and int(reference.sum()) < entry.n_images and whole < entry.n_images:
        notes.append(f"{entry.name}: people answered {whole:,} of the {entry.n_images:,} images of the data set")

    admitted = _Admitted(reference, total, tuple(accepted), {})
    for name in others:
        mask = panel.answered[panel.row(name)]
        note = sidecars.get((entry.name, name))
        verdict = _verdict(panel, name, mask, reference if accepted else None, note, allow_partial)
        if isinstance(verdict, Problem):
            skipped.append(verdict)
            continue
        admitted.models[name], reason = verdict
        full = (note.catalogue_images or note.n_images) if note is not None and not accepted else total
        admitted.totals[name] = max(full, int(admitted.models[name].sum()))
        if reason:
            admitted.reasons[name] = reason
            images = f"{int(admitted.models[name].sum()):,} of {admitted.totals[name]:,} images"
            notes.append(f"{entry.name}: {name} is compared on {images} ({reason})")
    return admitted


def _fault(panel: _Panel, name: str, allow_partial: bool, notes: list[str]) -> str | None:
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


def _reference(panel: _Panel, people: Sequence[str], unvouched: Sequence[str]) -> BoolArray:
    """Give the images of the data set: the catalogue's where anybody has just those, else most people's own."""
    masks: dict[str, BoolArray] = {name: panel.answered[panel.row(name)] for name in (*people, *unvouched)}
    for mask in {mask.tobytes(): mask for mask in masks.values()}.values():
        if int(mask.sum()) == panel.entry.n_images and _sha(panel, mask) == panel.entry.images_sha256:
            return mask
    if not people:
        return np.zeros(panel.images.size, dtype=bool)
    shares = Counter(masks[name].tobytes() for name in people)
    best = max(people, key=lambda name: (shares[masks[name].tobytes()], int(masks[name].sum())))
    return masks[best]


def _verdict(
    panel: _Panel,
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
    if note is not None and (count != note.n_images or _sha(panel, mask) != note.images_sha256):
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
        if count == entry.n_images and _sha(panel, mask) == entry.images_sha256:
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


def _short(panel: _Panel, name: str, mask: BoolArray, reference: BoolArray, whose: str, common: int) -> Problem:
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


def _sha(panel: _Panel, mask: BoolArray) -> str:
    return images_sha256(panel.images[mask].tolist())


# The figures of everybody on one set of images ------------------------------------------------------------------


@dataclass(frozen=True)
class _Measured:
    """A result, and the plain and resampled values of the figures that are averaged over data sets."""

    result: DatasetResult
    accuracy: FloatArray
    difference: FloatArray
    observed: FloatArray
    kappa: FloatArray


def _measure(
    panel: _Panel,
    mask: BoolArray,
    people: tuple[str, ...],
    models: tuple[str, ...],
    admitted: _Admitted,
    root: int,
    resamples: int,
) -> dict[str, _Measured]:
    """Measure people and models on the masked images; the key PEOPLE holds the people together."""
    entry = panel.entry
    observers = (*people, *models)
    correct = panel.correct[[panel.row(name) for name in observers]][:, mask]
    condition = panel.condition[mask]
    image_key = _sha(panel, mask)
    shape_bias = {name: ShapeBias(UNDEFINED, {}) for name in (*observers, PEOPLE)}
    figures: dict[str, dict[str, tuple[int, FloatArray]]] = {name: {} for name in (*observers, PEOPLE)}
    rights = np.zeros((1 + resamples, len(observers)))
    n_kept = 0
    for label in entry.conditions:
        here = condition == label
        n = int(here.sum())
        if n == 0:
            continue
        weights = resample_weights(n, resamples, stream(root, entry.name, image_key, label))
        figures_here, right = _condition(correct[:, here], weights, len(people))
        for name, values in zip((*observers, PEOPLE), figures_here, strict=True):
            figures[name][label] = (n, values)
        if label in entry.kept:
            rights += right
            n_kept += n
        if entry.name == CONFLICT:
            shape_bias = _conflict(panel, mask, observers, people, weights)

    measured: dict[str, _Measured] = {}
    accuracy = rights / n_kept if n_kept else np.full_like(rights, np.nan)
    n_images = int(mask.sum())
    for column, name in enumerate((*observers, PEOPLE)):
        if name == PEOPLE and not people:
            continue
        kept = [values for label, (_, values) in figures[name].items() if label in entry.kept]
        average = np.mean(kept, axis=0) if kept else np.full((4, 1 + resamples), np.nan)
        own = accuracy[:, : len(people)].mean(axis=1) if name == PEOPLE else accuracy[:, column]
        against = len(people) > (1 if name in people or name == PEOPLE else 0)
        n_against = n_kept if against else 0
        is_one = name != PEOPLE
        total = admitted.totals.get(name, admitted.total)
        own_accuracy = estimate(own, n_kept, proportion=is_one)
        result = DatasetResult(
            dataset=entry.name,
            n_images=n_images,
            catalogue_images=total,
            partial=n_images < total,
            reason=admitted.reasons.get(name),
            accuracy=own_accuracy,
            above_chance=own_accuracy.shifted(-CHANCE),
            accuracy_difference=estimate(average[1], n_against),
            observed_consistency=estimate(average[2], n_against),
            error_consistency=estimate(average[3], n_against, bounds=(-1.0, 1.0)),
            shape_bias=shape_bias[name].overall,
            shape_bias_by_category=shape_bias[name].by_category,
            conditions={
                label: ConditionResult(
                    condition=label,
                    kept=label in entry.kept,
                    n_images=n,
                    accuracy=estimate(values[0], n, proportion=is_one),
                    accuracy_difference=estimate(values[1], n if against else 0),
                    observed_consistency=estimate(values[2], n if against else 0),
                    error_consistency=estimate(values[3], n if against else 0, bounds=(-1.0, 1.0)),
                )
                for label, (n, values) in figures[name].items()
            },
        )
        measured[name] = _Measured(result, own, average[1], average[2], average[3])
    if people and models:
        together = measured[PEOPLE].result
        for name in models:
            if measured[name].result.partial:
                measured[name] = replace(measured[name], result=replace(measured[name].result, people=together))
    return measured


def _condition(
    correct: BoolArray, weights: npt.NDArray[np.float32], n_people: int
) -> tuple[list[FloatArray], FloatArray]:
    """Compare all observers on one condition; people are the first rows of `correct`.

    Gives for each observer, and last for the people together, a (4, 1 + resamples) array of accuracy, and of
    accuracy difference, observed consistency and κ averaged over the (other) people; and the counts of right
    answers.
    """
    n = correct.shape[1]
    x = correct.astype(np.float32)
    right = (weights @ x.T).astype(np.float64)
    p = right / n
    figures: list[FloatArray] = []
    for row in range(correct.shape[0]):
        partners = [person for person in range(n_people) if person != row]
        values = np.full((4, weights.shape[0]), np.nan)
        values[0] = p[:, row]
        if partners:
            both = (weights @ (x[partners] * x[row]).T).astype(np.float64) / n
            p_row, p_people = p[:, [row]], p[:, partners]
            observed = 1.0 - p_row - p_people + 2.0 * both
            observed = np.where(observed > 1.0 - 1e-9, 1.0, observed)
            values[1] = accuracy_difference(p_row, p_people).mean(axis=1)
            values[2] = observed.mean(axis=1)
            values[3] = kappa(observed, expected_consistency(p_row, p_people)).mean(axis=1)
        figures.append(values)
    together = np.mean(figures[:n_people], axis=0) if n_people else np.full((4, weights.shape[0]), np.nan)
    return [*figures, together], right


def _conflict(
    panel: _Panel,
    mask: BoolArray,
    observers: tuple[str, ...],
    people: tuple[str, ...],
    weights: npt.NDArray[np.float32],
) -> dict[str, ShapeBias]:
    """Estimate shape bias on the masked images, for each observer and for the trials of all people together."""
    differs = (panel.texture[mask] != "") & (panel.texture[mask] != panel.category[mask])
    shape = panel.category[mask][differs]
    weights = weights[:, differs]
    by_shape = panel.correct[:, mask][:, differs]
    by_texture = panel.texture_chosen[:, mask][:, differs]
    rows = {name: [panel.row(name)] for name in observers}
    if people:
        rows[PEOPLE] = [panel.row(name) for name in people]
    found = {
        name: shape_bias_from_decisions(by_shape[row], by_texture[row], shape, weights) for name, row in rows.items()
    }
    return {PEOPLE: ShapeBias(UNDEFINED, {}), **found}


# Averages over data sets ----------------------------------------------------------------------------------------


def _observer(name: str, model_type: str, parts: Mapping[str, _Measured]) -> ObserverResult:
    """Average one observer's figures over the data sets; undefined ones are left out and not counted."""
    results = {dataset: part.result for dataset, part in parts.items()}
    conflict = results.get(CONFLICT)
    compared = [part for part in parts.values() if part.result.error_consistency.defined]
    return ObserverResult(
        name=name,
        model_type=model_type,
        ood_accuracy=_average([(part.accuracy, part.result.accuracy.n) for part in parts.values()]),
        accuracy_difference=_average([(part.difference, part.result.accuracy_difference.n) for part in compared]),
        observed_consistency=_average([(part.observed, part.result.observed_consistency.n) for part in compared]),
        error_consistency=_average(
            [(part.kappa, part.result.error_consistency.n) for part in compared], bounds=(-1.0, 1.0)
        ),
        mean_rank=UNDEFINED,
        shape_bias=conflict.shape_bias if conflict else UNDEFINED,
        shape_bias_by_category=conflict.shape_bias_by_category if conflict else {},
        datasets=results,
        n_datasets=len(results),
        n_datasets_with_people=len(compared),
        complete=len(results) == len(load_catalog()) and not any(result.partial for result in results.values()),
    )


def _average(parts: Sequence[tuple[FloatArray, int]], bounds: tuple[float, float] = (0.0, 1.0)) -> Estimate:
    defined = [(values, n) for values, n in parts if not math.isnan(float(values[0]))]
    if not defined:
        return UNDEFINED
    mean = np.mean([values for values, _ in defined], axis=0)
    return estimate(mean, sum(n for _, n in defined), bounds=bounds)


def _ranked(rows: dict[str, ObserverResult], parts: Mapping[str, Mapping[str, _Measured]]) -> dict[str, ObserverResult]:
    """Give the complete models their mean rank over accuracy difference, observed and error consistency."""
    total = len(load_catalog())
    ranked = [name for name, row in rows.items() if row.complete and row.n_datasets_with_people == total]
    if not ranked:
        return rows
    difference = np.stack([np.mean([m.difference for m in parts[name].values()], axis=0) for name in ranked], axis=1)
    observed = np.stack([np.mean([m.observed for m in parts[name].values()], axis=0) for name in ranked], axis=1)
    consistency = np.stack([np.mean([m.kappa for m in parts[name].values()], axis=0) for name in ranked], axis=1)
    ranks = mean_ranks([difference, observed, consistency], higher_is_better=[False, True, True])
    bounds = (1.0, float(len(ranked)))
    found = {
        name: estimate(ranks[:, column], len(ranked), bounds=bounds, correct_bias=False)
        for column, name in enumerate(ranked)
    }
    return {name: replace(row, mean_rank=found[name]) if name in found else row for name, row in rows.items()}


def _model_types(
    models: Mapping[str, Mapping[str, _Measured]], sidecars: Mapping[tuple[str, str], Sidecar]
) -> dict[str, str]:
    types = dict.fromkeys(models, UNKNOWN_TYPE)
    for (_, observer), note in sidecars.items():
        if observer in types:
            types[observer] = note.model_type
    return types
