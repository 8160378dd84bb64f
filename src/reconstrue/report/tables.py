"""Tables of the benchmark, in the layout of the paper: cells first, then CSV, Markdown, LaTeX or the terminal.

Tables 1, 2 and 3 are those of "Intriguing properties of generative classifiers" (ICLR 2024, arXiv 2309.16779). People
stand on top, complete models follow, and models that answered less than everything come last, unranked, under the
people's own figures on the very same images.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reconstrue.metrics import (
    UNDEFINED,
    Benchmark,
    ConsistencyMatrix,
    DatasetResult,
    Estimate,
    ObserverResult,
    PublishedRow,
)
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.trials import is_human
from reconstrue.trials.sidecar import write_text_atomically

if TYPE_CHECKING:
    import rich.table

ABSENT = "–"
"""How people read an undefined figure; programs read an empty field."""

NO_TRIALS_OF_PEOPLE = "there are no trials of people on these pictures"
NEVER_SEEN = "people never saw these pictures"
"""Why there are no figures of people: the first holds of any table without them, the second of the pocket world."""

PUBLISHED = "the paper's"
"""What the coverage column says of a row that was printed there and not run here."""

Cell = str | Estimate
Better = Literal["", "lower", "higher"]


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, its title for people, and how its figures are written.

    `unit` is "" for a plain number and "%" for a share written in per cent.
    """

    key: str
    title: str
    kind: Literal["text", "estimate"] = "estimate"
    better: Better = ""
    digits: int = 3
    unit: Literal["", "%"] = ""

    @property
    def heading(self) -> str:
        """The title, with an arrow where one direction is better."""
        return self.title + {"": "", "lower": " ↓", "higher": " ↑"}[self.better]

    def value(self, cell: Cell) -> str:
        """Write a cell without its interval, as in "0.179" or "95.9%"."""
        if isinstance(cell, str):
            return _one_line(cell)
        if not cell.defined:
            return ABSENT
        return self._number(cell.value) + self.unit

    def interval(self, cell: Cell) -> str:
        """Write the interval of a cell, as in "[0.163, 0.201]"; empty where it has none."""
        if isinstance(cell, str) or not cell.defined or math.isnan(cell.low) or math.isnan(cell.high):
            return ""
        return f"[{self._number(cell.low)}, {self._number(cell.high)}]"

    def _number(self, value: float) -> str:
        scaled = 100.0 * value if self.unit == "%" else value
        text = f"{scaled:.{self.digits}f}"
        # A small negative figure that rounds to zero has no sign.
        return text[1:] if text.startswith("-") and not text.strip("-0.") else text


