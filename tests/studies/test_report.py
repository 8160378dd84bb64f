"""The report: all of it from files of trials, and one line where something cannot be had."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.answers import images, write_trials
from typer.testing import CliRunner

from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.metrics import PUBLISHED_NOTES
from reconstrue.report.figures import FIGURES, FigureMaker
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.names import images_sha256
from reconstrue.studies import report
from reconstrue.studies.report import ReportResult, run_figures, run_report
from reconstrue.trials import Sidecar, read_csv, write_sidecar
from reconstrue.trials.sidecar import sidecar_path

MODELS = {"alpha": 0.4, "beta": 0.7}
# Confusion matrices are many and heavy; one stands for them.
FEW = ("figure-1", "figure-4", "confusion-edge")
ALL = FIGURES


def silent(what: str, done: int, total: int) -> None:
    """Show no progress."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, FigureMaker]:
    """Draw three figures instead of all: what each shows is tested where it is drawn."""
    chosen = {name: FIGURES[name] for name in (*FEW, "figure-13")}
    monkeypatch.setattr(report, "FIGURES", chosen)
    return chosen


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    folder = write_trials(tmp_path / "trials", MODELS, datasets=("edge", "cue-conflict"))
    path = folder / "edge" / "edge_beta_session-1.csv"
    table = read_csv(path, load_catalog()["edge"])
    ids = list(table.frame["image_id"])
    note = Sidecar(
        observer="beta",
        dataset="edge",
        model_type="diffusion",
        subset=True,
        subset_reason="a sample",
        n_images=len(ids),
        catalogue_images=160,
        images_sha256=images_sha256(ids),
        settings={"classifier": {"policy": "fixed-grid", "max_draws": 12}, "key": "f" * 64},
        versions={"torch": "2.6"},
    )
    write_sidecar(sidecar_path(path), note)
    return folder


@pytest.fixture
def stimuli(tmp_path: Path) -> Path:
    """Pictures of edge: 64 that were answered, of which one is damaged, and one that nobody saw."""
    for category, _, name in images("edge"):
        path = tmp_path / "stimuli" / "edge" / category / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((32, 32, 3), 128, dtype=np.uint8)).save(path)
    Image.new("RGB", (8, 8)).save(tmp_path / "stimuli" / "edge" / "cat" / "cat99.png")
    return tmp_path / "stimuli"


def made(trials: Path, out: Path, **options: object) -> ReportResult:
    given = {"tell": silent, "resamples": 40, "allow_partial": True, **options}
    return run_report([trials], out, **given)  # type: ignore[arg-type]


