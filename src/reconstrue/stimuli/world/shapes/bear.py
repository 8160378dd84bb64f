"""Drawings of a bear."""

from __future__ import annotations

import numpy as np

from reconstrue.stimuli.world.drawing import Sketch, ellipse, smooth
from reconstrue.stimuli.world.shapes._quadrupeds import (
    Point,
    attach,
    between,
    eye,
    furry,
    limb,
    mirrored,
    paw,
    strides,
    wobble,
)


def _face(rng: np.random.Generator, *, panda: bool = False) -> Sketch:
    """A bear's head from the front, about 1 wide around the origin: round ears, small eyes, pale muzzle."""
    s = Sketch()
    ear, out = rng.uniform(0.14, 0.19), rng.uniform(0.3, 0.36)
    for side in (-1, 1):
        outline = ellipse(side * out, -0.36, ear, ear * 1.05)
        s.solid(outline)
        s.dark(outline if panda else ellipse(side * out, -0.35, ear * 0.55))
    s.solid(
        furry(
            rng,
            mirrored(
                [
                    (0.0, -0.43),
                    (0.2, -0.4),
                    (0.38, -0.26),
                    (0.47, -0.03),
                    (0.5, 0.2),
                    (0.4, 0.38),
                    (0.22, 0.5),
                    (0.0, 0.53),
                ]
            ),
            0.03,
            34,
        )
    )
    s.light(mirrored([(0.0, 0.02), (0.11, 0.05), (0.2, 0.2), (0.2, 0.36), (0.12, 0.46), (0.0, 0.48)]))
    for side in (-1, 1):
        if panda:
            s.dark(ellipse(side * 0.22, 0.0, 0.1, 0.13, side * 25))
            s.light(ellipse(side * 0.2, 0.0, 0.025))
        else:
            eye(s, side * 0.2, -0.03, 0.045)
            s.line(smooth([(side * 0.12, -0.12), (side * 0.2, -0.13), (side * 0.27, -0.08)], closed=False), 0.014)
    s.dark(mirrored([(0.0, 0.15), (0.08, 0.16), (0.1, 0.21), (0.04, 0.28), (0.0, 0.29)]))
    s.line(smooth([(-0.12, 0.39), (-0.05, 0.4), (0.0, 0.28), (0.05, 0.4), (0.12, 0.39)], closed=False), 0.018)
    return s


def _profile(rng: np.random.Generator) -> Sketch:
    """A bear's head from the side, about 1 long, nose to the left, small round ears."""
    s = Sketch()
    r, muzzle = rng.uniform(0.11, 0.14), rng.uniform(-0.02, 0.1)
    s.solid(ellipse(0.1, -0.42, r))
    s.solid(
        smooth(
            [
                (-0.62 + muzzle, 0.1),
                (-0.63 + muzzle, -0.01),
                (-0.55 + muzzle, -0.08),
                (-0.4, -0.11),
                (-0.23, -0.19),
                (-0.1, -0.33),
                (0.1, -0.42),
                (0.35, -0.42),
                (0.6, -0.3),
                (0.65, 0.2),
                (0.35, 0.44),
                (0.05, 0.38),
                (-0.2, 0.32),
                (-0.42, 0.29),
                (-0.55 + muzzle, 0.24),
            ]
        )
    )
    s.solid(ellipse(0.26, -0.4, r * 0.95, r * 1.1, 15), seam=True)
    s.dark(smooth([(-0.64 + muzzle, 0.06), (-0.63 + muzzle, -0.03), (-0.54 + muzzle, -0.05), (-0.53 + muzzle, 0.05)]))
    s.light(smooth([(-0.53, 0.1), (-0.4, -0.04), (-0.28, -0.02), (-0.26, 0.12), (-0.38, 0.16)]))
    eye(s, -0.17, -0.12, 0.04)
    s.line(smooth([(-0.57 + muzzle, 0.13), (-0.4, 0.17), (-0.22, 0.14)], closed=False), 0.02)
    return s


def _leg(
    s: Sketch,
    top: Point,
    foot: Point,
    widths: tuple[float, float, float, float],
    size: float,
    *,
    back: float,
    far: bool = False,
) -> None:
    """Paint a bear's thick leg, slightly bent to the back (positive) or front, on a broad flat paw."""
    ankle = (foot[0] + 0.3 * size, foot[1] - 0.6 * size)
    limb(
        s,
        [top, between(top, ankle, 0.4, back), between(top, ankle, 0.75, -0.3 * back), ankle],
        widths,
        far=far,
        seam=not far,
    )
    paw(s, foot, size, far=far)


