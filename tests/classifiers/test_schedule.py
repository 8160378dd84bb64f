"""Schedules, predictions and weightings by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler, EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler

from reconstrue.classifiers.adapters.diffusers.base import read_schedule
from reconstrue.classifiers.generative.schedule import (
    PREDICTIONS,
    WEIGHTINGS,
    DiscreteSchedule,
    FlowSchedule,
    LogSnrSchedule,
    clean_estimate,
    error_factor,
    target,
)
from reconstrue.errors import UserError


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize(("alpha", "sigma"), [(0.6, 0.8), (0.3, 0.7)], ids=["preserving", "flow"])
def test_predictions_are_views_of_one_thing(prediction: str, alpha: float, sigma: float) -> None:
    generator = torch.Generator().manual_seed(0)
    x, eps, off = (torch.randn(2, 3, 4, 4, generator=generator, dtype=torch.float64) for _ in range(3))
    a, s = (torch.full((2, 1, 1, 1), level, dtype=torch.float64) for level in (alpha, sigma))
    x_t = a * x + s * eps
    answer = target(prediction, x, eps, a, s)  # type: ignore[arg-type]
    torch.testing.assert_close(clean_estimate(prediction, answer, x_t, a, s), x)  # type: ignore[arg-type]
    # A wrong answer: its own error over the x-error is the factor of the table.
    x_hat = clean_estimate(prediction, answer + off, x_t, a, s)  # type: ignore[arg-type]
    ratio = float(off.square().sum() / (x - x_hat).square().sum())
    assert ratio == pytest.approx(float(error_factor(prediction, np.array([alpha]), np.array([sigma]))[0]))  # type: ignore[arg-type]


def test_the_factors_by_hand() -> None:
    alpha, sigma = np.array([0.6]), np.array([0.8])
    assert error_factor("eps", alpha, sigma) == pytest.approx(0.5625)  # 0.36 / 0.64
    assert error_factor("v", alpha, sigma) == pytest.approx(1.5625)  # 1 / 0.64
    assert error_factor("flow", np.array([0.25]), np.array([0.75])) == pytest.approx(16 / 9)  # (1 / 0.75)²
    assert error_factor("x", alpha, sigma) == pytest.approx(1)


def test_a_discrete_schedule_is_the_schedulers_own_table() -> None:
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction")
    schedule, prediction = read_schedule(scheduler)
    assert prediction == "v"
    t = np.array([1e-6, 0.001, 0.0011, 0.5, 1.0])
    np.testing.assert_array_equal(schedule.timesteps(t), [0, 0, 1, 499, 999])  # t = (n + 1) / 1000
    np.testing.assert_allclose(schedule.snap(t), [0.001, 0.001, 0.002, 0.5, 1.0])
    alpha, sigma = schedule.alpha_sigma(t)
    np.testing.assert_allclose(alpha**2, scheduler.alphas_cumprod[[0, 0, 1, 499, 999]].numpy(), rtol=1e-3)
    np.testing.assert_allclose(alpha**2 + sigma**2, 1)
    assert (schedule.log_snr_slope(t) < 0).all()


def test_half_precision_would_have_lost_the_small_t() -> None:
    scheduler = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    schedule, _ = read_schedule(scheduler)
    alpha, _ = schedule.alpha_sigma(np.array([0.001]))
    assert alpha[0] < 1
    assert torch.tensor(alpha[0]).bfloat16() == 1


def test_other_schedulers() -> None:
    assert read_schedule(FlowMatchEulerDiscreteScheduler())[1] == "flow"
    euler, _ = read_schedule(EulerDiscreteScheduler())
    ddpm, _ = read_schedule(DDPMScheduler())
    np.testing.assert_allclose(euler.snr(np.array([0.3])), ddpm.snr(np.array([0.3])))
    with pytest.raises(UserError, match="prediction_type 'rubbish' is not known"):
        read_schedule(DDPMScheduler(prediction_type="rubbish"))


def test_zero_terminal_snr_stays_finite() -> None:
    schedule, _ = read_schedule(DDPMScheduler(rescale_betas_zero_snr=True, prediction_type="v_prediction"))
    weight = WEIGHTINGS.get("paper").on_x_error(schedule, np.array([1.0]))
    assert np.isfinite(weight).all()
    assert np.isfinite(schedule.snr(np.array([1.0]))).all()


@pytest.mark.parametrize("schedule", [FlowSchedule(), LogSnrSchedule(9, -7)], ids=["flow", "log-snr"])
def test_the_slope_is_the_derivative(schedule: FlowSchedule | LogSnrSchedule) -> None:
    t, step = np.linspace(0.1, 0.9, 9), 1e-5
    numeric = (np.log(schedule.snr(t + step)) - np.log(schedule.snr(t - step))) / (2 * step)
    np.testing.assert_allclose(schedule.log_snr_slope(t), numeric, rtol=1e-5)


def test_the_paper_weighting_is_on_the_x_error() -> None:
    t = np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(WEIGHTINGS.get("paper").on_x_error(LogSnrSchedule(), t), [1, np.exp(-3.5), np.exp(-7)])


def test_a_table_that_does_not_fall_is_refused() -> None:
    with pytest.raises(ValueError, match="must fall strictly"):
        DiscreteSchedule(np.array([0.5, 0.6]))
    with pytest.raises(ValueError, match="must fall strictly"):
        DiscreteSchedule(np.array([1.0, 0.5]))


def test_unknown_weightings_are_named() -> None:
    with pytest.raises(UserError, match="unknown weighting 'papper'; did you mean 'paper'"):
        WEIGHTINGS.get("papper")
