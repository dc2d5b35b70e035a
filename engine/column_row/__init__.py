"""Column-row approximation: keep the most important terms of a matrix product."""

from engine.column_row.error import (
    ApproximationError,
    approximation_error,
    error_curve,
    expected_sampling_error,
    sampling_errors,
    truncation_floor,
)
from engine.column_row.selection import STRATEGIES, Selection, Strategy, select_pairs
from engine.column_row.weights import WEIGHTS, fit_weights

__all__ = [
    "STRATEGIES",
    "WEIGHTS",
    "ApproximationError",
    "Selection",
    "Strategy",
    "approximation_error",
    "error_curve",
    "expected_sampling_error",
    "fit_weights",
    "sampling_errors",
    "select_pairs",
    "truncation_floor",
]