def _side(rng: np.random.Generator, *, hump: float, neck: float, head: Point, angle: float, thick: float) -> Sketch:
    """A bear from the side on its four legs; `neck` lowers the neck, `hump` raises the shoulder."""
    s = Sketch()
    long, belly, ground = rng.uniform(0.88, 1.05), rng.uniform(0.46, 0.54), rng.uniform(0.74, 0.84)
    nf, ff, nh, fh = strides(rng, 0.13)
    front = (0.26 * thick, 0.19 * thick, 0.14 * thick, 0.13 * thick)
    hind = (0.34 * thick, 0.24 * thick, 0.15 * thick, 0.13 * thick)
    _leg(s, (0.2, 0.32), (0.16 + ff, ground - 0.01), front, 0.085, back=0.02, far=True)
    _leg(s, (long - 0.18, 0.34), (long - 0.16 + fh, ground - 0.01), hind, 0.085, back=-0.05, far=True)
    s.solid(ellipse(long - 0.01, 0.22, 0.035, 0.05, -20))
    body = wobble(
        rng,
        [
            (-0.08, 0.06 + neck),
            (0.04, 0.01 + 0.6 * neck),
            (0.16, -0.01 - hump),
            (0.27, -0.01 - hump),
            (0.42, 0.06),
            (long * 0.58, 0.06),
            (long * 0.78, 0.03),
            (long - 0.06, 0.1),
            (long, 0.25),
            (long - 0.02, 0.42),
            (long - 0.14, 0.52),
            (long * 0.55, belly + 0.02),
            (0.32, belly + 0.03),
            (0.14, 0.46),
            (0.02, 0.38 + 0.5 * neck),
            (-0.08, 0.3 + neck),
        ],
        0.008,
    )
    s.solid(furry(rng, body, 0.012, 75))
    _leg(s, (long - 0.16, 0.34), (long - 0.15 + nh, ground), hind, 0.09, back=-0.05)
    _leg(s, (0.18, 0.3), (0.15 + nf, ground), front, 0.09, back=0.02)
    s.solid(ellipse(long - 0.18, 0.33, 0.175, 0.17))
    s.solid(ellipse(0.18, 0.28, 0.15, 0.16))
    size = rng.uniform(0.32, 0.38)
    if rng.random() < 0.3:
        attach(s, _face(rng), head, size * 1.02, angle * 0.3)
    else:
        attach(s, _profile(rng), head, size, angle)
    return s


def walking(rng: np.random.Generator) -> Sketch:
    """A brown bear walking with its head level, or sniffing and grazing with its head near the ground."""
    if rng.random() < 0.4:
        return _side(
            rng,
            hump=rng.uniform(0.02, 0.06),
            neck=0.12,
            head=(-0.1, rng.uniform(0.32, 0.44)),
            angle=rng.uniform(-50, -25),
            thick=rng.uniform(0.9, 1.1),
        )
    return _side(
        rng,
        hump=rng.uniform(0.02, 0.06),
        neck=0.0,
        head=(-0.13, rng.uniform(0.08, 0.18)),
        angle=rng.uniform(-12, 4),
        thick=rng.uniform(0.9, 1.1),
    )


def lying(rng: np.random.Generator) -> Sketch:
    """A bear lying on its belly, forelegs in front, head up or resting."""
    s = Sketch()
    long, low = rng.uniform(0.86, 1.02), rng.uniform(-0.16, 0.04)
    limb(s, [(0.2, 0.36), (0.1, 0.46), (-0.1, 0.49)], (0.18, 0.14, 0.12), far=True)
    body = wobble(
        rng,
        [
            (-0.06, 0.06 + low),
            (0.06, 0.02 + 0.7 * low),
            (0.2, -0.04),
            (0.34, 0.01),
            (long * 0.6, 0.03),
            (long * 0.82, 0.06),
            (long - 0.03, 0.18),
            (long, 0.36),
            (long - 0.06, 0.51),
            (long * 0.6, 0.54),
            (0.3, 0.54),
            (0.06, 0.5),
            (-0.05, 0.34 + 0.3 * low),
        ],
        0.008,
    )
    s.solid(furry(rng, body, 0.013, 60))
    s.solid(
        wobble(
            rng,
            [
                (long * 0.6, 0.52),
                (long * 0.58, 0.36),
                (long * 0.7, 0.22),
                (long * 0.86, 0.22),
                (long - 0.05, 0.36),
                (long - 0.06, 0.5),
            ],
            0.006,
        ),
        seam=True,
    )
    paw(s, (long * 0.6, 0.545), 0.11)
    s.solid(smooth([(long * 0.6, 0.44), (long * 0.8, 0.42), (long * 0.85, 0.53), (long * 0.62, 0.54)]))
    reach = rng.uniform(-0.22, -0.06)
    limb(s, [(0.22, 0.26), (0.24, 0.42), (0.12, 0.48), (reach + 0.08, 0.485)], (0.24, 0.17, 0.13, 0.12), seam=True)
    paw(s, (reach + 0.05, 0.55), 0.09)
    s.solid(ellipse(0.22, 0.24, 0.15, 0.15))
    if rng.random() < 0.55:
        attach(s, _face(rng), (-0.05, 0.1 + low), rng.uniform(0.4, 0.46), rng.uniform(-8, 8))
    else:
        attach(s, _profile(rng), (-0.1, 0.12 + low), rng.uniform(0.39, 0.45), rng.uniform(-14, 6))
    return s


