"""Drawings of a cat."""

from __future__ import annotations

import numpy as np

from reconstrue.stimuli.world.drawing import Sketch, ellipse, smooth
from reconstrue.stimuli.world.shapes._quadrupeds import (
    attach,
    foreleg,
    furry,
    hindleg,
    limb,
    mirrored,
    strides,
    wobble,
)


def _face(rng: np.random.Generator) -> Sketch:
    """A cat's head from the front, about 1 wide around the origin: pointed ears, slit eyes, whiskers."""
    s = Sketch()
    tip, spread, cheek = rng.uniform(-0.8, -0.64), rng.uniform(0.36, 0.47), rng.uniform(0.47, 0.56)
    for side in (-1, 1):
        s.solid(
            smooth([(side * 0.09, -0.34), (side * (spread - 0.16), tip + 0.15)], closed=False).tolist()
            + smooth(
                [(side * spread, tip), (side * (spread + 0.09), tip + 0.28), (side * 0.49, -0.05)], closed=False
            ).tolist()
            + [(0.0, 0.0)]
        )
        s.dark([(side * 0.2, -0.36), (side * (spread - 0.03), tip + 0.11), (side * 0.43, -0.2)])
    skull = mirrored(
        [(0.0, -0.4), (0.17, -0.38), (0.36, -0.26), (0.47, -0.05), (cheek, 0.14), (0.4, 0.31), (0.2, 0.43), (0.0, 0.46)]
    )
    s.solid(furry(rng, skull, 0.035, 30) if rng.random() < 0.35 else skull)
    s.light(mirrored([(0.0, 0.1), (0.1, 0.12), (0.19, 0.24), (0.12, 0.34), (0.0, 0.37)]))
    slit = rng.uniform(0.02, 0.06)
    for side in (-1, 1):
        s.light(ellipse(side * 0.22, -0.02, 0.115, 0.085, side * -12))
        s.dark(ellipse(side * 0.22, -0.02, slit, 0.08))
        s.line([(side * 0.08, -0.36), (side * 0.07, -0.22)], 0.02)
        for dy in (0.0, 0.06):
            s.line([(side * 0.16, 0.24 + dy), (side * 0.46, 0.2 + 2 * dy)], 0.012)
    s.dark([(-0.065, 0.12), (0.065, 0.12), (0.0, 0.19)])
    s.line(smooth([(-0.11, 0.27), (-0.04, 0.28), (0.0, 0.19), (0.04, 0.28), (0.11, 0.27)], closed=False), 0.018)
    return s


def _profile(rng: np.random.Generator) -> Sketch:
    """A cat's head from the side, about 1 long, nose to the left, both ears pricked."""
    s = Sketch()
    ear = rng.uniform(-0.74, -0.62)
    s.solid([(-0.22, -0.22), (-0.16, ear + 0.08), (-0.1, ear + 0.06), (0.12, -0.3)])
    s.solid(
        smooth(
            [
                (-0.47, 0.1),
                (-0.49, 0.03),
                (-0.38, -0.08),
                (-0.27, -0.25),
                (-0.05, -0.37),
                (0.2, -0.33),
                (0.4, -0.15),
                (0.44, 0.12),
                (0.25, 0.36),
                (-0.05, 0.38),
                (-0.3, 0.33),
                (-0.42, 0.25),
            ]
        )
    )
    s.solid([(-0.06, -0.32), (0.06, ear + 0.12), (0.14, ear), (0.26, -0.5), (0.36, -0.14), (0.15, -0.14)], seam=True)
    s.dark([(0.03, -0.32), (0.13, ear + 0.13), (0.24, -0.24)])
    s.light(ellipse(-0.25, -0.06, 0.075, 0.065))
    s.dark(ellipse(-0.27, -0.06, 0.03, 0.06))
    s.dark([(-0.5, 0.02), (-0.43, 0.03), (-0.46, 0.1)])
    s.line(smooth([(-0.45, 0.12), (-0.36, 0.2), (-0.22, 0.18)], closed=False), 0.02)
    s.line([(-0.3, 0.12), (0.05, 0.1)], 0.012)
    s.line([(-0.3, 0.15), (0.05, 0.2)], 0.012)
    return s


