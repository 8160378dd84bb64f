"""Drawings of a clock."""

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


def _polar(cx: float, cy: float, rx: float, ry: float, clock_angle: float) -> tuple[float, float]:
    """Return the point of an ellipse at an angle in degrees counted clockwise from twelve."""
    a = np.deg2rad(clock_angle - 90)
    return float(cx + rx * np.cos(a)), float(cy + ry * np.sin(a))


def _dial(s: Sketch, cx: float, cy: float, radius: float, rng: np.random.Generator, squash: float = 1.0) -> None:
    """Add a white face with hour marks and two hands; `squash` narrows it as a view from the side does."""
    rx = radius * squash
    s.light(ellipse(cx, cy, rx, radius))
    style = int(rng.integers(3))
    for hour in range(12):
        main = hour % 3 == 0
        if style == 0:
            s.dark(ellipse(*_polar(cx, cy, rx * 0.82, radius * 0.82, 30 * hour), radius * (0.085 if main else 0.05)))
        else:
            inner = 0.66 if main else (0.78 if style == 1 else 0.7)
            ends = [_polar(cx, cy, rx * f, radius * f, 30 * hour) for f in (inner, 0.92)]
            s.line(ends, radius * (0.085 if main or style == 2 else 0.045))
    minute = rng.uniform(0, 360)
    hour_angle = 30 * rng.integers(12) + minute / 12
    for angle, reach, width in ((hour_angle, 0.48, 0.13), (minute, 0.72, 0.085)):
        tail = _polar(cx, cy, -0.12 * rx, -0.12 * radius, angle)
        s.line([tail, _polar(cx, cy, reach * rx, reach * radius, angle)], width * radius)
    s.dark(ellipse(cx, cy, radius * 0.09))


def _ngon(radius: float, sides: int) -> Points:
    """Return a regular polygon standing on a side."""
    return points([_polar(0, 0, radius, radius, 360 * (i + 0.5) / sides) for i in range(sides)])


def wall(rng: np.random.Generator) -> Sketch:
    """A wall clock, straight on or from the side: round, eight-sided or square frame, or a star of rays."""
    s = Sketch()
    squash = 1.0 if rng.random() < 0.6 else rng.uniform(0.68, 0.88)
    kind = rng.choice(["round", "round", "octagon", "square", "sun"])
    rim = rng.uniform(0.78, 0.9)
    if kind == "sun":
        count, core = int(rng.choice([12, 16, 24])), rng.uniform(0.24, 0.3)
        for i in range(count):
            reach = 0.5 if i % 2 == 0 else rng.uniform(0.38, 0.48)
            ends = [
                _polar(0, 0, core * 0.9, core * 0.9, 360 * i / count),
                _polar(0, 0, reach, reach, 360 * i / count),
            ]
            s.solid(ribbon(ends, [rng.uniform(0.05, 0.07), 0.012]))
        s.solid(ellipse(0, 0, core), seam=True)
        _dial(s, 0, 0, core * 0.86, rng)
        return s
    frame = {
        "round": ellipse(0, 0, 0.5),
        "octagon": _ngon(0.53, 8),
        "square": box(-0.48, -0.48, 0.48, 0.48, rng.uniform(0, 0.15)),
    }[kind]
    depth = (1 - squash) * rng.uniform(0.25, 0.45)
    for step in np.linspace(1, 0.1, 8):
        s.solid(frame * [squash, 1.0] + [depth * step, 0.0])
    if rng.random() < 0.3:
        s.ring(0.0, -0.54, 0.075, 0.028)
    s.solid(frame * [squash, 1.0], seam=True)
    if rng.random() < 0.5:
        s.dark(frame * [squash, 1.0] * 0.97)
    _dial(s, 0, 0, 0.5 * rim, rng, squash)
    return s