@dataclass(frozen=True)
class Table:
    """A table: columns, rows of cells, and notes below; `rules` are the rows that begin a new block.

    `name` is what its files are called. Raises ValueError where a row has not one cell per column.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for index, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {index} of {self.name} has {len(row)} cells for {len(self.columns)} columns")

    def to_csv(self) -> str:
        """Write values, interval ends and counts as columns of their own; what is undefined is empty."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        header: list[str] = []
        for column in self.columns:
            header.append(column.key)
            if column.kind == "estimate":
                header += [f"{column.key}_{part}" for part in ("low", "high", "n")]
        writer.writerow(header)
        for row in self.rows:
            fields: list[str] = []
            for column, cell in zip(self.columns, row, strict=True):
                if isinstance(cell, str):
                    fields.append("" if cell == ABSENT else _one_line(cell))
                    fields += [""] * (3 if column.kind == "estimate" else 0)
                else:
                    fields += [
                        *(_exact(end) for end in (cell.value, cell.low, cell.high)),
                        str(cell.n) if cell.defined else "",
                    ]
            writer.writerow(fields)
        return buffer.getvalue()

    def to_markdown(self) -> str:
        """Write a GitHub table with intervals beside the figures, the title above and the notes below."""
        lines = [f"**{_markdown(self.title)}**", ""]
        lines.append(_pipes(_markdown(column.heading) for column in self.columns))
        lines.append(_pipes("---" if column.kind == "text" else "---:" for column in self.columns))
        for row in self.rows:
            cells = []
            for column, cell in zip(self.columns, row, strict=True):
                interval = column.interval(cell)
                cells.append(_markdown(column.value(cell)) + (f" {interval}" if interval else ""))
            lines.append(_pipes(cells))
        if self.notes:
            lines += ["", *(f"- {_markdown(note)}" for note in self.notes)]
        return "\n".join(lines) + "\n"

    def to_latex(self) -> str:
        """Write a `table` with booktabs rules (needs `\\usepackage{booktabs}`), everything escaped."""
        layout = "".join("l" if column.kind == "text" else "r" for column in self.columns)
        lines = [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{_latex(self.title)}}}",
            rf"  \label{{tab:{re.sub('[^a-z0-9-]', '-', self.name.lower())}}}",
            rf"  \begin{{tabular}}{{{layout}}}",
            r"    \toprule",
            "    " + " & ".join(_latex(column.heading) for column in self.columns) + r" \\",
            r"    \midrule",
        ]
        for index, row in enumerate(self.rows):
            if index in self.rules and index:
                lines.append(r"    \midrule")
            cells = []
            for column, cell in zip(self.columns, row, strict=True):
                interval = column.interval(cell)
                cells.append(_latex(column.value(cell)) + (rf" {{\scriptsize {interval}}}" if interval else ""))
            lines.append("    " + " & ".join(cells) + r" \\")
        lines += [r"    \bottomrule", r"  \end{tabular}"]
        lines += [rf"  \par\footnotesize {_latex(note)}" for note in self.notes]
        lines.append(r"\end{table}")
        return "\n".join(lines) + "\n"

    def to_text(self) -> str:
        """Write plain text in aligned columns, for a terminal or a log."""
        heads = [column.heading for column in self.columns]
        body = [[self._spelled(index, cell) for index, cell in enumerate(row)] for row in self.rows]
        widths = [max(len(line[index]) for line in [heads, *body]) for index in range(len(heads))]

        def aligned(line: Sequence[str]) -> str:
            parts = [
                text.ljust(width) if column.kind == "text" else text.rjust(width)
                for column, text, width in zip(self.columns, line, widths, strict=True)
            ]
            return "  ".join(parts).rstrip()

        ruler = "-" * (sum(widths) + 2 * (len(widths) - 1))
        lines = [self.title, aligned(heads), ruler]
        for index, line in enumerate(body):
            if index in self.rules and index:
                lines.append(ruler)
            lines.append(aligned(line))
        return "\n".join([*lines, *self.notes]) + "\n"

    def to_rich(self) -> rich.table.Table:
        """Give a rich table for the terminal; names are taken literally, never as markup."""
        import rich.box
        import rich.table
        from rich.text import Text

        shown = rich.table.Table(
            title=Text(self.title, style="bold"),
            title_justify="left",
            box=rich.box.SIMPLE_HEAD,
            caption=Text("\n".join(self.notes), style="dim") if self.notes else None,
            caption_justify="left",
            pad_edge=False,
        )
        for column in self.columns:
            shown.add_column(Text(column.heading), justify="left" if column.kind == "text" else "right")
        for index, row in enumerate(self.rows):
            cells = []
            for column, cell in zip(self.columns, row, strict=True):
                interval = column.interval(cell)
                cells.append(Text.assemble(column.value(cell), (f" {interval}" if interval else "", "dim")))
            shown.add_row(*cells, end_section=index + 1 in self.rules)
        return shown

    def _spelled(self, index: int, cell: Cell) -> str:
        column = self.columns[index]
        interval = column.interval(cell)
        return column.value(cell) + (f" {interval}" if interval else "")


# The tables of the paper ----------------------------------------------------------------------------------------


MODEL = Column("model", "model", kind="text")
MODEL_TYPE = Column("model_type", "model type", kind="text")
COVERAGE = Column("coverage", "coverage", kind="text")
SHAPE_BIAS = Column("shape_bias", "shape bias", digits=1, unit="%")
OOD_ACCURACY = Column("ood_accuracy", "OOD accuracy", better="higher")
DIFFERENCE = Column("accuracy_difference", "accuracy difference", better="lower")
OBSERVED = Column("observed_consistency", "observed consistency", better="higher")
CONSISTENCY = Column("error_consistency", "error consistency", better="higher")
MEAN_RANK = Column("mean_rank", "mean rank", better="lower", digits=2)
RANK = Column("rank", "rank", better="lower", digits=1)


def table_1(
    benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE, published: Sequence[PublishedRow] = ()
) -> Table:
    """Give Table 1: model, model type, shape bias, OOD accuracy and error consistency with people.

    Complete models are sorted by shape bias, as no one figure ranks this table; undefined ones last. Rows of the paper
    (`published`) stand below, as printed.
    """
    return _paper_table(
        benchmark,
        why_no_people,
        "table-1",
        "Table 1: benchmark results",
        (MODEL_TYPE, SHAPE_BIAS, OOD_ACCURACY, CONSISTENCY),
        lambda row: -row.shape_bias.value,
        lambda row: (row.model_type, row.shape_bias, row.ood_accuracy, row.error_consistency),
        [
            (row.name, row.model_type, row.shape_bias, row.ood_accuracy, row.error_consistency)
            for row in sorted(published, key=lambda row: _undefined_last(-row.shape_bias.value))
            if row.shape_bias.defined
        ],
    )


