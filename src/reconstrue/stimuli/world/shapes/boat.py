"""Drawings of a boat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from reconstrue.stimuli.world.drawing import Points, Sketch, ellipse, smooth
from reconstrue.stimuli.world.shapes._hulls import (
    Camera,
    Scene,
    Space,
    block,
    circle,
    space,
)

_LEFT, _RIGHT, _BOW = (0.0, 0.1, -1.0), (0.0, 0.1, 1.0), (-1.0, 0.2, 0.0)


@dataclass(frozen=True)
class Hull:
    """A hull one long, bow at x = -0.5, afloat at h = 0: half beam, rail from the bow, rake of the ends."""

    beam: float
    rail: tuple[float, ...]
    bow_rake: float = 0.1
    stern_rake: float = 0.0
    stern: float = 0.8
    fullness: float = 0.6
    flare: float = 0.75

    @cached_property
    def _sheer(self) -> Points:
        """The curve of the rail as (u, height)."""
        knots = np.linspace(0, 1, len(self.rail))
        return smooth(np.stack([knots, np.array(self.rail)], axis=1), closed=False, steps=6)

    def half(self, u: float) -> float:
        """Return the half beam at the rail, u from 0 at the bow to 1 at the stern."""
        fore = np.sin(np.pi / 2 * min(u / 0.5, 1.0)) ** self.fullness
        aft = 1 - (1 - self.stern) * max(0.0, (u - 0.5) / 0.5) ** 2
        return float(self.beam * fore * aft) + 0.002

    def height(self, u: float) -> float:
        """Return the height of the rail at u."""
        return float(np.interp(u, self._sheer[:, 0], self._sheer[:, 1]))

    def at(self, u: float, side: float, down: float = 0.0) -> tuple[float, float, float]:
        """Return the point at u on the side (-1 to 1, 0 midships), `down` (0 rail, 1 water) the planks."""
        rake = self.bow_rake * (1 - u) ** 3 - self.stern_rake * u**3
        narrow = 1 - (1 - self.flare) * down
        return -0.5 + u + rake * down, self.height(u) * (1 - down), side * self.half(u) * narrow

    def rings(self) -> list[Space]:
        """Return the sections of the hull from bow to stern."""
        return [space([self.at(u, s, d) for s in (-1, 1) for d in (0.0, 0.5, 1.0)]) for u in np.linspace(0, 1, 17)]

    def strake(self, scene: Scene, down: float, width: float = 0.012) -> None:
        """Draw a line along both sides at a depth below the rail."""
        for side, normal in ((-1, _LEFT), (1, _RIGHT)):
            scene.line([self.at(u, side, down) for u in np.linspace(0.02, 1, 16)], width, normal)

    def inside(self, scene: Scene, start: float = 0.06, stop: float = 0.95) -> None:
        """Darken the open inside, seen where the camera looks over the rail."""
        us = np.linspace(start, stop, 14)
        rim = [self.at(u, -0.84) for u in us] + [self.at(u, 0.84) for u in us[::-1]]
        scene.patch("dark", rim, (0.0, 1.0, 0.0))


def _camera(rng: np.random.Generator, yaw: float = 40, low: float = 1, high: float = 16, heel: float = 0.0) -> Camera:
    """Return a camera beside the boat, up to `yaw` degrees towards the bow or the stern."""
    return Camera(rng.uniform(-yaw, yaw), rng.uniform(low, high), heel, rng.uniform(2.5, 6))


def _windows(
    scene: Scene, x: tuple[float, float], h: tuple[float, float], z: float, count: int, *, front: bool = False
) -> None:
    """Paint a row of windows on the near side of a cabin, and one across its front."""
    edges = np.linspace(x[0], x[1], count + 1)
    side = scene.camera.near_side * z
    for a, b in pairwise(edges.tolist()):
        gap = 0.14 * (b - a)
        pane = [(a + gap, h[0], side), (a + gap, h[1], side), (b - gap, h[1], side), (b - gap, h[0], side)]
        scene.patch("dark", pane)
    if front:
        w, f = 0.8 * z, x[0] - 0.02
        scene.patch("dark", [(f, h[0], -w), (f, h[1], -w), (f, h[1], w), (f, h[0], w)], _BOW)


def _flag(scene: Scene, x: float, h: float, size: float) -> None:
    """Paint a flag blowing aft from the top of a staff."""
    wave = [
        (x, h),
        (x + 0.5 * size, h + 0.08 * size),
        (x + size, h),
        (x + size, h - 0.6 * size),
        (x + 0.5 * size, h - 0.52 * size),
        (x, h - 0.6 * size),
    ]
    scene.patch("solid", [(a, b, 0.0) for a, b in wave])


def sloop(rng: np.random.Generator) -> Sketch:
    """A sailing boat with mainsail and jib."""
    scene = Scene(Sketch(), _camera(rng, 50, 0, 10, rng.uniform(-9, 9)))
    free = rng.uniform(0.06, 0.11)
    hull = Hull(
        rng.uniform(0.11, 0.16),
        (free * 1.5, free * 1.1, free, free),
        rng.uniform(0.08, 0.16),
        rng.uniform(-0.05, 0.06),
        0.7,
    )
    tall, mast = rng.uniform(0.95, 1.4), rng.uniform(-0.16, -0.04)
    swing = rng.choice([-1, 1]) * rng.uniform(0.04, 0.2)
    scene.loft(hull.rings())
    hull.strake(scene, 0.15)
    hull.strake(scene, 0.75, 0.02)
    hull.inside(scene, 0.55, 0.95)
    scene.lump(block((mast - 0.1, mast + 0.16), (free, free + 0.05), (-0.07, 0.07)), seam=True)
    scene.rod([(mast, free, 0.0), (mast + 0.02, tall, 0.0)], [0.018, 0.01])
    foot, boom = free + rng.uniform(0.06, 0.1), rng.uniform(0.38, 0.5)

    def main() -> None:
        corner = np.array([mast + boom, foot, swing])
        leech = smooth(
            [
                (mast + 0.025, tall * 0.98, 0.0)[:2],
                (mast + 0.16 + 0.4 * boom * 0.5, 0.55 * tall + foot / 2),
                (corner[0], corner[1]),
            ],
            closed=False,
            steps=8,
        )
        sail = [(x, h, swing * (x - mast) / boom * 1.1) for x, h in leech]
        scene.lump(space([*sail, (mast + 0.01, foot, 0.0)]), seam=True)
        for k in (0.3, 0.5, 0.7):
            h = foot + k * (tall - foot)
            end = float(np.interp(-h, -leech[:, 1], leech[:, 0]))
            scene.line([(mast + 0.01, h, 0.0), (end, h - 0.02, swing * (end - mast) / boom)])
        scene.rod([(mast, foot, 0.0), (corner[0] + 0.02, corner[1], corner[2])], 0.016)

    def jib() -> None:
        overlap, head = rng.uniform(0.0, 0.1), rng.uniform(0.72, 0.96) * tall
        stay = (-0.48, free * 1.4 + 0.02, 0.0)
        clew = (mast + overlap, foot, swing * 0.7)
        bulge = (0.5 * clew[0] + 0.5 * mast - 0.03, 0.45 * head, swing * 0.4)
        outline = [stay, (mast - 0.01, head, 0.0), bulge, clew]
        scene.patch("solid", outline)
        scene.line([*outline, stay])

    for sail in rng.permutation(np.array([main, jib], dtype=object)) if rng.random() < 0.9 else (main,):
        sail()
    if rng.random() < 0.3:
        _flag(scene, 0.46, free + 0.18, 0.1)
        scene.rod([(0.46, free, 0.0), (0.46, free + 0.18, 0.0)], 0.01)
    return scene.sketch


def dinghy(rng: np.random.Generator) -> Sketch:
    """An open rowing boat seen from above the rail, with thwarts and oars."""
    scene = Scene(Sketch(), Camera(rng.uniform(-55, 55), rng.uniform(10, 34), 0.0, rng.uniform(2, 4)))
    free = rng.uniform(0.12, 0.18)
    hull = Hull(
        rng.uniform(0.17, 0.23),
        (free * 1.7, free * 1.15, free, free * 1.15),
        rng.uniform(0.08, 0.16),
        0.06,
        rng.choice([0.15, 0.7]),
        rng.uniform(0.7, 0.9),
        0.65,
    )
    scene.loft(hull.rings())
    hull.strake(scene, 0.12)
    hull.strake(scene, 0.4)
    hull.strake(scene, 0.68)
    hull.inside(scene)
    for u in (0.36, 0.6, 0.84):
        bench = [
            hull.at(u - 0.035, -0.86),
            hull.at(u - 0.035, 0.86),
            hull.at(u + 0.035, 0.86),
            hull.at(u + 0.035, -0.86),
        ]
        scene.patch("solid", [(x, h - 0.02, z) for x, h, z in bench])
    if rng.random() < 0.75:
        sweep, dip = rng.uniform(-0.1, 0.25), rng.uniform(-0.02, 0.1)
        for side in (-1, 1):
            lock = hull.at(0.55, side)
            reach = (lock[0] + sweep, dip, lock[2] + side * rng.uniform(0.3, 0.42))
            handle = (lock[0] - 0.3 * sweep, lock[1] + 0.04, 0.2 * lock[2])
            scene.rod(
                [
                    handle,
                    lock,
                    (
                        0.4 * lock[0] + 0.6 * reach[0],
                        0.4 * lock[1] + 0.6 * reach[1],
                        0.4 * lock[2] + 0.6 * reach[2],
                    ),
                    reach,
                ],
                [0.018, 0.018, 0.022, 0.05],
            )
    return scene.sketch


def motorboat(rng: np.random.Generator) -> Sketch:
    """A speedboat or a motor yacht with a raked cabin."""
    camera = _camera(rng, 50, 2, 14, rng.uniform(-2, 8))
    scene = Scene(Sketch(), camera)
    free = rng.uniform(0.09, 0.13)
    hull = Hull(
        rng.uniform(0.12, 0.16),
        (free * 1.5, free * 1.35, free * 1.1, free * 0.95, free * 0.9),
        rng.uniform(0.16, 0.26),
        0.02,
        0.92,
        0.75,
        0.6,
    )
    scene.loft(hull.rings())
    hull.strake(scene, 0.2)
    hull.strake(scene, 0.5)
    front, rear = rng.uniform(-0.2, -0.08), rng.uniform(0.18, 0.36)
    deck, w = free * 1.0, hull.beam * 0.72
    if rng.random() < 0.4:
        hull.inside(scene, 0.5, 0.96)
        screen = [
            (front + 0.02, free * 1.2, -w),
            (front + 0.16, free + 0.13, -w * 0.8),
            (front + 0.16, free + 0.13, w * 0.8),
            (front + 0.02, free * 1.2, w),
        ]
        for side in (-1.0, 1.0):
            wing = [
                (front + 0.02, free * 1.15, side * w),
                (front + 0.16, free + 0.13, side * w * 0.8),
                (front + 0.3, free, side * w),
            ]
            scene.patch("solid", wing)
            scene.patch("dark", wing, (0.0, 0.0, side))
        scene.patch("solid", screen)
        scene.patch("dark", screen, (-1.0, 0.6, 0.0))
        scene.lump(
            block((0.47, 0.53), (0.0, free + 0.05), (-0.03, 0.03)),
            block((0.49, 0.56), (free, free + 0.05), (-0.03, 0.03)),
            seam=True,
        )
        return scene.sketch
    levels = [(front, rear, deck, rng.uniform(0.09, 0.12), w)]
    if rng.random() < 0.6:
        levels.append((front + 0.16, rear - 0.02, deck + levels[0][3], rng.uniform(0.05, 0.08), w * 0.8))
    for a, b, h, tall, z in levels:
        ring = [
            space(
                [
                    (x, h - 0.02, -z),
                    (x, h - 0.02, z),
                    (x + lean, h + tall, -z * 0.85),
                    (x + lean, h + tall, z * 0.85),
                ]
            )
            for x, lean in ((a, 0.16), (b, 0.05))
        ]
        scene.lump(*ring, seam=True)
        for side in (-1.0, 1.0):
            low, high = h + 0.35 * tall, h + 0.8 * tall
            pane = [
                (a + 0.11, low, side * z * 0.94),
                (a + 0.18, high, side * z * 0.88),
                (b, high, side * z * 0.88),
                (b - 0.03, low, side * z * 0.94),
            ]
            scene.patch("dark", pane, (0.0, 0.1, side))
        glass = [
            (a + 0.06, h + 0.35 * tall, z * 0.8),
            (a + 0.06, h + 0.35 * tall, -z * 0.8),
            (a + 0.13, h + 0.8 * tall, -z * 0.76),
            (a + 0.13, h + 0.8 * tall, z * 0.76),
        ]
        scene.patch("dark", glass, (-0.8, 0.7, 0.0))
    top = levels[-1][2] + levels[-1][3]
    x = levels[-1][1] - 0.12
    scene.rod([(x, top - 0.01, 0.0), (x + 0.05, top + rng.uniform(0.07, 0.13), 0.0)], [0.04, 0.02])
    for k in np.linspace(0.05, 0.4, 6):
        rail = hull.at(k, 0.9)
        scene.rod([rail, (rail[0], rail[1] + 0.045, rail[2])], 0.006)
    scene.rod([(x, h + 0.045, z) for x, h, z in (hull.at(k, 0.9) for k in np.linspace(0.02, 0.42, 8))], 0.009)
    return scene.sketch


def liner(rng: np.random.Generator) -> Sketch:
    """A passenger ship: rows of portholes, decks in steps, funnels."""
    scene = Scene(Sketch(), _camera(rng, 38, 0, 10))
    free = rng.uniform(0.07, 0.1)
    hull = Hull(
        rng.uniform(0.06, 0.08),
        (free * 1.5, free * 1.1, free, free, free * 1.15),
        rng.uniform(0.04, 0.1),
        0.05,
        0.75,
        0.5,
        0.85,
    )
    scene.loft(hull.rings())
    hull.strake(scene, 0.8, 0.014)
    _windows(scene, (-0.38, 0.42), (free * 0.5, free * 0.65), hull.beam * 0.98, 22)
    decks, front, rear, h = (
        int(rng.integers(2, 6)),
        rng.uniform(-0.34, -0.26),
        rng.uniform(0.36, 0.44),
        free * 0.97,
    )
    for k in range(decks):
        tall = rng.uniform(0.028, 0.036)
        z = hull.beam * (0.92 - 0.05 * k)
        scene.lump(block((front, rear), (h, h + tall), (-z, z)), seam=True)
        _windows(scene, (front + 0.01, rear - 0.01), (h + 0.3 * tall, h + 0.75 * tall), z, 20, front=k == decks - 1)
        front, rear, h = front + rng.uniform(0.01, 0.05), rear - rng.uniform(0.02, 0.07), h + tall
    count = int(rng.integers(1, 4))
    stack = rng.uniform(0.09, 0.13)
    for x in np.linspace(0.12, -0.14, count) if count > 1 else (rng.uniform(0.05, 0.2),):
        r = 0.03
        base, top = _disc(x, h - 0.01, r), _disc(x + 0.02, h + stack, r * 0.9)
        scene.lump(base, top, seam=True)
        scene.patch(
            "dark",
            np.concatenate(
                [
                    _half_disc(x + 0.016, h + stack * 0.75, r * 0.9),
                    _half_disc(x + 0.02, h + stack, r * 0.9)[::-1],
                ]
            ),
        )
    scene.rod([(front + 0.03, h, 0.0), (front + 0.04, h + stack * 1.1, 0.0)], 0.009)
    return scene.sketch


def _disc(x: float, h: float, radius: float) -> Space:
    """Return a level circle."""
    a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    return np.stack([x + radius * np.cos(a), np.full(20, h), radius * np.sin(a)], axis=1)


def _half_disc(x: float, h: float, radius: float) -> Space:
    """Return the near half of a level circle, from left to right."""
    a = np.linspace(np.pi, 0, 10)
    return np.stack([x + radius * np.cos(a), np.full(10, h), radius * np.sin(a)], axis=1)


def freighter(rng: np.random.Generator) -> Sketch:
    """A cargo ship: the bridge aft, containers or derricks before it."""
    scene = Scene(Sketch(), _camera(rng, 38, 0, 12))
    free = rng.uniform(0.07, 0.1)
    hull = Hull(
        rng.uniform(0.07, 0.09),
        (free * 1.6, free * 1.05, free, free, free * 1.1),
        rng.uniform(0.02, 0.08),
        0.04,
        0.85,
        0.4,
        0.9,
    )
    scene.loft(hull.rings())
    hull.strake(scene, 0.7, 0.016)
    z, bridge = hull.beam * 0.85, rng.uniform(0.24, 0.32)
    tall = rng.uniform(0.16, 0.22)
    if rng.random() < 0.55:
        edges = np.linspace(-0.36, bridge - 0.03, int(rng.integers(6, 9)))
        for a, b in pairwise(edges):
            for k in range(int(rng.integers(2, 5))):
                low = free + 0.032 * k - 0.01
                scene.lump(block((a + 0.004, b - 0.004), (low, low + 0.033), (-z, z)), seam=True)
                if rng.random() < 0.35:
                    scene.patch("dark", [(a, low, z), (a, low + 0.03, z), (b, low + 0.03, z), (b, low, z)], _RIGHT)
    else:
        for x in (-0.26, 0.0):
            scene.lump(block((x - 0.09, x + 0.09), (free - 0.01, free + 0.03), (-z * 0.7, z * 0.7)), seam=True)
            scene.rod([(x, free, 0.0), (x, free + rng.uniform(0.2, 0.26), 0.0)], [0.02, 0.012])
            reach = rng.uniform(0.11, 0.15)
            for s in (-1, 1):
                scene.rod([(x, free + 0.05, 0.0), (x + s * reach, free + rng.uniform(0.13, 0.2), 0.0)], 0.012)
    scene.lump(block((bridge, bridge + 0.13), (free - 0.01, free + tall), (-z * 0.9, z * 0.9)), seam=True)
    scene.lump(
        block((bridge - 0.01, bridge + 0.08), (free + tall - 0.04, free + tall), (-z * 1.1, z * 1.1)),
        seam=True,
    )
    for k in range(4):
        h = free + tall * (0.12 + 0.22 * k)
        _windows(scene, (bridge + 0.01, bridge + 0.11), (h, h + 0.018), z * 0.9, 4, front=k == 3)
    scene.lump(block((bridge + 0.09, bridge + 0.14), (free, free + tall + 0.05), (-0.02, 0.02)), seam=True)
    scene.rod([(bridge + 0.03, free + tall, 0.0), (bridge + 0.03, free + tall + 0.09, 0.0)], 0.01)
    scene.rod([(-0.42, free, 0.0), (-0.42, free + 0.13, 0.0)], 0.01)
    return scene.sketch


def trawler(rng: np.random.Generator) -> Sketch:
    """A fishing boat or a tug: a high bow, a wheelhouse, mast and boom."""
    scene = Scene(Sketch(), _camera(rng, 50, 1, 12))
    free = rng.uniform(0.1, 0.13)
    hull = Hull(
        rng.uniform(0.13, 0.17),
        (free * 2.1, free * 1.4, free, free * 0.9, free * 1.1),
        rng.uniform(0.08, 0.16),
        0.05,
        0.75,
        0.6,
        0.7,
    )
    scene.loft(hull.rings())
    hull.strake(scene, 0.14, 0.014)
    hull.strake(scene, 0.6, 0.02)
    house, long, tall = rng.uniform(-0.2, 0.08), rng.uniform(0.2, 0.28), rng.uniform(0.2, 0.26)
    z = hull.beam * 0.6
    if house < 0:
        boom = rng.uniform(0.28, 0.36)
        scene.rod([(house + long + 0.03, free, 0.0), (house + long + 0.02, free + tall + 0.22, 0.0)], [0.026, 0.014])
        scene.rod([(house + long + 0.03, free + 0.1, 0.0), (house + long + boom, free + tall + 0.02, 0.0)], 0.016)
        scene.rod(
            [(house + long + 0.02, free + tall + 0.2, 0.0), (house + long + boom, free + tall + 0.02, 0.0)],
            0.007,
        )
    scene.lump(block((house, house + long), (free * 0.8, free + tall), (-z, z)), seam=True)
    scene.lump(
        block((house - 0.03, house + long + 0.02), (free + tall, free + tall + 0.025), (-z * 1.12, z * 1.12)),
        seam=True,
    )
    _windows(scene, (house + 0.02, house + long - 0.02), (free + tall * 0.55, free + tall * 0.88), z, 3, front=True)
    if rng.random() < 0.6:
        scene.lump(
            _disc(house + long * 0.7, free + tall, 0.035),
            _disc(house + long * 0.72, free + tall + 0.13, 0.033),
            seam=True,
        )
    scene.rod(
        [(house + 0.06, free + tall, 0.0), (house + 0.07, free + tall + rng.uniform(0.2, 0.3), 0.0)],
        [0.018, 0.01],
    )
    scene.rod([(house + 0.07, free + tall + 0.18, 0.0), hull.at(0.0, 0.0)], 0.006)
    if house >= 0:
        scene.rod([(-0.2, free, 0.0), (-0.19, free + 0.4, 0.0)], [0.024, 0.012])
        scene.rod([(-0.19, free + 0.1, 0.0), (house - 0.02, free + 0.3, 0.0)], 0.014)
    for side, normal in ((-1, _LEFT), (1, _RIGHT)):
        for u in (0.4, 0.55, 0.7):
            x, h, w = hull.at(u, side, 0.35)
            scene.patch("dark", circle(x, h, w, 0.022, axis="z"), normal)
    return scene.sketch


def tall_ship(rng: np.random.Generator) -> Sketch:
    """An old sailing ship with square sails on two or three masts and a bowsprit."""
    scene = Scene(Sketch(), _camera(rng, 40, 0, 8))
    free = rng.uniform(0.08, 0.12)
    hull = Hull(
        rng.uniform(0.07, 0.1),
        (free * 1.3, free, free * 0.9, free * 1.1, free * 1.6),
        rng.uniform(0.08, 0.14),
        0.06,
        0.7,
        0.5,
        0.8,
    )
    tall, brace = rng.uniform(0.7, 0.95), scene.camera.yaw + rng.uniform(-48, 48)
    masts = (-0.28, 0.02, 0.3) if rng.random() < 0.7 else (-0.2, 0.16)
    scene.rod([(-0.42, free * 1.1, 0.0), (-0.74, free * 1.1 + 0.13, 0.0)], [0.024, 0.01])
    cos, sin = np.cos(np.deg2rad(brace)), np.sin(np.deg2rad(brace))

    def square(x: float, low: float, high: float, w: float) -> None:
        run = np.linspace(-1, 1, 7)
        top = [(x + w * t * cos * 0.86, high, w * t * sin * 0.86) for t in run]
        foot = [(x + w * t * cos, low + 0.035 * (1 - t * t), w * t * sin) for t in run[::-1]]
        scene.patch("solid", top + foot)
        scene.line([*top, *foot, top[0]])
        scene.rod([top[0], top[-1]], 0.011)

    for i, x in enumerate(masts):
        peak = tall * (0.9, 1.0, 0.82)[i]
        scene.rod([(x, free * 0.5, 0.0), (x, peak + 0.04, 0.0)], [0.018, 0.008])
        levels = np.linspace(free + 0.07, peak, 5 if tall > 0.8 else 4)
        for k, (low, high) in enumerate(pairwise(levels)):
            square(x, low + 0.012, high, (0.17 - 0.03 * k) * (1 if len(masts) == 3 else 1.2))
    for k in range(int(rng.integers(1, 4))):
        tack = (-0.7 + 0.09 * k, free * 1.1 + 0.11 - 0.03 * k, 0.0)
        outline = [
            tack,
            (masts[0] - 0.02, tall * (0.75 - 0.12 * k), 0.0),
            (masts[0] - 0.12, free + 0.1, 0.03),
        ]
        scene.patch("solid", outline)
        scene.line([*outline, tack])
    spanker = [
        (masts[-1], free + 0.09, 0.0),
        (masts[-1], tall * 0.5, 0.0),
        (masts[-1] + 0.16, tall * 0.6, 0.03),
        (masts[-1] + 0.25, free + 0.11, 0.05),
    ]
    scene.patch("solid", spanker)
    scene.line([*spanker, spanker[0]])
    scene.loft(hull.rings(), seam=True)
    hull.strake(scene, 0.2)
    hull.strake(scene, 0.55)
    for side, normal in ((-1, _LEFT), (1, _RIGHT)):
        for u in np.linspace(0.25, 0.85, 9):
            x, h, z = hull.at(float(u), side, 0.38)
            d = 0.011
            scene.patch("dark", [(x - d, h - d, z), (x - d, h + d, z), (x + d, h + d, z), (x + d, h - d, z)], normal)
    return scene.sketch


def canoe(rng: np.random.Generator) -> Sketch:
    """A canoe with upturned ends, often with a paddler."""
    scene = Scene(Sketch(), _camera(rng, 35, 7, 26))
    free = rng.uniform(0.075, 0.1)
    tip = rng.uniform(1.6, 2.3)
    hull = Hull(
        rng.uniform(0.09, 0.12),
        (free * tip, free * 1.15, free, free, free * 1.15, free * tip),
        0.09,
        0.09,
        0.02,
        0.9,
        0.7,
    )
    scene.loft(hull.rings())
    hull.strake(scene, 0.14)
    hull.inside(scene, 0.08, 0.92)
    for u in (0.3, 0.5, 0.72):
        a, b = hull.at(u, -0.86), hull.at(u, 0.86)
        scene.rod([a, b], 0.018)
    if rng.random() < 0.45:
        x, lean = rng.uniform(0.05, 0.2), rng.uniform(-0.09, -0.03)
        hand = (x - 0.23, free + 0.21, 0.05)
        scene.rod(
            [(x, free * 0.6, 0.0), (x + lean * 0.4, free + 0.12, 0.0), (x + lean, free + 0.24, 0.0)],
            [0.1, 0.11, 0.13],
        )
        scene.rod([(x + lean, free + 0.235, 0.0), (x + lean * 1.2, free + 0.3, 0.0)], [0.13, 0.04])
        head_x, head_y = scene.camera.project([(x + lean * 1.4, free + 0.345, 0.0)])[0]
        scene.sketch.solid(ellipse(head_x, head_y, 0.042, 0.052), seam=True)
        scene.rod([(x + lean, free + 0.22, 0.05), (x - 0.13, free + 0.13, 0.07), hand], [0.05, 0.042, 0.03])
        scene.rod(
            [(x - 0.2, free + 0.3, 0.04), (x - 0.27, free + 0.06, 0.07), (x - 0.31, -0.06, 0.1)],
            [0.014, 0.016, 0.045],
        )
        us = np.linspace(0.1, 0.9, 12)
        near = [hull.at(u, 1.0) for u in us] + [hull.at(u, 1.0, 0.9) for u in us[::-1]]
        scene.patch("solid", near)
        scene.line(near[:12])
    return scene.sketch


DRAWINGS = (sloop, dinghy, motorboat, liner, freighter, trawler, tall_ship, canoe)
