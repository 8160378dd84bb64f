"""The demo: the paper's experiment in the pocket world, from pictures to the page, offline and in minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from reconstrue import __version__
from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.reconstruct import reconstruct
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.prompts import prompt
from reconstrue.errors import UserError
from reconstrue.metrics import Benchmark, Estimate, between_models
from reconstrue.metrics.accuracy import CHANCE
from reconstrue.report.figures import DecisionStrip, figure_1, figure_2, save_figure, verdict
from reconstrue.report.page import Gallery, GalleryItem, benchmark_page, write_page
from reconstrue.report.tables import NEVER_SEEN, Table, consistency_table, per_dataset_table, table_1
from reconstrue.run.local import evaluate
from reconstrue.run.plan import Plan
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.sources import POCKET
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.stimuli.world.sets import world_set
from reconstrue.studies.benchmark import run_benchmark

# Trained under diffusion noise, so it is also asked under it (Appendix E of the paper).
_WITH_NOISE = "pocket-resnet-noise"
# Pictures of each set, and draws per picture at most.
PICTURES = {"cue-conflict": 64, "silhouette": 32, "edge": 32}
DRAWS = 12
# Where reconstructions are shown: enough noise that the prompt shows, enough signal that the picture does.
_SHOWN_T = 0.6
_ABOUT = {
    "cue-conflict": "The shape of one category under the texture of another. Which of the two does a model name?",
    "silhouette": "Filled shapes, black on white: no texture to go by.",
    "edge": "Line drawings of contours and inner borders, black on white.",
}

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Entrant:
    """A model as it takes part.

    Attributes:
        model: a card or a folder.
        name: the observer's name; None for the model's own.
        input_noise: as in `Options`.
    """

    model: str
    name: str | None = None
    input_noise: str = "none"


def entrants() -> tuple[Entrant, ...]:
    """Return the models of all categories that ship in the package, kind by kind; the one trained under noise twice."""
    found = [Entrant(c.name) for c in load_cards().values() if c.packaged is not None and c.known == CATEGORIES]
    if _WITH_NOISE in {entrant.model for entrant in found}:
        found.append(Entrant(_WITH_NOISE, f"{_WITH_NOISE}-eval", "diffusion"))
    return tuple(found)


@dataclass(frozen=True)
class DemoResult:
    """What the demo left behind.

    Attributes:
        page: the report.
        tables: Table 1, accuracy per data set, and consistency between the models.
        findings: headline sentences, each with its figures.
    """

    page: Path
    tables: tuple[Table, ...]
    findings: tuple[str, ...]


def run_demo(
    out: Path,
    *,
    seed: int,
    tell: Tell,
    models: Sequence[Entrant] | None = None,
    pictures: Mapping[str, int] = PICTURES,
    draws: int = DRAWS,
) -> DemoResult:
    """Let the models answer pocket pictures and write trials, tables, figures and ``report.html`` to `out`.

    Args:
        out: the folder; the same call goes on where it stopped.
        seed: of the world and of all noise.
        tell: told (what, done, in all) as the work goes on.
        models: who takes part; by default every model that ships.
        pictures: pictures of each data set.
        draws: of noise per picture at most.

    Raises:
        UserError: `out` cannot be written.
    """
    options = Options(policy="safe-leader", max_draws=draws, seed=seed)
    sets = {name: world_set(name, count, seed) for name, count in pictures.items()}
    classifiers = [
        load_classifier(entrant.model, replace(options, input_noise=entrant.input_noise), name=entrant.name)
        for entrant in (entrants() if models is None else models)
    ]
    answers: dict[tuple[str, str], pd.DataFrame] = {}
    for classifier in classifiers:
        for name, stimuli in sets.items():
            plan = Plan(classifier, stimuli, world=POCKET)
            # The folder is the demo's own: answers of an earlier version are replaced.
            result = evaluate(plan, out, partial(tell, f"{classifier.name} on {name}"), replace=True)
            answers[classifier.name, name] = result.answers
    tell("tables, figures and the page", 0, 1)
    studied = run_benchmark([out / "trials"], out / "tables", seed=seed, why_no_people=NEVER_SEEN)
    if studied.problems:
        raise UserError(studied.problems[0])
    between = between_models(studied.counted, resamples=1000, generator=stream(seed, "between models"))
    strips = [strip for c in classifiers for strip in _strips(c, sets, answers, seed)]
    findings = _findings(studied.benchmark)
    page = benchmark_page(
        studied.benchmark,
        title="The pocket world: do models go by shape or by texture?",
        lead="Small models of every kind, trained on the same drawings, in which shape and texture always agreed, answer "
        "pictures in which they do not.",
        findings=findings,
        run=[
            ("command", f"reconstrue demo --seed {seed}"),
            ("reconstrue", __version__),
            ("pictures", ", ".join(f"{len(s)} {name}" for name, s in sets.items()) + f", {POCKET} world, seed {seed}"),
            *((c.name, _one_line(c.settings())) for c in classifiers),
        ],
        strips=strips,
        between=between,
        galleries=[_gallery(name, stimuli, classifiers, answers) for name, stimuli in sets.items()],
        why_no_people=NEVER_SEEN,
    )
    try:
        for suffix in ("svg", "png", "pdf"):
            save_figure(figure_1(studied.benchmark), out / "figures" / f"figure-1.{suffix}")
        for number, strip in enumerate(strips, start=1):
            save_figure(figure_2(strip), out / "figures" / f"figure-2-{number}.svg")
        write_page(out / "report.html", page)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    tell("tables, figures and the page", 1, 1)
    tables = (
        table_1(studied.benchmark, why_no_people=NEVER_SEEN),
        per_dataset_table(studied.benchmark, why_no_people=NEVER_SEEN),
        *(consistency_table(matrix) for matrix in between.values()),
    )
    return DemoResult(out / "report.html", tables, findings)


def _strips(
    classifier: Classifier, sets: Mapping[str, StimulusSet], answers: Mapping[tuple[str, str], pd.DataFrame], seed: int
) -> list[DecisionStrip]:
    """Return how a diffusion classifier decided on pictures where the models differ, one of each data set."""
    if not isinstance(classifier, DiffusionClassifier):
        return []
    strips = []
    for name, stimuli in sets.items():
        responses = pd.DataFrame({o: a["response"] for (o, n), a in answers.items() if n == name})
        index = int((responses.nunique(axis=1) > 1).to_numpy().argmax())
        stimulus = stimuli.stimuli[index]
        draws = int(answers[classifier.name, name]["draws"][index])
        shown = reconstruct(
            classifier.denoiser,
            stimulus,
            [prompt(label, classifier.templates[0]) for label in CATEGORIES],
            t=_SHOWN_T,
            seed=seed,
            draw=draws,
        )
        strips.append(
            DecisionStrip(
                observer=classifier.name,
                picture=shown.picture,
                noised=shown.noised,
                labels=CATEGORIES,
                reconstructions=shown.reconstructions,
                distances=shown.distances,
                decision=str(responses[classifier.name][index]),
                t=shown.t,
                category=stimulus.category,
                texture=stimulus.texture,
                note=f"Shown: one further draw. The decision rests on {draws} others, over all noise levels.",
            )
        )
    return strips


def _gallery(
    name: str,
    stimuli: StimulusSet,
    classifiers: Sequence[Classifier],
    answers: Mapping[tuple[str, str], pd.DataFrame],
) -> Gallery:
    def item(index: int, stimulus: Stimulus) -> GalleryItem:
        caption = f"{stimulus.category} under {stimulus.texture}" if stimulus.texture else stimulus.category
        given = [(c.name, str(answers[c.name, name]["response"][index])) for c in classifiers]
        return GalleryItem(
            stimulus.read(),
            caption,
            tuple((who, what, verdict(what, stimulus.category, stimulus.texture)) for who, what in given),
        )

    return Gallery(name, _ABOUT.get(name, ""), tuple(item(i, s) for i, s in enumerate(stimuli)))


def _findings(found: Benchmark) -> tuple[str, ...]:
    """Return what the figures say, a sentence for each observer, those that go by shape first."""
    sentences = []
    by_shape = sorted(
        found.models.items(), key=lambda item: -item[1].shape_bias.value if item[1].shape_bias.defined else 1
    )
    for name, row in by_shape:
        right = ", ".join(f"{dataset} {_percent(result.accuracy)}" for dataset, result in row.datasets.items())
        said = f"right by shape: {right}"
        if row.shape_bias.defined:
            said = f"shape bias {_percent(row.shape_bias)} (n = {row.shape_bias.n}); {said}"
        sentences.append(f"{name}: {said}.")
    sentences.append(
        f"Shape bias: of the decisions for shape or texture, those for shape. Chance of being right is {CHANCE:.0%}."
    )
    return tuple(sentences)


def _percent(figure: Estimate) -> str:
    return f"{figure.value:.0%} [{figure.low:.0%}, {figure.high:.0%}]"


def _one_line(settings: Mapping[str, object]) -> str:
    shown = {k: str(v)[:12] if k == "weights" else v for k, v in settings.items()}
    return ", ".join(f"{key} {value}" for key, value in shown.items())