def table_2(
    benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE, published: Sequence[PublishedRow] = ()
) -> Table:
    """Give Table 2: accuracy difference, observed and error consistency with people, sorted by their mean rank."""
    return _paper_table(
        benchmark,
        why_no_people,
        "table-2",
        "Table 2: most human-like behaviour",
        (DIFFERENCE, OBSERVED, CONSISTENCY, MEAN_RANK),
        lambda row: row.mean_rank.value,
        lambda row: (
            row.accuracy_difference,
            row.observed_consistency,
            row.error_consistency,
            row.mean_rank,
        ),
        [
            (row.name, row.accuracy_difference, row.observed_consistency, row.error_consistency, row.mean_rank)
            for row in published
            if row.mean_rank.defined
        ],
    )


def table_3(
    benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE, published: Sequence[PublishedRow] = ()
) -> Table:
    """Give Table 3: OOD accuracy and its rank among the complete models, ties averaged."""
    ranks = _accuracy_ranks(benchmark)
    return _paper_table(
        benchmark,
        why_no_people,
        "table-3",
        "Table 3: out-of-distribution accuracy",
        (OOD_ACCURACY, RANK),
        lambda row: -row.ood_accuracy.value,
        lambda row: (row.ood_accuracy, ranks.get(row.name, UNDEFINED)),
        [
            (row.name, row.ood_accuracy, row.rank)
            for row in sorted(published, key=lambda row: _undefined_last(row.rank.value))
            if row.rank.defined
        ],
    )


def per_dataset_table(benchmark: Benchmark, *, why_no_people: str = NO_TRIALS_OF_PEOPLE) -> Table:
    """Give the accuracy on each data set, and how far above chance it is, one row per data set and observer."""
    columns = (
        Column("dataset", "data set", kind="text"),
        MODEL,
        Column("accuracy", "accuracy", better="higher"),
        Column("above_chance", "above chance", better="higher"),
        CONSISTENCY,
        COVERAGE,
    )
    observers = [benchmark.humans, *_by_name(benchmark)]
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    for name in load_catalog():
        rules.append(len(rows))
        there = [(row.name, row.datasets[name]) for row in observers if name in row.datasets]
        rows += [_dataset_row(name, who, result) for who, result in there if not result.partial]
        groups: dict[tuple[object, ...], list[tuple[str, DatasetResult]]] = {}
        for who, result in there:
            if result.partial:
                groups.setdefault(_images(result), []).append((who, result))
        for group in groups.values():
            first = group[0][1]
            if first.people is not None:
                rows.append((*_dataset_row(name, "humans, same images", first.people)[:-1], _of_images(first)))
            rows += [_dataset_row(name, who, result) for who, result in group]
    notes = (
        "Accuracy over the conditions that the benchmark counts; chance is 1 in 16. Intervals are 95%.",
        *_no_people(benchmark, why_no_people),
    )
    table = Table("per-dataset", "Accuracy on each data set", columns, tuple(rows), notes, _inner(rules, rows))
    return _without_empty(table, "coverage")


def consistency_table(matrix: ConsistencyMatrix) -> Table:
    """Give the error consistency (κ) of every two observers on one data set, as a square table.

    It is titled "between models" where there is no person among the observers.
    """
    people = [name for name in matrix.observers if is_human(name)]
    who = "between observers" if people else "between models"
    key = [re.sub(r"\W+", "_", name).strip("_") or f"observer_{i}" for i, name in enumerate(matrix.observers)]
    columns = (
        MODEL,
        *(Column(f"kappa_{i + 1}_{key[i]}", name, digits=3) for i, name in enumerate(matrix.observers)),
    )
    rows: list[tuple[Cell, ...]] = []
    for i, name in enumerate(matrix.observers):
        cells = [
            Estimate(float(value), float(matrix.low[i, j]), float(matrix.high[i, j]), int(matrix.n_images[i, j]))
            for j, value in enumerate(matrix.values[i])
        ]
        rows.append((name, *cells))
    pairs = [
        int(matrix.n_images[i, j]) for i in range(len(matrix.observers)) for j in range(len(matrix.observers)) if i != j
    ]
    counts = f"{min(pairs):,}" if pairs and min(pairs) == max(pairs) else ""
    if pairs and not counts:
        counts = f"{min(pairs):,} to {max(pairs):,}"
    notes: tuple[str, ...] = ("Cohen's κ of right and wrong answers: 0 is agreement by chance, 1 the same errors.",)
    if counts:
        notes = (*notes, f"Over the images that both answered ({counts}), averaged over conditions.")
    return Table(
        f"consistency-{matrix.dataset}",
        f"Error consistency {who}: {matrix.dataset}",
        columns,
        tuple(rows),
        notes,
    )


