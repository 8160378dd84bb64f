"""What a controlled study trains and asks: data from ``studies.toml``, and one object per model, seed and question."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from reconstrue.classifiers.cards import load_cards
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.train.recipe import Recipe, load_recipe
from reconstrue.trials.table import CONFLICT

# Added to a study's seeds: the shipped models have small ones, and are no further seeds of these.
_SEEDS_FROM = 100
# Of AdamW, for all models. Warm-up and averaging of weights each span a tenth of the training, as they would otherwise be
# most of a short one for some kinds and little of it for others.
_WEIGHT_DECAY = 0.01
_TENTH = 10
GENERATIVE, DISCRIMINATIVE = "generative", "discriminative"


@dataclass(frozen=True)
class Settings:
    """The sizes that all studies of a folder share, as they share models and answers.

    Attributes:
        steps: of each training; the recipes' batches, so the pictures seen are `steps` times 64.
        pictures: of each data set.
        conflict_pictures: of cue-conflict, of which 240 show every pair of categories once.
        draws: of noise per picture at most, where a model samples.
        evidence_draws: per picture, the same for all labels, where evidence is weighed anew.
        world_seed: of the pictures that are asked; no model was trained on it.
    """

    steps: int = 500
    pictures: int = 32
    conflict_pictures: int = 240
    draws: int = 8
    evidence_draws: int = 24
    world_seed: int = 7

    def pictures_of(self, dataset: str) -> int:
        """Return how many pictures of a data set are asked."""
        return self.conflict_pictures if dataset == CONFLICT else self.pictures

    def check(self) -> None:
        """Raise UserError for a size below 1."""
        for name, value in asdict(self).items():
            if name != "world_seed" and value < 1:
                raise UserError(f"the setting {name.replace('_', ' ')} must be at least 1, got {value}")


@dataclass(frozen=True)
class Model:
    """One thing that is compared: a model to be trained with several seeds, or a shipped one.

    Attributes:
        name: of its folders, and of its observers; a card's for a shipped one.
        label: in tables and figures.
        side: ``generative``, ``discriminative`` or '' where that is not asked.
        recipe: the packaged one that it follows; '' for a shipped model.
        changes: of the recipe's `model` options.
        asked: names of the study's templates, each another observer; () for the model's own.
        x: its place on the axis of what is varied.
        train: whether it is trained where it is missing, or left out.
    """

    name: str
    label: str
    side: str = ""
    recipe: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    x: float = 0.0
    train: bool = True

    def recipe_of(self, seed: int, steps: int) -> Recipe:
        """Return the recipe of one seed; its name is that of its checkpoints, which no other setting shares.

        Warm-up, weight decay and averaging of weights are the same for all models.
        """
        base = load_recipe(self.recipe)
        return replace(
            base,
            name=f"study-{self.name}-{steps}-seed{seed}",
            seed=_SEEDS_FROM + seed,
            steps=steps,
            weight_decay=_WEIGHT_DECAY,
            warmup=max(1, steps // _TENTH),
            ema=max(0.0, 1 - _TENTH / steps),
            model={**base.model, **self.changes},
        )


@dataclass(frozen=True)
class Observer:
    """One who answers: a model of one seed, asked in one way.

    Attributes:
        name: in tables and files.
        model: what is compared.
        seed: of its training, 1 and up; 0 for a shipped model.
        prompts: templates of the question; None for the model's own.
    """

    name: str
    model: Model
    seed: int
    prompts: tuple[str, ...] | None = None

    @property
    def trained(self) -> str:
        """The name of the folder of its weights; '' for a shipped model."""
        return f"{self.model.name}-seed{self.seed}" if self.seed else ""

    def source(self, out: Path) -> str:
        """Return what the front door is given: a card's name, or the folder below `out`."""
        return str(out / "models" / self.trained) if self.seed else self.model.name


