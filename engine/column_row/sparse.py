"""Sparse factors of a product: what its terms need of them, from the stored entries alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse
from scipy.linalg import lapack

from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.linalg.matrix import as_matrix, raise_nonfinite
from engine.spectrum.linalg.norms import FloatArray

# A square of this order is what stands in for a sparse factor.
SPARSE_PAIRS = 4096


def checked_sparse(name: str, a: Any, pairs: int) -> Any:
    """``a`` by columns (CSC) in float64, every place stored once.

    Raises
    ------
    ArgumentError
        If it is no matrix of numbers, or has too many column-row pairs.
    DataError
        If it is empty, or holds NaN or inf.

    Examples
    --------
    >>> checked_sparse("x", scipy.sparse.coo_array(([1, 2], ([0, 0], [1, 1]))), 2).data
    array([3.])
    """
    matrix = as_matrix(a)
    if pairs > SPARSE_PAIRS:
        allowed = say("at most {limit:,} pairs of a sparse factor", limit=SPARSE_PAIRS)
        raise ArgumentError("l", pairs, allowed, "Multiply a part of it, or transposed factors.")
    if a.dtype.kind == "c":
        raise ArgumentError(name, say("complex entries"), "real")
    columns = scipy.sparse.csc_array(a, dtype=np.float64)
    if not np.isfinite(columns.data).all():
        raise_nonfinite(matrix)
    if not columns.has_canonical_format:
        columns = columns.copy()
        columns.sum_duplicates()
    return columns


def scaled_sparse(a: Any, exponent: int) -> Any:
    """``a * 2^-exponent``."""
    result = a.copy()
    result.data = np.ldexp(a.data, -exponent)
    return result


def column_norms(a: Any) -> FloatArray:
    """Norms of the columns of a CSC matrix.

    Examples
    --------
    >>> column_norms(scipy.sparse.csc_array([[3.0, 0.0], [4.0, 0.0]])).tolist()
    [5.0, 0.0]
    """
    columns = np.repeat(np.arange(a.shape[1]), np.diff(a.indptr))
    return np.sqrt(np.bincount(columns, a.data**2, a.shape[1]))


def sparse_root(a: Any) -> FloatArray:
    """A dense matrix of at most as many rows as columns with the inner products of ``a``.

    ``a`` itself where it is no longer than that, else a factor of the Gram matrix by Cholesky with
    pivots, which dependent columns do not stop; norms of combinations of columns are then right to
    about ``1e-8 ||a||``.

    References
    ----------
    Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix" (1990).

    Examples
    --------
    >>> root = sparse_root(scipy.sparse.csc_array([[3.0, 3.0], [4.0, 4.0], [0.0, 1.0]]))
    >>> (root.T @ root).round(12)
    array([[25., 25.],
           [25., 26.]])
    """
    rows, columns = a.shape
    if rows <= columns:
        return np.asarray(a.toarray())
    gram = (a.T @ a).toarray()
    # Near 1 in size: a matrix without any entry has rank 0.
    size = math.sqrt(float(np.trace(gram))) or 1.0
    factor, pivots, rank, _ = lapack.dpstrf(np.asfortranarray(gram / size**2))
    factor = np.triu(factor)
    factor[rank:] = 0.0
    root = np.empty_like(factor)
    root[:, pivots - 1] = factor * size
    return np.asarray(root)
