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

from reconstrue.classifiers.base import Classifier, Scores, checked_labels
from reconstrue.classifiers.cards import MODEL_TYPES
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.policies import Policy
from reconstrue.classifiers.generative.race import Question, Race
from reconstrue.classifiers.generative.schedule import Weighting, as_tensor, clean_estimate, error_factor, target
from reconstrue.classifiers.pictures import to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE
from reconstrue.classifiers.told import Conditioning, Teller
from reconstrue.errors import NotANumberError
from reconstrue.stimuli.stimulus_set import Stimulus


@final
class DiffusionClassifier(Classifier):
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

    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = checked_labels(labels)
        told = self._teller.told(names)
        pictures = torch.stack([to_square(s.read(), self.resolution, self.denoiser.interpolation) for s in stimuli])
        x = torch.cat(
            [
                self.denoiser.encode(part.to(self.denoiser.device)).float().cpu()
                for part in torch.split(pictures, self.batch_size)
            ]
        )
        ids = [s.image_id for s in stimuli]
        schedule = self.denoiser.schedule
        race = Race(
            policy=self.policy,
            seed=self.seed,
            snap=schedule.snap,
            weight=lambda t: self.weighting.on_x_error(schedule, t),
            log_snr=lambda t: np.log(schedule.snr(t)),
            cost=len(self.templates),
        )
        evidence = race.run(ids, len(names), lambda questions: self._answers(questions, x, ids, told))
        return Scores(
            labels=names,
            log_evidence=np.stack([e.log_evidence() for e in evidence]),
            posterior=np.stack([e.posterior() for e in evidence]),
            evaluations=np.array([e.evaluations for e in evidence], dtype=np.int64),
            evidence=evidence,
        )

    def _answers(
        self, questions: Sequence[Question], x: torch.Tensor, ids: Sequence[str], told: Conditioning
    ) -> NDArray[np.float64]:
        """Return ‖x − x̂‖² for each question, in batches over images × draws × labels × prompts."""
        schedule, prediction = self.denoiser.schedule, self.denoiser.prediction
        slots: dict[tuple[int, int], int] = {}
        noised: list[torch.Tensor] = []
        wanted: list[torch.Tensor] = []
        for question in questions:
            if (question.image, question.draw) in slots:
                continue
            slots[question.image, question.draw] = len(noised)
            one = x[question.image][None]
            eps = torch.from_numpy(draw_noise(self.seed, ids[question.image], question.draw, tuple(one.shape[1:])))[
                None
            ]
            alpha, sigma = (as_tensor(v, eps) for v in schedule.alpha_sigma(np.array([question.t])))
            noised.append(alpha * one + sigma * eps)
            wanted.append(target(prediction, one, eps, alpha, sigma))
        rows = [(q, p) for q in questions for p in range(len(self.templates))]
        errors: list[NDArray[np.float64]] = []
        device = self.denoiser.device
        for begin in range(0, len(rows), self.batch_size):
            part = rows[begin : begin + self.batch_size]
            slot = [slots[q.image, q.draw] for q, _ in part]
            t = np.array([q.t for q, _ in part])
            x_t = torch.cat([noised[i] for i in slot]).to(device)
            answer = self.denoiser.predict(
                x_t, schedule.timesteps(t), self._teller.rows(told, [(q.label, p) for q, p in part])
            )
            errors.append(self._x_error(answer.float(), x_t, torch.cat([wanted[i] for i in slot]).to(device), t))
        return np.asarray(np.concatenate(errors).reshape(len(questions), -1).mean(axis=1))

    def _x_error(
        self, answer: torch.Tensor, x_t: torch.Tensor, wanted: torch.Tensor, t: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return ‖x − x̂‖² of each row, summed; `wanted` is what a perfect network would have answered."""
        prediction, levels = self.denoiser.prediction, self.denoiser.schedule.alpha_sigma(t)
        limit = self.denoiser.x_limit
        if limit is None:
            # Summed in the network's own space, where nothing cancels, then turned into the x-error by its factor.
            native = (wanted - answer).square().flatten(1).sum(dim=1).double().cpu().numpy()
            error = native / error_factor(prediction, *levels)
        else:
            # Without the clipping a tiny error of ε̂ is a giant one of x̂ where there is almost no signal: on a cosine
            # schedule the last step alone would outweigh all others.
            alpha, sigma = (as_tensor(v, x_t) for v in levels)
            x_hat, x = (clean_estimate(prediction, v, x_t, alpha, sigma).clamp(-limit, limit) for v in (answer, wanted))
            error = (x - x_hat).square().flatten(1).sum(dim=1).double().cpu().numpy()
        if not np.isfinite(error).all():
            raise NotANumberError(
                f"{self.name}: its answer at t = {t[~np.isfinite(error)][0]:.3f} is not a number; "
                "try --dtype float32 or bfloat16"
            )
        return error
