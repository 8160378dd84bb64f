"""Tables: which rows, in which order, with which cells; and that no name breaks a format."""

from __future__ import annotations

import csv
import io
import math
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from reconstrue.metrics import (
    PUBLISHED_NOTES,
    UNDEFINED,
    Benchmark,
    Comparison,
    ConfusionMatrix,
    ConsistencyMatrix,
    Estimate,
    ObserverResult,
    PooledConsistency,
    ResponseEntropy,
    correlate,
    load_published,
)
from reconstrue.report import tables
from reconstrue.report.tables import Column, Table
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials.table import Problem

from .conftest import HOSTILE, bench, est, everything, observer, result


def column(table: Table, key: str) -> list[str]:
    place = [entry.key for entry in table.columns].index(key)
    return [table.columns[place].value(row[place]) for row in table.rows]


def records(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.to_csv())))


def test_table_1_has_people_on_top_then_complete_models_then_the_rest(paper: Benchmark) -> None:
    table = tables.table_1(paper)
    # By shape bias: 60%, 20%, undefined last; `piece` has 3 of 17 sets, below the people's figures on those.
    assert column(table, "model") == ["humans", "alpha", "beta", "gamma", "humans, same images", "piece"]
    assert column(table, "shape_bias") == ["96.0%", "60.0%", "20.0%", "–", "–", "–"]
    assert column(table, "coverage") == ["", "", "", "", "3 of 17 sets", "3 of 17 sets"]
    assert table.rules == (1, 4)


def test_people_on_the_same_images_average_over_the_data_sets_of_the_model(paper: Benchmark) -> None:
    row = records(tables.table_1(paper))[4]
    assert row["model"] == "humans, same images"
    # Three sets of 0.7 ± 0.1 each: the mean is 0.7, its half width sqrt(3 · 0.1²) / 3 = 0.0577.
    assert float(row["ood_accuracy"]) == pytest.approx(0.7)
    assert float(row["ood_accuracy_low"]) == pytest.approx(0.7 - 0.1 / math.sqrt(3))
    assert float(row["ood_accuracy_high"]) == pytest.approx(0.7 + 0.1 / math.sqrt(3))
    assert row["ood_accuracy_n"] == "300"


def test_a_subset_of_images_stands_below_the_people_who_saw_the_very_same() -> None:
    people = result("edge", est(0.8, 0.05), 40, 160)
    model = observer("tried", {"edge": result("edge", est(0.1, 0.05), 40, 160, people)}, ood_accuracy=est(0.1, 0.05))
    table = tables.table_3(bench(model, humans=observer("humans", everything(0.7), ood_accuracy=est(0.7))))
    assert column(table, "model") == ["humans", "humans, same images", "tried"]
    assert column(table, "ood_accuracy") == ["0.700", "0.800", "0.100"]
    assert column(table, "rank") == ["–", "–", "–"]
    assert column(table, "coverage")[2] == "1 of 17 sets, 40 of 160 images"


def test_coverage_adds_the_images_of_all_data_sets() -> None:
    row = observer(
        "tried",
        {
            "cue-conflict": result("cue-conflict", est(0.1), 160, 1280),
            "edge": result("edge", est(0.1), 160, 160),
        },
    )
    assert tables.coverage(row) == "2 of 17 sets, 320 of 1,440 images"
    assert tables.coverage(observer("whole", everything())) == ""


def test_people_of_other_data_sets_are_not_averaged_with_those_of_a_model() -> None:
    humans = observer("humans", {"edge": result("edge", est(0.8))}, ood_accuracy=est(0.8))
    sets = {name: result(name, est(0.1)) for name in ("edge", "sketch")}
    table = tables.table_3(bench(observer("tried", sets, ood_accuracy=est(0.1)), humans=humans))
    assert column(table, "model") == ["humans", "tried"]


def test_table_2_is_sorted_by_mean_rank(paper: Benchmark) -> None:
    table = tables.table_2(paper)
    assert column(table, "model") == ["humans", "alpha", "gamma", "beta", "humans, same images", "piece"]
    assert column(table, "mean_rank") == ["–", "1.50", "2.00", "2.50", "–", "–"]
    assert [entry.heading for entry in table.columns][1:5] == [
        "accuracy difference ↓",
        "observed consistency ↑",
        "error consistency ↑",
        "mean rank ↓",
    ]
    assert column(table, "accuracy_difference")[3] == "0.000", "a rounded zero has no sign"


