"""A step for a long row that keeps the scores next to its threshold apart from the others.

Where the k-th score lies in a gap, or next to a kink of F, a few scores decide how the sum goes
with lam, and no polynomial of the whole sum leads far.  That of the others does: what they add to
the sum goes on from one pass over all, and the few are looked at again at each lam, which costs
next to nothing.
"""

from __future__ import annotations

import math
from typing import Any

from engine.topk.compiled.constants import (
    EXPONENTIAL,
    FAR,
    GENERIC,
    HEAVY,
    LOOK,
    ROUNDING,
    TWO_SIDED,
)
from engine.topk.semantics import FloatArray

__all__ = ["Beside"]

_NEAR = 0.25  # of the distance to the next score that is not looked at: a polynomial leads so far
_MOST = 100  # looks at the scores beside in one step


class Beside:
    """Scores around the k-th place of a row.

    Parameters
    ----------
    kernels, long : Kernels, Long
        Compiled.
    scores : ndarray (m,)
        All there are between the least and the largest of them.
    k, tau : float
        How many the row keeps, and the temperature.
    """

    def __init__(self, kernels: Any, long: Any, scores: FloatArray, k: float, tau: float) -> None:
        self.kernels, self.long, self.scores = kernels, long, scores
        self.k, self.tau, self.kind = k, tau, kernels.law.step
        self.low, self.high = float(scores.min()), float(scores.max())
        self.room = scores.copy()

    def radius(self, center: float, lam: float) -> float:
        """Return how far t is from where F of a score is no power series, at least 1."""
        place = center + lam * self.tau
        return math.hypot(1.0, float(abs(self.scores - place).min()) / self.tau)

    def step(
        self, sums: FloatArray, center: float, lam: float, low: float, high: float
    ) -> float | None:
        """Return the change of lam after a pass over all scores, or None where it leads too far.

        Parameters
        ----------
        sums : ndarray (10,)
            Of the pass at lam, see `steps`.
        center, lam : float
            Where that was.
        low, high : float
            Sure bounds of lam.
        """
        own = self._sums(center, lam)
        others = [float(a - b) for a, b in zip(sums, own, strict=True)]
        d, low, high = 0.0, low - lam, high - lam
        for _ in range(_MOST):
            lower, upper, above, *slopes = own
            lower_rest, upper_rest = self._rest(others, d)
            lower, upper, above = lower + lower_rest, upper + upper_rest, above + others[2]
            slopes = [a + b for a, b in zip(slopes, others[3:], strict=True)]
            residual = lower - upper + (above - self.k)
            size = lower + upper + abs(above - self.k)
            if abs(residual) <= 2.0 * ROUNDING * size:
                break
            low, high = (d, high) if residual > 0.0 else (low, d)
            change = self.long.suggested(self.kind, lower, upper, above, *slopes, self.k)
            if not low < d + change < high:
                change = 0.5 * low + 0.5 * high - d
                if not low < d + change < high:
                    break
            d += change
            if abs(change) <= 4.0 * ROUNDING * abs(d):
                break
            own = self._sums(center, lam + d)
        return d if abs(d) <= self._limit(center, lam) else None

    def _limit(self, center: float, lam: float) -> float:
        """Return how far the sums of the others are known."""
        if self.kind not in (GENERIC, HEAVY) or not self.kernels.law.reach:
            return math.inf  # exponentials and polynomials between kinks
        place = center + lam * self.tau
        gap = max(min(place - self.low, self.high - place) / self.tau, 0.0)
        return _NEAR * math.hypot(1.0, gap if self.kind == HEAVY else 0.0)

    def _rest(self, others: list[float], d: float) -> tuple[float, float]:
        """Return L and U of the others at lam + d."""
        lower, upper, _, below, above, d2, d3, d4, d5, d6 = others
        if self.kind in (EXPONENTIAL, TWO_SIDED):
            return lower * math.exp(min(-d, 700.0)), upper * math.exp(min(d, 700.0))
        d1 = below + above
        change = d * (d1 - d * (d2 / 2.0 - d * (d3 / 6.0 - d * (d4 / 24.0 - d * (
            d5 / 120.0 - d * d6 / 720.0)))))  # fmt: skip
        difference = lower - upper - change
        lower = max(lower - below * d, difference, 0.0)
        return lower, lower - difference

    def _sums(self, center: float, lam: float) -> tuple[float, ...]:
        moved = center + lam * self.tau
        if abs(lam) > FAR and math.isfinite(moved):
            center, lam = moved, lam - (moved - center) / self.tau
        sums, _ = self.kernels.sweep(
            LOOK, self.scores, center, 1.0 / self.tau, lam, 0.0, self.room, self.room[:0]
        )
        found: tuple[float, ...] = sums
        return found
