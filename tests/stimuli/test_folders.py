"""Reading folders of pictures: the published layouts, every kind of picture, and everything that can be wrong."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reconstrue.errors import UserError
from reconstrue.stimuli import folders
from reconstrue.stimuli.catalog import dataset
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.folders import read_folder, read_picture
from reconstrue.stimuli.names import images_sha256
from reconstrue.stimuli.stimulus_set import StimulusSet
from reconstrue.trials import read_csv


def save(path: Path, colour: tuple[int, int, int] = (200, 100, 50), size: tuple[int, int] = (4, 4)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def edge_folder(folder: Path, each: int = 10) -> Path:
    for category in CATEGORIES:
        for i in range(1, each + 1):
            save(folder / category / f"{category}{i}.png")
    return folder


def truncate(path: Path) -> Path:
    """Cut a picture off in the middle of its pixels."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def claim_size(path: Path, width: int, height: int) -> Path:
    """Write a tiny PNG whose header claims another size."""
    save(path, size=(1, 1))
    content = path.read_bytes()
    # 8 bytes signature, 4 length, then "IHDR", width, height, 5 bytes more, checksum.
    header = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    path.write_bytes(content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:])
    return path


def ids(found: StimulusSet) -> list[str]:
    return [s.image_id for s in found]


# --- one picture


def test_a_picture_is_rgb(tmp_path: Path) -> None:
    pixels = read_picture(save(tmp_path / "a.png", (10, 20, 30), size=(6, 3)))
    assert pixels.shape == (3, 6, 3) and pixels.dtype == np.uint8
    assert pixels[0, 0].tolist() == [10, 20, 30]


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 77).save(tmp_path / "grey.png")
    assert read_picture(tmp_path / "grey.png")[0, 0].tolist() == [77, 77, 77]


def test_sixteen_bits_of_grey_are_scaled_not_cut_off(tmp_path: Path) -> None:
    """65,535 / 257 = 255; 32,896 / 257 = 128; 257 / 257 = 1."""
    Image.fromarray(np.array([[0, 257, 32_896, 65_535]], dtype=np.uint16)).save(tmp_path / "deep.png")
    assert read_picture(tmp_path / "deep.png")[0, :, 0].tolist() == [0, 1, 128, 255]


def test_numbers_without_a_range_are_refused(tmp_path: Path) -> None:
    Image.new("F", (4, 4), 0.5).save(tmp_path / "float.tiff")
    with pytest.raises(UserError, match=r"float\.tiff: has 32 bits per pixel.*save it with 8 bits"):
        read_picture(tmp_path / "float.tiff")


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    """Black at alpha 51/255 = 0.2 over white: 0.8 · 255 = 204."""
    Image.new("RGBA", (4, 4), (0, 0, 0, 51)).save(tmp_path / "rgba.png")
    assert read_picture(tmp_path / "rgba.png")[0, 0].tolist() == [204, 204, 204]
    Image.new("LA", (4, 4), (0, 0)).save(tmp_path / "la.png")
    assert read_picture(tmp_path / "la.png")[0, 0].tolist() == [255, 255, 255]


