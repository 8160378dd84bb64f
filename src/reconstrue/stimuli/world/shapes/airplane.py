"""Drawings of an airplane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reconstrue.stimuli.world.drawing import Sketch, ellipse
from reconstrue.stimuli.world.shapes._hulls import (
    Camera,
    Scene,
    Space,
    circle,
    space,
)

_NOSE = (-1.0, 0.0, 0.0)
Tube = Sequence[tuple[float, float, float]]
"""A round body as (x, height of its axis, radius) from the nose back."""

_JET: Tube = (
    (-0.5, -0.01, 0.006),
    (-0.49, -0.006, 0.02),
    (-0.465, -0.002, 0.034),
    (-0.43, 0.0, 0.045),
    (-0.38, 0.0, 0.05),
    (0.22, 0.0, 0.05),
    (0.34, 0.008, 0.04),
    (0.44, 0.018, 0.022),
    (0.5, 0.024, 0.008),
)


class _Plane:
    """An airplane in space, a length of one, painted part by part from far to near."""

    def __init__(self, camera: Camera) -> None:
        self.scene = Scene(Sketch(), camera)
        self.parts: list[tuple[float, list[Space], bool]] = []

    def add(self, rings: list[Space], *, mouth: bool = False, lift: float = 0.0) -> None:
        """Take up a part; `mouth` darkens its first ring (an intake), `lift` brings it forward."""
        self.parts.append((self.scene.camera.depth(np.concatenate(rings)) + lift, rings, mouth))

    def tube(self, sections: Tube, z: float = 0.0, *, mouth: bool = False, lift: float = 0.0) -> None:
        """Take up a round body: a fuselage, an engine, a float."""
        self.add([circle(x, h, z, r) for x, h, r in sections], mouth=mouth, lift=lift)

    def blade(
        self,
        root: tuple[float, float, float, float],
        tip: tuple[float, float, float, float],
        thick: float = 0.02,
        *,
        upright: bool = False,
        lift: float = 0.0,
    ) -> None:
        """Take up a wing or fin from (front x, rear x, h, z) at its root to the same at its tip."""
        rings = []
        for (front, rear, h, z), t in ((root, thick), (tip, thick * 0.4)):
            third, d = front + 0.3 * (rear - front), t / 2
            off = (0.0, d) if upright else (d, 0.0)
            rings.append(
                space(
                    [
                        (front, h, z),
                        (third, h + off[0], z + off[1]),
                        (rear, h, z),
                        (third, h - off[0], z - off[1]),
                    ]
                )
            )
        self.add(rings, lift=lift)

    def wings(
        self,
        root: tuple[float, float, float, float],
        tip: tuple[float, float, float, float],
        thick: float = 0.02,
        *,
        lift: float = 0.0,
    ) -> None:
        """Take up a blade on both sides."""
        for side in (-1.0, 1.0):
            self.blade((*root[:3], side * root[3]), (*tip[:3], side * tip[3]), thick, lift=lift)

    def paint(self) -> None:
        """Paint all parts taken up so far, the far ones first."""
        for _, rings, mouth in sorted(self.parts, key=lambda part: part[0]):
            self.scene.loft(rings, seam=True)
            if mouth:
                inner = 0.8 * rings[0] + 0.2 * rings[0].mean(axis=0)
                self.scene.patch("dark", inner, _NOSE)
        self.parts.clear()

    def spot(self, x: float, h: float) -> tuple[float, float]:
        """Return where a point of the plane's middle is seen."""
        across, down = self.scene.camera.project([(x, h, 0.0)])[0]
        return float(across), float(down)

    def windows(self, start: float, stop: float, h: float, radius: float, count: int) -> None:
        """Paint a row of cabin windows on the near side."""
        z = self.scene.camera.near_side * radius
        if self.scene.camera.faces([(start, h, z), (stop, h, z)], (0.0, 0.2, z / radius)):
            d = 0.3 * (stop - start) / count
            for x in np.linspace(start, stop, count).tolist():
                pane = [
                    (x - d, h - 0.009, z),
                    (x - d, h + 0.009, z),
                    (x + d, h + 0.009, z),
                    (x + d, h - 0.009, z),
                ]
                self.scene.patch("dark", pane)

    def cockpit(self, x: tuple[float, float], h: tuple[float, float], z: float) -> None:
        """Paint the windows of the flight deck."""
        for side in (-1.0, 1.0):
            pane = [
                (x[0], h[0], 0.1 * side * z),
                (x[0], h[0], 0.5 * side * z),
                (x[1], h[0], side * z),
                (x[1], h[1], side * 0.9 * z),
                (0.5 * (x[0] + x[1]), h[1], 0.1 * side * z),
            ]
            self.scene.patch("dark", pane, (-0.8, 0.5, side * 0.8))

    def wheel(self, x: float, h: float, z: float, radius: float, top: float, leg: float = 0.014) -> None:
        """Paint a leg of the undercarriage with its wheel."""
        self.scene.rod([(x, top, 0.8 * z), (x, h, z)], leg)
        self.scene.lump(circle(x, h, z - 0.012, radius, axis="z"), circle(x, h, z + 0.012, radius, axis="z"))
        self.scene.patch("dark", circle(x, h, z, radius * 0.95, axis="z"))

    def propeller(self, x: float, h: float, z: float, radius: float, angle: float, blades: int = 2) -> None:
        """Paint a propeller standing still."""
        for k in range(blades):
            a = np.deg2rad(angle) + 2 * np.pi * k / blades
            tip = (x, h + radius * np.sin(a), z + radius * np.cos(a))
            self.scene.rod([(x, h, z), (x, 0.4 * h + 0.6 * tip[1], 0.4 * z + 0.6 * tip[2]), tip], [0.014, 0.024, 0.012])


