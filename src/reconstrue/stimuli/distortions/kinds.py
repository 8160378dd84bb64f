"""The twelve distortions by name: which levels each reads, what it needs, and the one door `distort`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import dataset as catalogued
from reconstrue.stimuli.distortions.eidolon import eidolon
from reconstrue.stimuli.distortions.filters import high_pass, low_pass
from reconstrue.stimuli.distortions.fourier import equalise_power, scramble_phases
from reconstrue.stimuli.distortions.opponent import false_colour
from reconstrue.stimuli.distortions.tone import contrast, to_bytes, to_grey, uniform_noise

# Levels in pixels refer to pictures of this width.
_WIDTH: Final = 224
_COHERENCE: Final = MappingProxyType({"eidolonI": "10", "eidolonII": "3", "eidolonIII": "0"})
_GRAIN: Final = 10.0


@dataclass(frozen=True)
class _Job:
    """One picture to distort and what may be needed for it."""

    picture: NDArray[np.uint8]
    generator: np.random.Generator
    spectrum: NDArray[np.floating] | None
    gamma: NDArray[np.floating] | None

    @property
    def grey(self) -> NDArray[np.float64]:
        return to_grey(self.picture / 255)

    @property
    def scale(self) -> float:
        return self.picture.shape[1] / _WIDTH


@dataclass(frozen=True)
class Distortion:
    """One parametric distortion.

    Attributes:
        name: of its data set, in the catalogue.
        levels: what a level can be, in words: the published labels and all between them.
        needs: which table it uses beside the picture: a mean amplitude ``spectrum``, a monitor's ``gamma``, or none.
        colour: whether colour survives (at some level); all others give greyscale.
        random: whether the result depends on the generator.
    """

    name: str
    levels: str
    needs: Literal["", "spectrum", "gamma"]
    colour: bool
    random: bool
    _apply: Callable[[_Job, str], NDArray[np.float64]] = field(repr=False)

    @property
    def published(self) -> tuple[str, ...]:
        """The levels of the published data set, normalised, the undistorted control first."""
        return catalogued(self.name).conditions


def distort(
    picture: NDArray[np.uint8],
    dataset: str,
    condition: str,
    generator: np.random.Generator,
    *,
    spectrum: NDArray[np.floating] | None = None,
    gamma: NDArray[np.floating] | None = None,
) -> NDArray[np.uint8]:
    """Return the picture as the data set would show it in a condition.

    >>> picture = np.full((2, 2, 3), 255, dtype=np.uint8)
    >>> distort(picture, "contrast", "c50", np.random.default_rng(0))[0, 0]
    array([191, 191, 191], dtype=uint8)

    Args:
        picture: (H, W, 3) uint8. Levels in pixels refer to a width of 224 and grow with it.
        dataset: one of `DISTORTIONS`.
        condition: a published label in any of its spellings, or another level of its kind (``12`` px of low-pass).
        generator: what is random comes from it; the same one gives the same picture.
        spectrum: mean amplitude spectrum for `power-equalisation`, (H, W), centred (`mean_spectrum`).
        gamma: 256 values of a monitor for `false-colour`; an sRGB monitor's where it is None.

    Returns:
        (H, W, 3) uint8; (W, H, 3) after a quarter turn.

    Raises:
        UserError: an unknown distortion, a level of another form or out of its range, or a missing or unfit table.
    """
    if dataset not in DISTORTIONS:
        catalogued(dataset)  # which knows the nearest names of one misspelled
        raise UserError(f"{dataset} is not made by a distortion: choose one of {', '.join(DISTORTIONS)}")
    return to_bytes(DISTORTIONS[dataset]._apply(_Job(picture, generator, spectrum, gamma), condition.strip().lower()))


def _level(name: str, text: str, low: float, high: float) -> float:
    """Read a number between two ends; raise UserError, naming what a level can be, for anything else."""
    level = _number(text)
    if not low <= level <= high:
        raise _refusal(name, text)
    return level


def _number(text: str) -> float:
    """Read a number; what is none is NaN, which lies in no range."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _refusal(name: str, text: str) -> UserError:
    return UserError(f"--level {text!r} of {name}: it must be {DISTORTIONS[name].levels}")


def _colour(job: _Job, text: str) -> NDArray[np.float64]:
    if text not in ("cr", "bw"):
        raise _refusal("colour", text)
    return job.picture / 255 if text == "cr" else job.grey