def test_table_3_ranks_complete_models_only_and_ties_share_their_rank(paper: Benchmark) -> None:
    table = tables.table_3(paper)
    assert column(table, "model") == ["humans", "alpha", "beta", "gamma", "humans, same images", "piece"]
    # 0.7, 0.7, 0.5: ranks (1 + 2) / 2 twice, then 3; `piece` has 0.9 and no rank.
    assert column(table, "rank") == ["–", "1.5", "1.5", "3.0", "–", "–"]
    assert (records(table)[2]["rank_low"], records(table)[2]["rank_high"]) == ("1.0", "2.0")


@pytest.mark.parametrize("make", [tables.table_1, tables.table_2, tables.table_3])
def test_without_people_their_columns_read_a_dash_and_a_note_says_why(
    pocket: Benchmark, make: Callable[..., Table]
) -> None:
    table = make(pocket, why_no_people=tables.NEVER_SEEN)
    assert not any(row[0] == "humans" for row in table.rows)
    assert any("people never saw these pictures" in note for note in table.notes)
    for key in ("accuracy_difference", "observed_consistency", "error_consistency"):
        if key in [entry.key for entry in table.columns]:
            assert column(table, key) == ["–", "–"]
            assert [row[key] for row in records(table)] == ["", ""]
    assert "people never saw" not in make(pocket).to_text()
    assert "there are no trials of people" in make(pocket).to_text()


def test_csv_has_value_interval_and_count_and_nothing_for_the_undefined() -> None:
    table = Table(
        "t",
        "T",
        (Column("model", "model", kind="text"), Column("x", "x", unit="%")),
        (("a", Estimate(0.25, 0.2, 0.3, 12)), ("b", UNDEFINED), ("–", Estimate(0.5, math.nan, math.nan, 4))),
    )
    assert table.to_csv() == "model,x,x_low,x_high,x_n\na,0.25,0.2,0.3,12\nb,,,,\n,0.5,,,4\n"


@pytest.mark.parametrize(
    ("name", "written"),
    [("=1+1", "'=1+1"), ("+a", "'+a"), ("-a", "'-a"), ("@a", "'@a"), ("\t=1", "'=1"), ("a=b", "a=b"), ("'a", "'a")],
)
def test_no_name_is_a_formula_to_a_spreadsheet(name: str, written: str) -> None:
    columns = (Column("model", "model", kind="text"), Column("x", "x"), Column("p", "p", kind="p"))
    table = Table("t", "T", columns, ((name, est(-0.5), -1),))
    (row,) = records(table)
    # Numbers stay numbers, whatever their sign.
    assert (row["model"], row["x"], row["p"]) == (written, "-0.5", "-1")


def hostile_tables(paper: Benchmark) -> dict[str, Table]:
    """One table of each shape of LaTeX, every text in them hostile: plain, longer than a page, wide."""
    name = f"{HOSTILE} ~^#% a & b"
    columns = (Column("model", name, kind="text"), *(Column(f"x{i}", f"{name} κ ↑") for i in range(3)))
    row = (name, est(-0.5, 0.1), UNDEFINED, name)
    wide = (Column("model", name, kind="text"), *(Column(f"x{i}", name) for i in range(9)))
    return {
        "plain": Table("t", name, columns, (row, row), (name,), rules=(1,)),
        "long": Table("t", name, columns, (row,) * 60, (name,)),
        "wide": Table("t", name, wide, ((name, *(est(0.5, 0.1) for _ in range(9))),), (name,)),
        "table-2": tables.table_2(paper, published=load_published()),
    }


