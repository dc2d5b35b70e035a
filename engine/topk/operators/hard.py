"""The hard mask T_k: what every soft operator tends to as tau goes to 0."""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray
from engine.topk.solution import Together

__all__ = ["HARD", "HardSolution"]


class HardSolution(Together):
    """T_k of each row, ties to the lower index; its derivative is 0 wherever it exists."""

    def value(self) -> FloatArray:
        """Return the mask, (m, n)."""
        cut = self.ranked()
        mask = self.x >= cut
        if (np.add.reduce(mask, axis=1, keepdims=True) != self.k).any():  # of the tied not all
            above = self.x > cut
            missing = self.k - np.add.reduce(above, axis=1, keepdims=True)
            mask &= above | (np.cumsum(self.x == cut, axis=1) <= missing)
        return self.settled(mask.astype(np.float64), full=1.0)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return zeros, (m, n)."""
        return np.zeros_like(self.x)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return zeros, (m, n)."""
        return np.zeros_like(self.x)

    def d_tau(self) -> FloatArray:
        """Return zeros, (m, n)."""
        return np.zeros_like(self.x)


_VALUE = """\
order = np.argsort(np.where(keep, -z, math.inf), axis=-1, stable=True)
p = np.where(np.argsort(order, axis=-1) < k, 1.0, 0.0 * z)
"""
_SLOPE = """\
p = p + 0.0 * d
"""

HARD = Operator(
    key="hard",
    title="Hard Top-k",
    formula="p_i = 1 if x_i is among the k largest scores (ties: lower index), else 0",
    source="kexue.fm/archives/10373, section on the problem (T_k)",
    family="reference",
    needs_integer_k=True,
    has_tau=False,
    solve=HardSolution,
    code=Code(_VALUE, _SLOPE),
)
