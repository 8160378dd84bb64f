"""Drawings of a truck, measured in metres with the ground at y = 0; the front is at the left."""

from __future__ import annotations

import numpy as np

from reconstrue.stimuli.world.drawing import Points, Sketch, arc, box, ellipse, points, turn
from reconstrue.stimuli.world.shapes._frames import View, block, circle, loft, pane, prism

_SEAM = 0.035


def _wheel(s: Sketch, x: float, radius: float, *, arch: bool = True) -> None:
    """Paint a wheel standing on the ground: dark arch and tyre, light rim, dark hub."""
    if arch:
        s.dark(ellipse(x, -radius * 1.05, radius * 1.22))
    tyre = ellipse(x, -radius, radius)
    s.solid(tyre)
    s.dark(tyre)
    s.light(ellipse(x, -radius, radius * 0.55))
    s.dark(ellipse(x, -radius, radius * 0.18))


def _plate(s: Sketch, outline: Points) -> None:
    """Paint a part of the body with its seam."""
    s.solid(outline, seam=True)


def _lines(s: Sketch, x0: float, x1: float, y0: float, y1: float, n: int, *, upright: bool) -> None:
    """Draw n panel lines across a rectangle."""
    for k in range(1, n + 1):
        f = k / (n + 1)
        if upright:
            s.line([(x0 + f * (x1 - x0), y0), (x0 + f * (x1 - x0), y1)], _SEAM)
        else:
            s.line([(x0, y0 + f * (y1 - y0)), (x1, y0 + f * (y1 - y0))], _SEAM)


def _mirror(s: Sketch, x: float, y: float) -> None:
    """Paint a mirror held out in front of the windscreen's pillar."""
    s.stroke([(x + 0.25, y - 0.08), (x, y - 0.02)], 0.06)
    _plate(s, box(x - 0.1, y - 0.05, x + 0.08, y + 0.45, 0.05))


def _cabover(s: Sketch, x: float, length: float, top: float, rng: np.random.Generator) -> None:
    """Paint a flat-fronted cab from the side, from its bumper at x to its rear wall, and its front wheel."""
    rake = rng.uniform(0.08, 0.35)
    sill = -rng.uniform(1.55, 1.75)
    end = x + length
    s.solid(
        points(
            [
                (x, -0.4),
                (x - 0.03, -0.75),
                (x + 0.02, sill),
                (x + rake * 0.9, top + 0.18),
                (x + rake * 0.9 + 0.2, top),
                (end, top),
                (end, -0.55),
                (x + 0.2, -0.4),
            ]
        )
    )
    window = points(
        [
            (x + 0.25, sill - 0.02),
            (x + 0.25 + rake * 0.8, top + 0.3),
            (x + length * 0.72, top + 0.3),
            (x + length * 0.72, sill - 0.02),
        ]
    )
    s.dark(window)
    s.line([(x + length * 0.8, top + 0.15), (x + length * 0.8, -0.75)], _SEAM)
    s.line([(x + 0.15, sill + 0.1), (x + 0.15, -1.15)], _SEAM)
    s.line([(x, sill + 0.12), (end, sill + 0.12)], _SEAM)
    s.light(box(x, -0.95, x + 0.22, -0.72, 0.05))
    s.dark(box(x + length * 0.64, sill + 0.25, x + length * 0.76, sill + 0.33))
    _plate(s, box(x - 0.1, -0.68, x + 0.4, -0.32, 0.06))
    _mirror(s, x - 0.06 + rake * 0.4, top + 0.42)


def _bonnet_cab(s: Sketch, rng: np.random.Generator, end: float, top: float) -> None:
    """Paint an American cab with a long bonnet from the side: bumper at x = 0, rear wall at `end`."""
    nose = -rng.uniform(1.55, 1.8)
    cowl = end - rng.uniform(1.35, 1.5)
    s.solid(
        points(
            [
                (0.12, -0.5),
                (0.1, nose + 0.12),
                (0.22, nose),
                (cowl, nose - 0.28),
                (cowl + 0.28, top + 0.08),
                (cowl + 0.45, top),
                (end, top),
                (end, -0.55),
            ]
        )
    )
    s.dark(
        points(
            [
                (cowl + 0.22, nose - 0.28),
                (cowl + 0.42, top + 0.25),
                (end - 0.3, top + 0.25),
                (end - 0.3, nose - 0.28),
            ]
        )
    )
    s.line([(cowl + 0.05, nose - 0.28), (cowl + 0.05, -0.7)], _SEAM)
    s.line([(end - 0.2, top + 0.15), (end - 0.2, -0.7)], _SEAM)
    s.line([(0.3, nose + 0.3), (cowl, nose + 0.12)], _SEAM)
    s.dark(box(0.1, nose + 0.2, 0.22, -0.75))
    wheel_arch = np.concatenate([arc(1.0, -0.55, 0.82, 0.72, 180, 360), points([(1.82, -0.5), (0.18, -0.5)])])
    _plate(s, wheel_arch)
    s.light(ellipse(0.36, -0.98, 0.13))
    _plate(s, box(0.0, -0.72, 0.3, -0.3, 0.05))
    _mirror(s, cowl + 0.12, top + 0.4)


