"""Approximations made from singular vectors: truncation, pseudo-inverse, best factors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.arguments import number_within
from engine.errors import ArgumentError, DataError
from engine.sentences import say
from engine.spectrum.linalg.checks import check_rank, finite_matrix
from engine.spectrum.linalg.driver import svd_triplets
from engine.spectrum.linalg.norms import (
    AnyArray,
    FloatArray,
    frobenius_norm,
    in_range,
    scale_of,
    scaled,
    spectral_norm,
)


def reconstruct(u: npt.ArrayLike, s: npt.ArrayLike, vh: npt.ArrayLike, rank: int) -> AnyArray:
    """Rank-r truncation ``U_r diag(s_r) V_r^T``.

    Parameters
    ----------
    u : array_like of shape (m, K)
    s : array_like of shape (K,)
    vh : array_like of shape (K, n)
    rank : int
        0 ... K.

    Returns
    -------
    ndarray of shape (m, n)
        In the factors' own precision.

    Raises
    ------
    ArgumentError
        If shapes do not fit or ``rank`` is outside [0, K].

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936).

    Examples
    --------
    >>> import numpy as np
    >>> reconstruct(np.eye(2), [3.0, 1.0], np.eye(2), 1).tolist()
    [[3.0, 0.0], [0.0, 0.0]]
    """
    left, values, right = check_factors(u, s, vh)
    r = check_rank("rank", rank, values.size)
    return np.asarray((left[:, :r] * values[:r]) @ right[:r])


def check_factors(
    u: npt.ArrayLike, s: npt.ArrayLike, vh: npt.ArrayLike
) -> tuple[AnyArray, AnyArray, AnyArray]:
    """The three factors as arrays, or an `ArgumentError` when their shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> [f.shape for f in check_factors(np.eye(3, 2), [2.0, 1.0], np.eye(2, 4))]
    [(3, 2), (2,), (2, 4)]
    """
    left, values, right = np.asarray(u), np.asarray(s), np.asarray(vh)
    if values.ndim != 1:
        raise ArgumentError("s", values.shape, "one-dimensional")
    if left.ndim != 2 or left.shape[1] != values.size:
        raise ArgumentError("u", left.shape, say("of shape (m, {count})", count=values.size))
    if right.ndim != 2 or right.shape[0] != values.size:
        raise ArgumentError("vh", right.shape, say("of shape ({count}, n)", count=values.size))
    return left, values, right


def pseudo_inverse(
    a: npt.ArrayLike, cutoff: float | None = None, rank: int | None = None
) -> AnyArray:
    """Moore-Penrose pseudo-inverse ``V S^+ U^T``; values at or below the cutoff count as zero.

    `invert_factors` does it with singular vectors at hand, and never writes it out.

    Parameters
    ----------
    a : array_like of shape (m, n)
        Any finite matrix.
    cutoff : float, optional
        Relative to sigma_1, in [0, 1]; ``max(m, n) eps`` by default.
    rank : int, optional
        How many of the leading values are inverted at most; all above the cutoff by default.

    Returns
    -------
    ndarray of shape (n, m), float64 or complex128
        Its accuracy is what `penrose_errors` measures.

    Raises
    ------
    ArgumentError
        If ``cutoff`` or ``rank`` is out of range or ``a`` is not a matrix.
    DataError
        If ``a`` has NaN or inf, or the result exceeds the range of float64.

    References
    ----------
    Penrose, Proc. Camb. Phil. Soc. 51 (1955); Su, kexue.fm/archives/10366 and 10407.

    Examples
    --------
    >>> pseudo_inverse([[2.0, 0.0], [0.0, 0.0]]).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    matrix = finite_matrix("a", a)
    left, values, right, exponent, _ = _kept_svd(matrix, cutoff)
    if rank is not None:
        most = check_rank("rank", rank, min(matrix.shape))
        left, values, right = left[:, :most], values[:most], right[:most]
    inverse = (right.conj().T / values) @ left.conj().T
    return np.asarray(in_range("its pseudo-inverse", scaled(np.asarray(inverse), exponent)))


@dataclass(frozen=True, eq=False)
class FactorFit:
    """A factor fitted by least squares; usable as an array.

    Parameters
    ----------
    factor : ndarray
        The missing factor.
    frobenius_error, spectral_error : float
        Measured norms of ``M - A B``.
    relative_error : float
        Frobenius error over ``||M||_F``; 0 for M = 0.
    rank : int
        Numerical rank of the given factor.
    note : str
        What happened, in words, where it is worth saying.
    """

    factor: AnyArray
    frobenius_error: float
    spectral_error: float
    relative_error: float
    rank: int
    note: str = ""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        return np.array(self.factor, dtype=dtype, copy=copy)


