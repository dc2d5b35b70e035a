"""What every approximation asks of a matrix before it starts, and norms that cannot overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError, DataError
from engine.sentences import say
from engine.spectrum.linalg.matrix import in_double

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
    try:
        array = np.asarray(a)
    except (ValueError, TypeError) as error:  # lists of different lengths
        raise ArgumentError(name, a, "real or complex numbers") from error
    if array.dtype.kind not in "biufcV" or array.dtype.fields is not None:
        raise ArgumentError(name, array.dtype.name, "real or complex numbers")
    if array.ndim != 2 or array.size == 0:
        raise ArgumentError(name, array.shape, "a matrix with at least one row and one column")
    with np.errstate(over="ignore"):  # beyond float64: refused as infinite
        matrix = in_double(array)
    bad = ~np.isfinite(matrix)
    if bad.any():
        count = int(bad.sum())
        row, column = (int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
        verb = "is" if count == 1 else "are"
        raise DataError(
            say(
                "In {name}, {count} of {total} entries {verb} NaN or infinite, the first at row "
                "{row}, column {column} (counted from 0). Replace them, for example by 0.",
                name=name,
                count=count,
                total=array.size,
                verb=verb,
                row=row,
                column=column,
            ),
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
    try:
        number = not isinstance(rank, bool | np.bool_ | str | bytes)
        whole = int(rank) if number else None
    except (TypeError, ValueError, OverflowError):
        whole = None
    if whole is None or whole != rank or not least <= whole <= limit:
        allowed = say("an integer from {low} to {high}", low=least, high=limit)
        raise ArgumentError(name, rank, allowed)
    return whole
