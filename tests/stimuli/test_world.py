"""The pocket world: pure functions of a seed, whole drawings, balanced conflicts, textures that can be told apart."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.names import image_id, texture_category
from reconstrue.stimuli.world.drawing import rasterise
from reconstrue.stimuli.world.render import pose
from reconstrue.stimuli.world.sets import SIDE, WORLD_SETS, world_picture, world_set
from reconstrue.stimuli.world.shapes import drawings
from reconstrue.stimuli.world.textures import TEXTURES, texture


def digest(picture: NDArray[np.uint8]) -> str:
    return sha256(picture.tobytes()).hexdigest()


@pytest.mark.parametrize("dataset", WORLD_SETS)
def test_a_picture_is_a_pure_function_of_its_arguments(dataset: str) -> None:
    picture = world_picture(dataset, "dog", "clock", 3, 2)
    assert picture.shape == (SIDE, SIDE, 3) and picture.dtype == np.uint8
    world_picture(dataset, "cat", "clock", 3, 2)
    np.testing.assert_array_equal(world_picture(dataset, "dog", "clock", 3, 2), picture)


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "from hashlib import sha256\n"
        "from reconstrue.stimuli.world.sets import WORLD_SETS, world_picture\n"
        "for d in WORLD_SETS: print(sha256(world_picture(d, 'dog', 'clock', 3, 2).tobytes()).hexdigest())"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == [digest(world_picture(d, "dog", "clock", 3, 2)) for d in WORLD_SETS]


@pytest.mark.parametrize("dataset", WORLD_SETS)
def test_every_argument_matters(dataset: str) -> None:
    pictures = [
        world_picture(dataset, "dog", "clock", 3, 2),
        world_picture(dataset, "dog", "clock", 4, 2),
        world_picture(dataset, "dog", "clock", 3, 3),
        world_picture(dataset, "cat", "clock", 3, 2),
    ]
    assert len({digest(p) for p in pictures}) == 4


def test_a_larger_picture_is_the_same_one_only_sharper() -> None:
    """The picture at 128 px, averaged down to 64, is nearer to the one at 64 than another picture of its category."""
    for category in CATEGORIES:
        small, other = (world_picture("silhouette", category, category, 5, n).astype(float) for n in (1, 2))
        large = world_picture("silhouette", category, category, 5, 1, side=128).astype(float)
        halved = large.reshape(SIDE, 2, SIDE, 2, 3).mean(axis=(1, 3))
        assert np.abs(halved - small).mean() < 4, category
        assert np.abs(other - small).mean() > 20, category


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_drawing_fits_the_frame_and_fills_a_part_of_it(category: str) -> None:
    choices = drawings(category)
    assert len(choices) >= 5, "several different drawings per category"
    for k, drawing in enumerate(choices):
        for seed in range(20):
            rng = stream(seed, "frame", category, k)
            sketch = pose(drawing(rng), rng)
            x0, y0, x1, y1 = sketch.outline_bounds()
            where = f"{category}, {drawing.__name__}, seed {seed}"
            assert 0 < x0 < x1 < 1 and 0 < y0 < y1 < 1, f"{where}: cut off at the frame"
            assert max(x1 - x0, y1 - y0) > 0.7, f"{where}: too small"
            area = float(rasterise(sketch, 32, supersample=1).silhouette.mean())
            assert 0.04 < area < 0.85, f"{where}: covers {area:.0%} of the picture"


def test_a_silhouette_is_black_on_white() -> None:
    for category in CATEGORIES:
        picture = world_picture("silhouette", category, category, 0, 1)
        assert (picture == picture[..., :1]).all(), "no colour"
        assert picture.min() == 0, "the object is black"
        assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all(), "the corners are white"
        grey = np.mean((picture > 0) & (picture < 255))
        assert grey < 0.25, f"{category}: only the border is grey, not {grey:.0%}"


def test_an_edge_picture_has_less_ink_than_colour_and_the_texture_matters_only_where_there_is_one() -> None:
    for category in CATEGORIES:
        picture = world_picture("edge", category, category, 0, 1)
        assert (picture == picture[..., :1]).all()
        assert 0.02 < 1 - picture.mean() / 255 < 0.6, category
    painted = world_picture("original", "dog", "dog", 0, 1)
    assert (painted != painted[..., :1]).any(), "a texture has colour"


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_conflicts_put_every_shape_under_every_other_texture(seed: int) -> None:
    """16 shapes × 15 other textures = 240 pictures: each pair once."""
    stimuli = world_set("cue-conflict", 240, seed).stimuli
    pairs = Counter((s.category, s.texture) for s in stimuli)
    assert len(pairs) == 240
    assert all(shape != other for shape, other in pairs)


@pytest.mark.parametrize("count", [16, 96, 160])
def test_conflicts_are_balanced_and_their_names_say_so(count: int) -> None:
    stimuli = world_set("cue-conflict", count, 0).stimuli
    assert len(stimuli) == count
    assert Counter(s.category for s in stimuli) == dict.fromkeys(CATEGORIES, count // 16)
    assert Counter(s.texture for s in stimuli) == dict.fromkeys(CATEGORIES, count // 16)
    assert len({s.image_id for s in stimuli}) == count
    for s in stimuli:
        assert s.image_id == s.imagename == image_id(s.imagename)
        assert texture_category(s.image_id) == s.texture != s.category
        assert s.image_id.startswith(s.category) and s.condition == NO_CONDITION


@pytest.mark.parametrize("dataset", ["original", "silhouette", "edge"])
def test_other_sets_run_through_the_categories(dataset: str) -> None:
    stimuli = world_set(dataset, 40, 0)
    assert [s.category for s in stimuli] == [CATEGORIES[i % 16] for i in range(40)]
    assert {s.texture for s in stimuli} == {""}
    assert len({s.image_id for s in stimuli}) == 40
    assert stimuli.subset_reason is None


def test_a_stimulus_reads_its_own_picture() -> None:
    one, other = world_set("cue-conflict", 2, 9).stimuli
    number = int(one.image_id.partition("-")[0].removeprefix(one.category))
    np.testing.assert_array_equal(one.read(), world_picture("cue-conflict", one.category, one.texture, 9, number))
    assert digest(one.read()) != digest(other.read())


@pytest.mark.parametrize("dataset", WORLD_SETS)
def test_names_carry_the_seed(dataset: str) -> None:
    """Noise and resume are keyed by image id, so pictures of two seeds must not share one."""
    names = [{s.image_id for s in world_set(dataset, 32, seed)} for seed in (0, 1, 2)]
    assert not names[0] & names[1] and not names[1] & names[2] and not names[0] & names[2]


def test_a_smaller_set_is_the_beginning_of_a_larger_one() -> None:
    few, many = world_set("cue-conflict", 20, 3), world_set("cue-conflict", 50, 3)
    assert [s.image_id for s in few] == [s.image_id for s in many][:20]


def test_an_unknown_set_suggests_its_neighbour() -> None:
    with pytest.raises(UserError, match=r"unknown pocket data set 'slhouette'; did you mean 'silhouette'\?"):
        world_set("slhouette", 1, 0)
    with pytest.raises(
        UserError, match="unknown pocket data set 'xyzzy'; known: colour, contrast, cue-conflict, edge, "
    ):
        world_set("xyzzy", 1, 0)


def test_no_picture_is_no_set() -> None:
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        world_set("edge", 0, 0)


def test_unknown_categories_are_not_drawn() -> None:
    with pytest.raises(KeyError, match="duck"):
        drawings("duck")
    with pytest.raises(KeyError, match="duck"):
        texture("duck", stream(0), 8)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_texture_is_a_picture_and_varies(category: str) -> None:
    one, other = texture(category, stream(0, category), 48), texture(category, stream(1, category), 48)
    assert one.shape == (48, 48, 3) and one.dtype == np.float32
    assert one.min() >= 0 and one.max() <= 1
    assert one.std() > 0.03, "not a plain colour"
    assert np.abs(one - other).mean() > 0.02
    np.testing.assert_array_equal(one, texture(category, stream(0, category), 48))


def test_every_category_has_its_texture() -> None:
    assert tuple(TEXTURES) == CATEGORIES


def test_small_patches_tell_the_textures_apart() -> None:
    """The mean colour of 20 × 20 px alone finds the texture in most cases (87% when written; chance 6%)."""

    def colours(category: str, number: int) -> list[NDArray[np.float32]]:
        surface = texture(category, stream(number, "patches", category), SIDE)
        return [surface[y : y + 20, x : x + 20].mean(axis=(0, 1)) for y in (0, 22, 44) for x in (0, 22, 44)]

    centres = np.array([np.mean([q for n in range(5) for q in colours(c, n)], axis=0) for c in CATEGORIES])
    right = [
        int(np.square(centres - q).sum(axis=1).argmin()) == i
        for i, c in enumerate(CATEGORIES)
        for n in range(5, 9)
        for q in colours(c, n)
    ]
    assert np.mean(right) > 0.7
