"""The benchmark: every model of a table beside the people of the table, over the 17 data sets, with intervals.

Three steps for each data set: which images count and who is compared on which of them (`metrics.panel`), the figures
of everybody on one set of images with their resampled values (`_measure`), and the averages over data sets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from reconstrue.errors import UserError
from reconstrue.metrics.accuracy import accuracy_difference, mean_ranks
from reconstrue.metrics.error_consistency import expected_consistency, kappa
from reconstrue.metrics.intervals import (
    UNDEFINED,
    Estimate,
    FloatArray,
    estimate,
    observer_weights,
    over_observers,
    resample_weights,
)
from reconstrue.metrics.panel import Admitted, BoolArray, Panel, admit, code_answers, in_common, make_panel
from reconstrue.metrics.shape_bias import ShapeBias, shape_bias_from_decisions
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import Dataset, load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.chosen import is_some
from reconstrue.trials.sidecar import Sidecar
from reconstrue.trials.table import CONFLICT, PEOPLE, Problem, TrialTable

UNKNOWN_TYPE = "–"
"""The model type of an observer whose files have no sidecar."""

Resample = Literal["images", "observers", "both"]
"""What is drawn anew behind an interval."""


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
    `n_labels` is how many categories the observer chose from: people from 16, chance is 1/`n_labels`.
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
    n_labels: int = len(CATEGORIES)

    @property
    def chance(self) -> float:
        """The accuracy of guessing among the categories that the observer chose from."""
        return 1.0 / self.n_labels

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
            "n_labels": self.n_labels,
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
    all images of all `catalogue_datasets`, the 17 or those in common; only complete models are ranked: `accuracy_rank` by
    OOD accuracy, `mean_rank` over the figures that compare with people.
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
    accuracy_rank: Estimate = UNDEFINED
    catalogue_datasets: int = len(load_catalog())

    @property
    def coverage(self) -> str:
        """The data sets that the averages are over, as in "3 of 17"; empty where it is all of them."""
        total = self.catalogue_datasets
        return f"{self.n_datasets} of {total}" if self.n_datasets < total else ""

    def to_json(self) -> dict[str, object]:
        """Give plain values for JSON."""
        return {
            "model_type": self.model_type,
            "ood_accuracy": self.ood_accuracy.to_json(),
            "accuracy_difference": self.accuracy_difference.to_json(),
            "observed_consistency": self.observed_consistency.to_json(),
            "error_consistency": self.error_consistency.to_json(),
            "accuracy_rank": self.accuracy_rank.to_json(),
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
class Replicates:
    """The plain (first) and resampled values behind an observer's figures on one data set, each (1 + resamples,).

    `right` holds the answers on the kept images, 1 or 0, and for the people together the share of them who were
    right. `images` names those images: observers of the same name had the same draws, so that their values are
    paired. `people` are the people on the same images; None for people, and where there are none.
    """

    images: str
    right: FloatArray
    accuracy: FloatArray
    accuracy_difference: FloatArray
    observed_consistency: FloatArray
    error_consistency: FloatArray
    shape_bias: FloatArray
    people: Replicates | None = None


@dataclass(frozen=True)
class Benchmark:
    """All rows: models and people, each person (`<data set>/<subject>`), what was left out, and what to know.

    `admitted` are the rows of the table that count (`admitted_trials`). `resampled` says what the intervals are over.
    `categories` are those whose images are compared, `common` says whether these are cut to what all models answered, and
    `choices`, where not everybody chose among all 16, who chose among how many: it belongs below every table. `replicates` (data set -> observer -> values) is what
    `metrics.comparison` tests; it is not written to JSON.
    """

    models: dict[str, ObserverResult]
    humans: ObserverResult
    individuals: dict[str, ObserverResult]
    skipped: tuple[Problem, ...]
    notes: tuple[str, ...]
    resampled: Resample = "images"
    categories: tuple[str, ...] = CATEGORIES
    choices: tuple[str, ...] = ()
    common: bool = False
    admitted: npt.NDArray[np.intp] = field(
        default_factory=lambda: np.zeros(0, dtype=np.intp), repr=False, compare=False
    )
    replicates: Mapping[str, Mapping[str, Replicates]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, compare=False
    )

    @property
    def chances(self) -> tuple[float, ...]:
        """The accuracies that guessing gives: one, unless some chose among fewer categories than others."""
        rows = (self.humans, *self.models.values())
        return tuple(sorted({result.chance for row in rows for result in row.datasets.values()}))

    def ceiling(self, model: str, dataset: str | None = None, condition: str | None = None) -> Estimate:
        """Give the error consistency of people with each other on the images that a model was compared on.

        On one condition of a data set, on a data set, or averaged over the data sets of the model; undefined where
        fewer than two people answered.
        """
        row = self.models[model]
        if dataset is None:
            if set(row.datasets) == set(self.humans.datasets) and not any(r.partial for r in row.datasets.values()):
                return self.humans.error_consistency
            parts = [self.replicates.get(name, {}).get(model) for name in row.datasets]
            beside = [(part, part.people) for part in parts if part is not None and part.people is not None]
            averaged = [(people.error_consistency, int(part.right.size)) for part, people in beside]
            return _average(averaged, bounds=(-1.0, 1.0))
        people = row.datasets[dataset].people or self.humans.datasets.get(dataset)
        if people is None:
            return UNDEFINED
        if condition is None:
            return people.error_consistency
        return people.conditions[condition].error_consistency if condition in people.conditions else UNDEFINED

    def to_json(self) -> dict[str, object]:
        """Give the content of `benchmark.json`: figures as {value, low, high, n}, NaN as null."""
        people = {name: result.to_json() for name, result in self.individuals.items()}
        return {
            "models": {name: result.to_json() for name, result in self.models.items()},
            "humans": {**self.humans.to_json(), "individuals": people},
            "skipped": [{"file": problem.file, "message": problem.message} for problem in self.skipped],
            "notes": list(self.notes),
            "resampled": self.resampled,
            "categories": list(self.categories),
            "common": self.common,
        }


def benchmark(
    table: TrialTable,
    sidecars: Mapping[tuple[str, str], Sidecar] = MappingProxyType({}),
    *,
    resamples: int = 1000,
    generator: np.random.Generator,
    allow_partial: bool = False,
    resample: Resample = "images",
    categories: Sequence[str] = CATEGORIES,
    common: bool = False,
) -> Benchmark:
    """Compare every model with the people of the table, and people with each other.

    Accuracy difference, observed and error consistency are taken per kept condition and pair of observers, and
    averaged over conditions, then people, then data sets (Geirhos et al. 2021, section 2). Intervals are as in
    `metrics.intervals`, and `resample` says what they answer:

    - `images`: what these observers would give on other such images. Images are drawn within each condition, the
      same draw for all observers.
    - `observers`: what other such people would give on these images. The people of a data set are weighed anew
      (`intervals.observer_weights`), alike for all conditions and models; models are not, so what a model does alone
      has no interval.
    - `both`: other such people on other such images, both at once. It is the widest, and the one for a claim about
      people in general; most data sets have four people, so it is a rough one.

    A run whose sidecar says that it is a subset is compared on those images, people too. Other trials that are
    short, or of other images, are left out of that data set and listed in `skipped`; with `allow_partial` they
    are compared on the images in common, and `notes` says so.

    With `categories` everybody is compared on the images of these alone, in a cue conflict those whose texture is of one of
    them too. Who chose among more, as people did, keeps the answers as given: one outside is wrong.

    With `common` everybody is compared on the same images: of the data sets that all models answered, those on which all of
    them are compared. Whoever answered more is cut to these, people too, and where there are people a data set that none of
    them answered is left out.

    Raises UserError where nothing is left to compare.
    """
    root = int(generator.integers(0, 2**63))
    skipped: list[Problem] = []
    notes: list[str] = []
    models: dict[str, dict[str, _Measured]] = {}
    people: dict[str, _Measured] = {}
    individuals: dict[str, _Measured] = {}
    counted: list[npt.NDArray[np.intp]] = []
    labels = {observer: len(note.labels) for (_, observer), note in sidecars.items()}
    answers = code_answers(table)
    found: dict[str, tuple[Panel, Admitted]] = {}
    said: dict[str, list[str]] = {name: [] for name in table.datasets}
    for name in table.datasets:
        panel = make_panel(answers, load_catalog()[name], table.files, sidecars)
        found[name] = panel, admit(panel, sidecars, allow_partial, skipped, said[name], categories, common)
    common = common and any(admitted.models for _, admitted in found.values())
    if common:
        found = in_common(found)
    for name, (panel, admitted) in found.items():
        counted.append(admitted.trials(panel))
        notes += said[name]
        notes += _strangers(panel.entry, admitted.people)
        if admitted.people:
            measured = _measure(panel, admitted.reference, (), admitted, labels, root, resamples, resample)
            people[name] = measured[PEOPLE]
            individuals.update({f"{name}/{person}": measured[person] for person in admitted.people})
        groups: dict[bytes, list[str]] = {}
        for model, mask in admitted.models.items():
            groups.setdefault(mask.tobytes(), []).append(model)
        for group in groups.values():
            mask = admitted.models[group[0]]
            measured = _measure(panel, mask, tuple(group), admitted, labels, root, resamples, resample)
            for model in group:
                models.setdefault(model, {})[name] = measured[model]
    if not models and not people:
        shown = "; ".join(str(problem) for problem in skipped[:3]) or "the table has no trials"
        raise UserError(f"nothing is left to compare: {shown}")
    types = _model_types(models, sidecars)
    total = len(found) if common else len(load_catalog())
    rows = {name: _observer(name, types[name], parts, total) for name, parts in sorted(models.items())}
    humans = _observer(PEOPLE, "people", people, total)
    persons = {
        key: _observer(key, "people", {key.split("/")[0]: measured}, total) for key, measured in individuals.items()
    }
    rows = _ranked(rows, models)
    lost = sorted(set(table.models) - set(rows))
    if lost:
        notes.append(f"left out entirely: {', '.join(lost)}")
    if not people:
        notes.append("no trials of people: figures that compare with people are undefined")
    choices = (*_cut(found, table.datasets, common), *_choices(rows, bool(people), tuple(categories), sidecars))
    replicates: dict[str, dict[str, Replicates]] = {}
    for observer, parts in (*models.items(), (PEOPLE, people)):
        for name, part in parts.items():
            replicates.setdefault(name, {})[observer] = part.replicates
    for key, part in individuals.items():
        name, person = key.split("/")
        replicates[name][person] = part.replicates
    return Benchmark(
        rows,
        humans,
        persons,
        tuple(skipped),
        (*choices, *notes),
        resample,
        tuple(categories),
        choices,
        common,
        np.sort(np.concatenate(counted)),
        replicates,
    )


def _cut(found: Mapping[str, tuple[Panel, Admitted]], datasets: Sequence[str], common: bool) -> tuple[str, ...]:
    """Say on how many images of which data sets everybody is compared, and on which not, where they are those in common."""
    if not common:
        return ()
    sets = ", ".join(f"{admitted.total:,} of {name}" for name, (_, admitted) in found.items())
    line = f"Everybody is compared on the images that all models here answered: {sets}."
    left = [name for name in datasets if name not in found]
    return (line, f"Not compared, as not all answered them: {', '.join(left)}.") if left else (line,)


def _choices(
    rows: Mapping[str, ObserverResult],
    people: bool,
    categories: tuple[str, ...],
    sidecars: Mapping[tuple[str, str], Sidecar],
) -> tuple[str, ...]:
    """Say which categories' images are compared, and who chose among how many, where either is not all 16."""
    chose: dict[tuple[str, ...], list[str]] = {CATEGORIES: ["people"] if people else []}
    for (_, observer), note in sidecars.items():
        asked = tuple(sorted(note.labels))
        if observer in rows and is_some(asked) and observer not in chose.get(asked, ()):
            chose.setdefault(asked, []).append(observer)
    few = {observer for asked, those in chose.items() if asked != CATEGORIES for observer in those}
    chose[CATEGORIES] += sorted(set(rows) - few)
    said = []
    if is_some(categories):
        said.append(
            f"Only images of {len(categories)} of the 16 categories are compared ({', '.join(categories)}), in a cue conflict "
            "those whose texture is of one of them too."
        )
    for asked, those in chose.items():
        if asked != CATEGORIES:
            said.append(
                f"{', '.join(sorted(those))} chose among {len(asked)} categories (chance {1 / len(asked):.1%}): "
                f"{', '.join(asked)}."
            )
    everybody = chose[CATEGORIES]
    if said and everybody:
        shown = ", ".join(everybody[:3]) + (f" and {len(everybody) - 3} more" if len(everybody) > 3 else "")
        said.append(
            f"{shown} chose among all 16 (chance {1 / len(CATEGORIES):.1%}), and an answer outside is wrong"
            + (": beside those who chose among fewer, that alone can make them less accurate." if few else ".")
        )
    return tuple(said)


