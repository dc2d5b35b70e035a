"""GradTopK for long rows: power sums and polynomials instead of entries times angles.

Only angles with ``|e^{i th} - 1| < 13 / sd`` matter, so for a coin that shows heads with
probability q the factor ``log(1 + q eps)`` and the conditioned ``u(q) = q e^{i th} / (1 + q eps)``
are short power series in q, the same for all entries.  The characteristic function then needs
power sums of q, and p is a polynomial in q.  Where q times eps is too large for that, few
entries are left (their variance is bounded), and those are worked out one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.topk.compiled import ready
from engine.topk.semantics import BLOCK, LONG, FloatArray
from engine.topk.threads import Team, parts_of

__all__ = ["Group", "characteristic", "covariance_product", "mean", "split", "weighted_moments"]

ComplexArray = NDArray[np.complex128]

_REACH = 0.25  # largest q |eps| left to a series: 25 terms reach rounding
_TINY = 1e-18
_MOST = 60
_FEW = 2048  # entries whose powers are made at once


@dataclass(frozen=True, eq=False)
class Group:
    """Entries worked out together.

    Parameters
    ----------
    index : slice or ndarray of int
        Their places in the row.
    q : ndarray (m,), float64
        Probability of the side that is followed.
    turn : int
        +1 where that side is heads, -1 where it is tails.
    series : bool
        Whether q |eps| is small enough for power series.
    """

    index: slice | NDArray[np.intp]
    q: FloatArray
    turn: int
    series: bool

    @cached_property
    def largest(self) -> float:
        """Largest probability."""
        return float(self.q.max())

    def epsilon(self, theta: FloatArray) -> ComplexArray:
        """Return ``e^{+-i th} - 1`` without cancellation, (angles,)."""
        half = np.sin(0.5 * theta)
        result: ComplexArray = -2.0 * half * half + 1j * self.turn * np.sin(theta)
        return result

    def unit(self, theta: FloatArray) -> ComplexArray:
        """Return ``e^{+-i th}``, (angles,)."""
        result: ComplexArray = np.exp(1j * self.turn * theta)
        return result


def split(groups: Iterable[Group], theta: FloatArray) -> list[Group]:
    """Return the groups that are not empty, with those entries apart that no series serves."""
    widest, found = 2.0 * float(np.sin(0.5 * theta[-1])), []
    for group in groups:
        if not group.q.size:
            continue
        if isinstance(group.index, slice) or group.largest * widest <= _REACH:
            found.append(group)
            continue
        short = group.q * widest <= _REACH
        for series, here in ((True, short), (False, ~short)):
            found.append(Group(group.index[here], group.q[here], group.turn, series))
    return [group for group in found if group.q.size]


def _team(q: FloatArray) -> Team:
    return Team(parts_of(q.size), q.size)


def narrow(n: int, rows: int) -> list[tuple[int, int]]:
    """Return (start, stop) of blocks of n columns so small that BLAS works on one thread."""
    width = max(1, BLOCK // (2 * rows))
    return [(start, min(start + width, n)) for start in range(0, n, width)]


def characteristic(groups: list[Group], theta: FloatArray, variance: float) -> ComplexArray:
    """Return the product of ``1 + q eps`` over all entries, (angles,)."""
    result = np.ones(theta.size, dtype=np.complex128)
    for group in groups:
        eps = group.epsilon(theta)
        if group.series:
            result *= np.exp(_log_factors(group, eps, variance))
        else:
            for start, stop in narrow(group.q.size, theta.size):
                result *= (1.0 + np.multiply.outer(eps, group.q[start:stop])).prod(axis=1)
    return result


def _log_factors(group: Group, eps: ComplexArray, variance: float) -> ComplexArray:
    """Return ``sum log(1 + q eps)`` as ``sum_r (-1)^{r+1} eps^r (sum q^r) / r``."""
    size, total = np.abs(eps), float(group.q.sum())
    # A term matters only as far as the characteristic function is not itself negligible.
    bound = total * size * np.exp(-0.5 * variance * size * size)
    count = _terms(_geometric(bound, group.largest * size).max(axis=1))
    sums = np.concatenate(([total], weighted_moments(group.q, group.q, count - 1)))
    result = np.zeros(eps.size, dtype=np.complex128)
    for r in range(count, 0, -1):
        result = -eps * (result - sums[r - 1] / r)
    return result


def weighted_moments(q: FloatArray, v: FloatArray, count: int, shift: float = 0.0) -> FloatArray:
    """Return ``sum (v - shift) q^r`` for r = 1 ... count."""
    if q.size > LONG and (kernels := ready.get("grad")) is not None:

        def of(chunk: slice) -> FloatArray:
            part = np.empty(count)
            kernels.moments(q[chunk], v[chunk], shift, part)
            return part

        with _team(q) as team:
            sums: FloatArray = np.asarray(team.map(of)).sum(axis=0)
        return sums
    if q.size <= _FEW:
        moments: FloatArray = _geometric(q, q, count).dot(v - shift)
        return moments
    result, power = np.empty(count), v - shift
    for r in range(count):
        power *= q
        result[r] = power.sum()
    return result


def mean(group: Group, theta: FloatArray, mass: ComplexArray, out: FloatArray) -> None:
    """Write ``E[u(q)]``, the probability of the followed side given the count, (m,)."""
    eps, unit = group.epsilon(theta), group.unit(theta)
    if not group.series:
        for start, stop in narrow(group.q.size, theta.size):
            q = group.q[start:stop]
            factors = 1.0 + np.multiply.outer(eps, q)
            out[start:stop] = ((mass * unit) @ (q / factors)).real
        np.clip(out, 0.0, 1.0, out=out)
        return
    count = _degree(eps, mass, group.largest)
    _polynomial(group.q, ((mass * unit) @ _powers(-eps, count)).real, out)


def covariance_product(
    groups: list[Group], theta: FloatArray, mass: ComplexArray, v: FloatArray, tau: float
) -> FloatArray:
    """Return the covariance of the conditioned coins times ``v / tau``, (n,); 0 in no group.

    It takes constants to 0, and loses fewer digits when the mean of v is left out of the sums.
    """
    along = [v[group.index] for group in groups]
    shift = sum(float(part.sum()) for part in along) / max(1, sum(part.size for part in along))
    inner = np.zeros(theta.size, dtype=np.complex128)
    for group, part in zip(groups, along, strict=True):
        inner += group.turn * _forward(group, theta, mass, part, shift)
    inner -= np.dot(mass, inner).real
    result = np.zeros(v.size)
    for group, part in zip(groups, along, strict=True):
        whole = isinstance(group.index, slice)
        out = result if whole else np.empty_like(group.q)
        _backward(group, theta, mass, inner, part, shift, tau, out)
        if not whole:
            result[group.index] = out
    return result


def _forward(
    group: Group, theta: FloatArray, mass: ComplexArray, v: FloatArray, shift: float
) -> ComplexArray:
    """Return ``<u, v - shift>`` at each angle."""
    eps, unit = group.epsilon(theta), group.unit(theta)
    if not group.series:
        total = np.zeros(theta.size, dtype=np.complex128)
        for start, stop in narrow(v.size, theta.size):
            q = group.q[start:stop]
            total += (q / (1.0 + np.multiply.outer(eps, q))) @ (v[start:stop] - shift)
        return unit * total
    count = _degree(eps, mass, group.largest) + 2
    moments = weighted_moments(group.q, v, count, shift)
    result: ComplexArray = unit * (_powers(-eps, count) @ moments)
    return result


def _backward(
    group: Group,
    theta: FloatArray,
    mass: ComplexArray,
    inner: ComplexArray,
    v: FloatArray,
    shift: float,
    tau: float,
    out: FloatArray,
) -> None:
    """Write ``(E[u - u^2] (v - shift) +- E[u inner]) / tau``; the sign undoes following tails."""
    eps, unit = group.epsilon(theta), group.unit(theta)
    weighted = mass * unit * inner * group.turn
    if not group.series:
        for start, stop in narrow(v.size, theta.size):
            q = group.q[start:stop]
            u = unit[:, None] * q / (1.0 + np.multiply.outer(eps, q))
            own = (mass @ (u * (1.0 - u))).real
            out[start:stop] = own * (v[start:stop] - shift) + ((weighted / unit) @ u).real
        out /= tau
        return
    count = _degree(eps, mass, group.largest) + 2
    powers = _powers(-eps, count)
    own = ((mass * unit) @ powers).real
    own[1:] -= ((mass * unit * unit) @ (powers[:, :-1] * np.arange(1, count))).real
    shared = (weighted @ powers).real
    keep = max(_significant(own), _significant(shared))
    own, shared = np.ascontiguousarray(own[:keep]), np.ascontiguousarray(shared[:keep])
    q = group.q
    if q.size > LONG and (kernels := ready.get("grad")) is not None:
        with _team(q) as team:
            team.map(lambda c: kernels.two_polynomials(q[c], own, shared, v[c], shift, tau, out[c]))
    else:
        out[:] = q * (_horner(q, own) * (v - shift) + _horner(q, shared)) / tau


def _degree(eps: ComplexArray, mass: ComplexArray, largest: float) -> int:
    """Return how many terms of the series in q keep the neglected rest below rounding."""
    return _terms(_geometric(np.abs(mass), largest * np.abs(eps)).sum(axis=1))


def _geometric(first: FloatArray, factor: FloatArray, count: int = _MOST) -> FloatArray:
    """Return ``first factor^r`` for r = 0 ... count - 1, a row each."""
    rows = np.empty((count, first.size))
    rows[:1], rows[1:] = first, factor
    return np.multiply.accumulate(rows, axis=0, out=rows)


def _terms(bounds: FloatArray) -> int:
    """Return how many terms there are to the first bound that is negligible."""
    small = bounds <= _TINY
    return int(small.argmax()) + 1 if small.any() else _MOST


def _powers(base: ComplexArray, count: int) -> ComplexArray:
    return np.power.outer(base, np.arange(count))


def _polynomial(q: FloatArray, coefficients: FloatArray, out: FloatArray) -> None:
    """Write ``q (c_0 + c_1 q + ...)``, cut off at 0 and 1."""
    coefficients = np.ascontiguousarray(coefficients[: _significant(coefficients)])
    if q.size > LONG and (kernels := ready.get("grad")) is not None:
        with _team(q) as team:
            team.map(lambda c: kernels.polynomial(q[c], coefficients, out[c]))
    else:
        np.clip(q * _horner(q, coefficients), 0.0, 1.0, out=out)


def _significant(coefficients: FloatArray) -> int:
    """Return how many coefficients matter to a polynomial on [0, 1]."""
    large = np.abs(coefficients) >= _TINY * np.abs(coefficients).max()
    return int(np.flatnonzero(large)[-1]) + 1


def _horner(q: FloatArray, coefficients: FloatArray) -> FloatArray:
    result = np.full_like(q, coefficients[-1])
    for c in coefficients[-2::-1]:
        result *= q
        result += c
    return result
