"""The twelve parametric distortions: hand-computed values, identities, and what must not happen by accident."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import load_catalog
from reconstrue.stimuli.distortions import DISTORTIONS, distort, mean_spectrum
from reconstrue.stimuli.distortions.eidolon import eidolon, random_field
from reconstrue.stimuli.distortions.filters import high_pass, low_pass
from reconstrue.stimuli.distortions.fourier import scramble_phases
from reconstrue.stimuli.distortions.opponent import srgb_gamma
from reconstrue.stimuli.distortions.tone import to_grey

EVERY_LEVEL = [(name, level) for name, kind in DISTORTIONS.items() for level in kind.published]
GREYS = [(name, "0") for name in ("low-pass", "phase-scrambling", "power-equalisation", "rotation")]
GREYS += [("colour", "bw"), ("contrast", "c100"), ("high-pass", "inf")]


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    """A smooth coloured picture with an edge, 64 px: no symmetry, all of the middle of the range."""
    y, x = np.mgrid[0:64, 0:64] / 64
    disc = np.hypot(x - 0.4, y - 0.55) < 0.25
    channels = [0.25 + 0.4 * x + 0.2 * disc, 0.6 - 0.3 * y + 0.1 * np.sin(25 * x), 0.4 + 0.3 * x * y - 0.2 * disc]
    return np.round(255 * np.stack(channels, axis=2)).astype(np.uint8)


@pytest.fixture(scope="module")
def spectrum(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    return mean_spectrum([picture, picture[::-1], picture[:, ::-1]])


def grey_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The greyscale picture by explicit arithmetic on each pixel."""
    one = [[int(0.2125 * r + 0.7154 * g + 0.0721 * b + 0.5) for r, g, b in row] for row in picture.tolist()]
    return np.repeat(np.array(one, dtype=np.uint8)[..., None], 3, axis=2)


def test_there_is_one_for_each_parametric_set_of_the_catalogue() -> None:
    assert list(DISTORTIONS) == [name for name, entry in load_catalog().items() if entry.kind == "parametric"]
    assert all(name == kind.name for name, kind in DISTORTIONS.items())


@pytest.mark.parametrize(("name", "level"), EVERY_LEVEL)
def test_every_published_level_gives_a_picture_of_the_same_form(
    name: str, level: str, picture: NDArray[np.uint8], spectrum: NDArray[np.float64]
) -> None:
    before = picture.copy()
    result = distort(picture, name, level, generator(), spectrum=spectrum)
    assert result.shape == picture.shape and result.dtype == np.uint8
    in_colour = (name, level) in {("colour", "cr"), ("false-colour", "true"), ("false-colour", "false")}
    assert np.array_equal(result[..., 0], result[..., 1]) is not in_colour
    assert DISTORTIONS[name].colour or not in_colour
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(("name", "level"), EVERY_LEVEL)
def test_it_is_a_pure_function_of_picture_level_and_generator(
    name: str, level: str, picture: NDArray[np.uint8], spectrum: NDArray[np.float64]
) -> None:
    first = distort(picture, name, level, generator(1), spectrum=spectrum)
    np.testing.assert_array_equal(distort(picture, name, level, generator(1), spectrum=spectrum), first)
    other = distort(picture, name, level, generator(2), spectrum=spectrum)
    random = DISTORTIONS[name].random and level != "0"
    assert np.array_equal(first, other) is not random


