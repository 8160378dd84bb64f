"""Drawings of a bottle."""

from __future__ import annotations

import numpy as np

from reconstrue.stimuli.world.drawing import Points, Sketch, box, points, smooth


def _profile(half: list[tuple[float, float]], steps: int = 8) -> Points:
    """Return a closed outline from its right half, given as (half width, y) from the top down."""
    curve = smooth(half, closed=False, steps=steps)
    return np.concatenate([curve, (curve * [-1, 1])[::-1]])


def wine(rng: np.random.Generator) -> Sketch:
    """A wine bottle: long neck, round shoulders, straight body, a label."""
    s = Sketch()
    body, neck = rng.uniform(0.13, 0.19), rng.uniform(0.04, 0.06)
    shoulder = rng.uniform(0.30, 0.44)
    s.solid(_profile([(neck, 0.0), (neck, 0.12), (neck, shoulder - 0.1), (body * 0.8, shoulder), (body, shoulder + 0.09),
                      (body, 0.7), (body, 0.96), (body * 0.94, 1.0)]))
    s.solid(box(-neck * 1.25, 0.0, neck * 1.25, 0.04, 0.01), seam=True)
    s.light(box(-body * 0.9, shoulder + 0.2, body * 0.9, rng.uniform(0.82, 0.9)))
    return s


def jug(rng: np.random.Generator) -> Sketch:
    """A squat round flask with a short neck and a stopper."""
    s = Sketch()
    body, neck = rng.uniform(0.24, 0.32), rng.uniform(0.05, 0.08)
    s.solid(_profile([(neck, 0.06), (neck, 0.3), (body * 0.55, 0.42), (body, 0.66), (body * 0.92, 0.9), (body * 0.6, 1.0)]))
    s.solid(points([(-neck * 1.3, 0.0), (neck * 1.3, 0.0), (neck, 0.1), (-neck, 0.1)]), seam=True)
    return s


DRAWINGS = (wine, jug)
