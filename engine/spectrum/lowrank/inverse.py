"""The pseudo-inverse in factors: of singular vectors at hand, its identities and A^+ b measured."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number
from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.matrix import in_double
from engine.spectrum.linalg.norms import (
    AnyArray,
    FloatArray,
    frobenius_norm,
    in_range,
    ldexp,
    scaled,
)
from engine.spectrum.lowrank.factors import Factors, rows_at_once
from engine.spectrum.lowrank.fits import check_factors

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
        If shapes do not fit, or ``rank`` or ``cutoff`` is out of range.
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
    allowed = "a number in [0, 1], relative to sigma_1"
    limit = min(u.shape[0], vh.shape[1])
    if cutoff is None:
        cutoff = 0.0 if rank is not None else max(u.shape[0], vh.shape[1]) * np.finfo(float).eps
    elif not 0.0 <= as_number("cutoff", cutoff, allowed) <= 1.0:
        raise ArgumentError("cutoff", cutoff, allowed)
    most = s.size if rank is None else check_rank("rank", rank, s.size)
    kept = min(most, inverted(s, cutoff))
    values = np.asarray(s[:kept], dtype=np.float64)
    with np.errstate(over="ignore"):
        inverse = np.asarray(in_range("its pseudo-inverse", 1.0 / values))[::-1]
    bound = None
    if error is not None and 0 < kept == limit and values[-1] > error:
        last = float(values[-1])
        bound = _WEDIN * error / last / (last - error)
    return PseudoInverse(vh[:kept][::-1].conj().T, inverse, u[:, :kept][:, ::-1].conj().T, bound)


def inverted(s: npt.ArrayLike, cutoff: float) -> int:
    """How many of the descending values ``s`` are above ``cutoff`` times the first, and above 0.

    Examples
    --------
    >>> inverted([4.0, 2.0, 0.0], 0.0), inverted([4.0, 2.0, 0.0], 0.5), inverted([], 0.0)
    (2, 1, 0)
    """
    values = np.asarray(s, dtype=np.float64)
    return int(np.count_nonzero(values > cutoff * values[0])) if values.size else 0


def penrose_of(
    a: Any, inverse: PseudoInverse, progress: Progress | None = None
) -> tuple[float, float, float, float]:
    """How far a pseudo-inverse in factors is from its four defining equations.

    As `penrose_errors`, but neither the inverse nor a product with it is ever written out: memory
    is that of the factors. Where small values were left out the first error is
    ``||A - A_r||_F / ||A||_F`` and the others stay at rounding level.

    Parameters
    ----------
    a : array of shape (m, n)
        Dense, sparse, or `Factored`: what is read is rows.
    inverse : PseudoInverse
        Of shape (n, m).
    progress : Progress, optional
        Checked between blocks of rows.

    Returns
    -------
    tuple of 4 floats
        Relative Frobenius errors of ``A X A = A``, ``X A X = X``, ``(A X)^H = A X`` and
        ``(X A)^H = X A``, the rounding of measuring them included.

    Raises
    ------
    ArgumentError
        If the shapes do not fit.

    References
    ----------
    Penrose, Proc. Camb. Phil. Soc. 51 (1955), equations 3-6.

    Examples
    --------
    >>> from engine.spectrum import svd_factors
    >>> a = np.diag([4.0, 3.0, 0.0])
    >>> [round(e, 9) for e in penrose_of(a, invert_factors(svd_factors(a), rank=1))]
    [0.6, 0.0, 0.0, 0.0]
    """
    if inverse.shape != tuple(a.shape)[::-1]:
        rows, columns = tuple(a.shape)[::-1]
        raise ArgumentError(
            "inverse", inverse.shape, say("a {rows} x {cols} matrix", rows=rows, cols=columns)
        )
    if inverse.rank == 0:
        nonzero = any(np.any(part) for _, part in _rows(a, 0, None, 0.0, 1.0))
        return (float(nonzero), 0.0, 0.0, 0.0)
    # A 2^-e and X 2^e have the same products, and neither overflows.
    exponent = -int(np.frexp(inverse.s[-1])[1])
    weights = ldexp(inverse.s, exponent)
    v, u = in_double(inverse.u), in_double(inverse.vh).conj().T
    vs = v * weights
    z = np.zeros((inverse.rank, a.shape[1]), np.result_type(u, *_dtype(a)))
    w = np.zeros((a.shape[0], inverse.rank), np.result_type(v, *_dtype(a)))
    for rows, part in _rows(a, exponent, progress, 0.0, 0.5):
        z += u[rows].conj().T @ part
        w[rows] = part @ vs
    missed, whole = 0.0, 0.0
    for rows, part in _rows(a, exponent, progress, 0.5, 1.0):
        missed += float(np.linalg.norm(w[rows] @ z - part)) ** 2
        whole += float(np.linalg.norm(part)) ** 2
    gram_u, gram_v = u.conj().T @ u, v.conj().T @ v
    change = weights[:, None] * (u.conj().T @ w - np.eye(inverse.rank))
    y = (weights[:, None] * z).conj().T
    return (
        _ratio(missed, whole),
        _ratio(_square(gram_v, change, gram_u), _square(gram_v, np.diag(weights), gram_u)),
        _ratio(_skew(w - u, u, gram_u), _product(w, gram_u)),
        _ratio(_skew(y - v, v, gram_v), _product(y, gram_v)),
    )


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
        If ``b`` has not m entries.
    DataError
        If the solution exceeds the range of float64.

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
    given = np.asarray(b)
    if given.shape != (a.shape[0],):
        raise ArgumentError("b", given.shape, say("{count} numbers", count=a.shape[0]))
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.asarray(in_range("the solution", inverse.apply(given)))
        left = np.zeros(given.shape, np.result_type(x, given, *_dtype(a)))
        for rows, part in _rows(a, 0, progress, 0.0, 1.0):
            left[rows] = given[rows] - part @ x
    return LeastSquares(x, frobenius_norm(x), float(in_range("the residual", frobenius_norm(left))))


def _dtype(a: Any) -> tuple[np.dtype[Any], np.dtype[Any]]:
    return np.dtype(np.float64), np.dtype(a.dtype)


def _rows(
    a: Any, exponent: int, progress: Progress | None, start: float, end: float
) -> Iterator[tuple[slice, AnyArray]]:
    """Yield blocks of rows of ``a 2^-exponent``, dense and in double precision."""
    m, n = a.shape
    size = rows_at_once(n)
    for first in range(0, m, size):
        checkpoint(progress, start + (end - start) * first / m)
        rows = slice(first, min(first + size, m))
        part = a[rows]
        dense = part.toarray() if hasattr(part, "toarray") else np.asarray(part)
        yield rows, scaled(in_double(dense), exponent)


def _ratio(square: float, reference: float) -> float:
    return math.sqrt(max(square, 0.0) / reference) if reference > 0.0 else 0.0


def _square(left: AnyArray, core: AnyArray, right: AnyArray) -> float:
    """||L C R^H||_F^2 from the Gram matrices of L and R."""
    return float(np.sum((left @ core @ right) * core.conj()).real)


def _product(e: AnyArray, gram: AnyArray) -> float:
    """||E U^H||_F^2 from the Gram matrix of U."""
    return float(np.sum((e @ gram) * e.conj()).real)


def _skew(e: AnyArray, u: AnyArray, gram: AnyArray) -> float:
    """||E U^H - U E^H||_F^2: U U^H itself is Hermitian, what is left is small."""
    core = u.conj().T @ e
    return 2.0 * (_product(e, gram) - float(np.sum(core * core.T).real))