def _airliner(camera: Camera, rng: np.random.Generator, *, gear: bool) -> Sketch:
    """Return a jet airliner with two or four engines under its wings."""
    p = _Plane(camera)
    fat, span, sweep = rng.uniform(0.85, 1.2), rng.uniform(0.42, 0.52), rng.uniform(0.2, 0.3)
    rise, fin, where = rng.uniform(0.03, 0.08), rng.uniform(0.14, 0.19), rng.uniform(-0.16, -0.08)
    p.tube([(x, h * fat, r * fat) for x, h, r in _JET])
    r = 0.05 * fat
    p.wings((where, where + 0.21, -0.6 * r, 0.6 * r), (where + sweep, where + sweep + 0.05, rise, span), 0.03)
    p.wings((0.36, 0.46, 0.02, 0.01), (0.46, 0.5, 0.035, 0.19 * span / 0.47), 0.014)
    p.blade((0.3, 0.46, r * 0.7, 0.0), (0.44, 0.52, r + fin, 0.0), 0.016, upright=True)
    size = rng.uniform(0.024, 0.036)
    for z in (0.34,) if rng.random() < 0.7 else (0.3, 0.6):
        x = where + sweep * z - 0.05
        h = -0.6 * r + z * (rise + 0.6 * r) - size * 1.05
        for side in (-1.0, 1.0):
            p.tube(
                [
                    (x, h, size * 0.85),
                    (x + 0.03, h, size),
                    (x + 0.08, h, size * 0.85),
                    (x + 0.13, h, size * 0.45),
                ],
                side * z * span,
                mouth=True,
                lift=0.05,
            )
    if gear:
        low = -r - rng.uniform(0.05, 0.07)
        for x, z in ((-0.38, 0.0), (where + 0.17, -0.07), (where + 0.17, 0.07)):
            p.wheel(x, low, z, 0.022, -0.5 * r)
    p.paint()
    p.windows(-0.36, 0.3, 0.014, r, int(rng.integers(14, 22)))
    p.cockpit((-0.475, -0.445), (0.008, 0.03 * fat), 0.034)
    return p.scene.sketch


def airliner_side(rng: np.random.Generator) -> Sketch:
    """A jet airliner from the side, flying or on its wheels."""
    camera = Camera(
        rng.uniform(-12, 24),
        rng.choice([-1, 1]) * rng.uniform(6, 28),
        rng.choice([0.0, rng.uniform(2, 14)]),
        3.0,
    )
    return _airliner(camera, rng, gear=bool(rng.random() < 0.5))


