"""Two constructions that take k softmax steps, each discounting what is already chosen.

References
----------
Su, kexue.fm/archives/10373, section on iterative constructions; the weighted form goes back to
a Stack Exchange answer quoted there and is wrong on purpose: for k = 2 its limit is
(1.5, 0.5, 0, ...).
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from engine.topk.code import Code
from engine.topk.iterated.exact import (
    MOST_WORK,
    exact_softmax,
    exact_weighted,
    exact_weighted_product,
    growth,
)
from engine.topk.iterated.softmax import softmax_and_rest
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Problem
from engine.topk.solution import RowSolution, row_by_row

__all__ = ["ITERATED_SOFTMAX", "ITERATED_WEIGHTED_SOFTMAX"]

_Shares = tuple[FloatArray, FloatArray, FloatArray]


class IteratedSolution(RowSolution):
    """``y = (1 - p) (z - min z); p += softmax(y)``, k times."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        x = problem.scores
        self.lowest = int(x.argmin())
        self.height: FloatArray = np.minimum((x - x[self.lowest]) / problem.tau, 1e300)

    def value(self) -> FloatArray:
        """Return p, (n,); in many digits where float64 is not sure to hold 1e-13."""
        history: list[tuple[FloatArray, FloatArray]] = []
        count = self.problem.count
        small = self.height.size * count <= MOST_WORK
        p = self._run(None, history if small else None)[0]
        if small and self._unsure(np.array([share for _, share in history])):
            exact = exact_softmax(self.problem.scores, count, self.problem.tau)
            return p if exact is None else exact
        return p

    def _unsure(self, share: FloatArray) -> bool:
        """Whether rounding, grown by the steps after it, may come to 1e-13."""
        bound = growth(share, self.height)
        grown = float(np.log10(np.maximum(bound - 1.0, 1.0)).sum())
        return grown + math.log10(1.0 + float(bound.sum())) > 2.0

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (n,), by differentiating each step forwards."""
        return self._run(v - v[self.lowest])[1] / self.problem.tau

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,), by running the k steps backwards from their stored values."""
        history: list[tuple[FloatArray, FloatArray]] = []
        self._run(None, history)
        back_p, back_z = g.copy(), np.zeros_like(g)
        for remaining, share in reversed(history):
            back_y = share * (back_p - np.dot(share, back_p))
            back_p -= self.height * back_y
            back_z += remaining * back_y
        back_z[self.lowest] -= back_z.sum()
        return back_z / self.problem.tau

    def _run(
        self, v: FloatArray | None, history: list[tuple[FloatArray, FloatArray]] | None = None
    ) -> tuple[FloatArray, FloatArray]:
        p, remaining = np.zeros_like(self.height), np.ones_like(self.height)
        slope = np.zeros_like(self.height)
        for _ in range(self.problem.count):
            share, rest = softmax_and_rest(remaining * self.height)
            if history is not None:
                history.append((remaining, share))
            if v is not None:
                change = remaining * v - slope * self.height
                slope = slope + share * (change - np.dot(share, change))
            # 1 - p carried beside p: where the share is nearly 1, `rest` has the lost digits.
            remaining = np.where(share > 0.5, rest - p, remaining - share)
            p = p + share
        return p, slope


