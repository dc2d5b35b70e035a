"""log p of the threshold family, with its digits also where p is below all numbers.

``log F(t)`` needs t, and so a threshold that is right where both sums over the tails underflow:
then ``log A = log B`` is solved instead, A and B being sums over the scores on either side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.topk.semantics import FloatArray, Rows
from engine.topk.threshold.distributions import Distribution
from engine.topk.threshold.solver import arguments

__all__ = ["log_values"]

_TINY = 1e-90  # sums over tails that are larger have been solved for to all digits
_STEPS = 60


def log_values(
    distribution: Distribution, rows: Rows, center: FloatArray, lam: FloatArray
) -> FloatArray:
    """Return log F(t), (m, n): -inf where masked, 0 in rows that keep everything.

    Parameters
    ----------
    distribution : Distribution
        F.
    rows : Rows
        The rows.
    center, lam : ndarray (m, 1)
        Their thresholds, NaN in rows that keep nothing or everything.
    """
    kept = rows.scores > -np.inf
    result = np.full(rows.scores.shape, -np.inf)
    waits = np.isfinite(center[:, 0])
    result[kept & (~waits & (rows.all_k() > 0.0))[:, None]] = 0.0
    if not waits.any():
        return result
    scores, kept, center, lam = rows.scores[waits], kept[waits], center[waits], lam[waits]
    with np.errstate(all="ignore"):
        t = arguments(scores, rows.tau, center, lam)
        if distribution.far:
            tail = np.empty_like(t)
            distribution.tail(t, tail)
            tails = np.where(kept, np.abs(tail), 0.0).sum(axis=1)
            decided = np.flatnonzero(tails < _TINY)
            if decided.size:
                z = arguments(scores[decided], rows.tau, center[decided], 0.0)
                t[decided] = z - _refined(distribution, z, t[decided] >= 0.0, kept[decided])
        result[waits] = np.where(kept, distribution.log_value(t), -np.inf)
    return result


def _refined(
    distribution: Distribution, z: FloatArray, above: NDArray[np.bool_], kept: NDArray[np.bool_]
) -> FloatArray:
    """Return the lam, (m, 1), between the scores above and those below where ``log A = log B``."""
    below = kept & ~above
    high = np.where(above, z, np.inf).min(axis=1, keepdims=True)
    low = np.where(below, z, -np.inf).max(axis=1, keepdims=True)
    lam: FloatArray = 0.5 * low + 0.5 * high
    for _ in range(_STEPS):
        a, slope_a = _side(distribution, z - lam, below)
        b, slope_b = _side(distribution, lam - z, above)
        low, high = np.where(a > b, lam, low), np.where(a > b, high, lam)
        new = lam + (a - b) / (slope_a + slope_b)
        new = np.where((low < new) & (new < high), new, 0.5 * low + 0.5 * high)
        settled = np.abs(new - lam) <= 2.0**-52 * np.abs(lam)
        lam = new
        if settled.all():
            break
    return lam


def _side(
    distribution: Distribution, t: FloatArray, side: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Return log of the sum of F(t) over a side, all t negative, and minus its slope in lam."""
    t = np.where(side, np.minimum(t, 0.0), -1.0)
    logs = np.where(side, distribution.log_value(t), -np.inf)
    peak = logs.max(axis=1, keepdims=True)
    weights = np.exp(logs - peak)
    total = weights.sum(axis=1, keepdims=True)
    slope = (weights * distribution.hazard(t)).sum(axis=1, keepdims=True) / total
    return peak + np.log(total), slope
