"""Recipes are data: every one is whole, and a wrong name finds its neighbour."""

from __future__ import annotations

import dataclasses
from importlib.resources import files

import pytest

from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import WORLD_SETS
from reconstrue.train.recipe import Recipe, load_recipe

NAMES = sorted(
    entry.name.removesuffix(".toml")
    for entry in files("reconstrue.train").joinpath("recipes").iterdir()
    if entry.name.endswith(".toml")
)


def test_the_shipped_models_have_recipes() -> None:
    assert {"pocket-pixel", "pocket-resnet"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_whole_and_sane(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name and len(recipe.about) > 20
    assert recipe.dataset in WORLD_SETS
    assert recipe.dataset != "cue-conflict", "models train on agreeing pictures only"
    assert 0 <= recipe.warmup < recipe.steps
    assert recipe.batch_size >= 1 and recipe.pictures % 16 == 0
    assert 0 < recipe.learning_rate < 0.1 and 0 <= recipe.weight_decay < 1
    assert 0 < recipe.ema < 1 and recipe.zoom >= 1
    assert recipe.world_seed >= 1000, "held-out worlds have small seeds"
    for field in dataclasses.fields(Recipe):
        value = getattr(recipe, field.name)
        expected = {"str": str, "int": int, "float": float, "dict[str, Any]": dict}[str(field.type)]
        assert type(value) is expected, f"{field.name} is {value!r}"


def test_the_two_pocket_models_see_the_same_pictures() -> None:
    pixel, resnet = load_recipe("pocket-pixel"), load_recipe("pocket-resnet")
    for field in ("dataset", "pictures", "world_seed", "zoom"):
        assert getattr(pixel, field) == getattr(resnet, field), field


def test_an_unknown_recipe_suggests_its_neighbour() -> None:
    with pytest.raises(UserError, match=r"unknown recipe 'pocket-resent'; did you mean 'pocket-resnet'\?"):
        load_recipe("pocket-resent")
    with pytest.raises(UserError, match="unknown recipe 'xyzzy'; known: pocket-pixel, pocket-resnet"):
        load_recipe("xyzzy")
    with pytest.raises(UserError, match=r"unknown recipe '\.\./recipe'"):
        load_recipe("../recipe")