@pytest.mark.parametrize(("name", "level"), GREYS)
def test_controls_are_the_greyscale_picture(name: str, level: str, picture: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(distort(picture, name, level, generator()), grey_of(picture))


@pytest.mark.parametrize(("name", "level"), [("colour", "cr"), ("false-colour", "true")])
def test_colour_controls_are_the_picture_itself(name: str, level: str, picture: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(distort(picture, name, level, generator()), picture)


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("contrast", ["c05", "5", "c5", "5.0"]),
        ("uniform-noise", ["0.60", "0.6", ".6"]),
        ("eidolonI", ["8-10-10", "8", "8.0"]),
        ("false-colour", ["false", "False", " FALSE "]),
        ("high-pass", ["inf", "Inf"]),
    ],
)
def test_spellings_of_one_level_agree(name: str, spellings: list[str], picture: NDArray[np.uint8]) -> None:
    results = [distort(picture, name, spelling, generator()) for spelling in spellings]
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize(
    ("name", "level", "what"),
    [
        ("colour", "grey", "cr .* or bw"),
        ("contrast", "101", "0 to 100"),
        ("contrast", "nan", "0 to 100"),
        ("contrast", "low", "0 to 100"),
        ("high-pass", "0", "0.1 and more, or inf"),
        ("low-pass", "-1", "0 .untouched. to 224"),
        ("low-pass", "inf", "0 .untouched. to 224"),
        ("phase-scrambling", "181", "0 to 180"),
        ("power-equalisation", "1", "pow"),
        ("false-colour", "0", "true .* or false"),
        ("rotation", "45", "0, 90, 180 or 270"),
        ("eidolonI", "8-3-10", "REACH-10-GRAIN"),
        ("eidolonII", "8-3", "REACH-3-GRAIN"),
        ("eidolonIII", "-8", "REACH-0-GRAIN"),
        ("eidolonIII", "8-0-0", "a grain of 1 to 224"),
        ("uniform-noise", "1.1", "0 to 1"),
    ],
)
def test_a_level_of_another_form_or_range_is_refused(
    name: str, level: str, what: str, picture: NDArray[np.uint8]
) -> None:
    with pytest.raises(UserError, match=rf"--level '{level}' of {name}: it must be .*{what}"):
        distort(picture, name, level, generator())


def test_an_unknown_distortion_is_refused(picture: NDArray[np.uint8]) -> None:
    with pytest.raises(UserError, match="did you mean low-pass"):
        distort(picture, "lowpass", "1", generator())
    with pytest.raises(UserError, match="sketch is not made by a distortion: choose one of colour"):
        distort(picture, "sketch", "0", generator())


def test_contrast_by_hand() -> None:
    """Grey 0.5 stays, black is (1 − c)/2: at 10% 0.45 · 255 = 114.75 -> 115; white 0.55 · 255 = 140.25 -> 140."""
    picture = np.array([[[0, 0, 0], [255, 255, 255]]], dtype=np.uint8)
    np.testing.assert_array_equal(distort(picture, "contrast", "c10", generator())[0, :, 0], [115, 140])


def test_noise_is_uniform_about_the_picture_at_thirty_percent_and_clipped() -> None:
    """White at 30% is 0.65 · 255 = 165.75; noise of 0.2 is 51 levels each way, of 0.6 meets the end at 255."""
    white = np.full((200, 200, 3), 255, dtype=np.uint8)
    levels = distort(white, "uniform-noise", "0.2", generator())[..., 0].astype(float)
    assert levels.min() == 115 and levels.max() == 217
    assert levels.mean() == pytest.approx(165.75, abs=0.6)
    assert levels.std() == pytest.approx(51 / math.sqrt(3), rel=0.02)
    clipped = distort(white, "uniform-noise", "0.6", generator())
    # Noise above 0.35 is clipped: (0.6 − 0.35) / 1.2 of the pixels, and half a level more by rounding.
    assert np.mean(clipped == 255) == pytest.approx((0.25 + 0.5 / 255) / 1.2, abs=0.01)
    none = distort(white, "uniform-noise", "0.0", generator())
    assert np.unique(none) == [166]


def blurred_by_hand(grey: NDArray[np.float64], std: float) -> NDArray[np.float64]:
    """A Gaussian cut off at 4 std and summing to one, with 0.4423 outside, one pixel after another."""
    radius = int(4 * std + 0.5)
    weights = np.array([math.exp(-0.5 * (k / std) ** 2) for k in range(-radius, radius + 1)])
    weights /= weights.sum()
    height, width = grey.shape
    padded = np.full((height + 2 * radius, width + 2 * radius), 0.4423)
    padded[radius : radius + height, radius : radius + width] = grey
    result = np.empty_like(grey)
    for i in range(height):
        for j in range(width):
            result[i, j] = weights @ padded[i : i + 2 * radius + 1, j : j + 2 * radius + 1] @ weights
    return result


@pytest.mark.parametrize("std", [0.45, 1.5, 3.0])
def test_filters_by_explicit_sums(std: float) -> None:
    grey = generator().random((20, 24))
    low = blurred_by_hand(grey, std)
    np.testing.assert_allclose(low_pass(grey, std), low, atol=1e-12)
    high = grey - low
    np.testing.assert_allclose(high_pass(grey, std), np.clip(high - high.mean() + 0.4423, 0, 1), atol=1e-12)