def words(out: Path) -> str:
    text = re.sub(
        r"<(script|style|svg)\b.*?</\1>", " ", (out / "report.html").read_text(encoding="utf-8"), flags=re.DOTALL
    )
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_a_report_holds_everything(trials: Path, stimuli: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = made(trials, out, stimuli=stimuli, command="reconstrue report --trials T")
    assert result.page == out / "report.html"
    assert result.problems == ()
    assert set(json.loads((out / "benchmark.json").read_text(encoding="utf-8"))["models"]) == set(MODELS)
    assert {path.name for path in (out / "figures").iterdir()} == {
        # Figures of which there are many, and which do not stand on the page, are SVG alone.
        f"{name}.{kind}"
        for name in FEW
        for kind in (("svg",) if name.startswith("confusion") else ("svg", "pdf", "png"))
    }
    tables = {path.stem for path in (out / "tables").iterdir()}
    assert tables == {
        *("table-1", "table-2", "table-3", "per-dataset", "pooled-consistency", "consistency-by-person"),
        *("people-accuracy", "people-error-consistency", "people-shape-bias"),
        *("pairs-accuracy", "pairs-error-consistency", "pairs-shape-bias"),
        *("conditions", "shape-bias-by-category"),
        *("consistency-edge", "consistency-cue-conflict", "confusion-edge", "confusion-cue-conflict"),
    }
    for name in tables:
        assert {path.suffix for path in (out / "tables").glob(f"{name}.*")} == {".csv", ".md", ".tex"}
        # pdflatex stops at a sign that it does not know.
        assert (out / "tables" / f"{name}.tex").read_text(encoding="utf-8").isascii(), name
    text = words(out)
    for said in (
        "reconstrue report --trials T",
        "640 in 10 files",
        "40 resamples of images, seed 0",
        # 2 data sets of 64 images for each of 3 people.
        "humans people 2 6 384",
        "beta diffusion 2 2 128",
        "classifier max_draws 12, classifier policy fixed-grid, key ffffffffffff, torch 2.6",
        "figure-13 cannot be drawn",
        "the human ceiling",
        "Imagen",
        PUBLISHED_NOTES[0],
        "24 of 64 pictures that lie in the folder and were answered",
        "3 (10 published) on edge, cue-conflict",
        "people (3)",
    ):
        assert said in text, said
    page = (out / "report.html").read_text(encoding="utf-8")
    for path in (out / "tables").glob("*.csv"):
        content = base64.b64encode(path.read_bytes()).decode()
        assert f'download="{path.name}" href="data:text/csv;charset=utf-8;base64,{content}"' in page
    assert page.count("<svg") == 2, "the heavy ones are files only"
    figures = re.findall("<figure>.*?</figure>", page, flags=re.DOTALL)
    assert [re.findall(r'download="([^"]*)"', figure) for figure in figures] == [
        ["shape-bias-by-category.csv"],
        ["table-2.csv"],
    ]


def test_a_report_of_some_categories(trials: Path, stimuli: Path, tmp_path: Path) -> None:
    result = made(trials, tmp_path / "out", stimuli=stimuli, categories=("airplane", "car", "cat"))
    text = words(tmp_path / "out")
    for said in (
        "2 models and 6 people on 2 data sets, 3 of the 16 categories",
        "categories airplane, car, cat",
        "Only images of 3 of the 16 categories are compared (airplane, car, cat)",
        "Answers outside the categories compared",
        # 4 images of each, all of which were answered.
        "12 of 12 pictures that lie in the folder and were answered",
    ):
        assert said in text, said
    assert "Imagen" not in text, "the paper's rows are of all 16"
    assert (tmp_path / "out" / "tables" / "answers-outside.csv").is_file()
    for path in (tmp_path / "out" / "tables").glob("*.md"):
        assert path.read_text(encoding="utf-8").count("Only images of 3 of the 16 categories are compared") == 1, path
    assert result.figures == FEW


def test_a_report_on_the_images_in_common(trials: Path, tmp_path: Path) -> None:
    (trials / "cue-conflict" / "cue-conflict_beta_session-1.csv").unlink()
    result = made(trials, tmp_path / "out", common=True)
    text = words(tmp_path / "out")
    for said in (
        "2 models and 3 people on 1 data set",
        "images those that all models answered",
        "Everybody is compared on the images that all models here answered: 64 of edge.",
        "Not compared, as not all answered them: cue-conflict.",
    ):
        assert said in text, said
    assert "Imagen" not in text, "the paper's rows are of all images"
    assert result.problems == ()
    drawn = run_figures([trials], tmp_path / "drawn", tell=silent, resamples=40, allow_partial=True, common=True)
    assert drawn.notes[0].startswith("Everybody is compared on the images that all models here answered: 64 of edge.")


def test_every_figure_of_a_page_has_its_numbers_in_tables() -> None:
    names = [name for name, maker in ALL.items() if not maker.detail]
    known = {*report._BEHIND, *(name for name in names if re.fullmatch(r"figure-(6|14|15|16|17)-[a-z-]+", name))}
    assert set(names) == known


def test_the_report_says_whom_the_correlation_leaves_out(tmp_path: Path) -> None:
    folder = write_trials(tmp_path / "trials", {name: 0.2 + at / 6 for at, name in enumerate("abcd")})
    path = folder / "low-pass" / "low-pass_b_session-1.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:40]), encoding="utf-8")
    sidecar_path(path).unlink(missing_ok=True)
    result = made(folder, tmp_path / "out", allow_partial=True)
    (said,) = [note for note in result.notes if "correlation of section 4" in note]
    assert "leaves out" in said


def test_the_same_trials_give_the_same_bytes(trials: Path, stimuli: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        made(trials, tmp_path / name, stimuli=stimuli)
    one, two = (sorted(p.relative_to(tmp_path / n) for p in (tmp_path / n).rglob("*")) for n in ("one", "two"))
    assert one == two
    for path in one:
        if (tmp_path / "one" / path).is_file():
            assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path


def test_answers_stand_below_their_picture(trials: Path, stimuli: Path, tmp_path: Path) -> None:
    made(trials, tmp_path / "out", stimuli=stimuli, resamples=0)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    cards = re.findall(r'<li class="card">.*?</ul></li>', page, flags=re.DOTALL)
    assert len(cards) == 24
    for card in cards:
        assert re.findall(r'class="who">([^<]*)<', card) == ["people (3)", "alpha", "beta"]
    # Balanced: 24 of 16 categories is one of each, and a second of eight.
    categories = [re.findall(r'alt="(\w+)"', card)[0] for card in cards]
    assert {categories.count(name) for name in set(categories)} == {1, 2} and len(set(categories)) == 16


def test_a_damaged_picture_is_left_out_and_named(trials: Path, stimuli: Path, tmp_path: Path) -> None:
    for path in (stimuli / "edge").rglob("*.png"):
        if path.parent.name != "dog":
            path.unlink()
    (stimuli / "edge" / "dog" / "dog2.png").write_bytes(b"not a picture")
    result = made(trials, tmp_path / "out", stimuli=stimuli, resamples=0)
    assert [note for note in result.notes if "dog2.png: not a picture that can be read" in note]
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8").count('class="card"') == 3


def test_pictures_that_nobody_answered_are_not_shown(trials: Path, tmp_path: Path) -> None:
    path = tmp_path / "stimuli" / "edge" / "cat" / "cat99.png"
    path.parent.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(path)
    # The folder of the set itself may be named, too.
    result = made(trials, tmp_path / "out", stimuli=tmp_path / "stimuli" / "edge", resamples=0)
    assert any("none of the 1 pictures" in note for note in result.notes)


def test_a_run_is_read_beside_the_trials(trials: Path, tmp_path: Path) -> None:
    write_trials(tmp_path / "run" / "trials", {"own": 0.5}, datasets=("edge",), people={})
    result = made(trials, tmp_path / "out", run=tmp_path / "run", resamples=0, published=False, title="My title")
    assert "own" in [row[0] for row in result.tables[0].rows]
    text = words(tmp_path / "out")
    assert text.startswith("My title") and "Imagen" not in text


def test_what_is_left_out_is_said(trials: Path, tmp_path: Path) -> None:
    (trials / "edge" / "edge_broken_session-1.csv").write_text("subj,session\n")
    result = made(trials, tmp_path / "out", resamples=0)
    assert len(result.problems) == 1 and "edge_broken" in result.problems[0]
    assert "left out: " + result.problems[0] in words(tmp_path / "out")


def test_a_damaged_file_changes_nothing_but_what_is_said_of_it(trials: Path, tmp_path: Path) -> None:
    def results(name: str) -> tuple[tuple[str, ...], dict[str, bytes]]:
        problems = made(trials, tmp_path / name, allow_partial=False).problems
        files = sorted((tmp_path / name).glob("*/*"))
        return problems, {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files}

    path = trials / "edge" / "edge_alpha_session-1.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.unlink()
    problems, plain = results("without")
    assert problems == () and {"tables/table-1.csv", "figures/figure-4.svg"} <= set(plain)
    for name, changed, said in (
        # Cut off in a row, and, worse, after one.
        ("in a row", [*lines[:-1], lines[-1][:13]], "line 65 has 4 fields, the header has 8"),
        ("after a row", lines[:-9], "edge: alpha answered 55 images, people answered 64"),
        ("a category", [*lines[:-1], lines[-1].replace("truck", "lorry")], "line 65, column"),
    ):
        path.write_text("\n".join(changed) + "\n", encoding="utf-8")
        (problem,), found = results(name)
        assert problem.startswith(f"{path}: {said}")
        assert found == plain, name


def test_letters_that_no_font_has_are_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconstrue.report.figures.fonts.OTHERS", ())
    trials = write_trials(tmp_path / "trials", {"模型": 0.5}, datasets=("edge",))
    notes = [note for note in made(trials, tmp_path / "out", resamples=0).notes if "no font" in note]
    assert len(notes) == 1 and "no font that is installed has 型模: " in notes[0]


def test_models_alone_make_a_report(tmp_path: Path) -> None:
    trials = write_trials(tmp_path / "trials", MODELS, datasets=("edge",), people={})
    made(trials, tmp_path / "out")
    assert "figures that compare with people are undefined" in words(tmp_path / "out")
    assert words(tmp_path / "out").startswith("2 models on 1 data set")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"run": Path("nowhere")}, "nowhere: has no folder 'trials'"),
        ({"stimuli": Path("nowhere")}, "nowhere: holds no folder named as one of the 17 data sets"),
        ({"resamples": -1}, "--resamples must not be negative"),
        ({"resamples": 1}, "--resamples must be 0 (no intervals) or at least 40"),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    trials: Path, tmp_path: Path, options: Mapping[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        made(trials, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_figures_are_files_of_the_formats_that_were_asked_for(trials: Path, tmp_path: Path) -> None:
    result = run_figures(
        [trials], tmp_path / "out", tell=silent, formats=["svg"], names=["figure-4"], resamples=0, allow_partial=True
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["figure-4.svg"]
    assert result.figures == ("figure-4",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ["figure-99"]}, "no figure is named 'figure-99'; there are figure-1, figure-4"),
        ({"formats": ["gif"]}, "no format is named 'gif'; there are svg, png, pdf"),
        ({"names": ["figure-13"]}, "figure-13 cannot be drawn: "),
    ],
)
def test_a_figure_that_cannot_be_had_is_one_line(
    trials: Path, tmp_path: Path, options: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        run_figures([trials], tmp_path / "out", tell=silent, resamples=0, allow_partial=True, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_the_commands(trials: Path, tmp_path: Path) -> None:
    given = ["--trials", str(trials), "--allow-partial", "--resamples", "0"]
    result = CliRunner().invoke(app, ["report", *given, "--out", str(tmp_path / "report"), "--no-published"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "report" / "report.html").is_file()
    assert "3 figures" in result.stdout
    result = CliRunner().invoke(app, ["figures", *given, "--out", str(tmp_path / "figures"), "--format", "svg, png"])
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in (tmp_path / "figures").iterdir()} == {".svg", ".png"}
    lines = [line for line in result.stderr.splitlines() if "figure-13" in line]
    assert len(lines) == 1 and "cannot be drawn" in lines[0]
    result = CliRunner().invoke(app, ["figures", *given, "--out", str(tmp_path / "f"), "--figure", "figure-99"])
    assert result.exit_code == 2 and "no figure is named" in result.stderr
