"""Norms of what two orthonormal factors and a product leave over, bounded for certain.

``X^T X - I`` and ``A - B W`` cancel to the last digits, so an ordinary product is off by as much as
what is asked for. Here each factor is cut in two, ``X = H + L``, where H has so few bits that every
partial sum of ``H^T H`` is an integer below 2^53 times a power of two: the product is exact in
whatever order BLAS adds. What remains, ``H^T L + L^T X``, is 2^-20 times smaller, and so are its
rounding errors, which are bounded a priori.

Everything assumes IEEE binary64 and products that are sums of products in any order, with or
without fused multiply-add; not Strassen's. Numbers that underflow, to subnormals or to zero, are
covered by `_TINY`, provided that the largest entries lie between 2^-200 and 2^200.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]

# More than what any number of underflows below 2^-1022 can do to the square root of a sum.
_TINY = 2.0**-400


def above(value: float, roundings: int) -> float:
    """Upper bound on a sum, product or root of numbers >= 0 that was computed as ``value``.

    Parameters
    ----------
    value : float
        As computed.
    roundings : int
        How many roundings each term may have gone through; the order of additions is free.

    Examples
    --------
    >>> above(1.0, 4) > 1.0
    True
    """
    return value * (1.0 + 2.0 * (roundings + 2) * UNIT_ROUNDOFF)


def orthogonality_defect(x: AnyArray, progress: Progress | None = None) -> float:
    """Upper bound on ``||X^H X - I||_2``, rigorous.

    Parameters
    ----------
    x : ndarray of shape (m, n), float64 or complex128
        Columns that should be orthonormal.
    progress : Progress, optional
        Checked between products.

    Returns
    -------
    float
        About ``n^(3/4)`` roundings wide: the norm of the computed defect E is taken as the square
        root of ``||E^H E||``, which for errors of random sign is smaller than its Frobenius norm.

    References
    ----------
    Rump, "Verified bounds for singular values, in particular for the spectral norm of a matrix and
    its inverse", BIT 51 (2011), section 3; exact leading products: Ozaki, Ogita, Oishi & Rump,
    "Error-free transformations of matrix multiplication by using fast routines of matrix
    multiplication and its applications", Numer. Algorithms 59 (2012).

    Examples
    --------
    >>> orthogonality_defect(np.eye(3)) < 1e-100
    True
    """
    parts = np.vstack((x.real, x.imag)) if x.dtype.kind == "c" else x
    high, low = _split(parts, parts.shape[0], 0)
    defect, missed = _symmetric_part(high, low, progress)
    if parts is not x:
        skew, more = _skew_part(high, low, progress)
        defect, missed = defect + 1j * skew, missed + more
    checkpoint(progress)
    return above(_norm(defect) + 2.0 * missed, 4)


def _symmetric_part(
    high: FloatArray, low: FloatArray, progress: Progress | None
) -> tuple[FloatArray, float]:
    """``X^T X - I`` for ``X = H + L`` and a bound on half of the Frobenius norm of its error."""
    checkpoint(progress)
    defect = high.T @ high
    defect[np.diag_indices_from(defect)] -= 1.0
    # X^T X = H^T H + Q^T L + L^T Q for Q = H + L / 2.
    middle = high + 0.5 * low
    checkpoint(progress)
    part = middle.T @ low
    missed = 2.0 * _product_error(middle, low, high.shape[0] + 1)
    missed += 2.0 * UNIT_ROUNDOFF * (_frobenius(defect) + 2.0 * _frobenius(part))
    defect += part
    defect += part.T
    return defect, missed


def _skew_part(
    high: FloatArray, low: FloatArray, progress: Progress | None
) -> tuple[FloatArray, float]:
    """``Y^T Z - Z^T Y`` where ``H + L`` is Y above Z, and a bound as above."""
    checkpoint(progress)
    (y_high, z_high), (y_low, z_low) = np.vsplit(high, 2), np.vsplit(low, 2)
    defect = y_high.T @ z_high
    defect = defect - defect.T
    checkpoint(progress)
    part = y_high.T @ z_low
    z = z_high + z_low
    part += y_low.T @ z
    rows = z.shape[0]
    missed = 2.0 * (_product_error(y_high, z_low, rows) + _product_error(y_low, z, rows))
    missed += 2.0 * UNIT_ROUNDOFF * (_frobenius(defect) + 4.0 * _frobenius(part))
    defect += part
    defect -= part.T
    return defect, missed


def product_defect(
    a: AnyArray, b: AnyArray, w: AnyArray, progress: Progress | None = None
) -> float:
    """Upper bound on ``||A - B W||_2``, rigorous.

    Parameters
    ----------
    a, b, w : ndarrays of shape (m, n), (m, k), (k, n), float64 or complex128
        None of them is changed.
    progress : Progress, optional
        Checked between products.

    Returns
    -------
    float
        As tight as that of `orthogonality_defect`.

    References
    ----------
    As there.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> 2.0 <= product_defect(3.0 * one, one, one) < 2.0 + 1e-13
    True
    """
    if a.dtype.kind != "c":
        left, missed = _remainder(a, b, w, progress)
    else:
        # Real and imaginary parts side by side, by real products alone.
        both = np.block([[w.real, w.imag], [w.imag, -w.real]])
        parts, missed = _remainder(
            np.hstack((a.real, a.imag)), np.hstack((b.real, -b.imag)), both, progress
        )
        left = np.empty(a.shape, np.complex128)
        left.real, left.imag = np.hsplit(parts, 2)
    checkpoint(progress)
    return above(_norm(left) + 2.0 * missed, 4)


def _remainder(
    a: FloatArray, b: FloatArray, w: FloatArray, progress: Progress | None
) -> tuple[FloatArray, float]:
    """``A - B W`` and a bound on half of the Frobenius norm of its error."""
    inner = b.shape[1]
    b_high, b_low = _split(b, inner, 1)
    w_high, w_low = _split(w, inner, 0)
    checkpoint(progress)
    left = a - b_high @ w_high
    checkpoint(progress)
    part = b_high @ w_low
    checkpoint(progress)
    part += b_low @ w
    missed = _product_error(b_high, w_low, inner) + _product_error(b_low, w, inner)
    missed += 2.0 * UNIT_ROUNDOFF * (_frobenius(left) + 2.0 * _frobenius(part))
    left -= part
    return left, missed


def _split(x: FloatArray, terms: int, axis: int) -> tuple[FloatArray, FloatArray]:
    """H and L with ``X = H + L`` exactly; sums of ``terms`` products of entries of H are exact.

    H holds the leading b bits below the largest entry of each column (``axis`` 0) or row, where
    ``2 b + log2(terms) <= 53``.
    """
    bits = (53 - math.ceil(math.log2(terms))) // 2
    exponents = np.frexp(np.max(np.abs(x), axis=axis, keepdims=True))[1]
    # Adding this rounds to multiples of 2^(exponent - bits).
    shift = np.ldexp(1.5, 52 - bits + exponents)
    high = x + shift
    high -= shift
    return high, x - high


def _product_error(x: AnyArray, y: AnyArray, terms: int) -> float:
    """Bound on the rounding error of a product, ``gamma ||X||_F ||Y||_F``."""
    gamma = terms * UNIT_ROUNDOFF / (1.0 - terms * UNIT_ROUNDOFF)
    return above(gamma * _frobenius(x) * _frobenius(y), 4)


def _frobenius(x: AnyArray) -> float:
    # numpy.linalg.norm sums squares, of real and imaginary parts too.
    return above(float(np.linalg.norm(x)), 2 * x.size + 4) + _TINY


def _norm(x: AnyArray) -> float:
    """``||X||_2 <= min(||X||_F, sqrt(||X^H X||_F), sqrt(||X^H X||_inf))``."""
    gram = _gram(x)
    rows = above(float(np.max(np.sum(np.abs(gram), axis=1))), 2 * gram.shape[0] + 8)
    square = min(_frobenius(gram), rows) + 2.0 * _product_error(x, x, 2 * x.shape[0] + 2)
    return min(_frobenius(x), above(math.sqrt(square), 4) + _TINY)


def _gram(x: AnyArray) -> AnyArray:
    """``X^H X``; of complex numbers by half as many real products as BLAS would make."""
    if x.dtype.kind != "c":
        return np.asarray(x.T @ x)
    real, imaginary = np.ascontiguousarray(x.real), np.ascontiguousarray(x.imag)
    parts = np.vstack((real, imaginary))
    skew = real.T @ imaginary
    return np.asarray(parts.T @ parts + 1j * (skew - skew.T))