def _strangers(entry: Dataset, people: Sequence[str]) -> list[str]:
    """Say who counts as a person though nobody of that name is published: a name is all that tells people from models."""
    published = {f"subject-{number:02d}" for number in range(1, entry.n_people + 1)}
    unknown = [name for name in people if name not in published]
    if not unknown:
        return []
    shown = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
    return [
        f"{entry.name}: {shown} counted as {'a person' if len(unknown) == 1 else 'people'}, beside the {entry.n_people} "
        f"published ones (subject-01 to subject-{entry.n_people:02d}): a model needs another name"
    ]


def admitted_trials(table: TrialTable, found: Benchmark) -> TrialTable:
    """Give the trials that a benchmark of `table` counted, so that other figures are of the same.

    Left out are observers and data sets that it skipped, second answers to an image, and images that not everybody saw.
    """
    return TrialTable(table.frame.iloc[found.admitted], table.files)


# The figures of everybody on one set of images ------------------------------------------------------------------


@dataclass(frozen=True)
class _Measured:
    """A result, and the plain and resampled values behind it."""

    result: DatasetResult
    replicates: Replicates


def _measure(
    panel: Panel,
    mask: BoolArray,
    models: tuple[str, ...],
    admitted: Admitted,
    labels: Mapping[str, int],
    root: int,
    resamples: int,
    resample: Resample,
) -> dict[str, _Measured]:
    """Measure people and models on the masked images; the key PEOPLE holds the people together."""
    entry, people = panel.entry, admitted.people
    observers = (*people, *models)
    correct = panel.correct[[panel.row(name) for name in observers]][:, mask]
    condition = panel.condition[mask]
    image_key = panel.sha(mask)
    kept_conditions = frozenset(entry.kept)
    drawn_people = None
    if resample != "images":
        drawn_people = observer_weights(len(people), resamples, stream(root, entry.name, "people"))
    shape_bias = {name: ShapeBias(UNDEFINED, {}, np.full(1 + resamples, np.nan)) for name in (*observers, PEOPLE)}
    figures: dict[str, dict[str, tuple[int, FloatArray]]] = {name: {} for name in (*observers, PEOPLE)}
    drawn_images = 0 if resample == "observers" else resamples
    rights = np.zeros((1 + drawn_images, len(observers)))
    kept_images = np.isin(condition, list(kept_conditions))
    n_kept = int(kept_images.sum())
    for label in entry.conditions:
        here = condition == label
        n = int(here.sum())
        if n == 0:
            continue
        weights = resample_weights(n, drawn_images, stream(root, entry.name, image_key, label))
        figures_here, right = _condition(correct[:, here], weights, len(people), drawn_people)
        for name, values in zip((*observers, PEOPLE), figures_here, strict=True):
            figures[name][label] = (n, values)
        if label in kept_conditions:
            rights += right
        if entry.name == CONFLICT:
            shape_bias = _conflict(panel, mask, observers, people, weights, drawn_people)

    measured: dict[str, _Measured] = {}
    accuracy = rights / n_kept if n_kept else np.full_like(rights, np.nan)
    n_images = int(mask.sum())
    for column, name in enumerate((*observers, PEOPLE)):
        if name == PEOPLE and not people:
            continue
        kept = [values for label, (_, values) in figures[name].items() if label in kept_conditions]
        average = np.mean(kept, axis=0) if kept else np.full((4, 1 + resamples), np.nan)
        is_one = name != PEOPLE
        if is_one:
            own = _alone(accuracy[:, column], 1 + resamples)
            right = correct[column, kept_images].astype(np.float64)
        else:
            own = over_observers(accuracy[:, : len(people)], drawn_people)
            right = correct[: len(people), kept_images].mean(axis=0)
        against = len(people) > (1 if name in people or name == PEOPLE else 0)
        n_against = n_kept if against else 0
        total = admitted.totals.get(name, admitted.total)
        own_accuracy = estimate(own, n_kept, proportion=is_one)
        n_labels = labels.get(name, len(CATEGORIES))
        result = DatasetResult(
            dataset=entry.name,
            n_images=n_images,
            catalogue_images=total,
            partial=n_images < total,
            reason=admitted.reasons.get(name),
            accuracy=own_accuracy,
            above_chance=own_accuracy.shifted(-1.0 / n_labels),
            accuracy_difference=estimate(average[1], n_against),
            observed_consistency=estimate(average[2], n_against),
            error_consistency=estimate(average[3], n_against, bounds=(-1.0, 1.0)),
            shape_bias=shape_bias[name].overall,
            shape_bias_by_category=shape_bias[name].by_category,
            conditions={
                label: ConditionResult(
                    condition=label,
                    kept=label in kept_conditions,
                    n_images=n,
                    accuracy=estimate(values[0], n, proportion=is_one),
                    accuracy_difference=estimate(values[1], n if against else 0),
                    observed_consistency=estimate(values[2], n if against else 0),
                    error_consistency=estimate(values[3], n if against else 0, bounds=(-1.0, 1.0)),
                )
                for label, (n, values) in figures[name].items()
            },
            n_labels=n_labels,
        )
        replicates = Replicates(image_key, right, own, average[1], average[2], average[3], shape_bias[name].resampled)
        measured[name] = _Measured(result, replicates)
    if people:
        together = measured[PEOPLE]
        for name in models:
            one = measured[name]
            beside = replace(one.replicates, people=together.replicates)
            result = replace(one.result, people=together.result) if one.result.partial else one.result
            measured[name] = _Measured(result, beside)
    return measured