def airliner_quarter(rng: np.random.Generator) -> Sketch:
    """A jet airliner from the front corner, above or below, banking or climbing."""
    camera = Camera(rng.uniform(25, 62), rng.uniform(-22, 35), rng.uniform(-8, 16), rng.uniform(2, 4))
    return _airliner(camera, rng, gear=bool(rng.random() < 0.35))


def airliner_below(rng: np.random.Generator) -> Sketch:
    """A jet airliner high overhead, wings and tail spread."""
    camera = Camera(rng.uniform(-20, 20), rng.choice([-1, 1]) * rng.uniform(48, 85), rng.uniform(-50, 60), 4.0)
    return _airliner(camera, rng, gear=False)


def airliner_front(rng: np.random.Generator) -> Sketch:
    """A jet airliner head on, landing."""
    camera = Camera(rng.uniform(72, 90), rng.uniform(-12, 8), rng.uniform(-5, 5), rng.uniform(2, 3))
    return _airliner(camera, rng, gear=bool(rng.random() < 0.8))


def business_jet(rng: np.random.Generator) -> Sketch:
    """A small jet with a T tail and its engines at the rear."""
    camera = Camera(
        rng.choice([rng.uniform(-8, 15), rng.uniform(25, 55)]),
        rng.choice([-1, 1]) * rng.uniform(5, 30),
        rng.uniform(-4, 12),
        3.0,
    )
    p = _Plane(camera)
    fat, span, fin = rng.uniform(1.0, 1.3), rng.uniform(0.38, 0.46), rng.uniform(0.15, 0.2)
    r = 0.05 * fat
    p.tube([(x, h * fat, q * fat) for x, h, q in _JET])
    p.wings((-0.08, 0.12, -0.7 * r, 0.5 * r), (0.1, 0.16, 0.0, span), 0.024)
    p.blade((0.28, 0.45, r * 0.6, 0.0), (0.42, 0.53, r + fin, 0.0), 0.02, upright=True)
    p.wings((0.41, 0.52, r + fin, 0.0), (0.5, 0.55, r + fin + 0.005, 0.17), 0.014, lift=0.02)
    for side in (-1.0, 1.0):
        p.tube(
            [(0.2, 0.4 * r, 0.026), (0.24, 0.4 * r, 0.032), (0.34, 0.4 * r, 0.03), (0.39, 0.4 * r, 0.018)],
            side * (r + 0.03),
            mouth=True,
        )
    if rng.random() < 0.5:
        for x, z in ((-0.36, 0.0), (0.08, -0.08), (0.08, 0.08)):
            p.wheel(x, -r - 0.055, z, 0.02, -0.5 * r)
    p.paint()
    p.windows(-0.3, 0.08, 0.014, r, int(rng.integers(5, 9)))
    p.cockpit((-0.465, -0.42), (0.01, 0.034 * fat), 0.04)
    return p.scene.sketch


