"""Rows too long for the bracketed solver: a sampled start, then a few passes of compiled kernels.

What a distribution brings in its `Kernels` is compiled on first use; this module is plain Python.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from engine.topk.semantics import FloatArray, Problem
from engine.topk.threshold.distributions import Distribution
from engine.topk.threshold.kernels import Kernels, Sums
from engine.topk.threshold.solver import solve_threshold

__all__ = ["LongRow", "Team", "plain", "solve_long"]

CHUNK = 1 << 16  # scores per call of a kernel: long sums are sums of chunks, and lose less
STRIDE = 32  # every so many scores make the sample that gives the start, recursively
START = 256  # scores that the bracketed solver gives the first start from
_MAX_PASSES = 8
_CORES = min(os.cpu_count() or 1, 4)  # beyond four the memory is what is waited for
_SHARE = 16  # chunks that make another thread worth its start, also where it must wait for a core

T = TypeVar("T")


class Team:
    """A few threads that share the chunks of a long row, for the length of one solve.

    The kernels hold no GIL.  Whoever works on a chunk, its sums are added in its place, so the
    result does not depend on how many there are.

    Parameters
    ----------
    n : int
        Length of the row.
    """

    def __init__(self, n: int) -> None:
        self.parts = [slice(i, min(i + CHUNK, n)) for i in range(0, n, CHUNK)]
        self.others = min(len(self.parts) // _SHARE, _CORES - 1)
        self.pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Team:
        if self.others:
            self.pool = ThreadPoolExecutor(self.others, "long row")
        return self

    def __exit__(self, *error: object) -> None:
        if self.pool:
            self.pool.shutdown()

    def map(self, work: Callable[[slice], T]) -> list[T]:
        """Return ``work`` of every chunk, in order; whoever is free takes the next one."""
        if self.pool is None:
            return [work(part) for part in self.parts]
        results: dict[int, T] = {}
        todo = deque(enumerate(self.parts))

        def help_out() -> None:
            while todo:
                try:
                    place, part = todo.popleft()
                except IndexError:  # another thread was faster
                    return
                results[place] = work(part)

        helpers = [self.pool.submit(help_out) for _ in range(self.others)]
        help_out()
        for helper in helpers:
            if not helper.cancel():  # one that a busy machine has not even started is not missed
                helper.result()
        return [results[place] for place in range(len(self.parts))]


def plain(array: FloatArray) -> FloatArray:
    """Return an array as a contiguous read-only view: one type, so one compilation."""
    result = np.require(array, np.float64, ["C", "A"]).view()
    result.flags.writeable = False
    return result


class LongRow:
    """A long row at one threshold, and what its kernels keep of it.

    Parameters
    ----------
    kernels : Kernels
        Of the distribution.
    scores, out : ndarray (n,), float64
        Scores as `plain` gives them, and room for F.
    center, scale : float
        ``t = (x - center) scale - lam``.
    team : Team
        Who works on it.
    """

    def __init__(
        self,
        kernels: Kernels,
        scores: FloatArray,
        out: FloatArray,
        center: float,
        scale: float,
        team: Team,
    ) -> None:
        self.team = team
        self.kernels, self.scores, self.out = kernels, scores, out
        self.center, self.scale, self.lam = center, scale, 0.0

    def open_row(self) -> FloatArray:
        """Return the sums at lam."""
        place = (self.center, self.scale, self.lam)
        return self._sum(lambda c: self.kernels.open_row(self.scores[c], *place, self.out[c]))

    def move(self, step: float) -> FloatArray:
        """Return the sums at lam + step, which is lam from now on."""
        self.lam += step
        move = self.kernels.move
        if move is None:
            return self.open_row()
        return self._sum(lambda c: move(step, self.out[c]))

    def close(self, step: float) -> FloatArray:
        """Write F at lam + step; the row is finished."""
        place = (self.center, self.scale, self.lam, step)
        sums = self._sum(lambda c: self.kernels.close(self.scores[c], *place, self.out[c]))
        self.lam += step
        return sums

    def product(self, v: FloatArray) -> FloatArray:
        """Return ``f (v - <f, v> / S) scale`` with S = sum f, once the row is finished."""
        from engine.topk.threshold.plain_kernels import center_product

        place, p, v = (self.center, self.scale, self.lam), self.out, plain(v)
        f = np.empty_like(p)
        with Team(f.size) as self.team:
            total, inner = self._sum(
                lambda c: self.kernels.density(self.scores[c], *place, p[c], v[c], f[c])
            )
            mean = float(inner / total)
            self.team.map(lambda c: center_product(f[c], v[c], mean, self.scale))
        return f

    def _sum(self, over: Callable[[slice], Sums]) -> FloatArray:
        sums: FloatArray = np.asarray(self.team.map(over)).sum(axis=0)
        return sums


def solve_long(distribution: Distribution, problem: Problem) -> LongRow | None:
    """Return the row at its threshold, or None where it needs the bracketed solver.

    Notes
    -----
    None is the answer to distributions without kernels, to scores that the sample does not
    represent (one huge outlier, a period equal to the stride) or that are not finite, to rows
    almost all of whose entries are saturated, and to temperatures whose inverse nearly overflows:
    then the Newton steps do not agree, or the sum at the end, taken over tails so that it keeps
    its digits, is not k.
    """
    kernels, k, tau = distribution.kernels(), problem.k, problem.tau
    if kernels is None or tau < 1e-290:
        return None
    scores = plain(problem.scores)
    with Team(scores.size) as team:
        return _solve(distribution, kernels, scores, k, tau, team)


def _solve(
    distribution: Distribution,
    kernels: Kernels,
    scores: FloatArray,
    k: float,
    tau: float,
    team: Team,
) -> LongRow | None:
    out = np.empty_like(scores)
    center = _start(distribution, kernels, scores[::STRIDE], k / scores.size, tau, out)
    row = LongRow(kernels, scores, out, center, 1.0 / tau, team)
    sums = row.open_row()
    for _ in range(_MAX_PASSES):
        residual = float(sums[0] + (sums[1] - k))
        slope = float(sums[2])
        if not (slope >= 1e-3 and abs(residual) <= 0.5 * slope):
            return None
        step = _taylor_step(residual, sums[2:])
        if abs(step) <= kernels.reach or abs(residual) <= 1e-13 * max(1.0, slope):
            sums = row.close(step)
            off = abs(float(sums[0] + (sums[1] - k)))
            return row if off <= 1e-12 * max(1.0, slope) else None
        sums = row.move(step)
    return None


def _start(
    distribution: Distribution,
    kernels: Kernels,
    sample: FloatArray,
    share: float,
    tau: float,
    work: FloatArray,
) -> float:
    """Return about the threshold of the sample, in the unit of the scores."""
    scores = plain(sample)
    if scores.size <= START:
        if not np.isfinite(scores).all():
            return math.nan
        found = solve_threshold(distribution, scores, share * scores.size, tau)
        return float(found.center + found.lam * tau)
    center = _start(distribution, kernels, scores[::STRIDE], share, tau, work)
    row = LongRow(kernels, scores, work[: scores.size], center, 1.0 / tau, Team(scores.size))
    sums = row.open_row()
    residual, slope = float(sums[0] + (sums[1] - share * scores.size)), float(sums[2])
    if not (slope > 0.0 and abs(residual) <= 0.5 * slope):
        return center
    return center + _taylor_step(residual, sums[2:]) * tau


def _taylor_step(residual: float, derivatives: FloatArray) -> float:
    """Return the step d of lam with ``residual + sum_j derivatives_j (-d)^j / j! = 0``."""
    polynomial = [residual]
    polynomial += [float(s) / math.factorial(j + 1) for j, s in enumerate(derivatives)]
    d = 0.0
    for _ in range(4):  # Newton from 0
        value = slope = 0.0
        for c in reversed(polynomial):
            slope = slope * d + value
            value = value * d + c
        d -= value / slope
    return -d
