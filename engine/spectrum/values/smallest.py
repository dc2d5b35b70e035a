"""The smallest singular values, not through a Gram matrix: that would halve their digits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from engine.jobs import Progress, checkpoint
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.driver import svd_values
from engine.spectrum.linalg.matrix import UNIT_ROUNDOFF, Matrix, as_matrix, outward, unscale
from engine.spectrum.linalg.norms import AnyArray, FloatArray
from engine.spectrum.linalg.triangle import triangle_of
from engine.spectrum.spectrum import Guarantee, read_only
from engine.spectrum.values.complete import check_order

# Within this of one another the squares of an inverse neither overflow nor vanish.
_SPREAD = 2.0**-400


@dataclass(frozen=True, eq=False)
class SmallestValues:
    """The smallest singular values of an m x n matrix, each in its interval.

    Parameters
    ----------
    values : ndarray of shape (c,), float64
        The last ``c`` of the min(m, n) singular values, descending. Read-only.
    lower, upper : ndarray of shape (c,), float64
        ``lower <= sigma <= upper``.
    shape : tuple of int
        (m, n) of the matrix.
    dtype : str
        Name of the data's own type.
    method : str
        ``"inverse"`` where the least value came from the inverse of a triangle, else ``"svd"``.
    guarantee : {"modelled"}
        What the intervals rest on, as in `Spectrum`.
    """

    values: FloatArray
    lower: FloatArray
    upper: FloatArray
    shape: tuple[int, int]
    dtype: str
    method: str
    guarantee: Guarantee = "modelled"

    def __post_init__(self) -> None:
        for name in ("values", "lower", "upper"):
            object.__setattr__(self, name, read_only(getattr(self, name)))


def smallest_singular_values(
    a: npt.ArrayLike, count: int = 1, *, progress: Progress | None = None
) -> SmallestValues:
    """The ``count`` smallest singular values with an interval for each.

    Parameters
    ----------
    a : array_like of shape (m, n)
        As for `singular_values`.
    count : int
        1 ... min(m, n).
    progress : Progress, optional
        Checked between blocks and between the calls of LAPACK.

    Returns
    -------
    SmallestValues
        Errors are at most about ``1e-15 sqrt(m) sigma_1``, as of any stable method, and relative
        to the values themselves where that is better: where the columns differ in scale, or the
        matrix is well conditioned.

    Raises
    ------
    ArgumentError
        For a count out of range, or a sparse matrix with more than 4096 rows and columns.
    DataError
        For empty, NaN or infinite data.
    ConvergenceError
        When LAPACK's gesdd and then gesvd fail.

    Notes
    -----
    ``A = Q R`` changes every column by a few roundings of itself, hence each singular value by a
    relative ``u ||D R^-1||``, D the norms of the columns; and ``sigma_i(R) = 1 / sigma_j(X)`` for
    X the inverse, up to ``alpha = ||I - R X||``. Both stay small under any scaling of columns.
    Where they do not, the SVD of R decides.

    References
    ----------
    Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), sections 14.2 and 19.3.
    Demmel, Gu, Eisenstat, Slapnicar, Veselic & Drmac, "Computing the singular value decomposition
    with high relative accuracy", Linear Algebra Appl. 299 (1999).

    Examples
    --------
    >>> s = smallest_singular_values([[3.0, 0.0], [0.0, 1e-30], [0.0, 0.0]])
    >>> s.values, bool(s.lower[0] > 0.99e-30)
    (array([1.e-30]), True)
    """
    matrix = as_matrix(a)
    count = check_rank("count", count, min(matrix.shape), least=1)
    check_order(matrix)
    triangle, exponent, frobenius = triangle_of(matrix, progress)
    checkpoint(progress, 0.5, "singular values (LAPACK)")
    noise = (10.0 + 4.0 * math.sqrt(max(matrix.shape))) * UNIT_ROUNDOFF
    # The rounding of the entries themselves comes on top.
    rounding = matrix.entry_rounding * frobenius
    found = _from_inverse(triangle, count, noise, progress)
    method = "inverse" if found is not None else "svd"
    # No column is longer than sigma_1, by which an SVD of the triangle may be off.
    longest = float(np.max(np.linalg.norm(triangle, axis=0)))
    if found is None or float(np.max(found[2] - found[1])) > 4.0 * noise * longest:
        checkpoint(progress, 0.7, "singular values (LAPACK)")
        found, method = _narrower(found, _from_svd(triangle, count, noise), method)
    return _finished(matrix, found, exponent, rounding, method)


Interval = tuple[FloatArray, FloatArray, FloatArray]


def _from_inverse(
    triangle: AnyArray, count: int, noise: float, progress: Progress | None
) -> Interval | None:
    """Values and bounds by the inverse, None where that says nothing."""
    diagonal = np.abs(np.diagonal(triangle))
    if not diagonal.min() > _SPREAD * float(np.max(np.abs(triangle))):
        return None
    routine = lapack.ztrtri if triangle.dtype.kind == "c" else lapack.dtrtri
    with np.errstate(over="ignore", invalid="ignore"):
        inverse, failed = routine(triangle)
        inverse = np.triu(inverse)
        if failed or not np.isfinite(np.linalg.norm(inverse)):
            return None
        checkpoint(progress, 0.6)
        left = triangle @ inverse
        left[np.diag_indices_from(left)] -= 1.0
        alpha = float(np.linalg.norm(left))
        scales = np.linalg.norm(triangle, axis=0)
        changed = noise * float(np.linalg.norm(scales[:, None] * inverse))
    if not alpha + changed < 0.5:
        return None
    reciprocals = svd_values(inverse)[0]
    # What is below its rounding says nothing, and might be 0.
    head = np.maximum(reciprocals[:count], noise * float(reciprocals[0]))
    relative = alpha + changed + noise * float(reciprocals[0]) / head
    values = 1.0 / head
    low = values * np.maximum(1.0 - relative, 0.0)
    with np.errstate(divide="ignore"):
        high = values / np.maximum(1.0 - relative, 0.0)
    return values[::-1], low[::-1], high[::-1]


def _from_svd(triangle: AnyArray, count: int, noise: float) -> Interval:
    every = svd_values(triangle)[0]
    values, error = every[-count:], noise * float(every[0])
    return values, np.maximum(values - error, 0.0), values + error


def _narrower(one: Interval | None, other: Interval, method: str) -> tuple[Interval, str]:
    """Of each value the interval that says more; both hold."""
    if one is None:
        return other, "svd"
    better = one[2] - one[1] <= other[2] - other[1]
    values, low, high = (np.where(better, x, y) for x, y in zip(one, other, strict=True))
    # Where the two meet, values of one and of the other may be out of order by their errors.
    return (np.sort(values)[::-1], low, high), method if better[-1] else "svd"


def _finished(
    matrix: Matrix, found: Interval, exponent: int, rounding: float, method: str
) -> SmallestValues:
    values, low, high = found
    low = np.minimum(np.maximum.accumulate(low[::-1])[::-1], values)
    high = np.maximum(np.minimum.accumulate(high), values)
    lower, upper = outward(np.maximum(low - rounding, 0.0), high + rounding, exponent)
    return SmallestValues(
        unscale(values, exponent), lower, upper, matrix.shape, matrix.dtype_name, method
    )