def _stripes(s: Sketch, rng: np.random.Generator, x0: float, x1: float, top: float, length: float) -> None:
    """Paint a tabby's stripes down from the back, or nothing for a plain coat."""
    if rng.random() < 0.5:
        for x in np.linspace(x0, x1, 6):
            s.dark([(x - 0.012, top), (x + 0.016, top), (x + 0.02, top + length)])


def _standing(rng: np.random.Generator, *, frontal: bool) -> Sketch:
    """A cat on its four legs from the side; the head in profile or turned to the viewer."""
    s = Sketch()
    long, ground = rng.uniform(0.66, 0.8), rng.uniform(0.45, 0.53)
    belly = rng.uniform(0.25, 0.33)
    nf, ff, nh, fh = strides(rng, 0.085)
    arm = np.array([0.13, 0.085, 0.058, 0.056]) * rng.uniform(0.95, 1.3)
    thigh = np.array([0.21, 0.14, 0.06, 0.056]) * rng.uniform(0.95, 1.25)
    tail = rng.integers(4)
    root = (long - 0.03, 0.06)
    spines = (
        [root, (long + 0.09, -0.04), (long + 0.1, -0.24), (long + 0.05, -0.4), (long + 0.09, -0.48)],
        [root, (long + 0.1, 0.1), (long + 0.2, 0.26), (long + 0.32, 0.3), (long + 0.4, 0.22)],
        [root, (long + 0.05, 0.14), (long + 0.1, 0.3), (long + 0.18, 0.4), (long + 0.28, 0.38)],
        [root, (long + 0.12, -0.03), (long + 0.26, -0.05), (long + 0.36, -0.14), (long + 0.34, -0.24)],
    )
    limb(s, spines[tail], np.array([0.08, 0.065, 0.058, 0.052, 0.04]) * rng.uniform(0.85, 1.3))
    foreleg(s, (0.12, 0.15), (0.09 + ff, ground), arm, 0.043, far=True)
    hindleg(s, (long - 0.12, 0.14), (long - 0.08 + fh, ground), thigh, 0.043, far=True, knee=0.03, hock=0.035)
    s.solid(
        wobble(
            rng,
            [
                (-0.05, -0.1),
                (0.05, -0.12),
                (0.15, -0.02),
                (0.3, 0.03),
                (long * 0.62, 0.02),
                (long - 0.12, 0.0),
                (long - 0.02, 0.05),
                (long + 0.02, 0.15),
                (long - 0.06, 0.25),
                (long - 0.2, 0.23),
                (long * 0.5, belly),
                (0.2, belly + 0.02),
                (0.07, 0.25),
                (0.0, 0.17),
                (-0.05, 0.05),
            ],
            0.006,
        )
    )
    hindleg(s, (long - 0.1, 0.15), (long - 0.08 + nh, ground), thigh, 0.046, seam=True, knee=0.03, hock=0.035)
    foreleg(s, (0.1, 0.16), (0.08 + nf, ground), arm, 0.046, seam=True)
    s.solid(wobble(rng, [(0.05, 0.02), (0.2, 0.02), (0.22, 0.15), (0.12, 0.23), (0.04, 0.17)], 0.003))
    s.solid(ellipse(long - 0.1, 0.12, 0.11, 0.1))
    _stripes(s, rng, 0.25, long - 0.15, 0.0, 0.14)
    if frontal:
        attach(s, _face(rng), (-0.06, -0.09 + rng.uniform(-0.03, 0.06)), rng.uniform(0.29, 0.34), rng.uniform(-8, 8))
    else:
        attach(s, _profile(rng), (-0.08, -0.1 + rng.uniform(-0.04, 0.1)), rng.uniform(0.27, 0.32), rng.uniform(-18, 10))
    return s


def walking(rng: np.random.Generator) -> Sketch:
    """A walking cat from the side, tail up, level or low."""
    return _standing(rng, frontal=False)


def looking(rng: np.random.Generator) -> Sketch:
    """A standing cat from the side that looks at the viewer."""
    return _standing(rng, frontal=True)


