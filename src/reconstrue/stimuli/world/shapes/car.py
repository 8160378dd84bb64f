"""Drawings of a car."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reconstrue.stimuli.world.drawing import Sketch, points, smooth
from reconstrue.stimuli.world.shapes._hulls import (
    Camera,
    Scene,
    Space,
    block,
    circle,
    space,
)

_LINE = 0.03


@dataclass(frozen=True)
class Body:
    """A car in metres, x from the nose back: the line of bonnet, belt and boot, the roof, the wheels."""

    belt: list[tuple[float, float]]
    roof: list[tuple[float, float]]
    axles: tuple[float, float]
    width: float = 1.78
    wheel: float = 0.32
    clearance: float = 0.2
    round_nose: float = 0.16
    pillars: tuple[float, ...] = (0.5,)
    open_top: bool = False

    def stretched(self, rng: np.random.Generator) -> Body:
        """Return a car of the same type with other proportions."""
        long, tall, cabin = rng.uniform(0.92, 1.08), rng.uniform(0.94, 1.06), rng.uniform(0.9, 1.12)
        belt_at = points(self.belt)

        def lifted(x: float, h: float) -> tuple[float, float]:
            base = float(np.interp(x, belt_at[:, 0], belt_at[:, 1]))
            return x * long, (base + (h - base) * cabin) * tall

        return replace(
            self,
            belt=[(x * long, h * tall) for x, h in self.belt],
            roof=[lifted(x, h) for x, h in self.roof],
            axles=(self.axles[0] * long, self.axles[1] * long),
            width=self.width * rng.uniform(0.96, 1.05),
            wheel=self.wheel * rng.uniform(0.98, 1.14),
            clearance=self.clearance * rng.uniform(1.0, 1.35),
            round_nose=self.round_nose * rng.uniform(0.6, 1.4),
        )


SEDAN = Body(
    belt=[
        (0.0, 0.52),
        (0.06, 0.68),
        (0.35, 0.8),
        (1.25, 0.93),
        (2.4, 0.95),
        (3.5, 0.98),
        (3.9, 1.0),
        (4.4, 0.97),
        (4.55, 0.86),
        (4.6, 0.6),
    ],
    roof=[(1.2, 0.92), (1.55, 1.16), (1.95, 1.38), (2.45, 1.46), (2.95, 1.44), (3.4, 1.3), (3.95, 0.99)],
    axles=(0.86, 3.6),
    pillars=(0.46,),
)
HATCHBACK = Body(
    belt=[
        (0.0, 0.5),
        (0.05, 0.68),
        (0.3, 0.82),
        (1.0, 0.97),
        (2.2, 1.0),
        (3.4, 1.04),
        (3.75, 1.0),
        (3.82, 0.6),
    ],
    roof=[(0.92, 0.95), (1.3, 1.22), (1.72, 1.45), (2.3, 1.52), (3.0, 1.47), (3.4, 1.38), (3.72, 1.02)],
    axles=(0.74, 3.16),
    width=1.7,
    pillars=(0.5,),
)
ESTATE = Body(
    belt=[
        (0.0, 0.56),
        (0.05, 0.76),
        (0.3, 0.92),
        (1.2, 1.06),
        (2.4, 1.08),
        (3.8, 1.1),
        (4.45, 1.08),
        (4.55, 0.65),
    ],
    roof=[
        (1.12, 1.04),
        (1.45, 1.3),
        (1.8, 1.6),
        (2.3, 1.68),
        (3.2, 1.68),
        (4.0, 1.62),
        (4.25, 1.5),
        (4.48, 1.08),
    ],
    axles=(0.84, 3.58),
    width=1.85,
    wheel=0.37,
    clearance=0.26,
    pillars=(0.38, 0.72),
)
SPORTS = Body(
    belt=[
        (0.0, 0.4),
        (0.08, 0.52),
        (0.5, 0.68),
        (1.1, 0.79),
        (1.6, 0.8),
        (2.5, 0.8),
        (3.3, 0.86),
        (3.9, 0.9),
        (4.3, 0.82),
        (4.38, 0.5),
    ],
    roof=[(1.3, 0.78), (1.75, 1.0), (2.15, 1.15), (2.5, 1.19), (2.95, 1.14), (3.5, 0.98), (3.95, 0.87)],
    axles=(0.88, 3.4),
    width=1.88,
    wheel=0.34,
    clearance=0.14,
    round_nose=0.26,
    pillars=(0.72,),
)
BEETLE = Body(
    belt=[
        (0.0, 0.42),
        (0.06, 0.6),
        (0.3, 0.82),
        (0.7, 0.96),
        (1.2, 1.03),
        (2.0, 1.04),
        (2.8, 1.02),
        (3.4, 0.9),
        (3.85, 0.68),
        (4.0, 0.42),
    ],
    roof=[
        (1.12, 1.0),
        (1.32, 1.25),
        (1.58, 1.44),
        (2.0, 1.52),
        (2.5, 1.48),
        (3.0, 1.32),
        (3.45, 1.05),
        (3.8, 0.7),
    ],
    axles=(0.78, 3.15),
    width=1.6,
    wheel=0.34,
    round_nose=0.34,
    pillars=(0.62,),
)
VAN = Body(
    belt=[
        (0.0, 0.55),
        (0.04, 0.78),
        (0.25, 0.96),
        (0.7, 1.12),
        (2.4, 1.12),
        (4.2, 1.14),
        (4.55, 1.1),
        (4.6, 0.6),
    ],
    roof=[
        (0.62, 1.1),
        (1.0, 1.42),
        (1.45, 1.74),
        (2.0, 1.85),
        (3.2, 1.86),
        (4.1, 1.82),
        (4.4, 1.72),
        (4.56, 1.12),
    ],
    axles=(0.84, 3.66),
    width=1.86,
    wheel=0.34,
    pillars=(0.33, 0.66),
)
ROADSTER = replace(
    SPORTS,
    belt=[
        (0.0, 0.45),
        (0.06, 0.62),
        (0.4, 0.76),
        (1.2, 0.88),
        (1.6, 0.9),
        (2.3, 0.82),
        (2.9, 0.9),
        (3.5, 0.92),
        (3.95, 0.84),
        (4.05, 0.5),
    ],
    roof=[(1.3, 0.88), (1.5, 1.05), (1.75, 1.26)],
    axles=(0.8, 3.2),
    width=1.76,
    clearance=0.17,
    open_top=True,
    pillars=(),
)


class _Car:
    """A car on its way onto paper: the body in space, and the parts painted through a camera."""

    def __init__(self, body: Body, camera: Camera) -> None:
        self.body = body
        self.scene = Scene(Sketch(), camera)
        self.belt = smooth(body.belt, closed=False, steps=3)
        self.roof = smooth(body.roof, closed=False, steps=3)
        self.length = body.belt[-1][0]
        self.mid = points([(self.length / 2, 0.7)])

    def half(self, x: float) -> float:
        """Return the half width of the body at x: full in the middle, drawn in at the ends."""
        u = abs(2 * x / self.length - 1)
        return self.body.width / 2 * (1 - self.body.round_nose * u**5)

    def belt_at(self, x: float) -> float:
        """Return the height of bonnet, belt or boot at x."""
        return float(np.interp(x, self.belt[:, 0], self.belt[:, 1]))

    def roof_at(self, x: float) -> float:
        """Return the height of the roof line at x."""
        return float(np.interp(x, self.roof[:, 0], self.roof[:, 1]))

    def place(self, values: list[tuple[float, float, float]]) -> Space:
        """Return points given in metres from the nose and the ground, about the middle of the car."""
        about_middle: Space = space(values) - np.array([self.length / 2, 0.7, 0.0])
        return about_middle

    def side_of_glass(self, x: float, h: float, base: float, side: int) -> tuple[float, float, float]:
        """Return the point at (x, h) on the leaning side of the cabin that stands on the belt at `base`."""
        lean = min(max((h - base) / 0.5, 0.0), 1.0)
        return x, h, side * self.half(x) * (0.93 - 0.2 * lean)

    def tyres(self) -> None:
        """Paint the four tyres, the far ones first; the body comes over them."""
        near = self.scene.camera.near_side
        for side in (-near, near):
            for axle in self.body.axles:
                z = side * (self.half(axle) - 0.05)
                outer = circle(axle - self.length / 2, self.body.wheel - 0.7, z, self.body.wheel, axis="z", n=28)
                inner = outer - np.array([0.0, 0.0, side * 0.22])
                self.scene.lump(outer, inner)
                self.scene.shade(outer, inner)

    def wheels(self, side: int, hub: float, spokes: int) -> None:
        """Paint the two wheels of one side on the body: arch, dark tyre, light rim with spokes."""
        b = self.body
        for axle in b.axles:
            x, z = axle - self.length / 2, side * (self.half(axle) - 0.05)
            self.scene.patch("dark", circle(x, b.wheel - 0.66, z, b.wheel * 1.16, axis="z"))
            outer = circle(x, b.wheel - 0.7, z, b.wheel, axis="z", n=28)
            self.scene.lump(outer, seam=True)
            self.scene.patch("dark", outer)
            rim = circle(x, b.wheel - 0.7, z + side * 0.005, b.wheel * hub, axis="z")
            self.scene.patch("light", rim, (0, 0, side))
            for k in range(spokes if self.scene.camera.faces(rim, (0, 0, side)) else 0):
                a = 2 * np.pi * k / spokes
                tip = (axle + b.wheel * hub * np.cos(a), b.wheel * (1 + hub * np.sin(a)), z)
                self.scene.line(self.place([(axle, b.wheel, z), tip]), _LINE)

    def shell(self) -> None:
        """Paint the lower body and the cabin."""
        x, h = self.belt.T
        low = self.body.clearance + 0.1 * np.abs(2 * x / self.length - 1) ** 8
        middle = low + 0.62 * (h - low)
        self._loft(x, [(low, 0.94), (middle, 1.0), (h - 0.03, 0.97), (h, 0.86)], seam=True)
        if not self.body.open_top:
            x, h = self.roof.T
            base = np.minimum(np.interp(x, self.belt[:, 0], self.belt[:, 1]), h)
            lean = 0.93 - 0.2 * np.clip((h - base) / 0.5, 0, 1)
            self._loft(x, [(base - 0.02, 0.93), (h - 0.04, lean), (h, lean - 0.12)])

    def _loft(
        self,
        x: NDArray[np.float64],
        levels: list[tuple[NDArray[np.float64], float | NDArray[np.float64]]],
        *,
        seam: bool = False,
    ) -> None:
        """Paint a body through sections at x, each level given by height and share of the width."""
        full = self.body.width / 2 * (1 - self.body.round_nose * np.abs(2 * x / self.length - 1) ** 5)
        corners = [(x, h, side * full * k) for side in (-1, 1) for h, k in levels]
        rings = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)
        self.scene.loft(list(rings - np.array([self.length / 2, 0.7, 0.0])), seam=seam)

    def glass(self) -> None:
        """Paint the side windows, the windscreen and the rear window."""
        b, scene = self.body, self.scene
        side = scene.camera.near_side
        start, stop = self.roof[0, 0] + 0.2, self.roof[-1, 0] - 0.12
        cuts = [start, *(start + (stop - start) * p for p in b.pillars), stop]
        for left, right in pairwise(cuts):
            xs = np.linspace(left + 0.035, right - 0.035, 12)
            roof = np.interp(xs, self.roof[:, 0], self.roof[:, 1]) - 0.09
            belt = np.interp(xs, self.belt[:, 0], self.belt[:, 1])
            seen = [(float(x), float(r), float(h)) for x, r, h in zip(xs, roof, belt, strict=True) if r > h + 0.05]
            if len(seen) > 2:
                top = [self.side_of_glass(x, r, h, side) for x, r, h in seen]
                bottom = [self.side_of_glass(x, h + 0.03, h, side) for x, _, h in reversed(seen)]
                scene.patch("dark", self.place(top + bottom), (0, 0.35, side))
        peak = int(np.argmax(self.roof[:, 1]))
        front, back = self.roof[: peak + 1], self.roof[peak:][::-1]
        for run, normal in ((front, (-0.75, 0.65, 0.0)), (back, (0.85, 0.5, 0.0))):
            low, high = run[0, 1] + 0.07, run[-1, 1] - 0.07
            if high - low > 0.1:
                pane_points = []
                for s in (-1, 1):
                    hs = np.linspace(low, high, 5)[::s]
                    for h in hs:
                        x = float(np.interp(h, run[:, 1], run[:, 0]))
                        k = 0.8 - 0.16 * (float(h) - low) / (high - low)
                        pane_points.append((x, float(h), -s * self.half(x) * k))
                scene.patch("dark", self.place(pane_points), normal)

    def cockpit(self, near: int) -> None:
        """Paint the inside of an open car: the hollow, two seats, the steering wheel and the windscreen."""
        (x0, h0), (x1, h1) = self.roof[0], self.roof[-1]
        rear = x1 + 1.05
        rim = [(x0 + 0.25, -1), (x1, -1), (rear, -1), (rear, 1), (x1, 1), (x0 + 0.25, 1)]
        hollow = self.place([(x, self.belt_at(x), s * 0.78 * self.half(x)) for x, s in rim])
        self.scene.patch("dark", hollow, (0.0, 1.0, 0.0))
        corner = np.array([self.length / 2, 0.7, 0.0])
        for side in (-near, near):
            z = side * 0.36
            back = block((rear - 0.32, rear - 0.2), (h0 - 0.2, h0 + 0.06), (z - 0.22, z + 0.22))
            rest = block((rear - 0.22, rear - 0.12), (h0 + 0.04, h0 + 0.2), (z - 0.11, z + 0.11))
            self.scene.lump(back - corner, seam=True)
            self.scene.lump(rest - corner, seam=True)
        w = self.half(x0)
        wheel = circle(x1 + 0.08, h0 + 0.05, 0.36, 0.19, n=16) - corner
        self.scene.rod(np.concatenate([wheel, wheel[:1]]), 0.05)
        frame = self.place(
            [(x0 + 0.1, h0, -w * 0.84), (x1, h1, -w * 0.72), (x1, h1, w * 0.72), (x0 + 0.1, h0, w * 0.84)]
        )
        self.scene.patch("solid", frame)
        self.scene.patch("dark", 0.84 * frame + 0.16 * frame.mean(axis=0), (-1.0, 0.6, 0.0))
        self.scene.rod(frame, 0.06)

    def doors(self, count: int) -> None:
        """Draw the seams and handles of the doors on the near side."""
        start, stop = self.roof[0, 0] + 0.28, min(self.roof[-1, 0], self.body.axles[1]) - 0.2
        side = self.scene.camera.near_side
        for k, x in enumerate(np.linspace(start, stop, count + 1).tolist()):
            z, belt = side * self.half(x), self.belt_at(x)
            self.scene.line(self.place([(x, belt - 0.02, z), (x, 0.34, z)]), _LINE, (0, 0, side))
            if k > 0:
                handle = [(x - 0.24, belt - 0.14, z), (x - 0.08, belt - 0.14, z)]
                self.scene.line(self.place(handle), _LINE * 1.5, (0, 0, side))

    def face(self, rng: np.random.Generator) -> None:
        """Paint the lights, the grille, the bumpers and the number plates at both ends."""
        nose, tail = (-1.0, 0.0, 0.0), (1.0, 0.0, 0.0)
        high = float(np.interp(0.1, self.belt[:, 0], self.belt[:, 1]))
        w, wide, tall = self.half(0.0), rng.uniform(0.16, 0.24), rng.uniform(0.09, 0.15)
        round_lights = rng.random() < 0.4

        def oval(x: float, h: float, z: float, rz: float, rh: float) -> Space:
            a = np.linspace(0, 2 * np.pi, 16, endpoint=False)
            return self.place([(x, h + rh * np.sin(t), z + rz * np.cos(t)) for t in a])

        def plate(x: float, h: tuple[float, float], z: float) -> Space:
            return self.place([(x, h[0], -z), (x, h[1], -z), (x, h[1], z), (x, h[0], z)])

        for s in (-1, 1):
            lamp = oval(0.04, high - 0.1, s * (w - wide - 0.03), tall if round_lights else wide, tall)
            self.scene.patch("light", lamp, nose)
            rear = self.length - 0.03
            self.scene.patch("light", oval(rear, self.belt_at(rear) - 0.02, s * (w - 0.2), 0.17, 0.1), tail)
        self.scene.patch("dark", plate(0.0, (high - 0.2, high - 0.04), w - 2 * wide - 0.1), nose)
        self.scene.patch("dark", plate(0.0, (self.body.clearance + 0.06, self.body.clearance + 0.18), w * 0.7), nose)
        self.scene.patch("light", plate(-0.01, (high - 0.36, high - 0.25), 0.26), nose)
        self.scene.patch("light", plate(self.length, (0.5, 0.61), 0.26), tail)
        for x, normal in ((0.0, nose), (self.length, tail)):
            self.scene.line(self.place([(x, 0.46, -w), (x, 0.46, w)]), _LINE, normal)

    def mirrors(self, side: int) -> None:
        """Paint the door mirror of one side."""
        x = self.roof[0, 0] + 0.42
        h, z = self.belt_at(x) + 0.08, self.half(x)
        low, high = sorted((side * (z - 0.05), side * (z + 0.17)))
        corner = np.array([self.length / 2, 0.7, 0.0])
        self.scene.lump(block((x, x + 0.14), (h - 0.06, h + 0.09), (low, high)) - corner, seam=True)


def _car(body: Body, camera: Camera, rng: np.random.Generator, doors: int = 2) -> Sketch:
    """Return a car of this type seen by the camera."""
    car = _Car(body.stretched(rng), camera)
    near = camera.near_side
    hub, spokes = rng.uniform(0.5, 0.72), int(rng.choice([0, 5, 5, 6, 8]))
    if rng.random() < 0.25 and not body.open_top:
        x = float(car.roof[-3, 0])
        h = car.roof_at(x)
        car.scene.rod(car.place([(x, h - 0.1, 0.3), (x + 0.18, h + 0.35, 0.3)]), 0.025)
    car.tyres()
    car.mirrors(-near)
    car.shell()
    if body.open_top:
        car.cockpit(near)
    else:
        car.glass()
    car.doors(doors)
    car.face(rng)
    car.wheels(near, hub, spokes)
    car.mirrors(near)
    return car.scene.sketch


def _side(rng: np.random.Generator) -> Camera:
    """Return a camera beside the car, low, with a little of the nose or the tail in view."""
    return Camera(rng.uniform(-12, 14), rng.uniform(1, 9), 0.0, rng.uniform(12, 30))


def sedan(rng: np.random.Generator) -> Sketch:
    """A four-door saloon from the side."""
    return _car(SEDAN, _side(rng), rng)


def hatchback(rng: np.random.Generator) -> Sketch:
    """A small hatchback from the side."""
    return _car(HATCHBACK, _side(rng), rng, doors=1 + int(rng.random() < 0.5))


def sports(rng: np.random.Generator) -> Sketch:
    """A low sports car from the side or a little from the front."""
    camera = Camera(
        rng.choice([rng.uniform(-8, 10), rng.uniform(20, 45)]), rng.uniform(2, 12), 0.0, rng.uniform(10, 20)
    )
    return _car(SPORTS, camera, rng, doors=1)


def estate(rng: np.random.Generator) -> Sketch:
    """An off-roader, an estate or a people carrier from the side."""
    return _car((ESTATE, VAN)[int(rng.random() < 0.35)], _side(rng), rng)


def three_quarter(rng: np.random.Generator) -> Sketch:
    """Any car from the front corner, as in an advertisement."""
    body = (SEDAN, HATCHBACK, ESTATE, SPORTS, BEETLE)[int(rng.integers(5))]
    return _car(body, Camera(rng.uniform(28, 58), rng.uniform(3, 15), 0.0, rng.uniform(9, 16)), rng)


def rear_quarter(rng: np.random.Generator) -> Sketch:
    """Any car from the rear corner."""
    body = (SEDAN, HATCHBACK, ESTATE, SPORTS)[int(rng.integers(4))]
    return _car(body, Camera(-rng.uniform(28, 58), rng.uniform(3, 14), 0.0, rng.uniform(9, 16)), rng)


def front(rng: np.random.Generator) -> Sketch:
    """Any car from the front, nearly head on."""
    body = (SEDAN, HATCHBACK, ESTATE, BEETLE)[int(rng.integers(4))]
    body = replace(body, width=body.width * 1.05)
    return _car(body, Camera(rng.uniform(74, 90), rng.uniform(1, 9), 0.0, rng.uniform(13, 24)), rng)


def classic(rng: np.random.Generator) -> Sketch:
    """A round old small car, or an open roadster."""
    if rng.random() < 0.5:
        return _car(BEETLE, _side(rng), rng, doors=1)
    return _car(ROADSTER, Camera(rng.uniform(-12, 40), rng.uniform(4, 15), 0.0, rng.uniform(10, 20)), rng, doors=1)


DRAWINGS = (sedan, hatchback, sports, estate, three_quarter, rear_quarter, front, classic)
