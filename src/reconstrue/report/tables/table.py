"""A table: cells first, then CSV, Markdown, LaTeX, plain text or the terminal."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reconstrue.metrics import Estimate
from reconstrue.trials.sidecar import write_text_atomically

if TYPE_CHECKING:
    import rich.table

ABSENT = "–"
"""How people read an undefined figure; programs read an empty field."""

Cell = str | Estimate | int | float
"""A word, a figure with its interval and count, a count, or a p-value."""

Better = Literal["", "lower", "higher"]

# More rows than fit on a page, and more columns than fit across one with intervals.
_LONG, _WIDE = 45, 8


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, its title for people, and how its figures are written.

    `kind` says what its cells are: words, estimates, counts or p-values; a word may stand in any of them. `unit` is ""
    for a plain number and "%" for a share written in per cent.
    """

    key: str
    title: str
    kind: Literal["text", "estimate", "count", "p"] = "estimate"
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
            return one_line(cell)
        if isinstance(cell, int):
            return f"{cell:,}"
        if isinstance(cell, float):
            return ABSENT if math.isnan(cell) else "< 0.001" if cell < 0.001 else f"{cell:.3f}"
        if not cell.defined:
            return ABSENT
        return self._number(cell.value) + self.unit

    def interval(self, cell: Cell) -> str:
        """Write the interval of a cell, as in "[0.163, 0.201]"; empty where it has none."""
        if not isinstance(cell, Estimate) or not cell.defined or math.isnan(cell.low) or math.isnan(cell.high):
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

    `name` is what its files are called. `shaded` says that counts are best seen as shares of their row, where a page
    can shade them. Raises ValueError where a row has not one cell per column.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    shaded: bool = False

    def __post_init__(self) -> None:
        for index, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {index} of {self.name} has {len(row)} cells for {len(self.columns)} columns")

    def to_csv(self) -> str:
        """Write values, interval ends and counts as columns of their own; what is undefined is empty.

        A name that a spreadsheet would work out as a formula (=, +, - or @ first) stands behind an apostrophe.
        """
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
                    fields.append("" if cell == ABSENT else _harmless(one_line(cell)))
                    fields += [""] * (3 if column.kind == "estimate" else 0)
                elif isinstance(cell, int | float):
                    fields.append(str(cell) if isinstance(cell, int) else _exact(cell))
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
        """Write a `table`, or a `longtable` where it is longer than a page, everything escaped.

        Needs `\\usepackage{booktabs,graphicx,longtable}`; names in other than Latin letters need XeLaTeX or LuaLaTeX. A
        table of many columns is set small, with upright headings and without the intervals.
        """
        wide, long = len(self.columns) > _WIDE, len(self.rows) > _LONG
        layout = "".join("l" if column.kind == "text" else "r" for column in self.columns)
        heads = [_latex(column.heading) for column in self.columns]
        if wide:
            heads = [
                text if column.kind == "text" else rf"\rotatebox{{90}}{{{text}}}"
                for column, text in zip(self.columns, heads, strict=True)
            ]
        heading = "    " + " & ".join(heads) + r" \\"
        caption = rf"\caption{{{_latex(self.title)}}}"
        label = rf"\label{{tab:{re.sub('[^a-z0-9-]', '-', self.name.lower())}}}"
        size = [r"  \scriptsize\setlength{\tabcolsep}{2pt}"] if wide else []
        body = []
        for index, row in enumerate(self.rows):
            if index in self.rules and index:
                body.append(r"    \midrule")
            cells = []
            for column, cell in zip(self.columns, row, strict=True):
                interval = "" if wide else column.interval(cell)
                cells.append(_latex(column.value(cell)) + (rf" {{\scriptsize {interval}}}" if interval else ""))
            # After a line's end, LaTeX takes a bracket or a star for an option of it.
            guard = "{}" if cells[0].startswith(("[", "*")) else ""
            body.append("    " + guard + " & ".join(cells) + r" \\")
        notes = [*self.notes, "Intervals are in the CSV file."] if wide and self._has_intervals else self.notes
        below = [rf"  \par\footnotesize {_latex(note)}" for note in notes]
        if long:
            lines = [r"\begingroup", *size, rf"  \begin{{longtable}}{{{layout}}}", rf"    {caption}{label} \\"]
            lines += [r"    \toprule", heading, r"    \midrule", r"    \endfirsthead"]
            lines += [r"    \toprule", heading, r"    \midrule", r"    \endhead", r"    \bottomrule", r"    \endfoot"]
            lines += [*body, r"  \end{longtable}", *below, r"\par\endgroup"]
        else:
            lines = [r"\begin{table}", r"  \centering", *size, f"  {caption}", f"  {label}", r"  \smallskip"]
            lines += [rf"  \begin{{tabular}}{{{layout}}}", r"    \toprule", heading, r"    \midrule"]
            lines += [*body, r"    \bottomrule", r"  \end{tabular}", *below, r"\end{table}"]
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

    @property
    def _has_intervals(self) -> bool:
        return any(column.interval(cell) for row in self.rows for column, cell in zip(self.columns, row, strict=True))

    def _spelled(self, index: int, cell: Cell) -> str:
        column = self.columns[index]
        interval = column.interval(cell)
        return column.value(cell) + (f" {interval}" if interval else "")


def inner_rules(rules: Sequence[int], rows: Sequence[object]) -> tuple[int, ...]:
    """Return the rows that begin a new block, without the first row and without blocks that are empty."""
    return tuple(sorted({rule for rule in rules if 0 < rule < len(rows)}))


def without_empty(table: Table, key: str) -> Table:
    """Leave a column out where no row has anything in it."""
    place = [column.key for column in table.columns].index(key)
    if any(row[place] for row in table.rows):
        return table
    keep = [index for index in range(len(table.columns)) if index != place]
    return replace(
        table,
        columns=tuple(table.columns[index] for index in keep),
        rows=tuple(tuple(row[index] for index in keep) for row in table.rows),
    )


def write_table(table: Table, folder: Path) -> tuple[Path, ...]:
    """Write a table as CSV, Markdown and LaTeX, each file whole or not at all, and give their paths.

    Raises OSError where the folder cannot be written.
    """
    written = []
    for suffix, text in ((".csv", table.to_csv()), (".md", table.to_markdown()), (".tex", table.to_latex())):
        written.append(folder / f"{table.name}{suffix}")
        write_text_atomically(written[-1], text)
    return tuple(written)


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
    "ρ": r"$\rho$",
    "−": r"$-$",
    "Σ": r"$\Sigma$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "₂": r"$_2$",
}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in one_line(text))


def _markdown(text: str) -> str:
    escaped = re.sub(r"([\\`*_|\[\]~#])", r"\\\1", one_line(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def one_line(text: str) -> str:
    """Write a text in one line."""
    return " ".join(text.split())


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula.

    >>> _harmless("=1+1"), _harmless("resnet-50")
    ("'=1+1", 'resnet-50')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _exact(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))
