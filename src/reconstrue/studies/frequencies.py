"""What spatial frequencies drive a model's decisions: its evidence by octaves, and critical-band masking."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from reconstrue import __version__
from reconstrue.classifiers.base import Classifier
from reconstrue.classifiers.generative.bands import band_errors
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.metrics.bands import (
    PUBLISHED_CHANNEL,
    BandSummary,
    Grid,
    MaskingSummary,
    summarise_bands,
    summarise_masking,
)
from reconstrue.registry import did_you_mean
from reconstrue.report.figures.files import FORMATS, save_figure
from reconstrue.report.figures.frequencies import describe_bands, describe_masking, figure_bands, figure_masking
from reconstrue.report.tables.frequencies import bands_table, channel_table, masking_table
from reconstrue.report.tables.table import Table, write_table
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.distortions.band_noise import CONTRAST, NOISE_SDS, band_noise, masking_centres
from reconstrue.stimuli.sources import POCKET, Source, locate
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.studies.benchmark import require_folder
from reconstrue.trials.sidecar import write_text_atomically
from reconstrue.trials.table import CONFLICT

Part = Literal["bands", "masking"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
TIMES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Noise times at which evidence is split by octaves."""

DRAWS: Final = 2
CLEAN: Final = {True: "original", False: "colour"}
"""Clean pictures, where no data set is named: of the drawn world its own, else the photographs in colour."""

LIMIT: Final = 48
"""Pictures of each data set."""

# Pictures that are answered at once.
_TOGETHER = 16

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FrequencyResult:
    """What was found and written.

    Attributes:
        observer: the model's name in tables.
        bands: per data set, what each octave of the evidence decides; empty where it was not asked for.
        masking: per data set of clean pictures, what noise of one octave does; empty where it was not asked for.
        findings: headline sentences, each with its figures.
        notes: what was left out, and why.
        figures: their files.
    """

    observer: str
    bands: Mapping[str, BandSummary] = field(default_factory=dict)
    masking: Mapping[str, MaskingSummary] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Path, ...] = ()


def run_frequencies(
    model: str,
    out: Path,
    *,
    tell: Tell,
    options: Options | None = None,
    stimuli: str | None = None,
    datasets: Sequence[str] = (),
    limit: int = LIMIT,
    parts: Sequence[str] = (),
    times: Sequence[float] = TIMES,
    draws: int = DRAWS,
    contrast: float = CONTRAST,
    colour: bool = False,
    resamples: int = 1000,
) -> FrequencyResult:
    """Measure a model and write ``frequencies.json``, tables and figures to `out`.

    Args:
        model: a card's name, a folder or a hub id.
        out: the folder.
        tell: told (what, done, in all) as the work goes on.
        options: how the model is run; its seed is also that of pictures, noise and resamples.
        stimuli: a folder, ``pocket`` for the drawn world, None for the package's data folder.
        datasets: names; by default clean pictures and ``cue-conflict``.
        limit: pictures of each data set, a seeded sample balanced over categories.
        parts: ``bands`` (evidence by octaves; diffusion models), ``masking``; by default the first for a diffusion model and
            the second for any other.
        times: noise times of the evidence by octaves.
        draws: of noise at each.
        contrast: of the pictures that are masked.
        colour: keep their colours, as `band_noise` does.
        resamples: of the bootstrap behind the intervals; 0 for none.

    Raises:
        UserError: a part, a data set or a number that cannot be; evidence by octaves of another kind of model; or `out`
            cannot be written.
    """
    settings = options or Options()
    _require(parts, times, draws, contrast, resamples)
    require_folder(out)
    names = list(dict.fromkeys(datasets)) or [CLEAN[stimuli == POCKET], CONFLICT]
    sources = {name: pictures(name, stimuli, limit=limit, seed=settings.seed) for name in names}
    classifier = load_classifier(model, settings)
    chosen = list(parts) or ["bands" if isinstance(classifier, DiffusionClassifier) else "masking"]
    bands: dict[str, BandSummary] = {}
    masking: dict[str, MaskingSummary] = {}
    notes: tuple[str, ...] = ()
    if "bands" in chosen:
        if not isinstance(classifier, DiffusionClassifier):
            raise UserError(
                f"{classifier.name} has no evidence by octaves: only a diffusion model has; leave --part bands out"
            )
        for name, source in sources.items():
            say = partial(tell, f"{classifier.name}: evidence on {name}")
            bands[name] = split_evidence(
                classifier, source.stimuli, times=times, draws=draws, resamples=resamples, tell=say
            )
    if "masking" in chosen:
        clean = {name: source.stimuli for name, source in sources.items() if name != CONFLICT}
        if not clean:
            raise UserError(f"masking needs pictures whose cues agree; name a data set other than {CONFLICT}")
        if len(clean) < len(sources):
            notes = (f"masking leaves out {CONFLICT}: it needs pictures whose cues agree",)
        for name, shown in clean.items():
            say = partial(tell, f"{classifier.name}: masking on {name}")
            masking[name] = mask(
                classifier,
                shown,
                seed=settings.seed,
                contrast=contrast,
                colour=colour,
                resamples=resamples,
                tell=say,
            )
    result = FrequencyResult(
        observer=classifier.name,
        bands=bands,
        masking=masking,
        findings=(
            *(describe_bands(name, summary) for name, summary in bands.items()),
            *(describe_masking(classifier.name, name, summary) for name, summary in masking.items()),
        ),
        notes=notes,
    )
    of_bands = {"t": [float(t) for t in times], "draws": draws}
    of_masking = {"contrast": contrast, "colour": colour, "noise_sds": [0.0, *NOISE_SDS]}
    asked = {
        **(of_bands if bands else {}),
        **(of_masking if masking else {}),
        "resamples": resamples,
        "seed": settings.seed,
    }
    try:
        return replace(result, figures=_write(result, out, _about(classifier, sources, asked)))
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error


