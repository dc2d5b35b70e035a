"""Find lam with ``sum F((x - c) / tau - lam) = k``, whatever the scores look like."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.topk.semantics import FloatArray
from engine.topk.threshold.distributions import CLIP, Distribution

__all__ = ["Shifted", "solve_rows", "solve_threshold"]

_ROUNDING = 2.0**-52
_NEAR = 500.0  # scores further apart decide alone: half-way between them p is 0 or 1
_LAST_STEP = 16 * _ROUNDING  # a Newton step this small leaves less than itself to be gained
_MAX_STEPS = 300  # bisection alone ends a range of 1e16 in 110


@dataclass(frozen=True, eq=False)
class Shifted:
    """The arguments ``t = (x - center) / tau - lam`` without forming x / tau, which may overflow.

    Subtracting a nearby score first is exact to one rounding of the *difference*, so huge
    offsets and tiny temperatures cost no digits where they matter.  What overflows is cut off at
    1e300.

    Parameters
    ----------
    scores : ndarray (n,) or (m, n), float64
        Scores.
    tau : float
        Temperature.
    center : float or ndarray (m, 1)
        A number near the threshold, in the unit of the scores.
    lam : float or ndarray (m, 1)
        The rest of the threshold, in units of tau.
    """

    scores: FloatArray
    tau: float
    center: float | FloatArray
    lam: float | FloatArray = 0.0

    def z(self) -> FloatArray:
        """Return ``(x - center) / tau``, of the shape of the scores."""
        out: FloatArray = self.scores - self.center
        np.divide(out, self.tau, out=out)
        np.clip(out, -CLIP, CLIP, out=out)
        return out

    def t(self) -> FloatArray:
        """Return ``(x - center) / tau - lam``."""
        out = self.z()
        out -= self.lam
        out += 0.0  # makes 0 of -0
        return out


def solve_threshold(
    distribution: Distribution, scores: FloatArray, k: float, tau: float
) -> Shifted:
    """Return the arguments t with ``sum F(t) = k``.

    Parameters
    ----------
    distribution : Distribution
        F.
    scores : ndarray (n,), float64
        Finite scores.
    k : float
        ``0 < k < n``.
    tau : float
        Temperature.

    Returns
    -------
    Shifted

    Notes
    -----
    The scores next to the k-th place give a rigorous bracket, and Newton steps that leave it
    become bisections: correct whatever the scores look like, at a dozen passes over them.
    """
    n = scores.size
    inner, outer = math.ceil(k), math.floor(k) + 1  # places, counted from the largest score
    ordered = np.partition(scores, [n - outer, n - inner])
    upper, lower = float(ordered[n - inner]), float(ordered[n - outer])
    z = Shifted(ordered, tau, upper).z()
    gap = min((upper - lower) / tau, CLIP)
    # The top `outer` scores alone reach k below `low`; the rest cannot reach it above `high`.
    low = -gap - distribution.quantile(k / outer)
    high = -distribution.quantile((k - (inner - 1)) / (n - (inner - 1)))
    lam = min(max(-0.5 * gap, low), high)
    if gap <= _NEAR:
        lam = min(max(float(distribution.start(z, k, np.asarray(lam))), low), high)
    return Shifted(scores, tau, upper, _safeguarded_newton(distribution, z, k, lam, low, high))


def _safeguarded_newton(
    distribution: Distribution, z: FloatArray, k: float, lam: float, low: float, high: float
) -> float:
    t, tail = np.empty_like(z), np.empty_like(z)
    for _ in range(_MAX_STEPS):
        np.subtract(z, lam or -0.0, out=t)  # 0 - 0 may be -0.0, 0 - (-0.0) never is
        distribution.tail(t, tail)
        above = int(np.count_nonzero(t >= distribution.split)) - k
        residual = float(np.add.reduce(tail)) + above
        # Below 1e-40 no derivative of p is representable at any temperature of interest.
        if abs(residual) <= max(_ROUNDING * z.size, 1e-40) and abs(residual) <= max(
            _ROUNDING * float(np.add.reduce(np.abs(tail))), 1e-40
        ):
            break
        if residual > 0:
            low = lam
        else:
            high = lam
        slope = float(np.add.reduce(distribution.density(t, tail)))
        step = residual / slope if slope > 0 else math.inf
        enough = 1e-9 if distribution.smooth else _LAST_STEP * max(1.0, abs(lam))
        if abs(step) <= enough or low < lam + step < high:
            lam = min(max(lam + step, low), high)
            if abs(step) <= enough:
                break
        else:
            middle = 0.5 * low + 0.5 * high
            if middle in (low, high) or high - low <= _ROUNDING * max(1.0, abs(lam)):
                break
            lam = middle
    return lam


def solve_rows(distribution: Distribution, scores: FloatArray, k: float, tau: float) -> Shifted:
    """Do what `solve_threshold` does for (m, n) scores at once, to the same digits.

    Entries that are -inf are left out of their row.
    """
    n = scores.shape[1]
    inner, outer = math.ceil(k), math.floor(k) + 1
    ordered = np.partition(scores, [n - outer, n - inner], axis=1)
    upper, lower = ordered[:, n - inner, None], ordered[:, n - outer, None]
    z = Shifted(ordered, tau, upper).z()
    gap = np.minimum((upper - lower) / tau, CLIP)
    low = -gap - distribution.quantile(k / outer)
    sizes, row_size = np.unique(np.count_nonzero(scores > -np.inf, axis=1), return_inverse=True)
    reached = [(k - (inner - 1)) / (float(size) - (inner - 1)) for size in sizes]
    high = np.array([-distribution.quantile(share) for share in reached])[row_size, None]
    middle = np.minimum(np.maximum(-0.5 * gap, low), high)
    start = distribution.start(z, k, middle[:, 0])[:, None]
    lam = np.where(gap <= _NEAR, np.minimum(np.maximum(start, low), high), middle)
    return Shifted(scores, tau, upper, _safeguarded_newton_rows(distribution, z, k, lam, low, high))


def _safeguarded_newton_rows(
    distribution: Distribution,
    z: FloatArray,
    k: float,
    lam: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> FloatArray:
    """Take the steps of `_safeguarded_newton` in every row; rows that are done leave."""
    found, rows = lam.copy(), np.arange(len(z))
    for _ in range(_MAX_STEPS):
        t = z - lam
        t += 0.0
        tail = np.empty_like(t)
        distribution.tail(t, tail)
        above = np.count_nonzero(t >= distribution.split, axis=1, keepdims=True) - k
        residual = tail.sum(axis=1, keepdims=True) + above
        noise = _ROUNDING * np.abs(tail).sum(axis=1, keepdims=True)
        done = np.abs(residual) <= np.maximum(noise, 1e-40)
        low, high = np.where(residual > 0, lam, low), np.where(residual > 0, high, lam)
        slope = distribution.density(t, tail).sum(axis=1, keepdims=True)
        step = np.divide(residual, slope, out=np.full_like(lam, math.inf), where=slope > 0)
        scale = np.maximum(1.0, np.abs(lam))
        last = np.abs(step) <= (1e-9 if distribution.smooth else _LAST_STEP * scale)
        newton = last | ((low < lam + step) & (lam + step < high))
        middle = 0.5 * low + 0.5 * high
        stuck = (middle == low) | (middle == high) | (high - low <= _ROUNDING * scale)
        stepped = np.minimum(np.maximum(lam + step, low), high)
        lam = np.where(done | (stuck & ~newton), lam, np.where(newton, stepped, middle))
        done |= last | (stuck & ~newton)
        found[rows] = lam
        if done.any():
            left = ~done[:, 0]
            rows, z, lam, low, high = rows[left], z[left], lam[left], low[left], high[left]
            if not rows.size:
                break
    return found