def _pickup_profile(x0: float, hood: float, cowl: float, roof: float, back: float, tail: float, bed: float) -> Points:
    """Return a pickup's outline from the side, without its wheels."""
    return points(
        [
            (x0 + 0.05, -0.42),
            (x0, -0.6),
            (x0 + 0.02, hood + 0.16),
            (x0 + 0.14, hood + 0.03),
            (x0 + 0.5, hood - 0.02),
            (cowl, hood - 0.08),
            (cowl + 0.62, roof + 0.03),
            (cowl + 0.85, roof),
            (back - 0.25, roof),
            (back - 0.12, roof + 0.06),
            (back, bed - 0.02),
            (back + 0.06, bed),
            (tail, bed),
            (tail + 0.02, -0.62),
            (tail - 0.15, -0.45),
        ]
    )


def pickup(rng: np.random.Generator) -> Sketch:
    """A pickup from the side: bonnet, cab with one or two doors, open bed."""
    s = Sketch()
    crew = int(rng.integers(3))
    back = 3.0 + 0.5 * crew
    tail = back + rng.uniform(1.75, 2.4) - 0.25 * crew
    hood, roof = -rng.uniform(1.08, 1.22), -rng.uniform(1.75, 1.95)
    bed = hood + rng.uniform(-0.08, 0.08)
    cowl, r = 1.5, rng.uniform(0.37, 0.46)
    s.solid(_pickup_profile(0.0, hood, cowl, roof, back, tail, bed))
    s.dark(
        points(
            [
                (cowl + 0.22, hood - 0.1),
                (cowl + 0.68, roof + 0.12),
                (back - 0.28, roof + 0.12),
                (back - 0.16, hood - 0.1),
            ]
        )
    )
    if crew:
        middle = (cowl + back) / 2 + 0.25
        _plate(s, box(middle - 0.05, roof + 0.1, middle + 0.05, hood - 0.06))
        s.line([(middle, hood), (middle, -0.5)], _SEAM)
    s.line([(cowl + 0.2, hood), (cowl + 0.2, -0.5)], _SEAM)
    s.line([(back + 0.02, bed), (back + 0.02, -0.5)], _SEAM)
    s.line([(0.2, hood + 0.22), (tail, bed + 0.22)], _SEAM * 0.7)
    s.light(box(0.0, hood + 0.18, 0.3, hood + 0.36, 0.04))
    s.dark(box(tail - 0.12, bed + 0.12, tail, bed + 0.45))
    _plate(s, box(-0.1, -0.72, 0.35, -0.42, 0.06))
    _plate(s, box(tail - 0.2, -0.66, tail + 0.14, -0.44, 0.05))
    _plate(s, box(cowl + 0.25, hood - 0.3, cowl + 0.46, hood - 0.08, 0.05))
    if rng.random() < 0.3:
        s.stroke([(back + 0.15, bed), (back + 0.2, roof), (back + 0.95, bed)], 0.08)
    if rng.random() < 0.2:
        _plate(s, box(back + 0.1, bed - 0.28, tail - 0.1, bed, 0.08))
    for x in (0.92, tail - rng.uniform(1.05, 1.2)):
        _wheel(s, x, r)
    return s


