"""DFTopK: a sigmoid around the midpoint of the k-th and (k+1)-th score, in closed form.

References
----------
"Differentiable Fast Top-K Selection for Large-Scale Recommendation" (DFTopK), 2025,
arXiv 2510.11472.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Rows
from engine.topk.solution import Together
from engine.topk.threshold.distributions import Sigmoid

__all__ = ["DFTOPK", "DFTopKSolution"]


class DFTopKSolution(Together):
    """``p_i = sigmoid((x_i - (x_(k) + x_(k+1)) / 2) / tau)``; the sum is near k, not k."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.inner, self.outer = self._place(0), self._place(1)
        # Two differences: the midpoint itself would be rounded to the grid of the scores.
        with np.errstate(all="ignore"):
            ends = (np.take_along_axis(self.x, at, axis=1) for at in (self.inner, self.outer))
            distance = sum(0.5 * (self.x - end) for end in ends) / rows.tau
        self.t: FloatArray = np.clip(distance, -1e300, 1e300) + 0.0  # no -0.0

    def _place(self, after: int) -> NDArray[np.intp]:
        """Return where the k-th score or one after it is, (m, 1); ties go by index."""
        score = self.ranked(after)
        tied = self.x == score
        if np.count_nonzero(tied) > len(tied):
            before = np.add.reduce(self.x > score, axis=1, keepdims=True)
            tied = np.cumsum(tied, axis=1) >= self.k + after - before
        place: NDArray[np.intp] = tied.argmax(axis=1)[:, None]
        return place

    def value(self) -> FloatArray:
        """Return p, (m, n)."""
        p = np.empty_like(self.t)
        with np.errstate(under="ignore"):
            Sigmoid().tail(self.t, p)
        p += self.t >= 0.0
        return self.settled(p, full=1.0)

    def log_value(self) -> FloatArray:
        """Return log p from the scores, (m, n)."""
        with np.errstate(all="ignore"):
            return self.settled(Sigmoid().log_value(self.t), none=-np.inf)

    def _density(self) -> FloatArray:
        f = np.empty_like(self.t)
        with np.errstate(under="ignore"):
            Sigmoid().tail(self.t, f)
            return self.settled(Sigmoid().density(self.t, f) / self.rows.tau)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``f (v - (v_(k) + v_(k+1)) / 2) / tau``, (m, n)."""
        v = self.along(v)
        ends = [np.take_along_axis(v, at, axis=1) for at in (self.inner, self.outer)]
        with np.errstate(over="ignore", under="ignore"):
            return self.settled(self._density() * (v - 0.5 * (ends[0] + ends[1])))

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (m, n)."""
        with np.errstate(over="ignore", under="ignore"):
            result: FloatArray = self._density() * self.along(g)
            half = 0.5 * result.sum(axis=1, keepdims=True)
        for at in (self.inner, self.outer):
            ends = np.take_along_axis(result, at, axis=1) - half
            np.put_along_axis(result, at, ends, axis=1)
        return self.settled(result)

    def d_tau(self) -> FloatArray:
        """Return ``-f t``, (m, n)."""
        with np.errstate(over="ignore", under="ignore"):
            return self.settled(-self._density() * self.t)


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
    solve=DFTopKSolution,
    code=Code(_VALUE, _SLOPE),
)
