"""Drawings of a bicycle, built of tubes in space, from the side or at an angle; the front is at the left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reconstrue.stimuli.world.drawing import Points, Sketch, points, smooth
from reconstrue.stimuli.world.shapes._frames import View, bar, block, circle, lifted, prism, rod

Point = tuple[float, float]


@dataclass(frozen=True)
class _Build:
    """The measures of a bicycle (about 1 long); y = 0 is the height of the rear hub."""

    wheel: float
    tyre: float
    base: float
    tube: float
    seat: float  # length of the seat tube
    post: float  # how far the saddle stands out of it
    stem: float  # how far the handlebar stands above the head tube
    head: float = 0.09
    fork: float = 0.05  # room between the wheel and the fork's crown
    steer: float = 0.0
    crank: float = 40.0
    stay: float = 0.26  # from the rear hub to the bottom bracket

    @property
    def front(self) -> Point:
        """The front hub."""
        return -self.base, 0.0

    @property
    def bracket(self) -> Point:
        """The bottom bracket, where the cranks turn."""
        return -self.stay, 0.035

    def seat_line(self, along: float) -> Point:
        """A point on the seat tube's line, `along` from the bottom bracket."""
        return self.bracket[0] + 0.3 * along, self.bracket[1] - 0.954 * along

    def head_line(self, along: float) -> Point:
        """A point on the steering axis, `along` above the fork's crown."""
        rise = self.wheel + self.fork + along
        return self.front[0] + 0.025 + 0.3 * rise, -0.954 * rise

    @property
    def saddle(self) -> Point:
        """The middle of the saddle."""
        return self.seat_line(self.seat + self.post)

    @property
    def grip(self) -> Point:
        """The top of the stem."""
        return self.head_line(self.head + self.stem)


def _tube(s: Sketch, view: View, ends: list[Point], width: float, z: float = 0.0) -> None:
    """Paint a tube through points of the bicycle's plane, or beside it."""
    bar(s, view, lifted(ends, z), width)


