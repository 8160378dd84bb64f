"""The 16 surface textures of the pocket world, each a function of a generator, drawn by formula at any size.

Lengths are in texture units: at scale 1 a picture is 64 units wide, whatever its size in pixels. So the same
generator state gives the same picture at 64 and at 224 px, only sharper.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]

_WIDTH: Final = 64.0  # units across a picture at scale 1
_LATTICE: Final = 64  # cells of random numbers before they repeat: a power of two
_SPLINE_GAIN: Final = 20 / 11  # 1 / mean sum of squared quadratic B-spline weights: noise gets variance 1
_TAU: Final = 2 * math.pi


class Cells(NamedTuple):
    """Voronoi cells: offset from the nearest centre, distance to it and to the second, the cell's number."""

    du: Field
    dv: Field
    near: Field
    second: Field
    number: Field


def _wrap(index: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return integers modulo the lattice's side."""
    return index & (_LATTICE - 1)


def _node(i: Field, j: Field) -> NDArray[np.intp]:
    """Return the flat place of integer cell (i, j) in a repeating lattice."""
    return _wrap(i.astype(np.intp)) * _LATTICE + _wrap(j.astype(np.intp))


def _spline(x: Field) -> tuple[list[NDArray[np.intp]], list[Field]]:
    """Return the three lattice places around `x` and their quadratic B-spline weights."""
    middle = np.rint(x)
    t = x - middle
    places = [_wrap(middle.astype(np.intp) + k) for k in (-1, 0, 1)]
    return places, [0.5 * (0.5 - t) ** 2, 0.75 - t * t, 0.5 * (0.5 + t) ** 2]


@final
class Surface:
    """A turned, scaled and shifted plane: coordinates `u`, `v` (size, size) in texture units; noise on it."""

    def __init__(
        self, rng: np.random.Generator, size: int, *, angle: float, scales: tuple[float, float] = (0.72, 1.38)
    ) -> None:
        """Draw the scale (log-uniform between `scales`) and the shift; `angle` is in degrees."""
        self.rng = rng
        scale = float(np.exp(rng.uniform(np.log(scales[0]), np.log(scales[1]))))
        self.pixel = _WIDTH / size / scale
        axis = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) * self.pixel
        x, y = axis[None, :], axis[:, None]
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        shift_u, shift_v = (float(shift) for shift in rng.uniform(100, 200, 2))
        self.u: Field = x * cos + y * sin + shift_u
        self.v: Field = y * cos - x * sin + shift_v

    def noise(self, length_u: float, length_v: float, *, u: Field | None = None, v: Field | None = None) -> Field:
        """Return smooth noise, mean 0, variance 1, of the given grain lengths, at bent `u`, `v` if given."""
        lattice = self.rng.standard_normal(_LATTICE * _LATTICE, dtype=np.float32) * np.float32(_SPLINE_GAIN)
        rows, row_weights = _spline((self.u if u is None else u) / length_u)
        columns, column_weights = _spline((self.v if v is None else v) / length_v)
        total: Field = np.zeros_like(self.u)
        for i, weight_i in zip(rows, row_weights, strict=True):
            for j, weight_j in zip(columns, column_weights, strict=True):
                total += weight_i * weight_j * lattice.take(i * _LATTICE + j)
        return total

    def per_cell(self, i: Field, j: Field) -> Field:
        """Return one uniform number in [0, 1) for each integer cell (i, j)."""
        return self.rng.random(_LATTICE * _LATTICE, dtype=np.float32).take(_node(i, j))

    def inside(self, distance: Field) -> Field:
        """Return 1 where a distance is positive and 0 where negative, with an edge one pixel wide."""
        share: Field = np.clip(distance / self.pixel + 0.5, 0, 1)
        return share

    def cells(self, u: Field, v: Field, jitter: float) -> Cells:
        """Return the Voronoi cells of one randomly displaced centre per unit square."""
        count = _LATTICE * _LATTICE
        shift_u, shift_v = 0.5 + jitter * (self.rng.random((2, count), dtype=np.float32) - 0.5)
        number = self.rng.random(count, dtype=np.float32)
        near, second = np.full_like(u, np.inf), np.full_like(u, np.inf)
        du, dv, which = np.zeros_like(u), np.zeros_like(u), np.zeros(u.shape, dtype=np.intp)
        i0, j0 = np.floor(u), np.floor(v)
        for i, j in ((i0 + a, j0 + b) for a in (-1, 0, 1) for b in (-1, 0, 1)):
            node = _node(i, j)
            x, y = u - i - shift_u.take(node), v - j - shift_v.take(node)
            distance = np.sqrt(x * x + y * y)
            second = np.minimum(second, np.maximum(near, distance))
            closer = distance < near
            near = np.minimum(near, distance)
            for kept, new in ((du, x), (dv, y), (which, node)):
                np.copyto(kept, new, where=closer)
        return Cells(du, dv, near, second, number.take(which))


