"""The two-prompt test (§3.4 of the paper): does a model see both readings of an illusion, and where does it put their parts?

Every picture is drawn again under four prompts: its two readings A and B, and two categories C and D that are not in it,
all from the same noise. Which prompt wins is a matter of distance; where the parts are put is the localisation of
`reconstrue.metrics.localisation`. The controls are the same figure under the wrong prompts (C for A, D for B: ½ unless
something other than the prompt decides), and on pictures that have one reading only, made in the same way.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconstrue import __version__
from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.redraw import redraw, require_drawer
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.prompts import prompt
from reconstrue.classifiers.told import refuse_twins
from reconstrue.errors import UserError
from reconstrue.metrics.intervals import Estimate
from reconstrue.metrics.localisation import change_between, localisation, mean_over_pictures
from reconstrue.report.figures.files import save_figure
from reconstrue.report.figures.illusions import IllusionRow, figure_illusions
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.illusions import KINDS, Illusion, illusion_set
from reconstrue.studies.benchmark import require_folder
from reconstrue.trials.sidecar import write_text_atomically

FloatArray = NDArray[np.float64]
Tell = Callable[[str, int, int], None]

SHOWN: Final = ("illusion", "first alone", "second alone")
"""What is shown of each illusion: the picture itself, and its two controls."""

ALL: Final = "all"
TIMES: Final = (0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Drawn:
    """A picture drawn again under k prompts from one noise: (k, H, W, 3) in [0, 1], and (k,) squared distances."""

    pictures: NDArray[np.floating]
    distances: FloatArray


Redraw = Callable[[Stimulus, Sequence[str], float, int], Drawn]
"""Draws a picture again under some categories, at a noise level (or hidden share), in one numbered draw."""


@dataclass(frozen=True)
class Answer:
    """What came of one picture at one noise level, or over all of them.

    Attributes:
        name: of the illusion.
        kind: of the illusion.
        categories: the readings A and B, and the wrong C and D.
        shown: one of `SHOWN`.
        t: the noise level; NaN for all of them together.
        localisation: under A and B.
        wrong: the same figure under C and D.
        distances: (4,) mean squared distance under A, B, C and D.
    """

    name: str
    kind: str
    categories: tuple[str, str, str, str]
    shown: str
    t: float
    localisation: float
    wrong: float
    distances: FloatArray

    @property
    def level(self) -> str:
        """The noise level in words."""
        return ALL if math.isnan(self.t) else f"{self.t:g}"

    @property
    def nearest(self) -> str:
        """The category whose drawing is nearest."""
        return self.categories[int(self.distances.argmin())]

    @property
    def both_before_wrong(self) -> bool:
        """Whether both readings are nearer than both wrong categories; one in six by chance."""
        return bool(self.distances[:2].max() < self.distances[2:].min())


@dataclass(frozen=True)
class Group:
    """The figures of a kind of illusion (or all) at a noise level (or all), each a mean over illusions.

    Attributes:
        kind: of illusion, or ``all``.
        level: noise level, or ``all``.
        localisation: of illusions under their readings; ½ by chance.
        wrong: of illusions under wrong prompts.
        beyond: localisation − wrong; 0 by chance.
        alone: localisation on the two controls, their mean.
        both: the share of illusions both of whose readings are nearer than both wrong categories; 1/6 by chance.
        first: the share of illusions where the first reading is nearer than the second.
        own: on the controls, the share where the category shown is nearer than the other reading; ½ by chance.
    """

    kind: str
    level: str
    localisation: Estimate
    wrong: Estimate
    beyond: Estimate
    alone: Estimate
    both: Estimate
    first: Estimate
    own: Estimate

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        figures = ("localisation", "wrong", "beyond", "alone", "both", "first", "own")
        return {"kind": self.kind, "t": self.level, **{name: getattr(self, name).to_json() for name in figures}}


@dataclass(frozen=True)
class IllusionResult:
    """What the test found.

    Attributes:
        observer: the model's name.
        groups: all illusions first, then each kind; each at all noise levels together, then at each.
        written: the files.
        finding: one sentence.
    """

    observer: str
    groups: tuple[Group, ...]
    written: tuple[Path, ...]
    finding: str


def run_illusions(
    model: str,
    out: Path,
    *,
    count: int = 40,
    draws: int = 4,
    times: Sequence[float] = TIMES,
    options: Options | None = None,
    resamples: int = 1000,
    tell: Tell | None = None,
) -> IllusionResult:
    """Draw the illusions at the model's resolution, test the model, and write figures, rows and a picture to a folder.

    Raises:
        UserError: no such model, one that cannot draw a picture again, numbers out of range, or a folder that cannot be
            written.
    """
    chosen = options or Options()
    check(count, draws, times, resamples)
    require_folder(out)
    classifier = load_classifier(model, chosen)
    drawn = redrawer(classifier)
    illusions = illusion_set(count, chosen.seed, classifier.resolution)
    answers, rows = ask(drawn, illusions, draws, times, tell=tell)
    groups = summarise(answers, chosen.seed, resamples)
    settings = {
        "illusions": count,
        "draws": draws,
        "t": list(times),
        "resamples": resamples,
        "classifier": classifier.settings(),
    }
    finding = in_words(classifier.name, groups[0])
    said = {
        "observer": classifier.name,
        "reconstrue": __version__,
        "finding": finding,
        "settings": settings,
        "chance": {"localisation": 0.5, "wrong": 0.5, "beyond": 0.0, "alone": 0.5, "both": 1 / 6, "own": 0.5},
        "groups": [group.to_json() for group in groups],
    }
    written = tuple(out / name for name in ("illusions.json", "illusions.csv", "illusions.svg", "illusions.png"))
    about = f"{'t' if isinstance(classifier, DiffusionClassifier) else 'hidden share'} = {_shown_time(times):g}"
    try:
        write_text_atomically(written[0], json.dumps(said, indent=1, allow_nan=False, ensure_ascii=False) + "\n")
        write_text_atomically(written[1], to_csv(answers))
        figure = figure_illusions(rows, classifier.name, about)
        for path in written[2:]:
            save_figure(figure, path)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    return IllusionResult(classifier.name, groups, written, finding)


def check(count: int, draws: int, times: Sequence[float], resamples: int) -> None:
    """Raise UserError for a number that is out of range."""
    for flag, value, least in (("count", count, 1), ("draws", draws, 1), ("resamples", resamples, 0)):
        if value < least:
            raise UserError(f"--{flag} must be at least {least}, got {value}")
    if not times or not all(0 < t <= 1 for t in times) or len(set(times)) < len(times):
        raise UserError(f"--t must be above 0 and at most 1, each once, got {', '.join(f'{t:g}' for t in times)}")


def redrawer(classifier: Classifier) -> Redraw:
    """Return how a model draws a picture again: as `reconstrue.classifiers.generative.redraw` does.

    Raises:
        UserError: a model that does not draw pictures again, or that does not know the 16 categories or reads two alike.
    """
    drawer = require_drawer(classifier)
    told = tuple(prompt(category, drawer.templates[0]) for category in drawer.checked(CATEGORIES))
    network = drawer.denoiser if isinstance(drawer, DiffusionClassifier) else drawer.model
    refuse_twins(drawer.name, told, network.condition(told).tensors)

    def drawn(stimulus: Stimulus, categories: Sequence[str], t: float, draw: int) -> Drawn:
        made = redraw(drawer, stimulus, categories, t, draw=draw)
        return Drawn(made.drawn, made.distances)

    return drawn


def ask(
    redraw: Redraw, illusions: Sequence[Illusion], draws: int, times: Sequence[float], *, tell: Tell | None = None
) -> tuple[tuple[Answer, ...], tuple[IllusionRow, ...]]:
    """Return the answers to every illusion and its controls, and a row of the figure for the first of each kind."""
    answers: list[Answer] = []
    rows: dict[str, IllusionRow] = {}
    middle = list(times).index(_shown_time(times))
    for done, illusion in enumerate(illusions, start=1):
        for shown, stimulus in zip(SHOWN, (illusion.stimulus(), *illusion.controls()), strict=True):
            categories = (*illusion.readings, *illusion.wrong)
            maps, distances, examples = _drawn(redraw, stimulus, categories, draws, times)
            found = _answers(illusion, shown, times, maps, distances)
            answers += found
            if shown == SHOWN[0] and illusion.kind not in rows:
                rows[illusion.kind] = IllusionRow(
                    kind=illusion.kind,
                    readings=illusion.readings,
                    picture=illusion.picture / 255,
                    masks=illusion.masks,
                    drawn=examples[middle][:2],
                    change=maps[0, middle],
                    localisation=found[1 + middle].localisation,
                )
        if tell is not None:
            tell("illusions", done, len(illusions))
    return tuple(answers), tuple(rows.values())


def _shown_time(times: Sequence[float]) -> float:
    return sorted(times)[len(times) // 2]


def _drawn(
    redraw: Redraw, stimulus: Stimulus, categories: Sequence[str], draws: int, times: Sequence[float]
) -> tuple[FloatArray, FloatArray, list[NDArray[np.floating]]]:
    """Return D of A and B and of C and D, (2, times, H, W), distances (times, 4), and what the first draw gave.

    D and the distances are means over draws.
    """
    maps, distances, examples = [], [], []
    for t in times:
        made = [redraw(stimulus, categories, t, draw) for draw in range(draws)]
        pictures = np.stack([one.pictures for one in made])
        mean = pictures.mean(axis=1)
        pairs = [change_between(pictures[:, i], pictures[:, i + 1], mean).mean(axis=0) for i in (0, 2)]
        maps.append(np.stack(pairs))
        distances.append(np.mean([one.distances for one in made], axis=0))
        examples.append(made[0].pictures)
    return np.stack(maps, axis=1), np.stack(distances), examples


def _answers(
    illusion: Illusion, shown: str, times: Sequence[float], maps: FloatArray, distances: FloatArray
) -> list[Answer]:
    """Return the answer over all noise levels, then that at each.

    Levels are joined with equal weight: each map is divided by its mean change, each distance by the mean of the four.
    """
    scale = np.abs(maps).mean(axis=(0, 2, 3))
    scale = np.where(scale > 0, scale, 1.0)
    level = distances.mean(axis=1, keepdims=True)
    joined = (maps / scale[:, None, None]).mean(axis=1), (distances / np.where(level > 0, level, 1.0)).mean(axis=0)
    each = [(math.nan, *joined), *((t, maps[:, i], distances[i]) for i, t in enumerate(times))]
    return [
        Answer(
            name=illusion.name,
            kind=illusion.kind,
            categories=(*illusion.readings, *illusion.wrong),
            shown=shown,
            t=t,
            localisation=localisation(change[0], illusion.masks),
            wrong=localisation(change[1], illusion.masks),
            distances=distance,
        )
        for t, change, distance in each
    ]


def summarise(answers: Sequence[Answer], seed: int, resamples: int) -> tuple[Group, ...]:
    """Return the figures of all illusions and of each kind, over all noise levels and at each, with intervals."""
    levels = list(dict.fromkeys(answer.level for answer in answers))
    kinds = [kind for kind in KINDS if any(answer.kind == kind for answer in answers)]
    groups = []
    for kind in (ALL, *kinds):
        for level in levels:
            of = [a for a in answers if a.level == level and kind in (ALL, a.kind)]
            groups.append(_group(kind, level, of, seed, resamples))
    return tuple(groups)


def _group(kind: str, level: str, answers: Sequence[Answer], seed: int, resamples: int) -> Group:
    seen, first, second = ([a for a in answers if a.shown == shown] for shown in SHOWN)

    def mean(values: Sequence[float], low: float = 0.0, *, share: bool = False) -> Estimate:
        # The same stream for every figure: all are of the same resampled illusions.
        return mean_over_pictures(
            np.array(values, dtype=np.float64),
            stream(seed, "illusions", kind),
            resamples=resamples,
            bounds=(low, 1.0),
            proportion=share,
        )

    own = [
        0.5 * (float(a.distances[0] < a.distances[1]) + float(b.distances[1] < b.distances[0]))
        for a, b in zip(first, second, strict=True)
    ]
    return Group(
        kind=kind,
        level=level,
        localisation=mean([a.localisation for a in seen]),
        wrong=mean([a.wrong for a in seen]),
        beyond=mean([a.localisation - a.wrong for a in seen], -1.0),
        alone=mean([(a.localisation + b.localisation) / 2 for a, b in zip(first, second, strict=True)]),
        both=mean([float(a.both_before_wrong) for a in seen], share=True),
        first=mean([float(a.distances[0] < a.distances[1]) for a in seen], share=True),
        own=mean(own),
    )


def in_words(observer: str, group: Group) -> str:
    """Say in one sentence whether the parts are put where each reading has them."""

    def figure(of: Estimate) -> str:
        return f"{of.value:.2f}" if math.isnan(of.low) else f"{of.value:.2f} [{of.low:.2f}, {of.high:.2f}]"

    if not group.beyond.defined or math.isnan(group.beyond.low):
        verdict = "there is no interval to say whether this is beyond chance"
    elif group.beyond.low > 0:
        verdict = "it puts the parts of a reading where they lie"
    else:
        verdict = "no evidence that it puts the parts of a reading where they lie"
    return (
        f"{observer}: localisation {figure(group.localisation)} on {group.localisation.n} illusions (0.5 by chance), "
        f"{figure(group.wrong)} under wrong prompts, {figure(group.alone)} on pictures of one reading: {verdict}; "
        f"both readings are nearer than both wrong ones on {group.both.value:.0%} (17% by chance)."
    )


def to_csv(answers: Sequence[Answer]) -> str:
    """Return one row for each picture and noise level; undefined figures are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["name", "kind", "first", "second", "wrong_1", "wrong_2", "shown", "t", "localisation", "localisation_wrong"]
        + ["distance_first", "distance_second", "distance_wrong_1", "distance_wrong_2", "nearest"]
    )
    for a in answers:
        figures = ("" if math.isnan(value) else f"{value:.6g}" for value in (a.localisation, a.wrong, *a.distances))
        writer.writerow([a.name, a.kind, *a.categories, a.shown, a.level, *figures, a.nearest])
    return text.getvalue()
