"""Sparse matrices as files keep them: described, checked, and handed out as SciPy's arrays."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from engine.files.reading.arrays import Array
from engine.files.reading.entries import BadArray, Entry, array_entry, is_numeric
from engine.files.reading.selection import Selection
from engine.sentences import say

_INT32 = np.iinfo(np.int32).max


def sparse_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that SciPy computes with where it has none like ``dtype``.

    Examples
    --------
    >>> sparse_dtype(np.dtype(">f8")) == np.float64, sparse_dtype(np.dtype("f2"))
    (True, dtype('float32'))
    """
    short = dtype == np.float16 or dtype.kind == "V"
    return np.dtype(np.float32) if short and is_numeric(dtype) else dtype.newbyteorder("=")


def sparse_entry(
    name: str,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    stored: int,
    layout: str,
    *,
    at_most: bool = False,
) -> Entry:
    """Describe a sparse matrix of which ``stored`` entries are kept, or no more than that.

    Raises
    ------
    BadArray
        When it holds anything but numbers, or is no matrix.

    Examples
    --------
    >>> sparse_entry("K", np.dtype("f8"), (3, 4), 2, "CSC").notes
    ('Sparse (CSC): 2 of 12 entries are stored (density 0.167), the others are 0.',)
    """
    if len(shape) != 2:
        raise BadArray(say("it is sparse with {count} axes, not a matrix", count=len(shape)))
    entry = array_entry(name, sparse_dtype(dtype), shape)
    cells = math.prod(shape)
    words = (
        "Sparse ({layout}): {stored:,} of {cells:,} entries are stored (density {density:.3g}), "
        "the others are 0."
    )
    if at_most:
        words = (
            "Sparse ({layout}): at most {stored:,} of {cells:,} entries are stored (density "
            "{density:.3g}), the others are 0."
        )
    told = min(stored, cells)
    note = say(words, layout=layout, stored=told, cells=cells, density=told / cells)
    place = 4 if max(*shape, stored) <= _INT32 else 8
    size = stored * (dtype.itemsize + place) + place * (min(shape) + 1)
    return replace(entry, bytes=size, stored=stored).noting(note)


def compressed(
    layout: str, data: Array, indices: Array, starts: Array, shape: tuple[int, ...]
) -> Any:
    """Return a csr_array or csc_array of checked parts, without entries that occur twice.

    Parameters
    ----------
    layout : str
        "csr" or "csc"; "bsr" for blocks, with ``data`` of three axes.

    Raises
    ------
    BadArray
        When the parts contradict each other.
    """
    # Imported here: the window must not wait for it.
    import scipy.sparse

    make = {
        "csr": scipy.sparse.csr_array,
        "csc": scipy.sparse.csc_array,
        "bsr": scipy.sparse.bsr_array,
    }[layout]
    data = data.astype(sparse_dtype(data.dtype), copy=False)
    parts = data, _positions(indices, shape), _positions(starts, (indices.size,))
    if parts[2].size and (parts[2][-1] < 0 or np.any(np.diff(parts[2]) < 0)):
        # SciPy looks at their order only where the last one is positive.
        raise _nonsense(say("rows or columns that begin before the one in front of them"))
    try:
        matrix = make(parts, shape=shape)
        matrix.check_format(full_check=True)
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise _nonsense(str(error)) from error
    if layout == "bsr":
        matrix = matrix.tocsr()
    matrix.sum_duplicates()
    return matrix


def coordinates(row: Array, col: Array, data: Array, shape: tuple[int, ...]) -> Any:
    """Return a csr_array or csc_array of rows, columns and values; places written twice add up.

    Raises
    ------
    BadArray
        When a place lies outside.
    """
    import scipy.sparse

    if not row.ndim == col.ndim == data.ndim == 1 or not row.size == col.size == data.size:
        raise _nonsense(say("{rows} rows, {cols} columns", rows=row.shape, cols=col.shape))
    places = _positions(row, shape), _positions(col, shape)
    for positions, length in zip(places, shape, strict=True):
        if positions.size and not 0 <= positions.min() <= positions.max() < length:
            raise _nonsense(say("a place lies outside of {shape}", shape=shape))
    data = data.astype(sparse_dtype(data.dtype), copy=False)
    matrix = scipy.sparse.coo_array((data, places), shape=shape)
    # The shorter side has the list of beginnings: a header may claim any length of the other.
    matrix = matrix.tocsr() if shape[0] <= shape[1] else matrix.tocsc()
    matrix.sum_duplicates()
    return matrix


def diagonals(data: Array, offsets: Array, shape: tuple[int, ...]) -> Any:
    """Return a csr_array or csc_array of diagonals, as SciPy keeps them.

    Raises
    ------
    BadArray
        When the parts contradict each other.
    """
    import scipy.sparse

    data = data.astype(sparse_dtype(data.dtype), copy=False)
    try:
        matrix = scipy.sparse.dia_array((data, _positions(offsets, shape)), shape=shape).tocoo()
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise _nonsense(str(error)) from error
    return coordinates(matrix.row, matrix.col, matrix.data, shape)


def select(matrix: Any, selection: Selection) -> Any:
    """Return a part of a sparse matrix; a single row or column as a dense vector.

    Examples
    --------
    >>> import scipy.sparse
    >>> select(scipy.sparse.csr_array([[0.0, 2.0]]), (0, slice(None)))
    array([0., 2.])
    """
    rows, cols = selection
    if isinstance(rows, int) and isinstance(cols, int):
        return np.asarray(matrix[rows, cols])
    if isinstance(rows, int):
        place = rows % matrix.shape[0]
        return matrix[place : place + 1, cols].toarray()[0]
    if isinstance(cols, int):
        place = cols % matrix.shape[1]
        return matrix[rows, place : place + 1].toarray()[:, 0]
    if rows == cols == slice(None):
        # Another object of the same numbers: the one that is kept stays as it is.
        parts = (part.view() for part in (matrix.data, matrix.indices, matrix.indptr))
        return type(matrix)(tuple(parts), shape=matrix.shape)
    return matrix[rows, cols]


def _positions(values: Array, shape: tuple[int, ...]) -> Array:
    """Return positions in the shortest type that SciPy takes."""
    if values.dtype.kind not in "iu" or values.ndim != 1:
        raise _nonsense(say("its positions are {dtype}", dtype=values.dtype))
    if values.size and (int(values.max()) > 2**62 or int(values.min()) < -(2**62)):
        raise _nonsense(say("a place lies outside of {shape}", shape=shape))
    fits = not values.size or max(int(values.max()), -int(values.min()), *shape) <= _INT32
    found: Array = values.astype(np.int32 if fits else np.int64)
    return found


def _nonsense(reason: str) -> BadArray:
    return BadArray(
        say("the parts of the sparse matrix contradict each other ({reason})", reason=reason),
        "The file may be damaged: save or copy it again.",
    )
