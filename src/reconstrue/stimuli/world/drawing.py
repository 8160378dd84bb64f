"""The pen of the pocket world: a `Sketch` is a list of painted parts, and `rasterise` turns it into masks.

A drawing is made of *solid* parts (their union is the silhouette), *holes* (the background shows through), *dark* and
*light* areas (details inside the silhouette) and *lines* (inner contours). Parts are painted in order, so a later solid
covers the details under it. Coordinates have x to the right and y **down**, in any unit: the renderer fits the drawing
into the frame. By convention a drawing is about 1 wide or high and animals and vehicles face left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageChops, ImageDraw

Points = NDArray[np.float64]
Role = Literal["solid", "hole", "dark", "light"]

_ARC_STEPS = 48


def points(values: ArrayLike) -> Points:
    """Return `values` as an (n, 2) array of points; raises ValueError for any other shape."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"points must have shape (n, 2), got {array.shape}")
    return array


def smooth(values: ArrayLike, *, closed: bool = True, steps: int = 10) -> Points:
    """Return a uniform Catmull-Rom curve through the points, `steps` samples per span."""
    p = points(values)
    return _catmull_rom(len(p), closed, steps) @ p


@lru_cache(maxsize=512)
def _catmull_rom(count: int, closed: bool, steps: int) -> NDArray[np.float64]:
    """Return the (samples, count) matrix that turns control points into the curve: it does not depend on them."""
    p = np.eye(count)
    if closed:
        p0, p1, p2, p3 = np.roll(p, 1, axis=0), p, np.roll(p, -1, axis=0), np.roll(p, -2, axis=0)
    else:
        q = np.concatenate([p[:1], p, p[-1:]])
        p0, p1, p2, p3 = q[:-3], q[1:-2], q[2:-1], q[3:]
    u = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (a[:, None, :] for a in (p0, p1, p2, p3))
    curve = 0.5 * (2 * p1 + (p2 - p0) * u + (2 * p0 - 5 * p1 + 4 * p2 - p3) * u**2 + (3 * p1 - p0 - 3 * p2 + p3) * u**3)
    curve = curve.reshape(-1, count)
    return curve if closed else np.concatenate([curve, p[-1:]])


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None, angle: float = 0.0) -> Points:
    """Return the outline of an ellipse with radii rx, ry turned by `angle` degrees (clockwise on the screen)."""
    ry = rx if ry is None else ry
    a = np.linspace(0, 2 * np.pi, _ARC_STEPS, endpoint=False)
    return turn(np.stack([cx + rx * np.cos(a), cy + ry * np.sin(a)], axis=1), angle, (cx, cy))