def sitting_side(rng: np.random.Generator) -> Sketch:
    """A sitting cat from the side: straight forelegs, rounded back, tail on the ground."""
    s = Sketch()
    plump, lean = rng.uniform(-0.03, 0.06), rng.uniform(-0.03, 0.04)
    back = 0.58 + plump
    if rng.random() < 0.6:
        limb(
            s,
            [(back - 0.1, 0.95), (back + 0.06, 0.96), (back + 0.2, 0.96), (back + 0.32, rng.uniform(0.86, 0.97))],
            (0.09, 0.075, 0.06, 0.04),
        )
    else:
        limb(
            s,
            [(back - 0.06, 0.93), (back + 0.12, 0.92), (back + 0.16, 0.78), (back + 0.1, 0.62), (back + 0.17, 0.5)],
            (0.08, 0.07, 0.06, 0.055, 0.04),
        )
    foreleg(s, (0.17, 0.5), (0.16, 0.99), (0.16, 0.09, 0.065, 0.06), 0.05, far=True)
    s.solid(
        wobble(
            rng,
            [
                (0.08 + lean, 0.2),
                (0.25 + lean, 0.2),
                (0.35, 0.33),
                (0.45, 0.48),
                (0.53 + plump, 0.65),
                (back, 0.82),
                (back - 0.01, 0.94),
                (back - 0.08, 0.995),
                (0.34, 0.99),
                (0.22, 0.86),
                (0.15, 0.68),
                (0.06, 0.5),
                (0.05 + lean, 0.36),
            ],
            0.006,
        )
    )
    _stripes(s, rng, 0.3, 0.5, 0.42, 0.1)
    s.solid(
        wobble(
            rng, [(0.26, 0.97), (0.25, 0.84), (0.3, 0.7), (0.42, 0.66), (0.52, 0.74), (0.54, 0.9), (0.44, 0.98)], 0.006
        ),
        seam=True,
    )
    s.solid(smooth([(0.16, 0.985), (0.17, 0.93), (0.28, 0.91), (0.42, 0.93), (0.42, 0.985), (0.28, 0.995)]), seam=True)
    foreleg(s, (0.14, 0.48), (0.1, 0.995), (0.15, 0.1, 0.07, 0.065), 0.052, seam=True)
    s.solid(ellipse(0.15, 0.45, 0.085, 0.12))
    attach(
        s,
        _profile(rng) if rng.random() < 0.65 else _face(rng),
        (0.14 + lean, 0.15),
        rng.uniform(0.3, 0.36),
        rng.uniform(-12, 8),
    )
    return s


def sitting_front(rng: np.random.Generator) -> Sketch:
    """A sitting cat from the front, the tail beside it or round its feet."""
    s = Sketch()
    hips, chest = rng.uniform(0.25, 0.34), rng.uniform(0.15, 0.19)
    tail = rng.integers(3)
    if tail == 0:
        limb(
            s,
            [(hips - 0.1, 0.94), (hips + 0.12, 0.95), (hips + 0.22, 0.84), (hips + 0.16, 0.7), (hips + 0.2, 0.6)],
            (0.08, 0.07, 0.065, 0.055, 0.04),
        )
    elif tail == 1:
        limb(
            s,
            [(hips - 0.1, 0.95), (hips + 0.1, 0.97), (hips + 0.28, 0.95), (hips + 0.4, 0.9)],
            (0.09, 0.07, 0.06, 0.04),
        )
    s.solid(
        mirrored(
            [
                (0.0, 0.3),
                (0.1, 0.34),
                (chest, 0.46),
                (chest + 0.02, 0.6),
                (hips - 0.04, 0.74),
                (hips, 0.88),
                (hips - 0.03, 0.97),
                (hips - 0.12, 1.0),
                (0.0, 0.985),
            ]
        )
    )
    for side in (-1, 1):
        s.solid(ellipse(side * (hips - 0.09), 0.965, 0.085, 0.04), seam=True)
        limb(s, [(side * 0.085, 0.55), (side * 0.085, 0.75), (side * 0.075, 0.95)], (0.1, 0.095, 0.085), seam=True)
        s.solid(ellipse(side * 0.078, 0.965, 0.062, 0.042), seam=True)
        for dx in (-0.02, 0.02):
            s.line([(side * 0.078 + dx, 0.96), (side * 0.078 + dx, 1.0)], 0.007)
    s.solid(mirrored([(0.0, 0.4), (0.1, 0.42), (chest - 0.02, 0.5), (0.1, 0.62), (0.0, 0.68)]))
    if tail == 2:
        limb(
            s,
            [(hips - 0.02, 0.93), (hips - 0.05, 0.985), (0.05, 0.99), (-0.12, 0.98)],
            (0.07, 0.07, 0.06, 0.045),
            seam=True,
        )
    attach(s, _face(rng), (rng.uniform(-0.04, 0.04), 0.24), rng.uniform(0.38, 0.46), rng.uniform(-9, 9))
    return s


