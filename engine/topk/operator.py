"""The record every soft Top-k operator is described by, and what a solved row must offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.sentences import say
from engine.topk.semantics import FloatArray, Problem, RealArray, apply_rows, check_scores

__all__ = ["Operator", "Solution"]


class Solution(ABC):
    """An operator solved on one row: its value, and derivatives that reuse the solve.

    An operator with ``solves_rows`` may be given (m, n) scores, and then answers in that shape.

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
        """Return ``J^T g``, (n,), with J the Jacobian with respect to the scores."""

    @abstractmethod
    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``J v``, (n,)."""

    def jacobian(self) -> FloatArray:
        """Return J, (n, n): row i is the gradient of p_i."""
        return np.stack([self.vjp(row) for row in np.eye(self.problem.scores.size)])

    def d_tau(self) -> FloatArray:
        """Return dp/dtau.

        For p = ST(x / tau), unchanged when all scores shift together, Euler's identity gives
        ``dp/dtau = -J (x - c) / tau`` for any c; a central c keeps the product small.
        """
        x = self.problem.scores
        place = x.shape[-1] - self.problem.count
        centred = x - np.partition(x, place, axis=-1)[..., place, None]
        centred[np.isneginf(x)] = 0.0
        return -self.jvp(centred) / self.problem.tau

    def d_k(self) -> FloatArray:
        """Return dp/dk, (n,); only for operators that take a real k."""
        raise NotImplementedError


@dataclass(frozen=True)
class Operator:
    """A soft Top-k operator: what it is called, where it comes from, and how it is computed.

    Parameters
    ----------
    key : str
        Name used in code, files and menus.
    title : str
        Name shown to people.
    formula : str
        Definition in plain text, with z = x / tau.
    source : str
        Paper or article, with the place in it.
    family : str
        "threshold", "subset", "iterated", "sorting", "random" or "reference".
    needs_integer_k : bool
        Whether k must be an integer.
    sums_to_k : bool
        Whether the definition makes the sum k (a claim; `check_laws` measures it).
    has_tau : bool
        Whether tau changes the answer.
    stochastic : bool
        Whether the answer is drawn with a seed.
    cost : str
        Growth of the work in plain text, "n", "n k": what an interface should warn about.
    solve : callable
        ``solve(Problem) -> Solution``.
    numpy_body : str
        What "Copy as Python" hands out: the body of ``soft_top_k(x, k, tau)``, x a float64 row;
        of ``F(t)`` where ``torch_density`` is given.
    torch_body : str
        The same for PyTorch; what autograd differentiates.
    torch_density : str
        For a member of the threshold family: the line that makes ``f = F'(t)``.
    saturates : bool
        Whether p has reached its limit, with derivatives 0, where scores lie 1e5 tau apart.
    accurate : bool
        Whether p is the definition's to 1e-12 on any scores at any tau. Not where the definition
        loses its digits, needs more of them than can be had, or is a mean of random draws.
    estimates_slope : bool
        Whether the derivatives are estimates, and not those of p at a fixed seed.
    solves_rows : bool
        Whether ``solve`` also takes many short rows as one problem, see `Problem`, and checks
        itself whether long ones are finite.

    Examples
    --------
    >>> from engine.topk import get_operator
    >>> get_operator("sigmoid")([2.0, 1.0, 0.0], k=1.5, tau=0.5).round(4)
    array([0.8808, 0.5   , 0.1192])
    """

    key: str
    title: str
    formula: str
    source: str
    family: str
    needs_integer_k: bool
    solve: Callable[[Problem], Solution] = field(repr=False, compare=False)
    numpy_body: str = field(repr=False)
    torch_body: str = field(repr=False)
    torch_density: str = field(default="", repr=False)
    saturates: bool = True
    accurate: bool = True
    estimates_slope: bool = False
    sums_to_k: bool = True
    has_tau: bool = True
    stochastic: bool = False
    cost: str = "n"
    solves_rows: bool = False

    def __call__(self, x: ArrayLike, k: float, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return the soft mask p.

        Parameters
        ----------
        x : array_like (..., n), float32 or float64
            Scores; -inf masks an entry out, which then counts neither in n nor in p.
        k : float
            How many to keep, in [0, n]; an integer where ``needs_integer_k``.
        tau : float
            Temperature, positive, in the unit of the scores.
        seed : int, keyword only
            Seed of a stochastic operator; others ignore it.

        Returns
        -------
        ndarray (..., n)
            Of the dtype of ``x`` (float64 for integers), computed in float64.

        Raises
        ------
        ArgumentError
            If k, tau or the dtype of x is not allowed, or too many scores are -inf.
        DataError
            If x holds NaN or +inf.
        """
        return self._run(x, k, tau, seed, lambda problem, _: self.solve(problem).value(), full=1.0)

    def vjp(self, x: ArrayLike, k: float, tau: float, g: ArrayLike, *, seed: int = 0) -> RealArray:
        """Return the gradient of ``<g, p>`` with respect to x, (..., n); see `__call__`."""

        def product(problem: Problem, direction: FloatArray | None) -> FloatArray:
            assert direction is not None
            return self.solve(problem).vjp(direction)

        return self._run(x, k, tau, seed, product, direction=("g", g))

    def jvp(self, x: ArrayLike, k: float, tau: float, v: ArrayLike, *, seed: int = 0) -> RealArray:
        """Return the change of p along the direction v of x, (..., n); see `__call__`."""

        def product(problem: Problem, direction: FloatArray | None) -> FloatArray:
            assert direction is not None
            return self.solve(problem).jvp(direction)

        return self._run(x, k, tau, seed, product, direction=("v", v))

    def jacobian(self, x: ArrayLike, k: float, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return dp/dx, (n, n), for scores (n,): entry (i, j) is dp_i / dx_j.

        Raises
        ------
        ArgumentError
            As `__call__`, and if x has more than one axis.
        """
        scores = check_scores(x)
        if scores.ndim != 1:
            raise ArgumentError("x", scores.shape, "a 1-D array for a Jacobian")
        n = scores.size
        kept = np.flatnonzero(np.isfinite(scores))
        result = np.zeros((n, n), dtype=scores.dtype)

        def fill(problem: Problem, _: FloatArray | None) -> FloatArray:
            result[np.ix_(kept, kept)] = self.solve(problem).jacobian()
            return np.zeros(problem.scores.size)

        self._run(scores, k, tau, seed, fill)
        return result

    def d_tau(self, x: ArrayLike, k: float, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return dp/dtau, (..., n); zeros for an operator without tau."""
        return self._run(x, k, tau, seed, lambda problem, _: self.solve(problem).d_tau())

    def d_k(self, x: ArrayLike, k: float, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return dp/dk, (..., n), for operators that take a real k.

        Raises
        ------
        ArgumentError
            If the operator needs an integer k, so that dp/dk does not exist.
        """
        if self.needs_integer_k:
            raise ArgumentError(
                "k",
                k,
                say("differentiable, but {key} is defined for integer k only", key=self.key),
                "Choose an operator of the threshold family.",
            )
        return self._run(x, k, tau, seed, lambda problem, _: self.solve(problem).d_k())

    def _run(
        self,
        x: ArrayLike,
        k: object,
        tau: object,
        seed: object,
        compute: Callable[[Problem, FloatArray | None], FloatArray],
        full: float = 0.0,
        direction: tuple[str, ArrayLike] | None = None,
    ) -> RealArray:
        with np.errstate(over="ignore", under="ignore"):
            return apply_rows(
                x,
                k,
                tau,
                seed,
                self.needs_integer_k,
                compute,
                full=full,
                direction=direction,
                together=self.solves_rows,
            )
