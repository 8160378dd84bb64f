"""The pocket world's twin of each published set: conditions, names, and what the pictures show."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.distortions import DISTORTIONS
from reconstrue.stimuli.names import image_id, read_name
from reconstrue.stimuli.world.render import draw, sketch_picture, stylised_picture
from reconstrue.stimuli.world.sets import SIDE, WORLD_SETS, world_picture, world_set


def test_every_published_set_has_its_twin() -> None:
    assert set(WORLD_SETS) == {"original", *load_catalog()}


@pytest.mark.parametrize("name", list(DISTORTIONS))
def test_conditions_and_names_are_those_of_the_published_twin(name: str) -> None:
    about = load_catalog()[name]
    k = len(about.conditions)
    stimuli = world_set(name, 16 * k, 4).stimuli
    assert Counter(s.condition for s in stimuli) == dict.fromkeys(about.conditions, 16)
    # Over as many rounds as there are conditions, each category goes through all of them.
    assert len({(s.category, s.condition) for s in stimuli}) == 16 * k
    for place, s in enumerate(stimuli, start=1):
        said = read_name(s.imagename, about)
        assert (said.trial, said.condition, said.category, said.image_id) == (
            place,
            s.condition,
            s.category,
            s.image_id,
        )
        assert s.image_id == image_id(s.imagename) and said.grammar == "", "no published image id"
    assert len({s.image_id for s in stimuli}) == 16 * k


@pytest.mark.parametrize("name", ["low-pass", "phase-scrambling", "colour"])
def test_48_pictures_are_balanced_over_conditions_and_begin_a_larger_set(name: str) -> None:
    """48 pictures of k conditions: 48/k each, give or take one."""
    few, many = world_set(name, 48, 0), world_set(name, 64, 0)
    counts = Counter(s.condition for s in few)
    assert set(counts) == set(load_catalog()[name].conditions)
    assert max(counts.values()) - min(counts.values()) <= 2
    assert [s.imagename for s in few] == [s.imagename for s in many][:48]


def test_a_distorted_picture_is_the_control_s_distorted() -> None:
    control = world_picture("contrast", "dog", "dog", 2, 1).astype(float)
    half = world_picture("contrast", "dog", "dog", 2, 1, condition="c50").astype(float)
    np.testing.assert_allclose(half, 255 / 4 + control / 2, atol=1)
    turned = world_picture("rotation", "dog", "dog", 2, 1, condition="90")
    np.testing.assert_array_equal(turned, np.rot90(world_picture("rotation", "dog", "dog", 2, 1)))


def test_stimuli_read_the_condition_that_they_name() -> None:
    for s in world_set("uniform-noise", 8, 1):
        number = int(s.image_id.removesuffix(".png").removeprefix(s.category))
        expected = world_picture("uniform-noise", s.category, s.category, 1, number, condition=s.condition)
        np.testing.assert_array_equal(s.read(), expected)


def test_conditions_of_other_sets_are_refused() -> None:
    with pytest.raises(UserError, match="unknown condition 'c50' in data set low-pass"):
        world_picture("low-pass", "dog", "dog", 0, 1, condition="c50")


def test_power_is_equalised() -> None:
    """Two pictures as different as a bear and a bicycle get nearly the same amplitudes (clipping costs some)."""

    def amplitudes(category: str, condition: str) -> NDArray[np.float64]:
        picture = world_picture("power-equalisation", category, category, 0, 1, condition=condition)[..., 0]
        return np.abs(np.fft.fft2(picture.astype(float)))[1:8, 1:8]

    def apart(condition: str) -> float:
        bear, bicycle = amplitudes("bear", condition), amplitudes("bicycle", condition)
        return float(np.abs(np.log(bear / bicycle)).mean())

    assert apart("pow") < 0.5 * apart("0")


@pytest.mark.parametrize("name", ["sketch", "stylized"])
def test_drawn_sets_depend_on_the_seed_alone(name: str) -> None:
    first, again, other = (world_picture(name, "cat", "cat", seed, 1) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_sketch_is_grey_on_white_paper_and_denser_inside() -> None:
    for category in CATEGORIES:
        raster = draw(category, stream(1, category), SIDE)
        picture = sketch_picture(raster, stream(2, category))
        assert (picture == picture[..., :1]).all()
        assert picture[[0, 0, -1, -1], [0, -1, 0, -1]].min() > 0.95, "the paper is white"
        ink = 1 - picture[..., 0]
        assert 0.01 < ink.mean() < 0.5, category
        near = raster.silhouette > 0.5
        assert ink[near].mean() > 5 * ink[~near].mean(), category


def test_a_stylised_picture_keeps_the_shape_by_tone_and_covers_everything_with_marks() -> None:
    for category in CATEGORIES:
        raster = draw(category, stream(1, category), SIDE)
        picture = stylised_picture(raster, stream(2, category)).mean(axis=2)
        figure, ground = picture[raster.silhouette > 0.9], picture[raster.silhouette < 0.1]
        assert abs(figure.mean() - ground.mean()) > 0.15, category
        assert figure.std() > 0.02 and ground.std() > 0.02, "both are painted"


def test_style_knows_nothing_of_the_category() -> None:
    """The same generator paints the ground of every category alike, where the ground is."""
    one, other = (draw(category, stream(1, category), SIDE) for category in ("dog", "truck"))
    ground = (one.silhouette == 0) & (other.silhouette == 0)
    pictures = [stylised_picture(raster, stream(5)) for raster in (one, other)]
    np.testing.assert_array_equal(pictures[0][ground], pictures[1][ground])
