"""A table: cells first, then CSV, Markdown, LaTeX, plain text or the terminal."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reconstrue.metrics import Estimate

if TYPE_CHECKING:
    import rich.table

ABSENT = "–"
"""How people read an undefined figure; programs read an empty field."""

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
            return one_line(cell)
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
                    fields.append("" if cell == ABSENT else one_line(cell))
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


def inner_rules(rules: Sequence[int], rows: Sequence[object]) -> tuple[int, ...]:
    """Return the rows that begin a new block, without the first row and without blocks that are empty."""
    return tuple(sorted({rule for rule in rules if 0 < rule < len(rows)}))


def without_empty(table: Table, key: str) -> Table:
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
    return "".join(_LATEX.get(character, character) for character in one_line(text))


def _markdown(text: str) -> str:
    escaped = re.sub(r"([\\`*_|\[\]~#])", r"\\\1", one_line(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def one_line(text: str) -> str:
    """Write a text in one line."""
    return " ".join(text.split())


def _exact(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))