def portrait(rng: np.random.Generator) -> Sketch:
    """A cat's head and shoulders from the front or in profile, cut off below."""
    s = Sketch()
    bottom = rng.uniform(0.7, 1.0)
    if rng.random() < 0.25:
        s.solid(
            wobble(
                rng,
                [
                    (-0.08, 0.2),
                    (0.12, -0.2),
                    (0.38, -0.05),
                    (0.5, 0.3),
                    (0.68, 0.65),
                    (0.72, bottom),
                    (0.3, bottom + 0.02),
                    (-0.2, bottom),
                    (-0.2, 0.65),
                    (-0.1, 0.42),
                ],
                0.015,
            )
        )
        attach(s, _profile(rng), (0.0, 0.0), rng.uniform(0.95, 1.08), rng.uniform(-10, 8))
        return s
    shoulder, turned = rng.uniform(0.46, 0.68), rng.uniform(-0.1, 0.1)
    chest = [(0.0, 0.0), (0.3, 0.1), (0.36, 0.35), (shoulder - 0.06, 0.58), (shoulder, bottom), (0.0, bottom)]
    s.solid(mirrored(chest) + [turned, 0.0])
    s.line([(turned - 0.12, 0.6), (turned - 0.08, bottom)], 0.012)
    s.line([(turned + 0.14, 0.58), (turned + 0.1, bottom)], 0.012)
    attach(s, _face(rng), (0.0, 0.0), rng.uniform(0.92, 1.1), rng.uniform(-8, 8), rng.uniform(0.92, 1.08))
    return s


def lying(rng: np.random.Generator) -> Sketch:
    """A cat lying on its belly, head up or sinking, forepaws stretched out or tucked in."""
    s = Sketch()
    long, back = rng.uniform(0.7, 0.94), rng.uniform(0.0, 0.09)
    if rng.random() < 0.5:
        limb(
            s,
            [(long - 0.1, 0.37), (long + 0.08, 0.4), (long + 0.22, 0.39), (long + 0.32, 0.33)],
            (0.08, 0.07, 0.06, 0.04),
        )
    s.solid(
        wobble(
            rng,
            [
                (0.02, 0.12),
                (0.14, 0.04),
                (0.3, back + 0.04),
                (long * 0.55, back + 0.02),
                (long * 0.8, back + 0.03),
                (long - 0.04, 0.15),
                (long, 0.28),
                (long - 0.03, 0.39),
                (long * 0.7, 0.42),
                (0.3, 0.42),
                (0.06, 0.41),
                (-0.02, 0.3),
            ],
            0.006,
        )
    )
    _stripes(s, rng, 0.35, long - 0.18, back, 0.13)
    s.solid(
        wobble(
            rng,
            [
                (long * 0.6, 0.4),
                (long * 0.6, 0.28),
                (long * 0.7, 0.18),
                (long * 0.86, 0.17),
                (long - 0.05, 0.28),
                (long - 0.06, 0.4),
            ],
            0.006,
        ),
        seam=True,
    )
    s.solid(
        smooth(
            [(long * 0.5, 0.425), (long * 0.5, 0.375), (long * 0.62, 0.36), (long * 0.8, 0.375), (long * 0.8, 0.425)]
        ),
        seam=True,
    )
    reach = rng.uniform(-0.2, 0.02)
    for dy in (-0.015, 0.01):
        limb(s, [(0.26, 0.34), (0.16, 0.39 + dy), (reach - 2 * dy, 0.395 + dy)], (0.1, 0.075, 0.06), seam=True)
    if rng.random() < 0.6:
        attach(s, _face(rng), (0.06, rng.choice([-0.04, 0.0, 0.1])), rng.uniform(0.32, 0.38), rng.uniform(-10, 10))
    else:
        attach(s, _profile(rng), (0.02, 0.0), rng.uniform(0.3, 0.35), rng.uniform(-12, 8))
    return s


