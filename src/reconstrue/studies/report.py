"""From folders of trials to the whole report: every table, every figure, and one page that can be sent."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from reconstrue import __version__
from reconstrue.errors import UserError
from reconstrue.metrics import (
    Benchmark,
    PooledConsistency,
    PublishedRow,
    Resample,
    compare_models,
    compare_with_people,
    confusion_matrix,
    consistency_matrix,
    load_published,
    low_pass_against_shape_bias,
    pooled_consistency,
    response_entropy,
)
from reconstrue.metrics.comparison import Figure
from reconstrue.report.figures import FIGURES, FORMATS, FigureMaker, Results, save_figure, unwritable, verdict
from reconstrue.report.findings import findings
from reconstrue.report.page import Gallery, GalleryItem, Group, Page, PageFigure, write_page
from reconstrue.report.tables import (
    Column,
    Table,
    conditions_table,
    confusion_table,
    consistency_table,
    correlation_points,
    correlation_table,
    entropy_table,
    pairs_table,
    people_counted,
    people_table,
    per_dataset_table,
    pooled_by_person_table,
    pooled_table,
    shape_bias_table,
    table_1,
    table_2,
    table_3,
    write_table,
)
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.folders import picture_files, read_picture
from reconstrue.stimuli.names import image_id
from reconstrue.stimuli.stimulus_set import Stimulus, StimulusSet
from reconstrue.studies.benchmark import BenchmarkResult, measure, outside_tables, require_folder, write_benchmark
from reconstrue.trials.chosen import is_some, of_categories
from reconstrue.trials.sidecar import Sidecar
from reconstrue.trials.table import PEOPLE, TrialTable, is_human

# Pictures of each data set on the page.
_PICTURES = 24
# Of figures that do not stand on the page there are many, and `reconstrue figures` writes them in other formats.
_DETAIL_FORMATS = ("svg",)
_LIBRARIES = ("numpy", "scipy", "pandas", "matplotlib", "pillow")
_COMPARED: tuple[Figure, ...] = ("accuracy", "error_consistency", "shape_bias")

_BEHIND: Mapping[str, tuple[str, ...]] = {
    "figure-1": ("shape-bias-by-category",),
    "figure-3": ("table-3",),
    "figure-4": ("table-2",),
    "figure-5": ("conditions",),
    "figure-9": ("table-2", "table-3"),
    "figure-10": ("conditions",),
    "figure-11": ("per-dataset",),
    "figure-12": ("shape-bias-by-category",),
    "figure-13": ("shape-bias-by-category",),
    "low-pass-shape-bias": ("correlation", "correlation-points"),
    "gap-to-people": ("people-accuracy",),
    "entropy": ("response-entropy",),
}
"""The tables that figures are drawn from; a matrix has one of its own."""

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ReportResult:
    """What a report left behind.

    Attributes:
        page: the report itself; None where only figures were asked for.
        tables: Tables 1 to 3.
        findings: headline sentences, each with its figures.
        figures: the names of the figures that were drawn.
        notes: what to know: what is compared on fewer images, which figures cannot be drawn, and why.
        problems: files and data sets that were left out, and why, one line each.
    """

    page: Path | None
    tables: tuple[Table, ...]
    findings: tuple[str, ...]
    figures: tuple[str, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def run_report(
    trials: Sequence[Path],
    out: Path,
    *,
    tell: Tell,
    stimuli: Path | None = None,
    run: Path | None = None,
    resamples: int = 1000,
    resample: Resample = "images",
    seed: int = 0,
    allow_partial: bool = False,
    published: bool = True,
    title: str = "",
    command: str = "",
    categories: Sequence[str] = CATEGORIES,
    common: bool = False,
) -> ReportResult:
    """Write ``benchmark.json``, all tables, all figures and ``report.html`` to `out`.

    Args:
        trials: folders of the field's CSV files.
        out: where to write; tables and figures in folders of their own.
        tell: told (what, done, in all) as the work goes on.
        stimuli: a folder of data sets' pictures; a sample of each is shown with everybody's answers.
        run: a folder that an evaluation wrote; its trials are read too.
        resamples: of the bootstrap behind the intervals; 0 for none, and then no tests.
        resample: what it draws anew for the benchmark and its tests: images, observers (people) or both.
        seed: of the bootstrap and of the sample of pictures.
        allow_partial: compare short files on the images that they share with the others, and say so.
        published: whether Tables 1 to 3 end with the paper's own rows; they do not where only some categories, or the images in
            common, are compared.
        title: of the page; by default it says who was compared on what.
        command: what was typed, for the page to say.
        categories: whose images are compared.
        common: compare everybody on the images that all models answered.

    Raises:
        UserError: nothing could be read, `resamples` is negative, a folder is missing, or `out` cannot be written.
    """
    require_folder(out)
    folders = (*trials, *_trials_of(run))
    shown_sets = _picture_folders(stimuli) if stimuli is not None else {}
    tell("benchmark", 0, 1)
    studied = measure(
        folders,
        resamples=resamples,
        resample=resample,
        seed=seed,
        allow_partial=allow_partial,
        categories=categories,
        common=common,
    )
    results = gather(studied.counted, studied.benchmark, resamples=resamples, generator=stream(seed, "report"))
    pooled = {
        name: pooled_consistency(
            studied.counted, name, resamples=resamples, generator=stream(seed, "pooled consistency", name)
        )
        for name in studied.counted.datasets
        if any(map(is_human, studied.counted.observers(name)))
    }
    tell("benchmark", 1, 1)
    # The paper's rows are of all images of all 16.
    rows = load_published() if published and not is_some(categories) and not studied.benchmark.common else ()
    main, compared, details, groups = _tables(results, pooled, rows)
    details = (*details, *outside_tables(studied, resamples=resamples, seed=seed))
    try:
        write_benchmark(studied.benchmark, out)
        tables = (*main, *compared, *details, *(table for group in groups for table in group.tables))
        for table in tables:
            write_table(_standing_alone(table, studied.benchmark), out / "tables")
        drawn, not_drawn = _draw(results, out / "figures", FORMATS, _DETAIL_FORMATS, tuple(FIGURES), tell)
        shown = studied.counted if studied.benchmark.common else of_categories(studied.trials, categories)
        galleries, unread = _galleries(shown, shown_sets, seed)
        said = findings(studied.benchmark, results.comparisons, results.correlation)
        notes = (*studied.benchmark.notes, *_left_out(results), *not_drawn, *unread)
        page = Page(
            title=title or _title(studied),
            lead="Accuracy, shape bias and error consistency of models and people, as in “Intriguing properties of "
            "generative classifiers” (ICLR 2024), worked out anew from these trials.",
            findings=said,
            tables=main,
            figures=tuple(replace(figure, tables=_behind(figure.name, tables)) for figure in drawn.values()),
            compared=compared,
            details=details,
            groups=groups,
            galleries=galleries,
            notes=(*(f"left out: {problem}" for problem in studied.problems), *notes) or ("Nothing was left out.",),
            run=_manifest(studied, folders, stimuli, resamples, seed, allow_partial, command),
            observers=_observers(studied),
        )
        tell("page", 0, 1)
        write_page(out / "report.html", page)
        tell("page", 1, 1)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    return ReportResult(out / "report.html", main, said, _names_drawn(results, FIGURES), notes, studied.problems)


def run_figures(
    trials: Sequence[Path],
    out: Path,
    *,
    tell: Tell,
    formats: Sequence[str] = FORMATS,
    names: Sequence[str] = (),
    resamples: int = 1000,
    resample: Resample = "images",
    seed: int = 0,
    allow_partial: bool = False,
    categories: Sequence[str] = CATEGORIES,
    common: bool = False,
) -> ReportResult:
    """Write one file per figure and format to `out`.

    Args:
        trials: folders of the field's CSV files.
        out: where to write.
        tell: told (what, done, in all) as the work goes on.
        formats: some of `FORMATS`.
        names: which figures; all that can be drawn by default.
        resamples: as for `run_report`, and so are the others.
        seed: of the bootstrap.
        allow_partial: as for `run_report`.
        categories: as for `run_report`.
        common: as for `run_report`.

    Raises:
        UserError: an unknown figure or format, a figure that was asked for cannot be drawn, nothing could be read, or
            `out` cannot be written.
    """
    require_folder(out)
    for given, known, what in ((formats, FORMATS, "format"), (names, tuple(FIGURES), "figure")):
        unknown = [name for name in given if name not in known]
        if unknown:
            raise UserError(f"no {what} is named '{unknown[0]}'; there are {', '.join(known)}")
    tell("benchmark", 0, 1)
    studied = measure(
        trials,
        resamples=resamples,
        resample=resample,
        seed=seed,
        allow_partial=allow_partial,
        categories=categories,
        common=common,
    )
    results = gather(studied.counted, studied.benchmark, resamples=resamples, generator=stream(seed, "report"))
    tell("benchmark", 1, 1)
    for name in names:
        reason = FIGURES[name].missing(results)
        if reason:
            raise UserError(f"{name} cannot be drawn: {reason}")
    chosen = tuple(names) or tuple(FIGURES)
    try:
        _, not_drawn = _draw(results, out, formats, formats, chosen, tell)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error}); give another --out") from error
    drawn = _names_drawn(results, {name: FIGURES[name] for name in chosen})
    return ReportResult(
        None, (), (), drawn, (*studied.benchmark.notes, *_left_out(results), *not_drawn), studied.problems
    )


# What figures are drawn from ------------------------------------------------------------------------------------


def gather(
    table: TrialTable, benchmark: Benchmark, *, resamples: int = 1000, generator: np.random.Generator
) -> Results:
    """Take from the trials that the benchmark counted (`table`) what it does not hold, with `resamples` draws."""
    kinds = {name: load_catalog()[name].kind for name in table.datasets}
    # A table of its own for each data set: most of the time goes into finding trials.
    parts = {name: TrialTable(table.frame[table.frame["dataset"] == name]) for name in kinds}
    people = {name: sorted(who for where, who in map(_split, benchmark.individuals) if where == name) for name in kinds}
    models = {name: [who for who, row in benchmark.models.items() if name in row.datasets] for name in kinds}
    # What the benchmark left out is left out here too.
    everybody = {name: [PEOPLE, *models[name]] if people[name] else models[name] for name in kinds}
    return Results(
        benchmark,
        {
            name: consistency_matrix(
                parts[name], name, (*people[name], *models[name]), resamples=resamples, generator=generator
            )
            for name, kind in kinds.items()
            if kind == "nonparametric" and len(people[name]) + len(models[name]) > 1
        },
        low_pass_against_shape_bias(benchmark, resamples=resamples, generator=generator),
        compare_with_people(benchmark),
        {
            name: {observer: confusion_matrix(parts[name], name, observer) for observer in chosen}
            for name, chosen in everybody.items()
            if chosen
        },
        {
            name: {
                observer: response_entropy(parts[name], name, observer, resamples=resamples, generator=generator)
                for observer in everybody[name]
            }
            for name, kind in kinds.items()
            if kind == "parametric" and everybody[name]
        },
    )


def _split(individual: str) -> tuple[str, str]:
    dataset, _, person = individual.partition("/")
    return dataset, person


# What stands in it ----------------------------------------------------------------------------------------------


def _tables(
    results: Results, pooled: Mapping[str, Mapping[str, PooledConsistency]], published: Sequence[PublishedRow]
) -> tuple[tuple[Table, ...], tuple[Table, ...], tuple[Table, ...], tuple[Group, ...]]:
    """Return the main tables, those of differences, further ones, and those of which there are many."""
    found = results.benchmark
    main = tuple(make(found, published=published) for make in (table_1, table_2, table_3))
    beside = (compare_with_people(found, figure) for figure in _COMPARED)
    pairs = (compare_models(found, figure) for figure in _COMPARED)
    compared = [people_table(family, found) for family in beside if family]
    compared += [pairs_table(family) for family in pairs if family]
    if results.correlation is not None and results.correlation.n:
        compared += [correlation_table(results.correlation), correlation_points(results.correlation, found)]
    by_category = shape_bias_table(found)
    groups = [
        Group(
            "Every condition and category",
            "The numbers that Figures 1, 5, 10 and 12 are drawn from.",
            (conditions_table(found), *((by_category,) if by_category.rows else ())),
        ),
        Group(
            "Error consistency of every two observers",
            "Whether two observers err on the same pictures, beyond what their accuracies alone would bring about.",
            tuple(consistency_table(matrix) for matrix in results.matrices.values()),
        ),
        Group(
            "Trial-level error consistency",
            "Error consistency over all trials of a data set at once: another figure than the benchmark's.",
            (pooled_table(pooled, found), pooled_by_person_table(pooled)) if pooled else (),
        ),
        Group(
            "Entropy of the answers",
            "How evenly the 16 categories are used.",
            (entropy_table(results.entropies),) if results.entropies else (),
        ),
        Group(
            "Confusion matrices",
            "What is taken for what.",
            tuple(confusion_table(name, matrices) for name, matrices in results.confusions.items()),
        ),
    ]
    return main, tuple(compared), (per_dataset_table(found),), tuple(group for group in groups if group.tables)


def _draw(
    results: Results,
    out: Path,
    formats: Sequence[str],
    detail_formats: Sequence[str],
    names: Sequence[str],
    tell: Tell,
) -> tuple[dict[str, PageFigure], tuple[str, ...]]:
    """Draw and write the figures; return those that stand on a page, and what cannot be drawn, and why."""
    drawn: dict[str, PageFigure] = {}
    not_drawn = []
    boxes: set[str] = set()
    for done, name in enumerate(names):
        tell("figures", done, len(names))
        maker = FIGURES[name]
        reason = maker.missing(results)
        if reason:
            # Of the many detail figures only those that can be drawn are spoken of.
            if not maker.detail:
                not_drawn.append(f"{name} cannot be drawn: {reason}")
            continue
        figure = maker.draw(results)
        boxes |= unwritable(figure)
        for kind in detail_formats if maker.detail else formats:
            save_figure(figure, out / f"{name}.{kind}")
        if not maker.detail:
            drawn[name] = PageFigure(figure, maker.title, maker.caption, maker.describe(results), name)
    tell("figures", len(names), len(names))
    if boxes:
        shown = "".join(sorted(boxes)[:20])
        not_drawn.append(
            f"no font that is installed has {shown}: figures show boxes there, until one is installed (Noto)"
        )
    return drawn, tuple(not_drawn)


def _behind(name: str, tables: Sequence[Table]) -> tuple[Table, ...]:
    """Give the tables that hold the numbers of a figure."""
    matrix = re.fullmatch(r"figure-\d+-(.+)", name)
    chosen = (f"consistency-{matrix[1]}",) if matrix else _BEHIND[name]
    return tuple(table for table in tables if table.name in chosen)


def _left_out(results: Results) -> tuple[str, ...]:
    """Say which models the correlation leaves out, and why."""
    names = results.correlation.left_out if results.correlation is not None else ()
    if not names:
        return ()
    return (f"the correlation of section 4 leaves out {', '.join(names)}: only part of the images was answered",)


def _names_drawn(results: Results, makers: Mapping[str, FigureMaker]) -> tuple[str, ...]:
    return tuple(name for name, maker in makers.items() if not maker.missing(results))


# What was run ---------------------------------------------------------------------------------------------------


def _trials_of(run: Path | None) -> tuple[Path, ...]:
    if run is None:
        return ()
    if not (run / "trials").is_dir():
        raise UserError(f"{run}: has no folder 'trials'; --run names a folder that `reconstrue evaluate --out` wrote")
    return (run / "trials",)


def _standing_alone(table: Table, found: Benchmark) -> Table:
    """Return a table as a file of its own: it says itself what is compared, which a page says once for all."""
    return replace(table, notes=(*table.notes, *(line for line in found.choices if line not in table.notes)))


def _title(studied: BenchmarkResult) -> str:
    models, sets = len(studied.benchmark.models), len(studied.counted.datasets)
    who = f"{models} {'model' if models == 1 else 'models'}"
    if studied.benchmark.individuals:
        who = f"{who} and {len(studied.benchmark.individuals)} people" if models else "People"
    some = studied.benchmark.categories
    of = f", {len(some)} of the 16 categories" if is_some(some) else ""
    return f"{who} on {sets} {'data set' if sets == 1 else 'data sets'}{of}"


def _manifest(
    studied: BenchmarkResult,
    folders: Sequence[Path],
    stimuli: Path | None,
    resamples: int,
    seed: int,
    allow_partial: bool,
    command: str,
) -> tuple[tuple[str, str], ...]:
    files = sum(map(len, studied.trials.files.values()))
    people, some = people_counted(studied.benchmark), studied.benchmark.categories
    over = {"images": "images", "observers": "people", "both": "images and people"}[studied.benchmark.resampled]
    settings: dict[str, Sidecar] = {}
    for (_, observer), sidecar in studied.sidecars.items():
        settings.setdefault(observer, sidecar)
    return (
        *((("command", command),) if command else ()),
        ("reconstrue", __version__),
        ("libraries", ", ".join((f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in _LIBRARIES)))),
        ("trials read", f"{len(studied.trials):,} in {files:,} files, from {', '.join(map(str, folders))}"),
        ("intervals", f"{resamples:,} resamples of {over}, seed {seed}" if resamples else "none (no resamples)"),
        *((("people", people),) if people else ()),
        ("short trial files", "compared on the images in common" if allow_partial else "left out"),
        *((("images", "those that all models answered"),) if studied.benchmark.common else ()),
        *((("categories", ", ".join(some)),) if is_some(some) else ()),
        *((("pictures", str(stimuli)),) if stimuli is not None else ()),
        *((name, _settings(sidecar.settings, sidecar.versions)) for name, sidecar in sorted(settings.items())),
    )


def _settings(*given: Mapping[str, object]) -> str:
    """Write settings in one line, nested ones after their name; a hash is cut to what tells it from others."""

    def words(found: Mapping[str, object], before: str) -> list[str]:
        parts = []
        for key, value in found.items():
            if isinstance(value, Mapping):
                parts += words(value, f"{before}{key} ")
            elif value is not None:
                text = str(value)
                parts.append(f"{before}{key} {text[:12] if len(text) == 64 and text.isalnum() else text}")
        return parts

    return ", ".join(part for found in given for part in words(found, ""))


def _observers(studied: BenchmarkResult) -> Table:
    """Count what was read of each model, and of all people together."""
    columns = (
        Column("model", "observer", kind="text"),
        Column("model_type", "model type", kind="text"),
        Column("datasets", "data sets", kind="count"),
        Column("files", "files", kind="count"),
        Column("trials", "trials", kind="count"),
    )
    frame = studied.trials.frame
    who = frame["observer"].where(~frame["is_human"], "humans")
    files: dict[str, int] = {}
    for (_, observer), paths in studied.trials.files.items():
        name = "humans" if is_human(observer) else observer
        files[name] = files.get(name, 0) + len(paths)
    found = studied.benchmark
    rows = []
    for name, part in frame.groupby(who, sort=True):
        row = found.humans if name == "humans" else found.models.get(str(name))
        kind = "left out" if row is None else row.model_type
        rows.append((str(name), kind, int(part["dataset"].nunique()), files.get(str(name), 0), len(part)))
    rows.sort(key=lambda row: (row[0] != "humans", row[0]))
    return Table("observers", "Who took part", columns, tuple(rows))


# What was shown -------------------------------------------------------------------------------------------------


def _picture_folders(stimuli: Path) -> dict[str, Path]:
    """Return the folders of pictures by data set: those in `stimuli`, or itself where it is one.

    Raises UserError where there is none.
    """
    catalog = load_catalog()
    found = {name: stimuli / name for name in catalog if (stimuli / name).is_dir()}
    if not found and stimuli.resolve().name in catalog and stimuli.is_dir():
        found = {stimuli.resolve().name: stimuli}
    if not found:
        raise UserError(f"{stimuli}: holds no folder named as one of the {len(catalog)} data sets (edge, sketch, …)")
    return found


def _galleries(
    trials: TrialTable, folders: Mapping[str, Path], seed: int
) -> tuple[tuple[Gallery, ...], tuple[str, ...]]:
    """Return a sample of pictures of each data set with everybody's answers, and what could not be shown."""
    galleries, notes = [], []
    for name, folder in folders.items():
        frame = trials.frame[trials.frame["dataset"] == name]
        if frame.empty:
            continue
        files = {image_id(path.name): path for path in picture_files(folder, name)}
        answered = frame[frame["image_id"].isin(list(files))].drop_duplicates("image_id")
        if answered.empty:
            notes.append(f"{name}: none of the {len(files):,} pictures in {folder} was answered in these trials")
            continue
        known = tuple(
            # pandas knows a missing word as NaN.
            Stimulus(
                image,
                imagename,
                category,
                condition,
                texture if isinstance(texture, str) else "",
                partial(read_picture, files[image]),
            )
            for image, imagename, category, condition, texture in answered[
                ["image_id", "imagename", "category", "condition", "texture"]
            ].itertuples(index=False)
        )
        items = []
        for stimulus in StimulusSet(name, known).sample(_PICTURES, seed):
            try:
                items.append(_item(stimulus, frame))
            except UserError as error:
                notes.append(str(error))
        about = (
            f"{len(items)} of {len(known):,} pictures that lie in the folder and were answered: a seeded sample (seed "
        )
        about += f"{seed}), balanced over categories."
        galleries.append(Gallery(name, about, tuple(items)))
    return tuple(galleries), tuple(notes)


def _item(stimulus: Stimulus, frame: pd.DataFrame) -> GalleryItem:
    picture = stimulus.read()
    caption = f"{stimulus.category} under {stimulus.texture}" if stimulus.texture else stimulus.category
    if frame["condition"].nunique() > 1:
        caption += f", {stimulus.condition}"
    given = frame[frame["image_id"] == stimulus.image_id]
    answers = []
    people = given[given["is_human"]]["response"]
    if len(people):
        counted = people.value_counts()
        kinds = people.map(lambda response: verdict(response, stimulus.category, stimulus.texture)).value_counts()
        said = ", ".join(f"{what} {n}" for what, n in counted.items())
        answers.append((f"people ({len(people)})", said, ", ".join(f"{n} {kind}" for kind, n in kinds.items())))
    for observer, response in (
        given[~given["is_human"]].sort_values("observer")[["observer", "response"]].itertuples(index=False)
    ):
        answers.append((observer, response, verdict(response, stimulus.category, stimulus.texture)))
    return GalleryItem(picture, caption, tuple(answers))
