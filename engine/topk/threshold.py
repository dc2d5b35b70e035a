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

from engine.topk.links import Cauchy, Clip, Exp, Gaussian, Laplace, Link, Sigmoid
from engine.topk.long_rows import LongRow, solve_long
from engine.topk.operator import Operator, Solution
from engine.topk.semantics import FloatArray, Problem
from engine.topk.threshold_solver import Shifted, solve_rows, solve_threshold

__all__ = ["CAUCHY", "CLIP", "EXP", "GAUSSIAN", "LAPLACE", "SIGMOID", "ThresholdSolution"]


class ThresholdSolution(Solution):
    """A row with its threshold found, or many short ones; the rest are single passes over them.

    Parameters
    ----------
    problem : Problem
        The row, or rows.
    link : Link
        F.
    """

    def __init__(self, problem: Problem, link: Link) -> None:
        super().__init__(problem)
        self.link = link
        self._long: LongRow | None = None
        solve = solve_rows if problem.scores.ndim == 2 else solve_threshold
        if problem.is_long and solve is solve_threshold:
            self._long = solve_long(link, problem)
        if self._long is not None:
            place = self._long.center, self._long.lam
            self.shifted = Shifted(problem.scores, problem.tau, *place)
        else:
            if problem.is_long:
                problem.require_finite()
            self.shifted = solve(link, problem.scores, problem.k, problem.tau)

    def value(self) -> FloatArray:
        """Return p; the caller must not modify it."""
        if self._long is not None:
            return self._long.out
        t = self.shifted.t()
        p = np.empty_like(t)
        self.link.tail(t, p)
        p += t >= self.link.split
        return p

    def rare_sides(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return min(p, 1 - p) without cancellation, and where p is the larger."""
        t = self.shifted.t()
        tail = np.empty_like(t)
        self.link.tail(t, tail)
        return np.abs(tail, out=tail), t >= self.link.split

    def density(self) -> FloatArray:
        """Return f."""
        t = self.shifted.t()
        tail = np.empty_like(t)
        self.link.tail(t, tail)
        return self.link.density(t, tail)

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


def threshold_solver(link: Link) -> Callable[[Problem], Solution]:
    """Return the ``solve`` of an operator with this F."""
    return lambda problem: ThresholdSolution(problem, link)


def _operator(key: str, title: str, law: str, source: str, link: Link) -> Operator:
    return Operator(
        key=key,
        title=title,
        formula=f"p_i = F(z_i - lam), F(t) = {law}, lam such that sum p = k",
        source=source,
        family="threshold",
        needs_integer_k=False,
        solve=threshold_solver(link),
        solves_rows=True,
    )


EXP = _operator(
    "exp",
    "Exponential threshold",
    "min(1, e^t)",
    "kexue.fm/archives/10373, ThreTopK; KL projection on the capped simplex, softmax at k = 1",
    Exp(),
)
SIGMOID = _operator(
    "sigmoid",
    "Sigmoid threshold",
    "1 / (1 + e^-t)",
    "kexue.fm/archives/10373, ThreTopK; = LML (Amos, Koltun & Kolter 2019, arXiv 1906.08707) "
    "= SOFT top-k at eps = 2 tau (Xie et al. 2020, arXiv 2002.06504)",
    Sigmoid(),
)
LAPLACE = _operator(
    "laplace",
    "Laplace threshold",
    "e^t / 2 for t < 0, 1 - e^-t / 2 otherwise",
    "kexue.fm/archives/10373, ThreTopK; = LapSum (Struski et al., ICML 2025, arXiv 2503.06242)",
    Laplace(),
)
GAUSSIAN = _operator(
    "gaussian",
    "Gaussian threshold (probit)",
    "normal distribution function of t",
    "kexue.fm/archives/10373, ThreTopK with the probit function",
    Gaussian(),
)
CLIP = _operator(
    "clip",
    "Clipped linear threshold",
    "t clipped to [0, 1]",
    "Euclidean projection on the capped simplex (Wang & Lu 2015, arXiv 1503.01002)",
    Clip(),
)
CAUCHY = _operator(
    "cauchy",
    "Cauchy threshold (heavy tails)",
    "1/2 + atan(t) / pi",
    "kexue.fm/archives/10373, ThreTopK with the Cauchy distribution function",
    Cauchy(),
)