class WeightedSolution(RowSolution):
    """``p += softmax(z; weights 1 - p)``, k times, the weights carried as sign and logarithm.

    Where weights of tied scores cancel, all of it is done in more digits.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        x = problem.scores
        self.z: FloatArray = np.maximum((x - x.max()) / problem.tau, -1e300)
        self._is_long = x.size * problem.count > MOST_WORK

    def value(self) -> FloatArray:
        """Return p, (n,); in many digits where weights cancel, in a row not too long for them."""
        if self._is_long:
            return self._run(None)[0]
        p, cancels = self._judged
        exact = None
        if cancels:
            exact = exact_weighted(self.problem.scores, self.problem.count, self.problem.tau)
        return p if exact is None else exact

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (n,), by differentiating each step forwards."""
        exact = self._exact_product(v, transposed=False)
        return (self._run(v)[1] if exact is None else exact) / self.problem.tau

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,), by running the k steps backwards from their stored values."""
        exact = self._exact_product(g, transposed=True)
        if exact is not None:
            return exact / self.problem.tau
        history: list[_Shares] = []
        self._run(None, history)
        back_p, back_z = g.copy(), np.zeros_like(g)
        for share, scaled, rest in reversed(history):
            # g - <share, g>: a scaled of e^100 makes any digit lost here the whole product.
            centred = rest * back_p - _others(share * back_p)
            back_z += share * centred
            back_p = back_p - scaled * centred
        return back_z / self.problem.tau

    @cached_property
    def _judged(self) -> tuple[FloatArray, bool]:
        """p, (n,), and whether weights cancel: in products, which divide by the same sums, too."""
        history: list[_Shares] = []
        p = self._run(None, history)[0]
        return p, _unsure(history)

    def _exact_product(self, v: FloatArray, *, transposed: bool) -> FloatArray | None:
        if self._is_long or not self._judged[1]:
            return None
        x, count, tau = self.problem.scores, self.problem.count, self.problem.tau
        return exact_weighted_product(x, count, tau, v, transposed=transposed)

    def _run(
        self, v: FloatArray | None, history: list[_Shares] | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Run the k steps; return p and the slope of p along v."""
        p, slope = np.zeros_like(self.z), np.zeros_like(self.z)
        weight = Weights(self.z)
        for _ in range(self.problem.count):
            share, scaled, rest = shares = weight.shares()
            if history is not None:
                history.append(shares)
            if v is not None:
                change = share * v - scaled * slope
                slope = slope + rest * change - share * _others(change)
            weight.take(share, p)
            p = p + share
        return p, slope


def _others(v: FloatArray) -> FloatArray:
    """Return the sums of all entries but one, (n,): no entry is taken back out of a sum."""
    result = np.zeros_like(v)
    np.cumsum(v[:-1], out=result[1:])
    result[:-1] += np.cumsum(v[:0:-1])[::-1]
    return result


def _unsure(history: list[_Shares]) -> bool:
    """Whether rounding of the weights, grown by the steps after it, may come to 1e-12.

    ``d w_i' = (1 - c_i (1 - s_i)) d w_i + s_i sum_{j != i} c_j d w_j`` with c = e^z / D, in units
    of 1e-16; what the sum D itself loses is its absolute terms over it.
    """
    error = np.zeros_like(history[0][0]) if history else np.zeros(1)
    with np.errstate(all="ignore"):
        for share, scaled, rest in history:
            size, scale = np.abs(share), np.abs(scaled)
            lost = float(scale @ error) + float(size.sum())
            error = error * (1.0 + scale * np.abs(rest)) + size * lost + 1.0
    return not bool(error.max() <= 1e4)


class Weights:
    """The weights ``1 - p`` as sign and logarithm, so that e^-5000 still counts.

    Parameters
    ----------
    z : ndarray (n,), float64
        Scores over tau, at most 0.
    """

    def __init__(self, z: FloatArray) -> None:
        self.z = z
        self.sign = np.ones_like(z)
        self.log = np.zeros_like(z)

    def shares(self) -> _Shares:
        """Return ``w e^z / D``, ``e^z / D`` with ``D = sum w e^z``, and 1 less the former."""
        exponent = self.log + self.z
        peak = float(exponent.max())
        terms = self.sign * np.exp(exponent - peak)
        total = float(terms.sum())
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            scaled = np.exp(np.minimum(self.z - peak, 700.0)) / total
            return terms / total, scaled, _others(terms) / total

    def take(self, share: FloatArray, p: FloatArray) -> None:
        """Replace the weights by ``w - share``, as a sum of the other terms where that cancels."""
        with np.errstate(all="ignore"):
            after = self.sign * np.exp(self.log) - share
            sign, log = np.sign(after), np.log(np.abs(after))
            for i in np.flatnonzero(np.abs(after) < 0.01 * np.abs(share)):
                sign[i], log[i] = self._without(int(i), float(p[i]))
        self.sign, self.log = sign, log

    def _without(self, i: int, p: float) -> tuple[float, float]:
        """Return sign and logarithm of ``w_i - share_i = w_i (D - e_i) / D``.

        ``D - e_i`` is the sum of the other terms less ``p_i e_i``, taken relative to its own
        largest member: next to the term of i, all of them may underflow.
        """
        exponent = self.log + self.z
        peak = float(exponent.max())
        total = float((self.sign * np.exp(exponent - peak)).sum())
        exponent[i] = self.z[i] + np.log(abs(p))
        sign = self.sign.copy()
        sign[i] = -np.sign(p)
        size, rest_log, rest_sign = _signed_sum(exponent, sign)
        log = self.log[i] + rest_log - np.log(abs(total)) - peak
        return float(self.sign[i] * rest_sign * np.sign(total)), float(log) if size else -np.inf


