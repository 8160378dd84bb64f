"""What an illusion is: one picture with two readings, where the parts of each lie, and what it is compared with."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.drawing import Raster, Sketch

Kind = Literal["bistable", "hybrid", "occlusion", "pareidolia"]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Illusion:
    """One picture that can be read as category A or as category B.

    Attributes:
        name: unique within a set, e.g. ``bistable-bird-boat-10001``.
        kind: how it was made.
        readings: (A, B).
        wrong: two categories that are not in it, for the control with wrong prompts.
        picture: (side, side, 3) uint8.
        alone: the two controls, made in the same way: A without B, and B without A.
        masks: (side, side) where the parts of A lie, and where those of B; they may overlap.
    """

    name: str
    kind: Kind
    readings: tuple[str, str]
    wrong: tuple[str, str]
    picture: Pixels
    alone: tuple[Pixels, Pixels]
    masks: tuple[Mask, Mask]

    def stimulus(self) -> Stimulus:
        """Return the picture as a stimulus of no category."""
        return _stimulus(self.name, "", self.picture)

    def controls(self) -> tuple[Stimulus, Stimulus]:
        """Return A without B, and B without A, as stimuli of their category."""
        first, second = (
            _stimulus(f"{self.name}-{category}", category, picture)
            for category, picture in zip(self.readings, self.alone, strict=True)
        )
        return first, second


def _stimulus(name: str, category: str, picture: Pixels) -> Stimulus:
    return Stimulus(f"{name}.png", f"{name}.png", category, NO_CONDITION, "", lambda: picture)


@dataclass(frozen=True)
class Colours:
    """The tones of a flat drawing: those of its figure and of its ground, each (3,) in [0, 1]."""

    figure: NDArray[np.float64]
    ground: NDArray[np.float64]


def choose_colours(rng: np.random.Generator) -> Colours:
    """Return two tones far apart, of hues that say nothing of a category."""
    tones = [
        np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.05, 0.4), value))
        for value in (rng.uniform(0.3, 0.45), rng.uniform(0.8, 0.97))
    ]
    figure, ground = tones if rng.random() < 0.7 else tones[::-1]
    return Colours(figure, ground)


def flat_picture(raster: Raster, colours: Colours) -> NDArray[np.float64]:
    """Return a drawing in one tone before another, its details darker and lighter, (side, side, 3) in [0, 1]."""
    shaded = colours.figure * (1 - 0.85 * raster.dark[..., None])
    shaded = shaded + (1 - shaded) * 0.75 * raster.light[..., None]
    shaded = shaded * (1 - 0.75 * raster.contour[..., None])
    alpha = raster.silhouette[..., None]
    return np.asarray(alpha * shaded + (1 - alpha) * colours.ground)


def posed_alike(sketches: Sequence[Sketch], rng: np.random.Generator) -> list[Sketch]:
    """Return sketches in frame units, all moved alike: mirrored or not, slightly turned, scaled and placed at random.

    What is at one place in two of them stays so, and all fit into the frame.
    """
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    a = np.deg2rad(rng.normal(0.0, 3.0))
    matrix = np.array([[mirror * np.cos(a), mirror * np.sin(a)], [-np.sin(a), np.cos(a)]])
    turned = [sketch.transformed(matrix, np.zeros(2), 1.0) for sketch in sketches]
    bounds = np.array([sketch.outline_bounds() for sketch in turned])
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    scale = rng.uniform(0.82, 0.95) / float((high - low).max())
    shift = (1 - (high - low) * scale) * rng.uniform(0.3, 0.7, 2) - low * scale
    return [sketch.transformed(np.eye(2) * scale, shift, scale) for sketch in turned]


def to_pixels(picture: NDArray[np.floating]) -> Pixels:
    """Return a picture in [0, 1] as uint8."""
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def differing(first: NDArray[np.floating], second: NDArray[np.floating]) -> Mask:
    """Return where two drawings differ, with a margin of 1/64 of the side around it, (side, side)."""
    from scipy.ndimage import binary_dilation

    differ = np.abs(first - second).max(axis=2) > 0.1
    return np.asarray(binary_dilation(differ, iterations=max(1, len(differ) // 64)), dtype=bool)