def test_a_flat_picture_of_the_background_is_not_changed_by_a_filter() -> None:
    flat = np.full((32, 32), 0.4423)
    for continuous in (False, True):
        np.testing.assert_allclose(low_pass(flat, 0.7, continuous=continuous), flat, atol=1e-12)
        np.testing.assert_allclose(high_pass(flat, 0.7, continuous=continuous), flat, atol=1e-12)


def test_the_continuous_filter_is_the_sampled_one_where_that_is_good() -> None:
    grey = np.clip(ndimage.gaussian_filter(generator().random((48, 48)), 1) * 2 - 0.5, 0, 1)
    np.testing.assert_allclose(low_pass(grey, 1.2, continuous=True), low_pass(grey, 1.2), atol=2e-3)


@pytest.mark.parametrize("name", ["high-pass", "low-pass"])
def test_the_deviation_grows_with_the_width(name: str, picture: NDArray[np.uint8]) -> None:
    """At 64 px a deviation of 7 is one of 2 pixels: 7 · 64/224."""
    of = {"high-pass": high_pass, "low-pass": low_pass}[name]
    by_hand = np.floor(of(to_grey(picture / 255), 2.0) * 255 + 0.5)
    np.testing.assert_array_equal(distort(picture, name, "7", generator())[..., 0], by_hand)


