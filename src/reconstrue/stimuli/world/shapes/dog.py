"""Drawings of a dog."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconstrue.stimuli.world.drawing import Points, Sketch, ellipse, smooth
from reconstrue.stimuli.world.shapes._quadrupeds import (
    Point,
    attach,
    eye,
    foreleg,
    furry,
    hindleg,
    limb,
    mirrored,
    strides,
    wobble,
)


@dataclass(frozen=True)
class Breed:
    """What sets one kind of dog apart from another, in shares of the body's length."""

    ears: str  # "hanging", "pricked" or "folded"
    muzzle: float  # 1 = a retriever's
    leg: float  # from the belly to the ground
    depth: float  # of the chest
    tuck: float  # how much higher the belly is behind
    bulk: float  # thickness of the legs and the neck
    head: float
    tail: str  # "sabre", "bushy", "curled", "up", "stub" or "thin"
    fur: float = 0.0


RETRIEVER = Breed("hanging", 1.0, 0.36, 0.37, 0.06, 1.15, 0.37, "sabre")
SHEPHERD = Breed("pricked", 1.1, 0.37, 0.36, 0.07, 1.12, 0.37, "bushy", 0.01)
HUSKY = Breed("pricked", 0.9, 0.34, 0.36, 0.05, 1.1, 0.35, "curled", 0.011)
TERRIER = Breed("folded", 0.85, 0.34, 0.32, 0.06, 0.9, 0.4, "up")
HOUND = Breed("hanging", 1.1, 0.42, 0.34, 0.12, 0.85, 0.34, "thin")
SPANIEL = Breed("hanging", 0.85, 0.27, 0.34, 0.03, 1.0, 0.4, "sabre", 0.02)
DACHSHUND = Breed("hanging", 1.15, 0.13, 0.24, 0.03, 0.75, 0.33, "thin")
CORGI = Breed("pricked", 0.8, 0.14, 0.35, 0.02, 1.05, 0.46, "sabre", 0.012)
WESTIE = Breed("pricked", 0.55, 0.15, 0.4, 0.0, 1.15, 0.47, "up", 0.03)
POMERANIAN = Breed("pricked", 0.6, 0.2, 0.46, 0.02, 0.9, 0.46, "curled", 0.035)
GREYHOUND = Breed("folded", 1.25, 0.44, 0.36, 0.17, 0.75, 0.32, "thin")


def _pick(rng: np.random.Generator, *breeds: Breed) -> Breed:
    """Return one of the breeds at random."""
    return breeds[int(rng.integers(len(breeds)))]


def _coat(rng: np.random.Generator, outline: Points, fur: float) -> Points:
    """Return the outline, shaggy if the breed is."""
    return furry(rng, outline, fur, 55) if fur else outline


