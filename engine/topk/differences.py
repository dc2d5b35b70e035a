"""An operator of which only the weights are known: its derivatives are differences of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ArgumentError, RankscopeError
from engine.sentences import say
from engine.topk.semantics import BLOCK, FloatArray, Rows
from engine.topk.solution import Solution

__all__ = ["SLOPES_MAX", "Weights", "by_differences"]

Weights = Callable[[FloatArray, Any, float], Any]  # (scores (..., n), k, tau) -> (..., n)

SLOPES_MAX = 4096  # scores of a row up to which gradients are made: 2 n evaluations of n scores
_STEP = float(np.finfo(np.float64).eps) ** (1.0 / 3.0)  # of tau: error about step^2


def by_differences(
    weights: Weights, key: str, whole_k: bool, has_tau: bool
) -> Callable[[Rows], Solution]:
    """Return the ``solve`` of an operator given by its weights alone.

    Parameters
    ----------
    weights : callable
        ``weights(scores, k, tau)`` of finite float64 scores (..., n), with ``0 < k < n``, a number
        (an int with ``whole_k``); returns (..., n).  Masked scores and rows that keep nothing or
        everything never reach it.
    key : str
        Of the operator, for errors.
    whole_k, has_tau : bool
        As in the record.
    """
    return lambda rows: _Differences(rows, weights, key, whole_k, has_tau)


class _Differences(Solution):
    """Central differences of second order, for smooth weights.

    Good to about 1e-9, and to 1e-10 times the largest score over tau where that is more: so far
    the scores that are moved are rounded.
    """

    def __init__(
        self, rows: Rows, weights: Weights, key: str, whole_k: bool, has_tau: bool
    ) -> None:
        super().__init__(rows)
        self._weights, self._key, self._whole, self._has_tau = weights, key, whole_k, has_tau
        self._kept = rows.kept()

    def value(self) -> FloatArray:
        """Return p, (m, n)."""
        result = np.zeros(self.rows.scores.shape)
        sizes = np.count_nonzero(self._kept, axis=1)
        full = (self.rows.all_k() >= sizes) & (sizes > 0) & (self.rows.all_k() > 0.0)
        result[full] = self._kept[full]
        for places, scores, k in self._parts():
            result[places] = self._call(scores, k, self.rows.tau)
        return result

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (m, n)."""
        result = np.zeros(self.rows.scores.shape)
        for places, scores, k in self._parts():
            result[places] = self._along(scores, k, v[places])
        return result

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (m, n)."""
        result = np.zeros(self.rows.scores.shape)
        for places, scores, k in self._parts():
            parts = [row @ self._matrix(one, k) for one, row in zip(scores, g[places], strict=True)]
            result[places] = np.stack(parts)
        return result

    def jacobian(self) -> FloatArray:
        """Return J of the only row, (n, n)."""
        n = self.rows.scores.shape[1]
        result = np.zeros((n, n))
        for (_, columns), scores, k in self._parts():
            result[np.ix_(columns.ravel(), columns.ravel())] = self._matrix(scores[0], k)
        return result

    def d_tau(self) -> FloatArray:
        """Return dp/dtau, (m, n)."""
        result, tau = np.zeros(self.rows.scores.shape), self.rows.tau
        if self._has_tau:
            low, high = tau * (1.0 - _STEP), tau * (1.0 + _STEP)
            for places, scores, k in self._parts():
                change = self._call(scores, k, high) - self._call(scores, k, low)
                result[places] = change / (high - low)
        return result

    def d_k(self) -> FloatArray:
        """Return dp/dk, (m, n)."""
        result, tau = np.zeros(self.rows.scores.shape), self.rows.tau
        for places, scores, k in self._parts():
            step = min(_STEP, 0.5 * k, 0.5 * (scores.shape[1] - k))
            low, high = k - step, k + step
            change = self._call(scores, high, tau) - self._call(scores, low, tau)
            result[places] = change / (high - low)
        return result

    def _parts(self) -> Iterator[tuple[tuple[NDArray[np.intp], ...], FloatArray, Any]]:
        """Yield what is called at once: rows of one k without masks, others one by one.

        Each as an index of (m, n), its scores and k.
        """
        x, ks = self.rows.scores, self.rows.all_k()
        sizes = np.count_nonzero(self._kept, axis=1)
        waits = (ks > 0.0) & (ks < sizes)
        whole = waits & (sizes == x.shape[1])
        groups = [np.flatnonzero(whole & (ks == k)) for k in np.unique(ks[whole])]
        groups += [np.array([row]) for row in np.flatnonzero(waits & ~whole)]
        for group in groups:
            places = np.ix_(group, np.flatnonzero(self._kept[group[0]]))
            k = float(ks[group[0]])
            yield places, x[places], round(k) if self._whole else k

    def _call(self, scores: FloatArray, k: Any, tau: float) -> FloatArray:
        """Return the weights, checked: (..., n) of numbers."""
        handed = scores.copy()  # what it does to them is its own affair
        with np.errstate(all="ignore"):
            found = np.asarray(self._weights(handed, k, tau))
        if found.shape != scores.shape or found.dtype.kind not in "biuf":
            raise RankscopeError(
                say(
                    "The weights of the operator {key} are {dtype} of shape {found} for scores of "
                    "shape {shape}: they must be real numbers of the shape of the scores.",
                    key=self._key,
                    dtype=found.dtype,
                    found=found.shape,
                    shape=scores.shape,
                )
            )
        return found.astype(np.float64)

    def _along(self, scores: FloatArray, k: Any, v: FloatArray) -> FloatArray:
        """Return the change of p along v, of the shape of both."""
        size = np.abs(v).max(axis=-1, keepdims=True)
        # As far as p sees, or as far as the scores can tell apart.
        told = np.abs(scores).max(axis=-1, keepdims=True) * np.finfo(np.float64).eps / _STEP
        step = np.maximum(self.rows.tau * _STEP, told) / np.where(size > 0.0, size, 1.0)
        high, low = scores + step * v, scores - step * v
        change = self._call(high, k, self.rows.tau) - self._call(low, k, self.rows.tau)
        result: FloatArray = change / (2.0 * step)
        return result

    def _matrix(self, scores: FloatArray, k: Any) -> FloatArray:
        """Return J of one row of scores, (n, n), a block of columns at a time."""
        n = scores.size
        if n > SLOPES_MAX:
            raise ArgumentError(
                "x",
                say("{count} scores", count=n),
                say("at most {most} for a gradient by differences", most=SLOPES_MAX),
                "Choose fewer scores, or an operator that brings its own derivatives.",
            )
        columns = max(1, 16 * BLOCK // n)
        parts = []
        for start in range(0, n, columns):
            unit = np.eye(min(columns, n - start), n, start)
            parts.append(self._along(np.broadcast_to(scores, unit.shape), k, unit))
        return np.concatenate(parts).T