def light_plane(rng: np.random.Generator) -> Sketch:
    """A light propeller plane: high wing with struts or low wing, fixed wheels."""
    camera = Camera(
        rng.choice([rng.uniform(-12, 15), rng.uniform(25, 60)]),
        rng.uniform(-15, 22),
        rng.uniform(-4, 10),
        3.0,
    )
    p = _Plane(camera)
    high, span, chord = bool(rng.random() < 0.6), rng.uniform(0.5, 0.66), rng.uniform(0.17, 0.22)
    cabin = rng.uniform(0.075, 0.095)
    nose = -0.43
    p.tube(
        [
            (nose, -0.02, 0.035),
            (nose + 0.02, -0.02, 0.052),
            (-0.22, -0.005, 0.07),
            (-0.12, 0.0, 0.078),
            (0.04, 0.0, 0.074),
            (0.25, 0.01, 0.042),
            (0.47, 0.03, 0.015),
        ]
    )
    top = [(-0.22, 0.04, 0.0), (-0.13, cabin + 0.035, 0.03), (0.02, cabin + 0.03, 0.03), (0.2, 0.05, 0.0)]
    p.add([space([(x, h, w), (x, h, -w), (x, 0.0, 0.06), (x, 0.0, -0.06)]) for x, h, w in top])
    h = cabin + 0.035 if high else -0.05
    rise = rng.uniform(0.01, 0.03) if high else rng.uniform(0.05, 0.08)
    p.wings(
        (-0.16, -0.16 + chord, h, 0.03),
        (-0.15, -0.17 + chord * 0.85, h + rise, span),
        0.032,
        lift=0.1 if high else 0.0,
    )
    p.wings((0.36, 0.48, 0.03, 0.01), (0.39, 0.48, 0.03, 0.19), 0.016)
    p.blade((0.32, 0.48, 0.03, 0.0), (0.44, 0.52, rng.uniform(0.17, 0.22), 0.0), 0.018, upright=True)
    if high:
        for side in (-1.0, 1.0):
            p.scene.rod([(-0.08, -0.05, side * 0.06), (-0.08, h, side * span * 0.5)], 0.012)
    low = rng.uniform(-0.17, -0.14)
    for x, z in ((-0.36, 0.0), (-0.02, -0.13), (-0.02, 0.13)):
        p.wheel(x, low, z, 0.036, -0.05)
    p.paint()
    for side in (-1.0, 1.0):
        pane = [
            (-0.17, 0.045, side * 0.06),
            (-0.12, cabin + 0.02, side * 0.045),
            (0.0, cabin + 0.016, side * 0.045),
            (0.08, 0.05, side * 0.055),
        ]
        p.scene.patch("dark", pane, (0.0, 0.2, side))
    screen = [
        (-0.215, 0.048, -0.05),
        (-0.14, cabin + 0.02, -0.04),
        (-0.14, cabin + 0.02, 0.04),
        (-0.215, 0.048, 0.05),
    ]
    p.scene.patch("dark", screen, (-0.8, 0.5, 0.0))
    p.propeller(nose - 0.02, -0.02, 0.0, rng.uniform(0.12, 0.15), rng.uniform(0, 180), int(rng.integers(2, 4)))
    p.scene.lump(circle(nose - 0.045, -0.02, 0.0, 0.004), circle(nose, -0.02, 0.0, 0.024), seam=True)
    return p.scene.sketch


def fighter(rng: np.random.Generator) -> Sketch:
    """A jet fighter with a pointed nose, a bubble canopy and swept wings."""
    view = int(rng.integers(3))
    camera = (
        Camera(rng.uniform(-5, 18), rng.choice([-1, 1]) * rng.uniform(5, 20), rng.uniform(-4, 18), 3.0),
        Camera(rng.uniform(20, 55), rng.uniform(12, 45), rng.uniform(-10, 20), 3.0),
        Camera(rng.uniform(-15, 15), rng.choice([-1, 1]) * rng.uniform(55, 85), rng.uniform(-50, 50), 4.0),
    )[view]
    p = _Plane(camera)
    delta, span = rng.random() < 0.4, rng.uniform(0.27, 0.35)
    p.tube(
        [
            (-0.5, -0.01, 0.003),
            (-0.42, -0.006, 0.022),
            (-0.3, 0.0, 0.038),
            (-0.12, 0.0, 0.05),
            (0.1, 0.0, 0.055),
            (0.3, 0.0, 0.052),
            (0.42, 0.0, 0.04),
            (0.46, 0.0, 0.034),
        ]
    )
    p.tube(
        [
            (-0.36, 0.025, 0.006),
            (-0.31, 0.038, 0.024),
            (-0.24, 0.042, 0.03),
            (-0.14, 0.04, 0.024),
            (0.06, 0.035, 0.014),
        ],
        lift=0.06,
    )
    for side in (-1.0, 1.0):
        p.tube([(-0.14, -0.012, 0.034), (0.0, -0.01, 0.04), (0.25, -0.005, 0.036)], side * 0.045, mouth=True)
    if delta:
        p.wings((-0.06, 0.36, 0.0, 0.04), (0.26, 0.36, 0.0, span * 0.9), 0.018)
        if rng.random() < 0.5:
            p.wings((-0.24, -0.14, 0.02, 0.03), (-0.16, -0.12, 0.02, 0.13), 0.012)
    else:
        p.wings((-0.1, 0.2, 0.0, 0.04), (0.12, 0.21, -0.005, span), 0.018)
        p.wings((0.3, 0.46, 0.0, 0.04), (0.42, 0.5, -0.005, 0.2), 0.014)
    twin = not delta and rng.random() < 0.55
    for z, lean in ((-0.06, -0.04), (0.06, 0.04)) if twin else ((0.0, 0.0),):
        p.blade((0.2, 0.4, 0.04, z), (0.38, 0.48, rng.uniform(0.17, 0.21), z + lean), 0.014, upright=True)
    if view == 0 and rng.random() < 0.4:
        for x, z in ((-0.26, 0.0), (0.14, -0.08), (0.14, 0.08)):
            p.wheel(x, -0.12, z, 0.028, -0.03)
    p.paint()
    p.scene.sketch.dark(ellipse(*p.spot(-0.255, 0.048), 0.012))
    glass = [
        (-0.34, 0.034, 0.018),
        (-0.28, 0.062, 0.014),
        (-0.2, 0.066, 0.014),
        (-0.13, 0.05, 0.018),
        (-0.2, 0.036, 0.03),
    ]
    for side in (-1.0, 1.0):
        p.scene.patch("dark", [(x, h, side * z) for x, h, z in glass], (0.0, 0.5, side))
    return p.scene.sketch


