"""Norms of a product X Y that is never stored: inner products of its column-row terms."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.linalg import qr, svdvals

from engine.column_row.sparse import checked_sparse, scaled_sparse
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.checks import finite_matrix
from engine.spectrum.linalg.norms import FloatArray, scale_of, scaled

_BLOCK = 512


def checked_pair(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Any, Any, int]:
    """X and Y as real float64 near 1 in size, and e: the given product is theirs times 2^e.

    A sparse factor stays sparse.

    Raises
    ------
    ArgumentError
        If a factor is no real matrix or the inner sides differ.
    DataError
        If a factor has NaN or inf.

    Examples
    --------
    >>> import numpy as np
    >>> checked_pair([[4.0]], [[2.0]])[2]
    5
    """
    left, right = _checked("x", x, 1), _checked("y", y, 0)
    if left.shape[1] != right.shape[0]:
        allowed = say("a matrix of {rows} rows, as x has that many columns", rows=left.shape[1])
        raise ArgumentError("y", right.shape, allowed)
    (left, first), (right, second) = _near_one(left), _near_one(right)
    return left, right, first + second


def _checked(name: str, factor: Any, axis: int) -> Any:
    """A real factor; ``axis`` counts its pairs."""
    if scipy.sparse.issparse(factor):
        return checked_sparse(name, factor, factor.shape[axis] if factor.ndim == 2 else 0)
    found = finite_matrix(name, factor)
    if found.dtype.kind == "c":
        raise ArgumentError(name, say("complex entries"), "real")
    return found


def _near_one(factor: Any) -> tuple[Any, int]:
    if scipy.sparse.issparse(factor):
        exponent = scale_of(factor.data)
        return scaled_sparse(factor, exponent), exponent
    exponent = scale_of(factor)
    return scaled(factor, exponent), exponent


def unit_vectors(vectors: FloatArray, axis: int) -> tuple[FloatArray, FloatArray]:
    """Return the vectors along ``axis`` at length 1, or 0, and what they were multiplied by.

    Examples
    --------
    >>> import numpy as np
    >>> unit, factor = unit_vectors(np.array([[3e-200, 0.0], [4e-200, 0.0]]), 0)
    >>> unit.round(12).tolist(), (factor * 1e-200).round(12).tolist()
    ([[0.6, 0.0], [0.8, 0.0]], [[0.2, 0.0]])
    """
    # By their largest entry first, whose square does not underflow.
    peak = np.abs(vectors).max(axis=axis, keepdims=True, initial=0.0)
    unit = np.divide(vectors, peak, out=np.zeros_like(vectors), where=peak > 0.0)
    norm = np.linalg.norm(unit, axis=axis, keepdims=True)
    unit = np.divide(unit, norm, out=unit, where=norm > 0.0)
    with np.errstate(over="ignore"):
        factor = np.divide(1.0, peak, out=np.zeros_like(peak), where=peak > 0.0)
        return unit, np.divide(factor, norm, out=np.zeros_like(norm), where=norm > 0.0)


def term_gram(x: FloatArray, y: FloatArray, chosen: npt.ArrayLike | None = None) -> FloatArray:
    """Inner products ``<x_i y_i^T, x_j y_j^T>`` of chosen terms (rows) with all (columns).

    Parameters
    ----------
    x : ndarray of shape (n, l)
    y : ndarray of shape (l, m)
    chosen : array_like of shape (r,), optional
        Indices of the rows; all by default.

    Returns
    -------
    ndarray of shape (r, l), float64
        ``(C^T X) o (R Y^T)``.

    References
    ----------
    Su, kexue.fm/archives/10427: U^T U and U^T V of the diagonal weights.

    Examples
    --------
    >>> import numpy as np
    >>> term_gram(np.eye(2), np.ones((2, 3))).tolist()
    [[3.0, 0.0], [0.0, 3.0]]
    """
    rows = slice(None) if chosen is None else np.asarray(chosen)
    return np.asarray((x[:, rows].T @ x) * (y[rows] @ y.T))


def product_norm(x: FloatArray, y: FloatArray) -> float:
    """``||X Y||_F`` with memory for a block only.

    The Gram form ``sum((X^T X) o (Y Y^T))`` is taken where it costs less than half; otherwise rows
    of X Y are formed block by block, which loses no digits to cancellation.

    Parameters
    ----------
    x : ndarray of shape (n, l)
    y : ndarray of shape (l, m)

    Returns
    -------
    float
        0 when l = 0. The Gram form resolves about ``1e-8 sum_i ||x_i|| ||y_i||``.

    References
    ----------
    Su, kexue.fm/archives/10427.

    Examples
    --------
    >>> import numpy as np
    >>> product_norm(np.array([[3.0, 0.0]]), np.array([[1.0], [5.0]]))
    3.0
    """
    n, pairs = x.shape
    m = y.shape[1]
    if pairs == 0:
        return 0.0
    square = 0.0
    if 2 * pairs * (n + m) < n * m:
        for start in range(0, pairs, _BLOCK):
            square += float(np.sum(term_gram(x, y, np.arange(start, min(start + _BLOCK, pairs)))))
    else:
        for start in range(0, n, _BLOCK):
            rows = x[start : start + _BLOCK] @ y
            square += float(np.vdot(rows, rows))
    return float(max(square, 0.0) ** 0.5)


def product_singular_values(x: FloatArray, y: FloatArray) -> FloatArray:
    """Singular values of X Y from triangles of the factors, descending.

    Parameters
    ----------
    x : ndarray of shape (n, l)
    y : ndarray of shape (l, m)

    Returns
    -------
    ndarray of shape (min(n, m, l),), float64
        The others are zero.

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 8.6.3: product SVD by QR.

    Examples
    --------
    >>> import numpy as np
    >>> product_singular_values(np.array([[2.0], [0.0]]), np.array([[0.0, 3.0]])).round(12).tolist()
    [6.0]
    """
    left = qr(x, mode="r", check_finite=False)[0][: x.shape[1]]
    right = qr(y.T, mode="r", check_finite=False)[0][: y.shape[0]]
    values = svdvals(left @ right.T, check_finite=False)
    return np.asarray(values[: min(*x.shape, y.shape[1])])