@dataclass(frozen=True)
class Group:
    """The observers whose average is one figure: all seeds of a model, asked in one way."""

    label: str
    model: Model
    asked: str
    observers: tuple[Observer, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The observers' names."""
        return tuple(observer.name for observer in self.observers)


@dataclass(frozen=True)
class Study:
    """One controlled study.

    Attributes:
        name: as it is typed.
        title: of its page.
        question: that it asks.
        equal: what it holds equal.
        differs: what it lets vary.
        sets: data sets; ``all`` for the 17.
        models: that are compared.
        evidence: whether the draws are kept and weighed anew (fixed grid), and not only the answers.
        templates: of questions, by name.
        takes: studies whose trained models take part where they are there.
        published: whether published pictures are asked, all that a folder has, instead of drawn ones.
    """

    name: str
    title: str
    question: str
    equal: str
    differs: str
    sets: tuple[str, ...]
    models: tuple[Model, ...]
    evidence: bool = False
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    published: bool = False

    @property
    def categories(self) -> tuple[str, ...]:
        """What everybody knows, and so chooses among: all 16 categories, unless a shipped model's card says less."""
        cards = load_cards()
        stated = [cards[model.name].categories for model in self.models if model.name in cards]
        return tuple(one for one in CATEGORIES if all(one in known for known in stated if known))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that are asked, in the order of the catalogue."""
        known = tuple(load_catalog())
        return known if "all" in self.sets else tuple(name for name in known if name in self.sets)

    def with_sets(self, sets: Sequence[str]) -> Study:
        """Return it on other data sets; raises UserError for one that is unknown."""
        if self.evidence:
            raise UserError(f"{self.name} weighs the draws of cue-conflict and of clean pictures; leave --sets out")
        known = load_catalog()
        for name in sets:
            if name != "all" and name not in known:
                raise UserError(f"unknown data set '{name}'{did_you_mean(name, known)}")
        return replace(self, sets=tuple(sets))

    def groups(self, seeds: int, out: Path) -> tuple[Group, ...]:
        """Return who is compared: models that are not trained here take part where `out` has them."""
        found = []
        for model in self.models:
            there = list(range(1, seeds + 1)) if model.recipe else [0]
            if model.recipe and not model.train:
                there = [seed for seed in there if is_trained(Observer("", model, seed), out)]
            for asked in (model.asked or ("",)) if there else ():
                prompts = self.templates[asked] if asked else None
                observers = tuple(Observer(_name(model, seed, asked), model, seed, prompts) for seed in there)
                label = f"{model.label} · “{asked}”" if len(model.asked) > 1 else model.label
                found.append(Group(label, model, asked, observers))
        return tuple(found)


def _name(model: Model, seed: int, asked: str) -> str:
    return "-".join(part for part in (model.name, f"seed{seed}" if seed else "", asked and f"asked-{asked}") if part)


def load_studies() -> dict[str, Study]:
    """Return the controlled studies by name."""
    text = files("reconstrue.studies.controlled").joinpath("studies.toml").read_text(encoding="utf-8")
    stated = tomllib.loads(text)
    own = {name: tuple(_model(one) for one in part["models"]) for name, part in stated.items()}
    studies = {}
    for name, part in stated.items():
        taken: dict[str, Model] = {}
        for model in (model for other in part.get("takes", ()) for model in own[other]):
            taken.setdefault(model.name, replace(model, train=False))
        studies[name] = Study(
            name=name,
            title=part["title"],
            question=part["question"],
            equal=part["equal"],
            differs=part["differs"],
            sets=tuple(part["sets"]),
            models=(*taken.values(), *own[name]),
            evidence=part.get("evidence", False),
            templates={key: tuple(given) for key, given in part.get("templates", {}).items()},
            takes=tuple(part.get("takes", ())),
            published=part.get("published", False),
        )
    return studies


def load_study(name: str) -> Study:
    """Return the study of that name; raises UserError (with the nearest name) where there is none."""
    studies = load_studies()
    if name not in studies:
        raise UserError(f"unknown study '{name}'{did_you_mean(name, studies)}")
    return studies[name]


def _model(stated: Mapping[str, Any]) -> Model:
    return Model(**{**stated, "asked": tuple(stated.get("asked", ()))})


# What is done, and what is left ---------------------------------------------------------------------------------

SETTINGS_FILE = "settings.json"
"""In the folder of the studies: the sizes that it was begun with."""


def begun(out: Path) -> Settings | None:
    """Return the settings that a folder was begun with; None where it was not.

    Raises:
        UserError: the file does not hold such settings.
    """
    path = out / SETTINGS_FILE
    if not path.exists():
        return None
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        found = Settings(**{name: int(stated[name]) for name in asdict(Settings())})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: holds no settings of studies ({error}); remove it, or give another --out") from error
    return found


def training_record(folder: Path) -> dict[str, Any]:
    """Return what ``training.json`` of a model's folder says; empty where there is none or it is not finished."""
    try:
        record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return record if isinstance(record, dict) and record.get("cost") else {}


def shipped_record(card: str) -> dict[str, Any]:
    """Return what ``training.json`` of a model in the package says; empty for a card without one."""
    folder = load_cards()[card].packaged
    return training_record(folder) if folder is not None else {}


def is_trained(observer: Observer, out: Path) -> bool:
    """Say whether a model of a study is finished in the study's folder."""
    return bool(training_record(out / "models" / observer.trained))


def answers_folder(observer: Observer, out: Path) -> Path:
    """Return the run folder of one observer's answers."""
    return out / "answers" / observer.name


def evidence_folder(observer: Observer, out: Path, part: str) -> Path:
    """Return the run folder of one observer's evidence on ``clean`` or ``conflict`` pictures."""
    return out / "evidence" / part / observer.name


@dataclass(frozen=True)
class Forecast:
    """What a study takes, and what of it is done.

    Attributes:
        study: whose it is.
        models: to be trained in all.
        trained: of them.
        pictures: that each training sees.
        hours: of the trainings that are left, from what the shipped models took on one thread for each picture.
        answers: files of answers in all.
        answered: of them.
    """

    study: Study
    models: int
    trained: int
    pictures: int
    hours: float
    answers: int
    answered: int


def forecast(study: Study, seeds: int, settings: Settings, out: Path, work: Path) -> Forecast:
    """Say what a study takes in all, and what of it is left."""
    groups = study.groups(seeds, out)
    wanted = {o.trained: o for group in groups for o in group.observers if o.seed and o.model.train}
    left = [observer for name, observer in wanted.items() if not training_record(out / "models" / name)]
    hours = sum(_hours(observer.model, settings.steps) for observer in left)
    autoencoders = {load_recipe(o.model.recipe).model.get("autoencoder"): o.model for o in left}
    for name, model in autoencoders.items():
        if name and not (work / str(name) / "model" / "config.json").is_file():
            hours += float(shipped_record(model.recipe)["cost"]["autoencoder"]["hours"])
    folders = [folder for group in groups for o in group.observers for folder in _trial_folders(study, o, out)]
    answered = sum(any(folder.glob("*.csv")) for folder in folders)
    pictures = max((settings.steps * load_recipe(o.model.recipe).batch_size for o in wanted.values()), default=0)
    return Forecast(study, len(wanted), len(wanted) - len(left), pictures, hours, len(folders), answered)


def _trial_folders(study: Study, observer: Observer, out: Path) -> list[Path]:
    if study.evidence:
        return [
            evidence_folder(observer, out, "conflict") / "trials" / CONFLICT,
            evidence_folder(observer, out, "clean") / "trials" / CLEAN,
        ]
    return [answers_folder(observer, out) / "trials" / name for name in study.datasets]


CLEAN = "colour"
"""The data set whose undistorted pictures are the clean ones of which evidence is gathered."""


def _hours(model: Model, steps: int) -> float:
    cost = shipped_record(model.recipe)["cost"]
    return float(cost["hours"]) * steps * load_recipe(model.recipe).batch_size / float(cost["pictures"])
