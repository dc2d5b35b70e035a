"""Relaxed sorting matrices; the first k rows summed give a soft Top-k.

References
----------
Grover, Wang, Zweig & Ermon, "Stochastic optimization of sorting networks via continuous
relaxations" (NeuralSort), ICLR 2019, arXiv 1903.08850, eq. (5).
Prillo & Eisenschlos, "SoftSort", ICML 2020, arXiv 2006.16038, eq. (3).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from engine.jobs import Progress, checkpoint
from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Problem
from engine.topk.solution import RowSolution, row_by_row

__all__ = ["NEURALSORT", "SOFTSORT"]


class SortingSolution(RowSolution):
    """``p_j = sum_{i <= k} P_ij`` with ``P = softmax(L / tau)`` by rows, on sorted scores.

    Rows are made one at a time, so memory stays O(n) at O(n k) work.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.order = np.argsort(-problem.scores, kind="stable")
        self.sorted = problem.scores[self.order]

    @abstractmethod
    def logits(self, i: int) -> FloatArray:
        """Return row i of L less its largest entry, (n,), columns in sorted order."""

    @abstractmethod
    def push(self, i: int, v: FloatArray) -> FloatArray:
        """Return the change of row i of L along v, (n,), up to a constant."""

    @abstractmethod
    def pull(self, i: int, h: FloatArray) -> FloatArray:
        """Return the transpose of `push` applied to h, whose entries sum to 0."""

    def _row(self, i: int) -> FloatArray:
        row = np.exp(np.maximum(self.logits(i) / self.problem.tau, -1e300))
        row /= row.sum()
        return row

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        total = np.zeros_like(self.sorted)
        for i in range(self.problem.count):
            total += self._row(i)
        return self._unsort(total)

    def log_value(self) -> FloatArray:
        """Return log p from the scores, (n,)."""
        total = np.full_like(self.sorted, -np.inf)
        for i in range(self.problem.count):
            row = np.maximum(self.logits(i) / self.problem.tau, -1e300)
            total = np.logaddexp(total, row - np.log(np.exp(row).sum()))
        return self._unsort(total)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (n,)."""
        total, along = np.zeros_like(self.sorted), v[self.order]
        for i in range(self.problem.count):
            row, change = self._row(i), self.push(i, along)
            total += row * (change - np.dot(row, change))
        return self._unsort(total) / self.problem.tau

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,)."""
        total, sorted_g = np.zeros_like(self.sorted), g[self.order]
        for i in range(self.problem.count):
            row = self._row(i)
            total += self.pull(i, row * (sorted_g - np.dot(row, sorted_g)))
        return self._unsort(total) / self.problem.tau

    def matrix(self, progress: Progress | None = None) -> FloatArray:
        """Return P whole, (n, n)."""
        return self._stacked(self._row, progress)

    def matrix_along(self, v: FloatArray, progress: Progress | None = None) -> FloatArray:
        """Return the change of P along v, (n, n)."""
        along = v[self.order]

        def change(i: int) -> FloatArray:
            row, change = self._row(i), self.push(i, along)
            result: FloatArray = row * (change - np.dot(row, change)) / self.problem.tau
            return result

        return self._stacked(change, progress)

    def pulled_back(self, g: FloatArray, progress: Progress | None = None) -> FloatArray:
        """Return the gradient of ``<g, P>`` with respect to the scores, (n,)."""
        total, sorted_g = np.zeros_like(self.sorted), g[:, self.order]
        for i in range(total.size):
            checkpoint(progress, i / total.size, "Soft permutation")
            row = self._row(i)
            total += self.pull(i, row * (sorted_g[i] - np.dot(row, sorted_g[i])))
        return self._unsort(total) / self.problem.tau

    def _stacked(self, row: Callable[[int], FloatArray], progress: Progress | None) -> FloatArray:
        n = self.sorted.size
        result = np.empty((n, n))
        for i in range(n):
            checkpoint(progress, i / n, "Soft permutation")
            result[i] = self._unsort(row(i))
        return result

    def _unsort(self, values: FloatArray) -> FloatArray:
        result = np.empty_like(values)
        result[self.order] = values
        return result


class SoftSortSolution(SortingSolution):
    """``L_ij = -|x_(i) - x_j|``."""

    def logits(self, i: int) -> FloatArray:
        """Return minus the distances to the i-th largest score, (n,)."""
        distance: FloatArray = np.abs(self.sorted - self.sorted[i])
        return -distance

    def push(self, i: int, v: FloatArray) -> FloatArray:
        """Return ``-sign(x_j - x_(i)) (v_j - v_(i))``, (n,)."""
        result: FloatArray = np.sign(self.sorted - self.sorted[i]) * (v[i] - v)
        return result

    def pull(self, i: int, h: FloatArray) -> FloatArray:
        """Return the transpose, (n,)."""
        result: FloatArray = -np.sign(self.sorted - self.sorted[i]) * h
        result[i] -= result.sum()
        return result