def polar(rng: np.random.Generator) -> Sketch:
    """A polar bear walking: long neck, small head, no hump."""
    s = Sketch()
    long, ground, lift = rng.uniform(0.92, 1.04), rng.uniform(0.78, 0.86), rng.uniform(-0.1, 0.1)
    nf, ff, nh, fh = strides(rng, 0.12)
    front, hind = (0.24, 0.19, 0.15, 0.14), (0.38, 0.28, 0.18, 0.15)
    _leg(s, (0.24, 0.3), (0.2 + ff, ground - 0.01), front, 0.09, back=0.02, far=True)
    _leg(s, (long - 0.18, 0.3), (long - 0.16 + fh, ground - 0.01), hind, 0.09, back=-0.05, far=True)
    s.solid(
        wobble(
            rng,
            [
                (-0.26, 0.1 + lift),
                (-0.14, 0.06 + lift),
                (0.04, 0.06 + 0.4 * lift),
                (0.2, 0.05),
                (0.42, 0.06),
                (long * 0.66, 0.0),
                (long * 0.86, 0.03),
                (long - 0.01, 0.16),
                (long + 0.02, 0.34),
                (long - 0.08, 0.5),
                (long * 0.6, 0.5),
                (0.36, 0.5),
                (0.16, 0.44),
                (0.02, 0.36 + 0.3 * lift),
                (-0.14, 0.27 + lift),
                (-0.26, 0.25 + lift),
            ],
            0.007,
        )
    )
    _leg(s, (long - 0.16, 0.3), (long - 0.15 + nh, ground), hind, 0.095, back=-0.05)
    _leg(s, (0.22, 0.28), (0.19 + nf, ground), front, 0.095, back=0.02)
    s.solid(ellipse(long - 0.19, 0.3, 0.19, 0.16))
    s.solid(ellipse(0.22, 0.27, 0.14, 0.15))
    attach(s, _profile(rng), (-0.27, 0.17 + lift), rng.uniform(0.25, 0.29), rng.uniform(-14, 4), 1.1)
    return s


def facing(rng: np.random.Generator) -> Sketch:
    """A bear coming towards the viewer on its four legs, head low before the bulk of its shoulders."""
    s = Sketch()
    wide, step = rng.uniform(0.3, 0.37), rng.uniform(-0.05, 0.05)
    for side in (-1, 1):
        _column(s, side * 0.19, 0.5, 0.88, 0.17, far=True)
    s.solid(
        furry(
            rng,
            wobble(
                rng,
                [
                    (-0.14, -0.1),
                    (0.14, -0.1),
                    (wide - 0.03, 0.06),
                    (wide + 0.03, 0.3),
                    (wide, 0.55),
                    (0.15, 0.68),
                    (-0.15, 0.68),
                    (-wide, 0.55),
                    (-wide - 0.03, 0.3),
                    (-wide + 0.03, 0.06),
                ],
                0.01,
            ),
            0.014,
            46,
        )
    )
    for side in (-1, 1):
        _column(s, side * (wide - 0.1), 0.4, 0.96 + side * step, 0.21)
    attach(
        s, _face(rng), (rng.uniform(-0.05, 0.05), rng.uniform(-0.14, 0.08)), rng.uniform(0.44, 0.52), rng.uniform(-8, 8)
    )
    return s


