"""The trial table: one row = one observer x one image, people and models alike, and the field's CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import Dataset, dataset, load_catalog, normalise_condition
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import category_said, image_id, is_whole, read_name, texture_category
from reconstrue.trials.sidecar import (
    Sidecar,
    join_sidecars,
    read_sidecar,
    sidecar_path,
    write_text_atomically,
)

CSV_COLUMNS: Final = (
    "subj",
    "session",
    "trial",
    "rt",
    "object_response",
    "category",
    "condition",
    "imagename",
)
"""The columns of a published trial file, in order."""

COLUMNS: Final = (
    "dataset",
    "observer",
    "is_human",
    "session",
    "trial",
    "rt",
    "response",
    "category",
    "condition",
    "imagename",
    "image_id",
    "texture",
)
"""The columns of a TrialTable, in order."""

NO_RESPONSE: Final = "na"
"""A trial on which the observer did not answer in time; it counts as wrong."""

CONFLICT: Final = "cue-conflict"
"""The data set whose images have a texture of another category than their shape."""

PEOPLE: Final = "humans"
"""The name under which people stand together; no observer may have it."""

_BEYOND: Final = 2**53
_CATEGORY_SET: Final = frozenset(CATEGORIES)
_RESPONSES: Final = _CATEGORY_SET | {NO_RESPONSE}
_ABSENT: Final = frozenset({"", "na", "nan"})

_SCHEMA: Final = pa.schema(
    [(column, pa.string()) for column in ("dataset", "observer")]
    + [("is_human", pa.bool_()), ("session", pa.int64()), ("trial", pa.int64()), ("rt", pa.float64())]
    + [(column, pa.string()) for column in ("response", "category", "condition", "imagename", "image_id", "texture")]
)
"""The types of COLUMNS."""

_RAW_TYPES: Final = {
    **dict.fromkeys(("subj", "object_response", "category", "condition"), pa.dictionary(pa.int32(), pa.string())),
    "session": pa.int64(),
    "trial": pa.int64(),
    "rt": pa.float64(),
    "imagename": pa.string(),
}


@dataclass(frozen=True)
class Problem:
    """A file, or one data set of one observer, that was left out, and why."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


