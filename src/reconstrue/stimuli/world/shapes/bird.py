"""Drawings of a bird."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reconstrue.stimuli.world.drawing import (
    Points,
    Sketch,
    ellipse,
    points,
    smooth,
    turn,
)


def _eye(s: Sketch, x: float, y: float, r: float) -> None:
    """Paint an eye with a pale ring."""
    s.light(ellipse(x, y, r * 1.35))
    s.dark(ellipse(x, y, r))


def _leg(s: Sketch, hip: ArrayLike, foot: ArrayLike, width: float, *, bend: float = 0.05, toe: float = 0.09) -> None:
    """Paint a leg: thigh, a heel that bends backwards, shank, three toes forward and one back."""
    a, b = np.asarray(hip, dtype=np.float64), np.asarray(foot, dtype=np.float64)
    heel = 0.6 * a + 0.4 * b + np.array([bend, 0.0])
    s.stroke([a, 0.5 * (a + heel), heel], [width * 3.2, width * 2.0, width * 1.05])
    s.stroke([heel, b], [width * 1.05, width])
    for dx, dy in ((-toe, 0.012), (-0.72 * toe, 0.032), (0.5 * toe, 0.014)):
        s.stroke([b, b + [0.6 * dx, 0.4 * dy], b + [dx, dy]], [width, width * 0.9, width * 0.45], round_ends=False)


def _wing(
    root: tuple[ArrayLike, ArrayLike],
    wrist: ArrayLike,
    tip: ArrayLike,
    fingers: int,
    gap: float,
    chord: float = 1.0,
) -> Points:
    """Return an opened wing: leading edge over the wrist to the tip, then feather ends back to the body.

    `gap` is how deep the outer feathers are parted, from 0 (a smooth hand) to 1 (an eagle's fingers).
    """
    front, rear = (np.asarray(p, dtype=np.float64) for p in root)
    bend, end = np.asarray(wrist, dtype=np.float64), np.asarray(tip, dtype=np.float64)
    back = (rear - front) * chord
    edge = smooth(
        [front, 0.5 * (front + bend) - 0.06 * back, bend, 0.45 * bend + 0.55 * end - 0.03 * back, end],
        closed=False,
    )
    trail = smooth(
        [
            end,
            0.35 * bend + 0.65 * end + 0.42 * back,
            bend + 0.2 * (end - bend) + 0.86 * back,
            0.5 * (front + bend) + 0.96 * back,
            rear,
        ],
        closed=False,
        steps=16,
    )
    feathers = []
    count = fingers + 7
    for k in range(1, count):
        at = trail[min(int(len(trail) * 0.9 * k / count), len(trail) - 1)]
        outer = k <= fingers
        depth = (0.1 + 0.5 * gap) * (1 - 0.5 * k / fingers) if outer else 0.05
        before = trail[int(len(trail) * 0.9 * (k - 0.35) / count)]
        pivot = bend if outer else 0.5 * (front + bend)
        feathers += [before + depth * (pivot - before), at]
    return np.concatenate([edge, points(feathers), points([rear])])


def songbird(rng: np.random.Generator) -> Sketch:
    """A small songbird standing or perching, from the side."""
    s = Sketch()
    lean, fat, tail = rng.uniform(-28, 14), rng.uniform(-0.03, 0.06), rng.uniform(0.2, 0.44)
    head = rng.uniform(0.95, 1.15)
    about = (0.42, 0.6)

    def at(values: ArrayLike) -> Points:
        return turn(values, -lean, about)

    for hip, foot in (((0.47, 0.62), (0.49, 0.92)), ((0.4, 0.62), (0.4, 0.93))):
        _leg(s, hip, foot, 0.02, bend=0.03, toe=rng.uniform(0.07, 0.1))
    cock = rng.uniform(-14, 8)
    fan = turn(
        [
            (0.58, 0.44),
            (0.62 + tail, 0.6 + 0.3 * tail),
            (0.66 + tail, 0.66 + 0.3 * tail),
            (0.6 + tail, 0.7 + 0.3 * tail),
            (0.58, 0.62),
        ],
        -cock,
        (0.6, 0.55),
    )
    s.solid(at(fan))
    s.solid(
        at(
            smooth(
                [
                    (0.16, 0.2),
                    (0.27, 0.14),
                    (0.38, 0.22),
                    (0.48, 0.31),
                    (0.6, 0.42),
                    (0.7, 0.53),
                    (0.69, 0.6),
                    (0.56, 0.67 + fat),
                    (0.42, 0.68 + fat),
                    (0.28, 0.61 + fat),
                    (0.18, 0.48),
                    (0.15, 0.34),
                ]
            )
        )
    )
    crown = rng.random()
    skull = ellipse(0.25, 0.23, 0.125 * head, 0.115 * head)
    beak_length, beak_deep = rng.uniform(0.06, 0.15), rng.uniform(0.03, 0.06)
    if crown < 0.25:
        s.solid(at(smooth([(0.15, 0.17), (0.26, 0.09), (0.41, 0.0), (0.35, 0.16), (0.3, 0.22)])))
    s.solid(at(skull))
    tip = (0.14 - beak_length, 0.26)
    s.solid(at([(0.165, 0.235 - beak_deep), tip, (0.16, 0.245 + beak_deep)]), seam=True)
    s.line(at([tip, (0.17, 0.255)]), 0.008)
    if rng.random() < 0.5:
        s.light(at(smooth([(0.16, 0.36), (0.28, 0.42), (0.38, 0.58), (0.44, 0.66), (0.3, 0.6), (0.19, 0.48)])))
    long = rng.uniform(0.0, 0.1)
    wing = smooth(
        [
            (0.35, 0.36),
            (0.45, 0.36),
            (0.58, 0.45),
            (0.78 + long, 0.65),
            (0.64, 0.63),
            (0.46, 0.58),
            (0.36, 0.48),
        ]
    )
    s.solid(at(wing), seam=True)
    for dy in (0.0, 0.035, 0.07):
        s.line(at([(0.45, 0.46 + dy), (0.56, 0.51 + dy), (0.68 - dy, 0.595 + 0.3 * dy)]), 0.01)
    if rng.random() < 0.3:
        s.dark(at(smooth([(0.14, 0.2), (0.25, 0.1), (0.36, 0.19), (0.25, 0.18)])))
    eye = at([(0.205, 0.215)])[0]
    _eye(s, eye[0], eye[1], 0.017)
    return s


def wader(rng: np.random.Generator) -> Sketch:
    """A heron, stork, flamingo or ostrich: long legs, long neck."""
    s = Sketch()
    kind = ("heron", "stork", "flamingo", "ostrich")[int(rng.integers(4))]
    legs, neck = rng.uniform(0.36, 0.46), rng.uniform(0.85, 1.1)
    ground = 0.66 + legs
    stride = rng.uniform(0.0, 0.12)
    thick = 0.032 if kind == "ostrich" else 0.02
    fold = kind == "flamingo" and rng.random() < 0.4
    if fold:
        s.stroke([(0.5, 0.62), (0.56, 0.62 + legs * 0.4), (0.42, 0.66 + legs * 0.46)], [0.05, 0.022, 0.02])
    else:
        _leg(s, (0.5, 0.6), (0.5 + stride, ground), thick, bend=0.04, toe=0.1)
    _leg(s, (0.43, 0.6), (0.43 - stride * 0.7, ground + 0.01), thick, bend=0.04, toe=0.1)
    droop = rng.uniform(0.0, 0.1)
    plump = {"heron": 0.0, "stork": 0.02, "flamingo": 0.03, "ostrich": 0.09}[kind]
    s.solid(
        smooth(
            [
                (0.22, 0.46),
                (0.34, 0.38 - plump),
                (0.5, 0.4 - plump),
                (0.68, 0.5 - 0.5 * plump),
                (0.86, 0.62 + droop),
                (0.78, 0.66 + droop),
                (0.6, 0.66 + plump),
                (0.42, 0.67 + plump),
                (0.28, 0.6 + 0.6 * plump),
            ]
        )
    )
    upright = rng.uniform(-0.04, 0.06)
    if kind == "heron":
        spine = [
            (0.3, 0.52),
            (0.2, 0.44),
            (0.22, 0.32),
            (0.28, 0.2),
            (0.24, 0.08 + upright),
            (0.17, 0.04 + upright),
        ]
        widths = [0.16, 0.1, 0.075, 0.06, 0.055, 0.07]
    elif kind == "flamingo":
        spine = [
            (0.3, 0.52),
            (0.16, 0.5),
            (0.12, 0.38),
            (0.22, 0.26),
            (0.27, 0.1),
            (0.2, 0.0 + upright),
            (0.1, 0.06 + upright),
        ]
        widths = [0.14, 0.08, 0.06, 0.05, 0.048, 0.05, 0.065]
    else:
        spine = [(0.32, 0.52), (0.22, 0.4), (0.21, 0.24), (0.2, 0.1), (0.15, 0.03 + upright)]
        widths = [0.2, 0.12, 0.07, 0.06, 0.08] if kind == "stork" else [0.2, 0.09, 0.055, 0.045, 0.055]
    spine_points = points(spine) * [1.0, neck] + [0.0, 0.52 * (1 - neck)]
    curve = smooth(spine_points, closed=False, steps=8)
    s.stroke(curve, np.interp(np.linspace(0, 1, len(curve)), np.linspace(0, 1, len(widths)), widths))
    x, y = curve[-1]
    r = 0.045 if kind != "ostrich" else 0.042
    s.solid(ellipse(x - 0.01, y, r * 1.35, r, -12))
    if kind == "flamingo":
        beak = smooth(
            [
                (x - 0.03, y - 0.04),
                (x - 0.09, y + 0.0),
                (x - 0.12, y + 0.09),
                (x - 0.1, y + 0.14),
                (x - 0.07, y + 0.07),
                (x - 0.02, y + 0.035),
            ]
        )
        s.solid(beak, seam=True)
        s.dark([(x - 0.13, y + 0.07), (x - 0.07, y + 0.07), (x - 0.08, y + 0.15), (x - 0.12, y + 0.15)])
    else:
        long = rng.uniform(0.16, 0.22) if kind != "ostrich" else 0.08
        drop = rng.uniform(0.0, 0.05)
        deep = 0.022 if kind != "ostrich" else 0.028
        s.solid([(x - 0.04, y - deep), (x - 0.05 - long, y + drop), (x - 0.04, y + deep + 0.004)], seam=True)
        s.line([(x - 0.05, y + 0.004), (x - 0.05 - long, y + drop)], 0.008)
    if kind == "heron" and rng.random() < 0.7:
        s.stroke([(x + 0.03, y - 0.02), (x + 0.11, y + 0.01), (x + 0.18, y + 0.06)], [0.03, 0.016, 0.006])
    if kind == "ostrich":
        for k in range(4):
            s.solid(ellipse(0.74 + 0.035 * k, 0.48 + 0.06 * k, 0.1, 0.05, 40 + 8 * k), seam=k == 3)
    wing = smooth(
        [
            (0.32, 0.46),
            (0.46, 0.43 - 0.5 * plump),
            (0.66, 0.52),
            (0.88, 0.66 + droop),
            (0.62, 0.63),
            (0.42, 0.6),
        ]
    )
    s.solid(wing, seam=True)
    for k in range(3):
        s.line([(0.5 + 0.04 * k, 0.52 + 0.025 * k), (0.64 + 0.03 * k, 0.575 + 0.02 * k + 0.4 * droop)], 0.011)
    if kind == "stork":
        s.dark(smooth([(0.6, 0.54), (0.74, 0.57), (0.87, 0.65 + droop), (0.62, 0.62)]))
    _eye(s, x - 0.015, y - 0.008, 0.012)
    return s


def swimmer(rng: np.random.Generator) -> Sketch:
    """A duck, goose or swan on the water."""
    s = Sketch()
    kind = ("duck", "goose", "swan")[int(rng.integers(3))]
    lift, deep = rng.uniform(0.0, 0.09), rng.uniform(0.0, 0.05)
    s.solid(
        smooth(
            [
                (0.13, 0.6),
                (0.2, 0.5),
                (0.34, 0.43),
                (0.52, 0.4),
                (0.7, 0.43),
                (0.84, 0.47),
                (0.98, 0.47 - lift),
                (0.97, 0.55),
                (0.91, 0.63),
                (0.82, 0.68),
                (0.66, 0.71 + deep),
                (0.42, 0.72 + deep),
                (0.22, 0.7),
            ]
        )
    )
    rise = rng.uniform(-0.03, 0.06)
    if kind == "duck":
        spine, widths = [(0.33, 0.58), (0.26, 0.44), (0.22, 0.3 - rise)], [0.3, 0.2, 0.15]
        r = 0.105
    elif kind == "goose":
        spine, widths = [(0.28, 0.6), (0.2, 0.44), (0.2, 0.26), (0.19, 0.12 - rise)], [0.28, 0.17, 0.1, 0.09]
        r = 0.065
    else:
        spine = [
            (0.28, 0.62),
            (0.15, 0.5),
            (0.15, 0.36),
            (0.25, 0.22),
            (0.28, 0.06),
            (0.22, -0.05 - rise),
            (0.14, -0.04 - rise),
        ]
        widths = [0.22, 0.13, 0.085, 0.075, 0.07, 0.07, 0.075]
        r = 0.055
    curve = smooth(spine, closed=False, steps=8)
    s.stroke(curve, np.interp(np.linspace(0, 1, len(curve)), np.linspace(0, 1, len(widths)), widths))
    x, y = curve[-1]
    s.solid(ellipse(x - 0.02, y, r * 1.22, r, 8))
    bill = rng.uniform(0.1, 0.14) if kind != "swan" else rng.uniform(0.08, 0.11)
    s.solid(
        smooth(
            [
                (x - r * 0.95, y - 0.035),
                (x - r - 0.5 * bill, y + 0.005),
                (x - r - bill, y + 0.018),
                (x - r - bill, y + 0.045),
                (x - r - 0.4 * bill, y + 0.05),
                (x - r * 0.8, y + 0.04),
            ]
        ),
        seam=True,
    )
    s.line([(x - r, y + 0.02), (x - r - bill, y + 0.036)], 0.008)
    if kind != "swan":
        s.dark(
            ellipse(x + 0.01, y, r * 0.6, r * 0.85)
            if rng.random() < 0.4
            else ellipse(x, y - r * 0.75, r * 0.6, r * 0.2)
        )
    raised = rng.uniform(0.0, 0.14) if kind == "swan" else 0.0
    wing = smooth(
        [
            (0.34, 0.54),
            (0.42, 0.45 - 0.5 * raised),
            (0.6, 0.41 - raised),
            (0.78, 0.43 - 0.7 * raised),
            (0.96, 0.46 - raised * 0.4),
            (0.84, 0.56),
            (0.64, 0.64),
            (0.44, 0.64),
        ]
    )
    s.solid(wing, seam=True)
    for k in range(3):
        s.line(
            smooth(
                [
                    (0.48 + 0.06 * k, 0.5 + 0.035 * k),
                    (0.64 + 0.05 * k, 0.51 + 0.02 * k),
                    (0.84, 0.5 + 0.015 * k),
                ],
                closed=False,
            ),
            0.011,
        )
    _eye(s, x - 0.035, y - 0.015, 0.014)
    return s


def flapping(rng: np.random.Generator) -> Sketch:
    """A bird in flight from the side, wings up or down."""
    s = Sketch()
    up, back = rng.random() < 0.7, rng.uniform(-0.06, 0.16)
    high = rng.uniform(0.48, 0.72) * (1 if up else -0.7)
    gull = rng.random() < 0.5
    gap = rng.uniform(0.0, 0.15) if gull else rng.uniform(0.2, 0.7)
    fingers = int(rng.integers(4, 7))
    mid = 0.5
    far = _wing(
        ((0.34, mid - 0.04), (0.54, mid - 0.02)),
        (0.26 + back, mid - 0.5 * high),
        (0.34 + 1.6 * back, mid - 1.02 * high),
        fingers,
        gap,
        1.1,
    )
    s.solid(far)
    spread, tail = rng.uniform(0.02, 0.12), rng.uniform(0.12, 0.22)
    end = 0.68 + tail
    s.solid(
        [
            (0.6, mid - 0.03),
            (end - 0.02, mid - spread * 0.5),
            (end, mid + 0.005),
            (end - 0.015, mid + 0.03),
            (end, mid + 0.055),
            (end - 0.03, mid + 0.05 + spread * 0.6),
            (0.62, mid + 0.05),
        ]
    )
    plump = rng.uniform(-0.01, 0.03)
    s.solid(
        smooth(
            [
                (0.1, mid - 0.02),
                (0.16, mid - 0.075),
                (0.26, mid - 0.075),
                (0.4, mid - 0.085 - plump),
                (0.54, mid - 0.055),
                (0.68, mid - 0.012),
                (0.7, mid + 0.025),
                (0.56, mid + 0.07 + plump),
                (0.4, mid + 0.1 + plump),
                (0.24, mid + 0.06),
                (0.13, mid + 0.035),
            ]
        )
    )
    beak = rng.uniform(0.05, 0.11)
    hook = 0.02 if not gull else 0.006
    s.solid(
        [
            (0.125, mid - 0.035),
            (0.11 - 0.7 * beak, mid - 0.015),
            (0.1 - beak, mid + 0.01 + hook),
            (0.12, mid + 0.025),
        ],
        seam=True,
    )
    reach = rng.uniform(0.1, 0.3)
    front, rear = np.array([0.28, mid - 0.03]), np.array([0.56, mid + 0.01])
    wrist = np.array([0.28 + reach, mid - 0.5 * high])
    tip = np.array([0.44 + reach + 1.6 * back, mid - 1.12 * high])
    near = _wing((front, rear), wrist, tip, fingers, gap, 1.15)
    s.solid(near, seam=True)
    for t in np.linspace(0.15, 0.95, 6):
        a = (1 - t) * wrist + t * (0.5 * (front + rear))
        b = (1 - t) * tip + t * rear
        s.line([0.75 * a + 0.25 * b, 0.12 * a + 0.88 * b], 0.01)
    if rng.random() < 0.25:
        s.stroke([(0.5, mid + 0.07), (0.6, mid + 0.14), (0.7, mid + 0.16)], [0.03, 0.018, 0.02])
    _eye(s, 0.165, mid - 0.035, 0.012)
    return s


def soaring(rng: np.random.Generator) -> Sketch:
    """A bird soaring with spread wings and a fanned tail, from below or above."""
    s = Sketch()
    eagle = rng.random() < 0.65
    gap = rng.uniform(0.3, 0.75) if eagle else rng.uniform(0.0, 0.12)
    chord = rng.uniform(0.27, 0.34) if eagle else rng.uniform(0.15, 0.2)
    sweep = rng.uniform(-0.06, 0.08) if eagle else rng.uniform(0.06, 0.24)
    forward = rng.uniform(0.0, 0.06) if eagle else rng.uniform(0.02, 0.1)
    fingers = int(rng.integers(5, 7))
    flat = rng.uniform(0.7, 1.0)
    for side, shorter in ((-1, rng.uniform(0.8, 1.0)), (1, rng.uniform(0.55, 1.0))):
        reach = np.array([side * shorter, 1.0])
        front, rear = np.array([0.05, -0.12]) * reach, np.array([0.06, chord - 0.1]) * reach
        wrist = np.array([0.3, -0.15 - forward]) * reach
        tip = np.array([rng.uniform(0.72, 0.8), -0.1 + sweep]) * reach
        s.solid(_wing((front, rear), wrist, tip, fingers, gap))
        s.line(
            smooth([front + [0, 0.07], wrist + [0, 0.1], 0.4 * wrist + 0.6 * tip + [0, 0.05]], closed=False),
            0.01,
        )
        for t in np.linspace(0.1, 0.95, 7):
            a, b = (1 - t) * tip + t * front + [0.0, 0.08], (1 - t) * (tip + [0.0, 0.1]) + t * rear
            s.line([0.6 * a + 0.4 * b, b], 0.008)
    wide, long = rng.uniform(0.1, 0.2), rng.uniform(0.26, 0.36)
    fork = rng.uniform(-0.04, 0.03)
    s.solid(
        smooth(
            [
                (-0.05, 0.12),
                (-0.05, 0.2),
                (-wide, long),
                (-0.5 * wide, long + 0.02),
                (0.0, long + fork + 0.02),
                (0.5 * wide, long + 0.02),
                (wide, long),
                (0.05, 0.2),
                (0.05, 0.12),
            ],
            steps=5,
        )
    )
    for t in (-0.6, -0.2, 0.2, 0.6):
        s.line([(0.2 * t * wide, 0.2), (t * wide, long)], 0.008)
    s.solid(
        smooth(
            [
                (0.0, -0.27),
                (-0.045, -0.24),
                (-0.05, -0.18),
                (-0.075, -0.08),
                (-0.07, 0.06),
                (-0.04, 0.22),
                (0.04, 0.22),
                (0.07, 0.06),
                (0.075, -0.08),
                (0.05, -0.18),
                (0.045, -0.24),
            ]
        )
    )
    s.solid(
        [(-0.025, -0.25), (rng.uniform(-0.03, 0.03), -0.25 - rng.uniform(0.06, 0.1)), (0.025, -0.25)],
        seam=True,
    )
    angle = rng.uniform(-55, 55)
    turned = np.array(
        [
            [np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))],
            [-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))],
        ]
    )
    return s.transformed(np.diag([1.0, flat]) @ turned, np.zeros(2), 1.0)


def _upright(rng: np.random.Generator) -> Sketch:
    """An eagle, hawk or parrot sitting upright, from the side."""
    s = Sketch()
    parrot = rng.random() < 0.4
    lean, tail = rng.uniform(-12, 14), rng.uniform(0.3, 0.5) if parrot else rng.uniform(0.1, 0.2)
    about = (0.4, 0.7)

    def at(values: ArrayLike) -> Points:
        return turn(values, lean, about)

    s.solid(
        at(
            [
                (0.44, 0.7),
                (0.6, 0.66),
                (0.66 + 0.3 * tail, 0.92 + tail),
                (0.6 + 0.3 * tail, 0.95 + tail),
                (0.53 + 0.25 * tail, 0.93 + tail),
            ]
        )
    )
    for x in (0.44, 0.36):
        foot = (x - 0.02, 0.97)
        s.stroke(at([(x, 0.72), (x - 0.02, 0.86)]), [0.17, 0.08])
        s.stroke([at([(x - 0.02, 0.86)])[0], foot], 0.04)
        for dx in (-0.09, -0.04, 0.05):
            s.stroke(
                [foot, (foot[0] + dx * 0.7, foot[1] + 0.005), (foot[0] + dx, foot[1] + 0.035)],
                [0.03, 0.026, 0.012],
            )
    wide = rng.uniform(-0.02, 0.04)
    s.solid(
        at(
            smooth(
                [
                    (0.22, 0.2),
                    (0.34, 0.1),
                    (0.45, 0.18),
                    (0.54, 0.32),
                    (0.62, 0.5),
                    (0.64, 0.68),
                    (0.56, 0.8),
                    (0.42, 0.82),
                    (0.28, 0.74),
                    (0.21 - wide, 0.58),
                    (0.19 - wide, 0.42),
                    (0.22, 0.3),
                ]
            )
        )
    )
    big = rng.uniform(0.95, 1.15)
    s.solid(at(ellipse(0.31, 0.175, 0.12 * big, 0.105 * big)))
    if parrot and rng.random() < 0.5:
        for k in range(4):
            s.stroke(
                at(
                    smooth(
                        [
                            (0.28 + 0.04 * k, 0.1),
                            (0.3 + 0.06 * k, 0.02 + 0.01 * k),
                            (0.36 + 0.07 * k, -0.06 + 0.03 * k),
                        ],
                        closed=False,
                    )
                ),
                np.linspace(0.05, 0.012, 21),
            )
    hook = rng.uniform(0.06, 0.1) + (0.03 if parrot else 0.0)
    s.solid(
        at(
            smooth(
                [
                    (0.25, 0.1),
                    (0.17, 0.11),
                    (0.11, 0.17),
                    (0.1, 0.17 + hook),
                    (0.145, 0.2),
                    (0.2, 0.23),
                    (0.25, 0.22),
                ]
            )
        ),
        seam=True,
    )
    s.line(at([(0.15, 0.195), (0.24, 0.2)]), 0.009)
    if not parrot and rng.random() < 0.5:
        s.light(at(smooth([(0.3, 0.1), (0.42, 0.16), (0.47, 0.28), (0.36, 0.33), (0.24, 0.3), (0.26, 0.2)])))
    end = rng.uniform(0.9, 1.04)
    s.solid(
        at(
            smooth(
                [
                    (0.4, 0.33),
                    (0.5, 0.32),
                    (0.6, 0.46),
                    (0.66, 0.7),
                    (0.68, end),
                    (0.6, end - 0.1),
                    (0.48, 0.74),
                    (0.39, 0.55),
                ]
            )
        ),
        seam=True,
    )
    for k in range(4):
        s.line(at([(0.46 + 0.04 * k, 0.48 + 0.02 * k), (0.54 + 0.03 * k, 0.7 + 0.04 * k)]), 0.011)
    for k in range(5):
        s.line(at([(0.25 + 0.03 * (k % 2), 0.42 + 0.07 * k), (0.285 + 0.03 * (k % 2), 0.445 + 0.07 * k)]), 0.011)
    eye = at([(0.265, 0.155)])[0]
    _eye(s, eye[0], eye[1], 0.018)
    return s


def perched(rng: np.random.Generator) -> Sketch:
    """An eagle, a hawk or a parrot sitting upright, or an owl facing the viewer."""
    return _upright(rng) if rng.random() < 0.65 else _owl(rng)


def _owl(rng: np.random.Generator) -> Sketch:
    """An owl from the front, with or without ear tufts."""
    s = Sketch()
    w, tufts, head = rng.uniform(0.24, 0.3), rng.random() < 0.7, rng.uniform(0.9, 1.05)
    tail = rng.uniform(0.04, 0.14)
    s.solid([(-0.1, 0.8), (0.1, 0.8), (0.08, 0.96 + tail), (-0.08, 0.96 + tail)])
    half = [
        (0.0, 0.02),
        (0.12 * head, 0.035),
        (w * 0.9 * head, 0.13),
        (w * 0.94 * head, 0.25),
        (w * 0.76 * head, 0.37),
        (w * 0.98, 0.49),
        (w * 1.02, 0.66),
        (w * 0.8, 0.86),
        (0.1, 0.96),
        (0.0, 0.97),
    ]
    s.solid(smooth([*half, *[(-x, y) for x, y in half[-2:0:-1]]]))
    turned = rng.uniform(-0.03, 0.03)
    for side in (-1, 1):
        if tufts:
            s.solid(
                [
                    (side * 0.06, 0.1),
                    (side * w * 0.78, rng.uniform(-0.05, 0.0)),
                    (side * w * 0.85 * head, 0.2),
                ]
            )
        wing = smooth(
            [
                (side * w * 0.8, 0.42),
                (side * w * 1.06, 0.52),
                (side * w * 1.1, 0.7),
                (side * w * 0.86, 0.99),
                (side * w * 0.62, 0.7),
            ]
        )
        s.solid(wing, seam=True)
        x = side * 0.095 + turned
        s.light(ellipse(x, 0.23, 0.09 * head, 0.1 * head))
        s.dark(ellipse(x, 0.23, 0.042))
        for dx in (-0.03, 0.0, 0.03):
            s.stroke([(side * 0.11 + dx, 0.92), (side * 0.11 + dx * 1.8, 1.03)], [0.045, 0.022])
    s.dark([(turned - 0.03, 0.27), (turned + 0.03, 0.27), (turned, 0.35)])
    for row in range(5):
        for k in range(-2, 3):
            x, y = 0.065 * (k + 0.5 * (row % 2)), 0.47 + 0.085 * row
            s.line([(x - 0.02, y), (x, y + 0.02), (x + 0.02, y)], 0.01)
    return s


def _penguin(rng: np.random.Generator) -> Sketch:
    """A penguin standing or waddling, from the side or a little from the front."""
    s = Sketch()
    fat, spread = rng.uniform(0.0, 0.06), rng.uniform(0.0, 0.16)
    s.solid([(0.5, 0.84), (0.62, 0.82), (0.72, 0.98), (0.66, 1.0), (0.5, 0.93)])
    for x in (0.34, 0.5):
        s.solid(smooth([(x + 0.06, 0.9), (x + 0.07, 0.99), (x - 0.07, 1.02), (x - 0.1, 0.99), (x - 0.04, 0.93)]))
    s.solid(smooth([(0.3, 0.36), (0.34, 0.44), (0.24 - spread, 0.62), (0.17 - spread, 0.68), (0.2 - spread, 0.56)]))
    s.solid(
        smooth(
            [
                (0.32, 0.08),
                (0.42, 0.04),
                (0.5, 0.12),
                (0.51, 0.22),
                (0.58, 0.34),
                (0.64 + fat, 0.55),
                (0.63 + fat, 0.78),
                (0.54, 0.95),
                (0.36, 0.97),
                (0.25 - fat, 0.82),
                (0.23 - fat, 0.6),
                (0.28, 0.38),
                (0.33, 0.26),
                (0.3, 0.16),
            ]
        )
    )
    long = rng.uniform(0.1, 0.17)
    s.solid(
        smooth(
            [
                (0.34, 0.09),
                (0.3 - 0.5 * long, 0.1),
                (0.3 - long, 0.15),
                (0.3 - 0.5 * long, 0.15),
                (0.33, 0.17),
            ]
        ),
        seam=True,
    )
    s.light(
        smooth(
            [
                (0.32, 0.3),
                (0.42, 0.4),
                (0.48, 0.62),
                (0.46, 0.88),
                (0.36, 0.95),
                (0.27 - fat, 0.8),
                (0.26 - fat, 0.6),
            ]
        )
    )
    s.solid(
        smooth(
            [
                (0.46, 0.34),
                (0.54, 0.36),
                (0.58 + spread * 0.4, 0.55),
                (0.58 + spread, 0.76),
                (0.53 + spread * 0.8, 0.74),
                (0.47, 0.56),
            ]
        ),
        seam=True,
    )
    s.light(ellipse(0.44, 0.2, 0.025, 0.06, 15))
    _eye(s, 0.375, 0.11, 0.013)
    return s


def ground(rng: np.random.Generator) -> Sketch:
    """A hen, a cock, a pigeon or a penguin on the ground."""
    return _fowl(rng) if rng.random() < 0.72 else _penguin(rng)


def _fowl(rng: np.random.Generator) -> Sketch:
    """A hen, a cock or a pigeon walking, from the side."""
    s = Sketch()
    kind = ("hen", "cock", "pigeon")[int(rng.integers(3))]
    stride = rng.uniform(0.02, 0.12)
    legs = rng.uniform(0.9, 0.98)
    for hip, foot in (((0.52, 0.66), (0.53 + stride, legs)), ((0.44, 0.66), (0.44 - stride, legs + 0.01))):
        _leg(s, hip, foot, 0.026, bend=0.035, toe=0.1)
    if kind == "pigeon":
        drop = rng.uniform(-0.02, 0.08)
        s.solid([(0.7, 0.5), (1.0, 0.64 + drop), (1.0, 0.7 + drop), (0.68, 0.66)])
        s.solid(
            smooth(
                [
                    (0.2, 0.16),
                    (0.28, 0.13),
                    (0.35, 0.2),
                    (0.38, 0.32),
                    (0.52, 0.38),
                    (0.7, 0.48),
                    (0.84, 0.6),
                    (0.66, 0.7),
                    (0.46, 0.72),
                    (0.28, 0.64),
                    (0.2, 0.5),
                    (0.22, 0.36),
                    (0.2, 0.26),
                ]
            )
        )
        s.solid([(0.19, 0.17), (0.1, 0.235), (0.19, 0.235)], seam=True)
        wing = [
            (0.36, 0.44),
            (0.46, 0.41),
            (0.66, 0.48),
            (0.96, 0.63 + drop),
            (0.72, 0.63),
            (0.48, 0.62),
            (0.36, 0.54),
        ]
        s.solid(smooth(wing), seam=True)
        for x in (0.6, 0.68):
            s.line([(x, 0.48), (x - 0.04, 0.6)], 0.02)
        _eye(s, 0.25, 0.19, 0.015)
        return s
    rise = rng.uniform(-0.06, 0.06)
    if kind == "cock":
        for k in range(6):
            a = np.deg2rad(-95 + 22 * k)
            tip = np.array([0.78, 0.4]) + rng.uniform(0.26, 0.34) * np.array([np.cos(a), np.sin(a)]) + [0.06, rise]
            middle = np.array([0.78, 0.4]) + 0.22 * np.array([np.cos(a - 0.35), np.sin(a - 0.35)])
            s.stroke(
                smooth(np.stack([np.array([0.68, 0.5]), middle, tip]), closed=False),
                np.linspace(0.13, 0.02, 21),
                seam=True,
            )
    else:
        s.solid(
            smooth(
                [
                    (0.62, 0.46),
                    (0.78, 0.32 + rise),
                    (0.87, 0.25 + rise),
                    (0.93, 0.33 + rise),
                    (0.9, 0.48),
                    (0.74, 0.62),
                ]
            )
        )
    s.solid(
        smooth(
            [
                (0.24, 0.14),
                (0.33, 0.18),
                (0.38, 0.32),
                (0.5, 0.43),
                (0.66, 0.44),
                (0.8, 0.42),
                (0.83, 0.56),
                (0.7, 0.7),
                (0.52, 0.76),
                (0.34, 0.72),
                (0.22, 0.58),
                (0.19, 0.42),
                (0.2, 0.28),
                (0.18, 0.18),
            ]
        )
    )
    comb = 0.09 if kind == "cock" else 0.055
    for k in range(4):
        s.solid(ellipse(0.19 + 0.04 * k, 0.135 - 0.01 * (k % 2), 0.03, comb, -15 + 18 * k))
    s.solid([(0.19, 0.17), (0.09, 0.22), (0.19, 0.235)], seam=True)
    s.solid(ellipse(0.185, 0.285, 0.028, comb * 0.85), seam=True)
    s.solid(
        smooth([(0.36, 0.5), (0.5, 0.46), (0.68, 0.5), (0.8, 0.56), (0.66, 0.64), (0.48, 0.68), (0.38, 0.6)]),
        seam=True,
    )
    for k in range(3):
        s.line([(0.5 + 0.05 * k, 0.53 + 0.035 * k), (0.66 + 0.03 * k, 0.545 + 0.03 * k)], 0.011)
    for k in range(4):
        s.line([(0.24 + 0.035 * k, 0.34), (0.23 + 0.05 * k, 0.46)], 0.009)
    _eye(s, 0.235, 0.195, 0.014)
    return s


def portrait(rng: np.random.Generator) -> Sketch:
    """Head and shoulders of an eagle, a parrot, a songbird or a goose."""
    s = Sketch()
    kind = ("raptor", "parrot", "songbird", "pelican")[int(rng.integers(4))]
    back, chest = rng.uniform(0.78, 0.94), rng.uniform(0.2, 0.3)
    neck = rng.uniform(-0.02, 0.07)
    s.solid(
        smooth(
            [
                (chest - 0.1, 1.0),
                (chest - 0.06, 0.82),
                (chest + 0.03, 0.64),
                (0.36 + neck, 0.5),
                (0.33, 0.38),
                (0.33, 0.26),
                (0.41, 0.14),
                (0.52, 0.1),
                (0.64, 0.15),
                (0.71, 0.28),
                (0.71 - 0.6 * neck, 0.44),
                (0.76, 0.57),
                (back, 0.7),
                (back + 0.14, 0.84),
                (back + 0.19, 1.0),
            ],
            closed=False,
        )
    )
    if kind == "raptor":
        d = rng.uniform(0.0, 0.04)
        s.solid(
            smooth(
                [
                    (0.37, 0.19),
                    (0.24, 0.19),
                    (0.13 - d, 0.27),
                    (0.1 - d, 0.42 + d),
                    (0.17, 0.37),
                    (0.26, 0.385),
                    (0.38, 0.39),
                ]
            ),
            seam=True,
        )
        s.line([(0.19, 0.345), (0.3, 0.34), (0.4, 0.37)], 0.012)
        s.line([(0.36, 0.19), (0.44, 0.215), (0.52, 0.225)], 0.03)
        for k in range(3):
            s.solid([(0.66 - 0.01 * k, 0.26 + 0.1 * k), (0.76 + 0.02 * k, 0.38 + 0.1 * k), (0.66, 0.42 + 0.1 * k)])
    elif kind == "parrot":
        s.solid(
            smooth(
                [
                    (0.4, 0.14),
                    (0.25, 0.16),
                    (0.16, 0.27),
                    (0.155, 0.45),
                    (0.22, 0.38),
                    (0.32, 0.37),
                    (0.4, 0.34),
                ]
            ),
            seam=True,
        )
        s.solid(smooth([(0.25, 0.39), (0.36, 0.37), (0.38, 0.46), (0.27, 0.48)]), seam=True)
        if rng.random() < 0.6:
            for k in range(4):
                s.stroke(
                    smooth(
                        [
                            (0.46 + 0.05 * k, 0.14),
                            (0.5 + 0.08 * k, -0.02 + 0.02 * k),
                            (0.6 + 0.09 * k, -0.12 + 0.06 * k),
                        ],
                        closed=False,
                    ),
                    np.linspace(0.08, 0.02, 21),
                )
        s.light(smooth([(0.38, 0.2), (0.5, 0.2), (0.54, 0.32), (0.44, 0.38), (0.38, 0.34)]))
    elif kind == "songbird":
        long, deep = rng.uniform(0.14, 0.24), rng.uniform(0.05, 0.09)
        s.solid([(0.36, 0.26 - deep), (0.33 - long, 0.3), (0.33, 0.29 + deep)], seam=True)
        s.line([(0.33 - long, 0.3), (0.38, 0.29)], 0.01)
        if rng.random() < 0.4:
            s.solid(smooth([(0.42, 0.16), (0.56, 0.02), (0.76, -0.06), (0.7, 0.1), (0.64, 0.24)]))
    else:
        long = rng.uniform(0.36, 0.5)
        s.solid(
            smooth(
                [
                    (0.4, 0.2),
                    (0.3 - 0.5 * long, 0.36),
                    (0.3 - long, 0.5),
                    (0.31 - long, 0.54),
                    (0.34 - 0.4 * long, 0.54),
                    (0.38, 0.46),
                ]
            ),
            seam=True,
        )
        s.line([(0.31 - long, 0.51), (0.3 - 0.5 * long, 0.42), (0.38, 0.32)], 0.012)
    for k in range(7):
        x, y = 0.4 + 0.09 * (k % 4), 0.56 + 0.1 * (k // 4) + 0.05 * (k % 2)
        s.line([(x, y), (x + 0.03, y + 0.07)], 0.012)
    s.line(smooth([(0.56, 1.0), (0.6, 0.82), (0.7, 0.7), (back - 0.06, 0.72)], closed=False), 0.014)
    _eye(s, 0.46, 0.255, 0.03)
    return s


DRAWINGS = (songbird, wader, swimmer, flapping, soaring, perched, ground, portrait)
