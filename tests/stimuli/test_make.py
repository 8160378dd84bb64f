"""Sets made of a user's own photographs: names, conditions, determinism, and that they never pass for published ones."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.distortions import DISTORTIONS, distort, mean_spectrum
from reconstrue.stimuli.folders import read_folder, read_picture
from reconstrue.stimuli.make import assign_conditions, distort_file, make_datasets, photographs, square
from reconstrue.stimuli.names import OWN, image_id, read_name
from reconstrue.stimuli.sources import OWN_WORLD, locate

SIDE = 32


def photo(path: Path, seed: int, size: tuple[int, int] = (40, 36)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photographs of cats, five of dogs."""
    folder = tmp_path_factory.mktemp("mine")
    for category, count in (("cat", 3), ("dog", 5)):
        for i in range(count):
            photo(folder / category / f"My {category}_n04111531 ({i}).png", 100 * count + i)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def test_the_central_square_is_kept_and_smoothed() -> None:
    """Of 8 × 4 pixels the columns 2 to 5 stay; a fine checkerboard of 0 and 255 shrinks to its mean, not to black or white."""
    picture = np.zeros((4, 8, 3), dtype=np.uint8)
    picture[:, 2:6] = 200
    assert (square(picture, 4) == 200).all()
    checks = np.repeat(((np.indices((64, 64)).sum(axis=0) % 2) * 255).astype(np.uint8)[..., None], 3, axis=2)
    inner = square(checks, 16)[2:-2, 2:-2].astype(float)
    assert np.abs(inner - 127.5).max() < 20


def test_every_parametric_set_can_be_made_and_read_back(mine: Path, tmp_path: Path) -> None:
    made = make_datasets(mine, tmp_path, (), side=SIDE)
    assert [one.dataset for one in made] == list(DISTORTIONS)
    for one in made:
        assert one.count == 8
        source = locate(one.dataset, str(tmp_path), limit=None, seed=0)
        assert Counter(s.category for s in source.stimuli) == {"cat": 3, "dog": 5}
        assert {s.read().shape for s in source.stimuli} == {(SIDE, SIDE, 3)}
        assert (source.world, source.catalogue_images) == (OWN_WORLD, None)
        assert "8 of the folder's 8 pictures are not among the 1," in str(source.stimuli.subset_reason)
        assert {read_name(s.imagename, dataset(one.dataset)).grammar for s in source.stimuli} == {OWN}


def test_each_photograph_is_in_one_condition_and_conditions_share_a_category(tmp_path: Path) -> None:
    for i in range(16):
        photo(tmp_path / "in" / "dog" / f"{i}.png", i)
    pairs = assign_conditions(photographs(tmp_path / "in"), "low-pass", 0)
    assert len({one.image_id for one, _ in pairs}) == 16
    assert Counter(condition for _, condition in pairs) == dict.fromkeys(dataset("low-pass").conditions, 2)


def test_every_photograph_in_every_condition_where_asked(mine: Path, tmp_path: Path) -> None:
    make_datasets(mine, tmp_path, ("rotation",), side=SIDE, all_conditions=True)
    found = read_folder(tmp_path / "rotation", "rotation")
    assert len(found) == 32
    assert Counter(s.condition for s in found) == dict.fromkeys(("0", "90", "180", "270"), 8)


def test_a_picture_is_the_distortion_that_its_name_says(mine: Path, tmp_path: Path) -> None:
    make_datasets(mine, tmp_path, ("uniform-noise",), seed=4, side=SIDE)
    photos = {one.image_id: one for one in photographs(mine)}
    for path in (tmp_path / "uniform-noise").iterdir():
        said = read_name(path.name, dataset("uniform-noise"))
        rng = stream(4, "distort", "uniform-noise", said.condition, said.image_id)
        square_one = square(read_picture(photos[said.image_id].path), SIDE)
        expected = distort(square_one, "uniform-noise", said.condition, rng)
        np.testing.assert_array_equal(read_picture(path), expected)
        assert photos[said.image_id].category == said.category


def test_the_order_of_files_and_their_place_do_not_matter(mine: Path, tmp_path: Path) -> None:
    for path in sorted(mine.rglob("*.png"), reverse=True):
        copy = tmp_path / "copy" / path.parent.name / "deeper" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    names = ("phase-scrambling", "power-equalisation")
    make_datasets(mine, tmp_path / "one", names, seed=2, side=SIDE)
    make_datasets(tmp_path / "copy", tmp_path / "two", names, seed=2, side=SIDE)
    make_datasets(mine, tmp_path / "three", names, seed=3, side=SIDE)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert content(tmp_path / "one") != content(tmp_path / "three")