def _profile(rng: np.random.Generator, breed: Breed) -> Sketch:
    """A dog's head from the side, about 1 long, nose to the left."""
    s = Sketch()
    n = -0.36 - 0.34 * breed.muzzle
    open_mouth = rng.random() < 0.35
    if breed.ears == "pricked":
        s.solid([(-0.06, -0.25), (0.0, -0.72), (0.06, -0.72), (0.22, -0.25)])
    if open_mouth:
        s.solid(smooth([(-0.1, 0.1), (n + 0.16, 0.26), (n + 0.14, 0.33), (n + 0.3, 0.37), (-0.05, 0.36), (0.1, 0.2)]))
        s.solid(smooth([(-0.2, 0.2), (n + 0.16, 0.22), (n + 0.1, 0.36), (n + 0.19, 0.4), (-0.22, 0.3)]), seam=True)
    s.solid(
        smooth(
            [
                (n, 0.06),
                (n - 0.01, -0.04),
                (n + 0.06, -0.1),
                (-0.42, -0.13),
                (-0.26, -0.17),
                (-0.17, -0.3),
                (0.02, -0.4),
                (0.22, -0.37),
                (0.4, -0.2),
                (0.45, 0.1),
                (0.3, 0.36),
                (0.06, 0.32),
                (-0.18, 0.24),
                (-0.42, 0.23),
                (n + 0.12, 0.2),
                (n + 0.02, 0.14),
            ]
        )
    )
    s.dark(smooth([(n - 0.02, 0.05), (n - 0.02, -0.06), (n + 0.06, -0.11), (n + 0.1, -0.05), (n + 0.07, 0.05)]))
    s.line(smooth([(n + 0.03, 0.11), (-0.45, 0.14), (-0.24, 0.17), (-0.17, 0.13)], closed=False), 0.02)
    eye(s, -0.14, -0.16, 0.042)
    if breed.ears == "hanging":
        drop = rng.uniform(0.3, 0.46)
        s.solid(
            smooth(
                [
                    (0.04, -0.3),
                    (0.2, -0.36),
                    (0.34, -0.22),
                    (0.4, 0.05),
                    (0.34, drop),
                    (0.22, drop + 0.05),
                    (0.12, 0.22),
                    (0.08, 0.0),
                ]
            ),
            seam=True,
        )
    elif breed.ears == "pricked":
        tall = rng.uniform(-0.86, -0.7)
        s.solid(
            [
                *smooth([(0.04, -0.3), (0.07, -0.52), (0.16, tall)], closed=False),
                *smooth([(0.16, tall), (0.29, -0.5), (0.36, -0.18)], closed=False),
                (0.2, -0.16),
            ],
            seam=True,
        )
        s.dark([(0.1, -0.32), (0.15, tall + 0.14), (0.24, -0.28)])
    else:
        s.solid(
            smooth(
                [(0.34, -0.2), (0.29, -0.42), (0.17, -0.5), (0.05, -0.43), (-0.04, -0.24), (0.08, -0.2), (0.2, -0.22)]
            ),
            seam=True,
        )
    return s


def _face(rng: np.random.Generator, ears: str) -> Sketch:
    """A dog's head from the front, about 1 wide around the origin: ears, brows, pale muzzle, tongue."""
    s = Sketch()
    for side in (-1, 1):
        if ears == "pricked":
            tip, out = rng.uniform(-0.86, -0.72), rng.uniform(0.34, 0.46)
            s.solid(
                [
                    *smooth([(side * 0.06, -0.34), (side * (out - 0.16), tip + 0.22), (side * out, tip)], closed=False),
                    *smooth([(side * out, tip), (side * 0.47, tip + 0.3), (side * 0.44, -0.1)], closed=False),
                    (0.0, 0.0),
                ]
            )
            s.dark([(side * 0.2, -0.36), (side * (out - 0.02), tip + 0.18), (side * 0.37, -0.26)])
        elif ears == "folded":
            s.solid(
                smooth(
                    [
                        (side * 0.14, -0.36),
                        (side * 0.26, -0.56),
                        (side * 0.42, -0.54),
                        (side * 0.58, -0.24),
                        (side * 0.5, -0.14),
                        (side * 0.36, -0.2),
                    ]
                )
            )
    wide = rng.uniform(0.41, 0.47)
    s.solid(
        mirrored(
            [
                (0.0, -0.44),
                (0.18, -0.43),
                (0.34, -0.34),
                (wide, -0.15),
                (wide - 0.02, 0.06),
                (0.31, 0.22),
                (0.25, 0.4),
                (0.18, 0.52),
                (0.08, 0.57),
                (0.0, 0.58),
            ]
        )
    )
    if rng.random() < 0.4:
        s.solid(mirrored([(0.0, 0.5), (0.09, 0.5), (0.1, 0.66), (0.06, 0.75), (0.0, 0.76)]), seam=True)
        s.light(mirrored([(0.0, 0.52), (0.07, 0.54), (0.08, 0.66), (0.05, 0.72), (0.0, 0.73)]))
    s.light(mirrored([(0.0, 0.04), (0.08, 0.08), (0.15, 0.18), (0.21, 0.3), (0.19, 0.43), (0.1, 0.48), (0.0, 0.46)]))
    if rng.random() < 0.4:
        s.light(mirrored([(0.0, -0.42), (0.06, -0.4), (0.05, -0.1), (0.08, 0.08), (0.0, 0.1)]))
    for side in (-1, 1):
        eye(s, side * 0.19, -0.08, 0.055)
        s.line(smooth([(side * 0.11, -0.17), (side * 0.2, -0.19), (side * 0.28, -0.13)], closed=False), 0.016)
        if ears == "hanging":
            out, drop = rng.uniform(0.5, 0.6), rng.uniform(0.24, 0.5)
            s.solid(
                smooth(
                    [
                        (side * 0.22, -0.4),
                        (side * 0.36, -0.43),
                        (side * 0.5, -0.28),
                        (side * out, 0.0),
                        (side * (out + 0.01), drop - 0.1),
                        (side * (out - 0.09), drop),
                        (side * 0.38, drop - 0.12),
                        (side * 0.35, -0.06),
                    ]
                ),
                seam=True,
            )
    s.dark(mirrored([(0.0, 0.14), (0.09, 0.15), (0.12, 0.21), (0.05, 0.29), (0.0, 0.3)]))
    s.line(smooth([(-0.17, 0.39), (-0.08, 0.42), (0.0, 0.29), (0.08, 0.42), (0.17, 0.39)], closed=False), 0.018)
    return s


