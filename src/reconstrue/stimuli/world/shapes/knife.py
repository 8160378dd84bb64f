"""Drawings of a knife."""

from __future__ import annotations

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
    turn,
)


def _laid(s: Sketch, rng: np.random.Generator) -> Sketch:
    """Return the knife laid down level, slanting or upright, edge up or down."""
    a = np.deg2rad(rng.choice([0.0, 0.0, 40.0, -40.0, 90.0, -90.0]) + rng.normal(0, 12))
    flip = np.diag([1.0, -1.0 if rng.random() < 0.4 else 1.0])
    return s.transformed(flip @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]), np.zeros(2), 1.0)


def _curve(*knots: tuple[float, float]) -> Points:
    """Return an open smooth curve through the knots."""
    return smooth(points(knots), closed=False)


def _grip(s: Sketch, rng: np.random.Generator, x0: float, x1: float, thick: float, top: float) -> None:
    """Add a riveted kitchen handle from x0 to x1 whose upper edge starts at `top`."""
    x = x0 + (x1 - x0) * np.array([0.0, 0.2, 0.45, 0.7, 0.88, 1.0])
    hook = rng.uniform(0.1, 0.55) * thick
    back = top + thick * np.array([0.0, -0.04, 0.0, 0.04, 0.12, 0.3])
    belly = top + thick * np.array([0.86, 0.9, 1.02, 0.95, 1.05, 0.95]) + hook * np.array([0, 0, 0, 0.1, 0.6, 0.9])
    outline = np.concatenate(
        [
            smooth(np.stack([x, back], axis=1), closed=False),
            smooth(np.stack([x, belly], axis=1)[::-1], closed=False),
        ]
    )
    s.solid(outline, seam=True)
    s.dark(outline)
    for u in (0.18, 0.48, 0.78):
        s.light(ellipse(x0 + u * (x1 - x0), top + thick * (0.46 + 0.12 * u), thick * 0.11))


def chef(rng: np.random.Generator) -> Sketch:
    """A cook's knife, or slimmer a carving knife: edge curved up to the point, bolster, riveted handle."""
    s = Sketch()
    length, deep = rng.uniform(0.56, 0.68), rng.uniform(0.075, 0.165)
    thick = rng.uniform(0.062, 0.08)
    drop = rng.uniform(0.0, 0.45) * deep
    spine = _curve((0.0, 0.0), (-0.35 * length, 0.0), (-0.7 * length, drop * 0.25), (-length, drop))
    edge = _curve(
        (-length, drop),
        (-0.86 * length, deep * 0.55 + drop * 0.4),
        (-0.62 * length, deep * 0.88),
        (-0.32 * length, deep),
        (0.0, deep),
    )
    s.solid(np.concatenate([spine, edge]))
    s.line(np.stack([edge[8:, 0], edge[8:, 1] - 0.022], axis=1), 0.008)
    s.solid(points([(-0.012, 0.0), (0.055, -0.004), (0.055, thick * 0.86), (0.02, thick), (0.0, deep)]), seam=True)
    s.light(points([(-0.004, 0.006), (0.05, 0.004), (0.05, thick * 0.8), (0.014, thick * 0.9)]))
    _grip(s, rng, 0.05, 0.05 + rng.uniform(0.33, 0.42), thick, -0.004)
    return _laid(s, rng)


def bread(rng: np.random.Generator) -> Sketch:
    """A bread knife: long narrow blade with a wavy edge and a blunt or sloping tip."""
    s = Sketch()
    length, deep = rng.uniform(0.6, 0.74), rng.uniform(0.08, 0.112)
    teeth = int(rng.integers(10, 17))
    u = np.linspace(0, 1, 8 * teeth)
    scallop = rng.uniform(0.016, 0.024) * (1 - np.abs(np.sin(u * teeth * np.pi)))
    edge = np.stack([-length * 0.93 + u * length * 0.9, deep - 0.02 + scallop + deep * 0.1 * np.sin(u * np.pi)], axis=1)
    tip = _curve(
        (-length * 0.86, 0.0),
        (-length * 0.96, deep * rng.uniform(0.08, 0.3)),
        (-length, deep * 0.6),
        (-length * 0.965, deep * 0.86),
        (-length * 0.93, deep - 0.006),
    )
    s.solid(np.concatenate([points([(0.0, 0.0)]), tip, edge, points([(0.0, deep * 0.9)])]))
    s.line([(-length * 0.9, deep * 0.68), (-0.02, deep * 0.68)], 0.008)
    _grip(s, rng, -0.01, rng.uniform(0.31, 0.38), rng.uniform(0.066, 0.082), 0.0)
    return _laid(s, rng)