def _band(around: Points, width: float) -> Points:
    """Return the outline of a band of constant width along a closed curve."""
    tangent = np.roll(around, -1, axis=0) - np.roll(around, 1, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    side = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * width / 2
    outer, inner = around - side, around + side
    return np.concatenate([outer, outer[:1], inner[:1], inner[::-1]])


def _wheel(s: Sketch, view: View, hub: Point, b: _Build, rng: np.random.Generator, heading: float = 0.0) -> None:
    """Paint a wheel: tyre, light rim, hub, and sometimes spokes or a closed disc."""
    centre = (hub[0], hub[1], 0.0)
    around = view(circle(centre, b.wheel - b.tyre / 2, heading=heading))
    band = _band(around, b.tyre)
    look = rng.random()
    if look < 0.1:
        s.solid(around)
    s.solid(band)
    s.dark(band)
    if 0.1 <= look < 0.45:
        middle = view([centre])[0]
        for spoke in around[:: int(rng.choice([1, 2, 4]))]:
            across = (spoke - middle)[::-1] * [-0.0025, 0.0025] / b.wheel
            s.solid([middle + across, spoke + across, spoke - across, middle - across])
    s.solid(view(circle(centre, 0.022, heading=heading)))


def _frame(s: Sketch, view: View, b: _Build, *, low: bool = False, slope: float = 0.0) -> None:
    """Paint the diamond frame (`low`: step-through); `slope` lowers the seat end of the top tube."""
    top, bottom = b.head_line(b.head), b.head_line(0.01)
    for side in (-1, 1):
        bar(s, view, [(0, 0, side * 0.035), (*b.bracket, side * 0.01)], b.tube * 0.7)
        bar(s, view, [(0, 0, side * 0.035), (*b.seat_line(b.seat * 0.95 - slope), side * 0.01)], b.tube * 0.6)
    _tube(s, view, [b.bracket, b.seat_line(b.seat)], b.tube)
    _tube(s, view, [b.bracket, bottom], b.tube * 1.15)
    if low:
        bow = [b.head_line(b.head * 0.8), (b.bracket[0] - 0.12, -0.13), b.seat_line(b.seat * 0.3)]
        _tube(s, view, [(float(x), float(y)) for x, y in smooth(bow, closed=False, steps=6)], b.tube)
    else:
        _tube(s, view, [b.seat_line(b.seat * 0.95 - slope), b.head_line(b.head * 0.85)], b.tube)
    _tube(s, view, [bottom, top], b.tube * 1.5)


def _fork(s: Sketch, view: View, b: _Build, *, thick: float = 1.0) -> None:
    """Paint the two fork blades, bent forward to the hub, and the stem."""
    crown = b.head_line(0.0)
    bend = (b.front[0] + 0.04, b.front[1] - 0.08)
    for side in (-1, 1):
        bar(
            s,
            view,
            [(*b.front, side * 0.03), (*bend, side * 0.03), (*crown, side * 0.025)],
            b.tube * 0.8 * thick,
        )
    _tube(s, view, [crown, b.grip], b.tube)


def _saddle(s: Sketch, view: View, b: _Build, size: float = 1.0) -> None:
    """Paint the seat post and a saddle with a narrow nose to the front and a wide rear."""
    _tube(s, view, [b.seat_line(b.seat * 0.9), b.saddle], b.tube * 0.85)
    x, y = b.saddle
    side = np.array(
        [
            (-0.09, -0.004),
            (-0.02, -0.014),
            (0.05, -0.03),
            (0.082, -0.022),
            (0.075, 0.014),
            (0.02, 0.02),
            (-0.08, 0.012),
        ]
    )
    above = np.array([(-0.09, 0.012), (0.0, 0.02), (0.08, 0.045), (0.08, -0.045), (0.0, -0.02), (-0.09, -0.012)])
    plan = np.stack([above[:, 0], np.full(len(above), -0.014), above[:, 1]], axis=1)
    for part in (lifted(side, 0.0), plan):
        outline = view(part * size + [x, y, 0.0])
        s.solid(outline)
        s.dark(outline)


def _cranks(s: Sketch, view: View, b: _Build, at: Point | None = None) -> None:
    """Paint the chainring, both crank arms and the pedals."""
    x, y = b.bracket if at is None else at
    ring = view(circle((x, y, -0.03), 0.05))
    s.solid(ring)
    s.dark(ring)
    arm = 0.1 * np.array([np.cos(np.deg2rad(b.crank)), np.sin(np.deg2rad(b.crank))])
    for side in (1, -1):
        px, py = x - side * arm[0], y - side * arm[1]
        bar(s, view, [(x, y, side * 0.04), (px, py, side * 0.05)], 0.018)
        block(s, view, (px - 0.03, py - 0.009, side * 0.05), (px + 0.03, py + 0.009, side * 0.11), seam=False)


def _bars(s: Sketch, view: View, b: _Build, half: list[tuple[float, float, float]], width: float = 0.019) -> None:
    """Paint a handlebar from its half, given from the stem outwards, and darken its grips."""
    a = np.deg2rad(b.steer)
    for side in (1, -1):
        p = np.array([(0.0, 0.0, 0.0), *half]) * [1, 1, side]
        curve = np.concatenate(
            [smooth(p[:, :2], closed=False, steps=5), smooth(p[:, 1:], closed=False, steps=5)], axis=1
        )
        x, y, z = curve[:, 0], curve[:, 1], curve[:, 3]
        turned = np.stack([x * np.cos(a) - z * np.sin(a), y, x * np.sin(a) + z * np.cos(a)], axis=1)
        spine = view(turned + [*b.grip, 0.0])
        grip = rod(spine[-6:], width * 1.35)
        s.solid(rod(spine, width))
        s.solid(grip)
        s.dark(grip)


def _swept(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """A handlebar that sweeps back to the rider, as on a town bicycle."""
    rise = rng.uniform(0.0, 0.05)
    return [
        (-0.03, -rise, 0.06),
        (0.0, -rise, 0.14),
        (0.07, -rise + 0.01, 0.16),
        (0.13, -rise + 0.025, 0.165),
    ]


def _flat(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """A flat handlebar with a short stem forward."""
    rise = rng.uniform(0.0, 0.03)
    return [(-0.035, -0.01, 0.02), (-0.03, -rise, 0.08), (-0.015, -rise, 0.18)]


def _drop(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """A racing handlebar: forward, then down and back."""
    drop = rng.uniform(0.07, 0.09)
    return [
        (-0.06, -0.01, 0.02),
        (-0.06, -0.01, 0.1),
        (-0.12, -0.012, 0.115),
        (-0.135, 0.015, 0.115),
        (-0.11, drop * 0.8, 0.115),
        (-0.05, drop, 0.115),
    ]


def _mudguard(s: Sketch, view: View, hub: Point, b: _Build, start: float, stop: float) -> None:
    """Paint a mudguard over a wheel between two angles (0 = right, -90 = up)."""
    a = np.deg2rad(np.linspace(start, stop, 16))
    r = b.wheel + 0.012
    bar(s, view, np.stack([hub[0] + r * np.cos(a), hub[1] + r * np.sin(a), 0 * a], axis=1), 0.02)


def _rack(s: Sketch, view: View, b: _Build, box: bool) -> None:
    """Paint a luggage rack over the rear wheel, with or without a crate on it."""
    y = -b.wheel - 0.045
    x = b.seat_line(-y)[0]
    _tube(s, view, [(x, y), (0.17, y)], 0.018)
    for side in (-0.05, 0.05):
        bar(s, view, [(0.0, 0.0, side), (0.1, y, side)], 0.012)
    if box:
        block(s, view, (x + 0.07, y - 0.11, -0.08), (0.19, y, 0.08))


def _basket(s: Sketch, view: View, b: _Build) -> None:
    """Paint a wicker basket in front of the handlebar."""
    x, y = b.grip
    a = np.deg2rad(b.steer)
    profile = points([(-0.2, 0.0), (-0.025, 0.0), (-0.04, 0.14), (-0.17, 0.14)])
    swing = np.array([(np.cos(a), 0.0, np.sin(a)), (0.0, 1.0, 0.0), (-np.sin(a), 0.0, np.cos(a))])
    near = lifted(profile, -0.09) @ swing + [x, y, 0.0]
    across = np.array([0.0, 0.0, 0.18]) @ swing
    prism(s, view, near, (float(across[0]), 0.0, float(across[2])))
    for k in (0.33, 0.67):
        s.line(view([near[0] + k * (near[3] - near[0]), near[1] + k * (near[2] - near[1])]), 0.008)
        s.line(view([near[0] + k * (near[1] - near[0]), near[3] + k * (near[2] - near[3])]), 0.008)


def _chain_guard(s: Sketch, view: View, b: _Build) -> None:
    """Paint a closed chain case from the cranks to the rear hub."""
    x, y = b.bracket
    case = smooth([(x - 0.07, y), (x, y - 0.065), (-0.1, -0.045), (0.03, -0.03), (0.04, 0.02), (x, y + 0.065)])
    s.solid(view(lifted(case, -0.03)), seam=True)


def _side_view(rng: np.random.Generator) -> View:
    """A view nearly from the side, a little from above."""
    return View(rng.normal(0, 8), rng.uniform(0, 9), 5.0)


def _wheels(s: Sketch, view: View, b: _Build, rng: np.random.Generator) -> None:
    """Paint both wheels, alike in their look."""
    look = int(rng.integers(2**32))
    _wheel(s, view, (0.0, 0.0), b, np.random.default_rng(look))
    _wheel(s, view, b.front, b, np.random.default_rng(look), b.steer)


def _city_build(rng: np.random.Generator) -> _Build:
    """The measures of an upright town bicycle."""
    return _Build(
        wheel=rng.uniform(0.195, 0.215),
        tyre=rng.uniform(0.022, 0.03),
        base=rng.uniform(0.61, 0.67),
        tube=rng.uniform(0.02, 0.027),
        seat=rng.uniform(0.27, 0.33),
        post=rng.uniform(0.05, 0.12),
        stem=rng.uniform(0.05, 0.12),
        head=rng.uniform(0.08, 0.11),
        crank=rng.uniform(0, 180),
        steer=rng.normal(0, 8),
    )


def _race_build(rng: np.random.Generator) -> _Build:
    """The measures of a racing bicycle: thin tyres, high saddle, low bars."""
    return _Build(
        wheel=rng.uniform(0.2, 0.212),
        tyre=rng.uniform(0.015, 0.021),
        base=rng.uniform(0.58, 0.62),
        tube=rng.uniform(0.019, 0.027),
        seat=rng.uniform(0.26, 0.33),
        post=rng.uniform(0.09, 0.15),
        stem=rng.uniform(0.015, 0.04),
        head=rng.uniform(0.07, 0.1),
        fork=0.03,
        crank=rng.uniform(0, 180),
        steer=rng.normal(0, 5),
        stay=0.245,
    )


def _mountain_build(rng: np.random.Generator) -> _Build:
    """The measures of a mountain bicycle: fat tyres, sloping frame, long fork."""
    return _Build(
        wheel=rng.uniform(0.195, 0.215),
        tyre=rng.uniform(0.034, 0.048),
        base=rng.uniform(0.63, 0.68),
        tube=rng.uniform(0.025, 0.034),
        seat=rng.uniform(0.22, 0.28),
        post=rng.uniform(0.08, 0.16),
        stem=rng.uniform(0.02, 0.05),
        head=rng.uniform(0.06, 0.08),
        fork=rng.uniform(0.06, 0.09),
        crank=rng.uniform(0, 180),
        steer=rng.normal(0, 8),
    )


def _city_parts(s: Sketch, view: View, b: _Build, rng: np.random.Generator, *, low: bool) -> None:
    """Paint an upright bicycle with mudguards and what it may carry."""
    _wheels(s, view, b, rng)
    if rng.random() < 0.75:
        _mudguard(s, view, (0.0, 0.0), b, -170, rng.uniform(0, 35))
        _mudguard(s, view, b.front, b, -190, rng.uniform(-60, -35))
    if rng.random() < 0.5:
        _rack(s, view, b, bool(rng.random() < 0.3))
    _frame(s, view, b, low=low)
    _fork(s, view, b)
    _saddle(s, view, b, 1.15)
    if rng.random() < 0.4:
        _chain_guard(s, view, b)
    _cranks(s, view, b)
    if rng.random() < 0.4:
        _basket(s, view, b)
    _bars(s, view, b, _swept(rng))


def _mountain_parts(s: Sketch, view: View, b: _Build, rng: np.random.Generator) -> None:
    """Paint a mountain bicycle with suspension fork and flat bars."""
    _wheels(s, view, b, rng)
    _frame(s, view, b, slope=rng.uniform(0.02, 0.07))
    _fork(s, view, b, thick=1.5)
    _saddle(s, view, b)
    _cranks(s, view, b)
    _bars(s, view, b, _flat(rng), 0.022)


def _race_parts(s: Sketch, view: View, b: _Build, rng: np.random.Generator) -> None:
    """Paint a racing bicycle with dropped bars, perhaps with a bottle in the frame."""
    _wheels(s, view, b, rng)
    _frame(s, view, b, slope=rng.choice([0.0, 0.03]))
    if rng.random() < 0.5:
        _tube(s, view, [b.seat_line(b.seat * 0.3), b.seat_line(b.seat * 0.6)], 0.045)
    _fork(s, view, b)
    _saddle(s, view, b, 0.9)
    _cranks(s, view, b)
    _bars(s, view, b, _drop(rng))


def city(rng: np.random.Generator) -> Sketch:
    """A town bicycle with a diamond frame and swept bars, from the side."""
    s = Sketch()
    _city_parts(s, _side_view(rng), _city_build(rng), rng, low=False)
    return s


def step_through(rng: np.random.Generator) -> Sketch:
    """A step-through bicycle with a low curved frame, from the side."""
    s = Sketch()
    _city_parts(s, _side_view(rng), _city_build(rng), rng, low=True)
    return s


def racing(rng: np.random.Generator) -> Sketch:
    """A racing bicycle from the side."""
    s = Sketch()
    _race_parts(s, _side_view(rng), _race_build(rng), rng)
    return s


def mountain(rng: np.random.Generator) -> Sketch:
    """A mountain bicycle from the side."""
    s = Sketch()
    _mountain_parts(s, _side_view(rng), _mountain_build(rng), rng)
    return s


def folding(rng: np.random.Generator) -> Sketch:
    """A folding bicycle: small wheels, one low beam, long posts to saddle and bars."""
    s = Sketch()
    view = _side_view(rng)
    wheel = rng.uniform(0.13, 0.165)
    b = replace(
        _city_build(rng),
        wheel=wheel,
        base=rng.uniform(0.56, 0.62),
        seat=0.16,
        post=rng.uniform(0.2, 0.27),
        stem=rng.uniform(0.2, 0.27),
        head=0.06,
        fork=0.03,
        tube=rng.uniform(0.024, 0.03),
        stay=0.23,
    )
    _wheels(s, view, b, rng)
    if rng.random() < 0.6:
        _mudguard(s, view, (0.0, 0.0), b, -170, 20)
        _mudguard(s, view, b.front, b, -190, -50)
    _tube(s, view, [b.seat_line(0.09), b.head_line(0.03)], b.tube * 1.5)
    _tube(s, view, [b.bracket, b.seat_line(b.seat)], b.tube)
    for end in (b.bracket, b.seat_line(0.13)):
        _tube(s, view, [(0.0, 0.0), end], b.tube * 0.7)
    _fork(s, view, b)
    _saddle(s, view, b)
    _cranks(s, view, b)
    _bars(s, view, b, _flat(rng))
    return s


def tandem(rng: np.random.Generator) -> Sketch:
    """A bicycle for two: long frame, two saddles, two bars, two pairs of cranks."""
    s = Sketch()
    view = _side_view(rng)
    gap = rng.uniform(0.38, 0.46)
    b = replace(_race_build(rng), post=rng.uniform(0.06, 0.11), stem=rng.uniform(0.03, 0.07))
    b = replace(b, base=b.base + gap, wheel=b.wheel * 1.02, head=0.1)
    ahead = replace(b, stay=b.stay + gap)
    _wheels(s, view, b, rng)
    _frame(s, view, ahead)
    for end in (b.bracket, b.seat_line(b.seat * 0.95)):
        _tube(s, view, [(0.0, 0.0), end], b.tube * 0.7)
    _tube(s, view, [b.bracket, b.seat_line(b.seat)], b.tube)
    _tube(s, view, [b.bracket, ahead.bracket], b.tube)
    _tube(s, view, [b.seat_line(b.seat * 0.95), ahead.seat_line(b.seat * 0.95)], b.tube)
    _tube(s, view, [b.bracket, ahead.seat_line(b.seat * 0.9)], b.tube * 0.8)
    _fork(s, view, b)
    half = [_swept, _drop, _flat][int(rng.integers(3))](rng)
    for seat in (ahead, b):
        _saddle(s, view, seat)
        _cranks(s, view, seat)
    _bars(s, view, b, half)
    x, y = ahead.saddle
    stoker = (x - 0.02, y - 0.02)
    _tube(s, view, [(x, y + 0.04), stoker], b.tube)
    _bars(s, view, replace(b, base=b.base + b.grip[0] - stoker[0], steer=0.0), half)
    return s


def angled(rng: np.random.Generator) -> Sketch:
    """A bicycle in three-quarter view from the front or the back, its front wheel turned."""
    s = Sketch()
    yaw = rng.uniform(25, 58) * rng.choice([-1, 1])
    view = View(yaw, rng.uniform(4, 16), 3.2)
    steer = rng.uniform(-28, 28)
    kind = int(rng.integers(3))
    if kind == 0:
        _city_parts(s, view, replace(_city_build(rng), steer=steer), rng, low=bool(rng.random() < 0.4))
    elif kind == 1:
        _mountain_parts(s, view, replace(_mountain_build(rng), steer=steer), rng)
    else:
        _race_parts(s, view, replace(_race_build(rng), steer=steer), rng)
    return s


DRAWINGS = (city, step_through, racing, mountain, folding, tandem, angled)