def _tail(s: Sketch, rng: np.random.Generator, kind: str, root: Point, size: float = 1.0) -> None:
    """Paint a tail of a kind, from its root to the right."""
    lift = rng.uniform(-0.1, 0.12)
    spines: dict[str, list[Point]] = {
        "sabre": [(-0.04, 0.02), (0.08, 0.02), (0.2, -0.02 - lift), (0.31, -0.1 - 1.4 * lift)],
        "bushy": [(-0.04, 0.02), (0.05, 0.1), (0.1, 0.24), (0.16, 0.36 - lift), (0.24, 0.42 - lift)],
        "curled": [(-0.04, 0.03), (0.05, -0.06), (0.05, -0.19), (-0.05, -0.24), (-0.13, -0.17)],
        "up": [(-0.03, 0.03), (0.03, -0.06), (0.06, -0.17), (0.05, -0.26)],
        "stub": [(-0.04, 0.04), (0.02, 0.04), (0.05, 0.06 - 0.5 * lift)],
        "thin": [(-0.04, 0.02), (0.08, 0.06), (0.2, 0.08 - lift), (0.3, 0.02 - 1.6 * lift), (0.36, -0.06 - 2 * lift)],
    }
    widths = {
        "sabre": (0.08, 0.085, 0.07, 0.03),
        "bushy": (0.09, 0.11, 0.13, 0.11, 0.04),
        "curled": (0.1, 0.12, 0.13, 0.11, 0.06),
        "up": (0.07, 0.06, 0.05, 0.035),
        "stub": (0.1, 0.09, 0.06),
        "thin": (0.06, 0.05, 0.038, 0.03, 0.02),
    }
    limb(s, [(root[0] + size * x, root[1] + size * y) for x, y in spines[kind]], [size * w for w in widths[kind]])


