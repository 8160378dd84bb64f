r"""Which spatial frequencies of an image speak for which label: the diffusion classifier's evidence, split by octaves.

By Parseval's theorem the error of a reconstruction is a sum over frequencies,

.. math:: \|x - \hat x_k\|^2 = \frac{1}{hw} \sum_{f} \big|\mathrm{FFT}(x - \hat x_k)_f\|^2

and so a sum over octaves of cycles per image. Each label's error in one octave is evidence like the whole: the labels
share image, t and ε. In latent space the frequencies are those of the latents' grid, which the VAE's cells make coarse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from reconstrue.classifiers.base import checked_labels
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.schedule import as_tensor, clean_estimate, error_factor, target
from reconstrue.classifiers.pictures import to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE
from reconstrue.classifiers.told import Conditioning, Teller
from reconstrue.errors import NotANumberError
from reconstrue.stimuli.distortions.band_noise import octave_centres, octave_of
from reconstrue.stimuli.stimulus_set import Stimulus

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BandErrors:
    """What each label got wrong in each octave.

    Attributes:
        labels: the k labels.
        image_ids: of the n images.
        t: (levels,) the noise times, as the schedule knows them.
        log_snr: (levels,) log(α² / σ²) at t.
        centres: (bands,) of the octaves in cycles per image; 0 is the mean.
        error: (n, levels, bands, k) ‖x − x̂‖² within the octave, summed over channels, averaged over draws and prompts;
            its sum over bands is the whole error.
    """

    labels: tuple[str, ...]
    image_ids: tuple[str, ...]
    t: Array
    log_snr: Array
    centres: Array
    error: Array


@torch.inference_mode()
def band_errors(
    denoiser: Denoiser,
    stimuli: Sequence[Stimulus],
    labels: Sequence[str],
    *,
    t: Sequence[float],
    draws: int,
    seed: int,
    templates: Sequence[str] = (DEFAULT_TEMPLATE,),
    batch_size: int = 64,
    name: str = "the model",
    tell: Callable[[int, int], None] | None = None,
) -> BandErrors:
    """Return every label's error in every octave, at each noise time.

    Args:
        denoiser: the network, in its own space.
        stimuli: the images.
        labels: what is chosen from.
        t: noise times in [0, 1]; snapped to those that the schedule knows.
        draws: of ε at each t, at least 1; draw j is the same ε at every t.
        seed: ε is a function of (seed, image id, draw).
        templates: the prompts, with ``{label}``.
        batch_size: rows (t × draw × label × prompt) per forward.
        name: the observer's, for messages.
        tell: given (images done, images in all).

    Raises:
        ValueError: no t, a t outside [0, 1], fewer than one draw, or no stimuli.
        UserError: labels that are no choice, or that the model reads alike.
        NotANumberError: the network's answer is not a finite number.
    """
    asked = np.asarray(t, dtype=np.float64)
    if not asked.size or asked.min() < 0 or asked.max() > 1:
        raise ValueError(f"t must be one or more numbers within [0, 1], got {list(t)}")
    if draws < 1 or not stimuli:
        raise ValueError(f"there must be a stimulus and a draw, got {len(stimuli)} and {draws}")
    names = checked_labels(labels)
    teller = Teller(name, denoiser.condition, templates)
    told = teller.told(names)
    # A label's prompts share all its noise; the mean over prompts and draws is taken at the end.
    prompts = [(k, p) for k in range(len(names)) for p in range(len(templates))]
    times = denoiser.schedule.snap(asked)
    place = octave_of(*denoiser.shape[1:])
    errors = []
    for done, stimulus in enumerate(stimuli):
        picture = to_square(stimulus.read(), denoiser.resolution, denoiser.interpolation)[None].to(denoiser.device)
        x = denoiser.encode(picture).float()
        noise = np.stack([draw_noise(seed, stimulus.image_id, j, tuple(x.shape[1:])) for j in range(draws)])
        eps = torch.from_numpy(noise).to(x.device)
        rows = [(i, j, asked_of) for i in range(len(times)) for j in range(draws) for asked_of in prompts]
        parts = []
        for begin in range(0, len(rows), batch_size):
            batch = rows[begin : begin + batch_size]
            wrong = residual(
                denoiser,
                x.expand(len(batch), -1, -1, -1),
                eps[[j for _, j, _ in batch]],
                times[[i for i, _, _ in batch]],
                teller.rows(told, [asked_of for _, _, asked_of in batch]),
            )
            parts.append(energy_by_band(wrong, place))
        energy = np.concatenate(parts)
        if not np.isfinite(energy).all():
            raise NotANumberError(
                f"{name}: its answer to {stimulus.image_id} is not a number; try --dtype float32 or bfloat16"
            )
        by = energy.reshape(len(times), draws, len(names), len(templates), -1)
        errors.append(np.moveaxis(by.mean(axis=(1, 3)), 1, 2))
        if tell is not None:
            tell(done + 1, len(stimuli))
    return BandErrors(
        labels=names,
        image_ids=tuple(s.image_id for s in stimuli),
        t=times,
        log_snr=np.log(denoiser.schedule.snr(times)),
        centres=np.array(octave_centres(*denoiser.shape[1:])),
        error=np.stack(errors),
    )


def residual(
    denoiser: Denoiser,
    x: Float[Tensor, "b c y x"],
    eps: Float[Tensor, "b c y x"],
    t: Array,
    told: Conditioning,
) -> Float[Tensor, "b c y x"]:
    """Return x − x̂ up to its sign for x_t = α x + σ ε, one row per t (b,); x̂ is clipped where the model's sampler clips."""
    levels = denoiser.schedule.alpha_sigma(t)
    alpha, sigma = (as_tensor(v, x) for v in levels)
    x_t = alpha * x + sigma * eps
    answer = denoiser.predict(x_t, denoiser.schedule.timesteps(t), told).float()
    wanted = target(denoiser.prediction, x, eps, alpha, sigma)
    limit = denoiser.x_limit
    if limit is None:
        # In the network's own space nothing cancels.
        return (wanted - answer) / as_tensor(np.sqrt(error_factor(denoiser.prediction, *levels)), x)
    clean, drawn = (
        clean_estimate(denoiser.prediction, v, x_t, alpha, sigma).clamp(-limit, limit) for v in (wanted, answer)
    )
    return clean - drawn


def energy_by_band(values: Float[Tensor, "b c y x"], place: NDArray[np.int64]) -> Array:
    """Return (b, bands) how much of ‖values‖² lies in each band of frequencies, summed over channels; the sum is ‖values‖².

    Args:
        values: real numbers on a grid.
        place: (y, x) the band of each bin of the FFT.
    """
    spectrum = np.fft.fft2(values.double().cpu().numpy(), norm="ortho")
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1).reshape(len(spectrum), -1)
    member = place.reshape(-1, 1) == np.arange(place.max() + 1)
    return np.asarray(power @ member)
