"""The command line: what it prints for people and programs, and one clear line with exit code 2 for bad input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.text import Text
from transformers import ResNetConfig, ResNetForImageClassification
from typer.testing import CliRunner, Result

import reconstrue
from reconstrue.classifiers.cards import KINDS, load_cards
from reconstrue.cli import app
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.trials import read_sidecar, read_trials, sidecar_path

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(a) for a in arguments])

    return invoke


def refused(result: Result, pattern: str) -> None:
    """Assert exit code 2 and one line of error that fits the pattern; no traceback, nothing on stdout."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    errors = [line for line in Text.from_ansi(result.stderr).plain.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, result.stderr
    assert re.search(pattern, errors[0]), errors[0]
    assert "Traceback" not in result.stderr


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random ResNet over the 16 categories in transformers' format, as `train/resnet.py` saves one."""
    folder = tmp_path_factory.mktemp("models") / "tiny_resnet"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = ResNetForImageClassification(
            ResNetConfig(
                embedding_size=4,
                hidden_sizes=[4, 8],
                depths=[1, 1],
                layer_type="basic",
                id2label=dict(enumerate(CATEGORIES)),
                label2id={name: i for i, name in enumerate(CATEGORIES)},
            )
        )
    model.save_pretrained(folder, safe_serialization=True)
    preprocessing = {"size": {"shortest_edge": 32}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
    return folder


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def edge(tmp_path: Path) -> Path:
    """An edge set of 32 pictures."""
    for i, category in enumerate(CATEGORIES * 2):
        picture(tmp_path / "stimuli" / "edge" / category / f"{category}{i // 16}.png", seed=i)
    return tmp_path / "stimuli" / "edge"


# --- the door

COMMANDS = (
    *("demo", "classify", "evaluate", "reconstruct", "ability", "illusions", "frequencies", "merge"),
    *("calibrate", "benchmark", "figures", "report", "models", "datasets", "distort", "make-dataset", "data", "train"),
)


def test_help_names_every_command(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", Text.from_ansi(result.stdout).plain), command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in Text.from_ansi(result.stdout).plain and len(result.stdout.splitlines()) > 5


def test_the_version(run: Run) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"reconstrue {reconstrue.__version__}\n")


def test_nothing_asked_shows_the_help(run: Run) -> None:
    result = run()
    assert result.exit_code == 2 and "Usage:" in Text.from_ansi(result.output).plain


def test_an_unknown_command_is_refused(run: Run) -> None:
    result = run("clasify")
    assert result.exit_code == 2 and "No such command 'clasify'" in result.stderr


# --- models, datasets


def test_models_as_json(run: Run) -> None:
    result = run("models", "--json")
    assert result.exit_code == 0
    cards = {card["name"]: card for card in json.loads(result.stdout)}
    assert cards["pocket-pixel"]["resolution"] == 64
    assert {"kind", "loader", "source", "licence", "gated", "memory_gb", "paper", "about"} <= set(
        cards["pocket-resnet"]
    )


@pytest.mark.parametrize("width", [80, 200])
def test_names_stay_whole_on_a_narrow_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """A name that ends in … cannot be copied into the next command."""
    monkeypatch.setenv("COLUMNS", str(width))
    for command, names in (("models", load_cards()), ("datasets", load_catalog())):
        result = run(command)
        assert result.exit_code == 0
        assert all(re.search(rf"(^|\s){re.escape(name)}\s", result.stdout) for name in names), result.stdout


def test_datasets_as_json(run: Run) -> None:
    result = run("datasets", "--json")
    assert result.exit_code == 0
    entries = {entry["name"]: entry for entry in json.loads(result.stdout)}
    assert len(entries) == 17
    assert entries["cue-conflict"]["n_images"] == 1280
    assert entries["rotation"]["excluded"] == ["0"]
    assert all(isinstance(entry["on_disk"], str) for entry in entries.values())


def test_datasets_for_people(run: Run) -> None:
    result = run("datasets")
    assert result.exit_code == 0
    assert "cue-conflict" in result.stdout
    assert "18,080 images, 90 sessions of people" in result.stdout


def test_models_groups_the_cards_by_kind_and_shows_one_whole(run: Run) -> None:
    listed = run("models").stdout
    kinds = [listed.index(f" {kind} ") for kind in KINDS]
    assert kinds == sorted(kinds)
    assert "Never released" in listed
    one = run("models", "clip-vit-l-14")
    assert "arXiv 2103.00020" in one.stdout
    assert "imagenet-80" in one.stdout
    rows = json.loads(run("models", "--json").stdout)
    assert {row["kind"] for row in rows} == set(KINDS)
    assert {row["model_type"] for row in rows if row["kind"] == "supervised"} == {"discriminative"}
    wrong = run("models", "clip-vit-l-15")
    assert wrong.exit_code == 2
    assert "did you mean 'clip-vit-l-14'?" in wrong.stderr


@pytest.mark.parametrize(
    ("model", "flag", "value", "said"),
    [
        ("pocket-pixel", "--input-noise", "diffusion", "--input-noise is for supervised models"),
        ("pocket-pixel", "--masked-method", "reconstruction", "--masked-method is for masked models"),
        ("pocket-pixel", "--classes", "some.csv", "--classes is for supervised models"),
        ("pocket-resnet", "--weighting", "snr", "--weighting is for diffusion models"),
        ("pocket-resnet", "--prompt", "a {label}", "--prompt is for models that read"),
        ("pocket-pixel", "--masked-method", "guess", "unknown masked method 'guess'"),
        ("pocket-resnet", "--classes", "none.csv", "none.csv"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(
    run: Run, tmp_path: Path, model: str, flag: str, value: str, said: str
) -> None:
    result = run("classify", picture(tmp_path / "a.png"), "--model", model, "--labels", "cat,dog", flag, value)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("", "the model has no name"),
        ("./nosuch", "neither a card nor a folder"),
        ("checkpoints/nosuch", "no folder of that name"),
    ],
)
def test_a_mistyped_model_says_so(run: Run, tmp_path: Path, model: str, said: str) -> None:
    result = run("classify", picture(tmp_path / "a.png"), "--model", model, "--labels", "cat,dog")
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("models", "--jsn"),
        ("models", "--json=yes"),
        ("datasets", "--jsn"),
        ("datasets", "--json=yes"),
    ],
)
def test_lists_take_nothing_else(run: Run, command: str, extra: str) -> None:
    result = run(command, extra)
    assert result.exit_code == 2 and "Error" in result.stderr


