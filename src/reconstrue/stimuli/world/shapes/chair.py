"""Drawings of a chair, built in space (metres, floor at y = 0) and seen from many sides; it faces left."""

from __future__ import annotations

import numpy as np

from reconstrue.stimuli.world.drawing import Sketch, box, smooth
from reconstrue.stimuli.world.shapes._frames import (
    Space,
    View,
    bar,
    block,
    circle,
    lifted,
    loft,
    pillow,
    prism,
)


def _view(rng: np.random.Generator, low: float, high: float) -> View:
    """A view from a standing person's height, the yaw between two angles."""
    return View(rng.uniform(low, high), rng.uniform(6, 20), rng.uniform(2.4, 4.0), -0.5)


def _any_side(rng: np.random.Generator) -> View:
    """A view from the front corner mostly, else from the side or from behind."""
    kind = rng.random()
    if kind < 0.6:
        return _view(rng, 22, 68)
    return _view(rng, -8, 10) if kind < 0.8 else _view(rng, -60, -25)


def _rails(s: Sketch, view: View, left: Space, right: Space, at: list[float], width: float) -> None:
    """Paint cross pieces between two stiles, at fractions of their height."""
    half = width / 2 / float(np.linalg.norm(left[-1] - left[0]))
    for f in at:
        a, b = left[-1] - left[0], right[-1] - right[0]
        board = [
            left[0] + (f - half) * a,
            right[0] + (f - half) * b,
            right[0] + (f + half) * b,
            left[0] + (f + half) * a,
        ]
        s.solid(view(board), seam=True)


def _ladder_back(s: Sketch, view: View, left: Space, right: Space, rng: np.random.Generator) -> None:
    """Paint a back between two stiles: cross rails, upright slats, a panel, or a cross."""
    kind = int(rng.integers(4))
    wide = rng.uniform(0.05, 0.1)
    a, b = left[0], right[0]
    c, d = right[-1], left[-1]
    if kind == 0:
        _rails(s, view, left, right, list(np.linspace(0.35, 0.92, int(rng.integers(2, 5)))), wide * 0.8)
    elif kind == 1:
        for f in np.linspace(0, 1, int(rng.integers(5, 8)))[1:-1]:
            bar(s, view, [a + f * (b - a) + 0.12 * (d - a), d + f * (c - d)], 0.025)
        _rails(s, view, left, right, [0.15], 0.035)
        _rails(s, view, left, right, [0.94], wide)
    elif kind == 2:
        low, high = rng.uniform(0.15, 0.45), 0.97
        s.solid(view([a + low * (d - a), b + low * (c - b), b + high * (c - b), a + high * (d - a)]), seam=True)
    else:
        for p, q in ((a + 0.2 * (d - a), c), (b + 0.2 * (c - b), d)):
            bar(s, view, [p, q], 0.028)
        _rails(s, view, left, right, [0.18, 0.94], 0.04)
    for stile in (left, right):
        bar(s, view, stile, 0.036, seam=True)


def dining(rng: np.random.Generator) -> Sketch:
    """A dining chair: four straight legs, flat seat, tall back with slats, rails, panel or cross."""
    s = Sketch()
    view = _any_side(rng)
    w, d = rng.uniform(0.2, 0.24), rng.uniform(0.2, 0.24)
    seat, top = -rng.uniform(0.43, 0.47), -rng.uniform(0.85, 1.08)
    lean, splay, leg = rng.uniform(0.04, 0.12), rng.uniform(0.0, 0.05), rng.uniform(0.032, 0.05)
    taper = [leg * 1.1, leg * rng.uniform(0.6, 1.0)]
    left, right = [np.array([(d, seat, z), (d + lean * 0.4, (seat + top) / 2, z), (d + lean, top, z)]) for z in (w, -w)]
    rear = [([(d, seat, z), (d + splay + 0.02, 0.0, z)], taper) for z in (w, -w)]
    fore = [([(-d, seat, z), (-d - splay * 0.5, 0.0, z)], taper) for z in (w, -w)]
    stretch = rng.random() < 0.45
    behind = view.yaw < -15
    if not behind:
        _ladder_back(s, view, left, right, rng)
    for spine, width in rear if not behind else fore:
        bar(s, view, spine, width, seam=True)
    if stretch:
        for z in (w, -w):
            bar(s, view, [(-d, seat * 0.35, z), (d, seat * 0.35, z)], 0.022)
        bar(s, view, [(0.0, seat * 0.35, w), (0.0, seat * 0.35, -w)], 0.022)
    block(s, view, (-d - 0.03, seat - 0.02, -w - 0.02), (d + 0.02, seat + 0.045, w + 0.02))
    if rng.random() < 0.5:
        pillow(s, view, (-d - 0.01, seat - 0.055, -w), (d, seat - 0.01, w), 0.02)
    for spine, width in fore if not behind else rear:
        bar(s, view, spine, width, seam=True)
    if behind:
        _ladder_back(s, view, left, right, rng)
    return s