def table(rng: np.random.Generator) -> Sketch:
    """A table knife: gently bellied blade with a round tip, slender neck, swelling handle."""
    s = Sketch()
    blade, handle = rng.uniform(0.42, 0.54), rng.uniform(0.36, 0.46)
    deep, neck, end = rng.uniform(0.085, 0.125), rng.uniform(0.03, 0.04), rng.uniform(0.06, 0.085)
    back = _curve(
        (0.05, -neck / 2),
        (0.0, -deep * 0.24),
        (-0.08, -deep * 0.28),
        (-blade * 0.5, -deep * 0.28),
        (-blade * 0.88, -deep * rng.uniform(0.2, 0.3)),
        (-blade, -deep * 0.02),
    )
    edge = _curve(
        (-blade, -deep * 0.02),
        (-blade * 0.97, deep * 0.42),
        (-blade * 0.84, deep * 0.68),
        (-blade * 0.45, deep * 0.62),
        (-0.1, deep * 0.52),
        (-0.02, deep * 0.42),
        (0.03, neck / 2),
    )
    s.solid(np.concatenate([back, edge]))
    x = np.linspace(0.03, handle, 9)
    half = (
        np.array([neck, neck * 1.15, neck * 1.3, end * 0.72, end * 0.82, end * 0.92, end, end * 0.98, end * 0.78]) / 2
    )
    outline = np.concatenate(
        [
            np.stack([x, half], axis=1),
            arc(handle, 0, end * 0.2, half[-1], 90, -90),
            np.stack([x, -half], axis=1)[::-1],
        ]
    )
    s.solid(outline, seam=True)
    if rng.random() < 0.4:
        s.dark(outline)
    else:
        s.line(ribbon([(0.2, 0.0), (0.3, 0.0), (handle - 0.04, 0.0)], [0.01, 0.018, end * 0.5]), 0.008)
    s.line([(-blade * 0.85, deep * 0.34), (-0.1, deep * 0.26)], 0.008)
    return _laid(s, rng)


def cleaver(rng: np.random.Generator) -> Sketch:
    """A butcher's cleaver: a broad rectangular blade, often with a hole in the corner, and a short handle."""
    s = Sketch()
    length, deep = rng.uniform(0.5, 0.62), rng.uniform(0.22, 0.33)
    slope, belly = rng.uniform(-0.02, 0.05), rng.uniform(0.0, 0.04)
    s.solid(
        np.concatenate(
            [
                points([(0.0, 0.0), (-length * 0.97, -slope)]),
                points([(-length, 0.02 - slope), (-length, deep - 0.03)]),
                _curve(
                    (-length * 0.97, deep),
                    (-length * 0.6, deep + belly),
                    (-length * 0.25, deep + belly * 0.7),
                    (-0.02, deep),
                ),
                points([(0.0, deep * 0.96), (0.005, deep * 0.42), (0.03, 0.075)]),
            ]
        )
    )
    s.line(_curve((-length, deep - 0.05), (-length * 0.5, deep - 0.05 + belly), (-0.0, deep - 0.05)), 0.01)
    if rng.random() < 0.75:
        s.hole(ellipse(-length * 0.91, 0.05 - slope, rng.uniform(0.016, 0.024)))
    _grip(s, rng, 0.0, rng.uniform(0.36, 0.46), rng.uniform(0.07, 0.085), 0.0)
    return _laid(s, rng)