def box_lorry(rng: np.random.Generator) -> Sketch:
    """A removal lorry from the side: flat cab and a tall box, sometimes reaching over the cab."""
    s = Sketch()
    cab = rng.uniform(1.6, 1.95)
    top = -rng.uniform(2.3, 2.6)
    length = cab + rng.uniform(3.2, 5.2)
    height = top - rng.uniform(0.3, 1.0)
    s.solid(box(cab - 0.1, -0.95, length - 0.1, -0.65))
    _plate(s, box(cab + 0.12, height, length, -0.9, 0.04))
    if rng.random() < 0.35 and height < top - 0.5:
        _plate(
            s,
            points(
                [
                    (0.5, top - 0.06),
                    (0.35, height + 0.2),
                    (0.55, height),
                    (cab + 0.3, height),
                    (cab + 0.3, top - 0.06),
                ]
            ),
        )
    elif rng.random() < 0.5:
        _plate(s, points([(0.7, top), (cab - 0.1, height + 0.15), (cab, height + 0.15), (cab, top)]))
    decor = rng.random()
    if decor < 0.4:
        _lines(s, cab + 0.12, length, height + 0.12, -1.0, int(rng.integers(4, 9)), upright=True)
    elif decor < 0.75:
        s.light(box(cab + 0.5, height + 0.5, length - 0.4, height + rng.uniform(0.9, 1.3)))
    _cabover(s, 0.0, cab, top, rng)
    r = rng.uniform(0.42, 0.5)
    if rng.random() < 0.6:
        _plate(s, box(cab + 0.5, -0.8, cab + 1.5, -0.42))
    _plate(s, box(length - 0.35, -0.62, length + 0.04, -0.48))
    rear = length - rng.uniform(1.0, 1.5)
    for x in (0.85, rear, *([rear - 1.1] if length > 6.3 else [])):
        _wheel(s, x, r)
    return s


def semi(rng: np.random.Generator) -> Sketch:
    """A tractor unit with a long trailer from the side: box or tank, bonnet or flat cab."""
    s = Sketch()
    bonnet = rng.random() < 0.6
    end = rng.uniform(3.3, 3.9) if bonnet else rng.uniform(2.0, 2.3)
    sleeper = rng.uniform(0.6, 1.2) if bonnet and rng.random() < 0.6 else 0.0
    top = -rng.uniform(2.6, 2.9)
    start = end + sleeper + rng.uniform(0.25, 0.5)
    length = start + rng.uniform(6.0, 9.5)
    high = -rng.uniform(3.5, 3.9)
    s.solid(box(end - 0.2, -1.05, start + 2.4, -0.7))
    s.solid(box(length - 3.2, -1.15, length - 0.1, -0.75))
    if rng.random() < 0.28:
        tank = box(start, high + 0.5, length, -1.1, 0.75)
        _plate(s, tank)
        _lines(s, start + 0.3, length - 0.3, high + 0.55, -1.15, 4, upright=True)
        s.light(box(start + 0.6, high + 0.75, length - 0.6, high + 1.0))
        _plate(s, box((start + length) / 2 - 0.35, high + 0.35, (start + length) / 2 + 0.35, high + 0.52))
    else:
        _plate(s, box(start, high, length, -1.1))
        if rng.random() < 0.6:
            _lines(s, start, length, high + 0.12, -1.2, int(rng.integers(6, 12)), upright=True)
        else:
            s.light(box(start + 1.0, high + 0.7, length - 1.0, high + 1.4))
        s.line([(start, -1.3), (length, -1.3)], _SEAM)
    leg = start + rng.uniform(2.6, 3.2)
    s.stroke([(leg, -1.1), (leg, -0.25)], 0.14)
    if bonnet:
        if sleeper:
            _plate(
                s,
                points(
                    [
                        (end, top),
                        (end + 0.25, top - 0.45),
                        (end + sleeper, top - 0.55),
                        (end + sleeper, -0.6),
                        (end, -0.6),
                    ]
                ),
            )
        _bonnet_cab(s, rng, end, top)
        stack = end + 0.06
        s.stroke(
            [(stack, -1.0), (stack, high + 0.1), (stack + 0.12, high - 0.05)],
            0.16,
            round_ends=False,
            seam=True,
        )
        _plate(s, box(end - 1.3, -0.95, end - 0.1, -0.4, 0.2))
        front = 1.0
    else:
        _cabover(s, 0.0, end, top - 0.25, rng)
        if rng.random() < 0.6:
            _plate(
                s,
                points([(0.6, top - 0.25), (end - 0.3, high + 0.05), (end, high + 0.05), (end, top - 0.25)]),
            )
        front = 1.15
    r = rng.uniform(0.48, 0.54)
    drive = start + rng.uniform(0.5, 0.9)
    axles = [front, drive, length - 0.9, length - 0.9 - 2.15 * r]
    if bonnet or rng.random() < 0.4:
        axles.append(drive + 2.15 * r)
    for x in axles:
        _wheel(s, x, r, arch=False)
    return s


