"""Pareidolia: an object A whose parts are arranged as those of B, a clock's face in an oven, a dog's in a car.

The parts of B lie where the picture differs from A without them, filled; those of A are the rest of A. One control is A with
its parts where they belong, the other the same face on B's own body.
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

Paint = Callable[[Sketch], None]
# The object, the face of B in it, the object's own parts, and B's own body for that face.
Scene = tuple[Paint, Paint, Paint, Paint]


def _oven_clock(rng: np.random.Generator) -> Scene:
    """A cooker whose round window has the marks of twelve hours and two handles."""
    minute, hour = rng.uniform(0, 360, 2)
    radius, wide = rng.uniform(0.25, 0.29), rng.uniform(0.42, 0.46)
    centre = (0.0, 0.06)

    def oven(s: Sketch) -> None:
        s.solid(box(-wide - 0.02, -0.5, wide + 0.02, -0.44))
        s.solid(box(-wide, -0.46, wide, 0.46, 0.03), seam=True)
        for sign in (-1, 1):
            s.solid(box(sign * wide * 0.8 - 0.04, 0.44, sign * wide * 0.8 + 0.04, 0.52))
            for x in (0.82, 0.55):
                s.dark(ellipse(sign * wide * x, -0.37, 0.035))
        s.line([(-wide, -0.29), (wide, -0.29)], 0.014)
        s.line([(-wide, 0.38), (wide, 0.38)], 0.014)

    def clock(s: Sketch) -> None:
        x, y = centre
        s.light(ellipse(x, y, radius))
        for k in range(12):
            a = np.deg2rad(30 * k)
            s.dark(ellipse(x + 0.82 * radius * np.sin(a), y - 0.82 * radius * np.cos(a), 0.022 if k % 3 else 0.034))
        for degrees, length, width in ((minute, 0.68, 0.03), (hour, 0.46, 0.042)):
            a = np.deg2rad(degrees)
            s.line([(x, y), (x + length * radius * np.sin(a), y - length * radius * np.cos(a))], width)

    def door(s: Sketch) -> None:
        s.dark(box(-0.7 * wide, -0.1, 0.7 * wide, 0.27, 0.02))
        s.light(box(-0.7 * wide, -0.22, 0.7 * wide, -0.18, 0.02))

    def round_case(s: Sketch) -> None:
        s.solid(ellipse(*centre, radius * 1.25))

    return oven, clock, door, round_case


def _clock_bird(rng: np.random.Generator) -> Scene:
    """A clock case with two dials, a pointed hand between them: an owl."""
    apart, dial = rng.uniform(0.155, 0.175), rng.uniform(0.13, 0.15)
    high = rng.uniform(-0.24, -0.19)
    turned = rng.uniform(-25, 25, 2)

    def case(s: Sketch) -> None:
        s.solid(
            smooth(
                [
                    (-0.34, -0.46),
                    (-0.2, -0.4),
                    (0.0, -0.42),
                    (0.2, -0.4),
                    (0.34, -0.46),
                    (0.36, -0.1),
                    (0.35, 0.25),
                    (0.26, 0.46),
                    (0.0, 0.5),
                    (-0.26, 0.46),
                    (-0.35, 0.25),
                    (-0.36, -0.1),
                ]
            )
        )
        s.solid(box(-0.42, 0.48, 0.42, 0.56, 0.02), seam=True)

    def owl(s: Sketch) -> None:
        for sign, turn in zip((-1, 1), turned, strict=True):
            s.light(ellipse(sign * apart, high, dial))
            s.dark(ellipse(sign * apart + 0.0005 * turn, high, dial * 0.42))
            for k in range(12):
                a = np.deg2rad(30 * k)
                x, y = sign * apart + 0.8 * dial * np.sin(a), high - 0.8 * dial * np.cos(a)
                s.dark(ellipse(x, y, 0.01 if k % 3 else 0.016))
        s.dark([(-0.05, high + 0.06), (0.05, high + 0.06), (0.0, high + 0.24)])
        for row in range(3):
            for k in range(-2, 3):
                x, y = 0.11 * k + 0.055 * (row % 2) - 0.027, 0.12 + 0.1 * row
                s.line(arc(x, y, 0.045, 0.04, 10, 170), 0.014)

    def dial_of_hours(s: Sketch) -> None:
        s.light(ellipse(0, -0.08, 0.26))
        for k in range(12):
            a = np.deg2rad(30 * k)
            s.dark(ellipse(0.21 * np.sin(a), -0.08 - 0.21 * np.cos(a), 0.016 if k % 3 else 0.026))
        for turn, length, width in ((turned[0] * 7, 0.17, 0.022), (turned[1] * 7, 0.12, 0.034)):
            a = np.deg2rad(turn)
            s.line([(0, -0.08), (length * np.sin(a), -0.08 - length * np.cos(a))], width)
        s.line(arc(0, 0.36, 0.16, 0.05, 0, 180), 0.016)

    def plumage(s: Sketch) -> None:
        s.solid(
            smooth(
                [
                    (-0.34, -0.5),
                    (-0.16, -0.42),
                    (0.16, -0.42),
                    (0.34, -0.5),
                    (0.36, -0.15),
                    (0.44, 0.2),
                    (0.24, 0.5),
                    (0.0, 0.62),
                    (-0.24, 0.5),
                    (-0.44, 0.2),
                    (-0.36, -0.15),
                ]
            )
        )
        for sign in (-1, 1):
            s.stroke([(sign * 0.1, 0.55), (sign * 0.12, 0.66)], 0.06)

    return case, owl, dial_of_hours, plumage


def _car_dog(rng: np.random.Generator) -> Scene:
    """A car from the front: lamps are eyes, the plate a nose, the grille a mouth, the mirrors hanging ears."""
    apart, lamp = rng.uniform(0.2, 0.24), rng.uniform(0.06, 0.08)
    ear = rng.uniform(0.2, 0.26)

    def car(s: Sketch) -> None:
        s.solid([(-0.38, 0.02), (-0.26, -0.34), (-0.2, -0.38), (0.2, -0.38), (0.26, -0.34), (0.38, 0.02)])
        s.dark([(-0.29, -0.04), (-0.22, -0.29), (0.22, -0.29), (0.29, -0.04)])
        for sign in (-1, 1):
            s.solid(box(sign * 0.36 - 0.08, 0.3, sign * 0.36 + 0.08, 0.54, 0.03))
            s.dark(box(sign * 0.36 - 0.08, 0.44, sign * 0.36 + 0.08, 0.54, 0.03))
        s.solid(box(-0.46, -0.02, 0.46, 0.46, 0.12), seam=True)

    def dog(s: Sketch) -> None:
        for sign in (-1, 1):
            s.solid(ellipse(sign * 0.46, -0.02 + ear * 0.4, 0.075, ear * 0.75, -sign * 12), seam=True)
            s.dark(ellipse(sign * 0.46, -0.02 + ear * 0.4, 0.06, ear * 0.68, -sign * 12))
            s.light(ellipse(sign * apart, 0.1, lamp))
            s.dark(ellipse(sign * apart, 0.11, lamp * 0.5))
        s.light(ellipse(0, 0.28, 0.2, 0.14))
        s.dark(ellipse(0, 0.2, 0.075, 0.05))
        s.line([(0, 0.24), (0, 0.31)], 0.018)
        for sign in (-1, 1):
            s.line(arc(sign * 0.06, 0.3, 0.06, 0.05, 0, 180), 0.018)

    def front(s: Sketch) -> None:
        for sign in (-1, 1):
            s.light(ellipse(sign * 0.34, 0.14, 0.075, 0.06))
            s.solid(box(sign * 0.44 - 0.06, -0.14, sign * 0.44 + 0.06, -0.05, 0.02), seam=True)
        s.dark(box(-0.2, 0.09, 0.2, 0.2, 0.03))
        s.light(box(-0.14, 0.31, 0.14, 0.39))
        s.line([(-0.44, 0.26), (0.44, 0.26)], 0.014)

    def head(s: Sketch) -> None:
        s.solid(
            smooth([(0, -0.24), (0.3, -0.2), (0.4, 0.0), (0.33, 0.24), (0.2, 0.44), (0, 0.48)]
                   + [(-0.2, 0.44), (-0.33, 0.24), (-0.4, 0.0), (-0.3, -0.2)])
        )  # fmt: skip
        s.solid(smooth([(-0.22, 0.38), (0.22, 0.38), (0.3, 0.62), (-0.3, 0.62)]))

    return car, dog, front, head


def _oven_bear(rng: np.random.Generator) -> Scene:
    """A cooker with two round pots on it: ears, and its knobs and its window a bear's face."""
    apart, pot = rng.uniform(0.2, 0.24), rng.uniform(0.13, 0.15)
    wide = rng.uniform(0.42, 0.46)

    def oven(s: Sketch) -> None:
        s.solid(box(-wide, -0.34, wide, 0.48, 0.04))
        for sign in (-1, 1):
            s.solid(box(sign * wide * 0.8 - 0.04, 0.46, sign * wide * 0.8 + 0.04, 0.54))
        s.solid(box(-wide - 0.02, -0.38, wide + 0.02, -0.32), seam=True)
        s.line([(-wide, 0.4), (wide, 0.4)], 0.014)
        s.line([(-wide, -0.19), (wide, -0.19)], 0.014)
        for k in range(5):
            s.dark(ellipse(wide * (-0.8 + 0.4 * k), -0.255, 0.03))

    def bear(s: Sketch) -> None:
        for sign in (-1, 1):
            s.solid(ellipse(sign * wide * 0.72, -0.42, pot), seam=True)
            s.light(ellipse(sign * wide * 0.72, -0.43, pot * 0.5))
            s.dark(ellipse(sign * apart, -0.06, 0.05))
        s.light(ellipse(0, 0.16, 0.22, 0.18))
        s.dark(ellipse(0, 0.07, 0.085, 0.055))
        s.line([(0, 0.1), (0, 0.22)], 0.02)
        s.line(arc(0, 0.17, 0.11, 0.08, 20, 160), 0.02)

    def door(s: Sketch) -> None:
        s.solid(box(-wide * 0.8, -0.5, -wide * 0.1, -0.37, 0.02), seam=True)
        s.light(box(-0.7 * wide, -0.12, 0.7 * wide, -0.08, 0.02))
        s.dark(box(-0.7 * wide, -0.02, 0.7 * wide, 0.3, 0.02))

    def head(s: Sketch) -> None:
        s.solid(ellipse(0, 0.03, 0.44, 0.42))
        s.solid(smooth([(-0.24, 0.38), (0.24, 0.38), (0.42, 0.62), (-0.42, 0.62)]))

    return oven, bear, door, head