def _colours(rng: np.random.Generator, *hsv: tuple[float, float, float]) -> list[Field]:
    """Return RGB colours near the given (hue in degrees, saturation, value), all jittered alike."""
    dh, ds, dv = rng.uniform(-1, 1, 3) * (6, 0.07, 0.045)
    near = [((h + dh) / 360 % 1, min(max(s + ds, 0), 1), min(max(v + dv, 0), 1)) for h, s, v in hsv]
    return [np.array(colorsys.hsv_to_rgb(*jittered), np.float32) for jittered in near]


def _colour(rng: np.random.Generator, h: float, s: float, v: float) -> Field:
    """Return one jittered RGB colour."""
    return _colours(rng, (h, s, v))[0]


def _mix(below: Field, above: Field, amount: Field) -> Field:
    """Return `below` covered by `above` where `amount` is 1; colours (3,) or pictures (H, W, 3)."""
    return below + (above - below) * amount[..., None]


def _ramp(level: Field, colours: list[Field]) -> Field:
    """Return the picture that runs evenly through the colours as `level` goes from 0 to 1."""
    stops = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(level, stops, channel) for channel in np.stack(colours, axis=1)], axis=-1)


def _lit(colour: Field, light: Field) -> Field:
    """Return a colour (3,) or picture (H, W, 3) with its brightness multiplied by 1 + `light`."""
    return colour * (1 + light[..., None])


def _wave(x: Field) -> Field:
    """Return a sine of period 1 between 0 and 1."""
    wave: Field = 0.5 + 0.5 * np.sin(_TAU * x)
    return wave


def _saw(x: Field) -> Field:
    """Return the fraction of `x` above its floor."""
    fraction: Field = x - np.floor(x)
    return fraction


def _to_line(x: Field) -> Field:
    """Return the distance from `x` to the nearest integer."""
    return np.abs(x - np.rint(x))


def _any_angle(rng: np.random.Generator) -> float:
    """Return an angle in degrees, all directions alike."""
    return float(rng.uniform(0, 360))


def _upright(rng: np.random.Generator, spread: float) -> float:
    """Return an angle in degrees, level or plumb, off by at most `spread`."""
    return float(rng.choice((0.0, 90.0)) + rng.uniform(-spread, spread))


def airplane(rng: np.random.Generator, size: int) -> Field:
    """Brushed aluminium: fine streaks, panel seams with a row of rivets on each side."""
    s = Surface(rng, size, angle=_upright(rng, 35))
    length, height, gap = 27.0, 15.0, 3.4
    row, column = np.floor(s.v / height), np.floor(s.u / length)
    seam_u, seam_v = _to_line(s.u / length) * length, _to_line(s.v / height) * height
    rivet_row = np.hypot(_to_line(s.u / gap) * gap, seam_v - 2.1)
    rivet_column = np.hypot(_to_line(s.v / gap) * gap, seam_u - 2.1)
    rivet = s.inside(0.7 - np.minimum(rivet_row, rivet_column))
    seam = s.inside(0.35 - np.minimum(seam_u, seam_v))
    streaks = 0.09 * s.noise(22, 0.7) + 0.05 * s.noise(50, 2.5) + 0.14 * (s.per_cell(column, row) - 0.5)
    metal = _lit(_colour(rng, 212, 0.09, 0.82), streaks)
    return _mix(_mix(metal, _colour(rng, 215, 0.15, 0.30), seam), _colour(rng, 215, 0.15, 0.48), rivet)


