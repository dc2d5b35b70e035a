"""What a solved call must offer, and how an operator that takes one row at a time offers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.topk.semantics import FloatArray, Problem, Rows

__all__ = ["RowByRow", "RowSolution", "Solution", "Together", "row_by_row"]


class Solution(ABC):
    """An operator solved on all rows of a call: its value, and derivatives that reuse the solve.

    Masked entries, and rows that keep nothing or everything, have 0 in every derivative.

    Parameters
    ----------
    rows : Rows
        What was solved.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    @abstractmethod
    def value(self) -> FloatArray:
        """Return p, (m, n); the caller may keep and change it."""

    @abstractmethod
    def vjp(self, g: FloatArray) -> FloatArray:
        """Return ``J^T g`` of each row, (m, n), with J the Jacobian with respect to the scores."""

    @abstractmethod
    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``J v`` of each row, (m, n)."""

    @abstractmethod
    def d_tau(self) -> FloatArray:
        """Return dp/dtau, (m, n)."""

    def d_k(self) -> FloatArray:
        """Return dp/dk, (m, n); only for operators that take a real k."""
        raise NotImplementedError

    def log_value(self) -> FloatArray:
        """Return log p, (m, n): -inf where masked, NaN where p is negative."""
        with np.errstate(divide="ignore", invalid="ignore"):
            result: FloatArray = np.log(self.value())
        return result

    def jacobian(self) -> FloatArray:
        """Return J of the only row, (n, n): row i is the gradient of p_i."""
        return np.concatenate([self.vjp(row[None]) for row in np.eye(self.rows.scores.shape[1])])


class Together(Solution):
    """Rows solved all at once by NumPy, with what its members have in common: order and corners.

    Attributes
    ----------
    x : ndarray (m, n)
        The scores, -inf where masked.
    k : float or ndarray (m, 1)
        How many to keep, of all rows or of each.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.x = rows.scores
        self.k: Any = rows.k if isinstance(rows.k, float) else rows.k[:, None]
        self._masked = self._idle = self._full = None
        sizes: Any = self.x.shape[1]
        if not np.isfinite(self.x).all():
            kept = rows.kept()
            self._masked, sizes = ~kept, np.count_nonzero(kept, axis=1)[:, None]
        waits = (self.k > 0.0) & (self.k < sizes)
        if not np.all(waits):
            idle = np.broadcast_to(~np.asarray(waits), (len(self.x), 1))[:, 0]
            self._idle, self._full = idle, idle & (rows.all_k() > 0.0)

    def settled(self, result: FloatArray, none: float = 0.0, full: float = 0.0) -> FloatArray:
        """Return (m, n) with what stands where masked, and in rows that keep nothing or everything.

        Parameters
        ----------
        result : ndarray (m, n)
            Right in all other places; changed.
        none, full : float
            What stands where nothing is kept, and in rows that keep everything.
        """
        if self._idle is not None:
            result[self._idle] = none
            result[self._full] = full
        if self._masked is not None:
            result[self._masked] = none
        return result

    def along(self, direction: FloatArray) -> FloatArray:
        """Return a direction, (m, n), with 0 where scores are masked: anything may stand there."""
        return direction if self._masked is None else np.where(self._masked, 0.0, direction)

    def ranked(self, after: int = 0) -> FloatArray:
        """Return the k-th largest score, or one ``after`` it, of each row that waits, (m, 1)."""
        n = self.x.shape[1]
        if isinstance(self.k, float):
            place = n - min(max(round(self.k) + after, 1), n)
            return np.partition(self.x, place, axis=1)[:, place, None]
        places = n - np.clip(np.round(self.k) + after, 1, n).astype(np.intp)
        return np.take_along_axis(np.sort(self.x, axis=1), places, axis=1)


