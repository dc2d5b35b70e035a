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

CUT = "all singular values cost no more than the leading ones here; then cut"
_AT_ONCE = 1 << 14  # entries that are looked at together, before they leave the cache


def complete_spectrum(
    matrix: Matrix, method: str, progress: Progress | None = None, *, rank: int | None = None
) -> Spectrum:
    """All singular values of ``matrix`` by "svd", "gram" or "stream", or by "auto" one of them.

    With "svd" and a ``rank`` only so many are kept, ``complete`` unless these are all.

    Raises
    ------
    ArgumentError
        For a sparse matrix with more than 4096 rows and columns.
    """
    check_order(matrix)
    if method == "auto":
        method = usual_method(matrix)
    if method == "svd":
        return _direct(matrix, progress, rank)
    return _gram(matrix, method, progress)


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


def _direct(matrix: Matrix, progress: Progress | None, rank: int | None) -> Spectrum:
    read = triangle_of if matrix.is_sparse else scaled_tall
    tall, exponent, frobenius = read(matrix, progress)
    checkpoint(progress, 0.3, "singular values (LAPACK)")
    values, note = svd_values(tall)
    top = float(values[0])
    # Householder bidiagonalisation acts on vectors of length max(m, n).
    growth = 10.0 + 4.0 * math.sqrt(max(matrix.shape))
    errors = np.full(values.size, growth * UNIT_ROUNDOFF * top)
    return _complete(matrix, "svd", values, errors, exponent, frobenius, note, rank)


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
    if tall.size <= _AT_ONCE and not (matrix.is_sparse or matrix.is_mapped):
        at_once = _plain_tall(matrix, progress)
        if at_once is not None:
            return at_once
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


def _plain_tall(
    matrix: Matrix, progress: Progress | None
) -> tuple[npt.NDArray[Any], int, float] | None:
    """`scaled_tall` of a small matrix by one product; None where entries need a closer look."""
    checkpoint(progress, 0.0, "reading")
    tall = matrix.tall
    with np.errstate(over="ignore", invalid="ignore"):
        if not matrix.is_ready(matrix.double_dtype):
            tall = np.array(tall, matrix.double_dtype, order="K")
        parts = tall.ravel(order="K").view(np.float64)
        square = float(parts @ parts)
    # Then some entry is above 2^-200 and all are below 2^200; NaN and infinities are neither.
    plain = parts.size * 2.0**-400 < square < 2.0**400
    return (tall, 0, math.sqrt(square)) if plain else None


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
    rank: int | None = None,
) -> Spectrum:
    """Undo the scaling and add what rounding the entries and the last square root cost."""
    sigma = unscale(values, exponent)
    rounding = 2.0 * UNIT_ROUNDOFF * values + 2.0 * matrix.entry_rounding * frobenius
    bound = unscale(errors + rounding, exponent) + 2.0**-1074
    bound = bound if sigma[0] > 0.0 else np.zeros_like(sigma)
    for array in (sigma, bound):
        array.setflags(write=False)  # or `Spectrum` would copy what nobody else holds
    whole = float(unscale(frobenius, exponent)) if exponent else frobenius
    cut = rank is not None and rank < sigma.size
    rest, lower, upper = 0.0, None, None
    if cut:
        rest, note = norm_after(sigma, rank), CUT
        sigma, bound = sigma[:rank], bound[:rank]
        lower, upper = np.maximum(sigma - bound, 0.0), sigma + bound
        lower.setflags(write=False)
        upper.setflags(write=False)
    return Spectrum(
        values=sigma,
        shape=matrix.shape,
        dtype=matrix.dtype_name,
        method=method,
        error_bound=float(bound.max()),
        complete=not cut,
        frobenius=whole,
        residual=rest,
        upper=upper,
        note=note,
        errors=bound,
        lower=lower,
    )


def norm_after(values: FloatArray, rank: int | None) -> float:
    """Frobenius norm of what is left after the first singular values.

    Examples
    --------
    >>> norm_after(np.array([5.0, 4e-200, 3e-200]), 1)
    5e-200
    """
    rest = values[rank:]
    if rest.size and 1e-100 < rest[0] < 1e100:
        return math.sqrt(float(rest @ rest))
    return math.hypot(*rest.tolist())
