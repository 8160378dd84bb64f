"""What it means: accuracy, shape bias and error consistency, each with its count and a 95% interval."""

from reconstrue.metrics.ability import Ability, ability
from reconstrue.metrics.accuracy import CHANCE, accuracy, accuracy_difference, mean_ranks
from reconstrue.metrics.benchmark import (
    Benchmark,
    ConditionResult,
    DatasetResult,
    ObserverResult,
    Replicates,
    Resample,
    admitted_trials,
    benchmark,
)
from reconstrue.metrics.calibration import (
    expected_calibration_error,
    fit_temperature,
    p_correct_of_others,
    rate_by_draws,
)
from reconstrue.metrics.comparison import Comparison, Figure, compare_models, compare_with_people, holm
from reconstrue.metrics.correlation import Correlation, correlate, low_pass_against_shape_bias
from reconstrue.metrics.error_consistency import (
    ConsistencyMatrix,
    PooledConsistency,
    between_models,
    cluster_order,
    consistency_matrix,
    error_consistency,
    expected_consistency,
    kappa,
    observed_consistency,
    pooled_consistency,
)
from reconstrue.metrics.intervals import UNDEFINED, Estimate, estimate, resample_weights
from reconstrue.metrics.published import PAPER_CORRELATION, PUBLISHED_NOTES, PublishedRow, load_published
from reconstrue.metrics.responses import (
    ANSWERS,
    ConfusionMatrix,
    ResponseEntropy,
    confusion_matrix,
    response_entropy,
)
from reconstrue.metrics.shape_bias import (
    Decisions,
    ShapeBias,
    decisions,
    estimate_shape_bias,
    shape_bias,
)

__all__ = [
    "ANSWERS",
    "CHANCE",
    "PAPER_CORRELATION",
    "PUBLISHED_NOTES",
    "UNDEFINED",
    "Ability",
    "Benchmark",
    "Comparison",
    "ConditionResult",
    "ConfusionMatrix",
    "ConsistencyMatrix",
    "Correlation",
    "DatasetResult",
    "Decisions",
    "Estimate",
    "Figure",
    "ObserverResult",
    "PooledConsistency",
    "PublishedRow",
    "Replicates",
    "Resample",
    "ResponseEntropy",
    "ShapeBias",
    "ability",
    "accuracy",
    "accuracy_difference",
    "admitted_trials",
    "benchmark",
    "between_models",
    "cluster_order",
    "compare_models",
    "compare_with_people",
    "confusion_matrix",
    "consistency_matrix",
    "correlate",
    "decisions",
    "error_consistency",
    "estimate",
    "estimate_shape_bias",
    "expected_calibration_error",
    "expected_consistency",
    "fit_temperature",
    "holm",
    "kappa",
    "load_published",
    "low_pass_against_shape_bias",
    "mean_ranks",
    "observed_consistency",
    "p_correct_of_others",
    "pooled_consistency",
    "rate_by_draws",
    "resample_weights",
    "response_entropy",
    "shape_bias",
]
