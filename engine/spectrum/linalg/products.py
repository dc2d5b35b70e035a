"""Products of a matrix with thin blocks of vectors, fast in working precision or in float64."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress
from engine.sentences import say
from engine.spectrum.linalg.matrix import (
    Matrix,
    RunningScale,
    blocks,
    peak_of,
    read_scaled,
    scale_in_place,
    sum_of_squares,
)
from engine.spectrum.linalg.symmetric import add_gram

AnyArray = npt.NDArray[Any]

_FLOAT32_RANGE = 2.0**30  # entries within this and its inverse: no product can overflow float32


class Products:
    """Products with the tall view of a matrix times ``2**-exponent``.

    Data that are float32 numbers are multiplied in float32 by `times` and `adjoint`, all else in
    float64; `times_double` and `adjoint_double` always accumulate in float64.

    Parameters
    ----------
    matrix : Matrix
        What to multiply with. Read once here, for NaN, scale and norm.
    progress : Progress, optional
        Checked between blocks of every product.

    Raises
    ------
    DataError
        For NaN or infinite entries.
    """

    def __init__(self, matrix: Matrix, progress: Progress | None = None) -> None:
        self.matrix = matrix
        self.progress = progress
        self.rows, self.columns = matrix.tall.shape
        single = np.complex64 if matrix.is_complex else np.float32
        self.dtype = np.dtype(single if matrix.exact_in_float32 else matrix.double_dtype)
        self.roundoff = 2.0**-24 if matrix.exact_in_float32 else 2.0**-53
        self.exponent, self.frobenius = self._scan()
        self._held = self._hold()

    def _scan(self) -> tuple[int, float]:
        """Exponent and scaled Frobenius norm."""
        scale, square, peak = RunningScale(), 0.0, 0.0
        # Blocks of a megabyte stay in the cache while they are looked at three times.
        size = max(16, (1 << 17) // self.columns)
        parts = read_scaled(self.matrix, scale, self.progress, say("reading"), size=size)
        for block, factor in parts:
            square = square * factor + sum_of_squares(block)
            # Peaks are compared at the final scale; a factor other than 1 is a power of 4.
            peak = max(peak * math.sqrt(factor), peak_of(block))
        exponent = scale.exponent
        if self.dtype.itemsize == (8 if self.matrix.is_complex else 4) and peak > 0.0:
            extra = 0 if 1.0 / _FLOAT32_RANGE < peak < _FLOAT32_RANGE else math.frexp(peak)[1]
            return exponent + extra, math.ldexp(math.sqrt(square), -extra)
        return exponent, math.sqrt(square)

    def _hold(self) -> AnyArray | None:
        """The tall view in working precision: the data themselves where they already fit."""
        tall = self.matrix.tall
        if self.matrix.is_streamed:
            return None
        if self.matrix.is_ready(self.dtype) and self.exponent == 0:
            return tall
        order: Literal["C", "F"] = "C" if self.matrix.along_rows else "F"
        held = np.empty(tall.shape, self.dtype, order=order)
        start = 0
        for block in self._scaled_blocks():
            held[start : start + block.shape[0]] = block
            start += block.shape[0]
        return held

    def _scaled_blocks(self) -> Any:
        for block in blocks(self.matrix, self.progress):
            scale_in_place(block, -self.exponent)
            yield block

    def times(self, x: AnyArray) -> AnyArray:
        """``T x`` in working precision: (columns, k) -> (rows, k)."""
        if self._held is None:
            return self.times_double(x).astype(self.dtype)
        return np.asarray(self._held @ x.astype(self.dtype, copy=False))

    def adjoint(self, y: AnyArray) -> AnyArray:
        """``T^H y`` in working precision: (rows, k) -> (columns, k)."""
        if self._held is None:
            return self.adjoint_double(y).astype(self.dtype)
        return adjoint_product(self._held, y.astype(self.dtype, copy=False))

    def times_double(self, x: AnyArray) -> AnyArray:
        """``T x`` in float64 (complex128), block by block."""
        wide = x.astype(self.matrix.double_dtype, copy=False)
        out = np.empty((self.rows, wide.shape[1]), wide.dtype)
        start = 0
        for block in self._scaled_blocks():
            np.matmul(block, wide, out=out[start : start + block.shape[0]])
            start += block.shape[0]
        return out

    def adjoint_double(self, y: AnyArray) -> AnyArray:
        """``T^H y`` in float64 (complex128), block by block."""
        wide = y.astype(self.matrix.double_dtype, copy=False)
        out = np.zeros((self.columns, wide.shape[1]), wide.dtype)
        start = 0
        for block in self._scaled_blocks():
            out += adjoint_product(block, wide[start : start + block.shape[0]])
            start += block.shape[0]
        return out

    def residual_norm(self, u: AnyArray, s: AnyArray, v: AnyArray) -> float:
        """``||T - u diag(s) v^H||_F`` entry by entry, free of the cancellation of squares."""
        square, start = 0.0, 0
        right = v.conj().T
        for block in self._scaled_blocks():
            stop = start + block.shape[0]
            square += sum_of_squares(block - (u[start:stop] * s) @ right)
            start = stop
        return math.sqrt(square)

    def remainder_gram(self, u: AnyArray, s: AnyArray, v: AnyArray, exponent: int) -> AnyArray:
        """Upper triangle of ``R^H R``, ``R = (T - u diag(s) v^H) 2**-exponent``, single precision.

        In Fortran order; the lower triangle has no meaning.
        """
        single = np.complex64 if self.matrix.is_complex else np.float32
        gram = np.zeros((self.columns, self.columns), single, order="F")
        left, right, start = u * s, v.conj().T, 0
        for block in self._scaled_blocks():
            stop = start + block.shape[0]
            block -= left[start:stop] @ right
            scale_in_place(block, -exponent)
            add_gram(gram, block.astype(single))
            start = stop
        return gram


def adjoint_product(x: AnyArray, y: AnyArray) -> AnyArray:
    """``x^H y``, as ``(y^H x)^H``: a large ``x`` is neither conjugated nor read across its rows."""
    return np.asarray((y.conj().T @ x).conj().T)