def test_a_palette_is_looked_up_and_its_transparent_entry_is_white(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "palette.png")
    assert read_picture(tmp_path / "palette.png")[0].tolist() == [[10, 20, 30], [40, 50, 60]]
    picture.save(tmp_path / "hole.png", transparency=1)
    assert read_picture(tmp_path / "hole.png")[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    """Orientation 6: the camera lay on its side, so the left column becomes the top row."""
    picture = Image.new("RGB", (16, 8), "white")
    picture.paste((0, 0, 0), (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pixels = read_picture(tmp_path / "turned.jpg")
    assert pixels.shape == (16, 8, 3)
    assert pixels[2].mean() < 30 and pixels[-3].mean() > 225


@pytest.mark.parametrize(
    ("side", "said"), [(8001, r"8001 × 8001 pixels is more than 64,000,000"), (10_000, "10000 × ")]
)
def test_an_enormous_picture_is_refused_in_one_line_without_a_warning(tmp_path: Path, side: int, said: str) -> None:
    """Pillow itself warns from 89 million pixels on; with warnings as errors this test would see it."""
    path = claim_size(tmp_path / "huge.png", side, side)
    with pytest.raises(UserError, match=rf"huge\.png: .*{said}.*make it smaller"):
        read_picture(path)


def test_a_decompression_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"bomb\.png: more pixels than 64,000,000; make it smaller"):
        read_picture(claim_size(tmp_path / "bomb.png", 100_000, 100_000))


def test_a_picture_at_the_limit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_MOST_PIXELS", 12)
    assert read_picture(save(tmp_path / "a.png", size=(4, 3))).shape == (3, 4, 3)
    with pytest.raises(UserError, match=r"b\.png: 13 × 1 pixels is more than 12"):
        read_picture(save(tmp_path / "b.png", size=(13, 1)))


def test_a_truncated_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cut\.png: damaged or cut off .*copy it again"):
        read_picture(truncate(tmp_path / "cut.png"))


def test_what_is_not_a_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.png").write_bytes(b"")
    for name in ("text.png", "empty.png"):
        with pytest.raises(UserError, match=rf"{name}: not a picture that can be read; PNG and JPEG are"):
            read_picture(tmp_path / name)
    with pytest.raises(UserError, match=r"nowhere\.png: no such file"):
        read_picture(tmp_path / "nowhere.png")
    with pytest.raises(UserError, match=r"is a folder; give a picture file, or use `reconstrue evaluate`"):
        read_picture(tmp_path)


# --- a folder of them


def test_a_whole_nested_set(tmp_path: Path) -> None:
    found = read_folder(edge_folder(tmp_path / "edge"), "edge")
    assert len(found) == dataset("edge").n_images == 160
    assert found.subset_reason is None and found.problems == ()
    assert Counter(s.category for s in found) == dict.fromkeys(CATEGORIES, 10)
    first = found.stimuli[0]
    assert (first.image_id, first.imagename, first.condition, first.texture) == (
        "airplane1.png",
        "airplane1.png",
        "0",
        "",
    )
    assert [s.category for s in found] == sorted(s.category for s in found)
    assert first.read().shape == (4, 4, 3)


def test_a_smaller_folder_says_so(tmp_path: Path) -> None:
    found = read_folder(edge_folder(tmp_path / "edge", each=2), "edge")
    assert found.subset_reason == "the folder holds 32 of the 160 images"


def test_cue_conflict_names_carry_the_texture(tmp_path: Path) -> None:
    save(tmp_path / "bird" / "bird3-clock12.png")
    save(tmp_path / "cat" / "cat1-cat2.png")
    found = read_folder(tmp_path, "cue-conflict")
    assert [(s.image_id, s.category, s.texture) for s in found] == [
        ("bird3-clock12.png", "bird", "clock"),
        ("cat1-cat2.png", "cat", "cat"),
    ]


def test_flat_published_names_carry_condition_and_category(tmp_path: Path) -> None:
    save(tmp_path / "0001_nse_dnn_0.60_oven_10_n04111531_17072.png")
    save(tmp_path / "0002_nse_dnn_0.0_dog_10_n02085936_99.png")
    found = read_folder(tmp_path, "uniform-noise")
    assert [(s.image_id, s.category, s.condition) for s in found] == [
        ("n02085936_99.png", "dog", "0"),
        ("n04111531_17072.png", "oven", "0.6"),
    ]
    assert found.stimuli[1].imagename == "0001_nse_dnn_0.60_oven_10_n04111531_17072.png"


@pytest.mark.parametrize("name", ["sketch", "colour"])
def test_archives_keep_whole_names_in_sessions(tmp_path: Path, name: str) -> None:
    image, label, tag, block = {
        "sketch": ("dog-0001-sketch-0.png", "0", "ske", "00"),
        "colour": ("n02085936_99.png", "bw", "cl", "40"),
    }[name]
    save(tmp_path / name / "dnn" / "session-1" / f"0001_{tag}_dnn_{label}_dog_{block}_{image}")
    found = read_folder(tmp_path / name, name)
    assert [(s.image_id, s.category, s.condition) for s in found] == [(image, "dog", label)]
    assert found.subset_reason == f"the folder holds 1 of the {dataset(name).n_images:,} images"


def test_pictures_of_another_parametric_set_do_not_pass(tmp_path: Path) -> None:
    """Condition 0 is in both: only the tag tells low-pass from phase-scrambling."""
    save(tmp_path / "0001_lp_dnn_0_oven_10_n04111531_17072.png")
    with pytest.raises(UserError, match=r"17072\.png: its tag is 'lp', those of phase-scrambling have 'ps'"):
        read_folder(tmp_path, "phase-scrambling")


def test_other_pictures_than_the_published_say_so(tmp_path: Path) -> None:
    edge_folder(tmp_path / "edge")
    (tmp_path / "edge" / "dog" / "dog3.png").rename(tmp_path / "edge" / "dog" / "dog33.png")
    assert read_folder(tmp_path / "edge", "edge").subset_reason == (
        "the folder's 160 pictures are not all of the published ones, going by their names"
    )
    save(tmp_path / "mine" / "dog" / "rex.png")
    save(tmp_path / "mine" / "dog" / "dog1.png")
    assert read_folder(tmp_path / "mine", "edge").subset_reason == (
        "1 of the folder's 2 pictures are not among the 160 published"
    )


def test_own_and_published_pictures_are_not_mixed(tmp_path: Path) -> None:
    save(tmp_path / "0001_lp_dnn_0_oven_10_n04111531_17072.png")
    save(tmp_path / "0002_lp_dnn_0_oven_10_own-oven-0123abcd.png")
    with pytest.raises(
        UserError, match="1 pictures are named as the published ones of low-pass and 1 are not; put them"
    ):
        read_folder(tmp_path, "low-pass")


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    save(tmp_path / "dog" / "dog1.png")
    (tmp_path / "README.txt").write_text("pictures")
    (tmp_path / "dog" / "Thumbs.db").write_bytes(b"x")
    # What a Mac leaves behind.
    (tmp_path / "dog" / "._dog1.png").write_bytes(b"x")
    save(tmp_path / "__MACOSX" / "dog" / "dog1.png")
    assert [s.image_id for s in read_folder(tmp_path, "edge")] == ["dog1.png"]


def test_an_unreadable_picture_is_left_out_and_said(tmp_path: Path) -> None:
    edge_folder(tmp_path / "edge")
    truncate(tmp_path / "edge" / "dog" / "dog3.png")
    (tmp_path / "edge" / "cat" / "cat7.png").write_text("not a picture")
    found = read_folder(tmp_path / "edge", "edge")
    assert len(found) == 158
    assert found.subset_reason == "2 pictures could not be read"
    assert len(found.problems) == 2
    assert "cat7.png: not a picture" in found.problems[0] and "dog3.png: damaged" in found.problems[1]


def test_reasons_are_joined(tmp_path: Path) -> None:
    edge_folder(tmp_path / "edge", each=3)
    chosen = ids(read_folder(tmp_path / "edge", "edge", limit=20, seed=5))
    damaged = chosen[7]
    (tmp_path / "edge" / damaged.removesuffix(".png").rstrip("123") / damaged).write_text("not a picture")
    found = read_folder(tmp_path / "edge", "edge", limit=20, seed=5)
    assert ids(found) == [image for image in chosen if image != damaged]
    assert found.subset_reason == (
        "the folder holds 48 of the 160 images; a seeded sample of 20 of 48 images (seed 5); 1 pictures could not be read"
    )


def test_only_unreadable_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "dog1.png").write_text("not a picture")
    with pytest.raises(UserError, match=r"none of the 1 pictures can be read; the first: .*dog1\.png"):
        read_folder(tmp_path, "edge")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no pictures in it; expected <category>/<image>\.png"):
        read_folder(tmp_path, "edge")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere: no such folder; it should hold the pictures of edge"):
        read_folder(tmp_path / "nowhere", "edge")


def test_a_folder_that_is_no_category_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    save(tmp_path / "edge" / "duck" / "duck1.png")
    with pytest.raises(
        UserError,
        match=r"duck1\.png: 'duck' is not one of the 16 categories; expected edge/<category>/<image> with airpl",
    ):
        read_folder(tmp_path / "edge", "edge")


def test_a_flat_folder_without_published_names_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "edge" / "IMG_2041.png")
    with pytest.raises(
        UserError, match=r"IMG_2041\.png: 'edge' is not one of the 16 categories; expected edge/<category>/"
    ):
        read_folder(tmp_path / "edge", "edge")
    with pytest.raises(UserError, match=r"IMG_2041\.png: contrast has several conditions.*0001_cop_dnn_<condition>_"):
        read_folder(tmp_path / "edge", "contrast")


