"""The complete spectrum by LAPACK or by a Gram matrix, each with its error bound."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum.linalg.driver import svd_values
from engine.spectrum.linalg.matrix import (
    UNIT_ROUNDOFF,
    Matrix,
    RunningScale,
    block_rows,
    read_scaled,
    sum_of_squares,
    unscale,
)
from engine.spectrum.linalg.norms import scaled
from engine.spectrum.linalg.sparse import longest_column, sparse_gram
from engine.spectrum.linalg.symmetric import add_gram, symmetric_eigenvalues
from engine.spectrum.linalg.triangle import triangle_of
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values.routes import SPARSE_ORDER, usual_method

FloatArray = npt.NDArray[np.float64]


def complete_spectrum(matrix: Matrix, method: str, progress: Progress | None = None) -> Spectrum:
    """All singular values of ``matrix`` by "svd", "gram" or "stream", or by "auto" one of them.

    Raises
    ------
    ArgumentError
        For a sparse matrix with more than 4096 rows and columns.
    """
    check_order(matrix)
    if method == "auto":
        method = usual_method(matrix)
    return _direct(matrix, progress) if method == "svd" else _gram(matrix, method, progress)


def check_order(matrix: Matrix) -> None:
    """Refuse what would need a square array of more than `SPARSE_ORDER` rows.

    Raises
    ------
    ArgumentError
        With the shape.
    """
    if matrix.is_sparse and min(matrix.shape) > SPARSE_ORDER:
        allowed = say("a sparse matrix with min(m, n) of at most {order}", order=SPARSE_ORDER)
        hint = "Ask for a few leading values, or convert it with a.toarray()."
        raise ArgumentError("a", matrix.shape, allowed, hint)


def _direct(matrix: Matrix, progress: Progress | None) -> Spectrum:
    read = triangle_of if matrix.is_sparse else scaled_tall
    tall, exponent, frobenius = read(matrix, progress)
    checkpoint(progress, 0.3, "singular values (LAPACK)")
    values, note = svd_values(tall)
    top = float(values[0])
    # Householder bidiagonalisation acts on vectors of length max(m, n).
    growth = 10.0 + 4.0 * math.sqrt(max(matrix.shape))
    errors = np.full(values.size, growth * UNIT_ROUNDOFF * top)
    return _complete(matrix, "svd", values, errors, exponent, frobenius, note)


def scaled_tall(
    matrix: Matrix, progress: Progress | None = None
) -> tuple[npt.NDArray[Any], int, float]:
    """Tall view in float64 (complex128), scaled, its exponent and scaled Frobenius norm.

    It may share memory with the data and is only to be read.

    Raises
    ------
    DataError
        For NaN or infinite entries.
    """
    tall = matrix.tall
    # LAPACK is handed a copy anyway, and memory just asked for is slow to write to.
    held = matrix.is_ready(matrix.double_dtype)
    shape = (0, 0) if held else tall.shape
    copy = np.empty(shape, matrix.double_dtype, order="C" if matrix.along_rows else "F")
    scale, square, start = RunningScale(), 0.0, 0
    for block, factor in read_scaled(matrix, scale, progress, "reading"):
        square = square * factor + sum_of_squares(block)
        if held:
            continue
        if factor != 1.0:
            copy[:start] *= math.sqrt(factor)
        copy[start : start + block.shape[0]] = block
        start += block.shape[0]
    if held:
        copy = tall if scale.exponent == 0 else scaled(tall, scale.exponent)
    return copy, scale.exponent, math.sqrt(square)


def _gram(matrix: Matrix, method: str, progress: Progress | None) -> Spectrum:
    gram, exponent, exact = accumulate_gram(matrix, progress)
    return spectrum_of_gram(matrix, method, gram, exponent, exact=exact, progress=progress)


def spectrum_of_gram(
    matrix: Matrix,
    method: str,
    gram: npt.NDArray[Any],
    exponent: int,
    *,
    exact: bool,
    parts: int = 0,
    progress: Progress | None = None,
) -> Spectrum:
    """All singular values from what `accumulate_gram` gives; ``parts`` of it were added up."""
    columns = matrix.tall.shape[1]
    frobenius = math.sqrt(float(np.trace(gram).real))
    checkpoint(progress, 0.4, "eigenvalues of order {order}", order=columns)
    eigenvalues, note = symmetric_eigenvalues(gram, progress, 0.4)
    squares = np.maximum(eigenvalues[::-1], 0.0)
    values = np.sqrt(squares)
    adding = 0.0 if exact else parts * UNIT_ROUNDOFF
    delta = (gram_error(matrix, exact) + adding) * float(squares[0])
    low = np.sqrt(np.maximum(squares - delta, 0.0))
    errors = np.maximum(values - low, np.sqrt(squares + delta) - values)
    return _complete(matrix, method, values, errors, exponent, frobenius, note)


def gram_error(matrix: Matrix, exact: bool) -> float:
    """Error of the eigenvalues of an accumulated Gram matrix, relative to the largest; modelled."""
    rows, columns = matrix.tall.shape
    # Sums run over a block and then over blocks: that many roundings, each relative to a matrix
    # below the final Gram matrix in the Loewner order, so each at most u sigma_1^2 in norm.
    block = block_rows(columns)
    summing = min(block, rows) + math.ceil(rows / block) + 1.0
    if matrix.is_sparse:
        summing = longest_column(matrix) + 1.0
    summing = 0.0 if exact else summing
    reducing = 10.0 + 4.0 * math.sqrt(columns)
    return (summing + reducing) * UNIT_ROUNDOFF


def accumulate_gram(
    matrix: Matrix, progress: Progress | None = None
) -> tuple[npt.NDArray[Any], int, bool]:
    """Gram matrix of the smaller side, summed over blocks of the longer one in one pass.

    Returns
    -------
    gram : ndarray of shape (t, t), t = min(m, n), float64 or complex128, Fortran order
        Upper triangle of ``T^H T``, T the tall view times ``2**-exponent``.
    exponent : int
        Power of two taken out of the entries.
    exact : bool
        Whether no rounding happened: integers whose sums of products stay below ``2**53``.

    Raises
    ------
    DataError
        For NaN or infinite entries.
    """
    columns, scale = matrix.tall.shape[1], RunningScale()
    if matrix.is_sparse:
        gram, exponent = sparse_gram(matrix, progress)
    else:
        gram = np.zeros((columns, columns), matrix.double_dtype, order="F")
        for block, factor in read_scaled(matrix, scale, progress, "Gram matrix"):
            if factor != 1.0:
                gram *= factor
            add_gram(gram, block)
        exponent = scale.exponent
    # Every partial sum of |a_ki a_kj| is below the largest diagonal entry, by Cauchy and Schwarz.
    exact = matrix.array.dtype.kind in "biu" and float(np.diagonal(gram).real.max()) < 2.0**52
    return gram, exponent, exact and matrix.entry_rounding == 0.0


def _complete(
    matrix: Matrix,
    method: str,
    values: npt.NDArray[Any],
    errors: FloatArray,
    exponent: int,
    frobenius: float,
    note: str,
) -> Spectrum:
    """Undo the scaling and add what rounding the entries and the last square root cost."""
    rounding = UNIT_ROUNDOFF * values + matrix.entry_rounding * frobenius
    sigma = unscale(values, exponent)
    bound = unscale(errors + 2.0 * rounding, exponent) + 2.0**-1074
    return Spectrum(
        values=sigma,
        shape=matrix.shape,
        dtype=matrix.dtype_name,
        method=method,
        error_bound=float(bound.max()) if sigma[0] > 0.0 else 0.0,
        complete=True,
        frobenius=float(unscale(frobenius, exponent)),
        note=note,
        errors=bound if sigma[0] > 0.0 else np.zeros_like(sigma),
    )
