"""Rows of many scores: a sample says where to look, and only what is not decided is solved.

A score further from the threshold than a few dozen tau has its F at 0 or 1 to all digits of the
sum.  Where a sample leaves less than half of the scores undecided, these are taken out and solved
by themselves, and one pass writes F of all.  Else, and for F with heavy tails, passes over all
scores start so near that a Taylor polynomial of the sums ends them: most often the second writes F.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from engine.topk.semantics import FloatArray
from engine.topk.threads import Team
from engine.topk.threshold.distributions import Distribution

__all__ = ["CHUNK", "NotFiniteError", "parts_of", "solve_long"]

CHUNK = 1 << 16  # scores per call of a kernel: long sums are sums of chunks, and lose less
SAMPLE = 1 << 14
_STRIDE = 4  # fewer scores of a row make one of the sample only where the row is short
_DEVIATIONS = 5.0  # of the sample that the threshold is looked for within
_MASS = 10.0  # sum of F' over the sample from which on it tells how far lam may be off
_FAR = 16.0
_ROUNDING = 2.0**-52
_DECIDED = 1e-250
_MOST = 60
_LOOK, _AGAIN, _CLOSE, _FINISH = 0, 1, 2, 3  # as `loops`, which imports numba
_NOTHING = np.empty(0)
_NO_ROWS = np.empty((0, 0))


class NotFiniteError(ValueError):
    """A long row turned out to hold a NaN or an infinity: internal, who asked looks which."""


@dataclass(frozen=True)
class _Guess:
    """What a sample says: where the threshold is, between which scores, and how steep the sum is.

    ``near`` is None where the sample has too few undecided scores to say more than the bounds.
    """

    near: float | None
    low: float
    high: float
    share: float


def parts_of(n: int, size: int) -> list[slice]:
    """Return the slices of ``size`` that make n."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def solve_long(
    distribution: Distribution, kernels: Any, long: Any, x: FloatArray, k: float, tau: float,
    p: FloatArray, f: FloatArray | None,
) -> tuple[float, float]:  # fmt: skip
    """Write F and F' of a row of finite scores, and return center and lam of its threshold.

    Parameters
    ----------
    distribution : Distribution
        F.
    kernels : Kernels
        Those of F.
    long : Long
        Those of `window`.
    x : ndarray (n,), float64
        Scores, contiguous.
    k, tau : float
        ``0 < k < n``, and the temperature.
    p, f : ndarray (n,)
        Room for F, and for F' unless None.

    Raises
    ------
    NotFiniteError
        If a score is NaN or infinite.
    """
    with Team(parts_of(x.size, CHUNK), x.size) as team:
        row = _Row(kernels, long, x, k, tau, p, f, team)
        guess = _sampled(distribution, kernels, x, k, tau)
        if guess.share > 0.5:
            if guess.near is not None:
                return row.by_passes(guess.near)
            return row.by_passes(row.boundary(guess.low, guess.high))
        return row.by_window(guess, distribution.decided(x.size) * tau)