def _condition(
    correct: BoolArray, weights: npt.NDArray[np.float32], n_people: int, drawn_people: FloatArray | None
) -> tuple[list[FloatArray], FloatArray]:
    """Compare all observers on one condition; people are the first rows of `correct`.

    Gives for each observer, and last for the people together, a (4, 1 + resamples) array of accuracy, and of
    accuracy difference, observed consistency and κ averaged over the (other) people; and the counts of right
    answers. `weights` has one row where images are not drawn, and `drawn_people` is None where people are not.
    """
    n = correct.shape[1]
    rows = weights.shape[0] if drawn_people is None else drawn_people.shape[0]
    x = correct.astype(np.float32)
    right = (weights @ x.T).astype(np.float64)
    p = right / n
    figures: list[FloatArray] = []
    for row in range(correct.shape[0]):
        partners = [person for person in range(n_people) if person != row]
        values = np.full((4, rows), np.nan)
        values[0] = _alone(p[:, row], rows)
        if partners:
            both = (weights @ (x[partners] * x[row]).T).astype(np.float64) / n
            p_row, p_people = p[:, [row]], p[:, partners]
            observed = 1.0 - p_row - p_people + 2.0 * both
            observed = np.where(observed > 1.0 - 1e-9, 1.0, observed)
            drawn = None if drawn_people is None else drawn_people[:, partners]
            values[1] = over_observers(accuracy_difference(p_row, p_people), drawn)
            values[2] = over_observers(observed, drawn)
            values[3] = over_observers(kappa(observed, expected_consistency(p_row, p_people)), drawn)
        figures.append(values)
    return [*figures, _together(figures[:n_people], p[:, :n_people], drawn_people, rows)], right