@pytest.mark.parametrize("kind", ["plain", "long", "wide", "table-2"])
def test_latex_rows_have_a_cell_for_each_column_and_nothing_that_acts(paper: Benchmark, kind: str) -> None:
    table = hostile_tables(paper)[kind]
    lines = table.to_latex().splitlines()
    ours = r"\\(begin|end)\{\w+\}|\\begingroup|\\(par)?\\endgroup|\\(top|mid|bottom)rule|\\end(first)?(head|foot)"
    rows = [line for line in lines if line.endswith(r"\\") and not line.lstrip().startswith(r"\caption")]
    heads = 2 if len(table.rows) > 45 else 1
    assert len(rows) == len(table.rows) + heads
    for line in rows:
        assert len(re.findall(r"(?<!\\)&", line)) == len(table.columns) - 1
    for line in lines:
        text = re.sub(ours, "", line.removesuffix(r"\\"))
        text = re.sub(r"^\s*\{l[lr]*\}$|\\label\{tab:[a-z0-9-]+\}|\\setlength\{\\tabcolsep\}\{2pt\}", "", text)
        text = re.sub(r"\$(\\[a-zA-Z]+|-)\$", "", text)
        text = re.sub(
            r"\\(caption|centering|smallskip|par|footnotesize|scriptsize|rotatebox|ldots|text[a-z]+)(?![a-z])", "", text
        )
        text = re.sub(r"\\[&%$#_{}]", "", text)
        assert text.count("{") == text.count("}"), line
        assert not set(text.replace("&", "") if line in rows else text) & set("&%$#_~^\\"), line


def test_latex_is_booktabs_and_escaped(pocket: Benchmark) -> None:
    text = tables.table_1(pocket).to_latex()
    for piece in (r"\begin{tabular}{llrrrl}", r"\toprule", r"\midrule", r"\bottomrule", r"a \& b"):
        assert piece in text
    assert (
        r"\textless{}script\textgreater{}alert(1)\textless{}/script\textgreater{}\&\_50\%\$"
        r"\textbackslash{}\{x\}\textbar{}"
    ) in text
    assert r"OOD accuracy $\uparrow$" in text
    assert r"0.600 {\scriptsize [0.500, 0.700]}" in text
    # Outside of an escape there is no character that LaTeX would act upon.
    body = text.replace(r"\&", "").replace(r"\%", "").replace(r"\_", "")
    for line in body.splitlines():
        assert "%" not in line
        assert "_" not in line
        assert line.count("&") in (0, 5)


def test_markdown_is_escaped_and_keeps_its_columns(pocket: Benchmark) -> None:
    lines = tables.table_1(pocket).to_markdown().splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 4
    assert all(line.replace(r"\|", "").count("|") == 7 for line in rows)
    assert "&lt;script&gt;" in rows[2] + rows[3]
    assert "<script>" not in "\n".join(lines)
    assert "0.600 [0.500, 0.700]" in "\n".join(rows)


def test_the_terminal_takes_names_literally() -> None:
    table = Table("t", "T [bold]", (Column("model", "model", kind="text"),), (("[red]a\nb[/red]",),), ("n [i]",))
    console = Console(file=io.StringIO(), width=80, record=True)
    console.print(table.to_rich())
    shown = console.export_text()
    assert "[red]a b[/red]" in shown
    assert "T [bold]" in shown
    assert "n [i]" in shown
    assert "[red]a b[/red]" in table.to_text()


def test_text_has_aligned_columns(paper: Benchmark) -> None:
    lines = tables.table_3(paper).to_text().splitlines()
    at = lines[1].index("OOD accuracy ↑") + len("OOD accuracy ↑")
    cells = [line[:at] for line in lines if line.startswith(("alpha", "beta"))]
    assert cells[0].endswith("0.700")
    assert cells[1].endswith("0.700 [0.680, 0.720]")


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1 of t has 2 cells for 1 columns"):
        Table("t", "T", (Column("a", "a", kind="text"),), (("x",), ("y", "z")))


def test_each_data_set_has_accuracy_above_chance_and_its_people(paper: Benchmark) -> None:
    table = tables.per_dataset_table(paper)
    rows = [row for row in records(table) if row["dataset"] == "edge"]
    assert [row["model"] for row in rows] == ["humans", "alpha", "beta", "gamma", "piece"]
    assert [float(row["above_chance"]) for row in rows] == pytest.approx([0.6375, 0.4375, 0.4375, 0.4375, 0.2375])
    assert float(rows[0]["above_chance_low"]) == pytest.approx(0.5375)
    assert len(table.rows) == 17 * 4 + 3
    assert table.rules[0] == 4, "colour: humans and the three complete models"


def matrix(*observers: str) -> ConsistencyMatrix:
    values = np.array([[1.0, 0.25], [0.25, np.nan]])
    low, high = values - 0.125, values + 0.125
    return ConsistencyMatrix("edge", observers, values, low, high, np.array([[48, 40], [40, 0]]))