def alarm(rng: np.random.Generator) -> Sketch:
    """A twin-bell alarm clock: two domes and a hammer on top, a carrying bow, splayed feet."""
    s = Sketch()
    radius, lean, bell = 0.36, rng.uniform(28, 36), rng.uniform(0.15, 0.19)
    squash = rng.uniform(0.84, 1.0)
    for side in (-1, 1):
        foot = _polar(0, 0, radius * 1.33, radius * 1.33, 180 - side * rng.uniform(31, 35))
        s.stroke([_polar(0, 0, radius * 0.9, radius * 0.9, 180 - side * 35), foot], [0.075, 0.05])
        s.solid(ellipse(*foot, 0.036))
        s.stroke(
            [
                _polar(0, 0, radius * 0.9, radius * 0.9, side * lean),
                _polar(0, 0, radius * 1.2, radius * 1.2, side * lean),
            ],
            0.04,
        )
    if rng.random() < 0.75:
        top = rng.uniform(0.66, 0.74)
        x, y = _polar(0, 0, radius * 1.42, radius * 1.42, lean)
        s.stroke(
            smooth([(-x, y), (-x * 0.8, -top * 0.93), (0, -top), (x * 0.8, -top * 0.93), (x, y)], closed=False),
            0.028,
        )
    s.stroke([(0.0, -radius), (0.0, -radius - 0.14)], 0.026)
    s.solid(box(-0.04, -radius - 0.19, 0.04, -radius - 0.12, 0.02))
    depth = 0.35 * (1 - squash)
    s.solid(ellipse(depth, 0, radius * squash, radius))
    s.solid(ellipse(0, 0, radius * squash, radius), seam=True)
    for side in (-1, 1):
        centre = np.asarray(_polar(0, 0, radius * 1.2, radius * 1.2, side * lean))
        dome = np.concatenate([arc(0, 0, bell, bell * 0.85, 180, 360), arc(0, 0, bell, bell * 0.16, 0, 180)])
        s.solid(turn(dome, side * lean * 1.05) + centre, seam=True)
        s.solid(ellipse(*_polar(0, 0, radius * 1.2 + bell * 0.86, radius * 1.2 + bell * 0.86, side * lean), 0.018))
        s.light(turn(ellipse(-bell * 0.4, -bell * 0.45, bell * 0.16, bell * 0.24), side * lean) + centre)
    if rng.random() < 0.5:
        s.dark(ellipse(0, 0, radius * squash * 0.95, radius * 0.95))
    _dial(s, 0, 0, radius * 0.83, rng, squash)
    return s


def longcase(rng: np.random.Generator) -> Sketch:
    """A grandfather clock: hood with the dial, narrow trunk with the pendulum behind glass, wide plinth."""
    s = Sketch()
    hood, trunk, plinth = rng.uniform(0.165, 0.2), rng.uniform(0.1, 0.125), rng.uniform(0.165, 0.2)
    top, waist, base = rng.uniform(0.12, 0.16), 0.46, rng.uniform(0.94, 1.0)
    crest = rng.choice(["arch", "swan", "flat", "gable"])
    if crest == "arch":
        s.solid(
            np.concatenate(
                [
                    arc(0, top, hood * 0.8, hood * 0.75, 180, 360),
                    points([(hood, top + 0.02), (-hood, top + 0.02)]),
                ]
            )
        )
        s.solid(ellipse(0, top - hood * 0.85, 0.022, 0.036))
    elif crest == "swan":
        for side in (-1, 1):
            horn = smooth(
                [(hood, top), (hood * 0.8, top - 0.015), (hood * 0.5, top - 0.085), (hood * 0.2, top - 0.1)],
                closed=False,
            )
            s.stroke(horn * [side, 1], np.linspace(0.03, 0.05, len(horn)))
        s.solid(ellipse(0, top - 0.08, 0.02, 0.045))
        s.solid(box(-hood * 0.75, top - 0.04, hood * 0.75, top + 0.02))
    elif crest == "gable":
        s.solid([(-hood * 1.15, top), (0, top - 0.11), (hood * 1.15, top)])
    else:
        s.solid(box(-hood * 0.9, top - 0.035, hood * 0.9, top + 0.01))
    s.solid(box(-hood * 1.14, top - 0.012, hood * 1.14, top + 0.026), seam=True)
    s.solid(box(-hood, top + 0.02, hood, waist - 0.04), seam=True)
    s.solid(
        [
            (-hood * 1.1, waist - 0.045),
            (hood * 1.1, waist - 0.045),
            (trunk * 1.05, waist + 0.02),
            (-trunk * 1.05, waist + 0.02),
        ],
        seam=True,
    )
    s.solid(box(-trunk, waist, trunk, base), seam=True)
    s.dark(box(-trunk * 0.68, waist + 0.05, trunk * 0.68, base - 0.04, 0.03))
    swing = rng.uniform(-0.3, 0.3) * trunk
    s.light(ribbon([(0, waist + 0.06), (swing, base - 0.13)], 0.012))
    s.light(ellipse(swing, base - 0.11, trunk * 0.36))
    s.solid(
        [(-trunk, base - 0.02), (trunk, base - 0.02), (plinth, base + 0.045), (-plinth, base + 0.045)],
        seam=True,
    )
    s.solid(box(-plinth, base + 0.04, plinth, base + 0.25), seam=True)
    s.line(
        [
            (-plinth * 0.7, base + 0.09),
            (plinth * 0.7, base + 0.09),
            (plinth * 0.7, base + 0.2),
            (-plinth * 0.7, base + 0.2),
            (-plinth * 0.7, base + 0.09),
        ],
        0.01,
    )
    s.solid(box(-plinth * 1.1, base + 0.23, plinth * 1.1, base + 0.27), seam=True)
    if rng.random() < 0.5:
        s.hole(
            smooth(
                [
                    (-plinth * 0.7, base + 0.28),
                    (-plinth * 0.5, base + 0.25),
                    (plinth * 0.5, base + 0.25),
                    (plinth * 0.7, base + 0.28),
                ],
                closed=False,
            )
        )
    _dial(s, 0, (top + waist) / 2 - 0.01, hood * 0.84, rng)
    return s


