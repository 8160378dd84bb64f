"""Error consistency is Cohen's kappa of correctness: scikit-learn must say the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from reconstrue.metrics import error_consistency


@pytest.mark.parametrize("seed", range(25))
def test_kappa_is_scikit_learns(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = int(generator.integers(5, 200))
    one = generator.random(n) < generator.uniform(0.1, 0.9)
    other = np.where(generator.random(n) < 0.4, one, generator.random(n) < generator.uniform(0.1, 0.9))
    one[0], other[0] = True, False  # so that the two never agree on every image
    assert error_consistency(one, other) == pytest.approx(cohen_kappa_score(one, other), abs=1e-12)
