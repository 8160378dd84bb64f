"""The list of the controlled studies: what each asks and takes, and what of it is done."""

from __future__ import annotations

from pathlib import Path

from reconstrue.report.tables import ABSENT, Column, Table
from reconstrue.studies.controlled.effects import counted
from reconstrue.studies.controlled.plan import Settings, forecast, load_studies


def studies_table(out: Path, *, settings: Settings, seeds: int, work: Path) -> Table:
    """Return every study with its question, what it takes and what of it is done in `out`."""
    columns = (
        Column("study", "study", kind="text"),
        Column("question", "question", kind="text"),
        Column("models", "models trained", kind="text"),
        Column("pictures", "pictures seen by each", kind="count"),
        Column("hours", "hours left, about", kind="text"),
        Column("answered", "answer files", kind="text"),
        Column("report", "report", kind="text"),
    )
    rows = []
    for study in load_studies().values():
        found = forecast(study, seeds, settings, out, work)
        done = (out / study.name / "report.html").is_file()
        rows.append(
            (
                study.name,
                study.question,
                f"{found.trained} of {found.models}",
                found.pictures,
                f"{found.hours:.1f}",
                f"{found.answered} of {found.answers}",
                "there" if done else ABSENT,
            )
        )
    notes = (
        f"{counted(seeds, 'seed')}, {settings.steps:,} steps. Models that two studies share are trained once, but counted in both.",
        "Hours of training, on one thread, from what the shipped models took for each picture; answers take time too.",
    )
    return Table("studies", "The controlled studies", columns, tuple(rows), notes)
