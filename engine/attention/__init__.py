"""Attention and position: what causal masks and encodings reveal about where a token stands."""

from engine.attention.concentration import alibi_concentration, concentration
from engine.attention.encoding import (
    ENCODINGS,
    alibi_slopes,
    encoded_scores,
    rope_decay,
    rotate,
)
from engine.attention.heads import score_spread, spread_at_distance, symmetric_share
from engine.attention.order import last_token_error, permutation_error
from engine.attention.position import (
    PositionCurve,
    distinguishable_positions,
    expected_rms,
    position_curve,
    resolution,
)
from engine.attention.sampled import (
    SampledCurve,
    octave_positions,
    sampled_curve,
    sampled_weights,
)
from engine.attention.weights import KINDS, attention_weights, causal_attention

__all__ = [
    "ENCODINGS",
    "KINDS",
    "PositionCurve",
    "SampledCurve",
    "alibi_concentration",
    "alibi_slopes",
    "attention_weights",
    "causal_attention",
    "concentration",
    "distinguishable_positions",
    "encoded_scores",
    "expected_rms",
    "last_token_error",
    "octave_positions",
    "permutation_error",
    "position_curve",
    "resolution",
    "rope_decay",
    "rotate",
    "sampled_curve",
    "sampled_weights",
    "score_spread",
    "spread_at_distance",
    "symmetric_share",
]
