"""GradTopK for long rows: power sums and polynomials instead of entries times angles.

Only angles with ``|e^{i th} - 1| < 13 / sd`` matter, so for a coin that shows heads with
probability q the factor ``log(1 + q eps)`` and the conditioned ``u(q) = q e^{i th} / (1 + q eps)``
are short power series in q, the same for all entries.  The characteristic function then needs
power sums of q, and p is a polynomial in q.  Where q times eps is too large for that, few
entries are left (their variance is bounded), and those are worked out one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.topk.semantics import FloatArray
from engine.topk.threshold_solver import BLOCK, blocks

__all__ = ["Group", "characteristic", "covariance_product", "mean", "split"]

ComplexArray = NDArray[np.complex128]

_REACH = 0.25  # largest q |eps| left to a series: 25 terms reach rounding
_TINY = 1e-18
_MOST = 60


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

    def epsilon(self, theta: FloatArray) -> ComplexArray:
        """Return ``e^{+-i th} - 1`` without cancellation, (angles,)."""
        half = np.sin(0.5 * theta)
        result: ComplexArray = -2.0 * half * half + 1j * self.turn * np.sin(theta)
        return result

    def unit(self, theta: FloatArray) -> ComplexArray:
        """Return ``e^{+-i th}``, (angles,)."""
        result: ComplexArray = np.exp(1j * self.turn * theta)
        return result


def split(rare: FloatArray, heads: NDArray[np.bool_], theta: FloatArray) -> list[Group]:
    """Return the groups of a row, by side and by whether a series serves them."""
    widest = 2.0 * float(np.sin(0.5 * theta[-1]))
    short = rare * widest <= _REACH
    groups = []
    for series in (True, False):
        for turn in (1, -1):
            index = np.flatnonzero((short == series) & (heads == (turn < 0)))
            if index.size:
                groups.append(Group(index, rare[index], turn, series))
    return groups


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
            result *= np.exp(_log_factors(group.q, eps, variance))
        else:
            for start, stop in narrow(group.q.size, theta.size):
                result *= (1.0 + np.multiply.outer(eps, group.q[start:stop])).prod(axis=1)
    return result


def _log_factors(q: FloatArray, eps: ComplexArray, variance: float) -> ComplexArray:
    """Return ``sum log(1 + q eps)`` as ``sum_r (-1)^{r+1} eps^r (sum q^r) / r``."""
    size, largest = np.abs(eps), float(q.max())
    # A term matters only as far as the characteristic function is not itself negligible.
    bound = float(q.sum()) * size * np.exp(-0.5 * variance * size * size)
    count = 1
    while count < _MOST and float(bound.max()) > _TINY:
        bound *= largest * size
        count += 1
    sums = _power_sums(q, count)
    result = np.zeros(eps.size, dtype=np.complex128)
    for r in range(count, 0, -1):
        result = -eps * (result - sums[r - 1] / r)
    return result


def _power_sums(q: FloatArray, count: int) -> FloatArray:
    """Return ``sum q^r`` for r = 1 ... count: dot products of half as many powers."""
    half = (count + 1) // 2
    powers = np.empty((half, min(BLOCK, q.size)))
    result = np.zeros(2 * half)
    for start, stop in blocks(q.size):
        rows = powers[:, : stop - start]
        rows[0] = q[start:stop]
        result[0] += float(rows[0].sum())
        for r in range(1, half):
            np.multiply(rows[r - 1], rows[0], out=rows[r])
            result[2 * r] += float(np.dot(rows[r], rows[r - 1]))
        for r in range(half):
            result[2 * r + 1] += float(np.dot(rows[r], rows[r]))
    return result[:count]


def mean(group: Group, theta: FloatArray, mass: ComplexArray, out: FloatArray) -> None:
    """Write ``E[u(q)]``, the probability of the followed side given the count, (m,)."""
    eps, unit = group.epsilon(theta), group.unit(theta)
    if not group.series:
        for start, stop in narrow(group.q.size, theta.size):
            q = group.q[start:stop]
            factors = 1.0 + np.multiply.outer(eps, q)
            out[start:stop] = ((mass * unit) @ (q / factors)).real
        return
    count = _degree(eps, mass, float(group.q.max()))
    _polynomial(group.q, ((mass * unit) @ _powers(-eps, count)).real, out)


def covariance_product(
    groups: list[Group], theta: FloatArray, mass: ComplexArray, v: FloatArray, out: FloatArray
) -> None:
    """Write the covariance of the conditioned coins times v, (n,)."""
    inner = np.zeros(theta.size, dtype=np.complex128)
    for group in groups:
        inner += group.turn * _forward(group, theta, mass, v[group.index])
    inner -= np.dot(mass, inner).real
    for group in groups:
        if isinstance(group.index, slice):
            _backward(group, theta, mass, inner, v, out)
        else:
            result = np.empty_like(group.q)
            _backward(group, theta, mass, inner, v[group.index], result)
            out[group.index] = result


def _forward(group: Group, theta: FloatArray, mass: ComplexArray, v: FloatArray) -> ComplexArray:
    """Return ``<u, v>`` at each angle."""
    eps, unit = group.epsilon(theta), group.unit(theta)
    if not group.series:
        total = np.zeros(theta.size, dtype=np.complex128)
        for start, stop in narrow(v.size, theta.size):
            q = group.q[start:stop]
            total += (q / (1.0 + np.multiply.outer(eps, q))) @ v[start:stop]
        return unit * total
    count = _degree(eps, mass, float(group.q.max())) + 2
    moments = np.zeros(count)
    buffer = np.empty(min(BLOCK, v.size))
    for start, stop in blocks(v.size):
        power, q = buffer[: stop - start], group.q[start:stop]
        np.multiply(q, v[start:stop], out=power)
        moments[0] += float(power.sum())
        for r in range(1, count):
            if r % 2:
                moments[r] += float(np.dot(power, q))
            else:
                power *= q
                power *= q
                moments[r] += float(power.sum())
    result: ComplexArray = unit * (_powers(-eps, count) @ moments)
    return result


def _backward(
    group: Group,
    theta: FloatArray,
    mass: ComplexArray,
    inner: ComplexArray,
    v: FloatArray,
    out: FloatArray,
) -> None:
    """Write ``E[u - u^2] v +- E[u inner]``, (m,); the sign undoes following tails."""
    eps, unit = group.epsilon(theta), group.unit(theta)
    weighted = mass * unit * inner * group.turn
    if not group.series:
        for start, stop in narrow(v.size, theta.size):
            q = group.q[start:stop]
            u = unit[:, None] * q / (1.0 + np.multiply.outer(eps, q))
            own = (mass @ (u * (1.0 - u))).real
            out[start:stop] = own * v[start:stop] + ((weighted / unit) @ u).real
        return
    count = _degree(eps, mass, float(group.q.max())) + 2
    powers = _powers(-eps, count)
    own = ((mass * unit) @ powers).real
    own[1:] -= ((mass * unit * unit) @ (powers[:, :-1] * np.arange(1, count))).real
    shared = (weighted @ powers).real
    work = np.empty(min(BLOCK, v.size))
    for start, stop in blocks(v.size):
        q, first, second = group.q[start:stop], work[: stop - start], out[start:stop]
        _horner(q, shared, second)
        _horner(q, own, first)
        first *= v[start:stop]
        second += first
        second *= q


def _degree(eps: ComplexArray, mass: ComplexArray, largest: float) -> int:
    """Return how many terms of the series in q keep the neglected rest below rounding."""
    bound, count = np.abs(mass), 1
    factor = largest * np.abs(eps)
    while count < _MOST and float(bound.sum()) > _TINY:
        bound = bound * factor
        count += 1
    return count


def _powers(base: ComplexArray, count: int) -> ComplexArray:
    return np.power.outer(base, np.arange(count))


def _polynomial(q: FloatArray, coefficients: FloatArray, out: FloatArray) -> None:
    """Write ``q (c_0 + c_1 q + ...)``, in blocks."""
    for start, stop in blocks(q.size):
        _horner(q[start:stop], coefficients, out[start:stop])
        out[start:stop] *= q[start:stop]


def _horner(q: FloatArray, coefficients: FloatArray, out: FloatArray) -> None:
    keep = coefficients.size
    while keep > 1 and abs(coefficients[keep - 1]) < _TINY * np.abs(coefficients).max():
        keep -= 1
    out.fill(coefficients[keep - 1])
    for c in coefficients[keep - 2 :: -1] if keep > 1 else ():
        out *= q
        out += c