def _stand(rng: np.random.Generator, breed: Breed, *, frontal: bool = False, collar: bool = False) -> Sketch:
    """A dog of a breed standing or walking, from the side; the head in profile or turned to the viewer."""
    s = Sketch()
    b, k = breed, breed.bulk * rng.uniform(0.92, 1.08)
    long = rng.uniform(0.74, 0.84)
    chest, flank = b.depth + 0.02, b.depth + 0.02 - b.tuck
    ground = chest + b.leg * rng.uniform(0.9, 1.1)
    nf, ff, nh, fh = strides(rng, 0.12 * min(1.0, b.leg / 0.3))
    size = 0.35 + 0.65 * min(1.0, b.leg / 0.3)
    paw_size = 0.048 * k
    _tail(s, rng, b.tail, (long, 0.05))
    front = (0.15 * k, 0.095 * k, 0.062 * k, 0.06 * k)
    hind = (0.24 * k, 0.15 * k * size, 0.06 * k, 0.056 * k)
    knee, hock = 0.05 * size, 0.055 * size
    foreleg(s, (0.15, 0.2), (0.12 + ff, ground - 0.01), front, paw_size, far=True)
    hindleg(s, (long - 0.12, 0.17), (long - 0.05 + fh, ground - 0.01), hind, paw_size, far=True, knee=knee, hock=hock)
    raise_head = rng.uniform(-0.08, 0.06) + max(0.0, 0.5 * (0.3 - b.leg))
    hx, hy = -0.14, -0.14 + raise_head
    s.solid(
        _coat(
            rng,
            wobble(
                rng,
                [
                    (hx + 0.02, hy - 0.02),
                    (hx + 0.15, hy - 0.06),
                    (0.06, -0.08 + 0.3 * raise_head),
                    (0.15, -0.01),
                    (0.25, 0.01),
                    (long * 0.6, 0.025),
                    (long - 0.12, 0.0),
                    (long - 0.01, 0.05),
                    (long + 0.02, 0.15),
                    (long - 0.04, flank - 0.03),
                    (long - 0.22, flank),
                    (long * 0.5, chest - 0.3 * b.tuck),
                    (0.22, chest),
                    (0.08, chest - 0.03),
                    (0.0, 0.2),
                    (-0.05 - 0.03 * k, 0.09),
                    (hx - 0.01, hy + 0.13),
                ],
                0.006,
            ),
            b.fur,
        )
    )
    hindleg(s, (long - 0.11, 0.17), (long - 0.06 + nh, ground), hind, paw_size, seam=True, knee=knee, hock=hock)
    foreleg(s, (0.13, 0.2), (0.1 + nf, ground), front, paw_size, seam=True)
    s.solid(ellipse(long - 0.12, 0.16, 0.12, 0.12))
    s.solid(ellipse(0.14, 0.17, 0.085, 0.11))
    if rng.random() < 0.25:
        s.dark(wobble(rng, [(0.3, 0.0), (0.55, 0.0), (0.6, 0.12), (0.42, 0.19), (0.28, 0.12)], 0.015))
    head = b.head * rng.uniform(0.98, 1.12)
    if collar:
        s.line([(hx + 0.21, hy + 0.02), (hx + 0.06, hy + 0.21)], 0.03)
    if frontal:
        attach(s, _face(rng, b.ears), (hx + 0.02, hy - 0.01), head, rng.uniform(-8, 8))
    else:
        attach(s, _profile(rng, b), (hx, hy - 0.02), head, rng.uniform(-14, 8))
    return s


def hanging_ears(rng: np.random.Generator) -> Sketch:
    """A retriever or hound standing or walking, from the side."""
    return _stand(rng, _pick(rng, RETRIEVER, HOUND), frontal=rng.random() < 0.25, collar=rng.random() < 0.4)


def pricked_ears(rng: np.random.Generator) -> Sketch:
    """A shepherd, husky or terrier standing or walking, from the side."""
    return _stand(rng, _pick(rng, SHEPHERD, HUSKY, TERRIER), frontal=rng.random() < 0.25, collar=rng.random() < 0.3)


def small(rng: np.random.Generator) -> Sketch:
    """A small dog from the side: dachshund, corgi, spaniel, or a shaggy one."""
    return _stand(rng, _pick(rng, DACHSHUND, CORGI, WESTIE, SPANIEL, POMERANIAN), frontal=rng.random() < 0.35)


