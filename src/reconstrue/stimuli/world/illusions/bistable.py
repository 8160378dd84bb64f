"""Bistable figures: one silhouette that is A facing left and B facing right (or A and B facing us).

The silhouette is the same to the point in the ambiguous picture and in its two controls, which add the details that
only one reading has: a beak's line and an eye at one end, a windscreen and a lamp at the other. The parts of a reading
lie where its control differs from the ambiguous picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from reconstrue.seeding import stream
from reconstrue.stimuli.world.drawing import Sketch, arc, box, ellipse, rasterise, smooth
from reconstrue.stimuli.world.illusions.illusion import (
    Illusion,
    choose_colours,
    differing,
    flat_picture,
    posed_alike,
    to_pixels,
)

Reading = Callable[[Sketch], None]
Figure = Callable[[np.random.Generator], tuple[Callable[[], Sketch], Reading, Reading]]


def _bird_boat(rng: np.random.Generator) -> tuple[Callable[[], Sketch], Reading, Reading]:
    """A swan facing left with a raised wing; or a ship going right, with a curved stern and a sail."""
    lift, tip, rise = rng.uniform(-0.03, 0.03), rng.uniform(0.0, 0.07), rng.uniform(-0.03, 0.03)
    peak = (0.56 + tip, 0.0 - lift)
    wing = smooth([(0.34, 0.61), (0.42, 0.38), peak, (0.7 + tip, 0.26), (0.9, 0.54), (0.64, 0.61)], steps=8)
    neck = smooth(
        [(0.26, 0.68), (0.14, 0.54), (0.17, 0.4), (0.24, 0.27 + rise), (0.2, 0.17 + rise), (0.12, 0.19 + rise)],
        closed=False,
        steps=8,
    )
    head = (0.13, 0.195 + rise)

    def shared() -> Sketch:
        s = Sketch()
        s.solid(
            smooth(
                [
                    (0.13, 0.58),
                    (0.3, 0.6),
                    (0.55, 0.605),
                    (0.8, 0.57),
                    (1.02, 0.46 + lift),
                    (0.96, 0.6),
                    (0.84, 0.73),
                    (0.6, 0.79),
                    (0.34, 0.78),
                    (0.18, 0.71),
                ]
            )
        )
        s.stroke(neck, np.linspace(0.15, 0.06, len(neck)))
        s.solid(ellipse(*head, 0.054, 0.046, 12))
        s.solid(
            smooth(
                [
                    (head[0] - 0.04, head[1] - 0.03),
                    (head[0] - 0.15, head[1] + 0.045),
                    (head[0] - 0.15, head[1] + 0.065),
                    (head[0] - 0.03, head[1] + 0.04),
                ]
            )
        )
        s.solid(wing)
        return s

    def bird(s: Sketch) -> None:
        s.light(ellipse(head[0] - 0.005, head[1] - 0.008, 0.026))
        s.dark(ellipse(head[0] - 0.008, head[1] - 0.008, 0.015))
        s.dark(
            [
                (head[0] - 0.05, head[1] - 0.03),
                (head[0] - 0.15, head[1] + 0.05),
                (head[0] - 0.15, head[1] + 0.065),
                (head[0] - 0.045, head[1] + 0.04),
            ]
        )
        for k in range(3):
            x = 0.12 + 0.045 * k
            s.line(arc(x + 0.04, 0.62 + 0.025 * k, 0.05, 0.06, 60, 170), 0.014)

    def boat(s: Sketch) -> None:
        s.line([(0.5, 0.62), peak], 0.018)
        for k in range(3):
            y = 0.5 - 0.1 * k
            s.line([(0.44 + 0.05 * k, y), (0.79 - 0.04 * k, y + 0.02)], 0.012)
        s.line(smooth([(0.4, 0.65), (0.6, 0.66), (0.82, 0.62), (0.99, 0.51)], closed=False), 0.016)
        for k in range(4):
            s.light(ellipse(0.46 + 0.12 * k, 0.705 - 0.012 * k, 0.022))

    return shared, bird, boat


def _car_truck(rng: np.random.Generator) -> tuple[Callable[[], Sketch], Reading, Reading]:
    """A car facing left, all bonnet; or a pick-up truck facing right, its cab before an open bed."""
    roof, waist = rng.uniform(0.24, 0.29), rng.uniform(0.46, 0.49)
    back = rng.uniform(0.5, 0.54)
    wheels = ((0.2, 0.68), (0.79, 0.68))
    radius = rng.uniform(0.09, 0.105)

    def shared() -> Sketch:
        s = Sketch()
        s.solid(
            [
                (0.01, 0.66),
                (0.0, 0.53),
                (0.02, waist + 0.01),
                (back, waist - 0.01),
                (back + 0.07, roof + 0.01),
                (back + 0.1, roof - 0.01),
                (0.8, roof - 0.01),
                (0.83, roof + 0.01),
                (0.9, waist - 0.01),
                (0.98, waist + 0.02),
                (1.0, 0.54),
                (1.0, 0.66),
            ]
        )
        for x, y in wheels:
            s.solid(ellipse(x, y, radius))
            s.dark(ellipse(x, y, radius))
            s.light(ellipse(x, y, radius * 0.5))
        return s

    def car(s: Sketch) -> None:
        s.dark([(back + 0.03, waist), (back + 0.09, roof + 0.03), (0.67, roof + 0.03), (0.67, waist)])
        s.dark([(0.69, waist), (0.69, roof + 0.03), (0.8, roof + 0.03), (0.86, waist)])
        s.line([(back + 0.02, waist + 0.01), (back + 0.02, 0.65), (0.67, 0.65), (0.67, waist)], 0.012)
        s.light(ellipse(0.04, waist + 0.065, 0.03, 0.035))
        s.dark(box(0.0, 0.59, 0.06, 0.63))
        s.line([(0.09, waist + 0.04), (back, waist + 0.03)], 0.012)
        s.dark(box(0.97, waist + 0.05, 1.0, waist + 0.1))

    def truck(s: Sketch) -> None:
        s.dark([(0.71, waist), (0.71, roof + 0.03), (0.8, roof + 0.03), (0.87, waist)])
        s.dark([(back + 0.06, waist - 0.04), (back + 0.09, roof + 0.03), (0.67, roof + 0.03), (0.67, waist - 0.04)])
        s.line([(back, waist - 0.01), (back, 0.65)], 0.02)
        for k in range(6):
            x = 0.05 + (back - 0.08) * k / 5
            s.line([(x, waist + 0.03), (x, 0.57)], 0.016)
        s.line([(0.02, waist + 0.03), (back, waist + 0.02)], 0.016)
        s.line([(0.69, waist), (0.69, 0.64), (0.88, 0.6), (0.88, waist)], 0.012)
        s.light(ellipse(0.965, waist + 0.075, 0.03, 0.035))
        s.dark(box(0.93, 0.6, 1.0, 0.64))

    return shared, car, truck


def _airplane_bird(rng: np.random.Generator) -> tuple[Callable[[], Sketch], Reading, Reading]:
    """An airplane seen from above, nose to the left; or a goose on the wing, its long neck to the right.

    The short and the long end are those of the silhouette that Tinbergen and Lorenz flew over their geese (1939).
    """
    span, neck = rng.uniform(0.42, 0.48), rng.uniform(0.05, 0.06)
    root, tip = rng.uniform(0.2, 0.23), rng.uniform(0.07, 0.1)
    tail = rng.uniform(0.075, 0.095)

    def shared() -> Sketch:
        s = Sketch()
        half = [
            (0.0, -0.012),
            (0.03, -0.055),
            (0.14, -0.075),
            (0.3, -0.082),
            (0.46, -0.06),
            (0.62, -neck * 0.7),
            (0.8, -neck * 0.55),
            (0.86, -tail * 0.9),
            (0.91, -tail),
            (0.93, -0.03),
            (1.02, -0.006),
        ]
        s.solid(np.concatenate([half, [(x, -y) for x, y in half[::-1]]]))
        for side in (-1.0, 1.0):
            s.solid(
                smooth(
                    [
                        (0.3 - root / 2, side * 0.03),
                        (0.3 - root / 2 + 0.02, side * span * 0.5),
                        (0.3 - tip / 2, side * span * 0.95),
                        (0.3 + tip / 2, side * span),
                        (0.3 + root / 2, side * span * 0.5),
                        (0.3 + root / 2 + 0.02, side * 0.03),
                    ]
                )
            )
        return s

    def airplane(s: Sketch) -> None:
        s.dark([(0.03, -0.03), (0.07, -0.045), (0.09, 0.0), (0.07, 0.045), (0.03, 0.03)])
        for k in range(7):
            for y in (-0.04, 0.04):
                s.light(ellipse(0.14 + 0.045 * k, y, 0.013))
        for side in (-1.0, 1.0):
            s.dark(box(0.17, side * span * 0.42 - 0.03, 0.28, side * span * 0.42 + 0.03, 0.02))
        s.line([(0.86, 0.0), (1.0, 0.0)], 0.016)

    def bird(s: Sketch) -> None:
        for side in (-1.0, 1.0):
            s.dark(ellipse(0.89, side * 0.045, 0.017))
            for k in range(5):
                y = side * span * (0.3 + 0.14 * k)
                s.line([(0.3, y), (0.42 - 0.015 * k, y - side * 0.02)], 0.013)
        s.dark([(0.935, -0.03), (1.02, -0.006), (1.02, 0.006), (0.935, 0.03)])
        for y in (-0.03, 0.0, 0.03):
            s.line([(0.02, y), (0.1, y * 0.8)], 0.011)

    return shared, airplane, bird


def _bear_clock(rng: np.random.Generator) -> tuple[Callable[[], Sketch], Reading, Reading]:
    """A bear's face with round ears; or an alarm clock with two bells."""
    radius, ear = rng.uniform(0.36, 0.39), rng.uniform(0.125, 0.15)
    apart = np.deg2rad(rng.uniform(40, 47))
    minute, hour = rng.uniform(0, 360, 2)
    at = [(sign * radius * 1.08 * np.sin(apart), -radius * 1.08 * np.cos(apart)) for sign in (-1, 1)]

    def shared() -> Sketch:
        s = Sketch()
        for x, y in at:
            s.solid(ellipse(x, y, ear))
        for sign in (-1, 1):
            s.stroke([(sign * 0.6 * radius, 0.7 * radius), (sign * 0.82 * radius, 1.12 * radius)], [0.1, 0.07])
        s.solid(ellipse(0, 0, radius), seam=True)
        return s

    def bear(s: Sketch) -> None:
        for x, y in at:
            s.light(ellipse(x * 1.04, y * 1.04, ear * 0.5))
        for sign in (-1, 1):
            s.dark(ellipse(sign * 0.4 * radius, -0.2 * radius, 0.038))
        s.light(ellipse(0, 0.36 * radius, 0.46 * radius, 0.38 * radius))
        s.dark(ellipse(0, 0.2 * radius, 0.07, 0.05))
        s.line([(0, 0.25 * radius), (0, 0.5 * radius)], 0.018)
        s.line(arc(0, 0.38 * radius, 0.1, 0.06, 20, 160), 0.018)

    def clock(s: Sketch) -> None:
        s.line(ellipse(0, 0, radius * 0.86), 0.016)
        for k in range(12):
            a = np.deg2rad(30 * k)
            s.dark(ellipse(0.7 * radius * np.sin(a), -0.7 * radius * np.cos(a), 0.018 if k % 3 else 0.03))
        for degrees, length, width in ((minute, 0.58, 0.024), (hour, 0.4, 0.036)):
            a = np.deg2rad(degrees)
            s.line([(0, 0), (length * radius * np.sin(a), -length * radius * np.cos(a))], width)
        for x, y in at:
            s.line([(x * 0.86, y * 0.86), (x * 1.16, y * 1.16)], 0.02)

    return shared, bear, clock


