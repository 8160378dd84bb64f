"""The transform against its definition, and the crop against its own; both depend on picture and epoch alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import stats
from tests.tiny_photographs import pictures

from reconstrue.seeding import stream
from reconstrue.train.at_scale.views import DEVIATION, MEAN, random_box, view

MANY = 1500


def grey(level: int, side: int = 32) -> Image.Image:
    return Image.new("RGB", (side, side), (level,) * 3)


def noisy(picture: Image.Image, image_id: str, *, epoch: int = 0, seed: int = 0) -> NDArray[np.float64]:
    return view(picture, 32, noise=True, seed=seed, image_id=image_id, epoch=epoch).double().numpy()


@pytest.fixture(scope="module")
def squares() -> NDArray[np.float64]:
    """α² of many pictures: white and black under the same noise differ by α / deviation, in every pixel."""
    alphas = []
    for i in range(MANY):
        apart = noisy(grey(255), str(i)) - noisy(grey(0), str(i))
        alpha = apart * np.array(DEVIATION).reshape(3, 1, 1)
        assert np.ptp(alpha) < 1e-5, "one level for the whole picture"
        alphas.append(alpha.mean())
    return np.square(alphas)


def test_alpha_squared_is_uniform(squares: NDArray[np.float64]) -> None:
    """α = √u: E α² = 1/2, and u itself by Kolmogorov–Smirnov; α = u (without ``sqrt_alphas``) has E α² = 1/3."""
    assert stats.kstest(squares, "uniform").pvalue > 0.01
    assert abs(squares.mean() - 1 / 2) < 4 * np.sqrt(1 / 12 / MANY)


def test_the_noise_is_normal_and_its_deviation_is_that_of_listing_1(squares: NDArray[np.float64]) -> None:
    residues = []
    for i in range(40):
        black = (0 - np.array(MEAN).reshape(3, 1, 1)) / np.array(DEVIATION).reshape(3, 1, 1)
        eps = noisy(grey(0), str(i)) - np.sqrt(squares[i]) * black
        if squares[i] < 0.99:
            residues.append(eps / np.sqrt(1 - squares[i]))
    assert stats.kstest(np.stack(residues).ravel()[::7], "norm").pvalue > 0.01


def test_variance_is_preserved() -> None:
    """A picture of unit variance keeps it at every α: E[α² + (1 − α²)] = 1, within a picture and over pictures."""
    noise = np.random.default_rng(0).normal(0, 1, (32, 32, 3)) * np.array(DEVIATION) * 0.5 + 0.45
    picture = Image.fromarray((noise.clip(0, 1) * 255).astype(np.uint8))
    plain, shown = [], []
    for i in range(300):
        x = view(picture, 32, noise=False, seed=0, image_id=str(i), epoch=0).double()
        plain.append(float(x.var()))
        shown.append(float(noisy(picture, str(i)).var()))
    expected = (np.mean(plain) + 1) / 2
    assert np.mean(shown) == pytest.approx(expected, abs=4 * np.std(shown) / np.sqrt(300))


def test_noise_belongs_to_seed_picture_and_epoch() -> None:
    """A grey picture looks the same however it is cut, so that only noise can differ."""
    first = noisy(grey(128), "cat1", epoch=3)
    np.testing.assert_array_equal(first, noisy(grey(128), "cat1", epoch=3))
    for other in (
        noisy(grey(128), "cat1", epoch=4),
        noisy(grey(128), "cat2", epoch=3),
        noisy(grey(128), "cat1", epoch=3, seed=1),
    ):
        assert abs(np.corrcoef(first[0].ravel(), other[0].ravel())[0, 1]) < 0.2


def test_crop_and_flip_belong_to_seed_picture_and_epoch() -> None:
    picture = Image.open(io.BytesIO(next(pictures(1))[2]))
    shown = [
        view(picture, 32, noise=False, seed=seed, image_id=name, epoch=epoch)
        for seed, name, epoch in ((0, "cat1", 3), (0, "cat1", 3), (0, "cat1", 4), (0, "cat2", 3), (1, "cat1", 3))
    ]
    assert [torch.equal(shown[0], other) for other in shown] == [True, True, False, False, False]


def test_without_noise_a_grey_picture_is_itself() -> None:
    """Level 255 is 1: (1 − 0.485) / 0.229 = 2.2489 in red."""
    x = view(grey(255), 32, noise=False, seed=0, image_id="white", epoch=0)
    assert float(x[0].min()) == float(x[0].max()) == pytest.approx(2.2489, abs=1e-4)
    assert x.dtype == torch.float32 and x.shape == (3, 32, 32)


def test_half_of_the_views_are_mirrored() -> None:
    """Left half black, right half white: cut anywhere, the right edge of a view is the lighter one unless it is mirrored."""
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    pixels[:] = np.linspace(0, 255, 64)[None, :, None]
    picture = Image.fromarray(pixels)
    mirrored = sum(
        bool(x[:, :, 0].mean() > x[:, :, -1].mean())
        for x in (view(picture, 32, noise=False, seed=0, image_id="ramp", epoch=e) for e in range(400))
    )
    assert abs(mirrored - 200) < 4 * 10


@pytest.mark.parametrize(("width", "height"), [(500, 375), (224, 224), (37, 600), (1, 1)])
def test_a_crop_lies_in_the_picture(width: int, height: int) -> None:
    areas, ratios = [], []
    for i in range(500):
        left, top, right, bottom = random_box(width, height, stream(0, "box", i))
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        areas.append((right - left) * (bottom - top) / (width * height))
        ratios.append((right - left) / (bottom - top))
    if width == height == 224:
        # Of uniform areas only the few largest do not fit with every ratio.
        assert 0.07 < min(areas) < 0.1 and 0.45 < np.mean(areas) < 0.54
        assert 0.73 < min(ratios) < max(ratios) < 1.35
        assert abs(np.mean(np.log(ratios))) < 0.03, "wide as often as high"


def test_a_very_long_picture_is_cut_in_its_middle() -> None:
    """1 px wide and 1000 high: no try fits, and the largest crop that is allowed is 1 × 1 (1 / ¾ rounds to 1)."""
    assert random_box(1, 1000, stream(0, "long")) == (0, 499, 1, 500)