def arc(cx: float, cy: float, rx: float, ry: float, start: float, stop: float) -> Points:
    """Return an open arc from `start` to `stop` degrees (0 = right, 90 = down)."""
    a = np.deg2rad(np.linspace(start, stop, _ARC_STEPS))
    return np.stack([cx + rx * np.cos(a), cy + ry * np.sin(a)], axis=1)


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Points:
    """Return the outline of a rectangle, with corners rounded by `radius`."""
    if radius <= 0:
        return points([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    r = min(radius, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    return np.concatenate([arc(cx, cy, r, r, a, a + 90)[::6] for cx, cy, a in corners])


def turn(values: ArrayLike, angle: float, about: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Return the points turned by `angle` degrees (clockwise on the screen) about a point."""
    a = np.deg2rad(angle)
    rotation = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return (points(values) - np.asarray(about)) @ rotation + np.asarray(about)


def ribbon(spine: ArrayLike, widths: float | ArrayLike) -> Points:
    """Return the outline of a band along an open `spine`; `widths` is one full width or one per spine point."""
    p = points(spine)
    w = np.broadcast_to(np.asarray(widths, dtype=np.float64), (len(p),))[:, None] / 2
    tangent = np.gradient(p, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    return np.concatenate([p + normal * w, (p - normal * w)[::-1]])


@dataclass
class Sketch:
    """A drawing in the making: parts painted in order, in the drawing's own coordinates (y down)."""

    parts: list[tuple[Role, Points, bool]] = field(default_factory=list)
    lines: list[tuple[Points, float, int]] = field(default_factory=list)

    def solid(self, outline: ArrayLike, *, seam: bool = False) -> None:
        """Paint a part of the body; `seam=True` draws its contour where it lies over other parts (an ear, a door)."""
        self.parts.append(("solid", points(outline), seam))

    def hole(self, outline: ArrayLike) -> None:
        """Cut an opening through all that was painted so far."""
        self.parts.append(("hole", points(outline), False))

    def dark(self, outline: ArrayLike) -> None:
        """Darken an area inside the silhouette (a window, an eye, a tyre)."""
        self.parts.append(("dark", points(outline), False))

    def light(self, outline: ArrayLike) -> None:
        """Lighten an area inside the silhouette (a headlight, a dial)."""
        self.parts.append(("light", points(outline), False))

    def stroke(
        self, spine: ArrayLike, width: float | ArrayLike, *, round_ends: bool = True, seam: bool = False
    ) -> None:
        """Paint a solid band along an open curve: a leg, a tail, a tube; `width` is one value or one per point."""
        p = points(spine)
        self.solid(ribbon(p, width), seam=seam)
        if round_ends:
            w = np.broadcast_to(np.asarray(width, dtype=np.float64), (len(p),))
            for i in (0, -1):
                self.solid(ellipse(p[i, 0], p[i, 1], w[i] / 2), seam=False)

    def ring(self, cx: float, cy: float, radius: float, width: float, ry: float | None = None) -> None:
        """Paint a solid ring whose outer radius is `radius` (and `ry` vertically), e.g. a bicycle's tyre."""
        outer = ellipse(cx, cy, radius, ry)
        inner = ellipse(cx, cy, radius - width, None if ry is None else ry - width)
        outer = np.concatenate([outer, outer[:1]])
        inner = np.concatenate([inner, inner[:1]])
        self.solid(np.concatenate([outer, inner[::-1]]))

    def line(self, spine: ArrayLike, width: float = 0.012) -> None:
        """Draw a thin dark inner line (clipped to the silhouette), e.g. a mouth, a panel's seam, a clock's hand."""
        self.lines.append((points(spine), width, len(self.parts)))

    def outline_bounds(self) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of all solid parts; raises ValueError for an empty sketch."""
        solids = [p for role, p, _ in self.parts if role == "solid"]
        if not solids:
            raise ValueError("a sketch needs at least one solid part")
        all_points = np.concatenate(solids)
        (x0, y0), (x1, y1) = all_points.min(axis=0), all_points.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def transformed(self, matrix: NDArray[np.float64], shift: NDArray[np.float64], line_scale: float) -> Sketch:
        """Return the sketch with every point p replaced by p @ matrix + shift."""
        return Sketch(
            [(role, p @ matrix + shift, seam) for role, p, seam in self.parts],
            [(p @ matrix + shift, width * line_scale, at) for p, width, at in self.lines],
        )


@dataclass(frozen=True)
class Raster:
    """A sketch as masks of shape (size, size), all in [0, 1]: silhouette, dark and light details, contours."""

    silhouette: NDArray[np.float32]
    dark: NDArray[np.float32]
    light: NDArray[np.float32]
    contour: NDArray[np.float32]


def rasterise(sketch: Sketch, size: int, supersample: int = 4) -> Raster:
    """Return the masks of a sketch whose coordinates are in frame units ([0, 1] across the picture)."""
    n = size * supersample
    silhouette, dark, light, contour = (Image.new("L", (n, n), 0) for _ in range(4))
    pens = {
        k: ImageDraw.Draw(v) for k, v in {"solid": silhouette, "dark": dark, "light": light, "line": contour}.items()
    }
    seam_width = max(2, round(0.014 * n))

    def polygon(p: Points) -> list[float]:
        return (p * n).ravel().tolist()

    def draw_lines(at: int) -> None:
        for p, width, position in sketch.lines:
            if position == at:
                pens["line"].line(polygon(p), fill=255, width=max(1, round(width * n)), joint="curve")

    for index, (role, p, seam) in enumerate(sketch.parts):
        draw_lines(index)
        q = polygon(p)
        if role == "solid":
            pens["solid"].polygon(q, fill=255)
            for name in ("dark", "light", "line"):
                pens[name].polygon(q, fill=0)
            if seam:
                pens["line"].line(q + q[:2], fill=255, width=seam_width, joint="curve")
        elif role == "hole":
            for pen in pens.values():
                pen.polygon(q, fill=0)
        else:
            other = "light" if role == "dark" else "dark"
            pens[role].polygon(q, fill=255)
            pens[other].polygon(q, fill=0)
    draw_lines(len(sketch.parts))

    # The outer contour: what a small erosion takes away from the silhouette.
    rim = ImageChops.subtract(silhouette, _eroded(silhouette, seam_width // 2))
    contour = ImageChops.lighter(ImageChops.multiply(contour, silhouette), rim)

    def shrink(image: Image.Image) -> NDArray[np.float32]:
        inside = ImageChops.multiply(image, silhouette)
        return np.asarray(inside.resize((size, size), Image.Resampling.BOX), dtype=np.float32) / np.float32(255)

    return Raster(shrink(silhouette), shrink(dark), shrink(light), shrink(contour))


def _eroded(mask: Image.Image, radius: int) -> Image.Image:
    """Return the mask with a square of side 2·radius + 1 taken off all around; outside the frame counts as inside."""
    pixels = np.asarray(mask)
    for axis in (0, 1):
        pad = [(radius, radius) if a == axis else (0, 0) for a in (0, 1)]
        pixels = sliding_window_view(np.pad(pixels, pad, constant_values=255), 2 * radius + 1, axis=axis).min(axis=-1)
    return Image.fromarray(pixels)
