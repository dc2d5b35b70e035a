"""The threshold family: ``p_i = F(z_i - lam)`` with lam such that ``sum p = k``.

With ``f_i = F'(z_i - lam)`` and ``S = sum f`` every derivative follows from the constraint:
``J = (diag(f) - f f^T / S) / tau``, ``dp/dk = f / S``,
``dp/dtau = -(f / tau) (z - <f, z> / S)``; all are 0 when S is.

References
----------
Su, "Softmax后传：寻找Top-K的光滑近似", kexue.fm/archives/10373, section on ThreTopK.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.sentences import Sentence, as_sentence, say
from engine.topk.operator import Solution
from engine.topk.semantics import FloatArray, Problem
from engine.topk.threshold.distributions import Distribution
from engine.topk.threshold.long_rows import LongRow, solve_long
from engine.topk.threshold.solver import Shifted, solve_rows, solve_threshold

__all__ = ["ThresholdSolution", "threshold_formula", "threshold_solver"]


class ThresholdSolution(Solution):
    """A row with its threshold found, or many short ones; the rest are single passes over them.

    Parameters
    ----------
    problem : Problem
        The row, or rows.
    distribution : Distribution
        F.
    """

    def __init__(self, problem: Problem, distribution: Distribution) -> None:
        super().__init__(problem)
        self.distribution = distribution
        self._long: LongRow | None = None
        solve = solve_rows if problem.scores.ndim == 2 else solve_threshold
        if problem.is_long and solve is solve_threshold:
            self._long = solve_long(distribution, problem)
        if self._long is not None:
            place = self._long.center, self._long.lam
            self.shifted = Shifted(problem.scores, problem.tau, *place)
        else:
            if problem.is_long:
                problem.require_finite()
            self.shifted = solve(distribution, problem.scores, problem.k, problem.tau)

    def value(self) -> FloatArray:
        """Return p; the caller must not modify it."""
        if self._long is not None:
            return self._long.out
        t = self.shifted.t()
        p = np.empty_like(t)
        self.distribution.tail(t, p)
        p += t >= self.distribution.split
        return p

    def rare_sides(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return min(p, 1 - p) without cancellation, and where p is the larger."""
        t = self.shifted.t()
        tail = np.empty_like(t)
        self.distribution.tail(t, tail)
        return np.abs(tail, out=tail), t >= self.distribution.split

    def density(self) -> FloatArray:
        """Return f."""
        t = self.shifted.t()
        tail = np.empty_like(t)
        self.distribution.tail(t, tail)
        return self.distribution.density(t, tail)

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``f (v - <f, v> / S) / tau``."""
        if self._long is not None:
            return self._long.product(v)
        f = self.density()
        mean = _share((f * v).sum(axis=-1, keepdims=True), f)
        f *= v - mean
        f /= self.problem.tau
        return f

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g; J is symmetric."""
        return self.jvp(g)

    def jacobian(self) -> FloatArray:
        """Return ``(diag(f) - f f^T / S) / tau``, (n, n)."""
        f = self.density()
        total = float(f.sum())
        if total == 0.0:
            return np.zeros((f.size, f.size))
        result = np.outer(f, f / -total)
        result[np.diag_indices(f.size)] = self._diagonal(f, total)
        result /= self.problem.tau
        return result

    @staticmethod
    def _diagonal(f: FloatArray, total: float) -> FloatArray:
        """Return ``f_i sum_{j != i} f_j / S``: for a dominant f_i, f_i - f_i^2 / S cancels."""
        others = total - f
        top = int(f.argmax())
        others[top] = f[:top].sum() + f[top + 1 :].sum()
        return f * (others / total)

    def d_tau(self) -> FloatArray:
        """Return ``-(f / tau) (z - <f, z> / S)``."""
        return -self.jvp(self.shifted.t())

    def d_k(self) -> FloatArray:
        """Return ``f / S``."""
        f = self.density()
        return _share(f, f)


def _share(part: FloatArray, f: FloatArray) -> FloatArray:
    """Return ``part / S``, 0 where S is."""
    total = f.sum(axis=-1, keepdims=True)
    result = np.zeros_like(part)
    np.divide(part, total, out=result, where=total > 0.0)
    return result


def threshold_solver(distribution: Distribution) -> Callable[[Problem], Solution]:
    """Return the ``solve`` of an operator with this F."""
    return lambda problem: ThresholdSolution(problem, distribution)


def threshold_formula(law: str) -> Sentence:
    """Return the formula of an operator with this F, in plain text.

    Examples
    --------
    >>> threshold_formula("1 / (1 + e^-t)")
    'p_i = F(z_i - lam), F(t) = 1 / (1 + e^-t), lam such that sum p = k'
    """
    text = "p_i = F(z_i - lam), F(t) = {law}, lam such that sum p = k"
    return say(text, law=as_sentence(law))
