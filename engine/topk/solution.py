"""What a solved call must offer, and how an operator that takes one row at a time offers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.topk.semantics import FloatArray, Problem, Rows

__all__ = ["RowByRow", "RowSolution", "Solution", "row_by_row"]


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

    def d_k(self) -> FloatArray:
        """Return dp/dk, (n,); only for operators that take a real k."""
        raise NotImplementedError

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

    def d_k(self) -> FloatArray:
        """Return dp/dk, (m, n)."""
        return self.each(lambda row: row.d_k())

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
