"""Drawings of a bottle."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from reconstrue.stimuli.world.drawing import (
    Points,
    Sketch,
    arc,
    box,
    ellipse,
    points,
    ribbon,
    smooth,
)


def _side(*knots: tuple[float, float], steps: int = 12) -> Points:
    """Return a right side from the top down: (half width, y) knots joined by soft S-curves."""
    u = np.linspace(0.0, 1.0, steps)
    ease = u * u * (3 - 2 * u)
    spans = [np.stack([r0 + (r1 - r0) * ease, y0 + (y1 - y0) * u], axis=1) for (r0, y0), (r1, y1) in pairwise(knots)]
    return np.concatenate(spans)


def _turned(side: Points, sag: float = 0.0) -> Points:
    """Return the closed outline of a turned body from its right side; the base hangs down by `sag`."""
    half, y = side[-1]
    return np.concatenate([side, arc(0.0, y, half, sag, 0, 180), (side * [-1, 1])[::-1]])


def _band(half: float, y0: float, y1: float, sag: float, *, left: float = -1.0, right: float = 1.0) -> Points:
    """Return a band round the body (a label) between two heights, curved like the base."""
    x = np.linspace(left, right, 16)
    dip = sag * np.sqrt(np.maximum(0.0, 1 - x**2))
    top, bottom = np.stack([x * half, y0 + dip], axis=1), np.stack([x * half, y1 + dip], axis=1)
    return np.concatenate([top, bottom[::-1]])


def _gloss(s: Sketch, half: float, y0: float, y1: float) -> None:
    """Add the long reflection of a window on the left of the body."""
    x = -0.68 * half
    s.light(
        ribbon(
            [(x, y0), (x, y0 + 0.02), (x, y1 - 0.02), (x, y1)],
            [0.3 * half, 0.34 * half, 0.34 * half, 0.2 * half],
        )
    )


def _set_down(s: Sketch, rng: np.random.Generator, lying: float = 0.12) -> Sketch:
    """Return the bottle upright or, now and then, leaning over or lying on its side."""
    if rng.random() > lying:
        return s
    a = np.deg2rad(rng.choice([90.0, 60.0, 35.0]) + rng.normal(0, 6))
    return s.transformed(np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]), np.zeros(2), 1.0)


def wine(rng: np.random.Generator) -> Sketch:
    """A Bordeaux bottle: a long neck with a capsule, round high shoulders, a straight body with a label."""
    s = Sketch()
    body, neck = rng.uniform(0.115, 0.155), rng.uniform(0.042, 0.054)
    shoulder, sag = rng.uniform(0.30, 0.38), rng.uniform(0.0, 0.03)
    lip = neck * 1.15
    side = _side(
        (lip, 0.0),
        (lip, 0.04),
        (neck, 0.042),
        (neck * 1.08, shoulder - 0.08),
        (body, shoulder + 0.06),
        (body, 0.965),
        (body * 0.9, 0.995),
    )
    s.solid(_turned(side, sag))
    s.dark(_band(neck * 1.3, 0.0, rng.uniform(0.16, 0.24), 0.0))
    _gloss(s, body, shoulder + 0.08, 0.95)
    s.light(_band(body, shoulder + rng.uniform(0.14, 0.22), rng.uniform(0.8, 0.9), sag))
    s.dark(_band(body, 0.68, 0.72, sag, left=-0.55, right=0.55))
    return _set_down(s, rng)


def champagne(rng: np.random.Generator) -> Sketch:
    """A Burgundy or champagne bottle: shoulders that slope without a break, foil, perhaps a mushroom cork."""
    s = Sketch()
    body, neck = rng.uniform(0.145, 0.19), rng.uniform(0.042, 0.052)
    slope, sag = rng.uniform(0.52, 0.6), rng.uniform(0.0, 0.03)
    collar = rng.uniform(0.05, 0.07)
    u = np.linspace(0, 1, 24)
    flank = np.stack([neck + (body - neck) * np.sin(u * np.pi / 2) ** 1.7, 0.1 + (slope - 0.1) * u], axis=1)
    side = np.concatenate(
        [
            _side((neck * 1.3, 0.0), (neck * 1.3, collar), (neck, collar + 0.005)),
            flank,
            _side((body, slope), (body, 0.96), (body * 0.88, 0.995)),
        ]
    )
    if rng.random() < 0.6:
        s.solid(_turned(_side((neck * 0.6, -0.055), (neck * 1.1, -0.04), (neck * 1.05, -0.02), (neck * 0.9, 0.01))))
    s.solid(_turned(side, sag), seam=True)
    s.light(_band(neck * 1.5, 0.0, rng.uniform(0.2, 0.27), 0.01))
    _gloss(s, body, slope, 0.94)
    s.light(_band(body, rng.uniform(0.6, 0.66), rng.uniform(0.82, 0.88), sag))
    return _set_down(s, rng)


def _longneck(body: float, neck: float, shoulder: float, sag: float) -> Sketch:
    """Return one beer bottle: crown cap, neck label, body label."""
    s = Sketch()
    side = _side(
        (neck * 1.1, 0.02),
        (neck * 1.1, 0.05),
        (neck * 0.95, 0.06),
        (neck * 1.2, shoulder - 0.12),
        (body, shoulder + 0.07),
        (body, 0.95),
        (body * 0.88, 0.99),
    )
    s.solid(_turned(side, sag))
    cap = neck * 1.28
    teeth = np.linspace(-cap, cap, 9)
    skirt = [(x, 0.036 + 0.012 * (i % 2)) for i, x in enumerate(teeth[::-1])]
    s.solid(np.concatenate([arc(0, 0.014, cap * 0.92, 0.018, 180, 360), points(skirt)]), seam=True)
    s.light(_band(neck * 1.3, shoulder - 0.22, shoulder - 0.12, sag / 2))
    _gloss(s, body, shoulder + 0.08, 0.93)
    s.light(_band(body, shoulder + 0.16, 0.84, sag))
    s.dark(ellipse(0, (shoulder + 1.0) / 2 + sag, body * 0.5, 0.07))
    return s


def beer(rng: np.random.Generator) -> Sketch:
    """A brown long-neck beer bottle with a crown cap; sometimes two of them side by side."""
    sizes = (
        rng.uniform(0.125, 0.155),
        rng.uniform(0.046, 0.056),
        rng.uniform(0.38, 0.48),
        rng.uniform(0.0, 0.03),
    )
    s = _longneck(*sizes)
    if rng.random() < 0.15:
        mate = _longneck(*sizes).transformed(np.eye(2), np.array([sizes[0] * rng.uniform(1.7, 2.3), -0.05]), 1.0)
        return Sketch([*mate.parts, *s.parts], mate.lines)
    return _set_down(s, rng)


def water(rng: np.random.Generator) -> Sketch:
    """A plastic water bottle: screw cap, cone shoulders, ribbed body, a wrap-around label, a footed base."""
    s = Sketch()
    body, neck = rng.uniform(0.135, 0.185), rng.uniform(0.048, 0.062)
    shoulder, waist = rng.uniform(0.26, 0.36), rng.uniform(0.82, 0.97)
    ribs = int(rng.integers(3, 6))
    y = np.linspace(0.66, 0.94, 2 * ribs + 1)
    ribbed = [(body * (1.0 if i % 2 == 0 else 0.945), float(v)) for i, v in enumerate(y)]
    side = _side(
        (neck, 0.06),
        (neck, 0.115),
        (body * 0.55, shoulder * 0.6),
        (body, shoulder),
        (body * waist, shoulder + 0.07),
        (body * waist, 0.6),
        *ribbed,
        (body * 0.84, 0.995),
        steps=8,
    )
    s.solid(_turned(side, rng.uniform(0.0, 0.02)))
    s.solid(box(-neck * 1.45, 0.092, neck * 1.45, 0.112, 0.008), seam=True)
    if rng.random() < 0.35:
        s.solid(
            _turned(_side((neck * 0.45, -0.06), (neck * 0.5, -0.015), (neck * 1.2, 0.02), (neck * 1.25, 0.082))),
            seam=True,
        )
    else:
        s.solid(box(-neck * 1.25, 0.0, neck * 1.25, 0.082, 0.012), seam=True)
        for x in np.linspace(-0.9, 0.9, 6) * neck:
            s.line([(x, 0.018), (x, 0.075)], 0.008)
    s.light(_band(body * waist, shoulder + 0.06, 0.6, 0.012))
    s.dark(_band(body * waist, shoulder + 0.13, shoulder + 0.19, 0.012, left=-0.8, right=0.8))
    for v in y[1::2]:
        s.line(_band(body, float(v), float(v), 0.015)[:16], 0.008)
    return _set_down(s, rng)


def cola(rng: np.random.Generator) -> Sketch:
    """A contour soda bottle: slender neck, swelling chest, narrow waist, full hips, fluted glass."""
    s = Sketch()
    body, neck = rng.uniform(0.14, 0.17), rng.uniform(0.045, 0.055)
    waist, hip = rng.uniform(0.76, 0.88), rng.uniform(0.92, 1.0)
    side = _side(
        (neck * 1.15, 0.0),
        (neck * 1.2, 0.02),
        (neck * 1.15, 0.05),
        (neck, 0.055),
        (neck * 1.12, 0.16),
        (body, 0.46),
        (body * 0.99, 0.55),
        (body * waist, 0.74),
        (body * hip, 0.88),
        (body * 0.84, 0.985),
        (body * 0.8, 1.0),
    )
    s.solid(_turned(side, rng.uniform(0.0, 0.025)))
    if rng.random() < 0.7:
        s.solid(box(-neck * 1.35, -0.02, neck * 1.35, 0.035, 0.012), seam=True)
    s.light(_band(body * 1.02, 0.46, 0.58, 0.015))
    for x in (-0.6, -0.2, 0.2, 0.6):
        for top, bottom in ((0.22, 0.43), (0.62, 0.95)):
            s.line(
                smooth(
                    [(x * body * 0.7, top), (x * body, (top + bottom) / 2), (x * body * 0.85, bottom)],
                    closed=False,
                ),
                0.01,
            )
    return _set_down(s, rng)


def whisky(rng: np.random.Generator) -> Sketch:
    """A flat spirit bottle: square shoulders, short neck, a stopper or screw cap, a large label."""
    s = Sketch()
    body, neck = rng.uniform(0.2, 0.28), rng.uniform(0.055, 0.075)
    shoulder = rng.uniform(0.3, 0.4)
    bulge = rng.uniform(1.0, 1.35)
    side = _side(
        (neck, 0.05),
        (neck * bulge, 0.05 + shoulder * 0.35),
        (neck * 1.05, shoulder - 0.06),
        (body * 0.62, shoulder),
        steps=8,
    )
    corner = arc(body * 0.62, shoulder + body * 0.3, body * 0.38, body * 0.3, -90, 0)
    base = _side((body, shoulder + 0.12), (body * rng.uniform(0.9, 1.0), 0.97), (body * 0.88, 1.0))
    s.solid(_turned(np.concatenate([side, corner, base]), 0.012))
    cap = neck * rng.uniform(1.1, 1.4)
    s.solid(box(-cap, -0.03, cap, rng.uniform(0.06, 0.1), 0.02), seam=True)
    s.light(box(-body * 0.74, shoulder + 0.15, body * 0.74, 0.88, 0.02))
    s.dark(ellipse(0, (shoulder + 1.03) / 2, body * 0.4, 0.09))
    s.light(box(-neck * 0.9, 0.05 + shoulder * 0.3, neck * 0.9, 0.05 + shoulder * 0.5))
    return _set_down(s, rng)


def medicine(rng: np.random.Generator) -> Sketch:
    """A squat medicine or sauce bottle with a wide ribbed cap; seen a little from above."""
    s = Sketch()
    body, cap = rng.uniform(0.22, 0.3), rng.uniform(0.13, 0.17)
    shoulder, sag = rng.uniform(0.3, 0.38), rng.uniform(0.02, 0.06)
    side = np.concatenate(
        [
            _side((cap * 0.88, 0.16), (cap * 0.88, shoulder - 0.09)),
            arc(cap * 0.88, shoulder + 0.06, body - cap * 0.88, 0.14, -90, 0),
            _side((body, shoulder + 0.1), (body, 0.95)),
        ]
    )
    s.solid(_turned(side, sag))
    s.solid(_turned(_side((cap * 0.97, sag / 2), (cap, 0.03 + sag / 2), (cap, 0.2)), sag * 0.6), seam=True)
    s.solid(ellipse(0, sag / 2, cap * 0.97, sag * 0.55 + 0.005), seam=True)
    for x in np.linspace(-0.86, 0.86, 9) * cap:
        s.line([(x, 0.06 + sag), (x, 0.19 + sag / 2)], 0.01)
    s.light(_band(body, shoulder + 0.17, 0.88, sag))
    for y in (0.3, 0.5, 0.65):
        s.line(_band(body, shoulder + 0.17 + y * (0.71 - shoulder), 0.0, sag, left=-0.65, right=0.6)[:16], 0.014)
    return _set_down(s, rng, lying=0.08)


def jug(rng: np.random.Generator) -> Sketch:
    """A flagon: round heavy body, short neck with a cork or cap, a finger handle beside the neck."""
    s = Sketch()
    body, neck = rng.uniform(0.24, 0.31), rng.uniform(0.05, 0.065)
    belly = rng.uniform(0.52, 0.62)
    side = np.concatenate(
        [
            _side((neck * 1.2, 0.08), (neck * 1.2, 0.11), (neck, 0.115), (neck * 1.05, 0.22)),
            smooth(
                [(neck * 1.2, 0.24), (body * 0.66, 0.33), (body * 0.95, belly - 0.1), (body, belly + 0.02)],
                closed=False,
            ),
            _side((body, belly + 0.03), (body * rng.uniform(0.9, 1.0), 0.9), (body * 0.84, 0.985)),
        ]
    )
    grip = [
        (neck * 0.8, 0.15),
        (neck + 0.08, 0.13),
        (neck + 0.145, 0.19),
        (neck + 0.13, 0.29),
        (neck + 0.09, 0.34),
    ]
    s.stroke(smooth(grip, closed=False), rng.uniform(0.035, 0.045))
    s.solid(_turned(side, 0.02), seam=True)
    cork = neck * rng.uniform(0.8, 1.3)
    s.solid(
        points([(-cork * 1.05, 0.0), (cork * 1.05, 0.0), (cork * 0.95, 0.09), (-cork * 0.95, 0.09)]),
        seam=True,
    )
    s.light(box(-body * 0.5, belly + 0.03, body * 0.62, 0.86, 0.03))
    s.line([(-body * 0.35, belly + 0.12), (body * 0.45, belly + 0.12)], 0.014)
    return s


DRAWINGS = (wine, champagne, beer, water, cola, whisky, medicine, jug)