def office(rng: np.random.Generator) -> Sketch:
    """An office chair: five-armed base on castors, column, cushion, back on a bracket, armrests."""
    s = Sketch()
    view = _view(rng, -70, 75)
    seat, top = -rng.uniform(0.45, 0.52), -rng.uniform(0.92, 1.25)
    start = rng.uniform(0, 72)
    feet = [(0.3 * np.cos(a), -0.07, 0.3 * np.sin(a)) for a in np.deg2rad(start + 72 * np.arange(5))]
    for foot in sorted(feet, key=lambda p: -float(view.camera([p])[0, 2])):
        castor = view(circle((foot[0], -0.035, foot[2]), 0.035))
        s.solid(castor)
        s.dark(castor)
        bar(s, view, [(0.0, -0.12, 0.0), foot], [0.05, 0.03])
    bar(s, view, [(0.0, -0.1, 0.0), (0.0, seat + 0.05, 0.0)], [0.055, 0.045])
    bar(s, view, [(-0.1, seat + 0.06, 0.0), (0.12, seat + 0.06, 0.0)], 0.06)
    half, low = rng.uniform(0.19, 0.25), seat - rng.uniform(0.06, 0.2)
    outline = box(-half, top, half, low, rng.uniform(0.05, 0.14))
    lean = rng.uniform(0.02, 0.1)
    back = np.stack([0.2 + lean * (low - outline[:, 1]) / (low - top), outline[:, 1], outline[:, 0]], axis=1)
    arms = rng.random() < 0.7
    behind = view.yaw < -12

    def paint_back() -> None:
        """Paint the back cushion and the bracket that carries it."""
        bar(s, view, [(0.1, seat + 0.05, 0.0), (0.24, seat + 0.03, 0.0), (0.25, (low + top) / 2, 0.0)], 0.05)
        shift = np.array([0.07, 0.0, 0.0])
        for part in (back, back + shift) if behind else (back + shift, back):
            s.solid(view(part), seam=True)
        for z in (-1.0, 1.0):
            x, across = float(back[0, 0]), z * half * 0.7
            s.line(view([(x, low - 0.05, across), (x, top + 0.08, across)]))

    def paint_arm(z: float) -> None:
        """Paint one armrest."""
        bar(s, view, [(0.06, seat + 0.02, z), (0.06, seat - 0.22, z)], 0.032, seam=True)
        block(s, view, (-0.13, seat - 0.245, z - 0.03), (0.15, seat - 0.215, z + 0.03))

    if not behind:
        paint_back()
    if arms:
        paint_arm(0.28)
    pillow(s, view, (-0.25, seat - 0.05, -0.24), (0.22, seat + 0.04, 0.24), 0.04)
    if arms:
        paint_arm(-0.28)
    if behind:
        paint_back()
    return s