def benchmark_notes(benchmark: Benchmark) -> tuple[str, ...]:
    """Give what a reader of the tables has to know: what was left out, and what is compared on fewer images."""
    return (*benchmark.notes, *(f"left out: {problem}" for problem in benchmark.skipped))


def write_tables(
    benchmark: Benchmark,
    out: Path,
    *,
    why_no_people: str = NO_TRIALS_OF_PEOPLE,
    published: Sequence[PublishedRow] = (),
) -> tuple[Path, ...]:
    """Write Tables 1 to 3 as CSV, Markdown and LaTeX, and `table-notes.txt`, each file whole or not at all.

    Gives the paths written. Raises OSError where the folder cannot be written.
    """
    written: list[Path] = []
    for make in (table_1, table_2, table_3):
        table = make(benchmark, why_no_people=why_no_people, published=published)
        for suffix, text in (
            (".csv", table.to_csv()),
            (".md", table.to_markdown()),
            (".tex", table.to_latex()),
        ):
            written.append(out / f"{table.name}{suffix}")
            write_text_atomically(written[-1], text)
    notes = benchmark_notes(benchmark) or ("Nothing was left out.",)
    written.append(out / "table-notes.txt")
    write_text_atomically(written[-1], "\n".join(_one_line(note) for note in notes) + "\n")
    return tuple(written)


# Rows -----------------------------------------------------------------------------------------------------------


def _paper_table(
    benchmark: Benchmark,
    why_no_people: str,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    order: Callable[[ObserverResult], float],
    figures: Callable[[ObserverResult], tuple[Cell, ...]],
    published: Sequence[tuple[Cell, ...]],
) -> Table:
    models = sorted(_by_name(benchmark), key=lambda row: _undefined_last(order(row)))
    rows: list[tuple[Cell, ...]] = []
    rules: list[int] = []
    if benchmark.humans.n_datasets:
        rows.append((benchmark.humans.name, *figures(benchmark.humans), coverage(benchmark.humans)))
    rules.append(len(rows))
    rows += [(row.name, *figures(row), "") for row in models if row.complete]
    groups: dict[tuple[object, ...], list[ObserverResult]] = {}
    for row in models:
        if not row.complete:
            groups.setdefault(_images_of(row), []).append(row)
    for group in groups.values():
        rules.append(len(rows))
        same = _people_on_the_images_of(group[0], benchmark)
        if same is not None and same.datasets != benchmark.humans.datasets:
            rows.append(("humans, same images", *figures(same), coverage(group[0])))
        rows += [(row.name, *figures(row), coverage(row)) for row in group]
    notes = ["Brackets are 95% intervals from resampled images."]
    if published:
        rules.append(len(rows))
        rows += [(*cells, PUBLISHED) for cells in published]
        notes.append(
            "Rows marked as the paper's are printed figures of arXiv 2309.16779, with its ranks among its 58 models; "
            "they were not run here."
        )
    if groups:
        notes.append("Models with fewer data sets or images stand below the complete ones and are not ranked.")
    notes += _no_people(benchmark, why_no_people)
    table = Table(name, title, (MODEL, *columns, COVERAGE), tuple(rows), tuple(notes), _inner(rules, rows))
    return _without_empty(table, "coverage")


def coverage(row: ObserverResult) -> str:
    """Say what a row rests on where that is not everything: "3 of 17 sets", "160 of 1,280 images", or both."""
    parts = [f"{row.coverage} sets"] if row.coverage else []
    if any(result.partial for result in row.datasets.values()):
        answered = sum(result.n_images for result in row.datasets.values())
        there = sum(result.catalogue_images for result in row.datasets.values())
        parts.append(f"{answered:,} of {there:,} images")
    return ", ".join(parts)


def _dataset_row(dataset: str, who: str, result: DatasetResult) -> tuple[Cell, ...]:
    figures = (result.accuracy, result.above_chance, result.error_consistency)
    return (dataset, who, *figures, _of_images(result))


