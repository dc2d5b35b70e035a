"""Entries no decomposition can use: where NaN and infinity are, and how to replace them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import ArgumentError, DataError
from engine.files.reading.arrays import is_sparse
from engine.files.reading.entries import is_numeric
from engine.jobs import Progress, checkpoint
from engine.sentences import joined, say

Array = NDArray[Any]

_BLOCK = 1 << 18


@dataclass(frozen=True)
class FiniteReport:
    """How many entries are not finite.

    Attributes
    ----------
    nan_count : int
        Entries that are NaN (for complex numbers: in either part).
    inf_count : int
        Entries that are infinite and not NaN.
    first : tuple of int
        Index of the first of them in row order; empty when there is none.
    minus_count : int
        How many of the infinite ones are -inf; complex ones have no sign.
    """

    nan_count: int
    inf_count: int
    first: tuple[int, ...] = ()
    minus_count: int = 0

    @property
    def bad_count(self) -> int:
        """How many entries are NaN or infinite."""
        return self.nan_count + self.inf_count

    @property
    def is_finite(self) -> bool:
        """Whether every entry is finite."""
        return self.bad_count == 0

    @property
    def text(self) -> str:
        """The finding in one sentence; positions count from 0.

        Examples
        --------
        >>> check_finite(np.array([1.0, np.nan])).text
        '1 NaN and 0 infinite entries (0 of them -inf), the first at (1,).'
        """
        if self.is_finite:
            return "All entries are finite."
        return say(
            "{nan:,} NaN and {inf:,} infinite entries ({minus:,} of them -inf), "
            "the first at {first}.",
            nan=self.nan_count,
            inf=self.inf_count,
            minus=self.minus_count,
            first=self.first,
        )

    def error(self) -> DataError:
        """Return the `DataError` to raise where such entries cannot be used.

        Examples
        --------
        >>> check_finite(np.array([1.0, np.inf])).error().first
        (1,)
        """
        message = joined(
            self.text, "Replace them by 0 or by the column mean, or leave their rows out."
        )
        return DataError(message, self.bad_count, self.first)


def check_finite(array: Any, progress: Progress | None = None) -> FiniteReport:
    """Count NaN and infinite entries, block by block (also of arrays larger than memory).

    Parameters
    ----------
    array : ndarray or sparse array
        Bool, integer, real or complex; any shape.
    progress : Progress, optional
        Asked whether to stop.

    Returns
    -------
    FiniteReport
        The counts and the first position.

    Raises
    ------
    ArgumentError
        When the array does not hold numbers.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> check_finite(np.array([[1.0, np.inf], [np.nan, 2.0]]))
    FiniteReport(nan_count=1, inf_count=1, first=(0, 1), minus_count=0)
    """
    if is_sparse(array):
        return _check_stored(array)
    array = _numbers(array)
    if array.dtype.kind in "biu":
        return FiniteReport(0, 0)
    nan_count = inf_count = minus_count = done = 0
    # "K" visits memory in its own order: a Fortran matrix is not read across its grain.
    for block in _blocks(array, "K"):
        finite = np.isfinite(block)
        if not finite.all():
            # A copy: what is mapped may change while it is counted.
            bad = block[~finite]
            nan = np.isnan(bad)
            nan_count += int(np.count_nonzero(nan))
            inf_count += int(np.count_nonzero(np.isinf(bad) & ~nan))
            if block.dtype.kind != "c":
                minus_count += int(np.count_nonzero(bad == -np.inf))
        done += block.size
        checkpoint(progress, done / array.size, "Looking for NaN and infinity")
    first = _first_bad(array, progress) if nan_count or inf_count else ()
    return FiniteReport(nan_count, inf_count, first, minus_count)


def finite_rows(array: Any, progress: Progress | None = None) -> NDArray[np.intp]:
    """Return which rows hold neither NaN nor infinity: what is left when the others go.

    Parameters
    ----------
    array : ndarray, shape (m, n) or (n,), or sparse array
        Bool, integer, real or complex; each entry of a vector is a row of its own.
    progress : Progress, optional
        Asked whether to stop.

    Returns
    -------
    ndarray of intp
        Indices from 0, ascending; the array is read once, by blocks.

    Raises
    ------
    ArgumentError
        When the array does not hold numbers, or has more than two axes.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> finite_rows(np.array([[1.0, np.nan], [3.0, 4.0], [-np.inf, 8.0]]))
    array([1])
    """
    if is_sparse(array):
        bad = ~np.isfinite(array.data)
        wrong = array.tocoo().coords[0][bad] if bad.any() else ()
        return np.setdiff1d(np.arange(array.shape[0]), wrong)
    array = _numbers(array)
    if array.ndim not in (1, 2):
        raise ArgumentError("array", array.shape, "a vector or a matrix")
    total = array.shape[0]
    if array.dtype.kind in "biu":
        return np.arange(total)
    kept = np.empty(total, dtype=bool)
    height = max(1, _BLOCK // max(1, array[:1].size))
    for start in range(0, total, height):
        checkpoint(progress, start / total, "Looking for NaN and infinity")
        finite = np.isfinite(array[start : start + height])
        kept[start : start + height] = finite if array.ndim == 1 else finite.all(axis=1)
    return np.flatnonzero(kept)


def replace_nonfinite(
    array: Any,
    how: Literal["zero", "column_mean"] = "zero",
    progress: Progress | None = None,
) -> Any:
    """Return a copy with NaN and infinite entries replaced.

    Parameters
    ----------
    array : ndarray, shape (n,) or (..., m, n), or sparse array
        Bool, integer, real or complex.
    how : {"zero", "column_mean"}
        By 0, or by the mean of the finite entries of the same column (of the whole vector for
        1-D data); a column without any finite entry becomes 0.
    progress : Progress, optional
        Asked whether to stop.

    Returns
    -------
    ndarray or sparse array
        New array of the same shape and dtype, all finite; a sparse one stays sparse.

    Raises
    ------
    ArgumentError
        When ``how`` is another word, or the array does not hold numbers.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> a = np.array([[1.0, np.nan], [3.0, 4.0], [np.inf, 8.0]])
    >>> replace_nonfinite(a, "column_mean")
    array([[1., 6.],
           [3., 4.],
           [2., 8.]])
    """
    if how not in ("zero", "column_mean"):
        raise ArgumentError("how", how, "'zero' or 'column_mean'")
    if is_sparse(array):
        return _replace_stored(array, how)
    array = _numbers(array)
    result = array.copy()
    if array.dtype.kind in "biu" or not array.size:
        return result
    # A vector or a single number is one column.
    view = result.reshape(-1, 1) if result.ndim < 2 else result
    for matrix in np.ndindex(view.shape[:-2]):
        checkpoint(progress)
        _replace_in_columns(view[matrix], how, progress)
    return result


def _replace_in_columns(matrix: Array, how: str, progress: Progress | None) -> None:
    width = max(1, _BLOCK // max(1, matrix.shape[0]))
    for start in range(0, matrix.shape[1], width):
        checkpoint(progress, start / matrix.shape[1], "Replacing NaN and infinity")
        block = matrix[:, start : start + width]
        finite = np.isfinite(block)
        if finite.all():
            continue
        values = _column_means(block, finite) if how == "column_mean" else 0
        np.copyto(block, values, where=~finite, casting="unsafe")


def _column_means(block: Array, finite: NDArray[np.bool_]) -> Array:
    wide = np.result_type(block.dtype, np.float64)
    count = np.maximum(finite.sum(axis=0), 1)
    kept = np.where(finite, block, 0).astype(wide)
    # Divided before the sum: entries near the largest float must not add up to infinity.
    means: Array = (kept / count).sum(axis=0)
    return means


def _check_stored(array: Any) -> FiniteReport:
    """What `check_finite` says of a sparse array: what is not stored is 0."""
    bad = ~np.isfinite(array.data)
    count, nan_count = int(np.count_nonzero(bad)), int(np.count_nonzero(np.isnan(array.data)))
    if not count:
        return FiniteReport(0, 0)
    first = min(zip(*(axis[bad].tolist() for axis in array.tocoo().coords), strict=True))
    signed = array.dtype.kind != "c"
    minus_count = int(np.count_nonzero(array.data == -np.inf)) if signed else 0
    return FiniteReport(nan_count, count - nan_count, first, minus_count)


def _replace_stored(array: Any, how: str) -> Any:
    """What `replace_nonfinite` makes of a sparse array; zeros count in the mean of a column."""
    result = array.copy()
    kept = np.isfinite(array.data)
    result.data[~kept] = 0
    if how == "column_mean" and not kept.all():
        # Rows (CSR) or columns (CSC) list their places in the order of the data.
        columns, width = array.tocoo().coords[1], array.shape[1]
        lost = columns[~kept]
        count = np.maximum(array.shape[0] - np.bincount(lost, minlength=width), 1)
        parts = result.data / count[columns]
        means = np.bincount(columns, parts.real, width).astype(parts.dtype)
        if parts.dtype.kind == "c":
            means += 1j * np.bincount(columns, parts.imag, width)
        result.data[~kept] = means[lost]
    return result


def _numbers(array: Array) -> Array:
    array = np.asarray(array)
    if not is_numeric(array.dtype):
        raise ArgumentError("array", array.dtype.name, "an array of numbers")
    return array


def _blocks(array: Array, order: Literal["K", "C"]) -> Iterator[Array]:
    if not array.size:
        return
    yield from np.nditer(
        array,
        flags=["external_loop", "buffered"],
        order=order,
        buffersize=_BLOCK,
    )


def _first_bad(array: Array, progress: Progress | None) -> tuple[int, ...]:
    position = 0
    for block in _blocks(array, "C"):
        checkpoint(progress)
        bad = np.flatnonzero(~np.isfinite(block))
        if bad.size:
            where = np.unravel_index(position + int(bad[0]), array.shape)
            return tuple(int(axis) for axis in where)
        position += block.size
    return ()