def sitting_side(rng: np.random.Generator) -> Sketch:
    """A sitting dog from the side: straight forelegs, sloping back, tail on the ground or wagging."""
    s = Sketch()
    breed = _pick(rng, RETRIEVER, SHEPHERD, TERRIER, HOUND)
    k, out = breed.bulk * rng.uniform(0.95, 1.1), rng.uniform(-0.02, 0.06)
    limb(
        s,
        [(0.55 + out, 0.94), (0.68 + out, 0.97), (0.8 + out, 0.95), (0.92 + out, rng.uniform(0.8, 0.94))],
        (0.09, 0.09, 0.08, 0.03) if breed.tail != "thin" else (0.06, 0.05, 0.04, 0.02),
    )
    foreleg(s, (0.19, 0.55), (0.18, 0.99), (0.18 * k, 0.11 * k, 0.075 * k, 0.07 * k), 0.055, far=True)
    s.solid(
        _coat(
            rng,
            wobble(
                rng,
                [
                    (0.08, 0.18),
                    (0.26, 0.16),
                    (0.31, 0.3),
                    (0.4, 0.42),
                    (0.5, 0.58),
                    (0.6 + out, 0.77),
                    (0.62 + out, 0.92),
                    (0.54 + out, 0.99),
                    (0.38, 0.98),
                    (0.26, 0.82),
                    (0.19, 0.72),
                    (0.08, 0.62),
                    (0.03, 0.48),
                    (0.07, 0.34),
                ],
                0.006,
            ),
            breed.fur,
        )
    )
    s.solid(
        wobble(rng, [(0.3, 0.96), (0.27, 0.84), (0.34, 0.72), (0.47, 0.69), (0.57, 0.78), (0.57, 0.93)], 0.005),
        seam=True,
    )
    s.solid(smooth([(0.2, 0.99), (0.21, 0.93), (0.32, 0.9), (0.5, 0.92), (0.5, 0.99), (0.32, 1.0)]), seam=True)
    foreleg(s, (0.16, 0.52), (0.12, 0.995), (0.19 * k, 0.12 * k, 0.08 * k, 0.075 * k), 0.058, seam=True)
    s.solid(ellipse(0.18, 0.48, 0.11, 0.15))
    if rng.random() < 0.4:
        s.line([(0.04, 0.36), (0.3, 0.3)], 0.03)
    if rng.random() < 0.7:
        attach(s, _profile(rng, breed), (0.13, 0.14), rng.uniform(0.38, 0.44), rng.uniform(-16, 6))
    else:
        attach(s, _face(rng, breed.ears), (0.14, 0.14), rng.uniform(0.4, 0.46), rng.uniform(-8, 8))
    return s


def sitting_front(rng: np.random.Generator) -> Sketch:
    """A sitting dog from the front."""
    s = Sketch()
    ears = ("hanging", "hanging", "folded", "pricked")[int(rng.integers(4))]
    hips, chest = rng.uniform(0.23, 0.3), rng.uniform(0.17, 0.21)
    if rng.random() < 0.5:
        limb(s, [(hips - 0.06, 0.93), (hips + 0.1, 0.94), (hips + 0.22, rng.uniform(0.78, 0.92))], (0.09, 0.08, 0.04))
    s.solid(
        mirrored(
            [
                (0.0, 0.2),
                (0.12, 0.3),
                (chest, 0.44),
                (chest + 0.01, 0.6),
                (hips - 0.04, 0.74),
                (hips, 0.87),
                (hips + 0.01, 0.96),
                (hips - 0.1, 0.99),
                (0.06, 0.9),
                (0.0, 0.88),
            ]
        )
    )
    for side in (-1, 1):
        s.solid(
            smooth(
                [
                    (side * (hips - 0.15), 0.96),
                    (side * (hips - 0.08), 0.91),
                    (side * (hips + 0.02), 0.93),
                    (side * (hips + 0.05), 0.98),
                    (side * (hips - 0.06), 1.0),
                ]
            ),
            seam=True,
        )
        limb(s, [(side * 0.105, 0.5), (side * 0.105, 0.75), (side * 0.1, 0.95)], (0.12, 0.105, 0.09), seam=True)
        s.solid(ellipse(side * 0.105, 0.97, 0.068, 0.045), seam=True)
        for dx in (-0.022, 0.022):
            s.line([(side * 0.105 + dx, 0.965), (side * 0.105 + dx, 1.01)], 0.008)
    s.solid(mirrored([(0.0, 0.36), (0.1, 0.38), (chest - 0.02, 0.47), (0.12, 0.62), (0.0, 0.7)]))
    s.light(mirrored([(0.0, 0.42), (0.07, 0.42), (0.09, 0.52), (0.05, 0.64), (0.0, 0.68)]))
    attach(s, _face(rng, ears), (rng.uniform(-0.03, 0.03), 0.2), rng.uniform(0.4, 0.48), rng.uniform(-10, 10))
    return s


