"""Illusions of the pocket world: what is shared, what differs and where; and the list of the classic ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_fill_holes

from reconstrue.errors import UserError
from reconstrue.stimuli import classics
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.classics import fetch_classic, load_classics
from reconstrue.stimuli.fetch import Lock
from reconstrue.stimuli.world.illusions import KINDS, Illusion, illusion_set
from reconstrue.stimuli.world.illusions.bistable import PAIRS as BISTABLE
from reconstrue.stimuli.world.illusions.bistable import bistable
from reconstrue.stimuli.world.illusions.hybrids import HIGH, LOW, joined
from reconstrue.stimuli.world.illusions.pareidolia import PAIRS as PAREIDOLIA
from reconstrue.stimuli.world.illusions.pareidolia import pareidolia


@pytest.fixture(scope="module")
def illusions() -> tuple[Illusion, ...]:
    return illusion_set(20, 0)


def test_kinds_and_pairs_take_turns_and_names_are_unique(illusions: tuple[Illusion, ...]) -> None:
    assert [one.kind for one in illusions] == list(KINDS) * 5
    assert len({one.name for one in illusions}) == 20
    # Five pairs each: each once in five rounds.
    for kind in ("bistable", "occlusion", "pareidolia"):
        assert max(Counter(one.readings for one in illusions if one.kind == kind).values()) == 1


def test_every_illusion_can_be_tested(illusions: tuple[Illusion, ...]) -> None:
    for one in illusions:
        four = {*one.readings, *one.wrong}
        assert len(four) == 4 and four <= set(CATEGORIES), one.name
        a, b = one.masks
        # The localisation compares pixels of one reading alone with pixels of the other alone.
        assert min((a & ~b).sum(), (b & ~a).sum()) >= 10, one.name
        for picture in (one.picture, *one.alone):
            assert picture.shape == (64, 64, 3) and picture.dtype == np.uint8
            assert picture.std() > 5, one.name
        assert not np.array_equal(*one.alone)
        assert [s.category for s in (one.stimulus(), *one.controls())] == ["", *one.readings]
        assert len({s.image_id for s in (one.stimulus(), *one.controls())}) == 3
        np.testing.assert_array_equal(one.controls()[1].read(), one.alone[1])


def test_a_set_is_a_function_of_its_seed_and_begins_a_larger_one(illusions: tuple[Illusion, ...]) -> None:
    again, other = illusion_set(4, 0), illusion_set(4, 1)
    for few, many in zip(again, illusions, strict=False):
        assert few.name == many.name
        np.testing.assert_array_equal(few.picture, many.picture)
    assert {one.name for one in other}.isdisjoint(one.name for one in illusions)


def test_another_side_is_the_same_picture(illusions: tuple[Illusion, ...]) -> None:
    """At twice the side, each block of 2 × 2 has about the mean of the pixel; textures of hybrids have a finer grain."""
    for small, large in zip(illusions, illusion_set(4, 0, side=128), strict=False):
        halved = large.picture.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
        assert np.corrcoef(halved.ravel(), small.picture.ravel())[0, 1] > (0.8 if small.kind == "hybrid" else 0.95)


@pytest.mark.parametrize("readings", list(BISTABLE))
def test_the_readings_of_a_bistable_figure_share_its_silhouette(readings: tuple[str, str]) -> None:
    one = bistable(3, 1, 64, ("oven", "knife"), readings)
    ground = one.picture[0, 0].astype(int)
    # A pixel at the border is half ground.
    figure = binary_dilation(binary_fill_holes(np.abs(one.picture.astype(int) - ground).max(axis=2) > 40))
    for alone, mask in zip(one.alone, one.masks, strict=True):
        changed = np.abs(alone.astype(int) - one.picture).max(axis=2) > 40
        # Details lie inside of the figure and inside of the mask: the outline is left as it is.
        assert changed.any() and not (changed & ~figure).any() and not (changed & ~mask).any()


def test_a_hybrid_holds_the_coarse_of_one_and_the_fine_of_the_other() -> None:
    """Gratings of f cycles per image: a Gaussian keeps 2^−(f / cut-off)² of each, so that far from it all or nothing is left."""
    x = np.arange(64) / 64
    coarse, fine = (0.5 + 0.2 * np.cos(2 * np.pi * f * np.broadcast_to(x, (64, 64))) for f in (2, 24))
    amplitude = [np.abs(np.fft.rfft(joined(a, b)[32]))[[2, 24]] / 32 for a, b in ((coarse, fine), (fine, coarse))]
    # The border is repeated, not continued, which costs a little.
    np.testing.assert_allclose(amplitude[0], [0.2 * 2 ** -((2 / LOW) ** 2), 0.2], atol=0.02)
    np.testing.assert_allclose(amplitude[1], [0.2 * (1 - 2 ** -((2 / HIGH) ** 2)), 0.0], atol=0.02)


def test_what_an_occluded_picture_shows_is_part_of_both(illusions: tuple[Illusion, ...]) -> None:
    for one in illusions:
        if one.kind == "occlusion":
            seen, first, second = (p.astype(int) for p in (one.picture, *one.alone))
            differ = np.abs(first - second).max(axis=2) > 40
            # Where the two objects differ a patch covers both; slivers at the outline are left.
            covered = (seen != first).any(axis=2) & (seen != second).any(axis=2) | (seen == first).all(axis=2)
            hidden = (one.masks[0] | one.masks[1]) & differ
            assert hidden.sum() > 0.7 * differ.sum(), one.name
            patch = seen[hidden]
            assert (patch == patch[0]).all(), "one tone lies over what differs"
            assert covered.mean() > 0.9


@pytest.mark.parametrize("readings", list(PAREIDOLIA))
def test_the_parts_of_a_pareidolia_lie_in_the_object(readings: tuple[str, str]) -> None:
    one = pareidolia(0, 1, 64, ("bottle", "knife"), readings)
    thing, face = one.masks
    assert not (thing & face).any()
    assert 0.1 < face.sum() / (thing | face).sum() < 0.7


def test_no_illusions_are_no_set() -> None:
    with pytest.raises(ValueError, match="count must be at least 1"):
        illusion_set(0, 0)


def test_classics_are_those_of_the_paper() -> None:
    known = load_classics()
    assert list(known) == ["rabbit-duck", "rock", "vegetable-portrait", "woman"]
    for one in known.values():
        assert one.source.startswith("https://") and one.licence and len(set(one.readings)) == 2
        assert one.file or one.note


def test_a_classic_is_fetched_once_and_its_hash_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fake(url: str, path: Path, tell: object) -> None:
        asked.append(url)
        path.write_bytes(b"picture")

    monkeypatch.setattr(classics, "download", fake)
    one, lock = load_classics()["rabbit-duck"], Lock(tmp_path / "lock.json")
    for _ in range(2):
        assert fetch_classic(one, tmp_path / "to", lock, lambda *_: None).read_bytes() == b"picture"
    assert asked == [one.source]
    (tmp_path / "to" / one.file).write_bytes(b"another")
    with pytest.raises(UserError, match="damaged or replaced"):
        fetch_classic(one, tmp_path / "to", lock, lambda *_: None)
    with pytest.raises(UserError, match="by hand from https://commons"):
        fetch_classic(load_classics()["rock"], tmp_path, lock, lambda *_: None)
