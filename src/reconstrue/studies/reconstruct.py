"""What a model sees in picture files, under any prompts: figures, distances, and what the distances go by."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reconstrue import __version__
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.masked import HIDDEN_SHARE, MaskedClassifier, reconstruct_masked
from reconstrue.classifiers.generative.masked import STEPS as MASKED_STEPS
from reconstrue.classifiers.generative.reconstruct import GENERATION_STEPS, falling_times, generate, reconstruct
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.prompts import prompt
from reconstrue.classifiers.told import refuse_twins
from reconstrue.errors import UserError
from reconstrue.metrics.ability import Ability, ability, changes
from reconstrue.report.figures.files import FORMATS, figure_format, save_figure
from reconstrue.report.figures.reconstructions import (
    ReconstructionGrid,
    ReconstructionRow,
    describe_ability,
    figure_8,
)
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.folders import read_picture
from reconstrue.stimuli.sources import POCKET
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.studies.benchmark import require_folder
from reconstrue.studies.frequencies import CLEAN, pictures
from reconstrue.trials.sidecar import write_text_atomically

# Where pictures are shown by default: enough noise that the prompt shows, enough signal that the picture does.
_SHOWN_T = 0.6
LIMIT = 48
"""Pictures behind Figure 8."""

# No schedule here has more levels.
_MOST_STEPS = 1000
# What a kind does that cannot draw a picture again.
_DRAWS_NOT: dict[str, str] = {
    "autoregressive": "writes a picture token by token and has no guess of a whole noised one",
    "contrastive": "compares pictures with words and draws none",
    "supervised": "names what a picture shows and draws none",
}

Drawer = DiffusionClassifier | MaskedClassifier
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Ways:
    """How pictures are drawn again.

    Attributes:
        t: the noise levels, or the hidden shares of a masked model, one row each; () for the model's own default: 0.6,
            for a masked model 0.5, without a picture 1.
        steps: network evaluations of each; None for 1, for a masked model 12, without a picture 50.
        guidance: g = 1 + w of Ho & Salimans (2022); 1 is none. Not for masked models.
        decide: whether the classifier also decides between the prompts, over all its draws.
    """

    t: tuple[float, ...] = ()
    steps: int | None = None
    guidance: float = 1.0
    decide: bool = False

    def check(self) -> None:
        """Raise UserError for a value that does not exist."""
        for t in self.t:
            if not 0 <= t <= 1:
                raise UserError(f"--t must lie within 0 and 1, got {t:g}")
        if len(set(self.t)) < len(self.t):
            raise UserError("a value of --t is given twice; give each once")
        if self.steps is not None and not 1 <= self.steps <= _MOST_STEPS:
            raise UserError(f"--steps must lie within 1 and {_MOST_STEPS}, got {self.steps}")
        if not (math.isfinite(self.guidance) and self.guidance >= 0):
            raise UserError(f"--guidance must be a number of at least 0 (1 is none), got {self.guidance:g}")


@dataclass(frozen=True)
class Shown:
    """One picture drawn again under each prompt, at one or several levels, or drawings from noise alone.

    Attributes:
        image: the file; None where there is none.
        prompts: what the model was told.
        t: the level of each row, as the model knows it.
        decision: the prompt that the classifier chose over all its draws; None where it was not asked.
        posterior: prompt → probability (`Scores.posterior` says of what); empty where it was not asked.
        settings: every choice behind it, as plain JSON values.
        grid: what `figure_7` draws; None where the picture could not be read.
        error: why there is no grid, or None.
    """

    image: Path | None
    prompts: tuple[str, ...]
    t: tuple[float, ...]
    decision: str | None
    posterior: Mapping[str, float]
    settings: Mapping[str, object]
    grid: ReconstructionGrid | None
    error: str | None

    @property
    def about(self) -> str:
        """The settings as JSON, for a file's metadata."""
        return json.dumps(self.settings, ensure_ascii=False)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values, with NaN as None."""
        image = None if self.image is None else str(self.image)
        if self.grid is None:
            return {"image": image, "error": self.error}
        rows = []
        for t, row in zip(self.t, self.grid.rows, strict=True):
            own = {p: None if math.isnan(d) else float(d) for p, d in zip(self.prompts, row.distances, strict=True)}
            rows.append(
                {"t": t, "distances": own, "nearest": None if row.nearest is None else self.prompts[row.nearest]}
            )
        asked = {} if self.decision is None else {"decision": self.decision, "posterior": dict(self.posterior)}
        return {"image": image, "rows": rows, **asked, "settings": dict(self.settings)}


def reconstruct_files(
    images: Sequence[Path],
    model: str,
    prompts: Sequence[str],
    ways: Ways | None = None,
    options: Options | None = None,
    *,
    tell: Tell | None = None,
) -> Iterator[Shown]:
    """Yield what a model draws of each picture in turn, or without any picture from noise alone.

    A picture that cannot be read gets an error and the rest goes on. Noise and masks are keyed by the file's name, so that
    a picture looks the same beside any others.

    Args:
        images: the files; none for plain generation.
        model: as `load_classifier` takes it.
        prompts: what the model is told, as they stand.
        ways: how.
        options: seed, dtype and device; with `Ways.decide` also how labels race.
        tell: told (what, done, in all) as the work goes on.

    Raises:
        UserError: choices that do not exist, a model that draws nothing, or prompts that it reads alike.
    """
    ways, options = ways or Ways(), options or Options()
    told = _checked(prompts)
    ways.check()
    if not images and ways.t not in ((), (1.0,)):
        raise UserError("without a picture there is only noise to begin with: leave --t out, or give --t 1")
    if ways.decide and (len(told) < 2 or not images):
        raise UserError("--decide is between two prompts or more, on a picture: leave it out")
    drawer = load_drawer(model, options)
    _check_fit(drawer, ways)
    _refuse_unread(drawer, told)
    if not images:
        yield _generated(drawer, told, ways)
        return
    for number, image in enumerate(images):
        if tell is not None:
            tell("pictures", number, len(images))
        try:
            pixels = read_picture(image)
        except UserError as error:
            yield Shown(image, told, (), None, {}, {}, None, str(error))
            continue
        yield _seen(drawer, image, pixels, told, ways)
    if tell is not None:
        tell("pictures", len(images), len(images))


@dataclass(frozen=True)
class AbilityResult:
    """What distances go by over a data set, and where that was written.

    Attributes:
        observer: the model's name.
        found: the figures.
        finding: they in a sentence or two.
        written: the files.
    """

    observer: str
    found: Ability
    finding: str
    written: tuple[Path, ...]


def run_ability(
    model: str,
    out: Path,
    *,
    dataset: str | None = None,
    stimuli: str | None = None,
    limit: int = LIMIT,
    ways: Ways | None = None,
    options: Options | None = None,
    resamples: int = 1000,
    tell: Tell | None = None,
) -> AbilityResult:
    """Draw a data set's pictures again under all 16 categories, and write Figure 8 and ``ability.json`` to `out`.

    Args:
        model: as `load_classifier` takes it.
        out: the folder.
        dataset: its name, of a parametric one the undistorted pictures; clean pictures by default.
        stimuli: a folder, ``pocket`` for the drawn world, None for the package's data folder.
        limit: pictures, a seeded sample balanced over categories.
        ways: how they are drawn, at the first level alone.
        options: seed, dtype and device; the seed is also that of the pictures.
        resamples: of the pictures, for the intervals; 0 for none.
        tell: told (what, done, in all).

    Raises:
        UserError: choices that do not exist, a model that draws nothing, or `out` cannot be written.
    """
    ways, options = ways or Ways(), options or Options()
    ways.check()
    if resamples < 0:
        raise UserError(f"--resamples must not be negative, got {resamples}")
    require_folder(out)
    name = dataset or CLEAN[stimuli == POCKET]
    shown = pictures(name, stimuli, limit=limit, seed=options.seed).stimuli.stimuli
    drawer = load_drawer(model, options)
    told = tuple(prompt(label, drawer.templates[0]) for label in CATEGORIES)
    _refuse_unread(drawer, told)
    found = distances_by_ability(drawer, shown, ways, resamples=resamples, tell=tell)
    level = _levels(drawer, ways)[0]
    row, t = _row(drawer, shown[0], told, level, ways)
    grid = _grid(drawer, told, (row,), ways, f"Shown: the first picture ({shown[0].category}).")
    said = {
        **found.to_json(),
        "dataset": name,
        "images": len(shown),
        "resamples": resamples,
        "settings": _settings(drawer, f"{len(shown)} pictures of {name}", told, (t,), ways),
    }
    try:
        write_text_atomically(
            out / "ability.json", json.dumps(said, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
        )
        files = [out / f"figure-8.{suffix}" for suffix in FORMATS]
        for file in files:
            save_figure(figure_8(grid, found), file)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    return AbilityResult(drawer.name, found, describe_ability(found), (out / "ability.json", *files))


def figure_paths(images: Sequence[Path], out: Path) -> tuple[Path, ...]:
    """Return where the figure of each picture goes: `out` itself, or with several pictures PNG files in the folder `out`.

    Raises:
        UserError: a suffix that is no figure's, or a folder in which two figures would have one name.
    """
    if len(images) < 2:
        figure_format(out)
        return (out,)
    if out.is_file() or out.suffix.lower().lstrip(".") in FORMATS:
        raise UserError(f"{out}: several pictures need a folder for their figures; give --out one")
    paths = tuple(out / f"{image.stem}.png" for image in images)
    for place, path in enumerate(paths):
        if path in paths[:place]:
            raise UserError(f"{images[place]}: another picture's figure is called {path.name} too; rename one")
    return paths


def load_drawer(model: str, options: Options) -> Drawer:
    """Return the classifier of a model that can draw a picture again.

    Raises:
        UserError: a model of another kind, with what it does instead; or as `load_classifier`.
    """
    card = load_cards().get(model)
    if card is not None and card.kind in _DRAWS_NOT:
        # Before gigabytes are loaded.
        raise _refused(card.name, card.kind)
    classifier = load_classifier(model, options)
    if isinstance(classifier, DiffusionClassifier | MaskedClassifier):
        return classifier
    raise _refused(classifier.name, str(classifier.settings()["kind"]))


def distances_by_ability(
    drawer: Drawer,
    stimuli: Sequence[Stimulus],
    ways: Ways | None = None,
    *,
    labels: Sequence[str] = CATEGORIES,
    resamples: int = 1000,
    tell: Tell | None = None,
) -> Ability:
    """Say over many pictures whether the distance of a reconstruction goes by the class or by what is drawn (Figure 8).

    Each picture is drawn again under each label in the model's first prompt template, at the first level of `ways`.

    Args:
        drawer: the model, as `load_drawer` gives it.
        stimuli: pictures whose category is one of the labels.
        ways: how they are drawn.
        labels: what the prompts are made of.
        resamples: of the pictures, for the intervals.
        tell: told (what, done, in all).

    Raises:
        UserError: a picture of none of the labels, or choices that do not exist.
    """
    ways = ways or Ways()
    ways.check()
    _check_fit(drawer, ways)
    told = tuple(prompt(label, drawer.templates[0]) for label in labels)
    if not stimuli:
        raise UserError("no picture is given; give at least one")
    for stimulus in stimuli:
        if stimulus.category not in labels:
            raise UserError(f"{stimulus.imagename}: its category '{stimulus.category}' is none of the labels; add it")
    distance, change = [], []
    for number, stimulus in enumerate(stimuli):
        if tell is not None:
            tell("pictures", number, len(stimuli))
        row, _ = _row(drawer, stimulus, told, _levels(drawer, ways)[0], ways)
        distance.append(row.distances)
        change.append(changes(row.reconstructions))
    if tell is not None:
        tell("pictures", len(stimuli), len(stimuli))
    return ability(
        np.stack(distance),
        np.stack(change),
        [list(labels).index(s.category) for s in stimuli],
        resamples=resamples,
        generator=stream(drawer.seed, "ability"),
    )


def _checked(prompts: Sequence[str]) -> tuple[str, ...]:
    found = tuple(text.strip() for text in prompts)
    if not found or not all(found):
        raise UserError('a prompt is empty; give at least one, for example --prompt "a cat"')
    if len(set(found)) < len(found):
        raise UserError("a prompt is given twice; give each once")
    return found


def _refused(name: str, kind: str) -> UserError:
    return UserError(
        f"{name} is a model of the kind {kind}: it {_DRAWS_NOT[kind]}; "
        "give a diffusion, flow or masked-token model (`reconstrue models`)"
    )


def _check_fit(drawer: Drawer, ways: Ways) -> None:
    """Raise UserError for what a masked model has no use for."""
    if isinstance(drawer, MaskedClassifier):
        if ways.guidance != 1:
            raise UserError(f"--guidance is for diffusion and flow models; {drawer.name} is a masked one: leave it out")
        if 0 in ways.t:
            raise UserError(f"--t 0 would hide nothing from {drawer.name}, a masked model: give a share above 0")


def _refuse_unread(drawer: Drawer, prompts: Sequence[str]) -> None:
    """Raise UserError for prompts with words that the model does not know, or two that it reads alike: they draw the same."""
    if drawer.vocabulary is not None:
        drawer.vocabulary.require(drawer.name, prompts)
    network = drawer.model if isinstance(drawer, MaskedClassifier) else drawer.denoiser
    refuse_twins(drawer.name, prompts, network.condition(prompts).tensors)


def _levels(drawer: Drawer, ways: Ways) -> tuple[float, ...]:
    return ways.t or ((HIDDEN_SHARE,) if isinstance(drawer, MaskedClassifier) else (_SHOWN_T,))


def _steps(drawer: Drawer, ways: Ways, *, pictures: bool) -> int:
    if ways.steps is not None:
        return ways.steps
    if isinstance(drawer, MaskedClassifier):
        return MASKED_STEPS
    return 1 if pictures else GENERATION_STEPS


def _row(
    drawer: Drawer, stimulus: Stimulus, prompts: Sequence[str], t: float, ways: Ways
) -> tuple[ReconstructionRow, float]:
    """Return a picture drawn again at one level, and the level as the model knows it."""
    steps = _steps(drawer, ways, pictures=True)
    if isinstance(drawer, MaskedClassifier):
        filled = reconstruct_masked(
            drawer.model,
            stimulus,
            prompts,
            hidden_share=t,
            steps=steps,
            seed=drawer.seed,
            batch_size=drawer.batch_size,
        )
        share = filled.hidden_share
        return (
            ReconstructionRow(
                stimulus.imagename,
                f"{share:.0%} hidden",
                filled.picture,
                filled.masked,
                filled.reconstructions,
                filled.distances,
            ),
            share,
        )
    seen = reconstruct(
        drawer.denoiser,
        stimulus,
        prompts,
        t=t,
        seed=drawer.seed,
        steps=steps,
        guidance=ways.guidance,
        batch_size=drawer.batch_size,
    )
    return (
        ReconstructionRow(
            stimulus.imagename, f"t = {seen.t:.3g}", seen.picture, seen.noised, seen.reconstructions, seen.distances
        ),
        seen.t,
    )


def _seen(drawer: Drawer, image: Path, pixels: NDArray[np.uint8], prompts: tuple[str, ...], ways: Ways) -> Shown:
    stimulus = Stimulus(image.name, image.name, "", NO_CONDITION, "", lambda: pixels)
    found = [_row(drawer, stimulus, prompts, t, ways) for t in _levels(drawer, ways)]
    rows, t = tuple(row for row, _ in found), tuple(level for _, level in found)
    decision, posterior, note = _decided(drawer, stimulus, prompts) if ways.decide else (None, {}, "")
    grid = _grid(drawer, prompts, rows, ways, note)
    return Shown(
        image=image,
        prompts=prompts,
        t=t,
        decision=decision,
        posterior=posterior,
        settings=_settings(drawer, image.name, prompts, t, ways),
        grid=grid,
        error=None,
    )


def _grid(
    drawer: Drawer, prompts: tuple[str, ...], rows: tuple[ReconstructionRow, ...], ways: Ways, note: str
) -> ReconstructionGrid:
    return ReconstructionGrid(
        observer=drawer.name,
        prompts=prompts,
        rows=rows,
        given="masked" if isinstance(drawer, MaskedClassifier) else "noised",
        how=_how(drawer, ways, pictures=True),
        distance="‖x − x̂‖², summed over " + _space(drawer),
        notes=(note,) if note else (),
    )


def _generated(drawer: Drawer, prompts: tuple[str, ...], ways: Ways) -> Shown:
    """Return drawings from noise alone; raises UserError for a masked model, which at temperature 0 draws none."""
    if isinstance(drawer, MaskedClassifier):
        raise UserError(
            f"{drawer.name} fills in what is hidden of a picture: name one, or give a diffusion or flow model"
        )
    made = generate(
        drawer.denoiser,
        prompts,
        seed=drawer.seed,
        steps=_steps(drawer, ways, pictures=False),
        guidance=ways.guidance,
        batch_size=drawer.batch_size,
    )
    row = ReconstructionRow("", "t = 1", None, made.noise, made.pictures, np.full(len(prompts), np.nan))
    grid = ReconstructionGrid(
        drawer.name, prompts, (row,), "noise", _how(drawer, ways, pictures=False), "no picture to be near to"
    )
    return Shown(None, prompts, (1.0,), None, {}, _settings(drawer, None, prompts, (1.0,), ways), grid, None)


def _decided(drawer: Drawer, stimulus: Stimulus, prompts: tuple[str, ...]) -> tuple[str, dict[str, float], str]:
    """Return what the classifier decides between the prompts over all its draws, the posterior, and a line about both."""
    judge: Drawer
    if isinstance(drawer, MaskedClassifier):
        judge = MaskedClassifier(
            drawer.model,
            name=drawer.name,
            policy=drawer.policy,
            method=drawer.method,
            templates=("{label}",),
            seed=drawer.seed,
            batch_size=drawer.batch_size,
        )
    else:
        judge = DiffusionClassifier(
            drawer.denoiser,
            name=drawer.name,
            policy=drawer.policy,
            weighting=drawer.weighting,
            templates=("{label}",),
            seed=drawer.seed,
            batch_size=drawer.batch_size,
        )
    scores = judge.score([stimulus], prompts)
    posterior = {text: float(p) for text, p in zip(prompts, scores.posterior[0], strict=True)}
    decision = scores.decisions()[0]
    draws = len(scores.evidence[0].t)
    return decision, posterior, f"Decision over {draws} draws: {decision} (posterior {posterior[decision]:.0%})."


def _how(drawer: Drawer, ways: Ways, *, pictures: bool) -> str:
    steps = _steps(drawer, ways, pictures=pictures)
    parts = ["one step" if steps == 1 else f"{steps} steps"]
    if isinstance(drawer, DiffusionClassifier):
        parts.append("no guidance" if ways.guidance == 1 else f"guidance {ways.guidance:g}")
    return ", ".join([*parts, f"seed {drawer.seed}"])


def _space(drawer: Drawer) -> str:
    if isinstance(drawer, MaskedClassifier):
        return "pixels in [0, 1]"
    channels, height, width = drawer.denoiser.shape
    in_pixels = (channels, height) == (3, drawer.denoiser.resolution)
    return "pixels in [−1, 1]" if in_pixels else f"{channels} × {height} × {width} latents"


def _settings(
    drawer: Drawer, image: str | None, prompts: tuple[str, ...], t: tuple[float, ...], ways: Ways
) -> dict[str, object]:
    own = drawer.settings()
    steps = _steps(drawer, ways, pictures=image is not None)
    # A level is visited once, so that a discrete schedule may take fewer steps than were asked for.
    taken = (
        {}
        if isinstance(drawer, MaskedClassifier)
        else {"steps_taken": [len(falling_times(drawer.denoiser.schedule, level, steps)) for level in t]}
    )
    return {
        "model": drawer.name,
        "image": image,
        "prompts": list(prompts),
        "t": list(t),
        "steps": steps,
        **taken,
        **({} if isinstance(drawer, MaskedClassifier) else {"guidance": ways.guidance}),
        **{key: own[key] for key in ("seed", "weights", "dtype", "device") if key in own},
        "reconstrue": __version__,
    }