def bear(rng: np.random.Generator, size: int) -> Field:
    """Dark brown shaggy fur: long strands in overlapping tufts."""
    s = Surface(rng, size, angle=90 + float(rng.uniform(-50, 50)))
    v = s.v + 2.5 * s.noise(12, 12)
    lock = s.noise(40, 1.9, v=v)
    tuft = _saw(s.u / 13 + 0.55 * lock)
    level = 0.1 + 0.6 * tuft**1.5 + 0.18 * s.noise(9, 0.8, v=v) + 0.08 * lock
    return _ramp(level, _colours(rng, (22, 0.62, 0.07), (24, 0.60, 0.28), (28, 0.50, 0.58)))


def bicycle(rng: np.random.Generator, size: int) -> Field:
    """Rows of bright roller chain on violet enamel."""
    s = Surface(rng, size, angle=_any_angle(rng), scales=(0.8, 1.4))
    pitch, rows = 6.6, 10.5
    row = np.floor(s.v / rows)
    across = (_saw(s.v / rows) - 0.5) * rows
    along = s.u / pitch + s.per_cell(row, row)
    pin = np.hypot(_to_line(along) * pitch, across)
    half = 1.5 + 1.0 * np.cos(_TAU * along)
    outer = np.floor(along) % 2
    plate = s.inside(half + 0.35 * outer - np.abs(across))
    steel = _lit(_colour(rng, 220, 0.06, 0.80), -0.22 * outer - 0.1 * across)
    shadow = s.inside(half + 1.2 - np.abs(across - 1.0))
    enamel = _lit(_colour(rng, 285, 0.66, 0.50), 0.08 * s.noise(14, 14) - 0.5 * shadow)
    return _mix(_mix(enamel, steel, plate), _colour(rng, 280, 0.3, 0.14), s.inside(1.05 - pin))


def bird(rng: np.random.Generator, size: int) -> Field:
    """Overlapping blue feathers with pale rims, quills and barbs."""
    s = Surface(rng, size, angle=float(rng.uniform(-60, 60)))
    x, y = (s.u + 0.9 * s.noise(12, 12)) / 5.0, (s.v + 0.9 * s.noise(12, 12)) / 6.2
    row = np.floor(y)
    upper_dx, lower_dx = np.remainder(x + row + 1, 2) - 1, np.remainder(x + row, 2) - 1
    upper_reach = np.hypot(upper_dx / 1.1, (y - row + 1) / 1.75)
    covered = upper_reach < 1
    row = row - covered
    dx, dy = np.where(covered, upper_dx, lower_dx), y - row
    d = np.hypot(dx / 1.1, dy / 1.75)
    tint = s.per_cell(np.floor((x + row) / 2), row)
    barbs = _wave((dy + 0.8 * np.abs(dx)) * 2.4)
    level = 0.1 + 0.5 * d**2 * (d < 1) + 0.35 * (tint - 0.5) + 0.14 * barbs
    plume = _ramp(level, _colours(rng, (230, 0.88, 0.40), (213, 0.85, 0.74), (196, 0.75, 0.90)))
    rim = np.clip((d - 0.72) / 0.2, 0, 1) * s.inside((1 - d) * 6)
    pale = np.maximum(0.8 * rim, 0.4 * s.inside(0.3 - np.abs(dx) * 5.0))
    shadow = np.where(covered, 0, np.clip(1.45 - upper_reach, 0, 0.45))
    return _lit(_mix(plume, _colour(rng, 182, 0.22, 0.95), pale), -1.5 * shadow)


