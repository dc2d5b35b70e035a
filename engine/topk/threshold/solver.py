"""Rows solved by NumPy, for any distribution: what answers where no compiled kernel is ready.

The steps are those of the compiled solver, taken in all rows at once; rows that are done leave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.topk.compiled.constants import DECIDED, FAR, MOST, NARROW, ROUNDING
from engine.topk.semantics import BLOCK, FloatArray, Rows
from engine.topk.threshold.distributions import CLIP, SURELY, Distribution

__all__ = ["Solved", "arguments", "solve"]


@dataclass(frozen=True, eq=False)
class Solved:
    """Rows at their thresholds.

    Parameters
    ----------
    p : ndarray (m, n)
        F, 0 where masked.
    f : ndarray (m, n) or None
        F', 0 where masked and in rows that keep nothing or everything; None if nobody asked.
    center, lam : ndarray (m,)
        The threshold is at ``center + tau lam``; NaN in rows that keep nothing or everything.
    """

    p: FloatArray
    f: FloatArray | None
    center: FloatArray
    lam: FloatArray


def arguments(
    scores: FloatArray, tau: float, center: FloatArray | float, lam: FloatArray | float
) -> FloatArray:
    """Return ``t = (x - center) / tau - lam`` without forming x / tau, which may overflow.

    Subtracting a nearby score first is exact to one rounding of the *difference*, so huge offsets
    and tiny temperatures cost no digits where they matter.  What overflows is cut off.
    """
    t: FloatArray = scores - center
    np.divide(t, tau, out=t)
    np.clip(t, -CLIP, CLIP, out=t)
    t -= lam
    t += 0.0  # makes 0 of -0
    return t


def solve(distribution: Distribution, rows: Rows) -> Solved:
    """Return the rows at their thresholds.

    Raises
    ------
    DataError, ArgumentError
        As `Rows.kept`.
    """
    kept, k = rows.kept(), rows.all_k()
    m, n = rows.scores.shape
    sizes = np.count_nonzero(kept, axis=1)
    p, center, lam = np.zeros((m, n)), np.full(m, math.nan), np.full(m, math.nan)
    f = np.zeros((m, n)) if rows.slopes else None
    p[kept & ((sizes == k) & (k > 0.0))[:, None]] = 1.0
    waiting = np.flatnonzero((k > 0.0) & (sizes > k))
    found = Solved(p, f, center, lam)
    step = max(1, 2 * BLOCK // n)
    with np.errstate(all="ignore"):
        for start in range(0, waiting.size, step):
            group = waiting[start : start + step]
            scores = rows.scores if group.size == m else rows.scores[group]
            problem = _Group(distribution, scores, k[group], sizes[group], rows.tau)
            center[group, None], lam[group, None] = problem.thresholds()
            for part in _columns(n):
                problem.write(group, part, kept, found)
    return found


def _columns(n: int) -> list[slice]:
    """Return the parts of a row that NumPy works through one after the other."""
    return [slice(start, start + 2 * BLOCK) for start in range(0, n, 2 * BLOCK)]


class _Group:
    """Rows that fit the cache, none of which keeps nothing or everything.

    Parameters
    ----------
    distribution : Distribution
        F.
    scores : ndarray (m, n)
        Scores, -inf where masked.
    k, sizes : ndarray (m,)
        How many to keep, and of how many.
    tau : float
        Temperature.
    """

    def __init__(
        self, distribution: Distribution, scores: FloatArray, k: FloatArray,
        sizes: NDArray[np.intp], tau: float,
    ) -> None:  # fmt: skip
        self.distribution, self.scores, self.tau = distribution, scores, tau
        self.k, self.sizes = k[:, None], sizes[:, None].astype(np.float64)

    def write(
        self, group: NDArray[np.intp], part: slice, kept: NDArray[np.bool_], found: Solved
    ) -> None:
        """Write F and F' of some columns of the rows that were solved."""
        center, lam = found.center[group, None], found.lam[group, None]
        t = arguments(self.scores[:, part], self.tau, center, lam)
        tail = np.empty_like(t)
        self.distribution.tail(t, tail)
        here = kept[group, part]
        found.p[group, part] = np.where(here, tail + (t >= self.distribution.split), 0.0)
        if found.f is not None:
            found.f[group, part] = np.where(here, self.distribution.density(t, tail), 0.0)

    def thresholds(self) -> tuple[FloatArray, FloatArray]:
        """Return center and lam of each row, (m, 1)."""
        center, lam, low, high = self._starts()
        found_center, found_lam = center.copy(), lam.copy()
        left, scores, k = np.arange(len(center)), self.scores, self.k
        z = arguments(scores, self.tau, center, 0.0)
        for _ in range(MOST):
            step, low, high, done = self._step(z, k, lam, low, high)
            lam = lam + step
            found_center[left], found_lam[left] = center, lam
            if done.all():
                break
            far = np.abs(lam) > FAR
            if far.any():
                moved = center + lam * self.tau
                moved = np.where(far & np.isfinite(moved), moved, center)
                gone, center = (moved - center) / self.tau, moved
                lam, low, high = lam - gone, low - gone, high - gone
                z = arguments(scores, self.tau, center, 0.0)
            if done.any():
                stay = ~done[:, 0]
                left, scores, k, z = left[stay], scores[stay], k[stay], z[stay]
                center, lam, low, high = center[stay], lam[stay], low[stay], high[stay]
        return found_center, found_lam

    def _step(
        self, z: FloatArray, k: FloatArray, lam: FloatArray, low: FloatArray, high: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.bool_]]:
        """Return the change of lam, the bounds of it, and which rows are done with it."""
        sums = [self._sums(z[:, part], lam) for part in _columns(z.shape[1])]
        lower, upper, above, slope, slope_upper = np.sum(sums, axis=0)
        excess = above - k
        residual, size = lower - upper + excess, lower + upper + np.abs(excess)
        over = residual > 0.0
        low, high = np.where(over, lam, low), np.where(over, high, lam)
        step = self._suggested(lower, upper, excess, slope - slope_upper, slope_upper)
        enough = 1e-9 if self.distribution.smooth else 0.5 * ROUNDING
        done = (np.abs(residual) <= 2.0 * ROUNDING * size) | (size < DECIDED)
        last = np.abs(step) <= enough * np.maximum(1.0, np.abs(lam))
        inside = (low < lam + step) & (lam + step < high)
        middle = 0.5 * (low + high)
        stuck = ~inside & ~last & ~((low < middle) & (middle < high))
        step = np.where(inside | last, step, middle - lam)
        return np.where(done | stuck, 0.0, step), low, high, done | last | stuck

    def _sums(self, z: FloatArray, lam: FloatArray) -> FloatArray:
        """Return L, U, the count, the sum of F' and that above, (5, m, 1), of some columns."""
        distribution = self.distribution
        t = z - lam
        t += 0.0
        tail = np.empty_like(t)
        distribution.tail(t, tail)
        above = t >= distribution.split
        lower, upper = np.maximum(tail, 0.0).sum(axis=1), -np.minimum(tail, 0.0).sum(axis=1)
        density = distribution.density(t, tail)
        slope, count = density.sum(axis=1), np.count_nonzero(above, axis=1)
        density *= above
        return np.stack([lower, upper, count, slope, density.sum(axis=1)])[:, :, None]

    def _suggested(
        self, lower: FloatArray, upper: FloatArray, excess: FloatArray, slope_lower: FloatArray,
        slope_upper: FloatArray,
    ) -> FloatArray:  # fmt: skip
        """Return Newton's step for ``log A = log B``; see `steps` for linear and heavy tails."""
        if self.distribution.linear:
            result: FloatArray = (lower - upper + excess) / (slope_lower + slope_upper)
            return result
        a, b = lower + np.maximum(excess, 0.0), upper + np.maximum(-excess, 0.0)
        if self.distribution.heavy:
            result = (a - b) * a * b / (slope_upper * a * a + slope_lower * b * b)
        else:
            result = (np.log(a) - np.log(b)) / (slope_lower / a + slope_upper / b)
            # With k scores at 1 the others have to go to 0, a manifold root: see `steps`.
            newton = (a - b) / (slope_lower + slope_upper)
            newton = np.where(b > 0.0, newton, self.distribution.order * newton)
            near = self.distribution.settles & (np.abs(newton) <= 0.5)  # one of two tails may end
            result = np.where(near | (a <= 0.0) | (b <= 0.0), newton, result)
        return result

    def _starts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return center, lam and bounds of it: narrow rows by moments, wide ones by neighbours."""
        high = self.scores.max(axis=1, keepdims=True)
        low = np.where(self.scores > -np.inf, self.scores, np.inf).min(axis=1, keepdims=True)
        narrow = (high - low) / self.tau <= NARROW
        rare = self._quantiles(self.k / self.sizes)
        start = self._from_moments(high, rare)
        center = np.where(narrow, high + start * self.tau, high)
        moved = (center - high) / self.tau  # not the start, where that is below rounding
        lam, least = start - moved, (low - high) / self.tau - moved - rare - SURELY
        most = -moved - rare + SURELY
        wide = np.flatnonzero(~narrow[:, 0])
        if wide.size:
            center[wide], lam[wide], least[wide], most[wide] = self._from_neighbours(wide)
        return center, lam, least, most

    def _from_moments(self, high: FloatArray, rare: FloatArray) -> FloatArray:
        z = (self.scores - high) / self.tau
        z = np.where(z > -np.inf, z, 0.0)
        first = z.sum(axis=1, keepdims=True) / self.sizes
        spread = np.maximum((z * z).sum(axis=1, keepdims=True) / self.sizes - first**2, 0.0)
        variance = self.distribution.variance
        if math.isinf(variance):
            return np.asarray(first - rare)
        weight = variance / (variance + spread)
        # Bowling et al. (2009): the normal quantile by a logistic one is near enough for a start.
        share = self.k / self.sizes
        normal = np.log(share / (1.0 - share)) / 1.702
        both = self.distribution.mean + np.sqrt(variance + spread) * normal
        result: FloatArray = first - weight * rare - (1.0 - weight) * both
        return result

    def _from_neighbours(
        self, wide: NDArray[np.intp]
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return center, lam and bounds from the scores next to the k-th place."""
        scores, k, sizes = self.scores[wide], self.k[wide], self.sizes[wide]
        n = scores.shape[1]
        inner, outer = np.ceil(k).astype(np.intp), np.floor(k).astype(np.intp) + 1
        places = _different(np.concatenate([n - inner, n - outer]))
        ordered = np.partition(scores, places, axis=1) if places.size <= 4 else np.sort(scores)
        z_in = np.take_along_axis(ordered, n - inner, axis=1)
        z_out = np.take_along_axis(ordered, n - outer, axis=1)
        center = z_in if self.distribution.touching else 0.5 * z_in + 0.5 * z_out
        whole = inner < outer
        lam = -self._quantiles(np.where(whole, 0.5, k - np.floor(k)))
        if self.distribution.touching:
            lam = np.where(whole, 0.0, lam)
        shifted, gap = (z_in - center) / self.tau, (z_in - z_out) / self.tau
        low = shifted - gap - self._quantiles(k / outer) - SURELY
        high = shifted - self._quantiles((k - (inner - 1)) / (sizes - (inner - 1))) + SURELY
        return center, lam, low, high

    def _quantiles(self, shares: FloatArray) -> FloatArray:
        """Return the quantile of each share; rows of a batch have few different ones."""
        different = _different(shares)
        found = np.array([self.distribution.quantile(float(share)) for share in different])
        return found[np.searchsorted(different, shares)]


def _different(values: NDArray[Any]) -> NDArray[Any]:
    """Return the different values, ascending: numpy.unique, which would load numpy.ma, 30 ms."""
    flat = np.sort(values, axis=None)
    return flat[np.concatenate(([True], flat[1:] != flat[:-1]))]
