"""The twelve parametric distortions of the model-vs-human data sets, each a pure function of image, level, generator.

They follow the reference implementation of Geirhos et al. 2018 ("Generalisation in humans and deep neural networks",
NeurIPS 31) and its conventions: an image is (H, W, 3) or grey (H, W) in [0, 1]; everything but the control of `colour`
and `false-colour` is greyscale; a deviation, reach or grain in pixels refers to a picture 224 px wide.
"""

from __future__ import annotations

from reconstrue.stimuli.distortions.fourier import mean_spectrum
from reconstrue.stimuli.distortions.kinds import DISTORTIONS, Distortion, distort

__all__ = ["DISTORTIONS", "Distortion", "distort", "mean_spectrum"]