def boat(rng: np.random.Generator, size: int) -> Field:
    """Mahogany planks: long boards with wavy grain, dark open seams between."""
    s = Surface(rng, size, angle=_upright(rng, 35))
    width, length = 9.5, 110.0
    row = np.floor(s.v / width)
    along = s.u / length + s.per_cell(row, row)
    tone = s.per_cell(row, np.floor(along))
    v = s.v + 40 * tone
    rings = _wave(v / 3.4 + 1.3 * s.noise(16, 5, v=v))
    level = 0.3 + 0.4 * rings + 0.12 * s.noise(9, 0.6, v=v) + 0.6 * (tone - 0.5)
    wood = _ramp(level, _colours(rng, (13, 0.76, 0.40), (18, 0.68, 0.68), (24, 0.55, 0.86)))
    edge = _to_line(s.v / width) * width
    gap = np.minimum(edge, _to_line(along) * length)
    lip = np.clip(1 - np.abs(edge - 1.4), 0, 1) * (_saw(s.v / width) < 0.5)
    return _mix(_lit(wood, 0.35 * lip), _colour(rng, 12, 0.7, 0.09), s.inside(0.7 - gap))


def bottle(rng: np.random.Generator, size: int) -> Field:
    """Green glass: caustic light in a net, and bubbles with glints."""
    s = Surface(rng, size, angle=float(rng.uniform(-30, 30)))
    bend = 3.0 * s.noise(11, 11)
    caustic = np.exp(-5 * np.abs(s.noise(10, 10, u=s.u + bend, v=s.v - bend)))
    depth = 0.34 + 0.13 * s.noise(24, 24) + 0.55 * caustic
    glass = _ramp(depth, _colours(rng, (142, 0.93, 0.20), (132, 0.85, 0.55), (106, 0.40, 0.96)))
    bubble = s.cells(s.u / 10, s.v / 10, 0.7)
    radius = 0.6 + 3.0 * bubble.number
    ring = s.inside(0.5 - np.abs(bubble.near * 10 - radius))
    glint = s.inside(0.3 * radius - 10 * np.hypot(bubble.du + 0.04 * radius, bubble.dv + 0.04 * radius))
    body = _lit(glass, -0.22 * s.inside(radius - bubble.near * 10))
    wall, white = _colours(rng, (115, 0.40, 0.92), (110, 0.08, 1.0))
    return _mix(_mix(body, wall, 0.7 * ring), white, 0.9 * glint)


def car(rng: np.random.Generator, size: int) -> Field:
    """Glossy red lacquer: curved sky reflections with sharp horizons, metal flakes."""
    s = Surface(rng, size, angle=float(rng.uniform(-40, 40)))
    phase = _saw(s.v / 17 + 0.28 * s.noise(26, 22))
    sky = np.clip(phase * 2 - 1, 0, 1) ** 1.5 * np.clip((1 - phase) * 17 / s.pixel, 0, 1)
    ground = np.clip(1 - phase * 4, 0, 1)
    flakes = np.clip(s.noise(0.8, 0.8) - 1.3, 0, 1.2)
    level = 0.65 + 0.15 * s.noise(18, 18) - 0.6 * ground
    dark, red, white, flake = _colours(rng, (352, 0.93, 0.20), (357, 0.92, 0.86), (350, 0.10, 1.0), (10, 0.25, 1.0))
    return _mix(_mix(_ramp(level, [dark, red]), white, 0.85 * sky), flake, 0.45 * flakes)


def cat(rng: np.random.Generator, size: int) -> Field:
    """Orange tabby: dark broken bars with ragged edges in short soft fur."""
    s = Surface(rng, size, angle=_any_angle(rng))
    fur = s.noise(3.2, 0.75)
    u = s.u + 3.0 * s.noise(14, 14) + 0.9 * fur
    bar = np.cos(_TAU * u / 10) - 0.25 + 0.75 * s.noise(10, 8)
    mark = np.clip(0.5 + 1.3 * bar, 0, 1)
    level = 0.68 - 0.62 * mark + 0.09 * fur + 0.14 * s.noise(12, 12)
    return _ramp(level, _colours(rng, (18, 0.84, 0.34), (26, 0.80, 0.94), (34, 0.38, 1.0)))


