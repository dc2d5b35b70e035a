"""Compiled kernels over long rows for GradTopK: sums of powers, and polynomials of every entry.

Each works through short blocks that stay in the L1 cache, one power or coefficient at a time:
that vectorises for any degree.
"""

from __future__ import annotations

import numpy as np

from engine.topk.semantics import FloatArray
from engine.topk.threshold.compiled import compiled

__all__ = ["moments", "polynomial", "two_polynomials"]

_BLOCK = 512


@compiled
def moments(q: FloatArray, v: FloatArray, shift: float, out: FloatArray) -> None:
    """Write ``out_r = sum (v - shift) q^(r + 1)``."""
    power = np.empty(_BLOCK)
    out[:] = 0.0
    for start in range(0, q.size, _BLOCK):
        base, weight = q[start : start + _BLOCK], v[start : start + _BLOCK]
        for i in range(base.size):
            power[i] = weight[i] - shift
        for r in range(out.size):
            total = 0.0
            for i in range(base.size):
                term = power[i] * base[i]
                power[i] = term
                total += term
            out[r] += total


@compiled
def polynomial(q: FloatArray, coefficients: FloatArray, out: FloatArray) -> None:
    """Write ``q (c_0 + c_1 q + ...)``, cut off at 0 and 1."""
    value = np.empty(_BLOCK)
    for start in range(0, q.size, _BLOCK):
        base, result = q[start : start + _BLOCK], out[start : start + _BLOCK]
        value[:] = 0.0
        for r in range(coefficients.size - 1, -1, -1):
            c = coefficients[r]
            for i in range(base.size):
                value[i] = value[i] * base[i] + c
        for i in range(base.size):
            result[i] = min(max(value[i] * base[i], 0.0), 1.0)


@compiled
def two_polynomials(
    q: FloatArray, own: FloatArray, shared: FloatArray, v: FloatArray, shift: float, tau: float,
    out: FloatArray,
) -> None:  # fmt: skip
    """Write ``q ((own_0 + own_1 q + ...) (v - shift) + (shared_0 + shared_1 q + ...)) / tau``."""
    first, second = np.empty(_BLOCK), np.empty(_BLOCK)
    for start in range(0, q.size, _BLOCK):
        base, weight = q[start : start + _BLOCK], v[start : start + _BLOCK]
        result = out[start : start + _BLOCK]
        first[:] = 0.0
        second[:] = 0.0
        for r in range(own.size - 1, -1, -1):
            c, d = own[r], shared[r]
            for i in range(base.size):
                first[i] = first[i] * base[i] + c
                second[i] = second[i] * base[i] + d
        for i in range(base.size):
            result[i] = (first[i] * (weight[i] - shift) + second[i]) * base[i] / tau
