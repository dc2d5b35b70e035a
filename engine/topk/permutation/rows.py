"""The soft permutation matrix of scores by four methods, with derivatives and laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ArgumentError
from engine.jobs import Progress
from engine.sentences import one_of, say
from engine.topk.operators.sorting import NeuralSortSolution, SoftSortSolution, SortingSolution
from engine.topk.permutation.networks import SWAPS, Pass, network
from engine.topk.semantics import (
    FloatArray,
    Problem,
    RealArray,
    Rows,
    check_direction,
    check_scores,
    check_tau,
    plain_rows,
)

__all__ = [
    "METHODS",
    "MOST",
    "NETWORKS",
    "groups_of",
    "permutation_jvp",
    "permutation_rows",
    "permutation_vjp",
]

MOST = 2048  # scores in a row
NETWORKS = ("odd_even", "bitonic")
_SORTING: dict[str, type[SortingSolution]] = {
    "neuralsort": NeuralSortSolution,
    "softsort": SoftSortSolution,
}
METHODS = (*_SORTING, *NETWORKS)
Places = NDArray[np.intp]
_ROOM = 1 << 15  # entries of matrices that go through a network at once
_HUGE, _SHRINK = 1e300, 2.0**-60  # scores whose differences overflow, and what they are scaled by


def permutation_rows(
    x: ArrayLike,
    tau: float = 1.0,
    *,
    method: str = "neuralsort",
    swap: str = "cauchy",
    progress: Progress | None = None,
) -> RealArray:
    """Return the soft permutation matrix that sorts the scores in descending order.

    Parameters
    ----------
    x : array_like (..., n), float32 or float64
        Scores, n at most 2048; -inf masks an entry out: its column is 0, and so are as many last
        rows as there are masked entries.
    tau : float
        Temperature, positive, in the unit of the scores.
    method : {"neuralsort", "softsort", "odd_even", "bitonic"}, keyword only
        "neuralsort" and "softsort": the rows whose first k add up to the operators of that name.
        "odd_even" (n layers) and "bitonic" (about log2(n)^2 / 2): sorting networks with soft
        swaps, whose matrix is doubly stochastic.
    swap : {"cauchy", "logistic"}, keyword only
        F of the comparators of a network, ``q = F((a - b) / tau)``; others ignore it.
    progress : Progress, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    ndarray (..., n, n)
        Of the dtype of ``x`` (float64 for integers), computed in float64; row i is a soft one-hot
        of the i-th largest score.

    Raises
    ------
    ArgumentError
        If an argument is not allowed; more than 2048 scores are refused with their count, as the
        work is n^2 entries times the number of layers.
    DataError
        If x holds NaN or +inf.
    Cancelled
        If ``progress`` says so.

    References
    ----------
    Grover et al., arXiv 1903.08850; Prillo & Eisenschlos, arXiv 2006.16038; Petersen et al.,
    arXiv 2105.04019 (logistic swaps) and arXiv 2203.09630 (Cauchy: the logistic swap is not
    monotone).

    Examples
    --------
    >>> permutation_rows([1.0, 3.0, 2.0], 1e-6).round(3)
    array([[0., 1., 0.],
           [0., 0., 1.],
           [1., 0., 0.]])
    >>> soft = permutation_rows([1.0, 3.0, 2.0], 0.5, method="odd_even")
    >>> bool(np.allclose(soft.sum(axis=0), 1.0))
    True
    """
    call = _Call.of(x, tau, method, swap)
    return call.matrices(lambda group: group.matrix(progress))


def permutation_jvp(
    x: ArrayLike,
    tau: float,
    v: ArrayLike,
    *,
    method: str = "neuralsort",
    swap: str = "cauchy",
    progress: Progress | None = None,
) -> RealArray:
    """Return the change of `permutation_rows` along the direction v of x, (..., n, n).

    Parameters
    ----------
    v : array_like (..., n)
        The direction; 0 counts where x is masked.

    Other parameters and errors are those of `permutation_rows`.

    Examples
    --------
    >>> change = permutation_jvp([0.0, 1.0], 1.0, [0.0, 1.0], method="odd_even")
    >>> bool(np.allclose(change.sum(axis=0), 0.0)), bool(change[0, 1] > 0.0)
    (True, True)
    """
    call = _Call.of(x, tau, method, swap)
    direction = plain_rows(check_direction("v", v, call.scores.shape))
    return call.matrices(lambda group: group.along(direction[group.at], progress))


def permutation_vjp(
    x: ArrayLike,
    tau: float,
    g: ArrayLike,
    *,
    method: str = "neuralsort",
    swap: str = "cauchy",
    progress: Progress | None = None,
) -> RealArray:
    """Return the gradient of ``<g, permutation_rows(x)>`` with respect to x, (..., n).

    Parameters
    ----------
    g : array_like (..., n, n)
        The cotangent of the matrix.

    Other parameters and errors are those of `permutation_rows`.

    Examples
    --------
    >>> permutation_vjp([0.0, 1.0], 1.0, [[0.0, 1.0], [0.0, 0.0]], method="bitonic").round(4)
    array([-0.1592,  0.1592])
    """
    call = _Call.of(x, tau, method, swap)
    n = call.rows.shape[1]
    cotangent = check_direction("g", g, (*call.scores.shape, n)).reshape(-1, n, n)
    result = np.zeros(call.rows.shape)
    for group in call.groups():
        with np.errstate(all="ignore"):
            result[group.at] = group.back(cotangent[group.place], progress)
    return _as_asked(result.reshape(call.scores.shape), call.scores)


@dataclass(frozen=True, eq=False)
class _Call:
    """What all three functions are asked: checked scores, as given and as float64 rows."""

    scores: RealArray
    rows: FloatArray
    tau: float
    method: str
    swap: str

    @staticmethod
    def of(x: ArrayLike, tau: float, method: str, swap: str) -> _Call:
        scores, number = check_scores(x), check_tau(tau)
        if method not in METHODS:
            raise ArgumentError("method", method, one_of(METHODS))
        if swap not in SWAPS:
            raise ArgumentError("swap", swap, one_of(SWAPS))
        n = scores.shape[-1]
        if n > MOST:
            size = say("{n} scores in a row", n=n)
            allowed = say("at most {most} scores: the matrix has n^2 = {count:,} entries, each of "
                          "which goes through every layer", most=MOST, count=n * n)  # fmt: skip
            raise ArgumentError("x", size, allowed, "Choose fewer scores.")
        return _Call(scores, plain_rows(scores), number, method, swap)

    def groups(self) -> list[_Group]:
        """Return the rows, those with as many scores that are not masked together.

        Raises
        ------
        DataError
            If a score is NaN or +inf.
        """
        kept = Rows(self.rows, 0.0, self.tau, lead=self.scores.shape[:-1]).kept()
        sizes, groups = np.count_nonzero(kept, axis=1), []
        for size in np.unique(sizes[sizes > 0]):
            rows = np.flatnonzero(sizes == size)
            step = max(1, _ROOM // int(size) ** 2) if self.method in NETWORKS else 1
            for start in range(0, rows.size, step):
                part = rows[start : start + step]
                columns = np.nonzero(kept[part])[1].reshape(part.size, size)
                groups.append(_Group(self, part, columns))
        return groups

    def matrices(self, of: Callable[[_Group], FloatArray]) -> RealArray:
        """Return what a group has of each row, (..., n, n), 0 where masked."""
        m, n = self.rows.shape
        result = np.zeros((m, n, n))
        for group in self.groups():
            with np.errstate(all="ignore"):
                result[group.place] = of(group)
        return _as_asked(result.reshape(*self.scores.shape, n), self.scores)


class _Group:
    """Rows of one size, their masked scores left out, as one pass or one solution.

    Parameters
    ----------
    call : _Call
        What they are from.
    rows : ndarray (r,)
        Which of its rows.
    columns : ndarray (r, size)
        The scores that are not masked.

    Attributes
    ----------
    at, place : tuple
        Where they are in the scores, (r, size), and in the matrices, (r, size, size).
    scores, tau
        Scores, (r, size), and temperature, times ``scale``.
    """

    def __init__(self, call: _Call, rows: Places, columns: Places) -> None:
        size = columns.shape[1]
        self.at = (rows[:, None], columns)
        self.place = (rows[:, None, None], np.arange(size)[None, :, None], columns[:, None, :])
        scores = call.rows[self.at]
        self.scale = _SHRINK if np.abs(scores).max() > _HUGE else 1.0
        self.scores, self.tau = scores * self.scale, max(call.tau * self.scale, 5e-324)
        self.passed: Pass | None = None
        if call.method in NETWORKS:
            centred = self.scores - self.scores.max(axis=1, keepdims=True)
            self.passed = Pass(network(call.method, size), centred.T, self.tau, call.swap)
        else:
            problem = Problem(self.scores[0], float(size), self.tau)
            self.solution = _SORTING[call.method](problem)

    def sums(self) -> FloatArray:
        """Return the sums of the columns, (r, size)."""
        return self.solution.value()[None] if self.passed is None else self.passed.sums().T

    def matrix(self, progress: Progress | None) -> FloatArray:
        """Return the matrices, (r, size, size)."""
        if self.passed is None:
            return self.solution.matrix(progress)[None]
        return self.passed.matrix(progress).transpose(1, 0, 2)

    def along(self, v: FloatArray, progress: Progress | None) -> FloatArray:
        """Return their change along v (r, size), (r, size, size)."""
        if self.passed is None:
            return self.solution.matrix_along(v[0], progress)[None] * self.scale
        return self.passed.matrix_along(v.T, progress).transpose(1, 0, 2) * self.scale

    def back(self, g: FloatArray, progress: Progress | None) -> FloatArray:
        """Return the gradients of ``<g, matrix>``, (r, size)."""
        if self.passed is None:
            return self.solution.pulled_back(g[0], progress)[None] * self.scale
        return self.passed.pulled_back(g.transpose(1, 0, 2), progress).T * self.scale


def groups_of(x: ArrayLike, tau: float, method: str, swap: str) -> tuple[list[_Group], int]:
    """Return the rows of scores as groups, and how many axes the scores have.

    Raises
    ------
    ArgumentError, DataError
        As `permutation_rows`.
    """
    call = _Call.of(x, tau, method, swap)
    return call.groups(), call.scores.ndim


def _as_asked(result: FloatArray, scores: RealArray) -> RealArray:
    with np.errstate(over="ignore", under="ignore"):
        return result.astype(scores.dtype, copy=False)
