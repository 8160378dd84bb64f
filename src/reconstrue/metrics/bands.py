r"""What spatial frequencies drive a decision: evidence by octaves, and critical-band masking.

**Evidence by octaves** is of diffusion models: each label's error, split into octaves, decides alone, with all lower ones
(low-pass) or with all higher ones (high-pass).

**Critical-band masking** is of any observer: accuracy under noise of one octave. The strongest noise at which accuracy is
still 50% is the octave's threshold. As in Subramanian et al. (2023, arXiv 2309.13190; their released analysis, as we read
it) sensitivity counts the octaves of deviation by which the threshold s_b lies below the strongest noise that was shown,

.. math:: \log_2(s_\max / s_b) \approx A \exp\left(-\frac{(\log_2 f_b - μ)^2}{2σ^2}\right)

and the Gaussian is the channel: peak 2^μ cycles per image, bandwidth 2√(2 ln 2) σ octaves (full width at half height). They
take thresholds at the deviations that were shown; here they are interpolated. A bandwidth is of log-sensitivity, and so is
not the power gain's of Solomon & Pelli (1994).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from reconstrue.metrics.intervals import UNDEFINED, Estimate, FloatArray, estimate, resample_weights
from reconstrue.metrics.shape_bias import shape_bias

View = Literal["band", "low-pass", "high-pass"]
VIEWS: Final[tuple[View, ...]] = get_args(View)
"""One octave alone, with all lower ones, or with all higher ones."""

CRITERION: Final = 0.5
"""Accuracy at threshold."""

# Noise an octave wide, an octave apart, resolves no narrower channel, and a wider one than this many times the range is flat.
_NARROWEST, _WIDEST = 1.0, 2.0
# The peak is looked for up to so many octaves beyond the noise that was shown, in steps of a 32nd.
_BEYOND, _STEPS = 1.0, 32
_WIDTHS = 96
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
# Resamples that are fitted at once: the grid of channels is large.
_TOGETHER = 64
# A share is of a whole that must keep its sign, and a fit must exist, in so many of the resamples.
_SURE = 0.95

Grid = tuple[tuple[Estimate, ...], ...]
"""One figure per noise time (outer) and octave (inner)."""


@dataclass(frozen=True)
class BandSummary:
    """What the evidence in each octave decides, at each noise time.

    Attributes:
        t: (levels,) noise times.
        log_snr: (levels,) at t.
        centres: (bands,) of the octaves in cycles per image; 0 is the mean.
        n: images.
        accuracy: of the decision by each view, right being the category (of the shape, where cues conflict).
        shape_bias: shape / (shape + texture) decisions by each view; undefined where no cues conflict.
        margin: mean over images of the best other label's error minus the right one's, in each octave (squared error of x);
            where cues conflict the texture's minus the shape's. The best other is the one with the least whole error at t.
        share: the octave's margin as a share of the size of the whole margin, above 0 for the right label (the shape):
            shares of a noise time sum to 1, or to −1 where the whole speaks against it. Undefined where the whole margin
            does not keep its sign in 95% of the resamples.
    """

    t: FloatArray
    log_snr: FloatArray
    centres: FloatArray
    n: int
    accuracy: dict[View, Grid]
    shape_bias: dict[View, Grid]
    margin: Grid
    share: Grid

    @property
    def conflict(self) -> bool:
        """Whether shape and texture are in conflict on any image."""
        return any(one.n > 0 for row in self.shape_bias["band"] for one in row)


def summarise_bands(
    error: FloatArray,
    right: npt.NDArray[np.int64],
    texture: npt.NDArray[np.int64],
    *,
    t: FloatArray,
    log_snr: FloatArray,
    centres: FloatArray,
    resamples: int = 1000,
    generator: np.random.Generator,
) -> BandSummary:
    """Summarise errors by octave, with intervals over images.

    Args:
        error: (images, levels, bands, labels), as `band_errors` gives them.
        right: (images,) place of the right label, the shape's where cues conflict.
        texture: (images,) place of the texture's label, −1 where there is none. Images whose texture is of the shape's own
            category are no conflict.
        t: (levels,) noise times.
        log_snr: (levels,).
        centres: (bands,).
        resamples: of the bootstrap over images; 0 for no intervals.
        generator: of the bootstrap.

    Raises:
        ValueError: arrays that do not fit each other, fewer than two labels, or no images.
    """
    n, levels, bands, labels = error.shape
    if right.shape != (n,) or texture.shape != (n,) or len(t) != levels or len(centres) != bands:
        raise ValueError(f"errors of shape {error.shape} do not fit {right.shape}, {len(t)} t and {len(centres)} bands")
    if n < 1 or labels < 2:
        raise ValueError(f"there must be an image and two labels, got {n} and {labels}")
    weights = resample_weights(n, resamples, generator).astype(np.float64)
    conflict = (texture >= 0) & (texture != right)
    seen = {
        "band": error,
        "low-pass": error.cumsum(axis=2),
        "high-pass": error[:, :, ::-1].cumsum(axis=2)[:, :, ::-1],
    }
    accuracy: dict[View, Grid] = {}
    bias: dict[View, Grid] = {}
    for view in VIEWS:
        decided = seen[view].argmin(axis=-1)
        accuracy[view] = _shares(weights, decided == right[:, None, None])
        shape = (decided == right[:, None, None]) & conflict[:, None, None]
        other = (decided == texture[:, None, None]) & conflict[:, None, None]
        bias[view] = _biases(weights, shape, other)
    margins = _margins(error, right, texture, conflict)
    rows = weights[:, conflict] if conflict.any() else weights
    margin, share = _margin_figures(rows, margins)
    return BandSummary(t, log_snr, centres, n, accuracy, bias, margin, share)


def _shares(weights: FloatArray, hits: npt.NDArray[np.bool_]) -> Grid:
    n = len(hits)
    replicates = np.tensordot(weights, hits.astype(np.float64), axes=1) / n
    return _each(replicates, lambda one: estimate(one, n, proportion=True))


def _biases(weights: FloatArray, shape: npt.NDArray[np.bool_], texture: npt.NDArray[np.bool_]) -> Grid:
    by_shape, by_texture = (np.tensordot(weights, by.astype(np.float64), axes=1) for by in (shape, texture))
    replicates = shape_bias(by_shape, by_texture)
    counts = (shape | texture).sum(axis=0)
    return tuple(
        tuple(
            estimate(replicates[:, i, j], int(counts[i, j]), proportion=True) if counts[i, j] else UNDEFINED
            for j in range(counts.shape[1])
        )
        for i in range(counts.shape[0])
    )


def _margins(
    error: FloatArray,
    right: npt.NDArray[np.int64],
    texture: npt.NDArray[np.int64],
    conflict: npt.NDArray[np.bool_],
) -> FloatArray:
    """Return (images, levels, bands) the other label's error minus the right one's; of the conflict images if there are any."""
    if conflict.any():
        error, right, texture = error[conflict], right[conflict], texture[conflict]
        rival = np.broadcast_to(texture[:, None], error.shape[:2])
    else:
        whole = error.sum(axis=2)
        np.put_along_axis(whole, np.broadcast_to(right[:, None, None], (*whole.shape[:2], 1)), np.inf, axis=2)
        rival = whole.argmin(axis=2)
    other = np.take_along_axis(error, np.broadcast_to(rival[:, :, None, None], (*error.shape[:3], 1)), axis=3)[..., 0]
    own = np.take_along_axis(error, np.broadcast_to(right[:, None, None, None], (*error.shape[:3], 1)), axis=3)[..., 0]
    return np.asarray(other - own)


def _margin_figures(weights: FloatArray, margins: FloatArray) -> tuple[Grid, Grid]:
    n = len(margins)
    # A resample may hold few or none of the conflict images.
    drawn = weights.sum(axis=1)
    means = np.tensordot(weights, margins, axes=1) / np.where(drawn > 0, drawn, np.nan)[:, None, None]
    unbounded = (-np.inf, np.inf)
    margin = _each(means, lambda one: estimate(one, n, bounds=unbounded, correct_bias=False))
    whole = means.sum(axis=2, keepdims=True)
    same = np.sign(whole) == np.sign(whole[:1])
    shares = np.where(same & (whole != 0), means / np.where(whole == 0, 1.0, np.abs(whole)), np.nan)
    # Where the whole may as well be nothing, no interval of a share of it is finite (Fieller 1954).
    shares[:, same.mean(axis=0)[:, 0] < _SURE] = np.nan
    return margin, _each(shares, lambda one: estimate(one, n, bounds=unbounded, correct_bias=False))


def _each(replicates: FloatArray, figure: Callable[[FloatArray], Estimate]) -> Grid:
    """Make (1 + resamples, levels, bands) into one estimate per noise time and octave."""
    _, levels, bands = replicates.shape
    return tuple(tuple(figure(replicates[:, i, j]) for j in range(bands)) for i in range(levels))


# Critical-band masking ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Channel:
    """The band of frequencies that an observer uses, a Gaussian over log frequency.

    Attributes:
        peak: in cycles per image, at most an octave beyond the noise that was shown.
        bandwidth: full width at half height in octaves. 1 stands for 1 or less; twice the octaves shown for flat.
        height: A, in octaves of noise deviation.
    """

    peak: Estimate
    bandwidth: Estimate
    height: Estimate


@dataclass(frozen=True)
class MaskingSummary:
    """What noise of one octave does to an observer.

    Attributes:
        centres: (bands,) of the octaves of noise in cycles per image.
        sds: (levels,) deviations of the noise, rising, in units of the range of grey.
        n: images, each under every noise.
        quiet: accuracy without noise, on the same pictures in greyscale at reduced contrast.
        accuracy: per deviation and octave.
        threshold: per octave, the deviation at which accuracy is 50%; the largest shown stands for it or more, half the
            smallest for that or less.
        sensitivity: per octave, octaves of deviation by which the threshold lies below the largest shown.
        channel: the Gaussian through the sensitivities. Undefined like these where accuracy without noise is below 50%,
            or where no octave of noise brings it there.
    """

    centres: FloatArray
    sds: FloatArray
    n: int
    quiet: Estimate
    accuracy: Grid
    threshold: tuple[Estimate, ...]
    sensitivity: tuple[Estimate, ...]
    channel: Channel


@dataclass(frozen=True)
class PublishedChannel:
    """People's channel as published.

    Attributes:
        people: how many.
        peak: mean over people, in cycles per image.
        peak_sd: deviation over people.
        bandwidth: mean over people, in octaves.
        bandwidth_sd: deviation over people.
        pooled_bandwidth: of all their answers together.
        source: where.
    """

    people: int
    peak: float
    peak_sd: float
    bandwidth: float
    bandwidth_sd: float
    pooled_bandwidth: float
    source: str


PUBLISHED_CHANNEL: Final = PublishedChannel(
    people=14,
    peak=39.1,
    peak_sd=3.0,
    bandwidth=1.43,
    bandwidth_sd=0.54,
    pooled_bandwidth=1.0,
    source="Subramanian et al. 2023 (arXiv 2309.13190) and its released analysis, on photographs of 224 px",
)
"""The paper speaks of the pooled one, an octave wide; its networks' are 2 to 4 times as wide."""


