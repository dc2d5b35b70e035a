"""Compiled products with the Jacobian of rows that are solved, one family of laws or another."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from numba import float64

from engine.topk.compiled.constants import APART, SETTLED
from engine.topk.compiled.jit import GIVEN_ROW, GIVEN_ROWS, ROW, ROWS, compiled, ready
from engine.topk.semantics import FloatArray

__all__ = ["PRODUCTS", "Products"]


@compiled
def _products(f: FloatArray, g: FloatArray, scale: float, out: FloatArray) -> None:
    """Write ``f (g - <f, g> / S) scale`` of each row; where f is 0, g may be anything."""
    for r in range(f.shape[0]):
        slopes, along, result = f[r], g[r], out[r]
        total = inner = 0.0
        for i in range(slopes.size):
            slope, term = slopes[i], slopes[i] * along[i]  # before the choice: no branches
            total += slope
            inner += term if slope > 0.0 else 0.0
        mean = inner / total if total > 0.0 else 0.0
        for i in range(slopes.size):
            slope, term = slopes[i], slopes[i] * (along[i] - mean) * scale
            result[i] = term if slope > 0.0 else 0.0


@compiled
def _inner(f: FloatArray, g: FloatArray) -> tuple[float, float]:
    """Return ``(S, <f, g>)`` of a part of a long row."""
    total = inner = 0.0
    for i in range(f.size):
        slope, term = f[i], f[i] * g[i]
        total += slope
        inner += term if slope > 0.0 else 0.0
    return total, inner


@compiled
def _centred(f: FloatArray, g: FloatArray, mean: float, scale: float, out: FloatArray) -> None:
    """Write ``f (g - mean) scale`` of a part of a long row."""
    for i in range(f.size):
        slope, term = f[i], f[i] * (g[i] - mean) * scale
        out[i] = term if slope > 0.0 else 0.0


@compiled
def _settle(
    x: FloatArray, p: FloatArray, f: FloatArray, k: float, ks: FloatArray, scale: float
) -> None:
    """Make F' 0 in rows that are settled, see `engine.topk.threshold.route`."""
    for r in range(p.shape[0]):
        scores, row = x[r], p[r]
        if ks.size:
            k = ks[r]
        if k != math.floor(k):
            continue
        squares = 0.0
        for i in range(row.size):
            squares += row[i] * row[i]
        if k - squares > SETTLED * k:
            continue
        inner, outer = math.inf, -math.inf
        for i in range(row.size):
            inner = min(inner, scores[i] if row[i] >= 0.5 else math.inf)
            outer = max(outer, -math.inf if row[i] >= 0.5 else scores[i])
        if (inner - outer) * scale >= APART:
            f[r, :] = 0.0


@dataclass(frozen=True)
class Products:
    """The kernels of products: whole rows, and the two passes over parts of a long one.

    ``settle`` goes over F' before.
    """

    rows: Callable[..., None]
    inner: Callable[..., tuple[float, float]]
    centred: Callable[..., None]
    settle: Callable[..., None]

    def compile(self) -> None:
        """Compile what is not on disk yet."""
        ready(self.rows, GIVEN_ROWS, GIVEN_ROWS, float64, ROWS)
        ready(self.inner, GIVEN_ROW, GIVEN_ROW)
        ready(self.centred, GIVEN_ROW, GIVEN_ROW, float64, float64, ROW)
        ready(self.settle, GIVEN_ROWS, GIVEN_ROWS, ROWS, float64, GIVEN_ROW, float64)


PRODUCTS = Products(_products, _inner, _centred, _settle)