def split_evidence(
    classifier: DiffusionClassifier,
    stimuli: StimulusSet,
    *,
    times: Sequence[float] = TIMES,
    draws: int = DRAWS,
    resamples: int = 1000,
    tell: Callable[[int, int], None] | None = None,
) -> BandSummary:
    """Return what each octave of a diffusion model's evidence decides on a data set, at each noise time.

    Prompts, seed and batch size are the classifier's own; its policy and weighting have no part in it.
    """
    found = band_errors(
        classifier.denoiser,
        stimuli.stimuli,
        classifier.checked(CATEGORIES),
        t=times,
        draws=draws,
        seed=classifier.seed,
        templates=classifier.templates,
        batch_size=classifier.batch_size,
        name=classifier.name,
        tell=tell,
    )
    return summarise_bands(
        found.error,
        np.array([CATEGORIES.index(s.category) for s in stimuli]),
        np.array([CATEGORIES.index(s.texture) if s.texture else -1 for s in stimuli]),
        t=found.t,
        log_snr=found.log_snr,
        centres=found.centres,
        resamples=resamples,
        generator=stream(classifier.seed, "bands", stimuli.dataset),
    )


def mask(
    classifier: Classifier,
    stimuli: StimulusSet,
    *,
    seed: int,
    sds: Sequence[float] = NOISE_SDS,
    contrast: float = CONTRAST,
    colour: bool = False,
    resamples: int = 1000,
    tell: Callable[[int, int], None] | None = None,
) -> MaskingSummary:
    """Return what noise of one octave does to a classifier: every picture under every octave and deviation.

    The white noise behind a picture's noise is a function of (seed, image id), the same under every octave and deviation.

    Raises:
        UserError: pictures of several sizes, whose octaves would not be the same.
    """
    # A drawn picture is drawn anew whenever it is read.
    pixels = [s.read() for s in stimuli]
    shapes = {one.shape[:2] for one in pixels}
    if len(shapes) > 1:
        sizes = ", ".join(f"{width} × {height}" for height, width in sorted(shapes))
        raise UserError(f"octaves are in cycles per image, so masking needs pictures of one size: there are {sizes} px")
    centres = masking_centres(min(*shapes.pop()))
    cells = [(sd, centre) for sd in sds for centre in centres]
    say = tell or (lambda done, total: None)
    total = len(cells) + 1

    def noised(stimulus: Stimulus, picture: NDArray[np.uint8], centre: float, sd: float) -> NDArray[np.uint8]:
        generator = stream(seed, "band noise", stimulus.image_id)
        return band_noise(picture, centre, sd, generator, contrast=contrast, colour=colour)

    def rightly(centre: float, sd: float) -> NDArray[np.bool_]:
        shown = [replace(s, read=partial(noised, s, p, centre, sd)) for s, p in zip(stimuli, pixels, strict=True)]
        answers = [
            answer
            for begin in range(0, len(shown), _TOGETHER)
            for answer in classifier.score(shown[begin : begin + _TOGETHER], CATEGORIES).decisions()
        ]
        return np.array([answer == s.category for answer, s in zip(answers, stimuli, strict=True)])

    quiet = rightly(centres[0], 0.0)
    say(1, total)
    columns = []
    for done, (sd, centre) in enumerate(cells, start=2):
        columns.append(rightly(centre, sd))
        say(done, total)
    return summarise_masking(
        quiet,
        np.stack(columns, axis=1).reshape(len(quiet), len(sds), len(centres)),
        centres=np.array(centres),
        sds=np.array(sds),
        resamples=resamples,
        generator=stream(seed, "masking", stimuli.dataset),
    )


