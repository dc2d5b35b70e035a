"""The record every soft Top-k operator is described by, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.sentences import say
from engine.topk.code import Code
from engine.topk.differences import Weights, by_differences
from engine.topk.linearization import Linearization
from engine.topk.semantics import (
    FloatArray,
    RealArray,
    Rows,
    check_direction,
    check_scores,
    plain_rows,
    rows_of,
)
from engine.topk.solution import Solution

__all__ = ["Operator"]


def _unsaid(rows: Rows) -> Solution:
    """Stand where an operator is given by its weights."""
    raise NotImplementedError


@dataclass(frozen=True)
class Operator:
    """A soft Top-k operator: what it is called, where it comes from, and how it is computed.

    The short form is ``Operator(key=, title=, weights=)``: derivatives are then differences of the
    weights.  One of ``solve`` and ``weights`` is given.

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
        "threshold", "subset", "iterated", "sorting", "random" or "reference"; "" for none of them.
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
        ``solve(Rows) -> Solution``; see `engine.topk.solution.row_by_row`.
    code : Code, optional
        The same as lines that run without this package: "Copy as NumPy / PyTorch / JAX".
    saturates : bool
        Whether p has reached its limit, with derivatives 0, where scores lie 1e5 tau apart.
    accurate : bool
        Whether p is the definition's to 1e-12 on any scores at any tau. Not where the definition
        loses its digits, needs more of them than can be had, or is a mean of random draws.
    estimates_slope : bool
        Whether the derivatives are estimates, and not those of p at a fixed seed.
    kernels : tuple of str
        Compiled kernels that `engine.topk.warm` makes ready for it.
    weights : callable, optional
        ``weights(scores, k, tau)`` of finite float64 scores (..., n) and a number k, 0 < k < n (an
        int where ``needs_integer_k``), to weights of that shape: in place of ``solve``.
    plugin : str
        Distribution and version that it comes from; "" for the program's own.

    Raises
    ------
    ArgumentError
        If neither of ``solve`` and ``weights`` can be called.

    Examples
    --------
    >>> from engine.topk import get_operator
    >>> get_operator("sigmoid")([2.0, 1.0, 0.0], k=1.5, tau=0.5).round(4)
    array([0.8808, 0.5   , 0.1192])
    """

    key: str
    title: str
    formula: str = ""
    source: str = ""
    family: str = ""
    needs_integer_k: bool = False
    solve: Callable[[Rows], Solution] = field(default=_unsaid, repr=False, compare=False)
    code: Code | None = field(default=None, repr=False)
    saturates: bool = True
    accurate: bool = True
    estimates_slope: bool = False
    sums_to_k: bool = True
    has_tau: bool = True
    stochastic: bool = False
    cost: str = "n"
    kernels: tuple[str, ...] = ()
    weights: Weights | None = field(default=None, repr=False, compare=False)
    plugin: str = ""

    def __post_init__(self) -> None:
        if self.weights is not None:
            if not callable(self.weights):
                raise ArgumentError("weights", self.weights, "a function of scores, k and tau")
            solve = by_differences(self.weights, self.key, self.needs_integer_k, self.has_tau)
            object.__setattr__(self, "solve", solve)
        elif self.solve is _unsaid or not callable(self.solve):
            raise ArgumentError("weights", None, "a function of scores, k and tau")

    @property
    def by_differences(self) -> bool:
        """Whether the derivatives are differences of the weights."""
        return self.weights is not None

    def __call__(self, x: ArrayLike, k: ArrayLike, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return the soft mask p.

        Parameters
        ----------
        x : array_like (..., n), float32 or float64
            Scores; -inf masks an entry out, which then counts neither in n nor in p.
        k : float or array_like
            How many to keep, in [0, n]; an integer where ``needs_integer_k``.  An array that
            broadcasts to ``x.shape[:-1]`` gives each row its own.
        tau : float
            Temperature, positive, in the unit of the scores.
        seed : int, keyword only
            Seed of a stochastic operator; others ignore it.

        Returns
        -------
        ndarray (..., n)
            Of the dtype of ``x`` (float64 for integers), computed in float64; 0 in rows that are
            masked whole.

        Raises
        ------
        ArgumentError
            If k, tau or the dtype of x is not allowed, or a row has some but fewer than k scores
            that are not masked.
        DataError
            If x holds NaN or +inf.
        """
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, False)
        return _shaped(self.solve(rows).value(), scores)

    def linearize(
        self, x: ArrayLike, k: ArrayLike, tau: float = 1.0, *, seed: int = 0
    ) -> Linearization:
        """Return p with all its derivatives, from one solve.

        Parameters, errors
            As `__call__`.

        Returns
        -------
        Linearization
            With ``.p``, ``.vjp(g)``, ``.jvp(v)``, ``.d_k()``, ``.d_tau()``, ``.log_p()``.

        Examples
        --------
        >>> from engine.topk import get_operator
        >>> found = get_operator("exp").linearize([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]], k=[1, 2])
        >>> found.p.sum(axis=-1), found.vjp(np.ones((2, 3))).shape
        (array([1., 2.]), (2, 3))
        """
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, True)
        return Linearization(self.solve(rows), scores, self.require_real_k)

    def vjp(
        self, x: ArrayLike, k: ArrayLike, tau: float, g: ArrayLike, *, seed: int = 0
    ) -> RealArray:
        """Return the gradient of ``<g, p>`` with respect to x, (..., n); see `__call__`."""
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, True)
        direction = plain_rows(check_direction("g", g, scores.shape))
        return _shaped(self.solve(rows).vjp(direction), scores)

    def jvp(
        self, x: ArrayLike, k: ArrayLike, tau: float, v: ArrayLike, *, seed: int = 0
    ) -> RealArray:
        """Return the change of p along the direction v of x, (..., n); see `__call__`."""
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, True)
        direction = plain_rows(check_direction("v", v, scores.shape))
        return _shaped(self.solve(rows).jvp(direction), scores)

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
        rows, _ = rows_of(scores, k, tau, seed, self.needs_integer_k, True)
        result: RealArray = self.solve(rows).jacobian().astype(scores.dtype, copy=False)
        return result

    def d_tau(self, x: ArrayLike, k: ArrayLike, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return dp/dtau, (..., n); zeros for an operator without tau."""
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, True)
        return _shaped(self.solve(rows).d_tau(), scores)

    def d_k(self, x: ArrayLike, k: ArrayLike, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return dp/dk, (..., n), for operators that take a real k.

        Raises
        ------
        ArgumentError
            If the operator needs an integer k, so that dp/dk does not exist.
        """
        self.require_real_k(k)
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, True)
        return _shaped(self.solve(rows).d_k(), scores)

    def log_p(self, x: ArrayLike, k: ArrayLike, tau: float = 1.0, *, seed: int = 0) -> RealArray:
        """Return log p, (..., n): what a loss takes; -inf where masked.

        Members of the threshold family and `grad` give it from the scores and not from p, so that
        it has its digits where p is below all numbers; the others take the logarithm of p, NaN
        where that is negative.  Parameters and errors are those of `__call__`.

        Examples
        --------
        >>> from engine.topk import get_operator
        >>> get_operator("sigmoid").log_p([0.0, -1000.0, -4000.0], k=1)[1:]
        array([ -500., -3500.])
        """
        rows, scores = rows_of(x, k, tau, seed, self.needs_integer_k, False)
        return _shaped(self.solve(rows).log_value(), scores)

    def require_real_k(self, k: object) -> None:
        """Raise `ArgumentError` unless k may be any number."""
        if self.needs_integer_k:
            raise ArgumentError(
                "k",
                k,
                say("differentiable, but {key} is defined for integer k only", key=self.key),
                "Choose an operator of the threshold family.",
            )


def _shaped(rows: FloatArray, scores: RealArray) -> RealArray:
    """Return (m, n) as an array of the shape and dtype of the scores."""
    if rows.dtype == scores.dtype:
        return rows.reshape(scores.shape)
    with np.errstate(over="ignore", under="ignore"):
        return rows.reshape(scores.shape).astype(scores.dtype)