def test_consistency_between_models_is_named_so() -> None:
    table = tables.consistency_table(matrix("a", HOSTILE))
    assert table.title == "Error consistency between models: edge"
    assert [[table.columns[i].value(cell) for i, cell in enumerate(row)] for row in table.rows] == [
        ["a", "1.000", "0.250"],
        [HOSTILE, "0.250", "–"],
    ]
    assert any("(40)" in note for note in table.notes)
    with_people = tables.consistency_table(matrix("a", "subject-01"))
    assert with_people.title == "Error consistency between observers: edge"


def test_the_files_of_the_tables(tmp_path: Path, paper: Benchmark) -> None:
    marred = replace(paper, skipped=(Problem("x.csv", "cut\noff"),), notes=("be careful",))
    written = tables.write_tables(marred, tmp_path / "new")
    names = [f"table-{number}.{kind}" for number in (1, 2, 3) for kind in ("csv", "md", "tex")]
    assert [path.name for path in written] == [*names, "table-notes.txt"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in written)
    notes = (tmp_path / "new" / "table-notes.txt").read_text(encoding="utf-8")
    assert notes == "be careful\nleft out: x.csv: cut off\n"
    first = (tmp_path / "new" / "table-1.csv").read_text(encoding="utf-8")
    assert first == tables.table_1(marred).to_csv()


def test_the_notes_count_the_people_of_each_data_set(tmp_path: Path, paper: Benchmark) -> None:
    # 10 people are published on edge and on silhouette, 7 on sketch.
    who = [f"edge/subject-{i:02d}" for i in range(1, 11)] + ["silhouette/subject-01"]
    who += [f"sketch/subject-{i:02d}" for i in range(1, 11)]
    tables.write_tables(replace(paper, individuals=dict.fromkeys(who, paper.humans)), tmp_path)
    notes = (tmp_path / "table-notes.txt").read_text(encoding="utf-8").splitlines()
    assert notes == [
        "Nothing was left out.",
        "people: 10 (7 published) on sketch; 10 on edge; 1 (10 published) on silhouette",
    ]


def test_models_on_the_same_images_share_one_row_of_people() -> None:
    def tried(name: str, accuracy: float) -> ObserverResult:
        people = result("edge", est(0.8, 0.05), 40, 160)
        own = result("edge", est(accuracy, 0.05), 40, 160, people)
        return observer(name, {"edge": own}, ood_accuracy=own.accuracy)

    humans = observer("humans", everything(0.7), ood_accuracy=est(0.7))
    table = tables.table_3(bench(tried("a", 0.1), tried("b", 0.2), humans=humans))
    assert column(table, "model") == ["humans", "humans, same images", "b", "a"]


def test_each_partial_group_of_a_data_set_stands_below_its_people() -> None:
    people = result("edge", est(0.8, 0.05), 40, 160)
    models = [observer(name, {"edge": result("edge", est(0.1, 0.05), 40, 160, people)}) for name in ("a", "b")] + [
        observer("whole", {"edge": result("edge", est(0.4))})
    ]
    humans = observer("humans", {"edge": result("edge", est(0.7))})
    table = tables.per_dataset_table(bench(*models, humans=humans))
    assert column(table, "model") == ["humans", "whole", "humans, same images", "a", "b"]
    assert column(table, "accuracy") == ["0.700", "0.400", "0.800", "0.100", "0.100"]
    assert column(table, "coverage") == ["", "", *["40 of 160 images"] * 3]


def test_people_are_not_said_twice_where_they_saw_no_more_than_the_models() -> None:
    sets = {"edge": result("edge", est(0.8))}
    humans = observer("humans", sets, ood_accuracy=est(0.8))
    table = tables.table_3(bench(observer("tried", {"edge": result("edge", est(0.1))}), humans=humans))
    assert column(table, "model") == ["humans", "tried"]
    assert column(table, "coverage") == ["1 of 17 sets", "1 of 17 sets"]