def _leaf(length: float, deep: float) -> Points:
    """Return a small blade pointing left from its pivot at the origin, edge down."""
    spine = _curve(
        (0.04, -deep * 0.5),
        (-length * 0.35, -deep * 0.52),
        (-length * 0.75, -deep * 0.42),
        (-length, deep * 0.1),
    )
    edge = _curve(
        (-length, deep * 0.1),
        (-length * 0.85, deep * 0.42),
        (-length * 0.55, deep * 0.58),
        (-length * 0.2, deep * 0.55),
        (0.04, deep * 0.5),
    )
    return np.concatenate([spine, edge])


def pocket(rng: np.random.Generator) -> Sketch:
    """A folding knife, open or half open, with a pivot and a curved handle."""
    s = Sketch()
    length, deep, thick = rng.uniform(0.4, 0.5), rng.uniform(0.085, 0.115), rng.uniform(0.105, 0.135)
    angle = float(rng.choice([0.0, 0.0, 35.0, 70.0])) + rng.uniform(-6, 12)
    s.solid(turn(_leaf(length, deep), angle))
    s.line(turn([(-length * 0.75, -deep * 0.22), (-length * 0.3, -deep * 0.26)], angle), 0.012)
    bend = rng.uniform(0.0, 0.05)
    handle = ribbon(
        _curve((-0.04, 0.0), (0.08, -0.008), (0.22, 0.0), (0.36, bend * 0.5), (0.5, bend)),
        np.concatenate(
            [
                np.linspace(0.75, 1.0, 10),
                np.linspace(1.0, 0.92, 10),
                np.linspace(0.92, 1.05, 10),
                np.linspace(1.05, 0.7, 11),
            ]
        )
        * thick,
    )
    s.solid(ellipse(-0.035, 0.0, thick * 0.4))
    s.solid(ellipse(0.495, bend, thick * 0.36))
    s.solid(handle, seam=True)
    s.dark(ribbon(_curve((0.07, -0.004), (0.22, 0.0), (0.36, bend * 0.5), (0.47, bend)), thick * 0.66))
    s.light(ellipse(0.0, 0.0, thick * 0.16))
    s.light(ellipse(0.44, bend * 0.8, thick * 0.12))
    if rng.random() < 0.4:
        s.ring(0.55, bend, 0.035, 0.012)
    return _laid(s, rng)


def swiss(rng: np.random.Generator) -> Sketch:
    """A Swiss army knife: rounded scales with the cross, two blades, a corkscrew or opener folded out."""
    s = Sketch()
    half, thick = rng.uniform(0.24, 0.28), rng.uniform(0.11, 0.14)
    large, small = rng.uniform(-25, 25), rng.uniform(50, 85)
    blade = _leaf(rng.uniform(0.36, 0.44), rng.uniform(0.06, 0.075))
    s.solid(turn(blade, large) + [-half + 0.03, -0.02])
    nick = turn([(-0.26, -0.014), (-0.14, -0.018)], large) + [-half + 0.03, -0.02]
    s.line(nick, 0.012)
    s.solid(turn(_leaf(0.26, 0.05), small) + [-half + 0.05, -0.02], seam=True)
    if rng.random() < 0.7:
        u = np.linspace(0, 1, 30)
        coil = np.stack([0.03 * np.sin(u * 5 * np.pi) * (u > 0.25), u * 0.26], axis=1)
        s.stroke(turn(coil, rng.uniform(-15, 15)) + [0.04, thick * 0.3], 0.02)
    else:
        opener = points([(-0.03, 0), (-0.028, -0.2), (-0.05, -0.215), (-0.02, -0.26), (0.028, -0.25), (0.03, 0)])
        s.solid(turn(opener, rng.uniform(5, 40)) + [half - 0.06, 0.0])
    scales = box(-half, -thick / 2, half, thick / 2, thick * 0.48)
    s.solid(scales, seam=True)
    s.dark(box(-half + 0.015, -thick / 2 + 0.015, half - 0.015, thick / 2 - 0.015, thick * 0.4))
    s.light(box(-0.115, -0.009, -0.065, 0.009))
    s.light(box(-0.099, -0.025, -0.081, 0.025))
    return _laid(s, rng)