def _signed_sum(exponent: FloatArray, sign: FloatArray) -> tuple[int, float, float]:
    """Return (terms left, log |s|, sign of s) for ``s = sum sign e^exponent``.

    Tied scores leave leading terms that cancel exactly but for rounding; they are taken out as
    a group, so that the terms under them, however small, decide.
    """
    left = np.isfinite(exponent)
    while left.any():
        peak = float(exponent[left].max())
        group = left & (exponent >= peak - 30.0)
        terms = sign[group] * np.exp(exponent[group] - peak)
        total = math.fsum(terms)
        if abs(total) > 1e-14 * float(np.abs(terms).sum()):
            with np.errstate(under="ignore"):
                below = left & ~group
                total += float((sign[below] * np.exp(exponent[below] - peak)).sum())
            return int(left.sum()), peak + math.log(abs(total)), math.copysign(1.0, total)
        left &= ~group
    return 0, -math.inf, 1.0


_SOFTMAX = """\
lowest = np.argmin(np.where(keep, z, math.inf), axis=-1, keepdims=True)
height = z - np.take_along_axis(z, lowest, axis=-1)
p, left = 0.0 * z, 1.0 + 0.0 * z
for _ in range(k):
    share, log_rest = shares(left * height, keep)
    left = np.where(share > 0.5, np.exp(log_rest) - p, left - share)  # 1 - p
    p = p + share
"""
_WEIGHTED = """\
# The weights 1 - p as sign and logarithm: the largest of the first step may be e^-1000.
p, log_weight = shares(z, keep)
sign = 1.0
for _ in range(k - 1):
    power = np.where(keep, log_weight + z, -math.inf)
    peak = np.max(power, axis=-1, keepdims=True)
    term = sign * np.exp(power - stop(peak))
    share = term / np.sum(term, axis=-1, keepdims=True)
    weight = sign * np.exp(log_weight) - share
    sign = np.where(weight < 0.0, -1.0, 1.0)
    weight = np.where(weight == 0.0, np.finfo(z.dtype).tiny, weight)
    log_weight = np.log(np.abs(weight))
    p = p + share
"""

ITERATED_SOFTMAX = Operator(
    key="iterated_softmax",
    title="Iterated softmax",
    formula="k times: y = (1 - p) (z - min z), p += softmax(y)",
    source="Su 2019, quoted in kexue.fm/archives/10373, iterative constructions",
    family="iterated",
    needs_integer_k=True,
    cost="n k",
    solve=row_by_row(IteratedSolution),
    code=Code(_SOFTMAX, helpers=("shares",)),
    accurate=False,
)

ITERATED_WEIGHTED_SOFTMAX = Operator(
    key="iterated_weighted_softmax",
    title="Iterated weighted softmax (wrong limit)",
    formula="k times: p += w e^z / sum(w e^z), w = 1 - p",
    source="Stack Exchange construction quoted in kexue.fm/archives/10373; limit (1.5, 0.5, 0)",
    family="iterated",
    needs_integer_k=True,
    cost="n k",
    solve=row_by_row(WeightedSolution),
    code=Code(_WEIGHTED, helpers=("shares",)),
    saturates=False,
    accurate=False,
)