def armchair(rng: np.random.Generator) -> Sketch:
    """An upholstered armchair: thick arms, cushion, high or winged back, short feet."""
    s = Sketch()
    view = _view(rng, 22, 80) if rng.random() < 0.85 else _view(rng, 4, 15)
    w, d, arm = rng.uniform(0.36, 0.44), rng.uniform(0.34, 0.4), rng.uniform(0.1, 0.17)
    seat, rest = -rng.uniform(0.4, 0.45), -rng.uniform(0.56, 0.66)
    top = -rng.uniform(0.82, 1.12)
    foot = rng.uniform(0.07, 0.16)
    for x in (d - 0.05, -d + 0.05):
        for z in (w - 0.06, -w + 0.06):
            bar(s, view, [(x, -foot - 0.05, z), (x * 1.06, 0.0, z)], [0.06, 0.035], seam=True)
    inner = w - (0.0 if top > -0.9 else arm * 0.7)
    outline = smooth(
        [
            (-inner, -foot),
            (-inner, top + 0.16),
            (-inner * 0.85, top + 0.03),
            (0, top - rng.uniform(0, 0.06)),
            (inner * 0.85, top + 0.03),
            (inner, top + 0.16),
            (inner, -foot),
        ],
        steps=4,
    )
    lean = np.array([0.12, 0.0, 0.0])
    back = np.stack([np.full(len(outline), d - 0.2), outline[:, 1], outline[:, 0]], axis=1)
    back[:, 0] += 0.12 * (seat - back[:, 1]).clip(0)
    for part in np.linspace(1, 0, 5):
        s.solid(view(back + lean * 1.4 * part), seam=part in (0, 1))
    if rng.random() < 0.4:
        for y in np.linspace(seat - 0.15, top + 0.12, 3):
            for z in np.linspace(-0.6, 0.6, 3) * inner:
                s.dark(view(circle((d - 0.2 + 0.12 * (seat - y), y, z), 0.012, heading=90)))
    pillow(s, view, (-d + 0.03, rest, w - arm), (d, -foot, w), arm * 0.5)
    block(s, view, (-d + 0.03, seat + 0.1, -w + arm), (d - 0.2, -foot, w - arm))
    pillow(s, view, (-d - 0.01, seat - 0.04, -w + arm), (d - 0.2, seat + 0.1, w - arm), 0.05)
    pillow(s, view, (-d + 0.03, rest, -w), (d, -foot, -w + arm), arm * 0.5)
    return s


def rocking(rng: np.random.Generator) -> Sketch:
    """A rocking chair: curved rockers, spindle or rail back, arms."""
    s = Sketch()
    view = _view(rng, -8, 52)
    w = rng.uniform(0.22, 0.27)
    seat, top, lean = -rng.uniform(0.4, 0.45), -rng.uniform(1.02, 1.2), rng.uniform(0.16, 0.26)
    sweep = np.linspace(-1, 1, 9)
    arms = rng.random() < 0.8
    left, right = [np.array([(0.2, seat, z), (0.2 + lean, top, z)]) for z in (w, -w)]

    def paint_side(z: float) -> None:
        """Paint one rocker with its two legs and armrest."""
        curve = np.stack([sweep * 0.46 + 0.07, -0.02 - 0.1 * sweep**2, np.full(9, z)], axis=1)
        bar(s, view, curve, 0.036, seam=True)
        bar(s, view, [(-0.2, seat, z), (-0.24, -0.05, z)], 0.034, seam=True)
        bar(s, view, [(0.2, seat, z), (0.27, -0.05, z)], 0.034, seam=True)
        bar(s, view, [(-0.22, seat * 0.5, z), (0.23, seat * 0.5, z)], 0.02)
        if arms:
            bar(s, view, [(-0.18, seat, z), (-0.2, seat - 0.23, z)], 0.026)
            bar(s, view, [(-0.26, seat - 0.24, z), (0.2 + lean * 0.4, seat - 0.25, z)], 0.04, seam=True)

    paint_side(w)
    for f in np.linspace(0, 1, int(rng.integers(5, 8)))[1:-1]:
        bar(s, view, left + f * (right - left), 0.018)
    _rails(s, view, left, right, [0.95], rng.uniform(0.07, 0.14))
    for stile in (left, right):
        bar(s, view, stile, 0.034, seam=True)
    bar(s, view, [(-0.23, seat * 0.5, w), (-0.23, seat * 0.5, -w)], 0.022)
    block(s, view, (-0.27, seat - 0.02, -w - 0.02), (0.22, seat + 0.03, w + 0.02))
    paint_side(-w)
    return s


def folding(rng: np.random.Generator) -> Sketch:
    """A folding chair with crossed legs, from the side or at an angle."""
    s = Sketch()
    view = _view(rng, -15, 50)
    w = rng.uniform(0.2, 0.24)
    seat, top = -rng.uniform(0.43, 0.47), -rng.uniform(0.78, 0.92)
    foot, tube = rng.uniform(0.22, 0.28), rng.uniform(0.026, 0.038)
    peak = (rng.uniform(0.27, 0.36), top)
    for z in (w, -w):
        if z < 0:
            thick = 0.03
            prism(
                s,
                view,
                lifted([(-0.26, seat - thick), (0.2, seat - thick + 0.02), (0.2, seat + 0.02), (-0.26, seat)], -w),
                (0.0, 0.0, 2 * w),
            )
        bar(s, view, [(foot + 0.04, 0.0, z), (-0.2, seat, z)], tube, seam=True)
        bar(s, view, [(-foot, 0.0, z), (0.15, seat * 1.02, z), (*peak, z)], tube, seam=True)
        if z > 0:
            bar(s, view, [(foot * 0.8, -0.08, w), (foot * 0.8, -0.08, -w)], tube * 0.8)
            high = np.array([(peak[0], top, w), (peak[0], top, -w)])
            low = high + [(0.15 - peak[0]) * 0.5, (seat - top) * rng.uniform(0.35, 0.65), 0.0]
            s.solid(view([high[0], high[1], low[1], low[0]]), seam=True)
    bar(s, view, [(-foot * 0.8, -0.08, w), (-foot * 0.8, -0.08, -w)], tube * 0.8)
    return s