def _truck_elephant(rng: np.random.Generator) -> Scene:
    """A truck from the front: the mirrors are ears, the lamps eyes, the hose of the winch a trunk."""
    ear, sway = rng.uniform(0.15, 0.18), rng.uniform(-0.12, 0.12)

    def truck(s: Sketch) -> None:
        for sign in (-1, 1):
            s.solid(box(sign * 0.25 - 0.07, 0.4, sign * 0.25 + 0.07, 0.58, 0.03))
            s.dark(box(sign * 0.25 - 0.07, 0.48, sign * 0.25 + 0.07, 0.58, 0.03))
        s.solid(box(-0.34, -0.5, 0.34, 0.48, 0.05))
        s.dark(box(-0.29, -0.42, 0.29, -0.17, 0.03))
        s.solid(box(-0.37, 0.36, 0.37, 0.48, 0.02), seam=True)

    def elephant(s: Sketch) -> None:
        for sign in (-1, 1):
            s.solid(ellipse(sign * (0.32 + ear * 0.7), -0.08, ear, 0.26, sign * 8), seam=True)
            s.line(ellipse(sign * (0.32 + ear * 0.75), -0.08, ear * 0.65, 0.18, sign * 8), 0.014)
            s.light(ellipse(sign * 0.17, -0.02, 0.05))
            s.dark(ellipse(sign * 0.17, -0.02, 0.03))
        spine = smooth([(0, 0.04), (0.0, 0.2), (0.4 * sway, 0.36), (sway, 0.52)], closed=False)
        s.stroke(spine, np.linspace(0.17, 0.09, len(spine)), seam=True)
        for k in range(4):
            x, y = spine[5 + 6 * k]
            s.line([(x - 0.05, y), (x + 0.05, y)], 0.012)

    def front(s: Sketch) -> None:
        for sign in (-1, 1):
            s.solid(box(sign * 0.42 - 0.04, -0.4, sign * 0.42 + 0.04, -0.18, 0.02), seam=True)
            s.stroke([(sign * 0.33, -0.36), (sign * 0.42, -0.36)], 0.03)
            s.light(box(sign * 0.24 - 0.07, 0.22, sign * 0.24 + 0.07, 0.31, 0.02))
        for k in range(4):
            s.dark(box(-0.2, -0.06 + 0.07 * k, 0.2, -0.025 + 0.07 * k))
        s.light(box(-0.12, 0.39, 0.12, 0.45))

    def head(s: Sketch) -> None:
        s.solid(
            smooth([(0, -0.36), (0.26, -0.3), (0.34, -0.05), (0.26, 0.18), (0.1, 0.3)]
                   + [(-0.1, 0.3), (-0.26, 0.18), (-0.34, -0.05), (-0.26, -0.3)])
        )  # fmt: skip

    return truck, elephant, front, head


