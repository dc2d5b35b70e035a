"""Find lam with ``sum F((x - c) / tau - lam) = k``, whatever the scores look like."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.topk.links import CLIP, Link
from engine.topk.semantics import FloatArray

__all__ = ["BLOCK", "Shifted", "blocks", "inner_product", "solve_threshold"]

# Doubles per block: a few buffers stay in the L2 cache, and BLAS dot products stay on one
# thread (OpenBLAS wakes others above 10000, which on a busy machine costs milliseconds).
BLOCK = 8192
_ROUNDING = 2.0**-52
_MAX_STEPS = 300  # bisection alone ends a range of 1e16 in 110


@dataclass(frozen=True, eq=False)
class Shifted:
    """The arguments ``t = (x - center) / tau - lam`` without forming x / tau, which may overflow.

    Subtracting a nearby score first is exact to one rounding of the *difference*, so huge
    offsets and tiny temperatures cost no digits where they matter.

    Parameters
    ----------
    scores : ndarray (n,), float64
        Scores.
    tau : float
        Temperature.
    center : float
        A number near the threshold, in the unit of the scores.
    lam : float
        The rest of the threshold, in units of tau.
    overflows : bool
        Whether (x - center) / tau or 1 / tau can overflow; then it is cut off at 1e300.
    """

    scores: FloatArray
    tau: float
    center: float
    lam: float = 0.0
    overflows: bool = True

    def z(self, start: int, out: FloatArray) -> None:
        """Write ``(x - center) / tau`` for ``out.size`` scores from ``start`` on."""
        np.subtract(self.scores[start : start + out.size], self.center, out=out)
        if self.overflows:
            np.divide(out, self.tau, out=out)
            np.clip(out, -CLIP, CLIP, out=out)
        else:
            out *= 1.0 / self.tau

    def t(self, start: int, out: FloatArray) -> None:
        """Write ``(x - center) / tau - lam``."""
        self.z(start, out)
        out -= self.lam or -0.0  # 0 - 0 may be -0.0, 0 - (-0.0) never is


def blocks(n: int) -> Iterator[tuple[int, int]]:
    """Yield the (start, stop) of the blocks an array of length n is worked through in."""
    for start in range(0, n, BLOCK):
        yield start, min(start + BLOCK, n)


def inner_product(a: FloatArray, b: FloatArray) -> float:
    """Return <a, b> on one thread, see `BLOCK`."""
    return math.fsum(float(np.dot(a[i:j], b[i:j])) for i, j in blocks(a.size))


def solve_threshold(link: Link, scores: FloatArray, k: float, tau: float) -> Shifted:
    """Return the arguments t with ``sum F(t) = k``.

    Parameters
    ----------
    link : Link
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
    shifted = Shifted(scores, tau, upper)
    z = ordered  # reuse the copy
    shifted.z(0, z)
    gap = min((upper - lower) / tau, CLIP)
    # The top `outer` scores alone reach k below `low`; the rest cannot reach it above `high`.
    low = -gap - link.quantile(k / outer)
    high = -link.quantile((k - (inner - 1)) / (n - (inner - 1)))
    lam = high if link.starts_high else min(max(-0.5 * gap, low), high)
    return replace(shifted, lam=_safeguarded_newton(link, z, k, lam, low, high))


def _safeguarded_newton(
    link: Link, z: FloatArray, k: float, lam: float, low: float, high: float
) -> float:
    t, tail = np.empty_like(z), np.empty_like(z)
    for _ in range(_MAX_STEPS):
        np.subtract(z, lam or -0.0, out=t)
        link.tail(t, tail)
        above = int(np.count_nonzero(t >= link.split)) - k
        total = float(tail.sum())
        residual = total + above
        # Below 1e-40 no derivative of p is representable at any temperature of interest.
        noise = _ROUNDING * float(np.abs(tail).sum())
        if abs(residual) <= max(noise, 1e-40):
            break
        if residual > 0:
            low = lam
        else:
            high = lam
        slope = float(link.density(t, tail).sum())
        step = residual / slope if slope > 0 else math.inf
        tiny = _ROUNDING * max(1.0, abs(lam))
        if low < lam + step < high:
            lam += step
            if abs(step) <= (1e-9 if link.smooth else tiny):
                break
        else:
            middle = 0.5 * low + 0.5 * high
            if middle in (low, high) or high - low <= tiny:
                break
            lam = middle
    return lam
