"""DFTopK: a sigmoid around the midpoint of the k-th and (k+1)-th score, in closed form.

References
----------
"Differentiable Fast Top-K Selection for Large-Scale Recommendation" (DFTopK), 2025,
arXiv 2510.11472.
"""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Problem
from engine.topk.solution import RowSolution, row_by_row
from engine.topk.threshold.distributions import Sigmoid

__all__ = ["DFTOPK", "DFTopKSolution"]


class DFTopKSolution(RowSolution):
    """``p_i = sigmoid((x_i - (x_(k) + x_(k+1)) / 2) / tau)``; the sum is near k, not k."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        x, n, k = problem.scores, problem.scores.size, problem.count
        ends = np.partition(x, [n - k - 1, n - k])
        self.inner, self.outer = _place(x, ends[n - k], k), _place(x, ends[n - k - 1], k + 1)
        # Two differences: the midpoint itself would be rounded to the grid of the scores.
        distance = 0.5 * (x - x[self.inner]) + 0.5 * (x - x[self.outer])
        self.t: FloatArray = np.clip(distance / problem.tau, -1e300, 1e300) + 0.0  # no -0.0

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        p = np.empty_like(self.t)
        Sigmoid().tail(self.t, p)
        p += self.t >= 0.0
        return p

    def log_value(self) -> FloatArray:
        """Return log p from the scores, (n,)."""
        return Sigmoid().log_value(self.t)

    def _density(self) -> FloatArray:
        f = np.empty_like(self.t)
        Sigmoid().tail(self.t, f)
        return Sigmoid().density(self.t, f) / self.problem.tau

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``f (v - (v_(k) + v_(k+1)) / 2) / tau``, (n,)."""
        result: FloatArray = self._density() * (v - 0.5 * (v[self.inner] + v[self.outer]))
        return result

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,)."""
        result: FloatArray = self._density() * g
        half = 0.5 * result.sum()
        result[self.inner] -= half
        result[self.outer] -= half
        return result


def _place(x: FloatArray, score: float, rank: int) -> int:
    """Return where the score of that rank from 1 is; among ties the lower index comes first."""
    return int(np.flatnonzero(x == score)[rank - 1 - np.count_nonzero(x > score)])


_VALUE = """\
# The midpoint of the k-th and the next score, taken off in two differences.
order = np.argsort(np.where(keep, -z, math.inf), axis=-1, stable=True)
cut = order[..., k - 1 : k + 1]
half = 0.5 * np.take_along_axis(z, cut, axis=-1)
t = (0.5 * z - half[..., :1]) + (0.5 * z - half[..., 1:])
e = np.exp(-np.abs(t))
p = np.where(t < 0.0, e, 1.0) / (1.0 + e)
"""
_SLOPE = """\
shift = 0.5 * np.sum(np.take_along_axis(d, cut, axis=-1), axis=-1, keepdims=True)
p = p + e / (1.0 + e) ** 2 * (d - shift)
"""

DFTOPK = Operator(
    key="dftopk",
    title="DFTopK (midpoint sigmoid)",
    formula="p_i = 1 / (1 + exp(-(x_i - (x_(k) + x_(k+1)) / 2) / tau))",
    source="DFTopK, 2025, arXiv 2510.11472",
    family="sorting",
    needs_integer_k=True,
    sums_to_k=False,
    solve=row_by_row(DFTopKSolution),
    code=Code(_VALUE, _SLOPE),
)
