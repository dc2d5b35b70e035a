"""The hard mask T_k: what every soft operator tends to as tau goes to 0."""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray
from engine.topk.solution import RowSolution, row_by_row

__all__ = ["HARD", "HardSolution", "hard_mask"]


def hard_mask(scores: FloatArray, k: int) -> FloatArray:
    """Return the 0/1 mask of the k largest scores; among ties the lower index wins.

    Parameters
    ----------
    scores : ndarray (n,), float64
        Finite scores.
    k : int
        How many to keep, ``1 <= k <= n``.

    Returns
    -------
    ndarray (n,), float64

    Examples
    --------
    >>> hard_mask(np.array([1.0, 3.0, 3.0, 3.0]), 2)
    array([0., 1., 1., 0.])
    """
    place = scores.size - k
    cut = np.partition(scores, place)[place]
    mask: FloatArray = (scores > cut).astype(np.float64)
    missing = k - np.count_nonzero(mask)
    mask[np.flatnonzero(scores == cut)[:missing]] = 1.0
    return mask


class HardSolution(RowSolution):
    """T_k of one row; its derivative is 0 wherever it exists."""

    def value(self) -> FloatArray:
        """Return the mask, (n,)."""
        return hard_mask(self.problem.scores, self.problem.count)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return zeros, (n,)."""
        return np.zeros_like(self.problem.scores)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return zeros, (n,)."""
        return np.zeros_like(self.problem.scores)


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
    solve=row_by_row(HardSolution),
    code=Code(_VALUE, _SLOPE),
)