def portrait(rng: np.random.Generator) -> Sketch:
    """A dog's head, neck and shoulders, from the front or in profile, cut off below."""
    s = Sketch()
    breed = _pick(rng, RETRIEVER, SHEPHERD, TERRIER, HOUND, SPANIEL)
    bottom = rng.uniform(0.8, 1.1)
    if rng.random() < 0.55:
        shoulder = rng.uniform(0.4, 0.6)
        s.solid(
            mirrored(
                [(0.0, 0.0), (0.28, 0.1), (0.33, 0.45), (shoulder, 0.68), (shoulder + 0.03, bottom), (0.0, bottom)]
            )
        )
        s.line(smooth([(-0.32, 0.56), (0.0, 0.72), (0.32, 0.56)], closed=False), 0.04)
        attach(s, _face(rng, breed.ears), (0.0, 0.0), rng.uniform(0.95, 1.1), rng.uniform(-9, 9))
    else:
        s.solid(
            _coat(
                rng,
                smooth(
                    [
                        (-0.1, 0.1),
                        (0.2, -0.2),
                        (0.42, -0.1),
                        (0.52, 0.25),
                        (0.66, 0.6),
                        (0.7, bottom),
                        (0.2, bottom + 0.02),
                        (-0.22, bottom),
                        (-0.2, 0.7),
                        (-0.1, 0.45),
                    ]
                ),
                1.6 * breed.fur,
            )
        )
        if breed.fur == 0:
            s.line(smooth([(-0.1, 0.5), (0.2, 0.55), (0.55, 0.3)], closed=False), 0.05)
        attach(s, _profile(rng, breed), (0.0, 0.0), rng.uniform(0.95, 1.08), rng.uniform(-14, 8))
    return s


def lying(rng: np.random.Generator) -> Sketch:
    """A dog lying on its belly, head up, forelegs stretched out in front."""
    s = Sketch()
    breed = _pick(rng, RETRIEVER, SHEPHERD, HUSKY, TERRIER, HOUND)
    long, reach = rng.uniform(0.84, 0.98), rng.uniform(-0.24, -0.12)
    thin = breed.tail == "thin"
    limb(
        s,
        [(long - 0.04, 0.36), (long + 0.12, 0.41), (long + 0.24, 0.41), (long + 0.34, rng.uniform(0.34, 0.41))],
        (0.06, 0.05, 0.04, 0.02) if thin else (0.09, 0.09, 0.08, 0.04),
    )
    limb(s, [(0.16, 0.3), (0.08, 0.38), (reach + 0.08, 0.405)], (0.12, 0.08, 0.07), far=True)
    s.solid(
        _coat(
            rng,
            wobble(
                rng,
                [
                    (-0.03, -0.1),
                    (0.12, -0.14),
                    (0.2, 0.02),
                    (0.34, 0.09),
                    (long * 0.6, 0.12),
                    (long - 0.16, 0.11),
                    (long - 0.02, 0.2),
                    (long + 0.01, 0.33),
                    (long - 0.06, 0.42),
                    (long * 0.6, 0.43),
                    (0.3, 0.43),
                    (0.08, 0.4),
                    (-0.02, 0.28),
                    (-0.04, 0.1),
                ],
                0.006,
            ),
            breed.fur,
        )
    )
    s.solid(
        wobble(
            rng,
            [
                (long * 0.62, 0.42),
                (long * 0.6, 0.3),
                (long * 0.7, 0.19),
                (long * 0.86, 0.18),
                (long - 0.03, 0.28),
                (long - 0.04, 0.4),
            ],
            0.006,
        ),
        seam=True,
    )
    s.solid(
        smooth(
            [(long * 0.48, 0.435), (long * 0.49, 0.38), (long * 0.62, 0.36), (long * 0.82, 0.38), (long * 0.82, 0.435)]
        ),
        seam=True,
    )
    limb(
        s,
        [(0.18, 0.2), (0.2, 0.33), (0.12, 0.4), (reach + 0.06, 0.41), (reach, 0.41)],
        (0.16, 0.12, 0.08, 0.065, 0.065),
        seam=True,
    )
    s.solid(ellipse(0.17, 0.18, 0.1, 0.13))
    if rng.random() < 0.6:
        attach(s, _profile(rng, breed), (-0.02, -0.14), rng.uniform(0.35, 0.41), rng.uniform(-12, 8))
    else:
        attach(s, _face(rng, breed.ears), (0.02, -0.12), rng.uniform(0.37, 0.43), rng.uniform(-9, 9))
    return s


