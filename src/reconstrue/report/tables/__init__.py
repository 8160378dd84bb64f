"""Tables, from results to cells: `table` (what a table is), `paper` (Tables 1 to 3), then one file per idea."""

from reconstrue.report.tables.comparisons import pairs_table, people_table
from reconstrue.report.tables.conditions import conditions_table, shape_bias_table
from reconstrue.report.tables.consistency import consistency_table
from reconstrue.report.tables.correlation import correlation_points, correlation_table
from reconstrue.report.tables.datasets import per_dataset_table
from reconstrue.report.tables.paper import benchmark_notes, coverage, table_1, table_2, table_3, write_tables
from reconstrue.report.tables.pooled import pooled_by_person_table, pooled_table
from reconstrue.report.tables.responses import confusion_table, entropy_table
from reconstrue.report.tables.rows import NEVER_SEEN, NO_TRIALS_OF_PEOPLE, PUBLISHED, people_counted
from reconstrue.report.tables.table import ABSENT, Cell, Column, Table, write_table

__all__ = [
    "ABSENT",
    "NEVER_SEEN",
    "NO_TRIALS_OF_PEOPLE",
    "PUBLISHED",
    "Cell",
    "Column",
    "Table",
    "benchmark_notes",
    "conditions_table",
    "confusion_table",
    "consistency_table",
    "correlation_points",
    "correlation_table",
    "coverage",
    "entropy_table",
    "pairs_table",
    "people_counted",
    "people_table",
    "per_dataset_table",
    "pooled_by_person_table",
    "pooled_table",
    "shape_bias_table",
    "table_1",
    "table_2",
    "table_3",
    "write_table",
    "write_tables",
]