def _contrast(job: _Job, text: str) -> NDArray[np.float64]:
    return contrast(job.grey, _level("contrast", text.removeprefix("c"), 0, 100) / 100)


def _high_pass(job: _Job, text: str) -> NDArray[np.float64]:
    std = _level("high-pass", text, 0.1, math.inf)
    return high_pass(job.grey, std * job.scale, continuous=_continuous(std, job))


def _low_pass(job: _Job, text: str) -> NDArray[np.float64]:
    std = _level("low-pass", text, 0, _WIDTH)
    return low_pass(job.grey, std * job.scale, continuous=_continuous(std, job))


def _continuous(std: float, job: _Job) -> bool:
    # On the published width the sampled kernel is the reference; on a narrower one it would filter nothing.
    return job.scale < 1 and std * job.scale < 1


def _phases(job: _Job, text: str) -> NDArray[np.float64]:
    return scramble_phases(job.grey, _level("phase-scrambling", text, 0, 180), job.generator)


def _power(job: _Job, text: str) -> NDArray[np.float64]:
    if text not in ("0", "pow"):
        raise _refusal("power-equalisation", text)
    if text == "0":
        return job.grey
    if job.spectrum is None:
        raise UserError(
            "power-equalisation needs the mean amplitude spectrum of pictures: give it with --spectrum FILE.npy"
        )
    return equalise_power(job.grey, np.asarray(job.spectrum, dtype=np.float64))


def _false_colour(job: _Job, text: str) -> NDArray[np.float64]:
    if text not in ("true", "false"):
        raise _refusal("false-colour", text)
    return job.picture / 255 if text == "true" else false_colour(job.picture, job.gamma)


def _rotation(job: _Job, text: str) -> NDArray[np.float64]:
    if text not in ("0", "90", "180", "270"):
        raise _refusal("rotation", text)
    return np.rot90(job.grey, int(text) // 90)


def _uniform_noise(job: _Job, text: str) -> NDArray[np.float64]:
    return uniform_noise(job.grey, _level("uniform-noise", text, 0, 1), job.generator)


def _eidolon(name: str) -> Callable[[_Job, str], NDArray[np.float64]]:
    """Return the distortion of one of the three sets, which fix the coherence in tenths."""
    tenths = _COHERENCE[name]

    def apply(job: _Job, text: str) -> NDArray[np.float64]:
        parts = text.split("-")
        if len(parts) not in (1, 3) or (len(parts) == 3 and parts[1] != tenths):
            raise _refusal(name, text)
        reach, grain = _number(parts[0]), _number(parts[2]) if len(parts) == 3 else _GRAIN
        if not (0 <= reach <= _WIDTH and 1 <= grain <= _WIDTH):
            raise _refusal(name, text)
        return eidolon(job.grey, reach, int(tenths) / 10, grain, job.generator)

    return apply


def _eidolon_levels(name: str) -> str:
    return (
        f"a reach in pixels of a picture 224 px wide, 0 to 224 (8), or REACH-{_COHERENCE[name]}-GRAIN "
        f"with a grain of 1 to 224 (8-{_COHERENCE[name]}-10)"
    )


_PIXELS: Final = "a standard deviation in pixels of a picture 224 px wide"

DISTORTIONS: Final[Mapping[str, Distortion]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Distortion("colour", "cr (colour) or bw (greyscale)", "", True, False, _colour),
            Distortion("contrast", "a percentage, 0 to 100 (c15 or 15)", "", False, False, _contrast),
            Distortion("high-pass", f"{_PIXELS}, 0.1 and more, or inf (untouched)", "", False, False, _high_pass),
            Distortion("low-pass", f"{_PIXELS}, 0 (untouched) to 224", "", False, False, _low_pass),
            Distortion("phase-scrambling", "a width in degrees, 0 to 180", "", False, True, _phases),
            Distortion("power-equalisation", "0 (untouched) or pow (equalised)", "spectrum", False, False, _power),
            Distortion("false-colour", "true (untouched) or false (opponent)", "gamma", True, False, _false_colour),
            Distortion("rotation", "0, 90, 180 or 270 degrees, counter-clockwise", "", False, False, _rotation),
            *(
                Distortion(name, _eidolon_levels(name), "", False, True, _eidolon(name))
                for name in ("eidolonI", "eidolonII", "eidolonIII")
            ),
            Distortion("uniform-noise", "a width, 0 to 1 of the range of grey", "", False, True, _uniform_noise),
        )
    }
)
