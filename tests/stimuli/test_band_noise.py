"""Noise of one octave: its band and strength measured by FFT, and octaves that leave no frequency out."""

from __future__ import annotations

import numpy as np
import pytest

from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.distortions import DISTORTIONS
from reconstrue.stimuli.distortions.band_noise import (
    GREY,
    band_noise,
    in_octave,
    masking_centres,
    octave_centres,
    octave_noise,
    octave_of,
    squared_frequency,
)


def generator(name: str = "image") -> np.random.Generator:
    return stream(3, name)


@pytest.mark.parametrize("shape", [(64, 64), (63, 63), (48, 64)])
@pytest.mark.parametrize("centre", [1.0, 4.0, 16.0])
def test_noise_has_the_asked_octave_and_deviation(shape: tuple[int, int], centre: float) -> None:
    noise = octave_noise(*shape, centre, 0.08, generator())
    assert noise.std() == pytest.approx(0.08, rel=1e-12)
    assert noise.mean() == pytest.approx(0, abs=1e-15)
    power = np.abs(np.fft.fft2(noise)) ** 2
    # The radius by hand, in cycles along the shorter side.
    side = min(shape)
    rows, columns = np.meshgrid(*(np.fft.fftfreq(n) * side for n in shape), indexing="ij")
    radius = np.hypot(rows, columns)
    inside = (radius > centre / 2**0.5 - 1e-9) & (radius < centre * 2**0.5 + 1e-9)
    assert power[inside].sum() / power.sum() == pytest.approx(1, abs=1e-12)


def test_noise_is_gaussian_and_flat_within_its_octave() -> None:
    noise = np.concatenate([octave_noise(64, 64, 16.0, 1.0, generator(str(i))).ravel() for i in range(20)])
    # Fourth moment of a normal variable: 3.
    assert np.mean(noise**4) == pytest.approx(3, abs=0.1)
    power = np.mean(
        [np.abs(np.fft.fft2(octave_noise(64, 64, 16.0, 1.0, generator(str(i))))) ** 2 for i in range(40)], 0
    )
    squared = squared_frequency(64, 64)
    low, high = (power[in_octave(64, 64, 16.0) & part].mean() for part in (squared < 256, squared >= 256))
    assert high / low == pytest.approx(1, abs=0.1)


def test_the_picture_is_grey_faint_and_around_the_published_grey() -> None:
    picture = stream(1, "picture").integers(0, 256, (32, 32, 3), dtype=np.uint8)
    plain = band_noise(picture, 4.0, 0.0, generator())
    grey = (picture / 255) @ [0.2125, 0.7154, 0.0721]
    assert (plain[..., 0] == plain[..., 1]).all() and (plain[..., 0] == plain[..., 2]).all()
    np.testing.assert_allclose(plain[..., 0] / 255, (grey - grey.mean()) * 0.2 + GREY, atol=0.5 / 255 + 1e-9)
    noisy = band_noise(picture, 4.0, 0.08, generator())
    # Rounding to 8 bits adds a deviation of 1/(255 √12) twice over.
    assert ((noisy[..., 0].astype(float) - plain[..., 0]) / 255).std() == pytest.approx(0.08, rel=0.01)


def test_in_colour_the_noise_is_grey_and_the_colours_stay() -> None:
    picture = stream(1, "picture").integers(0, 256, (32, 32, 3), dtype=np.uint8)
    plain = band_noise(picture, 4.0, 0.0, generator(), contrast=0.5, colour=True)
    image = picture / 255
    np.testing.assert_allclose(plain / 255, (image - image.mean()) * 0.5 + GREY, atol=0.5 / 255 + 1e-9)
    noisy = band_noise(picture, 4.0, 0.05, generator(), contrast=0.5, colour=True)
    added = (noisy.astype(float) - plain) / 255
    # The same in each channel, but for two roundings of half a step.
    np.testing.assert_allclose(added[..., 0], added[..., 2], atol=2.01 / 255)
    assert added.std() == pytest.approx(0.05, rel=0.02)


def test_the_same_generator_gives_one_white_noise_under_every_octave_and_deviation() -> None:
    weak, strong = (octave_noise(32, 32, 4.0, sd, generator()) for sd in (0.02, 0.16))
    np.testing.assert_allclose(8 * weak, strong)
    neighbours = [octave_noise(32, 32, centre, 1.0, generator()) for centre in (4.0, 4.0 * 2**0.5)]
    # Half an octave apart they share frequencies, and so look alike.
    assert np.corrcoef(neighbours[0].ravel(), neighbours[1].ravel())[0, 1] > 0.4


@pytest.mark.parametrize("side", [1, 2, 3, 5, 7, 8, 9, 10, 16, 49, 64])
def test_every_frequency_is_in_one_octave(side: int) -> None:
    places, centres = octave_of(side, side), octave_centres(side, side)
    assert set(np.unique(places)) == set(range(len(centres)))
    squared = squared_frequency(side, side)
    assert places[0, 0] == 0 and (places.ravel()[1:] > 0).all()
    for band, centre in enumerate(centres[1:], start=1):
        radius = np.sqrt(squared[places == band])
        assert radius.min() >= centre / 2**0.5 - 1e-9
        assert radius.max() <= centre * 2**0.5 + 1e-9


def test_the_octaves_of_evidence_are_those_of_the_noise() -> None:
    places = octave_of(64, 64)
    for band, centre in enumerate(octave_centres(64, 64)[1:-1], start=1):
        np.testing.assert_array_equal(places == band, in_octave(64, 64, centre))


def test_masking_centres_are_the_published_ones_at_the_published_size() -> None:
    assert masking_centres(224) == (1.75, 3.5, 7.0, 14.0, 28.0, 56.0, 112.0)


def test_it_is_none_of_the_seventeen_sets() -> None:
    assert "band-noise" not in DISTORTIONS and "band-noise" not in load_catalog()


@pytest.mark.parametrize("centre", [0.1, 500.0])
def test_an_octave_that_a_picture_does_not_hold_is_refused_with_those_that_it_does(centre: float) -> None:
    with pytest.raises(UserError, match=r"16 × 16 px .* choose one of 1, 2, 4, 8"):
        octave_noise(16, 16, centre, 0.1, generator())


def test_numbers_that_cannot_be_are_refused() -> None:
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="deviation"):
        octave_noise(8, 8, 2.0, -0.1, generator())
    with pytest.raises(ValueError, match="contrast"):
        band_noise(picture, 2.0, 0.1, generator(), contrast=0)
    with pytest.raises(UserError, match="2 px hold no two octaves"):
        masking_centres(2)