def pictures(name: str, where: str | None, *, limit: int, seed: int) -> Source:
    """Return a data set's pictures, of a parametric set the undistorted ones: a seeded sample of at most `limit`.

    Raises UserError as `locate` does, and where no picture is undistorted.
    """
    about = load_catalog().get(name)
    if about is None or about.kind != "parametric":
        return locate(name, where, limit=limit, seed=seed)
    if limit < 1:
        raise UserError(f"--limit must be at least 1, got {limit}")
    found = locate(name, where, limit=None, seed=seed)
    kept = tuple(s for s in found.stimuli if s.condition == about.control)
    if not kept:
        raise UserError(f"no picture of {name} is undistorted ({about.control}); name another data set")
    return replace(found, stimuli=replace(found.stimuli, stimuli=kept).sample(limit, seed))


def _require(parts: Sequence[str], times: Sequence[float], draws: int, contrast: float, resamples: int) -> None:
    """Raise UserError for what cannot be asked."""
    for part in parts:
        if part not in PARTS:
            raise UserError(f"unknown part '{part}'{did_you_mean(part, PARTS)}")
    if not times or not all(0 <= t <= 1 for t in times):
        raise UserError(f"--t must lie within 0 and 1, got {', '.join(f'{t:g}' for t in times)}")
    if len(set(times)) < len(times):
        raise UserError("a value of --t is given twice; give each once")
    if draws < 1:
        raise UserError(f"--draws must be at least 1, got {draws}")
    if not 0 < contrast <= 1:
        raise UserError(f"--contrast must be above 0 and at most 1, got {contrast:g}")
    if resamples < 0:
        raise UserError(f"--resamples must not be negative, got {resamples}")


def _about(classifier: Classifier, sources: Mapping[str, Source], asked: Mapping[str, object]) -> dict[str, object]:
    """Return whom and what the figures are of."""
    return {
        "observer": classifier.name,
        "reconstrue": __version__,
        "settings": {**asked, "classifier": classifier.settings()},
        "stimuli": {
            name: {"images": len(source.stimuli), "world": source.world, "subset": source.stimuli.subset_reason}
            for name, source in sources.items()
        },
    }


def _write(result: FrequencyResult, out: Path, about: Mapping[str, object]) -> tuple[Path, ...]:
    """Write everything to the folder and return the figures; raises OSError where it cannot be written."""
    tables: list[Table] = [bands_table(name, summary) for name, summary in result.bands.items()]
    figures = {"bands": figure_bands(result.bands)} if result.bands else {}
    for name, summary in result.masking.items():
        tables += [masking_table(name, summary), channel_table(name, summary)]
        figures[f"masking-{name}"] = figure_masking(summary, result.observer)
    said = {
        **about,
        "bands": {name: _bands_json(summary) for name, summary in result.bands.items()},
        "masking": {name: _masking_json(summary) for name, summary in result.masking.items()},
    }
    write_text_atomically(
        out / "frequencies.json", json.dumps(said, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    )
    for table in tables:
        write_table(table, out)
    files = []
    for name, figure in figures.items():
        for suffix in FORMATS:
            files.append(out / f"{name}.{suffix}")
            save_figure(figure, files[-1])
    return tuple(files)


def _grid(grid: Grid) -> list[list[dict[str, float | int | None]]]:
    return [[one.to_json() for one in row] for row in grid]


def _bands_json(summary: BandSummary) -> dict[str, object]:
    return {
        "n": summary.n,
        "t": summary.t.tolist(),
        "log_snr": summary.log_snr.tolist(),
        "centres": summary.centres.tolist(),
        "accuracy": {view: _grid(grid) for view, grid in summary.accuracy.items()},
        "shape_bias": {view: _grid(grid) for view, grid in summary.shape_bias.items()},
        "margin": _grid(summary.margin),
        "share": _grid(summary.share),
    }


def _masking_json(summary: MaskingSummary) -> dict[str, object]:
    people = PUBLISHED_CHANNEL
    return {
        "n": summary.n,
        "noise_sds": summary.sds.tolist(),
        "centres": summary.centres.tolist(),
        "without_noise": summary.quiet.to_json(),
        "accuracy": _grid(summary.accuracy),
        "threshold": [one.to_json() for one in summary.threshold],
        "sensitivity": [one.to_json() for one in summary.sensitivity],
        "peak": summary.channel.peak.to_json(),
        "bandwidth": summary.channel.bandwidth.to_json(),
        "height": summary.channel.height.to_json(),
        "people_published": {
            "people": people.people,
            "peak": people.peak,
            "peak_sd": people.peak_sd,
            "bandwidth": people.bandwidth,
            "bandwidth_sd": people.bandwidth_sd,
            "pooled_bandwidth": people.pooled_bandwidth,
            "source": people.source,
        },
    }
