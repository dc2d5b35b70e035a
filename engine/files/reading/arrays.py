"""What arrays in memory have in common, dense ones and SciPy's sparse ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.sentences import say

Array = NDArray[Any]

# What a sparse matrix may take as a dense one where a computation knows no other.
DENSE_LIMIT = 1 << 30


def is_sparse(array: Any) -> bool:
    """Return whether this is a sparse array or matrix of SciPy; SciPy is not imported for it.

    Examples
    --------
    >>> is_sparse(np.ones(2))
    False
    """
    return hasattr(array, "tocsr") and hasattr(array, "nnz")


def lock(array: Any) -> Any:
    """Make an array read-only, the parts of a sparse one, and return it."""
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
