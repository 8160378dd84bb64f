"""What a study leaves in its folder: the page, its figures and tables, and every figure as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from reconstrue import __version__
from reconstrue.errors import UserError
from reconstrue.report.figures import save_figure
from reconstrue.report.page import Page, write_page
from reconstrue.report.tables import write_table
from reconstrue.studies.controlled.effects import Finding
from reconstrue.studies.controlled.plan import Study
from reconstrue.trials.sidecar import write_text_atomically


def write_study(
    study: Study,
    finding: Finding,
    folder: Path,
    *,
    settings: Mapping[str, object],
    left_out: tuple[str, ...],
) -> Path:
    """Write ``report.html``, ``study.json``, tables and figures to `folder` and return the page.

    Raises:
        UserError: the folder cannot be written.
    """
    record = {
        "study": study.name,
        "question": study.question,
        "held_equal": study.equal,
        "differs": study.differs,
        "finding": finding.paragraph,
        "reconstrue": __version__,
        "settings": dict(settings),
        "figures": [effect.to_json() for effect in finding.effects],
        "notes": [*finding.notes, *left_out],
    }
    page = Page(
        title=study.title,
        lead=study.question,
        findings=(finding.paragraph,),
        tables=finding.tables[:2],
        figures=finding.figures,
        details=finding.tables[2:],
        notes=(f"Held equal: {study.equal}", f"Differs: {study.differs}", *finding.notes, *left_out),
        run=(
            ("study", study.name),
            ("reconstrue", __version__),
            *((key.replace("_", " "), str(value)) for key, value in settings.items()),
        ),
    )
    try:
        for figure in finding.figures:
            save_figure(figure.figure, folder / "figures" / f"{figure.name}.svg")
        for table in finding.tables:
            write_table(table, folder / "tables")
        write_text_atomically(
            folder / "study.json", json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        )
        write_page(folder / "report.html", page)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error}); give another --out") from error
    return folder / "report.html"