def _column(s: Sketch, x: float, top: float, ground: float, width: float, *, far: bool = False) -> None:
    """Paint a bear's leg from the front, with a broad clawed paw."""
    limb(
        s,
        [(x * 1.05, top), (x, (top + ground) / 2), (x * 0.97, ground - 0.06)],
        (width * 1.1, width, width * 0.9),
        far=far,
        seam=not far,
    )
    foot = mirrored([(0.0, -0.12), (0.5 * width, -0.1), (0.62 * width, -0.03), (0.5 * width, 0.0), (0.0, 0.005)])
    foot += [x * 0.97, ground]
    s.solid(foot, seam=True)
    for dx in (-0.36, -0.12, 0.12, 0.36):
        s.line([(x * 0.97 + dx * width, ground - 0.045), (x * 0.97 + dx * width, ground)], 0.01)


def sitting_front(rng: np.random.Generator) -> Sketch:
    """A bear or panda sitting upright towards the viewer, hind legs stretched out, soles in sight."""
    s = Sketch()
    panda = rng.random() < 0.35
    hips, chest = rng.uniform(0.3, 0.36), rng.uniform(0.22, 0.27)
    s.solid(
        furry(
            rng,
            mirrored(
                [
                    (0.0, 0.15),
                    (0.13, 0.22),
                    (chest, 0.34),
                    (chest + 0.04, 0.5),
                    (hips, 0.68),
                    (hips, 0.84),
                    (hips - 0.1, 0.93),
                    (0.0, 0.94),
                ]
            ),
            0.014,
            50,
        )
    )
    reach = rng.uniform(-0.02, 0.06)
    for side in (-1, 1):
        limb(
            s,
            [(side * (hips - 0.08), 0.76), (side * (hips + 0.03), 0.84), (side * (hips + 0.06), 0.88)],
            (0.22, 0.19, 0.16),
            far=panda,
            seam=True,
        )
        sole = ellipse(side * (hips + 0.03), 0.88, 0.092, 0.115, side * 12)
        s.solid(sole, seam=True)
        s.dark(sole if panda else ellipse(side * (hips + 0.03), 0.91, 0.055, 0.05))
        for dx in (-0.05, 0.0, 0.05):
            s.dark(ellipse(side * (hips + 0.03) + dx, 0.815, 0.016))
        limb(
            s,
            [
                (side * (chest - 0.06), 0.38),
                (side * (chest + 0.06), 0.52),
                (side * (chest + 0.03 + reach), 0.68),
                (side * (chest - 0.06 + reach), 0.76),
            ],
            (0.16, 0.15, 0.13, 0.12),
            far=panda,
            seam=True,
        )
        s.solid(ellipse(side * (chest - 0.06), 0.4, 0.09))
    attach(s, _face(rng, panda=panda), (rng.uniform(-0.03, 0.03), 0.14), rng.uniform(0.42, 0.5), rng.uniform(-8, 8))
    return s


def upright(rng: np.random.Generator) -> Sketch:
    """A bear standing on its hind legs, forepaws before the chest or hanging."""
    s = Sketch()
    hips, chest = rng.uniform(0.22, 0.28), rng.uniform(0.17, 0.22)
    raised = rng.uniform(-0.14, 0.1)
    for side in (-1, 1):
        limb(
            s,
            [(side * (hips - 0.1), 0.8), (side * (hips - 0.06), 0.98), (side * (hips - 0.1), 1.16)],
            (0.25, 0.2, 0.15),
        )
        s.solid(
            smooth(
                [
                    (side * (hips - 0.2), 1.2),
                    (side * (hips - 0.18), 1.13),
                    (side * (hips - 0.06), 1.12),
                    (side * (hips + 0.05), 1.18),
                    (side * (hips + 0.04), 1.22),
                    (side * (hips - 0.1), 1.22),
                ]
            ),
            seam=True,
        )
    s.solid(
        furry(
            rng,
            mirrored(
                [
                    (0.0, 0.1),
                    (0.11, 0.16),
                    (chest, 0.3),
                    (chest + 0.03, 0.46),
                    (hips, 0.66),
                    (hips, 0.82),
                    (hips - 0.06, 0.94),
                    (0.08, 0.98),
                    (0.0, 0.96),
                ]
            ),
            0.013,
            54,
        )
    )
    for side in (-1, 1):
        limb(
            s,
            [
                (side * (chest - 0.06), 0.32),
                (side * (chest + 0.07), 0.46),
                (side * (chest + 0.07), 0.6 + 0.3 * raised),
                (side * (chest - 0.02), 0.7 + raised),
            ],
            (0.16, 0.14, 0.12, 0.1),
            seam=True,
        )
        s.solid(ellipse(side * (chest - 0.06), 0.34, 0.09))
        s.solid(ellipse(side * (chest - 0.03), 0.72 + raised, 0.06, 0.05), seam=True)
        for dx in (-0.03, 0.0, 0.03):
            s.line([(side * (chest - 0.03) + dx, 0.73 + raised), (side * (chest - 0.03) + dx, 0.77 + raised)], 0.009)
    if rng.random() < 0.6:
        attach(s, _face(rng), (0.0, 0.08), rng.uniform(0.34, 0.4), rng.uniform(-8, 8))
    else:
        attach(s, _profile(rng), (-0.05, 0.09), rng.uniform(0.38, 0.44), rng.uniform(-8, 14))
    return s


