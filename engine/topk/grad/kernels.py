"""Compiled kernels of GradTopK: the tables of short rows, and what long ones take.

Over long rows there are sums of powers, and polynomials of every entry.  Each works through short
blocks that stay in the L1 cache, one power or coefficient at a time: that vectorises for any
degree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import float64, int64, types
from numpy.typing import NDArray

from engine.topk.compiled.jit import GIVEN_ROW, GIVEN_ROWS, ROW, ROWS, compiled, ready
from engine.topk.grad import side_by_side, tables
from engine.topk.semantics import FloatArray

__all__ = ["GRAD", "GradKernels"]

_BLOCK = 512


@compiled
def _moments(q: FloatArray, v: FloatArray, shift: float, out: FloatArray) -> None:
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
def _polynomial(q: FloatArray, coefficients: FloatArray, out: FloatArray) -> None:
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
def _two_polynomials(
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


@compiled
def _sides(
    s: FloatArray, f: FloatArray, least: float, index: NDArray[np.int64], rare: FloatArray
) -> tuple[int, int, int]:
    """Write place and rare side of each coin that is not decided: tails from the start, heads back
    from the end.  Return how many there are of both, and of heads that are decided.
    """
    front, back, sure = 0, s.size, 0
    for i in range(s.size):
        heads = s[i] >= 0.5
        q = f[i] / s[i] if heads else s[i]
        open_ = q > least
        if front < back:  # neither end has been taken yet, so both may be written
            index[front] = index[back - 1] = i
            rare[front] = rare[back - 1] = q
        front += 1 if open_ & (not heads) else 0
        back -= 1 if open_ & heads else 0
        sure += 1 if heads & (not open_) else 0
    return front, s.size - back, sure


_PLACES = types.Array(types.int64, 1, "C")


@dataclass(frozen=True)
class GradKernels:
    """Those of short rows, one after the other or side by side, and those of parts of long ones."""

    values: Callable[..., None]
    products: Callable[..., None]
    values_beside: Callable[..., None]
    products_beside: Callable[..., None]
    moments: Callable[..., None]
    polynomial: Callable[..., None]
    two_polynomials: Callable[..., None]
    sides: Callable[..., tuple[int, int, int]]

    def compile(self) -> None:
        """Compile what is not on disk yet."""
        row, rows = GIVEN_ROW, GIVEN_ROWS
        ready(self.values, rows, rows, int64, row, ROWS)
        ready(self.products, rows, rows, rows, int64, row, rows, float64, ROWS)
        ready(self.values_beside, rows, rows, int64, row, int64, int64, ROWS)
        ready(
            *(self.products_beside, rows, rows, rows, int64, row, rows, float64, int64, int64, ROWS)
        )
        ready(self.moments, row, row, float64, ROW)
        ready(self.polynomial, row, row, ROW)
        ready(self.two_polynomials, row, row, row, row, float64, float64, ROW)
        ready(self.sides, row, row, float64, _PLACES, ROW)


GRAD = GradKernels(
    *(tables.values, tables.products, side_by_side.values, side_by_side.products),
    *(_moments, _polynomial, _two_polynomials, _sides),
)
