"""Drawings of an elephant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from reconstrue.stimuli.world.drawing import Sketch, ellipse, ribbon, smooth
from reconstrue.stimuli.world.shapes._quadrupeds import (
    Point,
    attach,
    limb,
    mirrored,
    spread,
    wobble,
)


def _column(s: Sketch, spine: Sequence[Point], widths: ArrayLike, *, far: bool = False, seam: bool = False) -> None:
    """Paint a leg like a column: flat sole at the spine's end, nails in front."""
    curve, width = spread(spine, widths)
    outline = ribbon(curve, width)
    s.solid(outline, seam=seam)
    s.solid(ellipse(spine[0][0], spine[0][1], float(width[0]) / 2))
    (x, y), w = spine[-1], float(width[-1])
    sole = [(x - 0.56 * w, y), (x - 0.5 * w, y - 0.3 * w), (x + 0.5 * w, y - 0.3 * w), (x + 0.53 * w, y)]
    s.solid(sole)
    if far:
        s.dark(outline)
        s.dark(sole)
    else:
        for dx in (-0.42, -0.18, 0.06):
            s.light(ellipse(x + dx * w, y - 0.08 * w, 0.08 * w, 0.1 * w))


def _tail(s: Sketch, at: Point, length: float, swing: float) -> None:
    """Paint a thin hanging tail with a tuft."""
    x, y = at
    end = (x + 0.05 + swing, y + length)
    limb(
        s,
        [at, (x + 0.05, y + 0.35 * length), (x + 0.05 + 0.6 * swing, y + 0.75 * length), end],
        (0.045, 0.03, 0.022, 0.02),
    )
    s.solid(ellipse(end[0], end[1] + 0.035, 0.022, 0.055, -20 * swing))


def _tusk(s: Sketch, spine: Sequence[Point], width: float) -> None:
    """Paint a light, pointed tusk."""
    curve = smooth(spine, closed=False, steps=6)
    outline = ribbon(curve, np.linspace(width, 0.2 * width, len(curve)))
    s.solid(outline, seam=True)
    s.light(outline)


