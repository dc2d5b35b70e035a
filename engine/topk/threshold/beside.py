"""A step for a long row that keeps the scores next to its threshold apart from the others.

Where the k-th score lies in a gap, or next to a kink of F, a few scores decide how the sum goes
with lam, and no polynomial of the whole sum leads far.  That of the others does: what they add to
the sum goes on from one pass over all, and the few are looked at again at each lam, which costs
next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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

__all__ = ["Around", "Beside"]

_NEAR = 0.25  # of the distance to the next score that is not looked at: a polynomial leads so far
_QUIET = 1e-13  # of what the scores beside count: others that count less are far away
_SUMS = 10  # see `steps`, with L, U and the number above
_MOST = 100  # looks at the scores beside in one step


@dataclass(frozen=True)
class Around:
    """Scores around the k-th place of a row: all there are between the least and the largest.

    Parameters
    ----------
    scores : ndarray (m,)
        Each once as often as it is there.
    ends : list of (float, int)
        Scores at the ends, or at the k-th place, and how many there are of each.
    above : int
        How many scores of the row are none of these, above them and of the largest.
    sample : ndarray
        Of the row, to stand for the others.
    """

    scores: FloatArray
    ends: list[tuple[float, int]]
    above: int
    sample: FloatArray


class Beside:
    """Scores around the k-th place of a row.

    Parameters
    ----------
    kernels, long : Kernels, Long
        Compiled.
    around : Around
        The scores.
    n : int
        How many the row has.
    k, tau : float
        How many the row keeps, and the temperature.
    """

    def __init__(
        self, kernels: Any, long: Any, around: Around, n: int, k: float, tau: float
    ) -> None:
        self.kernels, self.long = kernels, long
        self.k, self.tau, self.kind = k, tau, kernels.law.step
        ends = [(np.array([value]), float(count)) for value, count in around.ends]
        self.groups = [(around.scores, 1.0), *ends] if around.scores.size else ends
        self.scores = np.concatenate([scores for scores, _ in self.groups])
        self.low, self.high = float(self.scores.min()), float(self.scores.max())
        left = n - around.scores.size - sum(count for _, count in around.ends)
        self.others = self._others(around.sample, n, around.above, left - around.above)
        # F with kinks has no polynomial that leads far: a sample goes on for the others.
        self.complete, self.modelled = left == 0, left > 0 and kernels.law.reach == 0.0
        self.every = [*self.groups, *self.others]
        self.room = np.empty(max(scores.size for scores, _ in self.every))

    def _others(
        self, sample: FloatArray, n: int, above: int, below: int
    ) -> list[tuple[FloatArray, float]]:
        """Return what stands for the scores above these, of which it is known how many, and below.

        Where many equal the last of these, the others are as many as the sample says.
        """
        found = []
        for count, beyond, last in (
            (above, sample > self.high, self.high), (below, sample < self.low, self.low),
        ):  # fmt: skip
            size, equal = np.count_nonzero(beyond), np.count_nonzero(sample == last) > 1
            share = (
                min(float(count), size * n / sample.size) if equal else float(count) * (size > 0)
            )
            if size:
                found.append((sample[beyond], share / size))
            if share < count:
                found.append((np.array([last]), count - share))
        return found

    def start(self, center: float, low: float, high: float) -> float:
        """Return about where the threshold is, from these and what stands for the others.

        Parameters
        ----------
        center : float
            Where it is looked for first.
        low, high : float
            Sure bounds.
        """
        bounds = (low - center) / self.tau, (high - center) / self.tau
        d = self._root(self.every, [0.0] * _SUMS, center, 0.0, *bounds, math.inf)
        return center if d is None else center + d * self.tau

    def radius(self, center: float, lam: float) -> float:
        """Return how far t is from where F of a score is no power series, at least 1."""
        place = center + lam * self.tau
        if not (self.complete or self.low <= place <= self.high):
            return 1.0  # there others may be nearer
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
        bounds = low - lam, high - lam
        if self.modelled:
            own = self._sums(self.every, center, lam)
            missed = [float(a - b) for a, b in zip(sums[:3], own[:3], strict=True)]
            others = [*missed, *[0.0] * (len(own) - 3)]
            d = self._root(self.every, others, center, lam, *bounds, math.inf)
            if d is None or abs(d) > _NEAR:
                return d
        own = self._sums(self.groups, center, lam)
        others = [0.0] * len(own)
        if not self.complete:
            others = [float(a - b) for a, b in zip(sums, own, strict=True)]
        far = _counting(others) <= _QUIET * _counting(own)
        limit = math.inf if far else self._limit(center, lam)
        return self._root(self.groups, others, center, lam, *bounds, limit)

    def _root(
        self, groups: list[tuple[FloatArray, float]], others: list[float], center: float,
        lam: float, low: float, high: float, limit: float,
    ) -> float | None:  # fmt: skip
        """Return the d between low and high where groups and others add up to k, if it is near."""
        own, d = self._sums(groups, center, lam), 0.0
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
            if low >= limit or high <= -limit:
                return None
            change = self.long.suggested(self.kind, lower, upper, above, *slopes, self.k)
            if abs(d + change) > limit:
                change = math.copysign(limit, change) - d
            if not low < d + change < high:
                change = 0.5 * low + 0.5 * high - d
                if not low < d + change < high:
                    break
            d += change
            if abs(change) <= 4.0 * ROUNDING * abs(d):
                break
            own = self._sums(groups, center, lam + d)
        return d if abs(d) <= limit else None

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

    def _sums(
        self, groups: list[tuple[FloatArray, float]], center: float, lam: float
    ) -> tuple[float, ...]:
        moved = center + lam * self.tau
        if abs(lam) > FAR and math.isfinite(moved):
            center, lam = moved, lam - (moved - center) / self.tau
        total, scale = np.zeros(_SUMS), 1.0 / self.tau
        for scores, count in groups:
            room = self.room[: scores.size]
            sums, _ = self.kernels.sweep(LOOK, scores, center, scale, lam, 0.0, room, room[:0])
            total += count * np.array(sums)
        return tuple(total.tolist())


def _counting(sums: Sequence[float]) -> float:
    """Return how much scores count that have these sums: of F, of what it lacks, and of F'."""
    return abs(sums[0]) + abs(sums[1]) + abs(sums[3]) + abs(sums[4])