def _alone(values: FloatArray, rows: int) -> FloatArray:
    """Give what an observer does alone as (rows,) values; without drawn images nothing but the plain one is known."""
    return values if values.size == rows else np.concatenate([values, np.full(rows - values.size, np.nan)])


def _together(figures: list[FloatArray], p: FloatArray, drawn_people: FloatArray | None, rows: int) -> FloatArray:
    """Average the people's figures; a pair of people counts by the product of their weights, nobody with himself."""
    if not figures:
        return np.full((4, rows), np.nan)
    if drawn_people is None:
        return np.asarray(np.mean(figures, axis=0))
    own = over_observers(p, drawn_people)
    pairs = drawn_people * (drawn_people.sum(axis=1, keepdims=True) - drawn_people)
    stacked = np.stack(figures, axis=-1)
    return np.stack([own, *(over_observers(stacked[figure], pairs) for figure in (1, 2, 3))])


def _conflict(
    panel: Panel,
    mask: BoolArray,
    observers: tuple[str, ...],
    people: tuple[str, ...],
    weights: npt.NDArray[np.float32],
    drawn_people: FloatArray | None,
) -> dict[str, ShapeBias]:
    """Estimate shape bias on the masked images, for each observer and for the trials of all people together."""
    differs = (panel.texture[mask] != "") & (panel.texture[mask] != panel.category[mask])
    shape = panel.category[mask][differs]
    weights = weights[:, differs]
    by_shape = panel.correct[:, mask][:, differs]
    by_texture = panel.texture_chosen[:, mask][:, differs]
    rows = weights.shape[0] if drawn_people is None else drawn_people.shape[0]
    found = {PEOPLE: ShapeBias(UNDEFINED, {}, np.full(rows, np.nan))}
    for name in observers:
        at = panel.row(name)
        alone = shape_bias_from_decisions(by_shape[[at]], by_texture[[at]], shape, weights)
        found[name] = replace(alone, resampled=_alone(alone.resampled, rows))
    if people:
        at_people = [panel.row(name) for name in people]
        found[PEOPLE] = shape_bias_from_decisions(
            by_shape[at_people], by_texture[at_people], shape, weights, drawn_people
        )
    return found