class NeuralSortSolution(SortingSolution):
    """``L_ij = (n + 1 - 2 i) x_j - sum_l |x_j - x_l|``, i counted from 1.

    On sorted scores with gaps ``d_l = x_(l) - x_(l+1)``, row i is largest at j = i and
    ``L_ii - L_ij = sum of (2 |l - i| + 1) d_l`` over the gaps between them: only positive terms,
    where the definition subtracts numbers n times larger than the result.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.gaps = self.sorted[:-1] - self.sorted[1:]

    def logits(self, i: int) -> FloatArray:
        """Return row i less its largest entry, (n,)."""
        return self._climb(i, self.gaps)

    def push(self, i: int, v: FloatArray) -> FloatArray:
        """Return the change of row i, (n,): linear in the gaps."""
        return self._climb(i, v[:-1] - v[1:])

    def pull(self, i: int, h: FloatArray) -> FloatArray:
        """Return the transpose, (n,)."""
        right = -np.cumsum(h[:i:-1])[::-1] * self._odd(h.size - 1 - i)
        left = -np.cumsum(h[:i]) * self._odd(i)[::-1]
        by_gap = np.concatenate([left, right])
        result = np.zeros_like(h)
        result[:-1] += by_gap
        result[1:] -= by_gap
        return result

    def _climb(self, i: int, gaps: FloatArray) -> FloatArray:
        n = gaps.size + 1
        result = np.zeros(n)
        result[i + 1 :] = -np.cumsum(gaps[i:] * self._odd(n - 1 - i))
        result[:i] = -np.cumsum(gaps[:i][::-1] * self._odd(i))[::-1]
        return result

    @staticmethod
    def _odd(count: int) -> FloatArray:
        return np.arange(1.0, 2.0 * count, 2.0)


_SOFTSORT = """\
order = np.argsort(np.where(keep, -z, math.inf), axis=-1, stable=True)[..., :k]
top = np.take_along_axis(z, order, axis=-1)
away = top[..., :, None] - z[..., None, :]
away = away * np.sign(away)  # no slope where two are equal, which abs has in JAX
e = np.exp(np.where(keep[..., None, :], -away, -math.inf))  # the largest is e^0
p = np.sum(e / np.sum(e, axis=-1, keepdims=True), axis=-2)
"""
_NEURALSORT = """\
# On sorted scores row i falls off from column i by (2 |l - i| + 1) gaps between l and l + 1.
order = np.argsort(np.where(keep, -z, math.inf), axis=-1, stable=True)
place = np.argsort(order, axis=-1)
ordered = np.take_along_axis(z, order, axis=-1)
gaps = (ordered[..., :-1] - ordered[..., 1:])[..., None, :]
row = np.arange(k, dtype=z.dtype)[:, None]
away = np.arange(n - 1, dtype=z.dtype) - row
fall = gaps * np.abs(2.0 * away + 1.0)
right = np.cumsum(np.where(away >= 0.0, fall, 0.0), axis=-1)
left = np.flip(np.where(away < 0.0, fall, 0.0), axis=-1)
left = np.flip(np.cumsum(left, axis=-1), axis=-1)
none = 0.0 * right[..., :1]
below = np.concatenate((none, right), axis=-1) + np.concatenate((left, none), axis=-1)
there = np.take_along_axis(keep, order, axis=-1)[..., None, :]
e = np.exp(np.where(there, -below, -math.inf))  # the largest is e^0
sums = np.sum(e / np.sum(e, axis=-1, keepdims=True), axis=-2)
p = np.take_along_axis(sums, place, axis=-1)
"""

SOFTSORT = Operator(
    key="softsort",
    title="SoftSort, first k rows",
    formula="p_j = sum_{i <= k} softmax_j(-|x_(i) - x_j| / tau)",
    source="Prillo & Eisenschlos, ICML 2020, arXiv 2006.16038",
    family="sorting",
    needs_integer_k=True,
    cost="n k",
    solve=row_by_row(SoftSortSolution),
    code=Code(_SOFTSORT),
)

NEURALSORT = Operator(
    key="neuralsort",
    title="NeuralSort, first k rows",
    formula="p_j = sum_{i <= k} softmax_j(((n + 1 - 2 i) x_j - sum_l |x_j - x_l|) / tau)",
    source="Grover et al., ICLR 2019, arXiv 1903.08850",
    family="sorting",
    needs_integer_k=True,
    cost="n k",
    solve=row_by_row(NeuralSortSolution),
    code=Code(_NEURALSORT),
)