def _of_images(result: DatasetResult) -> str:
    return f"{result.coverage} images" if result.coverage else ""


def _people_on_the_images_of(row: ObserverResult, benchmark: Benchmark) -> ObserverResult | None:
    """Average the people's figures over the data sets and images of an incomplete model.

    None where there are no people on one of its data sets: averages over different sets are not compared.

    Data sets are independent of each other, so that the interval of their mean follows from the single ones:
    the squares of the distances from value to end add up (Zou & Donner 2008, Statistics in Medicine 27).
    """
    people = benchmark.humans
    parts = []
    for name, result in row.datasets.items():
        same = result.people or (None if result.partial else people.datasets.get(name))
        if same is not None:
            parts.append(same)
    if not parts or len(parts) < len(row.datasets):
        return None
    conflict = next((part for part in parts if part.shape_bias.defined), None)
    return ObserverResult(
        name="humans",
        model_type="people",
        ood_accuracy=_mean([part.accuracy for part in parts]),
        accuracy_difference=_mean([part.accuracy_difference for part in parts]),
        observed_consistency=_mean([part.observed_consistency for part in parts]),
        error_consistency=_mean([part.error_consistency for part in parts]),
        mean_rank=UNDEFINED,
        shape_bias=conflict.shape_bias if conflict else UNDEFINED,
        shape_bias_by_category=conflict.shape_bias_by_category if conflict else {},
        datasets={part.dataset: part for part in parts},
        n_datasets=len(parts),
        n_datasets_with_people=len(parts),
        complete=False,
    )


def _mean(parts: Sequence[Estimate]) -> Estimate:
    parts = [part for part in parts if part.defined]
    if not parts:
        return UNDEFINED
    k = len(parts)
    value = math.fsum(part.value for part in parts) / k
    low = math.sqrt(math.fsum((part.value - part.low) ** 2 for part in parts)) / k
    high = math.sqrt(math.fsum((part.high - part.value) ** 2 for part in parts)) / k
    return Estimate(value, value - low, value + high, sum(part.n for part in parts))


def _images_of(row: ObserverResult) -> tuple[object, ...]:
    """Give a key that two models share where they answered the same images of the same data sets."""
    return tuple((name, _images(result)) for name, result in sorted(row.datasets.items()))


def _images(result: DatasetResult) -> tuple[object, ...]:
    """Give a key of the images of a result: their number and, where it is a part, how well people did on them."""
    return (result.n_images, None if result.people is None else result.people.accuracy.value)


def _accuracy_ranks(benchmark: Benchmark) -> Mapping[str, Estimate]:
    complete = [row for row in benchmark.models.values() if row.complete and row.ood_accuracy.defined]
    values = [row.ood_accuracy.value for row in complete]
    return {
        row.name: Estimate(
            sum(value > own for value in values) + (sum(value == own for value in values) + 1) / 2,
            math.nan,
            math.nan,
            len(complete),
        )
        for row, own in zip(complete, values, strict=True)
    }


def _by_name(benchmark: Benchmark) -> list[ObserverResult]:
    return [benchmark.models[name] for name in sorted(benchmark.models)]


def _undefined_last(value: float) -> tuple[bool, float]:
    return (math.isnan(value), 0.0 if math.isnan(value) else value)


def _no_people(benchmark: Benchmark, why: str) -> tuple[str, ...]:
    if benchmark.humans.n_datasets:
        return ("Consistency is with people; for people it is with the other people.",)
    return (f"Figures that compare with people read “{ABSENT}”: {why}.",)


def _inner(rules: Sequence[int], rows: Sequence[object]) -> tuple[int, ...]:
    return tuple(sorted({rule for rule in rules if 0 < rule < len(rows)}))


def _without_empty(table: Table, key: str) -> Table:
    """Leave a column out where no row has anything in it."""
    place = [column.key for column in table.columns].index(key)
    if any(row[place] for row in table.rows):
        return table
    keep = [index for index in range(len(table.columns)) if index != place]
    return Table(
        table.name,
        table.title,
        tuple(table.columns[index] for index in keep),
        tuple(tuple(row[index] for index in keep) for row in table.rows),
        table.notes,
        table.rules,
    )


# Spelling -------------------------------------------------------------------------------------------------------


_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "“": "``",
    "”": "''",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "κ": r"$\kappa$",
    "×": r"$\times$",
    "…": r"\ldots{}",
}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _one_line(text))


def _markdown(text: str) -> str:
    escaped = re.sub(r"([\\`*_|\[\]~#])", r"\\\1", _one_line(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _exact(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))
