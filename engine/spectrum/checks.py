"""What every approximation asks of a matrix before it starts, and norms that cannot overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigvalsh

from engine.errors import ArgumentError, DataError
from engine.spectrum.curves import ldexp
from engine.spectrum.driver import svd_values

AnyArray = npt.NDArray[Any]


def finite_matrix(name: str, a: npt.ArrayLike) -> AnyArray:
    """``a`` as a two-dimensional float64 (or complex128) array without NaN or inf.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    a : array_like of shape (m, n)
        Real or complex numbers; never modified.

    Returns
    -------
    ndarray of shape (m, n)
        May share memory with ``a``.

    Raises
    ------
    ArgumentError
        If ``a`` is not two-dimensional, empty, or not numeric.
    DataError
        If it holds NaN or inf, with the count and the first position.

    References
    ----------
    LAPACK Users' Guide (1999): results are undefined for NaN and inf input.

    Examples
    --------
    >>> finite_matrix("a", [[1, 2]]).dtype
    dtype('float64')
    """
    array = np.asarray(a)
    if array.dtype.kind not in "biufcV" or array.dtype.fields is not None:
        raise ArgumentError(name, array.dtype.name, "real or complex numbers")
    if array.ndim != 2 or array.size == 0:
        raise ArgumentError(name, array.shape, "a matrix with at least one row and one column")
    matrix = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)
    bad = ~np.isfinite(matrix)
    if bad.any():
        count = int(bad.sum())
        row, column = (int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
        verb = "is" if count == 1 else "are"
        raise DataError(
            f"In {name}, {count} of {array.size} entries {verb} NaN or infinite, the first at "
            f"row {row}, column {column} (counted from 0). Replace them, for example by 0.",
            count,
            (row, column),
        )
    return matrix


def check_rank(name: str, rank: Any, limit: int, least: int = 0) -> int:
    """``rank`` as an int in [least, limit], or an `ArgumentError`.

    Whole numbers of any numeric type are taken; truth values and texts are mistakes.

    Examples
    --------
    >>> check_rank("rank", 3, 5), check_rank("rank", np.float32(2.0), 5)
    (3, 2)
    """
    allowed = f"an integer from {least} to {limit}"
    if isinstance(rank, bool | np.bool_ | str | bytes):
        raise ArgumentError(name, rank, allowed)
    try:
        whole = int(rank)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(name, rank, allowed) from None
    if whole != rank or not least <= whole <= limit:
        raise ArgumentError(name, rank, allowed)
    return whole


def scale_of(a: AnyArray) -> int:
    """Exponent e with the largest magnitude in ``a`` below 2^e; 0 for zeros.

    Examples
    --------
    >>> import numpy as np
    >>> scale_of(np.array([3.0, -5.0]))
    3
    """
    peak = max(float(np.max(np.abs(a.real))), float(np.max(np.abs(a.imag)))) if a.size else 0.0
    return int(np.frexp(peak)[1]) if peak > 0.0 else 0


def scaled(a: AnyArray, exponent: int) -> AnyArray:
    """``a * 2^-exponent``, exact unless an entry falls below the normal range.

    Examples
    --------
    >>> import numpy as np
    >>> scaled(np.array([8.0]), 3)
    array([1.])
    """
    if exponent == 0:
        return a
    if a.dtype.kind == "c":
        result = np.empty(a.shape, np.complex128)
        result.real, result.imag = ldexp(a.real, -exponent), ldexp(a.imag, -exponent)
        return result
    return ldexp(a, -exponent)


def in_range(what: str, value: AnyArray | float) -> Any:
    """``value``, or a `DataError` where float64 could not hold it.

    Examples
    --------
    >>> in_range("the norm", 2.0)
    2.0
    """
    if not np.all(np.isfinite(value)):
        raise DataError(
            f"The entries are finite, but {what} would exceed the range of float64. Multiply the "
            "matrix by a power of ten that brings its entries near 1."
        )
    return value


def frobenius_norm(a: AnyArray) -> float:
    """Frobenius norm without overflow or underflow.

    Examples
    --------
    >>> import numpy as np
    >>> frobenius_norm(np.array([[3e300, 4e300]]))
    5e+300
    """
    exponent = scale_of(a)
    return float(ldexp(np.linalg.norm(scaled(a, exponent)), exponent))


def spectral_norm(a: AnyArray) -> float:
    """Largest singular value, from the smaller Gram matrix: full relative accuracy at its top.

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 8.6: only small values lose digits.

    Examples
    --------
    >>> import numpy as np
    >>> round(spectral_norm(np.array([[3e200, 0.0], [0.0, 1e200]])) / 1e200, 9)
    3.0
    """
    if a.size == 0:
        return 0.0
    exponent = scale_of(a)
    b = scaled(a, exponent)
    gram = b @ b.conj().T if b.shape[0] <= b.shape[1] else b.conj().T @ b
    last = gram.shape[0] - 1
    try:
        top = float(eigvalsh(gram, subset_by_index=[last, last])[0])
    except np.linalg.LinAlgError:
        # LAPACK's dsyevr gives up ("Internal Error") on some graded matrices.
        return float(ldexp(svd_values(b)[0][0], exponent))
    return float(ldexp(max(top, 0.0) ** 0.5, exponent))
