"""Sparse matrices: products with their stored entries alone, and no dense copy of the whole."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.matrix import (
    UNIT_ROUNDOFF,
    Matrix,
    RunningScale,
    peak_of,
    raise_nonfinite,
    scale_in_place,
    sum_of_squares,
)
from engine.spectrum.linalg.products import Products

AnyArray = npt.NDArray[Any]

# Entry by entry up to here; beyond, what is left out of a matrix is known as a difference only.
_DENSE_WORK = 1 << 27
_CHUNK = 1 << 14


def scaled_rows(matrix: Matrix, progress: Progress | None = None) -> tuple[Any, int, float]:
    """Tall view in float64 (complex128) by rows (CSR), scaled, its exponent and Frobenius norm.

    Raises
    ------
    DataError
        For NaN or infinite entries.
    """
    checkpoint(progress, 0.0, "reading")
    tall: Any = matrix.tall
    rows = tall.astype(matrix.double_dtype, copy=True)
    scale = RunningScale()
    if rows.nnz:
        peak = peak_of(rows.data)
        if not math.isfinite(peak):
            raise_nonfinite(matrix)
        scale.update(peak)
    scale_in_place(rows.data, -scale.exponent)
    chunks = (rows.data[i : i + _CHUNK] for i in range(0, rows.nnz, _CHUNK))
    square = math.fsum(sum_of_squares(chunk[None, :]) for chunk in chunks)
    return rows, scale.exponent, math.sqrt(square)


def sparse_gram(matrix: Matrix, progress: Progress | None = None) -> tuple[AnyArray, int]:
    """``T^H T`` as a dense array in Fortran order, T the scaled tall view, and its exponent.

    Examples
    --------
    >>> import scipy.sparse
    >>> from engine.spectrum.linalg.matrix import as_matrix
    >>> sparse_gram(as_matrix(scipy.sparse.csr_array([[1.0, 2.0], [0.0, 3.0], [0.0, 0.0]])))
    (array([[ 1.,  2.],
           [ 2., 13.]]), 0)
    """
    rows, exponent, _ = scaled_rows(matrix, progress)
    checkpoint(progress, 0.2, "Gram matrix")
    return np.asfortranarray((rows.conj().T @ rows).toarray()), exponent


def longest_column(matrix: Matrix) -> int:
    """The most entries that are stored in one column of the tall view."""
    tall: Any = matrix.tall
    indices = tall.indices
    return int(np.bincount(indices).max()) if indices.size else 0


class SparseProducts(Products):
    """`Products` with the stored entries, in float64 (complex128) throughout."""

    def _scan(self) -> tuple[int, float]:
        self.dtype, self.roundoff = np.dtype(self.matrix.double_dtype), UNIT_ROUNDOFF
        self._rows, exponent, frobenius = scaled_rows(self.matrix, self.progress)
        self._adjoint = self._rows.conj().T
        return exponent, frobenius

    def _hold(self) -> None:
        return None

    def times_double(self, x: AnyArray) -> AnyArray:
        """``T x``: (columns, k) -> (rows, k)."""
        checkpoint(self.progress)
        return np.asarray(self._rows @ x.astype(self.dtype, copy=False))

    def adjoint_double(self, y: AnyArray) -> AnyArray:
        """``T^H y``: (rows, k) -> (columns, k)."""
        checkpoint(self.progress)
        return np.asarray(self._adjoint @ y.astype(self.dtype, copy=False))

    def residual_norm(self, u: AnyArray, s: AnyArray, v: AnyArray) -> float:
        """``||T - u diag(s) v^H||_F`` for ``T v = u diag(s)``; an upper bound where T is large."""
        if self.rows * self.columns <= _DENSE_WORK:
            return super().residual_norm(u, s, v)
        total = self.frobenius**2
        rounding = 4.0 * math.sqrt(self.rows) * UNIT_ROUNDOFF * total
        return math.sqrt(max(total - math.fsum(s**2), 0.0) + rounding)


def products_of(matrix: Matrix, progress: Progress | None = None) -> Products:
    """`Products` of a dense or a sparse matrix."""
    return (SparseProducts if matrix.is_sparse else Products)(matrix, progress)