# --- classify


def test_classify_answers_in_json(run: Run, tiny: Path, tmp_path: Path) -> None:
    images = [picture(tmp_path / f"{i}.png", seed=i) for i in range(2)]
    result = run("classify", *images, "--model", tiny, "--labels", "dog, cat,car", "--json")
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [a["image"] for a in answers] == [str(i) for i in images]
    for answer in answers:
        assert set(answer["posterior"]) == {"dog", "cat", "car"}
        assert sum(answer["posterior"].values()) == pytest.approx(1)
        assert answer["label"] == max(answer["posterior"], key=answer["posterior"].get)
        assert (answer["evaluations"], answer["draws"], answer["budget_ended"]) == (1, 0, False)
        assert answer["p_correct"] is None
    assert answers[0]["posterior"] != answers[1]["posterior"]


def test_classify_answers_in_a_table(run: Run, tiny: Path, tmp_path: Path) -> None:
    image = picture(tmp_path / "a.png")
    result = run("classify", image, "--model", tiny, "--labels", "dog,cat")
    assert result.exit_code == 0, result.output
    assert "posterior" in result.stdout and re.search(r"(dog|cat)\s+\d+\.\d%\s+–\s+1", result.stdout)


def test_a_temperature_turns_scores_into_a_confidence(run: Run, tiny: Path, tmp_path: Path) -> None:
    image = picture(tmp_path / "a.png")
    said = []
    for temperature in ("0.001", "1e6"):
        result = run("classify", image, "-m", tiny, "--labels", "dog,cat", "--temperature", temperature, "--json")
        said.append(json.loads(result.stdout)["p_correct"])
    assert said == pytest.approx([1, 0.5], abs=0.01)
    refused(run("classify", image, "-m", tiny, "--labels", "dog,cat", "--temperature", "0"), "must be a number above 0")


