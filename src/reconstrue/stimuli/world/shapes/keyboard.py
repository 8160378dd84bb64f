"""Drawings of a (computer) keyboard, seen from many sides by a small camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from reconstrue.stimuli.world.drawing import (
    Points,
    Sketch,
    box,
    ellipse,
    points,
    smooth,
)

Key = tuple[float, float, float, float]
Warp = Callable[[Points], Points]

_ROWS: tuple[tuple[float, ...], ...] = (
    (1,) * 13 + (2,),
    (1.5,) + (1,) * 12 + (1.5,),
    (1.75,) + (1,) * 11 + (2.25,),
    (2.25,) + (1,) * 10 + (2.75,),
    (1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 1.25, 1.25),
)  # widths of the keys of the main block, in units of one letter key


def _row(widths: Sequence[float], x: float, y: float) -> list[Key]:
    """Return the keys of one row, from the left end (x, y)."""
    ends = x + np.concatenate([[0.0], np.cumsum(widths)])
    return [(float(a), y, float(b), y + 1.0) for a, b in pairwise(ends)]


@cache
def _letters(y: float = 0.0) -> tuple[Key, ...]:
    """Return the main block, fifteen units wide and five deep."""
    return tuple(key for i, widths in enumerate(_ROWS) for key in _row(widths, 0.0, y + i))


@cache
def _full(numpad: bool) -> tuple[tuple[Key, ...], float, float]:
    """Return all keys of an office keyboard and its width and depth in key units."""
    keys = list(_letters(1.4))
    for x, count in ((0.0, 1), (2.0, 4), (6.5, 4), (11.0, 4), (15.4, 3)):
        keys += _row((1,) * count, x, 0.0)
    keys += _row((1, 1, 1), 15.4, 1.4) + _row((1, 1, 1), 15.4, 2.4) + _row((1,), 16.4, 4.4) + _row((1, 1, 1), 15.4, 5.4)
    if not numpad:
        return tuple(keys), 18.4, 6.4
    for y in (1.4, 2.4, 3.4, 4.4):
        keys += _row((1, 1, 1), 18.8, y)
    keys += [*_row((2, 1), 18.8, 5.4), (21.8, 1.4, 22.8, 2.4), (21.8, 2.4, 22.8, 4.4), (21.8, 4.4, 22.8, 6.4)]
    return tuple(keys), 22.8, 6.4


@dataclass(frozen=True)
class _Camera:
    """A camera looking at the desk: turned about the vertical, raised, at a distance in key units."""

    yaw: float
    height: float
    distance: float
    centre: tuple[float, float]

    def __call__(self, plan: ArrayLike, z: float | Points = 0.0) -> Points:
        """Return where points of the plan (x to the right, y towards the user), lifted by z, appear."""
        p = np.asarray(plan, dtype=np.float64) - self.centre
        yaw, height = np.deg2rad([self.yaw, self.height])
        x, y = (
            p[..., 0] * np.cos(yaw) - p[..., 1] * np.sin(yaw),
            p[..., 0] * np.sin(yaw) + p[..., 1] * np.cos(yaw),
        )
        near = self.distance / (self.distance - y * np.cos(height) - z * np.sin(height))
        return np.stack([x * near, (y * np.sin(height) - z * np.cos(height)) * near], axis=-1) / 20


def _same(p: Points) -> Points:
    """Return the plan as it is."""
    return p


def _slab(s: Sketch, camera: _Camera, plan: Points, back: float, front: float) -> None:
    """Paint the body: a plate on the desk whose top slopes from `back` to `front` high."""
    y = plan[:, 1]
    z = front + (back - front) * (y.max() - y) / (y.max() - y.min())
    low, top = camera(plan), camera(plan, z)
    s.solid(low)
    for wall in np.stack([low, np.roll(low, -1, axis=0), np.roll(top, -1, axis=0), top], axis=1):
        s.solid(wall)
    s.solid(top, seam=True)


def _keys(
    s: Sketch,
    camera: _Camera,
    keys: Sequence[Key],
    back: float,
    front: float,
    *,
    rise: float = 0.0,
    gap: float = 0.1,
    dark: bool = False,
    solid: bool = False,
    warp: Warp = _same,
) -> None:
    """Paint the keys on the sloping top: blocks if they `rise`, else flat areas, or `solid` islands."""
    k = np.asarray(sorted(keys, key=lambda key: (key[1], key[0])))
    x0, y0, x1, y1 = (k + np.array([gap, gap, -gap, -gap])).T
    plan = warp(
        np.stack(
            [np.stack([x0, y0], -1), np.stack([x1, y0], -1), np.stack([x1, y1], -1), np.stack([x0, y1], -1)],
            axis=1,
        )
    )
    deep = k[:, 3].max()
    z = front + (back - front) * (1 - np.stack([y0, y0, y1, y1], axis=1) / deep)
    foot = camera(plan, z)
    paint = s.dark if dark else s.light
    if rise <= 0:
        for quad in foot:
            if solid:
                s.solid(quad)
            paint(quad)
        return
    middle = plan.mean(axis=1, keepdims=True)
    top = camera(middle + (plan - middle) * (1 - 0.22 / (1 + np.abs(plan - middle))), z + rise)
    i, j = (1, 2) if camera.yaw > 0 else (0, 3)  # the side of the keys that is seen
    sides = np.concatenate([foot[:, [i, j]], top[:, [j, i]]], axis=1)
    fronts = np.concatenate([foot[:, [3, 2]], top[:, [2, 3]]], axis=1)
    for side, face, cap in zip(sides, fronts, top, strict=True):
        s.solid(side)
        s.solid(face)
        s.solid(cap)
        paint(cap)


def _housing(rng: np.random.Generator, wide: float, deep: float, rest: float) -> Points:
    """Return the outline of an office keyboard's body: a bezel, perhaps a brow and a curved palm rest."""
    rim = rng.uniform(0.3, 0.8)
    x = np.linspace(-rim, wide + rim, 25)
    u = np.linspace(-1, 1, 25)
    swell = rng.uniform(0.7, 1.7)
    brows = {
        "plain": np.zeros(25),
        "arch": swell * (1 - u**2),
        "wings": swell * u**4,
        "panel": swell * (np.abs(u - rng.uniform(-0.3, 0.3)) < rng.uniform(0.3, 0.6)),
    }
    back = -rim - brows[str(rng.choice(list(brows)))]
    front = deep + rim + rest * (1.0 if rng.random() < 0.5 else 1.15 - 0.4 * u**4)
    outline = np.concatenate(
        [np.stack([x, back], axis=1), np.stack([x, np.broadcast_to(front, x.shape)], axis=1)[::-1]]
    )
    corner = rng.choice([0.0, 0.35, 0.7])
    for i, sign in ((0, 1), (24, -1), (25, -1), (49, 1)):
        outline[i, 0] += sign * corner
        outline[i + (1 if i in (0, 25) else -1)] += [sign * corner * 0.3, 0.0]
    cut = [
        outline[:25],
        points([(wide + rim, outline[24, 1] + corner), (wide + rim, outline[25, 1] - corner)]),
        outline[25:],
        points([(-rim, outline[49, 1] - corner), (-rim, outline[0, 1] + corner)]),
    ]
    return np.concatenate(cut)


