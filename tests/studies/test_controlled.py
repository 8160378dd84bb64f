"""The controlled studies end to end, on tiny networks, and their figures against hand arithmetic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from typer.testing import CliRunner

from reconstrue.cli import app
from reconstrue.errors import UserError
from reconstrue.metrics import Estimate
from reconstrue.registry import resolve
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_picture
from reconstrue.studies.controlled import models, plan, weighting
from reconstrue.studies.controlled.answers import Drawn
from reconstrue.studies.controlled.effects import (
    Effect,
    Values,
    beyond_guessing,
    difference_effect,
    mean_effect,
    verdict,
)
from reconstrue.studies.controlled.listing import studies_table
from reconstrue.studies.controlled.plan import Group, Model, Observer, Settings, load_studies, load_study
from reconstrue.studies.controlled.run import StudyResult, run_study
from reconstrue.train.recipe import Recipe, load_recipe
from reconstrue.trials.table import trial_table

SETTINGS = Settings(steps=2, pictures=16, conflict_pictures=16, draws=2, evidence_draws=8)
SMALL: dict[str, dict[str, Any]] = {
    "pocket-pixel": {"heads": 2, "head_width": 16, "layers": 1, "patch": 16},
    "pocket-resnet": {"widths": [8, 8, 8, 8], "depths": [1, 1, 1, 1]},
    "pocket-resnet-noise": {"widths": [8, 8, 8, 8], "depths": [1, 1, 1, 1]},
}
PIXEL = Model("pixel", "pixel diffusion", "generative", "pocket-pixel")
SUPERVISED = Model("supervised", "supervised", "discriminative", "pocket-resnet")
SEVEN = ("airplane", "bird", "boat", "car", "cat", "dog", "truck")
NOISED = Model("noise-50", "u in [0.5, 1]", "", "pocket-resnet-noise", {"signal": [0.5, 1.0]}, x=0.25)


def small(name: str) -> Recipe:
    recipe = load_recipe(name)
    return replace(recipe, warmup=1, batch_size=4, pictures=32, ema=0.5, model={**recipe.model, **SMALL.get(name, {})})


@pytest.fixture(scope="module")
def tiny() -> Iterator[None]:
    """Networks of a few thousand weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "load_recipe", small)
        yield


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipes as they are packaged, where nothing is trained."""
    monkeypatch.setattr(plan, "load_recipe", load_recipe)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the training pictures are drawn already: the pool of processes that draws them is slow to start."""
    folder = tmp_path_factory.mktemp("checkpoints")
    drawn = [world_picture("original", CATEGORIES[i % 16], CATEGORIES[i % 16], 1000, 1 + i // 16) for i in range(32)]
    pixels = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).contiguous()
    (folder / "pictures").mkdir()
    save_file({"pixels": pixels}, folder / "pictures" / "original-1000-32-64.safetensors")
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all studies of this file, as a user has one."""
    return tmp_path_factory.mktemp("study")


def followed(
    name: str, out: Path, work: Path, models: tuple[Model, ...], sets: tuple[str, ...], **changes: Any
) -> tuple[StudyResult, list[str]]:
    said: list[str] = []
    study = replace(load_study(name), models=models, sets=sets)
    given = {"settings": SETTINGS, "seeds": 2, "resamples": 40, **changes}
    result = run_study(study, out, work=work, tell=lambda *_: None, say=said.append, **given)
    return result, said


@pytest.fixture(scope="module")
def kinds(tiny: None, out: Path, work: Path) -> StudyResult:
    return followed("kinds", out, work, (PIXEL, SUPERVISED), ("cue-conflict", "colour"))[0]


def figures(out: Path, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    record = json.loads((out / name / "study.json").read_text(encoding="utf-8"))
    return {(one["figure"], one["of"]): one for one in record["figures"]}


def test_it_leaves_page_figures_tables_and_numbers(kinds: StudyResult, out: Path) -> None:
    page = kinds.page.read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "") and "<svg" in page
    assert kinds.finding in page.replace("&#x27;", "'")
    assert {p.name for p in (out / "kinds" / "figures").iterdir()} == {"groups.svg", "error-consistency.svg"}
    assert {"groups.csv", "differences.md", "clustering.csv", "costs.csv"} <= {
        p.name for p in (out / "kinds" / "tables").iterdir()
    }
    found = figures(out, "kinds")
    assert set(found[("OOD accuracy", "supervised")]) == {"figure", "of", "value", "low", "high", "n", "seeds"}
    assert found[("OOD accuracy", "supervised")]["seeds"] == 2
    # 16 pictures of a cue conflict, and 8 grey ones of the colour set; two seeds.
    assert found[("OOD accuracy", "pixel diffusion")]["n"] == 2 * (16 + 8)
    assert found[("clean accuracy", "supervised")]["n"] == 2 * 8
    # One generative kind has no other to be like.
    assert found[("error consistency", "two generative kinds")]["value"] is None
    assert found[("error consistency", "a generative and a discriminative kind")]["value"] is not None


def test_a_mean_over_seeds_is_that_of_the_trial_files(kinds: StudyResult, out: Path) -> None:
    shares = []
    for seed in (1, 2):
        name = f"supervised-seed{seed}"
        rows = (out / "answers" / name / "trials/cue-conflict" / f"cue-conflict_{name}_session-1.csv").read_text()
        answers = [line.split(",") for line in rows.splitlines()[1:]]
        shares.append(np.mean([response == category for _, _, _, _, response, category, *_ in answers]))
    table = (out / "kinds" / "tables" / "groups.csv").read_text()
    grey = []
    for seed in (1, 2):
        name = f"supervised-seed{seed}"
        rows = (out / "answers" / name / "trials/colour" / f"colour_{name}_session-1.csv").read_text()
        answers = [line.split(",") for line in rows.splitlines()[1:]]
        grey.append(np.mean([one[4] == one[5] for one in answers if one[6] == "bw"]))
    expected = (np.mean(shares) + np.mean(grey)) / 2
    assert figures(out, "kinds")[("OOD accuracy", "supervised")]["value"] == pytest.approx(expected)
    assert "supervised" in table


def test_seeds_differ_and_kinds_of_one_seed_see_the_same_pictures(kinds: StudyResult, out: Path) -> None:
    recipes = {
        name: json.loads((out / "models" / name / "training.json").read_text())["recipe"]
        for name in ("pixel-seed1", "pixel-seed2", "supervised-seed1")
    }
    assert recipes["pixel-seed1"]["seed"] == recipes["supervised-seed1"]["seed"] != recipes["pixel-seed2"]["seed"]
    # Batches are a function of this seed, the step and these alone.
    for key in ("pictures", "world_seed", "dataset", "batch_size", "zoom", "steps"):
        assert recipes["pixel-seed1"][key] == recipes["supervised-seed1"][key]


def test_again_nothing_is_trained_and_nothing_asked(
    kinds: StudyResult, out: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(models, "train_recipe", never)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("answers-*.parquet")}
    again, said = followed("kinds", out, work, (PIXEL, SUPERVISED), ("cue-conflict", "colour"))
    assert again.finding == kinds.finding and said == []
    assert {path: path.stat().st_mtime_ns for path in out.rglob("answers-*.parquet")} == before


def test_a_training_that_was_stopped_goes_on(kinds: StudyResult, out: Path, work: Path) -> None:
    """What remains of a training that ended while it was saved: its checkpoint, and a folder without a record."""
    (out / "models" / "supervised-seed2" / "training.json").write_text("")
    _, said = followed("kinds", out, work, (PIXEL, SUPERVISED), ("cue-conflict", "colour"))
    assert [line for line in said if "going on from step 2" in line] == [
        "study-supervised-2-seed2: going on from step 2"
    ]
    assert not any("pixel" in line for line in said)


def test_other_settings_are_refused(kinds: StudyResult, out: Path, work: Path) -> None:
    with pytest.raises(UserError, match="begun with other settings .steps 2, now 3.; give the same, or another --out"):
        followed("kinds", out, work, (SUPERVISED,), ("colour",), settings=replace(SETTINGS, steps=3))
    other = replace(SUPERVISED, changes={"depths": [1, 1, 1, 2]})
    with pytest.raises(UserError, match=r"supervised-seed1: trained by other settings .* give another --out"):
        followed("kinds", out, work, (other,), ("colour",))


def test_the_list_shows_what_is_left(kinds: StudyResult, tiny: None, out: Path, work: Path) -> None:
    table = studies_table(out, settings=SETTINGS, seeds=2, work=work)
    rows = {str(row[0]): row for row in table.rows}
    assert list(rows) == ["kinds", "shipped", "weighting", "noise", "prompt", "resolution", "low-pass", "photographs"]
    # Of seven kinds with two seeds, two are there, and their two data sets of 17.
    assert rows["kinds"][2] == "4 of 14" and rows["kinds"][5] == f"{2 * 2 * 2} of {14 * 17}"
    assert rows["noise"][2] == "2 of 12" and rows["noise"][6] == "–"
    assert rows["kinds"][3] == 2 * 4 and rows["kinds"][6] == "there"
    assert rows["low-pass"][2] == "0 of 0"


def test_hours_are_those_of_the_shipped_model_for_each_picture(whole: None, tmp_path: Path) -> None:
    study = replace(load_study("noise"), models=load_study("noise").models[:1])
    cost = plan.shipped_record(study.models[0].recipe)["cost"]
    found = plan.forecast(study, 3, Settings(steps=500), tmp_path, tmp_path)
    assert found.pictures == 500 * 64
    assert found.hours == pytest.approx(3 * cost["hours"] * 500 * 64 / cost["pictures"])


def test_an_autoencoder_is_counted_once(whole: None, tmp_path: Path) -> None:
    study = load_study("kinds")
    tokens = replace(study, models=tuple(m for m in study.models if m.name in ("autoregressive", "masked")))
    one = [plan._hours(m, 500) for m in tokens.models]
    before = plan.shipped_record(tokens.models[0].recipe)["cost"]["autoencoder"]["hours"]
    assert plan.forecast(tokens, 2, Settings(steps=500), tmp_path, tmp_path).hours == pytest.approx(
        2 * sum(one) + before
    )


def test_noise_is_compared_with_no_noise(kinds: StudyResult, out: Path, work: Path) -> None:
    result, said = followed("noise", out, work, (SUPERVISED, NOISED), ("cue-conflict", "colour"))
    assert not any("study-supervised" in line for line in said), "the model of the first study is taken"
    assert " with u in [0.5, 1] (" in result.finding and "Shape bias is " in result.finding
    found = figures(out, "noise")
    difference = found[("difference in clean accuracy", "u in [0.5, 1] − supervised")]["value"]
    one, other = (found[("clean accuracy", label)]["value"] for label in ("u in [0.5, 1]", "supervised"))
    assert difference == pytest.approx(one - other)


def test_resolutions_are_compared_with_the_full_one(kinds: StudyResult, out: Path, work: Path) -> None:
    shrunk = replace(SUPERVISED, name="shown-16", label="16 px", x=2.0, changes={"shown": 16})
    result, _ = followed("resolution", out, work, (SUPERVISED, shrunk), ("cue-conflict", "colour"))
    assert " at 16 px (" in result.finding
    assert ("difference in OOD accuracy", "16 px − supervised") in figures(out, "resolution")


def test_whether_generative_kinds_err_alike_is_said(kinds: StudyResult, out: Path, work: Path) -> None:
    deeper = replace(PIXEL, name="pixel-2", label="deeper", changes={"layers": 2})
    noised = replace(NOISED, side="discriminative")
    four = (PIXEL, deeper, SUPERVISED, noised)
    result, _ = followed("kinds", out, work, four, ("cue-conflict", "colour"))
    assert "Whether generative kinds err more like each other cannot be told (not " in result.finding or (
        "Generative kinds err more like each other than like discriminative ones: κ is " in result.finding
    )
    assert "; between discriminative kinds it is " in result.finding
    assert "against that of discriminative ones" in result.finding


def test_prompts_and_class_embeddings(tiny: None, out: Path, work: Path) -> None:
    spoken = replace(PIXEL, asked=("paper", "label"))
    embedded = Model(
        "pixel-class", "class embedding", "", "pocket-pixel", {"templates": ["{label}"], "text_layers": 0}, ("label",)
    )
    result, _ = followed("prompt", out, work, (spoken, embedded), ("cue-conflict", "colour"))
    assert "class embedding against pixel diffusion" in result.finding
    found = figures(out, "prompt")
    assert ("difference in OOD accuracy", "pixel diffusion · “label” − the paper's") in found
    assert ("difference in clean accuracy", "class embedding − pixel diffusion") in found


def test_low_pass_takes_the_models_that_are_there(kinds: StudyResult, out: Path, work: Path) -> None:
    taken = tuple(replace(model, train=False) for model in (PIXEL, SUPERVISED, NOISED))
    result, _ = followed("low-pass", out, work, taken, ("cue-conflict", "low-pass"))
    assert "correlation" in result.finding and "too few" in result.finding
    assert (out / "low-pass" / "tables" / "correlation-means.csv").is_file()
    nobody = replace(taken[0], name="nobody")
    with pytest.raises(UserError, match="run the studies kinds, noise and resolution with this --out first"):
        followed("low-pass", out, work, (nobody,), ("low-pass",))


def test_evidence_is_weighed_anew(kinds: StudyResult, out: Path, work: Path) -> None:
    shipped = Model("pocket-resnet", "pocket-resnet, as shipped")
    result, _ = followed("weighting", out, work, (PIXEL,), ("cue-conflict",))
    assert "shape bias is: pixel diffusion" in result.finding
    found = figures(out, "weighting")
    # The paper's weighting is exp(−7t) on the x-error, by whichever name.
    assert found[("shape bias", "pixel diffusion · paper")] == {
        **found[("shape bias", "pixel diffusion · exp(−7t)")],
        "of": "pixel diffusion · paper",
    }
    assert {p.name for p in (out / "weighting" / "figures").iterdir()} == {"bands.svg", "rates.svg"}
    with pytest.raises(UserError, match="pocket-resnet is no diffusion model"):
        followed("weighting", out, work, (shipped,), ("cue-conflict",))


def test_shipped_models_are_compared_with_what_they_took(tiny: None, out: Path, work: Path) -> None:
    shipped = tuple(model for model in load_study("shipped").models if "resnet" in model.name)
    result, said = followed("shipped", out, work, shipped, ("cue-conflict", "colour"), seeds=3)
    assert not said, "nothing is trained"
    assert "in the same order" not in result.finding and "one training each" in result.finding
    costs = pd.read_csv(out / "shipped" / "tables" / "costs.csv")
    assert list(costs["group"]) == ["supervised", "supervised, noise"]
    assert set(costs["pictures"]) == {320000}


def test_photographs_are_asked_on_published_pictures(tiny: None, out: Path, work: Path, tmp_path: Path) -> None:
    for name in ("cue-conflict", "edge"):
        for i, category in enumerate(SEVEN):
            folder = tmp_path / name / category
            folder.mkdir(parents=True)
            texture = SEVEN[(i + 1) % 7]
            file = f"{category}1-{texture}1.png" if name == "cue-conflict" else f"{category}1.png"
            Image.fromarray(world_picture(name, category, texture, 3, 1)).save(folder / file)
    # A kind that the models do not know is not shown.
    (tmp_path / "edge" / "oven").mkdir()
    Image.fromarray(world_picture("edge", "oven", "oven", 3, 1)).save(tmp_path / "edge" / "oven" / "oven1.png")
    study = load_study("photographs")
    assert study.categories == SEVEN
    result, _ = followed("photographs", out, work, study.models, ("cue-conflict", "edge"), stimuli=str(tmp_path))
    assert result.finding.count("Error consistency") == 1
    assert "supervised, noise against supervised" in result.finding
    for name in ("photo-latent", "photo-resnet"):
        rows = pd.read_csv(next((out / "answers" / name / "trials" / "edge").glob("*.csv")))
        assert sorted(rows["category"]) == sorted(SEVEN)
        assert set(rows["object_response"]) <= set(SEVEN)
    assert {one["n"] for (figure, _), one in figures(out, "photographs").items() if figure == "OOD accuracy"} == {14}


def test_whose_pictures_are_asked_is_said(tiny: None, out: Path, work: Path) -> None:
    photographs = load_study("photographs")
    with pytest.raises(
        UserError, match="photographs asks published pictures: give --stimuli with a folder of cue-conflict"
    ):
        followed("photographs", out, work, photographs.models, photographs.sets)
    with pytest.raises(UserError, match="kinds draws its own pictures; leave out --stimuli"):
        followed("kinds", out, work, (SUPERVISED,), ("cue-conflict",), stimuli="somewhere")
    with pytest.raises(UserError, match="nowhere"):
        followed("photographs", out, work, photographs.models, photographs.sets, stimuli="nowhere")


# Figures by hand ------------------------------------------------------------------------------------------------


def drawn(decides: list[tuple[int, int]], right: list[int], texture: list[int]) -> Drawn:
    """Two draws, at t = 0.25 and 0.75, of which each decides for a label of its own, by the same margin."""
    error = np.ones((len(right), 2, 16))
    for row, labels in enumerate(decides):
        for at, label in enumerate(labels):
            error[row, at, label] = 0.0
    t = np.tile([0.25, 0.75], (len(right), 1))
    schedule: Any = resolve("reconstrue.classifiers.generative.schedule:LogSnrSchedule")
    return Drawn(error, t, np.array(right), np.array(texture), schedule())


def test_bands_of_t_decide_by_hand() -> None:
    # Four pictures of shape 0 and texture 1: little noise follows the texture thrice, much noise the shape thrice; the
    # last picture is of no conflict.
    conflict = drawn([(1, 0), (1, 0), (1, 0), (0, 1), (3, 3)], [0, 0, 0, 0, 3], [1, 1, 1, 1, 3])
    clean = drawn([(2, 2), (2, 5), (2, 2), (2, 5)], [2, 2, 2, 2], [-1] * 4)
    group = Group("made up", Model("made-up", "made up"), "", (Observer("one", Model("made-up", "made up"), 0),))
    weighed = weighting.weigh({"one": {"clean": clean, "conflict": conflict}}, 0)
    low, high = (weighed.effect(group, name, "shape bias").found for name in ("t ≤ 0.5 alone", "t > 0.5 alone"))
    assert (low.value, high.value, low.n) == (0.25, 0.75, 4)
    assert weighed.effect(group, "t in (0.25, 0.375]", "shape bias").found.value != 0.75, "no draw lies there"
    assert weighed.effect(group, "t in (0.125, 0.25]", "shape bias").found.value == 0.25
    assert weighed.effect(group, "t in (0.625, 0.75]", "clean accuracy").found.value == 0.5
    of = weighed.difference((group, "t > 0.5 alone"), (group, "t ≤ 0.5 alone"), "shape bias", "halves")
    assert of.found.value == 0.5 and of.figure == "difference in shape bias"
    # exp(−7t) favours the draw of less noise.
    assert weighed.effect(group, "paper", "shape bias").found.value == 0.25
    # One picture of each label leaves no other half to learn weights from.
    few = weighting.weigh({"one": {"clean": drawn([(0, 0), (1, 1)], [0, 1], [-1] * 2), "conflict": conflict}}, 0)
    assert np.isnan(few.effect(group, "learned on clean pictures", "clean accuracy").found.value)
    assert weighed.effect(group, "learned on clean pictures", "clean accuracy").found.defined


@pytest.mark.parametrize(
    ("low", "high", "n", "seeds", "said"),
    [
        (0.1, 0.3, 400, 3, "higher"),
        (-0.3, -0.1, 400, 3, "lower"),
        (-0.1, 0.3, 400, 3, "not different as far as 3 seeds can show"),
        (-0.1, 0.3, 400, 1, "not different as far as one seed can show"),
        (0.1, 0.3, 9, 3, "not to be told from 9 answers"),
        (float("nan"), float("nan"), 400, 3, "not to be told"),
    ],
)
def test_words_claim_no_more_than_the_interval(low: float, high: float, n: int, seeds: int, said: str) -> None:
    assert verdict(Effect("shape bias", "x", Estimate(0.5 * (low + high), low, high, n), seeds)) == said


def test_a_difference_is_taken_seed_by_seed() -> None:
    """Two models whose seeds go up and down together differ by the same in each: seeds add nothing to the interval."""
    # Pictures make next to no difference here; what never varies at all is another case.
    rows = 1 + 1e-9 * np.arange(41)[:, None]
    one, other = (Values(rows * np.array(seeds), 300) for seeds in ([0.3, 0.5, 0.7], [0.2, 0.4, 0.6]))
    paired = difference_effect("accuracy", "one − other", [one], [other]).found
    assert (paired.value, paired.low, paired.high, paired.n) == (
        pytest.approx(0.1),
        pytest.approx(0.1),
        pytest.approx(0.1),
        100,
    )
    # The same figures in another order: differences 0.1, −0.1, 0.3 have a standard error of 0.1155, times 4.3027.
    shuffled = Values(rows * np.array([0.2, 0.6, 0.4]), 300)
    apart = difference_effect("accuracy", "one − other", [one], [shuffled]).found
    assert apart.value == pytest.approx(0.1) and apart.high == pytest.approx(0.1 + 4.3027 * 0.11547, abs=1e-3)
    # Alone: 0.3, 0.5, 0.7 have 0.1155 too.
    assert mean_effect("accuracy", "one", one).found.low == pytest.approx(0.5 - 4.3027 * 0.11547, abs=1e-3)


def test_shape_bias_beyond_guessing_by_hand() -> None:
    """Eight conflicts: 3 for the shape, 1 for the texture, 4 for other labels; and one picture of no conflict."""
    pictures = [f"cat{i}-dog{i}.png" for i in range(8)] + ["cat9-cat8.png"]
    responses = ["cat", "cat", "cat", "dog", "car", "boat", "bird", "car", "cat"]
    table = trial_table(
        {
            "dataset": ["cue-conflict"] * 9,
            "observer": ["one"] * 9,
            "response": responses,
            "category": ["cat"] * 9,
            "condition": ["0"] * 9,
            "imagename": [f"{i + 1:04d}_cc_dnn_0_cat_40_{name}" for i, name in enumerate(pictures)],
        }
    )
    values, n = beyond_guessing(table, 6, 20)["one"]
    # Of six labels four are neither: a guess falls on each once, so that 2 of 3 and 0 of 1 are left.
    assert (values[0], n) == (1.0, 4) and values.shape == (21,)
    assert beyond_guessing(table, 16, 0)["one"][0][0] == pytest.approx((3 - 4 / 14) / (4 - 8 / 14))


def test_two_perfect_figures_may_still_differ() -> None:
    """Of 32 pictures that all were right, the error may be as large as 1 − 0.025^(1/32) = 0.109: so may a difference."""
    perfect = Values(np.ones((41, 3)), 3 * 32)
    found = difference_effect("accuracy", "one − other", [perfect], [perfect])
    assert (found.found.low, found.found.high, found.found.n) == (
        pytest.approx(-0.1089, abs=1e-4),
        pytest.approx(0.1089, abs=1e-4),
        32,
    )
    assert verdict(found) == "not different as far as 3 seeds can show"


# What is asked --------------------------------------------------------------------------------------------------


def test_every_study_is_whole(whole: None) -> None:
    for study in load_studies().values():
        assert study.question.endswith("?") and study.equal and study.differs and study.datasets
        names = [model.name for model in study.models]
        assert len(set(names)) == len(names)
        for model in study.models:
            assert set(model.asked) <= set(study.templates)
            if model.recipe:
                assert model.recipe_of(1, 10).batch_size == 64, "so that equal steps are equal pictures"


def test_all_models_are_optimised_alike(whole: None) -> None:
    """Or a short training is half warm-up for one kind, and a tenth for another."""
    for study in load_studies().values():
        found = [model.recipe_of(2, 500) for model in study.models if model.recipe]
        alike = [replace(one, name="", about="", trainer="", model={}) for one in found]
        assert all(one == alike[0] for one in alike)
        assert all((one.warmup, one.ema, one.steps) == (50, 0.98, 500) for one in alike)


def test_what_two_studies_share_is_one_recipe(whole: None) -> None:
    """A model's folder bears its name alone."""
    shared: dict[str, Recipe] = {}
    for study in load_studies().values():
        for model in study.models:
            if model.recipe:
                recipe = model.recipe_of(1, 10)
                assert shared.setdefault(model.name, recipe) == recipe


def test_the_command_lists_and_refuses(tmp_path: Path) -> None:
    listed = CliRunner().invoke(app, ["study", "--out", str(tmp_path / "none")])
    assert listed.exit_code == 0 and "kinds" in listed.stdout and "0 of 21" in listed.stdout
    for arguments, why in (
        (["study", "kind"], "unknown study 'kind'; did you mean 'kinds'"),
        (["study", "kinds", "--sets", "edges"], "unknown data set 'edges'; did you mean 'edge'"),
        (["study", "kinds", "--seeds", "0", "--out", str(tmp_path)], "--seeds must be at least 1"),
        (["study", "kinds", "--steps", "0", "--out", str(tmp_path)], "steps must be at least 1"),
    ):
        refused = CliRunner().invoke(app, arguments)
        assert refused.exit_code == 2 and why in refused.stderr.replace("\n", " ")
