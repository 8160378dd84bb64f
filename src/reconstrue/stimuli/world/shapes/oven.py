"""Drawings of an oven, built in space (metres, floor at y = 0); the front is the face nearest to us."""

from __future__ import annotations

import numpy as np

from reconstrue.stimuli.world.drawing import Points, Sketch, arc, box, ellipse, points, smooth
from reconstrue.stimuli.world.shapes._frames import Space, View, bar, block, circle, hull, lifted

_THIN = 0.008


def _view(rng: np.random.Generator, turned: float, low: float = 2, high: float = 20) -> View:
    """A view of the front, turned by up to `turned` degrees either way, from a person's height."""
    return View(rng.uniform(-turned, turned), rng.uniform(low, high), rng.uniform(2.5, 4.5), -0.7)


def _on(view: View, z: float, x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Points:
    """Return the picture of a rectangle on the front face at depth z."""
    return view(lifted(box(x0, y0, x1, y1, radius), z))


def _knob(s: Sketch, view: View, x: float, y: float, z: float, radius: float) -> None:
    """Paint a knob standing out of the front."""
    bar(s, view, [(x, y, z), (x, y, z - 0.045)], radius * 1.7)
    face = view(circle((x, y, z - 0.045), radius))
    s.solid(face, seam=True)
    s.dark(face)
    s.light(view(lifted(box(x - radius * 0.2, y - radius, x + radius * 0.2, y), z - 0.046)))


def _handle(s: Sketch, view: View, x0: float, x1: float, y: float, z: float) -> None:
    """Paint a bar handle on two posts."""
    for x in (x0 + 0.03, x1 - 0.03):
        bar(s, view, [(x, y, z), (x, y, z - 0.07)], 0.02)
    bar(s, view, [(x0, y, z - 0.07), (x1, y, z - 0.07)], 0.032, seam=True)


def _door(
    s: Sketch, view: View, x0: float, y0: float, x1: float, y1: float, z: float, rng: np.random.Generator
) -> None:
    """Paint an oven door: seam, dark window with racks behind, bar handle at the top."""
    s.solid(_on(view, z, x0, y0, x1, y1, 0.012), seam=True)
    w, h = x1 - x0, y1 - y0
    mx, top, low = w * rng.uniform(0.1, 0.2), h * rng.uniform(0.24, 0.34), h * rng.uniform(0.1, 0.22)
    s.dark(_on(view, z, x0 + mx, y0 + top, x1 - mx, y1 - low, rng.choice([0.0, 0.03])))
    if rng.random() < 0.4:
        for f in (0.35, 0.65):
            y = y0 + top + f * (h - top - low)
            s.light(_on(view, z, x0 + mx + 0.02, y, x1 - mx - 0.02, y + 0.012))
    _handle(s, view, x0 + w * 0.08, x1 - w * 0.08, y0 + h * 0.11, z)


def _inside(s: Sketch, view: View, x0: float, y0: float, x1: float, y1: float, z: float, drop: float) -> None:
    """Paint an opened oven: dark inside with racks, the door let down to the front."""
    s.solid(_on(view, z, x0, y0, x1, y1), seam=True)
    s.dark(_on(view, z, x0 + 0.03, y0 + 0.03, x1 - 0.03, y1))
    for f in (0.3, 0.6):
        y = y0 + f * (y1 - y0)
        s.light(_on(view, z, x0 + 0.04, y, x1 - 0.04, y + 0.014))
    a = np.deg2rad(drop)
    reach = (y1 - y0) * np.array([0.0, -np.cos(a), -np.sin(a)])
    near = np.array([(x0, y1, z), (x1, y1, z)])
    leaf = np.concatenate([near, near[::-1] + reach])
    thick = np.array([0.0, 0.035, 0.0])
    s.solid(view(leaf + thick), seam=True)
    s.solid(view(np.concatenate([leaf[2:], leaf[:1:-1] + thick])), seam=True)
    s.solid(view(leaf), seam=True)
    middle = leaf.mean(axis=0)
    s.dark(view(middle + (leaf - middle) * [0.7, 0.6, 0.6]))


def _pot(s: Sketch, view: View, x: float, y: float, z: float, rng: np.random.Generator) -> None:
    """Paint a pot with a lid, or a pan with a long handle, on the hob."""
    r, tall = rng.uniform(0.08, 0.115), rng.uniform(0.07, 0.15)
    both = np.concatenate([view(circle((x, y, z), r, flat=True)), view(circle((x, y - tall, z), r, flat=True))])
    side = 1.0 if x > 0 else -1.0
    if tall < 0.1:
        bar(s, view, [(x, y - tall, z), (x + side * 0.26, y - tall - 0.03, z)], 0.024)
    else:
        bar(s, view, [(x - r - 0.03, y - tall * 0.75, z), (x + r + 0.03, y - tall * 0.75, z)], 0.022)
    s.solid(hull(both), seam=True)
    s.solid(view(circle((x, y - tall, z), r, flat=True)), seam=True)
    if tall >= 0.1:
        bar(s, view, [(x, y - tall, z), (x, y - tall - 0.035, z)], 0.03)


def _kettle(s: Sketch, view: View, x: float, y: float, z: float) -> None:
    """Paint a kettle with its spout and bow handle."""
    px, py = view([(x, y, z)])[0]
    body = smooth([(-0.1, 0.0), (-0.11, -0.05), (-0.05, -0.12), (0.05, -0.12), (0.11, -0.05), (0.1, 0.0)])
    s.solid(body + [px, py], seam=True)
    s.stroke([(px - 0.09, py - 0.05), (px - 0.16, py - 0.12)], [0.05, 0.025])
    s.stroke(arc(px, py - 0.1, 0.085, 0.1, 190, 350), 0.018)


def _hob(s: Sketch, view: View, w: float, d: float, y: float, rng: np.random.Generator) -> None:
    """Paint four burners, as iron grates or flat plates, and maybe something cooking."""
    gas = rng.random() < 0.65
    for z in (d * 0.45, -d * 0.45):
        for x in (-w * 0.5, w * 0.5):
            s.dark(view(circle((x, y, z), w * 0.3, flat=True)))
            if not gas:
                s.light(view(circle((x, y, z), w * 0.12, flat=True)))
        if gas:
            for x in (-w * 0.5, w * 0.5):
                half = w * 0.4
                bar(
                    s,
                    view,
                    [(x - half, y, z), (x - half, y - 0.045, z), (x + half, y - 0.045, z), (x + half, y, z)],
                    0.018,
                )
                bar(s, view, [(x, y - 0.045, z - d * 0.36), (x, y - 0.045, z + d * 0.36)], 0.016)
    side = float(rng.choice([-0.5, 0.5])) * w
    if rng.random() < 0.4:
        _pot(s, view, side, y - 0.03, d * 0.4, rng)
    if rng.random() < 0.25:
        _kettle(s, view, -side, y - 0.03, -d * 0.3)


def _cooker(s: Sketch, view: View, rng: np.random.Generator, *, opened: bool = False) -> None:
    """Paint a free-standing cooker: body on feet, hob, knobs, door, drawer, perhaps an upstand behind."""
    w, d, top = rng.uniform(0.27, 0.4), rng.uniform(0.28, 0.33), -rng.uniform(0.86, 0.95)
    foot = rng.uniform(0.04, 0.11)
    for x in (-w + 0.05, w - 0.05):
        for z in (d - 0.05, -d + 0.05):
            bar(s, view, [(x, -foot - 0.02, z), (x, -0.02, z)], 0.055)
    block(s, view, (-w, top, -d), (w, -foot, d))
    upstand = rng.random()
    if upstand < 0.55:
        rise = rng.uniform(0.1, 0.24)
        block(s, view, (-w, top - rise, d - 0.07), (w, top, d))
        panel = d - 0.071
        s.dark(_on(view, panel, -w * 0.25, top - rise * 0.8, w * 0.25, top - rise * 0.35))
        for x in (-0.8, -0.55, 0.55, 0.8):
            s.dark(view(circle((x * w, top - rise * 0.55, panel), 0.024)))
    elif upstand < 0.75:
        block(s, view, (-w, top - rng.uniform(0.36, 0.5), d - 0.025), (w, top, d))
    _hob(s, view, w, d, top, rng)
    strip = top + rng.uniform(0.1, 0.15)
    drawer = -foot - rng.uniform(0.12, 0.2)
    s.line(view([(-w, strip, -d), (w, strip, -d)]), _THIN)
    knobs = int(rng.integers(4, 7))
    for x in np.linspace(-0.78, 0.78, knobs) * w:
        _knob(s, view, float(x), (top + strip) / 2 + 0.005, -d, 0.026)
    s.solid(_on(view, -d, -w + 0.015, drawer + 0.012, w - 0.015, -foot - 0.015), seam=True)
    s.dark(_on(view, -d, -w * 0.4, drawer + 0.035, w * 0.4, drawer + 0.055))
    door = (-w + 0.015, strip + 0.01, w - 0.015, drawer)
    if opened:
        _inside(s, view, *door, -d, rng.uniform(70, 92))
    else:
        _door(s, view, *door, -d, rng)


def cooker_front(rng: np.random.Generator) -> Sketch:
    """A cooker with hob, knobs, door and drawer, from the front."""
    s = Sketch()
    _cooker(s, _view(rng, 8, 2, 9), rng)
    return s


def cooker_angled(rng: np.random.Generator) -> Sketch:
    """A cooker in three-quarter view, its hob seen from above."""
    s = Sketch()
    view = View(rng.uniform(18, 45) * rng.choice([-1, 1]), rng.uniform(8, 26), rng.uniform(2.4, 4.0), -0.7)
    _cooker(s, view, rng)
    return s


def cooker_open(rng: np.random.Generator) -> Sketch:
    """A cooker with its door let down."""
    s = Sketch()
    view = View(rng.uniform(12, 50) * rng.choice([-1, 1]), rng.uniform(8, 22), rng.uniform(2.6, 4.0), -0.7)
    _cooker(s, view, rng, opened=True)
    return s


def built_in(rng: np.random.Generator) -> Sketch:
    """A built-in oven: a square front with controls and a large window before a narrower case; maybe two."""
    s = Sketch()
    view = _view(rng, 38, 0, 14)
    w, h, d = 0.3, rng.uniform(0.52, 0.6), rng.uniform(0.2, 0.27)
    storeys = 2 if rng.random() < 0.3 else 1
    base = -0.35
    block(s, view, (-w * 0.88, base - h * storeys + 0.05, -d), (w * 0.88, base - 0.05, d))
    for k in range(storeys):
        low = base - k * h
        strip = low - h + rng.uniform(0.1, 0.13)
        block(s, view, (-w, low - h + 0.004, -d - 0.03), (w, low - 0.004, -d))
        z = -d - 0.031
        s.line(view([(-w, strip, z), (w, strip, z)]), _THIN)
        s.dark(_on(view, z, -0.075, low - h + 0.03, 0.075, strip - 0.03))
        s.light(_on(view, z, -0.045, low - h + 0.045, 0.045, strip - 0.045))
        for x in (-0.22, -0.15, 0.15, 0.22)[k % 2 :: 1 + k]:
            _knob(s, view, x, low - h + 0.055, z, 0.024)
        _door(s, view, -w + 0.01, strip + 0.008, w - 0.01, low - 0.02, z, rng)
    return s


def _leg(x: float, height: float, z: float, side: float) -> Space:
    """Return the spine of a bowed leg of a range, ending in a foot turned out."""
    flat = smooth(
        [
            (x, -height - 0.03),
            (x + side * 0.035, -height * 0.75),
            (x - side * 0.005, -height * 0.3),
            (x + side * 0.045, -0.02),
        ],
        closed=False,
        steps=4,
    )
    return lifted(flat, z)


def old_range(rng: np.random.Generator) -> Sketch:
    """An old cast-iron range: bowed legs, several doors with hinges, hot plates, stovepipe, warming shelf."""
    s = Sketch()
    view = _view(rng, 35, 3, 15)
    w, d, top, leg = rng.uniform(0.4, 0.55), 0.28, -rng.uniform(0.76, 0.84), rng.uniform(0.14, 0.22)
    pipe = rng.uniform(-0.5, 0.5) * w
    tall = top - rng.uniform(0.4, 0.75)
    shelf = rng.random() < 0.55
    bar(s, view, [(pipe, top, d * 0.6), (pipe, tall, d * 0.6)], 0.11)
    for f in (0.3, 0.7):
        bar(
            s,
            view,
            [
                (pipe - 0.062, top + f * (tall - top), d * 0.6),
                (pipe + 0.062, top + f * (tall - top), d * 0.6),
            ],
            0.02,
        )
    if shelf:
        block(s, view, (-w, top - 0.34, d - 0.02), (w, top, d + 0.01))
        block(s, view, (-w, top - 0.4, d * 0.2), (w, top - 0.34, d))
    for z in (d - 0.04, -d + 0.04):
        for x in (-1, 1):
            bar(s, view, _leg(x * (w - 0.05), leg, z, x), np.linspace(0.075, 0.04, 13), seam=True)
    block(s, view, (-w, top, -d), (w, -leg, d))
    block(s, view, (-w - 0.04, top - 0.03, -d - 0.04), (w + 0.04, top + 0.01, d + 0.02))
    for x in np.array([-0.66, 0.0, 0.66]) * w:
        s.dark(view(circle((x, top - 0.031, -d * 0.1), w * 0.24, flat=True)))
    split = rng.uniform(-0.3, 0.1) * w
    z = -d - 0.001
    mid = (top - leg) / 2 - rng.uniform(-0.05, 0.05)
    for x0, y0, x1, y1 in (
        (split + 0.02, top + 0.06, w - 0.04, -leg - 0.05),
        (-w + 0.04, top + 0.06, split - 0.02, mid),
        (-w + 0.04, mid + 0.03, split - 0.02, -leg - 0.05),
    ):
        s.solid(_on(view, z, x0, y0, x1, y1, 0.03), seam=True)
        s.line(view(lifted(box(x0 + 0.025, y0 + 0.025, x1 - 0.025, y1 - 0.025, 0.02), z)), _THIN)
        _knob(s, view, x0 + 0.05, (y0 + y1) / 2, z, 0.02)
        for y in (y0 + 0.05, y1 - 0.05):
            s.dark(_on(view, z, x1 - 0.05, y - 0.01, x1 + 0.02, y + 0.01))
    s.light(view(circle(((split + w) / 2, top / 2 - leg / 2 - 0.08, z), 0.04)))
    bar(s, view, [(-w - 0.02, top + 0.035, -d - 0.08), (w + 0.02, top + 0.035, -d - 0.08)], 0.022)
    if rng.random() < 0.35:
        _kettle(s, view, -0.5 * w, top - 0.03, -d * 0.2)
    return s


def table_top(rng: np.random.Generator) -> Sketch:
    """A small oven for the table top: wide glass door with racks, knobs in a column, short feet."""
    s = Sketch()
    view = View(rng.uniform(-38, 38), rng.uniform(5, 20), rng.uniform(1.6, 3.0), -0.2)
    w, h, d = rng.uniform(0.24, 0.29), rng.uniform(0.24, 0.34), rng.uniform(0.14, 0.2)
    for x in (-w + 0.04, w - 0.04):
        for z in (d - 0.03, -d + 0.03):
            bar(s, view, [(x, -0.04, z), (x, -0.008, z)], [0.045, 0.034])
    block(s, view, (-w, -h, -d), (w, -0.025, d))
    z = -d - 0.001
    right = w - rng.uniform(0.1, 0.14)
    s.solid(_on(view, z, -w + 0.012, -h + 0.015, right, -0.04, 0.015), seam=True)
    s.dark(_on(view, z, -w + 0.04, -h + 0.075, right - 0.028, -0.065, 0.02))
    for f in rng.choice([[0.5], [0.35, 0.65]][int(rng.integers(2))], 2):
        y = -h + 0.075 + f * (h - 0.14)
        s.light(_on(view, z, -w + 0.045, y, right - 0.033, y + 0.008))
    for x in np.linspace(-w + 0.06, right - 0.05, int(rng.integers(1, 9))):
        s.light(_on(view, z, x, -h * 0.42, x + 0.005, -h * 0.36))
    _handle(s, view, -w + 0.04, right - 0.03, -h + 0.045, z)
    for f in (0.24, 0.5, 0.76)[: int(rng.integers(2, 4))]:
        _knob(s, view, (right + w) / 2, -h + f * h, z, rng.uniform(0.024, 0.03))
    if rng.random() < 0.4:
        for x in np.linspace(-w + 0.03, w - 0.03, 9):
            bar(s, view, [(x, -h - 0.012, -d * 0.7), (x, -h - 0.012, d * 0.7)], 0.008)
    return s


def brick(rng: np.random.Generator) -> Sketch:
    """A domed brick oven for pizza and bread: arched mouth with fire, chimney, stone base, wood store."""
    s = Sketch()
    w, base = rng.uniform(0.38, 0.46), -rng.uniform(0.28, 0.5)
    high = rng.uniform(0.36, 0.48)
    chimney = rng.uniform(-0.08, 0.08)
    stack = base - high - rng.uniform(0.12, 0.3)
    s.solid(box(chimney - 0.075, stack, chimney + 0.075, base - high * 0.7))
    s.solid(box(chimney - 0.1, stack - 0.04, chimney + 0.1, stack + 0.02, 0.01), seam=True)
    dome = arc(0, base, w, high, 180, 360)
    s.solid(np.concatenate([dome, points([(w, base + 0.02), (-w, base + 0.02)])]), seam=True)
    s.solid(box(-w - 0.06, base, w + 0.06, base + 0.07), seam=True)
    s.solid(box(-w, base + 0.05, w, 0.0), seam=True)
    mouth = w * rng.uniform(0.4, 0.52)
    rim = arc(0, base - 0.04, mouth + 0.055, high * 0.55, 180, 360)
    s.solid(np.concatenate([points([(-mouth - 0.055, base)]), rim, points([(mouth + 0.055, base)])]), seam=True)
    for a in np.deg2rad(np.linspace(195, 345, 8)):
        outer = (np.cos(a) * (mouth + 0.05), base - 0.04 + np.sin(a) * high * 0.54)
        s.line([(np.cos(a) * mouth, base - 0.04 + np.sin(a) * high * 0.44), outer], _THIN)
    opening = arc(0, base - 0.04, mouth, high * 0.42, 180, 360)
    s.dark(np.concatenate([points([(-mouth, base)]), opening, points([(mouth, base)])]))
    flames = [(-0.08, 0), (-0.05, -0.06), (-0.02, -0.04), (0.01, -0.1), (0.05, -0.04), (0.08, 0)]
    s.light(smooth(np.array(flames) + [0.0, base]))
    store = w * rng.uniform(0.45, 0.7)
    if base < -0.34:
        s.dark(np.concatenate([arc(0, base + 0.2, store, 0.09, 180, 360), points([(store, 0.0), (-store, 0.0)])]))
        for x in np.linspace(-store * 0.75, store * 0.75, 5):
            s.light(ellipse(x, -0.04, store * 0.15))
    return s


DRAWINGS = (cooker_front, cooker_angled, cooker_open, built_in, old_range, table_top, brick)