class RowSolution(ABC):
    """An operator solved on one row.

    Parameters
    ----------
    problem : Problem
        The row that was solved.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @abstractmethod
    def value(self) -> FloatArray:
        """Return p, (n,)."""

    @abstractmethod
    def vjp(self, g: FloatArray) -> FloatArray:
        """Return ``J^T g``, (n,)."""

    @abstractmethod
    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``J v``, (n,)."""

    def jacobian(self) -> FloatArray:
        """Return J, (n, n)."""
        return np.stack([self.vjp(row) for row in np.eye(self.problem.scores.size)])

    def d_tau(self) -> FloatArray:
        """Return dp/dtau.

        For p = ST(x / tau), unchanged when all scores shift together, Euler's identity gives
        ``dp/dtau = -J (x - c) / tau`` for any c; a central c keeps the product small.
        """
        x = self.problem.scores
        place = x.size - self.problem.count
        return -self.jvp(x - np.partition(x, place)[place]) / self.problem.tau

    def log_value(self) -> FloatArray:
        """Return log p, (n,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            result: FloatArray = np.log(self.value())
        return result


class RowByRow(Solution):
    """Rows solved one at a time; what is solved is kept only where derivatives follow.

    Parameters
    ----------
    rows : Rows
        The rows.
    solve : callable
        ``Problem -> RowSolution``.
    """

    def __init__(self, rows: Rows, solve: Callable[[Problem], RowSolution]) -> None:
        super().__init__(rows)
        self._solve, self._kept = solve, rows.kept()
        self._sizes = np.count_nonzero(self._kept, axis=1)
        self._solved: dict[int, RowSolution] = {}

    def value(self) -> FloatArray:
        """Return p, (m, n)."""
        return self.each(lambda row: row.value(), full=1.0)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (m, n)."""
        return self._along(g, lambda row, part: row.vjp(part))

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (m, n)."""
        return self._along(v, lambda row, part: row.jvp(part))

    def d_tau(self) -> FloatArray:
        """Return dp/dtau, (m, n)."""
        return self.each(lambda row: row.d_tau())

    def log_value(self) -> FloatArray:
        """Return log p, (m, n)."""
        return self.each(lambda row: row.log_value(), none=-np.inf)

    def jacobian(self) -> FloatArray:
        """Return J of the only row, (n, n)."""
        n = self.rows.scores.shape[1]
        result, kept = np.zeros((n, n)), np.flatnonzero(self._kept[0])
        if self._waits(0):
            with np.errstate(over="ignore", under="ignore"):
                result[np.ix_(kept, kept)] = self._row(0).jacobian()
        return result

    def each(
        self, compute: Callable[[Any], FloatArray], none: float = 0.0, full: float = 0.0
    ) -> FloatArray:
        """Return what is computed of each row, (m, n).

        Parameters
        ----------
        compute : callable
            ``RowSolution -> (n,)`` of the scores that are not masked.
        none, full : float
            What stands where masked, and in rows that keep nothing or everything.
        """
        result = np.full(self.rows.scores.shape, none)
        with np.errstate(over="ignore", under="ignore"):
            for index, kept in enumerate(self._kept):
                if self._waits(index):
                    result[index, kept] = compute(self._row(index))
                elif self.rows.k_of(index) > 0.0:
                    result[index, kept] = full
        return result

    def _along(
        self, direction: FloatArray, compute: Callable[[RowSolution, FloatArray], FloatArray]
    ) -> FloatArray:
        result = np.zeros(self.rows.scores.shape)
        with np.errstate(over="ignore", under="ignore"):
            for index, kept in enumerate(self._kept):
                if self._waits(index):
                    result[index, kept] = compute(self._row(index), direction[index, kept])
        return result

    def _waits(self, index: int) -> bool:
        """Whether a row keeps some of its scores and not all."""
        return 0.0 < self.rows.k_of(index) < float(self._sizes[index])

    def _row(self, index: int) -> RowSolution:
        if index in self._solved:
            return self._solved[index]
        rows = self.rows
        scores = rows.scores[index, self._kept[index]]
        solved = self._solve(Problem(scores, rows.k_of(index), rows.tau, rows.seed))
        if rows.slopes:
            self._solved[index] = solved
        return solved


def row_by_row(solve: Callable[[Problem], RowSolution]) -> Callable[[Rows], Solution]:
    """Return the ``solve`` of an operator that solves one row of finite scores at a time."""
    return lambda rows: RowByRow(rows, solve)