def best_right_factor(a: npt.ArrayLike, m: npt.ArrayLike, cutoff: float | None = None) -> FactorFit:
    """B of smallest norm among those that minimise ``||M - A B||_F``: ``A^+ M``.

    Parameters
    ----------
    a : array_like of shape (m, r)
        The given left factor.
    m : array_like of shape (m, n)
        The matrix to approximate.
    cutoff : float, optional
        As in `pseudo_inverse`.

    Returns
    -------
    FactorFit
        ``factor`` of shape (r, n).

    Raises
    ------
    ArgumentError
        If the row counts differ.
    DataError
        If an argument has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10366 and 10407; Golub & Van Loan (2013), section 5.5.

    Examples
    --------
    >>> fit = best_right_factor([[1.0], [1.0]], [[1.0], [3.0]])
    >>> fit.factor.round(12).tolist(), round(fit.frobenius_error**2, 12)
    ([[2.0]], 2.0)
    """
    left, target = finite_matrix("a", a), finite_matrix("m", m)
    if left.shape[0] != target.shape[0]:
        raise ArgumentError(
            "a", left.shape, say("a matrix of {rows} rows, as m has", rows=target.shape[0])
        )
    u, values, vh, exponent, note = _kept_svd(left, cutoff)
    shift = scale_of(target)
    unit = scaled(target, shift)
    small = (vh.conj().T / values) @ (u.conj().T @ unit)
    residual = scaled(unit - scaled(left, exponent) @ small, -shift)
    error = in_range("the error", frobenius_norm(residual))
    factor = in_range("the best factor", scaled(np.asarray(small), exponent - shift))
    if np.any(small) and not np.any(factor):
        raise DataError(
            "The best factor would be all zeros: its entries are below the range of float64. "
            "Multiply the matrix, or divide the given factor, by a power of ten first."
        )
    return FactorFit(
        factor, error, spectral_norm(residual), relative(error, target), int(values.size), note
    )


def best_left_factor(m: npt.ArrayLike, b: npt.ArrayLike, cutoff: float | None = None) -> FactorFit:
    """A of smallest norm among those that minimise ``||M - A B||_F``: ``M B^+``.

    Parameters
    ----------
    m : array_like of shape (m, n)
        The matrix to approximate.
    b : array_like of shape (r, n)
        The given right factor.
    cutoff : float, optional
        As in `pseudo_inverse`.

    Returns
    -------
    FactorFit
        ``factor`` of shape (m, r).

    Raises
    ------
    ArgumentError
        If the column counts differ.
    DataError
        If an argument has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10366 and 10407; Golub & Van Loan (2013), section 5.5.

    Examples
    --------
    >>> best_left_factor([[2.0, 4.0]], [[1.0, 2.0]]).factor.round(12).tolist()
    [[2.0]]
    """
    target, right = finite_matrix("m", m), finite_matrix("b", b)
    if right.shape[1] != target.shape[1]:
        raise ArgumentError(
            "b",
            right.shape,
            say("a matrix of {columns} columns, as m has", columns=target.shape[1]),
        )
    fit = best_right_factor(right.T, target.T, cutoff)
    return replace(fit, factor=fit.factor.T)


class _Kept(NamedTuple):
    """SVD of ``matrix / 2^exponent`` without the values that count as zero."""

    u: AnyArray
    values: FloatArray
    vh: AnyArray
    exponent: int
    note: str


def _kept_svd(matrix: AnyArray, cutoff: float | None) -> _Kept:
    exponent = scale_of(matrix)
    unit = scaled(matrix, exponent)
    u, values, vh, note = svd_triplets(unit)
    kept = count_above(values, cutoff, matrix.shape)
    return _Kept(u[:, :kept], values[:kept], vh[:kept], exponent, note)


def count_above(s: npt.ArrayLike, cutoff: float | None, shape: tuple[int, ...]) -> int:
    """How many singular values of a matrix of ``shape`` are above ``cutoff * s[0]``, and above 0.

    The cutoff is in [0, 1], by default ``max(m, n) eps``.

    Raises
    ------
    ArgumentError
        If the cutoff is out of range, or ``s`` not finite, at least 0 and descending.

    Examples
    --------
    >>> [count_above([4.0, 2.0, 0.0], cutoff, (3, 3)) for cutoff in (None, 0.0, 0.5)]
    [2, 2, 1]
    """
    allowed = "a number in [0, 1], relative to sigma_1"
    if cutoff is None:
        cutoff = max(shape) * float(np.finfo(np.float64).eps)
    else:
        cutoff = number_within("cutoff", cutoff, 0.0, 1.0, allowed)
    values = np.asarray(s, dtype=np.float64)
    if not values.size:
        return 0
    if not (values[-1] >= 0.0 and values[0] < np.inf and np.all(values[1:] <= values[:-1])):
        raise ArgumentError("s", values, "finite, at least 0 and descending")
    return int(np.count_nonzero(values > cutoff * values[0]))


def relative(error: float, reference: AnyArray) -> float:
    """``error`` over the Frobenius norm of the reference; 0 where that is 0.

    Examples
    --------
    >>> relative(1.0, np.array([3.0, 4.0])), relative(1.0, np.zeros(2))
    (0.2, 0.0)
    """
    norm = frobenius_norm(reference)
    return 0.0 if norm == 0.0 else error / norm
