"""What arrays in memory have in common, dense ones and SciPy's sparse ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.sentences import say

Array = NDArray[Any]

# What a sparse matrix may take as a dense one where a computation knows no other.
DENSE_LIMIT = 1 << 30
# Where a dense copy costs little it is made, since it gives more: all values, by every method, and
# every rule. All of a sparse matrix of this order take a second, its copy less than a picture.
SMALL_ORDER = 1024
SMALL_BYTES = 1 << 26


def is_sparse(array: Any) -> bool:
    """Return whether this is a sparse array or matrix of SciPy; SciPy is not imported for it.

    Examples
    --------
    >>> is_sparse(np.ones(2))
    False
    """
    return hasattr(array, "tocsr") and hasattr(array, "nnz")


def is_small(shape: tuple[int, ...], itemsize: int = 8) -> bool:
    """Return whether a sparse matrix, or a product of two thin ones, may as well be a dense one.

    The one rule for every page: min(m, n) <= 1024, and at most 64 MiB.

    Examples
    --------
    >>> is_small((8000, 1000)), is_small((8000, 2000)), is_small((300_000, 1000))
    (True, False, False)
    """
    return min(shape) <= SMALL_ORDER and math.prod(shape) * itemsize <= SMALL_BYTES


def lock(array: Any) -> Any:
    """Make an array read-only, the parts of a sparse one, and return it.

    Examples
    --------
    >>> lock(np.ones(2)).flags.writeable
    False
    """
    if is_sparse(array):
        for part in ("data", "indices", "indptr", "row", "col"):
            held = getattr(array, part, None)
            if isinstance(held, np.ndarray):
                held.flags.writeable = False
    else:
        array.flags.writeable = False
    return array


def to_dense(array: Any, limit: int = DENSE_LIMIT) -> Array:
    """Return the array itself, or a sparse one written out with its zeros.

    Parameters
    ----------
    array : ndarray or sparse array
        What `MatrixSource.read` gives.
    limit : int
        Bytes that the dense array may take.

    Raises
    ------
    DataError
        When it would take more.

    Examples
    --------
    >>> import scipy.sparse
    >>> to_dense(scipy.sparse.csr_array([[0.0, 2.0]]))
    array([[0., 2.]])
    """
    if not is_sparse(array):
        return np.asarray(array)
    needed = int(np.prod(array.shape, dtype=object)) * array.dtype.itemsize
    if needed > limit:
        raise DataError(
            say(
                "This sparse array of shape {shape} would take {needed:,} bytes as a dense one, "
                "at most {limit:,} are set aside for that. Choose a part of it.",
                shape=tuple(array.shape),
                needed=needed,
                limit=limit,
            )
        )
    dense: Array = array.toarray()
    dense.flags.writeable = False
    return dense