def mantel(rng: np.random.Generator) -> Sketch:
    """A mantel clock on small feet: a wave-backed case, a round arch or a carriage clock with a handle."""
    s = Sketch()
    kind = rng.choice(["wave", "arch", "carriage"])
    if kind == "wave":
        half, rise = rng.uniform(0.48, 0.6), rng.uniform(0.4, 0.46)
        right = smooth(
            [
                (0, -rise),
                (0.13, -rise * 0.94),
                (0.22, -rise * 0.72),
                (0.3, -rise * 0.4),
                (half * 0.8, -rise * 0.24),
                (half, -0.03),
            ],
            closed=False,
        )
        s.solid(np.concatenate([right, points([(half, 0.02), (-half, 0.02)]), (right * [-1, 1])[::-1]]))
        s.solid(box(-half * 1.06, 0.0, half * 1.06, 0.055, 0.01), seam=True)
        _dial(s, 0, -rise * 0.52, rise * 0.4, rng)
        feet = half * 0.9
    elif kind == "arch":
        half, rise = rng.uniform(0.24, 0.3), rng.uniform(0.53, 0.66)
        s.solid(np.concatenate([arc(0, -rise + half, half, half, 180, 360), points([(half, 0.0), (-half, 0.0)])]))
        if rng.random() < 0.4:
            s.solid(ellipse(0, -rise - 0.03, 0.035, 0.05))
        s.solid(box(-half * 1.2, -0.06, half * 1.2, 0.05, 0.012), seam=True)
        _dial(s, 0, -rise + half * 1.03, half * 0.78, rng)
        feet = half
    else:
        half, rise = rng.uniform(0.22, 0.27), rng.uniform(0.52, 0.62)
        s.stroke(
            smooth(
                [
                    (-half * 0.7, -rise),
                    (-half * 0.66, -rise - 0.12),
                    (0, -rise - 0.16),
                    (half * 0.66, -rise - 0.12),
                    (half * 0.7, -rise),
                ],
                closed=False,
            ),
            0.03,
        )
        s.solid(box(-half, -rise, half, 0.0))
        s.solid(box(-half * 1.1, -rise - 0.03, half * 1.1, -rise + 0.03, 0.01), seam=True)
        s.solid(box(-half * 1.14, -0.05, half * 1.14, 0.04, 0.01), seam=True)
        for side in (-1, 1):
            s.line([(side * half * 0.84, -rise + 0.03), (side * half * 0.84, -0.05)], 0.012)
        _dial(s, 0, -rise * 0.56, half * 0.72, rng)
        feet = half
    for side in (-1, 1):
        s.solid(ellipse(side * feet, 0.06, 0.045, 0.03))
    return s