def summarise_masking(
    quiet: npt.NDArray[np.bool_],
    masked: npt.NDArray[np.bool_],
    *,
    centres: FloatArray,
    sds: FloatArray,
    resamples: int = 1000,
    generator: np.random.Generator,
) -> MaskingSummary:
    """Summarise right and wrong answers under noise of one octave, with intervals over images.

    Args:
        quiet: (images,) whether each was answered rightly without noise.
        masked: (images, levels, bands) the same under each noise.
        centres: (bands,) rising, an octave apart.
        sds: (levels,) rising, above 0.
        resamples: of the bootstrap over images; 0 for no intervals.
        generator: of the bootstrap.

    Raises:
        ValueError: arrays that do not fit each other, deviations that do not rise from above 0, or no images.
    """
    n = len(quiet)
    if n < 1 or masked.shape != (n, len(sds), len(centres)):
        raise ValueError(f"answers of shape {masked.shape} do not fit {n} images, {len(sds)} sds, {len(centres)} bands")
    if not (sds[0] > 0 and (np.diff(sds) > 0).all()):
        raise ValueError(f"deviations must rise from above 0, got {sds.tolist()}")
    weights = resample_weights(n, resamples, generator).astype(np.float64)
    without = weights @ quiet.astype(np.float64) / n
    under = np.tensordot(weights, masked.astype(np.float64), axes=1) / n
    limits = thresholds(without, under, sds)
    octaves = np.log2(sds[-1] / limits)
    fitted = fit_channel(octaves, centres)
    spread = len(centres)
    ends = (2.0 ** (np.log2(centres[0]) - _BEYOND), 2.0 ** (np.log2(centres[-1]) + _BEYOND))
    return MaskingSummary(
        centres=centres,
        sds=sds,
        n=n,
        quiet=estimate(without, n, proportion=True),
        accuracy=_each(under, lambda one: estimate(one, n, proportion=True)),
        threshold=tuple(_plain(limits[:, j], n, (0.0, float(sds[-1]))) for j in range(len(centres))),
        sensitivity=tuple(_plain(octaves[:, j], n, (0.0, np.inf)) for j in range(len(centres))),
        channel=Channel(
            peak=_plain(fitted[:, 0], n, ends),
            bandwidth=_plain(fitted[:, 1], n, (_NARROWEST, _WIDEST * spread)),
            height=_plain(fitted[:, 2], n, (0.0, np.inf)),
        ),
    )


