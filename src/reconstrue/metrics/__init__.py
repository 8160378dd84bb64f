"""What it means: accuracy, shape bias and error consistency, each with its count and a 95% interval."""

from reconstrue.metrics.accuracy import CHANCE, accuracy, accuracy_difference, mean_ranks
from reconstrue.metrics.benchmark import (
    Benchmark,
    ConditionResult,
    DatasetResult,
    ObserverResult,
    benchmark,
)
from reconstrue.metrics.error_consistency import (
    ConsistencyMatrix,
    between_models,
    consistency_matrix,
    error_consistency,
    expected_consistency,
    kappa,
    observed_consistency,
)
from reconstrue.metrics.intervals import UNDEFINED, Estimate, estimate, resample_weights
from reconstrue.metrics.published import PublishedRow, load_published
from reconstrue.metrics.shape_bias import (
    Decisions,
    ShapeBias,
    decisions,
    estimate_shape_bias,
    shape_bias,
)

__all__ = [
    "CHANCE",
    "UNDEFINED",
    "Benchmark",
    "ConditionResult",
    "ConsistencyMatrix",
    "DatasetResult",
    "Decisions",
    "Estimate",
    "ObserverResult",
    "PublishedRow",
    "ShapeBias",
    "accuracy",
    "accuracy_difference",
    "benchmark",
    "between_models",
    "consistency_matrix",
    "decisions",
    "error_consistency",
    "estimate",
    "estimate_shape_bias",
    "expected_consistency",
    "kappa",
    "load_published",
    "mean_ranks",
    "observed_consistency",
    "resample_weights",
    "shape_bias",
]
