"""k times softmax: sums to k and keeps the order, but leaves [0, 1] and has the wrong limit."""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray
from engine.topk.solution import RowSolution, row_by_row

__all__ = ["SCALED_SOFTMAX", "ScaledSoftmaxSolution"]


class ScaledSoftmaxSolution(RowSolution):
    """``p = k softmax(z)``; as tau goes to 0 the largest score takes all of k."""

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        x = self.problem.scores
        e: FloatArray = np.exp((x - x.max()) / self.problem.tau)
        e *= self.problem.k / e.sum()
        return e

    def log_value(self) -> FloatArray:
        """Return ``log k + z - log sum e^z``, (n,)."""
        x = self.problem.scores
        z: FloatArray = (x - x.max()) / self.problem.tau
        result: FloatArray = z + np.log(self.problem.k / np.exp(z).sum())
        return result

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``p (v - <p, v> / k) / tau``, (n,)."""
        p = self.value()
        mean = float(np.dot(p, v)) / self.problem.k
        return p * (v - mean) / self.problem.tau

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,); J is symmetric."""
        return self.jvp(g)

    def d_k(self) -> FloatArray:
        """Return ``p / k``, (n,)."""
        return self.value() / self.problem.k


_VALUE = """\
y = np.where(keep, z, -math.inf)
peak = np.max(y, axis=-1, keepdims=True)
e = np.exp(y - stop(peak))
p = k * e / np.sum(e, axis=-1, keepdims=True)
"""

SCALED_SOFTMAX = Operator(
    key="scaled_softmax",
    title="k times softmax (foil)",
    formula="p_i = k e^{z_i} / sum_j e^{z_j}",
    source="the naive generalisation; kexue.fm/archives/10373 explains why p_i <= 1 must be added",
    family="reference",
    needs_integer_k=False,
    solve=row_by_row(ScaledSoftmaxSolution),
    code=Code(_VALUE),
)