def sitting_side(rng: np.random.Generator) -> Sketch:
    """A bear sitting on its haunches from the side, forelegs straight down or raised a little."""
    s = Sketch()
    plump = rng.uniform(0.0, 0.1)
    limb(s, [(0.2, 0.45), (0.16, 0.7), (0.14, 0.93)], (0.2, 0.15, 0.13), far=True)
    paw(s, (0.11, 1.0), 0.09, far=True)
    s.solid(
        furry(
            rng,
            wobble(
                rng,
                [
                    (0.08, 0.12),
                    (0.26, 0.1),
                    (0.42, 0.18),
                    (0.55, 0.34),
                    (0.66 + plump, 0.56),
                    (0.7 + plump, 0.78),
                    (0.64 + plump, 0.95),
                    (0.45, 0.99),
                    (0.28, 0.9),
                    (0.18, 0.72),
                    (0.06, 0.56),
                    (0.02, 0.38),
                ],
                0.008,
            ),
            0.013,
            50,
        )
    )
    s.solid(
        wobble(rng, [(0.3, 0.97), (0.28, 0.8), (0.38, 0.66), (0.53, 0.64), (0.62, 0.76), (0.62, 0.94)], 0.006),
        seam=True,
    )
    paw(s, (0.3, 1.01), 0.13)
    s.solid(smooth([(0.33, 0.88), (0.5, 0.86), (0.56, 0.97), (0.4, 1.0)]))
    limb(s, [(0.2, 0.42), (0.2, 0.62), (0.12, 0.8), (0.1, 0.95)], (0.22, 0.18, 0.14, 0.12), seam=True)
    paw(s, (0.07, 1.0), 0.085)
    s.solid(ellipse(0.21, 0.4, 0.125, 0.15))
    if rng.random() < 0.7:
        attach(s, _profile(rng), (0.1, 0.12), rng.uniform(0.38, 0.44), rng.uniform(-8, 12))
    else:
        attach(s, _face(rng), (0.12, 0.12), rng.uniform(0.4, 0.46), rng.uniform(-8, 8))
    return s


def portrait(rng: np.random.Generator) -> Sketch:
    """A bear's head and shoulders from the front or in profile, cut off below."""
    s = Sketch()
    bottom = rng.uniform(0.7, 1.0)
    if rng.random() < 0.3:
        neck = wobble(
            rng,
            [
                (-0.05, 0.2),
                (0.25, -0.36),
                (0.55, -0.36),
                (0.85, -0.2),
                (1.08, 0.2),
                (1.15, bottom),
                (0.5, bottom + 0.02),
                (0.02, bottom),
                (0.0, 0.55),
            ],
            0.02,
        )
        s.solid(furry(rng, neck, 0.03, 50))
        attach(s, _profile(rng), (0.0, 0.0), rng.uniform(0.98, 1.1), rng.uniform(-10, 8))
        return s
    panda = rng.random() < 0.2
    shoulder = rng.uniform(0.62, 0.85)
    chest = [(0.0, -0.2), (0.4, 0.0), (0.55, 0.3), (shoulder, 0.55), (shoulder + 0.03, bottom), (0.0, bottom)]
    s.solid(furry(rng, mirrored(chest), 0.03, 44))
    if panda:
        s.dark(mirrored([(0.0, 0.5), (shoulder, 0.55), (shoulder, bottom), (0.0, bottom)]))
    head = (rng.uniform(-0.06, 0.06), 0.0)
    attach(s, _face(rng, panda=panda), head, rng.uniform(0.95, 1.12), rng.uniform(-8, 8))
    return s


DRAWINGS = (walking, lying, polar, facing, sitting_front, upright, sitting_side, portrait)