def dump(rng: np.random.Generator) -> Sketch:
    """A dump truck from the side, its tub lowered or tipped up."""
    s = Sketch()
    bonnet = rng.random() < 0.5
    cab = rng.uniform(2.9, 3.2) if bonnet else rng.uniform(1.7, 2.0)
    top = -rng.uniform(2.45, 2.65)
    bed = rng.uniform(3.4, 4.4)
    end = cab + 0.2 + bed
    high = -rng.uniform(2.1, 2.6)
    guard = rng.uniform(0.5, 1.1)
    s.solid(box(cab - 0.3, -1.05, end - 0.3, -0.75))
    tub = points(
        [
            (cab - guard, high - 0.35),
            (cab + 0.25, high - 0.3),
            (cab + 0.3, high),
            (end + 0.1, high + 0.05),
            (end + rng.uniform(0.1, 0.45), high + 0.35),
            (end - 0.25, -1.1),
            (cab + 0.25, -1.1),
            (cab + 0.15, high - 0.12),
            (cab - guard, high - 0.2),
        ]
    )
    tipped = rng.uniform(18, 42) if rng.random() < 0.5 else 0.0
    pivot = (end - 0.5, -1.05)
    if tipped:
        s.stroke([(cab + 1.2, -0.95), tuple(turn([(cab + 1.5, -1.15)], tipped, pivot)[0])], 0.16)
    _plate(s, turn(tub, tipped, pivot))
    for k in range(1, 5):
        x = cab + 0.3 + k * bed / 5
        s.line(turn([(x, high + 0.1), (x, -1.15)], tipped, pivot), 0.06)
    s.line(turn([(cab + 0.3, high + 0.25), (end, high + 0.25)], tipped, pivot), _SEAM)
    if bonnet:
        _bonnet_cab(s, rng, cab, top)
    else:
        _cabover(s, 0.0, cab, top, rng)
    _plate(s, box(cab + 0.1, -0.95, cab + 1.0, -0.45, 0.1))
    r = rng.uniform(0.5, 0.58)
    for x in (1.0, end - 0.75, end - 0.75 - 2.15 * r):
        _wheel(s, x, r, arch=not bonnet and x < 2)
    return s


def fire_engine(rng: np.random.Generator) -> Sketch:
    """A fire engine from the side: double cab, lockers with shutters, light bar, ladder on the roof."""
    s = Sketch()
    top = -rng.uniform(2.6, 2.9)
    cab = rng.uniform(3.0, 3.5)
    length = cab + rng.uniform(3.6, 5.2)
    body = top - rng.uniform(-0.15, 0.2)
    _plate(s, box(cab, body, length, -0.5, 0.05))
    lockers = int(rng.integers(3, 5))
    wide = (length - cab) / lockers
    for k in range(lockers):
        x0, x1 = cab + k * wide + 0.1, cab + (k + 1) * wide - 0.1
        low = -0.65 if k != lockers - 2 else -1.35
        s.light(box(x0, body + 0.3, x1, low))
        _lines(s, x0, x1, body + 0.3, low, 4, upright=False)
    _cabover(s, 0.0, cab, top, rng)
    s.solid(box(1.35, top + 0.25, 1.6, -1.5))
    s.line([(1.47, top + 0.1), (1.47, -0.6)], _SEAM)
    _plate(s, box(0.7, top - 0.26, 1.5, top + 0.02, 0.08))
    s.dark(box(0.78, top - 0.2, 1.42, top - 0.06))
    lift = rng.uniform(0.0, 9.0)
    near, far = -rng.uniform(0.3, 0.8), length - cab - 0.2 + rng.uniform(0.0, 0.5)
    if rng.random() < 0.75:
        y = body - 0.35
        rails = [turn([(cab + near - 0.6, y + d), (cab + far, y + d)], lift, (length - 1.0, y)) for d in (-0.17, 0.17)]
        for rail in rails:
            s.stroke(rail, 0.09)
        for f in np.linspace(0.04, 0.96, 12):
            s.stroke([rail[0] + f * (rail[1] - rail[0]) for rail in rails], 0.06)
        for x in (length - 1.0, cab + 0.7):
            _plate(s, box(x - 0.2, y + 0.1, x + 0.2, body + 0.02))
    else:
        _plate(s, box(cab + 0.4, body - 0.25, length - 0.3, body))
    s.light(box(0.1, -1.45, cab, -1.3))
    _plate(s, box(length - 0.1, -0.75, length + 0.25, -0.5))
    r = rng.uniform(0.46, 0.54)
    for x in (1.75, length - wide * 1.5):
        _wheel(s, x, r)
    return s


