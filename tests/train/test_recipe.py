"""Recipes are data: every one is whole, and a wrong name finds its neighbour."""

from __future__ import annotations

import dataclasses
from importlib.resources import files

import pytest

from reconstrue.classifiers.cards import load_cards
from reconstrue.errors import UserError
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import WORLD_SETS
from reconstrue.train.recipe import Recipe, load_recipe

NAMES = sorted(
    entry.name.removesuffix(".toml")
    for entry in files("reconstrue.train").joinpath("recipes").iterdir()
    if entry.name.endswith(".toml")
)

# One for each kind of decision maker of the paper.
TWINS = (
    "pocket-pixel",
    "pocket-latent",
    "pocket-parti",
    "pocket-muse",
    "pocket-clip",
    "pocket-resnet",
    "pocket-resnet-noise",
)
# And those that learn from photographs.
PHOTOGRAPHS = ("photo-latent", "photo-resnet", "photo-resnet-noise")


def test_every_shipped_model_has_its_recipe() -> None:
    shipped = {name for name, card in load_cards().items() if card.packaged}
    assert shipped == {*TWINS, *PHOTOGRAPHS} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_whole_and_sane(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name and len(recipe.about) > 20
    assert recipe.photographs or recipe.dataset in WORLD_SETS
    assert set(recipe.categories) <= set(CATEGORIES) and list(recipe.categories) == sorted(recipe.categories)
    assert recipe.dataset != "cue-conflict", "models train on agreeing pictures only"
    assert 0 <= recipe.warmup < recipe.steps
    assert recipe.batch_size >= 1 and recipe.pictures % len(recipe.categories) == 0
    assert 0 < recipe.learning_rate < 0.1 and 0 <= recipe.weight_decay < 1
    assert 0 < recipe.ema < 1 and recipe.zoom >= 1
    assert recipe.photographs or recipe.world_seed >= 1000, "held-out worlds have small seeds"
    for field in dataclasses.fields(Recipe):
        value = getattr(recipe, field.name)
        expected = {"str": str, "int": int, "float": float, "dict[str, Any]": dict, "tuple[str, ...]": tuple}[
            str(field.type)
        ]
        assert type(value) is expected, f"{field.name} is {value!r}"


@pytest.mark.parametrize("name", [*PHOTOGRAPHS, "photo-vae"])
def test_the_models_of_photographs_see_the_same_photographs(name: str) -> None:
    latent, twin = load_recipe("photo-latent"), load_recipe(name)
    for field in ("dataset", "categories", "side", "pictures", "world_seed", "zoom"):
        assert getattr(latent, field) == getattr(twin, field), field
    if name in PHOTOGRAPHS:
        assert (latent.batch_size, latent.steps) == (twin.batch_size, twin.steps)


@pytest.mark.parametrize("name", TWINS)
def test_the_pocket_models_see_the_same_pictures(name: str) -> None:
    pixel, twin = load_recipe("pocket-pixel"), load_recipe(name)
    for field in ("dataset", "pictures", "world_seed", "zoom", "batch_size", "steps"):
        assert getattr(pixel, field) == getattr(twin, field), field


def test_parti_and_muse_share_one_tokenizer() -> None:
    assert load_recipe("pocket-parti").model["autoencoder"] == load_recipe("pocket-muse").model["autoencoder"]


def test_the_resnets_differ_in_their_noise_alone() -> None:
    plain, noisy = load_recipe("pocket-resnet"), load_recipe("pocket-resnet-noise")
    assert plain.model == {**noisy.model, "noise": False}
    for field in ("seed", "learning_rate", "warmup", "weight_decay", "ema"):
        assert getattr(plain, field) == getattr(noisy, field), field


def test_an_unknown_recipe_suggests_its_neighbour() -> None:
    with pytest.raises(UserError, match=r"unknown recipe 'pocket-resent'; did you mean 'pocket-resnet'\?"):
        load_recipe("pocket-resent")
    with pytest.raises(UserError, match="unknown recipe 'xyzzy'; known: photo-latent, photo-resnet"):
        load_recipe("xyzzy")
    with pytest.raises(UserError, match=r"unknown recipe '\.\./recipe'"):
        load_recipe("../recipe")