# Averages over data sets ----------------------------------------------------------------------------------------


def _observer(name: str, model_type: str, parts: Mapping[str, _Measured], total: int) -> ObserverResult:
    """Average one observer's figures over the data sets, of `total`; undefined ones are left out and not counted."""
    results = {dataset: part.result for dataset, part in parts.items()}
    conflict = results.get(CONFLICT)
    compared = [part for part in parts.values() if part.result.error_consistency.defined]
    return ObserverResult(
        name=name,
        model_type=model_type,
        ood_accuracy=_average(
            [(part.replicates.accuracy, part.result.accuracy.n) for part in parts.values()], proportion=name != PEOPLE
        ),
        accuracy_difference=_average(
            [(part.replicates.accuracy_difference, part.result.accuracy_difference.n) for part in compared]
        ),
        observed_consistency=_average(
            [(part.replicates.observed_consistency, part.result.observed_consistency.n) for part in compared]
        ),
        error_consistency=_average(
            [(part.replicates.error_consistency, part.result.error_consistency.n) for part in compared],
            bounds=(-1.0, 1.0),
        ),
        mean_rank=UNDEFINED,
        shape_bias=conflict.shape_bias if conflict else UNDEFINED,
        shape_bias_by_category=conflict.shape_bias_by_category if conflict else {},
        datasets=results,
        n_datasets=len(results),
        n_datasets_with_people=len(compared),
        complete=len(results) == total and not any(result.partial for result in results.values()),
        catalogue_datasets=total,
    )


