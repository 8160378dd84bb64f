"""Choices become objects, and what does not exist is refused."""

from __future__ import annotations

import pytest

from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError


@pytest.mark.parametrize(
    ("policy", "draws", "settings"),
    [
        ("clark-jaini", None, {"min_draws": 20, "max_draws": 100, "cutoff": 2e-3}),
        ("clark-jaini", 2000, {"min_draws": 20, "max_draws": 2000, "cutoff": 2e-3}),
        ("safe-leader", 30, {"min_draws": 4, "max_draws": 30, "delta": 0.05}),
        ("fixed-grid", None, {"max_draws": 100}),
        ("li", None, {"draws": [25, 250], "keep": 5}),
        ("li-nested", None, {"draws": [25, 250], "keep": 5}),
    ],
)
def test_policies_by_name(policy: str, draws: int | None, settings: dict[str, object]) -> None:
    assert Options(policy=policy, max_draws=draws).evidence_policy().settings() == {"policy": policy, **settings}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(policy="safe-lader"), r"unknown policy 'safe-lader'; did you mean 'safe-leader'\?"),
        (Options(policy="li", max_draws=50), "the policy 'li' always has 275 draws; leave --max-draws out"),
        (Options(policy="li-nested", max_draws=50), "always has 250 draws"),
        (Options(max_draws=0), "--max-draws must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_is_refused(options: Options, message: str) -> None:
    with pytest.raises(UserError, match=message):
        options.check()


def test_a_batch_suits_the_picture_and_the_device() -> None:
    assert [Options(device="cpu").rows(side) for side in (64, 256, 512)] == [64, 16, 8]
    assert Options(device="meta").rows(512) == 32
    assert Options(device="meta", batch_size=3).rows(512) == 3
    with pytest.raises(UserError, match="--batch-size must be at least 1, got 0"):
        Options(batch_size=0).rows(64)
