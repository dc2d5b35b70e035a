"""The triangle of a QR decomposition, block by block of rows: as little memory as its square."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import lapack

from engine.jobs import Progress
from engine.spectrum.linalg.matrix import (
    AnyArray,
    Matrix,
    RunningScale,
    block_rows,
    read_scaled,
    sum_of_squares,
)


def triangle_of(matrix: Matrix, progress: Progress | None = None) -> tuple[AnyArray, int, float]:
    """R of ``T = Q R``, T the tall view times ``2**-exponent``, and ``||T||_F``.

    Parameters
    ----------
    matrix : Matrix
        Read once, block by block.
    progress : Progress, optional
        Checked between blocks.

    Returns
    -------
    triangle : ndarray of shape (n, n), float64 or complex128
        Upper; backward stable column by column: ``||dT e_j||`` is roundings of ``||T e_j||``.
    exponent : int
    frobenius : float

    Raises
    ------
    DataError
        For NaN or infinite entries.

    References
    ----------
    Demmel, Grigori, Hoemmen & Langou, "Communication-optimal parallel and sequential QR and LU
    factorizations", SIAM J. Sci. Comput. 34 (2012): sequential TSQR.

    Examples
    --------
    >>> from engine.spectrum.linalg.matrix import as_matrix
    >>> np.abs(triangle_of(as_matrix([[3.0, 3.0], [4.0, 4.0], [0.0, 1.0]]))[0]).round(12)
    array([[5., 5.],
           [0., 1.]])
    """
    rows, columns = matrix.tall.shape
    # Beneath the triangle: a step costs as if that were rows, too, so there are as many new ones.
    pieces = matrix.is_mapped or matrix.is_sparse
    room = min(rows, columns + max(columns, block_rows(columns))) if pieces else rows
    stack = np.zeros((room, columns), matrix.double_dtype, order="F")
    scale, square, filled = RunningScale(), 0.0, 0
    for block, factor in read_scaled(matrix, scale, progress, "reading"):
        square = square * factor + sum_of_squares(block)
        if factor != 1.0:
            stack[:filled] *= math.sqrt(factor)
        start = 0
        while start < len(block):
            if filled == room:
                _reduce(stack)
                filled = columns
            taken = block[start : start + room - filled]
            stack[filled : filled + len(taken)] = taken
            start, filled = start + len(taken), filled + len(taken)
    _reduce(stack)
    return stack[:columns].copy(order="F"), scale.exponent, math.sqrt(square)


def _reduce(stack: AnyArray) -> None:
    """Leave the triangle in the first rows, zeros beneath."""
    columns = stack.shape[1]
    routine = lapack.zgeqrf if stack.dtype.kind == "c" else lapack.dgeqrf
    reduced = routine(stack, lwork=64 * columns, overwrite_a=1)[0]
    stack[:columns] = np.triu(reduced[:columns])
    stack[columns:] = 0.0