def test_an_unreadable_picture_does_not_stop_the_others(run: Run, tiny: Path, tmp_path: Path) -> None:
    good = [picture(tmp_path / f"{i}.png", seed=i) for i in range(2)]
    (tmp_path / "bad.png").write_text("not a picture")
    result = run("classify", good[0], tmp_path / "bad.png", good[1], "-m", tiny, "--labels", "dog,cat", "--json")
    assert result.exit_code == 2
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [("label" in a, "error" in a) for a in answers] == [(True, False), (False, True), (True, False)]
    assert result.stderr.splitlines() == [
        f"error: {tmp_path / 'bad.png'}: not a picture that can be read; PNG and JPEG are"
    ]


def test_without_labels_a_card_s_categories_are_asked_about(run: Run, tiny: Path, tmp_path: Path) -> None:
    result = run("classify", picture(tmp_path / "a.png"), "--model", "photo-resnet", "--json")
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)["posterior"]) == ["airplane", "bird", "boat", "car", "cat", "dog", "truck"]
    refused(run("classify", picture(tmp_path / "a.png"), "--model", tiny), "has no card that says what it knows")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("dog,cat,dog", "the label 'dog' is given twice; give each label once"),
        ("dog", "give at least two labels to choose from"),
        ("dog,,cat", "a label is empty .*; remove the stray comma"),
        ("dog,duck", "tiny-resnet was not trained on 'duck'; did you mean 'truck'"),
    ],
)
def test_bad_labels(run: Run, tiny: Path, tmp_path: Path, labels: str, said: str) -> None:
    refused(run("classify", picture(tmp_path / "a.png"), "--model", tiny, "--labels", labels), said)


OPTIONS = [
    (["--max-draws", "0"], "--max-draws must be at least 1, got 0"),
    (["--weighting", "papr"], r"unknown weighting 'papr'; did you mean 'paper'\?"),
    (["--policy", "grid"], "unknown policy 'grid'.*fixed-grid"),
    (["--dtype", "float23"], r"unknown dtype 'float23'; did you mean 'float32'\?"),
    (["--device", "abacus"], "the device 'abacus' is not here .*; try --device cpu"),
    (["--batch-size", "x"], "--batch-size must be a whole number above 0 or auto, got 'x'"),
    (["--batch-size", "0"], "--batch-size must be a whole number above 0 or auto, got '0'"),
    (["--prompt", "a photo"], r"the prompt template 'a photo' has no \{label\}; for example 'A bad photo of a \{label\}\.'"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "said"), OPTIONS, ids=lambda v: " ".join(v) if isinstance(v, list) else "")
@pytest.mark.parametrize("command", ["classify", "evaluate"])
def test_bad_options(
    run: Run, tiny: Path, tmp_path: Path, edge: Path, command: str, options: list[str], said: str
) -> None:
    if command == "classify":
        arguments = [picture(tmp_path / "a.png"), "--labels", "dog,cat"]
    else:
        arguments = ["--dataset", "edge", "--stimuli", edge, "--out", tmp_path / "run"]
    refused(run(command, *arguments, "--model", tiny, *options), said)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["classify", "evaluate"])
def test_bad_models(run: Run, tmp_path: Path, edge: Path, command: str) -> None:
    def asked(model: object) -> Result:
        if command == "classify":
            return run(command, picture(tmp_path / "a.png"), "--labels", "dog,cat", "--model", model)
        return run(command, "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run", "--model", model)

    refused(
        asked("pocket-resent"),
        r"unknown model 'pocket-resent': neither a card nor a folder; did you mean 'pocket-resnet'\?",
    )
    (tmp_path / "nothing").mkdir()
    refused(asked(tmp_path / "nothing"), r"nothing: neither model_index\.json .* nor config\.json .* is in it")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "config.json").write_text("{}")
    refused(asked(tmp_path / "half"), r"preprocessor_config\.json: missing.*save the image processor too")
    (tmp_path / "half" / "preprocessor_config.json").write_text("{")
    refused(asked(tmp_path / "half"), r"preprocessor_config\.json: not valid JSON .*; download the model again")
    assert not (tmp_path / "run").exists()


# --- evaluate