def test_an_unknown_condition_or_category_in_a_name_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "one" / "0001_cop_dnn_c07_oven_10_n04111531_17072.png")
    with pytest.raises(UserError, match="unknown condition 'c07' in data set contrast"):
        read_folder(tmp_path / "one", "contrast")
    save(tmp_path / "two" / "0001_cop_dnn_c05_duck_10_n04111531_17072.png")
    with pytest.raises(UserError, match=r"0001_cop_dnn_c05_duck_.*: 'duck' is not one of the 16 categories"):
        read_folder(tmp_path / "two", "contrast")


def test_cue_conflict_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "one" / "dog" / "dog1.png")
    with pytest.raises(UserError, match=r"dog1\.png: a cue-conflict picture is named <shape><i>-<texture><j>\.png"):
        read_folder(tmp_path / "one", "cue-conflict")
    save(tmp_path / "two" / "dog" / "cat1-dog2.png")
    with pytest.raises(UserError, match=r"cat1-dog2\.png: named after another shape than its folder 'dog'; move it"):
        read_folder(tmp_path / "two", "cue-conflict")


def test_two_pictures_of_one_id_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "cat" / "1.png")
    save(tmp_path / "dog" / "1.png")
    with pytest.raises(
        UserError, match=r"dog/1\.png: a second picture with the id 1\.png .*; rename or remove one of them"
    ):
        read_folder(tmp_path, "edge")


