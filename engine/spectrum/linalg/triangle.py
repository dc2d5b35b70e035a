"""The triangle of a QR decomposition, block by block of rows: as little memory as its square."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg

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
    columns = matrix.tall.shape[1]
    triangle = np.zeros((columns, columns), matrix.double_dtype)
    scale, square = RunningScale(), 0.0
    waiting: list[AnyArray] = []
    # A step costs as if the triangle were rows as well; so many new ones make that a small part.
    most = max(block_rows(columns), min(2 * columns, 4 * block_rows(columns)))
    most = most if matrix.is_mapped else matrix.tall.shape[0]
    for block, factor in read_scaled(matrix, scale, progress, "reading"):
        square = square * factor + sum_of_squares(block)
        if factor != 1.0:
            triangle *= math.sqrt(factor)
            waiting = [rows * math.sqrt(factor) for rows in waiting]
        waiting.append(block.copy())
        if sum(len(rows) for rows in waiting) >= most:
            triangle, waiting = _reduced(triangle, waiting), []
    return _reduced(triangle, waiting), scale.exponent, math.sqrt(square)


def _reduced(triangle: AnyArray, waiting: list[AnyArray]) -> AnyArray:
    parts = [triangle, *waiting] if triangle.any() else waiting
    if not waiting:
        return triangle
    stack = np.asfortranarray(np.concatenate(parts))
    r = scipy.linalg.qr(stack, mode="r", overwrite_a=True, check_finite=False)[0]
    found = np.zeros_like(triangle)
    found[: r.shape[0]] = r[: found.shape[0]]
    return found