def _bird_dog(rng: np.random.Generator) -> tuple[Callable[[], Sketch], Reading, Reading]:
    """A crested bird facing left with its bill open; or a dog facing right with its ears laid back.

    A cousin of the rabbit-duck (Fliegende Blätter 1892; Jastrow 1899).
    """
    reach, gape = rng.uniform(-0.03, 0.03), rng.uniform(0.0, 0.03)
    muzzle = rng.uniform(-0.02, 0.03)

    def shared() -> Sketch:
        s = Sketch()
        s.solid(
            np.concatenate(
                [
                    smooth([(0.36, 1.0), (0.39, 0.8), (0.4, 0.64), (0.35, 0.56)], closed=False),
                    smooth([(0.32, 0.55), (0.16, 0.56 + gape), (0.02 - reach, 0.52 + gape)], closed=False),
                    smooth([(0.15, 0.475), (0.27, 0.435), (0.15, 0.39)], closed=False),
                    smooth([(0.0 - reach, 0.31 - gape), (0.16, 0.29), (0.33, 0.25)], closed=False),
                    smooth(
                        [
                            (0.42, 0.19),
                            (0.53, 0.165),
                            (0.64, 0.21),
                            (0.72, 0.3),
                            (0.86 + muzzle, 0.36),
                            (0.96 + muzzle, 0.41),
                            (0.95 + muzzle, 0.48),
                            (0.85, 0.53),
                            (0.72, 0.55),
                            (0.67, 0.63),
                            (0.7, 0.8),
                            (0.78, 1.0),
                        ],
                        closed=False,
                    ),
                ]
            )
        )
        s.light(ellipse(0.52, 0.33, 0.04))
        s.dark(ellipse(0.52, 0.33, 0.027))
        return s

    def bird(s: Sketch) -> None:
        s.light([(0.34, 0.26), (0.0 - reach, 0.31 - gape), (0.15, 0.39), (0.27, 0.435), (0.36, 0.42)])
        s.light([(0.36, 0.44), (0.27, 0.44), (0.15, 0.475), (0.02 - reach, 0.52 + gape), (0.34, 0.55)])
        s.line([(0.35, 0.25), (0.38, 0.4), (0.35, 0.56)], 0.02)
        s.dark(ellipse(0.25, 0.32, 0.026, 0.012, -10))
        for k in range(3):
            s.line([(0.66, 0.3 + 0.06 * k), (0.86 - 0.02 * k, 0.4 + 0.04 * k)], 0.014)

    def dog(s: Sketch) -> None:
        s.dark(ellipse(0.935 + muzzle, 0.42, 0.042, 0.036))
        s.line(smooth([(0.94, 0.49), (0.84, 0.48), (0.74, 0.47)], closed=False), 0.02)
        s.dark([(0.32, 0.29), (0.06 - reach, 0.325 - gape), (0.28, 0.37)])
        s.dark([(0.33, 0.48), (0.08 - reach, 0.52 + gape), (0.3, 0.53)])
        s.light([(0.385, 0.8), (0.695, 0.77), (0.71, 0.84), (0.38, 0.87)])

    return shared, bird, dog


