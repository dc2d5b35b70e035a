"""The change of lam that one pass over the scores suggests, compiled.

Every function takes the sums of one pass at a threshold: L of F where F is the smaller side, U of
``1 - F`` where that is, the number of entries there, the sums of F' on both sides, those of
F'' ... F^(6); and k.  Wanted is a lam with ``R = L - U + (count - k) = 0``.
"""

from __future__ import annotations

import math

from engine.topk.compiled.constants import EXPONENTIAL, HEAVY, LINEAR, SQUARED, TWO_SIDED
from engine.topk.compiled.jit import inlined, part

__all__ = ["suggested"]


@part
def suggested(
    kind: int, lower: float, upper: float, above: float, slope_lower: float, slope_upper: float,
    d2: float, d3: float, d4: float, d5: float, d6: float, k: float,
) -> float:  # fmt: skip
    """Return the change of lam that the sums suggest; infinite or NaN where they cannot."""
    if kind == EXPONENTIAL:
        return _exponential(lower, upper, above, k)
    if kind == TWO_SIDED:
        return _two_sided(lower, upper, above, k)
    if kind == LINEAR:
        return _linear(lower, upper, above, slope_lower + slope_upper, k)
    if kind >= SQUARED and upper == 0.0 and above == k:
        return _touching(2.0 if kind == SQUARED else 3.0, lower, slope_lower)
    residual, slope = lower - upper + (above - k), slope_lower + slope_upper
    if abs(residual) <= 0.5 * slope:
        return _series_root(residual, slope, d2, d3, d4, d5, d6)
    return _across(kind, lower, upper, above, slope_lower, slope_upper, k)


@inlined
def _across(
    kind: int, lower: float, upper: float, above: float, slope_lower: float, slope_upper: float,
    k: float,
) -> float:  # fmt: skip
    """Return a step for what is close to linear in lam where one tail decides.

    With ``A = L + max(count - k, 0)`` and ``B = U + max(k - count, 0)`` the equation is A = B.
    Newton's step for ``log A = log B`` crosses an exponential tail at once, the one for
    ``1 / A = 1 / B`` a tail that falls like 1 / t.
    """
    a = lower + max(above - k, 0.0)
    b = upper + max(k - above, 0.0)
    if kind == HEAVY:
        return (a - b) * a * b / (slope_upper * a * a + slope_lower * b * b)
    return (math.log(a) - math.log(b)) / (slope_lower / a + slope_upper / b)


@inlined
def _touching(order: float, lower: float, slope_lower: float) -> float:
    """Return the step where k scores are at 1 and the others, of power F, have to go to 0.

    Their sum has a root as manifold as the power: Newton's step would come nearer by a third only,
    pass after pass. This one is exact for equal scores, and never too long.
    """
    return order * lower / slope_lower


@inlined
def _series_root(
    residual: float, d1: float, d2: float, d3: float, d4: float, d5: float, d6: float
) -> float:
    """Return the d with ``residual - d1 d + d2 d^2 / 2 - ... + d6 d^6 / 720 = 0`` next to 0."""
    d = residual / d1
    c2, c3, c4, c5, c6 = d2 / 2.0, d3 / 6.0, d4 / 24.0, d5 / 120.0, d6 / 720.0
    for _ in range(4):
        value = residual - d * (d1 - d * (c2 - d * (c3 - d * (c4 - d * (c5 - d * c6)))))
        change = d1 - d * (
            2.0 * c2 - d * (3.0 * c3 - d * (4.0 * c4 - d * (5.0 * c5 - d * 6.0 * c6)))
        )
        d += value / change
    return d


@inlined
def _exponential(lower: float, upper: float, above: float, k: float) -> float:
    """Return the exact step unless entries reach 1 or leave it: ``L e^-d = k - count``.

    Where more than k are at 1 that has no root, and Newton's step leads towards fewer.
    """
    if above >= k:
        return (lower + (above - k)) / lower
    return math.log(lower / (k - above))


@inlined
def _two_sided(lower: float, upper: float, above: float, k: float) -> float:
    """Return the exact step unless entries cross the middle: ``L e^-d - U e^d = k - count``.

    With ``r = sqrt((k - count)^2 / 4 + L U)`` that is a square equation for e^-d; of its two
    forms the one that does not subtract.
    """
    half = 0.5 * (k - above)
    if half == 0.0:
        return 0.5 * (math.log(lower) - math.log(upper))
    root = math.sqrt(half * half + lower * upper)
    return math.log(lower / (root + half)) if half >= 0.0 else math.log((root - half) / upper)


@inlined
def _linear(lower: float, upper: float, above: float, slope: float, k: float) -> float:
    """Return the exact step unless entries cross a kink: the sum is linear between."""
    return (lower - upper + (above - k)) / slope