def refuse(rng: np.random.Generator) -> Sketch:
    """A refuse lorry from the side: flat cab, ribbed body, bulging tail with a hopper."""
    s = Sketch()
    top = -rng.uniform(2.4, 2.7)
    cab = rng.uniform(1.7, 2.0)
    end = cab + rng.uniform(3.2, 4.2)
    high = -rng.uniform(2.9, 3.3)
    s.solid(box(cab - 0.2, -1.0, end, -0.65))
    _plate(s, points([(cab + 0.2, -0.95), (cab + 0.2, high + 0.2), (cab + 0.5, high), (end, high), (end, -0.95)]))
    _lines(s, cab + 0.2, end, high + 0.1, -1.0, int(rng.integers(4, 7)), upright=True)
    bulge = rng.uniform(0.8, 1.2)
    _plate(
        s,
        points(
            [
                (end, high - 0.08),
                (end + 0.5, high - 0.02),
                (end + bulge, high + 0.9),
                (end + bulge + 0.2, -1.5),
                (end + bulge + 0.25, -0.75),
                (end + bulge - 0.2, -0.5),
                (end + 0.1, -0.6),
                (end, -0.95),
            ]
        ),
    )
    s.dark(
        points(
            [
                (end + bulge - 0.35, -1.65),
                (end + bulge + 0.2, -1.6),
                (end + bulge + 0.2, -1.1),
                (end + bulge - 0.25, -1.0),
            ]
        )
    )
    s.line([(end + 0.25, high + 0.2), (end + 0.6, -0.8)], 0.08)
    _cabover(s, 0.0, cab, top, rng)
    _plate(s, box(0.7, top - 0.2, 1.0, top + 0.02, 0.06))
    r = rng.uniform(0.48, 0.54)
    for x in (0.95, end - 0.4, end - 0.4 - 2.2 * r):
        _wheel(s, x, r)
    return s


def front(rng: np.random.Generator) -> Sketch:
    """A lorry from the front: wide windscreen, grille, mirrors on arms, bumper, wheels below."""
    s = Sketch()
    half, top = rng.uniform(1.15, 1.3), -rng.uniform(2.6, 3.1)
    bonnet = rng.random() < 0.5
    if rng.random() < 0.6:
        wall, high = half + rng.uniform(0.0, 0.15), top - rng.uniform(0.25, 0.9)
        _plate(s, box(-wall, high, wall, -0.9, 0.06))
    for side in (-1, 1):
        tyre = box(side * half * 0.97, -0.8, side * half * 0.6, 0.0, 0.06)
        s.solid(tyre)
        s.dark(tyre)
    sill = -1.75 if bonnet else -1.5
    s.solid(
        points(
            [
                (-half, -0.5),
                (-half, sill),
                (-half * 0.93, top + 0.12),
                (-half * 0.85, top),
                (half * 0.85, top),
                (half * 0.93, top + 0.12),
                (half, sill),
                (half, -0.5),
            ]
        )
    )
    s.dark(points([(-half * 0.92, sill), (-half * 0.86, top + 0.35), (half * 0.86, top + 0.35), (half * 0.92, sill)]))
    if bonnet:
        _plate(
            s,
            points(
                [
                    (-half * 0.62, -0.5),
                    (-half * 0.62, -1.75),
                    (-half * 0.5, -1.95),
                    (half * 0.5, -1.95),
                    (half * 0.62, -1.75),
                    (half * 0.62, -0.5),
                ]
            ),
        )
        s.line([(0, top + 0.35), (0, -1.95)], 0.05)
    grille = half * (0.45 if bonnet else 0.7)
    for y in np.linspace(-1.65 if bonnet else -1.3, -0.85, 6):
        s.dark(box(-grille, y, grille, y + 0.07))
    _plate(s, box(-half - 0.06, -0.72, half + 0.06, -0.3, 0.08))
    s.light(box(-0.3, -0.58, 0.3, -0.42))
    for side in (-1, 1):
        s.light(box(side * half * 0.95, -1.05, side * half * 0.68, -0.8, 0.06))
        reach = side * (half + rng.uniform(0.15, 0.28))
        s.stroke([(side * half * 0.93, top + 0.3), (reach, top + 0.35)], 0.06)
        _plate(s, box(reach - 0.13, top + 0.3, reach + 0.13, top + 0.95, 0.05))
        if bonnet:
            _plate(s, box(side * half * 1.02 - 0.08, top - 0.5, side * half * 1.02 + 0.08, -1.2, 0.04))
    if rng.random() < 0.6:
        for x in np.linspace(-0.7, 0.7, 5) * half:
            _plate(s, box(x - 0.07, top - 0.1, x + 0.07, top + 0.02, 0.03))
    return s


