"""Where rows are solved: by compiled kernels that are ready, long ones in parts, or by NumPy."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from engine.topk.compiled import ready
from engine.topk.compiled.constants import APART, SETTLED
from engine.topk.semantics import LONG, FloatArray, Rows
from engine.topk.threads import CHUNK, Team, parts_of
from engine.topk.threshold.distributions import Distribution
from engine.topk.threshold.long_rows import NotFiniteError, solve_long
from engine.topk.threshold.solver import Solved, solve

__all__ = ["multiplied", "solved"]

_LEAST, _MOST = 1e-290, 1e290  # tau whose inverse is a normal number
_TOGETHER = 1 << 19  # scores up to which p may hold the memory of F', too, as long as it lives
_NOTHING = np.empty(0)


def solved(distribution: Distribution, rows: Rows) -> Solved:
    """Return the rows at their thresholds, with F' 0 in those where p is constant.

    Raises
    ------
    DataError, ArgumentError
        As `Rows.kept`.
    """
    name, scores = distribution.kernels, rows.scores
    kernels = ready.get(name) if name and _LEAST <= rows.tau <= _MOST else None
    if kernels is None:
        if name and scores.size > LONG:
            ready.want((name, "products", "long"))
        return _settled(distribution, solve(distribution, rows), rows)
    if scores.shape[1] > LONG and (long := ready.get("long")) is not None:
        return _settled(distribution, _long(distribution, kernels, long, rows), rows)
    return _short(distribution, kernels, rows)


def _settled(distribution: Distribution, found: Solved, rows: Rows) -> Solved:
    """Make F' 0 where the k largest are a unit of t or more above the rest, for F that settles.

    The threshold may then be on a kink, beside which F' is not 0 but no score decides anything; or
    so near to it, where F' is flat, as rounding lets it be.
    """
    if found.f is None or not distribution.settles:
        return found
    p, k = found.p, rows.all_k()
    squares = np.einsum("ij,ij->i", p, p)  # no BLAS threads
    for row in np.flatnonzero((k == np.floor(k)) & (k - squares <= SETTLED * k)):
        scores, inside = rows.scores[row], p[row] >= 0.5
        inner = scores.min(where=inside, initial=np.inf)
        outer = scores.max(where=~inside, initial=-np.inf)
        with np.errstate(all="ignore"):
            if (inner - outer) / rows.tau >= APART:
                found.f[row] = 0.0
    return found


def _room(rows: Rows) -> tuple[FloatArray, FloatArray | None]:
    """Return room for F, and for F' where derivatives will be asked for.

    Both are taken at once: two arrays of a few megabytes, freed together, are handed back to the
    system after each call and cost more to have again than the rows to solve.
    """
    m, n = rows.scores.shape
    if not rows.slopes:
        return np.empty((m, n)), None
    if m * n > _TOGETHER:
        return np.empty((m, n)), np.empty((m, n))
    both = np.empty((2, m, n))
    return both[0], both[1]


def _short(distribution: Distribution, kernels: Any, rows: Rows) -> Solved:
    x, tau = rows.scores, rows.tau
    m, n = x.shape
    (p, f), places = _room(rows), np.empty((m, 2))
    slopes = np.empty((0, n)) if f is None else f
    k, ks = (rows.k, _NOTHING) if isinstance(rows.k, float) else (0.0, rows.k)
    found = Solved(p, f, places[:, 0], places[:, 1])
    products = ready.get("products") if f is not None and distribution.settles else None

    def of(c: slice) -> int:  # parts of what is empty are empty
        bad: int = kernels.rows(x[c], k, ks[c], tau, _NOTHING, p[c], slopes[c], places[c])
        if products is not None:  # while they are in the cache
            products.settle(x[c], p[c], slopes[c], k, ks[c], 1.0 / tau)
        return bad if bad < 0 else bad + c.start

    if m * n <= CHUNK:
        bad = kernels.rows(x, k, ks, tau, _NOTHING, p, slopes, places)
        if bad >= 0:
            rows.refuse(bad)
        if products is not None:
            products.settle(x, p, slopes, k, ks, 1.0 / tau)
    else:
        with Team(parts_of(m, max(1, CHUNK // n)), m * n) as team:
            for bad in team.map(of):
                if bad >= 0:
                    rows.refuse(bad)
    return found if products is not None else _settled(distribution, found, rows)


def _long(distribution: Distribution, kernels: Any, long: Any, rows: Rows) -> Solved:
    m, n = rows.scores.shape
    p, f = _room(rows)
    result = Solved(p, f, np.full(m, np.nan), np.full(m, np.nan))
    for index, scores in enumerate(rows.scores):
        k, slopes = rows.k_of(index), None if f is None else f[index]
        place = None
        if 0.0 < k < n:
            with suppress(NotFiniteError):
                place = solve_long(
                    distribution, kernels, long, scores, k, rows.tau, result.p[index], slopes
                )
        if place is None:
            place = _masked(distribution, kernels, long, rows, index, result)
        result.center[index], result.lam[index] = place
    return result


def _masked(
    distribution: Distribution, kernels: Any, long: Any, rows: Rows, index: int, result: Solved
) -> tuple[float, float]:
    """Solve what a mask leaves of a long row; nothing and everything are kept here, too."""
    rows.refuse(index)
    kept, k = rows.scores[index] > -np.inf, rows.k_of(index)
    left = rows.scores[index, kept]
    p, f = result.p[index], None if result.f is None else result.f[index]
    p[:] = 0.0
    if f is not None:
        f[:] = 0.0
    if k == 0.0 or k >= left.size:
        p[kept] = 1.0 if k > 0.0 else 0.0
        return np.nan, np.nan
    found = solved(distribution, Rows(left[None], k, rows.tau, slopes=rows.slopes))
    p[kept] = found.p[0]
    if f is not None and found.f is not None:
        f[kept] = found.f[0]
    return float(found.center[0]), float(found.lam[0])


def multiplied(
    f: FloatArray, v: FloatArray, tau: float, room: FloatArray | None = None
) -> FloatArray:
    """Return ``f (v - <f, v> / S) / tau`` of each row, (m, n); 0 where f is, whatever v.

    It may be written into ``room``: memory that is at hand costs less than memory that is new.
    """
    kernels = ready.get("products") if _LEAST <= tau <= _MOST else None
    m, n = f.shape
    if kernels is None:
        with np.errstate(all="ignore"):
            v = np.where(f > 0.0, v, 0.0)
            total = f.sum(axis=1, keepdims=True)
            inner = (f * v).sum(axis=1, keepdims=True)
            mean = np.divide(inner, total, out=np.zeros_like(total), where=total > 0.0)
            product: FloatArray = f * (v - mean) / tau
        return product
    result = np.empty((m, n)) if room is None else room
    if m * n <= CHUNK:
        kernels.rows(f, v, 1.0 / tau, result)
    elif n <= LONG:
        with Team(parts_of(m, max(1, CHUNK // n)), m * n) as team:
            team.map(lambda c: kernels.rows(f[c], v[c], 1.0 / tau, result[c]))
    else:
        for slopes, along, out in zip(f, v, result, strict=True):
            _long_product(kernels, slopes, along, 1.0 / tau, out)
    return result


def _long_product(
    kernels: Any, f: FloatArray, v: FloatArray, scale: float, out: FloatArray
) -> None:
    with Team(parts_of(f.size), f.size) as team:
        sums = np.asarray(team.map(lambda c: kernels.inner(f[c], v[c]))).sum(axis=0)
        mean = float(sums[1] / sums[0]) if sums[0] > 0.0 else 0.0
        team.map(lambda c: kernels.centred(f[c], v[c], mean, scale, out[c]))
