"""Tables, from results to cells: `table` (what a table is), `paper` (Tables 1 to 3), then one file per idea."""

from reconstrue.report.tables.consistency import consistency_table
from reconstrue.report.tables.datasets import per_dataset_table
from reconstrue.report.tables.paper import PUBLISHED, benchmark_notes, coverage, table_1, table_2, table_3, write_tables
from reconstrue.report.tables.rows import NEVER_SEEN, NO_TRIALS_OF_PEOPLE
from reconstrue.report.tables.table import ABSENT, Cell, Column, Table

__all__ = [
    "ABSENT",
    "NEVER_SEEN",
    "NO_TRIALS_OF_PEOPLE",
    "PUBLISHED",
    "Cell",
    "Column",
    "Table",
    "benchmark_notes",
    "consistency_table",
    "coverage",
    "per_dataset_table",
    "table_1",
    "table_2",
    "table_3",
    "write_tables",
]
