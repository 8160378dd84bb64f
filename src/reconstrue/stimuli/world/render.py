"""From a category, a texture and a generator to a picture: pose, fit, paint."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from reconstrue.stimuli.world.drawing import Raster, Sketch, rasterise
from reconstrue.stimuli.world.shapes import drawings
from reconstrue.stimuli.world.textures import Surface, texture


def pose(sketch: Sketch, rng: np.random.Generator) -> Sketch:
    """Return the sketch in frame units: mirrored or not, slightly turned and stretched, scaled and placed at random."""
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    angle = np.deg2rad(rng.normal(0.0, 4.0))
    stretch = np.exp(rng.normal(0.0, 0.06))
    matrix = np.array([[mirror * stretch, 0.0], [0.0, 1.0 / stretch]]) @ np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    )
    turned = sketch.transformed(matrix, np.zeros(2), 1.0)
    x0, y0, x1, y1 = turned.outline_bounds()
    extent = max(x1 - x0, y1 - y0)
    scale = rng.uniform(0.74, 0.95) / extent
    width, height = (x1 - x0) * scale, (y1 - y0) * scale
    left = (1 - width) * rng.uniform(0.2, 0.8)
    top = (1 - height) * rng.uniform(0.2, 0.8)
    shift = np.array([left - x0 * scale, top - y0 * scale])
    return turned.transformed(np.eye(2) * scale, shift, scale)


def draw(category: str, rng: np.random.Generator, size: int) -> Raster:
    """Return the masks of one drawing of a category, chosen, varied and posed by the generator."""
    choices = drawings(category)
    drawing = choices[int(rng.integers(len(choices)))]
    return rasterise(pose(drawing(rng), rng), size)


def silhouette_picture(raster: Raster) -> NDArray[np.float32]:
    """Return the filled silhouette, black on white, (H, W, 3) in [0, 1]."""
    return np.repeat(1 - raster.silhouette[..., None], 3, axis=2)


def edge_picture(raster: Raster) -> NDArray[np.float32]:
    """Return the contours and the borders of the details, black on white, (H, W, 3) in [0, 1]."""
    details = raster.dark - raster.light
    gy, gx = np.gradient(details)
    lines = np.maximum(raster.contour, np.clip(2 * np.hypot(gx, gy), 0, 1))
    return np.repeat(1 - lines[..., None], 3, axis=2).astype(np.float32)


def sketch_picture(raster: Raster, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a pencil drawing on white paper, (H, W, 3) in [0, 1].

    The lines are those of the edge picture, drawn twice by an unsteady hand with uneven pressure; what is dark is
    hatched, and so is the side of the object that lies in the shade.
    """
    size = raster.silhouette.shape[0]
    paper = Surface(rng, size, angle=0.0, scales=(1.0, 1.0))
    lines = 1 - edge_picture(raster)[..., 0].astype(np.float64)
    ink = np.maximum(_wobbled(lines, paper), 0.7 * _wobbled(lines, paper))
    light = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    shade = np.clip(0.3 + 1.1 * (x * np.cos(light) + y * np.sin(light)), 0, 0.8) * raster.silhouette
    tone = np.clip(shade + 0.9 * raster.dark - 0.5 * raster.light, 0, 1)
    angle = rng.uniform(20, 70)
    for turn, begins in ((angle, 0.12), (angle + 90, 0.55)):
        ink = np.maximum(ink, 0.75 * _hatching(rng, size, turn) * np.clip((tone - begins) / 0.3, 0, 1))
    pressure = np.clip(0.85 + 0.18 * paper.noise(9, 9) + 0.1 * paper.noise(1.1, 1.1), 0.3, 1)
    return np.repeat((1 - 0.88 * np.clip(ink * pressure, 0, 1))[..., None], 3, axis=2).astype(np.float32)


def _wobbled(picture: NDArray[np.floating], paper: Surface) -> NDArray[np.float64]:
    """Return the picture with its lines displaced by about one hundredth of the width, smoothly."""
    size = picture.shape[0]
    y, x = np.mgrid[0:size, 0:size].astype(np.float64)
    shift = 0.009 * size
    return np.asarray(
        map_coordinates(
            picture, [y + shift * paper.noise(11, 11), x + shift * paper.noise(11, 11)], order=1, mode="nearest"
        )
    )


def _hatching(rng: np.random.Generator, size: int, angle: float) -> NDArray[np.float64]:
    """Return parallel strokes of uneven spacing, (size, size) in [0, 1]."""
    plane = Surface(rng, size, angle=angle, scales=(1.0, 1.0))
    across = plane.u / 3.6 + 0.12 * plane.noise(9, 26)
    return np.asarray(np.clip(1.25 * np.cos(2 * np.pi * across) - 0.1, 0, 1), dtype=np.float64)


