"""Matrices given as a product of two thin ones (LoRA): their spectrum without forming them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError, DataError
from engine.jobs import Progress, checkpoint
from engine.sentences import say
from engine.spectrum.linalg.driver import svd_triplets
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF, in_double, unscale
from engine.spectrum.spectrum import Spectrum

FloatArray = npt.NDArray[np.float64]
AnyArray = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Factored:
    """The matrix ``left @ right``, of which parts are formed when they are asked for.

    `singular_values`, `leading_singular_values` and `truncated_svd` take it in place of an array.

    Parameters
    ----------
    left : ndarray of shape (m, r), float64 or complex128
    right : ndarray of shape (r, n), of the same type

    Raises
    ------
    ArgumentError
        When the inner sides differ, or a factor is no matrix.
    DataError
        When the product has no entries.

    Examples
    --------
    >>> a = Factored(np.array([[1.0], [2.0]]), np.array([[3.0, 4.0]]))
    >>> a.shape, a.rank, a[1:], a[1:, :1]
    ((2, 2), 1, array([[6., 8.]]), array([[6.]]))
    """

    left: AnyArray
    right: AnyArray

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            array = np.asarray(getattr(self, name))
            if array.ndim != 2 or array.dtype.kind not in "biufc":
                raise ArgumentError(name, array.shape, "a matrix of numbers")
            object.__setattr__(self, name, in_double(array))
        if self.left.shape[1] != self.right.shape[0]:
            allowed = say("a matrix of {rows} rows, as left has columns", rows=self.left.shape[1])
            raise ArgumentError("right", self.right.shape, allowed)
        if 0 in (*self.left.shape, *self.right.shape):
            raise DataError(say("The matrix is empty: its shape is {shape}.", shape=self.shape))

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.left.shape[0], self.right.shape[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the entries."""
        return np.result_type(self.left, self.right)

    @property
    def rank(self) -> int:
        """The most singular values that can differ from 0."""
        return int(min(*self.shape, self.left.shape[1]))

    @property
    def is_finite(self) -> bool:
        """Whether neither factor holds NaN or infinity."""
        return bool(np.isfinite(self.left).all() and np.isfinite(self.right).all())

    def check_finite(self) -> None:
        """Raise a `DataError` where a factor holds NaN or infinity."""
        if not self.is_finite:
            bad = sum(int(np.count_nonzero(~np.isfinite(one))) for one in (self.left, self.right))
            text = say(
                "The factors of the product hold {count} NaN or infinite entries.", count=bad
            )
            raise DataError(text, bad, ())

    def __getitem__(self, part: slice | tuple[Any, Any]) -> AnyArray:
        """Rows of the product, or a block of rows and columns, formed."""
        rows, columns = part if isinstance(part, tuple) else (part, slice(None))
        return np.asarray(self.left[rows] @ self.right[:, columns])


@dataclass(frozen=True, eq=False)
class FactoredPart:
    """Every triplet of a `Factored` that can differ from 0, scaled by ``2**-exponent``.

    ``error`` bounds the error of each value; ``u`` (m, k), ``s`` (k,), ``vh`` (k, n).
    """

    u: AnyArray
    s: FloatArray
    vh: AnyArray
    exponent: int
    error: float
    note: str


def factored_part(a: Factored, progress: Progress | None = None) -> FactoredPart:
    """Triplets from the triangles of both factors: ``L = Q S``, ``R^H = P T``, svd of ``S T^H``.

    The pairs of a column of L and a row of R are balanced by powers of two before, which changes
    nothing of the product: errors are roundings of ``sum_i ||l_i|| ||r_i||``.

    Raises
    ------
    DataError
        When a factor holds NaN or infinity.
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 8.6.3: product SVD by QR.

    Examples
    --------
    >>> part = factored_part(Factored(np.eye(3, 1), np.full((1, 4), 2.0)))
    >>> part.s * 2.0**part.exponent
    array([4.])
    """
    a.check_finite()
    down = np.frexp(np.abs(a.left).max(axis=0, initial=0.0))[1]
    across = np.frexp(np.abs(a.right).max(axis=1, initial=0.0))[1]
    largest = int((down + across).max())
    # Both sides of a pair get half of its size.
    left = _times(a.left, (across - down - largest) // 2)
    right = _times(a.right.T, -largest - (across - down - largest) // 2).T
    checkpoint(progress, 0.1, "singular vectors (LAPACK)")
    q, first = np.linalg.qr(left)
    checkpoint(progress, 0.5)
    p, second = np.linalg.qr(right.conj().T)
    u, s, vh, note = svd_triplets(first @ second.conj().T)
    size = float(np.linalg.norm(left, axis=0) @ np.linalg.norm(right, axis=1))
    growth = 10.0 + 4.0 * math.sqrt(max(a.shape))
    return FactoredPart(q @ u, s, vh @ p.conj().T, largest, growth * UNIT_ROUNDOFF * size, note)


def _times(columns: AnyArray, exponents: npt.NDArray[Any]) -> AnyArray:
    """Columns times powers of two, in two steps, since a power alone may overflow."""
    half = exponents // 2
    return np.asarray(columns * np.ldexp(1.0, half) * np.ldexp(1.0, exponents - half))


def factored_spectrum(a: Factored, progress: Progress | None = None) -> Spectrum:
    """All min(m, n) singular values of a product; those beyond the rank are exactly 0.

    Examples
    --------
    >>> s = factored_spectrum(Factored(np.eye(3, 1), np.full((1, 4), 2.0)))
    >>> s.values, s.complete, s.errors[1:]
    (array([4., 0., 0.]), True, array([0., 0.]))
    """
    part = factored_part(a, progress)
    known = part.s.size
    values, errors = np.zeros(min(a.shape)), np.zeros(min(a.shape))
    values[:known] = unscale(part.s, part.exponent)
    if values[0] > 0.0:
        rounding = 2.0 * UNIT_ROUNDOFF * part.s
        errors[:known] = unscale(part.error + rounding, part.exponent) + 2.0**-1074
    frobenius = math.sqrt(math.fsum(part.s**2))
    return Spectrum(
        values=values,
        shape=a.shape,
        dtype=a.dtype.name,
        method="product",
        error_bound=float(errors[0]),
        complete=True,
        frobenius=float(unscale(frobenius, part.exponent)),
        note=part.note,
        errors=errors,
    )