def _wristwatch(rng: np.random.Generator) -> Sketch:
    """Paint a wristwatch laid out straight: case with a crown, leather strap or bracelet of links."""
    s = Sketch()
    case, strap = 0.2, rng.uniform(0.105, 0.14)
    square = rng.random() < 0.3
    up, down = rng.uniform(0.42, 0.56), rng.uniform(0.5, 0.62)
    if rng.random() < 0.6:
        for end, tip in ((-up, 0.92), (down, 0.72)):
            s.solid(
                np.concatenate(
                    [
                        points([(-strap, 0.0), (strap, 0.0)]),
                        arc(0, end, strap * tip, np.sign(end) * 0.06, 0, 180),
                    ]
                )
            )
        s.dark(box(-strap * 0.8, -up * 0.96, strap * 0.8, down * 0.98, 0.02))
        for y in np.linspace(0.56, 0.88, 5) * down:
            s.light(ellipse(0, float(y), 0.014))
        s.hole(box(-strap * 0.6, -up - 0.05, strap * 0.6, -up, 0.01))
        s.solid(box(-0.012, -up - 0.06, 0.012, -up + 0.03))
    else:
        count = int(rng.integers(6, 9))
        for end in (-up, down):
            for i, y in enumerate(np.linspace(end, 0.1 * np.sign(end), count)):
                wide, tall = strap * (0.8 + 0.25 * i / count), 0.5 * abs(end) / count
                s.solid(box(-wide, y - tall, wide, y + tall, 0.022), seam=True)
                s.light(box(-wide * 0.4, y - tall * 0.8, wide * 0.4, y + tall * 0.8, 0.01))
    for x in (-strap, strap):
        s.stroke([(x, -case * 1.05), (x, case * 1.05)], 0.045)
    s.solid(box(case * 0.9, -0.035, case + 0.04, 0.035, 0.012))
    if rng.random() < 0.4:
        for angle in (58, 122):
            s.stroke([_polar(0, 0, case, case, angle), _polar(0, 0, case + 0.035, case + 0.035, angle)], 0.04)
    s.solid(box(-case * 0.95, -case, case * 0.95, case, 0.05) if square else ellipse(0, 0, case), seam=True)
    _dial(s, 0, 0, case * 0.84, rng)
    return s


def _pocket_watch(rng: np.random.Generator) -> Sketch:
    """Paint a pocket watch with crown, bow and often a chain."""
    s = Sketch()
    if rng.random() < 0.7:
        side, fall = rng.choice([-1, 1]), rng.uniform(-0.3, 0.25)
        path = smooth(
            [(0, -0.56), (0.2 * side, -0.68), (0.42 * side, -0.6), (0.54 * side, -0.3), (0.5 * side, fall)],
            closed=False,
            steps=5,
        )
        for i, (x, y) in enumerate(path):
            s.solid(ellipse(float(x), float(y), 0.028 if i % 2 else 0.018))
    s.ring(0, -0.51, rng.uniform(0.085, 0.11), 0.028)
    s.solid(box(-0.035, -0.46, 0.035, -0.36))
    s.solid(box(-0.05, -0.455, 0.05, -0.405, 0.015), seam=True)
    s.solid(ellipse(0, 0, 0.39), seam=True)
    _dial(s, 0, 0, rng.uniform(0.31, 0.35), rng)
    return s


def watch(rng: np.random.Generator) -> Sketch:
    """A wristwatch or a pocket watch."""
    return _wristwatch(rng) if rng.random() < 0.55 else _pocket_watch(rng)


_SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
_BARS = {
    "a": ((0, 0), (1, 0)),
    "b": ((1, 0), (1, 1)),
    "c": ((1, 1), (1, 2)),
    "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)),
    "f": ((0, 0), (0, 1)),
    "g": ((0, 1), (1, 1)),
}


