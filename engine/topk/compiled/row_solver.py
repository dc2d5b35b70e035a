"""Rows solved one after the other in one compiled call, whatever law F is.

The mean number of passes over a row of 64 normal scores is two; a mask costs nothing, since e^-inf
is 0 and only the number of entries changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.topk.compiled.constants import (
    DECIDED,
    FAR,
    LINEAR,
    MOST,
    NARROW,
    NOISE,
    ROUNDING,
    SHORT,
    SQUARED,
)
from engine.topk.compiled.elementary import normal_quantile
from engine.topk.compiled.jit import part_of
from engine.topk.compiled.laws import Law
from engine.topk.compiled.loops import Loops
from engine.topk.compiled.order import extent, neighbours
from engine.topk.compiled.steps import suggested
from engine.topk.semantics import FloatArray

__all__ = ["solver_of"]

_SURELY = 0.02  # more than the quantiles of laws are wrong by


def solver_of(law: Law, loops: Loops) -> Callable[..., int]:
    """Return ``(x, k, ks, tau, hints, p, f, places) -> row``, compiled into its kernel.

    Scores x, (m, n) with -inf where masked; k, or one of each row in ks, or an empty ks; a hint
    where to look first for each row, or none; F and F' into p and f, (m, n), F alone where f has no
    rows; center and lam into places, (m, 2).  The answer is -1, or the first row that
    holds NaN or +inf or has some but fewer than k scores.
    """
    look, again, close = loops.look, loops.again, loops.close
    kind, sure, quantile = law.step, law.sure, law.quantile
    mean, variance = law.mean, law.variance
    touching, settles = law.touching, law.step == LINEAR or law.step >= SQUARED

    @part_of(law.name)
    def narrow_start(
        x: FloatArray, high: float, kept: int, scale: float, rare: float, normal: float
    ) -> float:
        """Return about (lam - high) over tau from the first two moments of the scores."""
        first = second = 0.0
        for i in range(x.size):
            z = (x[i] - high) * scale
            z = z if z > -math.inf else 0.0
            first += z
            second += z * z
        first /= kept
        spread = max(second / kept - first * first, 0.0)
        weight = variance / (variance + spread)
        both = mean + math.sqrt(variance + spread) * normal
        return first - weight * rare - (1.0 - weight) * both

    @part_of(law.name)
    def wide_start(
        x: FloatArray, k: float, kept: int, scale: float, work: FloatArray
    ) -> tuple[float, float, float, float]:
        """Return center, lam and bounds of it from the scores next to the k-th place.

        The top ``outer`` scores alone reach k below the one bound; the rest cannot reach it above
        the other.
        """
        inner, outer = math.ceil(k), math.floor(k) + 1
        z_in, z_out = neighbours(x, inner, outer, work)
        gap, center = (z_in - z_out) * scale, z_in
        lam = -quantile(0.5 if inner < outer else k - math.floor(k))
        if not touching:
            center = 0.5 * z_in + 0.5 * z_out
        elif inner < outer:
            lam = 0.0
        shifted = (z_in - center) * scale
        low = shifted - gap - quantile(k / outer) - _SURELY
        high = shifted - quantile((k - (inner - 1)) / (kept - (inner - 1))) + _SURELY
        if abs(lam) > FAR:
            moved = center + lam / scale
            if abs(moved) < math.inf:
                gone, center = (moved - center) * scale, moved
                low, high, lam = low - gone, high - gone, lam - gone
        return center, lam, low, high

    @part_of(law.name)
    def refined(
        x: FloatArray, k: float, kept: int, center: float, lam: float, low: float, high: float,
        tau: float, p: FloatArray, f: FloatArray,
    ) -> tuple[float, float]:  # fmt: skip
        """Write F and F', and return center and lam, which is somewhere between low and high."""
        scale, step, astray = 1.0 / tau, 0.0, settles
        sums, _ = look(x, center, scale, lam, p)
        for _ in range(MOST):
            step = 0.0
            lower, upper, above = sums[0], sums[1], sums[2]
            residual = lower - upper + (above - k)
            size = lower + upper + abs(above - k)
            if abs(residual) <= 2.0 * ROUNDING * size or size < DECIDED:
                break
            if residual > 0.0:
                low = lam
            else:
                high = lam
            step = suggested(kind, *sums, k)
            last = sure if abs(residual) > NOISE * size else max(sure, SHORT)
            if abs(step) <= max(last, 0.5 * ROUNDING):
                break
            new = lam + step
            if astray and sums[3] == 0.0 and not low < new < high:
                # In a gap, where no slope leads out: the k-th place has nearer bounds, once.
                astray = False
                center, lam, least, most = wide_start(x, k, kept, scale, np.empty(x.size))
                low, high = least, most
                lam = lam if low < lam < high else 0.5 * (low + high)
                sums, _ = look(x, center, scale, lam, p)
                continue
            if not low < new < high:
                new = 0.5 * (low + high)
                if not low < new < high:
                    step = 0.0
                    break
            lam = new
            moved = center + lam * tau
            if abs(lam) > FAR and abs(moved) < math.inf:
                gone, center = (moved - center) * scale, moved
                low, high, lam = low - gone, high - gone, lam - gone
                sums, _ = look(x, center, scale, lam, p)
            else:
                sums, _ = again(x, center, scale, lam, p)
        close(x, center, scale, lam, step, p, f)
        return center, lam + step

    @part_of(law.name)
    def solve(
        x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
        f: FloatArray, places: FloatArray,
    ) -> int:  # fmt: skip
        scale, n = 1.0 / tau, x.shape[1]
        work = nothing = np.empty(0)
        seen_k, seen_kept, rare, normal = -1.0, 0, 0.0, 0.0
        for r in range(x.shape[0]):
            row, out, slopes = x[r], p[r], f[r] if f.shape[0] else nothing
            if ks.size:
                k = ks[r]
            low, high, kept = extent(row)
            if kept < 0 or 0 < kept < k:
                return r
            if k <= 0.0 or k >= kept:
                places[r, 0] = places[r, 1] = math.nan
                for i in range(n):
                    out[i] = 1.0 if k > 0.0 and row[i] > -math.inf else 0.0
                slopes[:] = 0.0
                continue
            if k != seen_k or kept != seen_kept:
                seen_k, seen_kept = k, kept
                rare, normal = quantile(k / kept), normal_quantile(k / kept)
            narrow = (high - low) * scale <= NARROW
            start = 0.0
            if hints.size:
                center = hints[r]
                least = (low - center) * scale - rare - _SURELY
                most = (high - center) * scale - rare + _SURELY
            elif narrow:
                start = narrow_start(row, high, kept, scale, rare, normal)
                center = high + start * tau
                moved = (center - high) * scale  # not the start, where that is below rounding
                start -= moved
                least = (low - high) * scale - moved - rare - _SURELY
                most = -moved - rare + _SURELY
            else:
                if work.size == 0:
                    work = np.empty(n)
                center, start, least, most = wide_start(row, k, kept, scale, work)
            center, lam = refined(row, k, kept, center, start, least, most, tau, out, slopes)
            places[r, 0], places[r, 1] = center, lam
        return -1

    return solve