def test_fine_filters_still_do_something_on_narrow_pictures() -> None:
    """A sampled Gaussian of 0.2 px (0.7 at 224) is a single pixel: its high-pass would be blank."""
    checks = np.repeat((np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)
    spreads = [distort(checks, "high-pass", level, generator()).std() for level in ("0.7", "1", "1.5", "3")]
    assert spreads[0] > 10 and spreads == sorted(spreads)


@pytest.mark.parametrize("shape", [(32, 32), (31, 31), (32, 31), (6, 9)])
def test_phases_without_noise_are_the_picture(shape: tuple[int, int]) -> None:
    grey = generator().random(shape)
    np.testing.assert_allclose(scramble_phases(grey, 0, generator()), grey, atol=1e-12)


@pytest.mark.parametrize("width", [30, 90, 180])
def test_phase_noise_is_that_of_the_reference(width: float) -> None:
    """Each pair of mirrored frequencies has the mean of two phasors: |cos((a − b)/2)|, mean shift (a + b)/2.

    With a, b uniform on ±w: E|cos((a − b)/2)| = (sin(w/2)/(w/2))² for w ≤ 90° (the cosine is positive there);
    at 180° the mean of |cos| over two whole turns with a triangular density: 2/π.
    """
    grey = 0.5 + 0.02 * (generator(5).random((128, 128)) - 0.5)
    before, after = (np.fft.fft2(image) for image in (grey, scramble_phases(grey, width, generator(6))))
    inner = np.s_[1:63, 1:63]
    ratio = (np.abs(after) / np.abs(before))[inner]
    w = math.radians(width)
    expected = 2 / math.pi if width == 180 else (math.sin(w / 2) / (w / 2)) ** 2
    assert ratio.mean() == pytest.approx(expected, abs=0.015)
    assert ratio.max() <= 1 + 1e-9
    shift = np.angle(after / before)[inner]
    if width < 180:  # beyond, the sign of the cosine turns phases by 180°
        assert np.abs(shift).max() <= w
        assert shift.std() == pytest.approx(w / math.sqrt(6), rel=0.03)  # the mean of two U[−w, w]
    # The mean and the Nyquist row and column keep their phases.
    np.testing.assert_allclose(after[64], before[64], atol=1e-9)
    np.testing.assert_allclose(after[:, 64], before[:, 64], atol=1e-9)
    assert after[0, 0] == pytest.approx(before[0, 0])


def test_power_equalisation_with_its_own_spectrum_is_the_picture(picture: NDArray[np.uint8]) -> None:
    own = mean_spectrum([picture])
    np.testing.assert_array_equal(
        distort(picture, "power-equalisation", "pow", generator(), spectrum=own), grey_of(picture)
    )


def test_the_mean_spectrum_is_centred_and_its_middle_is_the_sum_of_greys() -> None:
    black, white = np.zeros((4, 6, 3), dtype=np.uint8), np.full((4, 6, 3), 255, dtype=np.uint8)
    expected = np.zeros((4, 6))
    expected[2, 3] = 12  # (0 + 24) / 2
    np.testing.assert_allclose(mean_spectrum([black, white]), expected, atol=1e-12)


def test_power_equalisation_exchanges_amplitudes_and_keeps_phases(picture: NDArray[np.uint8]) -> None:
    """The spectrum of a fainter copy about the same mean: the picture becomes that copy."""
    faint = np.round(128 + 0.5 * (picture.astype(float) - 128)).astype(np.uint8)
    result = distort(picture, "power-equalisation", "pow", generator(), spectrum=mean_spectrum([faint]))
    difference = np.abs(result.astype(int) - grey_of(faint))
    assert difference.mean() < 1 and difference.max() <= 4  # the rounding of `faint`


@pytest.mark.parametrize(
    ("spectrum", "words"),
    [
        (None, "needs the mean amplitude spectrum .* --spectrum"),
        (np.ones((8, 8)), "--spectrum is 8 × 8 but the picture is 64 × 64"),
        (-np.ones((64, 64)), "--spectrum must hold amplitudes"),
        (np.full((64, 64), np.nan), "--spectrum must hold amplitudes"),
    ],
)
def test_an_unfit_spectrum_is_refused(
    spectrum: NDArray[np.float64] | None, words: str, picture: NDArray[np.uint8]
) -> None:
    with pytest.raises(UserError, match=words):
        distort(picture, "power-equalisation", "pow", generator(), spectrum=spectrum)


def test_a_mean_spectrum_needs_pictures_of_one_size() -> None:
    with pytest.raises(UserError, match="at least one picture"):
        mean_spectrum([])
    with pytest.raises(UserError, match="of one size: there are 4 × 2 and 2 × 4 px"):
        mean_spectrum([np.zeros((2, 4, 3), dtype=np.uint8), np.zeros((4, 2, 3), dtype=np.uint8)])


def opponent_by_hand(pixel: list[int], gamma: list[float]) -> list[int]:
    """The steps of the published text on one pixel, without any matrix product of ours."""
    cones_of = [
        [0.1619982647, 0.208049264, 0.0389347448],
        [0.0330275785, 0.2496504557, 0.0618343518],
        [0.0015524055, 0.0198861001, 0.1890224274],
    ]
    dkl_of = [[9.27590805, 9.27590805, 0], [7.86421647, -9.33587662, 0], [-3.39709047, -3.39709047, 12.16230246]]
    white = [0.20449114, 0.17225619, 0.10523047]
    linear = [gamma[value] for value in pixel]
    cones = [sum(m * x for m, x in zip(row, linear, strict=True)) - w for row, w in zip(cones_of, white, strict=True)]
    luminance, red_green, blue = (sum(m * x for m, x in zip(row, cones, strict=True)) for row in dkl_of)
    back = np.linalg.solve(dkl_of, [luminance, -red_green, -blue])
    light = np.linalg.solve(cones_of, [c + w for c, w in zip(back, white, strict=True)])
    clipped = [min(1.0, max(0.0, float(x))) for x in light]
    return [min(range(256), key=lambda i: abs(gamma[i] - x)) for x in clipped]


@pytest.mark.parametrize("gamma", [None, np.linspace(0, 1, 256)[:, None] ** 2.2])
def test_opponent_colours_of_single_pixels(gamma: NDArray[np.float64] | None) -> None:
    table = (srgb_gamma() if gamma is None else gamma.ravel()).tolist()
    pixels = [[0, 0, 0], [255, 255, 255], [128, 128, 128], [180, 110, 90], [90, 120, 150], [255, 0, 0], [3, 1, 2]]
    result = distort(np.array([pixels], dtype=np.uint8), "false-colour", "false", generator(), gamma=gamma)
    assert result[0].tolist() == [opponent_by_hand(pixel, table) for pixel in pixels]
    assert result[0, 3, 2] > result[0, 3, 0]  # the reddish one is now bluish


@pytest.mark.parametrize("gamma", [np.arange(255) / 254, np.linspace(1, 0, 256), np.arange(256.0), np.zeros(256)])
def test_an_unfit_gamma_table_is_refused(gamma: NDArray[np.float64], picture: NDArray[np.uint8]) -> None:
    with pytest.raises(UserError, match="--gamma must hold 256 rising numbers"):
        distort(picture, "false-colour", "false", generator(), gamma=gamma)


def test_rotation_is_counter_clockwise_and_exact(picture: NDArray[np.uint8]) -> None:
    corner = np.zeros((2, 3, 3), dtype=np.uint8)
    corner[0, 2] = 255  # the upper right corner goes to the upper left one
    turned = distort(corner, "rotation", "90", generator())
    assert turned.shape == (3, 2, 3) and turned[0, 0, 0] == 255 and turned.sum() == 765
    around = grey_of(picture)
    for _ in range(4):
        around = distort(around, "rotation", "90", generator())
    np.testing.assert_array_equal(around, grey_of(picture))
    three = distort(distort(picture, "rotation", "180", generator()), "rotation", "90", generator())
    np.testing.assert_array_equal(distort(picture, "rotation", "270", generator()), three)


@pytest.mark.parametrize(("shape", "coherence"), [((64, 64), 0.0), ((64, 64), 1.0), ((40, 64), 0.3), ((96, 24), 0.3)])
def test_an_eidolon_without_reach_is_the_picture_at_its_finest_scale(shape: tuple[int, int], coherence: float) -> None:
    """All layers add up to the image blurred by 1/√2 px, with its left half-kernel one row lower."""
    grey = ndimage.gaussian_filter(generator().random(shape), 2)
    result = eidolon(grey, 0.0, coherence, 10.0, generator())
    columns = np.arange(-4, 5)
    weights = np.exp(-(columns**2.0)) / math.sqrt(math.pi)
    eight_bits, kernel = np.rint(grey * 255), np.zeros((11, 9))
    kernel[1:10] = np.outer(weights, weights * (columns >= 0))
    kernel[2:11] += np.outer(weights, weights * (columns < 0))
    expected = np.floor(ndimage.convolve(eight_bits, kernel, mode="reflect")) / 255
    assert np.abs(result - expected).max() <= 1.001 / 255
    assert np.mean(result == expected) > 0.97
    assert np.abs(result - grey).max() < 0.05


def test_fields_have_the_deviation_of_the_toolbox_at_every_width() -> None:
    """27.1/(2√π · 10) = 0.764 at grain 10; at half the width with half the grain it is the same field, smaller."""
    whole = [random_field((512, 512), (512, 512), 10.0, 1.0, generator(s)) for s in range(6)]
    half = [random_field((256, 256), (256, 256), 5.0, 0.5, generator(s)) for s in range(6)]
    for fields in (whole, half):
        deviations = [[field.real.std(), field.imag.std()] for field in fields]
        assert np.mean(deviations) == pytest.approx(0.764, rel=0.04)
    across = [np.corrcoef(field.real.ravel(), field.imag.ravel())[0, 1] for field in whole]
    assert np.abs(np.mean(across)) < 0.05
    # White noise blurred by σ is correlated like exp(−d²/4σ²): at d = 20, σ = 10 that is 1/e.
    row = np.concatenate([(f.real - f.real.mean())[:, :-20].ravel() for f in whole])
    next_row = np.concatenate([(f.real - f.real.mean())[:, 20:].ravel() for f in whole])
    assert np.corrcoef(row, next_row)[0, 1] == pytest.approx(math.exp(-1), abs=0.08)


def test_coherent_layers_stay_together_where_incoherent_ones_part() -> None:
    """A bright disc: its fine layers land where its coarse ones do only under coherent fields.

    Then edges stay as steep as they were, so the gradients of the eidolon keep their energy.
    """
    y, x = np.mgrid[0:128, 0:128]
    disc = np.where(np.hypot(x - 64, y - 64) < 30, 0.9, 0.1)

    def sharpness(coherence: float) -> float:
        images = [eidolon(disc, 16.0, coherence, 10.0, generator(s)) for s in range(3)]
        return float(np.mean([np.square(ndimage.gaussian_gradient_magnitude(i, 1.5)).sum() for i in images]))

    assert sharpness(1.0) > 1.3 * sharpness(0.3) > 1.3 * sharpness(0.0)


@pytest.mark.parametrize("name", [n for n, kind in DISTORTIONS.items() if len(kind.published) > 4])
def test_the_published_order_of_levels_leads_away_from_the_picture(name: str, picture: NDArray[np.uint8]) -> None:
    """What is left of the control falls with the level: its slope in the result, or its correlation with it.

    The slope is for those that leave less contrast, the correlation for those that put something else in its place.
    """
    control = grey_of(picture)[..., 0].ravel().astype(float)
    fading = name in ("contrast", "high-pass")
    left = []
    for level in DISTORTIONS[name].published:
        results = [distort(picture, name, level, generator(s))[..., 0].ravel().astype(float) for s in range(3)]
        shares = [np.cov(control, one)[0, 1] / control.var() for one in results]
        left.append(np.mean(shares if fading else [np.corrcoef(control, one)[0, 1] for one in results]))
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1] + 0.2