def digital(rng: np.random.Generator) -> Sketch:
    """A digital alarm clock seen a little from above: a low box, figures, buttons on top, feet, a cable."""
    s = Sketch()
    half, high, deep = rng.uniform(0.42, 0.52), rng.uniform(0.28, 0.38), rng.uniform(0.1, 0.2)
    shift, radius = rng.uniform(-0.1, 0.1), rng.uniform(0.01, 0.07)
    if rng.random() < 0.4:
        cable = [
            (half * 0.6, -0.06),
            (half + 0.12, -0.1),
            (half + 0.22, 0.06),
            (half + 0.12, high * 0.7),
            (half + 0.24, high + 0.06),
        ]
        s.stroke(smooth(cable, closed=False), 0.024)
    for side in (-1, 1):
        s.solid(box(side * half * 0.75 - 0.05, high - 0.03, side * half * 0.75 + 0.05, high + 0.035, 0.02))
    s.solid([(-half, 0.04), (-half * 0.88 + shift, -deep), (half * 0.88 + shift, -deep), (half, 0.04)])
    s.solid([(half, 0.04), (half * 0.88 + shift, -deep), (half * 0.95 + max(shift, 0), high * 0.7), (half, high)])
    s.solid(box(-half, 0, half, high, radius), seam=True)
    s.solid(box(-0.16 + shift / 2, -deep * 0.7 - 0.045, 0.16 + shift / 2, -deep * 0.3, 0.02), seam=True)
    for x in (-0.68, 0.68):
        s.solid(
            box(
                x * half - 0.05 + shift / 2,
                -deep * 0.6 - 0.035,
                x * half + 0.05 + shift / 2,
                -deep * 0.3,
                0.015,
            ),
            seam=True,
        )
    s.dark(box(-half * 0.9, high * 0.12, half * 0.9, high * 0.88, 0.02))
    tall = high * 0.25
    wide = half * 0.24
    text = f"{rng.integers(1, 24):02d}{rng.integers(60):02d}"
    for digit, x in zip(text, (-0.78, -0.4, 0.16, 0.54), strict=True):
        for bar in _SEGMENTS[digit]:
            s.light(ribbon(points(_BARS[bar]) * [wide, tall] + [x * half, high * 0.25], 0.032))
    for y in (0.4, 0.62):
        s.light(box(-0.012, high * y, 0.016, high * y + 0.028))
    return s


def pendulum(rng: np.random.Generator) -> Sketch:
    """A wall clock with a pendulum: a cuckoo clock with its weights, or a schoolhouse clock."""
    s = Sketch()
    swing = rng.uniform(-14, 14)
    if rng.random() < 0.6:
        half, low = rng.uniform(0.24, 0.3), rng.uniform(0.4, 0.48)
        rod = turn([(0, low - 0.1), (0, low + 0.26)], swing, (0, low - 0.1))
        s.stroke(rod, 0.022)
        s.solid(ellipse(rod[1, 0], rod[1, 1], 0.06, 0.075))
        for x in (-0.14, 0.14):
            fall = low + rng.uniform(0.12, 0.4)
            s.stroke([(x, low - 0.05), (x, fall)], 0.014)
            s.solid(ellipse(x, fall + 0.07, 0.034, 0.085))
        s.solid([(-half, 0.05), (0, -half * 0.75), (half, 0.05), (half, low - 0.03), (-half, low - 0.03)])
        s.solid(
            np.concatenate(
                [
                    points([(-half, low - 0.06)]),
                    smooth(
                        [
                            (-half * 1.08, low + 0.02),
                            (-half * 0.55, low + 0.02),
                            (-half * 0.3, low + 0.07),
                            (0, low + 0.04),
                            (half * 0.3, low + 0.07),
                            (half * 0.55, low + 0.02),
                            (half * 1.08, low + 0.02),
                        ],
                        closed=False,
                    ),
                    points([(half, low - 0.06)]),
                ]
            ),
            seam=True,
        )
        eave = half * rng.uniform(1.35, 1.6)
        ridge = -half * 0.95
        drop = ridge + eave * rng.uniform(0.72, 0.9)
        for side in (-1, 1):
            s.solid(
                points([(0, ridge), (eave, drop), (eave * 0.93, drop + 0.075), (0, ridge + 0.12)]) * [side, 1],
                seam=True,
            )
        for angle in (-70, -35, 0, 35, 70):
            tip = _polar(0, ridge + 0.05, 0.13, 0.13, angle)
            s.solid(
                ribbon(
                    [(0, ridge + 0.06), ((tip[0]) * 0.5, (tip[1] + ridge + 0.06) / 2), tip],
                    [0.04, 0.06, 0.008],
                )
            )
        s.dark(box(-0.055, -0.06, 0.055, 0.04, 0.02))
        _dial(s, 0, 0.22, half * 0.52, rng)
        return s
    radius, half, low = rng.uniform(0.23, 0.27), rng.uniform(0.15, 0.175), rng.uniform(0.62, 0.78)
    for side in (-1, 1):
        ear = points([(half * 0.9, radius * 0.8), (half * 1.25, radius * 0.9), (half * 0.95, radius * 1.45)])
        s.solid(ear * [side, 1])
    s.solid(
        [
            (-half, 0.1),
            (half, 0.1),
            (half, low - 0.1),
            (half * 1.1, low - 0.1),
            (half * 1.1, low - 0.07),
            (half * 0.6, low),
            (-half * 0.6, low),
            (-half * 1.1, low - 0.07),
            (-half * 1.1, low - 0.1),
            (-half, low - 0.1),
        ]
    )
    s.solid(ellipse(0, low + 0.015, 0.03, 0.03))
    s.dark(
        [
            (-half * 0.7, 0.2),
            (half * 0.7, 0.2),
            (half * 0.7, low - 0.13),
            (half * 0.3, low - 0.05),
            (-half * 0.3, low - 0.05),
            (-half * 0.7, low - 0.13),
        ]
    )
    bob = turn([(0, low - 0.16)], swing * 0.5, (0, 0))[0]
    s.light(ribbon([(0, 0.2), bob], 0.014))
    s.light(ellipse(bob[0], bob[1], 0.055))
    s.solid(_ngon(radius * 1.12, 8) if rng.random() < 0.6 else ellipse(0, 0, radius * 1.08), seam=True)
    _dial(s, 0, 0, radius * 0.84, rng)
    return s