def _cable(s: Sketch, camera: _Camera, rng: np.random.Generator, x: float, y: float) -> None:
    """Paint a cable that leaves the back edge at (x, y) and winds away over the desk."""
    side = rng.choice([-1.0, 1.0])
    far, reach = rng.uniform(3.0, 8.0), rng.uniform(0.6, 1.2)
    steps = np.array([(0, 0.5), (0, -0.12), (1.2, -0.55), (3.8, -1.0), (7.0, -0.75), (9.5, -0.9), (12.0, -1.4)])
    steps[1:, 1] *= far * rng.uniform(0.8, 1.2, 6)
    path = steps * [side * reach, 1.0] + [x, y]
    s.stroke(camera(smooth(path, closed=False)), rng.uniform(0.02, 0.028))
    if rng.random() < 0.6:
        s.stroke(camera([path[-1], path[-1] + [side * 1.3, -0.7]]), 0.05, round_ends=False)


def _lamps(s: Sketch, camera: _Camera, z: float) -> None:
    """Add the three indicator lamps over the number pad."""
    for x in (19.4, 20.8, 22.2):
        s.light(camera(ellipse(x, 0.5, 0.28, 0.2)[::6], z))


def _office(rng: np.random.Generator, camera: _Camera, *, cable: bool, rest: bool = False) -> Sketch:
    """Paint a full office keyboard before a camera."""
    s = Sketch()
    keys, wide, deep = _full(True)
    back, front = rng.uniform(1.1, 2.2), rng.uniform(0.4, 0.8)
    plan = _housing(rng, wide, deep, rng.uniform(1.6, 2.8) if rest else 0.0)
    if cable:
        _cable(s, camera, rng, wide * rng.uniform(0.3, 0.7), plan[12, 1])
    _slab(s, camera, plan, back, front)
    if rest:
        s.line(camera([(plan[:, 0].min(), deep + 0.5), (plan[:, 0].max(), deep + 0.5)], front), 0.014)
    dark = rng.random() < 0.4
    _keys(
        s,
        camera,
        keys,
        back,
        front + 0.1,
        gap=rng.uniform(0.07, 0.13),
        dark=dark,
        rise=0.0 if camera.height > 65 else 0.45,
    )
    _lamps(s, camera, back)
    return s