def dagger(rng: np.random.Generator) -> Sketch:
    """A dagger: a straight two-edged blade, a crossguard, a wrapped grip and a pommel."""
    s = Sketch()
    length, wide = rng.uniform(0.56, 0.68), rng.uniform(0.065, 0.11)
    guard, grip = rng.uniform(0.1, 0.17), rng.uniform(0.19, 0.25)
    taper = rng.uniform(0.5, 0.95)
    upper = _curve(
        (0.0, -wide / 2),
        (-length * 0.4, -wide / 2 * (0.5 + taper / 2)),
        (-length * 0.75, -wide / 2 * taper),
        (-length, 0.0),
    )
    s.solid(np.concatenate([upper, (upper * [1, -1])[::-1]]))
    s.dark(points([(-0.01, -wide * 0.09), (-length * 0.7, 0.0), (-0.01, wide * 0.09)]))
    u = np.linspace(0, 1, 25)
    hilt = np.stack([0.02 + grip * u, np.zeros(25)], axis=1)
    s.solid(ribbon(hilt, 0.046 + 0.022 * np.sin(u * np.pi)), seam=True)
    s.dark(ribbon(hilt, 0.034 + 0.022 * np.sin(u * np.pi)))
    for x in np.linspace(0.05, grip, 6):
        s.light(points([(x, -0.03), (x + 0.01, -0.03), (x + 0.022, 0.03), (x + 0.012, 0.03)]))
    curl = rng.uniform(-0.04, 0.05)
    s.stroke(
        _curve((-curl, -guard), (0.0, -guard / 2), (0.012, 0.0), (0.0, guard / 2), (-curl, guard)),
        rng.uniform(0.03, 0.042),
        seam=True,
    )
    s.solid(ellipse(0.03 + grip, 0.0, rng.uniform(0.026, 0.036), rng.uniform(0.036, 0.046)), seam=True)
    return _laid(s, rng)


def hunting(rng: np.random.Generator) -> Sketch:
    """A hunting or bowie knife: clip point, short guard, grip with finger grooves."""
    s = Sketch()
    length, deep = rng.uniform(0.5, 0.62), rng.uniform(0.11, 0.15)
    clip = rng.uniform(0.5, 0.68)
    back = np.concatenate(
        [
            points([(0.0, 0.0), (-length * clip, 0.0)]),
            _curve((-length * clip, 0.0), (-length * (clip + 1) / 2, deep * 0.24), (-length, deep * 0.14)),
        ]
    )
    edge = _curve(
        (-length, deep * 0.14),
        (-length * 0.9, deep * 0.62),
        (-length * 0.72, deep * 0.94),
        (-length * 0.45, deep),
        (-length * 0.15, deep * 0.9),
        (0.0, deep * 0.88),
    )
    s.solid(np.concatenate([back, edge]))
    s.line(_curve((-length * 0.9, deep * 0.42), (-length * 0.5, deep * 0.62), (-0.06, deep * 0.6)), 0.01)
    u = np.linspace(0, 1, 40)
    span, grooves = rng.uniform(0.32, 0.38), rng.uniform(0.004, 0.012)
    top = np.stack([span * u, deep * (0.12 - 0.12 * np.sin(u * np.pi)) + 0.012 * u], axis=1)
    low = np.stack([span * u, deep * 0.82 + grooves * np.cos(u * 6 * np.pi) + deep * 0.16 * u**4], axis=1)
    outline = np.concatenate([top, arc(span, deep * 0.53, 0.03, deep * 0.4, -80, 80), low[::-1]])
    s.solid(outline, seam=True)
    s.dark(outline)
    for v in (0.25, 0.75):
        s.light(ellipse(span * v, deep * 0.44, 0.013))
    s.stroke([(0.0, -0.02), (0.0, deep + rng.uniform(0.02, 0.05))], 0.034, seam=True)
    return _laid(s, rng)


DRAWINGS = (chef, bread, table, cleaver, pocket, swiss, dagger, hunting)