def test_more_pictures_than_the_set_has_are_refused(tmp_path: Path) -> None:
    edge_folder(tmp_path / "edge")
    save(tmp_path / "edge" / "dog" / "dog11.png")
    with pytest.raises(UserError, match=r"/edge: holds 161 pictures but edge has 160; remove those of other sets"):
        read_folder(tmp_path / "edge", "edge")


# --- samples


@pytest.fixture(scope="module")
def forty_eight(tmp_path_factory: pytest.TempPathFactory) -> StimulusSet:
    return read_folder(edge_folder(tmp_path_factory.mktemp("sample") / "edge", each=3), "edge")


def test_a_sample_is_balanced_and_seeded(forty_eight: StimulusSet) -> None:
    """20 pictures of 16 categories: one of each, and a second of four."""
    sample = forty_eight.sample(20, seed=0)
    assert sorted(Counter(s.category for s in sample).values()) == [1] * 12 + [2] * 4
    assert ids(sample) == ids(forty_eight.sample(20, seed=0))
    assert ids(sample) != ids(forty_eight.sample(20, seed=1))
    assert sample.subset_reason == "a seeded sample of 20 of 48 images (seed 0)"


def test_a_sample_keeps_the_order(forty_eight: StimulusSet) -> None:
    order = {image: i for i, image in enumerate(ids(forty_eight))}
    places = [order[image] for image in ids(forty_eight.sample(20, seed=0))]
    assert places == sorted(places)


