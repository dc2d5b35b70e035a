"""The laws F(t) = t^m between 0 and 1, as compiled code of one score; see `laws`."""

from __future__ import annotations

import math

from engine.topk.compiled.constants import CUBIC, KINK, SQUARED
from engine.topk.compiled.jit import inlined
from engine.topk.compiled.laws import Derivatives, Entry, Law

__all__ = ["CUBE", "SQUARE"]

_SQUARE_SPLIT = math.sqrt(0.5)
_CUBE_SPLIT = 0.5 ** (1.0 / 3.0)


@inlined
def _power_derivatives(
    lower: float, upper: float, e1: float, e2: float, e3: float, e4: float, e5: float
) -> Derivatives:
    """Return the sums of F'' and F''' between the kinks: there are no others."""
    return e1, e2, 0.0, 0.0, 0.0


@inlined
def _square_entry(z: float, lam: float) -> Entry:
    t = z - lam
    p = min(max(t, 0.0), 1.0)
    up = p >= _SQUARE_SPLIT
    q = (1.0 - p) * (1.0 + p) if up else p * p
    inside = 1.0 if (t >= 0.0) & (t <= 1.0) else 0.0
    return q, 2.0 * inside * p, up, 2.0 * inside, 0.0, 0.0, 0.0, 0.0


@inlined
def _square_final(z: float, lam: float) -> tuple[float, float]:
    t = z - lam
    p = min(max(t, 0.0), 1.0)
    return p * p, 2.0 * p if t <= 1.0 + KINK else 0.0


@inlined
def _square_quantile(u: float) -> float:
    return math.sqrt(u)


SQUARE = Law(
    "square", _square_entry, _power_derivatives, _square_final, None, SQUARED, _square_quantile,
    2.0 / 3.0, 1.0 / 18.0,
)  # fmt: skip


@inlined
def _cube_entry(z: float, lam: float) -> Entry:
    t = z - lam
    p = min(max(t, 0.0), 1.0)
    up = p >= _CUBE_SPLIT
    q = (1.0 - p) * (p * p + p + 1.0) if up else p * p * p
    inside = 1.0 if (t >= 0.0) & (t <= 1.0) else 0.0
    return q, 3.0 * inside * p * p, up, 6.0 * inside * p, 6.0 * inside, 0.0, 0.0, 0.0


@inlined
def _cube_final(z: float, lam: float) -> tuple[float, float]:
    t = z - lam
    p = min(max(t, 0.0), 1.0)
    return p * p * p, 3.0 * p * p if t <= 1.0 + KINK else 0.0


@inlined
def _cube_quantile(u: float) -> float:
    return math.pow(u, 1.0 / 3.0)


CUBE = Law(
    "cube", _cube_entry, _power_derivatives, _cube_final, None, CUBIC, _cube_quantile, 0.75,
    0.0375,
)  # fmt: skip