def straight_on(rng: np.random.Generator) -> Sketch:
    """A full keyboard from right above, with or without palm rest."""
    return _office(
        rng,
        _Camera(rng.uniform(-6, 6), rng.uniform(68, 88), rng.uniform(60, 120), (11.4, 3.2)),
        cable=False,
        rest=rng.random() < 0.35,
    )


def at_the_desk(rng: np.random.Generator) -> Sketch:
    """A full keyboard as its user sees it: the far edge shorter than the near one."""
    camera = _Camera(rng.uniform(-14, 14), rng.uniform(30, 52), rng.uniform(28, 45), (11.4, 3.2))
    return _office(rng, camera, cable=rng.random() < 0.3, rest=rng.random() < 0.2)


def corner(rng: np.random.Generator) -> Sketch:
    """A full keyboard over its corner, running away from the camera."""
    camera = _Camera(rng.choice([-1, 1]) * rng.uniform(24, 58), rng.uniform(24, 48), rng.uniform(24, 40), (11.4, 3.2))
    return _office(rng, camera, cable=rng.random() < 0.25)


def wired(rng: np.random.Generator) -> Sketch:
    """A keyboard lying on the desk with its cable winding away behind it."""
    camera = _Camera(rng.uniform(-32, 32), rng.uniform(45, 75), rng.uniform(35, 60), (11.4, 3.2))
    return _office(rng, camera, cable=True)


def mechanical(rng: np.random.Generator) -> Sketch:
    """A small mechanical keyboard whose tall single keycaps stand out all along its edges."""
    s = Sketch()
    camera = _Camera(rng.uniform(-35, 35), rng.uniform(28, 62), rng.uniform(26, 45), (8.0, 3.0))
    keys, wide, deep = (_letters(), 15.0, 5.0) if rng.random() < 0.5 else _full(False)
    back, front = rng.uniform(1.0, 1.8), rng.uniform(0.5, 0.8)
    _slab(s, camera, box(-0.05, -0.05, wide + 0.05, deep + 0.05), back - 0.3, front - 0.3)
    s.dark(camera(box(0, 0, wide, deep), front))
    _keys(
        s,
        camera,
        keys,
        back,
        front,
        rise=rng.uniform(0.8, 1.15),
        gap=rng.uniform(0.05, 0.09),
        dark=rng.random() < 0.3,
    )
    return s


def low_view(rng: np.random.Generator) -> Sketch:
    """A keyboard seen low from the front: it stands on its back feet, the rows of keys rise like steps."""
    s = Sketch()
    camera = _Camera(rng.choice([-1, 1]) * rng.uniform(5, 48), rng.uniform(13, 24), rng.uniform(24, 34), (11.0, 3.0))
    keys, wide, deep = _full(rng.random() < 0.7)
    back, front = rng.uniform(2.0, 3.0), rng.uniform(0.5, 0.7)
    _slab(s, camera, box(-0.5, -0.6, wide + 0.5, deep + 0.6, 0.4), back, front)
    _keys(s, camera, keys, back, front, rise=rng.uniform(0.6, 0.85), gap=0.07, dark=rng.random() < 0.3)
    return s