def test_a_sample_takes_which_ones_from_the_seed(forty_eight: StimulusSet) -> None:
    """Over 40 seeds every one of the 48 pictures is drawn: each is missed by all with probability (2/3)^40 < 1e-7."""
    assert {image for seed in range(40) for image in ids(forty_eight.sample(16, seed))} == set(ids(forty_eight))


def test_a_sample_as_large_as_the_set_is_the_set(forty_eight: StimulusSet) -> None:
    assert forty_eight.sample(48, seed=0) is forty_eight
    assert forty_eight.sample(1000, seed=0) is forty_eight


def test_no_sample_of_nothing(forty_eight: StimulusSet) -> None:
    with pytest.raises(ValueError, match="limit must be at least 1, got 0"):
        forty_eight.sample(0, seed=0)


def test_other_categories_make_up_for_a_small_one(tmp_path: Path) -> None:
    """dog has 1 picture, cat 5: of four, dog gives its one and cat three."""
    save(tmp_path / "edge" / "dog" / "dog1.png")
    for i in range(5):
        save(tmp_path / "edge" / "cat" / f"cat{i}.png")
    sample = read_folder(tmp_path / "edge", "edge", limit=4, seed=0)
    assert Counter(s.category for s in sample) == {"cat": 3, "dog": 1}
    assert sample.subset_reason == ("the folder holds 6 of the 160 images; a seeded sample of 4 of 6 images (seed 0)")


def test_a_sample_takes_conditions_in_turns(tmp_path: Path) -> None:
    """Of 4 pictures at each of 5 noise levels, a sample of 10 takes 2 of each."""
    for i in range(20):
        level = ("0.03", "0.05", "0.1", "0.20", "0.35")[i % 5]
        save(tmp_path / f"{i:04d}_nse_dnn_{level}_dog_10_n02085936_{i}.png")
    sample = read_folder(tmp_path, "uniform-noise", limit=10, seed=0)
    assert Counter(s.condition for s in sample) == dict.fromkeys(("0.03", "0.05", "0.1", "0.2", "0.35"), 2)


# --- the real pictures


def test_the_published_cue_conflict_set_is_whole_and_is_what_people_saw(shared_data: Path) -> None:
    found = read_folder(shared_data / "stimuli" / "cue-conflict", "cue-conflict")
    about = dataset("cue-conflict")
    assert len(found) == about.n_images == 1280
    assert found.subset_reason is None and found.problems == ()
    assert Counter(s.category for s in found) == dict.fromkeys(CATEGORIES, 80)
    assert images_sha256(s.image_id for s in found) == about.images_sha256
    person = read_csv(shared_data / "trials" / "cue-conflict" / "cue-conflict_subject-01_session_1.csv", about).frame
    assert set(person["image_id"]) == set(ids(found))
    shown = {s.image_id: (s.category, s.texture) for s in found}
    assert all(
        shown[image] == (category, surface)
        for image, category, surface in zip(person["image_id"], person["category"], person["texture"], strict=True)
    )
    # 80 of the 1,280 have the same shape and texture category: 1,200 conflicts.
    assert sum(s.category != s.texture for s in found) == 1200
    assert found.stimuli[0].read().shape == (224, 224, 3)


@pytest.mark.parametrize("name", ["edge", "silhouette"])
def test_the_published_outlines_say_that_they_are_a_subset(shared_data: Path, name: str) -> None:
    found = read_folder(shared_data / "stimuli" / name, name)
    assert len(found) == 96
    assert found.subset_reason == "the folder holds 96 of the 160 images"
    session = next((shared_data / "trials" / name).glob(f"{name}_subject-01_*.csv"))
    assert set(ids(found)) < set(read_csv(session, dataset(name)).frame["image_id"])
