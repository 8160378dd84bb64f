r"""The diffusion classifier: Eq. 1 and 2 of "Intriguing properties of generative classifiers" (Jaini et al. 2024).

.. math:: \tilde y = \arg\max_k \log p_θ(x | y_k)
          ≈ \arg\min_k E_{ε, t}\big[ w_t \|x - \hat x_θ(x_t, y_k, t)\|^2 \big],
          \qquad x_t = α_t x + σ_t ε

with a uniform prior over the labels. All labels of an image share each (t, ε).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np
import torch
from numpy.typing import NDArray

from reconstrue.classifiers.base import Classifier, Scores, checked_labels
from reconstrue.classifiers.generative.denoiser import Conditioning, Denoiser
from reconstrue.classifiers.generative.evidence import Evidence, Policy, draw_noise, draw_times
from reconstrue.classifiers.generative.schedule import Weighting, as_tensor, clean_estimate, error_factor, target
from reconstrue.classifiers.pictures import to_square
from reconstrue.classifiers.prompts import DEFAULT_TEMPLATE, prompt
from reconstrue.errors import UserError
from reconstrue.stimuli.stimulus_set import Stimulus

# How many draws of one image are noised ahead of the network, where the policy does not look in between.
_LOOK_AHEAD = 4


@dataclass
class _Race:
    """The state of one image while its labels race."""

    image_id: str
    x: torch.Tensor
    live: NDArray[np.bool_]
    t: list[float] = field(default_factory=list)
    x_error: list[NDArray[np.float64]] = field(default_factory=list)
    eliminated_at: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    next_check: int = 0


class _Query(NamedTuple):
    """One network evaluation: a label of a race under one of its draws; `slot` is where the noised image lies."""

    race: _Race
    draw: int
    label: int
    slot: int


@final
class DiffusionClassifier(Classifier):
    """Classifies by which prompt's reconstruction is nearest to the image, on average over noise.

    Args:
        denoiser: the network, in its own space.
        name: the observer's name.
        policy: what to draw and when to stop.
        weighting: w_t and its error space.
        template: the prompt, with ``{label}``.
        seed: noise is a function of (seed, image id, draw).
        batch_size: rows (image × draw × label) per forward.
        identity: facts of the weights that enter the settings (card, hash, dtype).
    """

    def __init__(
        self,
        denoiser: Denoiser,
        *,
        name: str,
        policy: Policy,
        weighting: Weighting,
        template: str = DEFAULT_TEMPLATE,
        seed: int = 0,
        batch_size: int = 64,
        identity: dict[str, object] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.denoiser = denoiser
        self.name = name
        self.model_type = "zero-shot"
        self.resolution = denoiser.resolution
        self.policy = policy
        self.weighting = weighting
        self.template = template
        self.seed = seed
        self.batch_size = batch_size
        self._identity = dict(identity or {})
        self._conditioning: tuple[tuple[str, ...], Conditioning] | None = None

    def settings(self) -> dict[str, object]:
        return {
            **self._identity,
            "kind": "diffusion",
            "prompt": self.template,
            "weighting": self.weighting.name,
            "error_space": self.weighting.space,
            "prediction": self.denoiser.prediction,
            "seed": self.seed,
            **self.policy.settings(),
        }

    @torch.inference_mode()
    def score(self, stimuli: Sequence[Stimulus], labels: Sequence[str]) -> Scores:
        names = checked_labels(labels)
        conditioning = self._told(tuple(prompt(label, self.template) for label in names))
        pictures = torch.stack([to_square(s.read(), self.resolution) for s in stimuli])
        x = torch.cat(
            [self.denoiser.encode(part.to(self.denoiser.device)) for part in torch.split(pictures, self.batch_size)]
        )
        races = [
            _Race(
                s.image_id,
                x[i].float().cpu(),
                np.ones(len(names), dtype=bool),
                eliminated_at=np.full(len(names), -1, dtype=np.int64),
                next_check=self.policy.next_check(0),
            )
            for i, s in enumerate(stimuli)
        ]
        running = list(races)
        while running:
            self._advance(running, conditioning)
            running = [race for race in running if self._goes_on(race)]
        evidence = tuple(self._finished(race) for race in races)
        return Scores(
            labels=names,
            log_evidence=np.stack([e.log_evidence() for e in evidence]),
            posterior=np.stack([e.posterior() for e in evidence]),
            evaluations=np.array([e.evaluations for e in evidence], dtype=np.int64),
            evidence=evidence,
        )

    def _told(self, prompts: tuple[str, ...]) -> Conditioning:
        """Return the prompts' conditioning, encoded once for all images of a run."""
        if self._conditioning is None or self._conditioning[0] != prompts:
            told = self.denoiser.condition(prompts)
            _refuse_twins(self.name, prompts, told)
            self._conditioning = (prompts, told)
        return self._conditioning[1]

    def _advance(self, races: list[_Race], conditioning: Conditioning) -> None:
        """Give every race its next draws, packed into batches over images × draws × live labels."""
        schedule, prediction = self.denoiser.schedule, self.denoiser.prediction
        queries: list[_Query] = []
        noised: list[torch.Tensor] = []
        wanted: list[torch.Tensor] = []
        times: list[float] = []
        for race in races:
            start = len(race.t)
            stop = max(start + 1, min(race.next_check, start + _LOOK_AHEAD))
            race.t += schedule.snap(draw_times(self.seed, race.image_id, start, stop)).tolist()
            race.x_error += [np.full(len(race.live), np.nan) for _ in range(start, stop)]
            for draw in range(start, stop):
                queries += [_Query(race, draw, int(label), len(noised)) for label in np.flatnonzero(race.live)]
                eps = torch.from_numpy(draw_noise(self.seed, race.image_id, draw, tuple(race.x.shape)))[None]
                alpha, sigma = (as_tensor(v, eps) for v in schedule.alpha_sigma(np.array(race.t[draw : draw + 1])))
                noised.append(alpha * race.x + sigma * eps)
                wanted.append(target(prediction, race.x[None], eps, alpha, sigma))
                times.append(race.t[draw])
        device = self.denoiser.device
        for begin in range(0, len(queries), self.batch_size):
            part = queries[begin : begin + self.batch_size]
            t = np.array([times[q.slot] for q in part])
            told = conditioning.rows(torch.tensor([q.label for q in part], device=device))
            x_t = torch.cat([noised[q.slot] for q in part]).to(device)
            answer = self.denoiser.predict(x_t, schedule.timesteps(t), told)
            x_error = self._x_error(answer.float(), x_t, torch.cat([wanted[q.slot] for q in part]).to(device), t)
            for query, error in zip(part, x_error, strict=True):
                query.race.x_error[query.draw][query.label] = error

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
            raise UserError(
                f"{self.name}: its answer at t = {t[~np.isfinite(error)][0]:.3f} is not a number; "
                "try --dtype float32 or bfloat16"
            )
        return error

    def _goes_on(self, race: _Race) -> bool:
        """Ask the policy where it is due, and return whether the race needs more draws."""
        draws = len(race.t)
        if draws >= race.next_check:
            scores = -self._weights(race)[:, None] * np.stack(race.x_error)
            after = self.policy.survivors(scores, race.live)
            race.eliminated_at[race.live & ~after] = draws
            race.live = after
            race.next_check = self.policy.next_check(draws)
        return draws < self.policy.max_draws and int(race.live.sum()) > 1

    def _weights(self, race: _Race) -> NDArray[np.float64]:
        return self.weighting.on_x_error(self.denoiser.schedule, np.array(race.t))

    def _finished(self, race: _Race) -> Evidence:
        return Evidence(
            t=np.array(race.t),
            log_snr=np.log(self.denoiser.schedule.snr(np.array(race.t))),
            x_error=np.stack(race.x_error),
            weight=self._weights(race),
            eliminated_at=race.eliminated_at,
            budget_ended=int(race.live.sum()) > 1,
        )


def _refuse_twins(name: str, prompts: tuple[str, ...], told: Conditioning) -> None:
    """Raise UserError where the text encoder reads two prompts alike, so that the network cannot tell them apart."""
    seen: dict[bytes, str] = {}
    for i, text in enumerate(prompts):
        row = b"".join(tensor[i].float().cpu().numpy().tobytes() for tensor in told.tensors.values())
        if row in seen:
            raise UserError(
                f"{name} reads '{seen[row]}' and '{text}' alike (words it does not know?); use other labels"
            )
        seen[row] = text
