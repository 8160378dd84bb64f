r"""The diffusion classifier: Eq. 1 and 2 of "Intriguing properties of generative classifiers" (Jaini et al. 2024).

.. math:: \tilde y = \arg\max_k \log p_θ(x | y_k)
          ≈ \arg\min_k E_{ε, t}\big[ w_t \|x - \hat x_θ(x_t, y_k, t)\|^2 \big],
          \qquad x_t = α_t x + σ_t ε

with a uniform prior over the labels. All labels of an image share each (t, ε). Several prompts of one label share them too,
and their errors are averaged: the mean log-likelihood, not the mean likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from reconstrue.classifiers.cards import MODEL_TYPES
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.policies import Policy
from reconstrue.classifiers.generative.race import Ask, Question, Race, RacingClassifier
from reconstrue.classifiers.generative.schedule import Weighting, as_tensor, clean_estimate, error_factor, target
from reconstrue.classifiers.pictures import to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE
from reconstrue.classifiers.told import Conditioning, Teller
from reconstrue.classifiers.vocabulary import vocabulary_of
from reconstrue.errors import NotANumberError
from reconstrue.stimuli.stimulus_set import Stimulus


@final
class DiffusionClassifier(RacingClassifier):
    """Classifies by which prompt's reconstruction is nearest to the image, on average over noise.

    Args:
        denoiser: the network, in its own space.
        name: the observer's name.
        policy: what to draw and when to stop.
        weighting: w_t and its error space.
        templates: the prompts, with ``{label}``; the errors under several are averaged.
        seed: noise is a function of (seed, image id, draw).
        batch_size: rows (image × draw × label × prompt) per forward.
        identity: facts of the weights that enter the settings (card, hash, dtype).
    """

    def __init__(
        self,
        denoiser: Denoiser,
        *,
        name: str,
        policy: Policy,
        weighting: Weighting,
        templates: Sequence[str] = (DEFAULT_TEMPLATE,),
        seed: int = 0,
        batch_size: int = 64,
        identity: dict[str, object] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.denoiser = denoiser
        self.name = name
        self.model_type = MODEL_TYPES["diffusion"]
        self.resolution = denoiser.resolution
        self.policy = policy
        self.weighting = weighting
        self.templates = tuple(templates)
        self.vocabulary = vocabulary_of(denoiser.tokenizer)
        self._teller = Teller(name, denoiser.condition, templates)
        self.seed = seed
        self.batch_size = batch_size
        self._identity = dict(identity or {})

    def settings(self) -> dict[str, object]:
        return {
            **self._identity,
            "kind": "diffusion",
            "prompts": list(self.templates),
            "weighting": self.weighting.name,
            "error_space": self.weighting.space,
            "prediction": self.denoiser.prediction,
            "interpolation": self.denoiser.interpolation,
            "seed": self.seed,
            **self.policy.settings(),
        }

    def _race(self) -> Race:
        schedule = self.denoiser.schedule
        return Race(
            policy=self.policy,
            seed=self.seed,
            snap=schedule.snap,
            weight=lambda t: self.weighting.on_x_error(schedule, t),
            log_snr=lambda t: np.log(schedule.snr(t)),
            cost=len(self.templates),
        )

    def _asker(self, stimuli: Sequence[Stimulus], names: Sequence[str]) -> Ask:
        """Return what answers questions about these pictures and labels."""
        told = self._teller.told(names)
        pictures = torch.stack([to_square(s.read(), self.resolution, self.denoiser.interpolation) for s in stimuli])
        x = torch.cat(
            [
                self.denoiser.encode(part.to(self.denoiser.device)).float().cpu()
                for part in torch.split(pictures, self.batch_size)
            ]
        )
        ids = [s.image_id for s in stimuli]
        return lambda questions: self._answers(questions, x, ids, told)

    def _answers(
        self, questions: Sequence[Question], x: torch.Tensor, ids: Sequence[str], told: Conditioning
    ) -> NDArray[np.float64]:
        """Return ‖x − x̂‖² for each question, in batches over images × draws × labels × prompts."""
        rows = [(q, p) for q in questions for p in range(len(self.templates))]
        t = np.array([q.t for q, _ in rows])
        x_t, wanted, draw_of = self._noised(questions, x, ids)
        slots = torch.tensor([draw_of[q.image, q.draw] for q, _ in rows], device=x_t.device)
        errors = []
        for begin in range(0, len(rows), self.batch_size):
            batch = slice(begin, begin + self.batch_size)
            shown = x_t[slots[batch]]
            answer = self.denoiser.predict(
                shown,
                self.denoiser.schedule.timesteps(t[batch]),
                self._teller.rows(told, [(q.label, p) for q, p in rows[batch]]),
            )
            errors.append(self._squared(answer.float(), shown, wanted[slots[batch]], t[batch]))
        # Only here does the processor wait for the device.
        error = self._on_x(torch.cat(errors).cpu().double().numpy(), t)
        return np.asarray(error.reshape(len(questions), -1).mean(axis=1))

    def _noised(
        self, questions: Sequence[Question], x: torch.Tensor, ids: Sequence[str]
    ) -> tuple[torch.Tensor, torch.Tensor, dict[tuple[int, int], int]]:
        """Return x_t of each (image, draw), what a perfect network would answer to it, and where which of them stands."""
        asked = list(dict.fromkeys((q.image, q.draw, q.t) for q in questions))
        shape = tuple(x.shape[1:])
        noise = np.stack([draw_noise(self.seed, ids[image], draw, shape) for image, draw, _ in asked])
        eps, clean = torch.from_numpy(noise), x[[image for image, _, _ in asked]]
        levels = self.denoiser.schedule.alpha_sigma(np.array([t for _, _, t in asked]))
        alpha, sigma = (as_tensor(v, eps) for v in levels)
        wanted = target(self.denoiser.prediction, clean, eps, alpha, sigma)
        device = self.denoiser.device
        return (
            (alpha * clean + sigma * eps).to(device),
            wanted.to(device),
            {(image, draw): place for place, (image, draw, _) in enumerate(asked)},
        )

    def _squared(
        self, answer: torch.Tensor, x_t: torch.Tensor, wanted: torch.Tensor, t: NDArray[np.float64]
    ) -> torch.Tensor:
        """Return the summed squared error of each row: in the network's own space, or of the clipped x̂."""
        limit = self.denoiser.x_limit
        if limit is None:
            # In the network's own space nothing cancels.
            return (wanted - answer).square().flatten(1).sum(dim=1)
        # Without the clipping a tiny error of ε̂ is a giant one of x̂ where there is almost no signal: on a cosine
        # schedule the last step alone would outweigh all others.
        alpha, sigma = (as_tensor(v, x_t) for v in self.denoiser.schedule.alpha_sigma(t))
        prediction = self.denoiser.prediction
        x_hat, x = (clean_estimate(prediction, v, x_t, alpha, sigma).clamp(-limit, limit) for v in (answer, wanted))
        return (x - x_hat).square().flatten(1).sum(dim=1)

    def _on_x(self, squared: NDArray[np.float64], t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the errors as errors of x; raises NotANumberError where the network's answer was not a number."""
        levels = self.denoiser.schedule.alpha_sigma(t)
        error = (
            squared if self.denoiser.x_limit is not None else squared / error_factor(self.denoiser.prediction, *levels)
        )
        if not np.isfinite(error).all():
            raise NotANumberError(
                f"{self.name}: its answer at t = {t[~np.isfinite(error)][0]:.3f} is not a number; "
                "try --dtype float32 or bfloat16"
            )
        return error
