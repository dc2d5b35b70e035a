"""Rows of many scores: a sample says where to look, and only what is not decided is solved.

A score further from the threshold than a few dozen tau has its F at 0 or 1 to all digits of the
sum.  Where a sample leaves few of the scores undecided, these are taken out and solved by
themselves, and one pass writes F of all.  Else, and for F with heavy tails, passes over all scores
start so near that a Taylor polynomial of the sums ends them: most often the second writes F.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from engine.topk.compiled.constants import (
    AGAIN,
    CLOSE,
    DECIDED,
    FAR,
    FINISH,
    HEAVY,
    LOOK,
    MOST,
    NOISE,
    ROUNDING,
    SHORT,
)
from engine.topk.semantics import FloatArray
from engine.topk.threads import Team, parts_of
from engine.topk.threshold.beside import Around, Beside
from engine.topk.threshold.distributions import SURELY, Distribution

__all__ = ["NotFiniteError", "solve_long"]

SAMPLE, BESIDE = 1 << 13, 1 << 12  # scores of a sample, and on either side of the k-th place
_STRIDE = 8  # fewer scores of a row make one of the sample only where the row is short
_DEVIATIONS = 5.0  # of the sample that the threshold is looked for within
_MASS = 10.0  # sum of F' over the sample from which on it tells how far lam may be off
_TURNS = 5  # passes after which scores around the k-th place have not helped
_PATIENCE = {False: 10, True: 7}  # passes from a guess; of F that settles, which may go by halves
# Of the step before: longer ones from a guess lead nowhere soon, but cost exponentials little.
_SHRINKING = 0.5
_LONG = 3 << 15  # scores from which on a pass costs more than to find a start among a sample
_CLOSE_ENOUGH = 2.0  # tau that a guess may be off, about, to be a better start than the k-th place
_FURTHER = 2.0**-7  # share of the scores that lies around the k-th place, as far as `BESIDE`
_SEVERAL = 4.0  # scores of the sample that a guess must rest on, about
_WINDOW = 0.3  # share of scores up to which a window costs less than passes, and p has room for it
_HALFWAY = 0.5  # of what the slope promises a sum must change by where the slope is to be believed
_NOTHING = np.empty(0)
_NO_ROWS = np.empty((0, 0))


class NotFiniteError(ValueError):
    """A long row turned out to hold a NaN or an infinity: internal, who asked looks which."""


@dataclass(frozen=True)
class _Guess:
    """Where the threshold is looked for.

    Parameters
    ----------
    near : float or None
        About there; None where a sample has too few undecided scores to tell.
    low, high : float
        It lies between: for sure, or most likely; the score at the k-th place where near is None.
    told : bool
        Whether the sample has undecided scores enough for ``near`` to be a good start.
    certain : bool
        Whether the bounds are sure.
    around : Around
        Scores around the k-th place.
    """

    near: float | None
    low: float
    high: float
    told: bool = False
    certain: bool = False
    around: Around = field(default_factory=lambda: Around(_NOTHING, [], 0, _NOTHING))


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
    with Team(parts_of(x.size), x.size) as team:
        row = _Row(distribution, kernels, long, x, k, tau, p, f, team)
        return row.solved(row.sampled()) or row.solved(row.exact()) or (math.nan, math.nan)


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
    distribution : Distribution
        F.
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
        self, distribution: Distribution, kernels: Any, long: Any, x: FloatArray, k: float,
        tau: float, p: FloatArray, f: FloatArray | None, team: Team,
    ) -> None:  # fmt: skip
        self.distribution, self.kernels, self.long = distribution, kernels, long
        self.x, self.k, self.tau, self.p, self.f, self.team = x, k, tau, p, f, team
        self.reach = distribution.decided(x.size) * tau
        self.share, self.sample, self.room = 1.0, _NOTHING, _NOTHING

    def solved(self, guess: _Guess) -> tuple[float, float] | None:
        """Write F and return center and lam, or None where a guess turns out to be wrong."""
        wide = self.share > _WINDOW
        found = None if wide else self._by_window(guess)
        return found or (self._by_passes(guess) if wide or guess.certain else None)

    def sampled(self) -> _Guess:
        """Return what the threshold of a sample says about that of the row."""
        x, tau, share = self.x, self.tau, self.k / self.x.size
        sample = x[_places(min(SAMPLE, x.size // _STRIDE), x.size)].reshape(1, -1)
        m = sample.size
        p, f, place = np.empty_like(sample), np.empty_like(sample), np.empty((1, 2))
        if self.kernels.rows(sample, share * m, _NOTHING, tau, _NOTHING, p, f, place) >= 0:
            raise NotFiniteError
        slope = float(f.sum())
        squares = float(np.square(p).sum())  # no BLAS threads
        spread = math.sqrt(max(squares - share**2 * m, 0.0))
        near: float | None = float(place[0, 0] + place[0, 1] * tau)
        told = slope >= _MASS and math.isfinite(place.sum())
        self.sample, self.room = sample[0], p[0]
        off, low, high = _DEVIATIONS * spread / slope if slope else math.inf, math.nan, math.nan
        if told and not self._straight(place[0], off, share * m, slope):
            told, near = False, None
        if told and near is not None:
            low, high = near - off * tau, near + off * tau
        else:
            low, high = _between(sample[0], share)
            close = spread <= _CLOSE_ENOUGH * slope and not self.distribution.settles
            # Of what is rarer, kept or left out, one score of the sample must not be nearly all;
            # where F reaches 1 and then falls slowly, all have a part in what is left out.
            rare, alone, told_by = share * m, squares, _SEVERAL
            if share > 0.5:
                rare, alone = m - rare, m - 2.0 * rare + squares
                law = self.kernels.law
                told_by = 0.0 if law.exponential and law.touching else _SEVERAL
            near = near if close and rare * rare >= told_by * alone else None
        self._share_between(low, high)
        return _Guess(near, low, high, told)

    def _straight(self, place: FloatArray, off: float, k: float, slope: float) -> bool:
        """Whether the sum over the sample falls as its slope says, and not less: no gap is near."""
        center, lam, sums = float(place[0]), float(place[1]), []
        for step in (-off, off):
            moved = center + (lam + step) * self.tau
            found, _ = self.kernels.sweep(
                LOOK, self.sample, moved, 1.0 / self.tau, 0.0, 0.0, self.room, _NOTHING
            )
            sums.append(found[0] - found[1] + (found[2] - k))
        rounded = ROUNDING * (abs(center) + abs(moved)) / self.tau  # of t
        least = slope * (_HALFWAY * off - rounded) - NOISE * self.sample.size
        return bool(sums[0] >= least and -sums[1] >= least)

    def _share_between(self, low: float, high: float) -> None:
        """Note which share of the scores is not decided where the threshold is between these."""
        inside = (self.sample >= low - self.reach) & (self.sample <= high + self.reach)
        self.share = float(np.count_nonzero(inside)) / self.sample.size

    def exact(self) -> _Guess:
        """Return what the scores next to the k-th place say: the top ones alone reach k below one
        bound, the rest cannot reach it above the other.
        """
        n, k, tau, quantile = self.x.size, self.k, self.tau, self.distribution.quantile
        inner, outer = math.ceil(k), math.floor(k) + 1
        z_in, z_out, around = self._at(inner, outer)
        near = z_in if self.kernels.law.touching else 0.5 * z_in + 0.5 * z_out
        if inner == outer:
            near -= quantile(k - math.floor(k)) * tau
        elif self.distribution.settles:  # a gap of tau or more: 1 above it and 0 below
            near -= 0.5 * tau
        low = z_out - quantile(k / outer) * tau
        high = z_in - quantile((k - (inner - 1)) / (n - (inner - 1))) * tau
        self._share_between(low, high)
        return _Guess(near, low, high, certain=True, around=around)

    def _at(self, inner: int, outer: int) -> tuple[float, float, Around]:
        """Return the scores at two places next to each other, from the largest, and those around.

        The ends of where a sample looks for them are counted: there may be many of one score.
        Where few are kept the sample looks further than for them: `BESIDE` are around, or some.
        """
        x, size = self.x, self.x.size
        low, high = _between(self.sample, self.k / size, min(BESIDE / size, _FURTHER))
        found = self.team.map(lambda c: self.long.split(x[c], low, high, self.p[c]))
        if not math.isfinite(sum(probe for *_, probe in found)):
            raise NotFiniteError
        above, at_high, at_low = (sum(part[i] for part in found) for i in (1, 2, 3))
        inside, above = self._joined([size for size, *_ in found]), above + at_high
        if not (above - at_high < inner and outer <= above + inside.size + at_low):
            inside, above, at_high, at_low = x, 0, 0, 0
        last = inside.size - 1
        ranks = [last + 1 + above - place for place in (inner, outer)]
        places = [min(max(rank, 0), last) for rank in ranks] if inside.size else []
        bottom, top = max(0, ranks[1] - BESIDE), min(last, ranks[0] + BESIDE)
        ordered = np.partition(inside, sorted({bottom, *places, top})) if places else inside
        z_in, z_out = (
            high if rank > last else low if rank < 0 else float(ordered[rank]) for rank in ranks
        )
        ends = [(low, at_low)] if bottom == 0 else []
        ends += [(high, at_high)] if top == last else []
        ends = [(score, count) for score, count in ends if count]
        beyond = above - at_high if top == last else above + last - top
        return z_in, z_out, Around(ordered[bottom : top + 1], ends, beyond, self.sample)

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
        return np.array([math.fsum(terms) for terms in zip(*(s for s, _ in found), strict=True)])

    def _by_passes(self, guess: _Guess) -> tuple[float, float] | None:
        """Solve by passes over all scores."""
        start, reach = guess.near, self.kernels.law.reach
        if start is None:
            return None
        beside = None
        if guess.certain:
            size = self.x.size
            beside = Beside(self.kernels, self.long, guess.around, size, self.k, self.tau)
            if size >= _LONG:
                start = beside.start(start, guess.low, guess.high)
        for _ in range(3):
            found = self._threshold(start, guess, beside, reach)
            if found is None:
                return None
            center, lam, step, slope = found
            ends = self._sweep(CLOSE, center, lam, step)
            off = abs(ends[0] - ends[1] + (ends[2] - self.k))
            # What is near 1 has been rounded there.
            size = ends[0] + ends[1] + abs(ends[2] - self.k) + ends[2]
            if off <= max(1e-12 * max(1.0, slope), NOISE * size):
                break
            start, reach = center + (lam + step) * self.tau, 0.0
        return center, lam + step

    def _threshold(
        self, center: float, guess: _Guess, beside: Beside | None, reach: float
    ) -> tuple[float, float, float, float] | None:
        """Return center, lam, the step that is still to be taken, and the sum of F'."""
        lam, low, high, slope, before = 0.0, -math.inf, math.inf, 0.0, math.inf
        if guess.certain:
            low = (guess.low - center) / self.tau - SURELY
            high = (guess.high - center) / self.tau + SURELY
        sums = self._sweep(LOOK, center, lam)
        for turn in range(MOST if guess.certain else _PATIENCE[self.distribution.settles]):
            lower, upper, above = (float(s) for s in sums[:3])
            residual, size = lower - upper + (above - self.k), lower + upper + abs(above - self.k)
            slope = float(sums[3] + sums[4])
            if abs(residual) <= 2.0 * ROUNDING * size or size < DECIDED:
                return center, lam, 0.0, slope
            low, high = (lam, high) if residual > 0.0 else (low, lam)
            step = self.long.suggested(self.kernels.law.step, *sums, self.k)
            last = reach if abs(residual) > NOISE * size else max(reach, SHORT)
            # Beyond half a unit of t the step is no root of the series, see `suggested`.
            if beside and self.kernels.law.step == HEAVY and abs(residual) <= 0.5 * slope:
                last *= beside.radius(center, lam)
            if abs(step) <= max(last, 0.5 * ROUNDING):
                return center, lam, step, slope
            hurry = not guess.certain and turn >= (4 if self.kernels.law.exponential else 2)
            if hurry and abs(step) > _SHRINKING * before:
                return None
            before = abs(step)
            if beside and turn < _TURNS:
                found = beside.step(sums, center, lam, low, high)
                step = step if found is None else found
            if not low < lam + step < high:
                if not guess.certain:
                    return None
                step = 0.5 * low + 0.5 * high - lam
                if not low < lam + step < high:
                    return center, lam, 0.0, slope
            lam += step
            moved = center + lam * self.tau
            if abs(lam) > FAR and math.isfinite(moved):
                gone, center = (moved - center) / self.tau, moved
                low, high, lam = low - gone, high - gone, lam - gone
                sums = self._sweep(LOOK, center, lam)
            else:
                sums = self._sweep(AGAIN, center, lam)
        return (center, lam, 0.0, slope) if guess.certain else None

    def _packed(self, low: float, high: float) -> tuple[FloatArray, int]:
        """Return the scores from low to high, in the memory of p, and how many lie above."""
        found = self.team.map(lambda c: self.long.pack(self.x[c], low, high, self.p[c]))
        if not math.isfinite(sum(probe for _, _, probe in found)):
            raise NotFiniteError
        return self._joined([size for size, _, _ in found]), sum(above for _, above, _ in found)

    def _joined(self, sizes: list[int]) -> FloatArray:
        """Return what the parts wrote into p, that many each, side by side."""
        end = 0
        for part, size in zip(self.team.parts, sizes, strict=True):
            self.p[end : end + size] = self.p[part.start : part.start + size]
            end += size
        return self.p[:end]

    def _by_window(self, guess: _Guess) -> tuple[float, float] | None:
        """Solve for what is not decided, and write F in one pass over all scores."""
        window, above = self._packed(guess.low - self.reach, guess.high + self.reach)
        k, size = self.k - above, window.size
        if not 0.0 < k < size or 3 * size > self.p.size:  # the sample was too far off
            return None
        hints, place = np.array([guess.near]) if guess.told else _NOTHING, np.empty((1, 2))
        rows, room, slopes = (self.p[i * size : (i + 1) * size].reshape(1, -1) for i in range(3))
        self.kernels.rows(rows, k, _NOTHING, self.tau, hints, room, slopes, place)
        center, lam = float(place[0, 0]), float(place[0, 1])
        slope = float(slopes.sum())
        ends = self._sweep(FINISH, center, lam)
        off = abs(ends[0] - ends[1] + (ends[2] - self.k))
        # That many scores, each rounded, need not add up to k in more digits.
        limit = max(1e-14 * max(1.0, ends[0] + ends[1]), 1e-13 * slope)
        if guess.low <= center + lam * self.tau <= guess.high:  # nothing left out is in reach
            limit = max(limit, ROUNDING * ends[2])
        return (center, lam) if off <= limit else None


def _between(sample: FloatArray, share: float, most: float = 0.0) -> tuple[float, float]:
    """Return two scores that the one at the k-th place of the row most likely lies between.

    At least a share ``most`` of all lies between it and either, where there are so many.
    """
    m = sample.size
    off = max(_DEVIATIONS * math.sqrt(share * (1.0 - share) * m), most * m) + 2.0
    inner, outer = math.floor(share * m - off), math.ceil(share * m + off)
    places = [m - min(max(place, 1), m) for place in (outer, inner)]
    ordered = np.partition(sample, places)
    low = float(ordered[places[0]]) if outer <= m else -math.inf
    high = float(ordered[places[1]]) if inner >= 1 else math.inf
    return low, high
