"""DFTopK: a sigmoid around the midpoint of the k-th and (k+1)-th score, in closed form.

References
----------
"Differentiable Fast Top-K Selection for Large-Scale Recommendation" (DFTopK), 2025,
arXiv 2510.11472.
"""

from __future__ import annotations

import numpy as np

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
        order = np.argpartition(x, [n - k - 1, n - k])
        self.inner, self.outer = int(order[n - k]), int(order[n - k - 1])
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


_NUMPY = """\
ordered = np.sort(x)[::-1]
t = (x - 0.5 * (ordered[k - 1] + ordered[k])) / tau
return np.exp(-np.logaddexp(0.0, -t))
"""
_TORCH = """\
ordered = torch.sort(x, descending=True).values
return torch.sigmoid((x - 0.5 * (ordered[k - 1] + ordered[k])) / tau)
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
    numpy_body=_NUMPY,
    torch_body=_TORCH,
)
