"""The pseudo-inverse in factors, of singular vectors at hand, and A^+ b."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank, finite_matrix
from engine.spectrum.linalg.matrix import as_matrix, in_double, raise_nonfinite
from engine.spectrum.linalg.norms import AnyArray, FloatArray, frobenius_norm, in_range, scaled
from engine.spectrum.lowrank.factors import Factors, rows_at_once
from engine.spectrum.lowrank.fits import check_factors, count_above
from engine.spectrum.values.factored import Factored

# Wedin's constant for matrices of one rank.
_WEDIN = (1.0 + math.sqrt(5.0)) / 2.0


@dataclass(frozen=True, eq=False)
class PseudoInverse:
    """``A^+ = u diag(s) vh`` of rank r, itself a truncation that ``save_factors`` can write.

    Parameters
    ----------
    u : ndarray of shape (n, r)
        The right singular vectors of A, those of its smallest inverted value first.
    s : ndarray of shape (r,), float64
        ``1 / sigma_r, ..., 1 / sigma_1``: descending.
    vh : ndarray of shape (r, m)
        The left singular vectors of A, conjugate transposed.
    error_bound : float or None
        Bound on ``||A^+ - u diag(s) vh||_2``, None where none is known.
    """

    u: AnyArray
    s: FloatArray
    vh: AnyArray
    error_bound: float | None = None

    @property
    def rank(self) -> int:
        """r, how many singular values are inverted."""
        return int(self.s.size)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        return self.u.shape[0], self.vh.shape[1]

    @property
    def frobenius(self) -> float:
        """Its Frobenius norm, inf where that exceeds the range of float64."""
        return frobenius_norm(self.s)

    def entries(self, rows: slice, columns: slice) -> AnyArray:
        """Return a block of the matrix."""
        return np.asarray((self.u[rows] * self.s) @ self.vh[:, columns])

    def apply(self, b: npt.ArrayLike) -> AnyArray:
        """Return ``A^+ b``, shape (n,) or (n, p), of b of shape (m,) or (m, p)."""
        given = np.asarray(b)
        if given.ndim not in (1, 2) or given.shape[0] != self.shape[1]:
            raise ArgumentError("b", given.shape, say("of {count} rows", count=self.shape[1]))
        scale = self.s.reshape(-1, *(1,) * (given.ndim - 1))
        return np.asarray(self.u @ (scale * (self.vh @ given)))


def invert_factors(
    factors: Factors,
    rank: int | None = None,
    cutoff: float | None = None,
    *,
    error: float | None = None,
) -> PseudoInverse:
    """Moore-Penrose pseudo-inverse of ``u diag(s) vh``, without another decomposition.

    Parameters
    ----------
    factors : object with ``u`` (m, K), ``s`` (K,) descending and ``vh`` (K, n)
        Such as a `LowRank`.
    rank : int, optional
        How many of the leading values are inverted at most; all of them by default.
    cutoff : float, optional
        Values at or below ``cutoff * sigma_1`` count as zero, as in `pseudo_inverse`; by default
        ``max(m, n) eps`` where no rank is given, and 0 where one is. Zeros are never inverted.
    error : float, optional
        Bound on ``||A - u diag(s) vh||_2``, such as `LowRank.residual_spectral`. Where every value
        of A is inverted, it bounds the error of the inverse.

    Returns
    -------
    PseudoInverse
        In factors of the given precision; none of its entries has been computed.

    Raises
    ------
    ArgumentError
        If shapes do not fit, ``rank`` or ``cutoff`` is out of range, or ``s`` are no singular
        values.
    DataError
        If an inverse exceeds the range of float64.

    References
    ----------
    Penrose, Proc. Camb. Phil. Soc. 51 (1955); Su, kexue.fm/archives/10366. Bound: Wedin, BIT 13
    (1973), Theorem 4.1.

    Examples
    --------
    >>> from engine.spectrum import svd_factors
    >>> invert_factors(svd_factors([[4.0, 0.0], [0.0, 2.0]])).s.tolist()
    [0.5, 0.25]
    >>> invert_factors(svd_factors([[4.0, 0.0], [0.0, 2.0]]), rank=1).s.tolist()
    [0.25]
    """
    u, s, vh = check_factors(factors.u, factors.s, factors.vh)
    shape = u.shape[0], vh.shape[1]
    above = count_above(s, 0.0 if rank is not None and cutoff is None else cutoff, shape)
    kept = above if rank is None else min(check_rank("rank", rank, s.size), above)
    values = np.asarray(s[:kept], dtype=np.float64)
    with np.errstate(over="ignore"):
        inverse = np.asarray(in_range("its pseudo-inverse", 1.0 / values))[::-1]
    bound = None
    if error is not None and 0 < kept == min(shape) and values[-1] > error:
        last = float(values[-1])
        bound = _WEDIN * error / last / (last - error)
    return PseudoInverse(vh[:kept][::-1].conj().T, inverse, u[:, :kept][:, ::-1].conj().T, bound)


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """``x = A^+ b``, of smallest norm among those that minimise ``||b - A x||``.

    Parameters
    ----------
    x : ndarray of shape (n,)
    norm : float
        ``||x||_2``.
    residual : float
        ``||b - A x||_2``, measured with A itself.
    """

    x: AnyArray
    norm: float
    residual: float


def least_squares(
    a: Any, inverse: PseudoInverse, b: npt.ArrayLike, progress: Progress | None = None
) -> LeastSquares:
    """Solve ``A x ~ b`` by a pseudo-inverse in factors, and measure what is left.

    Parameters
    ----------
    a : array of shape (m, n)
        Dense, sparse, or `Factored`.
    inverse : PseudoInverse
        Of shape (n, m).
    b : array_like of shape (m,)
        Finite numbers.
    progress : Progress, optional
        Checked between blocks of rows.

    Returns
    -------
    LeastSquares

    Raises
    ------
    ArgumentError
        If shapes do not fit.
    DataError
        If ``a`` or ``b`` holds NaN or inf, or the solution exceeds the range of float64.

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 5.5.

    Examples
    --------
    >>> from engine.spectrum import svd_factors
    >>> a = np.array([[1.0], [1.0]])
    >>> found = least_squares(a, invert_factors(svd_factors(a)), [1.0, 3.0])
    >>> found.x.round(12).tolist(), round(found.residual**2, 12)
    ([2.0], 2.0)
    """
    rows = by_rows(a)
    given = np.asarray(b)
    if given.shape != (rows.shape[0],):
        raise ArgumentError("b", given.shape, say("{count} numbers", count=rows.shape[0]))
    check_shape(inverse, rows.shape)
    given = finite_matrix("b", given[:, None])[:, 0]
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.asarray(in_range("the solution", inverse.apply(given)))
        norm = float(in_range("the solution", frobenius_norm(x)))
        left = np.zeros(given.shape, np.result_type(x, given, rows.dtype))
        for part, block in row_blocks(rows, 0, progress, 0.0, 1.0):
            left[part] = given[part] - block @ x
        return LeastSquares(x, norm, float(in_range("the residual", frobenius_norm(left))))


def check_shape(inverse: Any, shape: tuple[int, int]) -> None:
    """Refuse an inverse that has not the shape of the transpose of a matrix of ``shape``.

    Examples
    --------
    >>> check_shape(np.ones((2, 3)), (3, 2))
    """
    if inverse.shape != shape[::-1]:
        rows, columns = shape[::-1]
        raise ArgumentError(
            "inverse", inverse.shape, say("a {rows} x {cols} matrix", rows=rows, cols=columns)
        )


def by_rows(a: Any) -> Any:
    """Return a matrix whose rows can be read in blocks: dense, in CSR, or a `Factored`.

    Raises
    ------
    ArgumentError, DataError
        When it is no matrix of numbers, is empty, or a factor holds NaN or infinity.

    Examples
    --------
    >>> by_rows([[1.0, 2.0]]).shape
    (1, 2)
    """
    if isinstance(a, Factored):
        a.check_finite()
        return a
    return scipy.sparse.csr_array(a) if scipy.sparse.issparse(a) else as_matrix(a).array


def row_blocks(
    rows: Any, exponent: int, progress: Progress | None, start: float, end: float
) -> Iterator[tuple[slice, AnyArray]]:
    """Yield blocks of what `by_rows` gives times ``2^-exponent``, dense, in double precision.

    Progress goes from ``start`` to ``end``.

    Raises
    ------
    DataError
        Where NaN or infinite entries are found.
    Cancelled
        Between blocks.

    Examples
    --------
    >>> [block.tolist() for _, block in row_blocks(by_rows([[4], [8]]), 2, None, 0.0, 1.0)]
    [[[1.0], [2.0]]]
    """
    m, n = rows.shape
    size = rows_at_once(n)
    for first in range(0, m, size):
        checkpoint(progress, start + (end - start) * first / m)
        place = slice(first, min(first + size, m))
        part = rows[place]
        block = in_double(part.toarray() if scipy.sparse.issparse(part) else np.asarray(part))
        if not np.isfinite(block).all():
            if isinstance(rows, Factored):
                in_range("the product", block)
            raise_nonfinite(as_matrix(rows))
        yield place, scaled(block, exponent)