def _angled_wheel(s: Sketch, view: View, x: float, z: float, radius: float) -> None:
    """Paint a wheel with its near face at depth z."""
    for depth in (z + 0.3, z):
        tyre = view(circle((x, -radius, depth), radius))
        s.solid(tyre)
        s.dark(tyre)
    s.light(view(circle((x, -radius, z - 0.01), radius * 0.55)))
    s.dark(view(circle((x, -radius, z - 0.01), radius * 0.2)))


def angled_lorry(rng: np.random.Generator) -> Sketch:
    """A box lorry in three-quarter view from the front."""
    s = Sketch()
    view = View(rng.uniform(18, 52), rng.uniform(1, 9), rng.uniform(11, 18), -1.8)
    w, cab = 1.2, rng.uniform(1.5, 1.9)
    box_length = rng.uniform(3.0, 5.5)
    x0 = -(cab + box_length) / 2
    x1 = x0 + cab
    top = -rng.uniform(2.3, 2.6)
    high = top - rng.uniform(0.15, 0.95)
    r = rng.uniform(0.42, 0.5)
    end = x1 + 0.1 + box_length
    _angled_wheel(s, view, x0 + 0.8, w - 0.3, r)
    _angled_wheel(s, view, end - 1.2, w - 0.3, r)
    block(s, view, (x1 - 0.3, -0.9, -w * 0.8), (end - 0.2, -0.5, w * 0.8))
    block(s, view, (x1 + 0.1, high, -w - 0.03), (end, -0.85, w + 0.03))
    side = [
        (x1 + 0.1, high, -w - 0.03),
        (end, high, -w - 0.03),
        (end, -0.85, -w - 0.03),
        (x1 + 0.1, -0.85, -w - 0.03),
    ]
    if rng.random() < 0.5:
        s.light(view(pane(side, 0.12, 0.25, 0.88, 0.5)))
    else:
        for u in np.linspace(0.14, 0.86, 6):
            s.line(view(pane(side, u, 0.02, u, 0.98)[:3]), _SEAM)
    rake = rng.uniform(0.1, 0.35)
    sill = -1.5
    profile = points([(x0, -0.4), (x0, sill), (x0 + rake, top + 0.1), (x0 + rake + 0.15, top), (x1, top), (x1, -0.4)])
    prism(s, view, np.insert(profile, 2, -w, axis=1), (0.0, 0.0, 2 * w))
    screen = [(x0 + rake, top + 0.1, w), (x0 + rake, top + 0.1, -w), (x0, sill, -w), (x0, sill, w)]
    s.dark(view(pane(screen, 0.06, 0.18, 0.94, 0.98)))
    nose = [(x0, sill, w), (x0, sill, -w), (x0, -0.4, -w), (x0, -0.4, w)]
    for v in (0.15, 0.28, 0.41):
        s.dark(view(pane(nose, 0.2, v, 0.8, v + 0.06)))
    for u in (0.04, 0.8):
        s.light(view(pane(nose, u, 0.55, u + 0.16, 0.75)))
    s.line(view(pane(nose, 0.0, 0.8, 1.0, 0.8)[:2]), _SEAM)
    door = [
        (x0 + 0.2, sill, -w),
        (x0 + rake + 0.2, top + 0.2, -w),
        (x1 - 0.4, top + 0.2, -w),
        (x1 - 0.4, sill, -w),
    ]
    s.dark(view(door))
    s.line(view([(x1 - 0.3, top + 0.1, -w), (x1 - 0.3, -0.6, -w)]), _SEAM)
    s.line(view([(x0 + 0.1, sill, -w), (x0 + 0.1, -0.9, -w)]), _SEAM)
    for z in (w + 0.15, -w - 0.25):
        block(s, view, (x0 + 0.05, top + 0.35, z - 0.05), (x0 + 0.15, top + 0.85, z + 0.2))
    for x in (x0 + 0.8, end - 1.2):
        s.dark(view(circle((x, -r, -w), r * 1.2)))
        _angled_wheel(s, view, x, -w, r)
    return s


