"""From a category, a texture and a generator to a picture: pose, fit, paint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reconstrue.stimuli.world.drawing import Raster, Sketch, rasterise
from reconstrue.stimuli.world.shapes import drawings
from reconstrue.stimuli.world.textures import texture


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