def thresholds(quiet: FloatArray, masked: FloatArray, sds: FloatArray) -> FloatArray:
    """Return (rows, bands) the noise deviation at which accuracy is 50%; NaN where it is below without noise.

    The last crossing counts: between the strongest noise with 50% or more and the next. It is interpolated over the
    logarithm of the deviation, below the smallest over the deviation itself.

    Args:
        quiet: (rows,) accuracy without noise.
        masked: (rows, levels, bands) accuracy under noise.
        sds: (levels,) rising.

    >>> thresholds(np.array([1.0]), np.array([[[0.75], [0.25]]]), np.array([0.04, 0.16])).round(3).tolist()
    [[0.08]]
    """
    steps = np.concatenate([[0.0], sds])
    heights = np.concatenate(
        [np.broadcast_to(quiet[:, None, None], (*masked.shape[:1], 1, masked.shape[2])), masked], 1
    )
    enough = heights >= CRITERION
    last = len(sds) - enough[:, ::-1].argmax(axis=1)
    after = np.minimum(last + 1, len(sds))
    above = np.take_along_axis(heights, last[:, None], axis=1)[:, 0]
    below = np.take_along_axis(heights, after[:, None], axis=1)[:, 0]
    fall = above - below
    part = np.where(fall > 0, (above - CRITERION) / np.where(fall > 0, fall, 1.0), 0.0)
    low, high = steps[last], steps[after]
    between = np.where(low > 0, np.where(low > 0, low, 1.0) ** (1 - part) * high**part, part * high)
    found = np.where(last == len(sds), sds[-1], np.maximum(between, sds[0] / 2))
    return np.where(quiet[:, None] >= CRITERION, found, np.nan)


