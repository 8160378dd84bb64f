"""Solid bodies seen by a camera: how the drawings of vehicles turn lofts in space into painted parts.

Space has x from the nose (negative) to the tail, h up, and z towards the viewer of a plain side view.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reconstrue.stimuli.world.drawing import Points, Sketch

Space = NDArray[np.float64]

_ANGLES = np.linspace(0, 2 * np.pi, 72, endpoint=False)
_FAN = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])


def space(values: ArrayLike) -> Space:
    """Return `values` as an (n, 3) array of points (x, h, z)."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 3)


def hulls(values: Points) -> Points:
    """Return the convex hulls of several sets of points in the plane, shaped (sets, points, 2).

    Each hull is made of the points farthest out in a fan of directions, so some of its points repeat.
    """
    farthest = (values @ _FAN).argmax(axis=1)
    return np.take_along_axis(values, farthest[..., None], axis=1)


def circle(x: float, h: float, z: float, radius: float, *, axis: Literal["x", "z"] = "x", n: int = 20) -> Space:
    """Return a circle about (x, h, z) whose axis points along x (a fuselage) or z (a wheel)."""
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    up, side, zero = radius * np.sin(a), radius * np.cos(a), np.zeros(n)
    offset = (zero, up, side) if axis == "x" else (side, up, zero)
    around: Space = np.stack(offset, axis=1) + np.array([x, h, z])
    return around


def block(x: tuple[float, float], h: tuple[float, float], z: tuple[float, float]) -> Space:
    """Return the eight corners of an upright box."""
    return space([(a, b, c) for a in x for b in h for c in z])


@dataclass(frozen=True)
class Camera:
    """A camera about the origin: `yaw` turns the nose to the viewer, `elevation` lifts the camera."""

    yaw: float = 0.0
    elevation: float = 0.0
    roll: float = 0.0
    distance: float = 6.0

    @cached_property
    def _axes(self) -> NDArray[np.float64]:
        """The columns that take (x, h, z) to (across, down, nearness)."""
        yaw, elevation = np.deg2rad([self.yaw, self.elevation])
        across = np.array([np.cos(yaw), 0.0, np.sin(yaw)])
        nearer = np.array([-np.sin(yaw), 0.0, np.cos(yaw)])
        up = np.array([0.0, 1.0, 0.0])
        down = nearer * np.sin(elevation) - up * np.cos(elevation)
        depth = nearer * np.cos(elevation) + up * np.sin(elevation)
        return np.stack([across, down, depth], axis=1)

    @cached_property
    def _rolled(self) -> NDArray[np.float64]:
        roll = np.deg2rad(self.roll)
        return np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])

    @property
    def near_side(self) -> int:
        """The sign of z on the side of a body that is nearer to the camera."""
        return 1 if self._axes[2, 2] >= 0 else -1

    def project(self, values: ArrayLike) -> Points:
        """Return where the points are seen (x right, y down); any leading axes are kept."""
        turned = np.asarray(values, dtype=np.float64) @ self._axes
        near = self.distance / (self.distance - turned[..., 2:])
        seen: Points = (turned[..., :2] * near) @ self._rolled
        return seen

    def depth(self, values: ArrayLike) -> float:
        """Return the mean nearness of the points (larger is nearer)."""
        return float(space(values).mean(axis=0) @ self._axes[:, 2])

    def faces(self, values: ArrayLike, normal: tuple[float, float, float]) -> bool:
        """Whether a patch with this outward normal is seen from its front."""
        to_camera = np.array([0.0, 0.0, self.distance]) - space(values).mean(axis=0) @ self._axes
        outward = np.array(normal) @ self._axes
        return bool(outward @ to_camera > 0.06 * math.hypot(*to_camera) * math.hypot(*outward))


@dataclass
class Scene:
    """A sketch painted through a camera."""

    sketch: Sketch
    camera: Camera

    def lump(self, *rings: Space, seam: bool = False) -> None:
        """Paint the convex hull of some points."""
        self.sketch.solid(hulls(self.camera.project(np.concatenate(rings))[None])[0], seam=seam)

    def shade(self, *rings: Space) -> None:
        """Darken the convex hull of some points."""
        self.sketch.dark(hulls(self.camera.project(np.concatenate(rings))[None])[0])

    def loft(self, rings: Sequence[Space], *, seam: bool = False) -> None:
        """Paint a body through consecutive rings; `seam=True` leaves its contour on what lies behind."""
        seen = self.camera.project(np.stack(rings))
        outlines = hulls(np.concatenate([seen[:-1], seen[1:]], axis=1))
        for with_seam in (True, False) if seam else (False,):
            for outline in outlines:
                self.sketch.solid(outline, seam=with_seam)

    def patch(
        self,
        role: Literal["solid", "dark", "light"],
        values: ArrayLike,
        normal: tuple[float, float, float] | None = None,
    ) -> None:
        """Paint a flat patch; with a `normal`, only where it faces the camera."""
        if normal is None or self.camera.faces(values, normal):
            getattr(self.sketch, role)(self.camera.project(values))

    def line(self, values: ArrayLike, width: float = 0.012, normal: tuple[float, float, float] | None = None) -> None:
        """Draw an inner line; with a `normal`, only where its surface faces the camera."""
        if normal is None or self.camera.faces(values, normal):
            self.sketch.line(self.camera.project(values), width)

    def rod(self, values: ArrayLike, width: float | ArrayLike) -> None:
        """Paint a solid band along a line in space: a mast, a strut, an aerial."""
        self.sketch.stroke(self.camera.project(values), width, round_ends=False)
