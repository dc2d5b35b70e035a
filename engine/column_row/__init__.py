"""Column-row approximation: keep the most important terms of a matrix product."""

from engine.column_row.code import selection_snippet
from engine.column_row.curves import error_curve, sampling_curve, sampling_errors, terms_curve
from engine.column_row.error import (
    ApproximationError,
    approximation_error,
    expected_sampling_error,
    sampling_variance,
    terms_error,
    terms_floor,
    truncation_floor,
)
from engine.column_row.selection import (
    STRATEGIES,
    Selection,
    Strategy,
    select_pairs,
    select_terms,
)
from engine.column_row.sparse import SPARSE_PAIRS
from engine.column_row.terms import Terms
from engine.column_row.weights import WEIGHTS, fit_weights, weigh_terms

__all__ = [
    "SPARSE_PAIRS",
    "STRATEGIES",
    "WEIGHTS",
    "ApproximationError",
    "Selection",
    "Strategy",
    "Terms",
    "approximation_error",
    "error_curve",
    "expected_sampling_error",
    "fit_weights",
    "sampling_curve",
    "sampling_errors",
    "sampling_variance",
    "select_pairs",
    "select_terms",
    "selection_snippet",
    "terms_curve",
    "terms_error",
    "terms_floor",
    "truncation_floor",
    "weigh_terms",
]
