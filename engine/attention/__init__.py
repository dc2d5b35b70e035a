"""Position without position encoding: what causal attention reveals about where a token stands."""

from engine.attention.position import (
    PositionCurve,
    expected_rms,
    permutation_error,
    position_curve,
    resolution,
)
from engine.attention.weights import KINDS, attention_weights, causal_attention

__all__ = [
    "KINDS",
    "PositionCurve",
    "attention_weights",
    "causal_attention",
    "expected_rms",
    "permutation_error",
    "position_curve",
    "resolution",
]