def windsor(rng: np.random.Generator) -> Sketch:
    """A Windsor or café chair: round seat, splayed turned legs, a bowed back with spindles."""
    s = Sketch()
    view = _view(rng, 20, 85)
    seat, top = -rng.uniform(0.43, 0.46), -rng.uniform(0.85, 1.02)
    w, splay = rng.uniform(0.19, 0.22), rng.uniform(0.03, 0.09)
    lean = rng.uniform(0.06, 0.14)
    a = np.linspace(np.pi, 0, 15)
    rise = np.sin(a) ** 0.6
    bow = np.stack([0.14 + 0.06 * rise + lean * rise, seat - rise * (seat - top), w * np.cos(a)], axis=1)
    turned = [0.024, 0.04, 0.03, 0.022]
    if rng.random() < 0.7:
        for k in range(2, 13, int(rng.choice([1, 2]))):
            bar(s, view, [(0.16, seat, bow[k, 2] * 0.75), bow[k]], 0.014)
    else:
        inner = bow * [1, 1, 0.6]
        inner[:, 1] = seat + (bow[:, 1] - seat) * 0.72
        bar(s, view, inner, 0.02)
    bar(s, view, bow, 0.03, seam=True)
    for x, z in ((0.15, 0.14), (0.15, -0.14), (-0.15, 0.15), (-0.15, -0.15)):
        foot = np.array([x + np.sign(x) * splay, 0.0, z + np.sign(z) * splay])
        hip = np.array([x, seat, z])
        bar(s, view, [hip + f * (foot - hip) for f in (0.0, 0.4, 0.7, 1.0)], turned, seam=True)
    for z in (0.16, -0.16):
        bar(s, view, [(-0.17, seat * 0.45, z), (0.17, seat * 0.45, z)], 0.018)
    bar(s, view, [(0.0, seat * 0.45, 0.16), (0.0, seat * 0.45, -0.16)], 0.018)
    for y in (seat + 0.035, seat):
        s.solid(view(circle((-0.02, y, 0.0), 0.23, flat=True)), seam=y == seat)
    return s


def bar_stool(rng: np.random.Generator) -> Sketch:
    """A tall bar stool with a low back and a footrest."""
    s = Sketch()
    view = _view(rng, 15, 70)
    seat, w, splay = -rng.uniform(0.66, 0.76), rng.uniform(0.16, 0.2), rng.uniform(0.02, 0.08)
    top, leg = seat - rng.uniform(0.2, 0.38), rng.uniform(0.026, 0.04)
    left, right = [np.array([(w, seat, z), (w + 0.06, top, z)]) for z in (w, -w)]
    _rails(s, view, left, right, [0.9], rng.uniform(0.06, 0.14))
    if rng.random() < 0.5:
        _rails(s, view, left, right, [0.45], 0.03)
    for stile in (left, right):
        bar(s, view, stile, leg, seam=True)
    rest = seat * rng.uniform(0.3, 0.42)
    out = w + splay * (1 - rest / seat)
    corners = [(w, w), (w, -w), (-w, w), (-w, -w)]
    for x, z in corners:
        bar(s, view, [(x, seat, z), (x + np.sign(x) * splay, 0.0, z + np.sign(z) * splay)], leg, seam=True)
    for (x, z), (u, v) in (((-1, 1), (1, 1)), ((1, 1), (1, -1)), ((1, -1), (-1, -1)), ((-1, -1), (-1, 1))):
        bar(s, view, [(x * out, rest, z * out), (u * out, rest, v * out)], leg * 0.7)
    pillow(s, view, (-w - 0.03, seat - 0.03, -w - 0.02), (w + 0.02, seat + 0.03, w + 0.02), 0.03)
    return s