@dataclass(frozen=True)
class TrialTable:
    """Validated trials, and the files that they came from.

    `frame` has COLUMNS: `response` is one of the 16 categories or `na`, `category` one of the 16, `condition`
    normalised, `image_id` as `image_id()` gives it, `texture` the category of the texture in a cue-conflict
    image and NA elsewhere, `rt` in seconds or NaN. `files` maps (data set, observer) to the files read.

    Raises UserError for a missing column or an unknown data set, category or response.
    """

    frame: pd.DataFrame
    files: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        missing = [column for column in COLUMNS if column not in self.frame.columns]
        if missing:
            raise UserError(f"a trial table needs the column {missing[0]!r}; it has {', '.join(self.frame.columns)}.")
        for name in self.frame["dataset"].unique():
            dataset(name)
        for column, allowed in (("category", _CATEGORY_SET), ("response", _RESPONSES)):
            unknown = [value for value in self.frame[column].unique() if value not in allowed]
            if unknown:
                raise UserError(
                    f"{unknown[0]!r} in the column {column!r} of a trial table is not one of the 16 categories."
                )

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that have trials, in the order of the catalogue."""
        present = set(self.frame["dataset"].unique())
        return tuple(name for name in load_catalog() if name in present)

    @property
    def models(self) -> tuple[str, ...]:
        """The observers that are not people, sorted by name."""
        return tuple(name for name in self.observers() if not is_human(name))

    @property
    def people(self) -> tuple[str, ...]:
        """The names of human observers, sorted; `subject-01` of two data sets are two people."""
        return tuple(name for name in self.observers() if is_human(name))

    def observers(self, dataset: str | None = None) -> tuple[str, ...]:
        """The observers of one data set, or of all, sorted by name."""
        frame = self.frame if dataset is None else self.frame[self.frame["dataset"] == dataset]
        return tuple(sorted(frame["observer"].unique()))

    def select(self, *, datasets: Iterable[str] | None = None, observers: Iterable[str] | None = None) -> TrialTable:
        """Keep the trials of the named data sets and observers."""
        keep = pd.Series(True, index=self.frame.index)
        if datasets is not None:
            keep &= self.frame["dataset"].isin(list(datasets))
        if observers is not None:
            keep &= self.frame["observer"].isin(list(observers))
        return TrialTable(self.frame[keep].reset_index(drop=True), self.files)


@dataclass(frozen=True)
class ReadResult:
    """What was read: the trials, the sidecars by (data set, observer), the files left out, and what to know of the rest."""

    table: TrialTable
    sidecars: Mapping[tuple[str, str], Sidecar]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


def observer_name(subj: str) -> str:
    """Give the observer's name of a `subj` field: `_` becomes `-`, as in file names.

    >>> observer_name("simclr_resnet50x1")
    'simclr-resnet50x1'
    """
    return subj.strip().replace("_", "-")


def is_human(observer: str) -> bool:
    """Say whether an observer is a person: the published sessions are named `subject-01`, `subject-02`, …"""
    return observer.startswith("subject-")


def trial_table(rows: Mapping[str, Sequence[object]]) -> TrialTable:
    """Make a table from columns: dataset, observer, response, category, condition, imagename; the rest is derived.

    `session` (default 1), `trial` (default 1, 2, … in the given order) and `rt` (default NaN) may be given. Names
    and conditions are normalised as when a file is read.

    Raises UserError for a missing column and for an unknown data set, condition, category or response.
    """
    for column in ("dataset", "observer", "response", "category", "condition", "imagename"):
        if column not in rows:
            raise UserError(f"a trial table needs the column {column!r}.")
    names = [str(name) for name in rows["dataset"]]
    n = len(names)
    observers = [observer_name(str(name)) for name in rows["observer"]]
    images = [image_id(str(name)) for name in rows["imagename"]]
    columns = pa.table(
        {
            "dataset": names,
            "observer": observers,
            "is_human": [is_human(name) for name in observers],
            "session": [int(str(value)) for value in rows.get("session", [1] * n)],
            "trial": [int(str(value)) for value in rows.get("trial", range(1, n + 1))],
            "rt": [float(str(value)) for value in rows.get("rt", [math.nan] * n)],
            "response": [str(value) for value in rows["response"]],
            "category": [str(value) for value in rows["category"]],
            "condition": [
                normalise_condition(dataset(name), str(label))
                for name, label in zip(names, rows["condition"], strict=True)
            ],
            "imagename": [str(name) for name in rows["imagename"]],
            "image_id": images,
            "texture": [
                texture_category(image) if name == CONFLICT else None for name, image in zip(names, images, strict=True)
            ],
        },
        schema=_SCHEMA,
    )
    return TrialTable(columns.to_pandas())


def read_csv(path: Path, dataset: Dataset) -> TrialTable:
    """Read one trial file of a data set, of one observer.

    Accepts the header `Session`, `na` or empty responses, `NaN` in `rt` and `condition`, and further columns,
    which it leaves out. A reaction time that is negative or infinite becomes NaN.

    Raises UserError, naming the file, the line, the column and the way out, for a file that cannot be read, is
    cut off, lacks a column, or holds an unknown category, response or condition or a second observer.
    """
    columns = _read_columns(path, dataset)
    key = (dataset.name, _observer_of(columns))
    frame = columns.to_pandas()
    frame.loc[_impossible(frame["rt"]), "rt"] = math.nan
    return TrialTable(frame, MappingProxyType({key: (str(path),)}))


def write_csv(path: Path, table: TrialTable) -> None:
    """Write the trials of one observer on one data set as the field's CSV, whole or not at all.

    Columns are CSV_COLUMNS; an unknown reaction time is written `NaN`, `subj` is the observer's name.

    Raises UserError where the table holds more than one observer or data set.
    """
    frame = table.frame
    for column in ("dataset", "observer"):
        if frame[column].nunique() != 1:
            raise UserError(f"{path}: a trial file holds one {column}, this table has {frame[column].nunique()}.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    written = ("observer", "session", "trial", "rt", "response", "category", "condition", "imagename")
    about = dataset(str(frame["dataset"].iloc[0]))
    for row in zip(*(frame[column].tolist() for column in written), strict=True):
        observer, session, trial, rt, response, category, condition, imagename = row
        time = "NaN" if math.isnan(rt) else repr(float(rt))
        # Conditions as the field's files spell them (`0.60`), so that other tools find them.
        label = about.published_label(condition)
        writer.writerow([observer, session, trial, time, response, category, label, imagename])
    write_text_atomically(path, text.getvalue())


def read_trials(folders: Iterable[Path]) -> ReadResult:
    """Read every trial file under the folders.

    A folder holds `<dataset>/<dataset>_<observer>_session*.csv`, or is itself named as a data set. A file that
    cannot be used is left out and listed in `problems`; the rest goes on. An observer's sessions are joined; the
    same session of an observer met again, in another file, is left out. Reaction times that are none become NaN,
    which `notes` says.

    Raises UserError where a folder does not exist or holds no trial file, or where no file could be used.
    """
    parts: list[Any] = []
    files: dict[tuple[str, str], list[str]] = {}
    notes: dict[tuple[str, str], list[Sidecar]] = {}
    vouched: dict[tuple[str, str], list[str]] = {}
    unvouched: set[tuple[str, str]] = set()
    sessions: dict[tuple[str, str, int], Path] = {}
    settings: dict[str, tuple[Path, object]] = {}
    problems: list[Problem] = []
    for folder in folders:
        for path, found in _trial_files(folder, problems):
            try:
                if isinstance(found, UserError):
                    raise found
                columns = _read_columns(path, found)
                observer = _observer_of(columns)
                named = observer_name(path.stem.removeprefix(f"{found.name}_").partition("_session")[0])
                if named != observer and (is_human(named) or is_human(observer)):
                    raise UserError(
                        f"{path}: is named after {named}, but its column 'subj' says {observer}: correct one of the two."
                    )
                present = pc.unique(columns["session"]).to_pylist()
                earlier = [sessions[found.name, observer, n] for n in present if (found.name, observer, n) in sessions]
                if earlier:
                    if earlier[0].resolve() == path.resolve():
                        continue
                    raise UserError(
                        f"{path}: observer {observer} already answered this session of {found.name} in {earlier[0]}: "
                        "give one of the two another name in the column 'subj', or remove it."
                    )
                note = read_sidecar(sidecar_path(path)) if sidecar_path(path).exists() else None
                if note is not None and (note.observer, note.dataset) != (observer, found.name):
                    raise UserError(
                        f"{sidecar_path(path)}: speaks of {note.observer} on {note.dataset}, but the trials are of "
                        f"{observer} on {found.name}: put back the sidecar that was written with the file."
                    )
                if note is not None:
                    asked = note.settings.get("classifier"), note.labels
                    first, others = settings.setdefault(observer, (path, asked))
                    if asked != others:
                        raise UserError(
                            f"{path}: observer {observer} answered with other settings than in {first}: "
                            "run one of the two again under another --name."
                        )
            except UserError as error:
                problems.append(_problem(path, error))
                continue
            key = (found.name, observer)
            sessions.update({(*key, n): path for n in present})
            files.setdefault(key, []).append(str(path))
            if note is None:
                unvouched.add(key)
            else:
                notes.setdefault(key, []).append(note)
                vouched.setdefault(key, []).extend(columns["image_id"].to_pylist())
            parts.append(columns)
    if not files:
        shown = "; ".join(str(problem) for problem in problems[:3])
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        raise UserError(f"no trial file could be read. {shown}{more}" if shown else "no folder of trials was named.")
    frame = pa.concat_tables(parts).to_pandas()
    impossible = _impossible(frame["rt"])
    said = _of_times(frame[impossible])
    frame.loc[impossible, "rt"] = math.nan
    table = TrialTable(frame, MappingProxyType({key: tuple(paths) for key, paths in files.items()}))
    sidecars = {key: join_sidecars(found, vouched[key]) for key, found in notes.items() if key not in unvouched}
    return ReadResult(table, MappingProxyType(sidecars), tuple(problems), said)


def _impossible(times: pd.Series[float]) -> pd.Series[bool]:
    """Say which numbers no reaction time can be: negative and infinite ones, by which some files mark a missing one."""
    return (times < 0) | (times == math.inf)


def _of_times(trials: pd.DataFrame) -> tuple[str, ...]:
    """Say of trials whose times are none how many they are, and whose."""
    if trials.empty:
        return ()
    who = sorted(trials["observer"].unique())
    shown = ", ".join(who[:3]) + (f" and {len(who) - 3} more" if len(who) > 3 else "")
    return (f"{len(trials):,} reaction times of {shown} are negative or infinite, and count as not known",)


def _problem(path: Path, error: UserError) -> Problem:
    message = str(error)
    prefix = f"{path}: "
    return Problem(str(path), message.removeprefix(prefix))


def _trial_files(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, Dataset | UserError]]:
    layout = "<dataset>/<dataset>_<observer>_session-1.csv"
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder of trials; it should hold {layout}.")
    catalog = load_catalog()
    homes = [folder] if folder.resolve().name in catalog else sorted(p for p in folder.iterdir() if p.is_dir())
    count = 0
    for home in homes:
        for path in sorted(home.glob("*.csv")):
            name = home.resolve().name
            count += 1
            if name not in catalog:
                try:
                    dataset(name)
                except UserError as error:
                    yield path, UserError(f"{path}: {error} A folder of trials is named as its data set.")
                continue
            if not path.name.startswith(f"{name}_") or "_session" not in path.name:
                yield (
                    path,
                    UserError(f"{path}: not named {name}_<observer>_session-1.csv: rename it or move it away."),
                )
                continue
            yield path, catalog[name]
    if count == 0:
        inside = folder / "trials"
        hint = f"; did you mean {inside}?" if inside.is_dir() else f"; it should hold {layout}."
        raise UserError(f"{folder}: no trial files in it{hint}")


def _observer_of(columns: Any) -> str:
    return str(columns["observer"][0].as_py())


def _read_columns(path: Path, dataset: Dataset) -> Any:
    """Read one file into an arrow table of COLUMNS."""
    columns = _read_whole(path, dataset)
    return _read_carefully(path, dataset) if columns is None else columns


def _read_whole(path: Path, dataset: Dataset) -> Any | None:
    """Read a file fast, whole, as arrow does; None where it has a fault or is written in an unusual way.

    What is at fault, and where, is for `_read_carefully` to say.
    """
    try:
        data = path.read_bytes()
        header = [name.strip().lower() for name in data.decode("utf-8-sig").partition("\n")[0].split(",")]
        if b'"' in data or not set(CSV_COLUMNS) <= set(header):
            return None
        raw = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            pyarrow.csv.ReadOptions(
                column_names=header, skip_rows=1, use_threads=False, block_size=max(len(data), 1024)
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=_RAW_TYPES, include_columns=CSV_COLUMNS, null_values=["", "na", "NA", "nan", "NaN"]
            ),
        )
        if not len(raw) or raw["session"].null_count or raw["trial"].null_count:
            return None
        (observer,) = {observer_name(subj) for subj in _distinct(raw["subj"])}
        if observer in ("", PEOPLE) or not observer.isprintable() or len(_distinct(raw["subj"])) > 1:
            return None
        n = len(raw)
        category = _each(raw["category"], _one_category)
        condition = _each(raw["condition"], lambda label: normalise_condition(dataset, label))
        names = pc.utf8_trim_whitespace(raw["imagename"].chunk(0))
        images = _image_ids(names, category, condition, dataset)
        if images is None:
            return None
        texture = pa.nulls(n, pa.string())
        if dataset.name == CONFLICT:
            texture = pa.array(map(texture_category, images.to_pylist()), pa.string())
            if texture.null_count:
                return None
        return pa.table(
            [
                pa.repeat(dataset.name, n),
                pa.repeat(observer, n),
                pa.repeat(is_human(observer), n),
                raw["session"],
                raw["trial"],
                pc.fill_null(raw["rt"], math.nan),
                _each(raw["object_response"], _one_response),
                category,
                condition,
                names,
                images,
                texture,
            ],
            schema=_SCHEMA,
        )
    except (OSError, ValueError, KeyError, pa.ArrowException, UserError):
        return None


def _image_ids(names: Any, category: Any, condition: Any, about: Dataset) -> Any | None:
    """Give what `image_id` gives of each name; None where one is neither an image id nor spelled as published.

    That is also where a name says another data set, category or condition than its row.
    """
    parts = pc.split_pattern(names, "_")
    fields, offsets = parts.values, parts.offsets.to_numpy()
    first, end = offsets[:-1], offsets[1:]
    last, before = fields.take(pa.array(end - 1)), fields.take(pa.array(np.maximum(end - 2, first)))
    of_imagenet = pc.starts_with(before, "n0").to_numpy(zero_copy_only=False) & (end - first > 1)
    images = pc.if_else(pa.array(of_imagenet), pc.binary_join_element_wise(before, last, "_"), last)
    size = end - first - of_imagenet
    whole = size == 7
    if not (whole | (size == 1)).all():
        return None
    if whole.any():
        tag, label, shown, block = (fields.take(pa.array(np.where(whole, first + at, first))) for at in (1, 3, 4, 5))
        kinds = condition.dictionary_encode()
        published = pa.array(map(about.published_label, kinds.dictionary.to_pylist()), pa.string()).take(kinds.indices)
        of_this_set = pc.and_(pc.equal(tag, about.tag), pc.equal(block, about.block))
        of_this_condition = pc.or_(pc.equal(label, condition), pc.equal(label, published))
        alike = pc.and_(pc.and_(of_this_set, of_this_condition), pc.equal(shown, category))
        if not pc.all(pc.or_(alike, pa.array(~whole))).as_py():
            return None
    if about.grammar != "imagenet":
        said = (category_said(image, about.grammar) for image in images.to_pylist())
        if any(told and told != given for told, given in zip(said, category.to_pylist(), strict=True)):
            return None
    return images


def _refuse_misnamed(path: Path, line: int, name: str, category: str, condition: str, about: Dataset) -> None:
    """Refuse a trial whose image name says another data set, category or condition than its row does."""
    said = {"category": category_said(image_id(name), about.grammar)}
    if is_whole(name):
        try:
            read = read_name(name, about)
        except UserError as error:
            raise UserError(f"{path}: line {line}, column 'imagename': {error}") from None
        said = {"category": read.category, "condition": read.condition}
    for column, given in (("category", category), ("condition", condition)):
        if said.get(column, "") not in ("", given):
            raise UserError(
                f"{path}: line {line} has the {column} {given!r}, but its image is named {name!r}: the columns of "
                "different rows, or of different data sets, seem to have been mixed; fetch or write the file again."
            )


def _distinct(column: Any) -> list[str]:
    return [str(value) for value in column.chunk(0).dictionary.to_pylist()]


def _each(column: Any, translate: Callable[[str], str]) -> Any:
    """Translate the distinct values of a dictionary column."""
    translated = pa.array([translate(value) for value in _distinct(column)], pa.string())
    return translated.take(column.chunk(0).indices)


def _read_carefully(path: Path, dataset: Dataset) -> Any:
    """Read a file row by row, and name what is at fault."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            _require_commas(path, head)
            rows = list(csv.reader(chain([head], file), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: not a readable CSV file ({error}): fetch or write it again.") from error
    if not rows or rows == [[]]:
        raise UserError(f"{path}: the file is empty: fetch or write it again.")
    header = [name.strip().lower() for name in rows[0]]
    places = {}
    for column in CSV_COLUMNS:
        if column not in header:
            raise UserError(
                f"{path}: the column {column!r} is missing (found: {', '.join(rows[0])}); "
                f"a trial file has the columns {', '.join(CSV_COLUMNS)}."
            )
        places[column] = header.index(column)
    width = len(header)
    body = rows[1:]
    if set(map(len, body)) != {width}:
        body = [row for row in body if row]
        for line, row in enumerate(rows[1:], start=2):
            if row and len(row) != width:
                raise UserError(
                    f"{path}: line {line} has {len(row)} fields, the header has {width}: the file looks cut off or "
                    "damaged; fetch or write it again."
                )
    if not body:
        raise UserError(f"{path}: there is no trial below the header: fetch or write it again.")
    raw = {column: [row[place] for row in body] for column, place in places.items()}

    subjects = sorted(set(raw["subj"]))
    if len(subjects) != 1 or not observer_name(subjects[0]):
        raise UserError(
            f"{path}: the column 'subj' names {', '.join(map(repr, subjects[:3]))}: a trial file holds one observer."
        )
    observer = observer_name(subjects[0])
    if not observer.isprintable():
        raise UserError(f"{path}: the observer's name {observer!r} holds a control character: give another in 'subj'.")
    if observer == PEOPLE:
        raise UserError(f"{path}: the observer's name 'humans' stands for all people: give another in 'subj'.")
    n = len(body)
    response = _translated(path, raw["object_response"], "object_response", _one_response)
    category = _translated(path, raw["category"], "category", _one_category)
    condition = _translated(path, raw["condition"], "condition", lambda label: normalise_condition(dataset, label))
    session = _whole_numbers(path, raw["session"], "session")
    trial = _whole_numbers(path, raw["trial"], "trial")
    rt = _times(path, raw["rt"])
    images = [image_id(name.strip()) for name in raw["imagename"]]
    for line, (name, one_category, one_condition) in enumerate(
        zip(raw["imagename"], category, condition, strict=True), start=2
    ):
        _refuse_misnamed(path, line, name.strip(), one_category, one_condition, dataset)
    texture: list[str | None] = [None] * n
    if dataset.name == CONFLICT:
        textures = [texture_category(image) for image in images]
        for line, (image, found) in enumerate(zip(images, textures, strict=True), start=2):
            if found is None:
                raise UserError(
                    f"{path}: line {line}, column 'imagename': {image!r} is not named <shape><i>-<texture><j>.png, so "
                    "its texture is unknown; use the published names."
                )
        texture = list(textures)
    columns: dict[str, list[Any]] = {
        "dataset": [dataset.name] * n,
        "observer": [observer] * n,
        "is_human": [is_human(observer)] * n,
        "session": list(session),
        "trial": list(trial),
        "rt": list(rt),
        "response": list(response),
        "category": list(category),
        "condition": list(condition),
        "imagename": [name.strip() for name in raw["imagename"]],
        "image_id": list(images),
        "texture": texture,
    }
    return pa.table(columns, schema=_SCHEMA)


def _require_commas(path: Path, head: str) -> None:
    for mark, marks in ((";", "semicolons"), ("\t", "tabs")):
        names = [name.strip().strip('"') for name in head.split(mark)]
        if set(CSV_COLUMNS) <= {name.lower() for name in names}:
            raise UserError(
                f"{path}: has {marks} between its columns ({', '.join(names)}), where a trial file has commas: save it "
                "again with commas, and with points in its decimals."
            )


def _translated(path: Path, values: list[str], column: str, translate: Callable[[str], str]) -> list[str]:
    """Translate a column, each distinct value once; an unknown value names its line."""
    known: dict[str, str] = {}
    for value in dict.fromkeys(values):
        try:
            known[value] = translate(value)
        except UserError as error:
            line = values.index(value) + 2
            raise UserError(f"{path}: line {line}, column {column!r}: {error}") from None
    return [known[value] for value in values]


def _one_category(value: str) -> str:
    if value.strip() not in _CATEGORY_SET:
        raise UserError(f"{value!r} is not one of the 16 categories ({', '.join(CATEGORIES)}); correct the file.")
    return value.strip()


def _one_response(value: str) -> str:
    stripped = value.strip()
    if stripped.lower() in _ABSENT:
        return NO_RESPONSE
    if stripped not in _CATEGORY_SET:
        raise UserError(
            f"{value!r} is neither one of the 16 categories ({', '.join(CATEGORIES)}) nor 'na' (no answer); "
            "correct the file."
        )
    return stripped


def _whole_numbers(path: Path, values: list[str], column: str) -> list[int]:
    try:
        numbers = list(map(int, values))
    except ValueError:
        numbers = [_BEYOND]
    if min(numbers) > -_BEYOND and max(numbers) < _BEYOND:
        return numbers
    return [_whole_number(path, line, column, value) for line, value in enumerate(values, start=2)]


def _whole_number(path: Path, line: int, column: str, value: str) -> int:
    try:
        number = float(value)
        if number == int(number) and abs(number) < _BEYOND:
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise UserError(f"{path}: line {line}, column {column!r}: {value!r} is not a whole number; correct the file.")


def _times(path: Path, values: list[str]) -> list[float]:
    try:
        return list(map(float, values))
    except ValueError:
        return [_time(path, line, value) for line, value in enumerate(values, start=2)]


def _time(path: Path, line: int, value: str) -> float:
    if value.strip().lower() in _ABSENT:
        return math.nan
    try:
        return float(value)
    except ValueError:
        raise UserError(
            f"{path}: line {line}, column 'rt': {value!r} is not a time in seconds; correct it or write NaN."
        ) from None