PAIRS: Final[dict[tuple[str, str], Figure]] = {
    ("bird", "boat"): _bird_boat,
    ("car", "truck"): _car_truck,
    ("airplane", "bird"): _airplane_bird,
    ("bear", "clock"): _bear_clock,
    ("bird", "dog"): _bird_dog,
}
"""The pairs of readings, each with its drawing; the first faces left and the second right, where they face anywhere."""


def bistable(seed: int, number: int, side: int, wrong: tuple[str, str], readings: tuple[str, str]) -> Illusion:
    """Return a bistable figure of one of `PAIRS`, a function of its arguments; half of the figures are mirrored."""
    names = ("bistable", *readings, number)
    shared, *only = PAIRS[readings](stream(seed, "shape", *names))
    colours = choose_colours(stream(seed, "colours", *names))
    sketches = [shared() for _ in range(3)]
    for sketch, add in zip(sketches[1:], only, strict=True):
        add(sketch)
    posed = posed_alike(sketches, stream(seed, "pose", *names))
    drawn = [flat_picture(rasterise(sketch, side), colours) for sketch in posed]
    picture, first, second = drawn
    return Illusion(
        name="-".join(map(str, names)),
        kind="bistable",
        readings=readings,
        wrong=wrong,
        picture=to_pixels(picture),
        alone=(to_pixels(first), to_pixels(second)),
        masks=(differing(picture, first), differing(picture, second)),
    )
