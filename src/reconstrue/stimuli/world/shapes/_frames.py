"""Simple solids in perspective, shared by the man-made things: blocks, bars and plates seen from an angle.

Space has x to the right, y down and z away from the viewer, so that a thing facing left has its front
at small x.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reconstrue.stimuli.world.drawing import Points, Sketch, box

Space = NDArray[np.float64]
Corner = tuple[float, float, float]

_CAP_ACROSS, _CAP_ALONG = (f(np.linspace(0, np.pi, 9)[1:-1, None]) for f in (np.cos, np.sin))
_ROUND = np.linspace(0, 2 * np.pi, 32, endpoint=False)


def space(values: ArrayLike) -> Space:
    """Return `values` as an (n, 3) array; raises ValueError for any other shape."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(f"points in space must have shape (n, 3), got {array.shape}")
    return array


def lifted(outline: ArrayLike, z: float) -> Space:
    """Return a flat (n, 2) outline placed at depth z, parallel to the picture."""
    flat = np.asarray(outline, dtype=np.float64)
    return np.concatenate([flat, np.full((len(flat), 1), z)], axis=1)


@dataclass(frozen=True)
class View:
    """A camera: `yaw` turns the left end to us, `pitch` looks down (degrees); it aims at height `eye`."""

    yaw: float
    pitch: float = 0.0
    distance: float = 4.0
    eye: float = 0.0

    @cached_property
    def axes(self) -> Space:
        """The matrix from space to the camera's axes (points are rows)."""
        yaw, pitch = np.deg2rad([self.yaw, self.pitch])
        turned = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        tilted = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
        axes: Space = turned @ tilted
        return axes

    def camera(self, values: ArrayLike) -> Space:
        """Return points in the camera's own axes (right, down, away)."""
        seen: Space = (space(values) - (0.0, self.eye, 0.0)) @ self.axes
        return seen

    def flatten(self, seen: Space) -> Points:
        """Return the picture of points given in the camera's axes, with perspective."""
        return seen[:, :2] * (self.distance / (self.distance + seen[:, 2:]))

    def __call__(self, values: ArrayLike) -> Points:
        """Return the picture of points in space."""
        return self.flatten(self.camera(values))


def hull(values: ArrayLike) -> Points:
    """Return the convex hull of points in the picture."""
    ordered = sorted(map(tuple, np.asarray(values).tolist()))
    halves = []
    for run in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for q in run:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2], chain[-1]
                if (bx - ax) * (q[1] - ay) - (by - ay) * (q[0] - ax) > 0:
                    break
                chain.pop()
            chain.append(q)
        halves.extend(chain[:-1])
    return np.array(halves)


def prism(s: Sketch, view: View, base: ArrayLike, sweep: tuple[float, float, float], *, seam: bool = True) -> None:
    """Paint the visible faces of a prism: a flat outline `base` in space swept along a vector."""
    a = space(base)
    loft(s, view, a, a + np.asarray(sweep), seam=seam)


def loft(s: Sketch, view: View, first: ArrayLike, last: ArrayLike, *, seam: bool = True) -> None:
    """Paint the visible faces of the solid between two flat outlines in space with equally many points."""
    a, b = view.camera(first), view.camera(last)
    seen = np.concatenate([a, b])
    picture = view.flatten(seen)
    n = len(a)
    faces = [list(range(n)), list(range(n, 2 * n))]
    faces += [[i, (i + 1) % n, (i + 1) % n + n, i + n] for i in range(n)]
    centre = seen.mean(axis=0)
    visible: list[tuple[float, list[int]]] = []
    for face in faces:
        p, q, r = (seen[face[len(face) * k // 4]] for k in (0, 1, 2))
        (ux, uy, uz), (vx, vy, vz) = (q - p).tolist(), (r - q).tolist()
        normal = np.array([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx])
        middle = seen[face].sum(axis=0) / len(face)
        towards_us = -normal @ middle - normal[2] * view.distance
        if (normal @ (middle - centre)) * towards_us > 0:
            visible.append((float(middle[2]), face))
    for _, face in sorted(visible, key=lambda item: -item[0]):
        s.solid(picture[face], seam=seam)


def block(s: Sketch, view: View, low: Corner, high: Corner, *, seam: bool = True) -> None:
    """Paint a box with two opposite corners."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    prism(s, view, [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)], (0.0, 0.0, z1 - z0), seam=seam)


def pane(corners: ArrayLike, u0: float, v0: float, u1: float, v1: float) -> Space:
    """Return a rectangle within a four-cornered face, u along its first side, v along its last."""
    a, b, c, d = space(corners)
    uv = ((u0, v0), (u1, v0), (u1, v1), (u0, v1))
    return np.array([(1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c) for u, v in uv])


def pillow(s: Sketch, view: View, low: Corner, high: Corner, radius: float) -> None:
    """Paint a box with two opposite corners whose edges along x are rounded, as an upholstered part."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    face = box(z0, y0, z1, y1, radius)
    ends = [view(np.insert(face[:, ::-1], 0, x, axis=1)) for x in (x0, x1)]
    both = np.concatenate(ends)
    s.solid(hull(both), seam=True)
    nearer = ends[0] if view.yaw > 0 else ends[1]
    s.line(np.concatenate([nearer, nearer[:1]]))


def rod(p: Points, width: float | ArrayLike) -> Points:
    """Return the outline of a band with round ends along a curve in the picture."""
    half = np.zeros((len(p), 1))
    half[:, 0] = width
    half /= 2
    along = np.empty_like(p)
    along[1:-1] = p[2:] - p[:-2]
    along[0], along[-1] = p[1] - p[0], p[-1] - p[-2]
    along /= np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-9)
    side = half * along[:, ::-1] * (-1, 1)
    along *= half
    last = p[-1] + side[-1] * _CAP_ACROSS + along[-1] * _CAP_ALONG
    first = p[0] - side[0] * _CAP_ACROSS - along[0] * _CAP_ALONG
    return np.concatenate([p + side, last, (p - side)[::-1], first])


def bar(s: Sketch, view: View, spine: ArrayLike, width: float | ArrayLike, *, seam: bool = False) -> None:
    """Paint a round bar along a curve in space; `width` is one value or one per point."""
    s.solid(rod(view(spine), width), seam=seam)


def circle(centre: Corner, radius: float, *, heading: float = 0.0, flat: bool = False) -> Space:
    """Return a circle in space: upright (turned about the vertical by `heading` degrees) or lying `flat`."""
    u, v = radius * np.cos(_ROUND), radius * np.sin(_ROUND)
    turned = np.deg2rad(heading)
    ways = (u, 0 * v, v) if flat else (u * np.cos(turned), v, u * np.sin(turned))
    around: Space = np.stack(ways, axis=1) + np.asarray(centre)
    return around