def running(rng: np.random.Generator) -> Sketch:
    """A dog at full gallop, legs stretched out or gathered under the body."""
    s = Sketch()
    breed = _pick(rng, GREYHOUND, RETRIEVER, SHEPHERD, HOUND)
    k, long = breed.bulk, rng.uniform(0.82, 0.94)
    flank = 0.36 - breed.tuck
    _tail(s, rng, "thin" if breed.tail == "thin" else "sabre", (long, 0.08), 1.1)
    if rng.random() < 0.6:
        front = (
            [(0.16, 0.22), (0.03, 0.36), (-0.14, 0.4), (-0.27, 0.4)],
            [(0.14, 0.22), (-0.02, 0.3), (-0.2, 0.3), (-0.34, 0.32)],
        )
        hind = (
            [(long - 0.1, 0.18), (long, 0.34), (long + 0.15, 0.38), (long + 0.26, 0.46)],
            [(long - 0.1, 0.18), (long - 0.04, 0.36), (long + 0.1, 0.42), (long + 0.2, 0.52)],
        )
    else:
        front = (
            [(0.16, 0.22), (0.2, 0.4), (0.3, 0.5), (0.42, 0.52)],
            [(0.14, 0.22), (0.08, 0.4), (0.2, 0.52), (0.28, 0.58)],
        )
        hind = (
            [(long - 0.1, 0.18), (long - 0.24, 0.34), (long - 0.16, 0.46), (long - 0.36, 0.56)],
            [(long - 0.1, 0.18), (long - 0.2, 0.36), (long - 0.08, 0.48), (long - 0.26, 0.6)],
        )
    slim, thigh = (0.14 * k, 0.09 * k, 0.06 * k, 0.06 * k), (0.22 * k, 0.15 * k, 0.065 * k, 0.06 * k)
    limb(s, front[1], slim, far=True)
    limb(s, hind[1], thigh, far=True)
    s.solid(
        _coat(
            rng,
            wobble(
                rng,
                [
                    (-0.13, -0.12),
                    (0.0, -0.12),
                    (0.14, 0.0),
                    (0.3, 0.02),
                    (long * 0.6, 0.0),
                    (long - 0.12, 0.02),
                    (long, 0.1),
                    (long - 0.02, 0.22),
                    (long - 0.2, flank),
                    (long * 0.5, 0.36 - 0.4 * breed.tuck),
                    (0.22, 0.37),
                    (0.08, 0.32),
                    (0.0, 0.18),
                    (-0.1, 0.06),
                ],
                0.006,
            ),
            breed.fur,
        )
    )
    limb(s, hind[0], thigh, seam=True)
    limb(s, front[0], slim, seam=True)
    s.solid(ellipse(long - 0.11, 0.16, 0.11, 0.11))
    s.solid(ellipse(0.16, 0.19, 0.08, 0.1))
    attach(s, _profile(rng, breed), (-0.15, -0.08), breed.head * rng.uniform(0.92, 1.05), rng.uniform(-16, 0))
    return s


DRAWINGS = (hanging_ears, pricked_ears, small, sitting_side, sitting_front, portrait, lying, running)