def angled_pickup(rng: np.random.Generator) -> Sketch:
    """A pickup in three-quarter view, from the front or from behind with its bed open."""
    s = Sketch()
    behind = rng.random() < 0.35
    yaw = rng.uniform(15, 50)
    view = View(-yaw if behind else yaw, rng.uniform(2, 11), rng.uniform(9, 14), -1.3)
    crew = rng.uniform(0.0, 0.9)
    w, r = rng.uniform(0.88, 0.98), rng.uniform(0.37, 0.45)
    x0, hood, roof = -2.7, -rng.uniform(1.08, 1.2), -rng.uniform(1.78, 1.95)
    cowl, back = x0 + 1.45, x0 + 3.0 + crew
    tail = back + rng.uniform(1.6, 2.1) - crew * 0.3
    axles = (x0 + 0.95, tail - 1.1)
    for x in axles:
        _angled_wheel(s, view, x, w - 0.3, r)
    profile = points(
        [
            (x0, -0.42),
            (x0, hood + 0.12),
            (x0 + 0.15, hood + 0.02),
            (cowl, hood - 0.06),
            (back, hood - 0.02),
            (tail, hood - 0.02),
            (tail, -0.45),
        ]
    )
    prism(s, view, np.insert(profile, 2, -w, axis=1), (0.0, 0.0, 2 * w))
    y = hood - 0.021
    bed = [
        (back + 0.1, y, -w + 0.08),
        (tail - 0.08, y, -w + 0.08),
        (tail - 0.08, y, w - 0.08),
        (back + 0.1, y, w - 0.08),
    ]
    s.dark(view(bed))
    base = np.array([(cowl, y, -w + 0.04), (back, y, -w + 0.04), (back, y, w - 0.04), (cowl, y, w - 0.04)])
    lid = np.array(
        [
            (cowl + 0.65, roof, -w + 0.2),
            (back - 0.15, roof, -w + 0.2),
            (back - 0.15, roof, w - 0.2),
            (cowl + 0.65, roof, w - 0.2),
        ]
    )
    loft(s, view, base, lid)
    side = [lid[0], lid[1], base[1], base[0]]
    s.dark(view(pane(side, 0.08, 0.15, 0.5, 0.92)))
    s.dark(view(pane(side, 0.56, 0.15, 0.94, 0.92)))
    if behind:
        s.dark(view(pane([lid[1], lid[2], base[2], base[1]], 0.1, 0.15, 0.9, 0.85)))
        end = [(tail, y, -w), (tail, y, w), (tail, -0.45, w), (tail, -0.45, -w)]
        for u in (0.02, 0.88):
            s.dark(view(pane(end, u, 0.1, u + 0.1, 0.5)))
        s.line(view(pane(end, 0.13, 0.05, 0.87, 0.6)), _SEAM)
        block(s, view, (tail, -0.62, -w), (tail + 0.15, -0.42, w))
    else:
        s.dark(view(pane([lid[3], lid[0], base[0], base[3]], 0.05, 0.1, 0.95, 0.92)))
        nose = [(x0, hood + 0.12, w), (x0, hood + 0.12, -w), (x0, -0.42, -w), (x0, -0.42, w)]
        s.dark(view(pane(nose, 0.22, 0.1, 0.78, 0.55)))
        for u in (0.02, 0.82):
            s.light(view(pane(nose, u, 0.12, u + 0.16, 0.42)))
        block(s, view, (x0 - 0.12, -0.68, -w), (x0, -0.4, w))
    for x in (cowl + 0.2, (cowl + back) / 2 + 0.3, back + 0.03):
        s.line(view([(x, y, -w), (x, -0.5, -w)]), _SEAM)
    for z in (-w - 0.2, w):
        block(s, view, (cowl + 0.3, y - 0.25, z), (cowl + 0.4, y, z + 0.2))
    for x in axles:
        s.dark(view(circle((x, -r, -w), r * 1.2)))
        _angled_wheel(s, view, x, -w, r)
    return s


DRAWINGS = (pickup, box_lorry, semi, dump, fire_engine, refuse, front, angled_lorry, angled_pickup)
