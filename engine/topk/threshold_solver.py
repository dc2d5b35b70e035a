"""Find lam with ``sum F((x - c) / tau - lam) = k``, whatever the scores look like."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.topk.links import CLIP, Link
from engine.topk.semantics import FloatArray

__all__ = ["BLOCK", "Shifted", "blocks", "inner_product", "solve_and_fill", "solve_threshold"]

# Doubles per block: a few buffers stay in the L2 cache, and BLAS dot products stay on one
# thread (OpenBLAS wakes others above 10000, which on a busy machine costs milliseconds).
BLOCK = 8192
STRIDE = 16  # every so many scores give a large problem its first lam, recursively
_ROUNDING = 2.0**-52
_MAX_PASSES = 8  # over a large problem, before the exact bracket takes over
_MAX_STEPS = 300  # of the bracketed solver: bisection alone ends a range of 1e16 in 110


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
    Large problems start from the solution of a strided sample, and take Newton passes over
    blocks.  Scores the sample does not represent (one huge outlier, a period equal to the
    stride) make those passes disagree; then the k-th largest scores give a rigorous bracket
    and safeguarded Newton ends in it.
    """
    if scores.size > BLOCK:
        found = _newton_from_sample(link, scores, k, tau)
        if found is not None:
            return found
    return _bracketed(link, scores, k, tau)


def solve_and_fill(
    link: Link, scores: FloatArray, k: float, tau: float, out: FloatArray
) -> Shifted | None:
    """Find the threshold of a long row and write F(t) into ``out`` with a single exp per score.

    Parameters
    ----------
    link : Link
        F, with ``moves``.
    scores, out : ndarray (n,), float64
        Scores, and where F goes.
    k, tau : float
        As `solve_threshold`.

    Returns
    -------
    Shifted or None
        None, with ``out`` spoiled, where the sampled start does not fit or almost every entry
        is saturated; then `solve_threshold` must be used.

    Notes
    -----
    What ``link.store`` keeps can be moved to another lam by arithmetic alone, so the Newton
    steps after the first cost no exponential.
    """
    n = scores.size
    reach = max(abs(float(scores.min())), abs(float(scores.max())))
    if not (link.moves and 2.0 * reach < CLIP * min(tau, 1.0) and tau > 1e-290):
        return None
    sample = np.ascontiguousarray(scores[::STRIDE])
    start = solve_threshold(link, sample, k * sample.size / n, tau)
    shifted = Shifted(scores, tau, start.center + start.lam * tau, overflows=False)
    work, lam = np.empty((2, BLOCK)), 0.0
    sums = np.zeros(link.terms)
    for begin, end in blocks(n):
        t = work[0, : end - begin]
        shifted.z(begin, t)
        link.store(t, out[begin:end])
        sums += link.sums(out[begin:end], work)
    for _ in range(_MAX_PASSES):
        if sums[1] < 1e-3 or abs(sums[0] - k) > 0.5 * sums[1]:
            return None
        step = 0.0 if abs(sums[0] - k) <= 1e-15 * n else _taylor_step(sums, k)
        lam += step
        last = abs(step) <= link.reach  # the Taylor polynomial is exact to rounding this far
        factor = math.exp(-step)
        sums = np.zeros(link.terms)
        for begin, end in blocks(n):
            stored = out[begin:end]
            if step:
                link.move(stored, factor, work)
            if last:
                link.finish(stored, work)
            else:
                sums += link.sums(stored, work)
        if last:
            return replace(shifted, lam=lam)
    return None


def _taylor_step(sums: FloatArray, k: float) -> float:
    """Return the step d of lam with ``sum_j sums_j (-d)^j / j! = k``, by Newton from 0."""
    factorials = np.cumprod(np.r_[1.0, np.arange(1.0, sums.size)])
    polynomial = np.polynomial.Polynomial(sums / factorials - np.r_[k, np.zeros(sums.size - 1)])
    slope, d = polynomial.deriv(), 0.0
    for _ in range(4):
        d -= float(polynomial(d)) / float(slope(d))
    return -d


def _newton_from_sample(link: Link, scores: FloatArray, k: float, tau: float) -> Shifted | None:
    n = scores.size
    reach = max(abs(float(scores.min())), abs(float(scores.max())))
    if not (2.0 * reach < CLIP * min(tau, 1.0) and tau > 1e-290):
        return None
    sample = np.ascontiguousarray(scores[::STRIDE])
    start = solve_threshold(link, sample, k * sample.size / n, tau)
    shifted = Shifted(scores, tau, start.center + start.lam * tau, overflows=False)
    lam = 0.0
    for _ in range(_MAX_PASSES):
        shifted = replace(shifted, lam=lam)
        residual, slope, noise = _balance_blocks(link, shifted, k)
        if abs(residual) <= noise:
            return shifted
        if slope <= 0.0 or abs(residual) > slope:
            return None
        step = residual / slope
        lam += step
        if abs(step) <= (1e-9 if link.smooth else _ROUNDING):
            return replace(shifted, lam=lam)
    return None


def _balance_blocks(link: Link, shifted: Shifted, k: float) -> tuple[float, float, float]:
    """Return ``sum F - k``, ``sum F'`` and the rounding noise of the first."""
    buffer, tail = np.empty(BLOCK), np.empty(BLOCK)
    total = slope = size = 0.0
    above = 0
    for start, stop in blocks(shifted.scores.size):
        t, h = buffer[: stop - start], tail[: stop - start]
        shifted.t(start, t)
        link.tail(t, h)
        above += int(np.count_nonzero(t >= link.split))
        total += float(h.sum())
        size = max(size, abs(total))
        slope += float(link.density(t, h).sum())
    return total + (above - k), slope, 4.0 * _ROUNDING * size


def _bracketed(link: Link, scores: FloatArray, k: float, tau: float) -> Shifted:
    """Newton inside a bracket that follows from the scores next to the k-th place."""
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