def street(rng: np.random.Generator) -> Sketch:
    """A street or station clock: a round clock on an ornate post, or hung out on an iron bracket."""
    s = Sketch()
    squash = rng.uniform(0.8, 1.0)
    if rng.random() < 0.65:
        radius, post, foot = rng.uniform(0.21, 0.27), rng.uniform(0.03, 0.042), rng.uniform(0.78, 0.98)
        s.stroke([(0, 0), (0, foot)], post * 2, round_ends=False)
        for y, wide in ((radius + 0.06, 1.9), (radius + 0.12, 1.5), (foot * 0.68, 1.7)):
            s.solid(box(-post * wide, y - 0.018, post * wide, y + 0.018, 0.01), seam=True)
        s.solid(
            [
                (-post * 1.1, foot * 0.7),
                (post * 1.1, foot * 0.7),
                (post * 1.9, foot * 0.78),
                (post * 2.1, foot),
                (-post * 2.1, foot),
                (-post * 1.9, foot * 0.78),
            ],
            seam=True,
        )
        s.solid(box(-post * 2.9, foot - 0.02, post * 2.9, foot + 0.035), seam=True)
        for side in (-1, 1):
            s.stroke(
                smooth(
                    [
                        (side * 0.02, radius + 0.14),
                        (side * radius * 0.55, radius + 0.1),
                        (side * radius * 0.75, radius * 0.75),
                    ],
                    closed=False,
                ),
                0.026,
            )
        s.solid([(-0.05, -radius), (0, -radius - 0.14), (0.05, -radius)])
        s.solid(ellipse(0, -radius - 0.05, 0.04, 0.028))
    else:
        radius, reach = rng.uniform(0.28, 0.34), rng.uniform(0.48, 0.6)
        s.solid(box(reach, -0.62, reach + 0.06, 0.05))
        s.stroke([(0, -0.5), (reach, -0.5)], 0.045)
        s.stroke(arc(reach, -0.5, reach * 0.55, 0.42, 90, 180), 0.034)
        s.stroke([(0, -0.54), (0, -radius * 0.9)], 0.06)
        s.solid(box(-0.08, -radius - 0.05, 0.08, -radius + 0.05, 0.02))
        s.solid(ellipse(0, radius + 0.02, 0.04, 0.05))
    s.solid(ellipse(0.06 * (1 - squash) * 4, 0, radius * squash, radius))
    s.solid(ellipse(0, 0, radius * squash, radius), seam=True)
    _dial(s, 0, 0, radius * 0.82, rng, squash)
    return s


DRAWINGS = (wall, alarm, longcase, mantel, watch, digital, pendulum, street)
