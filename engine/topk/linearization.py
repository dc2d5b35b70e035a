"""An operator at one point: its value and every derivative, all from one solve."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from engine.topk.semantics import FloatArray, RealArray, check_direction, plain_rows
from engine.topk.solution import Solution

__all__ = ["Linearization"]


class Linearization:
    """What `Operator.linearize` returns: p, and derivatives that cost a pass or two each.

    Arrays have the shape and dtype of the scores.  Entries that are masked have 0 in all of them,
    as have rows that keep nothing or everything in all derivatives.  The scores must not be changed
    as long as `d_tau` or `log_p` is still to be asked for.

    Attributes
    ----------
    p : ndarray (..., n)
        The soft mask.

    Examples
    --------
    >>> from engine.topk import get_operator
    >>> found = get_operator("sigmoid").linearize([2.0, 1.0, 0.0], k=1.5, tau=0.5)
    >>> found.p.round(4)
    array([0.8808, 0.5   , 0.1192])
    >>> bool(abs(found.vjp([1.0, 1.0, 1.0])).max() < 1e-15)  # p does not see a common shift
    True
    """

    def __init__(
        self, solution: Solution, scores: RealArray, require_real_k: Callable[[object], None]
    ) -> None:
        self._solution, self._require_real_k = solution, require_real_k
        self._shape, self._dtype = scores.shape, scores.dtype
        self.p = self._shaped(solution.value())

    def vjp(self, g: ArrayLike) -> RealArray:
        """Return the gradient of ``<g, p>`` with respect to the scores.

        Parameters
        ----------
        g : array_like (..., n)
            Cotangent, of the shape of the scores.

        Raises
        ------
        ArgumentError
            If g has another shape or holds no real numbers.
        """
        return self._shaped(self._solution.vjp(self._direction("g", g)))

    def jvp(self, v: ArrayLike) -> RealArray:
        """Return the change of p along the direction v of the scores; see `vjp`."""
        return self._shaped(self._solution.jvp(self._direction("v", v)))

    def d_tau(self) -> RealArray:
        """Return dp/dtau; zeros for an operator without tau."""
        return self._shaped(self._solution.d_tau())

    def d_k(self) -> RealArray:
        """Return dp/dk, for operators that take a real k.

        Raises
        ------
        ArgumentError
            If the operator needs an integer k, so that dp/dk does not exist.
        """
        self._require_real_k(self._solution.rows.k)
        return self._shaped(self._solution.d_k())

    def log_p(self) -> RealArray:
        """Return log p, as `Operator.log_p`."""
        return self._shaped(self._solution.log_value())

    def _direction(self, name: str, value: ArrayLike) -> FloatArray:
        return plain_rows(check_direction(name, value, self._shape))

    def _shaped(self, rows: FloatArray) -> RealArray:
        if rows.dtype == self._dtype:
            return rows.reshape(self._shape)
        with np.errstate(over="ignore", under="ignore"):
            return rows.reshape(self._shape).astype(self._dtype)