def test_evaluate_writes_trials_that_benchmark_reads(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ["evaluate", "-m", tiny, "-d", "edge", "--stimuli", edge.parent, "--out", out]
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert re.search(
        r"edge: accuracy \d+\.\d% \[.*\] on 32 images.*\(the folder holds 32 of the 160 images\)", result.stdout
    )
    trials = out / "trials" / "edge" / "edge_tiny-resnet_session-1.csv"
    assert str(trials) in result.stdout
    assert len(read_trials([out / "trials"]).table) == 32
    note = read_sidecar(sidecar_path(trials))
    assert (note.observer, note.subset, note.n_images, note.catalogue_images) == ("tiny-resnet", True, 32, 160)
    before = trials.read_bytes()
    assert run(*arguments).exit_code == 0
    assert trials.read_bytes() == before


def test_evaluate_in_the_pocket_world_under_a_name(run: Run, tiny: Path, tmp_path: Path) -> None:
    result = run(
        "evaluate", "-m", tiny, "-d", "silhouette", "--stimuli", "pocket", "--limit", 16, "--name", "my_net", "--out", tmp_path
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    note = read_sidecar(tmp_path / "trials" / "silhouette" / "silhouette_my-net_session-1.run.json")
    assert (note.observer, note.world, note.n_images) == ("my-net", "pocket", 16)


def test_one_unknown_set_does_not_stop_the_others(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    result = run("evaluate", "-m", tiny, "-d", "egde", "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "error: unknown data set 'egde': did you mean edge?" in result.stderr
    assert "edge: accuracy" in result.stdout
    assert (tmp_path / "run" / "trials" / "edge" / "edge_tiny-resnet_session-1.csv").is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--limit", "0"], "--limit must be at least 1, got 0"),
        (["--name", "subject-01"], "the observer's name 'subject-01' is kept for people; give another --name"),
        (["--name", "a/b"], "the observer's name 'a/b' cannot be part of a file name"),
        (["--stimuli", "nowhere"], "nowhere: no such folder; it should hold the pictures of edge"),
        (["--dataset", "egde", "--dataset", "egde"], None),
    ],
)
def test_bad_runs_write_nothing(
    run: Run, tiny: Path, edge: Path, tmp_path: Path, options: list[str], said: str | None
) -> None:
    base = ["-m", tiny, "--stimuli", edge, "--out", tmp_path / "run"]
    if said is None:
        refused(run("evaluate", *base, *options), r"unknown data set 'egde': did you mean edge\?")
    else:
        refused(run("evaluate", *base, "-d", "edge", *options), said)
    assert not (tmp_path / "run").exists()


def test_other_settings_into_the_same_folder_are_refused(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "-m", tiny, "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run"]
    assert run(*arguments).exit_code == 0
    refused(
        run(*arguments, "--limit", 20),
        "holds answers of 'tiny-resnet' under other settings; give another --out",
    )


def test_evaluate_and_benchmark_of_some_categories(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "-m", tiny, "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run"]
    result = run(*arguments, "--categories", "cat,car,dog")
    assert result.exit_code == 0, result.output
    assert "on 6 images" in result.stdout and "from chance (33.33%)" in result.stdout
    assert "32 of the 160 images; only pictures of car, cat, dog)" in result.stdout
    note = read_sidecar(tmp_path / "run" / "trials" / "edge" / "edge_tiny-resnet_session-1.run.json")
    assert note.labels == ("car", "cat", "dog")
    refused(run(*arguments), "who chose among car, cat, dog: other settings; give the same --categories")
    refused(run(*arguments, "--categories", "cat,dogg"), "unknown category 'dogg'; did you mean 'dog'")
    result = run(
        *("benchmark", "--trials", tmp_path / "run" / "trials", "--out", tmp_path / "out", "--resamples", 40),
        *("--categories", "car,cat"),
    )
    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert "Only images of 2 of the 16 categories are compared (car, cat)" in words
    assert "tiny-resnet chose among 3 categories (chance 33.3%): car, cat, dog." in words
    content = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    assert content["models"]["tiny-resnet"]["datasets"]["edge"]["n_images"] == 4


def test_benchmark_on_the_images_in_common(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    evaluate = ("evaluate", "-m", tiny, "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run")
    assert run(*evaluate, "--categories", "cat,car", "--name", "few").exit_code == 0
    assert run(*evaluate, "--name", "many").exit_code == 0
    arguments = ("benchmark", "--trials", tmp_path / "run" / "trials", "--out", tmp_path / "out", "--resamples", 40)
    result = run(*arguments, "--common")
    assert result.exit_code == 0, result.output
    said = "Everybody is compared on the images that all models here answered: 4 of edge."
    assert said in " ".join(result.stdout.split())
    content = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    assert [row["datasets"]["edge"]["n_images"] for row in content["models"].values()] == [4, 4]
    refused(run(*arguments, "--common", "--published"), "of all images; leave --published or --common out")


def test_out_that_is_a_file_is_refused(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("precious")
    refused(
        run("evaluate", "-m", tiny, "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run"),
        "cannot be written .*; give another --out",
    )
    assert (tmp_path / "run").read_text() == "precious"


# --- benchmark

HEADER = "subj,session,trial,rt,object_response,category,condition,imagename\n"


def trial_file(folder: Path, observer: str, *, header: str = HEADER, response: str = "dog") -> Path:
    path = folder / "edge" / f"edge_{observer}_session-1.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{observer},1,{i},NaN,{response},{c},0,{c}1.png\n" for i, c in enumerate(CATEGORIES, start=1)]
    path.write_text(header + "".join(rows))
    return path


def test_benchmark_of_what_evaluate_wrote(run: Run, tiny: Path, edge: Path, tmp_path: Path) -> None:
    assert run("evaluate", "-m", tiny, "-d", "edge", "--stimuli", edge, "--out", tmp_path / "run").exit_code == 0
    result = run("benchmark", "--trials", tmp_path / "run" / "trials", "--out", tmp_path / "out", "--resamples", 40)
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    figure = content["models"]["tiny-resnet"]["datasets"]["edge"]
    assert set(content) >= {"models", "humans"} and figure


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("missing", r"nowhere: no such folder of trials; it should hold <dataset>/<dataset>_<observer>_session-1\.csv"),
        ("empty", r"empty: no trial files in it; it should hold"),
        (
            "column",
            r"edge_model_session-1\.csv: the column 'object_response' is missing \(found: .*a trial file has the col",
        ),
        ("category", r"edge_model_session-1\.csv: line 2, column 'object_response': 'duck' is neither one of the 16"),
        ("resamples", "--resamples must not be negative, got -1"),
        ("out", r"out: is a file; --out names a folder"),
    ],
)
def test_bad_trials_write_nothing(run: Run, tmp_path: Path, case: str, said: str) -> None:
    trials, out, options = tmp_path / "trials", tmp_path / "out", ["--resamples", "0"]
    if case == "missing":
        trials = tmp_path / "nowhere"
    elif case == "empty":
        trials = tmp_path / "empty"
        trials.mkdir()
    elif case == "column":
        trial_file(trials, "model", header=HEADER.replace("object_response", "answer"))
    elif case == "category":
        trial_file(trials, "model", response="duck")
    else:
        trial_file(trials, "model")
    if case == "resamples":
        options = ["--resamples", "-1"]
    if case == "out":
        out.write_text("precious")
    refused(run("benchmark", "--trials", trials, "--out", out, *options), said)
    assert out.read_text() == "precious" if case == "out" else not out.exists()


# --- train


@pytest.mark.parametrize(
    ("recipe", "out", "said"),
    [
        ("pocket-resent", "new", r"unknown recipe 'pocket-resent'; did you mean 'pocket-resnet'\?"),
        ("pocket-resnet", "full", "full: not empty and not an earlier training; give another --out"),
        ("pocket-resnet", "file", "file: is a file; --out names a folder"),
    ],
)
def test_bad_trainings_begin_nothing(run: Run, tmp_path: Path, recipe: str, out: str, said: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("precious")
    (tmp_path / "file").write_text("precious")
    refused(run("train", recipe, "--out", tmp_path / out, "--work", tmp_path / "work"), said)
    assert not (tmp_path / "work").exists() and not (tmp_path / "new").exists()