def _wrinkles(s: Sketch, spine: Sequence[Point], widths: ArrayLike) -> None:
    """Draw the creases across a trunk."""
    curve, width = spread(spine, widths)
    outline = ribbon(curve, width * 0.62)
    n = len(curve)
    for i in range(n // 4, n - 3, 3):
        s.line([outline[i], outline[2 * n - 1 - i]], 0.006)


def _trunk(s: Sketch, rng: np.random.Generator, pose: int, thick: float) -> None:
    """Paint the trunk of a head in profile: hanging, curled in, to the mouth, reaching forward, or raised."""
    a, b, c = rng.uniform(-0.03, 0.03, 3)
    root = (-0.15, 0.18)
    spines: tuple[list[Point], ...] = (
        [root, (-0.25, 0.36), (-0.27 + a, 0.6), (-0.26 + b, 0.8), (-0.29 + b, 0.92), (-0.35 + c, 0.96)],
        [root, (-0.26, 0.36), (-0.3 + a, 0.58), (-0.25 + b, 0.78), (-0.15 + c, 0.84), (-0.09, 0.77)],
        [root, (-0.27, 0.36), (-0.3 + a, 0.54), (-0.22, 0.66 + b), (-0.11, 0.58), (-0.1, 0.46)],
        [root, (-0.29, 0.33), (-0.4 + a, 0.48), (-0.52, 0.56 + b), (-0.62, 0.52), (-0.66, 0.42 + c)],
        [root, (-0.3, 0.26), (-0.43 + a, 0.22), (-0.5, 0.06 + b), (-0.48, -0.12), (-0.55 + c, -0.22)],
    )
    widths = np.array([0.24, 0.165, 0.125, 0.095, 0.075, 0.055]) * thick
    limb(s, spines[pose], widths)
    _wrinkles(s, spines[pose], widths)


def _profile(rng: np.random.Generator, pose: int, *, african: bool, tusks: bool) -> Sketch:
    """An elephant's head from the side in body units, the neck at the origin, with trunk, tusk and ear."""
    s = Sketch()
    if tusks:
        _tusk(s, [(-0.17, 0.34), (-0.27, 0.46), (-0.37, 0.5)], 0.05)
    _trunk(s, rng, pose, rng.uniform(0.88, 1.1))
    dome = rng.uniform(0.0, 0.03) if african else rng.uniform(0.05, 0.09)
    s.solid(
        smooth(
            [
                (0.1, -0.04),
                (0.0, -0.07 - dome),
                (-0.11, -0.06 - dome),
                (-0.19, 0.02),
                (-0.235, 0.14),
                (-0.25, 0.27),
                (-0.2, 0.36),
                (-0.14, 0.4),
                (-0.07, 0.44),
                (-0.03, 0.4),
                (0.06, 0.42),
                (0.16, 0.3),
                (0.16, 0.08),
            ]
        )
    )
    s.line(smooth([(-0.19, 0.37), (-0.11, 0.37), (-0.06, 0.33)], closed=False), 0.01)
    if tusks:
        length = rng.uniform(0.7, 1.3)
        _tusk(
            s,
            [
                (-0.14, 0.32),
                (-0.14 - 0.12 * length, 0.32 + 0.15 * length),
                (-0.14 - 0.27 * length, 0.32 + 0.18 * length),
            ],
            0.055,
        )
    s.dark(ellipse(-0.14, 0.13, 0.017, 0.014))
    s.line(smooth([(-0.17, 0.1), (-0.14, 0.09), (-0.11, 0.11)], closed=False), 0.008)
    ear = Sketch()
    if african:
        ear.solid(
            wobble(
                rng,
                [
                    (-0.03, 0.06),
                    (0.02, -0.08),
                    (0.13, -0.13),
                    (0.26, -0.08),
                    (0.32, 0.07),
                    (0.3, 0.24),
                    (0.22, 0.38),
                    (0.12, 0.5),
                    (0.05, 0.46),
                    (0.01, 0.32),
                    (-0.03, 0.2),
                ],
                0.01,
            ),
            seam=True,
        )
        ear.line(smooth([(0.25, 0.0), (0.22, 0.18), (0.14, 0.34)], closed=False), 0.008)
    else:
        ear.solid(
            wobble(
                rng,
                [
                    (-0.01, 0.05),
                    (0.05, -0.01),
                    (0.14, 0.0),
                    (0.2, 0.09),
                    (0.19, 0.22),
                    (0.14, 0.34),
                    (0.08, 0.42),
                    (0.04, 0.33),
                    (0.0, 0.18),
                ],
                0.007,
            ),
            seam=True,
        )
    attach(s, ear, (0.0, 0.02), rng.uniform(0.85, 1.12), rng.uniform(-10, 8))
    return s


def _side(rng: np.random.Generator, pose: int, *, african: bool, tusks: bool, calf: bool = False) -> Sketch:
    """An elephant from the side on its four legs."""
    s = Sketch()
    long = rng.uniform(0.68, 0.78) if calf else rng.uniform(0.84, 1.0)
    ground, belly = rng.uniform(0.94, 1.08), rng.uniform(0.54, 0.64)
    thick, a = rng.uniform(0.9, 1.12) * (0.95 if calf else 1.0), rng.uniform(-0.13, 0.13)
    front = np.array([0.24, 0.18, 0.15, 0.155, 0.165]) * thick
    hind = np.array([0.32, 0.24, 0.17, 0.145, 0.16]) * thick
    _tail(s, (long - 0.05, 0.2), rng.uniform(0.32, 0.46), rng.uniform(-0.03, 0.09))

    def legs(x: float, phase: float, widths: ArrayLike, knee: float, *, far: bool) -> None:
        foot = (x + phase, ground - (0.02 if far else 0.0))
        spine = [
            (x, 0.38),
            (x + 0.1 * phase, 0.5),
            (x + 0.45 * phase + knee, 0.68),
            (x + 0.8 * phase - 0.4 * knee, 0.84),
            foot,
        ]
        _column(s, spine, widths, far=far, seam=not far)

    legs(0.16, -a, front, -0.01, far=True)
    legs(long - 0.17, 0.9 * a, hind, -0.03, far=True)
    hump = [(0.2, -0.03), (0.42, -0.08), (0.64, -0.05)]
    if african:
        hump = [(0.2, -0.02), (0.42, 0.04), (0.64, 0.0)]
    s.solid(
        wobble(
            rng,
            [
                (-0.02, 0.02),
                (0.08, -0.02),
                *[(x * long, y) for x, y in hump],
                (long * 0.84, 0.05),
                (long - 0.02, 0.17),
                (long + 0.01, 0.34),
                (long - 0.05, 0.5),
                (long * 0.72, belly - 0.04),
                (long * 0.48, belly + 0.01),
                (long * 0.25, belly - 0.02),
                (0.07, 0.52),
                (0.0, 0.4),
                (-0.04, 0.2),
            ],
            0.008,
        )
    )
    legs(long - 0.15, -0.9 * a, hind, -0.03, far=False)
    legs(0.14, a, front, -0.01, far=False)
    s.solid(ellipse(long - 0.17, 0.37, 0.175, 0.17))
    s.solid(ellipse(0.15, 0.37, 0.145, 0.16))
    head = _profile(rng, pose, african=african, tusks=tusks)
    attach(s, head, (0.0, rng.uniform(-0.03, 0.04)), rng.uniform(0.92, 1.04), rng.uniform(-6, 7))
    return s


def african(rng: np.random.Generator) -> Sketch:
    """An African elephant walking: big ears, saddle back, tusks, trunk hanging."""
    return _side(rng, int(rng.integers(2)), african=True, tusks=rng.random() < 0.85)


def asian(rng: np.random.Generator) -> Sketch:
    """An Asian elephant: small ears, domed head, round back."""
    return _side(rng, int(rng.integers(3)), african=False, tusks=rng.random() < 0.4)


def reaching(rng: np.random.Generator) -> Sketch:
    """An elephant from the side with its trunk raised, reaching or at its mouth."""
    return _side(rng, int(rng.integers(2, 5)), african=rng.random() < 0.6, tusks=rng.random() < 0.6)


def calf(rng: np.random.Generator) -> Sketch:
    """A young elephant: short body, big head, no tusks."""
    return _side(rng, int(rng.integers(5)), african=rng.random() < 0.5, tusks=False, calf=True)


def _front_head(rng: np.random.Generator, *, spread: float, trunk: int, turned: float = 0.0) -> Sketch:
    """An elephant's head from the front, its middle at the origin: spread ears, trunk, tusks.

    `turned` in [0, 1) shortens the left ear, as when the head is turned to the left.
    """
    s = Sketch()
    for side in (-1, 1):
        w = side * spread * (1 - 0.6 * turned if side < 0 else 1.0)
        s.solid(
            wobble(
                rng,
                [
                    (side * 0.1, -0.12),
                    (0.12 * side + 0.3 * w, -0.22),
                    (0.12 * side + 0.7 * w, -0.23),
                    (0.12 * side + 0.98 * w, -0.1),
                    (0.12 * side + 0.98 * w, 0.1),
                    (0.12 * side + 0.8 * w, 0.29),
                    (0.12 * side + 0.55 * w, 0.43),
                    (0.12 * side + 0.32 * w, 0.38),
                    (side * 0.14, 0.2),
                ],
                0.012,
            ),
            seam=True,
        )
        s.line(
            smooth(
                [(0.12 * side + 0.3 * w, -0.16), (0.12 * side + 0.62 * w, -0.02), (0.12 * side + 0.52 * w, 0.24)],
                closed=False,
            ),
            0.008,
        )
    j = rng.uniform(-0.04, 0.04, 2)
    x = -0.05 * turned
    spines: tuple[list[Point], ...] = (
        [(x, 0.12), (x, 0.3), (x + j[0], 0.55), (x + j[1], 0.78), (x - 0.02 + j[1], 0.9)],
        [(x, 0.12), (x, 0.3), (x + 0.03 + j[0], 0.55), (x + 0.0, 0.74), (x - 0.12, 0.82 + j[1])],
        [(x, 0.12), (x, 0.3), (x - 0.02 + j[0], 0.5), (x + 0.1, 0.62), (x + 0.16, 0.5 + j[1])],
    )
    widths = (0.24, 0.19, 0.145, 0.11, 0.085)
    s.solid(
        mirrored(
            [
                (0.0, -0.33),
                (0.1, -0.32),
                (0.17, -0.22),
                (0.19, -0.05),
                (0.185, 0.1),
                (0.15, 0.24),
                (0.09, 0.38),
                (0.0, 0.42),
            ]
        )
        + [x, 0.0],
        seam=True,
    )
    limb(s, spines[trunk], widths, seam=True)
    s.solid(ellipse(x, 0.12, 0.13, 0.17))
    _wrinkles(s, spines[trunk], widths)
    for side in (-1, 1):
        s.dark(ellipse(x + side * 0.135, 0.0, 0.018, 0.022))
        s.line(smooth([(x + side * 0.09, -0.2), (x + side * 0.07, -0.1), (x + side * 0.1, 0.0)], closed=False), 0.008)
    if rng.random() < 0.75:
        length = rng.uniform(0.8, 1.4)
        for side in (-1, 1):
            _tusk(
                s,
                [
                    (x + side * 0.1, 0.26),
                    (x + side * 0.17, 0.26 + 0.14 * length),
                    (x + side * 0.14 - 0.05 * turned, 0.26 + 0.27 * length),
                ],
                0.05,
            )
    return s


def facing(rng: np.random.Generator) -> Sketch:
    """An elephant from the front, ears spread, trunk hanging between its forelegs."""
    s = Sketch()
    wide, step, ground = rng.uniform(0.26, 0.31), rng.uniform(-0.05, 0.05), rng.uniform(1.02, 1.14)
    for side in (-1, 1):
        _column(s, [(side * 0.2, 0.5), (side * 0.19, 0.8), (side * 0.18, ground - 0.08)], (0.2, 0.15, 0.15), far=True)
    s.solid(
        wobble(
            rng,
            [
                (-0.12, -0.12),
                (0.12, -0.12),
                (wide - 0.04, 0.02),
                (wide + 0.03, 0.3),
                (wide, 0.6),
                (0.12, 0.72),
                (-0.12, 0.72),
                (-wide, 0.6),
                (-wide - 0.03, 0.3),
                (-wide + 0.04, 0.02),
            ],
            0.01,
        )
    )
    for side in (-1, 1):
        _column(
            s,
            [
                (side * (wide - 0.1), 0.45),
                (side * (wide - 0.09), 0.75),
                (side * (wide - 0.1) + 0.3 * step, 0.95),
                (side * (wide - 0.1) + step, ground + side * step),
            ],
            (0.22, 0.19, 0.16, 0.18),
            seam=True,
        )
    head = _front_head(rng, spread=rng.uniform(0.4, 0.58), trunk=int(rng.integers(3)))
    attach(s, head, (0.0, 0.12), rng.uniform(0.98, 1.1), rng.uniform(-5, 5))
    return s


def three_quarter(rng: np.random.Generator) -> Sketch:
    """An elephant from the front left: broad head with ears and trunk, the body behind it to the right."""
    s = Sketch()
    long, ground, step = rng.uniform(0.58, 0.76), rng.uniform(1.04, 1.14), rng.uniform(-0.06, 0.06)
    _tail(s, (long - 0.02, 0.2), 0.34, 0.02)
    _column(s, [(long - 0.3, 0.5), (long - 0.28, 0.75), (long - 0.27, ground - 0.07)], (0.22, 0.15, 0.15), far=True)
    s.solid(
        wobble(
            rng,
            [
                (-0.18, -0.05),
                (0.05, -0.14),
                (long * 0.5, -0.08),
                (long * 0.85, 0.02),
                (long, 0.2),
                (long, 0.42),
                (long - 0.1, 0.56),
                (long * 0.4, 0.62),
                (0.02, 0.62),
                (-0.14, 0.5),
                (-0.22, 0.2),
            ],
            0.01,
        )
    )
    _column(
        s,
        [(long - 0.13, 0.35), (long - 0.12, 0.6), (long - 0.1, 0.82), (long - 0.12 - step, ground - 0.03)],
        (0.26, 0.22, 0.15, 0.16),
        seam=True,
    )
    _column(s, [(-0.08, 0.45), (-0.08, 0.75), (-0.09 + step, ground)], (0.19, 0.16, 0.17), seam=True)
    _column(s, [(0.15, 0.42), (0.16, 0.75), (0.15 - step, ground + 0.03)], (0.22, 0.17, 0.18), seam=True)
    s.solid(ellipse(long - 0.14, 0.32, 0.13, 0.17))
    head = _front_head(rng, spread=rng.uniform(0.28, 0.4), trunk=int(rng.integers(3)), turned=rng.uniform(0.1, 0.6))
    attach(s, head, (-0.27, 0.07), rng.uniform(0.86, 0.98), rng.uniform(-2, 9))
    return s


def portrait(rng: np.random.Generator) -> Sketch:
    """An elephant's head from the front with the ears spread, the trunk hanging, nothing else."""
    s = Sketch()
    head = _front_head(
        rng, spread=rng.uniform(0.3, 0.48), trunk=int(rng.integers(3)), turned=rng.choice([0.0, 0.3, 0.7])
    )
    attach(s, head, (0.0, 0.0), 1.0, rng.uniform(-7, 7), rng.uniform(0.95, 1.15))
    return s


def behind(rng: np.random.Generator) -> Sketch:
    """An elephant from behind, walking away: round rump, tail in the middle, ears and trunk at the sides."""
    s = Sketch()
    wide, step, ground = rng.uniform(0.3, 0.37), rng.uniform(-0.05, 0.05), rng.uniform(0.98, 1.12)
    if rng.random() < 0.8:
        limb(
            s, [(-0.12, 0.2), (-0.38, 0.44), (-0.47, 0.66), (-0.44, 0.84), (-0.51, 0.92)], (0.2, 0.14, 0.1, 0.08, 0.05)
        )
    for side in (-1, 1):
        ear = wide + rng.uniform(0.14, 0.28)
        s.solid(
            wobble(
                rng,
                [
                    (side * 0.16, -0.12),
                    (side * 0.34, -0.2),
                    (side * (ear - 0.04), -0.16),
                    (side * ear, 0.04),
                    (side * (ear - 0.08), 0.26),
                    (side * (ear - 0.18), 0.42),
                    (side * 0.2, 0.4),
                ],
                0.012,
            )
        )
        _column(s, [(side * 0.18, 0.5), (side * 0.17, 0.8), (side * 0.17, ground - 0.07)], (0.2, 0.15, 0.15), far=True)
    s.solid(mirrored([(0.0, -0.28), (0.1, -0.27), (0.18, -0.17), (0.2, 0.1), (0.0, 0.2)]))
    s.solid(
        wobble(
            rng,
            [
                (-0.12, -0.1),
                (0.12, -0.1),
                (wide - 0.06, 0.02),
                (wide + 0.01, 0.26),
                (wide, 0.52),
                (0.14, 0.64),
                (-0.14, 0.64),
                (-wide, 0.52),
                (-wide - 0.01, 0.26),
                (-wide + 0.06, 0.02),
            ],
            0.01,
        ),
        seam=True,
    )
    for side in (-1, 1):
        _column(
            s,
            [
                (side * (wide - 0.14), 0.42),
                (side * (wide - 0.12), 0.7),
                (side * (wide - 0.11) + 0.4 * step, 0.86),
                (side * (wide - 0.12) + step, ground + side * step),
            ],
            (0.28, 0.22, 0.165, 0.18),
            seam=True,
        )
    s.solid(ellipse(0.0, 0.3, wide - 0.02, 0.22))
    swing = rng.uniform(-0.08, 0.08)
    s.line(smooth([(0.0, 0.12), (0.3 * swing, 0.4), (swing, 0.66)], closed=False), 0.03)
    s.dark(ellipse(swing, 0.72, 0.025, 0.07))
    s.line(smooth([(-0.03, 0.1), (-0.16, 0.16), (-0.24, 0.3)], closed=False), 0.008)
    s.line(smooth([(0.03, 0.1), (0.16, 0.16), (0.24, 0.3)], closed=False), 0.008)
    return s


DRAWINGS = (african, asian, reaching, calf, facing, three_quarter, portrait, behind)
