"""What the drawings of bear, cat, dog and elephant share: limbs, paws, mirrored outlines, placed heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reconstrue.stimuli.world.drawing import (
    Points,
    Sketch,
    ellipse,
    points,
    ribbon,
    smooth,
)

Point = tuple[float, float]

_STEPS = 5
_DISC = ellipse(0.0, 0.0, 1.0)
_PAW = smooth(
    [(0.75, -0.45), (0.72, -0.02), (-0.2, 0.0), (-1.05, -0.04), (-1.2, -0.38), (-0.75, -0.8), (-0.1, -1.1), (0.5, -1.1)]
)


def mirrored(half: Sequence[Point]) -> Points:
    """Return a closed symmetric outline from its right half, given from the top down."""
    curve = smooth(half, closed=False, steps=8)
    return np.concatenate([curve, (curve * [-1, 1])[::-1]])


def attach(s: Sketch, part: Sketch, at: Point, size: float = 1.0, angle: float = 0.0, wide: float = 1.0) -> None:
    """Add another sketch (a head, an ear) to this one: scaled, widened, turned clockwise and moved."""
    a = np.deg2rad(angle)
    turned = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    moved = part.transformed(size * np.diag([wide, 1.0]) @ turned, np.asarray(at), size)
    before = len(s.parts)
    s.parts.extend(moved.parts)
    s.lines.extend((p, width, index + before) for p, width, index in moved.lines)


def spread(spine: Sequence[Point], widths: ArrayLike) -> tuple[Points, NDArray[np.float64]]:
    """Return a smooth open curve through the spine and its width at each of the curve's points."""
    width = np.asarray(widths, dtype=np.float64)
    curve = smooth(spine, closed=False, steps=_STEPS)
    return curve, np.interp(np.arange(len(curve)) / _STEPS, np.arange(len(width)), width)


def limb(s: Sketch, spine: Sequence[Point], widths: ArrayLike, *, far: bool = False, seam: bool = False) -> None:
    """Paint a tapered band along a smooth curve; `far` shades it as a part on the animal's other side."""
    curve, width = spread(spine, widths)
    outline = ribbon(curve, width)
    s.solid(outline, seam=seam)
    for i in (0, -1):
        s.solid(curve[i] + _DISC * (width[i] / 2))
    if far:
        s.dark(outline)


def paw(s: Sketch, foot: Point, size: float, *, far: bool = False) -> None:
    """Paint a paw seen from the side whose sole is at the foot's height, toes to the left."""
    x, y = foot
    outline = _PAW * size + foot
    s.solid(outline)
    if far:
        s.dark(outline)
    else:
        for dx in (-0.35, -0.8):
            s.line([(x + dx * size, y - 0.4 * size), (x + (dx - 0.05) * size, y)], 0.007)


def between(a: Point, b: Point, t: float, dx: float = 0.0) -> Point:
    """Return the point a share `t` of the way from a to b, moved sideways by `dx`."""
    return a[0] + (b[0] - a[0]) * t + dx, a[1] + (b[1] - a[1]) * t


def foreleg(
    s: Sketch,
    shoulder: Point,
    foot: Point,
    widths: ArrayLike,
    paw_size: float,
    *,
    bend: float = 0.02,
    far: bool = False,
    seam: bool = False,
) -> None:
    """Paint a front leg: shoulder, elbow to the back, forearm, paw; `widths` are 4, from the top."""
    ankle = (foot[0] + 0.2 * paw_size, foot[1] - 0.6 * paw_size)
    spine = [shoulder, between(shoulder, ankle, 0.4, bend), between(shoulder, ankle, 0.8, -0.3 * bend), ankle]
    limb(s, spine, widths, far=far, seam=seam)
    paw(s, foot, paw_size, far=far)


def hindleg(
    s: Sketch,
    hip: Point,
    foot: Point,
    widths: ArrayLike,
    paw_size: float,
    *,
    knee: float = 0.05,
    hock: float = 0.05,
    far: bool = False,
    seam: bool = False,
) -> None:
    """Paint a hind leg: thigh, knee to the front, hock to the back, paw; `widths` are 4, from the top."""
    ankle = (foot[0] + 0.2 * paw_size, foot[1] - 0.6 * paw_size)
    spine = [hip, between(hip, ankle, 0.42, -knee), between(hip, ankle, 0.72, hock), ankle]
    limb(s, spine, widths, far=far, seam=seam)
    paw(s, foot, paw_size, far=far)


def strides(rng: np.random.Generator, length: float) -> tuple[float, float, float, float]:
    """Return how far the near and far front and the near and far hind foot are from below their joint."""
    a = rng.uniform(-1.0, 1.0)
    a = length * np.sign(a) * (0.3 + 0.7 * abs(a))
    near_front, far_front = a, -a * rng.uniform(0.6, 1.0)
    near_hind, far_hind = -a * rng.uniform(0.6, 1.0), a * rng.uniform(0.6, 1.0)
    return near_front, far_front, near_hind, far_hind


def wobble(rng: np.random.Generator, outline: Sequence[Point], amount: float) -> Points:
    """Return a smooth closed outline whose corner points are each moved a little at random."""
    p = points(outline)
    return smooth(p + rng.normal(0.0, amount, p.shape))


def furry(rng: np.random.Generator, outline: Points, depth: float, hairs: int) -> Points:
    """Return a closed outline with a shaggy edge of about `hairs` pointed tufts."""
    p = np.concatenate([outline, outline[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    at = (np.arange(2 * hairs) + rng.uniform(-0.35, 0.35, 2 * hairs)) % (2 * hairs) * along[-1] / (2 * hairs)
    at.sort()
    q = np.stack([np.interp(at, along, p[:, 0]), np.interp(at, along, p[:, 1])], axis=1)
    tangent = np.roll(q, -1, axis=0) - np.roll(q, 1, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    area = np.sum(p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1])
    depth *= rng.uniform(0.3, 1.1)
    q[::2] += np.sign(area) * normal[::2] * depth * rng.uniform(0.1, 1.2, (hairs, 1))
    return q


def eye(s: Sketch, x: float, y: float, r: float) -> None:
    """Paint a dark eye with a small gleam."""
    s.dark(_DISC * r + (x, y))
    s.light(_DISC * (0.35 * r) + (x - 0.3 * r, y - 0.35 * r))