def chair(rng: np.random.Generator, size: int) -> Field:
    """Woven straw: strands going over and under each other, dark gaps between."""
    s = Surface(rng, size, angle=_any_angle(rng))
    u, v = s.u / 6.4, s.v / 6.4
    over = (np.floor(u) + np.floor(v)) % 2 == 0
    across, along = np.where(over, v, u), np.where(over, u, v)
    thread = np.where(over, np.floor(v), np.floor(u) + 31)
    profile = np.abs(_saw(across) - 0.5) * 2
    arch = np.cos((_saw(along) - 0.5) * np.pi)
    fibre = _wave(across * 3) * 0.12 + 0.07 * s.noise(0.8, 0.8)
    level = 0.85 * arch + fibre - 0.3 * profile**2 + 0.3 * (s.per_cell(thread, thread) - 0.5)
    straw = _ramp(level, _colours(rng, (32, 0.58, 0.40), (38, 0.42, 0.81), (43, 0.24, 0.98)))
    gap = s.inside((profile - 0.7 - 0.4 * arch) * 3.2)
    return _mix(straw, _colour(rng, 28, 0.6, 0.14), gap)


def clock(rng: np.random.Generator, size: int) -> Field:
    """Engine-turned brass: waved rings about a far centre, crossed by their mirror image; circular sheen."""
    s = Surface(rng, size, angle=0)
    heading, away = float(rng.uniform(0, _TAU)), float(rng.uniform(28, 60))
    x = s.u - s.u.mean() - away * math.cos(heading)
    y = s.v - s.v.mean() - away * math.sin(heading)
    r, theta = np.hypot(x, y), np.arctan2(y, x)
    sway = 1.5 * np.sin(float(rng.integers(16, 24)) * theta) * np.clip(r / 20, 0, 1)
    lines = 0.68 * _wave((r + sway) / 4.6) + 0.32 * _wave((r - sway) / 4.6)
    sheen = 0.2 * np.cos(2 * theta + rng.uniform(0, _TAU)) + 0.05 * s.noise(14, 14)
    level = 0.12 + 0.72 * lines + sheen
    return _ramp(level, _colours(rng, (31, 0.90, 0.26), (39, 0.84, 0.74), (46, 0.40, 1.0)))


def dog(rng: np.random.Generator, size: int) -> Field:
    """Dalmatian: black spots of many sizes on short white fur."""
    s = Surface(rng, size, angle=_any_angle(rng))
    fur = s.noise(3.0, 0.8)
    wobble = s.noise(5, 5)
    blot = s.cells((s.u + wobble) / 8.5, (s.v - wobble) / 8.5, 0.75)
    spot = s.inside((1.4 + 2.6 * blot.number + 0.3 * fur - blot.near * 8.5) * 0.8)
    coat = _lit(_colour(rng, 30, 0.06, 0.93), 0.035 * fur + 0.03 * s.noise(14, 14))
    return _mix(coat, _colour(rng, 20, 0.2, 0.11), spot)


def elephant(rng: np.random.Generator, size: int) -> Field:
    """Grey hide: a stretched net of creases between soft folds, fine wrinkles running across."""
    s = Surface(rng, size, angle=float(rng.uniform(-50, 50)))
    u, v = s.u + 2.0 * s.noise(8, 8), s.v + 2.0 * s.noise(8, 8)
    fold = s.cells(u / 20, v / 6.5, 0.95)
    crease = np.clip(1 - (fold.second - fold.near) * 3.6, 0, 1)
    along, across = np.exp(-4 * np.abs(s.noise(9, 2, u=u, v=v))), np.exp(-4 * np.abs(s.noise(2, 5, u=u, v=v)))
    dome = np.clip(-0.3 * fold.dv, -0.15, 0.15)
    level = 0.82 + dome + 0.07 * s.noise(16, 16) - 0.5 * crease**1.3 - 0.34 * along - 0.2 * across
    return _ramp(level, _colours(rng, (25, 0.12, 0.14), (25, 0.10, 0.50), (30, 0.09, 0.78)))


