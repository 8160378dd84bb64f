"""What octaves decide, by hand; and channels of made-up observers, recovered."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reconstrue.metrics.bands import (
    PUBLISHED_CHANNEL,
    BandSummary,
    MaskingSummary,
    fit_channel,
    summarise_bands,
    summarise_masking,
    thresholds,
)

SDS = np.array([0.02, 0.04, 0.08, 0.16])
CENTRES = 2.0 ** np.arange(6)


def bands(error: np.ndarray, right: list[int], texture: list[int] | None = None, resamples: int = 0) -> BandSummary:
    """A summary of (images, bands, labels) at one noise time."""
    return summarise_bands(
        error[:, None],
        np.array(right),
        np.array(texture if texture is not None else [-1] * len(right)),
        t=np.array([0.5]),
        log_snr=np.array([0.0]),
        centres=np.arange(float(error.shape[1])),
        resamples=resamples,
        generator=np.random.default_rng(0),
    )


def values(row: tuple[object, ...]) -> list[float]:
    return [one.value for one in row]  # type: ignore[attr-defined]


def test_decisions_margins_and_shares_by_hand() -> None:
    # Two images, two bands, three labels; the right labels are 0 and 1.
    error = np.array([[[1.0, 2, 3], [4, 1, 9]], [[5, 1, 6], [2, 3, 4]]])
    found = bands(error, [0, 1])
    # Band 0 decides 0 and 1, band 1 decides 1 and 0; whole errors are 5 3 12 and 7 4 10: 1 and 1.
    assert values(found.accuracy["band"][0]) == [1.0, 0.0]
    assert values(found.accuracy["low-pass"][0]) == [1.0, 0.5]
    assert values(found.accuracy["high-pass"][0]) == [0.5, 0.0]
    # The best others are label 1 (3) and label 0 (7). Band 0: 2 − 1 and 5 − 1; band 1: 1 − 4 and 2 − 3.
    assert values(found.margin[0]) == [2.5, -2.0]
    # 2.5 and −2 of 0.5.
    assert values(found.share[0]) == [5.0, -4.0]
    assert not found.conflict
    assert all(math.isnan(one.value) and one.n == 0 for one in found.shape_bias["band"][0])


def test_conflicts_are_shape_against_texture_and_an_image_of_one_cue_is_left_out() -> None:
    # Three images, right (shape) is label 0. Textures: 1, 2, and none in conflict (0).
    error = np.array([[[1.0, 2, 3], [3, 1, 2]], [[2, 1, 3], [3, 2, 1]], [[9, 0, 9], [9, 0, 9]]])
    found = bands(error, [0, 0, 0], [1, 2, 0])
    assert found.conflict
    # Band 0: image 0 by shape, image 1 by neither. Band 1: both by texture.
    assert values(found.shape_bias["band"][0]) == [1.0, 0.0]
    assert [one.n for one in found.shape_bias["band"][0]] == [1, 2]
    # Texture minus shape. Band 0: 2 − 1 and 3 − 2; band 1: 1 − 3 and 1 − 3.
    assert values(found.margin[0]) == [1.0, -2.0]
    assert [one.n for one in found.margin[0]] == [2, 2]
    # 1 and −2 of a whole of −1: the second octave's share is twice the whole, and speaks for the texture.
    assert values(found.share[0]) == [1.0, -2.0]
    # The image without a conflict counts for accuracy.
    assert [one.n for one in found.accuracy["band"][0]] == [3, 3]


def test_the_band_that_tells_labels_apart_is_found_and_no_other() -> None:
    rng = np.random.default_rng(1)
    right = rng.integers(0, 4, 200)
    error = rng.normal(10, 1, (200, 5, 4))
    error[np.arange(200), 3, right] -= 6
    found = bands(error, right.tolist(), resamples=200)
    alone = found.accuracy["band"][0]
    assert alone[3].value > 0.97
    for band in (0, 1, 2, 4):
        # Chance is a quarter: three standard errors are 0.09.
        assert abs(alone[band].value - 0.25) < 0.1
        assert alone[band].low < 0.25 < alone[band].high or abs(alone[band].value - 0.25) < 0.1
        assert abs(found.share[0][band].value) < 0.15
    assert found.share[0][3].low > 0.7 < found.share[0][3].value
    # Below the band low-pass is chance, above it high-pass is.
    assert found.accuracy["low-pass"][0][2].value < 0.36 and found.accuracy["low-pass"][0][3].value > 0.8
    assert found.accuracy["high-pass"][0][4].value < 0.36 and found.accuracy["high-pass"][0][3].value > 0.8
    assert sum(values(found.share[0])) == pytest.approx(1)


def test_a_share_of_what_may_be_nothing_is_undefined() -> None:
    rng = np.random.default_rng(2)
    error = rng.normal(10, 1, (30, 3, 2))
    texture = [1] * 30
    found = bands(error, [0] * 30, texture, resamples=400)
    assert all(math.isnan(one.value) and math.isnan(one.high) for one in found.share[0])
    assert all(one.low < one.value < one.high for one in found.margin[0])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        bands(np.ones((2, 3, 4)), [0])
    with pytest.raises(ValueError, match="two labels"):
        bands(np.ones((1, 3, 1)), [0])


# Masking --------------------------------------------------------------------------------------------------------


def masking(quiet: np.ndarray, masked: np.ndarray, resamples: int = 0) -> MaskingSummary:
    return summarise_masking(
        quiet, masked, centres=CENTRES, sds=SDS, resamples=resamples, generator=np.random.default_rng(0)
    )


def test_thresholds_by_hand() -> None:
    # Per octave: 80% at 0.04 and 20% at 0.08 (midway in the logarithm: 0.04 · √2); never below; at once below, from
    # 100% without noise to 0% at 0.02 (midway: 0.01); a dip that recovers, last crossing from 0.08 (50%) on.
    masked = np.array([[1, 1, 0, 0.4], [0.8, 1, 0, 0.6], [0.2, 1, 0, 0.5], [0, 0.5, 0, 0.2]])
    found = thresholds(np.array([1.0]), masked[None], SDS)
    np.testing.assert_allclose(found, [[0.04 * 2**0.5, 0.16, 0.01, 0.08]])
    assert np.isnan(thresholds(np.array([0.49]), masked[None], SDS)).all()


def observer(centre: float, width: float, seed: int = 0, n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """One who is right as long as the noise is below a limit of the image's own, lower within the channel: log₂ of the limit
    is that of 0.16 minus 3 octaves times the Gaussian, give or take a quarter octave."""
    rng = np.random.default_rng(seed)
    depth = 3 * 2.0 ** (-4 * ((np.log2(CENTRES) - math.log2(centre)) / width) ** 2)
    limit = 0.16 * 2.0 ** (-depth + rng.normal(0, 0.25, (n, 1)))
    return np.ones(n, dtype=bool), SDS[None, :, None] < limit[:, None, :]


@pytest.mark.parametrize(("centre", "width"), [(8.0, 2.0), (5.7, 1.5), (4.0, 4.0)])
def test_a_made_up_channel_is_recovered(centre: float, width: float) -> None:
    found = masking(*observer(centre, width), resamples=200).channel
    assert found.peak.value == pytest.approx(centre, rel=0.12)
    assert found.bandwidth.value == pytest.approx(width, rel=0.25)
    assert found.height.value == pytest.approx(3, rel=0.2)
    assert found.peak.low <= found.peak.value <= found.peak.high
    assert found.bandwidth.low <= found.bandwidth.value <= found.bandwidth.high < 6


def test_an_observer_of_one_octave_has_the_narrowest_channel() -> None:
    _, masked = observer(8.0, 2.0)
    masked[..., [0, 1, 2, 4, 5]] = True
    found = masking(np.ones(120, dtype=bool), masked).channel
    assert found.peak.value == pytest.approx(8.0, rel=0.02)
    assert found.bandwidth.value == 1.0


def test_an_observer_whom_all_noise_disturbs_alike_is_called_flat() -> None:
    _, masked = observer(8.0, 2.0)
    masked = np.repeat(masked[..., 3:4], 6, axis=2)
    found = masking(np.ones(120, dtype=bool), masked)
    # Twice six octaves stands for flat.
    assert found.channel.bandwidth.value == pytest.approx(12.0)


def test_the_published_pooled_channel_is_an_octave() -> None:
    # Two neighbours two steps above the rest: the released analysis of people's pooled answers puts the peak midway, at
    # 1.75 · 2^4.5 = 39.6 cycles, and half of the height at each, half an octave away: one octave.
    steps = np.array([[0, 0, 0, 0, 2, 2, 0]], dtype=float)
    peak, width, height = fit_channel(steps, 1.75 * 2.0 ** np.arange(7))[0]
    assert peak == pytest.approx(39.6, abs=0.1)
    assert width == pytest.approx(PUBLISHED_CHANNEL.pooled_bandwidth)
    assert height == pytest.approx(4, abs=0.1)


def test_the_fit_is_the_least_squares_one() -> None:
    rng = np.random.default_rng(3)
    heights = rng.uniform(0.2, 3, (20, 6))
    for row, (peak, width, height) in zip(heights, fit_channel(heights, CENTRES), strict=True):

        def shape(mu: float, wide: float) -> np.ndarray:
            return np.asarray(2.0 ** (-4 * ((np.log2(CENTRES) - mu) / wide) ** 2))

        best = ((row - height * shape(math.log2(peak), width)) ** 2).sum()
        for mu in np.arange(-1, 6.01, 0.25):
            for wide in (1.0, 1.5, 2.5, 4.0, 8.0, 12.0):
                other = shape(mu, wide)
                left_over = row - (row @ other) / (other @ other) * other
                # The grid of widths is a little coarser than these.
                assert best <= (left_over**2).sum() * 1.01


def test_without_a_threshold_there_is_no_channel() -> None:
    _, masked = observer(8.0, 2.0)
    dull = masking(np.arange(120) % 3 == 0, masked & (np.arange(120) % 3 == 0)[:, None, None])
    assert dull.quiet.value == pytest.approx(1 / 3)
    assert math.isnan(dull.channel.peak.value) and all(math.isnan(one.value) for one in dull.threshold)
    sturdy = masking(np.ones(120, dtype=bool), np.ones_like(masked))
    assert math.isnan(sturdy.channel.bandwidth.value)
    assert values(sturdy.threshold) == [0.16] * 6 and values(sturdy.sensitivity) == [0.0] * 6


def test_answers_that_do_not_fit_are_refused() -> None:
    quiet, masked = observer(8.0, 2.0)
    with pytest.raises(ValueError, match="do not fit"):
        masking(quiet, masked[:, :, :5])
    with pytest.raises(ValueError, match="must rise"):
        summarise_masking(quiet, masked, centres=CENTRES, sds=SDS[::-1], generator=np.random.default_rng(0))


def test_a_channel_that_many_resamples_do_not_have_has_no_interval() -> None:
    """Half of the pictures are right without noise: in half of the resamples fewer than half are, and nothing is fitted."""
    quiet = np.arange(48) % 2 == 0
    masked = np.repeat(quiet[:, None, None], 2, axis=1).repeat(4, axis=2)
    masked[:, 1, 2] = False
    found = summarise_masking(
        quiet,
        masked,
        centres=np.array([1.0, 2.0, 4.0, 8.0]),
        sds=np.array([0.04, 0.16]),
        resamples=200,
        generator=np.random.default_rng(0),
    )
    assert found.channel.peak.defined and np.isnan([found.channel.peak.low, found.channel.bandwidth.high]).all()