def fit_channel(sensitivity: FloatArray, centres: FloatArray) -> FloatArray:
    """Return (rows, 3) peak in cycles per image, bandwidth in octaves and height of the least-squares Gaussian.

    All peaks and widths of a fine grid are tried, the height is then a matter of arithmetic, and so no start is chosen and
    no fit ends in a side minimum. NaN where a sensitivity is undefined or all are 0.

    Args:
        sensitivity: (rows, bands), at least 0.
        centres: (bands,) rising.
    """
    at = np.log2(centres)
    peaks = np.arange(round((at[-1] - at[0] + 2 * _BEYOND) * _STEPS) + 1) / _STEPS + at[0] - _BEYOND
    widths = np.geomspace(_NARROWEST, _WIDEST * len(centres), _WIDTHS)
    shapes = np.exp(-0.5 * ((at - peaks[:, None, None]) * _FWHM / widths[:, None]) ** 2).reshape(-1, len(centres))
    sizes = np.sqrt((shapes**2).sum(axis=1))
    fitted = np.full((len(sensitivity), 3), np.nan)
    usable = np.flatnonzero(np.isfinite(sensitivity).all(axis=1) & (sensitivity > 0).any(axis=1))
    for begin in range(0, len(usable), _TOGETHER):
        rows = usable[begin : begin + _TOGETHER]
        # What a shape of the best height leaves over is least where the projection onto it is longest.
        projection = sensitivity[rows] @ (shapes / sizes[:, None]).T
        best = projection.argmax(axis=1)
        place, width = np.divmod(best, len(widths))
        height = projection[np.arange(len(rows)), best] / sizes[best]
        fitted[rows] = np.stack([2.0 ** peaks[place], widths[width], height], axis=1)
    return fitted


def _plain(replicates: FloatArray, n: int, bounds: tuple[float, float]) -> Estimate:
    """Make an estimate with the resamples' own quantiles: a fit has no mean that could be moved.

    No interval where too many resamples have no fit: those that have one are the fortunate ones.
    """
    if len(replicates) > 1 and np.isfinite(replicates[1:]).mean() < _SURE:
        replicates = replicates[:1]
    return estimate(replicates, n, bounds=bounds, correct_bias=False)
