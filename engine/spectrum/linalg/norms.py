"""Powers of two, and norms that neither overflow nor vanish."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigvalsh

from engine.errors import DataError
from engine.sentences import as_sentence, say
from engine.spectrum.linalg.driver import svd_values

AnyArray = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


def ldexp(array: npt.ArrayLike, exponent: int) -> FloatArray:
    """``array * 2^exponent``; values out of range become inf or 0 without a warning."""
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.ldexp(np.asarray(array, dtype=np.float64), exponent))


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
            say(
                "The entries are finite, but {what} would exceed the range of float64. Multiply "
                "the matrix by a power of ten that brings its entries near 1.",
                what=as_sentence(what),
            )
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
