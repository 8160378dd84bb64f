"""How a classifier is run: one frozen record, checked where it is made into objects."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from reconstrue.classifiers.generative.policies import FixedGrid, PairedTTest, Policy, SafeLeader, TwoStage
from reconstrue.classifiers.generative.schedule import WEIGHTINGS
from reconstrue.classifiers.prompts import resolve_templates
from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean

# How labels race, by name: made from a budget of draws per image.
POLICIES: dict[str, Callable[[int], Policy]] = {
    "clark-jaini": lambda budget: PairedTTest(max_draws=budget),
    "safe-leader": lambda budget: SafeLeader(max_draws=budget),
    "fixed-grid": FixedGrid,
}
# Schedules that are their own budget.
SCHEDULES: dict[str, Policy] = {"li": TwoStage(), "li-nested": TwoStage(nested=True)}
_BUDGET = 100
# A batch that suits a processor's caches is small for a GPU.
_ON_DEVICE = 4
# How a masked-token model answers: by the likelihood of hidden tokens, or as the paper's Appendix B does.
MASKED_METHODS = ("likelihood", "reconstruction")
INPUT_NOISES = ("none", "diffusion")
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Options:
    """How a classifier is run; the defaults are the pocket models'.

    Attributes:
        policy: ``safe-leader`` (ends when the leader is safe), ``clark-jaini`` (racing by paired t-tests), ``fixed-grid``,
            ``li`` or ``li-nested`` (two fixed stages); for models that answer by sampling.
        max_draws: the budget per image; None for 100, or for what a fixed schedule has. The paper's is 2000.
        weighting: name of w_t and its error space; ``paper`` is exp(−7t) on the x-error. For diffusion models.
        prompts: templates with ``{label}``, or the name of a set of them; None for the model's own (its card's, else
            the paper's one). With several, each kind averages in its own way.
        seed: of all noise.
        dtype: of the network: float32, float16 or bfloat16. Schedules and error sums stay float32 or better.
        device: ``auto`` (a GPU where there is one), or as torch names it.
        batch_size: rows per forward; None for one that suits picture size and device. Where memory ends it is halved until
            it fits.
        masked_method: ``likelihood`` of hidden tokens, or ``reconstruction`` (Appendix B of the paper).
        input_noise: ``diffusion`` shows a supervised model noised pictures (Appendix E of the paper); or ``none``.
        classes: a CSV that says which of a supervised model's outputs belong to which label; None for the packaged map.
        temperature: T of `Scores.p_correct`; None for the card's, where it has one and the options are those it was fitted with.
    """

    policy: str = "safe-leader"
    max_draws: int | None = None
    weighting: str = "paper"
    prompts: tuple[str, ...] | None = None
    seed: int = 0
    dtype: str = "float32"
    device: str = "auto"
    batch_size: int | None = None
    masked_method: str = "likelihood"
    input_noise: str = "none"
    classes: str | None = None
    temperature: float | None = None

    def check(self) -> None:
        """Raise UserError for a choice that does not exist."""
        self.templates()
        WEIGHTINGS.get(self.weighting)
        self.evidence_policy()
        self.torch_dtype()
        for flag, value, known in (
            ("masked method", self.masked_method, MASKED_METHODS),
            ("input noise", self.input_noise, INPUT_NOISES),
        ):
            if value not in known:
                raise UserError(f"unknown {flag} '{value}'{did_you_mean(value, known)}")
        if self.temperature is not None and not 0 < self.temperature < math.inf:
            raise UserError(f"--temperature must be a number above 0, got {self.temperature}")

    def confidence_temperature(self, fitted: float) -> float | None:
        """Return T of `Scores.p_correct`: the one that was asked for, else a card's `fitted` one where it applies.

        It applies to the scores that it was fitted on: those of the default weighting, prompt and method.
        """
        if self.temperature is not None:
            return self.temperature
        unset = Options()
        same = all(
            getattr(self, name) == getattr(unset, name)
            for name in ("weighting", "prompts", "masked_method", "input_noise", "classes")
        )
        return fitted if fitted > 0 and same else None

    def templates(self) -> tuple[str, ...]:
        """Return the prompt templates; raises UserError for one without ``{label}``."""
        return resolve_templates(self.prompts)

    def rows(self, resolution: int) -> int:
        """Return the batch size to begin with (memory that ends halves it); raises UserError below 1."""
        if self.batch_size is None:
            rows = 64 if resolution <= 64 else 16 if resolution <= 256 else 8
            return rows if self.torch_device().type == "cpu" else _ON_DEVICE * rows
        if self.batch_size < 1:
            raise UserError(f"--batch-size must be at least 1, got {self.batch_size}")
        return self.batch_size

    def torch_dtype(self) -> torch.dtype:
        """Return the dtype; raises UserError for another name."""
        if self.dtype not in _DTYPES:
            raise UserError(f"unknown dtype '{self.dtype}'{did_you_mean(self.dtype, _DTYPES)}")
        return _DTYPES[self.dtype]

    def torch_device(self) -> torch.device:
        """Return the device; raises UserError where this machine does not have it."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            device = torch.device(self.device)
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError) as error:
            raise UserError(
                f"the device '{self.device}' is not here ({str(error).splitlines()[0]}); try --device cpu"
            ) from error
        return device

    def evidence_policy(self) -> Policy:
        """Return the policy; raises UserError for another name or a budget below 1."""
        if self.policy in SCHEDULES:
            schedule = SCHEDULES[self.policy]
            if self.max_draws is not None:
                raise UserError(
                    f"the policy '{self.policy}' always has {schedule.max_draws} draws; leave --max-draws out"
                )
            return schedule
        if self.policy not in POLICIES:
            raise UserError(f"unknown policy '{self.policy}'{did_you_mean(self.policy, (*POLICIES, *SCHEDULES))}")
        budget = _BUDGET if self.max_draws is None else self.max_draws
        if budget < 1:
            raise UserError(f"--max-draws must be at least 1, got {budget}")
        return POLICIES[self.policy](budget)