def test_the_room_never_loads_torch() -> None:
    code = (
        "import sys; from reconstrue.report import figures, icons, page, tables; icons.icon('cat', 9.0);"
        "print(sorted({'torch', 'ray', 'diffusers', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rows_of_the_paper_stand_last_marked_and_without_intervals(paper: Benchmark) -> None:
    rows = load_published()
    for make, expected in ((tables.table_1, 9), (tables.table_2, 58), (tables.table_3, 58)):
        with_rows, without = make(paper, published=rows), make(paper)
        marked = [row for row in with_rows.rows if row[-1] == tables.PUBLISHED]
        assert len(marked) == expected
        assert list(with_rows.rows[-expected:]) == marked
        assert len(with_rows.rows) == len(without.rows) + expected
        assert {c.interval(v) for row in marked for c, v in zip(with_rows.columns, row, strict=True)} == {""}
        assert any("were not run here" in note for note in with_rows.notes)


def made(figure: str = "accuracy", p: float = 0.001, difference: float = -0.2, first: str = "alpha") -> Comparison:
    return Comparison(figure, ("edge",), first, "humans", est(difference, 0.05), p, 2 * p, "bootstrap", 3)  # type: ignore[arg-type]


def test_gaps_to_people_name_both_figures_and_flag_what_is_significant(paper: Benchmark) -> None:
    found = tables.people_table([made(), made(p=0.03, first="beta"), made(difference=0.1, first="gamma")], paper)
    assert column(found, "model") == ["alpha", "beta", "gamma"]
    assert column(found, "value")[0] == "0.500" and column(found, "people")[0] == "0.700"
    # 2 · 0.03 = 0.06 is above 0.05 after the correction.
    assert column(found, "verdict") == ["below people", "", "above people"]
    assert column(found, "p_corrected") == ["0.002", "0.060", "0.002"]
    assert found.name == "people-accuracy"


def test_consistency_is_compared_with_the_human_ceiling(paper: Benchmark) -> None:
    found = tables.people_table([made("error_consistency")], paper)
    assert [entry.title for entry in found.columns][3:5] == ["human ceiling", "model − human ceiling"]
    assert any("human ceiling" in note for note in found.notes)


def test_a_table_compares_one_figure(paper: Benchmark) -> None:
    with pytest.raises(ValueError, match="compares one figure, not 2"):
        tables.people_table([made(), made("error_consistency")], paper)
    with pytest.raises(ValueError, match="compares one figure, not 0"):
        tables.pairs_table([])


def test_pairs_say_who_is_above_and_how_many_were_tested() -> None:
    found = tables.pairs_table([made("shape_bias"), made("shape_bias", p=math.nan, difference=math.nan)])
    assert column(found, "difference") == ["-20.0%", "–"]
    assert column(found, "verdict") == ["below the other", ""]
    assert column(found, "p") == ["0.001", "–"]
    assert records(found)[1]["p"] == ""
    assert any("over the 3 pairs" in note for note in found.notes)


def test_without_a_test_pairs_say_that_there_is_none() -> None:
    found = tables.pairs_table([replace(made(p=math.nan), family=0)])
    assert column(found, "p") == ["–"]
    assert len(found.notes) == 1 and "There is no test" in found.notes[0]


def test_the_correlation_stands_beside_the_papers_own() -> None:
    points = {f"m{i}": (i / 10, value) for i, value in enumerate((0.1, 0.3, 0.2, 0.6))}
    made = correlate(points, "blur", "shape", people=(0.5, 0.9), resamples=0, generator=np.random.default_rng(0))
    found = tables.correlation_table(made)
    # Ranks 1 2 3 4 and 1 3 2 4: 1 − 6 · 2 / (4 · 15) = 0.8.
    assert column(found, "r")[1] == "0.80"
    assert column(found, "degrees_of_freedom") == ["2", "2"]
    assert any("r(58) = .59" in note for note in found.notes)
    rows = {
        name: SimpleNamespace(
            name=name,
            datasets={"low-pass": SimpleNamespace(accuracy=Estimate(x, x - 0.1, x + 0.1, 640))},
            shape_bias=Estimate(y, math.nan, math.nan, 900),
        )
        for name, (x, y) in {"humans": (0.5, 0.9), **points}.items()
    }
    beside = SimpleNamespace(humans=rows["humans"], models=rows)
    shown = tables.correlation_points(made, beside)
    assert column(shown, "model") == ["humans", *points]
    assert records(shown)[1]["x_n"] == "640" and float(records(shown)[1]["x_low"]) == pytest.approx(-0.1)


def test_confusions_have_a_row_for_each_category_that_was_shown() -> None:
    counts = np.zeros((16, 17), dtype=np.int64)
    counts[0, :2], counts[5, 16] = (7, 3), 4
    found = tables.confusion_table("edge", {"humans": ConfusionMatrix("edge", "humans", None, counts)})
    assert column(found, "shown") == [CATEGORIES[0], CATEGORIES[5]]
    first = records(found)[0]
    assert (first["airplane"], first["bear"], first["na"]) == ("7", "3", "0")
    assert records(found)[1]["na"] == "4"


def test_entropy_has_a_column_for_each_observer_and_a_gap_where_one_did_not_answer() -> None:
    one = ResponseEntropy("low-pass", "humans", {"0": est(3.9), "3": est(3.5)})
    other = ResponseEntropy("low-pass", HOSTILE, {"3": est(2.0)})
    found = tables.entropy_table({"low-pass": {"humans": one, HOSTILE: other}})
    assert [[found.columns[i].value(cell) for i, cell in enumerate(row)] for row in found.rows] == [
        ["low-pass", "0", "3.90", "–"],
        ["low-pass", "3", "3.50", "2.00"],
    ]
    assert all(re.fullmatch(r"\w+", entry.key) for entry in found.columns)
    assert found.to_latex().isascii(), "pdflatex stops at a sign that it does not know"


def test_pooled_consistency_stands_apart_from_the_benchmarks() -> None:
    person = observer("edge/subject-01", {"edge": replace(result("edge", est(0.9)), error_consistency=est(0.4))})
    benchmark = replace(bench(observer("alpha", everything())), individuals={"edge/subject-01": person})
    each = PooledConsistency("edge", "subject-01", est(0.5), {"subject-02": est(0.45)})
    found = tables.pooled_table(
        {"edge": {"subject-01": each, "alpha": PooledConsistency("edge", "alpha", est(0.2), {})}}, benchmark
    )
    assert column(found, "pooled_kappa") == ["0.500", "0.200"]
    assert column(found, "error_consistency") == ["0.400", "–"]
    by_person = tables.pooled_by_person_table({"edge": {"subject-01": each}})
    assert column(by_person, "person") == ["subject-02"]


def test_published_rows_come_with_what_to_know_of_them(paper: Benchmark) -> None:
    for make in (tables.table_1, tables.table_2, tables.table_3):
        assert set(PUBLISHED_NOTES) <= set(make(paper, published=load_published()).notes)
        assert not set(PUBLISHED_NOTES) & set(make(paper).notes)


def test_long_latex_tables_break_over_pages(paper: Benchmark) -> None:
    text = tables.table_2(paper, published=load_published()).to_latex()
    assert text.startswith("\\begingroup\n") and text.endswith("\\par\\endgroup\n")
    for piece in (r"\begin{longtable}{lrrrrl}", r"\endfirsthead", r"\endhead", r"\endfoot", r"\end{longtable}"):
        assert text.count(piece) == 1
    assert text.count(r"\toprule") == 2, "the heading stands on every page"
    assert text.index(r"\endfoot") < text.index("humans")
    assert r"\begin{table}" not in text


def test_wide_latex_tables_are_small_and_say_where_the_intervals_are() -> None:
    columns = (Column("model", "model", kind="text"), *(Column(f"x{i}", f"x{i}") for i in range(9)))
    text = Table("t", "T", columns, (("a", *(est(0.5, 0.1) for _ in range(9))),)).to_latex()
    assert r"\setlength{\tabcolsep}{2pt}" in text
    # Names of other observers would make a column as wide as they are long.
    assert r"    model & \rotatebox{90}{x0} & " in text
    assert "[0.400" not in text
    assert "Intervals are in the CSV file." in text


def test_a_table_is_written_in_three_formats(paper: Benchmark, tmp_path: Path) -> None:
    table = tables.table_3(paper)
    written = tables.write_table(table, tmp_path / "tables")
    assert [path.name for path in written] == ["table-3.csv", "table-3.md", "table-3.tex"]
    assert [path.read_text(encoding="utf-8") for path in written] == [
        table.to_csv(),
        table.to_markdown(),
        table.to_latex(),
    ]


def test_a_note_explains_brackets_only_where_there_are_any(paper: Benchmark) -> None:
    def bare(row: ObserverResult) -> ObserverResult:
        return replace(row, ood_accuracy=replace(row.ood_accuracy, low=math.nan, high=math.nan))

    plain = replace(paper, humans=bare(paper.humans), models={name: bare(row) for name, row in paper.models.items()})
    assert "Brackets are 95% intervals from resampled images." in tables.table_1(paper).notes
    assert not [note for note in tables.table_1(plain).notes if "Brackets" in note]