def _average(
    parts: Sequence[tuple[FloatArray, int]], bounds: tuple[float, float] = (0.0, 1.0), *, proportion: bool = False
) -> Estimate:
    defined = [(values, n) for values, n in parts if not math.isnan(float(values[0]))]
    if not defined:
        return UNDEFINED
    mean = np.mean([values for values, _ in defined], axis=0)
    return estimate(mean, sum(n for _, n in defined), bounds=bounds, proportion=proportion)


def _ranked(rows: dict[str, ObserverResult], parts: Mapping[str, Mapping[str, _Measured]]) -> dict[str, ObserverResult]:
    """Give the complete models their ranks: by OOD accuracy, and over the figures that compare with people."""
    complete = [name for name, row in rows.items() if row.complete]
    compared = [name for name in complete if rows[name].n_datasets_with_people == rows[name].catalogue_datasets]
    by_accuracy = _ranks(parts, complete, {"accuracy": True})
    over_all = _ranks(
        parts, compared, {"accuracy_difference": False, "observed_consistency": True, "error_consistency": True}
    )
    return {
        name: replace(
            row,
            accuracy_rank=by_accuracy.get(name, row.accuracy_rank),
            mean_rank=over_all.get(name, row.mean_rank),
        )
        for name, row in rows.items()
    }


def _ranks(
    parts: Mapping[str, Mapping[str, _Measured]], names: Sequence[str], figures: Mapping[str, bool]
) -> dict[str, Estimate]:
    """Rank models by the averages of `figures` (whether higher is better), anew in each of their joint draws."""
    if not names:
        return {}

    def column(figure: str) -> FloatArray:
        values = [[getattr(part.replicates, figure) for part in parts[name].values()] for name in names]
        return np.mean(values, axis=1).T

    ranks = mean_ranks([column(figure) for figure in figures], higher_is_better=list(figures.values()))
    bounds = (1.0, float(len(names)))
    return {
        name: estimate(ranks[:, place], len(names), bounds=bounds, correct_bias=False)
        for place, name in enumerate(names)
    }


def _model_types(
    models: Mapping[str, Mapping[str, _Measured]], sidecars: Mapping[tuple[str, str], Sidecar]
) -> dict[str, str]:
    types = dict.fromkeys(models, UNKNOWN_TYPE)
    for (_, observer), note in sidecars.items():
        if observer in types:
            types[observer] = note.model_type
    return types