PAIRS: Final[dict[tuple[str, str], Callable[[np.random.Generator], Scene]]] = {
    ("oven", "clock"): _oven_clock,
    ("clock", "bird"): _clock_bird,
    ("car", "dog"): _car_dog,
    ("oven", "bear"): _oven_bear,
    ("truck", "elephant"): _truck_elephant,
}
"""The objects and what is seen in them, each with its drawing."""


def pareidolia(seed: int, number: int, side: int, wrong: tuple[str, str], readings: tuple[str, str]) -> Illusion:
    """Return an object of one of `PAIRS` with the face of the other category in it, a function of its arguments."""
    from scipy.ndimage import binary_fill_holes

    names = ("pareidolia", *readings, number)
    thing, face, own, body = PAIRS[readings](stream(seed, "shape", *names))
    colours = choose_colours(stream(seed, "colours", *names))

    sketches = []
    for paints in ((thing, face), (thing,), (thing, own), (body, face)):
        sketches.append(Sketch())
        for paint in paints:
            paint(sketches[-1])
    rasters = [rasterise(sketch, side) for sketch in posed_alike(sketches, stream(seed, "pose", *names))]
    pictures = [flat_picture(raster, colours) for raster in rasters]
    parts = np.asarray(binary_fill_holes(differing(pictures[0], pictures[1])), dtype=bool)
    return Illusion(
        name="-".join(map(str, names)),
        kind="pareidolia",
        readings=readings,
        wrong=wrong,
        picture=to_pixels(pictures[0]),
        alone=(to_pixels(pictures[2]), to_pixels(pictures[3])),
        masks=((rasters[1].silhouette > 0.5) & ~parts, parts),
    )
