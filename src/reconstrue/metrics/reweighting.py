"""Evidence of a fixed grid of draws under other weightings of noise time: decisions, bands of t, and learned weights.

The decision is argmin_y Σ_j w(t_j) e_jy with e_jy = ‖x − x̂(t_j, y)‖² (Eq. 2 of Jaini, Clark & Geirhos 2024). All labels
share the draws, so that another w needs no network.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reconstrue.metrics.intervals import FloatArray

Places = npt.NDArray[np.int64]

NO_DECISION = -1
"""The place of an image's decision that no draw speaks to."""

# Of the penalty on learned weights: without one they grow without end where all clean pictures are told apart.
_RIDGE = 1e-3


def decide(error: FloatArray, weight: FloatArray) -> Places:
    """Return (n,) the label with the least weighted error; NO_DECISION where all weights of an image are zero.

    Args:
        error: (n, draws, labels).
        weight: (n, draws), at least 0.
    """
    found = np.einsum("nd,ndk->nk", weight, error).argmin(axis=1)
    return np.where((weight > 0).any(axis=1), found, NO_DECISION).astype(np.int64)


def in_band(t: FloatArray, low: float, high: float) -> FloatArray:
    """Return (n, draws) weights of 1 within low < t ≤ high (t = 0 is in the first band), else 0."""
    return ((t > low) | ((t == 0.0) & (low == 0.0))).astype(np.float64) * (t <= high)


def band_errors(error: FloatArray, t: FloatArray, edges: FloatArray) -> FloatArray:
    """Return (n, bands, labels) the mean error within each band of t, relative to the mean over the labels.

    A band without a draw of an image says nothing of it: zeros.
    """
    relative = error - error.mean(axis=2, keepdims=True)
    bands = []
    for low, high in pairwise(edges):
        inside = in_band(t, float(low), float(high))
        total = np.maximum(inside.sum(axis=1), 1.0)
        bands.append(np.einsum("nd,ndk->nk", inside, relative) / total[:, None])
    return np.stack(bands, axis=1)


def learn_weights(bands: FloatArray, right: Places) -> FloatArray:
    """Return (bands,) nonnegative weights under which the right labels are likeliest.

    They maximise the mean of log softmax_y(−Σ_b w_b e_by) at the right label, a multinomial logistic regression with one
    weight for each band that cannot turn its sign, minus 0.001 Σ_b (w_b s_b)² with s_b the root mean square of the band's
    errors: concave, so that there is one answer. s_b because errors grow with t by orders of magnitude.

    Args:
        bands: (n, bands, labels), as `band_errors` gives them.
        right: (n,) place of the right label.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    rows = np.arange(len(right))
    spread = np.sqrt((bands**2).mean(axis=(0, 2)))
    spread = np.where(spread > 0, spread, 1.0)
    scaled = bands / spread[:, None]

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        log_p = log_softmax(-np.einsum("b,nbk->nk", weights, scaled), axis=1)
        expected = np.einsum("nk,nbk->nb", np.exp(log_p), scaled)
        gradient = (scaled[rows, :, right] - expected).mean(axis=0) + 2 * _RIDGE * weights
        return float(-log_p[rows, right].mean() + _RIDGE * (weights**2).sum()), gradient

    count = len(spread)
    found = minimize(loss, np.full(count, 1.0 / count), jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * count)
    return np.asarray(found.x / spread, dtype=np.float64)


def decide_by_bands(bands: FloatArray, weights: FloatArray) -> Places:
    """Return (n,) the decisions under weights of bands; NO_DECISION where all weights are zero."""
    if not (weights > 0).any():
        return np.full(len(bands), NO_DECISION, dtype=np.int64)
    return np.einsum("b,nbk->nk", weights, bands).argmin(axis=1).astype(np.int64)