def shell(rng: np.random.Generator) -> Sketch:
    """A moulded shell chair on thin legs: one curved sheet for seat and back."""
    s = Sketch()
    view = _view(rng, -5, 72)
    seat, top, w = -rng.uniform(0.42, 0.46), -rng.uniform(0.78, 0.88), rng.uniform(0.2, 0.25)
    spine = smooth(
        [
            (-0.26, seat + 0.03),
            (-0.2, seat - 0.01),
            (0.02, seat + 0.02),
            (0.17, seat - 0.06),
            (0.23, (seat + top) / 2),
            (0.29, top),
        ],
        closed=False,
        steps=4,
    )
    half = w * np.interp(np.linspace(0, 1, len(spine)), [0, 0.08, 0.6, 0.92, 1], [0.75, 0.95, 1.0, 0.85, 0.6])
    rim = rng.uniform(0.03, 0.09) * np.interp(np.linspace(0, 1, len(spine)), [0, 0.3, 0.7, 1], [0, 1, 1, 0])
    legs = [(0.13, 0.13), (0.13, -0.13), (-0.13, 0.13), (-0.13, -0.13)]
    spread = rng.uniform(1.3, 1.7)
    for x, z in legs:
        bar(
            s,
            view,
            [(x * 0.6, seat + 0.02, z * 0.7), (x * spread, 0.0, z * spread)],
            [0.035, 0.02],
            seam=True,
        )
    if rng.random() < 0.6:
        for (x, z), (u, v) in ((legs[0], legs[3]), (legs[1], legs[2])):
            bar(s, view, [(x * 0.9, seat * 0.7, z * 0.9), (u * 1.2, seat * 0.35, v * 1.2)], 0.012)
    edges = [np.stack([spine[:, 0] - rim * 0.8, spine[:, 1] - rim, side * half], axis=1) for side in (1, -1)]
    middle = np.stack([spine[:, 0], spine[:, 1], 0 * half], axis=1)
    loop = [np.concatenate([edge, middle[::-1]]) for edge in edges]
    for part in loop:
        s.solid(view(part))
    s.line(view(edges[1]))
    s.line(view(edges[0]))
    bar(s, view, middle, 0.02)
    return s


def garden(rng: np.random.Generator) -> Sketch:
    """A wooden armchair for the garden: slanted seat and a fan of back boards."""
    s = Sketch()
    view = _view(rng, 15, 65)
    w, rest = rng.uniform(0.26, 0.32), -rng.uniform(0.55, 0.62)
    seat, rear = -rng.uniform(0.38, 0.42), -rng.uniform(0.24, 0.32)
    top, lean = -rng.uniform(0.92, 1.1), rng.uniform(0.22, 0.34)
    boards = int(rng.integers(4, 7))
    bar(s, view, [(0.2, rear, w), (0.42, 0.0, w)], 0.05, seam=True)
    for k in np.linspace(-1, 1, boards):
        z, half = k * w * 0.82, w * 0.75 / boards
        peak = top + 0.1 * k**2
        low, high = np.array([0.2, rear, z * 0.8]), np.array([0.2 + lean, peak, z * 1.1])
        across = np.array([0.0, 0.0, half])
        s.solid(view([low - across, low + across, high + across, high - across]), seam=True)
    bar(s, view, [(-0.3, 0.0, w), (-0.3, rest, w)], 0.055, seam=True)
    block(s, view, (-0.38, rest - 0.02, w - 0.05), (0.36, rest + 0.01, w + 0.08))
    floor = lifted([(-0.34, seat), (0.22, rear), (0.22, rear + 0.04), (-0.34, seat + 0.05)], -w)
    loft(s, view, floor, floor + [0.0, 0.0, 2 * w])
    bar(s, view, [(0.2, rear, -w), (0.42, 0.0, -w)], 0.05, seam=True)
    bar(s, view, [(-0.3, 0.0, -w), (-0.3, rest, -w)], 0.055, seam=True)
    bar(s, view, [(-0.32, seat + 0.04, -w), (0.22, rear + 0.03, -w)], 0.05, seam=True)
    block(s, view, (-0.38, rest - 0.02, -w - 0.08), (0.36, rest + 0.01, -w + 0.05))
    return s


DRAWINGS = (dining, office, armchair, rocking, folding, windsor, bar_stool, shell, garden)