def warbird(rng: np.random.Generator) -> Sketch:
    """An old propeller fighter or a biplane with tail wheel."""
    camera = Camera(
        rng.choice([rng.uniform(-10, 15), rng.uniform(25, 60)]),
        rng.uniform(-18, 30),
        rng.uniform(-6, 14),
        3.0,
    )
    p = _Plane(camera)
    double, span = bool(rng.random() < 0.5), rng.uniform(0.5, 0.6)
    p.tube(
        [
            (-0.42, 0.0, 0.03),
            (-0.4, 0.0, 0.058),
            (-0.28, 0.0, 0.066),
            (-0.05, 0.0, 0.062),
            (0.2, 0.01, 0.042),
            (0.46, 0.03, 0.012),
        ]
    )
    p.blade((0.3, 0.48, 0.02, 0.0), (0.42, 0.5, rng.uniform(0.14, 0.18), 0.0), 0.018, upright=True)
    p.wings((0.34, 0.46, 0.03, 0.01), (0.38, 0.46, 0.03, 0.19), 0.014)
    p.wings((-0.24, -0.02, -0.05, 0.03), (-0.2, -0.07, 0.0, span), 0.028)
    if double:
        upper = rng.uniform(0.13, 0.16)
        p.wings((-0.3, -0.1, upper, 0.0), (-0.28, -0.12, upper + 0.03, span * 1.04), 0.026, lift=0.08)
        for side in (-1.0, 1.0):
            for z in (0.06, 0.75 * span):
                for x in (-0.22, -0.12):
                    p.scene.rod([(x + 0.03, -0.03, side * z), (x - 0.03, upper + 0.01, side * z)], 0.011)
    else:
        p.tube([(-0.16, 0.05, 0.01), (-0.1, 0.062, 0.034), (-0.02, 0.06, 0.032), (0.12, 0.045, 0.008)], lift=0.05)
    if double or rng.random() < 0.4:
        for side in (-1.0, 1.0):
            p.wheel(-0.26, -0.17, side * 0.1, 0.042, -0.04)
    p.paint()
    if double:
        p.scene.sketch.solid(ellipse(*p.spot(0.02, 0.085), 0.028, 0.032), seam=True)
    else:
        for side in (-1.0, 1.0):
            glass = [(-0.13, 0.06, 0.02), (-0.08, 0.09, 0.014), (-0.02, 0.088, 0.014), (0.05, 0.062, 0.02)]
            p.scene.patch("dark", [(x, h, side * z) for x, h, z in glass], (0.0, 0.4, side))
    p.propeller(-0.45, 0.0, 0.0, rng.uniform(0.14, 0.17), rng.uniform(0, 180), int(rng.integers(2, 4)))
    p.scene.lump(circle(-0.48, 0.0, 0.0, 0.004), circle(-0.42, 0.0, 0.0, 0.03), seam=True)
    return p.scene.sketch


DRAWINGS = (
    airliner_side,
    airliner_quarter,
    airliner_below,
    airliner_front,
    business_jet,
    light_plane,
    fighter,
    warbird,
)