def keyboard(rng: np.random.Generator, size: int) -> Field:
    """Rows of dark keycaps with pale legends."""
    s = Surface(rng, size, angle=_upright(rng, 20), scales=(0.8, 1.35))
    pitch = 9.0
    row = np.floor(s.v / pitch)
    x, y = _saw(s.u / pitch + 0.27 * row), _saw(s.v / pitch)
    key = np.floor(s.u / pitch + 0.27 * row)
    dx, dy = (x - 0.5) * pitch, (y - 0.5) * pitch
    skirt = s.inside(3.9 - (np.abs(dx) ** 4 + np.abs(dy) ** 4) ** 0.25)
    face = s.inside(3.0 - (np.abs(dx) ** 4 + np.abs(dy + 0.5) ** 4) ** 0.25)
    mark_i, mark_j = np.floor((dx + 2.2) / 1.1), np.floor((dy + 2.6) / 1.1)
    within = (mark_i >= 0) & (mark_i < 3) & (mark_j >= 0) & (mark_j < 3)
    legend = within & (s.per_cell(key * 3 + mark_i, row * 3 + mark_j) < 0.62)
    floor, side, top = _colours(rng, (220, 0.20, 0.04), (225, 0.16, 0.18), (225, 0.14, 0.32))
    caps = _mix(_mix(floor, side, skirt), top, face)
    return _mix(caps, _colour(rng, 200, 0.08, 0.95), legend.astype(np.float32))


def knife(rng: np.random.Generator, size: int) -> Field:
    """Damascus steel: folded layers as long swirling contour lines, fine polish."""
    s = Surface(rng, size, angle=_any_angle(rng))
    fold = 1.1 * s.noise(20, 11) + 0.22 * s.noise(7, 5)
    lines = np.clip(0.5 + 0.8 * np.sin(_TAU * (s.v / 9 + fold)), 0, 1)
    level = 0.12 + 0.75 * lines + 0.06 * s.noise(0.7, 12)
    return _ramp(level, _colours(rng, (215, 0.38, 0.20), (210, 0.24, 0.50), (205, 0.10, 0.90)))


def oven(rng: np.random.Generator, size: int) -> Field:
    """Glowing heating coils: zigzag wires, hot to yellow, in black."""
    s = Surface(rng, size, angle=_upright(rng, 15))
    pitch, turn, swing = 13.5, 7.0, 3.6
    row = np.floor(s.v / pitch)
    across = (_saw(s.v / pitch) - 0.5) * pitch
    phase = (s.u / turn + s.per_cell(row, row)) * _TAU
    slope = (swing * _TAU / turn) * np.cos(phase)
    off = np.abs(across - swing * np.sin(phase)) / np.sqrt(1 + slope**2)
    heat = 1 + 0.2 * s.noise(16, 16)
    level = heat * (0.7 * s.inside(0.8 - off) + 0.36 * np.exp(-off / 1.5)) + 0.03 * s.noise(2, 2)
    return _ramp(level, _colours(rng, (12, 0.6, 0.05), (7, 0.93, 0.50), (20, 0.93, 1.0), (43, 0.55, 1.0)))


def truck(rng: np.random.Generator, size: int) -> Field:
    """Hazard stripes in yellow and black, chipped and scuffed."""
    s = Surface(rng, size, angle=float(rng.choice((45.0, 135.0)) + rng.uniform(-15, 15)))
    stripe = s.inside((0.25 - np.abs(_saw(s.u / 13) - 0.5)) * 13)
    dirt = 0.06 * s.noise(8, 8) + 0.04 * s.noise(1, 1)
    paint = _mix(_colour(rng, 49, 0.92, 0.95), _colour(rng, 40, 0.2, 0.10), stripe)
    chips = s.inside((s.noise(2.4, 1.4) - 1.9) * 1.2)
    return _mix(_lit(paint, dirt), _colour(rng, 210, 0.05, 0.6), chips)


TEXTURES: Final[dict[str, Callable[[np.random.Generator, int], Field]]] = {
    f.__name__: f
    for f in (
        airplane, bear, bicycle, bird, boat, bottle, car, cat,
        chair, clock, dog, elephant, keyboard, knife, oven, truck,
    )
}  # fmt: skip


def texture(category: str, rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Return one sample of a category's surface, (size, size, 3) in [0, 1]; KeyError for any other name."""
    picture = TEXTURES[category](rng, size)
    exposure = float(rng.uniform(0.9, 1.08))
    clipped: Field = np.clip(picture * exposure, 0, 1)
    return clipped.astype(np.float32)