def stylised_picture(raster: Raster, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the object and its ground repainted in one style that belongs to no category, (H, W, 3) in [0, 1].

    Style is drawn afresh for each picture, without regard to the category: colours and one of five kinds of marks, which
    cover the whole picture. The shape is kept by tone (the object stands out from its ground) and by marks that
    follow the tone; nothing is left of any category's own texture.
    """
    size = raster.silhouette.shape[0]
    colours = _palette(rng)
    marks = _MARKS[int(rng.integers(len(_MARKS)))](rng, size)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    light = rng.uniform(0, 2 * np.pi)
    slope = 0.22 * (x * np.cos(light) + y * np.sin(light))
    figure = 0.5 * raster.light - 0.6 * raster.dark - 0.75 * raster.contour
    sign = -1.0 if rng.random() < 0.5 else 1.0
    tone = sign * (0.62 * (raster.silhouette - 0.5) + slope) + raster.silhouette * 0.3 * figure
    place = np.clip(0.5 + tone + 0.17 * marks, 0, 1) * (len(colours) - 1)
    low = np.minimum(place.astype(np.intp), len(colours) - 2)
    share = (place - low)[..., None]
    return np.clip((1 - share) * colours[low] + share * colours[low + 1], 0, 1).astype(np.float32)


def _palette(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return five colours from dark to light, (5, 3), of hues that wander from a random one."""
    hue = rng.random() + np.cumsum(rng.normal(0, 0.16, 5))
    value = np.sort(rng.uniform([0.08, 0.25, 0.42, 0.62, 0.82], [0.2, 0.42, 0.62, 0.82, 0.99]))
    saturation = rng.uniform(0.15, 0.75, 5)
    return np.array(
        [colorsys.hsv_to_rgb(h % 1, s, v) for h, s, v in zip(hue, saturation, value, strict=True)], dtype=np.float64
    )


def _strokes(rng: np.random.Generator, size: int) -> NDArray[np.floating]:
    plane = Surface(rng, size, angle=float(rng.uniform(0, 180)))
    u, v = plane.u + 3 * plane.noise(18, 18), plane.v + 3 * plane.noise(18, 18)
    return plane.noise(9, 1.7, u=u, v=v)


def _swirls(rng: np.random.Generator, size: int) -> NDArray[np.floating]:
    plane = Surface(rng, size, angle=float(rng.uniform(0, 180)))
    return np.asarray(1.3 * np.sin(2 * np.pi * (plane.v / 5.5 + 0.8 * plane.noise(15, 15))))


def _mosaic(rng: np.random.Generator, size: int) -> NDArray[np.floating]:
    plane = Surface(rng, size, angle=float(rng.uniform(0, 180)))
    cells = plane.cells(plane.u / 6, plane.v / 6, 0.9)
    return np.asarray(3.2 * (cells.number - 0.5) - 1.5 * (cells.second - cells.near < 0.1))


def _dabs(rng: np.random.Generator, size: int) -> NDArray[np.floating]:
    plane = Surface(rng, size, angle=float(rng.uniform(0, 180)))
    cells = plane.cells(plane.u / 3.6, plane.v / 3.6, 0.7)
    return np.asarray(np.where(cells.near < 0.42, 3 * (cells.number - 0.35), -0.6))


def _grain(rng: np.random.Generator, size: int) -> NDArray[np.floating]:
    plane = Surface(rng, size, angle=float(rng.uniform(0, 180)))
    return np.asarray(np.sign(plane.noise(3, 3)) * 0.9 + 0.6 * plane.noise(1.3, 1.3))


_MARKS = (_strokes, _swirls, _mosaic, _dabs, _grain)


def paint(raster: Raster, texture_category: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the object in a texture before a plain, softly lit ground, (H, W, 3) in [0, 1].

    The ground's tone and tint vary but keep away from the texture's mean colour, so that the shape can be seen.
    """
    size = raster.silhouette.shape[0]
    surface = texture(texture_category, rng, size)
    shaded = surface * (1 - 0.5 * raster.dark[..., None]) + (1 - surface) * 0.5 * raster.light[..., None]
    shaded = shaded * (1 - 0.65 * raster.contour[..., None])
    ground = _ground(surface.mean(axis=(0, 1)), rng, size)
    alpha = raster.silhouette[..., None]
    return np.clip(alpha * shaded + (1 - alpha) * ground, 0, 1).astype(np.float32)


def _ground(avoid: NDArray[np.floating], rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Return a plain ground with a slow gradient, (size, size, 3), away from the colour `avoid`."""
    mean = float(avoid.mean())
    darker, lighter = max(0.0, mean - 0.34 - 0.1), max(0.0, 0.97 - mean - 0.3)
    u = rng.random() * (darker + lighter)
    tone = 0.1 + u if u < darker else 0.97 - (u - darker)
    tint = rng.normal(0.0, 0.035, 3)
    direction = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    slope = rng.uniform(0.0, 0.16) * (x * np.cos(direction) + y * np.sin(direction))
    return tone + tint + slope[..., None]