def _sampled(
    distribution: Distribution, kernels: Any, x: FloatArray, k: float, tau: float
) -> _Guess:
    """Return what the threshold of a sample says about that of the row."""
    sample = x[_places(min(SAMPLE, x.size // _STRIDE), x.size)].reshape(1, -1)
    m, share = sample.size, k / x.size
    p, f, place = np.empty_like(sample), np.empty_like(sample), np.empty((1, 2))
    if kernels.rows(sample, share * m, _NOTHING, tau, _NOTHING, p, f, place) >= 0:
        raise NotFiniteError
    slope, spread = float(f.sum()), math.sqrt(max(float(np.dot(p[0], p[0])) - share**2 * m, 0.0))
    reach = distribution.decided(x.size) * tau
    near: float | None = float(place[0, 0] + place[0, 1] * tau)
    if slope >= _MASS and near is not None and math.isfinite(near):
        off = _DEVIATIONS * spread / slope * tau
        low, high = near - off, near + off
    else:
        off = _DEVIATIONS * math.sqrt(share * (1.0 - share) * m) + 2.0
        inner, outer = math.floor(share * m - off), math.ceil(share * m + off)
        places = [m - min(max(place, 1), m) for place in (outer, inner)]
        ordered = np.partition(sample[0], places)
        low = float(ordered[places[0]]) if outer <= m else -math.inf
        high = float(ordered[places[1]]) if inner >= 1 else math.inf
        near = None
    inside = (sample >= low - reach) & (sample <= high + reach)
    return _Guess(near, low, high, float(np.count_nonzero(inside)) / m)


def _places(m: int, n: int) -> FloatArray:
    """Return m places in a row, one at random in each stretch: no period of the data is met."""
    return ((np.arange(m) + _jitter()[:m]) * (n / m)).astype(np.intp)


@cache
def _jitter() -> FloatArray:
    return np.random.default_rng(0).random(SAMPLE)


class _Row:
    """A long row that is being solved.

    Parameters
    ----------
    kernels, long : Kernels, Long
        Compiled.
    x : ndarray (n,)
        Scores.
    k, tau : float
        How many to keep, and the temperature.
    p, f : ndarray (n,)
        Room for F, and for F' unless None.
    team : Team
        Who works on it.
    """

    def __init__(
        self, kernels: Any, long: Any, x: FloatArray, k: float, tau: float, p: FloatArray,
        f: FloatArray | None, team: Team,
    ) -> None:  # fmt: skip
        self.kernels, self.long, self.x, self.k, self.tau = kernels, long, x, k, tau
        self.p, self.f, self.team = p, f, team

    def _sweep(self, kind: int, center: float, lam: float, step: float = 0.0) -> FloatArray:
        """Return the sums of a pass."""
        scale, f = 1.0 / self.tau, self.f

        def over(part: slice) -> Any:
            slopes = _NOTHING if f is None else f[part]
            return self.kernels.sweep(
                kind, self.x[part], center, scale, lam, step, self.p[part], slopes
            )

        found = self.team.map(over)
        if not math.isfinite(sum(probe for _, probe in found)):
            raise NotFiniteError
        sums: FloatArray = np.asarray([sums for sums, _ in found]).sum(axis=0)
        return sums

    def by_passes(self, start: float) -> tuple[float, float]:
        """Solve by passes over all scores, from a guess of the threshold."""
        reach = self.kernels.law.reach
        for _ in range(3):
            center, lam, step, slope = self._threshold(start, reach)
            ends = self._sweep(_CLOSE, center, lam, step)
            off = abs(ends[0] - ends[1] + (ends[2] - self.k))
            if off <= 1e-12 * max(1.0, slope):
                break
            start, reach = center + (lam + step) * self.tau, 0.0
        return center, lam + step

    def _threshold(self, center: float, reach: float) -> tuple[float, float, float, float]:
        """Return center, lam, the step that is still to be taken, and the sum of F'."""
        lam, low, high, slope = 0.0, -math.inf, math.inf, 0.0
        sums = self._sweep(_LOOK, center, lam)
        for _ in range(_MOST):
            lower, upper, above = (float(s) for s in sums[:3])
            residual, size = lower - upper + (above - self.k), lower + upper + abs(above - self.k)
            slope = float(sums[3] + sums[4])
            if abs(residual) <= 2.0 * _ROUNDING * size or size < _DECIDED:
                return center, lam, 0.0, slope
            low, high = (lam, high) if residual > 0.0 else (low, lam)
            step = self.long.suggested(self.kernels.law.step, *sums, self.k)
            if abs(step) <= max(reach, 0.5 * _ROUNDING):
                return center, lam, step, slope
            if not low < lam + step < high:
                step = _halving(lam, low, high)
                if not low < lam + step < high:
                    return center, lam, 0.0, slope
            lam += step
            moved = center + lam * self.tau
            if abs(lam) > _FAR and math.isfinite(moved):
                gone, center = (moved - center) / self.tau, moved
                low, high, lam = low - gone, high - gone, lam - gone
                sums = self._sweep(_LOOK, center, lam)
            else:
                sums = self._sweep(_AGAIN, center, lam)
        return center, lam, 0.0, slope

    def _packed(self, low: float, high: float) -> tuple[FloatArray, int]:
        """Return the scores from low to high, and how many lie above."""
        found = self.team.map(lambda c: self.long.pack(self.x[c], low, high, self.p[c]))
        if not math.isfinite(sum(probe for _, _, probe in found)):
            raise NotFiniteError
        starts = (part.start for part in self.team.parts)
        taken = [self.p[s : s + size] for s, (size, _, _) in zip(starts, found, strict=True)]
        return np.concatenate(taken), sum(above for _, above, _ in found)

    def boundary(self, low: float, high: float) -> float:
        """Return about the middle between the scores next to the k-th place."""
        window, above = self._packed(low, high)
        place = window.size - (math.ceil(self.k) - above)
        if not 0 <= place < window.size:  # the sample was too far off
            window, place = self.x, self.x.size - math.ceil(self.k)
        ordered = np.partition(window, [max(place - 1, 0), place])
        return float(0.5 * ordered[place] + 0.5 * ordered[max(place - 1, 0)])

    def by_window(self, guess: _Guess, reach: float) -> tuple[float, float]:
        """Solve for what is not decided, and write F in one pass over all scores."""
        window, above = self._packed(guess.low - reach, guess.high + reach)
        k = self.k - above
        if not 0.0 < k < window.size:
            return self.by_passes(self.boundary(guess.low, guess.high))
        hints = _NOTHING if guess.near is None else np.array([guess.near])
        place, rows = np.empty((1, 2)), window.reshape(1, -1)
        self.kernels.rows(rows, k, _NOTHING, self.tau, hints, np.empty_like(rows), _NO_ROWS, place)
        center, lam = float(place[0, 0]), float(place[0, 1])
        ends = self._sweep(_FINISH, center, lam)
        off = abs(ends[0] - ends[1] + (ends[2] - self.k))
        if off > 1e-14 * max(1.0, ends[0] + ends[1]):
            return self.by_passes(center + lam * self.tau)
        return center, lam


def _halving(lam: float, low: float, high: float) -> float:
    """Return a step to the middle of the bounds, or away from the only one there is."""
    if math.isfinite(low) and math.isfinite(high):
        return 0.5 * (low + high) - lam
    far = 4.0 * (abs(lam) + 16.0)
    return far if math.isfinite(low) else -far