def ergonomic(rng: np.random.Generator) -> Sketch:
    """A split ergonomic keyboard: two slanted halves, a curved body with a broad palm rest."""
    s = Sketch()
    camera = _Camera(rng.uniform(-25, 25), rng.uniform(38, 82), rng.uniform(32, 60), (11.5, 4.5))
    keys, wide, deep = _full(rng.random() < 0.7)
    bow, split = rng.uniform(1.2, 2.4), rng.uniform(0.8, 1.6)

    def bend(p: Points) -> Points:
        u = (p[..., 0] - 7.25) / 7.5
        sag = bow * np.clip(1 - np.abs(u), 0, None) ** 1.2
        apart = split * np.where(np.abs(u) < 1.05, np.sign(u) * (1 - np.abs(u) * 0.9), 0.0)
        return np.stack([p[..., 0] + apart, p[..., 1] + sag], axis=-1)

    rest = rng.uniform(2.4, 3.4)
    plan = smooth(
        [
            (-1.2, 0.6),
            (-0.2, -0.9),
            (3.6, -0.9 + bow * 0.2),
            (7.5, -0.6 + bow * 0.6),
            (11.5, -0.9 + bow * 0.2),
            (15.5, -1.0),
            (wide, -0.9),
            (wide + 0.9, 0.4),
            (wide + 0.9, deep),
            (wide + 0.2, deep + 1.0),
            (16.2, deep + 1.2),
            (14.2, deep + rest * 0.85),
            (11.0, deep + rest + 0.6),
            (7.4, deep + rest * 0.8 + 0.8),
            (3.8, deep + rest + 0.6),
            (0.4, deep + rest * 0.85),
            (-1.2, deep + 0.6),
        ],
        steps=4,
    )
    back, front = rng.uniform(0.8, 1.6), rng.uniform(0.5, 0.9)
    if rng.random() < 0.4:
        _cable(s, camera, rng, 8.0, -0.3)
    _slab(s, camera, plan, back, front)
    s.dark(
        camera(
            smooth(
                [
                    (0.2, deep + 1.2),
                    (3.4, deep + 1.2 + bow * 0.5),
                    (7.4, deep + 1.4 + bow),
                    (11.4, deep + 1.2 + bow * 0.5),
                    (14.6, deep + 1.2),
                    (13.4, deep + rest * 0.75),
                    (10.8, deep + rest + 0.2),
                    (7.4, deep + rest * 0.8 + 0.5),
                    (3.8, deep + rest + 0.2),
                    (1.2, deep + rest * 0.75),
                ],
                steps=4,
            ),
            front,
        )
    )
    _keys(s, camera, keys, back, front, gap=0.1, warp=bend)
    return s


def slim(rng: np.random.Generator) -> Sketch:
    """A thin wireless keyboard: island keys, a battery tube; the plate may melt into the backdrop."""
    s = Sketch()
    camera = _Camera(rng.uniform(-40, 40), rng.uniform(30, 80), rng.uniform(28, 60), (8.5, 3.0))
    keys, wide, deep = (_letters(1.0), 15.0, 6.0) if rng.random() < 0.6 else _full(True)
    if wide < 16:
        keys = (*_row((15 / 14,) * 14, 0.0, 0.0), *keys)
    tube = rng.uniform(0.6, 0.95)
    for z in (0.25, tube, 1.5 * tube):
        s.solid(camera(box(-0.35, -0.9 - tube * 0.6, wide + 0.35, -0.1, 0.4), z))
    _slab(s, camera, box(-0.35, -0.5, wide + 0.35, deep + 0.4, rng.uniform(0.4, 1.0)), 0.9, 0.25)
    s.line(camera([(-0.35, -0.45), (wide + 0.35, -0.45)], 0.9), 0.012)
    if rng.random() < 0.35:
        s.hole(camera(box(0.1, 0.1, wide - 0.1, deep - 0.1), 0.6))
        _keys(s, camera, keys, 0.9, 0.3, gap=rng.uniform(0.13, 0.16), solid=True)
        return s
    _keys(s, camera, keys, 0.9, 0.3, gap=rng.uniform(0.09, 0.14), dark=rng.random() < 0.5)
    return s


DRAWINGS = (straight_on, at_the_desk, corner, wired, mechanical, low_view, ergonomic, slim)
