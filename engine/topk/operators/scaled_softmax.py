"""k times softmax: sums to k and keeps the order, but leaves [0, 1] and has the wrong limit."""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray
from engine.topk.solution import Together

__all__ = ["SCALED_SOFTMAX", "ScaledSoftmaxSolution"]


class ScaledSoftmaxSolution(Together):
    """``p = k softmax(z)``; as tau goes to 0 the largest score takes all of k."""

    def value(self) -> FloatArray:
        """Return p, (m, n)."""
        return self.settled(self._softmax() * self.k, full=1.0)

    def _softmax(self) -> FloatArray:
        with np.errstate(invalid="ignore", under="ignore", over="ignore"):
            e: FloatArray = self.x - self.x.max(axis=1, keepdims=True)
            e /= self.rows.tau
            np.exp(e, out=e)
            e /= e.sum(axis=1, keepdims=True)
        return e

    def log_value(self) -> FloatArray:
        """Return ``log k + z - log sum e^z``, (m, n)."""
        with np.errstate(all="ignore"):
            z = (self.x - self.x.max(axis=1, keepdims=True)) / self.rows.tau
            result = z + np.log(self.k / np.exp(z).sum(axis=1, keepdims=True))
        return self.settled(result, none=-np.inf)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``p (v - <p, v> / k) / tau``, (m, n)."""
        share, v = self._softmax(), self.along(v)
        with np.errstate(all="ignore"):
            mean = (share * v).sum(axis=1, keepdims=True)
            return self.settled(self.k * share * (v - mean) / self.rows.tau)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (m, n); J is symmetric."""
        return self.jvp(g)

    def d_tau(self) -> FloatArray:
        """Return dp/dtau, (m, n), by Euler's identity ``-J (x - c) / tau``."""
        with np.errstate(all="ignore"):
            x = self.x - self.ranked()
            return self.jvp(x) / -self.rows.tau

    def d_k(self) -> FloatArray:
        """Return ``p / k``, (m, n)."""
        return self.settled(self._softmax())


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
    solve=ScaledSoftmaxSolution,
    code=Code(_VALUE),
)
