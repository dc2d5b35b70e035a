"""The article's log-space recursion for GradTopK, kept to show where it loses its digits.

``logZ_{j,i} = z_i + log(exp(logZ_{j-1}) - exp(logZ_{j-1,i}))`` with
``logZ_j = log(sum_i exp(logZ_{j,i}) / j)`` and ``p_i = exp(logZ_{k,i} - logZ_k)``:
the difference of two nearly equal numbers cancels as soon as some p_i is close to 1.

References
----------
Su, kexue.fm/archives/10373, section on GradTopK.
"""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray
from engine.topk.solution import RowSolution, row_by_row

__all__ = ["GRAD_RECURSIVE", "RecursiveSolution", "advance"]


class RecursiveSolution(RowSolution):
    """The recursion run on one row, returning what it gives, NaN included."""

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        return _run(self._z(), self.problem.count, None)[0]

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (n,): the recursion differentiated step by step."""
        return _run(self._z(), self.problem.count, v)[1] / self.problem.tau

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,); J is a Hessian, hence symmetric."""
        return self.jvp(g)

    def _z(self) -> FloatArray:
        x = self.problem.scores
        z: FloatArray = np.clip((x - x.max()) / self.problem.tau, -1e300, 0.0)
        return z


def _run(z: FloatArray, k: int, v: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Run k steps; return p and its derivative along v (of z)."""
    p, slope = np.zeros_like(z), np.zeros_like(z)
    partial, total = np.full_like(z, -np.inf), 0.0
    for j in range(1, k + 1):
        with np.errstate(all="ignore"):
            change = None if v is None else v - slope / (1.0 - p)
            partial, total = advance(z, partial, total, j)
            p = np.exp(partial - total)
            if change is not None:
                slope = p * (change - np.dot(p, change) / j)
        if np.isnan(p).any():  # NaN stays NaN: the remaining steps cannot change the answer
            return np.full_like(z, np.nan), np.full_like(z, np.nan)
    return p, slope


def advance(z: FloatArray, partial: FloatArray, total: float, j: int) -> tuple[FloatArray, float]:
    """One step as the article writes it, in units of exp(total) so that exp cannot overflow."""
    partial = z + total + np.log(1.0 - np.exp(partial - total))
    peak = partial.max()
    total = float(peak + np.log(np.exp(partial - peak).sum() / j))
    return partial, total


_VALUE = """\
partial = z
for j in range(1, k + 1):
    if j > 1:
        lost = np.where(keep, np.exp(partial - total), 0.0)
        partial = z + total + np.log1p(-lost)
    y = np.where(keep, partial, -math.inf)
    peak = np.max(y, axis=-1, keepdims=True)
    total = np.sum(np.exp(y - stop(peak)), axis=-1, keepdims=True) / j
    total = stop(peak) + np.log(total)
p = np.exp(partial - total)
"""

GRAD_RECURSIVE = Operator(
    key="grad_recursive",
    title="GradTopK by recursion (breaks)",
    formula="logZ_{j,i} = z_i + log(exp(logZ_{j-1}) - exp(logZ_{j-1,i})), "
    "p_i = exp(logZ_{k,i} - logZ_k)",
    source="kexue.fm/archives/10373, GradTopK: the recursion the article calls unstable",
    family="subset",
    needs_integer_k=True,
    cost="n k",
    solve=row_by_row(RecursiveSolution),
    code=Code(_VALUE),
    saturates=False,
    accurate=False,
)