def loaf(rng: np.random.Generator) -> Sketch:
    """A cat crouching towards the viewer: a round body behind the head, both forepaws in front."""
    s = Sketch()
    wide, high, side = rng.uniform(0.4, 0.5), rng.uniform(-0.2, -0.04), rng.uniform(0.06, 0.24)
    if rng.random() < 0.6:
        limb(s, [(side + wide - 0.1, 0.42), (side + wide + 0.08, 0.44), (side + wide + 0.2, 0.36)], (0.1, 0.08, 0.05))
    s.solid(
        wobble(
            rng,
            [
                (side - wide, 0.36),
                (side - wide + 0.02, 0.14),
                (side - 0.25, high + 0.06),
                (side, high),
                (side + 0.25, high + 0.05),
                (side + wide - 0.02, 0.16),
                (side + wide, 0.38),
                (side + wide - 0.1, 0.48),
                (side, 0.49),
                (side - wide + 0.08, 0.47),
            ],
            0.008,
        )
    )
    s.solid(
        wobble(
            rng,
            [
                (side + 0.12, 0.46),
                (side + 0.14, 0.24),
                (side + 0.28, 0.12),
                (side + wide - 0.04, 0.26),
                (side + wide - 0.04, 0.47),
            ],
            0.006,
        ),
        seam=True,
    )
    for x in (-0.13, 0.1):
        limb(s, [(x + 0.02, 0.3), (x, 0.42), (x - 0.02, 0.49)], (0.13, 0.13, 0.12), seam=True)
        for dx in (-0.045, 0.0):
            s.line([(x + dx, 0.49), (x + dx, 0.55)], 0.009)
    attach(s, _face(rng), (-0.02, 0.06 + rng.uniform(-0.12, 0.04)), rng.uniform(0.46, 0.56), rng.uniform(-10, 10))
    return s


def crouching(rng: np.random.Generator) -> Sketch:
    """A stalking cat from the side: low body, shoulder blades up, head low and forward, tail out."""
    s = Sketch()
    long = rng.uniform(0.72, 0.88)
    limb(
        s,
        [(long - 0.05, 0.14), (long + 0.1, 0.18), (long + 0.22, 0.12), (long + 0.3, rng.uniform(-0.1, 0.1))],
        (0.075, 0.06, 0.05, 0.035),
    )
    limb(s, [(0.2, 0.2), (0.06, 0.32), (-0.04, 0.42), (-0.12, 0.43)], (0.14, 0.09, 0.068, 0.06), far=True)
    hindleg(s, (long - 0.12, 0.18), (long + 0.04, 0.45), (0.2, 0.14, 0.07, 0.06), 0.05, far=True, hock=0.07)
    s.solid(
        wobble(
            rng,
            [
                (-0.02, 0.06),
                (0.1, 0.02),
                (0.2, -0.04),
                (0.3, 0.01),
                (0.45, 0.07),
                (long - 0.25, 0.04),
                (long - 0.1, 0.04),
                (long, 0.12),
                (long - 0.02, 0.27),
                (long - 0.2, 0.34),
                (0.5, 0.35),
                (0.25, 0.34),
                (0.08, 0.27),
                (-0.03, 0.17),
            ],
            0.006,
        )
    )
    _stripes(s, rng, 0.3, long - 0.15, 0.02, 0.14)
    limb(
        s,
        [(long - 0.12, 0.17), (long - 0.24, 0.32), (long - 0.07, 0.4), (long - 0.18, 0.455)],
        (0.24, 0.16, 0.07, 0.06),
        seam=True,
    )
    limb(s, [(0.2, 0.14), (0.25, 0.3), (0.2, 0.4), (0.12, 0.455)], (0.17, 0.11, 0.07, 0.062), seam=True)
    if rng.random() < 0.5:
        attach(s, _face(rng), (-0.04, 0.1), rng.uniform(0.29, 0.35), rng.uniform(-8, 8))
    else:
        attach(s, _profile(rng), (-0.06, 0.1), rng.uniform(0.29, 0.34), rng.uniform(-15, 5))
    return s


DRAWINGS = (walking, looking, sitting_side, sitting_front, portrait, lying, loaf, crouching)
