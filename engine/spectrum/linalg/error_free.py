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
_FEW = 256  # rows up to which calls count more than what they compute
_SLIM = 16  # columns up to which the Frobenius norm is near enough, and a quarter of the calls
_FLAT = 32  # columns up to which the sums of rows add too little to be asked


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


def factor_defects(
    a: AnyArray, u: AnyArray, s: FloatArray, vh: AnyArray, progress: Progress | None = None
) -> tuple[float, float, float]:
    """Upper bounds on ``||U^H U - I||_2``, ``||V^H V - I||_2`` and ``||A - B V^H||_2``, rigorous.

    Parameters
    ----------
    a, u, s, vh : ndarrays of shape (m, n), (m, n), (n,), (n, n), m >= n
        A matrix and what should be its decomposition, s descending; ``B = fl(U S)``.
    progress : Progress, optional
        Checked between products.

    Returns
    -------
    tuple of float
        As tight as `orthogonality_defect` and `product_defect`. Small real matrices, where calls
        take more time than what they compute, need a third of the calls.

    References
    ----------
    As there.

    Examples
    --------
    >>> one = np.eye(2)
    >>> all(bound < 1e-15 for bound in factor_defects(3.0 * one, one, np.full(2, 3.0), one))
    True
    """
    if a.dtype.kind != "c" and a.shape[0] <= _FEW:
        found = _few_defects(a, u, s, vh, progress)
        if found is not None:
            return found
    e_u = orthogonality_defect(u, progress)
    checkpoint(progress, 0.7, "bounds")
    e_v = orthogonality_defect(np.ascontiguousarray(vh.conj().T), progress)
    checkpoint(progress, 0.8, "bounds")
    return e_u, e_v, product_defect(a, u * s, vh, progress)


def _few_defects(
    a: FloatArray, u: FloatArray, s: FloatArray, vh: FloatArray, progress: Progress | None
) -> tuple[float, float, float] | None:
    """`factor_defects` with most norms known beforehand; None unless U and V are near orthonormal.

    Their entries are taken to be below 2, and cut at one place. The diagonals of the products,
    whose errors are small whatever the entries are, say afterwards whether that was so: then
    columns of U, V and their H are shorter than sqrt 2, and 2 s_1 for B.
    """
    (m, n), bits = u.shape, _bits(u.shape[0])
    u_high, u_low = _cut(u, 1 - bits)
    v_high, v_low = _cut(vh.T, 1 - bits)
    checkpoint(progress)
    e_u = _norm(_near_identity(u, u_high, u_low))
    checkpoint(progress)
    e_v = _norm(_near_identity(vh.T, v_high, v_low))
    if not (e_u < 0.5 and e_v < 0.5):
        return None
    checkpoint(progress)
    exponent = max(math.frexp(float(s[0]))[1], -300)
    b_high, b_low = _cut(u * s, exponent + 1 - bits)
    left = a - b_high @ v_high.T
    checkpoint(progress)
    part = b_high @ v_low.T
    part += b_low @ vh
    left -= part
    checkpoint(progress)
    rest = _norm(left)
    # ||Q||_F ||L||_F at most, and how far products of them and what is added to them may be off.
    cross = math.sqrt(2.0 * n) * math.sqrt(m * n) * 2.0**-bits
    gamma = (m + 1) * UNIT_ROUNDOFF / (1.0 - (m + 1) * UNIT_ROUNDOFF)
    product, adding = (2.0 * gamma + 20.0 * UNIT_ROUNDOFF) * cross, 5.0 * UNIT_ROUNDOFF * n**0.5
    missed = [product + adding * e for e in (e_u, e_v)]
    missed.append(math.ldexp(product, exponent) + adding * rest)
    e_u, e_v, rest = (above(x + y, 16) for x, y in zip((e_u, e_v, rest), missed, strict=True))
    return e_u, e_v, rest


def _near_identity(x: FloatArray, high: FloatArray, low: FloatArray) -> FloatArray:
    """``X^T X - I = H^T H - I + Q^T L + L^T Q`` for ``Q = H + L / 2 = (X + H) / 2``."""
    defect: FloatArray = high.T @ high
    defect.reshape(-1)[:: x.shape[1] + 1] -= 1.0
    middle = x + high
    middle *= 0.5
    part = middle.T @ low
    defect += part
    defect += part.T
    return defect


def _cut(x: FloatArray, last: int) -> tuple[FloatArray, FloatArray]:
    """H, multiples of ``2^last``, and L below half of that, with ``X = H + L`` exactly."""
    shift = math.ldexp(1.5, 52 + last)
    high = x + shift
    high -= shift
    return high, x - high


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
    bits = _bits(terms)
    exponents = np.frexp(np.max(np.abs(x), axis=axis, keepdims=True))[1]
    # Adding this rounds to multiples of 2^(exponent - bits).
    shift = np.ldexp(1.5, 52 - bits + exponents)
    high = x + shift
    high -= shift
    return high, x - high


def _bits(terms: int) -> int:
    """How many bits two factors may have for sums of so many products to be exact."""
    return (53 - math.ceil(math.log2(terms))) // 2


def _product_error(x: AnyArray, y: AnyArray, terms: int) -> float:
    """Bound on the rounding error of a product, ``gamma ||X||_F ||Y||_F``."""
    gamma = terms * UNIT_ROUNDOFF / (1.0 - terms * UNIT_ROUNDOFF)
    return above(gamma * _frobenius(x) * _frobenius(y), 4)


def _frobenius(x: AnyArray) -> float:
    # Of real and imaginary parts side by side; `numpy.linalg.norm` takes thrice as long to ask.
    parts = x.ravel(order="K")
    parts = parts.view(np.float64) if x.dtype.kind == "c" else parts
    return above(math.sqrt(float(parts @ parts)), 2 * x.size + 4) + _TINY


def _norm(x: AnyArray) -> float:
    """``||X||_2 <= min(||X||_F, sqrt(||X^H X||_F), sqrt(||X^H X||_inf))``."""
    whole, terms = _frobenius(x), 2 * x.shape[0] + 2
    if x.shape[1] <= _SLIM:
        return whole
    gram = _gram(x)
    square = _frobenius(gram)
    if gram.shape[0] > _FLAT:
        rows = np.abs(gram).sum(axis=1).max()
        square = min(square, above(float(rows), 2 * gram.shape[0] + 8))
    gamma = terms * UNIT_ROUNDOFF / (1.0 - terms * UNIT_ROUNDOFF)
    square += 2.0 * above(gamma * whole * whole, 4)
    return min(whole, above(math.sqrt(square), 4) + _TINY)


def _gram(x: AnyArray) -> AnyArray:
    """``X^H X``; of complex numbers by half as many real products as BLAS would make."""
    if x.dtype.kind != "c":
        return np.asarray(x.T @ x)
    real, imaginary = np.ascontiguousarray(x.real), np.ascontiguousarray(x.imag)
    parts = np.vstack((real, imaginary))
    skew = real.T @ imaginary
    return np.asarray(parts.T @ parts + 1j * (skew - skew.T))