def test_another_photograph_changes_no_other_s_noise(mine: Path, tmp_path: Path) -> None:
    shutil.copytree(mine, tmp_path / "more")
    photo(tmp_path / "more" / "bear" / "new.png", 999)
    make_datasets(mine, tmp_path / "one", ("colour",), side=SIDE)
    make_datasets(tmp_path / "more", tmp_path / "two", ("colour",), side=SIDE)
    one, two = (
        {image_id(name): pixels for name, pixels in content(tmp_path / where).items()} for where in ("one", "two")
    )
    assert one.items() < two.items()


def test_the_mean_spectrum_is_that_of_all_photographs_or_the_one_given(mine: Path, tmp_path: Path) -> None:
    own = mean_spectrum(square(read_picture(one.path), SIDE) for one in photographs(mine))
    np.save(tmp_path / "own.npy", own)
    np.save(tmp_path / "flat.npy", np.ones((SIDE, SIDE)))
    make_datasets(mine, tmp_path / "one", ("power-equalisation",), side=SIDE)
    make_datasets(mine, tmp_path / "two", ("power-equalisation",), side=SIDE, spectrum=tmp_path / "own.npy")
    make_datasets(mine, tmp_path / "three", ("power-equalisation",), side=SIDE, spectrum=tmp_path / "flat.npy")
    assert content(tmp_path / "one") == content(tmp_path / "two") != content(tmp_path / "three")


def test_what_cannot_be_made_is_refused(mine: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sketch is not made by a distortion; choose from colour"):
        make_datasets(mine, tmp_path, ("sketch",))
    with pytest.raises(UserError, match="unknown data set 'lowpass': did you mean low-pass"):
        make_datasets(mine, tmp_path, ("lowpass",))
    with pytest.raises(UserError, match="--size must be at least 1, got 0"):
        make_datasets(mine, tmp_path, ("rotation",), side=0)
    with pytest.raises(UserError, match="--gamma is used by false-colour alone; leave it out"):
        make_datasets(mine, tmp_path, ("rotation",), gamma=tmp_path / "gamma.npy")
    with pytest.raises(UserError, match=r"--spectrum .*none\.npy: not an array of numbers"):
        make_datasets(mine, tmp_path, ("power-equalisation",), spectrum=tmp_path / "none.npy")
    (tmp_path / "rotation").mkdir()
    (tmp_path / "rotation" / "old.png").touch()
    with pytest.raises(UserError, match="rotation: holds files already; give another --out"):
        make_datasets(mine, tmp_path, ("rotation",))


def test_photographs_without_a_known_label_or_twice_are_refused(tmp_path: Path) -> None:
    photo(tmp_path / "one" / "duck" / "duck.png", 1)
    with pytest.raises(UserError, match=r"duck\.png: 'duck' is not one of the 16 categories; expected one/<category>/"):
        photographs(tmp_path / "one")
    one = photo(tmp_path / "two" / "dog" / "a b.png", 1)
    shutil.copyfile(one, one.with_name("a-b.png"))
    with pytest.raises(UserError, match="the same picture as .*; remove one of them"):
        photographs(tmp_path / "two")
    (one.with_name("c.png")).write_text("no picture")
    one.unlink()
    with pytest.raises(UserError, match=r"c\.png: not a picture that can be read"):
        photographs(tmp_path / "two")


def test_one_file_is_distorted_at_its_own_size(tmp_path: Path) -> None:
    source = photo(tmp_path / "a.png", 5, size=(30, 20))
    shown = distort_file(source, tmp_path / "deep" / "b.png", "contrast", "c30")
    assert shown.shape == (20, 30, 3)
    np.testing.assert_array_equal(read_picture(tmp_path / "deep" / "b.png"), shown)
    again = distort_file(source, tmp_path / "c.png", "uniform-noise", "0.35", seed=1)
    np.testing.assert_array_equal(distort_file(source, tmp_path / "d.png", "uniform-noise", "0.35", seed=1), again)
    assert (distort_file(source, tmp_path / "e.png", "uniform-noise", "0.35", seed=2) != again).any()
    np.testing.assert_array_equal(distort_file(source, tmp_path / "f.png", "uniform-noise", ".350", seed=1), again)


def test_one_file_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    source = photo(tmp_path / "a.png", 5)
    with pytest.raises(UserError, match=r"b\.jpg: give a name that ends in \.png"):
        distort_file(source, tmp_path / "b.jpg", "contrast", "c30")
    with pytest.raises(UserError, match="did you mean low-pass"):
        distort_file(source, tmp_path / "b.png", "lowpass", "10")
    with pytest.raises(UserError, match="power-equalisation needs the mean amplitude spectrum"):
        distort_file(source, tmp_path / "b.png", "power-equalisation", "pow")
    with pytest.raises(UserError, match="--spectrum is used by power-equalisation alone"):
        distort_file(source, tmp_path / "b.png", "low-pass", "3", spectrum=tmp_path / "s.npy")
    assert not (tmp_path / "b.png").exists()
